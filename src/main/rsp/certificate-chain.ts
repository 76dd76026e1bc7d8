/** RSP chains by RSP's rules (SGP.22 v2.2, 4.5.2.2): anchored in a stored CI public key, never in a name. */
import { hash } from 'node:crypto';
import { sameBytes, toHex } from '../../shared/tlv/index.ts';
import type { Bytes } from './asn1.ts';
import { parseCertificate, role, verifySignedBy } from './certificates.ts';
import type { RspCertificate, RspRole } from './certificates.ts';
import { reasonText, revocationOfCertificate } from './crl.ts';
import type { Revocation, RevocationLookup } from './crl.ts';
import type { Curve } from './curves.ts';
import { RspError } from './errors.ts';

/** A trusted certificate issuer: its key, known by its subject key identifier. */
export interface CiAnchor {
  readonly keyId: Bytes;
  readonly curve: Curve;
  readonly publicPoint: Bytes;
}

/** Status codes of SGP.22 v2.2, 5.2.6, with the cause in plain words. */
export interface ChainFailure {
  readonly ok: false;
  readonly subject: string;
  readonly reason: string;
  readonly why: string;
}

export interface EuiccChainOk {
  readonly ok: true;
  readonly eid: string;
  readonly euicc: RspCertificate;
  readonly eum: RspCertificate;
}

function parsed(der: Bytes): RspCertificate | string {
  try {
    return parseCertificate(der);
  } catch (error) {
    if (error instanceof RspError) return error.message;
    throw error;
  }
}

function validAt(certificate: RspCertificate, at: Date): boolean {
  return at >= certificate.notBefore && at <= certificate.notAfter;
}

function roleProblem(certificate: RspCertificate, expected: RspRole): string | undefined {
  if (role(certificate) !== expected) return `its policies do not name the role ${expected}`;
  if (certificate.unknownCritical.length > 0) return `it has a critical extension nobody knows (${certificate.unknownCritical[0]})`;
  return undefined;
}

/** Why a certificate is not that of an EUM (SGP.22 v2.2, 4.5.2.2), in words that follow "it". */
export function eumProblem(eum: RspCertificate): string | undefined {
  if (!eum.keyUsage.includes('keyCertSign')) return 'it may not sign certificates';
  if (eum.basicConstraints?.ca !== true || eum.basicConstraints.pathLength !== 0) return 'it is not a CA with a path length of 0';
  if (eum.subjectKeyId === undefined) return 'it has no subject key identifier';
  if (eum.permittedEids === undefined || eum.permittedEids.length === 0) return 'it does not say which EIDs it may certify';
  return roleProblem(eum, 'eum');
}

function euiccProblem(euicc: RspCertificate, eum: RspCertificate): string | undefined {
  const problem = roleProblem(euicc, 'euicc');
  if (problem !== undefined) return problem;
  if (!euicc.keyUsage.includes('digitalSignature')) return 'it may not sign data';
  if (euicc.basicConstraints?.ca === true) return 'it claims to be a CA';
  if (euicc.subjectKeyId === undefined) return 'it has no subject key identifier';
  const eid = euicc.subject.serialNumber ?? '';
  if (!/^\d{32}$/.test(eid)) return 'its subject holds no EID';
  const allowed = eum.permittedEids!.some(({ organization, eidPrefix }) => eidPrefix !== undefined && eidPrefix.length > 0
    && eid.startsWith(eidPrefix) && (organization === undefined || organization === euicc.subject.organization));
  return allowed ? undefined : 'its EID or organization is outside what its EUM may certify';
}

const fail = (subject: string, reason: string, why: string): ChainFailure => ({ ok: false, subject, reason, why });

const EUMS = 256;
/** EUM certificates that a CI was seen to have signed and that are in order but for their time. There are few, and each comes often. */
const acceptedEums = new Map<string, RspCertificate>();

function readEum(der: Bytes, ci: CiAnchor): RspCertificate | ChainFailure {
  // A copy: what is kept must not hold on to the message it came in.
  const eum = parsed(Uint8Array.from(der));
  if (typeof eum === 'string') return fail('8.1.2', '6.1', eum);
  if (eum.authorityKeyId === undefined) return fail('8.1.2', '6.1', 'the EUM certificate does not say which key signed it');
  if (!sameBytes(eum.authorityKeyId, ci.keyId)) {
    return fail('8.11.1', '3.9', `the EUM certificate was issued by CI ${toHex(eum.authorityKeyId)}, not by the one of this session`);
  }
  if (!verifySignedBy(eum, ci.curve, ci.publicPoint)) return fail('8.1.2', '6.1', 'the signature of the EUM certificate is not the CI\'s');
  return eum;
}

