/**
 * X.509 certificates of TLS clients, of any kind brands come with: RSA, elliptic curves, Ed25519. Read with the project's own
 * DER walker; OpenSSL gets to see a public key and the signed octets only, and a key only once its certificate is trusted.
 */
import { constants, createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { children, readOne, readUtf8, TlvError } from '../../../shared/tlv/index.ts';
import type { TlvNode } from '../../../shared/tlv/index.ts';
import { Cursor, inside, readBits, readOid } from '../../rsp/asn1.ts';

export interface ClientCertificate {
  readonly der: Uint8Array;
  /** Issuer and subject as they stand in the certificate (DER). */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly subjectText: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SubjectPublicKeyInfo (DER). */
  readonly publicKey: Uint8Array;
  readonly subjectKeyId?: Uint8Array;
  readonly authorityKeyId?: Uint8Array;
  /** Absent without the extension. */
  readonly basicConstraints?: { readonly ca: boolean; readonly pathLength?: number };
  /** Bit numbers of RFC 5280, 4.2.1.3; absent without the extension. */
  readonly keyUsage?: readonly number[];
  readonly extendedKeyUsage?: readonly string[];
  /** Object identifiers of critical extensions that are not looked at. */
  readonly unknownCritical: readonly string[];
  readonly tbs: Uint8Array;
  readonly signature: Uint8Array;
  readonly algorithm: string;
  /** Parameters of the algorithm (DER), as RSASSA-PSS has them. */
  readonly parameters?: Uint8Array;
}

export const keyUsageBits = { digitalSignature: 0, keyCertSign: 5 } as const;

const ATTRIBUTES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN', '2.5.4.5': 'serialNumber', '2.5.4.6': 'C', '2.5.4.10': 'O', '2.5.4.11': 'OU', '2.5.4.7': 'L', '2.5.4.8': 'ST',
};
/** Extensions that are judged, or ask nothing of a TLS client: names, key identifiers, policies, where to find CRLs. */
const UNDERSTOOD = new Set(['2.5.29.14', '2.5.29.15', '2.5.29.17', '2.5.29.18', '2.5.29.19', '2.5.29.31', '2.5.29.32', '2.5.29.35', '2.5.29.37']);
const STRICT = { strict: true };

function text(node: TlvNode): string {
  if (node.tag === 0x1e) {
    let out = '';
    for (let i = 0; i + 1 < node.value.length; i += 2) out += String.fromCharCode(node.value[i]! * 256 + node.value[i + 1]!);
    return out;
  }
  return node.tag === 0x14 ? Buffer.from(node.value).toString('latin1') : readUtf8(node.value);
}

// Control and direction characters could make a name look like another one on screen.
const UNSHOWN = /[\p{C}\p{Z}]+/gu;

function nameText(node: TlvNode): string {
  const parts: string[] = [];
  for (const rdn of children(node)) {
    for (const attribute of children(rdn)) {
      const fields = inside(attribute);
      const name = ATTRIBUTES[readOid(fields.take('attribute type', 0x06).value)];
      const value = children(attribute)[1];
      if (name !== undefined && value !== undefined) parts.push(`${name}=${text(value).replace(UNSHOWN, ' ').trim().slice(0, 100)}`);
    }
  }
  return parts.slice(0, 8).join(', ') || '(no name)';
}

function time(node: TlvNode): Date {
  const written = Buffer.from(node.value).toString('latin1');
  const utc = node.tag === 0x17;
  const match = (utc ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/ : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/).exec(written);
  if (!match) throw new TlvError('TLV_BAD_VALUE', 'a validity time in an unknown form');
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [number, number, number, number, number, number];
  const date = new Date(0);
  date.setUTCFullYear(utc ? (year < 50 ? 2000 + year : 1900 + year) : year, month - 1, day);
  date.setUTCHours(hour, minute, second, 0);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59) throw new TlvError('TLV_BAD_VALUE', 'a validity time that does not exist');
  return date;
}

