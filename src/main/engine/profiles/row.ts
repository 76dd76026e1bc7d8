/** Rows of the inventory as they are shown. */
import { sql } from 'kysely';
import type { ProfileRow } from '../../../shared/contract/profiles.ts';
import type { Reader, Tx } from '../context.ts';
import { badgeOf } from './badge.ts';
import type { Names } from './filter.ts';
import { readFacet } from './groups.ts';
import { stateOf } from './records.ts';

interface Shown {
  id: number; iccid: string; imsi: string; msisdn: string | null; type_id: number; template_id: number; order_state: string; network_state: string; stock_state: string;
  device_state: string; eid: string | null; last_event_at: number | null; last_event: string | null; created_at: number; facet: number; stock_reason: string | null;
  held_until: number | null; held_for: string | null; prepared_at: number | null; bpp_delivered_at: number | null; import_id: number | null;
  order_id: string | null; attempts: number | null; attempt_limit: number | null; confirmation_attempts: number | null; confirmation_limit: number | null;
  expires_at: number | null; closed_at: number | null; brand: string | null; batch: string | null; notes: number; labels: string | null;
}

/** In the order of the ids; an id without a row is left out. */
export async function rowsOf(db: Reader | Tx, ids: readonly number[], names: Names, now: number): Promise<ProfileRow[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<Shown>`
    select p.id, p.iccid, p.imsi, p.msisdn, p.type_id, p.template_id, p.order_state, p.network_state, p.stock_state, p.device_state, p.eid, p.last_event_at, p.last_event,
      p.created_at, p.facet, p.stock_reason, p.held_until, p.held_for, p.prepared_at, p.bpp_delivered_at, p.import_id, p.order_id,
      o.download_attempts as attempts, o.download_limit as attempt_limit, o.confirmation_attempts, o.confirmation_limit, o.expires_at, o.closed_at,
      (select b.name from brands b where b.id = o.brand_id) as brand,
      coalesce((select r.reference from preparations r where r.batch_id = p.batch_id), (select 'B-' || b.number from batches b where b.id = p.batch_id)) as batch,
      (select count(*) from profile_notes n where n.profile_id = p.id) as notes,
      (select json_group_array(json_array(l.name, l.colour)) from profile_labels pl join labels l on l.id = pl.label_id where pl.profile_id = p.id) as labels
    from profiles p left join orders o on o.id = p.order_id
    where p.id in (select value from json_each(${JSON.stringify(ids)}))`.execute(db);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = byId.get(id);
    return row ? [viewOf(row, names, now)] : [];
  });
}

function viewOf(row: Shown, names: Names, now: number): ProfileRow {
  const state = stateOf(row);
  const labels = (JSON.parse(row.labels ?? '[]') as [string, string][]).map(([name, colour]) => ({ name, colour })).sort((a, b) => a.name.localeCompare(b.name, 'en'));
  return {
    iccid: row.iccid, imsi: row.imsi, type: names.types.get(row.type_id) ?? '', state, createdAt: row.created_at,
    badge: badgeOf({
      state, delivered: row.bpp_delivered_at !== null, now, reason: row.stock_reason ?? undefined, heldUntil: row.held_until ?? undefined, heldFor: row.held_for ?? undefined,
      lastEventAt: row.last_event_at ?? row.created_at,
      ...(row.order_id === null || row.attempts === null ? {} : {
        order: {
          open: row.closed_at === null, expiresAt: row.expires_at ?? undefined, attempts: row.attempts, attemptLimit: row.attempt_limit!,
          confirmations: row.confirmation_attempts!, confirmationLimit: row.confirmation_limit!,
        },
      }),
    }),
    templateLabel: names.templates.get(row.template_id) ?? '', secretState: readFacet(row.facet).secrets, labels, notes: row.notes,
    ...(row.msisdn === null ? {} : { msisdn: row.msisdn }), ...(row.eid === null ? {} : { eid: row.eid }),
    ...(row.last_event_at === null ? {} : { lastEventAt: row.last_event_at }), ...(row.last_event === null ? {} : { lastEvent: row.last_event }),
    ...(row.batch === null ? {} : { batch: row.batch }), ...(row.import_id === null ? {} : { import: `I-${row.import_id}` }),
    ...(row.brand === null ? {} : { brand: row.brand }), ...(row.order_id === null ? {} : { orderId: row.order_id }),
    ...(row.stock_reason === null ? {} : { stockReason: row.stock_reason }),
    ...(row.held_until === null ? {} : { heldUntil: row.held_until }), ...(row.held_for === null ? {} : { heldFor: row.held_for }),
    ...(row.prepared_at === null ? {} : { preparedAt: row.prepared_at }), ...(row.bpp_delivered_at === null ? {} : { deliveredAt: row.bpp_delivered_at }),
    ...(row.attempts === null ? {} : { attempts: row.attempts, attemptLimit: row.attempt_limit! }),
  };
}
