/** What is said of a job beside its bar. Pure. */
import type { JobView } from '../../shared/contract/jobs.ts';
import { count } from '../design/formats.ts';
import { leftMs } from '../design/progress-words.ts';

/** Milliseconds still to go; undefined while the job does not run or its rate says nothing. */
export function timeLeft(job: Pick<JobView, 'state' | 'done' | 'total' | 'rate'> & { readonly secondsLeft?: number | undefined }): number | undefined {
  return job.state === 'running' ? leftMs(job) : undefined;
}

export const isLive = (job: Pick<JobView, 'state'>): boolean => job.state === 'running' || job.state === 'queued';
export const isOver = (job: Pick<JobView, 'state'>): boolean => !isLive(job) && job.state !== 'paused';
/** Ended in a way somebody should look at. */
export const isTrouble = (job: Pick<JobView, 'state'>): boolean => job.state === 'failed' || job.state === 'partly-failed';

/** What an operator may do: as the engine says; from the state where it does not say. */
export function actionsOf(job: Pick<JobView, 'state' | 'actions'>): readonly NonNullable<JobView['actions']>[number][] {
  if (job.actions !== undefined) return job.actions;
  if (job.state === 'running') return ['pause', 'cancel'];
  if (job.state === 'paused') return ['resume', 'cancel'];
  return job.state === 'queued' ? ['cancel'] : [];
}

const places: Readonly<Record<string, string>> = { preparation: '/preparation', batch: '/preparation', import: '/imports', imports: '/imports' };

/** The screen of what the job works on; the job's own page for everything else. */
export function jobPath(job: Pick<JobView, 'id' | 'subject'>): string {
  const place = job.subject === undefined ? undefined : places[job.subject.type];
  return place === undefined || job.subject === undefined ? `/jobs/${encodeURIComponent(job.id)}` : `${place}/${encodeURIComponent(job.subject.id)}`;
}

/** A sentence for the live region when a job ends or waits. */
export function newsOf(before: JobView['state'] | undefined, job: JobView): { readonly urgent: boolean; readonly text: string } | undefined {
  if (before === undefined || before === job.state || isLive(job)) return undefined;
  const words = { paused: 'paused', done: 'done', failed: 'failed', 'partly-failed': 'partly failed', cancelled: 'cancelled', running: '', queued: '' } as const;
  const rejected = job.rejected > 0 ? `, ${count(job.rejected)} rejected` : '';
  return { urgent: isTrouble(job), text: `${job.title}: ${words[job.state]}, ${count(job.done)} of ${count(job.total)}${rejected}.${job.message === undefined ? '' : ` ${job.message}`}` };
}
