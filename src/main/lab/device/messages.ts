/**
 * The data objects the eUICC writes and the two it reads (SGP.22 v2.2, 5.7 and annex H), coded here a second time so
 * that the SM-DP+'s parsers meet encodings they did not make themselves.
 */
import { integerBytes, readAll, readOne, readUtf8, tlv, TlvError, utf8Bytes } from '../../../shared/tlv/index.ts';
import { namedBits } from '../pki/der.ts';
import { EVENT_BITS } from './profile.ts';
import type { NotificationEvent } from './profile.ts';

const integer = (tag: number, value: number): Uint8Array => tlv(tag, integerBytes(value));
const bits = (tag: number, ...set: readonly number[]): Uint8Array =>
  set.length ? tlv(tag, namedBits(...set).subarray(2)) : tlv(tag, Uint8Array.of(0));
export const signature = (value: Uint8Array): Uint8Array => tlv(0x5f37, value);

export interface EuiccFacts {
  readonly svn: readonly [number, number, number];
  readonly verificationKeyIds: readonly Uint8Array[];
  readonly signingKeyIds: readonly Uint8Array[];
  /** Bytes. */
  readonly freeMemory: number;
  readonly forbiddenRules: { readonly ppr1: boolean; readonly ppr2: boolean };
  readonly testProfiles: boolean;
}

const keyIds = (tag: number, ids: readonly Uint8Array[]): Uint8Array => tlv(tag, ...ids.map((id) => tlv(0x04, id)));

/** EUICCInfo1 (BF20). */
export function euiccInfo1(facts: EuiccFacts): Uint8Array {
  return tlv(0xbf20, tlv(0x82, Uint8Array.from(facts.svn)), keyIds(0xa9, facts.verificationKeyIds), keyIds(0xaa, facts.signingKeyIds));
}

/** EUICCInfo2 (BF22): a medium eUICC with Java Card that can what the test profiles of the trade ask for. */
export function euiccInfo2(facts: EuiccFacts): Uint8Array {
  const memory = Buffer.alloc(4);
  memory.writeUInt32BE(facts.freeMemory);
  const forbidden = [...(facts.forbiddenRules.ppr1 ? [1] : []), ...(facts.forbiddenRules.ppr2 ? [2] : [])];
  return tlv(0xbf22,
    tlv(0x81, Uint8Array.of(2, 3, 1)),
    tlv(0x82, Uint8Array.from(facts.svn)),
    tlv(0x83, Uint8Array.of(1, 0, 0)),
    tlv(0x84, tlv(0x81, Uint8Array.of(0)), tlv(0x82, memory), tlv(0x83, Uint8Array.of(0, 0, 0x20, 0))),
    // USIM, ISIM, CSIM, Milenage, TUAK 128 and 256, USIM test algorithm, Java Card, BER-TLV files, linked DFs, GET IDENTITY, SUCI profiles A and B.
    bits(0x85, 1, 2, 3, 4, 6, 7, 8, 14, 19, 20, 22, 23, 24),
    tlv(0x86, Uint8Array.of(9, 2, 0)),
    tlv(0x87, Uint8Array.of(2, 3, 0)),
    bits(0x88, 0, ...(facts.testProfiles ? [3] : [])),
    keyIds(0xa9, facts.verificationKeyIds),
    keyIds(0xaa, facts.signingKeyIds),
    integer(0x8b, 2),
    ...(forbidden.length ? [bits(0x99, ...forbidden)] : []),
    tlv(0x04, Uint8Array.of(0, 0, 1)),
    tlv(0x0c, utf8Bytes('LAB-NOT-ACCREDITED')),
  );
}

export interface DeviceInfo {
  /** Eight digits. */
  readonly tac: string;
  /** 15 digits. */
  readonly imei?: string;
}

/** An even count of digits, two to an octet with swapped nibbles. */
function swappedDigits(digits: string): Uint8Array {
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits[2 * i + 1]! + digits[2 * i]!, 16));
}

