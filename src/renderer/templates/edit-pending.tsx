/** What is pending, what it would change, and saving it as a new version. */
import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import LinearProgress from '@mui/material/LinearProgress';
import TextField from '@mui/material/TextField';
import Close from '@mui/icons-material/Close';
import { contract } from '../../shared/contract/index.ts';
import { typeName, type TemplateDetail, type TemplateRow, type TypeRow } from '../../shared/contract/types.ts';
import { useDesk, useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { bytes, count, plural } from '../design/formats.ts';
import { Note, ProblemNote } from '../design/states.tsx';
import { Status, toneIcon } from '../design/status.tsx';
import { Muted } from '../design/text.tsx';
import { DiffLines } from './diff-view.tsx';
import { Tick } from './edit-parts.tsx';
import { sections, type SectionId } from './edit-rules.ts';
import { FindingList } from './finding-list.tsx';
import { staying, type Finding } from './finding-rules.ts';
import { versionName } from './template-words.ts';
import type { Edits } from './use-edits.ts';

const sectionName = (id: SectionId): string => sections.find((one) => one.id === id)?.name ?? id;
const signed = (n: number): string => (n === 0 ? 'no change' : `${n > 0 ? '+' : '−'}${count(Math.abs(n))}`);
const findingKey = (one: Finding): string => `${one.rule} ${one.place} ${one.message}`;

export function PendingPane({ detail, edits, onSection, onSaved }: { readonly detail: TemplateDetail; readonly edits: Edits; readonly onSection: (id: SectionId) => void; readonly onSaved: (row: TemplateRow) => void }): ReactElement {
  const { pending, tried } = edits;
  const before = new Set(detail.findings.map(findingKey));
  const fresh = tried?.findings.filter((one) => !before.has(findingKey(one))) ?? [];
  const after = new Set(tried?.findings.map(findingKey));
  const freshStay = staying(fresh).length;
  const gone = tried === undefined ? 0 : staying(detail.findings).filter((one) => !after.has(findingKey(one))).length;
  if (pending.length === 0) {
    return (
      <Box sx={{ p: '16px' }}>
        <Box component="h2" sx={{ m: '0 0 6px', fontSize: '0.9375rem', fontWeight: 600 }}>No changes yet</Box>
        <Muted>Change something on the left. Everything is collected here, tried out at once, and becomes a new version only when you save. {versionName(detail.template)} itself stays as it is.</Muted>
      </Box>
    );
  }
  return (
    <Box sx={{ height: '100%', display: 'flex', flexDirection: 'column', minHeight: 0 }}>
    <Box tabIndex={0} role="region" aria-label="What is pending" sx={{ flex: 1, minHeight: 0, overflow: 'auto', p: '14px 16px 16px', display: 'flex', flexDirection: 'column', gap: 2, '&:focus-visible': { outlineOffset: -2 } }}>
      <section aria-label="Pending changes">
        <Box sx={{ display: 'flex', alignItems: 'center', mb: '4px' }}>
          <Box component="h2" sx={{ m: 0, flex: 1, fontSize: '0.9375rem', fontWeight: 600 }}>{plural(pending.length, 'pending change')}</Box>
          <Button onClick={edits.clear}>Drop all</Button>
        </Box>
        <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
          {pending.map((one) => (
            <Box component="li" key={one.key} sx={(theme) => ({ display: 'flex', gap: '4px', alignItems: 'flex-start', borderTop: `1px solid ${theme.desk.line}`, py: '4px' })}>
              <Box sx={{ flex: 1, minWidth: 0, overflowWrap: 'anywhere', py: '3px' }}>
                <Box component="button" type="button" onClick={() => onSection(one.section)} sx={(theme) => ({ font: 'inherit', background: 'none', border: 0, p: 0, minHeight: 24, color: theme.desk.accentText, textAlign: 'left', cursor: 'pointer', textDecoration: 'underline', textUnderlineOffset: '3px' })}>
                  {sectionName(one.section)}
                </Box>
                <Box>{one.problem !== undefined ? <Status look={{ tone: 'danger', icon: toneIcon('danger'), word: 'Cannot be done as it stands' }} /> : one.text ?? <Muted>trying…</Muted>}</Box>
                {one.problem !== undefined && <Muted>{one.problem}</Muted>}
              </Box>
              <IconButton aria-label={`Drop the change of ${sectionName(one.section)}${one.text === undefined ? '' : `: ${one.text}`}`} onClick={() => edits.desk.remove(one.key)}><Close sx={{ fontSize: '1rem' }} /></IconButton>
            </Box>
          ))}
        </Box>
      </section>
      <Box sx={{ minHeight: 5 }}>{edits.trying && <LinearProgress aria-label="Trying the changes" />}</Box>
      {edits.refusal !== undefined && <ProblemNote error={edits.refusal} />}
      {tried !== undefined && (
        <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2, opacity: edits.trying ? 0.6 : 1 }}>
          <section aria-label="What changes">
            <Heading>What changes</Heading>
            <DiffLines diff={tried.diff} most={8} />
          </section>
          <section aria-label="Size">
            <Heading>Size</Heading>
            <Box component="table" sx={{ borderCollapse: 'collapse', '& th, & td': { textAlign: 'right', fontWeight: 400, p: '2px 10px 2px 0', whiteSpace: 'nowrap' }, '& th': { textAlign: 'left' } }}>
              <tbody>
                <tr><th scope="row"><Muted>Package</Muted></th><td>{bytes(tried.before.sizeBytes)}</td><td>→ {bytes(tried.sizeBytes)}</td><td><Muted>{signed(tried.sizeBytes - tried.before.sizeBytes)}</Muted></td></tr>
                <tr><th scope="row"><Muted>On the chip</Muted></th><td>{bytes(tried.before.nvmBytes)}</td><td>→ {bytes(tried.nvmBytes)}</td><td><Muted>{signed(tried.nvmBytes - tried.before.nvmBytes)}</Muted></td></tr>
              </tbody>
            </Box>
          </section>
          <section aria-label="Findings after">
            <Heading>Findings after</Heading>
            <Box sx={{ mb: fresh.length > 0 ? 1 : 0 }}>{plural(staying(tried.findings).length, 'finding')}, {freshStay === 0 ? 'none of them new' : `${count(freshStay)} new`}{gone > 0 && `, ${count(gone)} gone`}.</Box>
            {fresh.length > 0 && <FindingList findings={fresh} />}
          </section>
        </Box>
      )}
    </Box>
      <SaveForm detail={detail} edits={edits} onSaved={onSaved} />
    </Box>
  );
}

