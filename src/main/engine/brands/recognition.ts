/** Which brand a TLS client is, by the certificates it presented and those that were stored for brands. */
import { createHash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { sameBytes, TlvError } from '../../../shared/tlv/index.ts';
import type { EngineContext, Reader } from '../context.ts';
import { prepared } from '../store/index.ts';
import { brandById } from './records.ts';
import type { BrandRecord, CredentialRecord } from './records.ts';
import { isSignedBy, keyUsageBits, publicKeyOf, readClientCertificate } from './x509.ts';
import type { ClientCertificate } from './x509.ts';

export type RecognitionCode =
  /** No certificate, or none that can be read. */
  | 'CLIENT_MALFORMED'
  /** Neither stored nor issued by a stored CA. */
  | 'CLIENT_UNKNOWN'
  | 'CLIENT_EXPIRED' | 'CLIENT_NOT_YET_VALID'
  /** Not made for TLS clients, or a CA itself. */
  | 'CLIENT_PURPOSE'
  /** The brand is known and may not call at present. */
  | 'BRAND_SUSPENDED';

export type Recognition =
  | { readonly ok: true; readonly brand: BrandRecord }
  | { readonly ok: false; readonly code: RecognitionCode; readonly message: string; readonly brand?: BrandRecord };

const no = (code: RecognitionCode, message: string): Recognition & { ok: false } => ({ ok: false, code, message });

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const ANY_PURPOSE = '2.5.29.37.0';
/** A leaf, one intermediate, and whatever root a client sends along. */
const CHAIN = 5;
const LARGEST = 16_384;

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());

const credentialByHash = prepared((db, p: { kind: string; sha256: Uint8Array }) => db.selectFrom('brand_credentials').selectAll()
  .where('kind', '=', p.kind as 'ca').where('sha256', '=', p.sha256));
const credentialById = prepared((db, p: { id: number }) => db.selectFrom('brand_credentials').selectAll().where('id', '=', p.id));
const allCas = prepared((db, _p: Record<string, never>) => db.selectFrom('brand_credentials').selectAll().where('kind', '=', 'ca').orderBy('id'));

interface Anchor { readonly credential: CredentialRecord; readonly certificate: ClientCertificate; readonly key: KeyObject }

/** Stored CAs, read once: a credential never changes, it is added and removed. By id and fingerprint, since ids may be used again. */
const anchors = new WeakMap<object, Map<string, Anchor>>();

async function trustAnchors(ctx: EngineContext): Promise<Anchor[]> {
  let known = anchors.get(ctx.db);
  if (!known) anchors.set(ctx.db, known = new Map());
  const rows = await allCas.all(ctx.reader, {});
  const present = new Map<string, Anchor>();
  for (const credential of rows) {
    const name = `${credential.id}:${Buffer.from(credential.sha256).toString('hex')}`;
    const anchor = known.get(name) ?? readAnchor(credential);
    if (anchor) present.set(name, anchor);
  }
  anchors.set(ctx.db, present);
  return [...present.values()];
}

function readAnchor(credential: CredentialRecord): Anchor | undefined {
  const certificate = readClientCertificate(credential.der);
  const key = publicKeyOf(certificate);
  return key && { credential, certificate, key };
}

const within = (certificate: ClientCertificate, now: number): boolean => certificate.notBefore.getTime() <= now && now <= certificate.notAfter.getTime();

function datesProblem(certificate: ClientCertificate, now: number): (Recognition & { ok: false }) | undefined {
  if (now > certificate.notAfter.getTime()) return no('CLIENT_EXPIRED', `The client certificate ${certificate.subjectText} has expired.`);
  if (now < certificate.notBefore.getTime()) return no('CLIENT_NOT_YET_VALID', `The client certificate ${certificate.subjectText} is not valid yet.`);
  return undefined;
}

