/** Life of a job, as data. Pause and cancel take effect between units: the runner reads the state again before each. */
export type JobState = 'queued' | 'running' | 'paused' | 'done' | 'partly-failed' | 'failed' | 'cancelled';
/** `finish_partly`: all of it was tried, some rows could not be done. */
export type JobEvent = 'start' | 'pause' | 'resume' | 'cancel' | 'finish' | 'finish_partly' | 'fail' | 'restart';

export const jobTable: readonly { readonly from: JobState; readonly event: JobEvent; readonly to: JobState }[] = [
  { from: 'queued', event: 'start', to: 'running' },
  { from: 'queued', event: 'pause', to: 'paused' },
  { from: 'queued', event: 'cancel', to: 'cancelled' },
  { from: 'running', event: 'pause', to: 'paused' },
  { from: 'running', event: 'cancel', to: 'cancelled' },
  { from: 'running', event: 'finish', to: 'done' },
  { from: 'running', event: 'finish_partly', to: 'partly-failed' },
  { from: 'running', event: 'fail', to: 'failed' },
  // The engine ended in between.
  { from: 'running', event: 'restart', to: 'queued' },
  { from: 'paused', event: 'resume', to: 'queued' },
  { from: 'paused', event: 'cancel', to: 'cancelled' },
];

export const nextJobState = (from: JobState, event: JobEvent): JobState | undefined => jobTable.find((t) => t.from === from && t.event === event)?.to;

/** Kinds of jobs that repair: stopped half way they would leave half of something, so nobody may stop them, and a full disk only makes them wait. */
const unstoppable: ReadonlySet<string> = new Set(['import.rollback']);
export const isUnstoppable = (kind: string): boolean => unstoppable.has(kind);

/** What an operator may do with a job of this kind in this state. */
export function jobActionsIn(state: JobState, kind: string): ('pause' | 'resume' | 'cancel')[] {
  return (['pause', 'resume', 'cancel'] as const).filter((action) => nextJobState(state, action) !== undefined && (action === 'resume' || !isUnstoppable(kind)));
}
