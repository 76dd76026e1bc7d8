/** Mutated recordings thrown at the ES2+ functions in process. Seeded: the same seed makes the same calls. */
import { expect } from 'vitest';
import type { EngineContext } from '../../../src/main/engine/context.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { answerEs2plus } from '../../../src/main/engine/wire/es2plus/answer.ts';
import type { Es2FunctionName } from '../../../src/main/engine/wire/es2plus/codes.ts';
import { es2Replies, failedReply } from '../../../src/main/engine/wire/es2plus/schemas.ts';
import { seededRandom } from '../../support/engine.ts';
import { addBrand, brandCa, codeIn, eidOf, makeWorld, otherCa } from './support.ts';
import type { World } from './support.ts';

type Members = Record<string, unknown>;
const CANARY = 'SECRET-CODE-7';
const AT_ONCE = 32;

interface Dice {
  below(n: number): number;
  one<T>(values: readonly T[]): T;
}

function dice(seed: string): Dice {
  const random = seededRandom(seed);
  let pool = Buffer.from(random(65_536));
  let at = 0;
  const byte = (): number => {
    if (at === pool.length) {
      pool = Buffer.from(random(65_536));
      at = 0;
    }
    return pool[at++]!;
  };
  const below = (n: number): number => (((byte() << 16) | (byte() << 8) | byte()) >>> 0) % n;
  return { below, one: (values) => values[below(values.length)]! };
}

interface Facts { readonly iccid: string; readonly state: string; readonly eid: string | null; readonly matchingId: string | null }

/** What a brand's system would send next about this profile. */
function recording(name: Es2FunctionName, facts: Facts, { below }: Dice, n: number): Members {
  const header = { functionRequesterIdentifier: '2.999.20', functionCallIdentifier: `FCI-${Math.floor(n / 3)}` };
  const eid = facts.eid ?? (below(2) ? eidOf(below(50)) : undefined);
  const common: Members = { header, iccid: below(4) ? facts.iccid : `${facts.iccid}F`, ...(eid === undefined ? {} : { eid }) };
  switch (name) {
    case 'downloadOrder': return below(3) ? common : { header, profileType: 'consumer', ...(below(2) ? { iccid: facts.iccid } : {}) };
    case 'confirmOrder': return {
      ...common, releaseFlag: below(2) === 0, ...(below(3) ? {} : { matchingId: below(2) ? `M-${n}` : '' }), ...(below(3) ? {} : { confirmationCode: CANARY }),
      ...(below(8) ? {} : { smdsAddress: 'smds.invalid' }),
    };
    case 'cancelOrder': return { ...common, ...(facts.matchingId === null ? {} : { matchingId: facts.matchingId }), finalProfileStatusIndicator: below(12) ? 'Available' : 'Unavailable' };
    case 'releaseProfile': return { header, iccid: facts.iccid };
    case 'getProfileStatus': return { header, iccidList: Array.from({ length: 1 + below(4) }, () => ({ iccid: facts.iccid })) };
  }
}

const odd: readonly unknown[] = [
  null, 0, -1, 1e308, true, false, [], {}, '', ' ', '\u0000', 'ÿ', '\u2028', '\ud800', '💥', 'true', 'null', '__proto__', "' or 1=1 --", '../../etc/passwd', '%s%n', [[]], { toString: 1 },
  'F'.repeat(20), '9'.repeat(32), '0'.repeat(19), 'A'.repeat(255), 'A'.repeat(300), 'x'.repeat(5000), 894944999999999, { iccid: 1 }, [null],
];
const names = ['header', 'iccid', 'eid', 'profileType', 'matchingId', 'confirmationCode', 'smdsAddress', 'releaseFlag', 'finalProfileStatusIndicator', 'iccidList', 'constructor', 'x'];

/** Members after one or two mutations; undefined when the text is JSON no more. */
function mutate(members: Members, random: Dice): Members | undefined {
  const { below, one } = random;
  // A copy each time: what one mutation puts in, another may change.
  const strange = (): unknown => structuredClone(one(odd));
  let text: string | undefined;
  const copy = structuredClone(members);
  for (let round = below(2); round >= 0; round--) {
    const keys = Object.keys(copy);
    const key = one(keys.length === 0 ? names : keys);
    const value = copy[key];
    switch (below(10)) {
      case 0: break;
      case 1: Reflect.deleteProperty(copy, key); break;
      case 2: copy[key] = strange(); break;
      case 3: copy[one(names)] = strange(); break;
      case 4: copy[one(names)] = structuredClone(value); break;
      case 5: if (typeof value === 'string' && value.length > 0) {
        const at = below(value.length);
        copy[key] = value.slice(0, at) + one(['', '0', '9', 'F', 'f', '-', '_', 'a', ' ', '\n', '\u0000', 'é', '$']) + value.slice(at + below(2));
      } break;
      case 6: if (typeof value === 'string') copy[key] = one([value + value, value.slice(0, below(value.length + 1)), value.toLowerCase(), ` ${value}`, `${value}\n`]); break;
      case 7: if (typeof copy['header'] === 'object' && copy['header'] !== null) {
        const header = copy['header'] as Members;
        const member = one(['functionRequesterIdentifier', 'functionCallIdentifier', 'validityPeriod']);
        if (below(2)) Reflect.deleteProperty(header, member);
        else header[member] = strange();
      } break;
      case 8: if (Array.isArray(copy['iccidList'])) (copy['iccidList'] as unknown[])[below(3)] = below(2) ? strange() : { iccid: strange() }; break;
      default: {
        const octets = Buffer.from(text ?? JSON.stringify(copy));
        octets[below(octets.length)] = below(256);
        text = octets.toString('utf8');
      }
    }
  }
  if (text === undefined) return copy;
  try {
    const parsed = JSON.parse(text) as unknown;
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Members) : undefined;
  } catch {
    return undefined;
  }
}

