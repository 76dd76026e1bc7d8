/** What columns are called. Suppliers name them as they like; what they mean is known (pySim CSV, vendors' output files). */
import type { ImportFieldName } from '../../../shared/contract/imports.ts';
import { importFields } from '../../../shared/contract/imports.ts';
import type { SubscriberSecrets } from '../../vault-link/operations.ts';

/** IMS identities are no secrets: they are kept with them because nothing else keeps them. */
export type SecretName = Exclude<keyof SubscriberSecrets, IdentityName>;
export type IdentifierName = 'iccid' | 'imsi' | 'msisdn' | 'mcc' | 'mnc' | 'msin' | IdentityName;
export type IdentityName = 'impi' | 'impu';

const kinds = new Map<string, string>(importFields.map((one) => [one.field, one.kind]));
export const isIdentifier = (field: ImportFieldName | undefined): field is IdentifierName => field !== undefined && kinds.get(field) === 'identifier';
export const isSecret = (field: ImportFieldName | undefined): field is ImportFieldName & SecretName => field !== undefined && kinds.get(field) === 'secret';
export const isIdentity = (field: ImportFieldName | undefined): field is IdentityName => field === 'impi' || field === 'impu';
export const isCheck = (field: ImportFieldName | undefined): boolean => field !== undefined && kinds.get(field) === 'check';
/** The secret a check value belongs to. */
export const checkedSecret = (field: ImportFieldName): SecretName => field.slice(0, -3) as SecretName;

/** Keys of security domains; each where the template has its key set. */
export const keySetFields = [
  'scp80Kic', 'scp80Kid', 'scp80Kik', 'scp81Psk', 'scp81Dek', 'scp02Enc', 'scp02Mac', 'scp02Dek', 'scp03Enc', 'scp03Mac', 'scp03Dek',
] as const satisfies readonly SecretName[];

/** Values that a key makes good for, and that are refused in clear outside a lab. */
export const keyFields: ReadonlySet<string> = new Set(['k', 'opc', 'op', ...keySetFields]);

const aliases: Readonly<Record<ImportFieldName, readonly string[]>> = {
  iccid: ['iccid', 'sernb', 'sernum', 'icc', 'serialnumber', 'serialnb', 'iccid1'],
  imsi: ['imsi', 'imsi1'],
  msisdn: ['msisdn', 'msisdn1', 'phonenumber', 'directorynumber'],
  mcc: ['mcc'], mnc: ['mnc'], msin: ['msin'],
  k: ['k', 'ki'],
  opc: ['opc'],
  op: ['op'],
  pin1: ['pin1', 'pin', 'chv1'],
  pin2: ['pin2', 'chv2'],
  puk1: ['puk1', 'puk', 'unblockchv1'],
  puk2: ['puk2', 'unblockchv2'],
  adm1: ['adm1', 'adm', 'pinadm', 'adm01', 'pinadm1'],
  adm2: ['adm2', 'pinadm2', 'adm02'],
  impi: ['impi', 'privateidentity', 'imsprivateidentity'], impu: ['impu', 'impu1', 'publicidentity', 'imspublicidentity'],
  scp80Kic: ['kic', 'kic1', 'scp80kic', 'otakic', 'kic01'],
  scp80Kid: ['kid', 'kid1', 'scp80kid', 'otakid', 'kid01'],
  scp80Kik: ['kik', 'kik1', 'scp80kik', 'otakik', 'kik01'],
  scp81Psk: ['scp81psk', 'psk', 'tlspsk', 'pskkey', 'scp81key', 'psktls', 'scp81tlspsk'], scp81Dek: ['scp81dek', 'scp81kik', 'pskdek', 'psktlsdek'],
  scp02Enc: ['scp02enc', 'scp02kic'], scp02Mac: ['scp02mac', 'scp02kid'], scp02Dek: ['scp02dek', 'scp02kik'],
  scp03Enc: ['scp03enc', 'scp03kic'], scp03Mac: ['scp03mac', 'scp03kid'], scp03Dek: ['scp03dek', 'scp03kik'],
  kKcv: ['kikcv', 'kcvki', 'kkcv', 'kcvk', 'kcv'],
  opcKcv: ['opckcv', 'kcvopc'], opKcv: ['opkcv', 'kcvop'],
  scp80KicKcv: ['kickcv', 'kcvkic', 'kic1kcv'], scp80KidKcv: ['kidkcv', 'kcvkid', 'kid1kcv'], scp80KikKcv: ['kikkcv', 'kcvkik', 'kik1kcv'],
  scp81DekKcv: ['scp81dekkcv', 'kcvscp81dek'],
  scp02EncKcv: ['scp02enckcv', 'kcvscp02enc'], scp02MacKcv: ['scp02mackcv', 'kcvscp02mac'], scp02DekKcv: ['scp02dekkcv', 'kcvscp02dek'],
  scp03EncKcv: ['scp03enckcv', 'kcvscp03enc'], scp03MacKcv: ['scp03mackcv', 'kcvscp03mac'], scp03DekKcv: ['scp03dekkcv', 'kcvscp03dek'],
};