/** An extension of purposes, where there is one, must name this purpose (RFC 5280, 4.2.1.12). */
function purposeProblem(certificate: ClientCertificate): (Recognition & { ok: false }) | undefined {
  const { extendedKeyUsage, keyUsage, unknownCritical, subjectText } = certificate;
  if (extendedKeyUsage && !extendedKeyUsage.includes(CLIENT_AUTH) && !extendedKeyUsage.includes(ANY_PURPOSE)) return no('CLIENT_PURPOSE', `The certificate ${subjectText} is not made for TLS clients.`);
  if (keyUsage && !keyUsage.includes(keyUsageBits.digitalSignature)) return no('CLIENT_PURPOSE', `The key of the certificate ${subjectText} is not made for signing.`);
  if (unknownCritical.length > 0) return no('CLIENT_PURPOSE', `The certificate ${subjectText} has critical extensions this program does not know (${unknownCritical[0]}).`);
  return undefined;
}

/** By name, and by key identifier where both have one: names of roots change between issues, keys of one name differ. */
function mayHaveIssued(issuer: ClientCertificate, certificate: ClientCertificate): boolean {
  if (issuer.subjectKeyId && certificate.authorityKeyId) return sameBytes(issuer.subjectKeyId, certificate.authorityKeyId);
  return sameBytes(issuer.subject, certificate.issuer);
}

/** A CA that is valid now and may issue; `below`: how many CAs stand between it and the leaf. */
function mayIssue(certificate: ClientCertificate, below: number, now: number): boolean {
  const { basicConstraints, keyUsage, unknownCritical } = certificate;
  return basicConstraints?.ca === true && (basicConstraints.pathLength ?? below) >= below
    && (keyUsage === undefined || keyUsage.includes(keyUsageBits.keyCertSign)) && unknownCritical.length === 0 && within(certificate, now);
}

const issuerAmong = (all: readonly Anchor[], certificate: ClientCertificate, below: number, now: number): Anchor | undefined =>
  all.find((anchor) => mayHaveIssued(anchor.certificate, certificate) && mayIssue(anchor.certificate, below, now) && isSignedBy(certificate, anchor.key));

/** The stored CA over the leaf, directly or with one intermediate; the intermediate's key is used only once that is signed by a stored one. */
function anchorOf(leaf: ClientCertificate, others: readonly ClientCertificate[], all: readonly Anchor[], now: number): { readonly anchor: Anchor; readonly intermediate?: ClientCertificate } | undefined {
  const direct = issuerAmong(all, leaf, 0, now);
  if (direct) return { anchor: direct };
  for (const intermediate of others) {
    if (!mayHaveIssued(intermediate, leaf) || !mayIssue(intermediate, 0, now) || (intermediate.extendedKeyUsage && purposeOnly(intermediate))) continue;
    const anchor = issuerAmong(all, intermediate, 1, now);
    const key = anchor && publicKeyOf(intermediate);
    if (anchor && key && isSignedBy(leaf, key)) return { anchor, intermediate };
  }
  return undefined;
}

/** An intermediate limited to purposes that do not include ours. */
const purposeOnly = (certificate: ClientCertificate): boolean =>
  certificate.extendedKeyUsage!.length > 0 && !certificate.extendedKeyUsage!.includes(CLIENT_AUTH) && !certificate.extendedKeyUsage!.includes(ANY_PURPOSE);

interface Recognised {
  readonly credentialId: number;
  readonly credentialHash: Uint8Array;
  /** Until when every certificate of the chain is valid, and since when. */
  readonly from: number;
  readonly until: number;
}

const KEPT = 4096;
/** By the fingerprint of the whole chain. Only what was recognised stands here, so strangers cannot fill it. */
const recognised = new WeakMap<object, Map<string, Recognised>>();

function cacheOf(ctx: EngineContext): Map<string, Recognised> {
  let cache = recognised.get(ctx.db);
  if (!cache) recognised.set(ctx.db, cache = new Map());
  return cache;
}

function validity(certificates: readonly (ClientCertificate | undefined)[]): { from: number; until: number } {
  const all = certificates.filter((one) => one !== undefined);
  return { from: Math.max(...all.map((one) => one.notBefore.getTime())), until: Math.min(...all.map((one) => one.notAfter.getTime())) };
}

function readChain(chain: readonly Uint8Array[]): { leaf: ClientCertificate; others: ClientCertificate[] } | undefined {
  if (chain.length === 0 || chain.length > CHAIN || chain.some((der) => der.length > LARGEST)) return undefined;
  try {
    const [leaf, ...others] = chain.map(readClientCertificate);
    return { leaf: leaf!, others };
  } catch (error) {
    if (error instanceof TlvError) return undefined;
    throw error;
  }
}

