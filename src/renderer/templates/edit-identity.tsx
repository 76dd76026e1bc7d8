/** Access points, 5G privacy, emergency numbers, IMS, numbers, demands on the eUICC, CDMA. */
import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { Muted } from '../design/text.tsx';
import { AddButton, type EditDesk, Missing, Part, RowTools, Text, Tick } from './edit-parts.tsx';
import { type Edit, moved } from './edit-rules.ts';

export function ApnsSection({ desk }: { readonly desk: EditDesk }): ReactElement {
  const edit = desk.value('apn-list');
  const set = (change: Partial<Edit<'apn-list'>>): void => desk.put({ ...edit, ...change });
  return (
    <Part title="Access points" note="EF.ACL" changed={desk.pending('apn-list') !== undefined} problem={desk.problem('apn-list')}>
      {edit.apns.length === 0 && <Muted>{desk.present.apns === undefined ? 'The template has no list; it is made when a name is added.' : 'The list is empty.'}</Muted>}
      {edit.apns.map((apn, at) => (
        <Box key={at} sx={{ display: 'flex', gap: 1, alignItems: 'center', py: '4px' }}>
          <Text hidden label={`Access point ${at + 1}`} value={apn} onChange={(text) => set({ apns: edit.apns.map((other, i) => (i === at ? text.trim() : other)) })} mono />
          <RowTools what={`access point ${at + 1}`} first={at === 0} last={at === edit.apns.length - 1} onMove={(by) => set({ apns: moved(edit.apns, at, by) })} onRemove={() => set({ apns: edit.apns.filter((_, i) => i !== at) })} />
        </Box>
      ))}
      <AddButton onClick={() => set({ apns: [...edit.apns, ''] })}>Add an access point</AddButton>
      <Box sx={{ mt: 1 }}>
        <Tick label="The list is enforced: the device uses no other access point" on={edit.enforced} onChange={(enforced) => set({ enforced })} />
      </Box>
    </Part>
  );
}

type Suci = Edit<'suci'>;
const schemeNames = { 'null': 'Null scheme (conceals nothing)', 'profile-a': 'Profile A (X25519)', 'profile-b': 'Profile B (P-256)' } as const;

