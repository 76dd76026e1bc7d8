/** The row above the inventory: views, text, one chip per condition, and a way to add another. */
import { useMemo, useState, type ReactElement, type ReactNode } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import Popover from '@mui/material/Popover';
import TextField from '@mui/material/TextField';
import Add from '@mui/icons-material/Add';
import ArrowDropDown from '@mui/icons-material/ArrowDropDown';
import Close from '@mui/icons-material/Close';
import type { Condition, FieldName, ProfileFilter } from '../../shared/contract/profile-filter.ts';
import type { Filters } from '../design/use-filters.ts';
import { TextFilter } from '../design/filters.tsx';
import { ConditionEditor } from './condition-editor.tsx';
import type { Chip } from './filter.ts';
import { conditionWords, fieldGroups, fieldKeywords, fieldNames } from './filter-words.ts';
import { valueWord } from './value-options.ts';

/** Offered without being set: what most lists are narrowed by. */
const quick: readonly FieldName[] = ['type', 'stock', 'order'];

export const addFilterId = 'add-filter';

interface BarProps {
  readonly filters: Filters;
  readonly filter: ProfileFilter;
  readonly chips: readonly Chip[];
  readonly onChip: (id: string | undefined, condition: Condition | undefined) => void;
  readonly views: ReactNode;
  readonly children: ReactNode;
}

interface Editing {
  readonly anchor: HTMLElement;
  readonly field: FieldName | undefined;
  /** Chip as it stood when it was opened; a new one has none until its first value. */
  readonly id: string | undefined;
}

export function FilterBar({ filters, filter, chips, onChip, views, children }: BarProps): ReactElement {
  const [editing, setEditing] = useState<Editing | undefined>();
  const open = editing !== undefined;
  const chip = editing?.field === undefined ? undefined : chips.find((c) => c.id === editing.id) ?? (editing.id === undefined ? undefined : chips.find((c) => c.condition.field === editing.field));
  const change = (condition: Condition | undefined): void => {
    if (editing?.field === undefined) return;
    onChip(chip?.id, condition);
    // A chip may move between the plain members of the address and `where`; it is found again by its field.
    setEditing({ ...editing, id: condition === undefined ? undefined : (chip?.id ?? 'new') });
  };
  const unset = quick.filter((field) => !chips.some((c) => c.condition.field === field));
  const close = (): void => setEditing(undefined);
  return (
    <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'center' }} role="search" aria-label="Filter the inventory">
      {views}
      <TextFilter value={filters.text} onChange={filters.setText} label="Beginning or end of ICCID, IMSI, MSISDN or EID, MatchingID, batch or import" placeholder="Start or end of any number" width={216} />
      {chips.map((c) => <ConditionChip key={c.id} chip={c} onOpen={(anchor) => setEditing({ anchor, field: c.condition.field, id: c.id })} onRemove={() => onChip(c.id, undefined)} />)}
      {unset.map((field) => (
        <Button key={field} variant="outlined" aria-haspopup="dialog" endIcon={<ArrowDropDown />} onClick={(event) => setEditing({ anchor: event.currentTarget, field, id: undefined })} sx={(theme) => ({ fontWeight: 400, color: theme.desk.muted, borderColor: theme.desk.line, '& .MuiButton-endIcon': { ml: '2px', mr: '-6px' } })}>
          {fieldNames[field]}
        </Button>
      ))}
      <Button id={addFilterId} variant="outlined" aria-haspopup="dialog" startIcon={<Add />} onClick={(event) => setEditing({ anchor: event.currentTarget, field: undefined, id: undefined })} sx={(theme) => ({ fontWeight: 400, color: theme.desk.muted, borderColor: theme.desk.line, borderStyle: 'dashed' })}>
        Filter
      </Button>
      {(chips.length > 1 || (chips.length > 0 && filters.text !== '')) && <Button onClick={filters.clear}>Clear</Button>}
      <Box sx={{ flex: 1 }} />
      {children}
      <Popover open={open} anchorEl={editing?.anchor ?? null} onClose={close} anchorOrigin={{ vertical: 'bottom', horizontal: 'left' }} slotProps={{ paper: { role: 'dialog', 'aria-label': editing?.field === undefined ? 'Add a filter' : `Filter by ${fieldNames[editing.field]}`, sx: { width: 330, maxHeight: '76vh', mt: '4px', display: 'flex', flexDirection: 'column' } } }}>
        {editing !== undefined && editing.field === undefined && <FieldMenu onChoose={(field) => setEditing({ ...editing, field })} />}
        {editing?.field !== undefined && <ConditionEditor key={editing.field} field={editing.field} condition={chip?.condition} filter={filter} onChange={change} onDone={close} />}
      </Popover>
    </Box>
  );
}

