import { describe, expect, it } from 'vitest';
import { fuzzReaders } from '../../fixtures/saip/fuzz.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);

describe('bent packages', () => {
  it(`100,000 of them end in a clear error or in a package (FUZZ_SEED=${seed})`, () => {
    console.log(`saip fuzz: FUZZ_SEED=${seed}`);
    const result = fuzzReaders(seed, 100_000);
    console.log(result);
    expect(result.refused + result.read).toBe(100_000);
    expect(result.compiled).toBeGreaterThan(5000);
  });
});
