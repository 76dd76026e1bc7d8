/** A stock of random profiles, written straight into the tables, and the plain way to filter and sort it. All identifiers are test material. */
import { sql } from 'kysely';
import { luhnCheckDigit, makeEid } from '../../../src/shared/identifiers/index.ts';
import type { Condition, ProfileFilter, SortKey } from '../../../src/shared/contract/profile-filter.ts';
import { filterFields, secretStates } from '../../../src/shared/contract/profile-filter.ts';
import { deviceStates, networkStates, orderStates, stockStates } from '../../../src/shared/contract/states.ts';
import { insertProfiles } from '../../../src/main/engine/store/bulk-profiles.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { procedures as jobs } from '../../../src/main/engine/jobs/procedures.ts';
import { jobKinds, procedures as profiles } from '../../../src/main/engine/profiles/index.ts';
import { openTestEngine, testNow, type TestEngine, type TestEngineOptions } from '../../support/engine.ts';

const DAY = 86_400_000;

export const inventoryEngine = (options: TestEngineOptions = {}): Promise<TestEngine> =>
  openTestEngine({ procedures: [...profiles(), ...jobs()], jobKinds: [...jobKinds], ...options });

/** Small and repeatable: a test names its seed. */
export function dice(seed: number): (sides: number) => number {
  let state = seed >>> 0 || 1;
  return (sides) => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % sides;
  };
}

export const iccidOf = (n: number): string => {
  const body = `8988211${String(n).padStart(11, '0')}`;
  return body + luhnCheckDigit(body);
};
export const imsiOf = (n: number): string => `00101${String(n).padStart(10, '0')}`;

/** A profile as the oracle knows it. */
export interface Known {
  readonly id: number; readonly iccid: string; readonly imsi: string; readonly msisdn?: string; readonly eid?: string; readonly type: string; readonly template: string;
  readonly order: string; readonly stock: string; readonly network: string; readonly device: string; readonly secrets: string;
  readonly batch?: string; readonly import?: string; readonly brand?: string; readonly matchingId?: string; readonly orders: readonly string[]; readonly attempts?: number;
  readonly held?: number; readonly created: number; readonly prepared?: number; readonly delivered?: number; readonly lastEvent: number;
  readonly labels: readonly string[]; readonly notes: number;
}

