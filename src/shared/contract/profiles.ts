import { z } from 'zod';
import { cursor, instant, pageInput, procedure, uploadHandle } from './define.ts';
import { activationEvent, deviceStates, networkStates, orderStates, profileState, stockStates } from './states.ts';

export const profileFilter = z.object({
  type: z.string().optional(),
  order: z.array(z.enum(orderStates)).optional(),
  network: z.array(z.enum(networkStates)).optional(),
  stock: z.array(z.enum(stockStates)).optional(),
  device: z.array(z.enum(deviceStates)).optional(),
  /** Digits of an ICCID, IMSI, MSISDN or EID: a beginning or an end. */
  text: z.string().max(64).optional(),
});

export const profileRow = z.object({
  iccid: z.string(), imsi: z.string(), msisdn: z.string().optional(), type: z.string(), state: profileState,
  eid: z.string().optional(), lastEventAt: instant.optional(), lastEvent: z.string().optional(), createdAt: instant,
});
export type ProfileRow = z.infer<typeof profileRow>;

export const profileDetail = profileRow.extend({
  stockReason: z.string().optional(),
  heldUntil: instant.optional(),
  deviceSource: z.string().optional(),
  deviceAt: instant.optional(),
  template: z.string(), templateVersion: z.number().int(),
  preparedAt: instant.optional(), packageDigest: z.string().optional(), packageBytes: z.number().int().optional(),
  deliveredAt: instant.optional(),
  /** Which secrets are held, by name only. */
  secrets: z.array(z.object({ name: z.string(), state: z.enum(['sealed', 'erased', 'absent']) })),
  order: z.object({ id: z.string(), matchingId: z.string().optional(), state: z.enum(orderStates), createdAt: instant, expiresAt: instant.optional() }).optional(),
  timeline: z.array(activationEvent),
  audit: z.array(z.object({ seq: z.number().int(), at: instant, event: z.string(), actor: z.string(), outcome: z.string() })),
});

export const jobView = z.object({
  id: z.string(), kind: z.string(), title: z.string(),
  state: z.enum(['queued', 'running', 'paused', 'done', 'failed', 'cancelled']),
  done: z.number().int(), total: z.number().int(), rejected: z.number().int(),
  startedAt: instant.optional(), finishedAt: instant.optional(), createdAt: instant,
  /** Units per second over the last seconds; absent when not running. */
  rate: z.number().optional(),
  message: z.string().optional(),
  actor: z.string(),
});
export type JobView = z.infer<typeof jobView>;

export const rowError = z.object({ row: z.number().int(), column: z.string(), code: z.string(), message: z.string(), found: z.string().optional() });

const view = { record: 'none', why: 'shown on screen only; exports are recorded' } as const;

export const profiles = {
  list: procedure({
    name: 'profiles.list', kind: 'query', summary: 'A page of the inventory, newest first',
    input: pageInput.extend({ filter: profileFilter.default({}) }),
    output: z.object({ rows: z.array(profileRow), next: cursor.optional(), total: z.number().int().optional() }),
    permission: 'profile.view', audit: view, errors: [],
  }),
  show: procedure({
    name: 'profiles.show', kind: 'query', summary: 'One profile with its four axes and timeline',
    input: z.object({ id: z.string().min(1).max(64) }), output: profileDetail, permission: 'profile.view', audit: view, errors: [],
  }),
  add: procedure({
    name: 'profiles.add', kind: 'command', summary: 'Adds one profile to the stock; secrets not given are made at preparation',
    input: z.object({ type: z.string(), iccid: z.string(), imsi: z.string(), msisdn: z.string().optional(), secrets: uploadHandle.optional() }),
    output: z.object({ iccid: z.string(), state: profileState }), permission: 'stock.import',
    audit: { record: 'always', event: 'profile.added', fields: ['type', 'iccid'], sensitive: ['imsi', 'msisdn'] },
    errors: ['TYPE_UNKNOWN', 'ICCID_INVALID', 'ICCID_EXISTS', 'IMSI_INVALID', 'IMSI_EXISTS', 'SECRETS_INVALID', 'KEY_REUSED'],
  }),
  quarantine: procedure({
    name: 'profiles.quarantine', kind: 'command', summary: 'Takes a profile out of sale with a reason',
    input: z.object({ iccid: z.string(), reason: z.string().min(3).max(200) }), output: z.object({ iccid: z.string(), state: profileState }),
    permission: 'profile.manage', audit: { record: 'always', event: 'profile.quarantined', fields: ['iccid', 'reason'] }, errors: ['TRANSITION_REFUSED'],
  }),
  unquarantine: procedure({
    name: 'profiles.unquarantine', kind: 'command', summary: 'Returns a quarantined profile that was never delivered to sale',
    input: z.object({ iccid: z.string(), reason: z.string().min(3).max(200) }), output: z.object({ iccid: z.string(), state: profileState }),
    permission: 'profile.manage', audit: { record: 'always', event: 'profile.unquarantined', fields: ['iccid', 'reason'] }, errors: ['TRANSITION_REFUSED'],
  }),
  retire: procedure({
    name: 'profiles.retire', kind: 'command', summary: 'Ends a profile for good and erases its secrets',
    input: z.object({ iccid: z.string(), reason: z.string().min(3).max(200) }), output: z.object({ iccid: z.string(), state: profileState }),
    permission: 'profile.manage', audit: { record: 'always', event: 'profile.retired', fields: ['iccid', 'reason'] }, errors: ['TRANSITION_REFUSED'],
  }),
};

