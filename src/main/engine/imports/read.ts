/** Reads a stock file, checks every row and seals its secrets on the way: between parser and vault they exist for one chunk. */
import { setImmediate } from 'node:timers/promises';
import type { JobRowError } from '../jobs/index.ts';
import { existing, existingFingerprints } from '../store/bulk-profiles.ts';
import type { SubscriberSecrets } from '../../vault-link/operations.ts';
import type { EngineContext } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { ColumnName, SecretName } from './columns.ts';
import { readHeader } from './columns.ts';
import type { CsvRow } from './csv.ts';
import { csvRows } from './csv.ts';
import type { RangeNumbers } from '../stock/index.ts';
import { insideRanges } from '../stock/index.ts';
import type { KeyLengths } from './values.ts';
import { readIccid, readImsi, readMsisdn, readSecret, trimmed } from './values.ts';

/** A row as it goes into the stock: identifiers in clear, secrets sealed. */
export interface StockRow {
  readonly line: number;
  readonly iccid: string;
  readonly imsi: string;
  readonly msisdn?: string;
  readonly subscriber?: Uint8Array;
  readonly fingerprint?: Uint8Array;
}

export interface StockReading {
  readonly rows: readonly StockRow[];
  readonly rejected: number;
  /** The first {@link errorsShown} of them. */
  readonly errors: readonly JobRowError[];
}

/** Errors named in an answer; more are counted. */
export const errorsShown = 200;
export const mostRows = 1_000_000;
/** Rows whose secrets are open at the same time, and items of one vault call. */
const CHUNK = 1_000;

export type ReadContext = Pick<EngineContext, 'vault' | 'sqlite'>;

export interface ReadOptions {
  readonly batchKey: Uint8Array;
  readonly ranges: readonly RangeNumbers[];
  readonly keyLengths: KeyLengths;
}

interface OpenRow {
  readonly line: number;
  readonly iccid: string;
  readonly imsi: string;
  readonly msisdn: string | undefined;
  readonly secrets: SubscriberSecrets;
  readonly sensitive: boolean;
}

class Errors {
  readonly shown: JobRowError[] = [];
  rejected = 0;
  private last = 0;

  add(row: number, column: string, code: string, message: string, found?: string): void {
    if (row !== this.last) this.rejected += 1;
    this.last = row;
    if (this.shown.length < errorsShown) this.shown.push({ row, column, code, message, ...(found === undefined ? {} : { found: found.slice(0, 32) }) });
  }
}

/**
 * Throws {@link DeskProblem} `FILE_EMPTY`, `FILE_MALFORMED`, `COLUMN_MISSING`; what is wrong with a row is a row error.
 * Vault failures pass through. No row is written here.
 */
export async function readStock(ctx: ReadContext, file: Uint8Array, options: ReadOptions): Promise<StockReading> {
  const errors = new Errors();
  const rows: StockRow[] = [];
  const seen: Seen = { iccid: new Map(), imsi: new Map(), fingerprint: new Map() };
  let header: readonly (ColumnName | undefined)[] | undefined;
  let open: OpenRow[] = [];
  let count = 0;
  try {
    for await (const row of csvRows(file)) {
      try {
        if (!header) {
          header = readHeader(row.cells.map((cell) => Buffer.from(cell.buffer, cell.byteOffset, cell.length).toString('utf8')));
          continue;
        }
        count += 1;
        if (count > mostRows) throw new DeskProblem('FILE_MALFORMED', `A stock file has at most ${mostRows.toLocaleString('en')} rows.`, { hint: 'Split it.' });
        const read = readRow(row, header, options, seen, errors);
        if (read) open.push(read);
      } finally {
        for (const cell of row.cells) cell.fill(0);
      }
      if (open.length >= CHUNK) {
        const chunk = open;
        open = [];
        rows.push(...await sealChunk(ctx, chunk, options, seen, errors));
        await setImmediate();
      }
    }
    const chunk = open;
    open = [];
    rows.push(...await sealChunk(ctx, chunk, options, seen, errors));
  } finally {
    for (const row of open) wipe(row.secrets);
  }
  if (count === 0) throw new DeskProblem('FILE_EMPTY', 'The file names its columns but has no rows.');
  return { rows, rejected: errors.rejected, errors: errors.shown };
}

interface Seen {
  readonly iccid: Map<string, number>;
  readonly imsi: Map<string, number>;
  /** Fingerprint as hex. */
  readonly fingerprint: Map<string, number>;
}

