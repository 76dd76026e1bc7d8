/** One block: what it holds, when it ends, and what can be done with it. */
import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import MenuItem from '@mui/material/MenuItem';
import { useForm } from 'react-hook-form';
import { contract } from '../../shared/contract/index.ts';
import type { OutputOf } from '../../shared/contract/define.ts';
import type { BlockState } from '../../shared/contract/numbers.ts';
import { useDesk, useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { Field, refusalToField } from '../design/form.tsx';
import { count, plural } from '../design/formats.ts';
import { Pairs } from '../design/panel.tsx';
import { LoadingRows, Note, Problem, ProblemNote } from '../design/states.tsx';
import { Badge } from '../design/status.tsx';
import { Identifier, Moment, Muted } from '../design/text.tsx';
import { blockLook, daysOf, forecastBasis, kindName, sourceName, useText } from './number-words.ts';
import { UseBar } from './use-bar.tsx';

type Block = OutputOf<typeof contract.numbers.block>;
type Doing = 'split' | 'assign' | BlockState;

export function BlockDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }): ReactElement {
  const found = useDesk(contract.numbers.block, { id });
  const [doing, setDoing] = useState<Doing | undefined>();
  const back = (): void => setDoing(undefined);
  if (found.isError) return <DeskDialog title="Block of numbers" onClose={onClose}><Problem error={found.error} what="The block" retry={() => void found.refetch()} /></DeskDialog>;
  if (found.data === undefined) return <DeskDialog title="Block of numbers" onClose={onClose}><LoadingRows rows={6} /></DeskDialog>;
  const block = found.data;
  if (doing === 'split') return <Split block={block} onDone={back} onClose={onClose} />;
  if (doing === 'assign') return <Assign block={block} onDone={back} onClose={onClose} />;
  if (doing !== undefined) return <SetState block={block} state={doing} onDone={back} onClose={onClose} />;
  const { forecast } = block;
  return (
    <DeskDialog
      title={`Block of ${kindName[block.kind]}s`} width={620} onClose={onClose}
      actions={
        <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', justifyContent: 'flex-end' }}>
          {block.state !== 'closed' && (
            <>
              {block.count > 1 && <Button onClick={() => setDoing('split')}>Split…</Button>}
              <Button onClick={() => setDoing('assign')}>Assign…</Button>
              {block.state === 'open' ? <><Button onClick={() => setDoing('reserved')}>Reserve…</Button><Button onClick={() => setDoing('blocked')}>Block…</Button></> : <Button onClick={() => setDoing('open')}>Open again…</Button>}
              <Button color="error" onClick={() => setDoing('closed')}>Close for good…</Button>
            </>
          )}
          <Button variant="contained" color="primary" onClick={onClose}>Done</Button>
        </Box>
      }
    >
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 2, flexWrap: 'wrap' }}>
        <Box><Identifier value={block.first} what="First number" copy /> <Muted>to</Muted> <Identifier value={block.last} what="Last number" copy /></Box>
        <Badge look={blockLook[block.state]} />
      </Box>
      {block.reason !== undefined && <Note tone={block.state === 'blocked' ? 'warning' : 'info'}>{block.reason}</Note>}
      <UseBar block={block} wide />
      <Pairs
        rows={[
          ['Numbers', `${count(block.count)}: ${useText(block)}`],
          ['Ends', block.free === 0 ? 'All its numbers are used.' : forecast.daysLeft === undefined ? <Muted key="e">{forecastBasis(forecast, 'number given out')}</Muted> : <span key="e">{daysOf(forecast.daysLeft)}{forecast.endsAt === undefined ? '' : ', on '}{forecast.endsAt !== undefined && <Moment at={forecast.endsAt} show="date" />} <Muted>{forecastBasis(forecast, 'Numbers given out')}</Muted></span>],
          ['Owner', block.owner ?? 'the operator'],
          ['Profile type', block.type ?? 'any'],
          ['Source', sourceName[block.source]],
          ...(block.range === undefined ? [] : [['Number range', <span key="r" className="mono">{block.range}</span>] as const]),
          ...(block.next === undefined ? [] : [['Gives next', <Identifier key="n" value={block.next} what="Next number" copy />] as const]),
          ...block.beside.map((one) => [`${kindName[one.kind]}s beside`, <span key={one.id} className="mono">{one.first} to {one.last}</span>] as const),
          ...(block.note === undefined ? [] : [['Note', block.note] as const]),
          ['Registered', <Moment key="c" at={block.createdAt} show="minutes" />],
          ...(block.changes[0] === undefined ? [] : [['Last change', <span key="l">{block.changes[0].text} by {block.changes[0].actor}, <Moment at={block.changes[0].at} show="minutes" /></span>] as const]),
        ]}
      />
    </DeskDialog>
  );
}