function Heading({ children }: { readonly children: string }): ReactElement {
  return <Box component="h3" sx={{ m: '0 0 4px', fontSize: '0.8125rem', fontWeight: 600 }}>{children}</Box>;
}

function SaveForm({ detail, edits, onSaved }: { readonly detail: TemplateDetail; readonly edits: Edits; readonly onSaved: (row: TemplateRow) => void }): ReactElement {
  const [note, setNote] = useState('');
  const [name, setName] = useState(detail.template.name);
  const [refusal, setRefusal] = useState<unknown>();
  const save = useDeskCommand(contract.types.editTemplate);
  const toasts = useToasts();
  const goodName = typeName.safeParse(name.trim()).success;
  const submit = async (): Promise<void> => {
    setRefusal(undefined);
    try {
      const made = await save.mutateAsync({ id: detail.template.id, edits: [...edits.list], name: name.trim(), ...(note.trim() === '' ? {} : { note: note.trim() }) });
      toasts.done(`${versionName(made.template)} saved`);
      onSaved(made.template);
    } catch (error) {
      setRefusal(error);
    }
  };
  const other = name.trim() !== detail.template.name;
  return (
    <Box
      component="form" aria-label="Save"
      onSubmit={(event: React.FormEvent) => {
        event.preventDefault();
        if (edits.ready && goodName && !save.isPending) void submit();
      }}
      sx={(theme) => ({ display: 'flex', flexDirection: 'column', gap: 1.5, borderTop: `1px solid ${theme.desk.line}`, p: '14px 16px', background: theme.desk.surface })}
    >
      <TextField label="Why (kept with the version)" value={note} onChange={(event) => setNote(event.target.value)} multiline maxRows={3} slotProps={{ htmlInput: { maxLength: 500 } }} />
      <TextField label="Template name" value={name} onChange={(event) => setName(event.target.value)} error={!goodName} helperText={!goodName ? 'Letters, digits, space, dot, dash and underscore, 64 at most' : other ? 'Becomes a template of its own under this name.' : `Becomes the next version of ${detail.template.name}.`} />
      <ProblemNote error={refusal} />
      <Box>
        <PrimaryButton submit busy={save.isPending} disabled={!edits.ready || !goodName}>
          Save new version
        </PrimaryButton>
      </Box>
      {!edits.ready && !edits.trying && <Muted>Put right or drop what cannot be done, then save.</Muted>}
    </Box>
  );
}

/** After saving: which types shall be made from the new version. */
export function MoveTypes({ from, to, types, onDone }: { readonly from: TemplateRow; readonly to: TemplateRow; readonly types: readonly TypeRow[]; readonly onDone: () => void }): ReactElement {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<unknown>();
  const change = useDeskCommand(contract.types.change);
  const toasts = useToasts();
  const move = async (): Promise<void> => {
    setBusy(true);
    setRefusal(undefined);
    try {
      for (const name of chosen) {
        await change.mutateAsync({ name, template: `${to.name}@${to.version}` });
        setChosen((now) => now.filter((one) => one !== name));
      }
      toasts.done(`${plural(chosen.length, 'type')} moved to ${versionName(to)}`);
      onDone();
    } catch (error) {
      setRefusal(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <DeskDialog
      title={`${versionName(to)} is saved`}
      onClose={onDone}
      width={520}
      note="Profiles keep the version they were prepared with."
      actions={
        <>
          <Button onClick={onDone}>Leave types as they are</Button>
          <PrimaryButton busy={busy} disabled={chosen.length === 0} onClick={() => void move()}>
            Move {chosen.length === 0 ? 'types' : plural(chosen.length, 'type')}
          </PrimaryButton>
        </>
      }
    >
      <Box>Which types shall make profiles from it from now on?</Box>
      <Box>
        {types.map((type) => (
          <Tick key={type.name} label={<>{type.name} <Muted>{type.template === from.name && type.templateVersion === from.version ? 'stands on the version you edited' : `stands on ${type.template}, v${type.templateVersion}`}</Muted></>} on={chosen.includes(type.name)} onChange={(on) => setChosen((now) => (on ? [...now, type.name] : now.filter((one) => one !== type.name)))} />
        ))}
      </Box>
      <Note tone="info">Stock that is prepared already does not change.</Note>
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}

/** The types that could move: those on any version of the template that was edited. */
export function useTypesOf(name: string): readonly TypeRow[] {
  const types = useDesk(contract.types.list, {});
  return (types.data?.rows ?? []).filter((type) => type.template === name);
}
