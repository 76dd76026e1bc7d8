/** Identities of the SM-DP+: certificates here, private keys in the vault. */
export { certificateAlarms } from './horizon.ts';
export { identitiesChanged, loadIdentities, ownCertificate } from './identities.ts';
export type { Identity, OwnCertificate } from './identities.ts';
export { canServe, canVerify } from './state.ts';
export { revocationOf } from './revocation.ts';
export { prepareCertificate, storeCertificate } from './import.ts';
export type { CertificateInput } from './import.ts';
export { procedures } from './procedures.ts';
export { eraseKey, tlsCandidates, tlsMaterial } from './tls.ts';
export type { TlsMaterial } from './tls.ts';