/** IMEI (4.2): 14 swapped digits, then an octet with the check digit in its high half and a filler in the low one. */
function imeiOctets(imei: string): Uint8Array {
  return Uint8Array.of(...swappedDigits(imei.slice(0, 14)), Number.parseInt(`${imei[14] ?? 'F'}F`, 16));
}

/** CtxParams1 (A0) with the MatchingID (absent and empty are two things) and the device information. */
export function contextParameters(matchingId: string | undefined, device: DeviceInfo): Uint8Array {
  const release = (tag: number, major: number): Uint8Array => tlv(tag, Uint8Array.of(major, 0, 0));
  const capabilities = tlv(0xa1, release(0x80, 15), release(0x81, 15), release(0x85, 15));
  return tlv(0xa0,
    ...(matchingId === undefined ? [] : [tlv(0x80, utf8Bytes(matchingId))]),
    tlv(0xa1, tlv(0x80, swappedDigits(device.tac)), capabilities, ...(device.imei ? [tlv(0x82, imeiOctets(device.imei))] : [])),
  );
}

export interface ServerSigned1 {
  readonly transactionId: Uint8Array;
  readonly euiccChallenge: Uint8Array;
  readonly serverAddress: string;
  readonly serverChallenge: Uint8Array;
}

/** Runs a reader over foreign bytes; malformed ones give undefined. */
function reading<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof TlvError) return undefined;
    throw error;
  }
}

export function readServerSigned1(der: Uint8Array): ServerSigned1 | undefined {
  return reading(() => {
    const [tid, own, address, challenge] = readAll(readOne(der, 0x30).value);
    if (tid?.tag !== 0x80 || own?.tag !== 0x81 || address?.tag !== 0x83 || challenge?.tag !== 0x84) return undefined;
    if (tid.value.length < 1 || tid.value.length > 16 || own.value.length !== 16 || challenge.value.length !== 16) return undefined;
    return { transactionId: tid.value, euiccChallenge: own.value, serverAddress: readUtf8(address.value), serverChallenge: challenge.value };
  });
}

export interface SmdpSigned2 {
  readonly transactionId: Uint8Array;
  readonly ccRequired: boolean;
  readonly bppEuiccOtpk?: Uint8Array;
}

export function readSmdpSigned2(der: Uint8Array): SmdpSigned2 | undefined {
  return reading(() => {
    const [tid, required, otpk, ...more] = readAll(readOne(der, 0x30).value);
    if (tid?.tag !== 0x80 || required?.tag !== 0x01 || required.value.length !== 1 || more.length) return undefined;
    if (otpk && (otpk.tag !== 0x5f49 || otpk.value.length !== 65)) return undefined;
    return { transactionId: tid.value, ccRequired: required.value[0] !== 0, bppEuiccOtpk: otpk?.value };
  });
}

/** The 64 bytes of a signature TLV (5F37 40 …). */
export function readSignature(der: Uint8Array): Uint8Array | undefined {
  return reading(() => {
    const { value } = readOne(der, 0x5f37, { strict: true });
    return value.length === 64 ? value : undefined;
  });
}

/** A SubjectKeyIdentifier TLV (04 14 …). */
export function readKeyIdentifier(der: Uint8Array): Uint8Array | undefined {
  return reading(() => readOne(der, 0x04).value);
}

export function euiccSigned1(fields: { transactionId: Uint8Array; serverAddress: string; serverChallenge: Uint8Array; info2: Uint8Array; context: Uint8Array }): Uint8Array {
  return tlv(0x30, tlv(0x80, fields.transactionId), tlv(0x83, utf8Bytes(fields.serverAddress)), tlv(0x84, fields.serverChallenge), fields.info2, fields.context);
}

