import { describe, expect, it } from 'vitest';
import { buildMetadata } from '../../../src/main/rsp/index.ts';
import { segmentBoundPackage } from '../../../src/main/lab/device/index.ts';
import type { LabCurve } from '../../../src/main/lab/pki/index.ts';
import { concat, lengthBytes, tlv } from '../../../src/shared/tlv/index.ts';
import {
  bindFor, flipped, ICCID, labPki, load, makeMetadata, makeUpp, newEuicc, outcomeText, PPK, readyForPackage, receiverFor, seeded, SENSIBLE_REFUSAL,
} from './support.ts';
import type { PackageOptions } from './support.ts';

/** Binds and loads a package into a fresh device, `change` in between. */
function install(options: PackageOptions & { curve?: LabCurve } = {}, change?: (bpp: Uint8Array) => Uint8Array | readonly Uint8Array[], device?: Parameters<typeof newEuicc>[0]) {
  const pki = labPki(options.curve);
  const euicc = newEuicc({ pki, ...device });
  const { bindInput } = readyForPackage(euicc, { pki });
  const bpp = bindFor(bindInput, { pki, ...options });
  const answer = load(euicc, change ? change(bpp) : bpp);
  return { euicc, bpp, answer, text: outcomeText(answer) };
}

const segmentsOf = (bpp: Uint8Array): Uint8Array[] => {
  const cut = segmentBoundPackage(bpp);
  if (!cut.ok) throw new Error(cut.why);
  return [...cut.segments];
};
/** The first segment whose tag is `tag`. */
const indexOfTag = (segments: readonly Uint8Array[], tag: number): number => segments.findIndex((segment) => segment[0] === tag);

describe('a package bound by the SM-DP+ functions', () => {
  it.each(['P-256', 'brainpoolP256r1'] as const)('is installed with session keys on %s', (curve) => {
    const upp = makeUpp(5000);
    const { euicc, text } = install({ curve, upp });
    expect(text).toBe('ok');
    const [profile] = euicc.state.profiles;
    expect(profile).toMatchObject({ iccid: ICCID, state: 'disabled', aid: 'a0000005591010ffffffff8900001000' });
    expect(Buffer.from(profile!.upp!)).toEqual(Buffer.from(upp));
    expect(euicc.state.unfinishedKeys).toEqual([]);
  });

  it.each(['P-256', 'brainpoolP256r1'] as const)('is installed with profile protection keys on %s', (curve) => {
    expect(install({ curve, protection: PPK() }).text).toBe('ok');
  });

  it.each([1, 900, 920, 935, 936, 937, 938, 939, 940, 941, 942, 943, 944, 945, 946, 947, 948, 1900, 20_000])('arrives whole with %i filler bytes', (filler) => {
    const upp = makeUpp(filler);
    const { euicc, text } = install({ upp });
    expect(text).toBe('ok');
    expect(Buffer.from(euicc.state.profiles[0]!.upp!).equals(upp)).toBe(true);
  });

  it('takes metadata over several 88 segments and SM-DP+ proprietary data', () => {
    const metadata = makeMetadata({ icon: { type: 'png', bytes: seeded('icon')(1024) } });
    const configureIsdp = tlv(0xbf24, tlv(0xb8, tlv(0x06, Uint8Array.of(0x88, 0x37, 0x0a)), tlv(0x80, Uint8Array.of(1, 2, 3))));
    const { bpp, text } = install({ metadata, configureIsdp, protection: PPK() });
    expect(text).toBe('ok');
    expect(segmentsOf(bpp).filter((segment) => segment[0] === 0x88)).toHaveLength(2);
  });

  it('is cut the way an LPA cuts it', () => {
    const { bpp } = install({ protection: PPK() });
    expect(segmentsOf(bpp).map((segment) => segment[0]!.toString(16))).toEqual(['bf', 'a0', 'a1', '88', 'a2', 'a3', '86', '86', '86']);
    expect(concat(...segmentsOf(bpp))).toEqual(bpp);
  });
});

describe('a package with one flipped bit', () => {
  it.each([['session keys', 'session-keys'], ['profile protection keys', PPK()]] as const)('is refused: %s', (_name, protection) => {
    const { bpp, verdict } = receiverFor({ protection, upp: makeUpp(1500) });
    expect(verdict(bpp)).toBe('ok');
    const seen = new Set<string>();
    for (let bit = 3; bit < bpp.length * 8; bit += 13) {
      const text = verdict(flipped(bpp, bit));
      expect(text, `bit ${bit}`).toMatch(SENSIBLE_REFUSAL);
      seen.add(text);
    }
    expect([...seen]).toEqual(expect.arrayContaining(['uncut', '0/1', '0/2', '1/8', '2/8', '5/8']));
  });

  it('leaves nothing on the device', () => {
    const { euicc, text } = install({}, (bpp) => flipped(bpp, bpp.length * 8 - 100));
    expect(text).toBe('5/8');
    expect(euicc.state.profiles).toEqual([]);
  });
});