/** The credential that speaks for a chain, judged from scratch. */
async function judge(ctx: EngineContext, chain: readonly Uint8Array[], now: number): Promise<{ ok: true; found: Recognised; brandId: number } | (Recognition & { ok: false })> {
  const read = readChain(chain);
  if (!read) return no('CLIENT_MALFORMED', 'The client presented nothing that can be read as its certificate.');
  const { leaf, others } = read;
  const pinned = await credentialByHash.one(ctx.reader, { kind: 'certificate', sha256: sha256(leaf.der) });
  if (pinned) {
    const problem = datesProblem(leaf, now) ?? purposeProblem(leaf);
    if (problem) return problem;
    return { ok: true, found: { credentialId: pinned.id, credentialHash: pinned.sha256, ...validity([leaf]) }, brandId: pinned.brand_id };
  }
  const issued = anchorOf(leaf, others, await trustAnchors(ctx), now);
  if (!issued) return no('CLIENT_UNKNOWN', `The certificate ${leaf.subjectText} is neither stored for a brand nor issued by the CA of one.`);
  const problem = datesProblem(leaf, now) ?? purposeProblem(leaf);
  if (problem) return problem;
  // What a CA's key signs about itself is not a client.
  if (leaf.basicConstraints?.ca === true) return no('CLIENT_PURPOSE', `The certificate ${leaf.subjectText} is one of a CA, not of a client.`);
  const { credential, certificate } = issued.anchor;
  return { ok: true, found: { credentialId: credential.id, credentialHash: credential.sha256, ...validity([leaf, issued.intermediate, certificate]) }, brandId: credential.brand_id };
}

/**
 * The brand that presented a chain (DER, leaf first): by its very certificate, or because one of a brand's CAs issued it, over
 * one intermediate at most. Dates are judged at `ctx.clock.now()`. A chain seen before costs three look-ups; a credential that
 * was removed or a brand that was suspended counts at once.
 */
export async function recogniseBrand(ctx: EngineContext, chain: readonly Uint8Array[]): Promise<Recognition> {
  const now = ctx.clock.now();
  const cache = cacheOf(ctx);
  const hash = createHash('sha256');
  for (const der of chain.slice(0, CHAIN + 1)) hash.update(`${der.length}:`).update(der);
  const name = hash.digest('base64');
  let brandId: number | undefined;
  const known = cache.get(name);
  if (known && known.from <= now && now <= known.until) {
    const credential = await credentialById.one(ctx.reader, { id: known.credentialId });
    // The very certificate may have been stored for a brand since its CA spoke for it: that is the more exact of the two.
    const pinned = credential?.kind === 'ca' && await credentialByHash.one(ctx.reader, { kind: 'certificate', sha256: sha256(chain[0]!) });
    if (credential && !pinned && sameBytes(credential.sha256, known.credentialHash)) brandId = credential.brand_id;
  }
  if (brandId === undefined) {
    cache.delete(name);
    const judged = await judge(ctx, chain, now);
    if (!judged.ok) return judged;
    if (cache.size >= KEPT) cache.delete(cache.keys().next().value!);
    cache.set(name, judged.found);
    brandId = judged.brandId;
  }
  const brand = await brandById(ctx.reader, brandId);
  if (!brand) return no('CLIENT_UNKNOWN', 'The brand of this certificate is gone.');
  if (brand.state !== 'active') return { ...no('BRAND_SUSPENDED', `The brand ${brand.name} is suspended.`), brand };
  return { ok: true, brand };
}

/** {@link recogniseBrand} without the reason. A suspended brand is answered with its `state`: whoever asks must look at it. */
export async function brandByCertificate(ctx: EngineContext, chain: readonly Uint8Array[]): Promise<BrandRecord | undefined> {
  return (await recogniseBrand(ctx, chain)).brand;
}

/** The stored CAs (DER): what a server may name to its clients as acceptable issuers. */
export async function clientAuthorities(db: Reader): Promise<Uint8Array[]> {
  return (await allCas.all(db, {})).map((row) => row.der);
}
