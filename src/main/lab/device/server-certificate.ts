/**
 * The eUICC's check of an SM-DP+ (or SM-DS) certificate (SGP.22 v2.2, 4.5.2.2), with a small X.509 reader of its own.
 * The trust anchor is the stored public key of a CI, found by key identifier; names are not looked at.
 */
import { createPublicKey, verify } from 'node:crypto';
import { readAll, readOne, readUtf8, sameBytes, TlvError } from '../../../shared/tlv/index.ts';
import type { TlvNode } from '../../../shared/tlv/index.ts';
import { oidContent } from '../pki/der.ts';
import { algorithm, publicKeyInfo } from '../pki/keys.ts';
import type { LabCurve } from '../pki/keys.ts';

export interface TrustAnchor {
  readonly keyId: Uint8Array;
  readonly curve: LabCurve;
  readonly publicPoint: Uint8Array;
}

export interface TrustedServer {
  readonly curve: LabCurve;
  readonly publicPoint: Uint8Array;
  /** Content octets of the registeredID: the SM-DP+ OID. */
  readonly oid: Uint8Array;
  /** The CI the certificate leads to. */
  readonly ciKeyId: Uint8Array;
}

export type ServerCheck =
  | { readonly ok: true; readonly server: TrustedServer }
  | { readonly ok: false; readonly fault: 'malformed' | 'unknown-ci' | 'unsupported-curve' | 'signature' | 'validity' | 'role' | 'key-usage' | 'oid' | 'extension' };

/** id-rspRole of the four roles an eUICC meets (annex H). */
const ROLES = { dpauth: '2.23.146.1.2.1.4', dppb: '2.23.146.1.2.1.5', dsauth: '2.23.146.1.2.1.7' } as const;
export type ServerRole = keyof typeof ROLES;

interface Extension { readonly critical: boolean; readonly value: Uint8Array }

const EXTENSION = { subjectKeyId: '2.5.29.14', keyUsage: '2.5.29.15', altName: '2.5.29.17', policies: '2.5.29.32', authorityKeyId: '2.5.29.35' } as const;
const UNDERSTOOD = [...Object.values(EXTENSION), '2.5.29.19', '2.5.29.31'].map((id) => Buffer.from(oidContent(id)).toString('hex'));

/** Checks one certificate that a CI issued directly. Never throws on foreign bytes. */
export function checkServer(der: Uint8Array, roles: readonly ServerRole[], anchors: readonly TrustAnchor[], now: Date): ServerCheck {
  try {
    return check(der, roles, anchors, now);
  } catch (error) {
    if (error instanceof TlvError) return { ok: false, fault: 'malformed' };
    throw error;
  }
}

function check(der: Uint8Array, roles: readonly ServerRole[], anchors: readonly TrustAnchor[], now: Date): ServerCheck {
  const [tbs, , signature] = readAll(readOne(der, 0x30).value);
  if (tbs?.tag !== 0x30 || signature?.tag !== 0x03) return { ok: false, fault: 'malformed' };
  const fields = readAll(tbs.value);
  const from = fields[0]?.tag === 0xa0 ? 1 : 0;
  const validity = fields[from + 3];
  const keyInfo = fields[from + 5];
  const extensions = readExtensions(fields.find((field) => field.tag === 0xa3));
  if (!validity || !keyInfo) return { ok: false, fault: 'malformed' };
  const extension = (id: string): Extension | undefined => extensions.get(Buffer.from(oidContent(id)).toString('hex'));

  const keyId = contextValue(extension(EXTENSION.authorityKeyId), 0x80);
  const anchor = keyId && anchors.find((candidate) => sameBytes(candidate.keyId, keyId));
  if (!anchor) return { ok: false, fault: 'unknown-ci' };
  if (!signedBy(anchor, tbs.raw, signature.value.subarray(1))) return { ok: false, fault: 'signature' };
  if (!isValidAt(validity, now)) return { ok: false, fault: 'validity' };
  if ([...extensions].some(([id, { critical }]) => critical && !UNDERSTOOD.includes(id))) return { ok: false, fault: 'extension' };
  if (!extension(EXTENSION.subjectKeyId)) return { ok: false, fault: 'extension' };
  const usage = extension(EXTENSION.keyUsage);
  if (!usage?.critical || !((readOne(usage.value, 0x03).value[1] ?? 0) & 0x80)) return { ok: false, fault: 'key-usage' };
  if (!roles.some((role) => hasPolicy(extension(EXTENSION.policies), ROLES[role]))) return { ok: false, fault: 'role' };
  const oid = contextValue(extension(EXTENSION.altName), 0x88);
  if (!oid) return { ok: false, fault: 'oid' };
  const key = readPublicKey(keyInfo);
  if (!key) return { ok: false, fault: 'unsupported-curve' };
  return { ok: true, server: { ...key, oid, ciKeyId: anchor.keyId } };
}

