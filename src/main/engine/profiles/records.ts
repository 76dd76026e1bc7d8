import type { Selectable } from 'kysely';
import { luhnCheckDigit, stripIccid } from '../../../shared/identifiers/index.ts';
import type { ProfileState } from '../../../shared/contract/states.ts';
import type { Reader, Tx } from '../context.ts';
import { prepared } from '../store/index.ts';
import type { Database } from '../store/schema.ts';
import type { Facts } from './rules.ts';

export type ProfileRowRecord = Selectable<Database['profiles']>;
export type TypeRowRecord = Selectable<Database['profile_types']>;

/** Digits backwards, as the `*_rev` columns hold them: "ends with" becomes an index range. */
export const reversed = (text: string): string => [...text].reverse().join('');

export function stateOf(row: Pick<ProfileRowRecord, 'order_state' | 'network_state' | 'stock_state' | 'device_state'>): ProfileState {
  return { order: row.order_state, network: row.network_state, stock: row.stock_state, device: row.device_state } as ProfileState;
}

export function factsOf(row: ProfileRowRecord): Facts {
  return { state: stateOf(row), delivered: row.bpp_delivered_at !== null, prepared: row.slots !== null, eid: row.eid ?? undefined };
}

const byId = prepared((db, p: { id: number }) => db.selectFrom('profiles').selectAll().where('id', '=', p.id));

export function profileById(db: Reader | Tx, id: number): Promise<ProfileRowRecord | undefined> {
  return byId.one(db, { id });
}

/** By ICCID as people write it: 18 (check digit missing), 19 or 20 digits, padded with F, with blanks. */
export async function findProfile(db: Reader | Tx, text: string): Promise<ProfileRowRecord | undefined> {
  const digits = stripIccid(text.trim());
  if (!/^\d{18,20}$/.test(digits)) return undefined;
  const iccid = digits.length === 18 ? digits + luhnCheckDigit(digits) : digits;
  return db.selectFrom('profiles').selectAll().where('iccid', '=', iccid).executeTakeFirst();
}

/** The oldest profile of a type that may be sold; `undefined` when the stock is empty. Call in the transaction that orders it. */
export async function takeSellable(tx: Tx, wanted: { readonly typeId: number }): Promise<ProfileRowRecord | undefined> {
  return tx.selectFrom('profiles').selectAll()
    .where('type_id', '=', wanted.typeId).where('stock_state', '=', 'sellable').where('order_state', '=', 'available')
    .orderBy('id').limit(1).executeTakeFirst();
}

/** What binding a package needs; every blob as stored. */
export interface BindingMaterial {
  readonly profile: ProfileRowRecord;
  readonly type: TypeRowRecord;
  readonly iccid: string;
  /** Sealed encoded slot bytes and the wrapped key they are sealed under. */
  readonly slots: Uint8Array;
  readonly batchKey: Uint8Array;
  readonly templateId: number;
  readonly templateDigest: Uint8Array;
  readonly packageDigest: Uint8Array;
}

const typeOf = prepared((db, p: { id: number }) => db.selectFrom('profile_types').selectAll().where('id', '=', p.id));
const batchOf = prepared((db, p: { id: number }) => db.selectFrom('batches').select('batch_key').where('id', '=', p.id));
const templateOf = prepared((db, p: { id: number }) => db.selectFrom('templates').select('digest').where('id', '=', p.id));

/** `undefined` when the profile does not exist or is not prepared (any more). */
export async function loadForBinding(db: Reader | Tx, profileId: number): Promise<BindingMaterial | undefined> {
  const profile = await profileById(db, profileId);
  if (!profile?.slots || !profile.package_digest || profile.batch_id === null) return undefined;
  const type = await typeOf.one(db, { id: profile.type_id });
  const batch = await batchOf.one(db, { id: profile.batch_id });
  const template = await templateOf.one(db, { id: profile.template_id });
  if (!type || !batch || !template) throw new Error(`what profile ${profile.id} was prepared with is missing`);
  return {
    profile, type, iccid: profile.iccid, slots: profile.slots, batchKey: batch.batch_key,
    templateId: profile.template_id, templateDigest: template.digest, packageDigest: profile.package_digest,
  };
}
