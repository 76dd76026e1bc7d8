import { expect, test } from 'vitest';
import { fuzzEndpoint } from './fuzz-endpoint.ts';

// The long run is test/slow/es9plus.
test('1,500 mutated requests: every answer well-formed, the server alive', async () => {
  const seen = await fuzzEndpoint('share of the long run', 1500);
  // The mutations reach beyond the first check of each function.
  expect([...seen.keys()].some((key) => key.startsWith('authenticateClient 200 8.1'))).toBe(true);
  expect([...seen.keys()].some((key) => key.startsWith('getBoundProfilePackage 200 8.1/6.1'))).toBe(true);
});