interface Part { readonly block: Block; readonly onDone: () => void; readonly onClose: () => void }

function Split({ block, onDone, onClose }: Part): ReactElement {
  const form = useForm<{ at: string }>({ defaultValues: { at: '' } });
  const split = useDeskCommand(contract.numbers.split);
  const toasts = useToasts();
  const [refusal, setRefusal] = useState<unknown>();
  const submit = ({ at }: { at: string }): void => split.mutate({ id: block.id, at: at.replaceAll(/\s/g, '') }, {
    onSuccess: ({ first, second }) => { toasts.done(`Split into ${plural(first.count, 'number')} and ${plural(second.count, 'number')}`); onDone(); },
    onError: (error) => { if (!refusalToField<{ at: string }>(error, { at: 'at', BLOCK_INVALID: 'at' }, form.setError)) setRefusal(error); },
  });
  return (
    <DeskDialog title={`Split the block of ${kindName[block.kind]}s`} width={500} onClose={onClose} onSubmit={(event) => void form.handleSubmit(submit)(event)} actions={<><Button onClick={onDone}>Back</Button><PrimaryButton submit busy={split.isPending}>Split</PrimaryButton></>}>
      <Box><Identifier value={block.first} what="First number" /> <Muted>to</Muted> <Identifier value={block.last} what="Last number" /></Box>
      <Field control={form.control} name="at" label="The second part begins with" autoFocus mono rules={{ required: 'This is needed' }} help={`A ${kindName[block.kind]} of the block; both parts go on as they are.`} />
      {block.range !== undefined && <Note tone="info">The block belongs to a number range: the range and its blocks of the other kinds are split at the same place.</Note>}
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}

interface AssignValues { owner: string; type: string; note: string }

function Assign({ block, onDone, onClose }: Part): ReactElement {
  const form = useForm<AssignValues>({ defaultValues: { owner: block.owner ?? '', type: block.type ?? '', note: block.note ?? '' } });
  const assign = useDeskCommand(contract.numbers.assign);
  const brands = useDesk(contract.brands.list, {}).data?.rows ?? [];
  const types = useDesk(contract.types.list, {}).data?.rows ?? [];
  const toasts = useToasts();
  const [refusal, setRefusal] = useState<unknown>();
  const owner = form.watch('owner');
  const chosen = brands.find((brand) => brand.name === owner);
  const submit = (v: AssignValues): void => assign.mutate({
    id: block.id, ...(v.owner === (block.owner ?? '') ? {} : { owner: v.owner === '' ? null : v.owner }), ...(v.type === (block.type ?? '') ? {} : { type: v.type === '' ? null : v.type }),
    ...(v.note.trim() === (block.note ?? '') ? {} : { note: v.note.trim() === '' ? null : v.note.trim() }),
  }, {
    onSuccess: (row) => { toasts.done(`The block belongs to ${row.owner ?? 'the operator'}`); onDone(); },
    onError: (error) => { if (!refusalToField<AssignValues>(error, { owner: 'owner', BRAND_UNKNOWN: 'owner', type: 'type', TYPE_UNKNOWN: 'type' }, form.setError)) setRefusal(error); },
  });
  return (
    <DeskDialog title={`Assign the block of ${kindName[block.kind]}s`} width={500} onClose={onClose} onSubmit={(event) => void form.handleSubmit(submit)(event)} actions={<><Button onClick={onDone}>Back</Button><PrimaryButton submit busy={assign.isPending}>Assign</PrimaryButton></>}>
      <Field control={form.control} name="owner" label="Owner" select slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }} help={block.kind === 'iccid' ? 'The ICCIDs become the entitlement of the brand: it alone may order them.' : undefined}>
        <MenuItem value="">The operator</MenuItem>
        {brands.map((brand) => <MenuItem key={brand.name} value={brand.name}>{brand.name}</MenuItem>)}
      </Field>
      {block.kind === 'iccid' && chosen !== undefined && chosen.iccids.length === 0 && owner !== (block.owner ?? '') && (
        <Note tone="warning">{chosen.name} has no ICCIDs of its own so far and may order any free one. From now on it may order only those of its blocks.</Note>
      )}
      <Field control={form.control} name="type" label="Profile type" select disabled={block.range !== undefined} slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }} help={block.range === undefined ? 'Ranges of other types take no numbers of it.' : 'Fixed by its number range.'}>
        <MenuItem value="">Any</MenuItem>
        {types.map((type) => <MenuItem key={type.name} value={type.name}>{type.name}</MenuItem>)}
      </Field>
      <Field control={form.control} name="note" label="Note (optional)" slotProps={{ htmlInput: { maxLength: 200 } }} />
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}

