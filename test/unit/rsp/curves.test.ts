import { createECDH, createHash, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ecdh, importPublicKey, isOnCurve, publicPoint, signDeterministic, signRaw, verifyRaw } from '../../../src/main/rsp/index.ts';
import type { Curve } from '../../../src/main/rsp/index.ts';
import { concat, fromHex, toHex, utf8Bytes } from '../../../src/shared/tlv/index.ts';
import { describeVectors, vector } from './support/vectors.ts';
import { testScalar } from './support/make-certificate.ts';

const CURVES: Curve[] = ['P-256', 'brainpoolP256r1'];
const point = (x: string, y: string): Uint8Array => fromHex(`04${x}${y}`);

describe('key agreement', () => {
  it('RFC 5903, 8.1 (P-256)', () => {
    const i = fromHex('C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433');
    const r = fromHex('C6EF9C5D78AE012A011164ACB397CE2088685D8F06BF9BE0B283AB46476BEE53');
    const gi = point('DAD0B65394221CF9B051E1FECA5787D098DFE637FC90B9EF945D0C3772581180', '5271A0461CDB8252D61F1C456FA3E59AB1F45B33ACCF5F58389E0577B8990BB3');
    const gr = point('D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63', '56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB');
    const shared = 'd6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de';
    expect(toHex(publicPoint('P-256', i))).toBe(toHex(gi));
    expect(toHex(publicPoint('P-256', r))).toBe(toHex(gr));
    expect(toHex(ecdh('P-256', i, gr))).toBe(shared);
    expect(toHex(ecdh('P-256', r, gi))).toBe(shared);
  });

  it('RFC 7027, A.1 (brainpoolP256r1)', () => {
    const a = fromHex('81DB1EE100150FF2EA338D708271BE38300CB54241D79950F77B063039804F1D');
    const b = fromHex('55E40BC41E37E3E2AD25C3C6654511FFA8474A91A0032087593852D3E7D76BD3');
    const qa = point('44106E913F92BC02A1705D9953A8414DB95E1AAA49E81D9E85F929A8E3100BE5', '8AB4846F11CACCB73CE49CBDD120F5A900A69FD32C272223F789EF10EB089BDC');
    const qb = point('8D2D688C6CF93E1160AD04CC4429117DC2C41825E1E9FCA0ADDD34E6F1B39F7B', '990C57520812BE512641E47034832106BC7D3E8DD0E4C7F1136D7006547CEC6A');
    const shared = '89afc39d41d3b327814b80940b042590f96556ec91e6ae7939bce31f3a18bf2b';
    expect(toHex(publicPoint('brainpoolP256r1', a))).toBe(toHex(qa));
    expect(toHex(ecdh('brainpoolP256r1', a, qb))).toBe(shared);
    expect(toHex(ecdh('brainpoolP256r1', b, qa))).toBe(shared);
  });

  it.each(CURVES)('%s: keeps the leading zeros of a short x coordinate', (curve) => {
    const name = curve === 'P-256' ? 'prime256v1' : curve;
    const own = testScalar(0x21);
    let found = 0;
    for (let i = 1; i < 3000 && found === 0; i++) {
      const scalar = new Uint8Array(createHash('sha256').update(`peer ${i}`).digest());
      scalar[0] = 0x10;
      const agreement = createECDH(name);
      agreement.setPrivateKey(own);
      const peer = publicPoint(curve, scalar);
      const expected = agreement.computeSecret(peer);
      if (expected[0] !== 0) continue;
      found = i;
      expect(toHex(ecdh(curve, own, peer))).toBe(expected.toString('hex').padStart(64, '0'));
    }
    expect(found).toBeGreaterThan(0);
  });

  it.each(CURVES)('%s: refuses what is not a point of the curve', (curve) => {
    const good = publicPoint(curve, testScalar(7));
    const other = publicPoint(curve === 'P-256' ? 'brainpoolP256r1' : 'P-256', testScalar(7));
    const flipped = Uint8Array.from(good);
    flipped[64]! ^= 1;
    const compressed = concat(Uint8Array.of(2), good.subarray(1, 33));
    const zero = concat(Uint8Array.of(4), new Uint8Array(64));
    expect(isOnCurve(curve, good)).toBe(true);
    for (const bad of [other, flipped, compressed, zero, good.subarray(0, 64), Uint8Array.of(0), new Uint8Array(), new Uint8Array(65).fill(0xff)]) {
      expect(isOnCurve(curve, bad)).toBe(false);
      expect(() => ecdh(curve, testScalar(9), bad)).toThrow(expect.objectContaining({ code: 'ECKA_BAD_POINT' }));
      expect(() => importPublicKey(curve, bad)).toThrow(expect.objectContaining({ code: 'ECKA_BAD_POINT' }));
    }
  });

  it('refuses a coordinate written with the field size added to it', () => {
    const p = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
    const b = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
    const power = (base: bigint, exponent: bigint): bigint => {
      let result = 1n;
      for (let e = exponent, x = base % p; e > 0n; e >>= 1n, x = (x * x) % p) if (e & 1n) result = (result * x) % p;
      return result;
    };
    const hex = (value: bigint): string => value.toString(16).padStart(64, '0');
    let tried = 0;
    for (let x = 1n; x < 20n; x++) {
      const square = (x * x * x - 3n * x + b + p) % p;
      const y = power(square, (p + 1n) / 4n);
      if ((y * y) % p !== square) continue;
      tried++;
      expect(isOnCurve('P-256', point(hex(x), hex(y)))).toBe(true);
      expect(isOnCurve('P-256', point(hex(x + p), hex(y)))).toBe(false);
    }
    expect(tried).toBeGreaterThan(3);
  });

  it.each(CURVES)('%s: refuses scalars that are no private key', (curve) => {
    for (const bad of [new Uint8Array(32), new Uint8Array(32).fill(0xff), new Uint8Array(31).fill(1), new Uint8Array(33).fill(1)]) {
      expect(() => publicPoint(curve, bad)).toThrow(expect.objectContaining({ code: 'ECKA_BAD_KEY' }));
      expect(() => ecdh(curve, bad, publicPoint(curve, testScalar(7)))).toThrow(expect.objectContaining({ code: 'ECKA_BAD_KEY' }));
      expect(() => signDeterministic(curve, bad, KEYLESS)).toThrow(expect.objectContaining({ code: 'ECKA_BAD_KEY' }));
    }
  });
});

