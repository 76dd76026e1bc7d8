import { stock } from '../../../shared/contract/profiles.ts';
import { startJob, wakeJobs } from '../jobs/index.ts';
import type { Implemented } from '../router/implement.ts';
import { command, query } from '../router/implement.ts';
import { knownType } from '../types/index.ts';
import { fillLabKind } from './lab.ts';
import { labType } from './lab-type.ts';
import { createRange, listRanges } from '../numbers/index.ts';

const changes = ['profiles', 'stock', 'types', 'workspace'];

/** This area's part of the contract. */
export function procedures(): Implemented[] {
  return [
    query(stock.ranges, async (ctx) => ({ rows: await listRanges(ctx.reader) })),
    command(stock.createRange, {
      before: (ctx, input) => knownType(ctx, input.type),
      run: (tx, ctx, input, type) => createRange(tx, ctx, type, input),
      object: (_input, output) => ({ type: 'range', id: output.id }),
      changes,
    }),
    command(stock.fillLab, {
      before: (ctx, input) => labType(ctx, input.type),
      run: async (tx, ctx, input, type, call) => startJob(tx, ctx, fillLabKind, { typeId: (await type(tx, call)).id, count: input.profiles }, call),
      after: (ctx) => wakeJobs(ctx),
      object: (_input, output) => ({ type: 'job', id: output.id }),
      changes: ['jobs', 'types'],
    }),
  ];
}
