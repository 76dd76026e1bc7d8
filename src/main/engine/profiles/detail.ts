import type { z } from 'zod';
import type { profileDetail } from '../../../shared/contract/profiles.ts';
import type { ActivationEvent } from '../../../shared/contract/states.ts';
import { parseImsi, parseMsisdn } from '../../../shared/identifiers/index.ts';
import { toHex } from '../../../shared/tlv/index.ts';
import type { Reader } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { rowView } from './list.ts';
import type { ProfileRowRecord } from './records.ts';
import { findProfile } from './records.ts';

export type ProfileDetail = z.input<typeof profileDetail>;

/** Rows of timeline and audit shown at most; the newest when there are more. */
const SHOWN = 500;

/** By ICCID in any spelling, else by IMSI or MSISDN. Throws {@link DeskProblem} `NOT_FOUND`. */
export async function showProfile(db: Reader, id: string): Promise<ProfileDetail> {
  const row = await findByAny(db, id);
  if (!row) throw new DeskProblem('NOT_FOUND', `No profile has the ICCID ${id.slice(0, 24)}.`, { field: 'id', hint: 'Compare the digits; 19 digits with check digit, 18 without, a trailing F does not matter.' });
  const type = await db.selectFrom('profile_types').select('name').where('id', '=', row.type_id).executeTakeFirstOrThrow();
  const template = await db.selectFrom('templates').select(['name', 'version', 'slots']).where('id', '=', row.template_id).executeTakeFirstOrThrow();
  const order = row.order_id === null ? undefined
    : await db.selectFrom('orders').select(['id', 'matching_id', 'created_at', 'expires_at']).where('id', '=', row.order_id).executeTakeFirst();
  const state = rowView(row, type.name).state;
  return {
    ...rowView(row, type.name),
    template: template.name, templateVersion: template.version,
    ...(row.stock_reason === null ? {} : { stockReason: row.stock_reason }),
    ...(row.held_until === null ? {} : { heldUntil: row.held_until }),
    ...(row.device_source === null ? {} : { deviceSource: row.device_source }),
    ...(row.device_at === null ? {} : { deviceAt: row.device_at }),
    ...(row.prepared_at === null ? {} : { preparedAt: row.prepared_at }),
    ...(row.package_digest === null ? {} : { packageDigest: toHex(row.package_digest) }),
    ...(row.package_bytes === null ? {} : { packageBytes: row.package_bytes }),
    ...(row.bpp_delivered_at === null ? {} : { deliveredAt: row.bpp_delivered_at }),
    secrets: secretsOf(row, template.slots),
    ...(order ? {
      order: {
        id: order.id, ...(order.matching_id === null ? {} : { matchingId: order.matching_id }), state: state.order, createdAt: order.created_at,
        ...(order.expires_at === null ? {} : { expiresAt: order.expires_at }),
      },
    } : {}),
    timeline: [...await beginningsOf(db, row), ...await timelineOf(db, row.id)].sort((a, b) => a.at - b.at || a.id - b.id),
    audit: await auditOf(db, row),
  };
}

async function findByAny(db: Reader, id: string): Promise<ProfileRowRecord | undefined> {
  const byIccid = await findProfile(db, id);
  if (byIccid) return byIccid;
  const imsi = parseImsi(id);
  const byImsi = imsi.ok ? await db.selectFrom('profiles').selectAll().where('imsi', '=', imsi.value).executeTakeFirst() : undefined;
  if (byImsi) return byImsi;
  const msisdn = parseMsisdn(id);
  return msisdn.ok ? db.selectFrom('profiles').selectAll().where('msisdn', '=', msisdn.value).executeTakeFirst() : undefined;
}

/** By name only: what the sealed slot bytes hold, and whether a sealed record from the stock file is kept. */
function secretsOf(row: ProfileRowRecord, slots: string): ProfileDetail['secrets'] {
  const gone = row.stock_state === 'retired' && (row.prepared_at !== null || row.import_batch_id !== null);
  const names = (JSON.parse(slots) as { name: string; secret: boolean }[]).filter((slot) => slot.secret).map((slot) => slot.name);
  const prepared = row.slots !== null ? 'sealed' as const : row.prepared_at !== null ? 'erased' as const : 'absent' as const;
  const list: ProfileDetail['secrets'] = names.map((name) => ({ name, state: prepared }));
  if (row.import_batch_id !== null) list.push({ name: 'subscriber record', state: row.subscriber !== null ? 'sealed' : gone ? 'erased' : 'absent' });
  return list;
}

/** How the profile came here, told by its own columns: a million imported rows need no million events. Their ids are negative. */
async function beginningsOf(db: Reader, row: ProfileRowRecord): Promise<ActivationEvent[]> {
  const events: ActivationEvent[] = [];
  const madeAtOnce = row.prepared_at !== null && row.prepared_at === row.created_at && row.import_id === null && row.import_batch_id === null;
  if (!madeAtOnce) {
    const file = row.import_id === null ? undefined : await db.selectFrom('imports').select('file_name').where('id', '=', row.import_id).executeTakeFirst();
    events.push({ id: -2, at: row.created_at, stage: 'imported', source: 'operator', text: file === undefined ? 'Added to the stock' : `Imported from ${file.file_name}` });
  }
  if (row.prepared_at !== null) {
    const job = row.batch_id === null ? undefined
      : await db.selectFrom('batches as b').innerJoin('jobs as j', 'j.id', 'b.job_id').select('j.actor').where('b.id', '=', row.batch_id).executeTakeFirst();
    const text = madeAtOnce ? 'Made, personalised and sealed' : 'Personalised and sealed';
    events.push({ id: -1, at: row.prepared_at, stage: 'prepared', source: 'system', text, ...(job === undefined ? {} : { actor: job.actor }) });
  }
  return events;
}

export async function timelineOf(db: Reader, profileId: number): Promise<ActivationEvent[]> {
  const rows = await db.selectFrom('activation_events').selectAll().where('profile_id', '=', profileId).orderBy('id', 'desc').limit(SHOWN).execute();
  return rows.reverse().map((row) => ({
    id: row.id, at: row.at, stage: row.stage as ActivationEvent['stage'], source: row.source as ActivationEvent['source'], text: row.text,
    ...(row.order_id === null ? {} : { orderId: row.order_id }), ...(row.code === null ? {} : { code: row.code }),
    ...(row.actor === null ? {} : { actor: row.actor }), ...(row.transaction_id === null ? {} : { transactionId: row.transaction_id }),
  }));
}

async function auditOf(db: Reader, row: ProfileRowRecord): Promise<ProfileDetail['audit']> {
  const objects = [row.iccid, ...(row.order_id === null ? [] : [row.order_id])];
  const rows = await db.selectFrom('audit').select(['seq', 'at', 'event', 'actor', 'outcome']).where('object_id', 'in', objects)
    .orderBy('seq', 'desc').limit(SHOWN).execute();
  return rows.reverse();
}
