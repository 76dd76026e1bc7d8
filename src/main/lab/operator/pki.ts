/** Plain TLS certificates for the operator's side of a lab: a CA, servers, clients. Every name says that they are not for production. */
import { createPrivateKey, randomBytes } from 'node:crypto';
import { certificatePem, generateLabKey, issueCertificate, keyIdentifier } from '../pki/index.ts';
import type { CertificateDefect, IssuedKey, Name, Random } from '../pki/index.ts';

const DAY = 86_400_000;

export interface OperatorCa extends IssuedKey {
  readonly name: Name;
}

/** What Node's TLS options take, PEM. */
export interface TlsKeyPair {
  readonly cert: string;
  readonly key: string;
  /** DER of the certificate. */
  readonly certificate: Uint8Array;
}

export interface CaOptions {
  readonly name?: string;
  readonly now: Date;
  readonly random?: Random;
}

/** A self-signed CA on P-256. */
export function createOperatorCa({ name = 'Brand CA', now, random = randomBytes }: CaOptions): OperatorCa {
  const subject: Name = [['CN', `MVNE Desk Lab ${name} – not for production`], ['O', 'MVNE Desk Lab']];
  const key = generateLabKey('P-256', random);
  const certificate = issueCertificate({
    role: 'ci', subject, curve: 'P-256', publicPoint: key.publicPoint, privateKeyPkcs8: key.privateKeyPkcs8,
    notBefore: new Date(now.getTime() - DAY), notAfter: new Date(now.getTime() + 10 * 365 * DAY), random,
  });
  return { ...key, certificate, name: subject };
}

export interface LeafOptions {
  readonly now: Date;
  /** Host names and addresses of a server; a client needs none. */
  readonly names?: readonly string[];
  readonly commonName?: string;
  /** Object identifier of an SM-DS or SM-DP+. */
  readonly oid?: string;
  readonly random?: Random;
  readonly defects?: readonly CertificateDefect[];
}

/** An end entity certificate for server and client authentication, 397 days. */
export function issueTlsCertificate(ca: OperatorCa, options: LeafOptions): TlsKeyPair {
  const issuer = { name: ca.name, keyId: keyIdentifier(ca.publicPoint), privateKeyPkcs8: ca.privateKeyPkcs8 };
  const { now, random = randomBytes, names = [], defects } = options;
  const key = generateLabKey('P-256', random);
  const notBefore = new Date(now.getTime() - 3_600_000);
  const certificate = issueCertificate({
    role: 'dptls', curve: 'P-256', publicPoint: key.publicPoint, issuer, notBefore, notAfter: new Date(notBefore.getTime() + 397 * DAY - 1000), random, names,
    subject: [['O', 'MVNE Desk Lab'], ['CN', options.commonName ?? names[0] ?? 'lab client – not for production']],
    ...(options.oid === undefined ? {} : { oid: options.oid }), ...(defects === undefined ? {} : { defects }),
  });
  return {
    certificate, cert: certificatePem(certificate),
    key: createPrivateKey({ key: Buffer.from(key.privateKeyPkcs8), format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' }) as string,
  };
}
