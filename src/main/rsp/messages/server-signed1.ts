/** ServerSigned1 (SGP.22 v2.2, 5.7.13), the answer of ES9+.InitiateAuthentication. */
import { readUtf8, tlv, utf8Bytes } from '../../../shared/tlv/index.ts';
import { inside, octets, outer } from '../asn1.ts';
import type { Bytes } from '../asn1.ts';
import { decoding, RspError } from '../errors.ts';

export interface ServerSigned1 {
  /** 1 to 16 octets. */
  readonly transactionId: Bytes;
  /** 16 octets. */
  readonly euiccChallenge: Bytes;
  readonly serverAddress: string;
  /** 16 octets. */
  readonly serverChallenge: Bytes;
}

export function demandSize(value: Bytes, name: string, min: number, max: number = min): Bytes {
  if (value.length < min || value.length > max) {
    throw new RspError('VALUE_INVALID', `${name} has ${value.length} octets, ${min === max ? min : `${min} to ${max}`} expected`);
  }
  return value;
}

export function buildServerSigned1(fields: ServerSigned1): Bytes {
  return tlv(
    0x30,
    tlv(0x80, demandSize(fields.transactionId, 'the transaction id', 1, 16)),
    tlv(0x81, demandSize(fields.euiccChallenge, 'the eUICC challenge', 16)),
    tlv(0x83, utf8Bytes(fields.serverAddress)),
    tlv(0x84, demandSize(fields.serverChallenge, 'the server challenge', 16)),
  );
}

/** Reads the `30` TLV. Throws {@link RspError} `MESSAGE_MALFORMED`. */
export function parseServerSigned1(der: Bytes): ServerSigned1 & { readonly signedBytes: Bytes } {
  return decoding('serverSigned1', () => {
    const root = outer(der, 0x30);
    const fields = inside(root);
    return {
      signedBytes: root.raw,
      transactionId: octets(fields.take('transactionId', 0x80), 'transactionId', 1, 16),
      euiccChallenge: octets(fields.take('euiccChallenge', 0x81), 'euiccChallenge', 16),
      serverAddress: readUtf8(fields.take('serverAddress', 0x83).value),
      serverChallenge: octets(fields.take('serverChallenge', 0x84), 'serverChallenge', 16),
    };
  });
}