/** Types A, B, C on two templates, two brands, labels; `count` profiles in every corner of the state space. */
export async function fill(engine: TestEngine, count: number, seed: number): Promise<Known[]> {
  const { sqlite } = engine.ctx;
  const roll = dice(seed);
  return write(engine.ctx, async (tx) => {
    const template = sqlite.prepare(`insert into templates (name, version, der, digest, base, slots, size_bytes, algorithm, saip_version, elements, errors, warnings, findings, created_at)
      values (?, ?, x'00', x'00', x'00', '[{"name":"k","secret":true}]', 1, 'milenage', '2.1', 1, 0, 0, '[]', 1)`);
    const templates = [['basic', 1], ['basic', 10], ['full', 2]].map(([name, version]) => ({ id: Number(template.run(name, version).lastInsertRowid), name: `${name}@${version}` }));
    const type = sqlite.prepare(`insert into profile_types (name, template_id, service_provider_name, profile_name, profile_class, ppr1, ppr2, notification_addresses, protection, created_at)
      values (?, ?, 'p', 'n', 'operational', 0, 0, '[]', 'session-keys', 1)`);
    const types = ['Ålpha', 'beta', 'Gamma'].map((name, n) => ({ id: Number(type.run(name, templates[n]!.id).lastInsertRowid), name }));
    const brands = ['Blue', 'Red'].map((name) => ({ id: Number(sqlite.prepare('insert into brands (name, created_at) values (?, 1)').run(name).lastInsertRowid), name }));
    const labels = ['hot', 'cold'].map((name) => ({ id: Number(sqlite.prepare(`insert into labels (name, colour, created_at) values (?, 'red', 1)`).run(name).lastInsertRowid), name }));
    const batches = [0, 1].map((n) => Number(sqlite.prepare(`insert into batches (kind, type_id, batch_key, created_at) values ('preparation', ?, x'00', 1)`).run(types[n]!.id).lastInsertRowid));
    const imports = [0, 1].map((n) => Number(sqlite.prepare(`insert into imports (file_name, sha256, type_id, accepted, rejected, state, created_at) values ('f.csv', ?, ?, 1, 0, 'done', 1)`).run(Buffer.from([n]), types[n]!.id).lastInsertRowid));
    const known: Known[] = [];
    for (let n = 0; n < count; n++) {
      const pick = <T>(list: readonly T[]): T => list[roll(list.length)]!;
      const kind = roll(3);
      const serial = n * 7 + roll(7);
      const order = roll(3) === 0 ? pick(orderStates) : 'available';
      const state = { order, stock: pick(stockStates), network: pick(networkStates), device: pick(deviceStates) };
      const onOrder = order !== 'available' && order !== 'unavailable';
      const secrets = pick(secretStates);
      const prepared = secrets === 'sealed' || secrets === 'erased' ? testNow - roll(20) * DAY : undefined;
      const delivered = order !== 'available' && roll(2) === 0 ? testNow - roll(20) * DAY : undefined;
      const eid = roll(3) === 0 ? makeEid(`8904${String(serial).padStart(26, '0')}`) : undefined;
      const held = state.stock === 'held' && roll(4) > 0 ? testNow + roll(30) * DAY : undefined;
      const batch = prepared === undefined ? undefined : pick(batches);
      const imported = prepared === undefined ? pick([...imports, undefined]) : undefined;
      const created = testNow - roll(6) * DAY;
      const lastEvent = created + roll(4) * DAY;
      const msisdn = roll(4) === 0 ? undefined : `4670${String(serial).padStart(7, '0')}`;
      const orderId = onOrder ? `o-${String(n).padStart(9, '0')}` : undefined;
      const matchingId = onOrder && roll(4) > 0 ? `${pick(['AB', 'AC', 'ZZ'])}${String(n).padStart(3, '0')}-X` : undefined;
      const brand = onOrder ? pick([...brands, undefined]) : undefined;
      const attempts = onOrder ? roll(4) : undefined;
      const [id] = insertProfiles(sqlite, [{
        iccid: iccidOf(serial), imsi: imsiOf(serial), ...(msisdn === undefined ? {} : { msisdn }), typeId: types[kind]!.id, templateId: pick(templates).id, state, createdAt: created,
        lastEvent: 'test', lastEventAt: lastEvent, ...(imported === undefined ? {} : { importId: imported }), ...(eid === undefined ? {} : { eid }),
        ...(delivered === undefined ? {} : { deliveredAt: delivered }), ...(held === undefined ? {} : { heldUntil: held }), ...(orderId === undefined ? {} : { orderId }),
        ...(secrets === 'record' ? { subscriber: new Uint8Array(4) } : {}),
        ...(prepared === undefined ? {} : { prepared: { batchId: batch!, slots: new Uint8Array(4), packageDigest: new Uint8Array(4), packageBytes: 4, fingerprint: Buffer.from(`f${n}`), at: prepared } }),
      }]);
      if (secrets === 'erased') sqlite.prepare('update profiles set slots = null where id = ?').run(id);
      const templateId = (sqlite.prepare('select template_id as t from profiles where id = ?').get(id) as { t: number }).t;
      if (orderId !== undefined) {
        await sql`insert into orders (id, profile_id, type_id, matching_id, smdp_address, confirmation_limit, download_attempts, download_limit, created_at, brand_id)
          values (${orderId}, ${id}, ${types[kind]!.id}, ${matchingId ?? null}, 'x', 3, ${attempts}, 5, ${created}, ${brand?.id ?? null})`.execute(tx);
        if (matchingId !== undefined) await sql`insert into matching_ids (matching_id, order_id, created_at) values (${matchingId}, ${orderId}, 1)`.execute(tx);
      }
      const worn = labels.filter(() => roll(4) === 0);
      for (const label of worn) sqlite.prepare(`insert into profile_labels (profile_id, label_id, at, actor) values (?, ?, 1, 'x')`).run(id, label.id);
      const notes = roll(6) === 0 ? 1 + roll(2) : 0;
      for (let at = 0; at < notes; at++) sqlite.prepare(`insert into profile_notes (profile_id, at, author, text) values (?, 1, 'x', 'note')`).run(id);
      // A retired profile with nothing left was emptied when it retired, however it came here.
      known.push({
        id: id!, iccid: iccidOf(serial), imsi: imsiOf(serial), ...(msisdn === undefined ? {} : { msisdn }), ...(eid === undefined ? {} : { eid }), type: types[kind]!.name,
        template: templates.find((one) => one.id === templateId)!.name, ...state, secrets, ...(batch === undefined ? {} : { batch: `B-${batch}` }),
        ...(imported === undefined ? {} : { import: `I-${imported}` }), ...(brand === undefined ? {} : { brand: brand.name }), ...(matchingId === undefined ? {} : { matchingId }),
        orders: matchingId === undefined ? [] : [matchingId], ...(attempts === undefined ? {} : { attempts }), ...(held === undefined ? {} : { held }), created,
        ...(prepared === undefined ? {} : { prepared }), ...(delivered === undefined ? {} : { delivered }), lastEvent, labels: worn.map((one) => one.name), notes,
      });
    }
    return known;
  });
}

