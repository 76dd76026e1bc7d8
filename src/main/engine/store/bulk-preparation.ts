/** What a unit of a preparation writes, by prepared statements, as part of the transaction in hand. One bad row never takes the others with it. */
import type SqliteDatabase from 'better-sqlite3';
import { insertTogether, together, type PreparedUpdate, type ProfileInsert } from './bulk-profiles.ts';
import { countNumbers } from './number-counts.ts';

type Connection = SqliteDatabase.Database;

/** Why a row could not be written: its column, where another profile has the same value. */
export type Clash = 'iccid' | 'imsi' | 'key' | 'burnt';

function clashOf(error: unknown): Clash | undefined {
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'SQLITE_CONSTRAINT_TRIGGER' && message?.includes('burnt number')) return 'burnt';
  if (code !== 'SQLITE_CONSTRAINT_UNIQUE') return undefined;
  if (message?.includes('profiles.iccid')) return 'iccid';
  if (message?.includes('profiles.imsi')) return 'imsi';
  return message?.includes('key_fingerprint') ? 'key' : undefined;
}

/** Inserts prepared profiles and counts their numbers; answers for each what it clashed with, or undefined. A clash leaves the other rows. */
export function insertPrepared(sqlite: Connection, rows: readonly ProfileInsert[]): (Clash | undefined)[] {
  const clashes: (Clash | undefined)[] = [];
  for (let at = 0; at < rows.length; at += together) {
    const some = rows.slice(at, at + together);
    // Mostly none clashes. Where one does nothing of the statement is left, and each goes by itself.
    if (clashIn(sqlite, some) === undefined) clashes.push(...some.map(() => undefined));
    else for (const row of some) clashes.push(clashIn(sqlite, [row]));
  }
  countNumbers(sqlite, rows.filter((_row, index) => clashes[index] === undefined), 1);
  return clashes;
}

function clashIn(sqlite: Connection, rows: readonly ProfileInsert[]): Clash | undefined {
  try {
    insertTogether(sqlite, rows);
    return undefined;
  } catch (error) {
    const clash = clashOf(error);
    if (!clash) throw error;
    return clash;
  }
}

/** `changed`: somebody moved the profile on meanwhile; it is left alone. */
export type UpdateOutcome = 'done' | 'changed' | Clash;

/** Gives imported profiles their sealed slots, the template those are for (the type may have moved on since the import) and the state after. */
export function updatePreparedApart(sqlite: Connection, rows: readonly PreparedUpdate[], from: string, to: string): UpdateOutcome[] {
  const statement = sqlite.prepare(
    `update profiles set template_id = ?, batch_id = ?, slots = ?, package_digest = ?, package_bytes = ?, key_fingerprint = ?, prepared_at = ?, stock_state = ?,
       last_event = ?, last_event_at = ?
     where id = ? and stock_state = ? and order_state = 'available' and slots is null and bpp_delivered_at is null`,
  );
  return rows.map((row) => {
    try {
      return statement.run(row.templateId, row.batchId, row.slots, row.packageDigest, row.packageBytes, row.fingerprint, row.at, to, row.lastEvent, row.at, row.id, from).changes === 1 ? 'done' : 'changed';
    } catch (error) {
      const clash = clashOf(error);
      if (!clash) throw error;
      return clash;
    }
  });
}
