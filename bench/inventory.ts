/**
 * The inventory at a million profiles: pages, every filter, searches, counts, one profile, bulk work, over the workspace's socket as a
 * window asks. Each figure stands beside a bare indexed select of as many rows in the same run.
 * MVNE_BENCH_PROFILES: how many; MVNE_BENCH_WORKSPACE: a folder to keep the filled workspace in, or to find it in.
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type SqliteDatabase from 'better-sqlite3';
import { createOutput } from '../src/main/commands/output.ts';
import { createSession, startHost, type Session } from '../src/main/commands/session.ts';
import type { ProfileFilter, SortKey } from '../src/shared/contract/profile-filter.ts';
import { readCondition, readSort } from '../src/shared/contract/profile-filter.ts';
import { contract } from '../src/shared/contract/index.ts';
import type { Figure } from './index.ts';

const wanted = Number(process.env['MVNE_BENCH_PROFILES'] ?? 1_000_000);
const warmUp = 3;
const measured = 30;
const page = 100;
const day = 86_400_000;

interface Spread { readonly p50: number; readonly p95: number }

const spread = (times: number[]): Spread => {
  times.sort((a, b) => a - b);
  return { p50: times[Math.ceil(times.length * 0.5) - 1]!, p95: times[Math.ceil(times.length * 0.95) - 1]! };
};

async function timed(work: () => Promise<unknown>, runs = measured): Promise<Spread> {
  const times: number[] = [];
  for (let run = 0; run < warmUp + runs; run++) {
    const from = performance.now();
    await work();
    if (run >= warmUp) times.push(performance.now() - from);
  }
  return spread(times);
}

const memoryMb = (pid: number | undefined): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

export async function run(): Promise<Figure[]> {
  const kept = process.env['MVNE_BENCH_WORKSPACE'];
  const workspace = kept ?? mkdtempSync(join(tmpdir(), 'mvne-desk-bench-'));
  const quiet = createOutput(true);
  try {
    const host = await startHost({ workspace }, {}, quiet);
    try {
      const session = createSession(host, quiet);
      const figures: Figure[] = [];
      const { profiles: there } = await session.call(contract.workspace.home, {});
      if (there < wanted) {
        const from = performance.now();
        await session.finish(await session.call(contract.stock.fillLab, { profiles: wanted - there }));
        const rate = ((wanted - there) * 1000) / (performance.now() - from);
        figures.push({ name: 'filling the lab', value: rate, unit: '1/s', reference: 'itself', ratio: 1 });
      }
      figures.push(...await measureAll(session, join(workspace, 'desk.db')));
      const pids = host.own?.pids() ?? {};
      for (const [name, pid] of Object.entries(pids)) figures.push({ name: `resident memory of the ${name}`, value: memoryMb(pid as number), unit: 'MB', reference: 'itself', ratio: 1 });
      return figures;
    } finally {
      await host.close();
    }
  } finally {
    if (kept === undefined) rmSync(workspace, { recursive: true, force: true });
  }
}

async function measureAll(session: Session, path: string): Promise<Figure[]> {
  const { call } = session;
  const Sqlite = createRequire(join(process.cwd(), 'package.json'))('better-sqlite3') as typeof SqliteDatabase;
  const raw = new Sqlite(path, { readonly: true });
  try {
    const total = (raw.prepare('select sum(n) as n from profile_counts').get() as { n: number }).n;
    const any = raw.prepare(`select iccid, imsi, msisdn, eid from profiles where order_state = 'installed' and eid is not null order by id desc limit 1 offset 200`).get() as { iccid: string; imsi: string; msisdn: string; eid: string };
    const selectPage = raw.prepare('select * from profiles where id < ? order by id desc limit ?');
    const selectOne = raw.prepare('select * from profiles where iccid = ?');
    const bare = spread(Array.from({ length: 200 }, (_, n) => clocked(() => selectPage.all(total - n * page, page)))).p50;
    const bareOne = spread(Array.from({ length: 200 }, () => clocked(() => selectOne.get(any.iccid)))).p50;
    const figures: Figure[] = [];
    const add = (name: string, { p50, p95 }: Spread, against = bare, reference = `a bare select of ${page} rows by key`): void => {
      figures.push({ name: `${name}: median`, value: p50, unit: 'ms', reference, ratio: p50 / against }, { name: '  of 20 the slowest (p95)', value: p95, unit: 'ms', reference, ratio: p95 / against });
    };
    const list = (filter: ProfileFilter, sort: SortKey[] = [], cursor?: string) => call(contract.profiles.list, { filter, sort, limit: page, ...(cursor === undefined ? {} : { cursor }) });
    const { rows: types } = await call(contract.types.list, {});
    const type = types[0]!.name;
    const now = Date.now();
    const span = (from: number, to: number): string => `${new Date(now - from * day).toISOString().slice(0, 10)},${new Date(now - to * day).toISOString().slice(0, 10)}`;
    const where = (...texts: string[]): ProfileFilter => ({ where: texts.map((text) => readCondition(text)!) });

    add('inventory, first page', await timed(() => list({})));
    const first = await list({});
    add('inventory, next page', await timed(() => list({}, [], first.next)));
    const filters: readonly (readonly [string, ProfileFilter])[] = [
      ['type', { type }], ['stock', { stock: ['sellable'] }], ['order', { order: ['error'] }], ['network', { network: ['active'] }], ['device', { device: ['enabled'] }], ['secrets', where('secrets:sealed')],
      ['template', where('template:in:lab@1,sample@1,default@1')], ['batch', where('batch:B-1')], ['import', where('import:present')], ['brand', where('brand:present')], ['EID present', where('eid:present')],
      ['EID begins', where(`eid:begins:${any.eid.slice(0, 24)}`)], ['held until', where(`held:between:${span(0, -40)}`)], ['in stock since', where(`created:between:${span(80, 60)}`)],
      ['prepared', where(`prepared:between:${span(80, 60)}`)], ['delivered', where(`delivered:between:${span(80, 60)}`)], ['last event', where(`lastEvent:between:${span(80, 60)}`)],
      ['attempts', where('attempts:between:1,')], ['label', where('label:is:pilot customer')], ['note', where('note:present')], ['MatchingID', where('matchingId:begins:A')],
      ['type and stock', { type, stock: ['sellable'] }], ['order and type', { type, order: ['released'] }], ['device and network', { device: ['enabled'], network: ['suspended'] }],
      ['type, stock and in stock since', { type, stock: ['imported'], ...where(`created:between:${span(80, 60)}`) }],
    ];
    for (const [name, filter] of filters) add(`filter by ${name}`, await timed(() => list(filter)));
    const orders = ['iccid', '-lastEvent', 'stock,type,-created', 'held', 'imsi'];
    for (const order of orders) add(`ordered by ${order}`, await timed(() => list({}, readSort(order)!)));
    add('beginning of an ICCID, all rows', await timed(() => list({ text: any.iccid.slice(0, 6) })));
    add('beginning of an ICCID, some', await timed(() => list({ text: any.iccid.slice(0, 15) })));
    add('end of an ICCID, four digits', await timed(() => list({ text: any.iccid.slice(-4) })));
    add('end of a number, two digits', await timed(() => list({ text: any.msisdn.slice(-2) })));
    add('header search, whole ICCID', await timed(() => call(contract.workspace.search, { text: any.iccid })), bareOne, 'a bare select by ICCID');
    add('header search, end of five digits', await timed(() => call(contract.workspace.search, { text: any.imsi.slice(-5) })), bareOne, 'a bare select by ICCID');
    add('header search, mistyped check digit', await timed(() => call(contract.workspace.search, { text: any.iccid.slice(0, 18) + String((Number(any.iccid[18]) + 1) % 10) })), bareOne, 'a bare select by ICCID');
    add('values of every chip', await timed(() => call(contract.inventory.facets, { filter: { type } })));
    add('exact count of a span of days', await timed(() => call(contract.inventory.count, { filter: where(`created:between:${span(80, 60)}`) })));
    add('profile types with their stock', await timed(() => call(contract.types.list, {})));
    add('Home', await timed(() => call(contract.workspace.home, {})));
    add('one profile', await timed(() => call(contract.profiles.show, { id: any.iccid })), bareOne, 'a bare select by ICCID');
    figures.push(...await bulk(session));
    figures.push({ name: 'database for each profile', value: statSync(path).size / total, unit: 'octets', reference: 'itself', ratio: 1 });
    return figures;
  } finally {
    raw.close();
  }
}

/** A hold on everything that can be sold, and off again: preview, job and undo. */
async function bulk({ call, finish }: Session): Promise<Figure[]> {
  const selection = { filter: { stock: ['sellable' as const] } };
  const from = performance.now();
  const hold = await call(contract.bulk.preview, { selection, action: { do: 'hold', until: Date.now() + 30 * day, for: 'bench' } });
  const previewed = performance.now() - from;
  const started = performance.now();
  const job = await finish(await call(contract.bulk.start, { token: hold.token }));
  const did = performance.now() - started;
  const again = performance.now();
  await finish(await call(contract.bulk.undo, { job: job.id }));
  const undid = performance.now() - again;
  const rate = (ms: number): number => (hold.willChange * 1000) / ms;
  return [
    { name: `bulk preview of ${hold.matching}`, value: previewed, unit: 'ms', reference: 'itself', ratio: 1 },
    { name: `bulk hold of ${hold.willChange}`, value: rate(did), unit: '1/s', reference: 'itself', ratio: 1 },
    { name: '  taken back', value: rate(undid), unit: '1/s', reference: 'its hold', ratio: did / undid },
  ];
}

function clocked(work: () => unknown): number {
  const from = performance.now();
  work();
  return performance.now() - from;
}
