/** Bound Profile Package (SGP.22 v2.2, 2.5.4 and 5.5): key agreement, protected segments, container, and its signature. */
import { concat, readAll, readOne, tlv } from '../../shared/tlv/index.ts';
import type { Bytes } from './asn1.ts';
import { agree } from './curves.ts';
import type { Curve } from './curves.ts';
import { decoding, RspError } from './errors.ts';
import { signatureTlv } from './messages/signature.ts';
import { deriveSessionKeys, eraseSessionKeys, KEY_LENGTH, KEY_TYPE_AES } from './session-keys.ts';
import { macAll, protectAll, SecureChannel } from './scp03t.ts';

/** Profile protection keys and the MAC chaining value they start from, 16 octets each (2.5.3). */
export interface ProfileProtectionKeys {
  readonly macChaining: Bytes;
  readonly enc: Bytes;
  readonly mac: Bytes;
}

export interface BindInput {
  readonly curve: Curve;
  /** 1 to 16 octets. Not part of the derived keys, so segments outlive the transaction they were made in. */
  readonly transactionId: Bytes;
  readonly eid: Bytes;
  readonly hostId: Bytes;
  /** One-time private scalar; the caller erases it as soon as the package exists (5.6.2). */
  readonly otskDp: Bytes;
  readonly euiccOtpk: Bytes;
  /** Whole BF24 TLV; plain `BF24 00` where nothing is configured. */
  readonly configureIsdp: Bytes;
  /** Whole BF25 TLV, the same octets the device was shown. */
  readonly metadata: Bytes;
  readonly upp: Bytes;
  readonly protection: 'session-keys' | { readonly ppk: ProfileProtectionKeys };
}

/** The protected parts of a package, each a whole TLV. */
export interface BoundSegments {
  /** A0: ConfigureISDP in 87 TLVs. */
  readonly configureIsdp: Bytes;
  /** A1: StoreMetadata in 88 TLVs. */
  readonly metadata: Bytes;
  /** A2: ReplaceSessionKeys in one 87 TLV, only with profile protection keys. */
  readonly replaceKeys?: Bytes;
  /** A3: the profile in 86 TLVs. */
  readonly profile: Bytes;
}

export const CONFIGURE_ISDP_PLAIN: Bytes = Uint8Array.of(0xbf, 0x24, 0x00);

function demandTlv(der: Bytes, tag: number, name: string): void {
  decoding(name, () => readOne(der, tag, { strict: true }), 'BIND_INPUT_INVALID');
}

/** ReplaceSessionKeys (5.5.4): chaining value, PPK-ENC, PPK-CMAC, in this order. */
export function replaceSessionKeys(ppk: ProfileProtectionKeys): Bytes {
  for (const part of [ppk.macChaining, ppk.enc, ppk.mac]) {
    if (part.length !== 16) throw new RspError('BIND_INPUT_INVALID', 'profile protection keys have 16 octets each');
  }
  return tlv(0xbf26, tlv(0x80, ppk.macChaining), tlv(0x81, ppk.enc), tlv(0x82, ppk.mac));
}

/**
 * Agrees keys with the eUICC and protects everything the package carries. Throws {@link RspError} `ECKA_BAD_POINT` for a
 * one-time key that is not on the curve, `ECKA_BAD_KEY`, `BIND_INPUT_INVALID` or `VALUE_INVALID` for inputs of wrong shape.
 */
export function bindSegments(input: BindInput): { segments: BoundSegments; otpkDp: Bytes } {
  if (input.transactionId.length < 1 || input.transactionId.length > 16) {
    throw new RspError('BIND_INPUT_INVALID', 'a transaction id has 1 to 16 octets');
  }
  demandTlv(input.configureIsdp, 0xbf24, 'ConfigureISDP');
  demandTlv(input.metadata, 0xbf25, 'StoreMetadata');
  if (input.upp.length === 0) throw new RspError('BIND_INPUT_INVALID', 'the profile package is empty');
  const { point65: otpkDp, x } = agree(input.curve, input.otskDp, input.euiccOtpk);
  const keys = deriveSessionKeys(x, input.hostId, input.eid);
  x.fill(0);
  const channel = new SecureChannel(keys);
  eraseSessionKeys(keys);
  try {
    const configureIsdp = tlv(0xa0, ...protectAll(channel, 0x87, input.configureIsdp));
    const metadata = tlv(0xa1, ...macAll(channel, input.metadata));
    if (input.protection === 'session-keys') {
      return { otpkDp, segments: { configureIsdp, metadata, profile: tlv(0xa3, ...protectAll(channel, 0x86, input.upp)) } };
    }
    const { ppk } = input.protection;
    const plain = replaceSessionKeys(ppk);
    const replaceKeys = tlv(0xa2, channel.protect(0x87, plain));
    plain.fill(0);
    channel.replaceKeys({ macChaining: ppk.macChaining, sEnc: ppk.enc, sMac: ppk.mac });
    const profile = tlv(0xa3, ...protectAll(channel, 0x86, input.upp));
    return { otpkDp, segments: { configureIsdp, metadata, replaceKeys, profile } };
  } finally {
    channel.close();
  }
}