describe('a package that breaks the rules', () => {
  const replaced = (at: (segments: readonly Uint8Array[]) => number, change: (segment: Uint8Array) => Uint8Array) => (bpp: Uint8Array) => {
    const segments = segmentsOf(bpp);
    const i = at(segments);
    segments[i] = change(segments[i]!);
    return segments;
  };

  it('signed by another key', () => expect(install({ signer: labPki().dpauth }).text).toBe('0/2'));
  it('of another transaction', () => expect(install({ packageTransactionId: new Uint8Array(16).fill(9) }).text).toBe('0/3'));

  it('for another one-time key of the eUICC', () => {
    const other = newEuicc({ serial: 2 });
    const { bindInput } = readyForPackage(other);
    expect(install({}, () => bindFor(bindInput)).text).toBe('0/2');
  });

  it('for another EID', () => {
    const euicc = newEuicc();
    const { bindInput } = readyForPackage(euicc);
    expect(outcomeText(load(euicc, bindFor({ ...bindInput, eid: newEuicc({ serial: 3 }).state.eid })))).toBe('1/8');
  });

  it('with two profile segments swapped', () => {
    expect(install({}, (bpp) => {
      const segments = segmentsOf(bpp);
      const at = indexOfTag(segments, 0x86);
      [segments[at], segments[at + 1]] = [segments[at + 1]!, segments[at]!];
      return segments;
    }).text).toBe('5/8');
  });

  it('with a profile segment sent twice', () => {
    expect(install({}, (bpp) => {
      const segments = segmentsOf(bpp);
      const at = indexOfTag(segments, 0x86);
      segments.splice(at, 0, segments[at]!);
      return segments;
    }).text).toBe('5/8');
  });

  it('without its metadata', () => {
    expect(install({}, (bpp) => segmentsOf(bpp).filter((segment) => segment[0] !== 0xa1 && segment[0] !== 0x88)).text).toBe('6985');
  });

  it('with a whole segment of 1036 bytes, as a wrong segmentation makes it', () => {
    const long = concat(Uint8Array.of(0x86, ...lengthBytes(1032)), new Uint8Array(1032));
    expect(install({}, replaced((segments) => indexOfTag(segments, 0x86), () => long)).text).toBe('5/7');
  });

  it('with a segment that is no whole number of blocks', () => {
    const odd = concat(Uint8Array.of(0x86, 41), new Uint8Array(41));
    expect(install({}, replaced((segments) => indexOfTag(segments, 0x86), () => odd)).text).toBe('5/7');
  });

  it('with an 87 where an 86 belongs', () => {
    expect(install({}, replaced((segments) => indexOfTag(segments, 0x86), (segment) => Uint8Array.of(0x87, ...segment.subarray(1)))).text).toBe('5/7');
  });

  it('cut off at any segment: never installed', () => {
    const { bpp } = install();
    const whole = segmentsOf(bpp).length;
    for (let kept = 0; kept < whole; kept++) {
      const { text, euicc } = install({}, (fresh) => segmentsOf(fresh).slice(0, kept));
      expect(text).toBe('continue');
      expect(euicc.state.profiles).toEqual([]);
    }
  });

  it('cut off at any byte: the LPA cannot cut it', () => {
    const { bpp } = install({ upp: makeUpp(10) });
    for (let length = 0; length < bpp.length; length++) expect(segmentBoundPackage(bpp.subarray(0, length)).ok).toBe(false);
  });

  it('with lengths that are not minimal', () => {
    const { bpp } = install();
    const body = bpp.subarray(5);
    expect(segmentBoundPackage(concat(Uint8Array.of(0xbf, 0x36, 0x83, 0, body.length >>> 8, body.length & 0xff), body)).ok).toBe(false);
  });

  it('with more behind the profile than announced', () => {
    const { text } = install({}, (bpp) => {
      const grown = concat(bpp, tlv(0xa3, tlv(0x86, new Uint8Array(24))));
      return concat(Uint8Array.of(0xbf, 0x36, 0x82, (grown.length - 5) >>> 8, (grown.length - 5) & 0xff), grown.subarray(5));
    });
    expect(text).toBe('uncut');
  });

  it('whose proprietary data is too long or of another kind', () => {
    const oid = tlv(0x06, Uint8Array.of(0x88, 0x37));
    expect(install({ configureIsdp: tlv(0xbf24, tlv(0xb8, oid, tlv(0x80, new Uint8Array(120)))) }).text).toBe('ok');
    expect(install({ configureIsdp: tlv(0xbf24, tlv(0xb8, oid, tlv(0x80, new Uint8Array(121)))) }).text).toBe('1/1');
    expect(install({ configureIsdp: tlv(0xbf24, tlv(0xb9, oid)) }).text).toBe('1/1');
  });

  it('whose profile does not begin with a header and end with an end element', () => {
    const upp = makeUpp(50);
    expect(install({ upp: upp.subarray(0, -12) }).text).toBe('5/12');
    expect(install({ upp: concat(upp, tlv(0xa2)) }).text).toBe('5/12');
    expect(install({ upp: concat(tlv(0xa2), upp) }).text).toBe('5/12');
    expect(install({ upp: Uint8Array.of(0xa0, 0x05, 0x00) }).text).toBe('5/12');
  });

  it('whose profile names another ICCID than the metadata', () => {
    expect(install({ upp: makeUpp(50, Buffer.from('8988303000000000022f', 'hex')) }).text).toBe('5/13');
  });

  it('too large for the memory of the device', () => {
    expect(install({ upp: makeUpp(3000) }, undefined, { freeMemory: 2000 }).text).toBe('5/10');
    expect(install({ upp: makeUpp(3000) }, undefined, { freeMemory: 3200 }).text).toBe('ok');
  });
});

