/** What columns are called. Suppliers name them as they like; what they mean is known (pySim CSV, vendors' output files). */
import type { ImportFieldName } from '../../../shared/contract/imports.ts';
import { importFields } from '../../../shared/contract/imports.ts';
import type { SubscriberSecrets } from '../../vault-link/operations.ts';

export type SecretName = keyof SubscriberSecrets;
export type IdentifierName = 'iccid' | 'imsi' | 'msisdn' | 'mcc' | 'mnc' | 'msin';

const kinds = new Map<string, string>(importFields.map((one) => [one.field, one.kind]));
export const isIdentifier = (field: ImportFieldName | undefined): field is IdentifierName => field !== undefined && kinds.get(field) === 'identifier';
export const isSecret = (field: ImportFieldName | undefined): field is ImportFieldName & SecretName => field !== undefined && kinds.get(field) === 'secret';
export const isCheck = (field: ImportFieldName | undefined): boolean => field !== undefined && kinds.get(field) === 'check';
/** The secret a check value belongs to. */
export const checkedSecret = (field: ImportFieldName): SecretName => field.slice(0, -3) as SecretName;

/** Values that a key makes good for, and that are refused in clear outside a lab. */
export const keyFields: ReadonlySet<string> = new Set(['k', 'opc', 'op', 'scp80Kic', 'scp80Kid', 'scp80Kik']);

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
  adm1: ['adm1', 'adm', 'pinadm', 'adm01'],
  scp80Kic: ['kic', 'kic1', 'scp80kic', 'otakic', 'kic01'],
  scp80Kid: ['kid', 'kid1', 'scp80kid', 'otakid', 'kid01'],
  scp80Kik: ['kik', 'kik1', 'scp80kik', 'otakik', 'kik01'],
  kKcv: ['kikcv', 'kcvki', 'kkcv', 'kcvk', 'kcv'],
  opcKcv: ['opckcv', 'kcvopc'], opKcv: ['opkcv', 'kcvop'],
  scp80KicKcv: ['kickcv', 'kcvkic', 'kic1kcv'], scp80KidKcv: ['kidkcv', 'kcvkid', 'kid1kcv'], scp80KikKcv: ['kikkcv', 'kcvkik', 'kik1kcv'],
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
  adm2: 'Made at preparation.', kic2: 'Only the first key set is kept.', kid2: 'Only the first key set is kept.', kik2: 'Only the first key set is kept.',
  kic3: 'Only the first key set is kept.', kid3: 'Only the first key set is kept.', kik3: 'Only the first key set is kept.',
};

const byAlias = new Map(Object.entries(aliases).flatMap(([name, list]) => list.map((alias) => [alias, name as ImportFieldName] as const)));

export function normalised(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}

export function columnNamed(text: string): ImportFieldName | undefined {
  return byAlias.get(normalised(text));
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
  const over = passedOver[name] ?? (/^(imsi|msisdn|info)[2-9]$/.test(name) ? 'A profile here has one IMSI and one MSISDN.' : undefined);
  if (over !== undefined) return { encrypted: false, why: over, known: true };
  return { encrypted: false, why: 'The name says nothing known here.', known: false };
}

export const labelOf = (field: ImportFieldName): string => importFields.find((one) => one.field === field)!.label.replace(/ \(.*/, '');
/** What the column may be called, for a hint. */
export const aliasesOf = (field: ImportFieldName): readonly string[] => aliases[field];