function ConditionChip({ chip: { condition }, onOpen, onRemove }: { readonly chip: Chip; readonly onOpen: (anchor: HTMLElement) => void; readonly onRemove: () => void }): ReactElement {
  const { op, value } = conditionWords(condition, (v) => valueWord(condition.field, v));
  const name = fieldNames[condition.field];
  return (
    <Box sx={{ display: 'inline-flex', maxWidth: '100%' }}>
      <Button
        variant="outlined"
        aria-haspopup="dialog"
        onClick={(event) => onOpen(event.currentTarget)}
        sx={(theme) => ({ fontWeight: 400, borderColor: theme.desk.accent, background: theme.desk.accentSoft, color: theme.desk.text, borderTopRightRadius: 0, borderBottomRightRadius: 0, borderRightWidth: 0, minWidth: 0 })}
      >
        {name}
        {op === '' ? ':' : <Box component="span" sx={(theme) => ({ color: theme.desk.muted, ml: '5px' })}>{op}</Box>}
        {value !== '' && <Box component="span" sx={{ fontWeight: 600, ml: '5px', overflow: 'hidden', textOverflow: 'ellipsis', maxWidth: 260 }}>{value}</Box>}
      </Button>
      <IconButton aria-label={`Remove filter ${name}`} onClick={onRemove} sx={(theme) => ({ border: `1px solid ${theme.desk.accent}`, borderLeft: 0, borderRadius: '0 5px 5px 0', background: theme.desk.accentSoft, color: theme.desk.text, minWidth: 26 })}>
        <Close sx={{ fontSize: '0.9rem' }} />
      </IconButton>
    </Box>
  );
}

/** Any part of a name, and the beginnings of the words it is also known by: "icc" is the ICCID, not the eUICC of a device. */
function fits(field: FieldName, wanted: string): boolean {
  return fieldNames[field].toLowerCase().includes(wanted) || ` ${fieldKeywords[field] ?? ''}`.toLowerCase().includes(` ${wanted}`);
}

/** Every field a list can be narrowed by, found by typing. */
function FieldMenu({ onChoose }: { readonly onChoose: (field: FieldName) => void }): ReactElement {
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const wanted = typed.trim().toLowerCase();
  const groups = useMemo(() => fieldGroups.map(([title, fields]) => [title, fields.filter((field) => fits(field, wanted))] as const).filter(([, fields]) => fields.length > 0), [wanted]);
  const flat = groups.flatMap(([, fields]) => fields);
  const current = flat[Math.min(at, flat.length - 1)];
  return (
    <>
      <Box sx={(theme) => ({ p: '10px 12px', borderBottom: `1px solid ${theme.desk.line}` })}>
        <TextField
          autoFocus value={typed} fullWidth placeholder="Narrow by…"
          onChange={(event) => {
            setTyped(event.target.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
              event.preventDefault();
              setAt((was) => Math.max(0, Math.min(flat.length - 1, was + (event.key === 'ArrowDown' ? 1 : -1))));
            }
            if (event.key === 'Enter' && current !== undefined) {
              event.preventDefault();
              onChoose(current);
            }
          }}
          slotProps={{ htmlInput: { 'aria-label': 'Find a filter', role: 'combobox', 'aria-expanded': true, 'aria-controls': 'filter-fields', ...(current === undefined ? {} : { 'aria-activedescendant': `filter-field-${current}` }), spellCheck: false, autoComplete: 'off' } }}
        />
      </Box>
      <Box id="filter-fields" role="listbox" aria-label="Filters" sx={{ overflow: 'auto', py: '4px' }}>
        {groups.map(([title, fields]) => (
          <Box key={title} role="group" aria-label={title}>
            <Box aria-hidden sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem', p: '6px 12px 2px' })}>{title}</Box>
            {fields.map((field) => (
              <Box key={field} id={`filter-field-${field}`} role="option" aria-selected={field === current} onClick={() => onChoose(field)} sx={(theme) => ({ px: '12px', minHeight: 28, display: 'flex', alignItems: 'center', cursor: 'pointer', background: field === current ? theme.desk.selected : 'transparent', '&:hover': { background: field === current ? theme.desk.selected : theme.desk.hover } })}>
                {fieldNames[field]}
              </Box>
            ))}
          </Box>
        ))}
        {flat.length === 0 && <Box sx={(theme) => ({ color: theme.desk.muted, p: '6px 12px 10px' })}>No filter is called so.</Box>}
      </Box>
    </>
  );
}
