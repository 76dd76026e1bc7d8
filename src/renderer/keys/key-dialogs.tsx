import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import MenuItem from '@mui/material/MenuItem';
import Autocomplete from '@mui/material/Autocomplete';
import TextField from '@mui/material/TextField';
import { Controller, useForm } from 'react-hook-form';
import type { OutputOf } from '../../shared/contract/define.ts';
import { contract } from '../../shared/contract/index.ts';
import { certificateRoles, type ListedCertificate } from '../../shared/contract/pki.ts';
import { problemOf, uploadFile } from '../app/client.ts';
import { useDesk, useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { FileField } from '../design/file-field.tsx';
import { Columns, Field, refusalToField } from '../design/form.tsx';
import { count, plural } from '../design/formats.ts';
import { Note, ProblemNote } from '../design/states.tsx';
import { Code } from '../design/text.tsx';
import { keys } from './contract.ts';
import { hasKey, roleNames, roleUses, type Role } from './key-words.ts';

const certificateFiles = '.pem,.crt,.cer,.der';
const keyFiles = '.pem,.key,.der,.p8';

interface Values {
  identity: string;
  role: Role;
}

/** Which of the two files a refusal is about. */
function fileOf(error: unknown): 'certificate' | 'key' | undefined {
  const { code, field } = problemOf(error);
  if (field === 'certificate' || field === 'key') return field;
  if (code.startsWith('KEY_')) return 'key';
  return code.startsWith('CERTIFICATE_') ? 'certificate' : undefined;
}

export function ImportCertificateDialog({ identity, role, onClose }: { readonly identity?: string; readonly role?: Role; readonly onClose: () => void }): ReactElement {
  const form = useForm<Values>({ defaultValues: { identity: identity ?? '', role: role ?? 'ci' } });
  const [certificate, setCertificate] = useState<File | undefined>();
  const [key, setKey] = useState<File | undefined>();
  const [wrong, setWrong] = useState<{ readonly certificate?: string; readonly key?: string }>({});
  const [refusal, setRefusal] = useState<unknown>();
  const known = useDesk(contract.pki.list, {});
  const names = [...new Set((known.data?.rows ?? []).map((row) => row.identity))];
  const run = useDeskCommand(contract.pki.import);
  const toasts = useToasts();
  const chosen = form.watch('role');
  const submit = async (v: Values): Promise<void> => {
    setRefusal(undefined);
    setWrong(certificate === undefined ? { certificate: 'Choose the certificate' } : hasKey(v.role) && key === undefined ? { key: `${roleNames[v.role]} needs its private key` } : {});
    if (certificate === undefined || (hasKey(v.role) && key === undefined)) return;
    try {
      const made = await run.mutateAsync({ identity: v.identity.trim(), role: v.role, certificate: await uploadFile(certificate), ...(hasKey(v.role) && key !== undefined ? { key: await uploadFile(key) } : {}) });
      toasts.done(`${roleNames[made.role]} of ${made.identity} imported`);
      onClose();
    } catch (error) {
      const { message, hint } = problemOf(error);
      const file = fileOf(error);
      if (file !== undefined) setWrong({ [file]: [message, hint].filter(Boolean).join(' ') });
      else if (!refusalToField<Values>(error, { identity: 'identity', role: 'role' }, form.setError)) setRefusal(error);
    }
  };
  return (
    <DeskDialog
      title="Import certificate"
      onClose={onClose}
      width={640}
      onSubmit={(event) => void form.handleSubmit(submit)(event)}
      note={hasKey(chosen) ? 'The private key goes into the vault and never comes out of it.' : 'Checked against its role, chain, curve and dates before it is taken.'}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <PrimaryButton submit busy={form.formState.isSubmitting}>
            Import
          </PrimaryButton>
        </>
      }
    >
      <Columns>
        <Controller
          control={form.control}
          name="identity"
          rules={{ validate: (v) => /^[A-Za-z0-9._-]{1,64}$/.test(v.trim()) || 'Letters, digits, dots, dashes and underscores; 64 at most' }}
          render={({ field, fieldState }) => (
            <Autocomplete<string, false, false, true>
              freeSolo
              size="small"
              options={names}
              inputValue={field.value}
              onInputChange={(_, next) => field.onChange(next)}
              renderInput={(params) => <TextField {...params} label="Identity" autoFocus={identity === undefined} inputRef={field.ref} error={fieldState.invalid} helperText={fieldState.error?.message ?? 'One set of certificates under one CI. A new name makes a new one.'} />}
            />
          )}
        />
        <Field control={form.control} name="role" label="Role" select help={roleUses[chosen]}>
          {certificateRoles.map((each) => (
            <MenuItem key={each} value={each}>
              {roleNames[each]}
            </MenuItem>
          ))}
        </Field>
      </Columns>
      <FileField label="Certificate" accept={certificateFiles} file={certificate} onFile={(next) => { setCertificate(next); setWrong({}); }} help="DER or PEM. Drop it here or choose it." error={wrong.certificate} />
      {hasKey(chosen) && <FileField label="Private key" accept={keyFiles} file={key} onFile={(next) => { setKey(next); setWrong({}); }} help="PKCS#8 or SEC1, DER or PEM, without a passphrase." error={wrong.key} />}
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}

type CrlReport = OutputOf<typeof keys.importCrl>;

export function ImportCrlDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const [file, setFile] = useState<File | undefined>();
  const [wrong, setWrong] = useState<string | undefined>();
  const [refusal, setRefusal] = useState<unknown>();
  const [report, setReport] = useState<CrlReport | undefined>();
  const run = useDeskCommand(keys.importCrl);
  const submit = async (): Promise<void> => {
    setRefusal(undefined);
    setWrong(file === undefined ? 'Choose the list' : undefined);
    if (file === undefined) return;
    try {
      setReport(await run.mutateAsync({ crl: await uploadFile(file) }));
    } catch (error) {
      const { code, field, message, hint } = problemOf(error);
      if (field === 'crl' || code.startsWith('CRL_')) setWrong([message, hint].filter(Boolean).join(' '));
      else setRefusal(error);
    }
  };
  if (report !== undefined) {
    return (
      <DeskDialog title="Revocation list imported" onClose={onClose} width={560} actions={<PrimaryButton onClick={onClose}>Done</PrimaryButton>}>
        <Report report={report} />
      </DeskDialog>
    );
  }
  return (
    <DeskDialog
      title="Import revocation list"
      onClose={onClose}
      width={560}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
      note="An older list than the one here is refused."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <PrimaryButton submit busy={run.isPending}>
            Import
          </PrimaryButton>
        </>
      }
    >
      <FileField label="Revocation list (CRL)" accept=".crl,.pem,.der" file={file} onFile={(next) => { setFile(next); setWrong(undefined); }} help="DER or PEM, of a CI or an EUM known here." error={wrong} />
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}

