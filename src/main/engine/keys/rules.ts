/** Which certificates a workspace takes in, and which identity answers a device. Pure decisions. */
import { sameBytes, toHex } from '../../../shared/tlv/index.ts';
import type { Environment } from '../context.ts';
import { ciAnchor, eumProblem, parseCertificate, reasonText, role as rspRole, RspError, serialText, verifySignedBy } from '../../rsp/index.ts';
import type { CiAnchor, RevocationLookup, RspCertificate } from '../../rsp/index.ts';

export type CertificateRole = 'ci' | 'eum' | 'dpauth' | 'dppb' | 'tls';

export type CertificateRefusal = {
  readonly code: 'CERTIFICATE_MALFORMED' | 'CERTIFICATE_ROLE' | 'CERTIFICATE_CHAIN' | 'CERTIFICATE_CURVE' | 'CERTIFICATE_DATES' | 'CERTIFICATE_OID_MISMATCH' | 'CERTIFICATE_REVOKED';
  readonly message: string;
};

export interface Acceptance {
  readonly certificate: RspCertificate;
  readonly subjectKeyId: Uint8Array | undefined;
  readonly oid: string | undefined;
  /** Under a test root, or visibly not for production. */
  readonly test: boolean;
}

/** Roots of live RSP: never in a Lab, where material lies unprotected (GSMA RSP2 Root CI1, OISTE GSMA CI G1). */
const liveRoots = new Set(['81370f5125d0b1d408d4c3b232e6d25e795bebfb', '4c27967ad20c14b391e9601e41e604ad57c0222f']);
/** Test roots of SGP.26, whose private keys everybody has. */
const testRoots = new Set([
  'f54172bdf98a95d65cbeb88a38a1c11d800a85c3', 'c0bc70ba36929d43b467ff57570530e57ab8fcd8',
  '34eecf13156518d48d30bdf06853404d115f955d', '2209f61cd9ec5c9c854e787341ff83ecf9776a5b',
]);

export function isTestRoot(anchor: { readonly keyId: Uint8Array; readonly certificate: RspCertificate }): boolean {
  const { commonName = '', organization = '', organizationalUnit = '' } = anchor.certificate.subject;
  return testRoots.has(toHex(anchor.keyId)) || /\b(test|lab|not for production)\b/i.test(`${commonName} ${organization} ${organizationalUnit}`);
}

const spoken: Record<CertificateRole, string> = {
  ci: 'a CI (root) certificate', eum: 'an EUM certificate', dpauth: 'a DPauth certificate', dppb: 'a DPpb certificate', tls: 'a TLS certificate',
};
const roleNames: Record<string, string> = {
  ci: 'a CI', eum: 'an EUM', euicc: 'an eUICC', dpauth: 'DPauth', dppb: 'DPpb', dptls: 'DPtls', dsauth: 'DSauth', dstls: 'DStls',
};

/** `DPauth`, as people say it. */
export const roleName = (role: string): string => ({ ci: 'CI', eum: 'EUM', dpauth: 'DPauth', dppb: 'DPpb', tls: 'TLS' })[role] ?? role;

export interface JudgeInput {
  readonly role: CertificateRole;
  readonly der: Uint8Array;
  readonly environment: Environment;
  readonly at: Date;
  /** The identity's own root; absent before it was imported. */
  readonly ci?: CiAnchor & { readonly test: boolean };
  /** Every root of the workspace: a TLS certificate may stand under another one than its identity. */
  readonly otherCis: readonly (CiAnchor & { readonly test: boolean })[];
  /** Object identifier of the identity's other SM-DP+ certificates. */
  readonly oid?: string;
  /** What is known to be revoked. */
  readonly revoked?: RevocationLookup;
}

/**
 * Judges one certificate for one role of an identity: readable, role and contents, root, signature by the *stored* key of that
 * root, not revoked, validity, curve, object identifier. The first problem found is answered, in words an operator can act on.
 */
