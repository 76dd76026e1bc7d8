/** Parts of the brand forms: what it may order, how much, where it is told. Used by the form for a new brand and by those that change one. */
import type { ReactElement, ReactNode } from 'react';
import Autocomplete from '@mui/material/Autocomplete';
import Box from '@mui/material/Box';
import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import MenuItem from '@mui/material/MenuItem';
import Switch from '@mui/material/Switch';
import TextField from '@mui/material/TextField';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { Controller, type Control, type UseFormWatch } from 'react-hook-form';
import { progressPoints } from '../../shared/contract/brands.ts';
import { contract } from '../../shared/contract/index.ts';
import { useDesk } from '../app/queries.ts';
import { FileField } from '../design/file-field.tsx';
import { Columns, Field, wholeNumber } from '../design/form.tsx';
import { Muted } from '../design/text.tsx';
import { toneIcon } from '../design/status.tsx';
import { pointNames } from './brand-words.ts';
import { iccidsProblem, pointProblem, urlProblem, type Grants, type NewBrand } from './grants.ts';
import { readRanges } from './ranges.ts';

interface Part {
  readonly control: Control<NewBrand>;
  readonly watch: UseFormWatch<NewBrand>;
}

export function Section({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactElement {
  return (
    <Box component="fieldset" sx={(theme) => ({ border: 0, borderTop: `1px solid ${theme.desk.line}`, m: 0, p: 0, pt: '12px', display: 'flex', flexDirection: 'column', gap: 1.75, minWidth: 0 })}>
      <Box component="legend" className="visually-hidden">
        {title}
      </Box>
      <Box aria-hidden sx={{ fontWeight: 600 }}>
        {title}
      </Box>
      {children}
    </Box>
  );
}

export function EntitlementFields({ control, watch }: Part): ReactElement {
  const types = useDesk(contract.types.list, {});
  const [all, iccids] = watch(['allTypes', 'iccids']);
  const names = (types.data?.rows ?? []).map((type) => type.name);
  return (
    <>
      <Controller
        control={control}
        name="allTypes"
        render={({ field }) => (
          <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.5 }}>
            <Muted>Profile types</Muted>
            <ToggleButtonGroup exclusive size="small" value={field.value} aria-label="Profile types" onChange={(_, next: Grants['allTypes'] | null) => next !== null && field.onChange(next)}>
              <ToggleButton value="some" sx={{ px: '12px', py: '4px' }}>
                These
              </ToggleButton>
              <ToggleButton value="all" sx={{ px: '12px', py: '4px' }}>
                Every type, also later ones
              </ToggleButton>
            </ToggleButtonGroup>
          </Box>
        )}
      />
      {all === 'some' && (
        <Controller
          control={control}
          name="types"
          render={({ field, fieldState }) => (
            <Autocomplete
              multiple
              disableCloseOnSelect
              size="small"
              options={[...new Set([...names, ...field.value])]}
              value={field.value}
              onChange={(_, next) => field.onChange(next)}
              noOptionsText="There is no profile type yet"
              renderOption={({ key, ...props }, option, { selected }) => (
                <Box component="li" key={key} {...props} sx={{ fontSize: '0.8125rem' }}>
                  <Checkbox size="small" checked={selected} tabIndex={-1} sx={{ p: '2px 8px 2px 0' }} slotProps={{ input: { 'aria-hidden': true } }} />
                  {option}
                </Box>
              )}
              renderInput={(params) => <TextField {...params} label="Types" error={fieldState.invalid} helperText={fieldState.error?.message ?? (field.value.length === 0 ? 'None chosen: it can order nothing.' : undefined)} />}
            />
          )}
        />
      )}
      <Field control={control} name="iccids" label="ICCID ranges (optional)" mono multiline minRows={2} maxRows={8} rules={{ validate: (v) => iccidsProblem(String(v)) }} help="One per line: FIRST-LAST, or a prefix with a star. It orders inside them only, and no other brand does. Empty: every ICCID that is not another brand's." placeholder="8988001*" slotProps={{ inputLabel: { shrink: true } }} />
      <RangeCheck text={iccids} />
    </>
  );
}

/** What each typed range means, as it is typed. */
function RangeCheck({ text }: { readonly text: string }): ReactElement | null {
  const lines = readRanges(text);
  if (lines.length === 0) return null;
  return (
    <Box component="ol" aria-label="Check of the ranges" tabIndex={0} sx={(theme) => ({ m: 0, mt: '-6px', p: '4px 12px', listStyle: 'none', maxHeight: 148, overflow: 'auto', border: `1px solid ${theme.desk.line}`, borderRadius: '6px', fontSize: '0.75rem' })}>
      {lines.map((line, at) => {
        const tone = line.wrong ? 'danger' : 'success';
        const Icon = toneIcon(tone);
        return (
          <Box component="li" key={`${at}${line.text}`} sx={{ display: 'grid', gridTemplateColumns: '18px minmax(0, auto) minmax(0, 1fr)', gap: 1, py: '2px', alignItems: 'center' }}>
            <Icon titleAccess={line.wrong ? 'Wrong' : 'Right'} sx={(theme) => ({ fontSize: '0.95rem', color: theme.desk[tone] })} />
            <Box component="span" className="mono" sx={{ overflowWrap: 'anywhere' }}>
              {line.text}
            </Box>
            <Box component="span" sx={(theme) => ({ color: line.wrong ? theme.desk.danger : theme.desk.muted })}>{line.note}</Box>
          </Box>
        );
      })}
    </Box>
  );
}

