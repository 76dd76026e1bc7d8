/**
 * One answer for a repeated call. What identifies a call is who calls (brand and functionRequesterIdentifier), the function,
 * its functionCallIdentifier and its body: real clients use an identifier again for other functions within a second.
 *
 * The body is hashed as it was understood (RFC 8785, known members only, ICCID without padding) and without the confirmation
 * code: a hash over a code of a few digits would give the code away to who reads the database. Two calls that differ in their
 * code alone are one call. Successes are kept, with the change itself and for a week; a refusal changed nothing and is decided anew.
 */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { EngineContext, Reader, Tx } from '../../context.ts';
import { prepared, preparedInsert, write } from '../../store/index.ts';
import type { Es2FunctionName } from './codes.ts';
import { plainIccid } from './request.ts';
import type { Es2Header } from './request.ts';

export interface CallKey {
  readonly brandId: number;
  readonly requester: string;
  readonly function: Es2FunctionName;
  readonly callId: string;
  /** SHA-256, 32 octets. */
  readonly bodyHash: Buffer;
}

export const keepCalls = 7 * 86_400_000;

/** SHA-256 of a request's body as it was understood, without header and confirmation code. */
export function bodyHash(body: Readonly<Record<string, unknown>>): Buffer {
  const { confirmationCode, iccid, ...rest } = body;
  const hashed = {
    ...rest, ...(typeof iccid === 'string' ? { iccid: plainIccid(iccid) } : {}), ...(confirmationCode === undefined ? {} : { confirmationCode: true }),
  };
  return createHash('sha256').update(canonicalize(hashed) ?? '').digest();
}

export function callKey(brandId: number, name: Es2FunctionName, header: Es2Header, body: Readonly<Record<string, unknown>>): CallKey {
  return { brandId, requester: header.requester, function: name, callId: header.callId, bodyHash: bodyHash(body) };
}

/** The key as text, for calls in hand. */
export const keyText = (key: CallKey): string => JSON.stringify([key.brandId, key.requester, key.function, key.callId, key.bodyHash.toString('hex')]);

export interface KeptCall {
  /** JSON, as it was sent. */
  readonly reply: string;
  readonly orderId: string | null;
}

type KeyValues = { brandId: number; requester: string; name: string; callId: string; bodyHash: Uint8Array };
const values = (key: CallKey): KeyValues => ({ brandId: key.brandId, requester: key.requester, name: key.function, callId: key.callId, bodyHash: key.bodyHash });

const find = prepared((db, p: KeyValues) => db.selectFrom('es2_calls').select(['reply', 'order_id as orderId'])
  .where('brand_id', '=', p.brandId).where('requester', '=', p.requester).where('function', '=', p.name).where('call_id', '=', p.callId).where('body_hash', '=', p.bodyHash));
const drop = prepared((db, p: KeyValues) => db.deleteFrom('es2_calls')
  .where('brand_id', '=', p.brandId).where('requester', '=', p.requester).where('function', '=', p.name).where('call_id', '=', p.callId).where('body_hash', '=', p.bodyHash));
const keep = preparedInsert((db, row: { brand_id: number; requester: string; function: string; call_id: string; body_hash: Uint8Array; reply: string; order_id: string | null; at: number }) => db.insertInto('es2_calls').values(row));

/**
 * The answer kept for a call, whatever became of the order since: a duplicate that a queue or a proxy delivers late must not order,
 * confirm, release or cancel a second time. Who means a new call gives it an identifier of its own.
 */
export function keptCall(db: Reader | Tx, key: CallKey): Promise<KeptCall | undefined> {
  return find.one(db, values(key));
}

/** Writes the answer in the transaction of the change. */
export async function keepCall(tx: Tx, key: CallKey, kept: KeptCall, at: number): Promise<void> {
  const row = values(key);
  await drop.run(tx, row);
  await keep.run(tx, {
    brand_id: row.brandId, requester: row.requester, function: row.name, call_id: row.callId, body_hash: row.bodyHash, reply: kept.reply, order_id: kept.orderId, at,
  });
}

/** Forgets answers older than a week. Answers how many. */
export async function purgeCalls(ctx: EngineContext): Promise<number> {
  const before = ctx.clock.now() - keepCalls;
  const old = await ctx.reader.selectFrom('es2_calls').select('at').where('at', '<', before).limit(1).executeTakeFirst();
  if (!old) return 0;
  return write(ctx, async (tx) => Number((await tx.deleteFrom('es2_calls').where('at', '<', before).executeTakeFirst()).numDeletedRows));
}
