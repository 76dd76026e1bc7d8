/** CancelSessionResponse (SGP.22 v2.2, 5.7.14), carried by ES9+.CancelSession. */
import { integerBytes, readInteger, tlv } from '../../../shared/tlv/index.ts';
import { inside, octets, oidTlv, outer, readOid } from '../asn1.ts';
import type { Bytes } from '../asn1.ts';
import { decoding } from '../errors.ts';
import { demandSize } from './server-signed1.ts';
import { readSignatureTlv, signatureTlv } from './signature.ts';

export interface CancelSessionOk {
  readonly kind: 'ok';
  /** euiccCancelSessionSigned TLV as received: what the signature covers. */
  readonly signedBytes: Bytes;
  readonly transactionId: Bytes;
  readonly smdpOid: string;
  /** See {@link CANCEL_REASONS}; an unknown number is passed on. */
  readonly reason: number;
  readonly signature64: Bytes;
}

export interface CancelSessionError {
  readonly kind: 'error';
  readonly errorCode: number;
}

export const CANCEL_REASONS: Readonly<Record<number, string>> = {
  0: 'endUserRejection', 1: 'postponed', 2: 'timeout', 3: 'pprNotAllowed', 4: 'metadataMismatch', 5: 'loadBppExecutionError',
  127: 'undefinedReason',
};

/** Reads a BF41 TLV. Throws {@link RspError} `MESSAGE_MALFORMED`. */
export function parseCancelSessionResponse(der: Bytes): CancelSessionOk | CancelSessionError {
  return decoding('cancelSessionResponse', () => {
    const arm = inside(outer(der, 0xbf41)).take('cancelSessionResponse', 0xa0, 0x81);
    if (arm.tag === 0x81) return { kind: 'error', errorCode: readInteger(arm.value) };
    const parts = inside(arm);
    const signed = parts.take('euiccCancelSessionSigned', 0x30);
    const signature64 = readSignatureTlv(parts.take('euiccCancelSessionSignature', 0x5f37).raw);
    const fields = inside(signed);
    return {
      kind: 'ok',
      signedBytes: signed.raw,
      transactionId: octets(fields.take('transactionId', 0x80), 'transactionId', 1, 16),
      smdpOid: readOid(fields.take('smdpOid', 0x81).value),
      reason: readInteger(fields.take('reason', 0x82).value),
      signature64,
    };
  });
}

/** euiccCancelSessionSigned: what the eUICC signs. */
export function buildCancelSessionSigned(fields: { readonly transactionId: Bytes; readonly smdpOid: string; readonly reason: number }): Bytes {
  return tlv(
    0x30,
    tlv(0x80, demandSize(fields.transactionId, 'the transaction id', 1, 16)),
    oidTlv(fields.smdpOid, 0x81),
    tlv(0x82, integerBytes(fields.reason)),
  );
}

export function buildCancelSessionResponse(fields: { readonly cancelSessionSigned: Bytes; readonly signature64: Bytes }): Bytes {
  return tlv(0xbf41, tlv(0xa0, fields.cancelSessionSigned, signatureTlv(fields.signature64)));
}

export function buildCancelSessionError(errorCode: number): Bytes {
  return tlv(0xbf41, tlv(0x81, integerBytes(errorCode)));
}