interface Extensions {
  subjectKeyId?: Uint8Array;
  authorityKeyId?: Uint8Array;
  basicConstraints?: { ca: boolean; pathLength?: number };
  keyUsage?: number[];
  extendedKeyUsage?: string[];
  unknownCritical: string[];
}

function readExtension(id: string, value: Uint8Array, out: Extensions): void {
  if (id === '2.5.29.14') out.subjectKeyId = readOne(value, 0x04).value;
  else if (id === '2.5.29.15') out.keyUsage = readBits(readOne(value, 0x03).value);
  else if (id === '2.5.29.37') out.extendedKeyUsage = children(readOne(value, 0x30)).map((node) => readOid(node.value));
  else if (id === '2.5.29.35') {
    const keyId = children(readOne(value, 0x30)).find((node) => node.tag === 0x80)?.value;
    if (keyId) out.authorityKeyId = keyId;
  } else if (id === '2.5.29.19') {
    const fields = inside(readOne(value, 0x30));
    const ca = fields.optional(0x01);
    const length = fields.optional(0x02)?.value;
    if (length && (length.length !== 1 || length[0]! > 127)) throw new TlvError('TLV_BAD_VALUE', 'a path length out of range');
    out.basicConstraints = { ca: ca !== undefined && ca.value[0] !== 0, ...(length ? { pathLength: length[0]! } : {}) };
  }
}

function readExtensions(node: TlvNode | undefined): Extensions {
  const out: Extensions = { unknownCritical: [] };
  const seen = new Set<string>();
  for (const extension of node ? children(readOne(node.value, 0x30)) : []) {
    const fields = inside(extension);
    const id = readOid(fields.take('extension identifier', 0x06).value);
    if (seen.has(id)) throw new TlvError('TLV_BAD_VALUE', `extension ${id} stands twice`);
    seen.add(id);
    const critical = fields.optional(0x01);
    readExtension(id, fields.take('extension value', 0x04).value, out);
    if (critical !== undefined && critical.value[0] !== 0 && !UNDERSTOOD.has(id)) out.unknownCritical.push(id);
  }
  return out;
}

/** Judges nothing: no time, no signature, no purpose. Throws {@link TlvError} for what is no certificate. */
export function readClientCertificate(der: Uint8Array): ClientCertificate {
  const root = readOne(der, 0x30, STRICT);
  const parts = new Cursor(children(root, STRICT));
  const tbs = parts.take('tbsCertificate', 0x30);
  const outer = inside(parts.take('signatureAlgorithm', 0x30));
  const bits = parts.take('signatureValue', 0x03).value;
  if (!parts.atEnd) throw new TlvError('TLV_TRAILING_BYTES', 'something stands behind the signature');
  if (bits[0] !== 0) throw new TlvError('TLV_BAD_VALUE', 'the signature is not of whole octets');
  const algorithm = readOid(outer.take('algorithm', 0x06).value);
  const parameters = outer.optional(0x30);

  const fields = inside(tbs);
  fields.optional(0xa0);
  fields.take('serialNumber', 0x02);
  const named = inside(fields.take('signature', 0x30));
  if (readOid(named.take('algorithm', 0x06).value) !== algorithm || !sameParameters(named.optional(0x30), parameters)) {
    throw new TlvError('TLV_BAD_VALUE', 'the two algorithm identifiers differ');
  }
  const issuer = fields.take('issuer', 0x30);
  const validity = inside(fields.take('validity', 0x30));
  const notBefore = time(validity.take('notBefore', 0x17, 0x18));
  const notAfter = time(validity.take('notAfter', 0x17, 0x18));
  const subject = fields.take('subject', 0x30);
  const key = fields.take('subjectPublicKeyInfo', 0x30);
  fields.optional(0x81);
  fields.optional(0x82);
  return {
    der: root.raw, issuer: issuer.raw, subject: subject.raw, subjectText: nameText(subject), notBefore, notAfter, publicKey: key.raw,
    ...readExtensions(fields.optional(0xa3)), tbs: tbs.raw, signature: bits.subarray(1), algorithm, ...(parameters ? { parameters: parameters.raw } : {}),
  };
}

