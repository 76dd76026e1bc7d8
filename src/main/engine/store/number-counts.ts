/**
 * Counters of the number ledgers, in the transaction that writes or removes profile rows. Counting here, a chunk at a time,
 * costs a fiftieth of what triggers on every row would.
 */
import type SqliteDatabase from 'better-sqlite3';
import { kept } from './kept.ts';
import { noteTaken } from './taken-numbers.ts';

type Connection = SqliteDatabase.Database;
export interface Numbers {
  readonly iccid: string;
  readonly imsi: string;
  readonly msisdn?: string | null;
  readonly createdAt: number;
  /** Rows of an import count when it has ended: see `import-done` of taken-numbers. */
  readonly importId?: number;
  /** Of a profile that is made with its keys at once. One that waits for them counts as `own` from its preparation on. */
  readonly prepared?: unknown;
}
interface Block { readonly id: string; readonly first: string; readonly last: string }

const DAY = 86_400_000;
const kinds = ['iccid', 'imsi', 'msisdn'] as const;

/** Adds (1) or takes back (-1) the numbers of rows: per block, per block and day, and those no block holds. */
export function countNumbers(sqlite: Connection, rows: readonly Numbers[], step: 1 | -1): void {
  if (rows.length === 0) return;
  if (step === 1) {
    for (const { iccid, imsi, msisdn, importId, prepared } of rows) {
      if (importId === undefined) noteTaken(sqlite, { iccid, imsi, msisdn: msisdn ?? null, origin: prepared === undefined ? 'file' : 'own' });
    }
  }
  for (const kind of kinds) {
    const find = finder(sqlite, kind, rows.length);
    // Numbers of a chunk mostly lie in one block, and come on one day.
    const used = new Map<string, number>();
    const days = new Map<string, Map<number, number>>();
    let outside = 0;
    let run: { id: string | undefined; day: number; n: number } | undefined;
    const close = (): void => {
      if (!run) return;
      const { id, day, n } = run;
      if (id === undefined) {
        outside += n;
        return;
      }
      used.set(id, (used.get(id) ?? 0) + n);
      let perDay = days.get(id);
      if (!perDay) days.set(id, perDay = new Map());
      perDay.set(day, (perDay.get(day) ?? 0) + n);
    };
    for (const row of rows) {
      const number = row[kind];
      if (number === undefined || number === null) continue;
      const id = find(kind === 'iccid' && number.length === 19 ? number.slice(0, 18) : number);
      const day = Math.floor(row.createdAt / DAY);
      if (run?.id === id && run?.day === day) run.n += step;
      else {
        close();
        run = { id, day, n: step };
      }
    }
    close();
    if (outside !== 0) kept(sqlite, 'insert into numbers_outside (kind, n) values (?, ?) on conflict (kind) do update set n = n + excluded.n').run(kind, outside);
    if (used.size === 0) continue;
    const add = kept(sqlite, 'update number_blocks set used = used + ? where id = ?');
    for (const [id, n] of used) add.run(n, id);
    const use = kept(sqlite, 'insert into number_use (block_id, day, n) values (?, ?, ?) on conflict (block_id, day) do update set n = n + excluded.n');
    for (const [id, perDay] of days) for (const [day, n] of perDay) use.run(id, day, n);
  }
}

/** Few rows: a seek each. Many: the blocks of the kind in memory. */
function finder(sqlite: Connection, kind: (typeof kinds)[number], rows: number): (key: string) => string | undefined {
  if (rows < 20) {
    const seek = kept(sqlite, 'select id, first, last from number_blocks where kind = ? and digits = ? and first <= ? order by first desc limit 1');
    return (key) => {
      const found = seek.get(kind, key.length, key) as Block | undefined;
      return found !== undefined && key <= found.last ? found.id : undefined;
    };
  }
  const byLength = new Map<number, Block[]>();
  for (const block of kept(sqlite, 'select id, first, last from number_blocks where kind = ? order by digits, first').all(kind) as Block[]) {
    const list = byLength.get(block.first.length);
    if (list) list.push(block);
    else byLength.set(block.first.length, [block]);
  }
  let last: Block | undefined;
  return (key) => {
    if (last !== undefined && last.first.length === key.length && last.first <= key && key <= last.last) return last.id;
    const list = byLength.get(key.length);
    if (!list) return undefined;
    let low = 0;
    let high = list.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (list[middle]!.first <= key) low = middle + 1;
      else high = middle - 1;
    }
    const found = list[high];
    if (found === undefined || key > found.last) return undefined;
    last = found;
    return found.id;
  };
}
