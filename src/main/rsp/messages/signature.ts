import { concat, readOne, tlv } from '../../../shared/tlv/index.ts';
import type { Bytes } from '../asn1.ts';
import { decoding, RspError } from '../errors.ts';

/** Signature r||s as the TLV every RSP message carries it in: `5F37 40 …` (SGP.22 v2.2, 2.6.7.2). */
export function signatureTlv(signature64: Bytes): Bytes {
  if (signature64.length !== 64) throw new RspError('VALUE_INVALID', 'a signature has 64 octets');
  return tlv(0x5f37, signature64);
}

/** r||s out of `5F37 40 …`; anything else throws {@link RspError} `MESSAGE_MALFORMED`. */
export function readSignatureTlv(der: Bytes): Bytes {
  const { value } = decoding('the signature', () => readOne(der, 0x5f37));
  if (value.length !== 64) throw new RspError('MESSAGE_MALFORMED', `a signature has 64 octets, not ${value.length}`);
  return value;
}

/** smdpSignature2 covers smdpSigned2 and the euiccSignature1 it answers (SGP.22 v2.2, 5.7.5). */
export function smdpSignature2Input(smdpSigned2: Bytes, euiccSignature1: Bytes): Bytes {
  return concat(smdpSigned2, signatureTlv(euiccSignature1));
}

/** euiccSignature2 covers euiccSigned2 as received and the smdpSignature2 it answers (SGP.22 v2.2, 5.7.5). */
export function euiccSignature2Input(signedBytes: Bytes, smdpSignature2: Bytes): Bytes {
  return concat(signedBytes, signatureTlv(smdpSignature2));
}
