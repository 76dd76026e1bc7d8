/** Certificate revocation lists (SGP.22 v2.2, 4.6; RFC 5280, 5): read, and judged with the stored key of their issuer. */
import { hash } from 'node:crypto';
import { children, concat, readOne, readTlv, readAll, sameBytes, TlvError, toHex, utf8Bytes } from '../../shared/tlv/index.ts';
import type { TlvNode } from '../../shared/tlv/index.ts';
import { Cursor, inside, readOid } from './asn1.ts';
import type { Bytes } from './asn1.ts';
import { directoryText, ECDSA_SHA256, rawSignature, readName, readTime } from './certificates.ts';
import type { Name, RspCertificate } from './certificates.ts';
import { verifyRaw } from './curves.ts';
import type { Curve } from './curves.ts';
import { decoding, RspError } from './errors.ts';

export interface RevokedEntry {
  /** See {@link serialText}. */
  readonly serial: string;
  /** UTC epoch milliseconds. */
  readonly at: number;
  /** CRLReason (RFC 5280, 5.3.1). */
  readonly reason?: number;
  /** Name of the issuer of the certificate (DER), where an indirect list names one (RFC 5280, 5.3.3). */
  readonly issuer?: Bytes;
}

export interface CertificateList {
  readonly der: Bytes;
  readonly issuer: Name;
  readonly authorityKeyId?: Bytes;
  readonly number: bigint;
  /** Of a delta list: the complete list it stands on. */
  readonly baseNumber?: bigint;
  /** Of a segment (4.6.1): which of how many, from 1. */
  readonly segment?: { readonly index: number; readonly of: number };
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly entries: readonly RevokedEntry[];
  /** Why the list does not speak for every certificate of its issuer, in words. */
  readonly limited?: string;
  readonly tbs: Bytes;
  /** r||s; undefined when the signature is not ECDSA with SHA-256. */
  readonly signature64?: Bytes;
}

const OID = {
  reason: '2.5.29.21', certificateIssuer: '2.5.29.29', expirationDate: '2.23.146.1.2.0.1',
  number: '2.5.29.20', deltaIndicator: '2.5.29.27', distributionPoint: '2.5.29.28', authorityKeyId: '2.5.29.35',
  total: '2.23.146.1.2.0.2', partial: '2.23.146.1.2.0.3',
} as const;

/** Entry extensions that change nothing here: hold instruction, invalidity date, expiration date of the certificate. */
const PASSIVE_ENTRY = new Set<string>(['2.5.29.23', '2.5.29.24', OID.expirationDate]);
/** List extensions that change nothing here: issuer's other names, freshest CRL, authority information. */
const PASSIVE_LIST = new Set<string>(['2.5.29.18', '2.5.29.46', '1.3.6.1.5.5.7.1.1']);

/** Entries of one list; a list of this many is some hundred megabytes. */
const ENTRIES = 2_000_000;
export const REMOVE_FROM_CRL = 8;

const reasonWords: Readonly<Record<number, string>> = {
  0: 'unspecified', 1: 'key compromised', 2: 'CA compromised', 3: 'affiliation changed', 4: 'superseded', 5: 'no longer in operation',
  // 4.6: whoever is listed is revoked for good, on hold or not.
  6: 'on hold, which counts as revoked for good', 8: 'removed from the list, which counts as revoked for good', 9: 'privilege withdrawn', 10: 'attribute authority compromised',
};
export const reasonText = (reason: number | null | undefined): string => (reason === undefined || reason === null ? 'no reason given' : reasonWords[reason] ?? `reason ${reason}`);

/** A serial number as one number has one text: the INTEGER content in its shortest form, upper-case hexadecimal. */
export function serialText(content: Bytes | string): string {
  let text = (typeof content === 'string' ? content : toHex(content)).toUpperCase();
  while (text.length > 2 && ((text.startsWith('00') && text[2]! < '8') || (text.startsWith('FF') && text[2]! >= '8'))) text = text.slice(2);
  return text;
}

/** An INTEGER of 0 to 20 octets' size, as CRL numbers are (RFC 5280, 5.2.3). */
function readNumber(value: Bytes, name: string): bigint {
  if (value.length === 0 || value.length > 21 || value[0]! & 0x80) throw new TlvError('TLV_BAD_VALUE', `${name} is not a number of at most 20 octets`);
  return BigInt(`0x${toHex(value)}`);
}

