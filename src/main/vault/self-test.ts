/**
 * Known-answer tests of every primitive the vault relies on, run at each start. A vault that fails one does not serve:
 * a wrong library must not make keys, packages or seals.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, scryptSync, timingSafeEqual } from 'node:crypto';
import { fromHex } from '../../shared/tlv/index.ts';
import { aesCmac, deriveSessionKeys, ecdh, publicPoint, signRaw, verifyRaw } from '../rsp/index.ts';
import type { Curve } from '../rsp/index.ts';
import { computeOpc, computeTopc, milenage, tuak } from '../saip/index.ts';
import { drawScalar } from './key-material.ts';
import { checkedRandom } from './random.ts';
import type { RandomBytes } from './random.ts';

export interface SelfTest {
  readonly name: string;
  /** True when everything came out as published; an exception counts as a failure too. */
  readonly run: () => boolean;
}

export interface SelfTestResult {
  readonly name: string;
  readonly ok: boolean;
}

const hex = fromHex;
const same = (a: Uint8Array, expected: string): boolean => Buffer.compare(a, hex(expected)) === 0;
const text = (value: string): Uint8Array => Buffer.from(value, 'ascii');

// McGrew and Viega, "The Galois/Counter Mode of Operation", test case 16.
const GCM = {
  key: hex('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308'),
  nonce: hex('cafebabefacedbaddecaf888'),
  data: hex('feedfacedeadbeeffeedfacedeadbeefabaddad2'),
  plain: 'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
  cipher: '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662',
  tag: '76fc6ece0f4e1768cddf8853bb2d551b',
};

function gcm(): boolean {
  const cipher = createCipheriv('aes-256-gcm', GCM.key, GCM.nonce).setAAD(GCM.data);
  const out = cipher.update(hex(GCM.plain));
  cipher.final();
  if (!same(out, GCM.cipher) || !same(cipher.getAuthTag(), GCM.tag)) return false;
  const read = (tag: Uint8Array): Uint8Array | undefined => {
    const decipher = createDecipheriv('aes-256-gcm', GCM.key, GCM.nonce, { authTagLength: 16 }).setAAD(GCM.data).setAuthTag(tag);
    const plain = decipher.update(hex(GCM.cipher));
    try {
      decipher.final();
      return plain;
    } catch {
      return undefined;
    }
  };
  const opened = read(hex(GCM.tag));
  const wrong = hex(GCM.tag);
  wrong[0]! ^= 1;
  return opened !== undefined && same(opened, GCM.plain) && read(wrong) === undefined;
}

function aes(mode: 'aes-128-ecb' | 'aes-128-cbc', key: string, iv: string | null, plain: string, expected: string): boolean {
  const vector = iv === null ? null : hex(iv);
  const cipher = createCipheriv(mode, hex(key), vector).setAutoPadding(false);
  const out = Buffer.concat([cipher.update(hex(plain)), cipher.final()]);
  const decipher = createDecipheriv(mode, hex(key), vector).setAutoPadding(false);
  return same(out, expected) && same(Buffer.concat([decipher.update(out), decipher.final()]), plain);
}

function signs(curve: Curve, random: RandomBytes): boolean {
  const scalar = drawScalar(curve, random);
  const data = text('self-test');
  const signature = signRaw(curve, scalar, data);
  const point = publicPoint(curve, scalar);
  scalar.fill(0);
  const wrong = Uint8Array.from(signature);
  wrong[40]! ^= 1;
  return verifyRaw(curve, point, data, signature) && !verifyRaw(curve, point, data, wrong) && !verifyRaw(curve, point, text('self-tesT'), signature);
}

function sessionKeys(): boolean {
  // Recorded in a run of an independent SM-DP+ (SGP.22 v2.2, annex G).
  const keys = deriveSessionKeys(
    hex('c9a993dd4879a8f7161f2085410edd4f9652f1df37be097ba96ba2ca6be528fe'), hex('8080808080808080'), hex('89049032123451234512345678901235'),
  );
  return same(keys.macChaining, '406d507b448a699e7a36a38494debbde') && same(keys.sEnc, '472f5bfadd97f21d34f3ce9b51b92751')
    && same(keys.sMac, '9ec07f5b36a13e12a991d66e294e6242');
}

function randomness(random: RandomBytes): boolean {
  if (Buffer.compare(random(32), random(32)) === 0) return false;
  // The check itself must be able to fail.
  try {
    checkedRandom((out) => void out.fill(7))(16);
    return false;
  } catch {
    return true;
  }
}

