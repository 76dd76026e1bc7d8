/**
 * The inventory as a file, made while it is read: some thousand rows are in memory at a time, whatever their number. Each row is as
 * it stands when it is read; profiles that come in after the export began are not in it. Secrets are never in it.
 */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { ProfileColumn } from '../../../shared/contract/profile-filter.ts';
import type { ProfileRow } from '../../../shared/contract/profiles.ts';
import { appendAudit } from '../audit/index.ts';
import type { Call, EngineContext } from '../context.ts';
import { write } from '../store/index.ts';
import { loadNames } from './filter.ts';
import type { Order } from './order.ts';
import { rowsOf } from './row.ts';
import type { Selection } from './selection.ts';
import { selected } from './selection.ts';

export type ExportFormat = 'csv' | 'csv-excel' | 'jsonl';
type Value = string | number | readonly string[] | undefined;

const iso = (at: number | undefined): string | undefined => (at === undefined ? undefined : new Date(at).toISOString());

const valueOf: Record<ProfileColumn, (row: ProfileRow) => Value> = {
  badge: (row) => row.badge?.code, iccid: (row) => row.iccid, imsi: (row) => row.imsi, msisdn: (row) => row.msisdn, type: (row) => row.type, template: (row) => row.templateLabel,
  batch: (row) => row.batch, import: (row) => row.import, order: (row) => row.state.order, stock: (row) => row.state.stock, network: (row) => row.state.network,
  device: (row) => row.state.device, eid: (row) => row.eid, brand: (row) => row.brand, heldUntil: (row) => iso(row.heldUntil), heldFor: (row) => row.heldFor,
  lastEvent: (row) => row.lastEvent, lastEventAt: (row) => iso(row.lastEventAt), createdAt: (row) => iso(row.createdAt), preparedAt: (row) => iso(row.preparedAt),
  deliveredAt: (row) => iso(row.deliveredAt), attempts: (row) => row.attempts, labels: (row) => row.labels?.map((label) => label.name) ?? [], notes: (row) => row.notes ?? 0,
  secrets: (row) => row.secretState,
};

/** What a spreadsheet would run as a formula is text behind an apostrophe. */
const disarmed = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

export function csvCell(value: Value, excel: boolean): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = typeof value === 'string' ? value : value.join('; ');
  // A long number would lose its last digits; this form a spreadsheet keeps as text.
  if (excel && /^\d{12,}$/.test(text)) return `"=""${text}"""`;
  const safe = disarmed(text);
  return /[",;\r\n]/.test(safe) || safe !== text ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function lineOf(row: ProfileRow, columns: readonly ProfileColumn[], format: ExportFormat): string {
  if (format === 'jsonl') return JSON.stringify(Object.fromEntries(columns.flatMap((column) => {
    const value = valueOf[column](row);
    return value === undefined ? [] : [[column, value]];
  })));
  return columns.map((column) => csvCell(valueOf[column](row), format === 'csv-excel')).join(',');
}

export interface ExportQuestion {
  readonly selection: Selection;
  readonly columns: readonly ProfileColumn[];
  readonly format: ExportFormat;
  readonly order: Order | undefined;
  /** What the audit log says of it. */
  readonly scope: string;
  readonly name: string;
}

/** Rows looked up at a time. */
const PIECE = 1_000;

export async function* exportFile(ctx: EngineContext, question: ExportQuestion, call: Call): AsyncGenerator<Uint8Array, void, undefined> {
  const { selection, columns, format, order } = question;
  const hash = createHash('sha256');
  const eol = format === 'jsonl' ? '\n' : '\r\n';
  let rows = 0;
  let complete = false;
  const out = (text: string): Uint8Array => {
    const bytes = Buffer.from(text, 'utf8');
    hash.update(bytes);
    return bytes;
  };
  try {
    // Spreadsheets take a file for UTF-8 only when it says so.
    if (format !== 'jsonl') yield out(`${format === 'csv-excel' ? '\ufeff' : ''}${columns.join(',')}${eol}`);
    const top = await ctx.reader.selectFrom('profiles').select((e) => e.fn.max('id').as('id')).executeTakeFirst();
    const now = ctx.clock.now();
    const names = await loadNames(ctx.reader);
    for await (const { ids } of selected(ctx.reader, selection, { ...(order ? { order } : {}), upTo: top?.id ?? 0, now })) {
      for (let at = 0; at < ids.length; at += PIECE) {
        const found = await rowsOf(ctx.reader, ids.slice(at, at + PIECE), names, now);
        rows += found.length;
        if (found.length > 0) yield out(found.map((row) => lineOf(row, columns, format) + eol).join(''));
        await setImmediate();
      }
    }
    complete = true;
  } finally {
    await record(ctx, question, { rows, complete, sha256: hash.digest('hex') }, call);
  }
}

/** When the last row is out, or the reader went away: what really left the workspace. */
async function record(ctx: EngineContext, { scope, columns, format, name }: ExportQuestion, done: { readonly rows: number; readonly complete: boolean; readonly sha256: string }, call: Call): Promise<void> {
  await write(ctx, (tx) => appendAudit(tx, ctx.random, {
    at: ctx.clock.now(), event: 'profiles.export_ended', actor: call.actor, host: call.host, outcome: done.complete ? 'done' : 'refused', correlationId: call.correlationId,
    fields: { scope, columns: [...columns], format, name, rows: done.rows, sha256: done.sha256, ...(done.complete ? {} : { code: 'NOT_FETCHED_WHOLE' }) },
  }));
  ctx.changed('audit');
}
