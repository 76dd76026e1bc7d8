/** Forms: fields tied to react-hook-form, refusals of the engine set beside the field they name. */
import type { ReactElement, ReactNode } from 'react';
import Box from '@mui/material/Box';
import MenuItem from '@mui/material/MenuItem';
import TextField, { type TextFieldProps } from '@mui/material/TextField';
import { Controller, type Control, type FieldPath, type FieldValues, type RegisterOptions, type UseFormSetError } from 'react-hook-form';
import { contract } from '../../shared/contract/index.ts';
import type { Parsed } from '../../shared/identifiers/index.ts';
import { problemOf } from '../app/client.ts';
import { useDesk } from '../app/queries.ts';
import { count } from './formats.ts';

type FieldProps<V extends FieldValues> = {
  readonly control: Control<V>;
  readonly name: FieldPath<V>;
  readonly label: string;
  readonly rules?: Omit<RegisterOptions<V>, 'valueAsNumber' | 'valueAsDate' | 'setValueAs' | 'disabled'>;
  readonly help?: ReactNode;
  readonly mono?: boolean;
} & Omit<TextFieldProps, 'name' | 'label' | 'control'>;

export function Field<V extends FieldValues>({ control, name, label, rules, help, mono = false, slotProps, children, ...rest }: FieldProps<V>): ReactElement {
  return (
    <Controller
      control={control}
      name={name}
      {...(rules === undefined ? {} : { rules })}
      render={({ field, fieldState }) => (
        <TextField
          {...rest}
          {...field}
          value={field.value ?? ''}
          inputRef={field.ref}
          label={label}
          fullWidth
          error={fieldState.invalid}
          helperText={fieldState.error?.message ?? help}
          slotProps={{ ...slotProps, htmlInput: { spellCheck: false, autoComplete: 'off', ...(mono ? { className: 'mono' } : {}), ...(slotProps?.htmlInput as object | undefined) } }}
        >
          {children}
        </TextField>
      )}
    />
  );
}

/** A rule from an identifier check: its own sentence, or nothing. An empty optional field passes. */
export const checked = (parse: (text: string) => Parsed<unknown>, optional = false) => (value: unknown): true | string => {
  const text = String(value ?? '').trim();
  if (text === '') return optional ? true : 'This is needed';
  const parsed = parse(text);
  return parsed.ok ? true : `${parsed.message}.`;
};

export const wholeNumber = (least: number, most: number) => (value: unknown): true | string => {
  const text = String(value ?? '').trim().replaceAll(/[\s,]/g, '');
  if (!/^\d+$/.test(text)) return 'A whole number is needed';
  const n = Number(text);
  return n >= least && n <= most ? true : `Between ${count(least)} and ${count(most)}`;
};
export { asNumber } from './form-numbers.ts';

/** Puts a refusal beside the field it names; answers whether a field took it. */
export function refusalToField<V extends FieldValues>(error: unknown, fields: Readonly<Record<string, FieldPath<V>>>, setError: UseFormSetError<V>): boolean {
  const problem = problemOf(error);
  const name = fields[problem.field ?? ''] ?? fields[problem.code];
  if (name === undefined) return false;
  setError(name, { type: problem.code, message: [problem.message, problem.hint].filter(Boolean).join(' ') }, { shouldFocus: true });
  return true;
}

/** Choice of a profile type with what is in stock of it. */
export function TypeField<V extends FieldValues>({ control, name, required = true, show = 'sellable', anyLabel }: { readonly control: Control<V>; readonly name: FieldPath<V>; readonly required?: boolean; readonly show?: 'sellable' | 'imported'; readonly anyLabel?: string }): ReactElement {
  const types = useDesk(contract.types.list, {});
  const rows = types.data?.rows ?? [];
  return (
    <Field
      control={control}
      name={name}
      label="Profile type"
      select
      rules={required ? { required: 'Choose a profile type' } : {}}
      help={types.data !== undefined && rows.length === 0 ? 'There is no profile type yet: import a template and create one first.' : undefined}
      slotProps={{ select: { displayEmpty: anyLabel !== undefined }, ...(anyLabel === undefined ? {} : { inputLabel: { shrink: true } }) }}
    >
      {anyLabel !== undefined && <MenuItem value="">{anyLabel}</MenuItem>}
      {rows.map((type) => (
        <MenuItem key={type.name} value={type.name} sx={{ display: 'flex', justifyContent: 'space-between', gap: 2 }}>
          {type.name}
          <Box component="span" sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem', ml: 2 })}>
            {count(type.stock[show])} {show}
          </Box>
        </MenuItem>
      ))}
    </Field>
  );
}

/** `even`: all parts as high as the highest. */
export function Columns({ children, count: columns = 2, even = false }: { readonly children: ReactNode; readonly count?: number; readonly even?: boolean }): ReactElement {
  return <Box sx={{ display: 'grid', gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`, gap: 1.75, alignItems: even ? 'stretch' : 'start' }}>{children}</Box>;
}
