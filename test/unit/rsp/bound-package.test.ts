import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assembleBoundPackage, bindSegments, CONFIGURE_ISDP_PLAIN, decodeSegments, eidBytes, encodeSegments, initialiseSecureChannel, initialiseSecureChannelToSign,
  parseBoundPackage, publicPoint, replaceSessionKeys, segmentBoundPackage, signRaw, smdpSignInput, verifyRaw,
} from '../../../src/main/rsp/index.ts';
import type { BindInput, Curve } from '../../../src/main/rsp/index.ts';
import { concat, fromHex, tlv, toHex, utf8Bytes } from '../../../src/shared/tlv/index.ts';
import { DeviceChannel, deviceKeys, Refused } from './support/device-channel.ts';
import { EID, testScalar } from './support/make-certificate.ts';

const CURVES: Curve[] = ['P-256', 'brainpoolP256r1'];
const HOST = utf8Bytes('unit-test-host');
const DPPB = testScalar(0x55);
const ppk = { macChaining: new Uint8Array(16).fill(0xc1), enc: new Uint8Array(16).fill(0xc2), mac: new Uint8Array(16).fill(0xc3) };

function input(curve: Curve, change: Partial<BindInput> = {}): BindInput {
  return {
    curve, transactionId: fromHex('00112233445566778899aabbccddeeff'), eid: eidBytes(EID), hostId: HOST, otskDp: testScalar(0x0d),
    euiccOtpk: publicPoint(curve, testScalar(0x0e)), configureIsdp: CONFIGURE_ISDP_PLAIN, metadata: tlv(0xbf25, utf8Bytes('metadata')),
    upp: utf8Bytes('unit test profile'), protection: 'session-keys', ...change,
  };
}

function build(request: BindInput): Uint8Array {
  const { segments, otpkDp } = bindSegments(request);
  const { transactionId, hostId, curve, euiccOtpk } = request;
  const signature = signRaw(curve, DPPB, initialiseSecureChannelToSign({ transactionId, hostId, otpkDp, euiccOtpk }));
  return assembleBoundPackage(initialiseSecureChannel({ transactionId, hostId, otpkDp, signature }), segments);
}

/** What a device makes of a package, with the test's own cryptography. */
function install(curve: Curve, bpp: Uint8Array): { configureIsdp: Buffer; metadata: Buffer; upp: Buffer } {
  const parsed = parseBoundPackage(bpp);
  const bf23 = parsed.initialiseSecureChannel;
  const own = publicPoint(curve, testScalar(0x0e));
  if (!verifyRaw(curve, publicPoint(curve, DPPB), smdpSignInput(bf23.signedHead, own), bf23.signature64)) throw new Refused('signature');
  if (toHex(bf23.remoteOpId) !== '01' || bf23.keyType !== 0x88 || bf23.keyLength !== 16) throw new Refused('template');
  const channel = new DeviceChannel(deviceKeys({ curve, otskEuicc: testScalar(0x0e), otpkDp: bf23.otpkDp, hostId: bf23.hostId, eid: EID }));
  const open = (segments: readonly Uint8Array[], tag: number): Buffer => Buffer.concat(segments.map((segment) => channel.open(Buffer.from(segment), tag)));
  const configureIsdp = open(parsed.configureIsdp, 0x87);
  const metadata = open(parsed.metadata, 0x88);
  if (parsed.replaceKeys) channel.replace(open(parsed.replaceKeys, 0x87));
  return { configureIsdp, metadata, upp: open(parsed.profile, 0x86) };
}

describe.each(CURVES)('bound package on %s', (curve) => {
  it('any profile of any size, any metadata, either protection, comes out of the package again', () => {
    const size = fc.oneof(fc.integer({ min: 1, max: 3100 }), fc.constantFrom(1, 1006, 1007, 1008, 2014, 2015, 12_600, 40_000));
    fc.assert(fc.property(size, fc.nat(255), fc.uint8Array({ maxLength: 2400, size: 'max' }), fc.boolean(), (length, fill, meta, withPpk) => {
      const upp = new Uint8Array(length).fill(fill);
      const metadata = tlv(0xbf25, meta);
      const opened = install(curve, build(input(curve, { upp, metadata, protection: withPpk ? { ppk } : 'session-keys' })));
      expect(opened.configureIsdp.equals(CONFIGURE_ISDP_PLAIN)).toBe(true);
      expect(opened.metadata.equals(metadata)).toBe(true);
      expect(opened.upp.equals(upp)).toBe(true);
    }), { numRuns: curve === 'P-256' ? 30 : 12 });
  });

  it('any flipped bit is refused', () => {
    const packages = [build(input(curve, { upp: new Uint8Array(1500).fill(7) })), build(input(curve, { protection: { ppk }, metadata: tlv(0xbf25, new Uint8Array(1100)) }))];
    fc.assert(fc.property(fc.nat(1), fc.nat(), (which, position) => {
      const bpp = Uint8Array.from(packages[which]!);
      const bit = position % (bpp.length * 8);
      bpp[bit >> 3]! ^= 0x80 >> (bit & 7);
      expect(() => install(curve, bpp)).toThrow();
    }), { numRuns: curve === 'P-256' ? 250 : 40 });
  });

  it('metadata larger than a segment goes into several 88 segments', () => {
    const parsed = parseBoundPackage(build(input(curve, { metadata: tlv(0xbf25, new Uint8Array(1100)) })));
    expect(parsed.metadata.map((segment) => segment.length)).toEqual([1020, 1105 - 1008 + 8 + 2]);
  });

  it('the one-time public key belongs to the one-time private key', () => {
    expect(toHex(bindSegments(input(curve)).otpkDp)).toBe(toHex(publicPoint(curve, testScalar(0x0d))));
  });

  it('segments do not depend on the transaction, so a retry sends them under a new signature', () => {
    const first = bindSegments(input(curve));
    const second = bindSegments(input(curve, { transactionId: Uint8Array.of(9) }));
    expect(toHex(encodeSegments(first.segments))).toBe(toHex(encodeSegments(second.segments)));
  });

  it('a point off the curve is refused', () => {
    const other = publicPoint(curve === 'P-256' ? 'brainpoolP256r1' : 'P-256', testScalar(0x0e));
    expect(() => bindSegments(input(curve, { euiccOtpk: other }))).toThrow(expect.objectContaining({ code: 'ECKA_BAD_POINT' }));
    expect(() => bindSegments(input(curve, { otskDp: new Uint8Array(32) }))).toThrow(expect.objectContaining({ code: 'ECKA_BAD_KEY' }));
  });
});

