/** Files made from a prepared batch: for a recipient, and as sheets of labels or vouchers. */
import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { outputs, type BatchDetail, type Sheet } from '../../shared/contract/preparation.ts';
import { CommandButton } from '../app/command-context.tsx';
import { useDesk, useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { plural } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { Panel } from '../design/panel.tsx';
import { ProblemNote } from '../design/states.tsx';
import { Muted } from '../design/text.tsx';
import { sellableOf, vouchersText } from './batch-words.ts';
import { sheetProblem, sheets } from './sheets.ts';

export function HandOut({ batch }: { readonly batch: BatchDetail }): ReactElement {
  return (
    <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(2, minmax(0, 1fr))', gap: 2, '@media (max-width: 1100px)': { gridTemplateColumns: 'minmax(0, 1fr)' } }}>
      {batch.actions.includes('outputs') && <ForRecipient batch={batch} />}
      {batch.actions.includes('labels') && <SheetMaker batch={batch} />}
    </Box>
  );
}

function ForRecipient({ batch }: { readonly batch: BatchDetail }): ReactElement {
  const recipients = useDesk(outputs.recipients, {});
  const make = useDeskCommand(outputs.make);
  const toasts = useToasts();
  const [chosen, setChosen] = useState('');
  const rows = recipients.data?.rows ?? [];
  const row = rows.find((one) => one.id === chosen);
  return (
    <Panel title="Make a file for somebody" aside={<TextLink to="/preparation?view=recipients">Recipients</TextLink>}>
      {recipients.data !== undefined && rows.length === 0 ? (
        <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1, alignItems: 'flex-start' }}>
          <Muted>Nobody is registered to get files yet. A recipient says which columns go to whom, and under which key: the HLR without OTA keys, the OTA platform without K, the print house without either.</Muted>
          <CommandButton id="recipient.add" />
        </Box>
      ) : (
        <Box component="form" sx={{ display: 'flex', flexDirection: 'column', gap: 1.25, pt: '6px' }} onSubmit={(event) => { event.preventDefault(); if (row !== undefined) make.mutate({ batch: batch.id, recipient: row.id }, { onSuccess: (job) => toasts.done(`Begun: ${job.title}`) }); }}>
          <Box sx={{ display: 'flex', gap: 1, alignItems: 'flex-start' }}>
            <TextField select label="Recipient" value={row === undefined ? '' : chosen} onChange={(event) => { setChosen(event.target.value); make.reset(); }} fullWidth helperText={row === undefined ? 'Who gets the file' : (row.problem ?? row.protection)} error={row?.problem !== undefined}>
              {rows.map((one) => <MenuItem key={one.id} value={one.id}>{one.name}</MenuItem>)}
            </TextField>
            <Button type="submit" variant="contained" color="primary" sx={{ mt: '2px' }} disabled={row === undefined || row.problem !== undefined || make.isPending}>
              Make the file
            </Button>
          </Box>
          <ProblemNote error={make.error} />
          <Muted>{plural(batch.prepared, 'profile')}. The file appears above, with its size and digest.</Muted>
        </Box>
      )}
    </Panel>
  );
}

const kinds = [['labels', 'Labels'], ['vouchers', 'Vouchers']] as const;

