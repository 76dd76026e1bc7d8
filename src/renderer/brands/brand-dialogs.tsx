/** Everything that changes a brand, one question per dialog; a new brand is asked for in one. */
import { useState, type ReactElement } from 'react';
import Button from '@mui/material/Button';
import FormControlLabel from '@mui/material/FormControlLabel';
import Radio from '@mui/material/Radio';
import RadioGroup from '@mui/material/RadioGroup';
import { useForm } from 'react-hook-form';
import { useNavigate } from 'react-router';
import { brandName, brands, type BrandRow } from '../../shared/contract/brands.ts';
import { problemOf, uploadFile } from '../app/client.ts';
import { useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { FileField } from '../design/file-field.tsx';
import { Columns, Field, refusalToField } from '../design/form.tsx';
import { plural } from '../design/formats.ts';
import { Note, ProblemNote } from '../design/states.tsx';
import { Code } from '../design/text.tsx';
import { CallbackFields, EntitlementFields, QuotaFields, Section } from './brand-fields.tsx';
import { callbackFrom, emptyGrants, entitlementsFrom, grantsOf, quotasFrom, type NewBrand } from './grants.ts';

const fields = {
  name: 'name', BRAND_EXISTS: 'name', types: 'types', TYPE_UNKNOWN: 'types', iccids: 'iccids', RANGE_INVALID: 'iccids', RANGE_TAKEN: 'iccids', openOrders: 'openOrders', ordersPerDay: 'ordersPerDay',
  callbackUrl: 'callbackUrl', callbackPoints: 'points.eligibility', CALLBACK_INVALID: 'callbackUrl', callbackIdentity: 'callbackIdentity', IDENTITY_UNKNOWN: 'callbackIdentity',
} as const;
const certificateFiles = '.pem,.crt,.cer,.der';

type FileProblems = Partial<Record<'clientCa' | 'clientCertificate' | 'callbackCa', string>>;
/** The file a refusal is about: named by the engine, or the only one given. */
function fileProblem(error: unknown, given: readonly (keyof FileProblems)[]): FileProblems | undefined {
  const { code, field, message, hint } = problemOf(error);
  const named = given.find((name) => field === name || field === `add${name.charAt(0).toUpperCase()}${name.slice(1)}`) ?? (code.startsWith('CREDENTIAL_') ? given.find((name) => name !== 'callbackCa') : undefined);
  return named === undefined ? undefined : { [named]: [message, hint].filter(Boolean).join(' ') };
}

export function AddBrandDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const form = useForm<NewBrand>({ defaultValues: { name: '', ...emptyGrants } });
  const [ca, setCa] = useState<File | undefined>();
  const [certificate, setCertificate] = useState<File | undefined>();
  const [callbackCa, setCallbackCa] = useState<File | undefined>();
  const [wrong, setWrong] = useState<FileProblems>({});
  const [refusal, setRefusal] = useState<unknown>();
  const add = useDeskCommand(brands.add);
  const toasts = useToasts();
  const navigate = useNavigate();
  const submit = async (v: NewBrand): Promise<void> => {
    setRefusal(undefined);
    setWrong({});
    if (ca === undefined && certificate === undefined) {
      setWrong({ clientCa: 'A client CA or a client certificate is needed: it is how the brand is recognised.' });
      return;
    }
    try {
      const made = await add.mutateAsync({
        name: v.name.trim(), ...entitlementsFrom(v), ...quotasFrom(v), ...(v.callback ? callbackFrom(v) : {}),
        ...(ca === undefined ? {} : { clientCa: await uploadFile(ca) }), ...(certificate === undefined ? {} : { clientCertificate: await uploadFile(certificate) }),
        ...(v.callback && callbackCa !== undefined ? { callbackCa: await uploadFile(callbackCa) } : {}),
      });
      toasts.done(`Brand ${made.name} may order now`);
      onClose();
      await navigate(`/brands/${encodeURIComponent(made.name)}`);
    } catch (error) {
      const file = fileProblem(error, [...(ca === undefined ? [] : ['clientCa' as const]), ...(certificate === undefined ? [] : ['clientCertificate' as const]), ...(callbackCa === undefined ? [] : ['callbackCa' as const])]);
      if (file !== undefined) setWrong(file);
      else if (!refusalToField<NewBrand>(error, fields, form.setError)) setRefusal(error);
    }
  };
  return (
    <DeskDialog
      title="Add brand"
      onClose={onClose}
      width={720}
      onSubmit={(event) => void form.handleSubmit(submit)(event)}
      note="It can order over ES2+ as soon as it is added."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <PrimaryButton submit busy={form.formState.isSubmitting}>
            Add brand
          </PrimaryButton>
        </>
      }
    >
      <Field control={form.control} name="name" label="Name" autoFocus rules={{ validate: (v) => brandName.safeParse(String(v).trim()).success || 'Letters, digits, blanks, dots, dashes; 64 at most' }} help="Stands in orders, messages and the audit log." />
      <Section title="Recognised by its TLS client certificate">
        <Columns even>
          <FileField label="Client CA" accept={certificateFiles} file={ca} onFile={setCa} help="Every certificate it issued is this brand." error={wrong.clientCa} />
          <FileField label="Client certificate" accept={certificateFiles} file={certificate} onFile={setCertificate} help="Exactly this one certificate." error={wrong.clientCertificate} />
        </Columns>
      </Section>
      <Section title="May order">
        <EntitlementFields control={form.control} watch={form.watch} />
      </Section>
      <Section title="At most">
        <QuotaFields control={form.control} />
      </Section>
      <Section title="Is told">
        <CallbackFields control={form.control} watch={form.watch} ca={callbackCa} onCa={setCallbackCa} caError={wrong.callbackCa} />
      </Section>
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}

