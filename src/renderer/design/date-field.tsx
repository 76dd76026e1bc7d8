/** A day, typed as it is shown in every list: `2026-12-01`. The browser's own date field follows its own language instead. */
import { useState, type ReactElement } from 'react';
import TextField, { type TextFieldProps } from '@mui/material/TextField';
import { dateProblem, isDate } from './date-text.ts';

interface DateFieldProps extends Omit<TextFieldProps, 'value' | 'onChange' | 'type' | 'error'> {
  readonly value: string;
  /** With every key: `whole` when it is a day, or nothing. */
  readonly onChange: (text: string, whole: boolean) => void;
  /** A time of the day as well: `2026-12-01 14:30`, told with a `T` between. */
  readonly time?: boolean;
  /** Beyond what is wrong with the date itself. */
  readonly problem?: string | undefined;
}

export function DateField({ value, onChange, time = false, problem, helperText, slotProps, ...rest }: DateFieldProps): ReactElement {
  const [typed, setTyped] = useState(value);
  const [told, setTold] = useState(value);
  const [left, setLeft] = useState(false);
  // Another value from outside stands; half a date that was never told stays as it is typed.
  if (value !== told) {
    setTold(value);
    if (value !== typed.trim().replace(' ', 'T') && value !== typed && (value !== '' || isDate(typed, time))) setTyped(value);
  }
  const text = typed.trim();
  // While it is being typed nothing is wrong with half a date.
  const wrong = problem ?? (left || text.length >= (time ? 16 : 10) ? dateProblem(text, time) : undefined);
  return (
    <TextField
      {...rest}
      value={typed}
      placeholder={time ? 'YYYY-MM-DD HH:MM' : 'YYYY-MM-DD'}
      error={wrong !== undefined}
      helperText={wrong ?? helperText}
      onFocus={() => setLeft(false)}
      onBlur={() => setLeft(true)}
      onChange={(event) => {
        setTyped(event.target.value);
        const next = event.target.value.trim();
        onChange(time ? next.replace(' ', 'T') : next, next === '' || isDate(next, time));
      }}
      slotProps={{ ...slotProps, inputLabel: { shrink: true }, htmlInput: { autoComplete: 'off', spellCheck: false, maxLength: 18, ...(slotProps?.htmlInput as object | undefined) } }}
    />
  );
}
