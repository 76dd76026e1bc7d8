import { sql } from 'kysely';
import type { z } from 'zod';
import type { brandRow } from '../../../shared/contract/brands.ts';
import { toHex } from '../../../shared/tlv/index.ts';
import type { Reader, Tx } from '../context.ts';
import { usageOf } from './records.ts';
import type { BrandRecord } from './records.ts';
import { pointsOf } from './rules.ts';

export type BrandView = z.input<typeof brandRow>;

/** A brand as people see it, with what it uses now. */
export async function brandView(db: Reader | Tx, brand: BrandRecord, now: number): Promise<BrandView> {
  const credentials = await db.selectFrom('brand_credentials').select(['kind', 'subject', 'sha256', 'not_after']).where('brand_id', '=', brand.id).orderBy('id').execute();
  const types = await db.selectFrom('brand_types as b').innerJoin('profile_types as t', 't.id', 'b.type_id').select('t.name').where('b.brand_id', '=', brand.id).orderBy('t.name').execute();
  const iccids = await db.selectFrom('brand_iccids').select(['first', 'last']).where('brand_id', '=', brand.id).orderBy(sql`length(first)`).orderBy('first').execute();
  const { open, lastDay } = await usageOf(db, brand.id, now);
  return {
    name: brand.name, state: brand.state as BrandView['state'],
    credentials: credentials.map((one) => ({ kind: one.kind, subject: one.subject, sha256: toHex(one.sha256), notAfter: one.not_after })),
    allTypes: brand.all_types === 1, types: types.map((type) => type.name), iccids,
    ...(brand.open_orders === null ? {} : { openOrders: brand.open_orders }), ...(brand.orders_per_day === null ? {} : { ordersPerDay: brand.orders_per_day }),
    openNow: open, lastDay,
    ...(brand.callback_url === null ? {} : { callback: await callbackView(db, brand, brand.callback_url) }),
    createdAt: brand.created_at,
  };
}

async function callbackView(db: Reader | Tx, brand: BrandRecord, url: string): Promise<NonNullable<BrandView['callback']>> {
  const counts = await db.selectFrom('outbox').select(['state', (e) => e.fn.countAll<number>().as('n')])
    .where('brand_id', '=', brand.id).where('state', 'in', ['waiting', 'dead']).groupBy('state').execute();
  const count = (state: string): number => Number(counts.find((row) => row.state === state)?.n ?? 0);
  // The newest messages first: what was delivered last stands among them.
  const last = await db.selectFrom('outbox').select('done_at').where('brand_id', '=', brand.id).where('state', '=', 'done').orderBy('id', 'desc').limit(1).executeTakeFirst();
  return {
    url, ownTrust: brand.callback_ca !== null, ...(brand.callback_identity === null ? {} : { identity: brand.callback_identity }), points: pointsOf(brand.callback_points),
    result: brand.callback_result,
    waiting: count('waiting'), dead: count('dead'), ...(last?.done_at ? { lastDeliveredAt: last.done_at } : {}),
  };
}
