/**
 * Many profile rows at a time, by prepared statements on the writer's own connection. Call inside `write`; every function
 * is synchronous and part of the transaction in hand. States come from the caller, who took them from the state tables.
 */
import type SqliteDatabase from 'better-sqlite3';
import { kept } from './kept.ts';
import type { Numbers } from './number-counts.ts';
import { countNumbers } from './number-counts.ts';

type Connection = SqliteDatabase.Database;

export interface ProfileInsert {
  readonly iccid: string;
  readonly imsi: string;
  readonly msisdn?: string;
  readonly typeId: number;
  readonly templateId: number;
  readonly state: { readonly order: string; readonly network: string; readonly stock: string; readonly device: string };
  readonly createdAt: number;
  readonly lastEvent: string;
  readonly lastEventAt?: number;
  readonly importId?: number;
  readonly importBatchId?: number;
  readonly subscriber?: Uint8Array;
  readonly fingerprint?: Uint8Array;
  readonly prepared?: PreparedColumns;
  readonly eid?: string;
  readonly orderId?: string;
  readonly deliveredAt?: number;
  readonly deviceSource?: string;
  readonly deviceAt?: number;
  readonly stockReason?: string;
  readonly heldUntil?: number;
  readonly heldFor?: string;
}

export interface PreparedColumns {
  readonly batchId: number;
  readonly slots: Uint8Array;
  readonly packageDigest: Uint8Array;
  readonly packageBytes: number;
  readonly fingerprint: Uint8Array;
  readonly at: number;
}

/** In the order of {@link profileValues}. */
export const profileColumns = [
  'iccid', 'iccid_rev', 'imsi', 'imsi_rev', 'msisdn', 'msisdn_rev', 'type_id', 'template_id', 'eid', 'eid_rev',
  'order_state', 'network_state', 'stock_state', 'device_state', 'stock_reason', 'held_until', 'device_source', 'device_at',
  'import_id', 'import_batch_id', 'subscriber', 'batch_id', 'slots', 'package_digest', 'package_bytes', 'key_fingerprint',
  'prepared_at', 'bpp_delivered_at', 'order_id', 'created_at', 'last_event_at', 'last_event', 'held_for',
];

const backwards = (text: string | undefined): string | null => {
  if (text === undefined) return null;
  let out = '';
  for (let i = text.length - 1; i >= 0; i--) out += text[i];
  return out;
};

export function profileValues(row: ProfileInsert): unknown[] {
  const p = row.prepared;
  return [
    row.iccid, backwards(row.iccid), row.imsi, backwards(row.imsi), row.msisdn ?? null, backwards(row.msisdn), row.typeId, row.templateId,
    row.eid ?? null, backwards(row.eid), row.state.order, row.state.network, row.state.stock, row.state.device, row.stockReason ?? null,
    row.heldUntil ?? null, row.deviceSource ?? null, row.deviceAt ?? null, row.importId ?? null, row.importBatchId ?? null,
    row.subscriber ?? null, p?.batchId ?? null, p?.slots ?? null, p?.packageDigest ?? null, p?.packageBytes ?? null,
    p?.fingerprint ?? row.fingerprint ?? null, p?.at ?? null, row.deliveredAt ?? null, row.orderId ?? null, row.createdAt,
    row.lastEventAt ?? row.createdAt, row.lastEvent, row.heldFor ?? null,
  ];
}

/** Inserts rows, counts their numbers in the ledgers and answers their ids. A number or key that exists already, and a burnt number, abort with SQLite's constraint error. */
export function insertProfiles(sqlite: Connection, rows: readonly ProfileInsert[]): number[] {
  countNumbers(sqlite, rows, 1);
  const ids: number[] = [];
  for (let at = 0; at < rows.length; at += together) ids.push(...insertTogether(sqlite, rows.slice(at, at + together)));
  return ids;
}

/**
 * Rows of one statement. SQLite keeps what a statement with triggers changes, to be able to take the statement back: page by page, and
 * for each row anew where a row is a statement.
 */
export const together = 64;

/** All rows or none, by one statement; answers their ids. Does not count their numbers. */
export function insertTogether(sqlite: Connection, rows: readonly ProfileInsert[]): number[] {
  if (rows.length === 0) return [];
  const values = rows.map(profileValues);
  const used = profileColumns.map((_name, index) => index).filter((index) => values.some((row) => row[index] !== null));
  const row = `(${used.map(() => '?').join(', ')})`;
  const sql = `insert into profiles (${used.map((index) => profileColumns[index]).join(', ')}) values ${rows.map(() => row).join(', ')}`;
  // What is left over at the end of a chunk has any length: not worth a place.
  const statement = rows.length === together || rows.length === 1 ? kept(sqlite, sql) : sqlite.prepare<unknown[]>(sql);
  const { lastInsertRowid } = statement.run(values.flatMap((one) => used.map((index) => one[index])));
  // Each new row has the number after the largest there is.
  const first = Number(lastInsertRowid) - rows.length + 1;
  return rows.map((_row, index) => first + index);
}

export interface PreparedUpdate extends PreparedColumns {
  readonly id: number;
  /** Whose slots they are. */
  readonly templateId: number;
  readonly lastEvent: string;
}

/** Rows an import wrote. Reads the whole table: only a rollback asks. */
export function importedIds(sqlite: Connection, importId: number): number[] {
  return sqlite.prepare('select id from profiles where import_id = ?').pluck().all(importId) as number[];
}

/** Takes away rows an unfinished import left; answers how many there were. */
export function deleteImported(sqlite: Connection, importId: number, ids: readonly number[]): number {
  const statement = kept(sqlite, 'delete from profiles where id in (select value from json_each(?)) and import_id = ? returning iccid, imsi, msisdn, created_at as createdAt');
  const gone = statement.all(JSON.stringify(ids), importId) as Numbers[];
  countNumbers(sqlite, gone, -1);
  return gone.length;
}

/** Which of these values a column holds already. */
export function existing(sqlite: Connection, column: 'iccid' | 'imsi', values: readonly string[]): Set<string> {
  const statement = kept(sqlite, `select 1 from profiles where ${column} = ?`);
  return new Set(values.filter((value) => statement.get(value) !== undefined));
}

/** Which of these fingerprints (hex) are in use. */
export function existingFingerprints(sqlite: Connection, values: readonly Uint8Array[]): Set<string> {
  const statement = kept(sqlite, 'select 1 from profiles where key_fingerprint = ?');
  return new Set(values.filter((value) => statement.get(value) !== undefined).map((value) => Buffer.from(value).toString('hex')));
}
