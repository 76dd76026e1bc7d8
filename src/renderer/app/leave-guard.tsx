/** Asks before a change of screen throws away what was typed into a dialog. */
import { useEffect, useState, type ReactElement } from 'react';
import Button from '@mui/material/Button';
import { useBlocker } from 'react-router';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import type { DialogRequest } from './dialogs.tsx';

/** Dialogs in which nothing can be lost. */
const nothingToLose: readonly DialogRequest['kind'][] = ['palette', 'shortcuts', 'job'];

/** Whether something was typed, chosen or dropped in the dialog that is open. Choices of a list are not events of a field. */
function useEdited(request: DialogRequest): boolean {
  const [edited, set] = useState(false);
  useEffect(() => {
    set(false);
    if (nothingToLose.includes(request.kind)) return;
    const note = (event: Event): void => {
      const at = event.target instanceof Element ? event.target : undefined;
      if (at === undefined || (event.type === 'click' && at.closest('[role="option"], [aria-pressed]') === null)) return;
      if (at.closest('[role="dialog"], [role="listbox"]') !== null) set(true);
    };
    const kinds = ['input', 'change', 'drop', 'click'] as const;
    for (const kind of kinds) document.addEventListener(kind, note, true);
    return () => {
      for (const kind of kinds) document.removeEventListener(kind, note, true);
    };
  }, [request]);
  return edited;
}

/** `isOpen` answers at once, also between a dialog's own "done" and the next drawing: what was sent is not lost by leaving. */
export function LeaveGuard({ request, isOpen }: { readonly request: DialogRequest; readonly isOpen: () => boolean }): ReactElement | null {
  return useEdited(request) ? <Guard isOpen={isOpen} /> : null;
}

function Guard({ isOpen }: { readonly isOpen: () => boolean }): ReactElement | null {
  const blocker = useBlocker(({ currentLocation, nextLocation }) => isOpen() && currentLocation.pathname !== nextLocation.pathname);
  if (blocker.state !== 'blocked') return null;
  return (
    <DeskDialog
      title="Leave this dialog?"
      onClose={blocker.reset}
      width={440}
      actions={
        <>
          <Button onClick={blocker.proceed}>Leave</Button>
          <PrimaryButton onClick={blocker.reset}>Stay</PrimaryButton>
        </>
      }
    >
      What was entered is not saved yet, and is lost with a change of screen.
    </DeskDialog>
  );
}
