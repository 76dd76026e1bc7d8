/**
 * Writes the certificates of SGP.22 v2.2, 4.5.2.1, and on request deliberately wrong ones to test a verifier with.
 * A small DER writer of its own: brainpool keys, name constraints over directory names and registeredID names are
 * what common certificate libraries lack.
 */
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { concat, tlv, utf8Bytes } from '../../../shared/tlv/index.ts';
import {
  bitString, boolean, namedBits, octetString, oid, oidContent, printableString, sequence, set, smallInteger,
  time, unsignedInteger, utf8String,
} from './der.ts';
import { generateLabKey, publicKeyInfo, signForCertificate } from './keys.ts';
import type { LabCurve, Random } from './keys.ts';

/** id-rspRole, SGP.22 v2.2 annex H: the last arc is the index. */
const ROLE_ARCS = ['ci', 'euicc', 'eum', 'dptls', 'dpauth', 'dppb', 'dstls', 'dsauth'] as const;
export type LabRole = (typeof ROLE_ARCS)[number];

/** What can be made wrong on purpose. An EID outside the EUM's range needs no defect: issue it to that EID. */
export type CertificateDefect =
  | 'expired' | 'not-yet-valid' | 'wrong-role' | 'no-policies' | 'no-authority-key-id' | 'unknown-authority-key-id'
  | 'self-signed' | 'bad-signature' | 'no-key-usage' | 'wrong-key-usage' | 'not-a-ca' | 'no-oid' | 'foreign-organization'
  | 'no-subject-key-id' | 'unknown-critical-extension' | 'uncritical-policies';

export type NameAttribute = 'C' | 'O' | 'OU' | 'CN' | 'serialNumber';
export type Name = readonly (readonly [NameAttribute, string])[];

const ATTRIBUTE_OIDS: Record<NameAttribute, string> = {
  C: '2.5.4.6', O: '2.5.4.10', OU: '2.5.4.11', CN: '2.5.4.3', serialNumber: '2.5.4.5',
};

export interface Issuer {
  readonly name: Name;
  /** subjectKeyIdentifier of the issuer; becomes the authorityKeyIdentifier. */
  readonly keyId: Uint8Array;
  readonly privateKeyPkcs8: Uint8Array;
}

export interface CertificateRequest {
  readonly role: LabRole;
  readonly subject: Name;
  readonly curve: LabCurve;
  readonly publicPoint: Uint8Array;
  /** Needed for a self-signed certificate (role `ci`, or the defect). */
  readonly privateKeyPkcs8?: Uint8Array;
  /** Absent for role `ci`. */
  readonly issuer?: Issuer;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly random: Random;
  /** registeredID in the subjectAltName: the object identifier of the CI, EUM or SM-DP+. */
  readonly oid?: string;
  /** dNSName and iPAddress entries; each is recognised by its form. */
  readonly names?: readonly string[];
  /** Name constraints of an EUM: organization and the first eight digits of its EIDs. */
  readonly permitted?: readonly { readonly organization: string; readonly iin: string }[];
  readonly crlUrls?: readonly string[];
  readonly defects?: readonly CertificateDefect[];
}

const DAY = 86_400_000;
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';

/** RFC 5280, 4.2.1.2, method 1: SHA-1 of the public key's bits. */
export function keyIdentifier(publicPoint: Uint8Array): Uint8Array {
  return Uint8Array.from(createHash('sha1').update(publicPoint).digest());
}

/** Issues one certificate (DER). Every defect asked for is in it and nothing else differs from a good one. */
export function issueCertificate(request: CertificateRequest): Uint8Array {
  const has = (defect: CertificateDefect): boolean => request.defects?.includes(defect) ?? false;
  const selfSigned = request.role === 'ci' || has('self-signed');
  const signerKey = selfSigned ? request.privateKeyPkcs8 : request.issuer?.privateKeyPkcs8;
  if (!signerKey) throw new RangeError(selfSigned ? 'a self-signed certificate needs its own private key' : 'issuer missing');
  const subject = has('foreign-organization')
    ? request.subject.map(([type, value]) => [type, type === 'O' ? 'Another Lab EUM' : value] as const)
    : request.subject;
  const [notBefore, notAfter] = validity(request, has);
  const serial = Uint8Array.from(request.random(9));
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  const signatureAlgorithm = sequence(oid(ECDSA_WITH_SHA256));
  const tbs = sequence(
    tlv(0xa0, smallInteger(2)),
    unsignedInteger(serial),
    signatureAlgorithm,
    nameDer(selfSigned ? subject : request.issuer!.name),
    sequence(time(notBefore), time(notAfter)),
    nameDer(subject),
    publicKeyInfo(request.curve, request.publicPoint),
    tlv(0xa3, sequence(...extensions(request, selfSigned, has))),
  );
  const key = has('bad-signature') ? generateLabKey(request.curve, request.random).privateKeyPkcs8 : signerKey;
  return sequence(tbs, signatureAlgorithm, bitString(signForCertificate(key, tbs)));
}

