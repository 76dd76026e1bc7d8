import { expect, test } from 'vitest';
import { es2FunctionNames } from '../../../src/main/engine/wire/es2plus/codes.ts';
import { fuzzFunction } from './fuzz-functions.ts';

/** Codes the mutations must reach, so that they go beyond the first check. */
const reached = {
  downloadOrder: ['ok', '1.6/2.1', '1.6/2.2', '8.2.1/3.3', '8.2.1/3.9'], confirmOrder: ['ok', '1.6/2.1', '1.6/2.2', '8.2.1/1.2', '8.1.1/2.2'],
  cancelOrder: ['ok', '1.6/2.1', '8.2.1/1.2', '8.2.6/3.10', '8.1.1/2.2'], releaseProfile: ['ok', '1.6/2.1', '8.2.1/3.5'], getProfileStatus: ['ok', '1.6/2.1', '1.6/2.2'],
} as const;

// The long run is test/slow/es2plus.
test.each(es2FunctionNames)('%s: 400 mutated calls, every answer well-formed', async (name) => {
  const seen = await fuzzFunction(name, 'share of the long run', 400);
  expect([...seen.keys()]).toEqual(expect.arrayContaining([...reached[name]]));
});
