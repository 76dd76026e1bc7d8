/**
 * Import of a stock file through engine and vault as they ship: open, check, commit, and beside it the same rows by a bare prepared
 * insert into a table with the same columns and indexes, without triggers and without references. Rows: `MVNE_DESK_BENCH_ROWS`, 200,000
 * unless told otherwise. Processor time stands beside the clock, because it says the same on a busy machine.
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { contract } from '../src/shared/contract/index.ts';
import { luhnCheckDigit } from '../src/shared/identifiers/index.ts';
import { createOutput } from '../src/main/commands/output.ts';
import { ensureSampleType, sampleType } from '../src/main/commands/sample.ts';
import { createSession, startHost } from '../src/main/commands/session.ts';
import type { Session } from '../src/main/commands/session.ts';
import type { Figure } from './index.ts';

const MiB = 1_048_576;

/** Visibly test material: the network 001-01, keys that count. */
export function stockFile(rows: number): Buffer {
  const out = Buffer.allocUnsafe(64 + rows * 150);
  let at = out.write('ICCID;IMSI;MSISDN;PIN1;PUK1;ADM1;Ki;OPC\n', 'latin1');
  for (let n = 0; n < rows; n++) {
    const body = `8988299${String(n).padStart(11, '0')}`;
    const hex = Math.imul(n, 0x9e3779b1) >>> 0;
    const key = `${n.toString(16).padStart(16, '0')}${hex.toString(16).padStart(8, '0')}AAAAAAAA`;
    at += out.write(`${body}${luhnCheckDigit(body)};00101${String(n).padStart(10, '0')};99977${String(n).padStart(8, '0')};1234;12345678;87654321;${key};${key.split('').reverse().join('')}\n`, at, 'latin1');
  }
  return out.subarray(0, at);
}

interface Memory {
  peak: number;
}

/** Resident memory of a process in MiB, looked at every 200 ms; the peak is kept. */
function watch(pid: number | undefined, into: Memory): () => void {
  const look = (): void => {
    const line = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    into.peak = Math.max(into.peak, Number(line?.[1] ?? 0) / 1024);
  };
  const timer = setInterval(look, 200);
  look();
  return () => clearInterval(timer);
}

/** How long the engine takes to answer a small question while it works: a turn of its event loop and little more. Milliseconds. */
function ask(session: Session): { stop(): Promise<Turns> } {
  const times: number[] = [];
  let going = true;
  const loop = (async () => {
    while (going) {
      const from = performance.now();
      await session.call(contract.workspace.status, {});
      times.push(performance.now() - from);
      await new Promise((next) => setTimeout(next, 20));
    }
  })();
  return {
    async stop() {
      going = false;
      await loop;
      times.sort((a, b) => a - b);
      const at = (share: number): number => times[Math.floor(times.length * share)] ?? 0;
      return { middle: at(0.5), p95: at(0.95), worst: times.at(-1) ?? 0 };
    },
  };
}

interface Turns { readonly middle: number; readonly p95: number; readonly worst: number }

/** Processor time a process has used, microseconds: fields 14 and 15 of its stat, in hundredths of a second. */
function processorTime(pid: number | undefined): number {
  const after = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
  return (Number(after[11]) + Number(after[12])) * 10_000;
}

interface Phase { readonly name: string; readonly ms: number; readonly engine: number; readonly vault: number; readonly turns: Turns }

/** Clock, processor time and answers of one phase. */
async function phase(name: string, pids: { readonly engine?: number; readonly vault?: number }, session: Session, work: () => Promise<unknown>): Promise<Phase> {
  const before = [processorTime(pids.engine), processorTime(pids.vault)] as const;
  const asked = ask(session);
  const from = performance.now();
  await work();
  const ms = performance.now() - from;
  const turns = await asked.stop();
  return { name, ms, engine: processorTime(pids.engine) - before[0], vault: processorTime(pids.vault) - before[1], turns };
}