export function judgeCertificate(input: JudgeInput): { ok: true; accepted: Acceptance } | { ok: false; refusal: CertificateRefusal } {
  const no = (code: CertificateRefusal['code'], message: string): { ok: false; refusal: CertificateRefusal } => ({ ok: false, refusal: { code, message } });
  let certificate: RspCertificate;
  try {
    certificate = parseCertificate(input.der);
  } catch (error) {
    if (!(error instanceof RspError)) throw error;
    return error.code === 'CERTIFICATE_UNSUPPORTED'
      ? no('CERTIFICATE_CURVE', `This certificate cannot be used: ${error.message}. SGP.22 knows ECDSA keys on NIST P-256 and brainpoolP256r1 only, also for TLS: ask your CA for a certificate of such a key.`)
      : no('CERTIFICATE_MALFORMED', `The file is not a readable X.509 certificate: ${error.message}.`);
  }
  if (input.role === 'ci') return judgeCi(certificate, input, no);

  const found = rspRole(certificate);
  const expected = input.role === 'tls' ? 'dptls' : input.role;
  // Outside RSP's own names a Lab takes any TLS server certificate: plain tools make those.
  const plainTls = input.role === 'tls' && input.environment === 'lab' && found === undefined && certificate.policies.every((p) => !p.startsWith('2.23.146.1.2.1'));
  if (found !== expected && !plainTls) {
    return no('CERTIFICATE_ROLE', found === undefined
      ? `This is not ${spoken[input.role]}: its policies name no RSP role, or several.`
      : `This is not ${spoken[input.role]}: its policies name the role ${roleNames[found]}.`);
  }
  if (certificate.unknownCritical.length > 0) {
    return no('CERTIFICATE_ROLE', `The certificate has a critical extension this program does not know (${certificate.unknownCritical[0]}).`);
  }
  if (input.role === 'eum' ? !certificate.keyUsage.includes('keyCertSign') : !plainTls && !certificate.keyUsage.includes('digitalSignature')) {
    return no('CERTIFICATE_ROLE', `The key usage of the certificate does not fit ${spoken[input.role]}.`);
  }

  const wrong = input.role === 'eum' ? eumProblem(certificate) : serverProblem(certificate, input.role, plainTls);
  if (wrong !== undefined) return no('CERTIFICATE_ROLE', `The certificate does not fit ${spoken[input.role]}: ${wrong}.`);
  const serial = serialProblem(certificate);
  if (serial !== undefined) return no('CERTIFICATE_MALFORMED', serial);

  if (input.ci === undefined && !plainTls) {
    return no('CERTIFICATE_CHAIN', 'The identity has no CI certificate yet. Import its CI (root) first.');
  }
  const candidates = [...(input.ci ? [input.ci] : []), ...(input.role === 'tls' ? input.otherCis : [])];
  const issuer = certificate.authorityKeyId && candidates.find((ci) => sameBytes(ci.keyId, certificate.authorityKeyId!));
  if (issuer === undefined) {
    if (!plainTls) {
      return no('CERTIFICATE_CHAIN', certificate.authorityKeyId === undefined
        ? 'The certificate does not say which key signed it (no authority key identifier).'
        : `The certificate was issued by the root ${toHex(certificate.authorityKeyId)}, not by the CI of this identity (${input.ci ? toHex(input.ci.keyId) : 'none'}).`);
    }
  } else if (!verifySignedBy(certificate, issuer.curve, issuer.publicPoint)) {
    return no('CERTIFICATE_CHAIN', 'The signature of the certificate was not made by the CI it names: the file was altered, or the root is another one of the same name.');
  }

  const revoked = issuer && input.revoked?.isRevoked(issuer.keyId, certificate.serialHex);
  if (revoked) return no('CERTIFICATE_REVOKED', `The certificate was revoked on ${new Date(revoked.at).toISOString().slice(0, 10)} (${reasonText(revoked.reason)}).`);
  const dates = datesProblem(certificate, input.at);
  if (dates !== undefined) return no('CERTIFICATE_DATES', dates);
  if (input.role !== 'tls' && input.ci && certificate.curve !== input.ci.curve) {
    return no('CERTIFICATE_CURVE', `The key of the certificate is on ${certificate.curve}, the CI of this identity on ${input.ci.curve}.`);
  }
  const oid = certificate.registeredIds[0];
  if (input.role === 'dpauth' || input.role === 'dppb') {
    if (oid === undefined) return no('CERTIFICATE_OID_MISMATCH', 'The subject alternative name holds no object identifier of the SM-DP+ (registeredID).');
    if (input.oid !== undefined && input.oid !== oid) {
      return no('CERTIFICATE_OID_MISMATCH', `The certificate is for the SM-DP+ ${oid}, the identity's other certificate for ${input.oid}. A chip refuses such a pair.`);
    }
  }
  return { ok: true, accepted: { certificate, subjectKeyId: certificate.subjectKeyId, oid, test: issuer?.test ?? true } };
}

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** What SGP.22 v2.2, 4.5.2.2 asks of an SM-DP+ certificate besides role, usage and chain, in words that follow "it". */
function serverProblem(certificate: RspCertificate, role: CertificateRole, plainTls: boolean): string | undefined {
  if (certificate.basicConstraints?.ca === true) return 'it is the certificate of a CA';
  if (role === 'tls' && certificate.dnsNames.length === 0 && certificate.ipAddresses.length === 0) return 'it names no host, so every device refuses it';
  if (plainTls) return undefined;
  if (certificate.subjectKeyId === undefined) return 'it has no subject key identifier';
  if (role === 'tls' && ![SERVER_AUTH, CLIENT_AUTH].every((usage) => certificate.extendedKeyUsage.includes(usage))) {
    return 'its extended key usage does not name both server and client authentication';
  }
  return undefined;
}

