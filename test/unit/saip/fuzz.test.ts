import { describe, expect, it } from 'vitest';
import { fuzzReaders } from '../../fixtures/saip/fuzz.ts';

describe('bent packages', () => {
  it('end in a clear error or in a package, never in anything else', () => {
    const result = fuzzReaders(20_261_122, 600);
    expect(result.refused).toBeGreaterThan(90);
    expect(result.read).toBeGreaterThan(150);
    expect(result.compiled).toBeGreaterThan(15);
  });
});
