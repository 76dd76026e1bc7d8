/** SmdpSigned2 and PrepareDownloadResponse (SGP.22 v2.2, 5.7.5), carried by ES9+.GetBoundProfilePackage. */
import { createHash } from 'node:crypto';
import { integerBytes, readInteger, tlv, TlvError } from '../../../shared/tlv/index.ts';
import { inside, octets, outer } from '../asn1.ts';
import type { Bytes } from '../asn1.ts';
import { decoding } from '../errors.ts';
import { demandSize } from './server-signed1.ts';
import { readSignatureTlv, signatureTlv } from './signature.ts';

export interface SmdpSigned2 {
  readonly transactionId: Bytes;
  readonly ccRequired: boolean;
  /** One-time key of the eUICC a kept package is bound to; only for a retry. */
  readonly bppEuiccOtpk?: Bytes;
}

export function buildSmdpSigned2(fields: SmdpSigned2): Bytes {
  const parts = [
    tlv(0x80, demandSize(fields.transactionId, 'the transaction id', 1, 16)),
    tlv(0x01, Uint8Array.of(fields.ccRequired ? 0xff : 0x00)),
  ];
  if (fields.bppEuiccOtpk !== undefined) parts.push(tlv(0x5f49, demandSize(fields.bppEuiccOtpk, 'the one-time key', 65)));
  return tlv(0x30, ...parts);
}

/** Reads the `30` TLV. Throws {@link RspError} `MESSAGE_MALFORMED`. */
export function parseSmdpSigned2(der: Bytes): SmdpSigned2 & { readonly signedBytes: Bytes } {
  return decoding('smdpSigned2', () => {
    const root = outer(der, 0x30);
    const fields = inside(root);
    const transactionId = octets(fields.take('transactionId', 0x80), 'transactionId', 1, 16);
    const ccRequired = octets(fields.take('ccRequiredFlag', 0x01), 'ccRequiredFlag', 1)[0] !== 0;
    const otpk = fields.optional(0x5f49);
    return { signedBytes: root.raw, transactionId, ccRequired, bppEuiccOtpk: otpk && octets(otpk, 'bppEuiccOtpk', 65) };
  });
}

export interface PrepareDownloadOk {
  readonly kind: 'ok';
  /** euiccSigned2 TLV as received: with smdpSignature2 behind it, what euiccSignature2 covers. */
  readonly signedBytes: Bytes;
  readonly transactionId: Bytes;
  /** 65 octets, not yet checked to be on the curve. */
  readonly euiccOtpk: Bytes;
  /** 32 octets; undefined when absent or of length 0. */
  readonly hashCc?: Bytes;
  readonly signature64: Bytes;
}

export interface PrepareDownloadError {
  readonly kind: 'error';
  readonly transactionId: Bytes;
  readonly errorCode: number;
}

/** Names of the DownloadErrorCode values. */
export const DOWNLOAD_ERRORS: Readonly<Record<number, string>> = {
  1: 'invalidCertificate', 2: 'invalidSignature', 3: 'unsupportedCurve', 4: 'noSessionContext', 5: 'invalidTransactionId',
  127: 'undefinedError',
};

/** Reads a BF21 TLV. Throws {@link RspError} `MESSAGE_MALFORMED`. */
export function parsePrepareDownloadResponse(der: Bytes): PrepareDownloadOk | PrepareDownloadError {
  return decoding('prepareDownloadResponse', () => {
    const arm = inside(outer(der, 0xbf21)).take('downloadResponse', 0xa0, 0xa1);
    const parts = inside(arm);
    if (arm.tag === 0xa1) {
      return {
        kind: 'error',
        transactionId: octets(parts.take('transactionId', 0x80), 'transactionId', 1, 16),
        errorCode: readInteger(parts.take('downloadErrorCode', 0x02, 0x81).value),
      };
    }
    const signed = parts.take('euiccSigned2', 0x30);
    const signature64 = readSignatureTlv(parts.take('euiccSignature2', 0x5f37).raw);
    const fields = inside(signed);
    const transactionId = octets(fields.take('transactionId', 0x80), 'transactionId', 1, 16);
    const euiccOtpk = octets(fields.take('euiccOtpk', 0x5f49), 'euiccOtpk', 65);
    const hash = fields.optional(0x04)?.value;
    if (hash !== undefined && hash.length > 64) throw new TlvError('TLV_BAD_VALUE', 'hashCc is longer than any hash');
    return {
      kind: 'ok', signedBytes: signed.raw, transactionId, euiccOtpk, hashCc: hash?.length ? hash : undefined, signature64,
    };
  });
}

/** euiccSigned2: what the eUICC signs, together with smdpSignature2. */
export function buildEuiccSigned2(fields: { readonly transactionId: Bytes; readonly euiccOtpk: Bytes; readonly hashCc?: Bytes }): Bytes {
  const parts = [
    tlv(0x80, demandSize(fields.transactionId, 'the transaction id', 1, 16)),
    tlv(0x5f49, demandSize(fields.euiccOtpk, 'the one-time key', 65)),
  ];
  if (fields.hashCc !== undefined) parts.push(tlv(0x04, demandSize(fields.hashCc, 'hashCc', 32)));
  return tlv(0x30, ...parts);
}

export function buildPrepareDownloadResponse(fields: { readonly euiccSigned2: Bytes; readonly signature64: Bytes }): Bytes {
  return tlv(0xbf21, tlv(0xa0, fields.euiccSigned2, signatureTlv(fields.signature64)));
}

export function buildPrepareDownloadError(fields: { readonly transactionId: Bytes; readonly errorCode: number }): Bytes {
  return tlv(
    0xbf21, tlv(0xa1, tlv(0x80, demandSize(fields.transactionId, 'the transaction id', 1, 16)), tlv(0x02, integerBytes(fields.errorCode))),
  );
}

/** SHA-256 of the code's ASCII octets: what is kept of a confirmation code. */
export function confirmationCodeHash(code: Bytes): Bytes {
  return new Uint8Array(createHash('sha256').update(code).digest());
}

/** hashCc = SHA-256(SHA-256(code) || transactionId) (SGP.22 v2.2, 4.7). */
export function hashedConfirmationCode(codeHash32: Bytes, transactionId: Bytes): Bytes {
  return new Uint8Array(createHash('sha256').update(codeHash32).update(transactionId).digest());
}
