// Makes RSP certificates for the tests, every field of which can be bent. Keys are visibly test keys.
import { publicPoint, signDeterministic } from '../../../../src/main/rsp/index.ts';
import type { Curve } from '../../../../src/main/rsp/index.ts';
import { bitsValue, oidTlv } from '../../../../src/main/rsp/asn1.ts';
import { curveOid } from '../../../../src/main/rsp/curves.ts';
import { concat, fromHex, tlv, utf8Bytes } from '../../../../src/shared/tlv/index.ts';
import { createHash } from 'node:crypto';

type Bytes = Uint8Array;

/** 32 octets that nobody takes for a real key: one octet repeated. */
export function testScalar(octet: number): Bytes {
  return new Uint8Array(32).fill(octet);
}

export function keyId(curve: Curve, scalar: Bytes): Bytes {
  return new Uint8Array(createHash('sha1').update(publicPoint(curve, scalar)).digest());
}

export function derInteger(value: Bytes): Bytes {
  let start = 0;
  while (start < value.length - 1 && value[start] === 0 && !(value[start + 1]! & 0x80)) start++;
  const digits = value.subarray(start);
  return tlv(0x02, digits[0]! & 0x80 ? concat(Uint8Array.of(0), digits) : digits);
}

export function time(date: Date): Bytes {
  const digits = date.toISOString().replace(/^\+?0*(\d{4,})/, '$1').replace(/[-:T]|\.\d+/g, '');
  return date.getUTCFullYear() < 2050 ? tlv(0x17, utf8Bytes(digits.slice(2))) : tlv(0x18, utf8Bytes(digits));
}

export function name(parts: { o?: string; cn?: string; serialNumber?: string }): Bytes {
  const attribute = (oid: string, text: string): Bytes => tlv(0x31, tlv(0x30, oidTlv(oid), tlv(oid === '2.5.4.5' ? 0x13 : 0x0c, utf8Bytes(text))));
  const list: Bytes[] = [];
  if (parts.o !== undefined) list.push(attribute('2.5.4.10', parts.o));
  if (parts.serialNumber !== undefined) list.push(attribute('2.5.4.5', parts.serialNumber));
  if (parts.cn !== undefined) list.push(attribute('2.5.4.3', parts.cn));
  return tlv(0x30, ...list);
}

export interface Recipe {
  curve: Curve;
  scalar: Bytes;
  issuerCurve: Curve;
  issuerScalar: Bytes;
  subject: { o?: string; cn?: string; serialNumber?: string };
  issuer: { o?: string; cn?: string };
  notBefore: Date;
  notAfter: Date;
  serial?: Bytes;
  /** INTEGER content as it is, however wrong. */
  rawSerial?: Bytes;
  /** The two times as text: 13 characters are UTCTime, others GeneralizedTime. */
  rawValidity?: readonly [string, string];
  extendedKeyUsage?: string[];
  /** SubjectPublicKeyInfo in place of our own. */
  rawKey?: Bytes;
  /** Key identifier of the issuer; null leaves the extension out. */
  aki?: Bytes | null;
  ski?: Bytes | null;
  keyUsage?: number[];
  basicConstraints?: { ca: boolean; pathLength?: number };
  policies?: string[];
  registeredId?: string;
  dnsNames?: string[];
  permitted?: { o?: string; serialNumber?: string }[];
  crl?: string[];
  extra?: { oid: string; critical: boolean; value: Bytes }[];
  /** Spoils the signature. */
  badSignature?: boolean;
}

const TRUE = Uint8Array.of(0x01, 0x01, 0xff);

function extension(oid: string, critical: boolean, value: Bytes): Bytes {
  return critical ? tlv(0x30, oidTlv(oid), TRUE, tlv(0x04, value)) : tlv(0x30, oidTlv(oid), tlv(0x04, value));
}

