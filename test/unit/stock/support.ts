/** Engines with a profile type made from the product's own sample template. All identifiers and secrets are test material. */
import { luhnCheckDigit } from '../../../src/shared/identifiers/index.ts';
import { buildSampleTemplate } from '../../../src/main/saip/index.ts';
import { procedures as jobs } from '../../../src/main/engine/jobs/procedures.ts';
import { procedures as profiles } from '../../../src/main/engine/profiles/index.ts';
import { jobKinds as importJobs, procedures as imports } from '../../../src/main/engine/imports/index.ts';
import { jobKinds as preparationJobs, procedures as preparation } from '../../../src/main/engine/preparation/index.ts';
import { jobKinds as stockJobs, procedures as stock } from '../../../src/main/engine/stock/index.ts';
import { procedures as types } from '../../../src/main/engine/types/index.ts';
import type { JobView } from '../../../src/shared/contract/profiles.ts';
import type { TestEngine, TestEngineOptions } from '../../support/engine.ts';
import { openTestEngine } from '../../support/engine.ts';

export async function stockEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const engine = await openTestEngine({ procedures: [...types(), ...profiles(), ...stock(), ...preparation(), ...imports(), ...jobs()], jobKinds: [...importJobs, ...preparationJobs, ...stockJobs], ...options });
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

export const csv = (lines: readonly string[]): Buffer => Buffer.from(`${lines.join('\n')}\n`);
export const header = 'iccid,imsi,ki,opc';
export const row = (n: number): string => `${iccid(n)},${imsi(n)},${key(n)},${key(n, 'BB')}`;

export async function importCsv<T = { accepted: number; rejected: number; errors: { row: number; column: string; code: string; message: string }[] }>(
  engine: TestEngine, bytes: Buffer, extra: object = {},
): Promise<T> {
  return engine.ok<never>('stock.importFile', { file: engine.uploads.put(bytes), fileName: 'stock.csv', type: 'Sample', ...extra }) as Promise<T>;
}

export async function finished(engine: TestEngine, id: string): Promise<JobView & { errors: unknown[] }> {
  await engine.jobs.idle();
  return engine.ok<never>('jobs.show', { id });
}

export const rowsOf = (engine: TestEngine) => engine.ctx.db.selectFrom('profiles').selectAll().orderBy('id').execute();
