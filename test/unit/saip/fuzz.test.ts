import { describe, expect, it } from 'vitest';
import { fuzzReaders } from '../../fixtures/saip/fuzz.ts';

describe('bent packages', () => {
  it('end in a clear error or in a package, never in anything else', () => {
    const result = fuzzReaders(20_261_122, 2000);
    expect(result.refused).toBeGreaterThan(300);
    expect(result.read).toBeGreaterThan(500);
    expect(result.compiled).toBeGreaterThan(50);
  });
});
