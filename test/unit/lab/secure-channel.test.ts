import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { agree, cmac, deriveChannelKeys, oneTimeKey, x963 } from '../../../src/main/lab/device/cipher.ts';
import type { ChannelKeys } from '../../../src/main/lab/device/cipher.ts';
import { SecureChannel } from '../../../src/main/lab/device/secure-channel.ts';
import { publicPointOf } from '../../../src/main/lab/pki/keys.ts';
import fixture from '../../fixtures/lab/secure-channel.json' with { type: 'json' };
import { seeded } from './support.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const first = fixture.keyDerivation[0]!;
const keys = (of: { chaining: string; enc: string; mac: string } = first): ChannelKeys => ({ chaining: hex(of.chaining), enc: hex(of.enc), mac: hex(of.mac) });
const tagOf = (text: string): 0x86 | 0x87 | 0x88 => Number.parseInt(text, 16) as 0x86 | 0x87 | 0x88;

describe('AES-CMAC', () => {
  it.each(fixture.cmac.cases)('RFC 4493 message "%s"', (message, expected) => {
    expect(cmac(hex(fixture.cmac.key), hex(message!)).toString('hex')).toBe(expected);
  });
});

describe('key derivation', () => {
  it.each(fixture.keyDerivation)('annex G for EID $eid', (example) => {
    const made = deriveChannelKeys(hex(example.z), hex(example.hostId), hex(example.eid));
    expect([made.chaining, made.enc, made.mac].map((part) => part.toString('hex'))).toEqual([example.chaining, example.enc, example.mac]);
  });

  it('both ends of a key agreement get the same x, on both curves', () => {
    for (const curve of ['P-256', 'brainpoolP256r1'] as const) {
      const a = oneTimeKey(curve, seeded(`a ${curve}`));
      const b = oneTimeKey(curve, seeded(`b ${curve}`));
      expect(agree(curve, a.otsk, b.otpk)).toEqual(agree(curve, b.otsk, a.otpk));
      expect(agree(curve, a.otsk, b.otpk)).toHaveLength(32);
    }
  });

  it('keeps the leading zeros of x', () => {
    const own = oneTimeKey('P-256', seeded('zeros'));
    const random = seeded('zeros, other side');
    for (let tries = 0; tries < 4000; tries++) {
      const x = agree('P-256', own.otsk, oneTimeKey('P-256', random).otpk)!;
      expect(x).toHaveLength(32);
      if (x[0] === 0) return;
    }
    expect.fail('no x with a leading zero found');
  });

  it('refuses a point that is not on the curve, compressed or of the other curve', () => {
    const { otsk, otpk } = oneTimeKey('P-256', seeded('own'));
    const off = Uint8Array.from(otpk);
    off[64]! ^= 1;
    const compressed = Uint8Array.of(2 + (otpk[64]! & 1), ...otpk.subarray(1, 33));
    for (const bad of [off, compressed, Uint8Array.of(0), oneTimeKey('brainpoolP256r1', seeded('other')).otpk]) {
      expect(agree('P-256', otsk, bad)).toBeUndefined();
    }
  });

  it('draws the scalar again when it is zero or not below the order', () => {
    const draws = [new Uint8Array(32), new Uint8Array(32).fill(0xff), new Uint8Array(32).fill(7)];
    const { otsk } = oneTimeKey('P-256', () => draws.shift()!);
    expect(otsk.every((octet) => octet === 7)).toBe(true);
  });
});

