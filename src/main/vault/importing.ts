/** Rows of an import in the vault: unwrapped, checked, sealed. Runs in the vault or in its workers. */
import type { KeyObject } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { adm, pin, puk, SaipError } from '../saip/index.ts';
import { readRows, writeAnswers } from '../vault-link/import-rows.ts';
import type { ImportAnswer, ImportName, ImportProblem, ImportReason, ImportRowSecrets } from '../vault-link/import-rows.ts';
import type { SubscriberSecrets } from '../vault-link/operations.ts';
import { fingerprintOf, knownSecrets, subscriberContext } from './personalising.ts';
import type { RandomBytes } from './random.ts';
import { sealProfile } from './sealing.ts';
import { encodeSecrets, secretOctets } from './subscribers.ts';
import { kcvMatches, unwrapColumn } from './transport-keys.ts';
import type { TransportKey, Wrapping } from './transport-keys.ts';
import type { WorkerAnswer, Workers } from './workers.ts';

export interface ImportBench {
  readonly batchKey: KeyObject;
  readonly fingerprintKey: KeyObject;
  readonly random: RandomBytes;
}

export interface ImportPlan {
  readonly keys: readonly TransportKey[];
  /** Columns that came wrapped; `key` is a place in `keys`. */
  readonly wrapped: readonly (Wrapping & { readonly name: ImportName; readonly key: number; /** Of the clear value, where that is known. */ readonly octets?: number | undefined })[];
  /** Values all rows share, such as the OP of the operator; wrapped like their column. */
  readonly shared: readonly { readonly name: ImportName; readonly value: Uint8Array }[];
  /** Secrets that everybody knows are problems. */
  readonly strict?: boolean;
}

/** What a worker gets and answers. */
export interface SealRowsTask {
  readonly batchKey: Uint8Array;
  readonly fingerprintKey: Uint8Array;
  readonly plan: ImportPlan;
  readonly rows: Uint8Array;
  readonly count: number;
}
export interface SealRowsAnswer extends WorkerAnswer {
  readonly answers?: Uint8Array;
}

/** In a worker where there are some, else in this thread, with a breath between: a large import must not hold up a device's download. */
export async function sealImport(bench: ImportBench, workers: Workers | undefined, plan: ImportPlan, rows: Uint8Array, count: number): Promise<Uint8Array> {
  if (!workers) {
    await breathe();
    return sealRows(bench, plan, rows, count);
  }
  const keys = { batchKey: bench.batchKey.export(), fingerprintKey: bench.fingerprintKey.export() };
  try {
    return (await workers.run<SealRowsAnswer>('sealRowsChunk', { ...keys, plan, rows, count } satisfies SealRowsTask)).answers!;
  } finally {
    keys.batchKey.fill(0);
    keys.fingerprintKey.fill(0);
  }
}

/** Packed rows to packed answers; every clear octet made on the way is zeroed. `rows` is the caller's to zero. */
export function sealRows(bench: ImportBench, plan: ImportPlan, rows: Uint8Array, count: number): Uint8Array {
  const opened = readRows(rows, count).map((row) => openRow(row, plan.shared));
  try {
    for (const { name, key, octets, ...wrapping } of plan.wrapped) unwrapName(opened, name, plan.keys[key]!, wrapping, octets);
    return writeAnswers(opened.map((row) => answer(bench, row, plan.strict ?? false)));
  } finally {
    for (const row of opened) for (const value of row.own) value.fill(0);
  }
}

interface OpenedRow {
  readonly iccid: string;
  readonly secrets: SubscriberSecrets;
  readonly kcv: Partial<Record<ImportName, Uint8Array>>;
  readonly problems: ImportProblem[];
  /** Clear octets made here. */
  readonly own: Uint8Array[];
}

function openRow(row: ImportRowSecrets, shared: ImportPlan['shared']): OpenedRow {
  const secrets: SubscriberSecrets = {};
  const kcv: Partial<Record<ImportName, Uint8Array>> = {};
  for (const { name, value } of shared) secrets[name] = value;
  for (const { name, kcv: check, octets } of row.values) (check ? kcv : secrets)[name] = octets;
  // A shared OP belongs to a K; a row without one gets both at preparation.
  if (!secrets.k) for (const { name } of shared) delete secrets[name];
  return { iccid: row.iccid, secrets, kcv, problems: [], own: [] };
}

