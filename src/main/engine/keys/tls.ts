/** TLS with a certificate of ours, as server or as client (SGP.22 v2.2, 2.6.6): version 1.2 at least. */
import { createSecureContext } from 'node:tls';
import type { SecureContext, SecureContextOptions } from 'node:tls';
import type { EngineContext } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { certificatePem } from './encoding.ts';
import type { Identity, OwnCertificate } from './identities.ts';

/** The two suites of 2.6.6 and their stronger siblings; TLS 1.3 first. */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-ECDSA-AES128-SHA256',
].join(':');

export interface TlsMaterial {
  /** Row ids of the certificates in use, to see when they were replaced. */
  readonly certificates: string;
  readonly options: SecureContextOptions;
  readonly secureContextFor: (serverName: string) => SecureContext | undefined;
}

/** The key as Node takes it: a buffer that is zeroed as soon as the context was made. */
function keyPem(pkcs8: Uint8Array): Buffer {
  const head = Buffer.from('-----BEGIN PRIVATE KEY-----\n');
  const foot = Buffer.from('\n-----END PRIVATE KEY-----\n');
  const alphabet = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
  const body = Buffer.alloc(Math.ceil(pkcs8.length / 3) * 4 + Math.floor(pkcs8.length / 48) + 1);
  let out = 0;
  for (let i = 0; i < pkcs8.length; i += 3) {
    if (i > 0 && i % 48 === 0) body[out++] = 0x0a;
    const bits = (pkcs8[i]! << 16) | ((pkcs8[i + 1] ?? 0) << 8) | (pkcs8[i + 2] ?? 0);
    body[out++] = alphabet[bits >>> 18]!;
    body[out++] = alphabet[(bits >>> 12) & 63]!;
    body[out++] = i + 1 < pkcs8.length ? alphabet[(bits >>> 6) & 63]! : 0x3d;
    body[out++] = i + 2 < pkcs8.length ? alphabet[bits & 63]! : 0x3d;
  }
  const whole = Buffer.concat([head, body.subarray(0, out), foot]);
  body.fill(0);
  return whole;
}

async function contextOptions(ctx: EngineContext, own: OwnCertificate): Promise<SecureContextOptions> {
  const { pkcs8 } = await ctx.vault.call('releaseTlsKey', { keyId: own.keyId });
  const key = keyPem(pkcs8);
  pkcs8.fill(0);
  const brainpool = own.certificate.curve === 'brainpoolP256r1';
  return {
    key, cert: certificatePem(own.der), ciphers: CIPHERS, honorCipherOrder: true, minVersion: 'TLSv1.2',
    // TLS 1.3 has no brainpool signatures (RFC 8734 is not in OpenSSL's defaults): such a certificate is served over 1.2.
    ...(brainpool ? { maxVersion: 'TLSv1.2', ecdhCurve: 'brainpoolP256r1:P-256:X25519' } : { ecdhCurve: 'X25519:P-256:brainpoolP256r1' }),
  } as SecureContextOptions;
}

/** TLS certificates a listener may show: those of its identities, else any of the workspace. */
export function tlsCandidates(listener: readonly Identity[], all: readonly Identity[]): OwnCertificate[] {
  const own = listener.flatMap((identity) => identity.tls ?? []);
  return own.length > 0 ? own : all.flatMap((identity) => identity.tls ?? []).slice(0, 1);
}

const matches = (pattern: string, name: string): boolean => pattern.toLowerCase() === name
  || (pattern.startsWith('*.') && name.endsWith(pattern.slice(1).toLowerCase()) && !name.slice(0, -pattern.length + 1).includes('.'));

/** Opens the keys once and keeps contexts, not keys. Throws {@link DeskProblem} `TLS_CERTIFICATE_MISSING`, `TLS_CERTIFICATE_UNUSABLE`. */
export async function tlsMaterial(ctx: EngineContext, certificates: readonly OwnCertificate[]): Promise<TlsMaterial> {
  if (certificates.length === 0) {
    throw new DeskProblem('TLS_CERTIFICATE_MISSING', 'No identity of this listener has a TLS certificate.', { hint: 'Import one: pki import --role tls --cert FILE --key FILE.' });
  }
  const contexts: { readonly names: readonly string[]; readonly context: SecureContext }[] = [];
  let first: SecureContextOptions | undefined;
  for (const own of certificates) {
    const options = await contextOptions(ctx, own);
    try {
      contexts.push({ names: own.certificate.dnsNames, context: createSecureContext(options) });
    } catch {
      throw new DeskProblem('TLS_CERTIFICATE_UNUSABLE', 'The TLS certificate or its key cannot be used by this machine\'s TLS library.');
    }
    if (first === undefined) first = options;
    else (options.key as Buffer).fill(0);
  }
  return {
    certificates: certificates.map((own) => own.certificateId).join(),
    options: first!,
    secureContextFor: (serverName) => contexts.find(({ names }) => names.some((name) => matches(name, serverName.toLowerCase())))?.context,
  };
}

/** After the server took the options. */
export function eraseKey(material: TlsMaterial): void {
  (material.options.key as Buffer | undefined)?.fill(0);
}
