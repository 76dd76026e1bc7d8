/** Widths of columns that stand at constant places: as found, or as a person gives them. */
import { useEffect, useState, type ReactElement } from 'react';
import TextField from '@mui/material/TextField';

/** Whole numbers with blanks or commas between; undefined for anything else. */
export function readWidths(text: string): number[] | undefined {
  const parts = text.trim().split(/[\s,;]+/).filter((part) => part !== '');
  const widths = parts.map(Number);
  return widths.length > 0 && widths.length <= 200 && parts.every((part) => /^\d{1,4}$/.test(part)) && widths.every((width) => width >= 1 && width <= 1000) ? widths : undefined;
}

export function ColumnWidths({ widths, onChange }: { readonly widths: readonly number[]; readonly onChange: (widths: number[]) => void }): ReactElement {
  const kept = widths.join(' ');
  const [text, setText] = useState(kept);
  useEffect(() => setText(kept), [kept]);
  const read = readWidths(text);
  const send = (): void => {
    if (read !== undefined && read.join(' ') !== kept) onChange(read);
  };
  return (
    <TextField
      label="Characters of each column"
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={send}
      onKeyDown={(event) => {
        if (event.key === 'Enter') send();
      }}
      error={read === undefined}
      helperText={read === undefined ? 'Whole numbers with blanks between, such as 20 16 9.' : 'From the first column to the last, the blanks behind its values counted with it.'}
      sx={{ gridColumn: '1 / -1' }}
      slotProps={{ htmlInput: { className: 'mono', spellCheck: false } }}
    />
  );
}
