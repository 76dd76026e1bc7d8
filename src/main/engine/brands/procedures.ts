import { brands } from '../../../shared/contract/brands.ts';
import { command, query } from '../router/implement.ts';
import type { Implemented } from '../router/implement.ts';
import { addBrand, changeBrand, readFiles } from './change.ts';
import type { ReadFiles } from './change.ts';
import { brandView } from './view.ts';
import type { BrandView } from './view.ts';

export function procedures(): Implemented[] {
  return [
    query(brands.list, async (ctx) => {
      const rows: BrandView[] = [];
      const now = ctx.clock.now();
      for (const brand of await ctx.reader.selectFrom('brands').selectAll().orderBy('name').execute()) rows.push(await brandView(ctx.reader, brand, now));
      return { rows };
    }),
    command<typeof brands.add.input, typeof brands.add.output, typeof brands.add, ReadFiles>(brands.add, {
      before: (ctx, input) => Promise.resolve(readFiles(ctx, input)),
      run: async (tx, ctx, input, files) => brandView(tx, await addBrand(tx, ctx, input, files), ctx.clock.now()),
      object: (input) => ({ type: 'brand', id: input.name }),
      changes: ['brands'],
    }),
    command<typeof brands.change.input, typeof brands.change.output, typeof brands.change, ReadFiles>(brands.change, {
      before: (ctx, input) => Promise.resolve(readFiles(ctx, input)),
      run: async (tx, ctx, input, files) => brandView(tx, await changeBrand(tx, ctx, input, files), ctx.clock.now()),
      object: (input) => ({ type: 'brand', id: input.name }),
      changes: ['brands'],
    }),
  ];
}
