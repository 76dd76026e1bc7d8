/** Figures of the Home screen, all counted by the database. */
import { sql } from 'kysely';
import type { z } from 'zod';
import type { ActivationEvent, ActivationStage, ProfileState } from '../../../shared/contract/states.ts';
import type { attentionItem, home } from '../../../shared/contract/workspace.ts';
import type { EngineContext, Reader } from '../context.ts';
import { OWN_FAULT, scanFigures } from '../downloads/index.ts';
import { certificateAlarms } from '../keys/index.ts';
import type { Level } from '../numbers/index.ts';
import { levelsOf, sentenceOf } from '../numbers/index.ts';
import { countDead } from '../outbox/index.ts';
import type { Group } from '../profiles/index.ts';
import { countBy, loadGroups, sumOf } from '../profiles/index.ts';

type Home = z.input<typeof home>;
type Attention = z.infer<typeof attentionItem>;
const day = 86_400_000;

const midnight = (at: number): number => at - (at % day);

/** From the kept counts of groups: no profile is read. */
async function stockFigures(reader: Reader, groups: readonly Group[]): Promise<Home['stock']> {
  const types = await reader.selectFrom('profile_types').select(['id', 'name']).orderBy('name').execute();
  return types.map((type) => {
    const stock = countBy(groups.filter((group) => group.typeId === type.id), (group) => group.state.stock);
    const of = (...states: ProfileState['stock'][]) => states.reduce((sum, state) => sum + (stock.get(state) ?? 0), 0);
    return { type: type.name, imported: of('imported', 'prepared'), sellable: of('sellable'), sold: of('sold', 'held'), quarantined: of('quarantined') };
  });
}

const onOrder = (groups: readonly Group[], state: ProfileState['order']): number => sumOf(groups.filter((group) => group.state.order === state));

/** Most orders looked through for one figure. */
const looked = 20_000;

/** Orders that ended in Error: those that still hold their profile, and those whose profile was retired since. */
async function failedOrders(reader: Reader, groups: readonly Group[]): Promise<number> {
  const holding = onOrder(groups, 'error');
  if (onOrder(groups, 'unavailable') === 0) return holding;
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from (select profile_id from orders indexed by orders_failed where final_state = 'error' order by profile_id desc limit ${looked}) o
    join profiles p on p.id = o.profile_id join orders own on own.id = p.order_id
    where p.order_state = 'unavailable' and own.final_state = 'error'`.execute(reader);
  return holding + (rows[0]?.n ?? 0);
}

async function activationFigures(reader: Reader, now: number, groups: readonly Group[]): Promise<Home['activations']> {
  const week = midnight(now) - 6 * day;
  const orders = (since: number) => reader.selectFrom('orders').select((e) => e.fn.countAll<number>().as('n')).where('created_at', '>=', since).executeTakeFirstOrThrow();
  // A profile is on one order at a time: its order axis counts orders.
  return {
    today: (await orders(midnight(now))).n, sevenDays: (await orders(week)).n, waiting: onOrder(groups, 'released'),
    installed: onOrder(groups, 'installed'), failed: await failedOrders(reader, groups),
  };
}

// The driver binds numbers as REAL: the quotient is cut to whole days by hand.
async function perDay(reader: Reader, now: number, days = 14): Promise<Home['perDay']> {
  const first = midnight(now) - (days - 1) * day;
  const rows = await sql<{ d: number; stage: string; n: number }>`
    select cast(at / ${day} as integer) as d, stage, count(distinct order_id) as n from activation_events
    where at >= ${first} and stage in ('ordered', 'installed') group by 1, 2`.execute(reader);
  const ended = await sql<{ d: number; n: number }>`
    select cast(closed_at / ${day} as integer) as d, count(*) as n from orders where closed_at >= ${first} and final_state = 'error' group by 1`.execute(reader);
  return Array.from({ length: days }, (_, i) => {
    const start = first + i * day;
    const of = (...stages: string[]) => rows.rows.filter((r) => r.d === start / day && stages.includes(r.stage)).reduce((sum, r) => sum + r.n, 0);
    return { day: new Date(start).toISOString().slice(0, 10), ordered: of('ordered'), installed: of('installed'), failed: ended.rows.find((r) => r.d === start / day)?.n ?? 0 };
  });
}

async function timeToInstalled(reader: Reader, now: number): Promise<Home['timeToInstalled']> {
  const spans = sql`
    select i.at - (select min(r.at) from activation_events r where r.order_id = i.order_id and r.stage = 'released') as span
    from activation_events i where i.at >= ${now - 30 * day} and i.stage = 'installed' and i.order_id is not null`;
  // One pass over the index; sorting some ten thousand numbers costs less here than three passes there.
  const found = await sql<{ span: number | null }>`${spans}`.execute(reader);
  const sorted = found.rows.flatMap((row) => (row.span === null ? [] : [row.span])).sort((a, b) => a - b);
  const samples = sorted.length;
  if (samples < 20) return { samples };
  // Nearest rank: the smallest value with at least that share at or below it.
  const at = (share: number) => sorted[Math.ceil(share * samples) - 1]!;
  return { samples, p50: at(0.5), p90: at(0.9) };
}

/** Sessions that this SM-DP+ could not serve, over the index of codes. */
async function ownFaults(reader: Reader, now: number): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from sessions where code = ${OWN_FAULT} and started_at >= ${now - 7 * day}`.execute(reader);
  return rows[0]?.n ?? 0;
}