function secureChannelBody(input: { transactionId: Bytes; hostId: Bytes; otpkDp: Bytes }): Bytes {
  if (input.transactionId.length < 1 || input.transactionId.length > 16) {
    throw new RspError('BIND_INPUT_INVALID', 'a transaction id has 1 to 16 octets');
  }
  if (input.hostId.length < 1 || input.hostId.length > 16) {
    throw new RspError('BIND_INPUT_INVALID', 'a host identifier has 1 to 16 octets');
  }
  if (input.otpkDp.length !== 65) throw new RspError('BIND_INPUT_INVALID', 'a one-time public key has 65 octets');
  return concat(
    tlv(0x82, Uint8Array.of(1)),
    tlv(0x80, input.transactionId),
    tlv(0xa6, tlv(0x80, Uint8Array.of(KEY_TYPE_AES)), tlv(0x81, Uint8Array.of(KEY_LENGTH)), tlv(0x84, input.hostId)),
    tlv(0x5f49, input.otpkDp),
  );
}

/** What SK.DPpb signs for the package (5.5.1): the four clear elements of BF23, then the eUICC's one-time key. */
export function initialiseSecureChannelToSign(input: {
  readonly transactionId: Bytes; readonly hostId: Bytes; readonly otpkDp: Bytes; readonly euiccOtpk: Bytes;
}): Bytes {
  if (input.euiccOtpk.length !== 65) throw new RspError('BIND_INPUT_INVALID', 'a one-time public key has 65 octets');
  return concat(secureChannelBody(input), tlv(0x5f49, input.euiccOtpk));
}

/** InitialiseSecureChannel (BF23) with its signature r||s. */
export function initialiseSecureChannel(input: {
  readonly transactionId: Bytes; readonly hostId: Bytes; readonly otpkDp: Bytes; readonly signature: Bytes;
}): Bytes {
  return tlv(0xbf23, secureChannelBody(input), signatureTlv(input.signature));
}

/** BoundProfilePackage (BF36). */
export function assembleBoundPackage(bf23: Bytes, segments: BoundSegments): Bytes {
  demandTlv(bf23, 0xbf23, 'InitialiseSecureChannel');
  return tlv(0xbf36, bf23, encodeSegments(segments));
}

/** The segments one behind the other, as they stand in the package: the form in which they are kept for a retry. */
export function encodeSegments(segments: BoundSegments): Bytes {
  demandTlv(segments.configureIsdp, 0xa0, 'ConfigureISDP block');
  demandTlv(segments.metadata, 0xa1, 'StoreMetadata block');
  demandTlv(segments.profile, 0xa3, 'profile block');
  if (segments.replaceKeys === undefined) return concat(segments.configureIsdp, segments.metadata, segments.profile);
  demandTlv(segments.replaceKeys, 0xa2, 'ReplaceSessionKeys block');
  return concat(segments.configureIsdp, segments.metadata, segments.replaceKeys, segments.profile);
}

/** Reads what {@link encodeSegments} wrote; throws {@link RspError} `MESSAGE_MALFORMED`. */
export function decodeSegments(encoded: Bytes): BoundSegments {
  const nodes = decoding('the kept segments', () => readAll(encoded, { strict: true }));
  const tags = nodes.map((node) => node.tag).join();
  const [configureIsdp, metadata, third, fourth] = nodes.map((node) => node.raw);
  if (tags === '160,161,163') return { configureIsdp: configureIsdp!, metadata: metadata!, profile: third! };
  if (tags === '160,161,162,163') {
    return { configureIsdp: configureIsdp!, metadata: metadata!, replaceKeys: third!, profile: fourth! };
  }
  throw new RspError('MESSAGE_MALFORMED', 'the kept segments are not in the order A0, A1, A2, A3');
}
