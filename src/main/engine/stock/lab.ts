/**
 * Synthetic inventory for a lab: numbers no network uses (ICCID 898821199…, IMSI 001019…), most rows merely imported, a share
 * truly prepared by the vault and taken through the state tables to where real profiles end up, over the last 90 days.
 */
import { luhnCheckDigit, makeEid, makeMatchingId, matchingIdRandomBytes } from '../../../shared/identifiers/index.ts';
import type { ProfileState } from '../../../shared/contract/states.ts';
import { appendAudit } from '../audit/index.ts';
import type { JobKind } from '../jobs/index.ts';
import type { EventName } from '../profiles/index.ts';
import { besideStageOf, decide, stageOf, startStates } from '../profiles/index.ts';
import type { LabEvent, LabOrder, LabRemark } from '../store/bulk-lab.ts';
import { insertLabEvents, insertLabOrders, insertLabRemarks } from '../store/bulk-lab.ts';
import type { ProfileInsert } from '../store/bulk-profiles.ts';
import { insertProfiles } from '../store/bulk-profiles.ts';
import type { EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { TypeRecord } from '../types/index.ts';
import { typeById, withTemplate } from '../types/index.ts';

const DAY = 86_400_000;
const SPREAD = 90 * DAY;
const UNIT = 4_000;
/** Most profiles prepared in one unit; a small lab is prepared in a larger share, so that its screens have something to show. */
const PREPARED = 160;
const ICCID_PREFIX = '898821199';
const IMSI_PREFIX = '001019';
const MSISDN_PREFIX = '999';

export interface FillParams {
  readonly typeId: number;
  readonly count: number;
}
export interface FillProgress {
  readonly batchId: number;
  readonly serial: number;
}

interface Ending {
  readonly weight: number;
  readonly events: readonly EventName[];
  readonly outcome?: string;
}

/** Where lab profiles end up, as the events that lead there. */
const endings: readonly Ending[] = [
  { weight: 34, events: [] },
  { weight: 9, events: ['order', 'confirm', 'release'] },
  { weight: 2, events: ['order', 'confirm'] },
  { weight: 2, events: ['order', 'confirm', 'release', 'deliver'] },
  { weight: 8, events: ['order', 'confirm', 'release', 'deliver', 'install', 'network_provisioned'], outcome: 'installed' },
  { weight: 24, events: ['order_for_eid', 'confirm', 'release', 'deliver', 'install', 'device_enabled', 'network_provisioned', 'network_activated'], outcome: 'installed' },
  { weight: 4, events: ['order', 'confirm', 'release', 'deliver', 'install', 'device_enabled', 'device_disabled', 'network_provisioned', 'network_suspended'], outcome: 'installed' },
  { weight: 3, events: ['order', 'confirm', 'release', 'deliver', 'install', 'device_enabled', 'device_deleted', 'network_provisioned', 'network_removed'], outcome: 'installed' },
  { weight: 3, events: ['order', 'confirm', 'release', 'deliver', 'install_failed'], outcome: 'install_failed' },
  { weight: 2, events: ['order', 'confirm', 'release', 'download_cancelled'], outcome: 'rejected' },
  { weight: 2, events: ['order', 'confirm', 'release', 'expire'], outcome: 'expired' },
  { weight: 1, events: ['order', 'confirm', 'release', 'limit_reached'], outcome: 'download_limit' },
  { weight: 2, events: ['order', 'confirm', 'release', 'cancel_available'], outcome: 'cancelled' },
  { weight: 1, events: ['order', 'confirm', 'release', 'deliver', 'install_failed', 'cancel_unavailable'], outcome: 'cancelled' },
  { weight: 2, events: ['quarantine'] },
  { weight: 1, events: ['hold'] },
];
const totalWeight = endings.reduce((sum, ending) => sum + ending.weight, 0);

const words: Partial<Record<EventName, string>> = {
  order: 'Ordered', order_for_eid: 'Ordered for a known EID', confirm: 'Confirmed', release: 'Released for download', deliver: 'Package delivered to the device',
  install: 'Installed', install_failed: 'The device reported a failed installation', download_cancelled: 'Declined by the user', expire: 'The order expired',
  limit_reached: 'Too many download attempts', cancel_available: 'Cancelled', cancel_unavailable: 'Cancelled, not to be used again',
  device_enabled: 'Enabled', device_disabled: 'Disabled', device_deleted: 'Deleted from the device', quarantine: 'Put into quarantine: lab sample', hold: 'Held for a campaign: lab sample',
  network_provisioned: 'Known to the network', network_activated: 'Active in the network', network_suspended: 'Suspended in the network', network_removed: 'Removed from the network',
};

function sourceOf(name: EventName): string {
  if (['order', 'order_for_eid', 'confirm', 'release', 'cancel_available', 'cancel_unavailable', 'quarantine', 'hold'].includes(name)) return 'operator';
  if (name.startsWith('device_') || name.startsWith('install')) return 'euicc';
  return name.startsWith('network_') ? 'network' : name === 'expire' ? 'system' : 'es9plus';
}

interface LabProfile {
  readonly profile: ProfileInsert;
  readonly order?: Omit<LabOrder, 'profileId'>;
  readonly events: readonly Omit<LabEvent, 'profileId'>[];
  readonly remarks: Omit<LabRemark, 'profileId'>;
}

interface Maker {
  readonly ctx: EngineContext;
  readonly type: TypeRecord;
  readonly random: Uint8Array;
  readonly now: number;
}

/** Small numbers out of one block of randomness. */
function dice(random: Uint8Array, at: number): (sides: number) => number {
  let step = 0;
  return (sides) => {
    const i = (at * 13 + 7 * step++) % (random.length - 3);
    return (random[i]! * 65_536 + random[i + 1]! * 256 + random[i + 2]!) % sides;
  };
}

function numbers(serial: number): { iccid: string; imsi: string; msisdn: string } {
  const digits = String(serial).padStart(9, '0');
  const body = ICCID_PREFIX + digits;
  return { iccid: body + luhnCheckDigit(body), imsi: IMSI_PREFIX + digits, msisdn: MSISDN_PREFIX + digits };
}

function importedRow(type: TypeRecord, serial: number, createdAt: number): ProfileInsert {
  return { ...numbers(serial), typeId: type.id, templateId: type.template_id, state: startStates.import, createdAt, lastEvent: 'Made for the lab' };
}

/** Takes one prepared profile through the tables to an ending drawn by lot. */
function livedRow(maker: Maker, serial: number, createdAt: number, prepared: NonNullable<ProfileInsert['prepared']>): LabProfile {
  const { ctx, type, now } = maker;
  const roll = dice(maker.random, serial);
  let draw = roll(totalWeight);
  const ending = endings.find((one) => (draw -= one.weight) < 0)!;
  const eid = makeEid(`89990000${String(serial).padStart(22, '0')}`);
  const orderId = `o-${String(serial).padStart(9, '0')}${Buffer.from(ctx.random(6)).toString('hex').slice(0, 11)}`;
  const span = Math.max(1, now - createdAt);
  let at = createdAt + roll(Math.max(1, Math.floor(span * 0.8)));
  let state: ProfileState = startStates.range;
  let delivered: number | undefined;
  let bound: string | undefined;
  let device: number | undefined;
  let closedAt: number | undefined;
  let confirmedAt: number | undefined;
  let last = { at: createdAt, text: 'Prepared' };
  const ordered = ending.events.some((name) => name.startsWith('order'));
  const orderedAt = at;
  const events: Omit<LabEvent, 'profileId'>[] = [];
  for (const name of ending.events) {
    const decision = decide({ state, delivered: delivered !== undefined, prepared: true, eid: bound }, { name, eid });
    if (!decision.ok) throw new Error(`lab ending ${ending.events.join(' ')}: ${name} is refused, ${decision.why}`);
    state = decision.state;
    if (name === 'deliver') delivered = at;
    if (name === 'deliver' || name === 'order_for_eid') bound = eid;
    if (name === 'cancel_available') bound = undefined;
    if (name === 'install' || name.startsWith('device_')) device = at;
    const stage = stageOf[name] ?? besideStageOf[name];
    if (name === 'confirm') confirmedAt = at;
    if (stage) events.push({ ...(ordered ? { orderId } : {}), at, stage, source: sourceOf(name), text: words[name] ?? name, actor: 'system' });
    if (words[name]) last = { at, text: words[name] };
    if (ending.outcome !== undefined && closedAt === undefined && ['installed', 'error', 'available', 'unavailable'].includes(state.order)) closedAt = at;
    at = Math.min(now, at + 20_000 + roll(name === 'release' ? 6 * 3_600_000 : 90_000));
  }
  const profile: ProfileInsert = {
    ...numbers(serial), typeId: type.id, templateId: type.template_id, state, createdAt, lastEvent: last.text, lastEventAt: last.at, prepared,
    ...(bound === undefined ? {} : { eid: bound }), ...(delivered === undefined ? {} : { deliveredAt: delivered }),
    ...(device === undefined ? {} : { deviceSource: 'euicc', deviceAt: device }),
    ...(state.stock === 'quarantined' ? { stockReason: 'lab sample' } : {}), ...(state.stock === 'held' ? { heldUntil: now + (1 + roll(28)) * DAY, heldFor: 'Lab campaign' } : {}),
    ...(ordered && state.order !== 'available' ? { orderId } : {}),
  };
  const remarks = remarksOf(roll, at, state);
  if (!ordered) return { profile, events, remarks };
  const settings = ctx.settings();
  return {
    profile, events, remarks,
    order: {
      id: orderId, typeId: type.id, matchingId: makeMatchingId(ctx.random(matchingIdRandomBytes)), smdpAddress: settings.smdpAddress,
      ...(ending.events.includes('order_for_eid') ? { eid } : {}), ...(delivered === undefined ? {} : { boundEid: eid }),
      confirmationLimit: settings.confirmationAttempts, downloadLimit: settings.downloadLimit, downloadAttempts: delivered === undefined ? 0 : 1,
      createdAt: orderedAt, ...(confirmedAt === undefined ? {} : { confirmedAt }), expiresAt: Math.max(now, orderedAt) + settings.orderLifetimeDays * DAY,
      ...(ending.outcome === undefined ? {} : { outcome: ending.outcome, closedAt: closedAt ?? at, finalState: state.order }),
    },
  };
}

/** A few carry a label, fewer a note. */
function remarksOf(roll: (sides: number) => number, at: number, state: ProfileState): Omit<LabRemark, 'profileId'> {
  const label = state.order === 'error' && roll(3) === 0 ? 'to check' : roll(20) === 0 ? 'pilot customer' : undefined;
  const note = state.stock === 'quarantined' ? 'Lab sample: nobody has looked at it yet.' : roll(40) === 0 ? 'Lab sample: the customer called about this one.' : undefined;
  return { at, ...(label === undefined ? {} : { label }), ...(note === undefined ? {} : { note }) };
}

async function firstSerial(ctx: EngineContext): Promise<number> {
  const highest = async (column: 'iccid' | 'imsi', prefix: string): Promise<number> => {
    const row = await ctx.db.selectFrom('profiles').select(column).where(column, '>=', prefix).where(column, '<', `${prefix}:`).orderBy(column, 'desc').limit(1).executeTakeFirst();
    return row ? Number(row[column].slice(prefix.length, prefix.length + 9)) + 1 : 0;
  };
  return Math.max(await highest('iccid', ICCID_PREFIX), await highest('imsi', IMSI_PREFIX));
}

export const fillLabKind: JobKind<FillParams, FillProgress> = {
  kind: 'fill-lab',
  title: (params) => `Fill the lab with ${params.count} synthetic profiles`,
  total: (_ctx, params) => params.count,
  async unit(ctx, job) {
    const type = await typeById(ctx.db, job.params.typeId);
    if (!type) throw new DeskProblem('TYPE_UNKNOWN', 'The profile type of this job is gone.');
    const serial = job.progress?.serial ?? await firstSerial(ctx);
    const rows = Math.min(UNIT, job.total - job.done);
    if (serial + rows > 999_999_999) throw new DeskProblem('CONFLICT', 'The numbers for synthetic profiles are used up in this workspace.');
    const now = ctx.clock.now();
    const createdAt = (index: number): number => Math.floor(now - SPREAD + (SPREAD * (job.done + index)) / job.total);
    // The last rows of a unit are the prepared ones; a lab below one unit prepares up to half of what it gets.
    const lived = Math.min(PREPARED, Math.ceil(rows / 2));
    const batch = job.progress ? (await ctx.db.selectFrom('batches').select('batch_key').where('id', '=', job.progress.batchId).executeTakeFirstOrThrow()).batch_key
      : (await ctx.vault.call('createBatchKey', {})).batchKey;
    const items = Array.from({ length: lived }, (_, index) => {
      const { iccid, imsi, msisdn } = numbers(serial + rows - lived + index);
      return { iccid, imsi, msisdn: `+${msisdn}` };
    });
    const { items: prepared } = await withTemplate(ctx, type.template_id, (template) => ctx.vault.call('prepare', { template, batchKey: batch, items }));
    const maker: Maker = { ctx, type, random: ctx.random(4096), now };
    return {
      done: rows, progress: { batchId: job.progress?.batchId ?? 0, serial: serial + rows }, finished: job.done + rows >= job.total,
      changes: ['profiles', 'orders', 'types', 'workspace'],
      async commit(this: { progress: FillProgress }, tx: Tx) {
        const batchId = job.progress?.batchId ?? (await tx.insertInto('batches')
          .values({ kind: 'preparation', type_id: type.id, batch_key: batch, job_id: job.id, created_at: now }).returning('id').executeTakeFirstOrThrow()).id;
        this.progress = { batchId, serial: serial + rows };
        insertProfiles(ctx.sqlite, Array.from({ length: rows - lived }, (_, index) => importedRow(type, serial + index, createdAt(index))));
        const made = prepared.map((one, index) => livedRow(maker, serial + rows - lived + index, createdAt(rows - lived + index), {
          batchId, slots: one.sealed, packageDigest: one.digest, packageBytes: one.packageBytes, fingerprint: one.fingerprint, at: createdAt(rows - lived + index),
        }));
        const ids = insertProfiles(ctx.sqlite, made.map((one) => one.profile));
        insertLabOrders(ctx.sqlite, made.flatMap((one, index) => (one.order ? [{ ...one.order, profileId: ids[index]! }] : [])));
        insertLabRemarks(ctx.sqlite, made.map((one, index) => ({ ...one.remarks, profileId: ids[index]! })));
        insertLabEvents(ctx.sqlite, made.flatMap((one, index) => one.events.map((event) => ({ ...event, profileId: ids[index]! }))));
        await appendAudit(tx, ctx.random, {
          at: now, event: 'lab.unit', actor: job.call.actor, host: job.call.host, outcome: 'done', correlationId: job.call.correlationId,
          object: { type: 'job', id: job.id },
          fields: { type: type.name, count: rows, prepared: lived, firstIccid: numbers(serial).iccid, lastIccid: numbers(serial + rows - 1).iccid },
        });
      },
    };
  },
};