/** The same under a transport key: taken for plain they would make a dead profile. */
const encrypted: Readonly<Record<string, ImportFieldName>> = {
  eki: 'k', ek: 'k', kienc: 'k', encki: 'k', eopc: 'opc', opcenc: 'opc', encopc: 'opc', eop: 'op', openc: 'op', encop: 'op',
  ekic: 'scp80Kic', ekid: 'scp80Kid', ekik: 'scp80Kik', ekic1: 'scp80Kic', ekid1: 'scp80Kid', ekik1: 'scp80Kik',
};

/** Known, and nothing this program keeps: access classes come from the IMSI, more than one IMSI has no place in a profile here. */
const passedOver: Readonly<Record<string, string>> = {
  error: 'Written beside the rows by a fix file.', hint: 'Written beside the rows by a fix file.', acc: 'The access class is made from the IMSI.',
  name: 'Not kept.', smsp: 'The service centre comes with the profile type.', cardtypeid: 'Not kept.', formfactorid: 'Not kept.', proprietary: 'Not kept.', eid: 'An eUICC is named when an order is made.',
};

const otherSet = 'All key sets of a protocol hold the same keys in a profile: those of the first.';
const pskIdentity = 'The PSK identity stands in the template; it is not written for each profile.';
const eUICC = 'A key of the eUICC itself: it belongs to no profile.';

/** Names of keys by protocol, as pySim (`UICC_SCP02_KIC1`, `SdKeyScp03Kvn30EncAes`) and vendors write them; `set` is the place among the sets of its protocol. */
const keyNames: Readonly<Record<string, string>> = { kic: 'kic', enc: 'kic', kid: 'kid', mac: 'kid', kik: 'kik', dek: 'kik', psk: 'psk', tlspsk: 'psk', key: 'psk', pskidentity: 'identity', identity: 'identity', pskid: 'identity' };
const keyOf: Readonly<Record<string, ImportFieldName>> = {
  scp80kic: 'scp80Kic', scp80kid: 'scp80Kid', scp80kik: 'scp80Kik', scp81psk: 'scp81Psk', scp81kik: 'scp81Dek',
  scp02kic: 'scp02Enc', scp02kid: 'scp02Mac', scp02kik: 'scp02Dek', scp03kic: 'scp03Enc', scp03kid: 'scp03Mac', scp03kik: 'scp03Dek',
};
const keyName = /^(e|enc|kcv)?(?:uicc|ota|sdkey|sd)*(?:(scp80|scp81|scp02|scp03)?(?:kvn([0-9a-f]{2}))?(kic|kid|kik|enc|mac|dek|tlspsk|pskidentity|pskid|psk|identity|key)(aes|des)?0?([1-9])?)(kcv|enc)?$/;

