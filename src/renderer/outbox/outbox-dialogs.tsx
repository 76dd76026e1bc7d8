import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useForm } from 'react-hook-form';
import { outbox, type OutboxRow } from '../../shared/contract/outbox.ts';
import { useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { Field } from '../design/form.tsx';
import { count, plural } from '../design/formats.ts';
import { Note, ProblemNote } from '../design/states.tsx';

export interface AllDead {
  readonly dead?: number;
  readonly brand?: string;
}

/** Some messages, or all dead ones (of a brand). */
export function ReplayDialog({ messages, all, onClose }: { readonly messages?: readonly OutboxRow[]; readonly all?: AllDead; readonly onClose: () => void }): ReactElement {
  const replay = useDeskCommand(outbox.replay);
  const toasts = useToasts();
  const whose = all?.brand === undefined ? '' : ` for ${all.brand}`;
  const dead = messages?.filter((m) => m.state !== 'waiting').length ?? 1;
  const waiting = messages?.filter((m) => m.state === 'waiting').length ?? 0;
  const title = messages === undefined ? `Send ${all?.dead === undefined ? 'all' : `all ${count(all.dead)}`} dead messages${whose} again?` : dead === 0 ? `Try ${plural(messages.length, 'message')} now?` : `Send ${plural(messages.length, 'message')} again?`;
  return (
    <DeskDialog
      title={title}
      onClose={onClose}
      width={540}
      onSubmit={(event) => {
        event.preventDefault();
        replay.mutate(messages === undefined ? { allDead: true, ...(all?.brand === undefined ? {} : { brand: all.brand }) } : { ids: messages.map((m) => m.id).slice(0, 1_000) }, {
          onSuccess: ({ replayed }) => {
            toasts.done(dead === 0 ? `${plural(replayed, 'message')} will be tried now` : `${plural(replayed, 'message')} will be sent again`);
            onClose();
          },
        });
      }}
      note="Recorded in the audit log."
      actions={
        <>
          <Button onClick={onClose}>Back</Button>
          <PrimaryButton submit busy={replay.isPending}>
            {dead === 0 ? 'Try now' : 'Send again'}
          </PrimaryButton>
        </>
      }
    >
      {messages !== undefined && <Some messages={messages} />}
      <Note tone="info">{dead > 0 && `${waiting > 0 ? 'Dead ones' : 'They'} start over with their first attempt, oldest first. `}{waiting > 0 && `${dead > 0 ? 'Waiting ones do' : messages?.length === 1 ? 'It does' : 'They do'} not wait for the next attempt any longer. `}The receiver sees the same call identifier as before, so that a message it took already is not counted twice.</Note>
      <ProblemNote error={replay.error} />
    </DeskDialog>
  );
}

export function DiscardDialog({ messages, onClose }: { readonly messages: readonly OutboxRow[]; readonly onClose: () => void }): ReactElement {
  const form = useForm<{ reason: string }>({ defaultValues: { reason: '' } });
  const discard = useDeskCommand(outbox.discard);
  const toasts = useToasts();
  const [refusal, setRefusal] = useState<unknown>();
  const submit = ({ reason }: { reason: string }): void =>
    discard.mutate({ ids: messages.map((m) => m.id).slice(0, 1_000), reason: reason.trim() }, {
      onSuccess: ({ discarded }) => {
        toasts.done(`${plural(discarded, 'message')} discarded`);
        onClose();
      },
      onError: setRefusal,
    });
  const waiting = messages.filter((m) => m.state === 'waiting').length;
  return (
    <DeskDialog
      title={`Discard ${plural(messages.length, 'message')}?`}
      onClose={onClose}
      width={540}
      onSubmit={(event) => void form.handleSubmit(submit)(event)}
      actions={
        <>
          <Button onClick={onClose}>Back</Button>
          <PrimaryButton submit danger busy={discard.isPending}>
            Discard
          </PrimaryButton>
        </>
      }
    >
      <Some messages={messages} />
      <Note tone="warning">The receiver is never told of {messages.length === 1 ? 'it' : 'them'}; this cannot be undone.{waiting > 0 && ` ${count(waiting)} of them still ${waiting === 1 ? 'waits' : 'wait'} for an attempt.`}</Note>
      <Field control={form.control} name="reason" label="Reason" autoFocus multiline minRows={2} help="Goes into the audit log." rules={{ validate: (v) => (String(v).trim().length >= 3 && String(v).trim().length <= 200 ? true : 'Between 3 and 200 characters') }} />
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}

const shown = 4;

function Some({ messages }: { readonly messages: readonly OutboxRow[] }): ReactElement {
  return (
    <Box component="ul" sx={{ m: 0, pl: '18px' }}>
      {messages.slice(0, shown).map((m) => (
        <li key={m.id}>{m.summary}</li>
      ))}
      {messages.length > shown && <li>and {count(messages.length - shown)} more</li>}
    </Box>
  );
}
