/** Whether certificates and identities can be used at a moment, and if not, why in plain words. Pure. */
import { reasonText } from '../../rsp/index.ts';
import type { Revocation, RspCertificate } from '../../rsp/index.ts';
import type { Identity, OwnCertificate } from './identities.ts';
import { roleName } from './rules.ts';

const day = (date: Date): string => date.toISOString().slice(0, 10);

export const revokedSentence = (what: string, revoked: Revocation): string => `${what} was revoked on ${day(new Date(revoked.at))} (${reasonText(revoked.reason)}).`;

/** Why a certificate does not hold at this moment. */
export function certificateProblem(what: string, certificate: Pick<RspCertificate, 'notBefore' | 'notAfter'>, revoked: Revocation | undefined, at: Date): string | undefined {
  if (revoked) return revokedSentence(what, revoked);
  if (at > certificate.notAfter) return `${what} ended on ${day(certificate.notAfter)}.`;
  if (at < certificate.notBefore) return `${what} is valid only from ${day(certificate.notBefore)}.`;
  return undefined;
}

function ownProblem(role: 'dpauth' | 'dppb' | 'tls', own: OwnCertificate | undefined, at: Date): string | undefined {
  const what = `The ${roleName(role)} certificate`;
  return own ? certificateProblem(what, own.certificate, own.revoked, at) : `${what} is missing: import it with its key.`;
}

/** What keeps an identity from serving downloads (SGP.22 v2.2, 5.6.1: answered 8.8.4/3.7), each a sentence. */
export function servingProblems(identity: Identity, at: Date): string[] {
  return [
    identity.revoked && revokedSentence('The CI', identity.revoked), ownProblem('dpauth', identity.dpauth, at), ownProblem('dppb', identity.dppb, at),
  ].filter((problem) => problem !== undefined);
}

/** An identity whose DPauth and DPpb are there, in their time and not revoked, below a CI that is not revoked. */
export type ServingIdentity = Identity & { readonly dpauth: OwnCertificate; readonly dppb: OwnCertificate };

export const canServe = (identity: Identity, at: Date): identity is ServingIdentity => servingProblems(identity, at).length === 0;

/** eUICCs under a revoked CI are not accepted. */
export const canVerify = (identity: Identity): boolean => identity.revoked === undefined;

export const tlsProblem = (identity: Identity, at: Date): string | undefined => (identity.tls ? ownProblem('tls', identity.tls, at) : undefined);