/** The same rows once more, by one prepared statement in transactions of the same size, into a table with the same indexes. */
function bareInsert(database: string, copy: string, rows: number): { readonly ms: number; readonly processor: number; readonly indexes: number } {
  const from = new Sqlite(database, { readonly: true });
  const schema = from.prepare(`select sql from sqlite_schema where tbl_name = 'profiles' and sql is not null and type in ('table', 'index')`).pluck().all() as string[];
  const to = new Sqlite(copy);
  to.pragma('journal_mode = WAL');
  to.pragma('synchronous = FULL');
  to.pragma('secure_delete = ON');
  to.pragma('cache_size = -65536');
  to.pragma('wal_autocheckpoint = 8192');
  to.pragma('foreign_keys = OFF');
  for (const sql of schema) to.exec(sql);
  const names = (from.prepare('pragma table_info(profiles)').all() as { name: string }[]).map((one) => one.name);
  const insert = to.prepare(`insert into profiles (${names.join(', ')}) values (${names.map(() => '?').join(', ')})`);
  const read = from.prepare(`select ${names.join(', ')} from profiles where id > ? order by id limit 1000`).raw();
  let ms = 0;
  let processor = 0;
  let after = 0;
  for (let done = 0; done < rows;) {
    const chunk = read.all(after) as unknown[][];
    if (chunk.length === 0) break;
    const started = performance.now();
    const used = process.cpuUsage();
    to.transaction(() => {
      for (const row of chunk) insert.run(...row);
    })();
    ms += performance.now() - started;
    const { user, system } = process.cpuUsage(used);
    processor += user + system;
    done += chunk.length;
    after = chunk.at(-1)![0] as number;
  }
  const indexes = (to.pragma('index_list(profiles)') as unknown[]).length;
  from.close();
  to.close();
  return { ms, processor, indexes };
}

export async function run(): Promise<Figure[]> {
  const rows = Number(process.env['MVNE_DESK_BENCH_ROWS'] ?? 200_000);
  const workspace = mkdtempSync(join(tmpdir(), 'mvne-desk-bench-'));
  const quiet = createOutput(true);
  const database = join(workspace, 'desk.db');
  const copy = join(workspace, 'bare.db');
  // Before anything listens: it takes long enough for an idle connection to be closed.
  const file = stockFile(rows);
  try {
    const host = await startHost({ workspace }, {}, quiet);
    try {
      const session = createSession(host, quiet);
      const { call, uploadBytes, finish } = session;
      await ensureSampleType(session);
      const pids = host.own?.pids() ?? {};
      const memory = { engine: { peak: 0 }, vault: { peak: 0 } };
      const stops = [watch(pids.engine, memory.engine), watch(pids.vault, memory.vault)];
      const before = statSync(database).size;

      let id = '';
      const opening = await phase('open', pids, session, async () => {
        id = (await call(contract.imports.open, { file: await uploadBytes(file), fileName: 'bench.csv', type: sampleType })).id;
      });
      const checking = await phase('check', pids, session, async () => finish(await call(contract.imports.validate, { id })));
      const { counts } = await call(contract.imports.show, { id });
      if (counts?.good !== rows) throw new Error(`${counts?.good} of ${rows} rows are good`);
      const committing = await phase('commit', pids, session, async () => finish(await call(contract.imports.commit, { id })));
      for (const stop of stops) stop();
      const after = statSync(database).size;
      const bare = bareInsert(database, copy, rows);
      const reference = `a bare prepared insert of the same rows, ${bare.indexes} indexes`;
      const speed = (name: string, ms: number): Figure => ({ name, value: (rows * 1000) / ms, unit: 'rows/s', reference, ratio: bare.ms / ms });
      const cost = (name: string, used: number): Figure => ({ name, value: used / rows, unit: 'µs/row', reference: `${reference}: ${(bare.processor / rows).toFixed(1)} µs`, ratio: used / bare.processor });
      const phases = [opening, checking, committing];
      return [
        ...phases.map(({ name, ms }) => speed(`${name}, ${rows.toLocaleString('en')} rows, ${Math.round(file.length / MiB)} MiB`, ms)),
        speed('open, check and commit', opening.ms + checking.ms + committing.ms),
        ...phases.map(({ name, engine }) => cost(`${name}, processor time of the engine`, engine)),
        cost('check, processor time of the vault', checking.vault),
        ...phases.slice(1).flatMap(({ name, turns }) => [
          { name: `another call during ${name}, middle of 100`, value: turns.middle, unit: 'ms', reference: 'the longest', ratio: turns.middle / turns.worst },
          { name: `another call during ${name}, 95th of 100`, value: turns.p95, unit: 'ms', reference: 'the longest', ratio: turns.p95 / turns.worst },
        ]),
        { name: 'resident memory of the engine, peak', value: memory.engine.peak, unit: 'MiB', reference: 'the file', ratio: (memory.engine.peak * MiB) / file.length },
        { name: 'resident memory of the vault, peak', value: memory.vault.peak, unit: 'MiB', reference: 'the file', ratio: (memory.vault.peak * MiB) / file.length },
        { name: 'database, octets a profile', value: (after - before) / rows, unit: 'octets', reference: 'the row of the file', ratio: (after - before) / file.length },
      ];
    } finally {
      await host.close();
    }
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}
