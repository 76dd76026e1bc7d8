import { createHash, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { publicPoint } from '../../../src/main/rsp/index.ts';
import { drawScalar, readPrivateKey } from '../../../src/main/vault/key-material.ts';
import { checkedRandom, randomDigits, RandomnessFailed } from '../../../src/main/vault/random.ts';
import { runSelfTests, SelfTestFailed, selfTests } from '../../../src/main/vault/self-test.ts';
import { checkSecrets, decodeSecrets, encodeSecrets, plainIccid } from '../../../src/main/vault/subscribers.ts';
import { sealConfirmationCode, verifyConfirmationCode } from '../../../src/main/vault/confirmation.ts';
import { createSecretKey } from 'node:crypto';

const random = checkedRandom();
const coded = (code: string): Error => expect.objectContaining({ code }) as unknown as Error;

describe('self-test', () => {
  test('every primitive gives the published value', () => {
    const results = runSelfTests(selfTests(random));
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(results.map(({ name }) => name)).toEqual(expect.arrayContaining([
      'AES-256-GCM', 'AES-128-CBC', 'AES-CMAC', 'SHA-256', 'HMAC-SHA-256', 'RSP session keys', 'ECDSA P-256', 'ECDSA brainpoolP256r1',
      'ECDH P-256', 'ECDH brainpoolP256r1', 'scrypt', 'Milenage', 'TUAK', 'random numbers',
    ]));
  });

  test('a wrong value or an exception stops the vault and names the primitive', () => {
    const tests = [{ name: 'good', run: () => true }, { name: 'wrong', run: () => false }, { name: 'broken', run: () => { throw new Error('x'); } }];
    expect(() => runSelfTests(tests)).toThrow(SelfTestFailed);
    expect(() => runSelfTests(tests)).toThrow(/wrong, broken/);
  });

  test('a generator that repeats itself fails the self-test of random numbers', () => {
    const stuck = selfTests((length) => new Uint8Array(length).fill(3)).find(({ name }) => name === 'random numbers')!;
    expect(stuck.run()).toBe(false);
  });
});

describe('random numbers', () => {
  test('a repeated block ends the generator for good', () => {
    let calls = 0;
    const source = checkedRandom((out) => {
      for (let i = 0; i < out.length; i++) out[i] = (i * 7 + calls) & 0xff;
      // The second filling begins with the block the first one ended with.
      if (calls++ === 1) out.set(Uint8Array.from({ length: 16 }, (_, i) => ((4096 - 16 + i) * 7) & 0xff), 0);
    });
    source(4096);
    expect(() => source(1)).toThrow(RandomnessFailed);
    expect(() => source(1)).toThrow(RandomnessFailed);
  });

  test('lengths across the pool, never the same octets twice', () => {
    const seen = new Set<string>();
    for (const length of [1, 15, 4095, 4096, 4097, 9000, 32, 32, 32]) {
      const octets = random(length);
      expect(octets.length).toBe(length);
      if (length >= 15) seen.add(Buffer.from(octets.subarray(0, 15)).toString('hex'));
    }
    expect(seen.size).toBe(8);
  });

  test('digits are digits, each of them met', () => {
    const digits = randomDigits(random, 2000);
    expect(new Set(digits)).toEqual(new Set('0123456789'.split('').map((digit) => digit.charCodeAt(0))));
  });

  test('scalars fit their curve', () => {
    for (const curve of ['P-256', 'brainpoolP256r1'] as const) {
      for (let i = 0; i < 30; i++) expect(publicPoint(curve, drawScalar(curve, random)).length).toBe(65);
    }
    // n itself, zero and all ones are drawn again.
    const draws = [new Uint8Array(32), new Uint8Array(32).fill(0xff), Buffer.from('a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7', 'hex'), new Uint8Array(32).fill(1)];
    expect([...drawScalar('brainpoolP256r1', () => draws.shift()!)]).toEqual([...new Uint8Array(32).fill(1)]);
  });
});

describe('private keys from outside', () => {
  const forms = (namedCurve: string) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve });
    const der = (type: 'pkcs8' | 'sec1') => privateKey.export({ format: 'der', type });
    const pem = (type: 'pkcs8' | 'sec1') => Buffer.from(privateKey.export({ format: 'pem', type }));
    return [der('pkcs8'), der('sec1'), pem('pkcs8'), pem('sec1'), Buffer.concat([Buffer.from('-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n'), pem('sec1')])];
  };

  test.each([['prime256v1', 'P-256'], ['brainpoolP256r1', 'brainpoolP256r1']])('%s in every form', (openssl, curve) => {
    const read = forms(openssl).map((form) => readPrivateKey(form));
    for (const one of read) {
      expect(one.curve).toBe(curve);
      expect([...one.scalar]).toEqual([...read[0]!.scalar]);
    }
  });

  test('everything else is refused with one code', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ format: 'der', type: 'pkcs8' });
    const other = forms('secp384r1')[0]!;
    const encrypted = Buffer.from(createPrivateKey({ key: forms('prime256v1')[0]!, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'test' }));
    for (const key of [rsa, other, encrypted, new Uint8Array(0), Buffer.from('hello'), Buffer.from('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n')]) {
      expect(() => readPrivateKey(key)).toThrow(coded('KEY_MALFORMED'));
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 150 }), (octets) => {
      expect(() => readPrivateKey(octets)).toThrow(coded('KEY_MALFORMED'));
    }), { numRuns: 200 });
  });
});