function smallNumber(value: Bytes, name: string): number {
  const number = readNumber(value, name);
  if (number > 1_000_000n) throw new TlvError('TLV_BAD_VALUE', `${name} is out of all proportion`);
  return Number(number);
}

interface Extension { readonly oid: string; readonly critical: boolean; readonly value: Bytes }

function readExtensions(list: Bytes): Extension[] {
  const seen = new Set<string>();
  return readAll(list).map((node) => {
    const fields = inside(node);
    const oid = readOid(fields.take('extension identifier', 0x06).value);
    if (seen.has(oid)) throw new TlvError('TLV_BAD_VALUE', `extension ${oid} stands twice`);
    seen.add(oid);
    const critical = fields.optional(0x01);
    return { oid, critical: critical !== undefined && critical.value[0] !== 0, value: fields.take('extension value', 0x04).value };
  });
}

const unsupported = (message: string): RspError => new RspError('CRL_UNSUPPORTED', message);

interface EntryContext { readonly indirect: boolean; issuer: Bytes | undefined }

function readEntry(node: TlvNode, context: EntryContext): RevokedEntry {
  if (node.tag !== 0x30) throw new TlvError('TLV_UNEXPECTED_TAG', 'a revocation entry is not a sequence');
  const fields = inside(node);
  const serial = fields.take('serial number', 0x02).value;
  if (serial.length === 0 || serial.length > 64) throw new TlvError('TLV_BAD_VALUE', 'a serial number of unexpected size');
  const at = readTime(fields.take('revocation date', 0x17, 0x18)).getTime();
  const extensions = fields.optional(0x30);
  if (!fields.atEnd) throw new TlvError('TLV_TRAILING_BYTES', 'something stands behind a revocation entry');
  let reason: number | undefined;
  for (const { oid, critical, value } of extensions ? readExtensions(extensions.value) : []) {
    if (oid === OID.reason) {
      reason = smallNumber(readOne(value, 0x0a).value, 'a revocation reason');
    } else if (oid === OID.certificateIssuer) {
      const name = children(readOne(value, 0x30)).find((one) => one.tag === 0xa4);
      if (name === undefined) throw new TlvError('TLV_BAD_VALUE', 'a revocation entry names the issuer of its certificate in an unknown way');
      if (!context.indirect) throw new TlvError('TLV_BAD_VALUE', 'a revocation entry names another issuer, but the list does not say that it is indirect');
      // A copy: the list itself is not kept.
      context.issuer = Uint8Array.from(readOne(name.value, 0x30).raw);
    } else if (critical && !PASSIVE_ENTRY.has(oid)) {
      // RFC 5280, 5.3: such a list must not be used for any certificate.
      throw unsupported(`A revocation entry has a critical extension this program does not know (${oid}); the list cannot be used.`);
    }
  }
  return { serial: serialText(serial), at, ...(reason === undefined ? {} : { reason }), ...(context.issuer === undefined ? {} : { issuer: context.issuer }) };
}

function readEntries(list: Bytes, indirect: boolean): RevokedEntry[] {
  const entries: RevokedEntry[] = [];
  const context: EntryContext = { indirect, issuer: undefined };
  for (let at = 0; at < list.length; ) {
    const { node, end } = readTlv(list, at);
    at = end;
    entries.push(readEntry(node, context));
    if (entries.length > ENTRIES) throw unsupported(`The list has more than ${ENTRIES} entries.`);
  }
  return entries;
}

/** IssuingDistributionPoint (RFC 5280, 5.2.5): whether it is indirect, and why it is not complete. */
function readScope(value: Bytes): { indirect: boolean; limited?: string } {
  const limits: Readonly<Record<number, string>> = {
    0x81: 'It covers only certificates that are not of a CA.', 0x82: 'It covers only certificates of CAs.', 0xa3: 'It covers only some reasons of revocation.',
    0x83: 'It covers only some reasons of revocation.', 0x85: 'It covers only attribute certificates.',
  };
  let indirect = false;
  let limited: string | undefined;
  for (const field of children(readOne(value, 0x30))) {
    const set = field.tag === 0xa3 || field.tag === 0x83 || field.value.some((octet) => octet !== 0);
    if (field.tag === 0x84) indirect = set;
    else if (set && limits[field.tag] !== undefined) limited ??= limits[field.tag];
    else if (field.tag !== 0xa0 && limits[field.tag] === undefined) throw new TlvError('TLV_UNEXPECTED_TAG', 'an issuing distribution point with an unknown field');
  }
  return { indirect, ...(limited === undefined ? {} : { limited }) };
}

