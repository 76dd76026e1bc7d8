/** Writes revocation lists of a lab CI or EUM (SGP.22 v2.2, 4.6, tables 17 and 18), and on request deliberately wrong ones. */
import { concat, integerBytes, tlv, utf8Bytes } from '../../../shared/tlv/index.ts';
import { nameDer } from './certificate.ts';
import type { Issuer, Name } from './certificate.ts';
import { bitString, boolean, octetString, oid, sequence, time, unsignedInteger } from './der.ts';
import { generateLabKey, signForCertificate } from './keys.ts';
import type { LabCurve } from './keys.ts';

export interface RevokedLabCertificate {
  /** Content octets of the serial number. */
  readonly serial: Uint8Array;
  readonly at: Date;
  readonly reason?: number;
  /** Expiration date of the certificate (id-rsp-expDate). */
  readonly expires?: Date;
  /** Name of the issuer of the certificate, where that is not who signs the list: makes the list indirect. */
  readonly issuer?: Name;
  /** Puts a critical extension nobody knows on the entry. */
  readonly unknownCritical?: boolean;
}

export type CrlDefect =
  | 'bad-signature' | 'no-authority-key-id' | 'no-number' | 'no-next-update' | 'version-1' | 'unknown-critical-extension' | 'only-user-certificates'
  | 'only-ca-certificates' | 'only-some-reasons' | 'not-indirect' | 'one-segment-number';

export interface CrlRequest {
  readonly issuer: Issuer;
  readonly curve: LabCurve;
  /** Below 2^48. */
  readonly number: number;
  /** Makes a delta list on this one. */
  readonly baseNumber?: number;
  readonly segment?: { readonly index: number; readonly of: number };
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly revoked: readonly RevokedLabCertificate[];
  readonly url?: string;
  readonly defects?: readonly CrlDefect[];
}

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const extension = (id: string, critical: boolean, value: Uint8Array): Uint8Array => sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));
const number = (value: number): Uint8Array => tlv(0x02, integerBytes(value));

function entry(revoked: RevokedLabCertificate): Uint8Array {
  const extensions = [
    ...(revoked.reason === undefined ? [] : [extension('2.5.29.21', false, tlv(0x0a, integerBytes(revoked.reason)))]),
    ...(revoked.expires === undefined ? [] : [extension('2.23.146.1.2.0.1', true, time(revoked.expires))]),
    ...(revoked.issuer === undefined ? [] : [extension('2.5.29.29', true, sequence(tlv(0xa4, nameDer(revoked.issuer))))]),
    ...(revoked.unknownCritical ? [extension('2.999.99', true, octetString(Uint8Array.of(1)))] : []),
  ];
  return sequence(tlv(0x02, revoked.serial), time(revoked.at), ...(extensions.length > 0 ? [sequence(...extensions)] : []));
}

function listExtensions(request: CrlRequest, has: (defect: CrlDefect) => boolean): Uint8Array[] {
  const { issuer, segment, baseNumber } = request;
  const indirect = request.revoked.some((one) => one.issuer !== undefined) && !has('not-indirect');
  const scope = [
    tlv(0xa0, tlv(0xa0, tlv(0x86, utf8Bytes(request.url ?? 'http://ci.mvne-desk-lab.invalid/CRL-A.crl')))),
    ...(has('only-user-certificates') ? [tlv(0x81, Uint8Array.of(0xff))] : []), ...(has('only-ca-certificates') ? [tlv(0x82, Uint8Array.of(0xff))] : []),
    ...(has('only-some-reasons') ? [tlv(0x83, Uint8Array.of(6, 0x40))] : []), ...(indirect ? [tlv(0x84, Uint8Array.of(0xff))] : []),
  ];
  return [
    ...(has('no-authority-key-id') ? [] : [extension('2.5.29.35', true, sequence(tlv(0x80, issuer.keyId)))]),
    ...(has('no-number') ? [] : [extension('2.5.29.20', false, number(request.number))]),
    extension('2.5.29.28', true, sequence(...scope)),
    ...(baseNumber === undefined ? [] : [extension('2.5.29.27', true, number(baseNumber))]),
    ...(segment === undefined ? [] : [extension('2.23.146.1.2.0.2', false, number(segment.of)), ...(has('one-segment-number') ? [] : [extension('2.23.146.1.2.0.3', false, number(segment.index))])]),
    ...(has('unknown-critical-extension') ? [extension('2.999.99', true, octetString(Uint8Array.of(1)))] : []),
  ];
}

/** Issues one revocation list (DER). */
export function issueCrl(request: CrlRequest): Uint8Array {
  const has = (defect: CrlDefect): boolean => request.defects?.includes(defect) ?? false;
  const algorithm = sequence(oid(ECDSA_WITH_SHA256));
  const tbs = sequence(
    ...(has('version-1') ? [] : [number(1)]), algorithm, nameDer(request.issuer.name), time(request.thisUpdate), ...(has('no-next-update') ? [] : [time(request.nextUpdate)]),
    ...(request.revoked.length > 0 ? [sequence(concat(...request.revoked.map(entry)))] : []), tlv(0xa0, sequence(...listExtensions(request, has))),
  );
  const key = has('bad-signature') ? generateLabKey(request.curve, (length) => new Uint8Array(length).fill(0x5a)).privateKeyPkcs8 : request.issuer.privateKeyPkcs8;
  return sequence(tbs, algorithm, bitString(signForCertificate(key, tbs)));
}

/** The segments of one list as a CI's server sends them (4.5.2.1.3). */
export const segmentedCrlList = (segments: readonly Uint8Array[]): Uint8Array => sequence(...segments);

/** A serial number from hexadecimal text, as INTEGER content. */
export const serialContent = (hex: string): Uint8Array => unsignedInteger(Uint8Array.from(Buffer.from(hex, 'hex'))).subarray(2);
