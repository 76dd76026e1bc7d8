/**
 * X.509 certificates as RSP profiles them (SGP.22 v2.2, 4.5.2), read with the project's own DER walker: OpenSSL's path
 * rules refuse a valid chain, because RSP's name constraint on the serial number is a prefix of the EID and not a value.
 */
import { children, readAll, readInteger, readOne, readUtf8, sameBytes, toHex, TlvError } from '../../shared/tlv/index.ts';
import type { TlvNode } from '../../shared/tlv/index.ts';
import { Cursor, inside, readBits, readOid } from './asn1.ts';
import type { Bytes } from './asn1.ts';
import { curveOfOid, isOnCurve, verifyRaw } from './curves.ts';
import type { Curve } from './curves.ts';
import { decoding, RspError } from './errors.ts';

export interface Name {
  readonly commonName?: string;
  readonly organization?: string;
  readonly organizationalUnit?: string;
  readonly country?: string;
  /** Attribute 2.5.4.5: the EID of an eUICC, an IIN in a name constraint. */
  readonly serialNumber?: string;
  readonly raw: Bytes;
}

/** One permitted subtree of an EUM certificate: an organization and the EID digits it may begin with. */
export interface PermittedEids {
  readonly organization?: string;
  readonly eidPrefix?: string;
}

export type KeyUsage =
  | 'digitalSignature' | 'nonRepudiation' | 'keyEncipherment' | 'dataEncipherment' | 'keyAgreement' | 'keyCertSign' | 'cRLSign'
  | 'encipherOnly' | 'decipherOnly';
const KEY_USAGES: readonly KeyUsage[] = [
  'digitalSignature', 'nonRepudiation', 'keyEncipherment', 'dataEncipherment', 'keyAgreement', 'keyCertSign', 'cRLSign',
  'encipherOnly', 'decipherOnly',
];

export interface RspCertificate {
  readonly der: Bytes;
  /** Content octets as received, in hexadecimal; serials of more than 8 octets exist. */
  readonly serialHex: string;
  readonly subject: Name;
  readonly issuer: Name;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly curve: Curve;
  readonly publicPoint: Bytes;
  readonly subjectKeyId?: Bytes;
  readonly authorityKeyId?: Bytes;
  readonly keyUsage: readonly KeyUsage[];
  readonly basicConstraints?: { readonly ca: boolean; readonly pathLength?: number };
  readonly policies: readonly string[];
  readonly registeredIds: readonly string[];
  readonly dnsNames: readonly string[];
  /** As people write them: `192.0.2.1`, `2001:db8:0:0:0:0:0:1`. */
  readonly ipAddresses: readonly string[];
  readonly extendedKeyUsage: readonly string[];
  readonly permittedEids?: readonly PermittedEids[];
  readonly crlDistributionPoints: readonly string[];
  /** Object identifiers of critical extensions this reader does not know. */
  readonly unknownCritical: readonly string[];
  /** The signed octets as received. */
  readonly tbs: Bytes;
  /** r||s; undefined when the signature is not ECDSA with SHA-256 in a readable form: nothing verifies then. */
  readonly signature64?: Bytes;
}

/** Outside the signed part a certificate has one form only; what the signature does not cover must not vary. */
const DER = { strict: true };

export const ECDSA_SHA256 = '1.2.840.10045.4.3.2';
const EC_PUBLIC_KEY = '1.2.840.10045.2.1';
const RSA = new Set(['1.2.840.113549.1.1.1', '1.2.840.113549.1.1.10']);
const KNOWN_EXTENSIONS = new Set([
  '2.5.29.14', '2.5.29.15', '2.5.29.17', '2.5.29.18', '2.5.29.19', '2.5.29.30', '2.5.29.31', '2.5.29.32', '2.5.29.35', '2.5.29.37',
  '2.23.146.1.2.2.0',
]);