describe('metadata that the device does not take', () => {
  it('an ICCID that is installed already', () => {
    const euicc = newEuicc();
    expect(outcomeText(load(euicc, bindFor(readyForPackage(euicc).bindInput)))).toBe('ok');
    expect(outcomeText(load(euicc, bindFor(readyForPackage(euicc).bindInput)))).toBe('2/9');
    expect(euicc.state.profiles).toHaveLength(1);
  });

  it('a test profile where the device has no test mode', () => {
    const metadata = makeMetadata({ profileClass: 'test' });
    expect(install({ metadata }, undefined, { testProfiles: false }).text).toBe('2/6');
    expect(install({ metadata }).text).toBe('ok');
  });

  it('policy rules that are forbidden, or without an owner', () => {
    const owner = { mcc: '001', mnc: '01' };
    const forbidden = { forbiddenRules: { ppr1: true, ppr2: false } };
    expect(install({ metadata: makeMetadata({ ppr: { ppr1: true }, owner }) }, undefined, forbidden).text).toBe('2/15');
    expect(install({ metadata: makeMetadata({ ppr: { ppr2: true }, owner }) }, undefined, forbidden).text).toBe('ok');
    const ownerless = tlv(0xbf25, makeMetadata({ notifications: [] }).subarray(3), tlv(0x99, Uint8Array.of(5, 0x20)));
    expect(install({ metadata: ownerless }).text).toBe('2/15');
  });

  it.each([
    ['no name', (): Uint8Array => tlv(0xbf25, tlv(0x5a, new Uint8Array(10)), tlv(0x91))],
    ['an ICCID of nine bytes', (): Uint8Array => tlv(0xbf25, tlv(0x5a, new Uint8Array(9)), tlv(0x91), tlv(0x92))],
    ['an icon without its type', (): Uint8Array => tlv(0xbf25, tlv(0x5a, new Uint8Array(10)), tlv(0x91), tlv(0x92), tlv(0x94, new Uint8Array(4)))],
    ['an icon of 1025 bytes', (): Uint8Array => tlv(0xbf25, tlv(0x5a, new Uint8Array(10)), tlv(0x91), tlv(0x92), tlv(0x93, Uint8Array.of(1)), tlv(0x94, new Uint8Array(1025)))],
    ['elements in the wrong order', (): Uint8Array => tlv(0xbf25, tlv(0x5a, new Uint8Array(10)), tlv(0x92), tlv(0x91))],
    ['a class that does not exist', (): Uint8Array => tlv(0xbf25, tlv(0x5a, new Uint8Array(10)), tlv(0x91), tlv(0x92), tlv(0x95, Uint8Array.of(7)))],
    ['a name that is not UTF-8', (): Uint8Array => tlv(0xbf25, tlv(0x5a, new Uint8Array(10)), tlv(0x91, Uint8Array.of(0xff)), tlv(0x92))],
  ])('%s', (_name, metadata) => {
    expect(install({ metadata: metadata() }).text).toBe('2/1');
  });

  it('takes everything that the metadata builder can write', () => {
    const metadata = buildMetadata({
      iccid: ICCID, serviceProviderName: 'Ä'.repeat(16), profileName: 'ß'.repeat(32), profileClass: 'provisioning', icon: { type: 'jpg', bytes: new Uint8Array(1) },
      notifications: [{ events: ['install'], address: 'a.example' }, { events: ['enable', 'disable', 'delete'], address: 'b.example' }],
      owner: { mcc: '310', mnc: '410', gid1: Uint8Array.of(0xff, 0xff) }, ppr: { ppr2: true },
    });
    const { euicc, text } = install({ metadata });
    expect(text).toBe('ok');
    expect(euicc.state.notifications.map((one) => one.address)).toEqual(['smdp.example', 'a.example']);
  });
});
