import { useId, type FormEvent, type ReactElement, type ReactNode } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import IconButton from '@mui/material/IconButton';
import Close from '@mui/icons-material/Close';

export interface DeskDialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly width?: number;
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  readonly onSubmit?: (event: FormEvent) => void;
}

/** A dialog with one question. With `onSubmit` it is a form, and Enter answers it. */
export function DeskDialog({ title, onClose, children, width = 560, actions, note, onSubmit }: DeskDialogProps): ReactElement {
  const id = useId();
  const content = (
    <>
      <DialogTitle id={id} component="h2" sx={{ display: 'flex', alignItems: 'center', gap: 1 }}>
        <Box component="span" sx={{ flex: 1 }}>
          {title}
        </Box>
        <IconButton aria-label="Close" onClick={onClose} sx={{ mr: '-6px' }}>
          <Close />
        </IconButton>
      </DialogTitle>
      <DialogContent sx={{ pt: '8px !important', display: 'flex', flexDirection: 'column', gap: 1.75 }}>{children}</DialogContent>
      {actions !== undefined && (
        <DialogActions>
          {note !== undefined && <Box sx={(theme) => ({ flex: 1, color: theme.desk.muted, fontSize: '0.75rem' })}>{note}</Box>}
          {actions}
        </DialogActions>
      )}
    </>
  );
  return (
    <Dialog open onClose={onClose} aria-labelledby={id} slotProps={{ paper: { sx: { width, maxWidth: 'calc(100vw - 48px)', overflow: 'hidden' } } }} maxWidth={false}>
      {onSubmit === undefined ? (
        content
      ) : (
        <form
          noValidate
          onSubmit={onSubmit}
          // The form stands between paper and content: it hands the paper's column layout and height limit on.
          className="desk-form"
        >
          <Box sx={{ display: 'flex', flexDirection: 'column', minHeight: 0, maxHeight: 'calc(100vh - 66px)' }}>{content}</Box>
        </form>
      )}
    </Dialog>
  );
}

/**
 * While it works the button keeps its focus and takes no click: a disabled one would throw the focus out of the dialog, and Escape
 * would no longer reach it.
 */
export function PrimaryButton({ children, busy = false, disabled = false, onClick, submit = false, danger = false }: { readonly children: ReactNode; readonly busy?: boolean; readonly disabled?: boolean; readonly onClick?: () => void; readonly submit?: boolean; readonly danger?: boolean }): ReactElement {
  return (
    <Button
      variant="contained" color={danger ? 'error' : 'primary'} type={submit ? 'submit' : 'button'} disabled={disabled} aria-busy={busy} aria-disabled={busy || undefined}
      sx={busy ? { opacity: 0.6, cursor: 'default' } : {}}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.();
      }}
    >
      {busy ? 'Working…' : children}
    </Button>
  );
}
