import type { Insertable, Selectable } from 'kysely';
import { sameBytes } from '../../../shared/tlv/index.ts';
import type { Reader, Tx } from '../context.ts';
import type { Database } from '../store/schema.ts';

export type CertificateRecord = Selectable<Database['certificates']>;
/** Without the list itself, which may have megabytes. */
export type CrlRecord = Omit<Selectable<Database['crls']>, 'der'>;
export type NewCrl = Insertable<Database['crls']>;
export type NewCertificate = Insertable<Database['certificates']>;

export async function activeCertificates(db: Reader | Tx): Promise<CertificateRecord[]> {
  return db.selectFrom('certificates').selectAll().where('active', '=', 1).orderBy('identity').orderBy('id').execute();
}

const crlColumns = ['id', 'issuer_key_id', 'issuer', 'role', 'number', 'this_update', 'next_update', 'revoked', 'sha256', 'imported_at'] as const;

export async function allCrls(db: Reader | Tx): Promise<CrlRecord[]> {
  return db.selectFrom('crls').select(crlColumns).orderBy('issuer').orderBy('id').execute();
}

export async function crlOf(db: Reader | Tx, issuerKeyId: Uint8Array): Promise<CrlRecord | undefined> {
  return db.selectFrom('crls').select(crlColumns).where('issuer_key_id', '=', issuerKeyId).executeTakeFirst();
}

export async function certificateRecord(db: Reader | Tx, id: number): Promise<CertificateRecord | undefined> {
  return db.selectFrom('certificates').selectAll().where('id', '=', id).executeTakeFirst();
}

/**
 * Makes a certificate the active one of its role. The one it replaces stays stored, inactive: sessions in flight still
 * name it. An identity may have several EUM certificates at once.
 */
export async function putCertificate(tx: Tx, row: NewCertificate): Promise<void> {
  const before = await tx.selectFrom('certificates').selectAll().where('identity', '=', row.identity).where('role', '=', row.role).execute();
  const same = before.find((record) => sameBytes(record.sha256, row.sha256));
  if (row.role !== 'eum') {
    await tx.updateTable('certificates').set({ active: 0 }).where('identity', '=', row.identity).where('role', '=', row.role).execute();
  }
  if (same) {
    await tx.updateTable('certificates')
      .set({ active: 1, key_id: row.key_id ?? same.key_id, key_provider: row.key_provider ?? same.key_provider, test: row.test })
      .where('id', '=', same.id).execute();
    return;
  }
  await tx.insertInto('certificates').values(row).execute();
}