const stateWords: Readonly<Record<BlockState, { title: string; button: string; note: string }>> = {
  open: { title: 'Open the block again', button: 'Open', note: 'Its free numbers may be given out from now on.' },
  reserved: { title: 'Reserve the block', button: 'Reserve', note: 'It gives no numbers until it is opened again. Profiles that have its numbers are not touched.' },
  blocked: { title: 'Block the block', button: 'Block', note: 'It gives no numbers until it is opened again, and nothing is imported into it. Profiles that have its numbers are not touched.' },
  closed: { title: 'Close the block for good', button: 'Close for good', note: 'It never gives numbers again; this cannot be undone. Profiles that have its numbers are not touched.' },
};

function SetState({ block, state, onDone, onClose }: Part & { readonly state: BlockState }): ReactElement {
  const form = useForm<{ reason: string }>({ defaultValues: { reason: '' } });
  const set = useDeskCommand(contract.numbers.setState);
  const toasts = useToasts();
  const [refusal, setRefusal] = useState<unknown>();
  const words = stateWords[state];
  const submit = ({ reason }: { reason: string }): void => set.mutate({ id: block.id, state, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) }, {
    onSuccess: () => { toasts.done(`The block is ${blockLook[state].word.toLowerCase()}`); onDone(); }, onError: setRefusal,
  });
  return (
    <DeskDialog title={words.title} width={500} onClose={onClose} onSubmit={(event) => void form.handleSubmit(submit)(event)} actions={<><Button onClick={onDone}>Back</Button><PrimaryButton submit busy={set.isPending} danger={state === 'closed'}>{words.button}</PrimaryButton></>}>
      <Box><Identifier value={block.first} what="First number" /> <Muted>to</Muted> <Identifier value={block.last} what="Last number" /></Box>
      <Note tone={state === 'closed' ? 'danger' : 'info'}>{words.note}{block.range !== undefined ? ' The whole number range it belongs to follows.' : ''}</Note>
      {state !== 'open' && <Field control={form.control} name="reason" label="Reason" autoFocus multiline minRows={2} rules={{ validate: (v) => (String(v).trim().length >= 3 && String(v).trim().length <= 200 ? true : 'Between 3 and 200 characters') }} />}
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}
