import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildMetadata, parseMetadata } from '../../../src/main/rsp/index.ts';
import type { ProfileMetadata } from '../../../src/main/rsp/index.ts';
import { fromHex, toHex, tlv } from '../../../src/shared/tlv/index.ts';
import { describeVectors, vector } from './support/vectors.ts';

const PLAIN: ProfileMetadata = {
  iccid: '8900012345678901234', serviceProviderName: 'UNIT TEST', profileName: 'Unit test profile', profileClass: 'operational', notifications: [],
};
const invalid = expect.objectContaining({ code: 'METADATA_INVALID' });

describe('profile metadata', () => {
  it('writes the mandatory elements and leaves the default class out', () => {
    const text = (value: string): string => toHex(Buffer.from(value));
    expect(toHex(buildMetadata(PLAIN))).toBe(`bf252a5a0a980010325476981032f49109${text('UNIT TEST')}9211${text('Unit test profile')}`);
  });

  it('writes class, notifications, owner and rules as the clauses code them', () => {
    const hex = toHex(buildMetadata({
      ...PLAIN, profileClass: 'test', notifications: [{ events: ['enable', 'disable', 'delete'], address: 'smdp.example.com:8443' }],
      owner: { mcc: '454', mnc: '12', gid1: fromHex('ffff') }, ppr: { ppr1: true },
    }));
    expect(hex).toContain('950100' + 'b61d301b' + '80020470' + '8115' + toHex(Buffer.from('smdp.example.com:8443')) + 'b709' + '800354f421' + '8102ffff' + '99020640');
  });

  it('anything that may be built comes back as it was', () => {
    const text = (max: number): fc.Arbitrary<string> => fc.array(fc.integer({ min: 0x20, max: 0x2fff }), { maxLength: max }).map((codes) => String.fromCodePoint(...codes));
    const events = fc.subarray(['install', 'enable', 'disable', 'delete'] as const, { minLength: 1 });
    const digits = (min: number, max: number): fc.Arbitrary<string> => fc.stringMatching(new RegExp(`^[0-9]{${min},${max}}$`));
    const owner = fc.record({ mcc: digits(3, 3), mnc: digits(2, 3), gid1: fc.option(fc.uint8Array({ maxLength: 8 }), { nil: undefined }), gid2: fc.option(fc.uint8Array({ maxLength: 8 }), { nil: undefined }) });
    const metadata: fc.Arbitrary<ProfileMetadata> = fc.record({
      iccid: digits(18, 20), serviceProviderName: text(32), profileName: text(64),
      icon: fc.option(fc.record({ type: fc.constantFrom('jpg' as const, 'png' as const), bytes: fc.uint8Array({ minLength: 1, maxLength: 1024 }) }), { nil: undefined }),
      profileClass: fc.constantFrom('test' as const, 'provisioning' as const, 'operational' as const),
      notifications: fc.array(fc.record({ events, address: fc.constantFrom('a', 'smdp.example.com', 'smdp.example.com:443') }), { maxLength: 4 }),
      owner,
      ppr: fc.constantFrom(undefined, { pprUpdateControl: false, ppr1: true, ppr2: false }, { pprUpdateControl: true, ppr1: true, ppr2: true }),
    });
    fc.assert(fc.property(metadata, (fields) => {
      const raw = buildMetadata(fields);
      expect(parseMetadata(raw)).toEqual({ ...fields, raw });
    }), { numRuns: 60 });
  });

  it.each<[string, Partial<ProfileMetadata>]>([
    ['33 characters of provider name', { serviceProviderName: 'x'.repeat(33) }],
    ['65 characters of profile name', { profileName: 'x'.repeat(65) }],
    ['half a character', { profileName: 'a\ud800' }],
    ['an icon of 1,025 octets', { icon: { type: 'png', bytes: new Uint8Array(1025) } }],
    ['an empty icon', { icon: { type: 'png', bytes: new Uint8Array() } }],
    ['rules without owner', { ppr: { ppr2: true } }],
    ['an address without event', { notifications: [{ events: [], address: 'a.example' }] }],
    ['an address with a space', { notifications: [{ events: ['enable'], address: 'smdp.example.com ' }] }],
    ['an address with a scheme', { notifications: [{ events: ['enable'], address: 'https://smdp.example.com' }] }],
  ])('refuses %s', (_, change) => {
    expect(() => buildMetadata({ ...PLAIN, ...change })).toThrow(invalid);
  });

  it('counts characters, not octets', () => {
    expect(parseMetadata(buildMetadata({ ...PLAIN, serviceProviderName: 'Ж'.repeat(32) })).serviceProviderName.length).toBe(32);
  });

  it('reads an explicit operational class, unknown elements, and refuses what is broken', () => {
    const body = buildMetadata(PLAIN).subarray(3);
    expect(parseMetadata(tlv(0xbf25, body, fromHex('950102'), fromHex('bf7600'))).profileClass).toBe('operational');
    const malformed = expect.objectContaining({ code: 'MESSAGE_MALFORMED' });
    for (const extra of ['950107', '94020102', '99', 'b6023000', 'b700']) expect(() => parseMetadata(tlv(0xbf25, body, fromHex(extra)))).toThrow(malformed);
    expect(() => parseMetadata(fromHex('bf2500'))).toThrow(malformed);
  });
});

describeVectors('profile metadata', () => {
  it('the recorded one is read, and built again octet for octet', () => {
    const recorded = vector('session/store-metadata.der');
    const { iccid, serviceProviderName, profileName, profileClass, notifications } = parseMetadata(recorded);
    expect([iccid, serviceProviderName, profileName, profileClass]).toEqual(['89000123456789012341', 'euicc-rsp', 'euicc-rsp test profile', 'operational']);
    expect(toHex(buildMetadata({ iccid, serviceProviderName, profileName, profileClass, notifications }))).toBe(toHex(recorded));
  });
});
