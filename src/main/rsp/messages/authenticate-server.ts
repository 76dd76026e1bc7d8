/** AuthenticateServerResponse (SGP.22 v2.2, 5.7.13), carried by ES9+.AuthenticateClient. */
import { readInteger, readUtf8, tlv, utf8Bytes, integerBytes } from '../../../shared/tlv/index.ts';
import { inside, octets, outer } from '../asn1.ts';
import type { Bytes } from '../asn1.ts';
import { swappedDigits, swappedText } from '../digits.ts';
import { decoding, RspError } from '../errors.ts';
import { parseEuiccInfo2 } from './euicc-info.ts';
import type { EuiccInfo2 } from './euicc-info.ts';
import { demandSize } from './server-signed1.ts';
import { readSignatureTlv, signatureTlv } from './signature.ts';

export interface DeviceInfo {
  /** 8 digits. */
  readonly tac: string;
  /** Digits without filler. */
  readonly imei?: string;
  /** Content of deviceCapabilities as received. */
  readonly capabilities: Bytes;
  /** Device capabilities by name, each `release.0.0`. */
  readonly releases: Readonly<Record<string, string>>;
}

export interface AuthenticateServerOk {
  readonly kind: 'ok';
  /** euiccSigned1 TLV as received: what euiccSignature1 covers. */
  readonly signedBytes: Bytes;
  readonly transactionId: Bytes;
  readonly serverAddress: string;
  readonly serverChallenge: Bytes;
  readonly euiccInfo2: EuiccInfo2;
  /** Undefined when absent; the empty string when present with length 0. */
  readonly matchingId?: string;
  readonly deviceInfo: DeviceInfo;
  readonly signature64: Bytes;
  /** DER as received; judged by checkEuiccChain. */
  readonly euiccCertificate: Bytes;
  readonly eumCertificate: Bytes;
}

export interface AuthenticateServerError {
  readonly kind: 'error';
  readonly transactionId: Bytes;
  readonly errorCode: number;
}

/** Names of the AuthenticateErrorCode values. */
export const AUTHENTICATE_ERRORS: Readonly<Record<number, string>> = {
  1: 'invalidCertificate', 2: 'invalidSignature', 3: 'unsupportedCurve', 4: 'noSessionContext', 5: 'invalidOid',
  6: 'euiccChallengeMismatch', 7: 'ciPKUnknown', 127: 'undefinedError',
};

const RELEASES: Readonly<Record<number, string>> = {
  0x80: 'gsm', 0x81: 'utran', 0x82: 'cdma2000onex', 0x83: 'cdma2000hrpd', 0x84: 'cdma2000ehrpd', 0x85: 'eutran',
  0x86: 'contactless', 0x87: 'rspCrl', 0x88: 'nrEpc', 0x89: 'nr5gc', 0x8a: 'eutran5gc',
};

/** 14 digits in swapped order, then check digit and filler F, which peers put into either nibble. */
function readImei(packed: Bytes): string {
  return swappedText(packed.subarray(0, 7)) + packed[7]!.toString(16).padStart(2, '0').replaceAll('f', '').toUpperCase();
}

function readDeviceInfo(node: { readonly value: Bytes }): DeviceInfo {
  const fields = inside(node);
  const tac = swappedText(octets(fields.take('tac', 0x80), 'tac', 4));
  const capabilities = fields.take('deviceCapabilities', 0xa1);
  const releases: Record<string, string> = {};
  const list = inside(capabilities);
  for (const [tag, name] of Object.entries(RELEASES)) {
    const found = list.optional(Number(tag));
    if (found) releases[name] = octets(found, `${name} release`, 3).join('.');
  }
  const imei = fields.optional(0x82);
  return { tac, imei: imei && readImei(octets(imei, 'imei', 8)), capabilities: capabilities.value, releases };
}

