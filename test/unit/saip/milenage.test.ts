import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeOpc, computeOpcInto, milenage, SaipError } from '../../../src/main/saip/index.ts';
import { fromHex, toHex } from '../../../src/shared/tlv/index.ts';
import { encryptBlock, expandKey } from '../../../src/main/saip/aes.ts';
import vectors from '../../fixtures/saip/milenage.json';

describe('Milenage', () => {
  it.each(vectors.sets)('reproduces 35.208 test set $set', (set) => {
    const k = fromHex(set.k);
    const opc = computeOpc(k, fromHex(set.op));
    expect(toHex(opc)).toBe(set.opc);
    const out = milenage(k, opc, fromHex(set.rand), fromHex(set.sqn), fromHex(set.amf));
    const { macA, macS, res, ck, ik, ak, akStar } = set;
    expect(Object.fromEntries(Object.entries(out).map(([name, value]) => [name, toHex(value)]))).toEqual({ macA, macS, res, ck, ik, ak, akStar });
  });

  it('leaves no round key behind', () => {
    const keys = new Uint32Array(44);
    const out = new Uint8Array(20);
    computeOpcInto(fromHex(vectors.sets[0]!.k), fromHex(vectors.sets[0]!.op), out, 4, keys);
    expect(toHex(out.subarray(4))).toBe(vectors.sets[0]!.opc);
    expect(keys.every((word) => word === 0)).toBe(true);
  });

  it('refuses wrong lengths', () => {
    const sixteen = new Uint8Array(16);
    expect(() => computeOpc(new Uint8Array(15), sixteen)).toThrow(SaipError);
    expect(() => milenage(sixteen, sixteen, sixteen, new Uint8Array(5), new Uint8Array(2))).toThrow(SaipError);
  });
});

describe('table AES', () => {
  it('equals node:crypto for any key and block, also in place', () => {
    const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });
    fc.assert(fc.property(bytes, bytes, (key, block) => {
      const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
      const want = toHex(cipher.update(block));
      const keys = new Uint32Array(44);
      expandKey(key, 0, keys);
      const out = new Uint8Array(16);
      encryptBlock(keys, block, 0, out, 0);
      expect(toHex(out)).toBe(want);
      encryptBlock(keys, block, 0, block, 0);
      expect(toHex(block)).toBe(want);
    }), { numRuns: 500 });
  });
});
