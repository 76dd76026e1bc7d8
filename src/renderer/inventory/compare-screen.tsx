/** Two profiles side by side: what differs, or everything. */
import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import FormControlLabel from '@mui/material/FormControlLabel';
import Switch from '@mui/material/Switch';
import TextField from '@mui/material/TextField';
import CompareArrows from '@mui/icons-material/CompareArrows';
import { useSearchParams } from 'react-router';
import { inventory } from '../../shared/contract/inventory.ts';
import { useDesk } from '../app/queries.ts';
import { BackLink, useEscapeTo } from '../design/back.tsx';
import { count, grouped, plural, words } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { Page, PageHeader, Panel } from '../design/panel.tsx';
import { Empty, LoadingRows, Problem } from '../design/states.tsx';
import { Absent, Moment } from '../design/text.tsx';
import { Timeline } from '../design/timeline.tsx';
import { situationWord } from './badges.ts';

const groups = [['identity', 'Identity'], ['states', 'States'], ['order', 'Order'], ['preparation', 'Preparation'], ['template', 'Template'], ['metadata', 'Metadata'], ['other', 'Other']] as const;

export function CompareScreen(): ReactElement {
  const [params, setParams] = useSearchParams();
  const a = params.get('a')?.trim() ?? '';
  const b = params.get('b')?.trim() ?? '';
  const onlyDifferent = params.get('only') !== 'all';
  const found = useDesk(inventory.compare, { a, b }, { enabled: a !== '' && b !== '' });
  useEscapeTo('/inventory');
  const set = (key: string, value: string): void =>
    setParams((current) => {
      const next = new URLSearchParams(current);
      if (value === '') next.delete(key);
      else next.set(key, value);
      return next;
    }, { replace: true });
  const data = found.data;
  const different = data?.fields.filter((f) => !f.same).length ?? 0;
  return (
    <Page width={1320}>
      <Box sx={{ display: 'flex', flexDirection: 'column', gap: '2px' }}>
        <BackLink to="/inventory">Inventory</BackLink>
        <PageHeader title="Compare profiles" note={data === undefined ? undefined : different === 0 ? 'They do not differ' : plural(different, 'difference')}>
          {data !== undefined && <FormControlLabel control={<Switch size="small" checked={onlyDifferent} onChange={(_, on) => set('only', on ? '' : 'all')} />} label="Only differences" sx={{ mr: 0 }} />}
          {a !== '' && b !== '' && <Button variant="outlined" startIcon={<CompareArrows />} onClick={() => setParams((current) => { const next = new URLSearchParams(current); next.set('a', b); next.set('b', a); return next; }, { replace: true })}>Swap</Button>}
        </PageHeader>
      </Box>
      {a === '' || b === '' ? (
        <Panel>
          <Ask a={a} onBoth={(left, right) => setParams(new URLSearchParams({ a: left, b: right }), { replace: true })} />
        </Panel>
      ) : found.isError ? (
        <Panel><Problem error={found.error} what="The comparison" retry={() => void found.refetch()} /></Panel>
      ) : data === undefined ? (
        <LoadingRows rows={12} />
      ) : (
        <>
          <Panel flush>
            <Box role="table" aria-label="Fields of both profiles" sx={(theme) => ({ '& [role="row"]': { display: 'grid', gridTemplateColumns: '200px minmax(0, 1fr) minmax(0, 1fr)', columnGap: 2, px: 2, minHeight: 30, alignItems: 'center', borderBottom: `1px solid ${theme.desk.line}` }, '& [role="row"].different': { background: theme.desk.warningSoft }, '& [role="rowgroup"]:last-of-type > [role="row"]:last-of-type': { borderBottom: 0 }, '& [role="cell"]': { py: '5px', overflowWrap: 'anywhere', textWrap: 'balance' } })}>
              <Box role="rowgroup">
                <Box role="row" sx={{ minHeight: '38px !important' }}>
                  <span role="columnheader"><span className="visually-hidden">Field</span></span>
                  {[data.a, data.b].map((side, at) => <span key={at} role="columnheader" className="mono"><TextLink to={`/inventory/${side.iccid}`}>{grouped(side.iccid)}</TextLink></span>)}
                </Box>
              </Box>
              {groups.map(([id, title]) => {
                const rows = data.fields.filter((f) => f.group === id && (!onlyDifferent || !f.same));
                if (rows.length === 0) return null;
                return (
                  <Box key={id} role="rowgroup" aria-label={title}>
                    <Box role="row" sx={(theme) => ({ background: theme.desk.canvas, minHeight: '26px !important' })}>
                      <Box component="span" role="rowheader" sx={(theme) => ({ fontSize: '0.75rem', fontWeight: 600, color: theme.desk.muted })}>{title}</Box>
                    </Box>
                    {rows.map((f) => (
                      <Box key={f.name} role="row" className={f.same ? '' : 'different'}>
                        <Box component="span" role="rowheader" sx={(theme) => ({ color: theme.desk.muted })}>{f.name.charAt(0).toUpperCase() + f.name.slice(1)}{!f.same && <span className="visually-hidden">, differs</span>}</Box>
                        <Value text={f.name === 'situation' ? situationWord(f.a) : f.a} strong={!f.same} states={id === 'states'} />
                        <Value text={f.name === 'situation' ? situationWord(f.b) : f.b} strong={!f.same} states={id === 'states'} />
                      </Box>
                    ))}
                  </Box>
                );
              })}
            </Box>
            {onlyDifferent && different === 0 && <Empty title="Nothing differs" actions={<Button variant="outlined" onClick={() => set('only', 'all')}>Show all {count(data.fields.length)} fields</Button>} />}
          </Panel>
          <Box sx={{ display: 'grid', gridTemplateColumns: '1fr 1fr', gap: 2, alignItems: 'start', '@media (max-width: 900px)': { gridTemplateColumns: '1fr' } }}>
            {[data.a, data.b].map((side, at) => (
              <Panel key={at} title={`Timeline of …${side.iccid.slice(-6)}`}>
                <Timeline events={side.timeline} />
              </Panel>
            ))}
          </Box>
        </>
      )}
    </Page>
  );
}

