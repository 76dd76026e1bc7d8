import { sql } from 'kysely';
import { outbox, outboxStates } from '../../../shared/contract/outbox.ts';
import type { OutboxRow } from '../../../shared/contract/outbox.ts';
import { DeskProblem, type EngineContext, type Reader, type Tx } from '../context.ts';
import { command, query } from '../router/implement.ts';
import type { Implemented } from '../router/implement.ts';
import { deliveryOf, type OutboxRecord, outboxRow } from './records.ts';
import type { OutboxHandler } from './types.ts';
import { KEPT } from './undo.ts';
import { hurry } from './worker.ts';

type State = OutboxRow['state'];
interface Filter { readonly state?: readonly State[] | undefined; readonly kind?: string | undefined; readonly brand?: string | undefined; readonly orderId?: string | undefined }

function view(row: OutboxRecord, brands: ReadonlyMap<number, string>): OutboxRow {
  const brand = row.brand_id === null ? undefined : brands.get(row.brand_id);
  return {
    id: row.id, kind: row.kind, state: row.state as State, summary: row.summary ?? row.kind, attempts: row.attempts, createdAt: row.created_at,
    ...(brand === undefined ? {} : { brand }), ...(row.order_id === null ? {} : { orderId: row.order_id }),
    ...(row.state === 'waiting' ? { nextAt: row.next_at } : {}), ...(row.done_at === null ? {} : { doneAt: row.done_at }),
    ...(row.last_error === null ? {} : { lastError: row.last_error }),
  };
}

async function brandNames(db: Reader, rows: readonly OutboxRecord[]): Promise<Map<number, string>> {
  const ids = [...new Set(rows.flatMap((row) => row.brand_id ?? []))];
  if (ids.length === 0) return new Map();
  return new Map((await db.selectFrom('brands').select(['id', 'name']).where('id', 'in', ids).execute()).map((brand) => [brand.id, brand.name]));
}

const brandId = async (db: Reader | Tx, name: string): Promise<number | undefined> => (await db.selectFrom('brands').select('id').where('name', '=', name).executeTakeFirst())?.id;

/** The newest rows of one state below `before`. */
async function newest(db: Reader, state: State, filter: Filter & { brandId?: number }, before: number | undefined, limit: number): Promise<OutboxRecord[]> {
  let rows = db.selectFrom('outbox').selectAll().where('state', '=', state);
  if (filter.kind !== undefined) rows = rows.where('kind', '=', filter.kind);
  if (filter.brandId !== undefined) rows = rows.where('brand_id', '=', filter.brandId);
  if (filter.orderId !== undefined) rows = rows.where('order_id', '=', filter.orderId);
  // Nobody discarded it: listed with everything it would read as a loss. Shown to who asks for discarded ones.
  if (filter.state === undefined && state === 'discarded') rows = rows.where((e) => e.or([e('last_error', 'is', null), e('last_error', '!=', KEPT)]));
  if (before !== undefined) rows = rows.where('id', '<', before);
  return rows.orderBy('id', 'desc').limit(limit).execute();
}

function readCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  if (!/^[1-9]\d{0,14}$/.test(cursor)) throw new DeskProblem('INPUT_INVALID', 'This is not a position in the list of messages.', { field: 'cursor' });
  return Number(cursor);
}

async function countIn(db: Reader, state: State): Promise<number> {
  return (await db.selectFrom('outbox').select((e) => e.fn.countAll<number>().as('n')).where('state', '=', state).executeTakeFirstOrThrow()).n;
}

async function counts(db: Reader) {
  const oldest = await db.selectFrom('outbox').select('created_at').where('state', '=', 'waiting').orderBy('id').limit(1).executeTakeFirst();
  return { waiting: await countIn(db, 'waiting'), dead: await countIn(db, 'dead'), ...(oldest ? { oldestWaitingAt: oldest.created_at } : {}) };
}

/** Dead messages, for Home. */
export const countDead = (db: Reader): Promise<number> => countIn(db, 'dead');

interface Replay { readonly ids?: readonly number[] | undefined; readonly brand?: string | undefined }

