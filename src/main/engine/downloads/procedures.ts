import { sessions } from '../../../shared/contract/sessions.ts';
import { explainStatus } from '../../../shared/rsp-status/index.ts';
import { reversed } from '../../../shared/identifiers/index.ts';
import type { Reader } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { query } from '../router/implement.ts';
import type { Implemented } from '../router/implement.ts';
import { endedByRefusal } from './rules.ts';

type Phase = 'initiated' | 'authenticated' | 'refused' | 'bound' | 'installed' | 'install_failed' | 'cancelled' | 'expired';

function listed(db: Reader) {
  return db.selectFrom('sessions as s').leftJoin('profiles as p', 'p.id', 's.profile_id').select([
    's.transaction_id as transactionId', 's.started_at as startedAt', 's.updated_at as updatedAt', 's.phase as phase', 's.identity as identity', 's.eid as eid',
    'p.iccid as iccid', 's.order_id as orderId', 's.tac as tac', 's.remote as remote', 's.code as code', 's.steps as steps', 's.svn as svn', 's.expires_at as expiresAt',
  ]);
}
type Row = Awaited<ReturnType<ReturnType<typeof listed>['execute']>>[number];

const running: readonly string[] = ['initiated', 'authenticated'];

function view(row: Row, now: number) {
  // A session nobody came back to has expired, also before the sweep wrote it down.
  const refused = endedByRefusal(row);
  const phase = (running.includes(row.phase) && row.expiresAt <= now ? 'expired' : refused ? 'refused' : row.phase) as Phase;
  return {
    transactionId: row.transactionId, startedAt: row.startedAt, updatedAt: row.updatedAt, phase, identity: row.identity, steps: row.steps,
    ...(row.eid === null ? {} : { eid: row.eid }), ...(row.iccid === null ? {} : { iccid: row.iccid }), ...(row.orderId === null ? {} : { orderId: row.orderId }),
    ...(row.tac === null ? {} : { tac: row.tac }), ...(row.remote === null ? {} : { remote: row.remote }), ...(row.code === null ? {} : { code: row.code }),
    ...(refused ? { cancelledAfter: true } : {}),
  };
}

const LAST = '\u{10ffff}';

function readCursor(cursor: string): readonly [number, string] {
  const match = /^(\d{1,15})-([0-9A-F]{2,32})$/.exec(cursor);
  if (!match) throw new DeskProblem('INPUT_INVALID', 'This is not a position in the list of sessions.', { field: 'cursor' });
  return [Number(match[1]), match[2]!];
}

export function procedures(): Implemented[] {
  return [
    query(sessions.list, async (ctx, input) => {
      let q = listed(ctx.reader);
      if (input.filter.failedOnly) q = q.where('s.code', 'is not', null);
      const text = input.filter.text?.replace(/\s+/g, '').toUpperCase();
      if (text) {
        const digits = /^\d+F?$/.test(text) ? text.replace(/F$/, '') : undefined;
        q = q.where((e) => e.or([
          e.and([e('s.transaction_id', '>=', text), e('s.transaction_id', '<', text + LAST)]), e('s.order_id', '=', text.toLowerCase()),
          ...(digits === undefined ? [] : [
            e.and([e('s.eid', '>=', digits), e('s.eid', '<', digits + LAST)]),
            e.and([e('p.iccid', '>=', digits), e('p.iccid', '<', digits + LAST)]),
            e.and([e('p.iccid_rev', '>=', reversed(digits)), e('p.iccid_rev', '<', reversed(digits) + LAST)]),
          ]),
        ]));
      }
      if (input.cursor !== undefined) {
        const [startedAt, transactionId] = readCursor(input.cursor);
        q = q.where((e) => e.or([e('s.started_at', '<', startedAt), e.and([e('s.started_at', '=', startedAt), e('s.transaction_id', '<', transactionId)])]));
      }
      const rows = await q.orderBy('s.started_at', 'desc').orderBy('s.transaction_id', 'desc').limit(input.limit + 1).execute();
      const page = rows.slice(0, input.limit);
      const last = page[page.length - 1];
      const now = ctx.clock.now();
      return { rows: page.map((row) => view(row, now)), ...(rows.length > input.limit && last ? { next: `${last.startedAt}-${last.transactionId}` } : {}) };
    }),
    query(sessions.show, async (ctx, input) => {
      const row = await listed(ctx.reader).where('s.transaction_id', '=', input.transactionId.toUpperCase()).executeTakeFirst();
      if (!row) throw new DeskProblem('NOT_FOUND', 'There is no such session.', { field: 'transactionId' });
      const steps = await ctx.reader.selectFrom('session_steps').selectAll().where('transaction_id', '=', row.transactionId).orderBy('id').limit(500).execute();
      return {
        ...view(row, ctx.clock.now()), ...(row.svn === null ? {} : { svn: row.svn }), expiresAt: row.expiresAt,
        stepList: steps.map((step) => {
          const meaning = step.code === null ? undefined : explainStatus(step.code);
          return {
            at: step.at, function: step.function, milliseconds: step.milliseconds, requestBytes: step.request_bytes, responseBytes: step.response_bytes, status: step.status,
            ...(step.code === null ? {} : { code: step.code }), ...(meaning ? { cause: meaning.cause, action: meaning.action } : {}),
          };
        }),
      };
    }),
  ];
}
