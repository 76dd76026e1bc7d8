import { useCallback, useEffect, useMemo, useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import OutboxOutlined from '@mui/icons-material/OutboxOutlined';
import { useNavigate } from 'react-router';
import { brands } from '../../shared/contract/brands.ts';
import { outbox, outboxStates, type OutboxRow } from '../../shared/contract/outbox.ts';
import { call } from '../app/client.ts';
import { CommandButton, useScreenCommands } from '../app/command-context.tsx';
import type { CommandSpec } from '../app/commands.ts';
import { useDialogs } from '../app/dialogs.tsx';
import { useNow } from '../app/now.tsx';
import { useDesk, useDeskPages } from '../app/queries.ts';
import { FilterChip } from '../design/filters.tsx';
import { count, plural, span } from '../design/formats.ts';
import { ColumnChooser, useArranged } from '../design/grid-columns.tsx';
import type { Column } from '../design/grid.tsx';
import { TextLink } from '../design/link.tsx';
import { ListBody } from '../design/list-body.tsx';
import { ListPage, PageHeader } from '../design/panel.tsx';
import { Empty } from '../design/states.tsx';
import { Status } from '../design/status.tsx';
import { Absent, Moment, Muted } from '../design/text.tsx';
import { useFilters } from '../design/use-filters.ts';
import { outboxFilterKeys, outboxFilterOf } from './filter.ts';
import { canDiscard, canReplay, kindWord, knownKinds, messageLook, sendWord } from './message-words.ts';

const columns: readonly Column<OutboxRow>[] = [
  { id: 'createdAt', name: 'Made', width: 130, always: true, cell: (m) => <Moment at={m.createdAt} show="minutes" /> },
  { id: 'state', name: 'State', width: 96, cell: (m) => <Status look={messageLook[m.state]} quiet={m.state === 'done' || m.state === 'discarded'} /> },
  { id: 'summary', name: 'Message', width: 316, always: true, cell: (m) => <span title={m.summary}>{m.summary}</span> },
  { id: 'brand', name: 'For', width: 116, cell: (m) => m.brand ?? <Absent>SM-DS</Absent> },
  { id: 'next', name: 'Next attempt', width: 92, cell: (m) => (m.state === 'waiting' && m.nextAt !== undefined ? <NextAttempt at={m.nextAt} /> : <Absent />) },
  { id: 'error', name: 'Last failure', width: 220, cell: (m) => (m.lastError === undefined || m.state === 'done' ? <Absent /> : <span title={m.lastError}>{m.lastError}</span>) },
  { id: 'attempts', name: 'Attempts', width: 72, align: 'right', cell: (m) => count(m.attempts) },
  { id: 'kind', name: 'Kind', width: 160, optional: true, cell: (m) => kindWord(m.kind) },
  { id: 'order', name: 'Order', width: 150, optional: true, cell: (m) => (m.orderId === undefined ? <Absent /> : <span className="mono">{m.orderId}</span>) },
  { id: 'done', name: 'Delivered', width: 126, optional: true, cell: (m) => <Moment at={m.doneAt} show="minutes" /> },
];

/** A time that has come is now: the sender takes it with its next look. */
export function NextAttempt({ at }: { readonly at: number }): ReactElement {
  const now = useNow();
  return at <= now ? <>now</> : <Moment at={at} show="relative" />;
}

const pageSize = 200;
const rowId = (m: OutboxRow): string => String(m.id);

export function OutboxScreen(): ReactElement {
  const navigate = useNavigate();
  const now = useNow();
  const { open } = useDialogs();
  const filters = useFilters(outboxFilterKeys);
  const filter = useMemo(() => outboxFilterOf(filters.params), [filters.params]);
  const arranged = useArranged('outbox', columns);
  const brandList = useDesk(brands.list, {});
  const counts = useDesk(outbox.list, { limit: 1, filter: { state: ['waiting', 'dead'] } }, { refetchInterval: 15_000 }).data?.counts;
  const pages = useDeskPages<OutboxRow>(outbox.list.name, filter, (cursor) => call(outbox.list, { filter, limit: pageSize, ...(cursor === undefined ? {} : { cursor }) }), { refetchInterval: 15_000 });
  const [chosen, setChosen] = useState<ReadonlyMap<string, OutboxRow>>(new Map());
  useEffect(() => setChosen(new Map()), [filter]);
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.rows) ?? [], [pages.data]);
  // A message that was delivered meanwhile cannot be chosen any more.
  const current = useMemo(() => rows.filter((m) => chosen.has(rowId(m)) && canDiscard(m)), [rows, chosen]);
  const selection = useMemo(
    () => ({
      chosen: new Set(current.map(rowId)),
      selectable: canDiscard,
      toggle: (m: OutboxRow) =>
        setChosen((before) => {
          const next = new Map(before);
          if (!next.delete(rowId(m))) next.set(rowId(m), m);
          return next;
        }),
      toggleAll: () => setChosen((before) => (rows.filter(canDiscard).every((m) => before.has(rowId(m))) ? new Map() : new Map(rows.filter(canDiscard).map((m) => [rowId(m), m])))),
    }),
    [current, rows],
  );
  const nothing = filters.active === 0 && pages.data !== undefined && rows.length === 0;
  const dead = counts?.dead ?? 0;
  // Kept between renders: a new list of commands at every render would never come to rest.
  const replayable = useMemo(() => current.filter(canReplay), [current]);
  const brand = filter.brand;
  const clear = useCallback(() => setChosen(new Map()), []);
  const commands = useMemo(
    (): readonly CommandSpec[] => [
      { id: 'outbox.replay', title: 'Send selected messages again', group: 'Here', permission: 'outbox.manage', keywords: ['replay', 'dead', 'retry', 'try now'], blocked: () => (replayable.length > 0 ? undefined : 'Select dead or waiting messages first'), run: () => open({ kind: 'outbox.replay', messages: replayable }) },
      { id: 'outbox.discard', title: 'Discard selected messages', group: 'Here', permission: 'outbox.manage', keywords: ['give up', 'delete'], blocked: () => (current.length > 0 ? undefined : 'Select dead or waiting messages first'), run: () => open({ kind: 'outbox.discard', messages: current }) },
      {
        id: 'outbox.replayAll', title: brand === undefined ? 'Send all dead messages again' : `Send all dead messages for ${brand} again`, group: 'Here', permission: 'outbox.manage', keywords: ['replay'],
        blocked: () => (dead > 0 ? undefined : 'No message is dead'), run: () => open({ kind: 'outbox.replay', all: brand === undefined ? { dead } : { brand } }),
      },
    ],
    [replayable, current, dead, brand, open],
  );
  useScreenCommands(commands);
  return (
    <ListPage>
      <PageHeader
        title="Outgoing messages"
        note={counts === undefined || nothing ? undefined : counts.waiting === 0 && counts.dead === 0 ? 'Nothing waits, nothing is dead.' : `${count(counts.waiting)} waiting${counts.oldestWaitingAt === undefined ? '' : `, the oldest for ${span(now - counts.oldestWaitingAt)}`} · ${count(counts.dead)} dead`}
      >
        {dead > 0 && <CommandButton id="outbox.replayAll" label={brand === undefined ? 'Send all dead again' : `Send dead for ${brand} again`} />}
      </PageHeader>
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'center' }} role="search" aria-label="Filter the messages">
        <FilterChip name="State" chosen={filter.state ?? []} options={outboxStates.map((value) => ({ value, look: messageLook[value] }))} onChange={(v) => filters.set('state', v)} />
        <FilterChip name="For" single chosen={brand === undefined ? [] : [brand]} options={[...new Set([...(brandList.data?.rows ?? []).map((b) => b.name), ...(brand === undefined ? [] : [brand])])].map((value) => ({ value, label: value }))} onChange={(v) => filters.set('brand', v)} />
        <FilterChip name="Kind" single chosen={filter.kind === undefined ? [] : [filter.kind]} options={[...new Set([...knownKinds, ...(filter.kind === undefined ? [] : [filter.kind])])].map((value) => ({ value, label: kindWord(value) }))} onChange={(v) => filters.set('kind', v)} />
        {filter.orderId !== undefined && <FilterChip name="Order" single chosen={[filter.orderId]} options={[{ value: filter.orderId, label: filter.orderId }]} onChange={(v) => filters.set('order', v)} />}
        <Box sx={{ flex: 1 }} />
        {current.length > 0 && (
          <Box role="group" aria-label="Selected messages" sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
            <Muted>{plural(current.length, 'selected', 'selected')}</Muted>
            <CommandButton id="outbox.replay" label={sendWord(replayable)} />
            <CommandButton id="outbox.discard" label="Discard" />
            <Button onClick={clear}>Clear</Button>
          </Box>
        )}
        <ColumnChooser columns={columns} arranged={arranged} />
      </Box>
      <ListBody
        label="Outgoing messages"
        pages={pages}
        columns={columns}
        arranged={arranged}
        rowId={rowId}
        onOpen={(m) => void navigate(`/outbox/${m.id}`)}
        filtered={filters.active > 0}
        onClearFilters={filters.clear}
        selection={selection}
        empty={
          <Empty icon={OutboxOutlined} title="Nothing was ever sent" actions={<TextLink to="/brands">Brands</TextLink>}>
            What this program tells other systems stands here: progress of downloads to brands with a callback, events to an SM-DS. What is not taken is tried again, and given up only after the last attempt.
          </Empty>
        }
      />
    </ListPage>
  );
}
