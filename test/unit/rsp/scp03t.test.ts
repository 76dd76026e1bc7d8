import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { macAll, MAX_ENCRYPTED_PLAIN, MAX_MACED_PLAIN, MAX_SEGMENT, protectAll, SecureChannel } from '../../../src/main/rsp/index.ts';
import type { SessionKeys } from '../../../src/main/rsp/index.ts';
import { concat, fromHex, toHex } from '../../../src/shared/tlv/index.ts';
import { DeviceChannel } from './support/device-channel.ts';
import { describeVectors, vectorJson } from './support/vectors.ts';

const KEYS: SessionKeys = { macChaining: new Uint8Array(16).fill(0xa1), sEnc: new Uint8Array(16).fill(0xa2), sMac: new Uint8Array(16).fill(0xa3) };
const NEXT: SessionKeys = { macChaining: new Uint8Array(16).fill(0xb1), sEnc: new Uint8Array(16).fill(0xb2), sMac: new Uint8Array(16).fill(0xb3) };
const device = (keys: SessionKeys): DeviceChannel =>
  new DeviceChannel({ mcv: Buffer.from(keys.macChaining), enc: Buffer.from(keys.sEnc), mac: Buffer.from(keys.sMac) });
const sized = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 0xff);

describe('SCP03t', () => {
  it('the largest segments fill 1,020 octets exactly and one octet more is refused', () => {
    const channel = new SecureChannel(KEYS);
    expect(channel.protect(0x86, sized(MAX_ENCRYPTED_PLAIN)).length).toBe(MAX_SEGMENT);
    expect(channel.mac(sized(MAX_MACED_PLAIN)).length).toBe(MAX_SEGMENT);
    const tooLarge = expect.objectContaining({ code: 'SEGMENT_TOO_LARGE' });
    expect(() => channel.protect(0x86, sized(MAX_ENCRYPTED_PLAIN + 1))).toThrow(tooLarge);
    expect(() => channel.mac(sized(MAX_MACED_PLAIN + 1))).toThrow(tooLarge);
    channel.close();
  });

  it('any mixture of segments opens on the other side, across a key replacement', () => {
    const step = fc.record({ tag: fc.constantFrom(0x86 as const, 0x87 as const, 0x88 as const), plain: fc.uint8Array({ maxLength: 1007, size: 'max' }), replace: fc.boolean() });
    fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
      const channel = new SecureChannel(KEYS);
      let other = device(KEYS);
      for (const { tag, plain, replace } of steps) {
        const segment = tag === 0x88 ? channel.mac(plain) : channel.protect(tag, plain);
        expect(segment.length).toBeLessThanOrEqual(MAX_SEGMENT);
        expect(other.open(Buffer.from(segment), tag).equals(plain)).toBe(true);
        if (replace) {
          channel.replaceKeys(NEXT);
          other = device(NEXT);
        }
      }
      channel.close();
    }), { numRuns: 40 });
  });

  it.each([0, 1, 15, 16, 17, 1006, 1007, 1008, 2014, 2015, 5000, 65_536])('a text of %i octets is cut and comes back whole', (length) => {
    const plain = sized(length);
    const channel = new SecureChannel(KEYS);
    const other = device(KEYS);
    const encrypted = protectAll(channel, 0x86, plain);
    const maced = macAll(channel, plain);
    expect(encrypted.length).toBe(Math.max(1, Math.ceil(length / 1007)));
    expect(maced.length).toBe(Math.max(1, Math.ceil(length / 1008)));
    for (const segment of encrypted.slice(0, -1)) expect(segment.length).toBe(MAX_SEGMENT);
    expect(Buffer.concat(encrypted.map((segment) => other.open(Buffer.from(segment), 0x86))).equals(plain)).toBe(true);
    expect(Buffer.concat(maced.map((segment) => other.open(Buffer.from(segment), 0x88))).equals(plain)).toBe(true);
    channel.close();
  });

  it('takes its keys by value: erasing them afterwards changes nothing', () => {
    const copy: SessionKeys = { macChaining: Uint8Array.from(KEYS.macChaining), sEnc: Uint8Array.from(KEYS.sEnc), sMac: Uint8Array.from(KEYS.sMac) };
    const channel = new SecureChannel(copy);
    for (const key of Object.values(copy) as Uint8Array[]) key.fill(0);
    expect(device(KEYS).open(Buffer.from(channel.protect(0x87, sized(3))), 0x87).equals(sized(3))).toBe(true);
    channel.close();
  });

  it('refuses keys of another size, before and after a replacement, and closes either way', () => {
    const bad = { ...KEYS, sMac: new Uint8Array(15) };
    expect(() => new SecureChannel(bad)).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
    const channel = new SecureChannel(KEYS);
    expect(() => channel.replaceKeys(bad)).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
    expect(() => channel.replaceKeys({ ...KEYS, macChaining: new Uint8Array(8) })).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
    channel.close();
    channel.close();
  });
});

interface Step {
  op: string; tag: string; plain: string; out: string;
}

describeVectors('SCP03t', () => {
  it('v3-scp03t-mode51.json: five chained segments of a third-party server', () => {
    const v = vectorJson<{ start: { initialMcv: string; sEnc: string; sMac: string }; steps: Step[] }>('v3-scp03t-mode51.json');
    const channel = new SecureChannel({ macChaining: fromHex(v.start.initialMcv), sEnc: fromHex(v.start.sEnc), sMac: fromHex(v.start.sMac) });
    let last = new Uint8Array();
    let segments = 0;
    for (const step of v.steps) {
      if (step.op.startsWith('switch')) {
        channel.replaceKeys({ macChaining: last.slice(5, 21), sEnc: last.slice(23, 39), sMac: last.slice(41, 57) });
        continue;
      }
      last = Uint8Array.from(fromHex(step.plain));
      const tag = Number.parseInt(step.tag, 16);
      const out = tag === 0x88 ? channel.mac(last) : channel.protect(tag as 0x86 | 0x87, last);
      expect(toHex(out)).toBe(step.out);
      segments++;
    }
    expect(segments).toBe(5);
    expect(concat(last).length).toBe(1007);
    channel.close();
  });
});
