/** Timeline and audit of a profile, the latest first, page by page. */
import type { ActivationEvent } from '../../../shared/contract/states.ts';
import type { Reader } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { ProfileRowRecord } from './records.ts';

export interface HistoryQuestion {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly source?: string | undefined;
  readonly stage?: string | undefined;
}

const below = (cursor: string | undefined): number | undefined => {
  if (cursor === undefined) return undefined;
  if (!/^\d{1,15}$/.test(cursor)) throw new DeskProblem('INPUT_INVALID', 'The position in the list is not one this program gave out; start from the first page.', { field: 'cursor' });
  return Number(cursor);
};

export async function timelinePage(db: Reader, profile: ProfileRowRecord, { limit, cursor, source, stage }: HistoryQuestion): Promise<{ rows: ActivationEvent[]; next?: string }> {
  const before = below(cursor);
  let query = db.selectFrom('activation_events').selectAll().where('profile_id', '=', profile.id).orderBy('id', 'desc').limit(limit + 1);
  if (before !== undefined) query = query.where('id', '<', before);
  if (source !== undefined) query = query.where('source', '=', source);
  if (stage !== undefined) query = query.where('stage', '=', stage);
  const found = await query.execute();
  const rows = found.slice(0, limit).map((row): ActivationEvent => ({
    id: row.id, at: row.at, stage: row.stage as ActivationEvent['stage'], source: row.source as ActivationEvent['source'], text: row.text,
    ...(row.order_id === null ? {} : { orderId: row.order_id }), ...(row.code === null ? {} : { code: row.code }),
    ...(row.actor === null ? {} : { actor: row.actor }), ...(row.transaction_id === null ? {} : { transactionId: row.transaction_id }),
  }));
  if (found.length > limit) return { rows, next: String(rows[rows.length - 1]!.id) };
  const first = (await beginningsOf(db, profile)).filter((event) => (source === undefined || event.source === source) && (stage === undefined || event.stage === stage));
  return { rows: [...rows, ...first].sort((a, b) => b.at - a.at || b.id - a.id) };
}

/** How the profile came here, told by its own columns: a million imported rows need no million events. Their ids are negative. */
export async function beginningsOf(db: Reader, row: ProfileRowRecord): Promise<ActivationEvent[]> {
  const events: ActivationEvent[] = [];
  const madeAtOnce = row.prepared_at !== null && row.prepared_at === row.created_at && row.import_id === null && row.import_batch_id === null;
  if (!madeAtOnce) {
    const file = row.import_id === null ? undefined : await db.selectFrom('imports').select('file_name').where('id', '=', row.import_id).executeTakeFirst();
    events.push({ id: -2, at: row.created_at, stage: 'imported', source: 'operator', text: file === undefined ? 'Added to the stock' : `Imported from ${file.file_name}` });
  }
  if (row.prepared_at !== null) {
    const job = row.batch_id === null ? undefined
      : await db.selectFrom('batches as b').innerJoin('jobs as j', 'j.id', 'b.job_id').select('j.actor').where('b.id', '=', row.batch_id).executeTakeFirst();
    const text = madeAtOnce ? 'Made, personalised and sealed' : 'Personalised and sealed';
    events.push({ id: -1, at: row.prepared_at, stage: 'prepared', source: 'system', text, ...(job === undefined ? {} : { actor: job.actor }) });
  }
  return events;
}

export interface AuditLine { readonly seq: number; readonly at: number; readonly event: string; readonly actor: string; readonly outcome: string }

/** Of the profile and of every order it was ever on. */
export async function auditPage(db: Reader, profile: ProfileRowRecord, { limit, cursor }: HistoryQuestion): Promise<{ rows: AuditLine[]; next?: string }> {
  const before = below(cursor);
  const orders = await db.selectFrom('orders').select('id').where('profile_id', '=', profile.id).orderBy('created_at', 'desc').limit(200).execute();
  const found: AuditLine[] = [];
  for (const object of [profile.iccid, ...orders.map((order) => order.id)]) {
    let query = db.selectFrom('audit').select(['seq', 'at', 'event', 'actor', 'outcome']).where('object_id', '=', object).orderBy('seq', 'desc').limit(limit + 1);
    if (before !== undefined) query = query.where('seq', '<', before);
    found.push(...await query.execute());
  }
  const rows = found.sort((a, b) => b.seq - a.seq).slice(0, limit);
  return { rows, ...(found.length > limit ? { next: String(rows[rows.length - 1]!.seq) } : {}) };
}
