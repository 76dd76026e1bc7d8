import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { deriveSessionKeys, ecdh, eidBytes, parseBoundPackage, publicPoint, REPLAY_FILES, REPLAY_KEY_FILES, replaySession, smdpSignInput, verifyRaw } from '../../../src/main/rsp/index.ts';
import type { Curve, ReplayFiles, ReplayInput, ReplayKeys } from '../../../src/main/rsp/index.ts';
import { toHex, utf8Bytes } from '../../../src/shared/tlv/index.ts';
import { DeviceChannel, deviceKeys } from './support/device-channel.ts';
import { EID, testScalar } from './support/make-certificate.ts';
import { describeVectors, vector } from './support/vectors.ts';

const fixtures = join(process.cwd(), 'test/fixtures/rsp');

function load(folder: string): ReplayInput {
  const read = (file: string): Uint8Array => new Uint8Array(readFileSync(join(fixtures, folder, file)));
  const files = Object.fromEntries(Object.entries(REPLAY_FILES).map(([name, { file }]) => [name, read(`session/${file}`)])) as unknown as ReplayFiles;
  const [dpauth, dpauthKey, dppb, dppbKey] = (['dpauth', 'dpauthKey', 'dppb', 'dppbKey'] as const).map((name) => read(`keys/${REPLAY_KEY_FILES[name][0]}`));
  const ci = REPLAY_KEY_FILES.ci.filter((file) => existsSync(join(fixtures, folder, 'keys', file))).map((file) => read(`keys/${file}`));
  return { files, keys: { dpauth: dpauth!, dpauthKey: dpauthKey!, dppb: dppb!, dppbKey: dppbKey!, ci } };
}

function change(input: ReplayInput, files: Partial<ReplayFiles>, keys: Partial<ReplayKeys> = {}): ReplayInput {
  return { ...input, files: { ...input.files, ...files }, keys: { ...input.keys, ...keys } };
}

function flipped(octets: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(octets);
  copy[at < 0 ? copy.length + at : at]! ^= 1;
  return copy;
}

