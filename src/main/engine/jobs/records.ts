import type { Selectable } from 'kysely';
import type { JobView } from '../../../shared/contract/profiles.ts';
import type { Database } from '../store/index.ts';

export type JobRow = Selectable<Database['jobs']>;

export const jobStates = ['queued', 'running', 'paused', 'done', 'failed', 'cancelled'] as const;

export function jobView(row: JobRow, rate?: number): JobView {
  return {
    id: row.id, kind: row.kind, title: row.title, state: row.state as JobView['state'], done: row.done, total: row.total, rejected: row.rejected,
    createdAt: row.created_at, actor: row.actor,
    ...(row.started_at === null ? {} : { startedAt: row.started_at }), ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
    ...(row.message === null ? {} : { message: row.message }), ...(rate === undefined || row.state !== 'running' ? {} : { rate }),
  };
}