interface KeyColumn {
  readonly field: ImportFieldName | undefined;
  /** Why it is passed over. */
  readonly over?: string;
  readonly encrypted: boolean;
}

/** A column of a key set by its name; undefined where the name speaks of none. Without a protocol only KIC, KID and KIK are keys, of SCP80. */
function readKeyName(name: string): KeyColumn | undefined {
  if (/^(e|enc)?scp03(enc|mac|dek)(isdr|isda|ecasd)$/.test(name)) return { field: undefined, over: eUICC, encrypted: false };
  const [, front = '', protocol = '', version, key = '', , set, behind = ''] = keyName.exec(name) ?? [];
  if (key === '' || (protocol === '' && !/^ki[cdk]$/.test(key))) return undefined;
  const family = protocol === '' ? 'scp80' : protocol;
  const what = keyNames[key]!;
  if (what === 'identity') return family === 'scp81' ? { field: undefined, over: pskIdentity, encrypted: false } : undefined;
  const field = keyOf[family + what];
  if (field === undefined) return undefined;
  // Versions of a protocol begin at 01, 40, 20 and 30.
  const place = set ?? (version === undefined ? '1' : String((Number.parseInt(version, 16) & 0x0f) + (family === 'scp80' ? 0 : 1)));
  if (place !== '1') return { field: undefined, over: otherSet, encrypted: false };
  if (front === 'kcv' || behind === 'kcv') return field === 'scp81Psk' ? { field: undefined, over: 'A PSK has no check value here.', encrypted: false } : { field: `${field}Kcv` as ImportFieldName, encrypted: false };
  return { field, encrypted: front !== '' || behind !== '' };
}

const byAlias = new Map(Object.entries(aliases).flatMap(([name, list]) => list.map((alias) => [alias, name as ImportFieldName] as const)));

export function normalised(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}

export function columnNamed(text: string): ImportFieldName | undefined {
  const name = normalised(text);
  const key = byAlias.has(name) ? undefined : readKeyName(name);
  return byAlias.get(name) ?? (key?.encrypted ? undefined : key?.field);
}

export interface NamedColumn {
  readonly field?: ImportFieldName;
  readonly encrypted: boolean;
  readonly why: string;
  /** The name is known, so nothing has to be chosen. */
  readonly known: boolean;
}

/** What a name says of its column. */
export function readName(text: string): NamedColumn {
  const name = normalised(text);
  const field = byAlias.get(name);
  if (field) return { field, encrypted: false, why: `It is named ${text.trim()}.`, known: true };
  const wrapped = encrypted[name];
  if (wrapped) return { field: wrapped, encrypted: true, why: `The name ${text.trim()} says that it is encrypted under a transport key.`, known: true };
  const key = readKeyName(name);
  if (key?.field) return { field: key.field, encrypted: key.encrypted, why: key.encrypted ? `The name ${text.trim()} says that it is encrypted under a transport key.` : `It is named ${text.trim()}.`, known: true };
  const over = key?.over ?? passedOver[name] ?? (/^(pskid|pskidentity)$/.test(name) ? pskIdentity : undefined) ?? (/^impu[2-9]$/.test(name) ? 'A profile here has one public identity.' : undefined) ?? (/^imsi[2-9]$/.test(name) ? 'An auxiliary IMSI, which the template does not use: not imported.' : undefined) ?? (/^(msisdn[2-9]|info[1-9])$/.test(name) ? 'It belongs to an auxiliary IMSI: not imported.' : undefined);
  if (over !== undefined) return { encrypted: false, why: over, known: true };
  return { encrypted: false, why: 'The name says nothing known here.', known: false };
}

export const labelOf = (field: ImportFieldName): string => importFields.find((one) => one.field === field)!.label.replace(/ \(.*/, '');
/** What the column may be called, for a hint. */
export const aliasesOf = (field: ImportFieldName): readonly string[] => aliases[field];
