/** Asks before a screen is left with something on it that would be lost. */
import { useEffect, type ReactElement } from 'react';
import Button from '@mui/material/Button';
import { useBlocker } from 'react-router';
import { DeskDialog, PrimaryButton } from './dialog.tsx';

export function LoseGuard({ when, what }: { readonly when: boolean; readonly what: string }): ReactElement | null {
  useEffect(() => {
    if (!when) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [when]);
  return when ? <Guard what={what} /> : null;
}

function Guard({ what }: { readonly what: string }): ReactElement | null {
  const blocker = useBlocker(({ currentLocation, nextLocation }) => currentLocation.pathname !== nextLocation.pathname || currentLocation.search !== nextLocation.search);
  if (blocker.state !== 'blocked') return null;
  return (
    <DeskDialog
      title="Leave without keeping it?"
      onClose={blocker.reset}
      width={440}
      actions={
        <>
          <Button onClick={blocker.proceed}>Leave</Button>
          <PrimaryButton onClick={blocker.reset}>Stay</PrimaryButton>
        </>
      }
    >
      {what}
    </DeskDialog>
  );
}
