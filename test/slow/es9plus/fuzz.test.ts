import { test } from 'vitest';
import { fuzzEndpoint } from '../../integration/es9plus/fuzz-endpoint.ts';

const seed = process.env['FUZZ_SEED'] ?? `es9plus ${new Date().toISOString().slice(0, 10)}`;
// Through sockets; fuzz-functions gives each function its 100,000 without them.
const count = Number(process.env['FUZZ_CASES'] ?? 20_000);

test(`${count} mutated ES9+ requests`, async () => {
  console.log(`FUZZ_SEED="${seed}"`);
  const seen = await fuzzEndpoint(seed, count);
  for (const [key, times] of [...seen].sort()) console.log(`${String(times).padStart(7)}  ${key}`);
});
