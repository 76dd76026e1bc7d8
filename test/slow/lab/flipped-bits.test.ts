import { describe, expect, it } from 'vitest';
import { flipped, labPki, makeMetadata, makeUpp, PPK, receiverFor, seeded, SENSIBLE_REFUSAL } from '../../unit/lab/support.ts';

describe.each(['P-256', 'brainpoolP256r1'] as const)('every single bit of a bound package on %s', (curve) => {
  it.each([['session keys', 'session-keys'], ['profile protection keys', PPK()]] as const)('%s: flipped, it is refused', (_name, protection) => {
    const metadata = makeMetadata({ icon: { type: 'png', bytes: seeded('icon')(1000) } });
    const { bpp, verdict } = receiverFor({ pki: labPki(curve), protection, metadata, upp: makeUpp(1500) });
    expect(verdict(bpp)).toBe('ok');
    for (let bit = 0; bit < bpp.length * 8; bit++) {
      const text = verdict(flipped(bpp, bit));
      if (!SENSIBLE_REFUSAL.test(text)) expect.fail(`bit ${bit}: ${text}`);
    }
  });
});

it('random packages arrive whole or not at all', () => {
  const seed = process.env['LAB_SEED'] ?? String(Date.now());
  console.log(`LAB_SEED=${seed}`);
  const random = seeded(`slow ${seed}`);
  const below = (limit: number): number => Buffer.from(random(4)).readUInt32BE() % limit;
  for (let i = 0; i < 3000; i++) {
    const { bpp, verdict } = receiverFor({ protection: below(2) ? 'session-keys' : PPK(), upp: makeUpp(below(6000), undefined, `${seed} ${i}`) });
    expect(verdict(bpp), `package ${i}`).toBe('ok');
    const spoilt = Uint8Array.from(bpp);
    const from = below(spoilt.length);
    const junk = random(1 + below(12));
    const before = Buffer.from(spoilt);
    spoilt.set(junk.subarray(0, spoilt.length - from), from);
    const text = verdict(spoilt);
    if (before.equals(spoilt)) expect(text).toBe('ok');
    else expect(text, `package ${i} spoilt at ${from}`).not.toBe('ok');
    expect(verdict(bpp.subarray(0, from))).toBe('uncut');
  }
});
