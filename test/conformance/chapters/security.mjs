import { integration, row, unit } from './row.mjs';

const tls = (name) => integration('es2plus/tls', name);
const wire = (name) => integration('conformance/es9plus', name);
const wrong = (name) => unit('keys/wrong-certificates', name);
const chain = (name) => unit('rsp/certificate-chain', name);
const crl = (name) => unit('keys/revocation', name);
const curves = (name) => unit('rsp/curves', name);

/** SGP.22 v2.2, 2.6, 6.1, 6.4. */
export const security = {
  title: 'Security, curves, TLS (2.6, 6.1, 6.4)',
  rows: [
    row('2.6.2', 'The SM-DP+ authenticates first: it signs the challenge of the eUICC before it hears who that is', unit('conformance/session', 'on P-256 > serverSigned1')),
    row('2.6.2', 'The eUICC is authenticated by chain, signature and challenge before anything is delivered', unit('downloads/checks', 'authenticateClient (3.4) > signature wrong'), unit('downloads/checks', 'authenticateClient (3.4) > server challenge wrong'), unit('downloads/checks', 'getBoundProfilePackage (3.5) > an unknown transaction, one that never authenticated')),
    row('2.6.2', 'Each function is executed for those who may only: brands by their certificate, eUICCs by their session', unit('es9plus/stolen-messages', 'two sessions open side by side'), integration('es2plus/tls', 'who is not > of an unknown CA:')),
    row('2.6.3', 'Every certificate leads up to a CI that is trusted by its key', chain('eUICC chains on P-256 > the stored key decides'), chain('eUICC chains on P-256 > a CI that was reissued')),
    row('2.6.5', 'Signatures use SHA-256 with keys of 256 bits', curves('signatures > RFC 6979'), curves('signatures > P-256: random and deterministic signatures verify'), curves('signatures > brainpoolP256r1: random and deterministic signatures verify')),
    row('2.6.6', 'TLS 1.2 is the oldest version served', integration('es9plus/http', 'limits > TLS below 1.2 is refused')),
    row('2.6.6', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 is served', wire('TLS > 1.2 with ECDHE-ECDSA-AES128-GCM-SHA256 alone')),
    row('2.6.6', 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256 is served', wire('TLS > 1.2 with ECDHE-ECDSA-AES128-SHA256 alone')),
    row('2.6.6', 'A client that offers SHA-256 with ECDSA only gets that pair', wire('TLS > 1.2 with ECDHE-ECDSA-AES128-GCM-SHA256 alone')),
    row('2.6.6', 'Static RSA and DH are refused', wire('TLS > 1.2 without ephemeral ECDH')),
    row('2.6.6', 'secp256r1 is agreed on for a NIST certificate, brainpoolP256r1 for a brainpool one', wire('TLS > 1.2 with ECDHE-ECDSA-AES128-GCM-SHA256 alone'), wire('TLS > a brainpool certificate is served over brainpoolP256r1')),
    row('2.6.7.1', 'NIST P-256 and brainpoolP256r1 work side by side, each with the certificates of its CI', integration('es9plus/download', 'two identities side by side'), unit('keys/import', 'taking an identity in > both curves side by side')),
    row('2.6.7.1', 'Otherwise than the clause there is no FRP256V1, which no CI in use has: certificates on any other curve are refused by name', unit('rsp/certificates', 'unreadable input > a certificate with another kind of key is unsupported'), wrong('taking in our own certificates, P-256 > dpauth with a key on P-384'), wrong('a chain an eUICC presents, P-256 > EUM with a key on P-384')),
    row('2.6.7.1', 'Without own priorities the CI is chosen by those of the eUICC, out of each list for itself', unit('downloads/clauses', 'roots of the eUICC (5.6.1) > signs under one, verifies by the other')),
    row('2.6.7.1', 'Without a common CI the procedure stops', unit('downloads/checks', 'initiateAuthentication (3.3) > no root in common'), unit('downloads/clauses', 'roots of the eUICC (5.6.1) > the signing list is judged before')),
    row('2.6.7.2', 'Signatures are r and s with their leading zeros, 64 octets', curves('signatures > P-256: numbers with leading zeros'), curves('signatures > brainpoolP256r1: numbers with leading zeros'), unit('rsp/messages', 'serverSigned1 and smdpSigned2 > signatures travel with their tag')),
    row('2.6.7.2', 'The octets a signature covers are those received, never encoded anew', unit('rsp/messages', 'authenticateServerResponse > the signed octets are the received ones')),
    row('2.6.7.3', 'The key agreement gives the published values on both curves', curves('key agreement > RFC 5903'), curves('key agreement > RFC 7027')),
    row('6.1', 'ES9+ authenticates the server only: no client certificate is asked for', integration('es9plus/hostile', 'TLS > no renegotiation, no client certificate')),
    row('6.1', 'ES2+ is mutual: a client without certificate, or with one nobody trusts, gets nothing', tls('who is not > no certificate'), tls('who is not > of an unknown CA:'), tls('who is not > self-signed:'), tls('who is not > expired'), tls('who is not > a bad signature')),
    row('6.1', 'ES2+ towards the operator is mutual: our certificate is shown, and a receiver that is not the one expected hears nothing', integration('outbox/callback', 'progress over mutual TLS'), integration('outbox/callback', 'a receiver that is not the one expected')),
    row('6.1', 'ES12 is mutual: the SM-DS sees our OID, and one we do not trust hears nothing', integration('outbox/smds', 'registration (SGP.22 v2.2, 5.9.1, 6.5.2.13) > kept'), integration('outbox/smds', 'registration (SGP.22 v2.2, 5.9.1, 6.5.2.13) > unreachable')),
    row('6.1.1', 'Who sent an ES2+ message is known from its certificate, whatever the header says', integration('es2plus/functions', 'downloadOrder (5.3.1, table 24) > an ICCID of another brand'), integration('es2plus/tls', 'who is not > of an unknown CA with the name of a known one')),
    row('6.4', 'Trust between operator and SM-DP+ is by certificate: a CA or the very certificate, NIST or brainpool', tls('who is let in > by the CA of a brand'), tls('who is let in > by the very certificate'), tls('who is let in > by a brainpool certificate'), tls('who is let in > over an intermediate CA')),
    row('6.4', 'Trust that is withdrawn ends at once, on open connections too', tls('who is not > suspended, resumed, credential removed')),
  ],
};

/** SGP.22 v2.2, 2.7, 4.5.2, 4.6. */
export const certificates = {
  title: 'Certificates and revocation (2.7, 4.5.2, 4.6)',
  rows: [
    row('2.7', 'A revoked EUM certificate ends all its eUICCs: 8.1.2/6.1', wrong('a chain an eUICC presents, P-256 > revoked'), crl('who is revoked > a device in a session meets it'), unit('downloads/clauses', 'revoked certificates (4.6)')),
    row('2.7', 'A revoked DPauth or DPpb of ours is used no more: 8.8.4/3.7', crl('who is revoked > our dpauth'), crl('who is revoked > our dppb')),
    row('2.7', 'Under a revoked CI nothing is used', crl('who is revoked > our CI')),
    row('2.7', 'A revoked certificate is not taken in', crl('who is revoked > a certificate revoked already'), wrong('taking in our own certificates, P-256 > tls revoked'), wrong('taking in our own certificates, P-256 > dpauth revoked')),
    row('2.7', 'eUICC certificates are not revoked one by one by a CI; where a list does it all the same, we refuse them too', crl('who is revoked > an eUICC by the CI'), crl('who is revoked > an eUICC by its EUM'), unit('downloads/clauses', 'revoked certificates (4.6)')),
    row('4.5.2.1.0.2', 'A CI certificate is self-signed, of the role of a CI, a CA, with a subject key identifier', wrong('taking in our own certificates, P-256 > a CI with nothing wrong'), wrong('taking in our own certificates, P-256 > a CI with signed by another key'), wrong('taking in our own certificates, P-256 > a CI with the role of an EUM'), wrong('taking in our own certificates, P-256 > a CI with no CA'), wrong('taking in our own certificates, P-256 > a CI with no subject key identifier')),
    row('4.5.2.1.0.3', 'All fields of an EUM certificate are read: name constraints, policies, basic constraints, OID, revocation lists', unit('rsp/certificates', 'certificates on P-256 > reads every field of an EUM certificate'), unit('rsp/certificates', 'certificates on brainpoolP256r1 > reads every field of an EUM certificate')),
    row('4.5.2.1.0.4', 'DPauth and DPpb carry the SM-DP+ OID as registeredID, one and the same', wrong('taking in our own certificates, P-256 > dpauth with no object identifier'), unit('keys/import', 'refusals > another SM-DP+ OID'), unit('conformance/session', 'on P-256 > smdpSigned2 is signed with DPpb')),
    row('4.5.2.1.0.5', 'The TLS certificate names its hosts; an SM-DP+ address that is not among them is told', wrong('taking in our own certificates, P-256 > tls with no host name'), unit('keys/overview', 'identities > an SM-DP+ address that is not in the TLS certificate')),
    row('4.5.2.2', 'The signature is that of the issuer: EUM 8.1.2/6.1, eUICC 8.1.3/6.1', chain('eUICC chains on P-256 > EUM with a spoiled signature'), chain('eUICC chains on P-256 > eUICC with a spoiled signature'), chain('eUICC chains on brainpoolP256r1 > EUM with a spoiled signature'), wrong('a chain an eUICC presents, P-256 > any octet of either altered')),
    row('4.5.2.2', 'The chain is followed by key identifiers, not names', chain('eUICC chains on P-256 > a CI that was reissued'), chain('eUICC chains on P-256 > EUM signed by a stranger'), chain('eUICC chains on P-256 > eUICC signed by another key')),
    row('4.5.2.2', 'Without authority or subject key identifier a certificate is invalid', chain('eUICC chains on P-256 > EUM without authority key'), chain('eUICC chains on P-256 > EUM without subject key identifier'), wrong('a chain an eUICC presents, P-256 > eUICC with no authority key identifier'), wrong('a chain an eUICC presents, P-256 > eUICC with no subject key identifier')),
    row('4.5.2.2', 'An EUM of a CI we do not know: 8.11.1/3.9', chain('eUICC chains on P-256 > EUM of an unknown CI'), unit('conformance/session', 'credentials under another root')),
    row('4.5.2.2', 'Outside its validity a certificate is expired: EUM 8.1.2/6.3, eUICC 8.1.3/6.3, to the second', chain('eUICC chains on P-256 > EUM expired'), chain('eUICC chains on P-256 > eUICC expired'), chain('eUICC chains on P-256 > EUM not valid yet'), chain('eUICC chains on P-256 > the first and last second')),
    row('4.5.2.2', 'Dates up to the year 9999 are read, dates that do not exist are refused', wrong('a chain an eUICC presents, P-256 > eUICC with an end in the year 7496'), wrong('a chain an eUICC presents, P-256 > eUICC with an end in the year 9999'), wrong('a chain an eUICC presents, P-256 > eUICC with the 30th of February')),
    row('4.5.2.2', 'An unknown critical extension makes a certificate invalid, an uncritical one does not', wrong('a chain an eUICC presents, P-256 > EUM with an unknown critical extension'), wrong('a chain an eUICC presents, P-256 > eUICC with an unknown critical extension'), wrong('a chain an eUICC presents, P-256 > eUICC with an unknown extension that is not critical')),
    row('4.5.2.2', 'eUICC: key usage digitalSignature', chain('eUICC chains on P-256 > eUICC that may not sign data'), wrong('a chain an eUICC presents, P-256 > eUICC with no key usage')),
    row('4.5.2.2', 'eUICC: role id-rspRole-euicc', chain('eUICC chains on P-256 > eUICC with the role of EUM'), wrong('a chain an eUICC presents, P-256 > eUICC with no role')),
    row('4.5.2.2', 'eUICC: organization and beginning of the EID are a pair the EUM certificate permits', chain('eUICC chains on P-256 > eUICC with an EID outside the IIN'), chain('eUICC chains on P-256 > eUICC of another organization'), chain('eUICC chains on P-256 > an EUM with several permitted pairs'), unit('downloads/checks', 'authenticateClient (3.4) > an EID outside the EUM')),
    row('4.5.2.2', 'EUM: key usage keyCertSign', chain('eUICC chains on P-256 > EUM that may not sign certificates')),
    row('4.5.2.2', 'EUM: role id-rspRole-eum', chain('eUICC chains on P-256 > EUM with the role of DPauth'), chain('eUICC chains on P-256 > EUM without a role')),
    row('4.5.2.2', 'EUM: a CA with a path length of 0', chain('eUICC chains on P-256 > EUM that is no CA'), chain('eUICC chains on P-256 > EUM without basic constraints'), chain('eUICC chains on P-256 > EUM with a path length of 1')),
    row('4.5.2.2', 'DPauth, DPpb: key usage digitalSignature', unit('keys/import', 'refusals > DPauth ["wrong-key-usage"]'), wrong('taking in our own certificates, P-256 > dppb with no key usage')),
    row('4.5.2.2', 'DPauth, DPpb: the role of each, and neither in the place of the other', unit('keys/import', 'refusals > before its root, under another root, of another role'), wrong('taking in our own certificates, P-256 > dppb with the role of an SM-DS')),
    row('4.5.2.2', 'DP TLS: key usage digitalSignature, extended key usage server and client authentication', wrong('taking in our own certificates, P-256 > tls with no key usage'), wrong('taking in our own certificates, P-256 > tls with server authentication alone')),
    row('4.5.2.2', 'DP TLS: where it has a role, that of DP TLS', wrong('taking in our own certificates, P-256 > tls with the role of an SM-DS')),
    row('4.5.2.2', 'DS TLS: an SM-DS whose certificate we cannot verify is not spoken to', integration('outbox/smds', 'registration (SGP.22 v2.2, 5.9.1, 6.5.2.13) > unreachable')),
    row('4.5.2.2', 'Own certificates are refused when expired, of another CI, with a spoiled signature or a key that is not theirs', unit('keys/import', 'refusals > DPauth ["expired"]'), unit('keys/import', 'refusals > DPauth ["bad-signature"]'), unit('keys/import', 'refusals > keys: missing'), wrong('taking in our own certificates, brainpoolP256r1 > dpauth with another issuer, named rightly')),
    row('4.6', 'A list is taken as DER, PEM or segmented, on both curves, with the signature of its CI only', crl('importing a revocation list > as DER'), crl('importing a revocation list > on both curves'), crl('importing a revocation list > refuses a signature of somebody else'), crl('importing a revocation list > refuses another root')),
    row('4.6', 'Revocation is for good: nothing on hold, nothing taken back by a later list', crl('importing a revocation list > a newer list replaces the older')),
    row('4.6', 'A delta adds to a list that is known', crl('importing a revocation list > a delta adds to its base'), crl('importing a revocation list > refuses a delta without its base')),
    row('4.6', 'One list of everything: one that is limited to a kind of certificate or some reasons is refused', crl('importing a revocation list > refuses only-user-certificates'), crl('importing a revocation list > refuses only-ca-certificates'), crl('importing a revocation list > refuses only-some-reasons')),
    row('4.6', 'A list has a number, a date and a next update; version 1 and unknown critical extensions are refused', crl('importing a revocation list > refuses no number'), crl('importing a revocation list > refuses no next update'), crl('importing a revocation list > refuses version 1'), crl('importing a revocation list > refuses an unknown critical extension')),
    row('4.6.1', 'A list older than the one known is refused', crl('importing a revocation list > a newer list replaces the older')),
    row('4.6.1', 'A list past its next update is noticed beforehand; where lists are required, no eUICC is accepted without one in force', crl('without a list > a Lab accepts chips'), unit('keys/overview', 'alarms > a list, renewed every few weeks'), unit('keys/overview', 'identities > only Live begins with lists required')),
    row('4.6.1, 4.6.2', 'A segmented list counts when all its segments are there', crl('importing a revocation list > all segments make one list'), crl('importing a revocation list > refuses one segment of two')),
  ],
};
