/** The structure of a received Bound Profile Package (SGP.22 v2.2, 2.5.4), without any of its cryptography. */
import { concat, children, tlv, TlvError } from '../../../shared/tlv/index.ts';
import type { TlvNode } from '../../../shared/tlv/index.ts';
import { inside, octets, outer } from '../asn1.ts';
import type { Bytes } from '../asn1.ts';
import { decoding } from '../errors.ts';
import { readSignatureTlv } from './signature.ts';

export interface ParsedInitialiseSecureChannel {
  readonly remoteOpId: Bytes;
  readonly transactionId: Bytes;
  readonly keyType: number;
  readonly keyLength: number;
  readonly hostId: Bytes;
  readonly otpkDp: Bytes;
  readonly signature64: Bytes;
  /** The elements in front of the signature as received; with the eUICC's `5F49` TLV behind them, what it covers. */
  readonly signedHead: Bytes;
  readonly raw: Bytes;
}

export interface ParsedBoundPackage {
  readonly initialiseSecureChannel: ParsedInitialiseSecureChannel;
  /** Whole 87, 88 and 86 TLVs. */
  readonly configureIsdp: readonly Bytes[];
  readonly metadata: readonly Bytes[];
  readonly replaceKeys?: readonly Bytes[];
  readonly profile: readonly Bytes[];
}

function sequenceOf(node: TlvNode, tag: number): Bytes[] {
  const nodes = children(node);
  if (nodes.length === 0) throw new TlvError('TLV_TRUNCATED', 'an empty sequence of segments');
  return nodes.map((child) => {
    if (child.tag !== tag) throw new TlvError('TLV_UNEXPECTED_TAG', 'a segment with a tag that does not belong here');
    return child.raw;
  });
}

/** euiccOtpk as the element that closes the signed octets of BF23. */
export function smdpSignInput(signedHead: Bytes, euiccOtpk: Bytes): Bytes {
  return concat(signedHead, tlv(0x5f49, euiccOtpk));
}

/** Reads a BF23 TLV. Throws {@link RspError} `MESSAGE_MALFORMED`. */
export function parseInitialiseSecureChannel(der: Bytes): ParsedInitialiseSecureChannel {
  return decoding('initialiseSecureChannel', () => {
    const root = outer(der, 0xbf23);
    const fields = inside(root);
    const remoteOpId = fields.take('remoteOpId', 0x82);
    const transactionId = fields.take('transactionId', 0x80);
    const template = fields.take('controlRefTemplate', 0xa6);
    const otpk = fields.take('smdpOtpk', 0x5f49);
    const signature64 = readSignatureTlv(fields.take('smdpSign', 0x5f37).raw);
    const parts = inside(template);
    return {
      remoteOpId: remoteOpId.value,
      transactionId: octets(transactionId, 'transactionId', 1, 16),
      keyType: octets(parts.take('keyType', 0x80), 'keyType', 1)[0]!,
      keyLength: octets(parts.take('keyLen', 0x81), 'keyLen', 1)[0]!,
      hostId: octets(parts.take('hostId', 0x84), 'hostId', 1, 16),
      otpkDp: octets(otpk, 'smdpOtpk', 65),
      signature64,
      signedHead: concat(remoteOpId.raw, transactionId.raw, template.raw, otpk.raw),
      raw: root.raw,
    };
  });
}

/** Reads a BF36 TLV. Throws {@link RspError} `MESSAGE_MALFORMED`. */
export function parseBoundPackage(der: Bytes): ParsedBoundPackage {
  return decoding('boundProfilePackage', () => {
    const parts = inside(outer(der, 0xbf36));
    const initialiseSecureChannel = parseInitialiseSecureChannel(parts.take('initialiseSecureChannelRequest', 0xbf23).raw);
    const configureIsdp = sequenceOf(parts.take('firstSequenceOf87', 0xa0), 0x87);
    const metadata = sequenceOf(parts.take('sequenceOf88', 0xa1), 0x88);
    const second = parts.optional(0xa2);
    return {
      initialiseSecureChannel,
      configureIsdp,
      metadata,
      replaceKeys: second && sequenceOf(second, 0x87),
      profile: sequenceOf(parts.take('sequenceOf86', 0xa3), 0x86),
    };
  });
}

/** Tag and length octets in front of the content. */
function head(node: TlvNode): Bytes {
  return node.raw.subarray(0, node.raw.length - node.value.length);
}

/**
 * Cuts a package into the TLVs an LPA hands to the eUICC one after the other (2.5.5): the heads of BF36, A0 and A2 travel with
 * what follows them, those of A1 and A3 alone, then each segment. Throws {@link RspError} `MESSAGE_MALFORMED`.
 */
export function segmentBoundPackage(der: Bytes): Bytes[] {
  return decoding('boundProfilePackage', () => {
    const root = outer(der, 0xbf36);
    const parts = inside(root);
    const cut = [concat(head(root), parts.take('initialiseSecureChannelRequest', 0xbf23).raw)];
    const withHead = (node: TlvNode): void => {
      const [first, ...rest] = sequenceOf(node, 0x87);
      cut.push(concat(head(node), first!), ...rest);
    };
    withHead(parts.take('firstSequenceOf87', 0xa0));
    const metadata = parts.take('sequenceOf88', 0xa1);
    cut.push(head(metadata), ...sequenceOf(metadata, 0x88));
    const second = parts.optional(0xa2);
    if (second) withHead(second);
    const profile = parts.take('sequenceOf86', 0xa3);
    cut.push(head(profile), ...sequenceOf(profile, 0x86));
    return cut;
  });
}