function unwrapName(rows: readonly OpenedRow[], name: ImportName, key: TransportKey, wrapping: Wrapping, octets: number | undefined): void {
  const having = rows.filter((row) => row.secrets[name] !== undefined);
  unwrapColumn(key, wrapping, having.map((row) => row.secrets[name]!)).forEach((clear, index) => {
    const row = having[index]!;
    if (!clear) {
      row.problems.push({ reason: 'WRAPPED_LENGTH', name });
      delete row.secrets[name];
      return;
    }
    row.own.push(clear);
    // An ADM is eight octets of any kind; the others fill up with FF.
    if (name in codes) row.secrets[name] = name.startsWith('adm') ? withoutPadding(clear, 8) : withoutFiller(clear);
    else {
      const value = octets === undefined ? clear : withoutPadding(clear, octets);
      row.secrets[name] = value;
      if (octets !== undefined && value.length !== octets) row.problems.push({ reason: 'KEY_LENGTH', name });
    }
  });
}

/** A key of 24 octets under AES comes in two blocks: behind it stand zeros, FF, or 80 and zeros. Anything else stays as it is. */
function withoutPadding(value: Uint8Array, octets: number): Uint8Array {
  if (value.length <= octets || value.length - octets >= 16) return value;
  const rest = value.subarray(octets);
  const padding = rest.every((octet) => octet === 0) || rest.every((octet) => octet === 0xff) || (rest[0] === 0x80 && rest.subarray(1).every((octet) => octet === 0));
  return padding ? value.subarray(0, octets) : value;
}

function withoutFiller(value: Uint8Array): Uint8Array {
  let end = value.length;
  while (end > 0 && value[end - 1] === 0xff) end--;
  return value.subarray(0, end);
}

const codes: Partial<Record<ImportName, (value: Uint8Array, out: Uint8Array, at: number, place: string) => void>> = { pin1: pin, pin2: pin, puk1: puk, puk2: puk, adm1: adm, adm2: adm };

function answer(bench: ImportBench, row: OpenedRow, strict: boolean): ImportAnswer {
  const { secrets, problems } = row;
  for (const name of Object.keys(secrets) as ImportName[]) {
    if (problems.some((one) => one.name === name)) continue;
    const reason = secrets[name] && (valueProblem(name, secrets[name]) ?? kcvProblem(row, name));
    if (reason) problems.push({ reason, name });
  }
  if (strict) {
    for (const name of defaultsAmong(secrets)) if (!problems.some((one) => one.name === name)) problems.push({ reason: 'DEFAULT_SECRET', name });
  }
  if (!secrets.k && (secrets.opc || secrets.op) && !problems.some((one) => one.name === 'k')) problems.push({ reason: 'KEY_MISSING', name: secrets.opc ? 'opc' : 'op' });
  const fingerprint = secrets.k && !problems.some((one) => one.name === 'k') ? fingerprintOf(bench.fingerprintKey, secrets.k) : undefined;
  if (problems.length > 0 || row.iccid === '' || Object.keys(secrets).length === 0) return { problems, fingerprint, sealed: undefined };
  const encoded = encodeSecrets(secrets);
  try {
    return { problems, fingerprint, sealed: sealProfile(bench.batchKey, subscriberContext(row.iccid), encoded, bench.random) };
  } finally {
    encoded.fill(0);
  }
}

/** Names of values that rules V13, V26 and V35 refuse; each once. Values in a wrong form have their own problem. */
function defaultsAmong(secrets: SubscriberSecrets): ImportName[] {
  const places = knownSecrets(secrets).map((one) => one.place.replace('profile/', ''));
  return [...new Set(places.map((place) => (place === 'key' ? 'k' : place) as ImportName))];
}

const scratch = new Uint8Array(8);

function valueProblem(name: ImportName, value: Uint8Array): ImportReason | undefined {
  const lengths = secretOctets(name);
  if (lengths && !lengths.includes(value.length)) return 'KEY_LENGTH';
  try {
    codes[name]?.(value, scratch, 0, name);
    return undefined;
  } catch (error) {
    if (error instanceof SaipError) return 'CODE_INVALID';
    throw error;
  } finally {
    scratch.fill(0);
  }
}

/** K and OPc in each other's column are told by the check value of one fitting the other. */
const pair: Partial<Record<ImportName, ImportName>> = { k: 'opc', opc: 'k' };

function kcvProblem({ secrets, kcv }: OpenedRow, name: ImportName): ImportReason | undefined {
  const check = kcv[name];
  if (!check || kcvMatches(secrets[name]!, check)) return undefined;
  const other = secrets[pair[name] ?? name];
  return pair[name] && other && kcvMatches(other, check) ? 'KEYS_SWAPPED' : 'KCV_MISMATCH';
}
