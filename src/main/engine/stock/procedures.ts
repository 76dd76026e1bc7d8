import { profiles, stock } from '../../../shared/contract/profiles.ts';
import { startJob, wakeJobs } from '../jobs/index.ts';
import { DeskProblem } from '../context.ts';
import type { Implemented } from '../router/implement.ts';
import { command, query } from '../router/implement.ts';
import { addProfile, draftProfile } from './add.ts';
import { finishImport, importStock, knownType } from './import.ts';
import { fillLabKind } from './lab.ts';
import { labType } from './lab-type.ts';
import { preparable, prepareKind } from './prepare.ts';
import { createRange, listRanges } from './ranges.ts';

const changes = ['profiles', 'stock', 'types', 'workspace'];

/** This area's part of the contract, with `profiles.add`: both read secrets. */
export function procedures(): Implemented[] {
  return [
    command(stock.importFile, {
      before: (ctx, input) => importStock(ctx, ctx.uploads.take(input.file), input),
      run: async (tx, _ctx, _input, outcome) => {
        if (outcome.importId !== undefined) await finishImport(tx, outcome.importId);
        const { accepted, rejected, errors, fileSha256 } = outcome;
        return { accepted, rejected, errors: [...errors], fileSha256 };
      },
      object: (_input, output) => ({ type: 'import', id: output.fileSha256.slice(0, 16) }),
      changes,
    }),
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
    command(profiles.add, {
      before: (ctx, input) => draftProfile(ctx, input),
      run: (tx, ctx, _input, draft) => addProfile(tx, ctx, draft),
      object: (_input, output) => ({ type: 'profile', id: output.iccid }),
      changes,
    }),
  ];
}
