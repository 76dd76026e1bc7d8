import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import FormControlLabel from '@mui/material/FormControlLabel';
import Radio from '@mui/material/Radio';
import RadioGroup from '@mui/material/RadioGroup';
import { contract } from '../../shared/contract/index.ts';
import { useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { Note, ProblemNote } from '../design/states.tsx';
import { Identifier, Muted } from '../design/text.tsx';

/** Cancels an order; the operator chooses what becomes of the profile and sees what that means. */
export function CancelDialog({ orderId, iccid, delivered, ended = false, unconfirmed = false, onClose }: { readonly orderId: string; readonly iccid: string; readonly delivered: boolean; readonly ended?: boolean; readonly unconfirmed?: boolean; readonly onClose: () => void }): ReactElement {
  const [finalState, setFinalState] = useState<'available' | 'unavailable'>(delivered ? 'unavailable' : 'available');
  const cancel = useDeskCommand(contract.orders.cancel);
  const toasts = useToasts();
  const run = (): void =>
    cancel.mutate(
      { orderId, finalState },
      {
        onSuccess: () => {
          toasts.done(finalState === 'available' ? `Order cancelled; ${iccid} is back in stock` : `Order cancelled; ${iccid} is out of use`);
          onClose();
        },
      },
    );
  return (
    <DeskDialog
      title="Cancel order"
      onClose={onClose}
      width={540}
      onSubmit={(event) => {
        event.preventDefault();
        run();
      }}
      actions={
        <>
          <Button onClick={onClose}>Keep the order</Button>
          <PrimaryButton submit danger busy={cancel.isPending}>
            Cancel order
          </PrimaryButton>
        </>
      }
    >
      <Identifier value={iccid} what="ICCID" group={4} />
      <Note tone={unconfirmed ? 'info' : 'warning'}>{unconfirmed ? 'The order has no activation code yet; nobody can have it.' : ended ? 'The order has ended; its activation code works no more.' : 'The activation code stops working at once, also where the user already has it.'}</Note>
      <RadioGroup aria-label="What becomes of the profile" value={finalState} onChange={(_, value) => setFinalState(value === 'unavailable' ? 'unavailable' : 'available')} sx={{ gap: 1 }}>
        <Option value="available" disabled={delivered} title="Back to stock" text={delivered ? 'Not possible: the package was delivered to a device once, so its keys must not be sold again.' : 'The profile can be ordered again, with a new code.'} />
        <Option value="unavailable" title="Out of use" text="The profile is never sold again. Choose this when the code or the device is suspect." />
      </RadioGroup>
      <ProblemNote error={cancel.error} />
    </DeskDialog>
  );
}

function Option({ value, title, text, disabled = false }: { readonly value: string; readonly title: string; readonly text: string; readonly disabled?: boolean }): ReactElement {
  return (
    <FormControlLabel
      value={value}
      disabled={disabled}
      control={<Radio size="small" />}
      sx={{ alignItems: 'flex-start', m: 0, '& .MuiRadio-root': { p: '2px 8px 2px 0' } }}
      label={
        <Box>
          <Box sx={{ fontWeight: 500 }}>{title}</Box>
          <Muted>{text}</Muted>
        </Box>
      }
    />
  );
}