export function PrivacySection({ desk }: { readonly desk: EditDesk }): ReactElement {
  const edit = desk.value('suci');
  const indicator = desk.value('routing-indicator');
  if (!desk.present.has5gFiles) return <Missing>The template has no 5G files (DF.5GS), so there is nothing to conceal an identity with. Take a template that has them.</Missing>;
  const set = (change: Partial<Suci>): void => desk.put({ ...edit, ...change });
  return (
    <>
      <Part title="Concealing the identity" note="EF.SUCI_Calc_Info" changed={desk.pending('suci') !== undefined} problem={desk.problem('suci')}>
        <ToggleButtonGroup exclusive size="small" value={edit.calculatedBy} onChange={(_, next: Suci['calculatedBy'] | null) => next !== null && set({ calculatedBy: next })} aria-label="Calculated by">
          <ToggleButton value="ue">By the device</ToggleButton>
          <ToggleButton value="usim">By the USIM</ToggleButton>
        </ToggleButtonGroup>
        <Box component="h4" sx={{ m: '14px 0 2px', fontSize: '0.8125rem', fontWeight: 600 }}>Public keys of the home network</Box>
        {edit.keys.length === 0 && <Muted>None. The null scheme needs none.</Muted>}
        {edit.keys.map((key, at) => (
          <Box key={at} sx={{ display: 'flex', gap: 1, alignItems: 'center', py: '4px' }}>
            <Box component="span" sx={{ width: 22, textAlign: 'right' }}>{at + 1}</Box>
            <TextField type="number" label={`Identifier of key ${at + 1}`} value={key.id} onChange={(event) => set({ keys: edit.keys.map((other, i) => (i === at ? { ...other, id: Number(event.target.value) } : other)) })} sx={{ width: 140 }} slotProps={{ htmlInput: { min: 0, max: 255 } }} />
            <Text label={`Key ${at + 1} in hexadecimal`} value={key.value} onChange={(value) => set({ keys: edit.keys.map((other, i) => (i === at ? { ...other, value: value.replaceAll(/\s/g, '').toLowerCase() } : other)) })} mono />
            <RowTools what={`key ${at + 1}`} first last onRemove={() => set({ keys: edit.keys.filter((_, i) => i !== at), schemes: edit.schemes.filter((one) => one.key !== at + 1).map((one) => (one.key !== undefined && one.key > at + 1 ? { ...one, key: one.key - 1 } : one)) })} />
          </Box>
        ))}
        <AddButton onClick={() => set({ keys: [...edit.keys, { id: edit.keys.length + 1, value: '' }], schemes: [...edit.schemes, { scheme: 'profile-a', key: edit.keys.length + 1 }] })}>Add a key</AddButton>
        <Box component="h4" sx={{ m: '14px 0 2px', fontSize: '0.8125rem', fontWeight: 600 }}>Schemes, highest priority first</Box>
        {edit.schemes.map((one, at) => (
          <Box key={at} sx={{ display: 'flex', gap: 1, alignItems: 'center', py: '4px' }}>
            <Box component="span" sx={{ width: 22, textAlign: 'right' }}>{at + 1}</Box>
            <TextField select label={`Scheme ${at + 1}`} value={one.scheme} sx={{ width: 260 }} onChange={(event) => {
              const scheme = event.target.value as keyof typeof schemeNames;
              set({ schemes: edit.schemes.map((other, i) => (i === at ? (scheme === 'null' ? { scheme } : { scheme, key: other.key ?? 1 }) : other)) });
            }}>
              {(Object.keys(schemeNames) as (keyof typeof schemeNames)[]).map((name) => <MenuItem key={name} value={name}>{schemeNames[name]}</MenuItem>)}
            </TextField>
            {one.scheme !== 'null' && (
              <TextField select label={`Key of scheme ${at + 1}`} value={one.key !== undefined && one.key <= edit.keys.length ? one.key : ''} onChange={(event) => set({ schemes: edit.schemes.map((other, i) => (i === at ? { ...other, key: Number(event.target.value) } : other)) })} sx={{ width: 150 }}>
                {edit.keys.map((key, i) => <MenuItem key={i} value={i + 1}>{`Key ${i + 1} (${key.id})`}</MenuItem>)}
              </TextField>
            )}
            <Box sx={{ flex: 1 }} />
            <RowTools what={`scheme ${at + 1}`} first={at === 0} last={at === edit.schemes.length - 1} onMove={(by) => set({ schemes: moved(edit.schemes, at, by) })} onRemove={() => set({ schemes: edit.schemes.filter((_, i) => i !== at) })} />
          </Box>
        ))}
        <AddButton onClick={() => set({ schemes: [...edit.schemes, { scheme: 'null' }] })}>Add a scheme</AddButton>
      </Part>
      <Part title="Routing indicator" note="EF.Routing_Indicator: leads to the right AUSF and UDM" changed={desk.pending('routing-indicator') !== undefined} problem={desk.problem('routing-indicator')}>
        <Text label="Digits" value={indicator.digits} onChange={(digits) => desk.put({ kind: 'routing-indicator', digits })} mono width={120} help="1 to 4" />
      </Part>
    </>
  );
}

const categories = [['police', 'Police'], ['ambulance', 'Ambulance'], ['fire', 'Fire'], ['marine', 'Marine'], ['mountain', 'Mountain']] as const;
type Category = (typeof categories)[number][0];

