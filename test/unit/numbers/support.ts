/** Engines with a profile type, number ranges and stock. All identifiers are test material. */
import { procedures as brands } from '../../../src/main/engine/brands/index.ts';
import { procedures as jobs } from '../../../src/main/engine/jobs/procedures.ts';
import { jobKinds as numberJobs, procedures as numbers } from '../../../src/main/engine/numbers/index.ts';
import { procedures as orders } from '../../../src/main/engine/orders/index.ts';
import { jobKinds as preparationJobs, procedures as preparation, startBatch } from '../../../src/main/engine/preparation/index.ts';
import type { Preparer } from '../../../src/main/engine/numbers/index.ts';
import { procedures as profiles, startStates } from '../../../src/main/engine/profiles/index.ts';
import { jobKinds as stockJobs, procedures as stock } from '../../../src/main/engine/stock/index.ts';
import { insertProfiles } from '../../../src/main/engine/store/bulk-profiles.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { procedures as types } from '../../../src/main/engine/types/index.ts';
import { procedures as workspace } from '../../../src/main/engine/workspace/procedures.ts';
import { checkAll } from '../../../src/main/engine/numbers/check.ts';
import { buildSampleTemplate } from '../../../src/main/saip/index.ts';
import { luhnCheckDigit } from '../../../src/shared/identifiers/index.ts';
import type { BlockRow, LevelRow, NumberAnswer, ProposalRow } from '../../../src/shared/contract/numbers.ts';
import type { TestEngine, TestEngineOptions } from '../../support/engine.ts';
import { openTestEngine } from '../../support/engine.ts';

export const DAY = 86_400_000;
/** As `areas.ts` has it. */
export const preparer: Preparer = {
  ready: async (ctx) => (await ctx.vault.call('createBatchKey', {})).batchKey,
  start: async (tx, ctx, plan, batchKey, call) => (await startBatch(tx, ctx, { ...plan, source: 'both', outputs: [] }, batchKey, undefined, call)).job,
};

export async function numbersEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const engine = await openTestEngine({
    procedures: [...types(), ...profiles(), ...stock(), ...preparation(), ...numbers(preparer), ...jobs(), ...orders(), ...brands(), ...workspace()],
    jobKinds: [...preparationJobs, ...numberJobs, ...stockJobs], ...options,
  });
  if (options.folder !== undefined) return engine;
  await engine.ok('types.importTemplate', { file: engine.uploads.put(buildSampleTemplate()), name: 'sample' });
  await engine.ok('types.create', { name: 'Sample', template: 'sample' });
  return engine;
}

/** ICCIDs of the tests: 8988211 and 11 digits, then the check digit. */
export const body = (n: number): string => `8988211${String(n).padStart(11, '0')}`;
export const iccid = (n: number): string => body(n) + luhnCheckDigit(body(n));
export const imsi = (n: number): string => `00101${String(n).padStart(10, '0')}`;
export const msisdn = (n: number): string => `9991${String(n).padStart(8, '0')}`;

export const createRange = (engine: TestEngine, from: number, count: number, extra: object = {}): Promise<{ id: string }> =>
  engine.ok<never>('stock.createRange', { type: 'Sample', iccidFirst: body(from), imsiFirst: imsi(from), msisdnFirst: msisdn(from), count, ...extra });

export async function prepare(engine: TestEngine, count: number): Promise<void> {
  await engine.ok('stock.prepare', { type: 'Sample', count });
  await engine.jobs.idle();
}

/** Imported rows, as the importing area writes them. */
export async function stockRows(engine: TestEngine, from: number, count: number, extra: { msisdn?: boolean; at?: number } = {}): Promise<void> {
  const type = await engine.ctx.db.selectFrom('profile_types').selectAll().where('name', '=', 'Sample').executeTakeFirstOrThrow();
  await write(engine.ctx, async () => {
    insertProfiles(engine.ctx.sqlite, Array.from({ length: count }, (_, i) => ({
      iccid: iccid(from + i), imsi: imsi(from + i), ...(extra.msisdn ? { msisdn: msisdn(from + i) } : {}), typeId: type.id, templateId: type.template_id,
      state: startStates.import, createdAt: extra.at ?? engine.clock.now(), lastEvent: 'Imported',
    })));
  });
}

export const blocks = async (engine: TestEngine, kind: BlockRow['kind'], filter: object = {}): Promise<BlockRow[]> =>
  (await engine.ok<{ rows: BlockRow[] }>('numbers.blocks', { kind, filter })).rows;
export const find = async (engine: TestEngine, number: string, kind?: BlockRow['kind']): Promise<NumberAnswer> =>
  (await engine.ok<{ rows: NumberAnswer[] }>('numbers.find', { number, ...(kind ? { kind } : {}) })).rows[0]!;
export const level = async (engine: TestEngine, type = 'Sample'): Promise<LevelRow> =>
  (await engine.ok<{ rows: LevelRow[] }>('levels.list')).rows.find((row) => row.type === type)!;
export const proposals = async (engine: TestEngine, ...state: ProposalRow['state'][]): Promise<ProposalRow[]> =>
  (await engine.ok<{ rows: ProposalRow[] }>('levels.proposals', state.length > 0 ? { state } : {})).rows;

/** Findings of the check; none when ledger and profiles agree. */
export const findings = (engine: TestEngine) => checkAll(engine.ctx);
export const codes = async (engine: TestEngine): Promise<string[]> => [...new Set((await findings(engine)).map((one) => one.code))].sort();
