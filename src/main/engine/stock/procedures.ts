import { stock } from '../../../shared/contract/profiles.ts';
import { startJob, wakeJobs } from '../jobs/index.ts';
import { DeskProblem } from '../context.ts';
import type { Implemented } from '../router/implement.ts';
import { command, query } from '../router/implement.ts';
import { knownType } from '../types/index.ts';
import { fillLabKind } from './lab.ts';
import { labType } from './lab-type.ts';
import { preparable, prepareKind } from './prepare.ts';
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
    command(stock.prepare, {
      before: (ctx, input) => knownType(ctx, input.type),
      run: async (tx, ctx, input, type, call) => {
        const { imported, inRanges } = await preparable(tx, type.id);
        if (imported + inRanges < input.count) {
          throw new DeskProblem('STOCK_SHORT', `${input.count} were asked for; ${imported} imported profiles and ${inRanges} numbers in ranges are left for ${type.name}.`, { field: 'count', hint: 'Import stock or register another number range.' });
        }
        return startJob(tx, ctx, prepareKind, { typeId: type.id, typeName: type.name, count: input.count }, call);
      },
      after: (ctx) => wakeJobs(ctx),
      object: (_input, output) => ({ type: 'job', id: output.id }),
      changes: ['jobs'],
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