export function EmergencySection({ desk }: { readonly desk: EditDesk }): ReactElement {
  const edit = desk.value('emergency-numbers');
  const set = (numbers: Edit<'emergency-numbers'>['numbers']): void => desk.put({ kind: 'emergency-numbers', numbers });
  return (
    <Part title="Emergency numbers" note="EF.ECC" changed={desk.pending('emergency-numbers') !== undefined} problem={desk.problem('emergency-numbers')}>
      {edit.numbers.map((one, at) => {
        const change = (part: Partial<typeof one>): void => set(edit.numbers.map((other, i) => (i === at ? { ...other, ...part } : other)));
        return (
          <Box key={at} sx={(theme) => ({ display: 'flex', gap: 1, alignItems: 'center', py: '6px', flexWrap: 'wrap', borderTop: at === 0 ? 'none' : `1px solid ${theme.desk.line}` })}>
            <Text label={`Number ${at + 1}`} value={one.number} onChange={(number) => change({ number: number.trim() })} mono width={100} />
            <Text label={`Name ${at + 1}`} value={one.name ?? ''} onChange={(name) => set(edit.numbers.map((other, i) => (i === at ? { number: other.number, ...(name === '' ? {} : { name }), categories: other.categories ?? [] } : other)))} width={170} />
            <ToggleButtonGroup size="small" value={one.categories ?? []} onChange={(_, next: Category[]) => change({ categories: categories.map(([id]) => id).filter((id) => next.includes(id)) })} aria-label={`Services of number ${at + 1}`} sx={{ '& .MuiToggleButton-root': { py: '2px', px: '8px', minHeight: 26 } }}>
              {categories.map(([id, name]) => <ToggleButton key={id} value={id}>{name}</ToggleButton>)}
            </ToggleButtonGroup>
            <Box sx={{ flex: 1 }} />
            <RowTools what={`number ${at + 1}`} first={at === 0} last={at === edit.numbers.length - 1} onMove={(by) => set(moved(edit.numbers, at, by))} onRemove={() => set(edit.numbers.filter((_, i) => i !== at))} />
          </Box>
        );
      })}
      <AddButton onClick={() => set([...edit.numbers, { number: '', categories: [] }])}>Add a number</AddButton>
    </Part>
  );
}

export function ImsSection({ desk }: { readonly desk: EditDesk }): ReactElement {
  const edit = desk.value('ims');
  if (!desk.present.applications.includes('isim')) return <Missing>The template has no IMS application (ISIM). Devices make IMS identities from the IMSI then.</Missing>;
  const impus = edit.impus ?? [];
  const set = (change: Partial<Edit<'ims'>>): void => desk.put({ ...edit, ...change });
  return (
    <Part title="IMS identities" note="EF.IMPI, EF.IMPU, EF.DOMAIN. An empty field stays as the template has it." changed={desk.pending('ims') !== undefined} problem={desk.problem('ims')}>
      <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1.5 }}>
        <Text label="Private identity" value={edit.impi ?? ''} onChange={(impi) => set({ impi: impi.trim() })} mono help="user@domain" />
        <Text label="Home domain" value={edit.domain ?? ''} onChange={(domain) => set({ domain: domain.trim() })} mono />
        {impus.map((one, at) => (
          <Box key={at} sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
            <Text label={`Public identity ${at + 1}`} value={one} onChange={(text) => set({ impus: impus.map((other, i) => (i === at ? text.trim() : other)) })} mono />
            <RowTools what={`public identity ${at + 1}`} first={at === 0} last={at === impus.length - 1} onMove={(by) => set({ impus: moved(impus, at, by) })} onRemove={() => set({ impus: impus.filter((_, i) => i !== at) })} />
          </Box>
        ))}
      </Box>
      <AddButton onClick={() => set({ impus: [...impus, ''] })}>Add a public identity</AddButton>
    </Part>
  );
}

export function NumbersSection({ desk }: { readonly desk: EditDesk }): ReactElement {
  const centre = desk.value('service-centre');
  const mnc = desk.value('mnc-length');
  return (
    <>
      <Part title="SMS service centre" note="EF.SMSP" changed={desk.pending('service-centre') !== undefined} problem={desk.problem('service-centre')}>
        {desk.present.serviceCentre === undefined ? <Missing>The template has no file for it.</Missing> : <Text label="Number" value={centre.number} onChange={(number) => desk.put({ kind: 'service-centre', number: number.replaceAll(/[\s-]/g, '') })} mono width={260} help="International with + in front." />}
      </Part>
      {([1, 2] as const).map((level) => {
        const key = `group-identifier:${level}`;
        const edit = desk.value('group-identifier', key);
        return (
          <Part key={level} title={`Group identifier ${level}`} note={`EF.GID${level}; tells the brand of a profile to devices and networks`} changed={desk.pending(key) !== undefined} problem={desk.problem(key)}>
            <Text label={`GID${level} in hexadecimal`} value={edit.value} onChange={(value) => desk.put({ kind: 'group-identifier', level, value: value.replaceAll(/\s/g, '').toLowerCase() })} mono width={320} />
          </Part>
        );
      })}
      <Part title="Length of the MNC" note="EF.AD" changed={desk.pending('mnc-length') !== undefined} problem={desk.problem('mnc-length')}>
        {desk.present.mncLength === undefined ? <Missing>The template has no file for it.</Missing> : (
          <ToggleButtonGroup exclusive size="small" value={mnc.digits} onChange={(_, digits: 2 | 3 | null) => digits !== null && desk.put({ kind: 'mnc-length', digits })} aria-label="Digits of the MNC">
            <ToggleButton value={2}>2 digits</ToggleButton>
            <ToggleButton value={3}>3 digits</ToggleButton>
          </ToggleButtonGroup>
        )}
      </Part>
    </>
  );
}