export function selfTests(random: RandomBytes): SelfTest[] {
  return [
    { name: 'AES-256-GCM', run: gcm },
    // FIPS 197, C.1; SP 800-38A, F.2.1.
    { name: 'AES-128-ECB', run: () => aes('aes-128-ecb', '000102030405060708090a0b0c0d0e0f', null, '00112233445566778899aabbccddeeff', '69c4e0d86a7b0430d8cdb78070b4c55a') },
    { name: 'AES-128-CBC', run: () => aes('aes-128-cbc', '2b7e151628aed2a6abf7158809cf4f3c', '000102030405060708090a0b0c0d0e0f', '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51', '7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2') },
    // RFC 4493, 4: the empty message, one block, two and a half blocks.
    {
      name: 'AES-CMAC',
      run: () => {
        const key = hex('2b7e151628aed2a6abf7158809cf4f3c');
        const message = hex('6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411');
        return same(aesCmac(key), 'bb1d6929e95937287fa37d129b756746') && same(aesCmac(key, message.subarray(0, 16)), '070a16b46b4d4144f79bdd9dd04a287c')
          && same(aesCmac(key, message), 'dfa66747de9ae63030ca32611497c827');
      },
    },
    // FIPS 180-4 example; RFC 4231, case 2; RFC 5869, A.1; RFC 7914, 12.
    { name: 'SHA-256', run: () => same(createHash('sha256').update('abc').digest(), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad') },
    { name: 'HMAC-SHA-256', run: () => same(createHmac('sha256', text('Jefe')).update('what do ya want for nothing?').digest(), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843') },
    { name: 'HKDF-SHA-256', run: () => same(new Uint8Array(hkdfSync('sha256', new Uint8Array(22).fill(0x0b), hex('000102030405060708090a0b0c'), hex('f0f1f2f3f4f5f6f7f8f9'), 42)), '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865') },
    { name: 'scrypt', run: () => same(scryptSync('', '', 64, { N: 16, r: 1, p: 1 }), '77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906') },
    { name: 'RSP session keys', run: sessionKeys },
    // RFC 6979, A.2.5, "sample" with SHA-256, then a signature of our own.
    {
      name: 'ECDSA P-256',
      run: () => verifyRaw('P-256', publicPoint('P-256', hex('c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721')), text('sample'),
        hex('efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8')) && signs('P-256', random),
    },
    { name: 'ECDSA brainpoolP256r1', run: () => signs('brainpoolP256r1', random) },
    // RFC 5903, 8.1; RFC 7027, A.1.
    { name: 'ECDH P-256', run: () => same(ecdh('P-256', hex('c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433'), hex('04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab')), 'd6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de') },
    { name: 'ECDH brainpoolP256r1', run: () => same(ecdh('brainpoolP256r1', hex('81db1ee100150ff2ea338d708271be38300cb54241d79950f77b063039804f1d'), hex('048d2d688c6cf93e1160ad04cc4429117dc2c41825e1e9fca0addd34e6f1b39f7b990c57520812be512641e47034832106bc7d3e8dd0e4c7f1136d7006547cec6a')), '89afc39d41d3b327814b80940b042590f96556ec91e6ae7939bce31f3a18bf2b') },
    // 3GPP TS 35.208, test set 1.
    {
      name: 'Milenage',
      run: () => {
        const k = hex('465b5ce8b199b49faa5f0a2ee238a6bc');
        const opc = computeOpc(k, hex('cdc202d5123e20f62b6d676ac72cb318'));
        return same(opc, 'cd63cb71954a9f4e48a5994e37a02baf')
          && same(milenage(k, opc, hex('23553cbe9637a89d218ae64dae47bf35'), hex('ff9bb4d0b607'), hex('b9b9')).res, 'a54211d5e3ba50bf');
      },
    },
    // 3GPP TS 35.233, test set 1.
    {
      name: 'TUAK',
      run: () => {
        const k = new Uint8Array(16).fill(0xab);
        const topc = computeTopc(k, new Uint8Array(32).fill(0x55));
        return same(topc, 'bd04d9530e87513c5d837ac2ad954623a8e2330c115305a73eb45d1f40cccbff')
          && same(tuak(k, topc, new Uint8Array(16).fill(0x42), new Uint8Array(6).fill(0x11), hex('ffff'), { res: 4 }).res, '657acd64');
      },
    },
    { name: 'constant-time comparison', run: () => timingSafeEqual(hex('0102'), hex('0102')) && !timingSafeEqual(hex('0102'), hex('0103')) },
    { name: 'random numbers', run: () => randomness(random) },
  ];
}

/** The vault must not start: `failed` names the primitives. */
export class SelfTestFailed extends Error {
  readonly code = 'SELF_TEST_FAILED';
  readonly failed: readonly string[];
  constructor(failed: readonly string[]) {
    super(`the vault's self-test failed (${failed.join(', ')}); it does not start on this computer's cryptography`);
    this.name = 'SelfTestFailed';
    this.failed = failed;
  }
}

/** Runs them all; throws {@link SelfTestFailed} when one fails. */
export function runSelfTests(tests: readonly SelfTest[]): SelfTestResult[] {
  const results = tests.map(({ name, run }) => {
    try {
      return { name, ok: run() };
    } catch {
      return { name, ok: false };
    }
  });
  const failed = results.filter(({ ok }) => !ok).map(({ name }) => name);
  if (failed.length > 0) throw new SelfTestFailed(failed);
  return results;
}
