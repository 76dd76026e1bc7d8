import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyChain } from '../../../src/main/engine/audit/index.ts';
import { steps } from './commands.ts';
import { newModel } from './model.ts';
import { Bench, newReal } from './real.ts';

/** `MODEL_RUNS` and `MODEL_SEED` repeat or lengthen a run; a failure prints its seed and the shortest sequence found. */
const runs = Number(process.env['MODEL_RUNS'] ?? 40);
const seed = process.env['MODEL_SEED'] === undefined ? Date.now() & 0x7fffffff : Number(process.env['MODEL_SEED']);

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open(Math.max(600, runs * 12));
});
afterAll(() => bench.world.close());

test(`orders, two devices, cancels, expiries, restarts, lost replies, repeated notifications: the engine does what the model says (${runs} runs, seed ${seed})`, async () => {
  await fc.assert(fc.asyncProperty(fc.commands(steps, { maxCommands: 60, size: 'max' }), async (commands) => {
    await fc.asyncModelRun(() => ({
      model: newModel(bench.world.clock.now(), bench.world.ctx.settings().sessionMinutes * 60_000), real: newReal(bench),
    }), commands);
  }), { numRuns: runs, seed, endOnFailure: false });
  const chain = await verifyChain(bench.world.ctx.reader);
  expect(chain).toMatchObject({ verified: true });
  // Nothing was handed out twice, whatever the runs did: a package belongs to one EID for ever, a MatchingID to one order.
  const delivered = await bench.world.ctx.reader.selectFrom('orders').select(['profile_id', 'bound_eid']).where('bound_eid', 'is not', null).execute();
  const owners = new Map<number, Set<string>>();
  for (const row of delivered) owners.set(row.profile_id, (owners.get(row.profile_id) ?? new Set()).add(row.bound_eid!));
  expect([...owners.values()].every((eids) => eids.size === 1)).toBe(true);
  // The sequences went everywhere: a model that is never put to the test proves nothing.
  const { reader } = bench.world.ctx;
  const outcomes = await reader.selectFrom('orders').select(['outcome', (e) => e.fn.countAll<number>().as('n')]).groupBy('outcome').execute();
  const codes = await reader.selectFrom('session_steps').select(['function', 'code', (e) => e.fn.countAll<number>().as('n')]).groupBy(['function', 'code']).execute();
  const times = (name: string, code: string | null): number => codes.find((row) => row.function === name && row.code === code)?.n ?? 0;
  console.log(`${outcomes.map((row) => `${row.n} ${row.outcome ?? 'open'}`).join(', ')}; ${times('getBoundProfilePackage', null)} packages, ${bench.restarts} restarts`);
  expect(outcomes.map((row) => row.outcome)).toEqual(expect.arrayContaining(['installed', 'cancelled', 'expired']));
  expect(times('authenticateClient', '8.2.6/3.8')).toBeGreaterThan(0);
});