export function QuotaFields({ control }: Pick<Part, 'control'>): ReactElement {
  const number = (v: unknown): true | string => (String(v).trim() === '' ? true : wholeNumber(0, 100_000_000)(v));
  return (
    <Columns>
      <Field control={control} name="openOrders" label="Open orders at once" placeholder="no limit" rules={{ validate: number }} help="Ordered and not yet installed, cancelled or ended." slotProps={{ inputLabel: { shrink: true }, htmlInput: { inputMode: 'numeric' } }} />
      <Field control={control} name="ordersPerDay" label="Orders in 24 hours" placeholder="no limit" rules={{ validate: number }} help="Beyond it, orders are refused until the oldest is a day old." slotProps={{ inputLabel: { shrink: true }, htmlInput: { inputMode: 'numeric' } }} />
    </Columns>
  );
}

export function CallbackFields({ control, watch, ca, onCa, caError, ownTrust = false }: Part & { readonly ca: File | undefined; readonly onCa: (file: File | undefined) => void; readonly caError?: string | undefined; readonly ownTrust?: boolean }): ReactElement {
  const identities = useDesk(contract.pki.list, {});
  const withTls = [...new Set((identities.data?.rows ?? []).filter((c) => c.role === 'tls' && c.key !== 'none').map((c) => c.identity))];
  const [on, chosen] = watch(['callback', 'callbackIdentity']);
  return (
    <>
      <Controller
        control={control}
        name="callback"
        render={({ field }) => <FormControlLabel control={<Switch checked={field.value} onChange={field.onChange} size="small" />} label="Tell the brand how each download goes (handleDownloadProgressInfo)" sx={{ ml: '-4px', gap: '6px' }} />}
      />
      {on && (
        <>
          <Field control={control} name="callbackUrl" label="Callback address" mono rules={{ validate: (v) => urlProblem(String(v)) }} help="https only. Where it has no path, that of SGP.22 follows. What is not taken is sent again with growing pauses." />
          <FileField label="CA of the receiver (optional)" accept=".pem,.crt,.cer,.der" file={ca} onFile={onCa} help={ownTrust ? 'One is set. Another file replaces it.' : 'The CA that issued the TLS certificate of the receiver. Without it, the CAs this computer trusts.'} error={caError} />
          <Field control={control} name="callbackIdentity" label="We show the TLS certificate of" select slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}>
            <MenuItem value="">The first identity that has one</MenuItem>
            {[...new Set([...withTls, ...(chosen === '' ? [] : [chosen])])].map((name) => (
              <MenuItem key={name} value={name}>
                {name}
              </MenuItem>
            ))}
          </Field>
          <Field control={control} name="callbackResult" label="Result of an installation is sent as" select help="SGP.22 asks for finalResult; receivers that check the signature of the eUICC need the whole notification.">
            <MenuItem value="finalResult">finalResult alone</MenuItem>
            <MenuItem value="notification">the whole signed notification</MenuItem>
          </Field>
          <Box>
            <Box sx={{ fontWeight: 500 }}>Numbers on the wire</Box>
            <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem', mb: '6px' })}>notificationPointId for each event, as the brand's system expects it. Empty: not sent.</Box>
            <Box sx={(theme) => ({ border: `1px solid ${theme.desk.line}`, borderRadius: '6px' })}>
              {progressPoints.map((point, at) => (
                <Box key={point} sx={(theme) => ({ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) 132px', gap: 2, alignItems: 'center', p: '5px 8px 5px 12px', borderTop: at === 0 ? 'none' : `1px solid ${theme.desk.line}` })}>
                  <Box>
                    {pointNames[point].name} <Box component="span" sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem' })}>{pointNames[point].when}</Box>
                  </Box>
                  <Controller
                    control={control}
                    name={`points.${point}`}
                    rules={{ validate: (v, all) => pointProblem(String(v), progressPoints.filter((other) => other !== point).map((other) => all.points[other])) }}
                    render={({ field, fieldState }) => <TextField {...field} inputRef={field.ref} size="small" placeholder="not sent" error={fieldState.invalid} helperText={fieldState.error?.message} slotProps={{ htmlInput: { 'aria-label': `Number for ${pointNames[point].name}`, inputMode: 'numeric', autoComplete: 'off' } }} />}
                  />
                </Box>
              ))}
            </Box>
          </Box>
        </>
      )}
    </>
  );
}
