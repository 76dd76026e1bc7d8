/** Tabs of a profile that grow: timeline, notes, audit. The first page came with the profile; the rest is read on demand. */
import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import TextField from '@mui/material/TextField';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { inventory } from '../../shared/contract/inventory.ts';
import { call } from '../app/client.ts';
import { useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { PrimaryButton } from '../design/dialog.tsx';
import { count, words } from '../design/formats.ts';
import { LoadingRows, Problem, ProblemNote } from '../design/states.tsx';
import { Moment, Muted } from '../design/text.tsx';
import { Timeline } from '../design/timeline.tsx';
import type { ProfileDetail } from './next-action.ts';

interface PartProps {
  readonly profile: ProfileDetail;
}

const sources = [['operator', 'Operator'], ['es2plus', 'ES2+'], ['es9plus', 'Device'], ['euicc', 'eUICC'], ['network', 'Network'], ['partner', 'Partner'], ['system', 'System']] as const;
const pageSize = 100;

export function TimelineTab({ profile }: PartProps): ReactElement {
  const [params, setParams] = useSearchParams();
  const source = sources.find(([id]) => id === params.get('source'))?.[0];
  const { iccid } = profile;
  const pages = useInfiniteQuery({
    queryKey: [inventory.timeline.name, iccid, source ?? ''],
    queryFn: ({ pageParam }) => call(inventory.timeline, { iccid, limit: pageSize, ...(source === undefined ? {} : { source }), ...(pageParam === undefined ? {} : { cursor: pageParam }) }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  });
  const events = pages.data?.pages.flatMap((page) => page.rows);
  const total = pages.data?.pages[0]?.total;
  const choose = (next: string): void =>
    setParams((current) => {
      const to = new URLSearchParams(current);
      if (next === 'all') to.delete('source');
      else to.set('source', next);
      return to;
    }, { replace: true });
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
      <ToggleButtonGroup exclusive value={source ?? 'all'} aria-label="Who told it" onChange={(_, next: string | null) => next !== null && choose(next)} sx={{ flexWrap: 'wrap', '& .MuiToggleButton-root': { py: '3px', px: '10px' } }}>
        <ToggleButton value="all">All</ToggleButton>
        {sources.map(([id, name]) => <ToggleButton key={id} value={id}>{name}</ToggleButton>)}
      </ToggleButtonGroup>
      {pages.isError && events === undefined ? (
        <Problem error={pages.error} what="The timeline" retry={() => void pages.refetch()} />
      ) : events === undefined ? (
        <LoadingRows rows={5} />
      ) : events.length === 0 && source !== undefined ? (
        <Muted>Nothing in this timeline comes from there. <Button onClick={() => choose('all')}>Show all</Button></Muted>
      ) : (
        <>
          <Timeline events={events} gaps={source === undefined} />
          {pages.hasNextPage && (
            <Box sx={{ display: 'flex', gap: 1.5, alignItems: 'center' }}>
              <Button variant="outlined" disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>{pages.isFetchingNextPage ? 'Reading…' : 'Show earlier events'}</Button>
              {total !== undefined && <Muted>{count(events.length)} of {count(total)}</Muted>}
            </Box>
          )}
        </>
      )}
    </Box>
  );
}

export const noteFieldId = 'profile-note';

export function Notes({ profile }: PartProps): ReactElement {
  const { iccid } = profile;
  const [text, setText] = useState('');
  const add = useDeskCommand(inventory.addNote);
  const toasts = useToasts();
  const pages = useInfiniteQuery({
    queryKey: [inventory.notes.name, iccid],
    queryFn: ({ pageParam }) => call(inventory.notes, { iccid, limit: 50, ...(pageParam === undefined ? {} : { cursor: pageParam }) }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  });
  const tidy = text.trim();
  const long = tidy.length > 4_000;
  const save = (): void => {
    if (tidy === '' || long) return;
    add.mutate({ iccid, text: tidy }, {
      onSuccess: () => {
        setText('');
        toasts.done('Note added');
      },
    });
  };
  const rows = pages.data?.pages.flatMap((page) => page.rows);
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2, maxWidth: 760 }}>
      <Box component="form" onSubmit={(event: React.FormEvent) => { event.preventDefault(); save(); }} sx={{ display: 'flex', flexDirection: 'column', gap: 1, alignItems: 'flex-start' }}>
        <TextField
          id={noteFieldId} label="New note" fullWidth multiline minRows={2} maxRows={10} value={text} onChange={(event) => setText(event.target.value)} error={long}
          helperText={long ? 'At most 4,000 characters' : 'Ctrl+Enter adds it. Notes are never changed or removed; write nothing secret.'}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
              event.preventDefault();
              save();
            }
            if (event.key === 'Escape') {
              event.preventDefault();
              (event.target as HTMLElement).blur();
            }
          }}
        />
        <ProblemNote error={add.error} />
        <PrimaryButton submit busy={add.isPending} disabled={tidy === '' || long}>Add note</PrimaryButton>
      </Box>
      {pages.isError && rows === undefined ? (
        <Problem error={pages.error} what="The notes" retry={() => void pages.refetch()} />
      ) : rows === undefined ? (
        <LoadingRows rows={3} />
      ) : rows.length === 0 ? (
        <Muted>No notes yet.</Muted>
      ) : (
        <Box component="ol" aria-label="Notes, newest first" sx={{ listStyle: 'none', m: 0, p: 0, display: 'flex', flexDirection: 'column', gap: 1 }}>
          {rows.map((note) => (
            <Box component="li" key={note.id} sx={(theme) => ({ border: `1px solid ${theme.desk.line}`, borderRadius: '6px', p: '8px 12px' })}>
              <Box sx={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{note.text}</Box>
              <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem', mt: '4px' })}>{note.author} · <Moment at={note.at} show="both" /></Box>
            </Box>
          ))}
        </Box>
      )}
      {pages.hasNextPage && <Button variant="outlined" sx={{ alignSelf: 'flex-start' }} disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>Show earlier notes</Button>}
    </Box>
  );
}

export function AuditTab({ profile }: PartProps): ReactElement {
  const { iccid } = profile;
  const pages = useInfiniteQuery({
    queryKey: [inventory.audit.name, iccid],
    queryFn: ({ pageParam }) => call(inventory.audit, { iccid, limit: pageSize, ...(pageParam === undefined ? {} : { cursor: pageParam }) }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  });
  const rows = pages.data?.pages.flatMap((page) => page.rows);
  if (rows === undefined) return pages.isError ? <Problem error={pages.error} what="The audit records" retry={() => void pages.refetch()} /> : <LoadingRows rows={5} />;
  if (rows.length === 0) return <Muted>No audit record names this profile.</Muted>;
  return (
    <Box sx={{ overflowX: 'auto' }} tabIndex={0} role="group" aria-label="Audit records of this profile">
      <Table size="small">
        <TableHead>
          <TableRow>
            <TableCell align="right">Record</TableCell>
            <TableCell>When</TableCell>
            <TableCell>Event</TableCell>
            <TableCell>By</TableCell>
            <TableCell>Outcome</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((row) => (
            <TableRow key={row.seq}>
              <TableCell align="right" className="mono">#{row.seq}</TableCell>
              <TableCell><Moment at={row.at} /></TableCell>
              <TableCell className="mono">{row.event}</TableCell>
              <TableCell>{row.actor}</TableCell>
              <TableCell>{words(row.outcome)}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
      {pages.hasNextPage && <Button variant="outlined" sx={{ mt: 1 }} disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>Show earlier records</Button>}
    </Box>
  );
}
