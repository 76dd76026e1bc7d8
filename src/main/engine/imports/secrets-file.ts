/** Secrets of one profile from a file: `name=value` lines, or a CSV of one row with the columns of a stock file. */
import type { SubscriberSecrets } from '../../vault-link/operations.ts';
import { DeskProblem } from '../context.ts';
import type { ColumnName, SecretName } from './columns.ts';
import { columnNamed } from './columns.ts';
import { csvRows, withoutMark } from './csv.ts';
import { wipe } from './read.ts';
import type { KeyLengths } from './values.ts';
import { readSecret, trimmed } from './values.ts';

const EQUALS = 0x3d;

/** The caller wipes the answer; `file` is zeroed by who took it. Throws {@link DeskProblem} `SECRETS_INVALID`. */
export async function readSecretsFile(file: Uint8Array, lengths: KeyLengths): Promise<SubscriberSecrets> {
  const secrets: SubscriberSecrets = {};
  try {
    const body = withoutMark(file);
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
  const column: ColumnName | undefined = columnNamed(nameText);
  if (column === undefined) throw invalid(`The file of secrets has a name this program does not know: ${/^[\w -]{1,20}$/.test(nameText) ? nameText : 'unreadable'}.`);
  // Identifiers come with the call; in the file they are only looked over.
  if (column === 'iccid' || column === 'imsi' || column === 'msisdn') return;
  const name: SecretName = column;
  if (secrets[name]) throw invalid(`The file of secrets has ${nameText} twice.`);
  const read = readSecret(name, value, lengths);
  if (!read.ok) throw invalid(read.message);
  if (read.value) secrets[name] = read.value;
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
  let names: string[] | undefined;
  let values: readonly Uint8Array[] | undefined;
  for await (const row of csvRows(body)) {
    if (!names) names = row.cells.map((cell) => Buffer.from(cell).toString('latin1').trim());
    else if (values) throw invalid('The file of secrets has more than one row.');
    else values = row.cells;
  }
  if (!names || !values) throw invalid('The file of secrets has no row of values.');
  if (names.length !== values.length) throw invalid('The row of the file of secrets has not as many values as columns.');
  const cells = values;
  return names.map((name, index) => ({ name, value: cells[index]! }));
}
