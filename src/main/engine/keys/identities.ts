/** Identities as the SM-DP+ uses them: parsed once, kept until a certificate or a revocation list is imported. */
import type { EngineContext } from '../context.ts';
import { parseCertificate } from '../../rsp/index.ts';
import type { CiAnchor, Revocation, RevocationLookup, RspCertificate } from '../../rsp/index.ts';
import { activeCertificates, certificateRecord } from './records.ts';
import type { CertificateRecord } from './records.ts';
import { revocationOf } from './revocation.ts';
import type { RevocationContext } from './revocation.ts';

/** A certificate of ours with the handle of its private key in the vault. */
export interface OwnCertificate {
  /** Row id, by which sessions name the certificate they were opened with. */
  readonly certificateId: number;
  readonly der: Uint8Array;
  readonly certificate: RspCertificate;
  readonly keyId: string;
  /** Set when a list revokes it: it must not be used any more. */
  readonly revoked?: Revocation;
}

export interface Identity {
  readonly name: string;
  /** Whose eUICC chains are accepted, and under which ours stand. */
  readonly ci: CiAnchor;
  readonly ciCertificate: RspCertificate;
  /** Set when the CI itself is revoked, and all below it with it. */
  readonly revoked?: Revocation;
  readonly test: boolean;
  /** SM-DP+ object identifier in DPauth and DPpb. */
  readonly oid?: string;
  readonly dpauth?: OwnCertificate;
  readonly dppb?: OwnCertificate;
  readonly tls?: OwnCertificate;
}

interface Cache { version: number; loadedVersion: number; identities: readonly Identity[]; own: Map<number, OwnCertificate> }
const caches = new WeakMap<object, Cache>();

function cacheOf(ctx: Pick<EngineContext, 'db'>): Cache {
  let cache = caches.get(ctx.db);
  if (!cache) {
    cache = { version: 1, loadedVersion: 0, identities: [], own: new Map() };
    caches.set(ctx.db, cache);
  }
  return cache;
}

/** Call after a certificate or a revocation list was imported: listeners read the identities again at the next request. */
export function identitiesChanged(ctx: Pick<EngineContext, 'db'>): void {
  const cache = cacheOf(ctx);
  cache.version++;
  cache.own.clear();
}

function own(record: CertificateRecord, lookup: RevocationLookup): OwnCertificate | undefined {
  if (record.key_id === null) return undefined;
  const certificate = parseCertificate(record.der);
  const revoked = certificate.authorityKeyId && lookup.isRevoked(certificate.authorityKeyId, certificate.serialHex);
  return { certificateId: record.id, der: record.der, certificate, keyId: record.key_id, ...(revoked ? { revoked } : {}) };
}

function assemble(records: readonly CertificateRecord[], lookup: RevocationLookup): Identity[] {
  const names = [...new Set(records.map((record) => record.identity))];
  return names.flatMap((name) => {
    const mine = records.filter((record) => record.identity === name);
    const ci = mine.find((record) => record.role === 'ci');
    if (ci === undefined || ci.subject_key_id === null) return [];
    const last = (role: string): OwnCertificate | undefined => {
      const record = mine.findLast((candidate) => candidate.role === role);
      return record && own(record, lookup);
    };
    const ciCertificate = parseCertificate(ci.der);
    const revoked = lookup.isRevoked(ci.subject_key_id, ciCertificate.serialHex);
    const dpauth = last('dpauth');
    const dppb = last('dppb');
    return [{
      name,
      ci: { keyId: ci.subject_key_id, curve: ci.curve as CiAnchor['curve'], publicPoint: ci.public_key },
      ciCertificate, ...(revoked ? { revoked } : {}),
      test: ci.test === 1,
      oid: dpauth?.certificate.registeredIds[0] ?? dppb?.certificate.registeredIds[0],
      dpauth, dppb, tls: last('tls'),
    }];
  });
}

/** The identities of the workspace, all or those named, in the order named. Unknown names are left out. */
export async function loadIdentities(ctx: RevocationContext, names?: readonly string[]): Promise<Identity[]> {
  const cache = cacheOf(ctx);
  while (cache.loadedVersion !== cache.version) {
    const { version } = cache;
    cache.identities = assemble(await activeCertificates(ctx.reader), await revocationOf(ctx));
    cache.loadedVersion = version;
  }
  if (names === undefined) return [...cache.identities];
  return names.flatMap((name) => cache.identities.find((identity) => identity.name === name) ?? []);
}

/** A certificate of ours by its row, also one replaced meanwhile: sessions in flight still need it. */
export async function ownCertificate(ctx: RevocationContext, certificateId: number): Promise<OwnCertificate | undefined> {
  const cache = cacheOf(ctx);
  const known = cache.own.get(certificateId);
  if (known) return known;
  const record = await certificateRecord(ctx.reader, certificateId);
  const found = record && own(record, await revocationOf(ctx));
  if (found) cache.own.set(certificateId, found);
  return found;
}