describe('subscriber secrets', () => {
  const octets = (n: number) => new Uint8Array(n).fill(7);
  const digits = (text: string) => Uint8Array.from(Buffer.from(text));
  const field = fc.option(fc.uint8Array({ minLength: 1, maxLength: 40 }), { nil: undefined });

  test('any set of values comes back', () => {
    fc.assert(fc.property(fc.record({ k: field, opc: field, op: field, pin1: field, puk2: field, adm1: field, scp80Kik: field }), (secrets) => {
      const back = decodeSecrets(encodeSecrets(secrets as never)) as Record<string, Uint8Array>;
      for (const [name, value] of Object.entries(secrets)) expect(back[name] && [...back[name]]).toEqual(value && [...value]);
    }));
  });

  test('a form of another version is refused', () => {
    for (const bad of [[0, 1, 1], [23, 1, 1], [1, 5, 1], [1]]) expect(() => decodeSecrets(Uint8Array.from(bad))).toThrow(coded('SEAL_BROKEN'));
  });

  test.each([
    ['k', { k: octets(15) }], ['opc', { k: octets(16), opc: octets(8) }], ['scp80Kic', { scp80Kic: octets(20) }],
    ['pin1', { pin1: digits('12a4') }], ['pin2', { pin2: digits('123') }], ['puk1', { puk1: digits('1234567') }],
    ['adm1', { adm1: digits('123456789') }], ['k', { opc: octets(16) }], ['k', { op: octets(16) }],
  ])('a wrong %s is refused by name, without its value', (name, secrets) => {
    expect(() => checkSecrets('8944500000000000017', secrets)).toThrow(coded('SECRETS_INVALID'));
    expect(() => checkSecrets('8944500000000000017', secrets)).toThrow(new RegExp(`^${name} of profile 8944500000000000017: (?!.*(12a4|1234567))`));
  });

  test('usual values are taken', () => {
    checkSecrets('x', {
      k: octets(16), opc: octets(16), pin1: digits('1234'), pin2: digits('12345678'), puk1: digits('12345678'), puk2: digits('00000000'),
      adm1: octets(8), scp80Kic: octets(16), scp80Kid: octets(32), scp80Kik: octets(24),
    });
  });

  test('an ICCID is bound without its padding', () => {
    expect(plainIccid('8944500000000000017F')).toBe('8944500000000000017');
    for (const bad of ['', '89', '8944500000000000017X', '894450000000000001712345']) expect(() => plainIccid(bad)).toThrow(coded('VAULT_INPUT_INVALID'));
  });
});

describe('confirmation codes', () => {
  const key = createSecretKey(random(32));
  const code = Buffer.from('TEST-1234');
  const transaction = new Uint8Array(16).fill(5);
  const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  const sealed = sealConfirmationCode(key, 'order-1', code, random);
  const hashCc = sha256(sha256(code), transaction);

  test('the right hash only', () => {
    expect(verifyConfirmationCode(key, 'order-1', sealed, transaction, hashCc)).toBe(true);
    const wrong = Uint8Array.from(hashCc);
    wrong[31]! ^= 1;
    for (const bad of [wrong, new Uint8Array(0), hashCc.subarray(0, 31), sha256(sha256(Buffer.from('TEST-1235')), transaction)]) {
      expect(verifyConfirmationCode(key, 'order-1', sealed, transaction, bad)).toBe(false);
    }
    expect(verifyConfirmationCode(key, 'order-1', sealed, new Uint8Array(16).fill(6), hashCc)).toBe(false);
  });

  test('belongs to one order', () => {
    expect(() => verifyConfirmationCode(key, 'order-2', sealed, transaction, hashCc)).toThrow(coded('SEAL_BROKEN'));
  });

  test('1 to 64 octets', () => {
    for (const length of [0, 65]) expect(() => sealConfirmationCode(key, 'o', new Uint8Array(length).fill(49), random)).toThrow(coded('CONFIRMATION_CODE_INVALID'));
    for (const length of [1, 64]) expect(sealConfirmationCode(key, 'o', new Uint8Array(length).fill(49), random).length).toBe(61);
  });
});