describe('the container', () => {
  it('every segment is at most 1,020 octets and the profile is filled from the front', () => {
    const parsed = parseBoundPackage(build(input('P-256', { upp: new Uint8Array(12_600) })));
    expect(parsed.profile.map((segment) => segment.length)).toEqual([...Array<number>(12).fill(1020), 16 * 33 + 12]);
  });

  it('is cut for the device at the places an LPA cuts it', () => {
    const bpp = build(input('P-256', { upp: new Uint8Array(1500), metadata: tlv(0xbf25, new Uint8Array(1100)), protection: { ppk } }));
    const cut = segmentBoundPackage(bpp);
    expect(toHex(concat(...cut))).toBe(toHex(bpp));
    expect(cut.map((part) => toHex(part.subarray(0, 1)))).toEqual(['bf', 'a0', 'a1', '88', '88', 'a2', 'a3', '86', '86']);
    expect([cut[1]!.length, cut[2]!.length, cut[5]!.length, cut[6]!.length]).toEqual([28, 4, 76, 4]);
    expect(() => segmentBoundPackage(bpp.subarray(0, 900))).toThrow(expect.objectContaining({ code: 'MESSAGE_MALFORMED' }));
  });

  it('with session keys there is no key replacement; with own keys it is one segment of 74 octets', () => {
    expect(bindSegments(input('P-256')).segments.replaceKeys).toBeUndefined();
    expect(bindSegments(input('P-256', { protection: { ppk } })).segments.replaceKeys?.length).toBe(76);
    expect(toHex(replaceSessionKeys(ppk))).toBe(`bf2636${'8010' + 'c1'.repeat(16)}${'8110' + 'c2'.repeat(16)}${'8210' + 'c3'.repeat(16)}`);
  });

  it('under own keys the profile segments depend on these keys alone', () => {
    const one = bindSegments(input('P-256', { protection: { ppk } }));
    const two = bindSegments(input('P-256', { protection: { ppk }, otskDp: testScalar(0x0f) }));
    expect(toHex(one.segments.profile)).toBe(toHex(two.segments.profile));
    expect(toHex(one.segments.configureIsdp)).not.toBe(toHex(two.segments.configureIsdp));
  });

  it('the secrets handed in stay as they were: erasing them is the caller\'s', () => {
    const request = input('P-256', { protection: { ppk } });
    bindSegments(request);
    expect(toHex(request.otskDp)).toBe('0d'.repeat(32));
    expect([ppk.macChaining[0], ppk.enc[0], ppk.mac[0]]).toEqual([0xc1, 0xc2, 0xc3]);
  });

  it('segments are kept and read back, three or four of them, in no other order', () => {
    for (const protection of ['session-keys', { ppk }] as const) {
      const { segments } = bindSegments(input('P-256', { protection }));
      expect(decodeSegments(encodeSegments(segments))).toEqual(segments);
      const { configureIsdp, metadata, profile } = segments;
      for (const bad of [[metadata, configureIsdp, profile], [configureIsdp, metadata], [configureIsdp, metadata, profile, profile], [configureIsdp.subarray(1)]]) {
        expect(() => decodeSegments(concat(...bad))).toThrow(expect.objectContaining({ code: 'MESSAGE_MALFORMED' }));
      }
    }
  });

  it.each<[string, Partial<BindInput>]>([
    ['an empty transaction id', { transactionId: new Uint8Array() }],
    ['a transaction id of 17 octets', { transactionId: new Uint8Array(17) }],
    ['metadata that is no BF25', { metadata: tlv(0xbf24, new Uint8Array(3)) }],
    ['metadata with something behind it', { metadata: concat(tlv(0xbf25, new Uint8Array(3)), Uint8Array.of(0)) }],
    ['a ConfigureISDP that is no BF24', { configureIsdp: fromHex('bf2500') }],
    ['an empty profile', { upp: new Uint8Array() }],
    ['profile protection keys of another size', { protection: { ppk: { ...ppk, enc: new Uint8Array(32) } } }],
  ])('refuses %s', (_, change) => {
    expect(() => bindSegments(input('P-256', change))).toThrow(expect.objectContaining({ code: 'BIND_INPUT_INVALID' }));
  });

  it('refuses a host identifier or EID of another size', () => {
    for (const change of [{ hostId: new Uint8Array(17) }, { hostId: new Uint8Array() }, { eid: new Uint8Array(15) }]) {
      expect(() => bindSegments(input('P-256', change))).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
    }
  });
});