const KEYLESS = utf8Bytes('data');

describe('signatures', () => {
  // RFC 6979, A.2.5, SHA-256.
  const scalar = fromHex('C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721');

  it.each([
    ['sample', 'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716', 'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8'],
    ['test', 'f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367', '019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083'],
  ])('RFC 6979, A.2.5, message "%s"', (message, r, s) => {
    const signature = signDeterministic('P-256', scalar, utf8Bytes(message));
    expect(toHex(signature)).toBe(r + s);
    expect(verifyRaw('P-256', publicPoint('P-256', scalar), utf8Bytes(message), signature)).toBe(true);
  });

  it.each(CURVES)('%s: random and deterministic signatures verify, also for OpenSSL directly, and nothing else does', (curve) => {
    const own = testScalar(0x0a);
    const key = importPublicKey(curve, publicPoint(curve, own));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(511), (data, bit) => {
      const signature = signDeterministic(curve, own, data);
      expect(toHex(signature)).toBe(toHex(signDeterministic(curve, own, data)));
      expect(verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true);
      const random = signRaw(curve, own, data);
      expect(random.length).toBe(64);
      expect(verifyRaw(curve, publicPoint(curve, own), data, random)).toBe(true);
      random[bit >> 3]! ^= 1 << (bit & 7);
      expect(verifyRaw(curve, publicPoint(curve, own), data, random)).toBe(false);
    }), { numRuns: 15 });
  });

  it.each(CURVES)('%s: numbers with leading zeros and with the highest bit set keep their places', (curve) => {
    const scalar = testScalar(0x41);
    const key = importPublicKey(curve, publicPoint(curve, scalar));
    const short = new Set<number>();
    for (let i = 0; i < 400 || short.size < 2; i++) {
      const data = utf8Bytes(`message ${i}`);
      const signature = i % 2 === 0 ? signRaw(curve, scalar, data) : signDeterministic(curve, scalar, data);
      for (const at of [0, 32]) if (signature[at] === 0) short.add(at);
      expect(verifyRaw(curve, publicPoint(curve, scalar), data, signature)).toBe(true);
      expect(verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true);
    }
    for (const [r, s] of [[0, 1], [1, 0], [0, 0], [0xff, 0xff]] as const) {
      const signature = new Uint8Array(64);
      signature.fill(r, r === 0xff ? 0 : 31, 32).fill(s, s === 0xff ? 32 : 63);
      expect(verifyRaw(curve, publicPoint(curve, scalar), utf8Bytes('x'), signature)).toBe(false);
    }
  });

  it('a signature or key of the wrong form is refused, not an exception', () => {
    const data = utf8Bytes('data');
    const own = publicPoint('P-256', testScalar(1));
    expect(verifyRaw('P-256', own, data, new Uint8Array(63))).toBe(false);
    expect(verifyRaw('P-256', own, data, new Uint8Array(64))).toBe(false);
    expect(verifyRaw('P-256', own, data, new Uint8Array(64).fill(0xff))).toBe(false);
    expect(verifyRaw('P-256', new Uint8Array(65), data, signRaw('P-256', testScalar(1), data))).toBe(false);
  });
});

describeVectors('key agreement', () => {
  it('v7-ecdh-rfc5903.txt', () => {
    const [own, peer, x] = new TextDecoder().decode(vector('v7-ecdh-rfc5903.txt')).trim().split(/\s+/);
    expect(toHex(ecdh('P-256', fromHex(own!), fromHex(peer!)))).toBe(x!.toLowerCase());
  });
});