function Report({ report: { crl, state, newlyRevoked, ours, warnings } }: { readonly report: CrlReport }): ReactElement {
  return (
    <Box role="status" sx={{ display: 'flex', flexDirection: 'column', gap: 1.5 }}>
      {ours.length > 0 && (
        <Note tone="danger">
          Revoked, and ours: {ours.join(', ')}. What {ours.length === 1 ? 'it was' : 'they were'} used for stops now; import {ours.length === 1 ? 'its successor' : 'their successors'}.
        </Note>
      )}
      <Note tone={state === 'unchanged' ? 'info' : 'success'}>
        {crl.issuer}, list <Code>{crl.number.length > 20 ? `…${crl.number.slice(-12)}` : crl.number}</Code>:{' '}
        {state === 'unchanged' ? 'this very list was here already.' : `${plural(crl.revoked, 'certificate')} revoked, ${count(newlyRevoked)} of them new.`}
      </Note>
      {warnings.map((warning) => (
        <Note key={warning} tone="warning">
          {warning}
        </Note>
      ))}
    </Box>
  );
}

/** One certificate, or a whole identity, typed out before it goes. */
export function RetireDialog({ identity, certificate, onClose }: { readonly identity: string; readonly certificate?: ListedCertificate; readonly onClose: () => void }): ReactElement {
  const form = useForm<{ typed: string }>({ defaultValues: { typed: '' } });
  const run = useDeskCommand(keys.retire);
  const toasts = useToasts();
  const [refusal, setRefusal] = useState<unknown>();
  const what = certificate === undefined ? `identity ${identity}` : `${roleNames[certificate.role]} of ${identity}`;
  const submit = (): void =>
    run.mutate(
      { identity, ...(certificate === undefined ? {} : { certificateId: certificate.id }) },
      {
        onSuccess: ({ retired }) => {
          toasts.done(`${plural(retired.length, 'certificate')} of ${identity} retired`);
          onClose();
        },
        onError: setRefusal,
      },
    );
  return (
    <DeskDialog
      title={`Retire ${what}?`}
      onClose={onClose}
      width={540}
      onSubmit={(event) => void form.handleSubmit(submit)(event)}
      note="Recorded in the audit log."
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <PrimaryButton submit danger busy={run.isPending}>
            Retire
          </PrimaryButton>
        </>
      }
    >
      <Note tone="warning">
        {certificate === undefined
          ? 'Every certificate of this identity goes out of use: no device can download through it any more.'
          : `This certificate goes out of use at once. ${roleUses[certificate.role]}`}{' '}
        Private keys stay in the vault.
      </Note>
      <Field control={form.control} name="typed" label={`Type ${identity} to go on`} mono autoFocus rules={{ validate: (v) => v.trim() === identity || `Type ${identity}` }} />
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}