/** Text of a directory string; UTF-8, printable, IA5 and T.61 octets read alike, BMP strings as UTF-16. */
export function directoryText(node: TlvNode): string {
  if (node.tag === 0x1e) {
    let text = '';
    for (let i = 0; i + 1 < node.value.length; i += 2) text += String.fromCharCode(node.value[i]! * 256 + node.value[i + 1]!);
    return text;
  }
  if (node.tag === 0x14) return Buffer.from(node.value).toString('latin1');
  return readUtf8(node.value);
}

export function readName(node: TlvNode): Name {
  const found: Record<string, string> = {};
  const names: Record<string, string> = {
    '2.5.4.3': 'commonName', '2.5.4.5': 'serialNumber', '2.5.4.6': 'country', '2.5.4.10': 'organization', '2.5.4.11': 'organizationalUnit',
  };
  for (const rdn of children(node)) {
    for (const attribute of children(rdn)) {
      const fields = inside(attribute);
      const name = names[readOid(fields.take('attribute type', 0x06).value)];
      const value = readAll(attribute.value)[1];
      if (name !== undefined && value !== undefined && !(name in found)) found[name] = directoryText(value);
    }
  }
  return { ...found, raw: node.raw };
}

/** UTCTime (years 1950 to 2049) or GeneralizedTime, both in UTC with seconds. */
export function readTime(node: TlvNode): Date {
  const text = Buffer.from(node.value).toString('latin1');
  const match = node.tag === 0x17 ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
    : node.tag === 0x18 ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) : null;
  if (match === null) throw new TlvError('TLV_BAD_VALUE', 'a validity time in an unknown form');
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [number, number, number, number, number, number];
  const fullYear = node.tag === 0x18 ? year : year < 50 ? 2000 + year : 1900 + year;
  const date = new Date(0);
  date.setUTCFullYear(fullYear, month - 1, day);
  date.setUTCHours(hour, minute, second, 0);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59) {
    throw new TlvError('TLV_BAD_VALUE', 'a validity time that does not exist');
  }
  return date;
}

function readKey(node: TlvNode): { curve: Curve; publicPoint: Bytes } {
  const parts = inside(node);
  const algorithm = inside(parts.take('algorithm', 0x30));
  const bits = parts.take('subjectPublicKey', 0x03).value;
  const algorithmId = readOid(algorithm.take('algorithm identifier', 0x06).value);
  if (algorithmId !== EC_PUBLIC_KEY) {
    throw new RspError('CERTIFICATE_UNSUPPORTED', RSA.has(algorithmId) ? 'the certificate holds an RSA key' : 'the certificate does not hold an elliptic-curve key');
  }
  const parameters = algorithm.take('curve', 0x06, 0x30);
  const curve = parameters.tag === 0x06 ? curveOfOid(readOid(parameters.value)) : undefined;
  if (curve === undefined) throw new RspError('CERTIFICATE_UNSUPPORTED', 'the certificate holds a key on a curve other than P-256 and brainpoolP256r1');
  const publicPoint = bits.subarray(1);
  if (bits[0] !== 0 || !isOnCurve(curve, publicPoint)) throw new TlvError('TLV_BAD_VALUE', 'the public key is not a point of its curve');
  return { curve, publicPoint };
}

/** DER (r, s) to r||s; undefined when it is not exactly that in its only form, or a number does not fit 32 octets. */
export function rawSignature(der: Bytes): Bytes | undefined {
  const out = new Uint8Array(64);
  const numbers = new Cursor(children(readOne(der, 0x30, DER), DER));
  for (const end of [32, 64]) {
    const { value } = numbers.take('signature number', 0x02);
    const padded = value.length > 1 && value[0] === 0;
    const digits = padded ? value.subarray(1) : value;
    if (digits.length === 0 || digits.length > 32 || padded === (digits[0]! < 0x80)) return undefined;
    out.set(digits, end - digits.length);
  }
  return numbers.atEnd ? out : undefined;
}

/** One address, or none where the octets are neither of IPv4 nor of IPv6. */
function ipText(value: Bytes): string[] {
  if (value.length === 4) return [value.join('.')];
  if (value.length !== 16) return [];
  return [Array.from({ length: 8 }, (_, i) => (value[2 * i]! * 256 + value[2 * i + 1]!).toString(16)).join(':')];
}

