/** What is done to the values of a column before they are read, in order. */
import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import ArrowUpward from '@mui/icons-material/ArrowUpward';
import Close from '@mui/icons-material/Close';
import { importTransforms, type ImportTransform, type ImportTransformKind } from '../../shared/contract/imports.ts';
import { Muted } from '../design/text.tsx';

const parameterOf = (kind: ImportTransformKind): string | undefined => {
  const found = importTransforms.find((one) => one.kind === kind);
  return found !== undefined && 'parameter' in found ? found.parameter : undefined;
};
const labelOf = (kind: ImportTransformKind): string => importTransforms.find((one) => one.kind === kind)?.label ?? kind;

export const transformWords = (transforms: readonly ImportTransform[]): string => (transforms.length === 0 ? 'As it is' : transforms.map((one) => labelOf(one.kind) + (one.value === undefined ? '' : ` ${one.value}`)).join(', '));

const forms: Readonly<Record<string, { readonly pattern: RegExp; readonly say: string }>> = {
  text: { pattern: /^.{1,32}$/, say: '1 to 32 characters' }, digits: { pattern: /^[1-9]\d{0,2}$/, say: '1 to 3 digits, e.g. 49' }, length: { pattern: /^([1-9]|[12]\d|3[0-2])$/, say: 'A length up to 32' }, 'from-to': { pattern: /^\d{1,2}-\d{1,2}$/, say: 'e.g. 1-8' },
};

export function Transforms({ name, transforms, onChange }: { readonly name: string; readonly transforms: readonly ImportTransform[]; readonly onChange: (transforms: ImportTransform[]) => void }): ReactElement {
  const [pending, setPending] = useState<ImportTransformKind | undefined>();
  const [value, setValue] = useState('');
  const parameter = pending === undefined ? undefined : parameterOf(pending);
  const form = parameter === undefined ? undefined : forms[parameter];
  const wrong = form !== undefined && value !== '' && !form.pattern.test(value);
  const add = (): void => {
    if (pending === undefined || (form !== undefined && !form.pattern.test(value))) return;
    onChange([...transforms, { kind: pending, ...(parameter === undefined ? {} : { value }) }]);
    setPending(undefined);
    setValue('');
  };
  return (
    <Box role="group" aria-label={`Changes to the values of ${name}`} sx={{ display: 'flex', flexDirection: 'column', gap: 1, py: '4px' }}>
      {transforms.length === 0 ? <Muted>The values are read as they are. What you add here is done first, in order; the file itself is not changed.</Muted> : (
        <Box component="ol" sx={{ m: 0, pl: '20px' }}>
          {transforms.map((one, at) => (
            <Box component="li" key={`${one.kind}${at}`}>
              {labelOf(one.kind)} {one.value !== undefined && <span className="mono">{one.value}</span>}
              {at > 0 && <IconButton aria-label={`Do ${labelOf(one.kind)} earlier`} sx={{ p: '3px', ml: 1 }} onClick={() => onChange(transforms.map((_, index) => transforms[index === at ? at - 1 : index === at - 1 ? at : index]!))}><ArrowUpward sx={{ fontSize: '0.95rem' }} /></IconButton>}
              <IconButton aria-label={`Do not ${labelOf(one.kind)}`} sx={{ p: '3px' }} onClick={() => onChange(transforms.filter((_, index) => index !== at))}><Close sx={{ fontSize: '0.95rem' }} /></IconButton>
            </Box>
          ))}
        </Box>
      )}
      <Box sx={{ display: 'flex', gap: 1, alignItems: 'flex-start', flexWrap: 'wrap' }}>
        <TextField select label="Add a change" value={pending ?? ''} onChange={(event) => { setPending(event.target.value as ImportTransformKind); setValue(''); }} sx={{ width: 320 }}>
          {importTransforms.map((one) => <MenuItem key={one.kind} value={one.kind}>{one.label}</MenuItem>)}
        </TextField>
        {form !== undefined && <TextField label="Which" value={value} error={wrong} helperText={form.say} onChange={(event) => setValue(event.target.value)} sx={{ width: 160 }} onKeyDown={(event) => event.key === 'Enter' && add()} />}
        <Button variant="outlined" disabled={pending === undefined || (form !== undefined && !form.pattern.test(value))} onClick={add} sx={{ mt: '2px' }}>
          Add
        </Button>
      </Box>
    </Box>
  );
}
