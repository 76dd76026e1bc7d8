import { createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkedRandom } from '../../../src/main/vault/random.ts';
import { deriveWorkspaceKeys, open, openProfile, seal, sealProfile } from '../../../src/main/vault/sealing.ts';
import { openBlob, openProfileBlob } from './support.ts';

const random = checkedRandom();
const key = random(32);
const plain = new TextEncoder().encode('test octets, not a secret');
const context = ['profile', '8944500000000000017', new Uint8Array(32).fill(4)];
const broken = expect.objectContaining({ code: 'SEAL_BROKEN' }) as unknown;

const forms = [
  ['a plain seal', seal, open, openBlob],
  ['a profile seal', sealProfile, openProfile, openProfileBlob],
] as const;

describe.each(forms)('%s', (_, close, reopen, independent) => {
  test('opens, also by the documented format alone', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (content) => {
      const sealed = close(key, context, content, random);
      expect([...reopen(createSecretKey(key), context, sealed)]).toEqual([...content]);
      expect([...independent(key, context, sealed)]).toEqual([...content]);
    }), { numRuns: 50 });
  });

  test('every flipped bit is noticed', () => {
    const sealed = close(key, context, plain, random);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Uint8Array.from(sealed);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => reopen(key, context, changed), `bit ${bit}`).toThrow(broken as Error);
    }
  });

  test('every cut is noticed', () => {
    const sealed = close(key, context, plain, random);
    for (let length = 0; length < sealed.length; length++) expect(() => reopen(key, context, sealed.subarray(0, length))).toThrow(broken as Error);
  });

  test.each([
    ['another profile', ['profile', '8944500000000000018', new Uint8Array(32).fill(4)]],
    ['another template', ['profile', '8944500000000000017', new Uint8Array(32).fill(5)]],
    ['another purpose', ['subscriber', '8944500000000000017', new Uint8Array(32).fill(4)]],
    ['parts that read the same in a row', ['profile8944500000000000017', '', new Uint8Array(32).fill(4)]],
    ['a missing part', ['profile', '8944500000000000017']],
  ])('does not open for %s', (_name, other) => {
    expect(() => reopen(key, other, close(key, context, plain, random))).toThrow(broken as Error);
  });

  test('does not open under another key', () => {
    expect(() => reopen(random(32), context, close(key, context, plain, random))).toThrow(broken as Error);
  });

  test('two seals of the same content differ', () => {
    expect(Buffer.compare(close(key, context, plain, random), close(key, context, plain, random))).not.toBe(0);
  });
});

test('the keys of a workspace differ from each other, and the KEK is zeroed', () => {
  const kek = new Uint8Array(32).fill(9);
  const keys = Object.values(deriveWorkspaceKeys(kek)).map((one) => (one as ReturnType<typeof createSecretKey>).export().toString('hex'));
  expect(new Set(keys).size).toBe(6);
  expect(kek.every((octet) => octet === 0)).toBe(true);
});