const sameParameters = (a: TlvNode | undefined, b: TlvNode | undefined): boolean => (a === undefined) === (b === undefined) && (!a || !b || Buffer.compare(a.raw, b.raw) === 0);

/** The key, if it is of a kind this program verifies with; undefined otherwise. Only for certificates that are trusted. */
export function publicKeyOf(certificate: ClientCertificate): KeyObject | undefined {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.from(certificate.publicKey), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
  const details = key.asymmetricKeyDetails;
  switch (key.asymmetricKeyType) {
    case 'rsa': case 'rsa-pss': return (details?.modulusLength ?? 0) >= 2048 && (details?.modulusLength ?? 0) <= 16_384 ? key : undefined;
    case 'ec': return details?.namedCurve === undefined ? undefined : key;
    case 'ed25519': case 'ed448': return key;
    default: return undefined;
  }
}

type HashName = 'sha256' | 'sha384' | 'sha512';
const HASHES: Readonly<Record<string, HashName>> = { '2.16.840.1.101.3.4.2.1': 'sha256', '2.16.840.1.101.3.4.2.2': 'sha384', '2.16.840.1.101.3.4.2.3': 'sha512' };
// SHA-1 and older are not here: nothing they sign is believed.
const ALGORITHMS: Readonly<Record<string, { readonly key: 'ec' | 'rsa' | 'ed25519' | 'ed448'; readonly hash: HashName | null }>> = {
  '1.2.840.10045.4.3.2': { key: 'ec', hash: 'sha256' }, '1.2.840.10045.4.3.3': { key: 'ec', hash: 'sha384' }, '1.2.840.10045.4.3.4': { key: 'ec', hash: 'sha512' },
  '1.2.840.113549.1.1.11': { key: 'rsa', hash: 'sha256' }, '1.2.840.113549.1.1.12': { key: 'rsa', hash: 'sha384' }, '1.2.840.113549.1.1.13': { key: 'rsa', hash: 'sha512' },
  '1.3.101.112': { key: 'ed25519', hash: null }, '1.3.101.113': { key: 'ed448', hash: null },
};
const RSASSA_PSS = '1.2.840.113549.1.1.10';

/** Hash and salt length of RSASSA-PSS (RFC 4055); undefined where they are those of SHA-1. */
function pssParameters(parameters: Uint8Array): { hash: HashName; saltLength: number } | undefined {
  const fields = new Map(children(readOne(parameters, 0x30)).map((node) => [node.tag, node.value]));
  const hashField = fields.get(0xa0);
  const saltField = fields.get(0xa2);
  if (!hashField) return undefined;
  const hash = HASHES[readOid(inside(readOne(hashField, 0x30)).take('hash', 0x06).value)];
  const salt = saltField ? readOne(saltField, 0x02).value : Uint8Array.of(20);
  return hash === undefined || salt.length !== 1 ? undefined : { hash, saltLength: salt[0]! };
}

/** True when this key made the certificate's signature. Never throws. */
export function isSignedBy(certificate: ClientCertificate, key: KeyObject): boolean {
  const { algorithm, parameters, tbs, signature } = certificate;
  try {
    if (algorithm === RSASSA_PSS) {
      const pss = parameters && pssParameters(parameters);
      const rsa = key.asymmetricKeyType === 'rsa' || key.asymmetricKeyType === 'rsa-pss';
      return pss !== undefined && rsa && verify(pss.hash, tbs, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: pss.saltLength }, signature);
    }
    const known = ALGORITHMS[algorithm];
    return known !== undefined && known.key === key.asymmetricKeyType && verify(known.hash, tbs, key, signature);
  } catch {
    return false;
  }
}