describe('SCP03t, receiving', () => {
  const opened = (channel: SecureChannel, step: { tag: string; segment: string }): string => {
    const answer = channel.open(hex(step.segment), tagOf(step.tag));
    return answer.ok ? answer.plain.toString('hex') : answer.fault;
  };

  it('opens the known segments in their order', () => {
    const channel = new SecureChannel(keys());
    expect(fixture.segments.map((step) => opened(channel, step))).toEqual(fixture.segments.map((step) => step.plain));
  });

  it('refuses every flipped bit of a segment', () => {
    const [configure] = fixture.segments;
    for (let bit = 0; bit < hex(configure!.segment).length * 8; bit++) {
      const segment = hex(configure!.segment);
      segment[bit >>> 3]! ^= 0x80 >>> (bit & 7);
      let fault: string;
      try {
        fault = opened(new SecureChannel(keys()), { tag: '87', segment: segment.toString('hex') });
      } catch (error) {
        // A length that reaches behind the end: the receiver above never passes such a segment on.
        fault = (error as { code: string }).code;
      }
      expect(['structure', 'security', 'TLV_TRUNCATED', 'TLV_INDEFINITE_LENGTH', 'TLV_LENGTH_TOO_LARGE'], `bit ${bit}`).toContain(fault);
    }
  });

  it('an 88 counts: leaving it out spoils the next 87, and a refused segment closes the channel', () => {
    const channel = new SecureChannel(keys());
    opened(channel, fixture.segments[0]!);
    expect(opened(channel, fixture.segments[2]!)).toBe('security');
    expect(opened(channel, fixture.segments[1]!)).toBe('security');
  });

  it('refuses more than 1020 bytes and ciphertext that is not whole blocks', () => {
    const long = Buffer.concat([hex('868203f9'), Buffer.alloc(1017)]);
    expect(opened(new SecureChannel(keys()), { tag: '86', segment: long.toString('hex') })).toBe('structure');
    expect(opened(new SecureChannel(keys()), { tag: '86', segment: `8610${'00'.repeat(16)}` })).toBe('structure');
    expect(opened(new SecureChannel(keys()), { tag: '86', segment: `8608${'00'.repeat(8)}` })).toBe('structure');
  });
});

const vectors = join(import.meta.dirname, '../../../../shared/vectors');
describe.skipIf(!existsSync(vectors))('third-party numbers in ../shared/vectors', () => {
  const read = (name: string): Record<string, never> => JSON.parse(readFileSync(join(vectors, name), 'utf8')) as Record<string, never>;

  it('v1: key agreement and derivation', () => {
    const v1 = read('v1-ecka-kdf-mode51.json');
    expect(Buffer.from(publicPointOf('P-256', hex(v1['smdpOtsk']!))).toString('hex')).toBe(v1['smdpOtpk']);
    const z = agree('P-256', hex(v1['smdpOtsk']!), hex(v1['euiccOtpk']!))!;
    expect(z.toString('hex')).toBe(v1['sharedSecretX']);
    expect(deriveChannelKeys(z, hex(v1['hostId']!), hex(v1['eid']!)).mac.toString('hex')).toBe(v1['sMac']);
  });

  it('v3: five chained segments across a key replacement', () => {
    const v3 = read('v3-scp03t-mode51.json') as unknown as { steps: { op: string; tag: string; plain: string; out: string }[] };
    const channel = new SecureChannel(keys());
    for (const step of v3.steps) {
      if (step.out === undefined) {
        const replacement = v3.steps[v3.steps.indexOf(step) - 1]!.plain;
        const part = (at: number): Buffer => hex(replacement).subarray(at, at + 16);
        channel.replaceKeys({ chaining: part(5), enc: part(23), mac: part(41) });
      } else {
        expect(opened(channel, { tag: step.tag, segment: step.out })).toBe(step.plain);
      }
    }
  });

  it('v8: bare X9.63', () => {
    const v8 = read('v8-x963.json');
    expect(x963(hex(v8['z']!), hex(v8['info']!), 40).toString('hex')).toBe(v8['out40']);
  });

  function opened(channel: SecureChannel, step: { tag: string; segment: string }): string {
    const answer = channel.open(hex(step.segment), tagOf(step.tag));
    return answer.ok ? answer.plain.toString('hex') : answer.fault;
  }
});
