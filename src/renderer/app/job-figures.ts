import type { JobView } from '../../shared/contract/profiles.ts';

/** Milliseconds still to go at the present rate; undefined while the rate says nothing. */
export function timeLeft(job: Pick<JobView, 'state' | 'done' | 'total' | 'rate'>): number | undefined {
  if (job.state !== 'running' || job.rate === undefined || job.rate <= 0) return undefined;
  return (1_000 * Math.max(0, job.total - job.done)) / job.rate;
}
