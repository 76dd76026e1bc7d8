import { z } from 'zod';
import { cursor, instant, pageInput, procedure, uploadHandle } from './define.ts';
import { jobView, rowError } from './jobs.ts';
import { releaseRule } from './numbers.ts';
import { profileFilter, profileSort, secretStates } from './profile-filter.ts';
import { activationEvent, orderStates, profileState } from './states.ts';

export { profileFilter } from './profile-filter.ts';
export { jobs, type JobView, jobView, rowError } from './jobs.ts';

/**
 * What stands first in a row: the situation of a profile in one word, by rule from its four axes and its order. `why` lists the
 * evidence; nothing is claimed that no record shows.
 */
export const badgeCodes = [
  'blocked', 'expiring', 'half_done', 'tried_and_failed', 'waiting_for_user', 'ghost', 'zombie', 'installed_silent', 'in_use', 'connected',
  'quarantined', 'held', 'ready', 'not_prepared', 'ended',
] as const;
export const badge = z.object({ code: z.enum(badgeCodes), why: z.string() });
export type Badge = z.infer<typeof badge>;

export const profileLabel = z.object({ name: z.string(), colour: z.string() });
export type ProfileLabel = z.infer<typeof profileLabel>;

export const profileRow = z.object({
  iccid: z.string(), imsi: z.string(), msisdn: z.string().optional(), type: z.string(), state: profileState,
  eid: z.string().optional(), lastEventAt: instant.optional(), lastEvent: z.string().optional(), createdAt: instant,
  badge: badge.optional(),
  /** `name@version`. */
  templateLabel: z.string().optional(),
  /** References: `B-12`, `I-7`. */
  batch: z.string().optional(), import: z.string().optional(),
  /** The brand whose order it is on. */
  brand: z.string().optional(), orderId: z.string().optional(),
  stockReason: z.string().optional(), heldUntil: instant.optional(), heldFor: z.string().optional(),
  preparedAt: instant.optional(), deliveredAt: instant.optional(),
  /** Download attempts of the order it is on, and how many that may have. */
  attempts: z.number().int().optional(), attemptLimit: z.number().int().optional(),
  labels: z.array(profileLabel).optional(), notes: z.number().int().optional(),
  secretState: z.enum(secretStates).optional(),
});
export type ProfileRow = z.infer<typeof profileRow>;

const axisEvidence = z.object({ at: instant, source: z.string(), text: z.string(), actor: z.string().optional() });

export const profileDetail = profileRow.extend({
  deviceSource: z.string().optional(),
  deviceAt: instant.optional(),
  /** For each axis: since when it is so, who said it, and the sentence; absent where nothing was ever recorded. */
  evidence: z.object({
    order: axisEvidence.optional(), network: axisEvidence.optional(), stock: axisEvidence.optional(), device: axisEvidence.optional(),
  }).optional(),
  template: z.string(), templateVersion: z.number().int(),
  packageDigest: z.string().optional(), packageBytes: z.number().int().optional(),
  preparation: z.object({
    templateDigest: z.string(), algorithm: z.string(), batch: z.string().optional(), batchJob: z.string().optional(), preparedBy: z.string().optional(),
    importRef: z.string().optional(), importFile: z.string().optional(), importedAt: instant.optional(),
  }).optional(),
  /** The latest first, at most ten. */
  sessions: z.array(z.object({ transactionId: z.string(), startedAt: instant, phase: z.string(), code: z.string().optional(), eid: z.string().optional() })).optional(),
  noteList: z.array(z.object({ id: z.number().int(), at: instant, author: z.string(), text: z.string() })).optional(),
  /** Behind the timeline and the audit records shown here there are more (`profiles.timeline`, `profiles.audit`). */
  timelineNext: cursor.optional(), auditNext: cursor.optional(),
  /** When its quarantine ends by itself, and how. */
  release: releaseRule.optional(),
  /** Which secrets are held, by name only. */
  secrets: z.array(z.object({ name: z.string(), state: z.enum(['sealed', 'erased', 'absent']) })),
  order: z.object({ id: z.string(), matchingId: z.string().optional(), state: z.enum(orderStates), createdAt: instant, expiresAt: instant.optional() }).optional(),
  timeline: z.array(activationEvent),
  audit: z.array(z.object({ seq: z.number().int(), at: instant, event: z.string(), actor: z.string(), outcome: z.string() })),
});

