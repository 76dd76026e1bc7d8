/** What is to be said of the transport keys a person, a mapping or a header chose for a file. */
import type { ImportColumn, ImportDetection, ImportFieldName } from '../../../shared/contract/imports.ts';
import { isSameIndex } from '../../../shared/contract/transport-keys.ts';
import { DeskProblem } from '../context.ts';
import { keyFields, labelOf } from './columns.ts';
import type { HeaderKey, HeaderKeys } from './header-keys.ts';
import { unchosen } from './header-keys.ts';
import type { TransportKeyRecord } from './transport.ts';

/** A secret of the file and the key it is to be opened with. */
export interface KeyUse {
  readonly field: ImportFieldName;
  readonly key: TransportKeyRecord;
}

export interface KeyNotices {
  /** Keys that are others than the header says, and nothing in the file tells who is right. */
  readonly against: string | undefined;
  /** The same where check values tell. */
  readonly checkedAgainst: string | undefined;
  /** Keys that may be wrong without anybody noticing. */
  readonly unchecked: string | undefined;
}

const listed = (names: readonly string[]): string => new Intl.ListFormat('en').format(names);
const labels = (uses: readonly KeyUse[]): string => listed(uses.map((one) => labelOf(one.field)));

function differs(said: HeaderKey | undefined, key: TransportKeyRecord): boolean {
  if (!said) return false;
  if (said.clear) return true;
  if (said.keys.includes(key.name)) return false;
  return key.index === undefined ? said.keys.length > 0 : !isSameIndex(key.index, said.index);
}

function contradiction(said: HeaderKey, key: TransportKeyRecord, uses: readonly KeyUse[]): string {
  const head = said.clear ? `The header says that ${labels(uses)} ${uses.length === 1 ? 'is' : 'are'} in the clear (transport key ${said.index})` : `The header says transport key ${said.index} for ${labels(uses)}`;
  const other = said.clear || said.keys.length === 0 ? '' : `, which is ${listed(said.keys)} here`;
  return `${head}${other}; chosen is ${key.name}, which has ${key.index === undefined ? 'no index' : `index ${key.index}`}.`;
}

/** Any octets can be opened with any key: only check values, and codes that must come out as digits, tell a wrong key. */
export function keyNotices(uses: readonly KeyUse[], mapped: ReadonlySet<ImportFieldName>, keyOf: HeaderKeys): KeyNotices {
  const told = (key: TransportKeyRecord): boolean => uses.some((one) => one.key.id === key.id && (/^p(?:in|uk)[12]$/.test(one.field) || mapped.has(`${one.field}Kcv` as ImportFieldName)));
  const against: string[] = [];
  const checkedAgainst: string[] = [];
  const unchecked: string[] = [];
  for (const key of new Set(uses.map((one) => one.key))) {
    const own = uses.filter((one) => one.key === key && keyFields.has(one.field));
    const odd = own.filter((one) => differs(keyOf(one.field), key));
    for (const said of new Set(odd.map((one) => keyOf(one.field)!))) (told(key) ? checkedAgainst : against).push(contradiction(said, key, odd.filter((one) => keyOf(one.field) === said)));
    if (own.length > 0 && !told(key)) unchecked.push(`Nothing in this file tells whether the transport key is the right one: ${labels(own)} under ${key.name} ${own.length === 1 ? 'has' : 'have'} no check values.`);
  }
  const text = (sentences: readonly string[]): string | undefined => (sentences.length === 0 ? undefined : sentences.join(' '));
  return { against: text(against), checkedAgainst: text(checkedAgainst), unchecked: text(unchecked) };
}

/** Why a key column without a transport key is not simply in the clear; undefined where nothing says otherwise. */
export function notClear(column: Pick<ImportColumn, 'index'> & { readonly field: ImportFieldName }, keyOf: HeaderKeys, detected: ImportDetection['columns']): DeskProblem | undefined {
  const said = keyOf(column.field);
  const label = labelOf(column.field);
  if (said && !said.clear) {
    return new DeskProblem('TRANSPORT_KEY_UNKNOWN', `The header says that ${label} comes under transport key ${said.index}, ${unchosen(said)}${said.keys.length === 0 ? '' : ', but none is chosen'}.`, {
      field: 'columns', hint: said.keys.length === 0 ? 'Register the key with the components the sender gave, or give the index to the key it is.' : 'Choose the transport key of the column.',
    });
  }
  const found = detected.find((one) => one.index === column.index);
  return found?.encrypted ? new DeskProblem('TRANSPORT_KEY_UNKNOWN', `The column ${found.name} is encrypted under a transport key, and none is chosen.`, { field: 'columns', hint: 'Choose the transport key of the column.' }) : undefined;
}