function validity(request: CertificateRequest, has: (defect: CertificateDefect) => boolean): [Date, Date] {
  // Relative to the asked start, which callers set to "now" or a little before it.
  const from = request.notBefore.getTime();
  if (has('expired')) return [new Date(from - 400 * DAY), new Date(from - 30 * DAY)];
  if (has('not-yet-valid')) return [new Date(from + 30 * DAY), new Date(from + 400 * DAY)];
  return [request.notBefore, request.notAfter];
}

export function nameDer(name: Name): Uint8Array {
  return sequence(...name.map(([type, value]) =>
    set(sequence(oid(ATTRIBUTE_OIDS[type]), type === 'C' || type === 'serialNumber' ? printableString(value) : utf8String(value)))));
}

function extension(id: string, critical: boolean, value: Uint8Array): Uint8Array {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

function extensions(request: CertificateRequest, selfSigned: boolean, has: (defect: CertificateDefect) => boolean): Uint8Array[] {
  const { role } = request;
  const isCa = role === 'ci' || role === 'eum';
  const isTls = role === 'dptls' || role === 'dstls';
  const list: Uint8Array[] = [];
  if (!selfSigned && !has('no-authority-key-id')) {
    const keyId = has('unknown-authority-key-id') ? Uint8Array.from(request.random(20)) : request.issuer!.keyId;
    list.push(extension('2.5.29.35', false, sequence(tlv(0x80, keyId))));
  }
  if (!has('no-subject-key-id')) list.push(extension('2.5.29.14', false, octetString(keyIdentifier(request.publicPoint))));
  if (has('unknown-critical-extension')) list.push(extension('2.999.99', true, octetString(Uint8Array.of(1))));
  if (!has('no-key-usage')) {
    const asCa = has('wrong-key-usage') ? !isCa : isCa;
    // cRLSign is optional for CI and EUM; with it they can issue revocation lists.
    const usage = asCa ? namedBits(5, 6) : namedBits(0);
    list.push(extension('2.5.29.15', true, usage));
  }
  if (!has('no-policies')) {
    const arc = ROLE_ARCS.indexOf(has('wrong-role') ? (role === 'dpauth' ? 'dppb' : 'dpauth') : role);
    list.push(extension('2.5.29.32', !isTls && !has('uncritical-policies'), sequence(sequence(oid(`2.23.146.1.2.1.${arc}`)))));
  }
  if (isTls) list.push(extension('2.5.29.37', true, sequence(oid('1.3.6.1.5.5.7.3.1'), oid('1.3.6.1.5.5.7.3.2'))));
  const names = [
    ...(request.names ?? []).map(subjectAltName),
    ...(request.oid && !has('no-oid') ? [tlv(0x88, oidContent(request.oid))] : []),
  ];
  if (names.length) list.push(extension('2.5.29.17', false, sequence(...names)));
  if (isCa) {
    const constraints = has('not-a-ca') ? sequence() : role === 'eum' ? sequence(boolean(true), smallInteger(0)) : sequence(boolean(true));
    list.push(extension('2.5.29.19', true, constraints));
  }
  if (request.crlUrls?.length) list.push(extension('2.5.29.31', false, distributionPoints(request.crlUrls)));
  if (request.permitted?.length) {
    const subtrees = request.permitted.map(({ organization, iin }) =>
      sequence(tlv(0xa4, nameDer([['O', organization], ['serialNumber', iin]]))));
    list.push(extension('2.5.29.30', true, sequence(tlv(0xa0, ...subtrees))));
  }
  return list;
}

function distributionPoints(urls: readonly string[]): Uint8Array {
  return sequence(...urls.map((url) => sequence(tlv(0xa0, tlv(0xa0, tlv(0x86, utf8Bytes(url)))))));
}

function subjectAltName(name: string): Uint8Array {
  const version = isIP(name);
  if (version === 4) return tlv(0x87, Uint8Array.from(name.split('.').map(Number)));
  if (version === 6) return tlv(0x87, ipv6Bytes(name));
  return tlv(0x82, utf8Bytes(name));
}

function ipv6Bytes(text: string): Uint8Array {
  const [head = '', tail] = text.split('::');
  const groups = (part: string): number[] => (part ? part.split(':').map((group) => Number.parseInt(group, 16)) : []);
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const all = [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right];
  return concat(...all.map((group) => Uint8Array.of(group >>> 8, group & 0xff)));
}