const text = (value: unknown): string | undefined => (value === undefined ? undefined : String(value));

/** One condition, read as its words say. */
export function holds(p: Known, c: Condition): boolean {
  const values = c.values ?? [];
  const is = (value: string | undefined, wanted: string): boolean => {
    if (value === undefined) return false;
    return c.field === 'template' && !wanted.includes('@') ? value.split('@')[0] === wanted : value === wanted;
  };
  const own: readonly (string | undefined)[] = c.field === 'label' ? p.labels : c.field === 'note' ? (p.notes > 0 ? ['yes'] : []) : [text(p[c.field as keyof Known])];
  const present = own.some((value) => value !== undefined);
  switch (c.op) {
    case 'present': return present;
    case 'absent': return !present;
    case 'is': case 'in': return own.some((value) => values.some((wanted) => is(value, wanted)));
    case 'isNot': case 'notIn': return !own.some((value) => values.some((wanted) => is(value, wanted)));
    case 'begins': return own.some((value) => values.some((wanted) => value?.startsWith(wanted)));
    case 'ends': return own.some((value) => values.some((wanted) => value?.endsWith(wanted)));
    case 'between': {
      const [low = '', high = ''] = values;
      if (!present) return false;
      if (filterFields[c.field].kind === 'digits') return own[0]! >= low && (high === '' || own[0]! <= high || own[0]!.startsWith(high));
      const value = Number(own[0]);
      if (c.field === 'attempts') return value >= Number(low) && (high === '' || value <= Number(high));
      return (low === '' || value >= Date.parse(`${low}T00:00:00Z`)) && (high === '' || value < Date.parse(`${high}T00:00:00Z`) + DAY);
    }
  }
}

export function matches(p: Known, filter: ProfileFilter): boolean {
  const among = (list: readonly string[] | undefined, value: string): boolean => list === undefined || list.length === 0 || list.includes(value);
  const searched = filter.text?.trim() ?? '';
  return (filter.type === undefined || p.type === filter.type) && among(filter.order, p.order) && among(filter.stock, p.stock) && among(filter.network, p.network) && among(filter.device, p.device)
    && (searched === '' || [p.iccid, p.imsi, p.msisdn, p.eid].some((value) => /^\d+$/.test(searched) && (value?.startsWith(searched) || value?.endsWith(searched)))
      || (/[A-Z]/.test(searched) && searched.length >= 4 && p.orders.some((one) => one.startsWith(searched))) || p.batch === searched || p.import === searched)
    && (filter.where ?? []).every((c) => holds(p, c));
}

const lives: Record<string, readonly string[]> = { order: orderStates, stock: stockStates, network: networkStates, device: deviceStates, secrets: secretStates };

/** As the answer says it is ordered; without a word, as they came in, the latest first. */
export function inOrder(list: readonly Known[], sort: readonly SortKey[] | undefined): Known[] {
  if (sort === undefined) return [...list].sort((a, b) => b.id - a.id);
  return [...list].sort((a, b) => {
    for (const { by, down } of sort) {
      const sign = down ? -1 : 1;
      const [x, y] = [a[by as keyof Known], b[by as keyof Known]] as [string | number | undefined, string | number | undefined];
      if (x === undefined || y === undefined) {
        if (x !== y) return x === undefined ? 1 : -1;
        return b.created - a.created || b.id - a.id;
      }
      const [i, j] = lives[by] ? [lives[by].indexOf(String(x)), lives[by].indexOf(String(y))] : [x, y];
      const version = (value: string | number): string => String(value).replace(/@(\d+)$/, (_, digits: string) => `@${digits.padStart(9, '0')}`);
      const difference = by === 'type' || by === 'template' ? version(i).localeCompare(version(j), 'en') : i < j ? -1 : i > j ? 1 : 0;
      if (difference !== 0) return sign * difference;
    }
    const last = sort[sort.length - 1]!;
    const key = ['type', 'template', 'order', 'stock', 'network', 'device', 'secrets'].includes(last.by);
    if (key) return b.created - a.created || b.id - a.id;
    return last.down ? b.id - a.id : a.id - b.id;
  });
}
