import { describe, expect, it } from 'vitest';
import { run, targets } from './support/fuzz.ts';

describe('decoders under spoiled input (a small share; the whole is in test/slow)', () => {
  it.each(targets())('$name answers or refuses with its own error', (target) => {
    const { refused } = run(target, 1000, 20_261_122);
    expect(refused).toBeGreaterThanOrEqual(target.name === 'eUICC certificate chain' ? 0 : 5);
  });

  it('an exception of another kind would be noticed', () => {
    const broken = { name: 'broken', corpus: [Uint8Array.of(1)], share: 1, decode: () => (undefined as unknown as { x: number }).x };
    expect(() => run(broken, 1, 1)).toThrow(/broken, seed 1, case 0/);
  });
});