export function makeCertificate(recipe: Recipe): Bytes {
  const algorithm = tlv(0x30, oidTlv('1.2.840.10045.4.3.2'));
  const extensions: Bytes[] = [];
  const aki = recipe.aki === undefined ? keyId(recipe.issuerCurve, recipe.issuerScalar) : recipe.aki;
  const ski = recipe.ski === undefined ? keyId(recipe.curve, recipe.scalar) : recipe.ski;
  if (aki !== null) extensions.push(extension('2.5.29.35', false, tlv(0x30, tlv(0x80, aki))));
  if (ski !== null) extensions.push(extension('2.5.29.14', false, tlv(0x04, ski)));
  if (recipe.keyUsage) extensions.push(extension('2.5.29.15', true, tlv(0x03, bitsValue(recipe.keyUsage))));
  if (recipe.policies) extensions.push(extension('2.5.29.32', true, tlv(0x30, ...recipe.policies.map((oid) => tlv(0x30, oidTlv(oid))))));
  if (recipe.basicConstraints) {
    const { ca, pathLength } = recipe.basicConstraints;
    extensions.push(extension('2.5.29.19', true, tlv(0x30, ca ? TRUE : new Uint8Array(), pathLength === undefined ? new Uint8Array() : tlv(0x02, Uint8Array.of(pathLength)))));
  }
  if (recipe.extendedKeyUsage) extensions.push(extension('2.5.29.37', true, tlv(0x30, ...recipe.extendedKeyUsage.map((oid) => oidTlv(oid)))));
  const names = [
    ...(recipe.registeredId === undefined ? [] : [oidTlv(recipe.registeredId, 0x88)]),
    ...(recipe.dnsNames ?? []).map((dns) => tlv(0x82, utf8Bytes(dns))),
  ];
  if (names.length > 0) extensions.push(extension('2.5.29.17', false, tlv(0x30, ...names)));
  if (recipe.permitted) {
    extensions.push(extension('2.5.29.30', true, tlv(0x30, tlv(0xa0, ...recipe.permitted.map((entry) => tlv(0x30, tlv(0xa4, name(entry))))))));
  }
  if (recipe.crl) extensions.push(extension('2.5.29.31', false, tlv(0x30, ...recipe.crl.map((uri) => tlv(0x30, tlv(0xa0, tlv(0xa0, tlv(0x86, utf8Bytes(uri)))))))));
  for (const { oid, critical, value } of recipe.extra ?? []) extensions.push(extension(oid, critical, value));
  const tbs = tlv(
    0x30,
    tlv(0xa0, fromHex('020102')),
    recipe.rawSerial ? tlv(0x02, recipe.rawSerial) : derInteger(recipe.serial ?? Uint8Array.of(1)),
    algorithm,
    name(recipe.issuer),
    recipe.rawValidity ? tlv(0x30, ...recipe.rawValidity.map((text) => tlv(text.length === 13 ? 0x17 : 0x18, utf8Bytes(text)))) : tlv(0x30, time(recipe.notBefore), time(recipe.notAfter)),
    name(recipe.subject),
    recipe.rawKey ?? tlv(0x30, tlv(0x30, oidTlv('1.2.840.10045.2.1'), oidTlv(curveOid(recipe.curve))), tlv(0x03, Uint8Array.of(0), publicPoint(recipe.curve, recipe.scalar))),
    tlv(0xa3, tlv(0x30, ...extensions)),
  );
  const raw = signDeterministic(recipe.issuerCurve, recipe.issuerScalar, tbs);
  if (recipe.badSignature) raw[40]! ^= 1;
  return tlv(0x30, tbs, algorithm, tlv(0x03, Uint8Array.of(0), tlv(0x30, derInteger(raw.subarray(0, 32)), derInteger(raw.subarray(32)))));
}

/** A whole test PKI on one curve: CI, EUM, eUICC, DPauth, DPpb, DPtls. */
export const EID = '89049032000000000000000000000177';
export const IIN = '89049032';
export const SMDP_OID = '2.999.77';
export const NOT_BEFORE = new Date('2025-01-01T00:00:00Z');
export const NOT_AFTER = new Date('2045-01-01T00:00:00Z');
export const DURING = new Date('2026-06-01T00:00:00Z');

export function recipes(curve: Curve): Record<'ci' | 'eum' | 'euicc' | 'dpauth' | 'dppb' | 'tls', Recipe> {
  const dates = { notBefore: NOT_BEFORE, notAfter: NOT_AFTER };
  const ci = { curve, scalar: testScalar(0x11), issuerCurve: curve, issuerScalar: testScalar(0x11), issuer: { cn: 'UNIT TEST CI' } };
  const server = (octet: number, policy: string): Recipe => ({
    ...ci, ...dates, scalar: testScalar(octet), subject: { o: 'UNIT TEST', cn: 'UNIT TEST SM-DP+' }, keyUsage: [0], policies: [policy],
    registeredId: SMDP_OID, crl: ['http://ci.example/CRL-A.crl'],
  });
  return {
    ci: {
      ...ci, ...dates, subject: { cn: 'UNIT TEST CI' }, aki: null, keyUsage: [5, 6], policies: ['2.23.146.1.2.1.0'],
      basicConstraints: { ca: true }, registeredId: '2.999.1',
    },
    eum: {
      ...ci, ...dates, scalar: testScalar(0x22), subject: { o: 'UNIT TEST EUM', cn: 'EUM' }, keyUsage: [5], policies: ['2.23.146.1.2.1.2'],
      basicConstraints: { ca: true, pathLength: 0 }, registeredId: '2.999.5', permitted: [{ o: 'UNIT TEST EUM', serialNumber: IIN }],
    },
    euicc: {
      ...dates, curve, scalar: testScalar(0x33), issuerCurve: curve, issuerScalar: testScalar(0x22), issuer: { o: 'UNIT TEST EUM', cn: 'EUM' },
      subject: { o: 'UNIT TEST EUM', serialNumber: EID, cn: 'UNIT TEST eUICC' }, keyUsage: [0], policies: ['2.23.146.1.2.1.1'],
    },
    dpauth: server(0x44, '2.23.146.1.2.1.4'),
    dppb: server(0x55, '2.23.146.1.2.1.5'),
    tls: { ...server(0x66, '2.23.146.1.2.1.3'), dnsNames: ['smdp.unit.test'], extendedKeyUsage: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'] },
  };
}