const parts = {
  entitlements: { title: 'Entitlements', done: 'Entitlements saved' },
  quotas: { title: 'Quotas', done: 'Quotas saved' },
  callback: { title: 'Callback', done: 'Callback saved' },
} as const;

export function ChangeBrandDialog({ brand, part, onClose }: { readonly brand: BrandRow; readonly part: keyof typeof parts; readonly onClose: () => void }): ReactElement {
  const form = useForm<NewBrand>({ defaultValues: { name: brand.name, ...grantsOf(brand) } });
  const [callbackCa, setCallbackCa] = useState<File | undefined>();
  const [wrong, setWrong] = useState<FileProblems>({});
  const [refusal, setRefusal] = useState<unknown>();
  const change = useDeskCommand(brands.change);
  const toasts = useToasts();
  const submit = async (v: NewBrand): Promise<void> => {
    setRefusal(undefined);
    setWrong({});
    try {
      await change.mutateAsync({
        name: brand.name, ...(part === 'entitlements' ? entitlementsFrom(v) : part === 'quotas' ? quotasFrom(v) : callbackFrom(v)),
        ...(part === 'callback' && v.callback && callbackCa !== undefined ? { callbackCa: await uploadFile(callbackCa) } : {}),
      });
      toasts.done(`${brand.name}: ${parts[part].done.toLowerCase()}`);
      onClose();
    } catch (error) {
      const file = fileProblem(error, callbackCa === undefined ? [] : ['callbackCa']);
      if (file !== undefined) setWrong(file);
      else if (!refusalToField<NewBrand>(error, fields, form.setError)) setRefusal(error);
    }
  };
  return (
    <DeskDialog
      title={`${parts[part].title} of ${brand.name}`}
      onClose={onClose}
      width={part === 'quotas' ? 560 : 680}
      onSubmit={(event) => void form.handleSubmit(submit)(event)}
      note="Takes effect with the next request. Recorded in the audit log."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <PrimaryButton submit busy={form.formState.isSubmitting}>
            Save
          </PrimaryButton>
        </>
      }
    >
      {part === 'entitlements' && <EntitlementFields control={form.control} watch={form.watch} />}
      {part === 'quotas' && <QuotaFields control={form.control} />}
      {part === 'callback' && <CallbackFields control={form.control} watch={form.watch} ca={callbackCa} onCa={setCallbackCa} caError={wrong.callbackCa} ownTrust={brand.callback?.ownTrust ?? false} />}
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}

