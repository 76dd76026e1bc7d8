import { createCipheriv } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildMetadata } from '../../../src/main/rsp/index.ts';
import { segmentBoundPackage } from '../../../src/main/lab/device/index.ts';
import { cmac, deriveChannelKeys, oneTimeKey } from '../../../src/main/lab/device/cipher.ts';
import { PackageReceiver, replacementKeys } from '../../../src/main/lab/device/package-receiver.ts';
import { SecureChannel } from '../../../src/main/lab/device/secure-channel.ts';
import { readMetadata } from '../../../src/main/lab/device/profile.ts';
import type { LabCurve } from '../../../src/main/lab/pki/index.ts';
import { concat, lengthBytes, tlv } from '../../../src/shared/tlv/index.ts';
import {
  bindFor, flipped, HOST_ID, ICCID, labPki, load, makeMetadata, makeUpp, newEuicc, outcomeText, PPK, readyForPackage, receiverFor, seeded, SENSIBLE_REFUSAL, signWith,
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
    for (let bit = 3; bit < bpp.length * 8; bit += 29) {
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

  it('whose outer length does not fit what follows', () => {
    const announcing = (difference: number) => (bpp: Uint8Array): Uint8Array[] => {
      const segments = segmentsOf(bpp);
      const [first] = segments;
      const length = first![3]! * 256 + first![4]! + difference;
      segments[0] = concat(first!.subarray(0, 3), Uint8Array.of(length >>> 8, length & 0xff), first!.subarray(5));
      return segments;
    };
    expect(install({}, announcing(0)).text).toBe('ok');
    for (const difference of [1, 30, -1, -30]) {
      const { text, euicc } = install({}, announcing(difference));
      expect(text).toBe('6985');
      expect(euicc.state.profiles).toEqual([]);
    }
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

describe('InitialiseSecureChannel, correctly signed', () => {
  const pki = labPki();
  const transactionId = seeded('isc')(16);
  const { otsk, otpk } = oneTimeKey('P-256', seeded('isc otpk'));
  const server = oneTimeKey('P-256', seeded('isc server'));
  const template = (type = 0x88, length = 0x10, host = HOST_ID): Uint8Array => tlv(0xa6, tlv(0x80, Uint8Array.of(type)), tlv(0x81, Uint8Array.of(length)), tlv(0x84, host));
  const verdict = (changes: { operation?: number; template?: Uint8Array; otpk?: Uint8Array; extra?: Uint8Array; tid?: Uint8Array }): string => {
    const head = concat(tlv(0x82, Uint8Array.of(changes.operation ?? 1)), tlv(0x80, changes.tid ?? transactionId), changes.template ?? template(), tlv(0x5f49, changes.otpk ?? server.otpk));
    const signature = signWith(pki.dppb, concat(head, tlv(0x5f49, otpk)));
    const request = tlv(0xbf23, head, tlv(0x5f37, signature), changes.extra ?? new Uint8Array());
    const receiver = new PackageReceiver({
      transactionId, curve: 'P-256', dppbPoint: pki.dppb.publicPoint, otsk, otpk, eid: new Uint8Array(16), freeMemory: 1, testProfiles: true,
      forbiddenRules: { ppr1: false, ppr2: false }, isInstalled: () => false,
    });
    const received = receiver.receive(concat(Uint8Array.of(0xbf, 0x36, ...lengthBytes(request.length + 100)), request));
    return received.kind === 'failed' ? `${received.bppCommandId}/${received.errorReason}` : received.kind;
  };

  it('is taken', () => expect(verdict({})).toBe('continue'));
  it('with another remote operation', () => expect(verdict({ operation: 2 })).toBe('0/5'));
  it('with another transaction', () => expect(verdict({ tid: transactionId.subarray(0, 8) })).toBe('0/3'));
  it('with another key type', () => expect(verdict({ template: template(0x80) })).toBe('0/4'));
  it('with another key length', () => expect(verdict({ template: template(0x88, 0x20) })).toBe('0/4'));
  it('with a host id of 17 bytes or none', () => {
    expect(verdict({ template: template(0x88, 0x10, new Uint8Array(17)) })).toBe('0/4');
    expect(verdict({ template: template(0x88, 0x10, new Uint8Array(0)) })).toBe('0/4');
    expect(verdict({ template: template(0x88, 0x10, new Uint8Array(16)) })).toBe('continue');
  });
  it('with a one-time key off the curve', () => expect(verdict({ otpk: flipped(server.otpk, 500) })).toBe('0/1'));
  it('with something behind the signature', () => expect(verdict({ extra: tlv(0x04) })).toBe('0/1'));
});

describe('contents protected as they should be, but wrong inside', () => {
  /** A channel as the sender has it, from the device's own primitives. */
  const sender = () => {
    const keys = deriveChannelKeys(seeded('z')(32), HOST_ID, new Uint8Array(16));
    let chaining: Uint8Array = Buffer.from(keys.chaining);
    let counter = 0;
    const mac = (tag: number, body: Uint8Array): Uint8Array => {
      const head = concat(Uint8Array.of(tag, ...lengthBytes(body.length + 8)), body);
      const full = cmac(keys.mac, concat(chaining, head));
      chaining = full;
      return concat(head, full.subarray(0, 8));
    };
    const seal = (tag: number, padded: Uint8Array): Uint8Array => {
      counter++;
      const block = Buffer.alloc(16);
      block[15] = counter;
      const ecb = createCipheriv('aes-128-ecb', keys.enc, null).setAutoPadding(false);
      const cipher = createCipheriv('aes-128-cbc', keys.enc, ecb.update(block)).setAutoPadding(false);
      return mac(tag, cipher.update(padded));
    };
    return { keys: { chaining: Buffer.from(keys.chaining), enc: Buffer.from(keys.enc), mac: Buffer.from(keys.mac) }, seal };
  };
  const padded = (text: string): Uint8Array => Buffer.from(text, 'hex');

  it.each([
    ['a proper block', `bf240080${'00'.repeat(12)}`, 'bf2400'],
    ['nothing but padding', `80${'00'.repeat(15)}`, ''],
    ['no padding', '11'.repeat(16), 'structure'],
    ['zeros only', '00'.repeat(16), 'structure'],
    ['a whole block of padding too many', `bf240080${'00'.repeat(28)}`, 'structure'],
  ])('%s', (_name, plain, expected) => {
    const { keys, seal } = sender();
    const opened = new SecureChannel(keys).open(seal(0x87, padded(plain)), 0x87);
    expect(opened.ok ? opened.plain.toString('hex') : opened.fault).toBe(expected);
  });

  it('replacement keys of another length', () => {
    const long = { macChaining: seeded('m')(16), enc: seeded('e')(16), mac: seeded('k')(16) };
    const { bpp, verdict } = receiverFor({ protection: { ppk: long } });
    expect(verdict(bpp)).toBe('ok');
    expect(replacementKeys(tlv(0xbf26, tlv(0x80, long.macChaining), tlv(0x81, long.enc), tlv(0x82, long.mac)))).toBeDefined();
    expect(replacementKeys(tlv(0xbf26, tlv(0x80, long.macChaining), tlv(0x81, seeded('e')(32)), tlv(0x82, long.mac)))).toBeUndefined();
    expect(replacementKeys(tlv(0xbf26, tlv(0x81, long.enc), tlv(0x80, long.macChaining), tlv(0x82, long.mac)))).toBeUndefined();
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

const production = join(import.meta.dirname, '../../../../shared/vectors/production');
describe.skipIf(!existsSync(production))('packages of live SM-DP+s in ../shared/vectors', () => {
  it.each(['infineon', 'redtea', 'tele2', 'tigo'])('%s: cut exactly as recorded', (name) => {
    const recorded = readFileSync(join(production, `v5-realworld-sbpp-${name}.txt`), 'utf8').split('\n').filter((line) => /^[0-9A-F]+$/.test(line.trim()));
    const segments = segmentsOf(readFileSync(join(production, `v5-realworld-bpp-${name}.der`)));
    expect(segments.map((segment) => Buffer.from(segment).toString('hex').toUpperCase())).toEqual(recorded.map((line) => line.trim()));
  });

  it.each(['infineon', 'redtea', 'tele2', 'tigo'])('%s: its metadata is readable', (name) => {
    const cut = segmentBoundPackage(readFileSync(join(production, `v5-realworld-bpp-${name}.der`)));
    expect(cut.ok && readMetadata(cut.metadata)).toMatchObject({ profileClass: 'operational' });
  });
});
