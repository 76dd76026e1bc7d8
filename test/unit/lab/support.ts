/** What the lab's tests share: repeatable randomness, a profile package, and a small SM-DP+ over rsp's functions. */
import { createHash, sign } from 'node:crypto';
import {
  assembleBoundPackage, bindSegments, buildMetadata, buildServerSigned1, buildSmdpSigned2, checkEuiccChain, initialiseSecureChannel,
  initialiseSecureChannelToSign, parseAuthenticateServerResponse, parseCertificate, parsePrepareDownloadResponse, signatureTlv, smdpSignature2Input,
  euiccSignature2Input, verifyRaw,
} from '../../../src/main/rsp/index.ts';
import type { BindInput, ProfileMetadata } from '../../../src/main/rsp/index.ts';
import { VirtualEuicc, createDevice, segmentBoundPackage } from '../../../src/main/lab/device/index.ts';
import type { LoadAnswer, Misbehaviour, NewDevice } from '../../../src/main/lab/device/index.ts';
import { oneTimeKey } from '../../../src/main/lab/device/cipher.ts';
import { PackageReceiver } from '../../../src/main/lab/device/package-receiver.ts';
import { ciKeyId, createLabPki, eidBytes, makeEid } from '../../../src/main/lab/pki/index.ts';
import type { IssuedKey, LabCurve, LabPki } from '../../../src/main/lab/pki/index.ts';
import { openPrivateKey } from '../../../src/main/lab/pki/keys.ts';
import { concat, sameBytes, tlv } from '../../../src/shared/tlv/index.ts';

export const NOW = new Date('2026-11-22T12:00:00Z');
export const HOST_ID = new TextEncoder().encode('lab-host');
export const SMDP_OID = '2.999.10';
export const ICCID = '8988303000000000014';
export const ICCID_DER = Uint8Array.from(Buffer.from('988803030000000010f4', 'hex'));

/** A stream of bytes that depends on its seed alone. */
export function seeded(seed: string): (length: number) => Uint8Array {
  let counter = 0;
  return (length) => {
    const out = Buffer.alloc(length);
    for (let at = 0; at < length; at += 32) createHash('sha256').update(`${seed}/${counter++}`).digest().copy(out, at);
    return Uint8Array.from(out);
  };
}

const pkis = new Map<LabCurve, LabPki>();
/** One PKI per curve for all tests of a file. */
export function labPki(curve: LabCurve = 'P-256'): LabPki {
  let pki = pkis.get(curve);
  if (!pki) {
    pki = createLabPki({ curve, oid: SMDP_OID, tlsNames: ['smdp.example', '127.0.0.1'], now: NOW, random: seeded(`pki ${curve}`) });
    pkis.set(curve, pki);
  }
  return pki;
}

/** A package that splits into elements like a real one: header with ICCID, filler of any size, end. */
export function makeUpp(fillerLength: number, iccidHeader = Buffer.from('8988303000000000014f', 'hex'), seed = 'upp'): Uint8Array {
  const header = tlv(0xa0, tlv(0x80, Uint8Array.of(2)), tlv(0x81, Uint8Array.of(3)), tlv(0x82, Buffer.from('LAB TEST PROFILE')), tlv(0x83, iccidHeader));
  const end = tlv(0xaa, tlv(0xa0, tlv(0x80, Uint8Array.of(0)), tlv(0x81, Uint8Array.of(99))));
  return concat(header, tlv(0xa1, tlv(0x81, seeded(seed)(fillerLength))), end);
}

export function makeMetadata(fields: Partial<ProfileMetadata> = {}): Uint8Array {
  return buildMetadata({
    iccid: ICCID, serviceProviderName: 'Lab Mobile', profileName: 'Lab profile', profileClass: 'operational',
    notifications: [{ events: ['enable', 'disable', 'delete'], address: 'smdp.example' }], ...fields,
  });
}

export function signWith(key: IssuedKey, data: Uint8Array): Uint8Array {
  return Uint8Array.from(sign('sha256', data, { key: openPrivateKey(key.privateKeyPkcs8), dsaEncoding: 'ieee-p1363' }));
}

export function newEuicc(options: { pki?: LabPki; serial?: number; misbehaviour?: Misbehaviour; now?: Date } & Partial<NewDevice> = {}): VirtualEuicc {
  const { pki = labPki(), serial = 1, misbehaviour, ...rest } = options;
  const random = seeded(`device ${serial}`);
  const state = createDevice({ eid: makeEid('89049032', serial), pkis: [pki], random, ...rest, now: NOW });
  return new VirtualEuicc(state, { now: () => options.now ?? NOW, random, misbehaviour });
}

