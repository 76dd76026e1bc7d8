import { afterAll, beforeAll, test } from 'vitest';
import { bindings, fuzzServe, fuzzWorld, names } from '../../integration/es9plus/fuzz-serve.ts';
import type { World } from '../../integration/es9plus/support.ts';

const seed = process.env['FUZZ_SEED'] ?? `es9plus functions ${new Date().toISOString().slice(0, 10)}`;
const count = Number(process.env['FUZZ_CASES'] ?? 100_000);

let world: World;
beforeAll(async () => {
  console.log(`FUZZ_SEED="${seed}"`);
  world = await fuzzWorld();
});
afterAll(() => world.close());

for (const binding of bindings) {
  test.each(names)(`${count} cases of %s in ${binding}`, { timeout: 0 }, async (name) => {
    const seen = await fuzzServe(world, seed, binding, name, count);
    for (const [key, times] of [...seen].sort()) console.log(`${String(times).padStart(7)}  ${binding} ${name} ${key}`);
  });
}
