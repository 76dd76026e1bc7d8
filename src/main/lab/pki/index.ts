export { certificatePem, ciKeyId, createLabPki, eumName, issueEuicc, labIssuer, LAB_EUM_ORGANIZATION, LAB_IIN, reissueTls, tlsAnchor } from './lab-pki.ts';
export type { EuiccOptions, IssuedKey, LabPki, LabPkiOptions } from './lab-pki.ts';
export { issueCrl, segmentedCrlList, serialContent } from './crl.ts';
export type { CrlDefect, CrlRequest, RevokedLabCertificate } from './crl.ts';
export { issueCertificate, keyIdentifier } from './certificate.ts';
export type { CertificateDefect, CertificateRequest, Issuer, LabRole, Name } from './certificate.ts';
export { generateLabKey } from './keys.ts';
export type { LabCurve, LabKey, Random } from './keys.ts';
export { eidBytes, makeEid } from './eid.ts';