interface Extensions {
  subjectKeyId?: Bytes;
  authorityKeyId?: Bytes;
  keyUsage: KeyUsage[];
  basicConstraints?: { ca: boolean; pathLength?: number };
  policies: string[];
  registeredIds: string[];
  dnsNames: string[];
  ipAddresses: string[];
  extendedKeyUsage: string[];
  permittedEids?: PermittedEids[];
  crlDistributionPoints: string[];
  unknownCritical: string[];
}

function readExtension(oid: string, value: Bytes, out: Extensions): void {
  switch (oid) {
    case '2.5.29.14':
      out.subjectKeyId = readOne(value, 0x04).value;
      return;
    case '2.5.29.35':
      out.authorityKeyId = children(readOne(value, 0x30)).find((node) => node.tag === 0x80)?.value;
      return;
    case '2.5.29.15':
      out.keyUsage = readBits(readOne(value, 0x03).value).filter((bit) => bit < KEY_USAGES.length).map((bit) => KEY_USAGES[bit]!);
      return;
    case '2.5.29.19': {
      const fields = inside(readOne(value, 0x30));
      const ca = fields.optional(0x01);
      const pathLength = fields.optional(0x02);
      out.basicConstraints = { ca: ca !== undefined && ca.value[0] !== 0, pathLength: pathLength && readInteger(pathLength.value) };
      return;
    }
    case '2.5.29.32':
      out.policies = children(readOne(value, 0x30)).map((policy) => readOid(inside(policy).take('policy', 0x06).value));
      return;
    case '2.5.29.17':
      for (const name of children(readOne(value, 0x30))) {
        if (name.tag === 0x88) out.registeredIds.push(readOid(name.value));
        if (name.tag === 0x82) out.dnsNames.push(readUtf8(name.value));
        if (name.tag === 0x87) out.ipAddresses.push(...ipText(name.value));
      }
      return;
    case '2.5.29.37':
      out.extendedKeyUsage = children(readOne(value, 0x30)).map((node) => readOid(node.value));
      return;
    case '2.5.29.30':
      out.permittedEids = readPermitted(value);
      return;
    case '2.23.146.1.2.2.0':
      out.permittedEids = children(readOne(value, 0x30)).map((node) => ({ eidPrefix: directoryText(node) }));
      return;
    case '2.5.29.31':
      for (const point of children(readOne(value, 0x30))) {
        const fullName = inside(point).optional(0xa0);
        if (fullName === undefined) continue;
        const names = inside(fullName).optional(0xa0);
        for (const uri of names ? children(names) : []) if (uri.tag === 0x86) out.crlDistributionPoints.push(readUtf8(uri.value));
      }
  }
}

/** Permitted directory names of a name constraint; other kinds of names do not occur in RSP. */
function readPermitted(value: Bytes): PermittedEids[] {
  const found: PermittedEids[] = [];
  for (const list of children(readOne(value, 0x30))) {
    if (list.tag !== 0xa0) continue;
    for (const subtree of children(list)) {
      const base = children(subtree)[0];
      if (base?.tag !== 0xa4) continue;
      const { organization, serialNumber } = readName(readOne(base.value, 0x30));
      found.push({ organization, eidPrefix: serialNumber });
    }
  }
  return found;
}

function readExtensions(node: TlvNode | undefined): Extensions {
  const out: Extensions = {
    keyUsage: [], policies: [], registeredIds: [], dnsNames: [], ipAddresses: [], extendedKeyUsage: [], crlDistributionPoints: [], unknownCritical: [],
  };
  if (node === undefined) return out;
  const seen = new Set<string>();
  for (const extension of children(readOne(node.value, 0x30))) {
    const fields = inside(extension);
    const oid = readOid(fields.take('extension identifier', 0x06).value);
    if (seen.has(oid)) throw new TlvError('TLV_BAD_VALUE', `extension ${oid} stands twice`);
    seen.add(oid);
    const critical = fields.optional(0x01);
    readExtension(oid, fields.take('extension value', 0x04).value, out);
    if (critical !== undefined && critical.value[0] !== 0 && !KNOWN_EXTENSIONS.has(oid)) out.unknownCritical.push(oid);
  }
  return out;
}

