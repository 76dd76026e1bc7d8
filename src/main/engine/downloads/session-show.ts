/** One session with its steps and messages, and the notifications that eUICCs sent. */
import type { SessionFixture } from '../../../shared/contract/sessions.ts';
import { bppCommandNames, explainInstall, explainStatus } from '../../../shared/rsp-status/index.ts';
import type { Reader } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { derTree } from './session-decode-der.ts';
import { exportSession } from './session-export.ts';
import { sessionRow, sessionsOfEid, sessionView } from './session-list.ts';

const STEPS = 500;

/** Messages are kept as JSON text; one that cannot be read says so instead of hiding the step. */
function message(text: string | null): unknown {
  if (text === null) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return { unreadable: 'what was kept of this message is damaged' };
  }
}

/** The sentence in the answer that was kept of a refused step. */
function refusedWith(response: unknown): string | undefined {
  const { failed } = (response ?? {}) as { failed?: { message?: unknown } };
  return typeof failed?.message === 'string' && failed.message !== '' ? failed.message : undefined;
}

async function stepsOf(db: Reader, transactionId: string) {
  const rows = await db.selectFrom('session_steps as t').leftJoin('session_messages as m', 'm.step_id', 't.id')
    .select(['t.at', 't.function', 't.milliseconds', 't.request_bytes', 't.response_bytes', 't.status', 't.code', 'm.request', 'm.response'])
    .where('t.transaction_id', '=', transactionId).orderBy('t.id').limit(STEPS).execute();
  return rows.map((step) => {
    const request = message(step.request);
    const response = message(step.response);
    return {
      at: step.at, function: step.function, milliseconds: step.milliseconds, requestBytes: step.request_bytes, responseBytes: step.response_bytes, status: step.status,
      ...(step.code === null ? {} : { code: step.code }), ...(request === undefined ? {} : { request }), ...(response === undefined ? {} : { response }),
    };
  });
}

async function known(db: Reader, transactionId: string) {
  const row = await sessionRow(db, transactionId);
  if (!row) throw new DeskProblem('NOT_FOUND', 'There is no such session.', { field: 'transactionId' });
  return row;
}

export async function showSession(db: Reader, transactionId: string, now: number) {
  const row = await known(db, transactionId);
  const eid = row.eid ?? row.claimedEid;
  const others = eid === null ? [] : await sessionsOfEid(db, eid, row.transactionId, 10);
  return {
    ...sessionView(row, now), ...(row.svn === null ? {} : { svn: row.svn }), expiresAt: row.expiresAt, smdpAddress: row.smdpAddress, curve: row.curve, ciKeyId: Buffer.from(row.ciKeyId).toString('hex').toUpperCase(),
    others: others.map((other) => sessionView(other, now)),
    stepList: (await stepsOf(db, row.transactionId)).map((step) => {
      const meaning = step.code === undefined ? undefined : explainStatus(step.code);
      const detail = step.code === undefined ? undefined : refusedWith(step.response);
      return { ...step, ...(meaning ? { cause: meaning.cause, action: meaning.action } : {}), ...(detail === undefined ? {} : { detail }) };
    }),
  };
}

export async function sessionFixtureOf(db: Reader, transactionId: string, now: number): Promise<{ fileName: string; fixture: SessionFixture }> {
  const row = await known(db, transactionId);
  const order = row.orderId === null ? undefined : await db.selectFrom('orders').select(['matching_id']).where('id', '=', row.orderId).executeTakeFirst();
  const view = sessionView(row, now);
  const fixture = exportSession({
    transactionId: row.transactionId, phase: view.phase, binding: row.binding, curve: row.curve, smdpAddress: row.smdpAddress, steps: await stepsOf(db, row.transactionId),
    ...(row.code === null ? {} : { code: row.code }), ...(row.svn === null ? {} : { svn: row.svn }), ...(row.tac === null ? {} : { tac: row.tac }), ...(row.eid === null ? {} : { eid: row.eid }), ...(row.iccid === null ? {} : { iccid: row.iccid }),
    ...(row.orderId === null ? {} : { orderId: row.orderId }), ...(order?.matching_id ? { matchingId: order.matching_id } : {}), ...(row.remote === null ? {} : { remote: row.remote }),
  });
  return { fileName: `session-${view.phase}-${new Date(row.startedAt).toISOString().slice(0, 19).replaceAll(':', '')}Z.json`, fixture };
}