/** Everything of an EUM certificate is judged here at each call but its octets' form, signature and contents, which cannot change. */
function acceptEum(der: Bytes, ci: CiAnchor, at: Date, lookup: RevocationLookup | undefined): RspCertificate | ChainFailure {
  const name = [hash('sha256', der, 'hex'), ci.curve, toHex(ci.keyId), toHex(ci.publicPoint)].join();
  const known = acceptedEums.get(name);
  const eum = known ?? readEum(der, ci);
  if ('ok' in eum) return eum;
  const revoked = lookup?.isRevoked(ci.keyId, eum.serialHex);
  if (revoked) return fail('8.1.2', '6.1', `the EUM certificate was revoked ${revokedText(revoked)}`);
  if (!validAt(eum, at)) return fail('8.1.2', '6.3', 'the EUM certificate is not valid at this time');
  if (!known) {
    const wrong = eumProblem(eum) ?? (eum.curve === ci.curve ? undefined : 'its key is on another curve than its CI\'s');
    if (wrong !== undefined) return fail('8.1.2', '6.1', `the EUM certificate is not acceptable: ${wrong}`);
    if (acceptedEums.size >= EUMS) acceptedEums.delete(acceptedEums.keys().next().value!);
    acceptedEums.set(name, eum);
  }
  const missing = lookup?.missing?.(ci.keyId, at);
  return missing === undefined ? eum : fail('8.1.2', '6.1', missing);
}

const revokedText = (revoked: Revocation): string => `on ${new Date(revoked.at).toISOString().slice(0, 10)} (${reasonText(revoked.reason)})`;

/**
 * Judges the chain an eUICC presents. Per certificate: issuer identified, signature, not revoked, validity (the order of
 * 4.5.2.2), then role and contents, because conformance tests expect "expired" for certificates whose role is wrong as well.
 * An authority key identifier that is absent is a bad certificate (8.1.2, 6.1); one that names another CI is an unknown CI
 * (8.11.1, 3.9). Without `revoked` nothing is taken for revoked: for those who have no lists, as devices.
 */
export function checkEuiccChain(input: {
  readonly euicc: Bytes; readonly eum: Bytes; readonly ci: CiAnchor; readonly at: Date; readonly revoked?: RevocationLookup;
}): EuiccChainOk | ChainFailure {
  const eum = acceptEum(input.eum, input.ci, input.at, input.revoked);
  if ('ok' in eum) return eum;

  const euicc = parsed(input.euicc);
  if (typeof euicc === 'string') return fail('8.1.3', '6.1', euicc);
  if (euicc.authorityKeyId === undefined || !sameBytes(euicc.authorityKeyId, eum.subjectKeyId!)) {
    return fail('8.1.3', '6.1', 'the eUICC certificate does not name the key of the EUM certificate');
  }
  if (!verifySignedBy(euicc, eum.curve, eum.publicPoint)) {
    return fail('8.1.3', '6.1', 'the signature of the eUICC certificate is not the EUM\'s');
  }
  const revoked = input.revoked && revocationOfCertificate(input.revoked, euicc, eum.subjectKeyId!, input.ci.keyId);
  if (revoked) return fail('8.1.3', '6.1', `the eUICC certificate was revoked ${revokedText(revoked)}`);
  if (!validAt(euicc, input.at)) return fail('8.1.3', '6.3', 'the eUICC certificate is not valid at this time');
  const euiccWrong = euicc.curve === eum.curve ? euiccProblem(euicc, eum) : 'its key is on another curve than its EUM\'s';
  if (euiccWrong !== undefined) return fail('8.1.3', '6.1', `the eUICC certificate is not acceptable: ${euiccWrong}`);
  return { ok: true, eid: euicc.subject.serialNumber!, euicc, eum };
}

export type ServerRole = 'dpauth' | 'dppb' | 'dsauth' | 'dptls' | 'dstls';

export type ServerCertificateResult =
  | { readonly ok: true; readonly certificate: RspCertificate; readonly oid: string }
  | { readonly ok: false; readonly problem: CertificateProblem; readonly why: string };

export type CertificateProblem = 'malformed' | 'unknown-ci' | 'signature' | 'expired' | 'role' | 'contents';

