import { describe, expect, it } from 'vitest';
import { run, targets } from '../../unit/rsp/support/fuzz.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 0x1_0000_0000);

describe(`decoders under spoiled input, FUZZ_SEED=${seed}`, () => {
  it.each(targets().map((target) => ({ ...target, cases: 100_000 * target.share })))('$name: $cases cases', (target) => {
    const { answered, refused } = run(target, 100_000, seed);
    console.log(`${target.name}: ${answered} answered, ${refused} refused (FUZZ_SEED=${seed})`);
    expect(answered + refused).toBe(target.cases);
  });
});
