/**
 * The audit chain. Each record is hashed with its predecessor's hash; personal values enter only as salted commitments, their
 * values lie beside the chain and may be erased without breaking it.
 */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Insertable } from 'kysely';
import type { RandomBytes, Tx } from '../context.ts';
import { prepared, preparedInsert, writeMeta } from '../store/index.ts';
import type { Database } from '../store/schema.ts';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined };

export interface AuditEntry {
  /** UTC epoch milliseconds. */
  readonly at: number;
  /** Dictionary name, e.g. `order.created`. */
  readonly event: string;
  readonly actor: string;
  readonly host: string;
  readonly outcome: 'done' | 'refused';
  readonly object?: { readonly type: string; readonly id: string };
  readonly correlationId?: string;
  /** Recorded in clear. */
  readonly fields: { readonly [key: string]: JsonValue | undefined };
  /** Recorded as SHA-256(salt ‖ value); salt and value go to `audit_values`. */
  readonly sensitive?: { readonly [key: string]: string };
}

export const domainTag = Buffer.from('mvne-desk audit record 1\0', 'utf8');
export const zeroHash = Buffer.alloc(32);
export const saltBytes = 16;

/** hash = SHA-256(domain tag ‖ canonical record (RFC 8785) ‖ previous hash). */
export const recordHash = (record: string, previous: Uint8Array): Buffer => createHash('sha256').update(domainTag).update(record, 'utf8').update(previous).digest();

export const commitment = (salt: Uint8Array, value: string): string => createHash('sha256').update(salt).update(value, 'utf8').digest('hex');

const head = prepared((db, _p: Record<string, never>) => db.selectFrom('audit').select(['seq', 'hash']).orderBy('seq', 'desc').limit(1));
const insertRecord = preparedInsert((db, row: Insertable<Database['audit']>) => db.insertInto('audit').values(row));
const insertValue = preparedInsert((db, row: Insertable<Database['audit_values']>) => db.insertInto('audit_values').values(row));

/** Appends one record in the transaction in hand; `seq` has no gaps because the writer is alone. */
export async function appendAudit(tx: Tx, random: RandomBytes, entry: AuditEntry): Promise<{ seq: number; hash: string }> {
  const last = await head.one(tx, {});
  const seq = (last?.seq ?? 0) + 1;
  const previous = last?.hash ?? zeroHash;
  const hidden = Object.entries(entry.sensitive ?? {}).map(([field, value]) => ({ field, value, salt: random(saltBytes) }));
  const record = canonicalize({
    v: 1, seq, at: entry.at, event: entry.event, actor: entry.actor, host: entry.host, outcome: entry.outcome,
    ...(entry.object ? { object: { type: entry.object.type, id: entry.object.id } } : {}),
    ...(entry.correlationId ? { correlationId: entry.correlationId } : {}),
    fields: entry.fields,
    ...(hidden.length > 0 ? { commitments: Object.fromEntries(hidden.map((h) => [h.field, commitment(h.salt, h.value)])) } : {}),
  });
  if (record === undefined) throw new TypeError('an audit record must be JSON');
  const hash = recordHash(record, previous);
  await insertRecord.run(tx, {
    seq, at: entry.at, event: entry.event, actor: entry.actor, host: entry.host, outcome: entry.outcome,
    object_type: entry.object?.type ?? null, object_id: entry.object?.id ?? null, correlation_id: entry.correlationId ?? null,
    record, prev_hash: previous, hash,
  });
  for (const { field, salt, value } of hidden) await insertValue.run(tx, { seq, field, salt, value });
  // Lets a cut tail be noticed: the head is known beside the chain.
  await writeMeta(tx, 'audit.head', `${seq}:${hash.toString('hex')}`);
  return { seq, hash: hash.toString('hex') };
}

/**
 * Appends a record for each object, alike but for the object and what `fields` of it say beside the common ones: the same records as
 * {@link appendAudit} would write one by one, at a quarter of the cost.
 */
export async function appendAlike(
  tx: Tx, entry: Omit<AuditEntry, 'object' | 'sensitive'>, type: string, objects: readonly { readonly id: string; readonly fields?: AuditEntry['fields'] }[],
): Promise<void> {
  if (objects.length === 0) return;
  const last = await head.one(tx, {});
  let seq = last?.seq ?? 0;
  let previous: Uint8Array = last?.hash ?? zeroHash;
  const common = partsOf(entry, type);
  for (const { id, fields } of objects) {
    seq += 1;
    const [front, between, behind] = fields === undefined ? common : partsOf({ ...entry, fields: { ...entry.fields, ...fields } }, type);
    const record = `${front}${JSON.stringify(id)}${between}${seq}${behind}`;
    const hash = recordHash(record, previous);
    await insertRecord.run(tx, {
      seq, at: entry.at, event: entry.event, actor: entry.actor, host: entry.host, outcome: entry.outcome, object_type: type, object_id: id, correlation_id: entry.correlationId ?? null,
      record, prev_hash: previous, hash,
    });
    previous = hash;
  }
  await writeMeta(tx, 'audit.head', `${seq}:${Buffer.from(previous).toString('hex')}`);
}

/** The canonical record around the two values that differ: the object's id and `seq`. Keys are in order, so both stand in what follows the fields. */
function partsOf(entry: Omit<AuditEntry, 'object' | 'sensitive'>, type: string): readonly [string, string, string] {
  const record = canonicalize({
    v: 1, seq: 0, at: entry.at, event: entry.event, actor: entry.actor, host: entry.host, outcome: entry.outcome, object: { type, id: '' },
    ...(entry.correlationId ? { correlationId: entry.correlationId } : {}), fields: entry.fields,
  });
  const object = '"object":{"id":';
  const at = (record?.lastIndexOf(`${object}""`) ?? -1) + object.length;
  const end = '"seq":';
  const tail = record?.lastIndexOf(`${end}0,`) ?? -1;
  if (record === undefined || at < object.length || tail < at) throw new TypeError('an audit record must be JSON');
  return [record.slice(0, at), record.slice(at + 2, tail + end.length), record.slice(tail + end.length + 1)];
}

/** The first record, written when the workspace is made: it ties the chain to this workspace. */
export const genesis = (at: number, workspaceId: string, environment: string): AuditEntry => ({
  at, event: 'workspace.created', actor: 'system', host: 'engine', outcome: 'done', object: { type: 'workspace', id: workspaceId },
  fields: { workspaceId, environment, chain: 'SHA-256', record: 'RFC 8785' },
});