async function halfDone(reader: Reader, groups: readonly Group[], now: number): Promise<number> {
  const facets = groups.filter((group) => group.state.order === 'downloaded').map((group) => group.facet);
  if (facets.length === 0) return 0;
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from profiles indexed by profiles_group_event where facet in (${sql.join(facets)}) and last_event_at < ${now - 3_600_000}`.execute(reader);
  return rows[0]?.n ?? 0;
}

async function attention(ctx: EngineContext, now: number, stock: Home['stock'], groups: readonly Group[], levels: readonly Level[]): Promise<Attention[]> {
  const { reader } = ctx;
  const items: Attention[] = [];
  const add = (count: number, item: Omit<Attention, 'count' | 'text'>, text: (n: string) => string) => {
    if (count > 0) items.push({ ...item, count, text: text(String(count)) });
  };
  const n = async (query: { executeTakeFirstOrThrow(): Promise<{ n: number }> }) => (await query.executeTakeFirstOrThrow()).n;
  const count = (c: string, word: string, many = `${word}s`) => `${c} ${c === '1' ? word : many}`;

  add(await failedOrders(reader, groups), { kind: 'failed', severity: 'warning', href: '/activations?state=error' }, (c) => `${count(c, 'order')} ended without an installation`);
  add(await ownFaults(reader, now), { kind: 'failed', severity: 'error', href: `/sessions?code=${encodeURIComponent(OWN_FAULT)}` },
    (c) => `${count(c, 'download')} failed here in the last seven days, by a fault of this SM-DP+`);
  add(await halfDone(reader, groups, now), { kind: 'half-done', severity: 'warning', href: '/inventory?order=downloaded' },
    (c) => `${count(c, 'profile')} downloaded more than an hour ago without an installation result`);
  add(await n(reader.selectFrom('orders').select((e) => e.fn.countAll<number>().as('n')).where('closed_at', 'is', null).where('expires_at', '<', now + 3 * day)),
    { kind: 'expiring', severity: 'warning', href: '/activations?open=true' }, (c) => `${count(c, 'open order')} ${c === '1' ? 'expires' : 'expire'} within three days`);
  add(stock.reduce((sum, s) => sum + s.quarantined, 0), { kind: 'quarantined', severity: 'warning', href: '/inventory?stock=quarantined' }, (c) => `${count(c, 'profile')} in quarantine`);
  for (const level of levels) {
    const { sellable } = level.stand;
    const href = '/numbers/levels';
    if (level.state !== 'ok' && level.state !== 'none') items.push({ kind: 'low-stock', severity: level.state === 'out' ? 'error' : 'warning', count: sellable, text: `${level.type}: ${sentenceOf(level).replace(/\.$/, '').replace(/^./, (c) => c.toLowerCase())}`, href });
  }
  add(await n(reader.selectFrom('jobs').select((e) => e.fn.countAll<number>().as('n')).where('state', '=', 'failed').where('created_at', '>=', now - 7 * day)),
    { kind: 'job-failed', severity: 'error', href: '/inventory?jobs=failed' }, (c) => `${count(c, 'job')} failed in the last seven days`);
  for (const alarm of await certificateAlarms(ctx)) items.push({ kind: 'certificate', href: '/keys', ...alarm });
  add(await countDead(reader), { kind: 'outbox-dead', severity: 'error', href: '/outbox?state=dead' }, (c) => `${count(c, 'message')} to other systems could not be delivered`);
  const scan = scanFigures(ctx);
  add(scan.eids + scan.addresses + scan.matchingIds, { kind: 'scan', severity: 'warning', href: '/sessions' },
    (c) => `MatchingIDs are being tried: ${count(c, 'source')} over the limit in the last hour`);
  const rank = { error: 0, warning: 1, info: 2 };
  return items.sort((a, b) => rank[a.severity] - rank[b.severity]);
}

async function recent(reader: Reader): Promise<Home['recent']> {
  const rows = await reader.selectFrom('activation_events as e').innerJoin('profiles as p', 'p.id', 'e.profile_id')
    .select(['e.id', 'e.at', 'e.stage', 'e.source', 'e.order_id', 'e.text', 'e.code', 'e.actor', 'e.transaction_id', 'p.iccid']).orderBy('e.at', 'desc').orderBy('e.id', 'desc').limit(60).execute();
  return rows.map((r) => ({
    id: r.id, at: r.at, stage: r.stage as ActivationStage, source: r.source as ActivationEvent['source'], text: r.text, iccid: r.iccid,
    ...(r.order_id === null ? {} : { orderId: r.order_id }), ...(r.code === null ? {} : { code: r.code }),
    ...(r.actor === null ? {} : { actor: r.actor }), ...(r.transaction_id === null ? {} : { transactionId: r.transaction_id }),
  }));
}

export async function homeFigures(ctx: EngineContext): Promise<Home> {
  const { reader } = ctx;
  const now = ctx.clock.now();
  const groups = await loadGroups(reader);
  const levels = await levelsOf(reader, now);
  const stock = (await stockFigures(reader, groups)).map((row) => {
    const level = levels.find((one) => one.type === row.type);
    return level === undefined ? row : { ...row, level: level.state, ...(level.stand.forecast.daysLeft === undefined || level.stand.forecast.tooFew ? {} : { daysLeft: level.stand.forecast.daysLeft }) };
  });
  return {
    stock, profiles: sumOf(groups), activations: await activationFigures(reader, now, groups), perDay: await perDay(reader, now),
    timeToInstalled: await timeToInstalled(reader, now), attention: await attention(ctx, now, stock, groups, levels), recent: await recent(reader),
  };
}