/** Judges a server certificate against a CI: what a device does with DPauth and DPpb, and import with an identity. */
export function checkServerCertificate(input: {
  readonly certificate: Bytes; readonly role: ServerRole; readonly ci: CiAnchor; readonly at: Date;
}): ServerCertificateResult {
  const fail = (problem: CertificateProblem, why: string): ServerCertificateResult => ({ ok: false, problem, why });
  const certificate = parsed(input.certificate);
  if (typeof certificate === 'string') return fail('malformed', certificate);
  if (certificate.authorityKeyId === undefined || !sameBytes(certificate.authorityKeyId, input.ci.keyId)) {
    return fail('unknown-ci', `the certificate does not name CI ${toHex(input.ci.keyId)} as its issuer`);
  }
  if (!verifySignedBy(certificate, input.ci.curve, input.ci.publicPoint)) return fail('signature', 'the signature is not the CI\'s');
  if (!validAt(certificate, input.at)) return fail('expired', 'the certificate is not valid at this time');
  const wrongRole = roleProblem(certificate, input.role);
  if (wrongRole !== undefined) return fail('role', wrongRole);
  if (!certificate.keyUsage.includes('digitalSignature')) return fail('contents', 'the certificate may not sign data');
  const oid = certificate.registeredIds[0];
  if (oid === undefined) return fail('contents', 'the subject alternative name holds no object identifier of the server');
  if ((input.role === 'dptls' || input.role === 'dstls') && certificate.dnsNames.length === 0) {
    return fail('contents', 'the subject alternative name holds no host name');
  }
  return { ok: true, certificate, oid };
}

/** A CI certificate as an anchor: self-signed, role ci, a CA, with a subject key identifier. */
export function ciAnchor(der: Bytes): (CiAnchor & { readonly certificate: RspCertificate }) | { readonly problem: CertificateProblem; readonly why: string } {
  const certificate = parsed(der);
  if (typeof certificate === 'string') return { problem: 'malformed', why: certificate };
  if (!verifySignedBy(certificate, certificate.curve, certificate.publicPoint)) return { problem: 'signature', why: 'the CI certificate did not sign itself' };
  const wrongRole = roleProblem(certificate, 'ci');
  if (wrongRole !== undefined) return { problem: 'role', why: wrongRole };
  if (certificate.basicConstraints?.ca !== true || !certificate.keyUsage.includes('keyCertSign')) {
    return { problem: 'contents', why: 'the CI certificate may not sign certificates' };
  }
  if (certificate.subjectKeyId === undefined) return { problem: 'contents', why: 'the CI certificate has no subject key identifier' };
  return { keyId: certificate.subjectKeyId, curve: certificate.curve, publicPoint: certificate.publicPoint, certificate };
}

export interface IdentityFinding {
  readonly where: 'ci' | 'dpauth' | 'dppb' | 'tls';
  readonly problem: CertificateProblem | 'key-mismatch' | 'oid-mismatch';
  readonly why: string;
}

export interface IdentityInput {
  /** DER certificates. */
  readonly ci: Bytes;
  readonly dpauth: Bytes;
  readonly dppb: Bytes;
  readonly tls?: Bytes;
  /** Public points of the private keys at hand, where they are at hand. */
  readonly keys?: { readonly dpauth?: Bytes; readonly dppb?: Bytes; readonly tls?: Bytes };
  readonly at: Date;
}

/** Judges a whole SM-DP+ identity before it is taken in; every problem is named, not only the first. */
export function checkIdentity(input: IdentityInput): {
  readonly ok: boolean; readonly oid?: string; readonly ciKeyId?: Bytes; readonly curve?: Curve; readonly findings: readonly IdentityFinding[];
} {
  const findings: IdentityFinding[] = [];
  const ci = ciAnchor(input.ci);
  if ('problem' in ci) return { ok: false, findings: [{ where: 'ci', ...ci }] };
  if (!validAt(ci.certificate, input.at)) findings.push({ where: 'ci', problem: 'expired', why: 'the CI certificate is not valid at this time' });
  const oids: string[] = [];
  for (const where of ['dpauth', 'dppb', 'tls'] as const) {
    const der = input[where];
    if (der === undefined) continue;
    const result = checkServerCertificate({ certificate: der, role: where === 'tls' ? 'dptls' : where, ci, at: input.at });
    if (!result.ok) {
      findings.push({ where, problem: result.problem, why: result.why });
      continue;
    }
    oids.push(result.oid);
    const key = input.keys?.[where];
    if (key !== undefined && !sameBytes(key, result.certificate.publicPoint)) {
      findings.push({ where, problem: 'key-mismatch', why: 'the private key does not belong to the certificate' });
    }
    if (oids[0] !== result.oid) {
      findings.push({ where, problem: 'oid-mismatch', why: `the certificate is for ${result.oid}, the others are for ${oids[0]}` });
    }
  }
  return { ok: findings.length === 0, oid: oids[0], ciKeyId: ci.keyId, curve: ci.curve, findings };
}