function readExtensions(wrapper: TlvNode | undefined): Map<string, Extension> {
  const found = new Map<string, Extension>();
  if (!wrapper) return found;
  for (const node of readAll(readOne(wrapper.value, 0x30).value)) {
    const [id, ...rest] = readAll(node.value);
    const value = rest.at(-1);
    if (id?.tag !== 0x06 || value?.tag !== 0x04) throw new TlvError('TLV_BAD_VALUE', 'malformed extension');
    const key = Buffer.from(id.value).toString('hex');
    if (found.has(key)) throw new TlvError('TLV_BAD_VALUE', 'extension twice');
    found.set(key, { critical: rest.length === 2 && rest[0]!.value[0] === 0xff, value: value.value });
  }
  return found;
}

/** First element with `tag` in a SEQUENCE extension value, as keyIdentifier [0] and registeredID [8] are. */
function contextValue(extension: Extension | undefined, tag: number): Uint8Array | undefined {
  return extension && readAll(readOne(extension.value, 0x30).value).find((node) => node.tag === tag)?.value;
}

function hasPolicy(extension: Extension | undefined, role: string): boolean {
  if (!extension?.critical) return false;
  const wanted = oidContent(role);
  return readAll(readOne(extension.value, 0x30).value).some((policy) => sameBytes(readAll(policy.value)[0]?.value ?? policy.value, wanted));
}

function signedBy(anchor: TrustAnchor, data: Uint8Array, signature: Uint8Array): boolean {
  const key = createPublicKey({ key: Buffer.from(publicKeyInfo(anchor.curve, anchor.publicPoint)), format: 'der', type: 'spki' });
  return verify('sha256', data, { key, dsaEncoding: 'der' }, signature);
}

function readPublicKey(keyInfo: TlvNode): { curve: LabCurve; publicPoint: Uint8Array } | undefined {
  const [algorithmId, bits] = readAll(keyInfo.value);
  const curve = (['P-256', 'brainpoolP256r1'] as const).find((name) => algorithmId && sameBytes(algorithmId.raw, algorithm(name)));
  const point = bits?.tag === 0x03 ? bits.value.subarray(1) : undefined;
  return curve && point?.length === 65 && point[0] === 0x04 ? { curve, publicPoint: point } : undefined;
}

function isValidAt(validity: TlvNode, now: Date): boolean {
  const [from, until] = readAll(validity.value).map(readTime);
  return from !== undefined && until !== undefined && from <= now.getTime() && now.getTime() <= until;
}

/** UTCTime or GeneralizedTime in Zulu with seconds, as epoch milliseconds. */
function readTime(node: TlvNode): number {
  const text = readUtf8(node.value);
  const digits = node.tag === 0x17 ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text;
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits);
  if (!match || (node.tag !== 0x17 && node.tag !== 0x18)) throw new TlvError('TLV_BAD_VALUE', 'malformed time');
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number);
  return Date.UTC(year!, month! - 1, day, hour, minute, second);
}
