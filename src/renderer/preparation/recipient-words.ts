/** Words and rules of recipients, as the editor shows them; the engine decides. Pure. */
import type { FieldInfo, OutputColumn, OutputEncoding, OutputField, OutputFormat, RecipientInput, RecipientKind } from '../../shared/contract/preparation.ts';

export const kindNames: Readonly<Record<RecipientKind, string>> = { hlr: 'HLR or AuC', ota: 'OTA platform', print: 'Print house', custom: 'Somebody else' };
export const kindMeanings: Readonly<Record<RecipientKind, string>> = {
  hlr: 'Numbers, K and OPc under a transport key. Never OTA keys, PINs or PUKs.', ota: 'Numbers and OTA keys under a transport key of its own. Never K or OPc.',
  print: 'Numbers and activation codes; PINs and PUKs in an encrypted file only. Never keys.', custom: 'Any open column; keys and codes only as strictly as for the others.',
};
export const formatNames: Readonly<Record<OutputFormat, string>> = { csv: 'CSV, commas', semicolon: 'CSV, semicolons', tab: 'Tab-separated', 'json-lines': 'JSON lines', out: 'Vendor file (.out)', template: 'Own row, as a template' };
export const groupNames: Readonly<Record<FieldInfo['group'], string>> = { numbers: 'Numbers', profile: 'Profile', activation: 'Activation', 'network keys': 'Network keys', 'ota keys': 'OTA keys', codes: 'Codes', other: 'Other' };

export const emptyRecipient: RecipientInput = { name: '', kind: 'hlr', format: 'csv', header: true, columns: [], lines: [], age: [], lineEnd: 'lf' };

/** Why a field may not go to a recipient of this kind; undefined when it may. */
export function refusedBecause(field: Pick<FieldInfo, 'kinds' | 'title' | 'secrecy' | 'group'>, kind: RecipientKind): string | undefined {
  if (field.kinds.includes(kind)) return undefined;
  if (kind === 'hlr' && field.group === 'ota keys') return 'The HLR has no use for OTA keys; one leak must not open both.';
  if (kind === 'ota' && field.group === 'network keys') return 'The OTA platform must not know K or OPc; one leak must not open both.';
  if (kind === 'print' && field.secrecy === 'key') return 'A print house gets no keys.';
  return `${field.title} does not go to ${{ hlr: 'an HLR', ota: 'an OTA platform', print: 'a print house', custom: 'anybody' }[kind]}.`;
}

/** What must protect the columns chosen; undefined when nothing must, or it is there. */
export function protectionNeeded(recipient: Pick<RecipientInput, 'columns' | 'transportKey' | 'otaTransportKey' | 'age'>, fields: readonly FieldInfo[], lab = false): string | undefined {
  if (recipient.age.length > 0) return undefined;
  const needed = neededBy(recipient, fields);
  return needed === undefined || !lab ? needed : `Outside a Lab: ${needed} Here they leave in the clear.`;
}

function neededBy(recipient: Pick<RecipientInput, 'columns' | 'transportKey' | 'otaTransportKey'>, fields: readonly FieldInfo[]): string | undefined {
  const chosen = recipient.columns.map((column) => fields.find((one) => one.field === column.field)).filter((one) => one !== undefined);
  if (chosen.some((one) => one.secrecy === 'code')) return 'PINs, PUKs and ADM codes leave in a file encrypted to an age recipient only.';
  if (chosen.some((one) => one.group === 'network keys' && one.secrecy === 'key') && recipient.transportKey === undefined) return 'K and OPc leave under a transport key, or in a file encrypted to an age recipient.';
  if (chosen.some((one) => one.group === 'ota keys' && one.secrecy === 'key') && recipient.otaTransportKey === undefined) return 'OTA keys leave under a transport key of their own, or in a file encrypted to an age recipient.';
  return undefined;
}

export const headingOf = (column: OutputColumn, fields: readonly FieldInfo[]): string => column.name ?? fields.find((one) => one.field === column.field)?.heading ?? column.field;

/** What stands in a column, as an example with made-up values. */
export function exampleOf(column: OutputColumn, fields: readonly FieldInfo[]): string {
  if (column.field === 'constant') return column.value ?? '';
  const info = fields.find((one) => one.field === column.field);
  const encoding: OutputEncoding | undefined = column.encoding ?? info?.encodings[0]?.id;
  return info?.encodings.find((one) => one.id === encoding)?.example ?? '';
}

export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  if (to < 0 || to >= list.length || from === to) return [...list];
  const next = [...list];
  const [taken] = next.splice(from, 1);
  if (taken !== undefined) next.splice(to, 0, taken);
  return next;
}

/** age recipients from a text field, one a line. */
export const ageLines = (text: string): string[] => text.split(/[\s,]+/).map((one) => one.trim()).filter(Boolean);
export const ageProblem = (text: string): string | undefined => (ageLines(text).every((one) => /^age1[0-9a-z]{20,}$/.test(one)) ? undefined : 'Each begins with age1; small letters and digits');

/** A field not yet in the columns, put last. */
export const withField = (columns: readonly OutputColumn[], field: OutputField): OutputColumn[] => [...columns, field === 'constant' ? { field, value: '' } : { field }];