export const stock = {
  importFile: procedure({
    name: 'stock.importFile', kind: 'job', summary: 'Imports stock from a CSV file; a dry run reports and writes nothing',
    input: z.object({ file: uploadHandle, fileName: z.string().max(255).default('stock.csv'), type: z.string(), dryRun: z.boolean().default(false) }),
    output: z.object({ job: jobView.optional(), accepted: z.number().int(), rejected: z.number().int(), errors: z.array(rowError), fileSha256: z.string() }),
    permission: 'stock.import', audit: { record: 'always', event: 'stock.imported', fields: ['type', 'fileName', 'dryRun', 'accepted', 'rejected', 'fileSha256'] },
    errors: ['TYPE_UNKNOWN', 'FILE_EMPTY', 'FILE_MALFORMED', 'COLUMN_MISSING', 'FILE_ALREADY_IMPORTED', 'ROWS_INVALID'],
  }),
  ranges: procedure({
    name: 'stock.ranges', kind: 'query', summary: 'Number ranges with what is left of them',
    input: z.object({}),
    output: z.object({ rows: z.array(z.object({ id: z.string(), type: z.string(), iccidFirst: z.string(), imsiFirst: z.string(), msisdnFirst: z.string().optional(), count: z.number().int(), used: z.number().int(), createdAt: instant })) }),
    permission: 'profile.view', audit: view, errors: [],
  }),
  createRange: procedure({
    name: 'stock.createRange', kind: 'command', summary: 'Registers a range of ICCIDs and IMSIs (and MSISDNs) for a profile type',
    input: z.object({ type: z.string(), iccidFirst: z.string().regex(/^\d{18,19}$/, '18 digits without, or 19 with, check digit'), imsiFirst: z.string().regex(/^\d{14,15}$/), msisdnFirst: z.string().regex(/^\+?\d{5,15}$/).optional(), count: z.number().int().min(1).max(100_000_000) }),
    output: z.object({ id: z.string(), iccidFirst: z.string(), iccidLast: z.string(), imsiFirst: z.string(), imsiLast: z.string() }),
    permission: 'stock.import', audit: { record: 'always', event: 'range.created', fields: ['type', 'iccidFirst', 'imsiFirst', 'count'] },
    errors: ['TYPE_UNKNOWN', 'RANGE_OVERLAPS', 'RANGE_INVALID'],
  }),
  prepare: procedure({
    name: 'stock.prepare', kind: 'job', summary: 'Prepares profiles of a type: from imported stock first, then from its ranges',
    input: z.object({ type: z.string(), count: z.number().int().min(1).max(1_000_000) }),
    output: jobView, permission: 'preparation.run',
    audit: { record: 'always', event: 'preparation.started', fields: ['type', 'count'] }, errors: ['TYPE_UNKNOWN', 'STOCK_SHORT'],
  }),
  fillLab: procedure({
    name: 'stock.fillLab', kind: 'job', summary: 'Lab only: fills the inventory with synthetic profiles',
    input: z.object({ profiles: z.number().int().min(1).max(2_000_000), type: z.string().optional() }),
    output: jobView, permission: 'lab.use', audit: { record: 'always', event: 'lab.filled', fields: ['profiles'] }, errors: ['LAB_ONLY'],
  }),
};

export const jobs = {
  list: procedure({
    name: 'jobs.list', kind: 'query', summary: 'Long work, newest first',
    input: z.object({ limit: z.number().int().min(1).max(200).default(50) }), output: z.object({ rows: z.array(jobView) }),
    permission: 'workspace.view', audit: view, errors: [],
  }),
  show: procedure({
    name: 'jobs.show', kind: 'query', summary: 'One job', input: z.object({ id: z.string() }),
    output: jobView.extend({ errors: z.array(rowError) }), permission: 'workspace.view', audit: view, errors: [],
  }),
  pause: procedure({
    name: 'jobs.pause', kind: 'command', summary: 'Stops a job after the unit in hand; it can go on later',
    input: z.object({ id: z.string() }), output: jobView, permission: 'preparation.run',
    audit: { record: 'always', event: 'job.paused', fields: ['id'] }, errors: ['TRANSITION_REFUSED'],
  }),
  resume: procedure({
    name: 'jobs.resume', kind: 'command', summary: 'Goes on with a paused job',
    input: z.object({ id: z.string() }), output: jobView, permission: 'preparation.run',
    audit: { record: 'always', event: 'job.resumed', fields: ['id'] }, errors: ['TRANSITION_REFUSED'],
  }),
  cancel: procedure({
    name: 'jobs.cancel', kind: 'command', summary: 'Ends a job after the unit in hand; what is done stays done',
    input: z.object({ id: z.string() }), output: jobView, permission: 'preparation.run',
    audit: { record: 'always', event: 'job.cancelled', fields: ['id'] }, errors: ['TRANSITION_REFUSED'],
  }),
};
