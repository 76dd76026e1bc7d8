import { afterAll, beforeAll, expect, test } from 'vitest';
import { bindings, fuzzServe, fuzzWorld, names } from './fuzz-serve.ts';
import type { World } from './support.ts';

let world: World;
beforeAll(async () => {
  world = await fuzzWorld();
});
afterAll(() => world.close());

/** Outcomes that show how deep the cases reach; the long run is test/slow/es9plus. */
const deep: Readonly<Record<string, readonly string[]>> = {
  initiateAuthentication: ['ok', '8.8.2/3.1'], authenticateClient: ['8.1/6.1', '8.10.1/3.9'], getBoundProfilePackage: ['8.1/6.1', '8.10.1/3.9'], cancelSession: ['8.1/6.1'], handleNotification: ['204'],
};

for (const binding of bindings) {
  test.each(names)(`400 cases of %s in ${binding}`, async (name) => {
    const seen = await fuzzServe(world, 'share of the long run', binding, name, 400);
    for (const key of deep[name]!) expect([...seen.keys()], JSON.stringify([...seen])).toContain(key);
  });
}
