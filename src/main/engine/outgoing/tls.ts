/** Our side of mutual TLS as a client: the certificate shown, the roots the receiver is verified by. */
import { createHash } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { DeskProblem, type EngineContext } from '../context.ts';
import { eraseKey, loadIdentities, tlsMaterial } from '../keys/index.ts';
import type { Identity, OwnCertificate } from '../keys/index.ts';

/** Receivers of other trades have RSA certificates; forward secrecy and authenticated encryption all the same. */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305', 'ECDHE-ECDSA-AES128-SHA256',
].join(':');

export interface OwnSide {
  readonly certificate: OwnCertificate;
  /** What we call ourselves: our object identifier, else our address. */
  readonly requester: string;
}

/** The identity named, else the first with a TLS certificate, one on P-256 before others. Throws {@link DeskProblem} `TLS_CERTIFICATE_MISSING`. */
export async function ownSide(ctx: EngineContext, identityName?: string): Promise<OwnSide> {
  const all = await loadIdentities(ctx, identityName === undefined ? undefined : [identityName]);
  const usable = all.filter((identity): identity is Identity & { readonly tls: OwnCertificate } => identity.tls !== undefined);
  const identity = usable.find((one) => one.tls.certificate.curve === 'P-256') ?? usable[0];
  if (!identity) {
    throw new DeskProblem('TLS_CERTIFICATE_MISSING', identityName === undefined ? 'No identity has a TLS certificate to show to the receiver.' : `The identity ${identityName} has no TLS certificate to show to the receiver.`);
  }
  return { certificate: identity.tls, requester: identity.oid ?? ctx.settings().smdpAddress };
}

const pem = (der: Uint8Array): string => `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n').trimEnd()}\n-----END CERTIFICATE-----\n`;

/** 1.3.36.3.3.2.8.1.1, the arc of the brainpool curves, as it stands in a certificate. */
const BRAINPOOL = Buffer.from('2b2403030208' + '0101', 'hex');
export const onBrainpool = (der: Uint8Array): boolean => Buffer.from(der.buffer, der.byteOffset, der.byteLength).includes(BRAINPOOL);

/** Names what a connection depends on: replaced certificates and roots make new connections. `roots` absent: those of the system. */
export function materialName(certificate: OwnCertificate, roots: readonly Uint8Array[] | undefined): string {
  const hash = createHash('sha256');
  for (const root of roots ?? []) hash.update(createHash('sha256').update(root).digest());
  return `${certificate.certificateId}:${roots === undefined ? 'system' : hash.digest('base64url')}`;
}

/** Opens the key, makes the context, erases the key. Throws {@link DeskProblem} `TLS_CERTIFICATE_UNUSABLE`, `CALLBACK_CA_UNUSABLE`, `VAULT_UNAVAILABLE`. */
export async function clientContext(ctx: EngineContext, certificate: OwnCertificate, roots: readonly Uint8Array[] | undefined): Promise<SecureContext> {
  if (roots?.some(onBrainpool)) throw new DeskProblem('CALLBACK_CA_UNUSABLE', 'The CA of the receiver is on a brainpool curve, which TLS clients do not handle.');
  const material = await tlsMaterial(ctx, [certificate]);
  try {
    return createSecureContext({
      ...material.options, ciphers: CIPHERS, ...(material.options.maxVersion === undefined ? { ecdhCurve: 'X25519:P-256:P-384' } : {}),
      // A root of the operator's choice may be an intermediate CA of somebody else's: it is trusted by itself.
      ...(roots === undefined ? {} : { ca: roots.map(pem), allowPartialTrustChain: true }),
    });
  } catch {
    throw new DeskProblem('CALLBACK_CA_UNUSABLE', 'The CA of the receiver cannot be used by this machine\'s TLS library.');
  } finally {
    eraseKey(material);
  }
}
