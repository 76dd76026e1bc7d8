import { levels, numbers } from '../../../shared/contract/numbers.ts';
import type { EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { startJob, wakeJobs } from '../jobs/index.ts';
import type { Implemented } from '../router/implement.ts';
import { command, query } from '../router/implement.ts';
import { knownType } from '../types/index.ts';
import { addBlock, adoptRuns, assignBlock, burnNumber, setBlockState, splitBlock } from './blocks.ts';
import { checkKind } from './check.ts';
import { findNumber, statusOf } from './find.ts';
import { defaultMarks } from './forecast.ts';
import type { Marks } from './forecast.ts';
import { levelsOf, levelViews } from './levels.ts';
import { outsideRuns } from './outside.ts';
import { listPolicies, setPolicy } from './policies.ts';
import type { Preparer } from './proposals.ts';
import { acceptProposal, dismissProposal, viewProposals } from './proposals.ts';
import { createRange } from './ranges.ts';
import { keyOf, numberOf } from './rules.ts';
import { listBlocks, showBlock, viewOf } from './view.ts';

const changes = ['numbers', 'stock', 'workspace'];
const block = (_input: unknown, output: { readonly id: string }) => ({ type: 'block' as const, id: output.id });

async function setMarks(tx: Tx, ctx: EngineContext, typeId: number, change: { [K in keyof Marks]?: Marks[K] | undefined }): Promise<void> {
  const [level] = await levelsOf(tx, ctx.clock.now(), typeId);
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const marks: Marks = { ...defaultMarks, ...level!.marks, ...given };
  if (marks.target !== null && marks.low !== null && marks.target < marks.low) {
    throw new DeskProblem('LEVEL_INVALID', 'The target lies under the low-water mark.', { field: 'marks.target' });
  }
  const row = { type_id: typeId, low: marks.low, target: marks.target, lead_days: marks.leadDays, cover_days: marks.coverDays, auto: marks.auto ? 1 : 0, changed_at: ctx.clock.now() };
  await tx.insertInto('stock_levels').values(row).onConflict((c) => c.column('type_id').doUpdateSet(row)).execute();
}

export function procedures(preparer: Preparer): Implemented[] {
  return [
    query(numbers.blocks, (ctx, input) => listBlocks(ctx.reader, input.kind, input.filter, input.limit, input.cursor, ctx.clock.now())),
    query(numbers.block, (ctx, input) => showBlock(ctx.reader, input.id, ctx.clock.now())),
    query(numbers.find, async (ctx, input) => ({ rows: await findNumber(ctx.reader, input.number, input.kind, ctx.clock.now()) })),
    query(numbers.outside, (ctx, input) => outsideRuns(ctx.reader, input.kind)),
    command(numbers.adopt, {
      run: async (tx, ctx, input) => {
        const rows = await adoptRuns(tx, ctx, input.kind, input.runs, input.source);
        return { rows: rows.map((one) => ({ id: one.id, first: numberOf(one.kind, one.first), last: numberOf(one.kind, one.last) })) };
      },
      object: (_input, output) => ({ type: 'block', id: output.rows[0]!.id }), changes,
    }),
    command(numbers.add, { run: async (tx, ctx, input) => viewOf(tx, await addBlock(tx, ctx, input), ctx.clock.now()), object: block, changes: [...changes, 'brands'] }),
    command(numbers.split, {
      run: async (tx, ctx, input) => {
        const [first, second] = await splitBlock(tx, ctx, input.id, input.at);
        return { first: await viewOf(tx, first, ctx.clock.now()), second: await viewOf(tx, second, ctx.clock.now()) };
      },
      object: (input) => ({ type: 'block', id: input.id }), changes,
    }),
    command(numbers.assign, { run: async (tx, ctx, input) => viewOf(tx, await assignBlock(tx, ctx, input), ctx.clock.now()), object: block, changes: [...changes, 'brands'] }),
    command(numbers.setState, { run: async (tx, ctx, input) => viewOf(tx, await setBlockState(tx, ctx, input.id, input.state, input.reason), ctx.clock.now()), object: block, changes }),
    command(numbers.makeRange, {
      before: (ctx, input) => knownType(ctx, input.type),
      run: (tx, ctx, input, type) => createRange(tx, ctx, type, { iccidFirst: input.iccid, imsiFirst: input.imsi, count: input.count, ...(input.msisdn === undefined ? {} : { msisdnFirst: input.msisdn }) }),
      object: (_input, output) => ({ type: 'range', id: output.id }), changes,
    }),
    command(numbers.burn, {
      run: async (tx, ctx, input) => statusOf(tx, input.kind, keyOf(input.kind, await burnNumber(tx, ctx, input.kind, input.number, input.reason)), ctx.clock.now()),
      object: (_input, output) => ({ type: 'number', id: output.number }), changes,
    }),
    command(numbers.check, {
      run: (tx, ctx, _input, _before, call) => startJob(tx, ctx, checkKind, {}, call),
      after: (ctx) => wakeJobs(ctx), object: (_input, output) => ({ type: 'job', id: output.id }), changes: ['jobs'],
    }),
    query(numbers.policies, async (ctx, input) => ({ rows: await listPolicies(ctx.reader, input.type) })),
    command(numbers.setPolicy, {
      before: (ctx, input) => knownType(ctx, input.type),
      run: (tx, ctx, input, type) => setPolicy(tx, ctx, type, input), object: (input) => ({ type: 'type', id: input.type }), changes: ['numbers', 'types'],
    }),
    query(levels.list, async (ctx) => ({ rows: await levelViews(ctx, ctx.reader) })),
    command(levels.set, {
      before: (ctx, input) => knownType(ctx, input.type),
      run: async (tx, ctx, input, type) => {
        await setMarks(tx, ctx, type.id, input.marks);
        return (await levelViews(ctx, tx, type.id))[0]!;
      },
      // The look that follows finds what the new marks mean.
      object: (input) => ({ type: 'type', id: input.type }), changes: ['numbers', 'workspace', 'stock'],
    }),
    query(levels.proposals, async (ctx, input) => {
      let rows = ctx.reader.selectFrom('proposals').selectAll().orderBy('made_at', 'desc').orderBy('id').limit(input.limit);
      if (input.state && input.state.length > 0) rows = rows.where('state', 'in', input.state);
      if (input.type !== undefined) {
        const type = await ctx.reader.selectFrom('profile_types').select('id').where('name', '=', input.type).executeTakeFirst();
        rows = rows.where('type_id', '=', type?.id ?? -1);
      }
      const rank = (state: string) => (state === 'open' ? 0 : state === 'snoozed' ? 1 : 2);
      return { rows: (await viewProposals(ctx.reader, await rows.execute())).sort((a, b) => rank(a.state) - rank(b.state)) };
    }),
    command(levels.accept, {
      before: (ctx) => preparer.ready(ctx),
      run: (tx, ctx, input, batchKey, call) => acceptProposal(tx, ctx, input, preparer, batchKey, call),
      after: (ctx) => wakeJobs(ctx), object: (input) => ({ type: 'proposal', id: input.id }), changes: ['numbers', 'jobs', 'preparation', 'workspace'],
    }),
    command(levels.dismiss, {
      run: (tx, ctx, input, _before, call) => dismissProposal(tx, ctx, input, call), object: (input) => ({ type: 'proposal', id: input.id }), changes: ['numbers', 'workspace'],
    }),
  ];
}