/** Messages that wait, named by their ids: now, and with them those of the same order that go before them. Answers how many were named. */
async function tryNow(tx: Tx, ctx: EngineContext, ids: readonly number[], brand: number | undefined): Promise<number> {
  const now = ctx.clock.now();
  let rows = tx.selectFrom('outbox').select(['id', 'lane', 'order_id']).where('state', '=', 'waiting').where('id', 'in', ids.length === 0 ? [-1] : [...ids]);
  if (brand !== undefined) rows = rows.where('brand_id', '=', brand);
  const waiting = await rows.execute();
  for (const row of waiting) {
    await tx.updateTable('outbox').set({ next_at: now }).where('state', '=', 'waiting').where('next_at', '>', now)
      .where((e) => e.or([e('id', '=', row.id), e.and([e('order_id', '=', row.order_id), e('lane', '=', row.lane), e('id', '<', row.id)])])).execute();
  }
  hurry(ctx, waiting.map((row) => row.lane));
  return waiting.length;
}

async function replay(tx: Tx, ctx: EngineContext, input: Replay): Promise<number> {
  const now = ctx.clock.now();
  let rows = tx.updateTable('outbox').set({ state: 'waiting', attempts: 0, refusals: 0, next_at: now, since: now, done_at: null }).where('state', '=', 'dead');
  if (input.ids !== undefined) rows = rows.where('id', 'in', input.ids.length === 0 ? [-1] : [...input.ids]);
  const id = input.brand === undefined ? undefined : await brandId(tx, input.brand);
  if (input.brand !== undefined) {
    if (id === undefined) throw new DeskProblem('BRAND_UNKNOWN', `There is no brand ${input.brand}.`, { field: 'brand' });
    rows = rows.where('brand_id', '=', id);
  }
  // Before the dead ones become waiting ones.
  const hurried = input.ids === undefined ? 0 : await tryNow(tx, ctx, input.ids, id);
  return hurried + Number((await rows.executeTakeFirst()).numUpdatedRows);
}

/** `handlers` tell how a message looks. */
export function procedures(handlers: readonly OutboxHandler[]): Implemented[] {
  return [
    query(outbox.list, async (ctx, { filter, cursor, limit }) => {
      const before = readCursor(cursor);
      const brand = filter.brand === undefined ? undefined : await brandId(ctx.reader, filter.brand);
      const states = filter.brand !== undefined && brand === undefined ? [] : (filter.state ?? [...outboxStates]);
      // State by state: each is an index range, however many messages of other states lie between.
      const found = await Promise.all([...new Set(states)].map((state) => newest(ctx.reader, state, { ...filter, ...(brand === undefined ? {} : { brandId: brand }) }, before, limit + 1)));
      const rows = found.flat().sort((a, b) => b.id - a.id);
      const page = rows.slice(0, limit);
      const names = await brandNames(ctx.reader, page);
      return { rows: page.map((row) => view(row, names)), counts: await counts(ctx.reader), ...(rows.length > limit ? { next: String(page.at(-1)!.id) } : {}) };
    }),
    query(outbox.show, async (ctx, { id }) => {
      const row = await outboxRow(ctx.reader, id);
      if (!row) throw new DeskProblem('NOT_FOUND', 'There is no such message.', { field: 'id' });
      const handler = handlers.find((one) => one.kind === row.kind);
      const described = handler ? await handler.describe(ctx, deliveryOf(ctx, row)) : { target: 'unknown', body: '' };
      return { ...view(row, await brandNames(ctx.reader, [row])), ...described };
    }),
    command(outbox.replay, {
      run: async (tx, ctx, input) => ({ replayed: await replay(tx, ctx, input) }),
      changes: ['outbox', 'workspace'],
    }),
    command(outbox.discard, {
      run: async (tx, ctx, { ids, reason }) => {
        const done = await tx.updateTable('outbox').set({ state: 'discarded', done_at: ctx.clock.now(), last_error: sql<string>`'Given up: ' || ${reason} || coalesce(' (last: ' || last_error || ')', '')` })
          .where('id', 'in', ids).where('state', 'in', ['dead', 'waiting']).executeTakeFirst();
        return { discarded: Number(done.numUpdatedRows) };
      },
      changes: ['outbox', 'workspace'],
    }),
  ];
}
