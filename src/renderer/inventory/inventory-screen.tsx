import { useEffect, useMemo, useRef, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import SimCardOutlined from '@mui/icons-material/SimCardOutlined';
import SwapVert from '@mui/icons-material/SwapVert';
import { useNavigate } from 'react-router';
import type { ProfileColumn } from '../../shared/contract/profile-filter.ts';
import type { ProfileRow } from '../../shared/contract/profiles.ts';
import { CommandButton, useScreenCommands } from '../app/command-context.tsx';
import type { CommandSpec } from '../app/commands.ts';
import { useDialogs } from '../app/dialogs.tsx';
import { isTyping, layerOpen } from '../app/typing.ts';
import { count, plural } from '../design/formats.ts';
import { ColumnChooser } from '../design/grid-columns.tsx';
import { reversed, shownColumns } from '../design/grid-layout.ts';
import { DataGrid } from '../design/grid.tsx';
import { Framed } from '../design/list-body.tsx';
import { ListPage, PageHeader } from '../design/panel.tsx';
import { Empty, LoadingRows, Problem } from '../design/states.tsx';
import { bulkCommand, bulkOrder, bulkWords, type BulkName } from './bulk-words.ts';
import { inventoryColumns } from './columns.tsx';
import { addFilterId, FilterBar } from './filter-bar.tsx';
import { NothingFits } from './nothing-fits.tsx';
import { bulkMenuId, SelectionBar } from './selection-bar.tsx';
import { useCount } from './use-count.ts';
import { listName, useInventoryList } from './use-list.ts';
import { useSelection } from './use-selection.ts';
import { paramsOfView } from './view-address.ts';
import { useViews, ViewsMenu } from './views-menu.tsx';

const rowId = (p: ProfileRow): string => p.iccid;

/** What a bulk action could never do to these rows, as a sentence; undefined when it may be worth a preview. */
function idle(action: BulkName, rows: readonly ProfileRow[], all: boolean): string | undefined {
  if (all || rows.length === 0) return undefined;
  const some = (test: (p: ProfileRow) => boolean): boolean => rows.some(test);
  switch (action) {
    case 'releaseHold':
      return some((p) => p.state.stock === 'held') ? undefined : 'None of them is held';
    case 'unquarantine':
      return some((p) => p.state.stock === 'quarantined') ? undefined : 'None of them is quarantined';
    case 'removeLabel':
      return some((p) => (p.labels ?? []).length > 0) ? undefined : 'None of them has a label';
    case 'retire':
      return some((p) => p.state.stock !== 'retired') ? undefined : 'All of them are retired';
    default:
      return undefined;
  }
}

export function InventoryScreen(): ReactElement {
  const navigate = useNavigate();
  const { open } = useDialogs();
  const { filters, params, filter, chips, arranged, sort, pages, source, awaited, shownKey, onChip, go, filtered } = useInventoryList();
  const views = useViews(params);
  const selection = useSelection(pages, filter);
  const counted = useCount(filter, !awaited && pages.begun && pages.total === undefined && pages.moreThan !== undefined);
  const matching = pages.total ?? counted.data;

  // The view somebody opens the inventory with, unless the address says something.
  const opened = useRef(false);
  useEffect(() => {
    if (!views.loaded || opened.current) return;
    opened.current = true;
    const first = views.rows.find((v) => v.isDefault);
    if (first !== undefined && [...params.keys()].length === 0) go(paramsOfView(first, inventoryColumns));
  }, [views.loaded, views.rows, params, go]);

  const columns = useMemo(() => shownColumns(inventoryColumns, arranged.layout).map((c) => c.id as ProfileColumn), [arranged.layout]);
  const { any, all, rows: pickedRows, clear } = selection;
  const asked = selection.asked;
  const picked = all ? (matching === undefined ? undefined : Math.max(0, matching - pickedRows.length)) : pickedRows.length;
  const commands = useMemo((): readonly CommandSpec[] => {
    const nobody = 'Select profiles first: x picks the row in hand';
    const imported = pickedRows.filter((p) => p.state.stock === 'imported');
    const type = imported[0]?.type;
    const bulk = bulkOrder.map((name): CommandSpec => ({
      id: `bulk.${name}`, title: bulkCommand(name), group: 'Here', permission: 'profile.manage', keywords: ['bulk', 'selected', ...bulkWords[name].keywords],
      blocked: () => (any ? idle(name, pickedRows, all) : nobody),
      run: () => {
        const selected = asked();
        if (selected !== undefined) open({ kind: 'bulk', action: name, selection: selected, onStarted: clear, ...(picked === undefined ? {} : { profiles: picked }) });
      },
    }));
    return [
      ...bulk,
      {
        id: 'bulk.prepare', title: 'Prepare selected profiles', group: 'Here', permission: 'preparation.run', keywords: ['bulk', 'batch', 'personalise'],
        blocked: () => (!any ? nobody : all ? 'Filter by an import or a type and start the preparation from there' : imported.length === 0 ? 'None of them waits for its preparation' : imported.some((p) => p.type !== type) ? 'They are of several types; a batch has one' : undefined),
        run: () => {
          const to = new URLSearchParams({ type: type ?? '', source: 'stock', count: String(imported.length) });
          const from = new Set(imported.map((p) => p.import));
          const [only] = from;
          if (from.size === 1 && only !== undefined) to.set('import', only);
          void navigate(`/preparation/new?${to.toString()}`);
        },
      },
      {
        id: 'inventory.export', title: any ? 'Export selected profiles' : 'Export this list', group: 'Here', shortcut: 'e', permission: 'profile.view', keywords: ['csv', 'excel', 'download', 'file', 'json'],
        blocked: () => (pages.length === 0 ? 'The list is empty' : undefined),
        run: () => open({ kind: 'profiles.export', selection: asked() ?? { filter, except: [] }, columns, sort, ...((any ? picked : matching) === undefined ? {} : { profiles: any ? picked : matching }) }),
      },
      { id: 'inventory.bulk', title: 'Actions on the selection', group: 'Here', shortcut: 'b', keywords: ['bulk', 'menu'], blocked: () => (any ? undefined : nobody), run: () => document.getElementById(bulkMenuId)?.click() },
      {
        id: 'inventory.compare', title: 'Compare two profiles', group: 'Here', shortcut: 'c', permission: 'profile.view', keywords: ['difference', 'side by side', 'diff'],
        blocked: () => (!all && pickedRows.length === 2 ? undefined : 'Select exactly two profiles'),
        run: () => void navigate(`/inventory/compare?a=${pickedRows[0]?.iccid ?? ''}&b=${pickedRows[1]?.iccid ?? ''}`),
      },
      { id: 'inventory.addFilter', title: 'Add a filter', group: 'Here', shortcut: 'f', keywords: ['chip', 'narrow', 'where'], run: () => document.getElementById(addFilterId)?.click() },
      { id: 'inventory.clearFilters', title: 'Remove all filters', group: 'Here', keywords: ['reset'], blocked: () => (filtered ? undefined : 'No filter is set'), run: filters.clear },
      { id: 'inventory.selectAll', title: 'Select all that match', group: 'Here', shortcut: '$mod+Shift+a', blocked: () => (pages.length === 0 ? 'The list is empty' : undefined), run: selection.selectAll },
      { id: 'inventory.otherEnd', title: 'Show the list from its other end', group: 'Here', shortcut: '$mod+End', keywords: ['last', 'oldest', 'reverse', 'end'], run: () => arranged.onLayout({ ...arranged.layout, sort: reversed(arranged.layout.sort, { by: 'created', direction: 'desc' }) }) },
    ];
    // `pages.length` matters only as none or some.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [any, all, pickedRows, asked, picked, matching, clear, pages, pages.length === 0, filter, filtered, columns, sort, arranged, filters.clear, selection.selectAll, open, navigate]);
  useScreenCommands(commands);

  // Esc lets the selection go first.
  useEffect(() => {
    if (!any) return;
    const listen = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.defaultPrevented || isTyping(event.target) || layerOpen(event.target)) return;
      clear();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [any, clear]);

  const empty = !awaited && pages.begun && pages.length === 0 && !pages.hasMore;
  return (
    <ListPage>
      {/* What is picked takes the place of the actions: a bar of its own would push the rows away from under the pointer. */}
      <PageHeader title="Inventory">
        {any ? (
          <SelectionBar selection={selection} matching={matching} moreThan={pages.moreThan} />
        ) : (
          <>
            <CommandButton id="stock.prepare" label="Prepare" />
            <CommandButton id="stock.import" primary />
          </>
        )}
      </PageHeader>
      <FilterBar filters={filters} filter={filter} chips={chips} onChip={onChip} views={<ViewsMenu state={views} params={params} layout={arranged.layout} onGo={go} />}>
        <ColumnChooser columns={inventoryColumns} arranged={arranged} />
      </FilterBar>
      {!pages.begun && pages.error !== undefined ? (
        <Framed>
          <Problem error={pages.error} what="Inventory" retry={() => pages.again()} />
        </Framed>
      ) : !pages.begun ? (
        <Framed>
          <LoadingRows rows={14} />
        </Framed>
      ) : empty ? (
        <Framed>
          {filtered ? (
            <NothingFits filter={filter} chips={chips} onClear={filters.clear} onRemove={(chip) => (chip === 'text' ? filters.setText('') : onChip(chip, undefined))} />
          ) : (
            <Empty icon={SimCardOutlined} title="No profiles yet" actions={<><CommandButton id="lab.fill" /><CommandButton id="range.create" /><CommandButton id="stock.import" primary /></>}>
              Profiles come from a vendor’s file (CSV, TSV, JSON lines, .inp or .out), or are prepared from a range of numbers. An import recognises the columns, checks every row and helps to mend what is wrong; nothing is written before you have seen what it would do.
            </Empty>
          )}
        </Framed>
      ) : (
        <>
          <Box aria-busy={awaited} sx={{ flex: 1, minHeight: 0, display: 'flex', ...(awaited ? { opacity: 0.55, pointerEvents: 'none' } : {}) }}>
            <DataGrid listKey={shownKey} label="Inventory" columns={inventoryColumns} source={source} rowId={rowId} onOpen={(p) => void navigate(`/inventory/${p.iccid}`)} total={matching} mainList selection={selection.grid} memory={listName} {...arranged} />
          </Box>
          <Box sx={(theme) => ({ display: 'flex', alignItems: 'center', gap: 2, color: theme.desk.muted, fontSize: '0.75rem', minHeight: 24 })}>
            <span aria-live="polite">{matching === undefined ? (pages.moreThan === undefined ? `${count(pages.length)} read, more below` : `More than ${count(pages.moreThan)} profiles${counted.isFetching ? ', counting…' : ''}`) : plural(matching, 'profile')}</span>
            <Box sx={{ flex: 1 }} />
            {pages.hasMore && (
              <Button startIcon={<SwapVert />} onClick={() => commands.find((c) => c.id === 'inventory.otherEnd')?.run()} sx={{ minHeight: 24, py: 0, fontSize: '0.75rem' }}>
                From the other end
              </Button>
            )}
          </Box>
        </>
      )}
    </ListPage>
  );
}