interface ListExtensions {
  authorityKeyId?: Bytes; number?: bigint; baseNumber?: bigint; total?: number; partial?: number; indirect: boolean; limited?: string;
}

function readListExtensions(node: TlvNode | undefined): ListExtensions {
  const out: ListExtensions = { indirect: false };
  for (const { oid, critical, value } of node ? readExtensions(readOne(node.value, 0x30).value) : []) {
    switch (oid) {
      case OID.authorityKeyId:
        out.authorityKeyId = children(readOne(value, 0x30)).find((field) => field.tag === 0x80)?.value;
        break;
      case OID.number:
        out.number = readNumber(readOne(value, 0x02).value, 'the CRL number');
        break;
      case OID.deltaIndicator:
        out.baseNumber = readNumber(readOne(value, 0x02).value, 'the number of the base CRL');
        break;
      case OID.distributionPoint:
        Object.assign(out, readScope(value));
        break;
      case OID.total:
        out.total = smallNumber(readOne(value, 0x02).value, 'the number of segments');
        break;
      case OID.partial:
        out.partial = smallNumber(readOne(value, 0x02).value, 'the number of the segment');
        break;
      default:
        if (critical && !PASSIVE_LIST.has(oid)) throw unsupported(`The list has a critical extension this program does not know (${oid}) and cannot be used.`);
    }
  }
  return out;
}

/**
 * Reads one CertificateList (DER). Nothing is judged: no time, no signature, no issuer.
 * Throws {@link RspError} `CRL_MALFORMED`, or `CRL_UNSUPPORTED` for one that says something this reader cannot honour.
 */
export function parseCrl(der: Bytes): CertificateList {
  return decoding('the revocation list', () => {
    const root = readOne(der, 0x30, { strict: true });
    const parts = new Cursor(children(root, { strict: true }));
    const tbs = parts.take('tbsCertList', 0x30);
    const algorithm = parts.take('signatureAlgorithm', 0x30);
    const bits = parts.take('signatureValue', 0x03).value;
    if (!parts.atEnd) throw new TlvError('TLV_TRAILING_BYTES', 'something stands behind the signature');
    const fields = inside(tbs);
    if (fields.optional(0xa0) !== undefined) throw new TlvError('TLV_UNEXPECTED_TAG', 'it is a certificate');
    const version = fields.optional(0x02);
    if (version === undefined || version.value.length !== 1 || version.value[0] !== 1) throw unsupported('The list is not of version 2.');
    const innerAlgorithm = fields.take('signature', 0x30);
    const issuer = readName(fields.take('issuer', 0x30));
    const thisUpdate = readTime(fields.take('thisUpdate', 0x17, 0x18));
    const next = fields.optional(0x17) ?? fields.optional(0x18);
    if (next === undefined) throw new TlvError('TLV_BAD_VALUE', 'it does not say when the next list comes (nextUpdate)');
    const nextUpdate = readTime(next);
    const entries = fields.optional(0x30);
    const { indirect, total, partial, number, ...extensions } = readListExtensions(fields.optional(0xa0));
    if (!fields.atEnd) throw new TlvError('TLV_TRAILING_BYTES', 'something stands behind the extensions');
    if (number === undefined) throw new TlvError('TLV_BAD_VALUE', 'it has no CRL number, so nobody can tell whether it is the newest');
    if ((total === undefined) !== (partial === undefined)) throw new TlvError('TLV_BAD_VALUE', 'only one of the two segment numbers is there');
    if (total !== undefined && (partial! < 1 || partial! > total)) throw new TlvError('TLV_BAD_VALUE', `it calls itself segment ${partial} of ${total}`);
    const known = readOid(inside(algorithm).take('algorithm', 0x06).value) === ECDSA_SHA256 && sameBytes(algorithm.raw, innerAlgorithm.raw);
    return {
      der: root.raw, issuer, thisUpdate, nextUpdate, number, ...extensions, entries: entries ? readEntries(entries.value, indirect) : [],
      ...(total === undefined ? {} : { segment: { index: partial!, of: total } }), tbs: tbs.raw,
      signature64: known && bits[0] === 0 ? rawSignature(bits.subarray(1)) : undefined,
    };
  }, 'CRL_MALFORMED');
}

