/** Long work: what every job shows of itself, whatever it does. */
import { z } from 'zod';
import { cursor, fileOffer, instant, pageInput, procedure } from './define.ts';

export const jobStates = ['queued', 'running', 'paused', 'partly-failed', 'done', 'failed', 'cancelled'] as const;
export type JobStateName = (typeof jobStates)[number];
export const jobActions = ['pause', 'resume', 'cancel', 'rerun'] as const;

/** One step of a job; steps may run side by side (a unit is stored while the next is personalised). */
export const jobStep = z.object({
  id: z.string(),
  /** As shown, e.g. "Reserve numbers". */
  title: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'skipped', 'failed']),
  done: z.number().int(), total: z.number().int(),
  /** What is counted: "profiles", "files". */
  unit: z.string(),
  /** Per second of the time this step itself worked. */
  rate: z.number().optional(),
  secondsLeft: z.number().optional(),
  /** What it waits for, or what came of it. */
  note: z.string().optional(),
});
export type JobStep = z.infer<typeof jobStep>;

/** A file a job made. `file` is its id for `outputs.save`, absent when the digest is all there is or when it was swept. */
export const jobArtefact = z.object({
  id: z.string(), name: z.string(),
  kind: z.enum(['output', 'labels', 'vouchers', 'digests', 'ticket', 'report']),
  title: z.string(),
  recipient: z.string().optional(),
  rows: z.number().int(), bytes: z.number().int(),
  /** SHA-256 over the file as it lies, hex. */
  sha256: z.string(),
  /** How secrets in it are protected, in words; absent when it holds none. */
  protection: z.string().optional(),
  createdAt: instant,
  /** The file was deleted; row count and digest stay. */
  sweptAt: instant.optional(),
});
export type JobArtefact = z.infer<typeof jobArtefact>;

export const jobView = z.object({
  id: z.string(), kind: z.string(), title: z.string(),
  state: z.enum(jobStates),
  done: z.number().int(), total: z.number().int(), rejected: z.number().int(),
  startedAt: instant.optional(), finishedAt: instant.optional(), createdAt: instant,
  /** Units per second over the last seconds; absent when not running. */
  rate: z.number().optional(),
  /** At that rate; absent when not running or not known yet. */
  secondsLeft: z.number().optional(),
  message: z.string().optional(),
  /** What it waits for just now (the vault, disk space), in a sentence. */
  waitingFor: z.string().optional(),
  actor: z.string(),
  /** What an operator may do with it in its state. */
  actions: z.array(z.enum(jobActions)).optional(),
  /** The thing this job works on: `{ type: 'preparation', id }`. */
  subject: z.object({ type: z.string(), id: z.string() }).optional(),
});
export type JobView = z.infer<typeof jobView>;

export const rowError = z.object({
  row: z.number().int(), column: z.string(), code: z.string(), message: z.string(), found: z.string().optional(),
  iccid: z.string().optional(),
});
export type RowError = z.infer<typeof rowError>;

/** Failed rows by what is wrong with them. */
export const errorGroup = z.object({ code: z.string(), column: z.string(), message: z.string(), rows: z.number().int() });
export type ErrorGroup = z.infer<typeof errorGroup>;

export const jobDetail = jobView.extend({
  /** The first 1,000; all of them through `jobs.errors`. */
  errors: z.array(rowError),
  errorGroups: z.array(errorGroup),
  steps: z.array(jobStep),
  artefacts: z.array(jobArtefact),
  /** What stays if it is cancelled now. */
  cancelEffect: z.string().optional(),
});
export type JobDetail = z.infer<typeof jobDetail>;

const view = { record: 'none', why: 'shown on screen only; exports are recorded' } as const;
const byId = z.object({ id: z.string() });

export const jobs = {
  list: procedure({
    name: 'jobs.list', kind: 'query', summary: 'Long work, newest first',
    input: z.object({
      limit: z.number().int().min(1).max(200).default(50), cursor: cursor.optional(),
      kind: z.array(z.string()).optional(), state: z.array(z.enum(jobStates)).optional(),
    }),
    output: z.object({ rows: z.array(jobView), next: cursor.optional() }),
    permission: 'workspace.view', audit: view, errors: [],
  }),
  show: procedure({
    name: 'jobs.show', kind: 'query', summary: 'One job: its steps, what went wrong, what it made', input: byId,
    output: jobDetail, permission: 'workspace.view', audit: view, errors: [],
  }),
  errors: procedure({
    name: 'jobs.errors', kind: 'query', summary: 'Rows of a job that could not be done, in order',
    input: pageInput.extend({ id: z.string(), code: z.string().optional() }),
    output: z.object({ rows: z.array(rowError), next: cursor.optional() }), permission: 'workspace.view', audit: view, errors: [],
  }),
  errorsFile: procedure({
    name: 'jobs.errorsFile', kind: 'command', summary: 'The rows of a job that could not be done, as a CSV file',
    input: byId, output: fileOffer, permission: 'workspace.view',
    audit: { record: 'always', event: 'job.errors_saved', fields: ['id'] }, errors: [],
  }),
  pause: procedure({
    name: 'jobs.pause', kind: 'command', summary: 'Stops a job after the unit in hand; it can go on later',
    input: byId, output: jobView, permission: 'preparation.run',
    audit: { record: 'always', event: 'job.paused', fields: ['id'] }, errors: ['TRANSITION_REFUSED', 'JOB_UNSTOPPABLE'],
  }),
  resume: procedure({
    name: 'jobs.resume', kind: 'command', summary: 'Goes on with a paused job',
    input: byId, output: jobView, permission: 'preparation.run',
    audit: { record: 'always', event: 'job.resumed', fields: ['id'] }, errors: ['TRANSITION_REFUSED'],
  }),
  cancel: procedure({
    name: 'jobs.cancel', kind: 'command', summary: 'Ends a job after the unit in hand; what is done stays done',
    input: byId, output: jobView, permission: 'preparation.run',
    audit: { record: 'always', event: 'job.cancelled', fields: ['id'] }, errors: ['TRANSITION_REFUSED', 'JOB_UNSTOPPABLE'],
  }),
};
