/**
 * Staging of an import: a database of its own beside the workspace's, with what validation made of the file. Secrets lie in it
 * sealed only. It is thrown away when the import is over, so it is written without waiting for the disk; before a commit reads
 * from it, {@link Staging.settle} brings it there.
 */
import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs';
import Sqlite from 'better-sqlite3';

export const rowStates = ['good', 'bad', 'left-out', 'skipped'] as const;
export type RowState = (typeof rowStates)[number];
const codeOf: Readonly<Record<RowState, number>> = { good: 0, bad: 1, 'left-out': 2, skipped: 3 };

export interface StagedRow {
  /** Place in the file, from 0. */
  readonly row: number;
  readonly iccid: string | undefined;
  readonly imsi: string | undefined;
  readonly msisdn: string | undefined;
  readonly subscriber: Uint8Array | undefined;
  readonly fingerprint: Uint8Array | undefined;
  readonly state: RowState;
}

export interface StagedProblem {
  readonly row: number;
  /** Name of the finding. */
  readonly kind: string;
  /** Column of the file, -1 for the row. */
  readonly column: number;
  /** Said of this row; never a secret. */
  readonly detail: string;
  /** Text of an identifier. */
  readonly found: string | undefined;
}

export interface Patch {
  readonly row: number;
  /** -1: of the row. */
  readonly column: number;
  /** A transform or repair, or `set` with the value. */
  readonly kind: string;
  readonly value: string;
}

export interface GoodRow {
  readonly row: number;
  readonly iccid: string;
  readonly imsi: string;
  readonly msisdn: string | null;
  readonly subscriber: Uint8Array | null;
  readonly fingerprint: Uint8Array | null;
}

const tables = [
  `create table rows (row integer primary key, iccid text, imsi text, msisdn text, subscriber blob, fingerprint blob, state integer not null) strict`,
  `create table problems (kind text not null, col integer not null, row integer not null, detail text not null, found text, primary key (kind, col, row)) strict, without rowid`,
  `create index problems_row on problems (row)`,
  `create table patches (row integer not null, seq integer not null, col integer not null, kind text not null, value text not null, primary key (row, seq)) strict, without rowid`,
  `create table waiting (row integer primary key) strict`,
];

export type Staging = ReturnType<typeof openStaging>;

const suffixes = ['', '-journal', '-wal', '-shm'];
export function removeStaging(path: string): void {
  for (const suffix of suffixes) rmSync(path + suffix, { force: true });
}