function listedNotifications(db: Reader) {
  return db.selectFrom('notifications as n').leftJoin('sessions as s', 's.transaction_id', 'n.transaction_id').select([
    'n.id', 'n.received_at', 'n.kind', 'n.transaction_id', 'n.eid', 'n.iccid', 'n.sequence', 'n.operation', 'n.outcome', 'n.verified', 's.transaction_id as session', 's.order_id as order', 's.euicc_public_key as key',
  ]);
}
type NotificationListRow = Awaited<ReturnType<ReturnType<typeof listedNotifications>['execute']>>[number];

/** Why nobody believed it: what its check needed and did not find. */
function whyQuarantined(row: NotificationListRow): string {
  if (row.kind === 'other') return 'Its certificates do not lead to a root we trust, or its signature is not of the chip it names';
  if (row.session === null) return 'It names a session this workspace never had, or no longer keeps';
  if (row.key === null) return 'No chip proved itself in the session it names';
  return row.order === null ? 'The session it names never came to an order' : 'Its signature is not of the chip of its session, or it names another SM-DP+';
}

function notificationView(row: NotificationListRow) {
  const failed = row.kind === 'install' ? /^(\d+)\/(\d+)$/.exec(row.outcome ?? '') : null;
  const meaning = failed ? explainInstall(Number(failed[2])) : undefined;
  const outcome = failed ? `${bppCommandNames[Number(failed[1])] ?? failed[1]!}, ${failed[2]!}` : row.outcome;
  return {
    id: row.id, receivedAt: row.received_at, kind: row.kind === 'install' ? 'install' as const : 'other' as const, verified: row.verified === 1,
    ...(row.transaction_id === null ? {} : { transactionId: row.transaction_id }), ...(row.eid === null ? {} : { eid: row.eid }), ...(row.iccid === null ? {} : { iccid: row.iccid }), ...(row.sequence === null ? {} : { sequence: row.sequence }),
    ...(row.operation === null ? {} : { operation: row.operation }), ...(outcome === null ? {} : { outcome }), ...(meaning ? { cause: meaning.cause, action: meaning.action } : {}), ...(row.verified === 1 ? {} : { quarantined: whyQuarantined(row) }),
  };
}

const LAST = '\u{10ffff}';

export async function notificationPage(db: Reader, filter: { transactionId?: string | undefined; verified?: boolean | undefined; text?: string | undefined }, cursor: string | undefined, limit: number) {
  if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) throw new DeskProblem('INPUT_INVALID', 'This is not a position in the list of notifications.', { field: 'cursor' });
  let q = listedNotifications(db);
  if (filter.transactionId !== undefined) q = q.where('n.transaction_id', '=', filter.transactionId.toUpperCase());
  if (filter.verified !== undefined) q = q.where('n.verified', '=', filter.verified ? 1 : 0);
  const text = filter.text?.replace(/\s+/g, '').toUpperCase().replace(/^(\d+)F$/, '$1');
  if (text) q = q.where((e) => e.or((['n.eid', 'n.iccid', 'n.transaction_id'] as const).map((column) => e.and([e(column, '>=', text), e(column, '<', text + LAST)]))));
  if (cursor !== undefined) q = q.where('n.id', '<', Number(cursor));
  const rows = await q.orderBy('n.id', 'desc').limit(limit + 1).execute();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { rows: page.map(notificationView), ...(rows.length > limit && last ? { next: String(last.id) } : {}) };
}

export async function showNotification(db: Reader, id: number) {
  const row = await listedNotifications(db).select('n.raw').where('n.id', '=', id).executeTakeFirst();
  if (!row) throw new DeskProblem('NOT_FOUND', 'There is no such notification; quarantined ones are kept up to a number.', { field: 'id' });
  return { ...notificationView(row), bytes: row.raw.length, tree: derTree(new Uint8Array(row.raw))?.rows ?? [] };
}
