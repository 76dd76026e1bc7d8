/** Which profile an order gets. */
import { sql } from 'kysely';
import { hasRanges, iccidLengths, mayOrderIccid, mayOrderType, nextIccid, rangeOfIccid } from '../brands/index.ts';
import type { Grants } from '../brands/index.ts';
import type { Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { findProfile, isUnfinished, profileById, takeSellable } from '../profiles/index.ts';
import type { ProfileRowRecord } from '../profiles/index.ts';
import { prepared } from '../store/index.ts';
import { typeById, typeByName } from '../types/index.ts';
import type { TypeRecord } from '../types/index.ts';

// The states are written out, not bound: the partial index of what is for sale serves only a condition it can read.
const firstSellable = prepared((db, p: { typeId: number; digits: number; from: string; to: string }) => db.selectFrom('profiles').select(['id', 'iccid'])
  .where('type_id', '=', p.typeId).where(sql<boolean>`stock_state = 'sellable'`).where(sql<boolean>`order_state = 'available'`)
  .where(sql`length(iccid)`, '=', p.digits).where('iccid', '>=', p.from).where('iccid', '<=', p.to).orderBy('iccid').limit(1));

interface Candidate { readonly id: number; readonly iccid: string }

async function inOwnRanges(tx: Tx, typeId: number, grants: Grants): Promise<Candidate | undefined> {
  for (const { first, last } of grants.ranges) {
    const found = await firstSellable.one(tx, { typeId, digits: first.length, from: first, to: last });
    if (found) return found;
  }
  return undefined;
}

/** From one range that belongs to somebody to the end of it: as many index seeks as there are such ranges with stock, whatever they hold. */
async function outsideRanges(tx: Tx, typeId: number): Promise<Candidate | undefined> {
  for (const digits of iccidLengths) {
    let from: string | undefined = '0'.repeat(digits);
    while (from !== undefined) {
      const found: Candidate | undefined = await firstSellable.one(tx, { typeId, digits, from, to: '9'.repeat(digits) });
      if (!found) break;
      const range = await rangeOfIccid(tx, found.iccid);
      if (!range) return found;
      from = nextIccid(range.last);
    }
  }
  return undefined;
}

/**
 * A profile of a type for the operator (no grants) or a brand: the oldest that is for sale. Where ICCID ranges belong to
 * brands, the one with the lowest ICCID in the brand's own ranges, or outside all of them for who has none.
 */
async function pickOfType(tx: Tx, type: TypeRecord, grants: Grants | undefined): Promise<ProfileRowRecord> {
  let found: ProfileRowRecord | undefined;
  if (grants && grants.ranges.length > 0) {
    const own = await inOwnRanges(tx, type.id, grants);
    found = own && await profileById(tx, own.id);
  } else if (await hasRanges(tx)) {
    const free = await outsideRanges(tx, type.id);
    found = free && await profileById(tx, free.id);
  } else {
    found = await takeSellable(tx, { typeId: type.id });
  }
  if (!found) throw new DeskProblem('STOCK_EMPTY', `No profile of type "${type.name}" is left for sale${grants ? ` to ${grants.name}` : ''}.`, { field: 'type', hint: 'Prepare more profiles of this type.' });
  return found;
}

export interface Wanted {
  readonly type?: string | undefined;
  readonly iccid?: string | undefined;
}

function demandGranted(decided: ReturnType<typeof mayOrderType>, field: string): void {
  if (!decided.ok) throw new DeskProblem(decided.code, decided.message, { field });
}

/** The profile named, if its customer may order it; whether it is free is not judged here. Undefined when none is named. */
export async function namedProfile(tx: Tx, wanted: Wanted, grants: Grants | undefined): Promise<{ type?: TypeRecord; profile?: ProfileRowRecord }> {
  const type = wanted.type === undefined ? undefined : await typeByName(tx, wanted.type);
  if (wanted.type !== undefined) {
    if (!type) throw new DeskProblem('TYPE_UNKNOWN', `There is no profile type "${wanted.type}".`, { field: 'type' });
    if (grants) demandGranted(mayOrderType(grants, type), 'type');
  }
  if (wanted.iccid === undefined) return type ? { type } : {};
  const profile = await findProfile(tx, wanted.iccid);
  if (!profile) throw new DeskProblem('PROFILE_UNKNOWN', `There is no profile with the ICCID ${wanted.iccid}.`, { field: 'iccid' });
  if (grants) demandGranted(mayOrderIccid(grants, { iccid: profile.iccid, typeId: profile.type_id }, (await rangeOfIccid(tx, profile.iccid))?.brandId), 'iccid');
  if (type && profile.type_id !== type.id) {
    const real = await typeById(tx, profile.type_id);
    throw new DeskProblem('TYPE_MISMATCH', `The profile ${profile.iccid} is of type "${real?.name ?? '?'}", not "${type.name}".`, { field: 'type' });
  }
  return { profile, ...(type ? { type } : {}) };
}

/** The profile the order takes: the one named, if it is free, else one of the type. */
export async function freeProfile(tx: Tx, { type, profile }: { readonly type?: TypeRecord; readonly profile?: ProfileRowRecord }, grants: Grants | undefined): Promise<ProfileRowRecord> {
  if (!profile) {
    if (!type) throw new DeskProblem('INPUT_INVALID', 'A profile type or an ICCID is needed.', { field: 'type' });
    return pickOfType(tx, type, grants);
  }
  if (profile.order_state !== 'available') throw new DeskProblem('PROFILE_NOT_AVAILABLE', `The profile ${profile.iccid} is not free: its order is ${profile.order_state}.`, { field: 'iccid' });
  if (await isUnfinished(tx, profile)) {
    throw new DeskProblem('PROFILE_NOT_AVAILABLE', `The profile ${profile.iccid} is not for sale: its import is still being written or taken back.`, { field: 'iccid', hint: 'Wait until the import is over.' });
  }
  if (profile.stock_state !== 'sellable' && profile.stock_state !== 'held') {
    throw new DeskProblem('PROFILE_NOT_AVAILABLE', `The profile ${profile.iccid} is not for sale: it is ${profile.stock_state}.`, { field: 'iccid', ...(profile.stock_state === 'imported' ? { hint: 'Prepare it first.' } : {}) });
  }
  // A hold for somebody binds brands; the operator, who set it, may still give the profile away.
  if (grants && profile.stock_state === 'held' && profile.held_for !== null && profile.held_for !== grants.name) {
    throw new DeskProblem('PROFILE_NOT_AVAILABLE', `The profile ${profile.iccid} is held for ${profile.held_for}, not for ${grants.name}.`, { field: 'iccid', hint: 'Release the hold first.' });
  }
  return profile;
}
