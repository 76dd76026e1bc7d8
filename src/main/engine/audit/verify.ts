import { setImmediate } from 'node:timers/promises';
import type { Reader } from '../context.ts';
import { readMeta } from '../store/index.ts';
import { commitment, recordHash, zeroHash } from './append.ts';

export interface ChainAnswer {
  readonly verified: boolean;
  /** Records checked up to the end or the first bad one. */
  readonly records: number;
  /** Hash of the last record, hex. */
  readonly head: string;
  readonly firstBad?: number;
  readonly reason?: string;
}

interface StoredRecord {
  readonly v: number; readonly seq: number; readonly at: number; readonly event: string; readonly actor: string; readonly host: string; readonly outcome: string;
  readonly object?: { readonly type: string; readonly id: string }; readonly correlationId?: string; readonly commitments?: Record<string, string>;
}

/** Records a range: hashing 500 stays far below 50 ms, so that the engine answers others in between. */
const range = 500;

/**
 * Recomputes the chain in key ranges, yielding between them. Finds a changed, missing, added or reordered record; a cut tail when
 * the head is known from outside (`expected`, by its hash or also by its number, or the head noted beside the chain).
 */
export async function verifyChain(reader: Reader, options: { readonly expected?: { readonly seq?: number; readonly hash: string } } = {}): Promise<ChainAnswer> {
  const noted = await readMeta(reader, 'audit.head');
  const [notedSeq, notedHash] = noted?.split(':') ?? [];
  let previous: Uint8Array = zeroHash;
  let seq = 0;
  let expectedSeen = options.expected === undefined;
  const head = () => Buffer.from(previous).toString('hex');
  const bad = (at: number, reason: string): ChainAnswer => ({ verified: false, records: seq, head: head(), firstBad: at, reason });
  for (;;) {
    const rows = await reader.selectFrom('audit').selectAll().where('seq', '>', seq).orderBy('seq').limit(range).execute();
    if (rows.length === 0) break;
    const values = await reader.selectFrom('audit_values').selectAll().where('seq', '>', seq).where('seq', '<=', rows[rows.length - 1]!.seq).execute();
    for (const row of rows) {
      if (row.seq !== seq + 1) return bad(seq + 1, `record ${seq + 1} is missing`);
      if (!Buffer.from(previous).equals(row.prev_hash)) return bad(row.seq, `record ${row.seq} does not follow from the one before`);
      if (!recordHash(row.record, previous).equals(row.hash)) return bad(row.seq, `record ${row.seq} was changed after it was written`);
      const record = JSON.parse(row.record) as StoredRecord;
      const sameColumns = record.seq === row.seq && record.at === row.at && record.event === row.event && record.actor === row.actor && record.host === row.host
        && record.outcome === row.outcome && (record.object?.type ?? null) === row.object_type && (record.object?.id ?? null) === row.object_id
        && (record.correlationId ?? null) === row.correlation_id;
      if (!sameColumns) return bad(row.seq, `what is shown of record ${row.seq} differs from what was recorded`);
      previous = row.hash;
      seq = row.seq;
      if (options.expected?.seq === seq) {
        if (options.expected.hash !== head()) return bad(seq, `record ${seq} is not the one known from outside`);
        expectedSeen = true;
      }
      if (options.expected?.seq === undefined && options.expected?.hash === head()) expectedSeen = true;
      if (Number(notedSeq) === seq && notedHash !== head()) return bad(seq, `record ${seq} is not the one noted as head`);
      for (const value of values) {
        if (value.seq === seq && commitment(value.salt, value.value) !== record.commitments?.[value.field]) return bad(seq, `the value of ${value.field} kept for record ${seq} is not the one committed to`);
      }
    }
    await setImmediate();
  }
  if (!expectedSeen && options.expected?.seq === undefined) return bad(seq + 1, 'none of the records is the one known from outside: the log was rewritten or its end was cut off');
  if (!expectedSeen || Number(notedSeq ?? 0) > seq) return bad(seq + 1, `the chain ends at record ${seq}; record ${Math.max(options.expected?.seq ?? 0, Number(notedSeq ?? 0))} was known: the end was cut off`);
  return { verified: true, records: seq, head: head() };
}