const view = { record: 'none', why: 'shown on screen only; exports are recorded' } as const;

export const profiles = {
  list: procedure({
    name: 'profiles.list', kind: 'query', summary: 'A page of the inventory, newest first',
    input: pageInput.extend({ filter: profileFilter.default({}), sort: profileSort.default([]) }),
    /** `total` when it is known at once; else `more`: there are more than so many (`profiles.count` counts on). `sort`: as the rows stand. */
    output: z.object({
      rows: z.array(profileRow), next: cursor.optional(), total: z.number().int().optional(), more: z.number().int().optional(), sort: profileSort.optional(),
    }),
    permission: 'profile.view', audit: view, errors: ['FILTER_INVALID', 'SORT_INVALID', 'TYPE_UNKNOWN'],
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
    errors: ['TYPE_UNKNOWN', 'ICCID_INVALID', 'ICCID_EXISTS', 'IMSI_INVALID', 'IMSI_EXISTS', 'IMSI_NETWORK', 'SECRETS_INVALID', 'KEY_REUSED'],
  }),
  hold: procedure({
    name: 'profiles.hold', kind: 'command', summary: 'Keeps a sellable profile for somebody until a day; then it goes back to sale by itself',
    input: z.object({ iccid: z.string(), until: instant, for: z.string().trim().max(80).optional(), reason: z.string().trim().min(3).max(200) }), output: z.object({ iccid: z.string(), state: profileState }),
    permission: 'profile.manage', audit: { record: 'always', event: 'profile.held', fields: ['iccid', 'until', 'for', 'reason'] }, errors: ['TRANSITION_REFUSED', 'IMPORT_UNFINISHED', 'DATE_INVALID'],
  }),
  releaseHold: procedure({
    name: 'profiles.releaseHold', kind: 'command', summary: 'Ends the hold of a profile: it may be sold again',
    input: z.object({ iccid: z.string(), reason: z.string().trim().min(3).max(200) }), output: z.object({ iccid: z.string(), state: profileState }),
    permission: 'profile.manage', audit: { record: 'always', event: 'profile.hold_ended', fields: ['iccid', 'reason'] }, errors: ['TRANSITION_REFUSED', 'IMPORT_UNFINISHED'],
  }),
  quarantine: procedure({
    name: 'profiles.quarantine', kind: 'command', summary: 'Takes a profile out of sale with a reason, for good or until a rule is met',
    input: z.object({ iccid: z.string(), reason: z.string().min(3).max(200), release: releaseRule.optional() }), output: z.object({ iccid: z.string(), state: profileState }),
    permission: 'profile.manage', audit: { record: 'always', event: 'profile.quarantined', fields: ['iccid', 'reason', 'release'] }, errors: ['TRANSITION_REFUSED', 'IMPORT_UNFINISHED', 'DATE_INVALID'],
  }),
  unquarantine: procedure({
    name: 'profiles.unquarantine', kind: 'command', summary: 'Returns a quarantined profile that was never delivered to sale',
    input: z.object({ iccid: z.string(), reason: z.string().min(3).max(200) }), output: z.object({ iccid: z.string(), state: profileState }),
    permission: 'profile.manage', audit: { record: 'always', event: 'profile.unquarantined', fields: ['iccid', 'reason'] }, errors: ['TRANSITION_REFUSED', 'IMPORT_UNFINISHED'],
  }),
  retire: procedure({
    name: 'profiles.retire', kind: 'command', summary: 'Ends a profile for good and erases its secrets',
    input: z.object({ iccid: z.string(), reason: z.string().min(3).max(200) }), output: z.object({ iccid: z.string(), state: profileState }),
    permission: 'profile.manage', audit: { record: 'always', event: 'profile.retired', fields: ['iccid', 'reason'] }, errors: ['TRANSITION_REFUSED', 'IMPORT_UNFINISHED'],
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
