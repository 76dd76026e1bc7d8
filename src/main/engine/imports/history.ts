/** Files in hand and files imported, newest first. */
import { sql } from 'kysely';
import type { ImportHistoryRow } from '../../../shared/contract/imports.ts';
import type { EngineContext } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { ImportSession } from './session.ts';
import { openSessions } from './session.ts';

function ofSession(session: ImportSession): ImportHistoryRow {
  const counts = session.validation?.counts();
  return {
    id: session.id, fileName: session.fileName, ...(session.type === undefined ? {} : { type: session.type }), state: session.state, at: session.openedAt, actor: session.actor, sha256: Buffer.from(session.sha256).toString('hex'),
    accepted: counts?.good ?? 0, skipped: counts?.skipped ?? 0, leftOut: counts?.leftOut ?? 0, ...(session.jobId === undefined ? {} : { job: session.jobId }), ...(session.preset === undefined ? {} : { preset: session.preset }),
    transportKeys: [...new Set(session.columns.flatMap((one) => (one.wrapping ? [one.wrapping.key] : [])))], open: true, fixFile: session.state === 'validated' && (counts ? counts.bad + counts.leftOut > 0 : false),
  };
}

/** Files that were not committed stand in front of the first page. */
export async function history(ctx: EngineContext, { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number }): Promise<{ rows: ImportHistoryRow[]; next?: string }> {
  const sessions = openSessions(ctx);
  const before = cursor === undefined ? undefined : /^(\d{1,15})\.(\d{1,15})$/.exec(cursor);
  if (before === null) throw new DeskProblem('INPUT_INVALID', 'This page is unknown.', { field: 'cursor' });
  let query = ctx.reader.selectFrom('imports').innerJoin('profile_types', 'profile_types.id', 'imports.type_id').selectAll('imports').select('profile_types.name as type')
    .orderBy('imports.created_at', 'desc').orderBy('imports.id', 'desc').limit(limit + 1);
  if (before) query = query.where(sql<boolean>`(imports.created_at, imports.id) < (${Number(before[1])}, ${Number(before[2])})`);
  const rows = await query.execute();
  const page = rows.slice(0, limit);
  const keys = page.length === 0 ? [] : await ctx.reader.selectFrom('import_keys').innerJoin('transport_keys', 'transport_keys.id', 'transport_key_id').select(['import_id', 'name']).where('import_id', 'in', page.map((one) => one.id)).execute();
  const done = page.map((row): ImportHistoryRow => {
    const session = sessions.find((one) => one.id === row.handle);
    return {
      ...(row.state === 'rolled-back' ? {} : { reference: `I-${row.id}` }), id: row.handle ?? `import-${row.id}`, fileName: row.file_name, type: row.type, state: row.state === 'running' ? 'committing' : row.state, at: row.created_at, actor: row.actor ?? '',
      sha256: Buffer.from(row.sha256).toString('hex'), accepted: row.state === 'rolled-back' ? 0 : row.accepted, skipped: row.skipped, leftOut: row.left_out,
      ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }), ...(row.job_id === null ? {} : { job: row.job_id }), ...(row.preset === null ? {} : { preset: row.preset }),
      transportKeys: keys.filter((one) => one.import_id === row.id).map((one) => one.name), open: session !== undefined, fixFile: session?.fix !== undefined,
    };
  });
  const last = page.at(-1);
  const inHand = before ? [] : sessions.filter((one) => !rows.some((row) => row.handle === one.id && row.state !== 'rolled-back')).sort((a, b) => b.openedAt - a.openedAt).map(ofSession);
  return { rows: [...inHand, ...done], ...(rows.length > limit && last ? { next: `${last.created_at}.${last.id}` } : {}) };
}
