/** Taking a certificate in: judged first, its key handed to the vault, then one row. */
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { certificateRow } from '../../../shared/contract/pki.ts';
import { sameBytes, toHex } from '../../../shared/tlv/index.ts';
import { VaultError } from '../../vault-link/operations.ts';
import type { EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { certificateDer } from './encoding.ts';
import { activeCertificates, putCertificate } from './records.ts';
import type { CertificateRecord, NewCertificate } from './records.ts';
import { revocationOf } from './revocation.ts';
import { judgeCertificate, subjectText } from './rules.ts';
import type { CertificateRole } from './rules.ts';

export type CertificateView = z.input<typeof certificateRow>;

export interface CertificateInput {
  readonly identity: string;
  readonly role: CertificateRole;
  /** DER or PEM. */
  readonly certificate: Uint8Array;
  /** PKCS#8 or SEC1, DER or PEM. Zeroed here. */
  readonly key?: Uint8Array;
}

/** Everything that may refuse, outside a transaction; answers the row to store. Throws {@link DeskProblem}. */
export async function prepareCertificate(ctx: EngineContext, input: CertificateInput): Promise<NewCertificate> {
  try {
    const der = certificateDer(input.certificate);
    const records = await activeCertificates(ctx.reader);
    const anchor = (record: CertificateRecord) => ({
      keyId: record.subject_key_id!, curve: record.curve as 'P-256' | 'brainpoolP256r1', publicPoint: record.public_key, test: record.test === 1,
    });
    const cis = records.filter((record) => record.role === 'ci' && record.subject_key_id !== null);
    const mine = records.filter((record) => record.identity === input.identity);
    const partner = mine.find((record) => record.role === (input.role === 'dpauth' ? 'dppb' : 'dpauth') && record.oid !== null);
    const ownCi = mine.find((record) => record.role === 'ci');
    const judged = judgeCertificate({
      role: input.role, der, environment: ctx.environment, at: new Date(ctx.clock.now()),
      ci: ownCi && anchor(ownCi), otherCis: cis.map(anchor), oid: partner?.oid ?? undefined,
      revoked: await revocationOf(ctx),
    });
    if (!judged.ok) throw new DeskProblem(judged.refusal.code, judged.refusal.message, { field: 'certificate' });
    const { certificate, subjectKeyId, oid, test } = judged.accepted;
    const sha256 = new Uint8Array(createHash('sha256').update(der).digest());
    const stored = mine.find((record) => record.role === input.role && sameBytes(record.sha256, sha256));
    const keyId = await keyOf(ctx, input, certificate.publicPoint, stored);
    return {
      identity: input.identity, role: input.role, der, sha256, subject: subjectText(certificate), subject_key_id: subjectKeyId ?? null,
      authority_key_id: certificate.authorityKeyId ?? null, public_key: certificate.publicPoint, curve: certificate.curve,
      not_before: certificate.notBefore.getTime(), not_after: certificate.notAfter.getTime(), oid: oid ?? null,
      dns_names: JSON.stringify(certificate.dnsNames), test: test ? 1 : 0, key_id: keyId ?? null, key_provider: keyId ? 'software' : null,
      active: 1, created_at: ctx.clock.now(),
    };
  } finally {
    input.key?.fill(0);
  }
}

async function keyOf(ctx: EngineContext, input: CertificateInput, publicPoint: Uint8Array, stored: CertificateRecord | undefined): Promise<string | undefined> {
  const { role, key } = input;
  if (key === undefined) {
    if (role === 'ci' || role === 'eum') return undefined;
    if (stored?.key_id) return stored.key_id;
    throw new DeskProblem('KEY_MISSING', 'This role signs or serves with its private key: import the key together with the certificate.', { field: 'key' });
  }
  if (role === 'eum' || (role === 'ci' && ctx.environment !== 'lab')) {
    throw new DeskProblem('KEY_UNEXPECTED', `The private key of ${role === 'ci' ? 'a CI' : 'an EUM'} does not belong into an SM-DP+.`, { field: 'key' });
  }
  // A Lab takes the pair of files a lab PKI is made of, but signs nothing as a CI: the key of a root is stored nowhere.
  if (role === 'ci') return undefined;
  let imported: { keyId: string; publicKey: Uint8Array };
  try {
    imported = await ctx.vault.call('importKey', { use: role, key });
  } catch (error) {
    if (error instanceof VaultError && (error.code === 'KEY_MALFORMED' || error.code === 'VAULT_INPUT_INVALID')) {
      throw new DeskProblem('KEY_MALFORMED', 'The key file is not an EC private key (PKCS#8 or SEC1, DER or PEM, without a passphrase).', { field: 'key' });
    }
    throw error;
  }
  if (!sameBytes(imported.publicKey, publicPoint)) {
    throw new DeskProblem('KEY_MISMATCH', 'The private key does not belong to this certificate.', { field: 'key' });
  }
  return imported.keyId;
}

export async function storeCertificate(tx: Tx, row: NewCertificate): Promise<void> {
  // A replaced root would orphan what stands under it.
  if (row.role === 'ci') {
    const below = await tx.selectFrom('certificates').select(['role', 'authority_key_id']).where('identity', '=', row.identity).where('active', '=', 1)
      .where('role', 'in', ['dpauth', 'dppb', 'eum']).execute();
    const foreign = below.find((record) => record.authority_key_id === null || !sameBytes(record.authority_key_id, row.subject_key_id!));
    if (foreign) {
      throw new DeskProblem('CERTIFICATE_CHAIN', `The identity already holds a ${foreign.role} certificate of another root. Use a new identity name for this root.`, { field: 'identity' });
    }
  }
  await putCertificate(tx, row);
}

export function certificateView(row: NewCertificate | CertificateRecord): CertificateView {
  return {
    identity: row.identity, role: row.role as CertificateRole, subject: row.subject, subjectKeyId: row.subject_key_id ? toHex(row.subject_key_id) : '',
    ...(row.authority_key_id ? { authorityKeyId: toHex(row.authority_key_id) } : {}),
    curve: row.curve, notBefore: row.not_before, notAfter: row.not_after, sha256: toHex(row.sha256), ...(row.oid ? { oid: row.oid } : {}),
    dnsNames: JSON.parse(row.dns_names) as string[], key: row.key_id ? (row.key_provider === 'pkcs11' ? 'pkcs11' : 'software') : 'none', test: row.test === 1,
  };
}