export interface ServerOptions {
  readonly pki?: LabPki;
  readonly address?: string;
  readonly ccRequired?: boolean;
  readonly offeredOtpk?: Uint8Array;
  readonly dpauth?: IssuedKey;
  readonly dppb?: IssuedKey;
  readonly seed?: string;
}

/** The SM-DP+'s part of one session, without a network: each function returns what would be in the reply. */
export function serverSession(options: ServerOptions = {}) {
  const pki = options.pki ?? labPki();
  const dpauth = options.dpauth ?? pki.dpauth;
  const dppb = options.dppb ?? pki.dppb;
  const random = seeded(options.seed ?? 'server');
  const transactionId = random(16);
  const serverChallenge = random(16);
  return {
    transactionId,
    initiate(euiccChallenge: Uint8Array, changes: { transactionId?: Uint8Array; euiccChallenge?: Uint8Array } = {}) {
      const serverSigned1 = buildServerSigned1({ transactionId, euiccChallenge, serverAddress: options.address ?? 'smdp.example', serverChallenge, ...changes });
      return {
        serverSigned1, serverSignature1: signatureTlv(signWith(dpauth, serverSigned1)), euiccCiPKIdToBeUsed: tlv(0x04, ciKeyId(pki)), serverCertificate: dpauth.certificate,
      };
    },
    authenticate(response: Uint8Array, changes: { transactionId?: Uint8Array } = {}) {
      const parsed = parseAuthenticateServerResponse(response);
      if (parsed.kind === 'error') throw new Error(`authenticateServer refused: ${parsed.errorCode}`);
      const chain = checkEuiccChain({ euicc: parsed.euiccCertificate, eum: parsed.eumCertificate, ci: { keyId: ciKeyId(pki), curve: pki.curve, publicPoint: pki.ci.publicPoint }, at: NOW });
      if (!chain.ok) throw new Error(chain.why);
      if (!verifyRaw(chain.euicc.curve, chain.euicc.publicPoint, parsed.signedBytes, parsed.signature64)) throw new Error('euiccSignature1');
      if (!sameBytes(parsed.serverChallenge, serverChallenge)) throw new Error('server challenge');
      const smdpSigned2 = buildSmdpSigned2({ transactionId: changes.transactionId ?? transactionId, ccRequired: options.ccRequired ?? false, bppEuiccOtpk: options.offeredOtpk });
      return {
        parsed, eid: chain.eid, euicc: chain.euicc, smdpSigned2,
        smdpSignature2: signatureTlv(signWith(dppb, smdpSignature2Input(smdpSigned2, parsed.signature64))), smdpCertificate: dppb.certificate,
      };
    },
    /** Reads a PrepareDownloadResponse and gives its content; throws when the signature is wrong. */
    prepared(response: Uint8Array, authenticated: { smdpSignature2: Uint8Array; euicc: ReturnType<typeof parseCertificate> }) {
      const parsed = parsePrepareDownloadResponse(response);
      if (parsed.kind === 'error') throw new Error(`prepareDownload refused: ${parsed.errorCode}`);
      const signed = euiccSignature2Input(parsed.signedBytes, authenticated.smdpSignature2.subarray(3));
      if (!verifyRaw(authenticated.euicc.curve, authenticated.euicc.publicPoint, signed, parsed.signature64)) throw new Error('euiccSignature2');
      return parsed;
    },
  };
}

export interface PackageOptions extends Partial<Pick<BindInput, 'configureIsdp' | 'metadata' | 'upp' | 'protection' | 'hostId'>> {
  readonly pki?: LabPki;
  readonly signer?: IssuedKey;
  readonly packageTransactionId?: Uint8Array;
}

/** Binds a package for a one-time key with rsp's functions. */
export function bindFor(input: { transactionId: Uint8Array; eid: string; euiccOtpk: Uint8Array }, options: PackageOptions = {}): Uint8Array {
  const pki = options.pki ?? labPki();
  const hostId = options.hostId ?? HOST_ID;
  const transactionId = options.packageTransactionId ?? input.transactionId;
  const { segments, otpkDp } = bindSegments({
    curve: pki.curve, transactionId, eid: eidBytes(input.eid), hostId, otskDp: seeded('otsk')(32), euiccOtpk: input.euiccOtpk,
    configureIsdp: options.configureIsdp ?? Uint8Array.of(0xbf, 0x24, 0x00), metadata: options.metadata ?? makeMetadata(),
    upp: options.upp ?? makeUpp(2500), protection: options.protection ?? 'session-keys',
  });
  const signature = signWith(options.signer ?? pki.dppb, initialiseSecureChannelToSign({ transactionId, hostId, otpkDp, euiccOtpk: input.euiccOtpk }));
  return assembleBoundPackage(initialiseSecureChannel({ transactionId, hostId, otpkDp, signature }), segments);
}

