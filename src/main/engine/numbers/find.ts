/** What is known of one number. By keys only. */
import type { z } from 'zod';
import { numberKinds } from '../../../shared/contract/numbers.ts';
import type { numberAnswer, NumberKind } from '../../../shared/contract/numbers.ts';
import { withoutSeparators } from '../../../shared/identifiers/index.ts';
import type { EngineContext } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { BlockRecord, Db } from './records.ts';
import { blockAt, burntAt, ownersOf, profilesWith } from './records.ts';
import { keptPlaces } from './kept-places.ts';
import { forgottenNumbers } from './recover.ts';
import { numberOf, readKey } from './rules.ts';

export type Answer = z.input<typeof numberAnswer>;
const KIND: Record<NumberKind, string> = { iccid: 'ICCID', imsi: 'IMSI', msisdn: 'MSISDN' };

/** As which kinds a text can be read; ICCIDs are told by their beginning and length, so they are never anything else. Code `NUMBER_INVALID`. */
export async function findNumber(db: Db, text: string, kind: NumberKind | undefined, now: number): Promise<Answer[]> {
  const digits = withoutSeparators(text).replace(/^(?:ICCID|IMSI|MSISDN):?/i, '');
  const asIccid = /^89\d{16,18}[fF]?$/.test(digits);
  const kinds = kind !== undefined ? [kind] : asIccid ? ['iccid' as const] : numberKinds.filter((one) => one !== 'iccid' && readKey(one, digits).ok);
  const [first] = kinds;
  if (first === undefined) throw new DeskProblem('NUMBER_INVALID', 'This is no ICCID, IMSI or MSISDN.', { field: 'number', hint: 'ICCIDs have 18 to 20 digits, IMSIs 14 or 15, MSISDNs 5 to 15 with their country code.' });
  const answers: Answer[] = [];
  for (const one of kinds) {
    const read = readKey(one, digits);
    if (!read.ok) throw new DeskProblem('NUMBER_INVALID', read.message, { field: 'number' });
    answers.push(await statusOf(db, one, read.key, now));
  }
  const known = answers.filter((answer) => answer.status !== 'unknown');
  return known.length > 0 ? known : answers;
}

/** The status of one number. */
export async function statusOf(db: Db, kind: NumberKind, key: string, now: number): Promise<Answer> {
  const number = numberOf(kind, key);
  const block = await blockAt(db, kind, key);
  const base = { kind, number, ...(block ? { block: await blockPart(db, block) } : {}) };
  const [profile] = await profilesWith(db, kind, key);
  const burnt = await burntAt(db, kind, number);
  if (profile && profile.stock_state !== 'retired') {
    return { ...base, status: 'in-use', iccid: profile.iccid, text: `The profile ${profile.iccid} has it${block ? '' : '; no block holds it'}.` };
  }
  if (burnt && (burnt.free_at === null || burnt.free_at > now)) {
    const until = burnt.free_at === null ? ' It is never given out again.' : ` It may serve again from ${new Date(burnt.free_at).toISOString().slice(0, 10)}.`;
    return { ...base, status: 'burnt', burnt: { at: burnt.at, why: burnt.why, ...(burnt.iccid === null ? {} : { iccid: burnt.iccid }) }, text: `Burnt: ${burnt.why}.${until}`, ...(profile ? { iccid: profile.iccid } : {}) };
  }
  if (!block) return { ...base, status: 'unknown', text: `No block holds this ${KIND[kind]}, and no profile has it.` };
  if (block.state === 'blocked' || block.state === 'closed') return { ...base, status: 'blocked', text: `Its block is ${block.state}${block.reason === null ? '' : `: ${block.reason}`}.` };
  if (block.state === 'reserved') return { ...base, status: 'reserved', text: `Its block is reserved${block.reason === null ? '' : `: ${block.reason}`}.` };
  return { ...base, ...await inRange(db, block, key) };
}

async function blockPart(db: Db, block: BlockRecord): Promise<NonNullable<Answer['block']>> {
  const owner = (await ownersOf(db))(block)?.name;
  const type = block.type_id === null ? undefined : (await db.selectFrom('profile_types').select('name').where('id', '=', block.type_id).executeTakeFirst())?.name;
  return {
    id: block.id, first: numberOf(block.kind, block.first), last: numberOf(block.kind, block.last), state: block.state,
    ...(owner === undefined ? {} : { owner }), ...(type === undefined ? {} : { type }), ...(block.range_id === null ? {} : { range: block.range_id }),
  };
}

async function inRange(db: Db, block: BlockRecord, key: string): Promise<Pick<Answer, 'status' | 'text' | 'job'>> {
  const free = { status: 'free' as const, text: 'Free.' };
  if (block.range_id === null) return free;
  const range = await db.selectFrom('ranges').selectAll().where('id', '=', block.range_id).executeTakeFirstOrThrow();
  const place = Number(BigInt(key) - BigInt({ iccid: range.iccid_first, imsi: range.imsi_first, msisdn: range.msisdn_first! }[block.kind]));
  const kept = (await keptPlaces(db, [range.id])).find((one) => one.first <= place && place < one.first + one.count);
  if (kept?.state === 'open') return { status: 'reserved', text: `A running preparation will use it${kept.preparation === null ? '' : ` (${kept.preparation})`}.`, ...(kept.preparation === null ? {} : { job: kept.preparation }) };
  if (kept) return { status: 'free', text: 'Free: a preparation that ended early left it, and the next one takes it first.' };
  if (place >= range.used) return { status: 'free', text: `Free: number ${(place - range.used + 1).toLocaleString('en')} of what its range gives next.` };
  return { status: 'burnt', text: 'Its range has given it out, and no profile has it now; it is never given out again.' };
}

/** The block a number lies in; for other areas. `undefined` when none does. */
export async function whereIs(db: Db, kind: NumberKind, number: string): Promise<Answer['block']> {
  const read = readKey(kind, number);
  const block = read.ok ? await blockAt(db, kind, read.key) : undefined;
  return block && blockPart(db, block);
}

/**
 * Which of these numbers may not come into the stock, and why: burnt ones, and those of blocks that are blocked or closed. By
 * keys; meant for chunks of a few thousand. Numbers of ranges are told by `insideRanges`.
 */
export async function refusedNumbers(db: Db, ctx: Pick<EngineContext, 'clock' | 'paths'>, kind: NumberKind, numbers: readonly string[]): Promise<Map<string, string>> {
  const refused = new Map<string, string>();
  const now = ctx.clock.now();
  for (const number of await forgottenNumbers(db, ctx, kind, numbers)) refused.set(number, 'the number journal knows a profile with it that this database, restored from a backup, has forgotten');
  const shut = await db.selectFrom('number_blocks').select(['first', 'last', 'state', 'reason']).where('kind', '=', kind).where('state', 'in', ['blocked', 'closed']).execute();
  if (shut.length > 0) {
    for (const number of numbers) {
      const read = readKey(kind, number);
      const block = read.ok ? shut.find((one) => one.first.length === read.key.length && one.first <= read.key && read.key <= one.last) : undefined;
      if (block) refused.set(number, `it lies in a block that is ${block.state}${block.reason === null ? '' : `: ${block.reason}`}`);
    }
  }
  for (let i = 0; i < numbers.length; i += 500) {
    const rows = await db.selectFrom('burnt_numbers').select(['number', 'why', 'free_at']).where('kind', '=', kind).where('number', 'in', numbers.slice(i, i + 500)).execute();
    for (const row of rows) if (row.free_at === null || row.free_at > now) refused.set(row.number, `it was used up before (${row.why}) and is never used again`);
  }
  return refused;
}
