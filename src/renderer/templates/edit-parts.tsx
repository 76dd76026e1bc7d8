/** Small pieces every section of the editor is made of. */
import type { ReactElement, ReactNode } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import TextField from '@mui/material/TextField';
import Add from '@mui/icons-material/Add';
import ArrowDownward from '@mui/icons-material/ArrowDownward';
import ArrowUpward from '@mui/icons-material/ArrowUpward';
import DeleteOutlined from '@mui/icons-material/DeleteOutlined';
import type { TemplateEditInput } from '../../shared/contract/template-edit.ts';
import type { TemplatePresent } from '../../shared/contract/template-present.ts';
import { Note } from '../design/states.tsx';
import { Muted } from '../design/text.tsx';

/** What a section sees: today's values, and its own pending edits by key. */
export interface EditDesk {
  readonly present: TemplatePresent;
  /** The pending edit of a key, or what stands for today's values. */
  value<K extends TemplateEditInput['kind']>(kind: K, key?: string): Extract<TemplateEditInput, { kind: K }>;
  /** Takes an edit into the list; one that says what is there already leaves it. */
  put(edit: TemplateEditInput): void;
  remove(key: string): void;
  pending(key: string): TemplateEditInput | undefined;
  /** What is wrong with the edit of a key. */
  problem(key: string): string | undefined;
}

/** A part of a section with the sentence that stands against it. */
export function Part({ title, note, problem, changed = false, children }: { readonly title: string; readonly note?: ReactNode; readonly problem?: string | undefined; readonly changed?: boolean; readonly children: ReactNode }): ReactElement {
  return (
    <Box component="section" aria-label={title} sx={(theme) => ({ background: theme.desk.surface, border: `1px solid ${problem === undefined ? theme.desk.line : theme.desk.danger}`, borderRadius: '8px', p: '12px 16px 14px', minWidth: 0 })}>
      <Box sx={{ display: 'flex', gap: 1, alignItems: 'baseline', mb: 1, flexWrap: 'wrap' }}>
        <Box component="h3" sx={{ m: 0, fontSize: '0.875rem', fontWeight: 600 }}>
          {title}
        </Box>
        {changed && <Box component="span" sx={(theme) => ({ fontSize: '0.6875rem', px: '6px', borderRadius: '4px', background: theme.desk.accentSoft, color: theme.desk.accentText })}>changed</Box>}
        {note !== undefined && <Muted>{note}</Muted>}
      </Box>
      {problem !== undefined && (
        <Box role="alert" sx={{ mb: 1.5 }}>
          <Note tone="danger">{problem}</Note>
        </Box>
      )}
      {children}
    </Box>
  );
}

export function Missing({ children }: { readonly children: ReactNode }): ReactElement {
  return <Note tone="info">{children}</Note>;
}

/** `shown`: a shorter label for the eye. */
export function Text({ label, shown = label, value, onChange, help, mono = false, width, hidden = false }: { readonly label: string; readonly shown?: string; readonly value: string; readonly onChange: (text: string) => void; readonly help?: string; readonly mono?: boolean; readonly width?: number; readonly hidden?: boolean }): ReactElement {
  return (
    <TextField
      {...(hidden ? {} : { label: shown })} value={value} onChange={(event) => onChange(event.target.value)} helperText={help} sx={width === undefined ? { flex: 1, minWidth: 120 } : { width }}
      slotProps={{ htmlInput: { 'aria-label': label, spellCheck: false, autoComplete: 'off', ...(mono ? { className: 'mono' } : {}) } }}
    />
  );
}

/** Up, down and away for one row of a list. */
export function RowTools({ what, first, last, onMove, onRemove }: { readonly what: string; readonly first: boolean; readonly last: boolean; readonly onMove?: (by: -1 | 1) => void; readonly onRemove: () => void }): ReactElement {
  return (
    <Box component="span" sx={{ display: 'inline-flex', flexShrink: 0 }}>
      {onMove !== undefined && (
        <>
          <IconButton aria-label={`Move ${what} up`} disabled={first} onClick={() => onMove(-1)}><ArrowUpward sx={{ fontSize: '1rem' }} /></IconButton>
          <IconButton aria-label={`Move ${what} down`} disabled={last} onClick={() => onMove(1)}><ArrowDownward sx={{ fontSize: '1rem' }} /></IconButton>
        </>
      )}
      <IconButton aria-label={`Remove ${what}`} onClick={onRemove}><DeleteOutlined sx={{ fontSize: '1rem' }} /></IconButton>
    </Box>
  );
}

export function AddButton({ children, onClick }: { readonly children: string; readonly onClick: () => void }): ReactElement {
  return (
    <Button variant="outlined" startIcon={<Add />} onClick={onClick} sx={{ mt: 1, display: 'flex' }}>
      {children}
    </Button>
  );
}

export function Tick({ label, on, onChange, disabled = false }: { readonly label: ReactNode; readonly on: boolean; readonly onChange: (on: boolean) => void; readonly disabled?: boolean }): ReactElement {
  return (
    <Box component="label" sx={{ display: 'flex', gap: '8px', alignItems: 'flex-start', minHeight: 26, py: '3px', cursor: disabled ? 'default' : 'pointer' }}>
      <Box component="input" type="checkbox" checked={on} disabled={disabled} onChange={(event) => onChange(event.target.checked)} sx={(theme) => ({ width: 16, height: 16, m: 0, mt: '2px', accentColor: theme.desk.accent, flexShrink: 0 })} />
      <span>{label}</span>
    </Box>
  );
}
