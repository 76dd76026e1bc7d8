import { profiles, stock } from '../../../shared/contract/profiles.ts';
import type { Implemented } from '../router/implement.ts';
import { command } from '../router/implement.ts';
import { addProfile, draftProfile } from './add.ts';
import { finishImport, importStock } from './import.ts';

const changes = ['profiles', 'stock', 'types', 'workspace'];

/** This area's part of the contract, with `stock.importFile` and `profiles.add`: they read secrets. */
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
    command(profiles.add, {
      before: (ctx, input) => draftProfile(ctx, input),
      run: (tx, ctx, _input, draft) => addProfile(tx, ctx, draft),
      object: (_input, output) => ({ type: 'profile', id: output.iccid }),
      changes,
    }),
  ];
}
