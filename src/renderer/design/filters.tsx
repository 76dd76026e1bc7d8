/** The row above a list: free text, one chip per axis, columns. */
import { useId, useRef, useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import InputAdornment from '@mui/material/InputAdornment';
import IconButton from '@mui/material/IconButton';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import ArrowDropDown from '@mui/icons-material/ArrowDropDown';
import CheckBox from '@mui/icons-material/CheckBox';
import CheckBoxOutlineBlank from '@mui/icons-material/CheckBoxOutlineBlank';
import Close from '@mui/icons-material/Close';
import Search from '@mui/icons-material/Search';
import { listFilterId } from './ids.ts';
import { Status, type Look } from './status.tsx';

export interface FilterOption {
  readonly value: string;
  readonly look?: Look;
  readonly label?: string;
}

export function FilterChip({ name, options, chosen, onChange, single = false }: { readonly name: string; readonly options: readonly FilterOption[]; readonly chosen: readonly string[]; readonly onChange: (chosen: string[]) => void; readonly single?: boolean }): ReactElement {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const id = useId();
  const labelOf = (value: string): string => {
    const option = options.find((o) => o.value === value);
    return option?.label ?? option?.look?.word ?? value;
  };
  const on = chosen.length > 0;
  const summary = chosen.length <= 2 ? chosen.map(labelOf).join(', ') : `${chosen.length} chosen`;
  return (
    <Box sx={{ display: 'inline-flex' }}>
      <Button
        variant="outlined"
        aria-haspopup="menu"
        aria-expanded={anchor !== null}
        aria-controls={anchor === null ? undefined : id}
        onClick={(event) => setAnchor(event.currentTarget)}
        endIcon={on ? undefined : <ArrowDropDown />}
        sx={(theme) => ({
          '& .MuiButton-endIcon': { ml: '2px', mr: '-6px' }, fontWeight: 400, borderColor: on ? theme.desk.accent : theme.desk.line, background: on ? theme.desk.accentSoft : theme.desk.surface, color: on ? theme.desk.text : theme.desk.muted,
          ...(on ? { borderTopRightRadius: 0, borderBottomRightRadius: 0, borderRightWidth: 0 } : {}),
        })}
      >
        {name}
        {on && <Box component="span" sx={{ fontWeight: 600 }}>: {summary}</Box>}
      </Button>
      {on && (
        <IconButton
          aria-label={`Remove filter ${name}`}
          onClick={() => onChange([])}
          sx={(theme) => ({ border: `1px solid ${theme.desk.accent}`, borderLeft: 0, borderRadius: '0 5px 5px 0', background: theme.desk.accentSoft, color: theme.desk.text, minWidth: 26 })}
        >
          <Close sx={{ fontSize: '0.9rem' }} />
        </IconButton>
      )}
      <Menu id={id} anchorEl={anchor} open={anchor !== null} onClose={() => setAnchor(null)} slotProps={{ list: { dense: true, 'aria-label': name } }}>
        {options.length === 0 && <MenuItem disabled>Nothing to choose from yet</MenuItem>}
        {options.map((option) => {
          const selected = chosen.includes(option.value);
          return (
            <MenuItem
              key={option.value}
              role="menuitemcheckbox"
              aria-checked={selected}
              onClick={() => {
                if (single) {
                  onChange(selected ? [] : [option.value]);
                  setAnchor(null);
                } else onChange(selected ? chosen.filter((v) => v !== option.value) : [...chosen, option.value]);
              }}
            >
              {!single && <Tick on={selected} />}
              {option.look === undefined ? labelOf(option.value) : <Status look={{ tone: option.look.tone, icon: option.look.icon, word: option.look.word }} />}
            </MenuItem>
          );
        })}
      </Menu>
    </Box>
  );
}

/** The state of a menu item as a picture; the item itself says it in words (`aria-checked`). */
function Tick({ on }: { readonly on: boolean }): ReactElement {
  const Icon = on ? CheckBox : CheckBoxOutlineBlank;
  return <Icon aria-hidden sx={(theme) => ({ mr: 1, color: on ? theme.desk.accent : theme.desk.lineStrong })} />;
}

export function TextFilter({ value, onChange, label, placeholder, width = 290 }: { readonly value: string; readonly onChange: (text: string) => void; readonly label: string; readonly placeholder: string; readonly width?: number }): ReactElement {
  const field = useRef<HTMLInputElement>(null);
  return (
    <TextField
      id={listFilterId}
      inputRef={field}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') {
          event.preventDefault();
          if (value !== '') onChange('');
          else field.current?.blur();
        }
        if (event.key === 'Enter' || event.key === 'ArrowDown') {
          event.preventDefault();
          document.querySelector<HTMLElement>('[role="grid"]')?.focus();
        }
      }}
      placeholder={placeholder}
      sx={{ width }}
      slotProps={{
        htmlInput: { 'aria-label': label, spellCheck: false, autoComplete: 'off', maxLength: 400 },
        input: {
          startAdornment: (
            <InputAdornment position="start">
              <Search sx={(theme) => ({ color: theme.desk.muted })} />
            </InputAdornment>
          ),
          endAdornment:
            value === '' ? undefined : (
              <IconButton aria-label="Clear text" onClick={() => onChange('')} sx={{ p: '4px', minWidth: 24, minHeight: 24, mr: '-6px' }}>
                <Close sx={{ fontSize: '0.95rem' }} />
              </IconButton>
            ),
        },
      }}
    />
  );
}