/** `fresh` makes the file (0600); otherwise it must be there. */
export function openStaging(path: string, fresh: boolean) {
  if (fresh) {
    removeStaging(path);
    closeSync(openSync(path, 'wx', 0o600));
  }
  const db = new Sqlite(path, { fileMustExist: true });
  db.pragma('journal_mode = MEMORY');
  db.pragma('synchronous = OFF');
  db.pragma('temp_store = MEMORY');
  db.pragma('cache_size = -32768');
  db.pragma('locking_mode = EXCLUSIVE');
  db.pragma('trusted_schema = OFF');
  if (fresh) for (const sql of tables) db.exec(sql);

  const putRow = db.prepare('insert or replace into rows (row, iccid, imsi, msisdn, subscriber, fingerprint, state) values (?, ?, ?, ?, ?, ?, ?)');
  const putProblem = db.prepare('insert or replace into problems (kind, col, row, detail, found) values (?, ?, ?, ?, ?)');
  const one = db.prepare('select row, iccid, imsi, msisdn, subscriber, fingerprint, state from rows where row = ?');
  const dropProblem = db.prepare('delete from problems where kind = ? and col = ? and row = ?');
  const dropProblems = db.prepare('delete from problems where row = ?');
  const ofRow = db.prepare('select kind, col as column, row, detail, found from problems where row = ? order by col, kind');
  const setState = db.prepare('update rows set state = ? where row = ?');
  const goodAfter = db.prepare('select row, iccid, imsi, msisdn, subscriber, fingerprint from rows where row > ? and state = 0 order by row limit ?');
  const goodNumbers = db.prepare('select row, iccid, imsi from rows where row > ? and state = 0 order by row limit ?');
  const group = db.prepare('select row, detail, found from problems where kind = ? and col = ? and row > ? order by row limit ?');
  const patchesOf = db.prepare('select row, col as column, kind, value from patches where row between ? and ? order by row, seq');
  const putPatch = db.prepare('insert into patches (row, seq, col, kind, value) values (?, coalesce((select max(seq) + 1 from patches where row = ?), 0), ?, ?, ?)');
  const dropPatches = db.prepare('delete from patches where row = ? and col = ?');
  const putWaiting = db.prepare('insert or ignore into waiting (row) values (?)');
  const takeWaiting = db.prepare('select row from waiting order by row limit ?').pluck();
  const dropWaiting = db.prepare('delete from waiting where row = ?');

  const rowOf = (found: Record<string, unknown> | undefined): StagedRow | undefined => found && {
    row: found['row'] as number, iccid: (found['iccid'] as string | null) ?? undefined, imsi: (found['imsi'] as string | null) ?? undefined,
    msisdn: (found['msisdn'] as string | null) ?? undefined, subscriber: (found['subscriber'] as Uint8Array | null) ?? undefined,
    fingerprint: (found['fingerprint'] as Uint8Array | null) ?? undefined, state: rowStates[found['state'] as number]!,
  };
  const problemOf = (found: unknown): StagedProblem => ({ ...(found as StagedProblem), found: (found as { found: string | null }).found ?? undefined });

  return {
    path,
    /** All of `work` or nothing; synchronous. */
    write(work: () => void): void {
      db.transaction(work)();
    },
    putRow(row: StagedRow): void {
      putRow.run(row.row, row.iccid ?? null, row.imsi ?? null, row.msisdn ?? null, row.subscriber ?? null, row.fingerprint ?? null, codeOf[row.state]);
    },
    row: (row: number): StagedRow | undefined => rowOf(one.get(row) as Record<string, unknown> | undefined),
    setState(row: number, state: RowState): void {
      setState.run(codeOf[state], row);
    },
    putProblem(problem: StagedProblem): void {
      putProblem.run(problem.kind, problem.column, problem.row, problem.detail, problem.found ?? null);
    },
    dropProblem: (kind: string, column: number, row: number): boolean => dropProblem.run(kind, column, row).changes > 0,
    dropProblems(row: number): void {
      dropProblems.run(row);
    },
    problemsOf: (row: number): StagedProblem[] => ofRow.all(row).map(problemOf),
    /** Rows of a group behind a row, in their order. */
    group: (kind: string, column: number, after: number, limit: number): { row: number; detail: string; found: string | undefined }[] =>
      (group.all(kind, column, after, limit) as { row: number; detail: string; found: string | null }[]).map((found) => ({ ...found, found: found.found ?? undefined })),
    goodAfter: (row: number, limit: number): GoodRow[] => goodAfter.all(row, limit) as GoodRow[],
    goodNumbers: (row: number, limit: number): { row: number; iccid: string; imsi: string }[] => goodNumbers.all(row, limit) as { row: number; iccid: string; imsi: string }[],
    putPatch({ row, column, kind, value }: Patch): void {
      putPatch.run(row, row, column, kind, value);
    },
    dropPatches(row: number, column: number): void {
      dropPatches.run(row, column);
    },
    patches: (first: number, last: number): Patch[] => patchesOf.all(first, last) as Patch[],
    putWaiting(row: number): void {
      putWaiting.run(row);
    },
    /** Forgets what was found, keeps what was corrected. */
    clear(): void {
      for (const table of ['rows', 'problems', 'waiting']) db.exec(`delete from ${table}`);
    },
    waiting: (limit: number): number[] => takeWaiting.all(limit) as number[],
    dropWaiting(row: number): void {
      dropWaiting.run(row);
    },
    /** What was written is on the disk when this returns. */
    settle(): void {
      const fd = openSync(path, 'r+');
      try {
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
    },
    close(): void {
      db.close();
    },
  };
}

type Connection = Sqlite.Database;

/** What the stock holds already, by keys: ids of the profiles that have a number, and whether a K is in use. */
export function stockLookup(sqlite: Connection) {
  const iccids = sqlite.prepare('select id from profiles where iccid = ?').pluck();
  const imsis = sqlite.prepare('select id from profiles where imsi = ?').pluck();
  const keys = sqlite.prepare('select 1 from profiles where key_fingerprint = ?').pluck();
  const someIccid = sqlite.prepare('select 1 from profiles where iccid between ? and ? limit 1').pluck();
  const someImsi = sqlite.prepare('select 1 from profiles where imsi between ? and ? limit 1').pluck();
  /** Whether any of these may stand in the stock. Files mostly come in the order of numbers nobody has: one look for many rows. */
  const mayHold = (some: typeof someIccid, numbers: Iterable<string | undefined>): boolean => {
    let first: string | undefined;
    let last: string | undefined;
    for (const number of numbers) {
      if (number === undefined) continue;
      if (first === undefined || number < first) first = number;
      if (last === undefined || number > last) last = number;
    }
    return first !== undefined && some.get(first, last) !== undefined;
  };
  return {
    /** Ids by the numbers of a row of these; in one read with it. */
    among(rows: readonly { readonly iccid: string | undefined; readonly imsi: string | undefined }[]): (iccid: string | undefined, imsi: string | undefined) => InStock {
      const byIccid = mayHold(someIccid, rows.map((row) => row.iccid));
      const byImsi = mayHold(someImsi, rows.map((row) => row.imsi));
      if (!byIccid && !byImsi) return () => nowhere;
      return (iccid, imsi) => ({
        iccid: !byIccid || iccid === undefined ? undefined : (iccids.get(iccid) as number | undefined), imsi: !byImsi || imsi === undefined ? undefined : (imsis.get(imsi) as number | undefined),
      });
    },
    hasKey: (fingerprint: Uint8Array): boolean => keys.get(fingerprint) !== undefined,
  };
}

/** Ids of the profiles that have a row's numbers. */
export interface InStock {
  readonly iccid: number | undefined;
  readonly imsi: number | undefined;
}
const nowhere: InStock = { iccid: undefined, imsi: undefined };

/** Many lookups under one look at the database: each alone would take and give back its locks. */
export function inOneRead(sqlite: Connection, work: () => void): void {
  if (sqlite.inTransaction) work();
  else sqlite.transaction(work)();
}

/** Profiles of an import behind an id, in order. */
export function importedAfter(sqlite: Connection, importId: number, after: number, limit: number): number[] {
  return sqlite.prepare('select id from profiles where id > ? and import_id = ? order by id limit ?').pluck().all(after, importId, limit) as number[];
}

/** The largest id there is: profiles made from now on are behind it. */
export const lastProfileId = (sqlite: Connection): number => (sqlite.prepare('select max(id) from profiles').pluck().get() as number | null) ?? 0;