function SheetMaker({ batch }: { readonly batch: BatchDetail }): ReactElement {
  const make = useDeskCommand(outputs.labels);
  const toasts = useToasts();
  const [kind, setKind] = useState<(typeof kinds)[number][0]>('labels');
  const [layout, setLayout] = useState<'a4-3x8' | 'a4-2x7' | 'own'>('a4-3x8');
  const [symbol, setSymbol] = useState<'code128' | 'qr'>('code128');
  const [own, setOwn] = useState<Sheet>({ page: 'a4', columns: 4, rows: 10, labelWidth: 48, labelHeight: 25, marginLeft: 9, marginTop: 15, gapX: 0, gapY: 0 });
  const codes = useDesk(outputs.codes, { batch: batch.id }, { enabled: kind === 'vouchers' });
  const wrong = layout === 'own' ? sheetProblem(own) : undefined;
  const start = (): void =>
    make.mutate({ batch: batch.id, kind, sheet: layout, symbol, puk: false, ...(layout === 'own' ? { own } : {}) }, { onSuccess: (job) => toasts.done(`Begun: ${job.title}`) });
  return (
    <Panel title="Print sheets (PDF)">
      <Box component="form" sx={{ display: 'flex', flexDirection: 'column', gap: 1.25, pt: '6px' }} onSubmit={(event) => { event.preventDefault(); if (wrong === undefined) start(); }}>
        <Box sx={{ display: 'flex', gap: 1.5, alignItems: 'flex-start', flexWrap: 'wrap' }}>
          <ToggleButtonGroup exclusive size="small" value={kind} aria-label="What is printed" onChange={(_, next: typeof kind | null) => next !== null && setKind(next)}>
            {kinds.map(([id, name]) => <ToggleButton key={id} value={id} sx={{ px: 1.75, py: '4px' }}>{name}</ToggleButton>)}
          </ToggleButtonGroup>
          <TextField select label="Layout" value={layout} onChange={(event) => setLayout(event.target.value as typeof layout)} sx={{ minWidth: 210 }}>
            {sheets.map(([id, name]) => <MenuItem key={id} value={id}>{name}</MenuItem>)}
          </TextField>
          {kind === 'labels' && (
            <TextField select label="Symbol" value={symbol} onChange={(event) => setSymbol(event.target.value as typeof symbol)} sx={{ minWidth: 120 }}>
              <MenuItem value="code128">Bar code</MenuItem>
              <MenuItem value="qr">QR code</MenuItem>
            </TextField>
          )}
        </Box>
        {layout === 'own' && <OwnSheet sheet={own} onChange={setOwn} />}
        {wrong !== undefined && <Box role="alert" sx={(theme) => ({ color: theme.desk.danger })}>{wrong}</Box>}
        <ProblemNote error={make.error} />
        <Box sx={{ display: 'flex', gap: 1.5, alignItems: 'center' }}>
          {kind === 'labels' ? <Muted>{plural(batch.prepared, 'label')}: ICCID as text and symbol, one label a profile.</Muted> : <Codes batch={batch} codes={codes.data} failed={codes.isError} />}
          <Box sx={{ flex: 1 }} />
          <Button type="submit" variant="outlined" sx={{ flexShrink: 0 }} disabled={make.isPending || wrong !== undefined || (kind === 'vouchers' && codes.data?.withCode === 0)}>Make the PDF</Button>
        </Box>
      </Box>
    </Panel>
  );
}

function Codes({ batch, codes, failed }: { readonly batch: BatchDetail; readonly codes: { readonly withCode: number; readonly profiles: number } | undefined; readonly failed: boolean }): ReactElement {
  if (codes === undefined) return <Muted>{failed ? 'How many profiles have an activation code could not be read.' : 'Counting activation codes…'}</Muted>;
  return (
    <Box role="status">
      <Muted>{vouchersText(codes)}</Muted>{' '}
      {codes.withCode < codes.profiles && <TextLink to={sellableOf(batch)}>Sellable ones, to order</TextLink>}
    </Box>
  );
}

const measures = [['columns', 'Across'], ['rows', 'Down'], ['labelWidth', 'Label width, mm'], ['labelHeight', 'Label height, mm'], ['marginLeft', 'Left margin, mm'], ['marginTop', 'Top margin, mm'], ['gapX', 'Gap across, mm'], ['gapY', 'Gap down, mm']] as const;

function OwnSheet({ sheet, onChange }: { readonly sheet: Sheet; readonly onChange: (sheet: Sheet) => void }): ReactElement {
  return (
    <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(4, minmax(0, 1fr))', gap: 1.25 }}>
      <TextField select label="Paper" value={sheet.page} onChange={(event) => onChange({ ...sheet, page: event.target.value as Sheet['page'] })}>
        <MenuItem value="a4">A4</MenuItem>
        <MenuItem value="letter">Letter</MenuItem>
      </TextField>
      {measures.map(([key, name]) => <TextField key={key} label={name} type="number" value={sheet[key]} onChange={(event) => onChange({ ...sheet, [key]: Number(event.target.value) })} />)}
    </Box>
  );
}
