import { test } from 'vitest';
import { es2FunctionNames } from '../../../src/main/engine/wire/es2plus/codes.ts';
import { fuzzFunction } from '../../integration/es2plus/fuzz-functions.ts';

const seed = process.env['FUZZ_SEED'] ?? `es2plus ${new Date().toISOString().slice(0, 10)}`;
const count = Number(process.env['FUZZ_CASES'] ?? 100_000);

test.each(es2FunctionNames)(`%s: ${count} mutated calls`, async (name) => {
  console.log(`FUZZ_SEED="${seed}"`);
  const seen = await fuzzFunction(name, seed, count);
  for (const [key, times] of [...seen].sort()) console.log(`${String(times).padStart(7)}  ${name} ${key}`);
});
