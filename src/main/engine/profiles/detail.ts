import type { z } from 'zod';
import type { profileDetail } from '../../../shared/contract/profiles.ts';
import type { ActivationEvent } from '../../../shared/contract/states.ts';
import { group, parseImsi, parseMsisdn } from '../../../shared/identifiers/index.ts';
import { toHex } from '../../../shared/tlv/index.ts';
import type { Reader } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { loadNames } from './filter.ts';
import { auditPage, timelinePage } from './history.ts';
import { nearIccids } from './near.ts';
import { notesPage } from './notes.ts';
import type { ProfileRowRecord } from './records.ts';
import { findProfile } from './records.ts';
import { rowsOf } from './row.ts';

export type ProfileDetail = z.input<typeof profileDetail>;

/** Rows of timeline and audit shown at first; the newest when there are more. */
const SHOWN = 500;
const AUDIT = 200;

/** By ICCID in any spelling, else by IMSI or MSISDN. Throws {@link DeskProblem} `NOT_FOUND`. */
export async function demandProfile(db: Reader, id: string): Promise<ProfileRowRecord> {
  const row = await findByAny(db, id);
  if (row) return row;
  const near = await nearIccids(db, id);
  const hint = near.length > 0 ? `Near it: ${near.map((iccid) => group(iccid)).join(', ')}.` : 'Compare the digits; 19 digits with check digit, 18 without, a trailing F does not matter.';
  throw new DeskProblem('NOT_FOUND', `No profile has the ICCID ${id.slice(0, 24)}.`, { field: 'id', hint });
}

export async function showProfile(db: Reader, id: string, now: number): Promise<ProfileDetail> {
  const row = await demandProfile(db, id);
  const names = await loadNames(db);
  const [shown] = await rowsOf(db, [row.id], names, now);
  const template = await db.selectFrom('templates').select(['name', 'version', 'slots', 'digest', 'algorithm']).where('id', '=', row.template_id).executeTakeFirstOrThrow();
  const order = row.order_id === null ? undefined
    : await db.selectFrom('orders').select(['id', 'matching_id', 'created_at', 'expires_at']).where('id', '=', row.order_id).executeTakeFirst();
  const timeline = await timelinePage(db, row, { limit: SHOWN });
  const audit = await auditPage(db, row, { limit: AUDIT });
  const attached = timeline.rows.some((event) => event.stage === 'first_attach' || event.stage === 'first_data');
  return {
    ...shown!,
    ...(attached && shown!.badge?.code === 'in_use' ? { badge: { code: 'connected' as const, why: 'Enabled on the device, and the network saw it attach' } } : {}),
    template: template.name, templateVersion: template.version,
    ...(row.quarantine_rule === null ? {} : { release: { rule: row.quarantine_rule, afterwards: row.quarantine_then ?? 'release', ...(row.quarantine_until === null ? {} : { until: row.quarantine_until }) } }),
    evidence: evidenceOf(row, timeline.rows, shown!.state),
    ...(row.device_source === null ? {} : { deviceSource: row.device_source }),
    ...(row.device_at === null ? {} : { deviceAt: row.device_at }),
    ...(row.package_digest === null ? {} : { packageDigest: toHex(row.package_digest) }),
    ...(row.package_bytes === null ? {} : { packageBytes: row.package_bytes }),
    preparation: await preparationOf(db, row, template),
    secrets: secretsOf(row, template.slots),
    ...(order ? {
      order: {
        id: order.id, ...(order.matching_id === null ? {} : { matchingId: order.matching_id }), state: shown!.state.order, createdAt: order.created_at,
        ...(order.expires_at === null ? {} : { expiresAt: order.expires_at }),
      },
    } : {}),
    sessions: await sessionsOf(db, row.id),
    noteList: (await notesPage(db, row.id, { limit: 100 })).rows,
    timeline: [...timeline.rows].reverse(),
    ...(timeline.next === undefined ? {} : { timelineNext: timeline.next }),
    audit: [...audit.rows].reverse(),
    ...(audit.next === undefined ? {} : { auditNext: audit.next }),
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

type State = ProfileDetail['state'];
/** Stages that speak of an axis; the latest of them says since when the axis is as it is. */
const speaking: Record<keyof State, (event: ActivationEvent, state: State) => boolean> = {
  order: ({ stage }) => ['ordered', 'confirmed', 'released', 'downloaded', 'installed', 'install_failed', 'cancelled', 'expired'].includes(stage),
  network: ({ stage }) => stage.startsWith('network_'),
  stock: ({ stage }, { stock }) => ['imported', 'prepared', 'held', 'hold_ended', 'quarantined', 'unquarantined', 'retired'].includes(stage) || (stock === 'sold' && stage === 'ordered'),
  device: ({ stage }) => ['installed', 'enabled', 'disabled', 'deleted'].includes(stage),
};

/** `events`: the latest first. */
function evidenceOf(row: ProfileRowRecord, events: readonly ActivationEvent[], state: State): NonNullable<ProfileDetail['evidence']> {
  const of = (axis: keyof State) => {
    const event = events.find((one) => speaking[axis](one, state));
    return event ? { [axis]: { at: event.at, source: event.source, text: event.text, ...(event.actor === undefined ? {} : { actor: event.actor }) } } : {};
  };
  const device = row.device_at !== null && row.device_source !== null && !events.some((one) => speaking.device(one, state))
    ? { device: { at: row.device_at, source: row.device_source, text: `Reported by ${row.device_source}` } } : {};
  return { ...of('order'), ...of('network'), ...of('stock'), ...of('device'), ...device };
}

async function preparationOf(db: Reader, row: ProfileRowRecord, template: { readonly digest: Uint8Array; readonly algorithm: string }): Promise<NonNullable<ProfileDetail['preparation']>> {
  const batch = row.batch_id === null ? undefined
    : await db.selectFrom('batches as b').leftJoin('jobs as j', 'j.id', 'b.job_id').leftJoin('preparations as r', 'r.batch_id', 'b.id')
      .select(['b.number', 'b.job_id', 'j.actor', 'r.reference', 'r.actor as starter']).where('b.id', '=', row.batch_id).executeTakeFirst();
  const file = row.import_id === null ? undefined : await db.selectFrom('imports').select(['id', 'file_name', 'created_at']).where('id', '=', row.import_id).executeTakeFirst();
  const by = batch?.starter ?? batch?.actor;
  return {
    templateDigest: toHex(template.digest), algorithm: template.algorithm,
    ...(batch ? { batch: batch.reference ?? `B-${batch.number}`, ...(batch.job_id === null ? {} : { batchJob: batch.job_id }) } : {}),
    ...(by === undefined || by === null ? {} : { preparedBy: by }),
    ...(file ? { importRef: `I-${file.id}`, importFile: file.file_name, importedAt: file.created_at } : {}),
  };
}

async function sessionsOf(db: Reader, profileId: number): Promise<NonNullable<ProfileDetail['sessions']>> {
  const rows = await db.selectFrom('sessions').select(['transaction_id', 'started_at', 'phase', 'code', 'eid', 'claimed_eid']).where('profile_id', '=', profileId)
    .orderBy('started_at', 'desc').limit(10).execute();
  return rows.map((row) => {
    const eid = row.eid ?? row.claimed_eid;
    return { transactionId: row.transaction_id, startedAt: row.started_at, phase: row.phase, ...(row.code === null ? {} : { code: row.code }), ...(eid === null ? {} : { eid }) };
  });
}