export function AddCredentialDialog({ brand, onClose }: { readonly brand: BrandRow; readonly onClose: () => void }): ReactElement {
  const [kind, setKind] = useState<'clientCa' | 'clientCertificate'>('clientCa');
  const [file, setFile] = useState<File | undefined>();
  const [wrong, setWrong] = useState<string | undefined>();
  const [refusal, setRefusal] = useState<unknown>();
  const change = useDeskCommand(brands.change);
  const toasts = useToasts();
  const submit = async (): Promise<void> => {
    setRefusal(undefined);
    setWrong(file === undefined ? 'Choose a file' : undefined);
    if (file === undefined) return;
    try {
      const handle = await uploadFile(file);
      await change.mutateAsync({ name: brand.name, ...(kind === 'clientCa' ? { addClientCa: handle } : { addClientCertificate: handle }) });
      toasts.done(`${brand.name} is recognised by ${file.name}, too`);
      onClose();
    } catch (error) {
      const about = fileProblem(error, [kind])?.[kind];
      if (about === undefined) setRefusal(error);
      else setWrong(about);
    }
  };
  return (
    <DeskDialog
      title={`Add a client credential of ${brand.name}`}
      onClose={onClose}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
      note="The others stay valid, so that a brand can change over."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <PrimaryButton submit busy={change.isPending}>
            Add
          </PrimaryButton>
        </>
      }
    >
      <RadioGroup aria-label="What it is" value={kind} onChange={(_, value) => setKind(value === 'clientCa' ? 'clientCa' : 'clientCertificate')}>
        <FormControlLabel value="clientCa" control={<Radio size="small" sx={{ py: '3px' }} />} label="A CA: every certificate it issued is this brand" />
        <FormControlLabel value="clientCertificate" control={<Radio size="small" sx={{ py: '3px' }} />} label="One certificate: exactly this one" />
      </RadioGroup>
      <FileField label="Certificate (PEM or DER)" accept={certificateFiles} file={file} onFile={setFile} error={wrong} />
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}

export function RemoveCredentialDialog({ brand, sha256, onClose }: { readonly brand: BrandRow; readonly sha256: string; readonly onClose: () => void }): ReactElement {
  const credential = brand.credentials.find((c) => c.sha256 === sha256);
  const change = useDeskCommand(brands.change);
  const toasts = useToasts();
  return (
    <DeskDialog
      title="Remove client credential"
      onClose={onClose}
      width={520}
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({ name: brand.name, removeCredential: sha256 }, { onSuccess: () => { toasts.done('The credential was removed'); onClose(); } });
      }}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <PrimaryButton submit danger busy={change.isPending}>
            Remove
          </PrimaryButton>
        </>
      }
    >
      <div>
        {credential?.subject} <Code>{sha256.slice(0, 16)}…</Code>
      </div>
      <Note tone="warning">{brand.name} is no longer recognised by {credential?.kind === 'ca' ? 'certificates of this CA' : 'this certificate'}; open connections are closed with their next request.</Note>
      <ProblemNote error={change.error} />
    </DeskDialog>
  );
}

export function BrandStateDialog({ brand, to, onClose }: { readonly brand: BrandRow; readonly to: BrandRow['state']; readonly onClose: () => void }): ReactElement {
  const change = useDeskCommand(brands.change);
  const toasts = useToasts();
  const suspending = to === 'suspended';
  return (
    <DeskDialog
      title={suspending ? `Suspend ${brand.name}?` : `Resume ${brand.name}?`}
      onClose={onClose}
      width={520}
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({ name: brand.name, state: to }, { onSuccess: () => { toasts.done(suspending ? `${brand.name} is suspended` : `${brand.name} may order again`); onClose(); } });
      }}
      note="Recorded in the audit log."
      actions={
        <>
          <Button onClick={onClose}>Back</Button>
          <PrimaryButton submit danger={suspending} busy={change.isPending}>
            {suspending ? 'Suspend' : 'Resume'}
          </PrimaryButton>
        </>
      }
    >
      <Note tone={suspending ? 'warning' : 'info'}>
        {suspending
          ? `From the next request on, ${brand.name} can neither order nor confirm, cancel or release. ${brand.openNow === 0 ? 'It has no open orders.' : `Its ${plural(brand.openNow, 'open order')} ${brand.openNow === 1 ? 'stays as it is' : 'stay as they are'}: released ones can still be downloaded.`}`
          : `${brand.name} can order again at once, within its entitlements and quotas.`}
      </Note>
      <ProblemNote error={change.error} />
    </DeskDialog>
  );
}
