import { describe, expect, it } from 'vitest';
import { jobStates, type JobView } from '../../../src/shared/contract/jobs.ts';
import { actionsOf, isLive, isOver, jobPath, newsOf, timeLeft } from '../../../src/renderer/app/job-figures.ts';
import { progressFigures } from '../../../src/renderer/design/progress-words.ts';

const job = (more: Partial<JobView> = {}): JobView => ({ id: 'job_1', kind: 'prepare', title: 'Prepare 100', state: 'running', done: 40, total: 100, rejected: 0, createdAt: 0, actor: 'a', ...more });

describe('a job of any kind', () => {
  it('is live, paused or over', () => {
    expect(jobStates.filter((state) => isLive({ state }))).toEqual(['queued', 'running']);
    expect(jobStates.filter((state) => isOver({ state }))).toEqual(['partly-failed', 'done', 'failed', 'cancelled']);
  });
  it('can do what the engine says, else what its state allows', () => {
    expect(actionsOf(job({ actions: ['cancel'] }))).toEqual(['cancel']);
    expect(actionsOf(job({ actions: [] }))).toEqual([]);
    expect(actionsOf(job())).toEqual(['pause', 'cancel']);
    expect(actionsOf(job({ state: 'done' }))).toEqual([]);
  });
  it('leads to what it works on, or to its own page', () => {
    expect(jobPath(job({ subject: { type: 'preparation', id: 'bat_1' } }))).toBe('/preparation/bat_1');
    expect(jobPath(job({ subject: { type: 'import', id: 'im_1' } }))).toBe('/imports/im_1');
    expect(jobPath(job({ subject: { type: 'bulk', id: 'x' } }))).toBe('/jobs/job_1');
    expect(jobPath(job())).toBe('/jobs/job_1');
  });
  it('is announced when it ends, failures at once', () => {
    expect(newsOf('running', job({ state: 'done', done: 100 }))).toEqual({ urgent: false, text: 'Prepare 100: done, 100 of 100.' });
    expect(newsOf('running', job({ state: 'partly-failed', rejected: 3, done: 100, message: 'Three rows failed.' }))).toEqual({ urgent: true, text: 'Prepare 100: partly failed, 100 of 100, 3 rejected. Three rows failed.' });
    expect(newsOf('running', job({ state: 'failed' }))?.urgent).toBe(true);
    // Not what was over before the window looked, and not what goes on.
    expect(newsOf(undefined, job({ state: 'done' }))).toBeUndefined();
    expect(newsOf('done', job({ state: 'done' }))).toBeUndefined();
    expect(newsOf('paused', job({ state: 'running' }))).toBeUndefined();
  });
  it('tells the time left as the engine does, while it runs', () => {
    expect(timeLeft(job({ rate: 10, secondsLeft: 90 }))).toBe(90_000);
    expect(timeLeft(job({ rate: 10 }))).toBe(6_000);
    expect(timeLeft(job({ state: 'paused', rate: 10 }))).toBeUndefined();
  });
});

describe('progress in words', () => {
  it('has counts, share, rate and time left', () => {
    expect(progressFigures({ done: 412_800, total: 1_000_000, rate: 84_300, secondsLeft: 7 }, 'rows')).toBe('412,800 of 1,000,000 rows · 41% · 84.3k/s · 7 s left');
  });
  it('is not at 100 percent before the end, and has no time left at it', () => {
    expect(progressFigures({ done: 999_999, total: 1_000_000 })).toContain('99%');
    expect(progressFigures({ done: 10, total: 10, rate: 5 })).toBe('10 of 10 · 5/s');
  });
  it('counts only while the whole is not known', () => {
    expect(progressFigures({ done: 7, total: 0 }, 'files')).toBe('7 files');
  });
});