/** The lists in a DER file: one CertificateList, or a SegmentedCrlList (SGP.22 v2.2, 4.5.2.1.3). Throws {@link RspError} `CRL_MALFORMED`. */
export function splitCrls(der: Bytes): Bytes[] {
  return decoding('the revocation list', () => {
    const inner = children(readOne(der, 0x30));
    const segmented = inner.length > 0 && inner.every((node) => node.tag === 0x30 && node.value[0] === 0x30);
    return segmented ? inner.map((node) => node.raw) : [der];
  }, 'CRL_MALFORMED');
}

/** Whether this key signed the list. */
export function crlSignedBy(list: CertificateList, curve: Curve, publicPoint: Bytes): boolean {
  return list.signature64 !== undefined && verifyRaw(curve, publicPoint, list.tbs, list.signature64);
}

/**
 * What an indirect list of a CI is stored under: the CI's key and the name of the certificate's issuer, because such an entry
 * names no key. Names compare without case and with single blanks (RFC 5280, 7.1), whatever string type they were written in.
 */
export function namedIssuer(ciKeyId: Bytes, name: Bytes): Bytes {
  const parts = children(readOne(name, 0x30)).map((rdn) => children(rdn).map((attribute) => {
    const [type, value] = children(attribute);
    if (type === undefined || value === undefined) throw new TlvError('TLV_TRUNCATED', 'a name with half an attribute');
    return `${readOid(type.value)}=${directoryText(value).trim().replace(/\s+/g, ' ').toLowerCase()}`;
  }).sort().join('+'));
  return Uint8Array.from(hash('sha256', concat(ciKeyId, utf8Bytes(`\n${parts.join('\n')}`)), 'buffer'));
}

export interface Revocation {
  /** UTC epoch milliseconds. */
  readonly at: number;
  readonly reason?: number;
}

/** What is known of revoked certificates at this moment. */
export interface RevocationLookup {
  /** `issuerKeyId`: subject key identifier of who issued the certificate; `serialHex`: its serial number as the certificate has it. */
  isRevoked(issuerKeyId: Bytes, serialHex: string): Revocation | undefined;
  /** Where a chain must not be accepted without a list in force: what is missing, in words. */
  missing?(ciKeyId: Bytes, at: Date): string | undefined;
}

/** What the certificates of an eUICC's chain are looked up by: issuer as hexadecimal, serial number as lists write it. */
export function chainLookups(euicc: RspCertificate, eum: RspCertificate, ciKeyId: Bytes): [issuer: string, serial: string][] {
  const serial = serialText(euicc.serialHex);
  const found: [string, string][] = [[toHex(ciKeyId), serialText(eum.serialHex)]];
  if (eum.subjectKeyId !== undefined) found.push([toHex(eum.subjectKeyId), serial]);
  try {
    found.push([toHex(namedIssuer(ciKeyId, euicc.issuer.raw)), serial]);
  } catch (error) {
    if (!(error instanceof TlvError)) throw error;
  }
  return found;
}

/** A certificate below a CI: listed by who issued it, or by the CI under its issuer's name. */
export function revocationOfCertificate(
  lookup: RevocationLookup, certificate: RspCertificate, issuerKeyId: Bytes, ciKeyId: Bytes,
): Revocation | undefined {
  const direct = lookup.isRevoked(issuerKeyId, certificate.serialHex);
  if (direct || sameBytes(issuerKeyId, ciKeyId)) return direct;
  try {
    return lookup.isRevoked(namedIssuer(ciKeyId, certificate.issuer.raw), certificate.serialHex);
  } catch (error) {
    if (error instanceof TlvError) return undefined;
    throw error;
  }
}
