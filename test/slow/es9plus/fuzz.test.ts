import { test } from 'vitest';
import { fuzzEndpoint } from '../../integration/es9plus/fuzz-endpoint.ts';

const seed = process.env['FUZZ_SEED'] ?? `es9plus ${new Date().toISOString().slice(0, 10)}`;
const count = Number(process.env['FUZZ_CASES'] ?? 100_000);

test(`${count} mutated ES9+ requests`, async () => {
  console.log(`FUZZ_SEED="${seed}"`);
  const seen = await fuzzEndpoint(seed, count);
  for (const [key, times] of [...seen].sort()) console.log(`${String(times).padStart(7)}  ${key}`);
});