/** Reads a BF38 TLV. Throws {@link RspError} `MESSAGE_MALFORMED`. */
export function parseAuthenticateServerResponse(der: Bytes): AuthenticateServerOk | AuthenticateServerError {
  return decoding('authenticateServerResponse', () => {
    const arm = inside(outer(der, 0xbf38)).take('authenticateResponse', 0xa0, 0xa1);
    const parts = inside(arm);
    if (arm.tag === 0xa1) {
      return {
        kind: 'error',
        transactionId: octets(parts.take('transactionId', 0x80), 'transactionId', 1, 16),
        errorCode: readInteger(parts.take('authenticateErrorCode', 0x02, 0x81).value),
      };
    }
    const signed = parts.take('euiccSigned1', 0x30);
    const signature64 = readSignatureTlv(parts.take('euiccSignature1', 0x5f37).raw);
    const euiccCertificate = parts.take('euiccCertificate', 0x30).raw;
    const eumCertificate = parts.take('eumCertificate', 0x30).raw;
    const fields = inside(signed);
    const transactionId = octets(fields.take('transactionId', 0x80), 'transactionId', 1, 16);
    const serverAddress = readUtf8(fields.take('serverAddress', 0x83).value);
    const serverChallenge = octets(fields.take('serverChallenge', 0x84), 'serverChallenge', 16);
    const euiccInfo2 = parseEuiccInfo2(fields.take('euiccInfo2', 0xbf22).raw);
    const context = inside(fields.take('ctxParams1', 0xa0));
    const matchingId = context.optional(0x80);
    return {
      kind: 'ok',
      signedBytes: signed.raw,
      transactionId,
      serverAddress,
      serverChallenge,
      euiccInfo2,
      matchingId: matchingId && readUtf8(matchingId.value),
      deviceInfo: readDeviceInfo(context.take('deviceInfo', 0xa1)),
      signature64,
      euiccCertificate,
      eumCertificate,
    };
  });
}

export interface EuiccSigned1Fields {
  readonly transactionId: Bytes;
  readonly serverAddress: string;
  readonly serverChallenge: Bytes;
  /** Whole BF22 TLV. */
  readonly euiccInfo2: Bytes;
  /** Whole A0 TLV from {@link buildCtxParams1}. */
  readonly ctxParams1: Bytes;
}

function telephonyDigits(digits: string, name: string, octetCount: number): Bytes {
  if (!/^\d+$/.test(digits) || digits.length !== octetCount * 2) {
    throw new RspError('VALUE_INVALID', `${name} does not have ${octetCount * 2} digits`);
  }
  return swappedDigits(digits);
}

/** ctxParams1 (A0). The IMEI of 15 digits ends with its check digit in the high nibble and F in the low one (4.2). */
export function buildCtxParams1(fields: {
  readonly matchingId?: string; readonly tac: string; readonly imei?: string; readonly capabilities?: Bytes;
}): Bytes {
  const device = [tlv(0x80, telephonyDigits(fields.tac, 'the TAC', 4)), tlv(0xa1, fields.capabilities ?? new Uint8Array())];
  if (fields.imei !== undefined) {
    const packed = telephonyDigits(fields.imei.slice(0, 14), 'the IMEI', 7);
    const check = fields.imei.slice(14);
    if (!/^\d$/.test(check)) throw new RspError('VALUE_INVALID', 'an IMEI has 15 digits');
    device.push(tlv(0x82, packed, Uint8Array.of((Number(check) << 4) | 15)));
  }
  const info = tlv(0xa1, ...device);
  return fields.matchingId === undefined ? tlv(0xa0, info) : tlv(0xa0, tlv(0x80, utf8Bytes(fields.matchingId)), info);
}

/** euiccSigned1: what the eUICC signs. */
export function buildEuiccSigned1(fields: EuiccSigned1Fields): Bytes {
  return tlv(
    0x30,
    tlv(0x80, demandSize(fields.transactionId, 'the transaction id', 1, 16)),
    tlv(0x83, utf8Bytes(fields.serverAddress)),
    tlv(0x84, demandSize(fields.serverChallenge, 'the server challenge', 16)),
    fields.euiccInfo2,
    fields.ctxParams1,
  );
}

export function buildAuthenticateServerResponse(fields: {
  readonly euiccSigned1: Bytes; readonly signature64: Bytes; readonly euiccCertificate: Bytes; readonly eumCertificate: Bytes;
}): Bytes {
  return tlv(
    0xbf38, tlv(0xa0, fields.euiccSigned1, signatureTlv(fields.signature64), fields.euiccCertificate, fields.eumCertificate),
  );
}

export function buildAuthenticateServerError(fields: { readonly transactionId: Bytes; readonly errorCode: number }): Bytes {
  return tlv(
    0xbf38, tlv(0xa1, tlv(0x80, demandSize(fields.transactionId, 'the transaction id', 1, 16)), tlv(0x02, integerBytes(fields.errorCode))),
  );
}
