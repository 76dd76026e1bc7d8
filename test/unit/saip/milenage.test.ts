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

  it('takes an operator\'s own constants: the functions as 35.206 writes them, on whole numbers', () => {
    const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
    const number = (value: Uint8Array): bigint => BigInt(`0x${toHex(value)}`);
    const octets = (value: bigint): Uint8Array => fromHex(value.toString(16).padStart(32, '0'));
    const rotate = (value: bigint, bits: number): bigint => ((value << BigInt(bits)) | (value >> BigInt(128 - bits))) & ((1n << 128n) - 1n);
    fc.assert(fc.property(bytes(16), bytes(16), bytes(16), bytes(6), bytes(2), fc.uint8Array({ minLength: 5, maxLength: 5, max: 127 }), bytes(80), (k, opc, rand, sqn, amf, rotations, constants) => {
      const aes = (block: bigint): bigint => number(createCipheriv('aes-128-ecb', k, null).setAutoPadding(false).update(octets(block)));
      const c = (n: number): bigint => number(constants.subarray(16 * n - 16, 16 * n));
      const op = number(opc);
      const temp = aes(number(rand) ^ op);
      const in1 = number(Uint8Array.from([...sqn, ...amf, ...sqn, ...amf]));
      const out1 = octets(aes(temp ^ rotate(in1 ^ op, rotations[0]!) ^ c(1)) ^ op);
      const out = (n: number): Uint8Array => octets(aes(rotate(temp ^ op, rotations[n - 1]!) ^ c(n)) ^ op);
      const result = milenage(k, opc, rand, sqn, amf, { rotations, constants });
      expect([result.macA, result.macS, result.res, result.ak, result.ck, result.ik, result.akStar].map(toHex)).toEqual([
        out1.subarray(0, 8), out1.subarray(8), out(2).subarray(8), out(2).subarray(0, 6), out(3), out(4), out(5).subarray(0, 6),
      ].map(toHex));
    }), { numRuns: 50 });
    const sixteen = new Uint8Array(16);
    expect(() => milenage(sixteen, sixteen, sixteen, new Uint8Array(6), new Uint8Array(2), { rotations: Uint8Array.of(0, 0, 0, 0, 128), constants: new Uint8Array(80) })).toThrow(SaipError);
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
