import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import MenuItem from '@mui/material/MenuItem';
import { Controller, useForm } from 'react-hook-form';
import { contract } from '../../shared/contract/index.ts';
import { typeName, type TemplateRow, type TypeRow } from '../../shared/contract/types.ts';
import { uploadFile } from '../app/client.ts';
import { useDesk, useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { DeskDialog, PrimaryButton } from '../design/dialog.tsx';
import { FileField } from '../design/file-field.tsx';
import { Columns, Field, refusalToField } from '../design/form.tsx';
import { Note, ProblemNote } from '../design/states.tsx';
import { DiffLines } from './diff-view.tsx';
import { offeredTemplates } from './list-rules.ts';
import { versionName } from './template-words.ts';

interface Values {
  name: string;
  template: string;
  serviceProviderName: string;
  profileName: string;
  profileClass: 'test' | 'provisioning' | 'operational';
  protection: 'session-keys' | 'profile-keys';
  mccMnc: string;
  gid1: string;
  gid2: string;
  notificationAddresses: string;
  ppr1: boolean;
  ppr2: boolean;
}

const addresses = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);

const asText = (type: TypeRow): string => `${type.template}@${type.templateVersion}`;

/** A new type, or changes of one. `template`: the version to begin with, as `name@version`. */
export function TypeDialog({ onClose, type, template }: { readonly onClose: () => void; readonly type?: TypeRow; readonly template?: string }): ReactElement {
  const templates = useDesk(contract.types.templates, {});
  const rows = templates.data?.rows ?? [];
  const form = useForm<Values>({
    defaultValues: type === undefined
      ? { name: '', template: template ?? '', serviceProviderName: '', profileName: '', profileClass: 'operational', protection: 'session-keys', mccMnc: '', gid1: '', gid2: '', notificationAddresses: '', ppr1: false, ppr2: false }
      : {
        name: type.name, template: template ?? asText(type), serviceProviderName: type.serviceProviderName, profileName: type.profileName, profileClass: type.profileClass, protection: type.protection, mccMnc: type.owner?.mccMnc ?? '',
        gid1: type.owner?.gid1 ?? '', gid2: type.owner?.gid2 ?? '', notificationAddresses: type.notificationAddresses.join(', '), ppr1: type.ppr1, ppr2: type.ppr2,
      },
  });
  const [icon, setIcon] = useState<File | undefined>();
  const [noIcon, setNoIcon] = useState(false);
  const [refusal, setRefusal] = useState<unknown>();
  const create = useDeskCommand(contract.types.create);
  const change = useDeskCommand(contract.types.change);
  const toasts = useToasts();
  const chosen = rows.find((row) => `${row.name}@${row.version}` === form.watch('template'));
  const own = type === undefined ? undefined : rows.find((row) => row.name === type.template && row.version === type.templateVersion);
  const submit = async (v: Values): Promise<void> => {
    setRefusal(undefined);
    try {
      const handle = icon === undefined ? undefined : await uploadFile(icon);
      const owner = v.mccMnc.trim() === '' ? undefined : { mccMnc: v.mccMnc.replaceAll(/[\s-]/g, ''), ...(v.gid1.trim() === '' ? {} : { gid1: v.gid1.trim() }), ...(v.gid2.trim() === '' ? {} : { gid2: v.gid2.trim() }) };
      const shared = { serviceProviderName: v.serviceProviderName.trim(), profileName: v.profileName.trim(), profileClass: v.profileClass, protection: v.protection, ppr1: v.ppr1, ppr2: v.ppr2, notificationAddresses: addresses(v.notificationAddresses) };
      if (type === undefined) {
        const made = await create.mutateAsync({ name: v.name.trim(), template: v.template, ...shared, ...(handle === undefined ? {} : { icon: handle }), ...(owner === undefined ? {} : { owner }) });
        toasts.done(`Profile type ${made.name} created`);
      } else {
        const made = await change.mutateAsync({
          name: type.name, ...shared, owner: owner ?? null, ...(v.template === asText(type) ? {} : { template: v.template }), ...(handle !== undefined ? { icon: handle } : noIcon ? { icon: null } : {}),
        });
        toasts.done(v.template === asText(type) ? `Profile type ${made.name} changed` : `${made.name}: profiles prepared from now on are made from ${made.template} v${made.templateVersion}`);
      }
      onClose();
    } catch (error) {
      if (!refusalToField<Values>(error, { name: 'name', TYPE_EXISTS: 'name', template: 'template', TEMPLATE_UNKNOWN: 'template', serviceProviderName: 'serviceProviderName', profileName: 'profileName', notificationAddresses: 'notificationAddresses' }, form.setError)) setRefusal(error);
    }
  };
  return (
    <DeskDialog
      title={type === undefined ? 'Create profile type' : `Change ${type.name}`}
      onClose={onClose}
      width={700}
      onSubmit={(event) => void form.handleSubmit(submit)(event)}
      note={type === undefined ? 'The metadata is what a device shows before it installs.' : 'Profiles keep the template version they were prepared with.'}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <PrimaryButton submit busy={form.formState.isSubmitting}>
            {type === undefined ? 'Create' : 'Change'}
          </PrimaryButton>
        </>
      }
    >
      <Columns>
        <Field control={form.control} name="name" label="Name" disabled={type !== undefined} rules={{ validate: (v) => typeName.safeParse(String(v).trim()).success || 'Letters, digits, space, dot, dash and underscore, 64 at most' }} />
        <Field control={form.control} name="template" label="Template" select rules={{ required: 'Choose a template' }} help={templates.data !== undefined && rows.length === 0 ? 'Import a template first.' : 'The version its profiles are made from.'}>
          {offeredTemplates(rows, form.getValues('template')).map((row) => (
            <MenuItem key={row.id} value={`${row.name}@${row.version}`}>
              {versionName(row)}
              <Box component="span" sx={(theme) => ({ color: theme.desk.muted, ml: 1, fontSize: '0.75rem' })}>
                {row.algorithm}{row.retiredAt === undefined ? '' : ', retired'}
              </Box>
            </MenuItem>
          ))}
        </Field>
        <Field control={form.control} name="serviceProviderName" label="Provider name" help="At most 32 characters." rules={{ required: 'The user sees this', maxLength: { value: 32, message: 'At most 32 characters' } }} />
        <Field control={form.control} name="profileName" label="Profile name" help="At most 64 characters." rules={{ required: 'The user sees this', maxLength: { value: 64, message: 'At most 64 characters' } }} />
        <Field control={form.control} name="profileClass" label="Class" select>
          <MenuItem value="operational">Operational</MenuItem>
          <MenuItem value="provisioning">Provisioning</MenuItem>
          <MenuItem value="test">Test</MenuItem>
        </Field>
        <Field control={form.control} name="protection" label="Package protection" select help="Session keys are the default of SGP.22.">
          <MenuItem value="session-keys">Session keys</MenuItem>
          <MenuItem value="profile-keys">Profile protection keys</MenuItem>
        </Field>
        <Field control={form.control} name="mccMnc" label="Owner PLMN (optional)" mono rules={{ validate: (v) => String(v).trim() === '' || /^\d{3}[\s-]?\d{2,3}$/.test(String(v).trim()) || 'Country and network code, such as 262-01' }} />
        <Columns>
        <Field control={form.control} name="gid1" label="GID1 (optional)" mono rules={{ validate: (v) => String(v).trim() === '' || /^([0-9A-F]{2}){1,20}$/i.test(String(v).trim()) || 'Pairs of hex digits' }} />
        <Field control={form.control} name="gid2" label="GID2 (optional)" mono rules={{ validate: (v) => String(v).trim() === '' || /^([0-9A-F]{2}){1,20}$/i.test(String(v).trim()) || 'Pairs of hex digits' }} />
        </Columns>
      </Columns>
      {own !== undefined && chosen !== undefined && own.id !== chosen.id && <WhatChanges from={own} to={chosen} />}
      <Field control={form.control} name="notificationAddresses" label="Notification addresses (optional)" mono help="Up to four hosts, separated by commas. Empty: this SM-DP+." rules={{ validate: (v) => (addresses(String(v)).length <= 4 && addresses(String(v)).every((a) => /^[A-Za-z0-9.-]+(:\d{1,5})?$/.test(a))) || 'Up to four host names' }} />
      <FileField label="Icon (optional)" accept="image/png,image/jpeg" file={icon} onFile={setIcon} help="PNG or JPEG, 64 × 64, at most 1 KiB on most chips." />
      {type?.hasIcon === true && icon === undefined && <FormControlLabel control={<Checkbox size="small" checked={noIcon} onChange={(_, on) => setNoIcon(on)} sx={{ py: '3px' }} />} label="Take the icon it has away" sx={{ ml: '-9px', mt: '-8px' }} />}
      <Box component="fieldset" sx={{ border: 0, p: 0, m: 0 }}>
        <Box component="legend" sx={{ fontWeight: 500, p: 0 }}>
          Policy rules
        </Box>
        <Rule control={form.control} name="ppr1" label="PPR1: the user cannot disable the profile" />
        <Rule control={form.control} name="ppr2" label="PPR2: the user cannot delete the profile" />
      </Box>
      <ProblemNote error={refusal} />
    </DeskDialog>
  );
}

function Rule({ control, name, label }: { readonly control: ReturnType<typeof useForm<Values>>['control']; readonly name: 'ppr1' | 'ppr2'; readonly label: string }): ReactElement {
  return <Controller control={control} name={name} render={({ field }) => <FormControlLabel control={<Checkbox size="small" checked={field.value} onChange={field.onChange} sx={{ py: '3px' }} />} label={label} sx={{ display: 'flex', ml: '-9px' }} />} />;
}

/** What another template version means for profiles prepared from then on. */
function WhatChanges({ from, to }: { readonly from: TemplateRow; readonly to: TemplateRow }): ReactElement {
  const diff = useDesk(contract.types.diffTemplates, { before: from.id, after: to.id });
  return (
    <Note tone="info">
      <Box sx={{ fontWeight: 600 }}>What changes for profiles prepared from now on</Box>
      {diff.isError ? diff.error.message : diff.data === undefined ? 'Comparing…' : <DiffLines diff={diff.data} most={6} />}
    </Note>
  );
}