/** A certificate of ours is shown to devices, and some of their libraries refuse such serial numbers (RFC 5280, 4.1.2.2). */
function serialProblem(certificate: RspCertificate): string | undefined {
  const serial = certificate.serialHex.toUpperCase();
  if (serial !== serialText(serial)) return 'The serial number of the certificate is not written in its shortest form.';
  if (serial[0]! >= '8') return 'The serial number of the certificate is negative; devices refuse that.';
  if (/^0+$/.test(serial)) return 'The serial number of the certificate is zero; devices refuse that.';
  return serial.replace(/^00/, '').length > 40 ? 'The serial number of the certificate is longer than 20 octets; devices refuse that.' : undefined;
}

function datesProblem(certificate: RspCertificate, at: Date): string | undefined {
  const day = (date: Date): string => (Number.isNaN(date.getTime()) ? 'an impossible date' : date.toISOString().slice(0, date.getUTCFullYear() > 9999 ? 13 : 10));
  if (certificate.notAfter < certificate.notBefore) return 'The certificate ends before it begins.';
  if (at > certificate.notAfter) return `The certificate expired on ${day(certificate.notAfter)}.`;
  if (at < certificate.notBefore) return `The certificate is valid only from ${day(certificate.notBefore)}; check the clock of this machine.`;
  return undefined;
}

function judgeCi(
  certificate: RspCertificate, input: JudgeInput, no: (code: CertificateRefusal['code'], message: string) => { ok: false; refusal: CertificateRefusal },
): { ok: true; accepted: Acceptance } | { ok: false; refusal: CertificateRefusal } {
  const anchor = ciAnchor(input.der);
  if ('problem' in anchor) {
    return no(anchor.problem === 'malformed' ? 'CERTIFICATE_MALFORMED' : anchor.problem === 'signature' ? 'CERTIFICATE_CHAIN' : 'CERTIFICATE_ROLE', `This is not a CI (root) certificate: ${anchor.why}.`);
  }
  const revoked = input.revoked?.isRevoked(anchor.keyId, certificate.serialHex);
  if (revoked) return no('CERTIFICATE_REVOKED', `This CI was revoked on ${new Date(revoked.at).toISOString().slice(0, 10)} (${reasonText(revoked.reason)}).`);
  const dates = datesProblem(certificate, input.at);
  if (dates !== undefined) return no('CERTIFICATE_DATES', dates);
  const test = isTestRoot(anchor);
  if (input.environment === 'lab' && liveRoots.has(toHex(anchor.keyId))) {
    return no('CERTIFICATE_CHAIN', 'This is a live GSMA root. A Lab workspace never takes live roots; use a Live workspace.');
  }
  if (input.environment === 'live' && test) return no('CERTIFICATE_CHAIN', 'This is a test root. A Live workspace never trusts one.');
  return { ok: true, accepted: { certificate, subjectKeyId: anchor.keyId, oid: certificate.registeredIds[0], test } };
}

/** `CN=…, O=…` for people; identifying is done by keys, never by names. */
export function subjectText(certificate: RspCertificate): string {
  const { commonName, organization, organizationalUnit, country, serialNumber } = certificate.subject;
  const parts = [['CN', commonName], ['OU', organizationalUnit], ['O', organization], ['C', country], ['serialNumber', serialNumber]] as const;
  return parts.flatMap(([name, value]) => (value ? [`${name}=${value}`] : [])).join(', ') || '(no name)';
}