async function factsOf(ctx: EngineContext): Promise<Facts[]> {
  return ctx.reader.selectFrom('profiles as p').leftJoin('orders as o', 'o.id', 'p.order_id')
    .select(['p.iccid as iccid', 'p.order_state as state', 'o.eid as eid', 'o.matching_id as matchingId']).execute();
}

/** Profiles that are gone for good come back, so that there is always something to order. */
function revive(ctx: EngineContext): Promise<unknown> {
  return write(ctx, (tx) => tx.updateTable('profiles').set({ order_state: 'available', stock_state: 'sellable', order_id: null, eid: null, eid_rev: null, stock_reason: null }).where('order_state', '=', 'unavailable').execute());
}

/** The other functions now and then, so that profiles are in every state. */
const alike: Readonly<Record<Es2FunctionName, readonly Es2FunctionName[]>> = {
  downloadOrder: ['cancelOrder'], confirmOrder: ['downloadOrder', 'downloadOrder', 'cancelOrder'], cancelOrder: ['downloadOrder', 'confirmOrder', 'confirmOrder'],
  releaseProfile: ['downloadOrder', 'confirmOrder', 'cancelOrder'], getProfileStatus: ['downloadOrder', 'confirmOrder'],
};

/** Calls `name` with `count` mutated recordings and answers what came back, by code. Fails on anything but a well-formed answer. */
export async function fuzzFunction(name: Es2FunctionName, seed: string, count: number): Promise<Map<string, number>> {
  const world: World = await makeWorld({ profiles: 60 });
  const { ctx } = world;
  const random = dice(`${seed} ${name}`);
  const brands = [await addBrand(ctx, 'A', { ca: brandCa.certificate }), await addBrand(ctx, 'B', { ca: otherCa.certificate, openOrders: 10 })];
  const seen = new Map<string, number>();
  const note = (code: string): void => void seen.set(code, (seen.get(code) ?? 0) + 1);
  let answered = 0;
  const call = async (wanted: Es2FunctionName, members: Members, counted: boolean): Promise<void> => {
    const brand = random.below(8) === 0 ? 1 : 0;
    const text = await answerEs2plus(ctx, { brandId: brands[brand]!, name: 'AB'[brand]! }, wanted, members);
    answered += 1;
    const body = JSON.parse(text) as Members;
    const code = codeIn(body);
    expect((code === 'ok' ? es2Replies[wanted] : failedReply).safeParse(body).success, `${wanted} ${text}`).toBe(true);
    // A fault of ours would say 1.2/4.2.
    expect(code, `${wanted} ${JSON.stringify(members).slice(0, 400)}`).not.toBe('1.2/4.2');
    expect(text.includes(CANARY) && members['matchingId'] !== CANARY && !JSON.stringify(members['header'] ?? '').includes(CANARY)).toBe(false);
    if (counted) note(code);
  };
  try {
    for (let n = 0; n < count;) {
      const facts = await factsOf(ctx);
      if (facts.filter((one) => one.state === 'unavailable').length > 20) await revive(ctx);
      const calls: Promise<void>[] = [];
      for (let i = 0; i < AT_ONCE && n < count; i++, n++) {
        const mutated = mutate(recording(name, random.one(facts), random, n), random);
        if (mutated === undefined) note('not JSON');
        else calls.push(call(name, mutated, true));
        if (random.below(3) === 0) {
          const other = random.one(alike[name]);
          calls.push(call(other, recording(other, random.one(facts), random, n), false));
        }
      }
      await Promise.all(calls);
    }
    const taken = await ctx.reader.selectFrom('orders').select((e) => ['profile_id', e.fn.countAll<number>().as('n')]).where('closed_at', 'is', null).groupBy('profile_id').having((e) => e.fn.countAll<number>(), '>', 1).execute();
    expect(taken).toEqual([]);
    const recorded = await ctx.reader.selectFrom('audit').select((e) => e.fn.countAll<number>().as('n')).where('event', 'like', 'es2plus.%').executeTakeFirstOrThrow();
    expect(Number(recorded.n)).toBe(answered);
    expect(world.engine.log.lines.filter((line) => JSON.stringify(line).includes('ES2+'))).toEqual([]);
    const kept = await ctx.reader.selectFrom('es2_calls').select('reply').where('reply', 'like', `%${CANARY}%`).execute();
    expect(kept.filter((row) => !row.reply.includes(`"matchingId":"${CANARY}"`))).toEqual([]);
  } finally {
    await world.close();
  }
  return seen;
}
