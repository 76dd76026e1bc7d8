/** Step 1: what file this is, how it is read, and what its columns hold. */
import { type ReactElement } from 'react';
import Box from '@mui/material/Box';
import FormControlLabel from '@mui/material/FormControlLabel';
import MenuItem from '@mui/material/MenuItem';
import Switch from '@mui/material/Switch';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import TextField from '@mui/material/TextField';
import { importEncodings, importLayouts, imports, importSeparators, type ImportFormat } from '../../shared/contract/imports.ts';
import { useDesk } from '../app/queries.ts';
import { bytes, count } from '../design/formats.ts';
import { Pairs, Panel } from '../design/panel.tsx';
import { Scroll } from '../design/scroll.tsx';
import { Note, ProblemNote } from '../design/states.tsx';
import { Moment, Muted } from '../design/text.tsx';
import { Digest } from './digest.tsx';
import { ColumnWidths } from './column-widths.tsx';
import { applyByName, encodingNames, fittingPresets, isShape, layoutNames, mappingBrings, separatorNames } from './import-words.ts';
import type { StepProps } from './wizard-screen.tsx';

export function SourceStep({ view, open }: StepProps): ReactElement {
  const { detection } = view;
  const { format } = detection;
  const read = (change: Partial<ImportFormat>): void => void open.map({ format: { ...format, ...change } }).catch(() => undefined);
  return (
    <>
      {view.imported !== undefined && (
        <Note tone="danger">
          <strong>Already imported:</strong> this very file (the same SHA-256) was imported as {view.imported.fileName} <Moment at={view.imported.at} show="both" />. It cannot be imported twice. A corrected file is another file: change it and import that.
        </Note>
      )}
      <ProblemNote error={open.refusal} />
      {detection.fixOf !== undefined && view.imported === undefined && <Note tone="info">This is the fix file of <strong>{detection.fixOf}</strong>: its columns, rules and profile type were taken over.</Note>}
      <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(2, minmax(0, 1fr))', gap: 2, '@media (max-width: 1100px)': { gridTemplateColumns: 'minmax(0, 1fr)' } }}>
        <Panel title="The file">
          <Pairs
            rows={[
              ['Name', view.fileName],
              ['Size', `${bytes(view.bytes)}, ${count(detection.rows)} rows of data`],
              ['SHA-256', <Digest key="h" value={view.sha256} />],
              ['Opened', <span key="o"><Moment at={view.openedAt} show="both" /> by {view.actor}</span>],
              ...(view.until === undefined ? [] : [['Kept until', <span key="u"><Moment at={view.until} show="both" /> <Muted>in memory only, because of the keys in it; then open the file again</Muted></span>] as const]),
            ]}
            nameWidth={96}
          />
          {detection.header.length > 0 && (
            <Box sx={{ mt: 1.5 }}>
              <Box sx={{ fontWeight: 500, mb: 0.5 }}>What the file says of itself</Box>
              <Pairs rows={detection.header.map((one) => [one.key, one.meaning === undefined ? one.value : <span key={one.key}>{one.value} <Muted>{one.meaning}</Muted></span>] as const)} nameWidth={130} />
            </Box>
          )}
        </Panel>
        <Panel title="How it is read" aside={open.mapping ? <Muted>Reading again…</Muted> : undefined}>
          <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(2, minmax(0, 1fr))', gap: 1.5, pt: '6px' }}>
            <KnownForm view={view} open={open} />
            <TextField select label="Form" value={format.layout} onChange={(event) => read({ layout: event.target.value as ImportFormat['layout'] })} sx={{ gridColumn: '1 / -1' }}>
              {importLayouts.map((one) => <MenuItem key={one} value={one}>{layoutNames[one]}</MenuItem>)}
            </TextField>
            <TextField select label="Encoding" value={format.encoding} onChange={(event) => read({ encoding: event.target.value as ImportFormat['encoding'] })}>
              {importEncodings.map((one) => <MenuItem key={one} value={one}>{encodingNames[one]}</MenuItem>)}
            </TextField>
            {format.layout !== 'json-lines' && (
              <TextField select label="Between the columns" value={format.separator ?? 'comma'} onChange={(event) => read({ separator: event.target.value as NonNullable<ImportFormat['separator']> })}>
                {importSeparators.map((one) => <MenuItem key={one} value={one}>{separatorNames[one]}</MenuItem>)}
              </TextField>
            )}
            {format.separator === 'fixed' && <ColumnWidths widths={format.widths ?? []} onChange={(widths) => read({ widths })} />}
            {format.layout === 'table' && <FormControlLabel control={<Switch size="small" checked={format.header} onChange={(event) => read({ header: event.target.checked })} />} label="The first row names the columns" sx={{ gridColumn: '1 / -1' }} />}
          </Box>
          {detection.why.length > 0 && (
            <Box component="ul" sx={(theme) => ({ m: '10px 0 0', pl: '18px', color: theme.desk.muted })}>
              {detection.why.map((sentence) => <li key={sentence}>{sentence}</li>)}
            </Box>
          )}
        </Panel>
      </Box>
      <FirstValues view={view} />
    </>
  );
}

