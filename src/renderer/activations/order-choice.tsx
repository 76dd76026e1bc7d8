import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { Controller, type Control, type FieldPath, type FieldValues } from 'react-hook-form';

/** One of a few, as buttons in a row with the question before them. */
export function Choice<V extends FieldValues>({ control, name, label, options }: { readonly control: Control<V>; readonly name: FieldPath<V>; readonly label: string; readonly options: readonly (readonly [string, string])[] }): ReactElement {
  return (
    <Controller
      control={control}
      name={name}
      render={({ field }) => (
        <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.5 }}>
          <Box component="span" aria-hidden sx={(theme) => ({ color: theme.desk.muted })}>
            {label}
          </Box>
          <ToggleButtonGroup exclusive size="small" value={field.value as string} aria-label={label} onChange={(_, next: string | null) => next !== null && field.onChange(next)}>
            {options.map(([value, text]) => (
              <ToggleButton key={value} value={value} sx={{ px: '12px', py: '4px', textTransform: 'none' }}>
                {text}
              </ToggleButton>
            ))}
          </ToggleButtonGroup>
        </Box>
      )}
    />
  );
}
