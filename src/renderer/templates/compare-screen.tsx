/** Two template versions side by side. */
import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import IconButton from '@mui/material/IconButton';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import Tooltip from '@mui/material/Tooltip';
import CompareArrows from '@mui/icons-material/CompareArrows';
import SwapHoriz from '@mui/icons-material/SwapHoriz';
import { useSearchParams } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import type { TemplateRow } from '../../shared/contract/types.ts';
import { useDesk } from '../app/queries.ts';
import { BackLink, useEscapeTo } from '../design/back.tsx';
import { bytes, plural } from '../design/formats.ts';
import { Page, PageHeader, Panel } from '../design/panel.tsx';
import { Empty, LoadingRows, Problem } from '../design/states.tsx';
import { Muted } from '../design/text.tsx';
import { diffCount } from './diff-rules.ts';
import { DiffGroups } from './diff-view.tsx';
import { versionName } from './template-words.ts';

const idOf = (text: string | null): string => (text !== null && /^\d{1,15}$/.test(text) ? text : '');

export function CompareTemplatesScreen(): ReactElement {
  const [params, setParams] = useSearchParams();
  const a = idOf(params.get('a'));
  const b = idOf(params.get('b'));
  const templates = useDesk(contract.types.templates, {});
  const rows = templates.data?.rows ?? [];
  const diff = useDesk(contract.types.diffTemplates, { before: a, after: b }, { enabled: a !== '' && b !== '' && a !== b });
  useEscapeTo(b === '' ? '/templates' : `/templates/${b}`);
  const set = (key: 'a' | 'b', id: string): void => setParams({ a, b, [key]: id }, { replace: true });
  return (
    <Page width={1280}>
      <Box sx={{ display: 'flex', flexDirection: 'column', gap: '2px' }}>
        <BackLink to={b === '' ? '/templates' : `/templates/${b}`}>{b === '' ? 'Templates' : 'Template'}</BackLink>
        <PageHeader title="Compare templates" />
      </Box>
      <Box sx={{ display: 'flex', gap: 1, alignItems: 'center', flexWrap: 'wrap' }}>
        <Choice label="Before" rows={rows} value={a} onChange={(id) => set('a', id)} />
        <Tooltip title="Swap the two">
          <IconButton aria-label="Swap the two" onClick={() => setParams({ a: b, b: a }, { replace: true })}>
            <SwapHoriz />
          </IconButton>
        </Tooltip>
        <Choice label="After" rows={rows} value={b} onChange={(id) => set('b', id)} />
        {diff.data !== undefined && a !== b && (
          <Muted>
            {plural(diffCount(diff.data), 'difference')}: {diff.data.added.length} added, {diff.data.removed.length} removed, {diff.data.changed.length} changed · {bytes(diff.data.before.sizeBytes)} before, {bytes(diff.data.after.sizeBytes)} after
          </Muted>
        )}
      </Box>
      {a === '' || b === '' || a === b ? (
        <Panel><Empty icon={CompareArrows} title={a === b && a !== '' ? 'This is one version' : 'Choose two versions'}>Any two can be compared, also of different templates. Of secrets only that they differ is told.</Empty></Panel>
      ) : diff.isError && diff.data === undefined ? (
        <Panel flush><Problem error={diff.error} what="The difference" retry={() => void diff.refetch()} /></Panel>
      ) : diff.data === undefined ? (
        <Panel flush><LoadingRows rows={8} /></Panel>
      ) : diffCount(diff.data) === 0 ? (
        <Panel><Empty icon={CompareArrows} title="Nothing differs">Both packages say the same.</Empty></Panel>
      ) : (
        <DiffGroups diff={diff.data} before={a} after={b} />
      )}
    </Page>
  );
}

function Choice({ label, rows, value, onChange }: { readonly label: string; readonly rows: readonly TemplateRow[]; readonly value: string; readonly onChange: (id: string) => void }): ReactElement {
  const sorted = [...rows].sort((x, y) => x.name.localeCompare(y.name) || y.version - x.version);
  return (
    <TextField select label={label} value={rows.some((row) => row.id === value) ? value : ''} onChange={(event) => onChange(event.target.value)} sx={{ width: 280 }}>
      {sorted.map((row) => (
        <MenuItem key={row.id} value={row.id}>
          {versionName(row)}
          {row.retiredAt !== undefined && <Box component="span" sx={{ ml: 1 }}><Muted>retired</Muted></Box>}
        </MenuItem>
      ))}
    </TextField>
  );
}