function readRow(row: CsvRow, header: readonly (ColumnName | undefined)[], options: ReadOptions, seen: Seen, errors: Errors): OpenRow | undefined {
  const before = errors.rejected;
  const fail = (column: string, code: string, message: string, found?: string): void => errors.add(row.line, column, code, message, found);
  if (row.cells.length !== header.length) {
    fail('', 'CELL_COUNT', `The row has ${row.cells.length} values where the header has ${header.length} columns.`);
    return undefined;
  }
  const values: { iccid?: string; imsi?: string; msisdn?: string } = {};
  const secrets: SubscriberSecrets = {};
  let sensitive = false;
  let keyIsWrong = false;
  header.forEach((column, index) => {
    if (column === undefined) return;
    const cell = row.cells[index]!;
    if (column === 'iccid' || column === 'imsi' || column === 'msisdn') {
      const text = textOf(cell);
      const read = column === 'iccid' ? readIccid(text) : column === 'imsi' ? readImsi(text) : readMsisdn(text);
      if (!read.ok) fail(column, read.code, read.message, text);
      else if (read.value !== undefined) values[column] = read.value;
      return;
    }
    const read = readSecret(column, cell, options.keyLengths);
    if (!read.ok) {
      fail(column, read.code, read.message);
      keyIsWrong ||= column === 'k';
    } else if (read.value) {
      secrets[column] = read.value;
      sensitive = true;
    }
  });
  if ((secrets.opc || secrets.op) && !secrets.k && !keyIsWrong) fail(secrets.opc ? 'opc' : 'op', 'KEY_MISSING', 'The row has an OP or OPc but no K to go with it.');
  unique('iccid', values.iccid);
  unique('imsi', values.imsi);
  if (values.iccid !== undefined && values.imsi !== undefined) {
    const clash = insideRanges(options.ranges, values.iccid, values.imsi);
    if (clash) fail(clash.column, 'NUMBER_IN_RANGE', `This number belongs to the number range ${clash.range}, which will use it.`, values[clash.column]);
  }
  if (errors.rejected !== before || values.iccid === undefined || values.imsi === undefined) {
    wipe(secrets);
    return undefined;
  }
  return { line: row.line, iccid: values.iccid, imsi: values.imsi, msisdn: values.msisdn, secrets, sensitive };

  function unique(column: 'iccid' | 'imsi', value: string | undefined): void {
    if (value === undefined) return;
    const first = seen[column].get(value);
    if (first === undefined) seen[column].set(value, row.line);
    else fail(column, 'DUPLICATE_IN_FILE', `The same ${column.toUpperCase()} stands in row ${first}.`, value);
  }
}

function textOf(cell: Uint8Array): string {
  const bytes = trimmed(cell);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}

async function sealChunk(ctx: ReadContext, chunk: readonly OpenRow[], options: ReadOptions, seen: Seen, errors: Errors): Promise<StockRow[]> {
  try {
    const inStock = {
      iccid: existing(ctx.sqlite, 'iccid', chunk.map((row) => row.iccid)),
      imsi: existing(ctx.sqlite, 'imsi', chunk.map((row) => row.imsi)),
    };
    const fresh = chunk.filter((row) => {
      for (const column of ['iccid', 'imsi'] as const) {
        if (inStock[column].has(row[column])) errors.add(row.line, column, 'DUPLICATE_IN_STOCK', `This ${column.toUpperCase()} is in the stock already.`, row[column]);
      }
      return !inStock.iccid.has(row.iccid) && !inStock.imsi.has(row.imsi);
    });
    const withSecrets = fresh.filter((row) => row.sensitive);
    const sealed = withSecrets.length === 0 ? []
      : (await ctx.vault.call('sealSubscribers', { batchKey: options.batchKey, items: withSecrets.map((row) => ({ iccid: row.iccid, secrets: row.secrets })) })).items;
    const used = existingFingerprints(ctx.sqlite, sealed.flatMap((item) => (item.fingerprint ? [item.fingerprint] : [])));
    const bySealed = new Map(withSecrets.map((row, index) => [row, sealed[index]!] as const));
    return fresh.flatMap((row): StockRow[] => {
      const item = bySealed.get(row);
      if (item?.fingerprint && !newKey(row, Buffer.from(item.fingerprint).toString('hex'), used, seen, errors)) return [];
      return [{
        line: row.line, iccid: row.iccid, imsi: row.imsi, ...(row.msisdn === undefined ? {} : { msisdn: row.msisdn }),
        ...(item ? { subscriber: item.sealed } : {}), ...(item?.fingerprint ? { fingerprint: item.fingerprint } : {}),
      }];
    });
  } finally {
    for (const row of chunk) wipe(row.secrets);
  }
}

function newKey(row: OpenRow, fingerprint: string, used: ReadonlySet<string>, seen: Seen, errors: Errors): boolean {
  const first = seen.fingerprint.get(fingerprint);
  if (used.has(fingerprint)) errors.add(row.line, 'k', 'KEY_REUSED', 'This K belongs to another profile already.');
  else if (first !== undefined) errors.add(row.line, 'k', 'KEY_REUSED', `The same K stands in row ${first}.`);
  else {
    seen.fingerprint.set(fingerprint, row.line);
    return true;
  }
  return false;
}

export function wipe(secrets: SubscriberSecrets): void {
  for (const name of Object.keys(secrets) as SecretName[]) secrets[name]?.fill(0);
}