const demandWords: Readonly<Record<string, string>> = {
  'usim': 'USIM', 'isim': 'ISIM', 'csim': 'CSIM', 'milenage': 'Milenage', 'tuak128': 'TUAK with K of 128 bits', 'tuak256': 'TUAK with K of 256 bits', 'cave': 'CAVE (CDMA)', 'usim-test-algorithm': 'Test algorithm (XOR)', 'javacard': 'Java Card',
  'multiple-usim': 'More than one USIM', 'multiple-isim': 'More than one ISIM', 'multiple-csim': 'More than one CSIM', 'get-identity': 'SUCI calculated by the USIM', 'profile-a-x25519': 'SUCI profile A (X25519)', 'profile-b-p256': 'SUCI profile B (P-256)',
  'gba-usim': 'GBA in the USIM', 'gba-isim': 'GBA in the ISIM', 'ber-tlv': 'BER-TLV files', 'dfLink': 'Links to directories', 'cat-tp': 'CAT_TP', 'contactless': 'Contactless', 'mbms': 'MBMS', 'eap': 'EAP', 'multos': 'MULTOS', 'dns-resolution': 'DNS resolution',
};

export function MandatorySection({ desk }: { readonly desk: EditDesk }): ReactElement {
  const edit = desk.value('mandatory-services');
  const [all, setAll] = useState(false);
  const on = (name: string, before: boolean): boolean => (edit.on?.includes(name) ? true : edit.off?.includes(name) ? false : before);
  const set = (name: string, before: boolean, to: boolean): void => {
    const without = (list: readonly string[] | undefined): string[] => (list ?? []).filter((one) => one !== name);
    desk.put({ kind: 'mandatory-services', on: [...without(edit.on), ...(to && !before ? [name] : [])].sort(), off: [...without(edit.off), ...(!to && before ? [name] : [])].sort() });
  };
  const list = desk.present.mandatoryServices;
  const usual = list.filter((one) => all || one.on || demandWords[one.name] !== undefined);
  return (
    <Part title="The eUICC must be able to do" note="eUICC-Mandatory-services in the header" changed={desk.pending('mandatory-services') !== undefined} problem={desk.problem('mandatory-services')}>
      <Box sx={{ columnWidth: 280, columnGap: 3 }}>
        {usual.map((one) => (
          <Box key={one.name} sx={{ breakInside: 'avoid' }}>
            <Tick label={<>{demandWords[one.name] ?? one.name} {demandWords[one.name] !== undefined && <Muted><span className="mono">{one.name}</span></Muted>}</>} on={on(one.name, one.on)} onChange={(to) => set(one.name, one.on, to)} />
          </Box>
        ))}
      </Box>
      {usual.length < list.length && <Button onClick={() => setAll(true)} sx={{ ml: '-11px' }}>Show the rare ones too</Button>}
    </Part>
  );
}

export function CdmaSection({ desk }: { readonly desk: EditDesk }): ReactElement {
  const pending = desk.pending('strip-csim') !== undefined;
  if (!desk.present.applications.includes('csim')) return <Missing>The template has no CDMA application.</Missing>;
  return (
    <Part title="CDMA application" note="CSIM" changed={pending} problem={desk.problem('strip-csim')}>
      <Tick label="Take the CDMA application out, with its PINs, keys, file management and demands on the eUICC" on={pending} onChange={(on) => (on ? desk.put({ kind: 'strip-csim' }) : desk.remove('strip-csim'))} />
    </Part>
  );
}