/** AuthenticateServerResponse (BF38), good and bad. */
export const authenticateServerOk = (signed1: Uint8Array, sign: Uint8Array, euicc: Uint8Array, eum: Uint8Array): Uint8Array =>
  tlv(0xbf38, tlv(0xa0, signed1, signature(sign), euicc, eum));
export const authenticateServerError = (transactionId: Uint8Array, code: number): Uint8Array =>
  tlv(0xbf38, tlv(0xa1, tlv(0x80, transactionId), integer(0x02, code)));

export function euiccSigned2(transactionId: Uint8Array, otpk: Uint8Array, hashCc: Uint8Array | undefined): Uint8Array {
  return tlv(0x30, tlv(0x80, transactionId), tlv(0x5f49, otpk), ...(hashCc ? [tlv(0x04, hashCc)] : []));
}

/** PrepareDownloadResponse (BF21), good and bad. */
export const prepareDownloadOk = (signed2: Uint8Array, sign: Uint8Array): Uint8Array => tlv(0xbf21, tlv(0xa0, signed2, signature(sign)));
export const prepareDownloadError = (transactionId: Uint8Array, code: number): Uint8Array =>
  tlv(0xbf21, tlv(0xa1, tlv(0x80, transactionId), integer(0x02, code)));

export function cancelSessionSigned(transactionId: Uint8Array, smdpOid: Uint8Array, reason: number): Uint8Array {
  return tlv(0x30, tlv(0x80, transactionId), tlv(0x81, smdpOid), integer(0x82, reason));
}
/** CancelSessionResponse (BF41), good and bad. */
export const cancelSessionOk = (signed: Uint8Array, sign: Uint8Array): Uint8Array => tlv(0xbf41, tlv(0xa0, signed, signature(sign)));
export const cancelSessionError = (code: number): Uint8Array => tlv(0xbf41, integer(0x81, code));

export interface NotificationFields {
  readonly seqNumber: number;
  readonly event: NotificationEvent;
  readonly address: string;
  readonly iccid?: Uint8Array;
}

/** NotificationMetadata (BF2F). */
export function notificationMetadata(fields: NotificationFields): Uint8Array {
  const octet = EVENT_BITS[fields.event];
  const unused = 31 - Math.clz32(octet & -octet);
  return tlv(0xbf2f, integer(0x80, fields.seqNumber), tlv(0x81, Uint8Array.of(unused, octet)), tlv(0x0c, utf8Bytes(fields.address)),
    ...(fields.iccid ? [tlv(0x5a, fields.iccid)] : []));
}

export type InstallOutcome =
  | { readonly ok: true; readonly aid: Uint8Array }
  | { readonly ok: false; readonly bppCommandId: number; readonly errorReason: number };

/** The EUICCResponse of a profile package that was processed without a remark (TCA profile package, PEStatus 0). */
const SIMA_OK = Uint8Array.of(0x30, 0x07, 0xa0, 0x05, 0x30, 0x03, 0x80, 0x01, 0x00);

/** ProfileInstallationResultData (BF27): what euiccSignPIR is made over. */
export function installResultData(transactionId: Uint8Array, metadata: Uint8Array, smdpOid: Uint8Array, outcome: InstallOutcome): Uint8Array {
  const final = outcome.ok
    ? tlv(0xa0, tlv(0x4f, outcome.aid), tlv(0x04, SIMA_OK))
    : tlv(0xa1, integer(0x80, outcome.bppCommandId), integer(0x81, outcome.errorReason));
  return tlv(0xbf27, tlv(0x80, transactionId), metadata, tlv(0x06, smdpOid), tlv(0xa2, final));
}

export const installResult = (data: Uint8Array, sign: Uint8Array): Uint8Array => tlv(0xbf37, data, signature(sign));
/** OtherSignedNotification. */
export const otherNotification = (metadata: Uint8Array, sign: Uint8Array, euicc: Uint8Array, eum: Uint8Array): Uint8Array =>
  tlv(0x30, metadata, signature(sign), euicc, eum);