/** Codes as words, moments in the reader's zone, identifiers in monospace. */
function Value({ text, strong, states }: { readonly text: string | undefined; readonly strong: boolean; readonly states: boolean }): ReactElement {
  const at = text !== undefined && /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(text) ? Date.parse(text) : Number.NaN;
  const code = text !== undefined && /^[0-9A-Fa-f-]{12,}$/.test(text);
  const shown = text === undefined ? <Absent>none</Absent> : Number.isNaN(at) ? (states && /^[a-z_]+$/.test(text) ? words(text) : text) : <Moment at={at} show="both" />;
  return <Box component="span" role="cell" {...(code ? { className: 'mono' } : {})} sx={{ fontWeight: strong ? 500 : 400 }}>{shown}</Box>;
}

function Ask({ a, onBoth }: { readonly a: string; readonly onBoth: (a: string, b: string) => void }): ReactElement {
  const [left, setLeft] = useState(a);
  const [right, setRight] = useState('');
  const tidy = (text: string): string => text.replaceAll(/[\s-]/g, '');
  const ready = tidy(left) !== '' && tidy(right) !== '' && tidy(left) !== tidy(right);
  return (
    <Box component="form" onSubmit={(event: React.FormEvent) => { event.preventDefault(); if (ready) onBoth(tidy(left), tidy(right)); }} sx={{ display: 'flex', flexDirection: 'column', gap: 2, maxWidth: 520 }}>
      <span>Two profiles, by ICCID. In the inventory, select two rows and press C.</span>
      <TextField label="First ICCID" value={left} autoFocus={a === ''} onChange={(event) => setLeft(event.target.value)} slotProps={{ htmlInput: { className: 'mono' } }} />
      <TextField label="Second ICCID" value={right} autoFocus={a !== ''} onChange={(event) => setRight(event.target.value)} slotProps={{ htmlInput: { className: 'mono' } }} />
      <Button type="submit" variant="contained" color="primary" disabled={!ready} sx={{ alignSelf: 'flex-start' }}>Compare</Button>
    </Box>
  );
}