describe.each<[string, Curve]>([['p256', 'P-256'], ['brainpool', 'brainpoolP256r1']])('recorded session %s', (folder, curve) => {
  const input = load(folder);

  it('is rebuilt octet for octet, and every check passes', () => {
    const result = replaySession(input);
    expect(result.checks.filter((check) => !check.ok)).toEqual([]);
    expect(result.checks.length).toBe(14);
    expect(result.ok).toBe(true);
    expect(toHex(result.initiateResponse)).toBe(toHex(input.files.initiateResponse!));
    expect(toHex(result.authenticateResponse)).toBe(toHex(input.files.authenticateResponse!));
    expect(toHex(result.boundPackage)).toBe(readFileSync(join(fixtures, folder, 'bound-package.der')).toString('hex'));
    expect(toHex(replaySession(input).boundPackage)).toBe(toHex(result.boundPackage));
  });

  it('the package opens on an independent device side', () => {
    const parsed = parseBoundPackage(replaySession(input).boundPackage);
    const bf23 = parsed.initialiseSecureChannel;
    expect(Buffer.from(bf23.hostId).toString()).toBe('euicc-rsp');
    expect(verifyRaw(curve, publicPoint(curve, testScalar(0x55)), smdpSignInput(bf23.signedHead, publicPoint(curve, testScalar(0x0e))), bf23.signature64)).toBe(true);
    const channel = new DeviceChannel(deviceKeys({ curve, otskEuicc: testScalar(0x0e), otpkDp: bf23.otpkDp, hostId: bf23.hostId, eid: EID }));
    const open = (segments: readonly Uint8Array[], tag: number): string => Buffer.concat(segments.map((segment) => channel.open(Buffer.from(segment), tag))).toString('hex');
    expect(open(parsed.configureIsdp, 0x87)).toBe('bf2400');
    expect(parsed.metadata.length).toBe(2);
    expect(open(parsed.metadata, 0x88)).toBe(toHex(input.files.storeMetadata));
    expect(parsed.replaceKeys).toBeUndefined();
    expect(parsed.profile.length).toBe(3);
    expect(open(parsed.profile, 0x86)).toBe(toHex(input.files.upp));
  });

  it('yields the same package without the files that are only compared', () => {
    const bare = change(input, { euiccInfo1: undefined, initiateResponse: undefined, authenticateResponse: undefined, pendingNotification: undefined });
    const result = replaySession(bare);
    expect(result.ok).toBe(true);
    expect(toHex(result.boundPackage)).toBe(toHex(replaySession(input).boundPackage));
  });

  it.each<[string, (all: ReplayInput) => ReplayInput, string[]]>([
    ['another server challenge', (all) => change(all, { serverChallenge: flipped(all.files.serverChallenge, 0) }), ['initiate response', 'server challenge']],
    ['another transaction id', (all) => change(all, { transactionId: flipped(all.files.transactionId, 0) }),
      ['initiate response', 'transaction id of the eUICC\'s answers', 'authenticate response', 'installation result']],
    ['a spoiled first answer', (all) => change(all, { initiateResponse: flipped(all.files.initiateResponse!, -1) }), ['initiate response']],
    ['a spoiled euiccSigned1', (all) => change(all, { authServerResponse: flipped(all.files.authServerResponse, 40) }), ['euiccSignature1']],
    ['a spoiled euiccSignature2', (all) => change(all, { prepareDownloadResponse: flipped(all.files.prepareDownloadResponse, -1) }), ['euiccSignature2']],
    ['other metadata', (all) => change(all, { storeMetadata: flipped(all.files.storeMetadata, -1) }), ['authenticate response', 'profile metadata']],
    ['a spoiled installation result', (all) => change(all, { pendingNotification: flipped(all.files.pendingNotification!, -1) }), ['euiccSignPIR']],
    ['a time after all certificates', (all) => ({ ...all, at: new Date('2060-01-01') }), ['eUICC certificate chain', 'dpauth certificate', 'dppb certificate']],
  ])('names what does not fit: %s', (_, spoil, failing) => {
    const result = replaySession(spoil(input));
    expect(result.ok).toBe(false);
    const names = result.checks.filter((check) => !check.ok).map((check) => check.name);
    for (const name of failing) expect(names).toContain(name);
  });

  it('refuses inputs of the wrong shape with a code', () => {
    const invalid = expect.objectContaining({ code: 'REPLAY_INPUT_INVALID' });
    expect(() => replaySession(change(input, { otskDp: new Uint8Array(31) }))).toThrow(invalid);
    expect(() => replaySession(change(input, { transactionId: new Uint8Array(0) }))).toThrow(invalid);
    expect(() => replaySession(change(input, {}, { ci: [] }))).toThrow(invalid);
    expect(() => replaySession(change(input, {}, { dppbKey: input.keys.dpauthKey }))).toThrow(invalid);
    expect(() => replaySession(change(input, {}, { dppbKey: utf8Bytes('no key') }))).toThrow(expect.objectContaining({ code: 'PRIVATE_KEY_UNREADABLE' }));
    expect(() => replaySession(change(input, { upp: new Uint8Array() }))).toThrow(expect.objectContaining({ code: 'BIND_INPUT_INVALID' }));
    expect(() => replaySession(change(input, { authServerResponse: utf8Bytes('nothing') }))).toThrow(expect.objectContaining({ code: 'MESSAGE_MALFORMED' }));
  });
});

describeVectors('recorded session', () => {
  it('is rebuilt: both answers octet for octet, every signature verified, the package opened with the server\'s keys', () => {
    const files = Object.fromEntries(Object.entries(REPLAY_FILES).map(([name, { file }]) => [name, vector(`session/${file}`)])) as unknown as ReplayFiles;
    const key = (file: string): Uint8Array => vector(`sgp26/${file}`);
    const keys: ReplayKeys = {
      dpauth: key('dpauth.der'), dpauthKey: key('dpauth-key.pem'), dppb: key('dppb.der'), dppbKey: key('dppb-key.pem'), ci: REPLAY_KEY_FILES.ci.map(key),
    };
    const result = replaySession({ files, keys });
    expect(result.checks.filter((check) => !check.ok)).toEqual([]);
    expect(toHex(result.initiateResponse)).toBe(toHex(files.initiateResponse!));
    expect(toHex(result.authenticateResponse)).toBe(toHex(files.authenticateResponse!));
    const parsed = parseBoundPackage(result.boundPackage);
    const euiccOtpk = files.prepareDownloadResponse.slice(-132, -67);
    const z = ecdh('P-256', files.otskDp, euiccOtpk);
    const derived = deriveSessionKeys(z, utf8Bytes('euicc-rsp'), eidBytes('89049032123451234512345678901235'));
    const channel = new DeviceChannel({ mcv: Buffer.from(derived.macChaining), enc: Buffer.from(derived.sEnc), mac: Buffer.from(derived.sMac) });
    expect(channel.open(Buffer.from(parsed.configureIsdp[0]!), 0x87).toString('hex')).toBe('bf2400');
    expect(channel.open(Buffer.from(parsed.metadata[0]!), 0x88).toString('hex')).toBe(toHex(files.storeMetadata));
    expect(channel.open(Buffer.from(parsed.profile[0]!), 0x86).toString('hex')).toBe(toHex(files.upp));
    expect(result.boundPackage.length).toBe(318);
  });
});