export const PPK = (): { ppk: { macChaining: Uint8Array; enc: Uint8Array; mac: Uint8Array } } => {
  const random = seeded('ppk');
  return { ppk: { macChaining: random(16), enc: random(16), mac: random(16) } };
};

/** Takes an eUICC through both authentications; ready for a package. */
export function readyForPackage(euicc: VirtualEuicc, options: ServerOptions = {}) {
  const server = serverSession(options);
  const answer = euicc.authenticateServer({ ...server.initiate(euicc.getEuiccChallenge()), matchingId: 'LAB-1' });
  if (!answer.ok) throw new Error(`authenticateServer ${answer.code}`);
  const authenticated = server.authenticate(answer.der);
  const prepared = euicc.prepareDownload(authenticated);
  if (!prepared.ok) throw new Error(`prepareDownload ${prepared.code}`);
  const { euiccOtpk } = server.prepared(prepared.der, authenticated);
  return { server, authenticated, euiccOtpk, bindInput: { transactionId: server.transactionId, eid: authenticated.eid, euiccOtpk } };
}

/** Loads a whole package, cut as an LPA cuts it, or ready-made segments. */
export function load(euicc: VirtualEuicc, bpp: Uint8Array | readonly Uint8Array[]): LoadAnswer | { kind: 'uncut'; why: string } {
  const cut = bpp instanceof Uint8Array ? segmentBoundPackage(bpp) : { ok: true as const, segments: bpp };
  if (!cut.ok) return { kind: 'uncut', why: cut.why };
  let last: LoadAnswer = { kind: 'continue' };
  for (const segment of cut.segments) {
    last = euicc.loadSegment(segment);
    if (last.kind !== 'continue') return last;
  }
  return last;
}

/** Short text of an outcome: `ok`, `5/8` (command/reason), `6985`, `uncut`, `continue`. */
export function outcomeText(answer: ReturnType<typeof load>): string {
  if (answer.kind === 'result') return answer.outcome.ok ? 'ok' : `${answer.outcome.bppCommandId}/${answer.outcome.errorReason}`;
  return answer.kind === 'status' ? answer.sw.toString(16) : answer.kind;
}

/**
 * A function that says what becomes of a package: its outcome text, from a receiver of its own each time and without
 * the two authentications before it, so that very many variants of one package can be tried.
 */
export function receiverFor(options: PackageOptions = {}): { bpp: Uint8Array; verdict: (bpp: Uint8Array) => string } {
  const pki = options.pki ?? labPki();
  const { otsk, otpk } = oneTimeKey(pki.curve, seeded('receiver'));
  const eid = makeEid('89049032', 77);
  const transactionId = seeded('receiver transaction')(16);
  const bpp = bindFor({ transactionId, eid, euiccOtpk: otpk }, options);
  const verdict = (variant: Uint8Array): string => {
    const cut = segmentBoundPackage(variant);
    if (!cut.ok) return 'uncut';
    const receiver = new PackageReceiver({
      transactionId, curve: pki.curve, dppbPoint: pki.dppb.publicPoint, otsk, otpk, eid: eidBytes(eid), freeMemory: 1e6, testProfiles: true,
      forbiddenRules: { ppr1: false, ppr2: false }, isInstalled: () => false,
    });
    for (const segment of cut.segments) {
      const received = receiver.receive(segment);
      if (received.kind === 'failed') return `${received.bppCommandId}/${received.errorReason}`;
      if (received.kind === 'status') return received.sw.toString(16);
      if (received.kind === 'complete') return 'ok';
    }
    return 'continue';
  };
  return { bpp, verdict };
}

/** What a card may answer to a spoilt package: a refusal that fits the command it struck. */
export const SENSIBLE_REFUSAL = /^(uncut|6985|0\/[1-5]|1\/[78]|2\/[78]|3\/[78]|4\/[78]|5\/[78])$/;

/** A copy with one bit inverted; bit 0 is the most significant of the first byte. */
export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[bit >>> 3]! ^= 0x80 >>> (bit & 7);
  return copy;
}
