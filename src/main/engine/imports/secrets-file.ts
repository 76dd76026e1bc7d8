/** Secrets of one profile from a file: `name=value` lines, or a CSV of one row with the columns of a stock file. */
import type { SubscriberSecrets } from '../../vault-link/operations.ts';
import { DeskProblem } from '../context.ts';
import type { IdentityName, SecretName } from './columns.ts';
import { columnNamed, isIdentifier, isIdentity, isSecret } from './columns.ts';
import { findingKinds } from './findings.ts';
import { openSource } from './source.ts';
import { findEncoding } from './text.ts';
import { trimmed } from './transforms.ts';
import type { KeyLengths } from './values.ts';
import { readIdentity, readSecret } from './values.ts';

const EQUALS = 0x3d;

/** The caller wipes the answer; `file` is zeroed by who took it. Throws {@link DeskProblem} `SECRETS_INVALID`. */
export async function readSecretsFile(file: Uint8Array, lengths: KeyLengths): Promise<SubscriberSecrets> {
  const secrets: SubscriberSecrets = {};
  try {
    const body = file.subarray(file.length === 0 ? 0 : findEncoding(file).mark);
    // No value a CSV may hold here has an equals sign.
    const pairs = body.includes(EQUALS) ? linePairs(body) : await csvPairs(body);
    for (const { name, value } of pairs) take(secrets, name, value, lengths);
    if (Object.keys(secrets).length === 0) throw invalid('The file of secrets names none.');
    if ((secrets.opc || secrets.op) && !secrets.k) throw invalid('The file has an OP or OPc but no K to go with it.');
    return secrets;
  } catch (error) {
    wipe(secrets);
    if (error instanceof DeskProblem && error.code.startsWith('FILE_')) throw invalid(error.message);
    throw error;
  }
}

interface Pair {
  readonly name: string;
  readonly value: Uint8Array;
}

function invalid(message: string): DeskProblem {
  return new DeskProblem('SECRETS_INVALID', message, { field: 'secrets', hint: 'Lines like ki=…, opc=…, pin1=…, or a CSV with these columns and one row.' });
}

function take(secrets: SubscriberSecrets, nameText: string, value: Uint8Array, lengths: KeyLengths): void {
  const column = columnNamed(nameText);
  if (column === undefined) throw invalid(`The file of secrets has a name this program does not know: ${/^[\w -]{1,20}$/.test(nameText) ? nameText : 'unreadable'}.`);
  // Identifiers come with the call; in the file they are only looked over.
  if (isIdentity(column)) return takeIdentity(secrets, column, value, lengths);
  if (isIdentifier(column)) return;
  if (!isSecret(column)) throw invalid(`The file of secrets has a check value (${nameText}), which has no place here.`);
  const name: SecretName = column;
  if (secrets[name]) throw invalid(`The file of secrets has ${nameText} twice.`);
  if (lengths[name] === undefined) throw invalid(`The file of secrets has ${nameText}, for which the template of the profile type has no place.`);
  const read = readSecret(name, value, lengths);
  if (!read.ok) throw invalid(findingKinds[read.finding].message(read.detail));
  if (read.value) secrets[name] = read.value;
}

function takeIdentity(secrets: SubscriberSecrets, name: IdentityName, value: Uint8Array, lengths: KeyLengths): void {
  if (lengths[name] === undefined) throw invalid(`The file of secrets has an ${name.toUpperCase()}, for which the template of the profile type has no place.`);
  const read = readIdentity(name, Buffer.from(trimmed(value)).toString('latin1'), lengths[name]);
  if (!read.ok) throw invalid(findingKinds[read.finding].message(read.detail));
  if (read.value !== undefined) secrets[name] = Uint8Array.from(Buffer.from(read.value));
}

function linePairs(body: Uint8Array): Pair[] {
  const pairs: Pair[] = [];
  for (let start = 0; start < body.length;) {
    let end = start;
    while (end < body.length && body[end] !== 0x0a && body[end] !== 0x0d) end++;
    const line = trimmed(body.subarray(start, end));
    start = end + 1;
    if (line.length === 0 || line[0] === 0x23) continue;
    const at = line.indexOf(EQUALS);
    if (at < 1) throw invalid('A line of the file of secrets is not name=value.');
    pairs.push({ name: Buffer.from(trimmed(line.subarray(0, at))).toString('latin1'), value: line.subarray(at + 1) });
  }
  return pairs;
}

async function csvPairs(body: Uint8Array): Promise<Pair[]> {
  const source = await openSource(body, { format: { layout: 'table', header: true } });
  if (source.rows === 0) throw invalid('The file of secrets has no row of values.');
  if (source.rows > 1) throw invalid('The file of secrets has more than one row.');
  const cells = source.cells(0)!;
  if (source.names.length !== cells.length) throw invalid('The row of the file of secrets has not as many values as columns.');
  return source.names.map((name, index) => ({ name, value: cells[index]! }));
}

export function wipe(secrets: SubscriberSecrets): void {
  for (const name of Object.keys(secrets) as SecretName[]) secrets[name]?.fill(0);
}
