/** Certificates a brand is recognised by, as people hand them in. */
import { createHash } from 'node:crypto';
import { sameBytes, TlvError } from '../../../shared/tlv/index.ts';
import { DeskProblem } from '../context.ts';
import type { Tx } from '../context.ts';
import type { NewCredential } from './records.ts';
import { keyUsageBits, publicKeyOf, readClientCertificate } from './x509.ts';
import type { ClientCertificate } from './x509.ts';

const LIMIT = 64 * 1024;
const BEGIN = '-----BEGIN CERTIFICATE-----';
const END = '-----END CERTIFICATE-----';

export type CredentialKind = 'ca' | 'certificate';
export type CredentialFile = 'clientCa' | 'clientCertificate' | 'addClientCa' | 'addClientCertificate' | 'callbackCa';

function refuse(field: CredentialFile, message: string, hint?: string): never {
  throw new DeskProblem('CREDENTIAL_MALFORMED', message, { field, ...(hint === undefined ? {} : { hint }) });
}

/** The DER of the one certificate in a file, DER or PEM. `CREDENTIAL_MALFORMED`. */
function derOf(file: Uint8Array, field: CredentialFile): Uint8Array {
  if (file.length === 0) refuse(field, 'The certificate file is empty.');
  if (file.length > LIMIT) refuse(field, 'The file is too large to be one certificate.');
  if (file[0] === 0x30) return Uint8Array.from(file);
  const text = Buffer.from(file.buffer, file.byteOffset, file.byteLength).toString('latin1');
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) refuse(field, 'The file holds a private key. A brand keeps its key to itself: only its certificate belongs here.');
  if (text.includes('-----BEGIN CERTIFICATE REQUEST-----')) refuse(field, 'This is a certificate request; the certificate made from it is needed.');
  if (text.includes('-----BEGIN PKCS7-----')) refuse(field, 'This is a PKCS#7 bundle; export the one certificate as PEM or DER.');
  const start = text.indexOf(BEGIN);
  if (start < 0) refuse(field, 'The file is neither a DER certificate nor PEM with a CERTIFICATE block.');
  const end = text.indexOf(END, start);
  if (end < 0) refuse(field, 'The PEM block has no END line: the file is cut off.');
  if (text.indexOf(BEGIN, end) >= 0) refuse(field, 'The file holds several certificates; give each one in a file of its own.');
  const body = text.slice(start + BEGIN.length, end).replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(body)) refuse(field, 'The PEM block is not base64 text.');
  return Uint8Array.from(Buffer.from(body, 'base64'));
}

function parse(der: Uint8Array, field: CredentialFile): ClientCertificate {
  try {
    return readClientCertificate(der);
  } catch (error) {
    if (!(error instanceof TlvError)) throw error;
    return refuse(field, looksLikeKey(der) ? 'This is a private key, not a certificate. A brand keeps its key to itself.' : `The file is not a certificate: ${error.message}.`);
  }
}

/** PKCS#8, PKCS#1 and SEC1 keys begin with a small version number, a certificate with a sequence. */
const looksLikeKey = (der: Uint8Array): boolean => {
  const header = der[1]! < 0x80 ? 2 : 2 + (der[1]! & 0x7f);
  return der[header] === 0x02 && der[header + 1] === 1 && (der[header + 2] ?? 9) <= 1;
};

/**
 * Made to issue others. A self-signed certificate that says "CA" and nothing of its use is what openssl makes for a client too:
 * it is taken for what it is called.
 */
const isCa = ({ basicConstraints, keyUsage, subject, issuer }: ClientCertificate): boolean =>
  basicConstraints?.ca === true && (keyUsage?.includes(keyUsageBits.keyCertSign) === true || !sameBytes(subject, issuer));

/**
 * Reads and judges a file; its octets are zeroed. `ca` must be a certificate that may issue others. Throws {@link DeskProblem}
 * `CREDENTIAL_MALFORMED`, `CREDENTIAL_EXPIRED`, `CREDENTIAL_NOT_CA`, `CREDENTIAL_IS_CA`.
 */
export function readCredential(file: Uint8Array, kind: CredentialKind, field: CredentialFile, now: number): NewCredential {
  try {
    const der = derOf(file, field);
    const certificate = parse(der, field);
    const { basicConstraints, keyUsage, unknownCritical, notAfter, subjectText } = certificate;
    if (!publicKeyOf(certificate)) refuse(field, 'The certificate holds a key this program does not trust: RSA of 2048 bits and more, a named elliptic curve, Ed25519 or Ed448 is needed.');
    if (unknownCritical.length > 0) refuse(field, `The certificate has critical extensions this program does not know (${unknownCritical.join(', ')}).`);
    if (notAfter.getTime() < now) throw new DeskProblem('CREDENTIAL_EXPIRED', `The certificate ${subjectText} expired on ${notAfter.toISOString().slice(0, 10)}.`, { field });
    if (kind === 'ca' && (basicConstraints?.ca !== true || (keyUsage !== undefined && !keyUsage.includes(5)))) {
      throw new DeskProblem('CREDENTIAL_NOT_CA', `The certificate ${subjectText} is not one of a CA: it may not issue others.`, { field, hint: 'To recognise this very certificate, give it as the client certificate.' });
    }
    // A receiver's trust is another matter.
    if (kind === 'certificate' && field !== 'callbackCa' && isCa(certificate)) {
      throw new DeskProblem('CREDENTIAL_IS_CA', `The certificate ${subjectText} is one of a CA, not of a client.`, { field, hint: 'To recognise the clients it issues certificates for, give it as the client CA.' });
    }
    return {
      kind, der, sha256: new Uint8Array(createHash('sha256').update(der).digest()), subject: subjectText, not_after: notAfter.getTime(), created_at: now,
    };
  } finally {
    file.fill(0);
  }
}

/**
 * No two brands share a credential, nor the key of a CA: whose client a certificate is would depend on chance. In the
 * transaction that stores it. `CREDENTIAL_TAKEN`.
 */
export async function demandFree(tx: Tx, credential: NewCredential, field: CredentialFile): Promise<void> {
  const others = await tx.selectFrom('brand_credentials as c').innerJoin('brands as b', 'b.id', 'c.brand_id').select(['c.kind', 'c.der', 'c.sha256', 'b.name']).execute();
  const key = readClientCertificate(credential.der).publicKey;
  const taken = others.find((one) => sameBytes(one.sha256, credential.sha256)
    || (one.kind === 'ca' && credential.kind === 'ca' && sameBytes(readClientCertificate(one.der).publicKey, key)));
  if (!taken) return;
  const same = sameBytes(taken.sha256, credential.sha256);
  throw new DeskProblem('CREDENTIAL_TAKEN', `${same ? 'This certificate' : 'Another certificate with the key of this CA'} is stored for the brand ${taken.name} already.`, { field });
}
