/**
 * Preparation through engine and vault as they ship: a batch of numbers from a range, keys made in the vault; then its output file
 * under age; and beside it the same rows by a bare prepared insert into the same table. Profiles: `MVNE_DESK_BENCH_PROFILES`,
 * 100,000 unless told otherwise.
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { contract } from '../src/shared/contract/index.ts';
import { createOutput } from '../src/main/commands/output.ts';
import { ensureSampleType, sampleType } from '../src/main/commands/sample.ts';
import { createSession, startHost } from '../src/main/commands/session.ts';
import type { Session } from '../src/main/commands/session.ts';
import type { Figure } from './index.ts';

/** Longest and typical time the engine took to answer a small question while it worked, milliseconds. */
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

/** Peak resident memory of a process, MiB. */
function watch(pid: number | undefined): () => number {
  let peak = 0;
  const look = (): void => { peak = Math.max(peak, Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024); };
  const timer = setInterval(look, 200);
  look();
  return () => {
    clearInterval(timer);
    return peak;
  };
}

/** The prepared rows once more, by one prepared statement in transactions of a unit's size; profiles a second. */
function bareInsert(database: string, copy: string): number {
  const from = new Sqlite(database, { readonly: true });
  const to = new Sqlite(copy);
  try {
    for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'secure_delete = ON', 'cache_size = -65536', 'wal_autocheckpoint = 8192', 'foreign_keys = OFF']) to.pragma(pragma);
    const schema = from.prepare(`select sql from sqlite_schema where tbl_name = 'profiles' and sql is not null and type in ('table', 'index')`).pluck().all() as string[];
    for (const statement of schema) to.exec(statement);
    const names = (from.prepare('pragma table_info(profiles)').all() as { name: string }[]).map((one) => one.name);
    const insert = to.prepare(`insert into profiles (${names.join(', ')}) values (${names.map(() => '?').join(', ')})`);
    const read = from.prepare(`select ${names.join(', ')} from profiles where id > ? order by id limit 1000`).raw();
    let took = 0;
    let rows = 0;
    for (let after = 0; ;) {
      const chunk = read.all(after) as unknown[][];
      if (chunk.length === 0) break;
      const started = performance.now();
      to.transaction(() => {
        for (const row of chunk) insert.run(...row);
      })();
      took += performance.now() - started;
      rows += chunk.length;
      after = chunk[chunk.length - 1]![0] as number;
    }
    return (rows * 1000) / took;
  } finally {
    from.close();
    to.close();
  }
}

export async function run(): Promise<Figure[]> {
  const profiles = Number(process.env['MVNE_DESK_BENCH_PROFILES'] ?? 100_000);
  const workspace = mkdtempSync(join(tmpdir(), 'mvne-desk-bench-'));
  const quiet = createOutput(true);
  try {
    let rate = 0;
    let rows = 0;
    let asked = { worst: 0, p95: 0 };
    let memory = { engine: 0, vault: 0 };
    const host = await startHost({ workspace }, {}, quiet);
    try {
      const session = createSession(host, quiet);
      const { call, finish } = session;
      await ensureSampleType(session);
      await call(contract.stock.createRange, { type: sampleType, iccidFirst: '898829910000000000', imsiFirst: '001011000000000', msisdnFirst: '99977000000000', count: profiles * 2 });
      // Template, worker threads and statements are there before the clock runs.
      await finish((await call(contract.preparation.start, { plan: { type: sampleType, count: 2_000 } })).job);
      const pids = host.own?.pids() ?? {};
      const engine = watch(pids.engine);
      const vault = watch(pids.vault);
      const asking = ask(session);
      const from = performance.now();
      const { batch, job } = await call(contract.preparation.start, { plan: { type: sampleType, count: profiles } });
      await finish(job);
      rate = (profiles * 1000) / (performance.now() - from);
      asked = await asking.stop();
      memory = { engine: engine(), vault: vault() };
      for (let files = 0; files < 2;) {
        files = (await call(contract.preparation.show, { id: batch.id })).artefacts.length;
        if (files < 2) await new Promise((next) => setTimeout(next, 100));
      }
      const recipient = await call(contract.outputs.addRecipient, { name: 'Bench', kind: 'custom', format: 'csv', columns: [{ field: 'iccid' }, { field: 'imsi' }, { field: 'k' }, { field: 'opc' }, { field: 'pin1' }, { field: 'puk1' }] });
      const began = performance.now();
      await finish(await call(contract.outputs.make, { batch: batch.id, recipient: recipient.id }));
      rows = (profiles * 1000) / (performance.now() - began);
    } finally {
      await host.close();
    }
    const database = join(workspace, 'desk.db');
    const bytes = statSync(database).size / (profiles + 2_000);
    const bare = bareInsert(database, join(workspace, 'bare.db'));
    const same = `a bare prepared insert of the same rows, ${Math.round(bare)}/s`;
    return [
      { name: `prepare and commit ${profiles} profiles`, value: rate, unit: 'profiles/s', reference: same, ratio: rate / bare },
      { name: 'output file with secrets', value: rows, unit: 'rows/s', reference: same, ratio: rows / bare },
      { name: 'database of a prepared profile', value: bytes, unit: 'octets', reference: 'a package of 12,584 octets', ratio: bytes / 12_584 },
      { name: 'a small question meanwhile, 95 of 100', value: asked.p95, unit: 'ms', reference: '50 ms', ratio: asked.p95 / 50 },
      { name: 'a small question meanwhile, the slowest', value: asked.worst, unit: 'ms', reference: '50 ms', ratio: asked.worst / 50 },
      { name: 'engine memory, peak', value: memory.engine, unit: 'MiB', reference: '300 MiB', ratio: memory.engine / 300 },
      { name: 'vault memory, peak', value: memory.vault, unit: 'MiB', reference: '300 MiB', ratio: memory.vault / 300 },
    ];
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}
