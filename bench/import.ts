/**
 * Import of a stock file through engine and vault as they ship: validation, commit, and beside it the same rows by a bare prepared
 * insert into the same table. Rows: `MVNE_DESK_BENCH_ROWS`, a million unless told otherwise.
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

/** Longest time the engine took to answer a small question while it worked, milliseconds. */
function ask(session: Session): { stop(): Promise<{ worst: number; p95: number }> } {
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
      return { worst: times.at(-1) ?? 0, p95: times[Math.floor(times.length * 0.95)] ?? 0 };
    },
  };
}

/** The same rows once more, by one prepared statement in transactions of the same size, into a table with the same indexes. */
function bareInsert(database: string, copy: string, rows: number): number {
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
  let took = 0;
  let after = 0;
  for (let done = 0; done < rows;) {
    const chunk = read.all(after) as unknown[][];
    if (chunk.length === 0) break;
    const started = performance.now();
    to.transaction(() => {
      for (const row of chunk) insert.run(...row);
    })();
    took += performance.now() - started;
    done += chunk.length;
    after = chunk.at(-1)![0] as number;
  }
  from.close();
  to.close();
  return took;
}

export async function run(): Promise<Figure[]> {
  const rows = Number(process.env['MVNE_DESK_BENCH_ROWS'] ?? 1_000_000);
  const workspace = mkdtempSync(join(tmpdir(), 'mvne-desk-bench-'));
  const quiet = createOutput(true);
  const database = join(workspace, 'desk.db');
  const copy = join(workspace, 'bare.db');
  try {
    const host = await startHost({ workspace }, {}, quiet);
    try {
      const session = createSession(host, quiet);
      const { call, uploadBytes, finish } = session;
      await ensureSampleType(session);
      const pids = host.own?.pids() ?? {};
      const memory = { engine: { peak: 0 }, vault: { peak: 0 } };
      const stops = [watch(pids.engine, memory.engine), watch(pids.vault, memory.vault)];
      const file = stockFile(rows);
      const { bytes } = { bytes: file.length };
      const before = statSync(database).size;

      let from = performance.now();
      const opened = await call(contract.imports.open, { file: await uploadBytes(file), fileName: 'bench.csv', type: sampleType });
      const opening = performance.now() - from;
      from = performance.now();
      const asked = ask(session);
      await finish(await call(contract.imports.validate, { id: opened.id }));
      const checking = performance.now() - from;
      const whileChecking = await asked.stop();
      const { counts } = await call(contract.imports.show, { id: opened.id });
      if (counts?.good !== rows) throw new Error(`${counts?.good} of ${rows} rows are good`);
      from = performance.now();
      const askedAgain = ask(session);
      await finish(await call(contract.imports.commit, { id: opened.id }));
      const committing = performance.now() - from;
      const whileCommitting = await askedAgain.stop();
      for (const stop of stops) stop();
      const { output: _output, ...figures } = { output: undefined, opening, checking, committing };
      const after = statSync(database).size;
      const bare = bareInsert(database, copy, rows);
      const rate = (ms: number): number => (rows * 1000) / ms;
      return [
        { name: `open ${rows.toLocaleString('en')} rows, ${Math.round(bytes / MiB)} MiB`, value: figures.opening, unit: 'ms', reference: 'the time of the check', ratio: figures.opening / figures.checking },
        { name: 'validate', value: rate(figures.checking), unit: 'rows/s', reference: 'a bare prepared insert of the same rows', ratio: rate(figures.checking) / rate(bare) },
        { name: 'commit', value: rate(figures.committing), unit: 'rows/s', reference: 'a bare prepared insert of the same rows', ratio: rate(figures.committing) / rate(bare) },
        { name: 'validate and commit', value: rate(figures.checking + figures.committing), unit: 'rows/s', reference: 'a bare prepared insert of the same rows', ratio: rate(figures.checking + figures.committing) / rate(bare) },
        { name: 'another call while it validates, 95th of 100', value: whileChecking.p95, unit: 'ms', reference: 'the longest', ratio: whileChecking.p95 / whileChecking.worst },
        { name: 'another call while it commits, 95th of 100', value: whileCommitting.p95, unit: 'ms', reference: 'the longest', ratio: whileCommitting.p95 / whileCommitting.worst },
        { name: 'resident memory of the engine, peak', value: memory.engine.peak, unit: 'MiB', reference: 'the file', ratio: (memory.engine.peak * MiB) / bytes },
        { name: 'resident memory of the vault, peak', value: memory.vault.peak, unit: 'MiB', reference: 'the file', ratio: (memory.vault.peak * MiB) / bytes },
        { name: 'database, octets a profile', value: (after - before) / rows, unit: 'octets', reference: 'the row of the file', ratio: (after - before) / bytes },
      ];
    } finally {
      await host.close();
    }
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}