/**
 * Reads an X.509 v3 certificate with a P-256 or brainpoolP256r1 key. Nothing is judged here: no time, no signature, no role.
 * Throws {@link RspError} `CERTIFICATE_MALFORMED` or `CERTIFICATE_UNSUPPORTED` (another kind of key).
 */
export function parseCertificate(der: Bytes): RspCertificate {
  return decoding('the certificate', () => {
    const root = readOne(der, 0x30, DER);
    const parts = new Cursor(children(root, DER));
    const tbs = parts.take('tbsCertificate', 0x30);
    const algorithm = parts.take('signatureAlgorithm', 0x30);
    const bits = parts.take('signatureValue', 0x03).value;
    if (!parts.atEnd) throw new TlvError('TLV_TRAILING_BYTES', 'something stands behind the signature');
    const fields: Cursor = inside(tbs);
    fields.optional(0xa0);
    const serial = fields.take('serialNumber', 0x02);
    if (serial.value.length === 0) throw new TlvError('TLV_BAD_VALUE', 'a serial number without a digit');
    const innerAlgorithm = fields.take('signature', 0x30);
    const issuer = readName(fields.take('issuer', 0x30));
    const validity = inside(fields.take('validity', 0x30));
    const notBefore = readTime(validity.take('notBefore', 0x17, 0x18));
    const notAfter = readTime(validity.take('notAfter', 0x17, 0x18));
    const subject = readName(fields.take('subject', 0x30));
    const key = readKey(fields.take('subjectPublicKeyInfo', 0x30));
    fields.optional(0x81);
    fields.optional(0x82);
    const extensions = readExtensions(fields.optional(0xa3));
    const known = readOid(inside(algorithm).take('algorithm', 0x06).value) === ECDSA_SHA256 && sameBytes(algorithm.raw, innerAlgorithm.raw);
    return {
      der: root.raw,
      serialHex: toHex(serial.value),
      subject,
      issuer,
      notBefore,
      notAfter,
      ...key,
      ...extensions,
      tbs: tbs.raw,
      signature64: known && bits[0] === 0 ? rawSignature(bits.subarray(1)) : undefined,
    };
  }, 'CERTIFICATE_MALFORMED');
}

export type RspRole = 'ci' | 'euicc' | 'eum' | 'dptls' | 'dpauth' | 'dppb' | 'dstls' | 'dsauth';

/** id-rspRole and its arcs (SGP.22 v2.2, annex H). */
export const ROLE_OIDS: Readonly<Record<RspRole, string>> = {
  ci: '2.23.146.1.2.1.0', euicc: '2.23.146.1.2.1.1', eum: '2.23.146.1.2.1.2', dptls: '2.23.146.1.2.1.3',
  dpauth: '2.23.146.1.2.1.4', dppb: '2.23.146.1.2.1.5', dstls: '2.23.146.1.2.1.6', dsauth: '2.23.146.1.2.1.7',
};
/** The policy newer EUM certificates carry instead (SGP.14). */
const EUM_V3 = '2.23.146.1.2.1.0.0.0';

/** The RSP role the certificate policies name; undefined when they name none or several. */
export function role(certificate: RspCertificate): RspRole | undefined {
  const found = (Object.keys(ROLE_OIDS) as RspRole[]).filter((name) => certificate.policies.includes(ROLE_OIDS[name]));
  if (certificate.policies.includes(EUM_V3)) found.push('eum');
  return found.length === 1 ? found[0] : undefined;
}

/** True when the issuer's key made the certificate's signature. */
export function verifySignedBy(certificate: RspCertificate, issuerCurve: Curve, issuerPoint: Bytes): boolean {
  return certificate.signature64 !== undefined && verifyRaw(issuerCurve, issuerPoint, certificate.tbs, certificate.signature64);
}
