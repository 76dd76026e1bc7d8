import type { RangeNumbers } from '../numbers/index.ts';
import type { Reader, Tx } from '../context.ts';

/** All ranges of a type that may give numbers, also used up ones: an ended batch may have left places in them. Oldest first. */
export async function rangesOfType(db: Reader | Tx, typeId: number): Promise<RangeNumbers[]> {
  const rows = await db.selectFrom('ranges').selectAll().where('type_id', '=', typeId).where('state', '=', 'open').orderBy('created_at').orderBy('id').execute();
  return rows.map((row) => ({
    id: row.id, iccidFirst: row.iccid_first, imsiFirst: row.imsi_first, msisdnFirst: row.msisdn_first ?? undefined, count: row.count, used: row.used,
  }));
}