/** A mapping saved here, or the dialect of a sender, laid over the file in one choice. */
function KnownForm({ view, open }: Pick<StepProps, 'view' | 'open'>): ReactElement {
  const presets = fittingPresets(useDesk(imports.presets, {}).data?.rows ?? [], view.detection.columns);
  const mappings = useDesk(imports.mappings, {}).data?.rows ?? [];
  const { detection } = view;
  const value = detection.mapping !== undefined && mappings.some((one) => one.name === detection.mapping) ? `m ${detection.mapping}` : detection.preset !== undefined && presets.some((one) => one.name === detection.preset) ? `p ${detection.preset}` : '';
  const apply = async (chosen: string): Promise<void> => {
    const mapping = chosen.startsWith('m ') ? mappings.find((one) => one.name === chosen.slice(2)) : undefined;
    const preset = chosen.startsWith('p ') ? presets.find((one) => one.name === chosen.slice(2)) : undefined;
    const form = mapping?.format ?? preset?.format;
    if (form === undefined) return;
    const next = await open.map({ format: form });
    if (mapping !== undefined) await open.map({ columns: applyByName(next.detection.columns, next.columns, mapping.columns).columns, rules: mapping.rules, ...(mapping.type === undefined ? {} : { type: mapping.type }) });
    else if (preset !== undefined) await open.map({ columns: applyByName(next.detection.columns, next.columns, preset.columns).columns });
  };
  return (
    <TextField
      select
      label="Known sender"
      value={value}
      onChange={(event) => void apply(event.target.value).catch(() => undefined)}
      sx={{ gridColumn: '1 / -1' }}
      helperText={value === '' ? (detection.fixOf === undefined ? 'None fits for certain: the form below was found in the file itself.' : `Columns, rules and profile type are those of the import of ${detection.fixOf}.`) : (presets.find((one) => `p ${one.name}` === value)?.summary ?? mappingBrings(mappings.find((one) => `m ${one.name}` === value) ?? {}))}
      slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
    >
      <MenuItem value="">As found in the file</MenuItem>
      {mappings.map((one) => <MenuItem key={`m ${one.name}`} value={`m ${one.name}`}>{one.name} <Box component="span" sx={(theme) => ({ color: theme.desk.muted, ml: 1 })}>saved mapping</Box></MenuItem>)}
      {presets.map((one) => <MenuItem key={`p ${one.name}`} value={`p ${one.name}`}>{one.name} {!one.builtIn && <Box component="span" sx={(theme) => ({ color: theme.desk.muted, ml: 1 })}>saved dialect</Box>}</MenuItem>)}
    </TextField>
  );
}

/** Values of each column, the first different ones. Secrets are dots: their values are not in this window. */
function FirstValues({ view }: { readonly view: StepProps['view'] }): ReactElement {
  const { columns } = view.detection;
  const rows = Math.max(0, ...columns.map((column) => column.samples.length));
  return (
    <Panel title="First values of each column, as they are read" flush aside={<Muted>Up to four different values a column, not whole rows. Of keys and codes only the form is shown.</Muted>}>
      <Scroll label="First values of each column">
        <TableHead>
          <TableRow>
            {columns.map((column) => (
              <TableCell key={column.index}>
                <Box component="span" className="mono" sx={(theme) => ({ color: theme.desk.text })}>{column.name}</Box>
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {Array.from({ length: rows }, (_, at) => (
            <TableRow key={at}>
              {columns.map((column) => (
                <TableCell key={column.index}>
                  {at < column.samples.length ? <Sample text={column.samples[at]} /> : column.samples.length === 0 ? <Sample text={undefined} /> : null}
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Scroll>
    </Panel>
  );
}

export function Sample({ text }: { readonly text: string | undefined }): ReactElement {
  if (text === undefined || text === '') return <Muted>–</Muted>;
  if (!isShape(text)) return <span className="mono">{text}</span>;
  return (
    <Box component="span" sx={{ whiteSpace: 'nowrap' }}>
      <span aria-hidden>•••••• </span>
      <Muted>{text}</Muted>
    </Box>
  );
}
