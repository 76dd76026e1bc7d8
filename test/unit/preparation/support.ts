/** Engines with a profile type and stock written straight into it. All identifiers and secrets are test material. */
import { luhnCheckDigit } from '../../../src/shared/identifiers/index.ts';
import type { JobDetail } from '../../../src/shared/contract/jobs.ts';
import type { BatchDetail, BatchView } from '../../../src/shared/contract/preparation.ts';
import { buildSampleTemplate } from '../../../src/main/saip/index.ts';
import { procedures as jobs } from '../../../src/main/engine/jobs/procedures.ts';
import { jobKinds, procedures as preparation } from '../../../src/main/engine/preparation/index.ts';
import { createRange } from '../../../src/main/engine/numbers/index.ts';
import { insertProfiles } from '../../../src/main/engine/store/bulk-profiles.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { procedures as types, typeByName } from '../../../src/main/engine/types/index.ts';
import type { TestEngine, TestEngineOptions } from '../../support/engine.ts';
import { openTestEngine } from '../../support/engine.ts';

export const areas = () => [...types(), ...preparation(), ...jobs()];

export async function batchEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const engine = await openTestEngine({ procedures: areas(), jobKinds, ...options });
  if (options.folder !== undefined) return engine;
  const file = engine.uploads.put(buildSampleTemplate());
  await engine.ok('types.importTemplate', { file, name: 'sample' });
  await engine.ok('types.create', { name: 'Sample', template: 'sample' });
  return engine;
}

export const iccid = (n: number): string => {
  const body = `8988211${String(n).padStart(11, '0')}`;
  return body + luhnCheckDigit(body);
};
export const imsi = (n: number): string => `00101${String(n).padStart(10, '0')}`;
/** A different 16-octet key for each n; visibly no real one. */
export const key = (n: number, mark = 'AA'): string => mark.repeat(8) + n.toString(16).toUpperCase().padStart(16, '0');

/** Imported profiles `from`, `from + 1`, … with K and OPc sealed by the engine's vault. */
export async function addStock(engine: TestEngine, count: number, from = 1): Promise<number> {
  const type = (await typeByName(engine.ctx.db, 'Sample'))!;
  const { batchKey } = await engine.ctx.vault.call('createBatchKey', {});
  const numbers = Array.from({ length: count }, (_, index) => from + index);
  const { items } = await engine.ctx.vault.call('sealSubscribers', {
    batchKey, items: numbers.map((n) => ({ iccid: iccid(n), secrets: { k: Buffer.from(key(n), 'hex'), opc: Buffer.from(key(n, 'BB'), 'hex') } })),
  });
  return write(engine.ctx, async (tx) => {
    const at = engine.clock.now();
    const batch = await tx.insertInto('batches').values({ kind: 'import', type_id: type.id, batch_key: batchKey, job_id: null, created_at: at }).returning('id').executeTakeFirstOrThrow();
    const made = await tx.insertInto('imports').values({ file_name: `file-${from}.csv`, sha256: Buffer.from(`file ${from} ${count}`), type_id: type.id, accepted: count, rejected: 0, state: 'done', job_id: null, created_at: at }).returning('id').executeTakeFirstOrThrow();
    insertProfiles(engine.ctx.sqlite, numbers.map((n, index) => ({
      iccid: iccid(n), imsi: imsi(n), typeId: type.id, templateId: type.template_id, createdAt: at, lastEvent: 'Imported', importId: made.id, importBatchId: batch.id,
      state: { order: 'available', network: 'absent', stock: 'imported', device: 'unknown' }, subscriber: items[index]!.sealed, ...(items[index]!.fingerprint ? { fingerprint: items[index]!.fingerprint } : {}),
    })));
    return made.id;
  });
}

export async function addRange(engine: TestEngine, from: number, count: number, msisdnFirst?: string): Promise<string> {
  const type = (await typeByName(engine.ctx.db, 'Sample'))!;
  const made = await write(engine.ctx, (tx) => createRange(tx, engine.ctx, type, { iccidFirst: iccid(from).slice(0, 18), imsiFirst: imsi(from), count, ...(msisdnFirst === undefined ? {} : { msisdnFirst }) }));
  return made.id;
}

export async function start(engine: TestEngine, plan: object): Promise<{ batch: BatchView; job: { id: string } }> {
  return engine.ok<never>('preparation.start', { plan: { type: 'Sample', ...plan } });
}

/** Runs the batch and its files to the end. */
export async function run(engine: TestEngine, plan: object): Promise<BatchDetail & { jobDetail: JobDetail }> {
  const { batch } = await start(engine, plan);
  await engine.jobs.idle();
  return shown(engine, batch.id);
}

export async function shown(engine: TestEngine, id: string): Promise<BatchDetail & { jobDetail: JobDetail }> {
  return engine.ok<never>('preparation.show', { id });
}

export const rowsOf = (engine: TestEngine) => engine.ctx.db.selectFrom('profiles').selectAll().orderBy('id').execute();

/** No number twice, none lost, no half profile, in SQL. Answers how many are sellable. */
export function invariants(sqlite: { prepare(sql: string): { pluck(): { get(...values: unknown[]): unknown; all(): unknown[] } } }): { sellable: number; imported: number } {
  const one = (sql: string): number => sqlite.prepare(sql).pluck().get() as number;
  const wrong = {
    iccidTwice: one('select count(*) - count(distinct iccid) from profiles'), imsiTwice: one('select count(*) - count(distinct imsi) from profiles'),
    keyTwice: one('select count(key_fingerprint) - count(distinct key_fingerprint) from profiles'),
    halfProfiles: one(`select count(*) from profiles where (stock_state = 'sellable') <> (slots is not null and package_digest is not null and batch_id is not null and prepared_at is not null and key_fingerprint is not null)`),
    halfStock: one(`select count(*) from profiles where stock_state = 'imported' and (slots is not null or batch_id is not null or package_digest is not null)`),
    // Every number a range gave is a profile, still held, free again, or a row that failed.
    numbersLost: one(`select (select coalesce(sum(used), 0) from ranges) - (select count(*) from profiles where import_id is null)
      - (select coalesce(sum(count - taken), 0) from number_reservations) - (select count(*) from preparation_failures where profile_id is null)`),
    batchCounters: one(`select count(*) from preparations p where prepared <> (select count(*) from profiles where batch_id = p.batch_id) and batch_id is not null`),
    overlapping: one(`select count(*) from number_reservations a join number_reservations b on a.range_id = b.range_id and a.id < b.id
      and a.first + a.taken < b.first + b.count and b.first + b.taken < a.first + a.count`),
  };
  const found = Object.entries(wrong).filter(([, n]) => n !== 0);
  if (found.length > 0) throw new Error(`invariants broken: ${found.map(([name, n]) => `${name} ${n}`).join(', ')}`);
  return { sellable: one(`select count(*) from profiles where stock_state = 'sellable'`), imported: one(`select count(*) from profiles where stock_state = 'imported'`) };
}
