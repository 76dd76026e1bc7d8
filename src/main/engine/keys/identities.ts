/** Identities as the SM-DP+ uses them: parsed once, kept until a certificate is imported. */
import type { EngineContext } from '../context.ts';
import { parseCertificate } from '../../rsp/index.ts';
import type { CiAnchor, RspCertificate } from '../../rsp/index.ts';
import { activeCertificates, certificateRecord } from './records.ts';
import type { CertificateRecord } from './records.ts';

/** A certificate of ours with the handle of its private key in the vault. */
export interface OwnCertificate {
  /** Row id, by which sessions name the certificate they were opened with. */
  readonly certificateId: number;
  readonly der: Uint8Array;
  readonly certificate: RspCertificate;
  readonly keyId: string;
}

export interface Identity {
  readonly name: string;
  /** Whose eUICC chains are accepted, and under which ours stand. */
  readonly ci: CiAnchor;
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

/** Call after a certificate was imported: listeners read the identities again at the next request. */
export function identitiesChanged(ctx: Pick<EngineContext, 'db'>): void {
  cacheOf(ctx).version++;
}

function own(record: CertificateRecord): OwnCertificate | undefined {
  if (record.key_id === null) return undefined;
  return { certificateId: record.id, der: record.der, certificate: parseCertificate(record.der), keyId: record.key_id };
}

function assemble(records: readonly CertificateRecord[]): Identity[] {
  const names = [...new Set(records.map((record) => record.identity))];
  return names.flatMap((name) => {
    const mine = records.filter((record) => record.identity === name);
    const ci = mine.find((record) => record.role === 'ci');
    if (ci === undefined || ci.subject_key_id === null) return [];
    const last = (role: string): OwnCertificate | undefined => {
      const record = mine.findLast((candidate) => candidate.role === role);
      return record && own(record);
    };
    const dpauth = last('dpauth');
    const dppb = last('dppb');
    return [{
      name,
      ci: { keyId: ci.subject_key_id, curve: ci.curve as CiAnchor['curve'], publicPoint: ci.public_key },
      test: ci.test === 1,
      oid: dpauth?.certificate.registeredIds[0] ?? dppb?.certificate.registeredIds[0],
      dpauth, dppb, tls: last('tls'),
    }];
  });
}

/** The identities of the workspace, all or those named, in the order named. Unknown names are left out. */
export async function loadIdentities(ctx: Pick<EngineContext, 'db' | 'reader'>, names?: readonly string[]): Promise<Identity[]> {
  const cache = cacheOf(ctx);
  while (cache.loadedVersion !== cache.version) {
    const { version } = cache;
    cache.identities = assemble(await activeCertificates(ctx.reader));
    cache.loadedVersion = version;
  }
  if (names === undefined) return [...cache.identities];
  return names.flatMap((name) => cache.identities.find((identity) => identity.name === name) ?? []);
}

/** A certificate of ours by its row, also one replaced meanwhile: sessions in flight still need it. */
export async function ownCertificate(ctx: Pick<EngineContext, 'db' | 'reader'>, certificateId: number): Promise<OwnCertificate | undefined> {
  const cache = cacheOf(ctx);
  const known = cache.own.get(certificateId);
  if (known) return known;
  const record = await certificateRecord(ctx.reader, certificateId);
  const found = record && own(record);
  if (found) cache.own.set(certificateId, found);
  return found;
}
