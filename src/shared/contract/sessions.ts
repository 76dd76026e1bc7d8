import { z } from 'zod';
import { cursor, instant, pageInput, procedure } from './define.ts';

export const sessionPhases = ['initiated', 'authenticated', 'refused', 'bound', 'installed', 'install_failed', 'cancelled', 'expired'] as const;

export const sessionStep = z.object({
  at: instant, function: z.string(), milliseconds: z.number(), requestBytes: z.number().int(), responseBytes: z.number().int(),
  /** `Executed-Success` or `Failed`. */
  status: z.string(), code: z.string().optional(), cause: z.string().optional(), action: z.string().optional(),
  /** The sentence the step was refused with: what happened here, where `cause` says what the code can mean. */
  detail: z.string().optional(),
  /** What was sent and answered, as `session-message.ts` describes it; absent when it was not kept or kept no longer. */
  request: z.unknown().optional(), response: z.unknown().optional(),
});

export const sessionRow = z.object({
  transactionId: z.string(), startedAt: instant, updatedAt: instant, phase: z.enum(sessionPhases), identity: z.string(),
  eid: z.string().optional(), iccid: z.string().optional(), orderId: z.string().optional(), tac: z.string().optional(),
  remote: z.string().optional(), code: z.string().optional(), steps: z.number().int(),
  /** Binding of ES9+ (SGP.22 v2.2, 6.5 and 6.6). */
  binding: z.string().optional(),
  /** EID in the certificate of an eUICC that was refused before it proved itself; never beside `eid`. */
  claimedEid: z.string().optional(),
  /** The sentence that goes with `code`, of the refusal it came from. */
  detail: z.string().optional(),
  /** Phase `refused`: the device cancelled the session after the refusal. */
  cancelledAfter: z.boolean().optional(),
});

export const sessionFilter = z.object({
  failedOnly: z.boolean().optional(), text: z.string().max(64).optional(), codes: z.array(z.string().max(24)).max(40).optional(),
  phases: z.array(z.enum(sessionPhases)).max(8).optional(), identities: z.array(z.string().max(64)).max(40).optional(),
}).default({});
export type SessionFilter = z.output<typeof sessionFilter>;

/** A line of a decoded tree. Flat, because depth and number are bounded and a screen draws lines. */
export const treeRow = z.object({ depth: z.number().int(), name: z.string(), tag: z.string().optional(), value: z.string().optional(), note: z.string().optional() });
export type TreeRow = z.infer<typeof treeRow>;

export const notificationRow = z.object({
  id: z.number().int(), receivedAt: instant, kind: z.enum(['install', 'other']), verified: z.boolean(),
  transactionId: z.string().optional(), eid: z.string().optional(), iccid: z.string().optional(), sequence: z.number().int().optional(),
  /** `install`, `enable`, `disable`, `delete`. */
  operation: z.string().optional(),
  /** Of an installation: `installed`, or the package part and reason the eUICC named (`loadProfileElements, 12`). */
  outcome: z.string().optional(), cause: z.string().optional(), action: z.string().optional(),
  /** Why it was put aside instead of being believed. */
  quarantined: z.string().optional(),
});

const findingKinds = ['status', 'install', 'cancel', 'android', 'client', 'message', 'certificate', 'activation-code', 'eid', 'iccid', 'transaction-id'] as const;

export const finding = z.object({
  kind: z.enum(findingKinds), title: z.string(),
  /** What was read, cut to a line. */
  found: z.string(),
  code: z.string().optional(), cause: z.string().optional(), action: z.string().optional(), owners: z.array(z.string()).optional(), retry: z.string().optional(),
  facts: z.array(z.object({ name: z.string(), value: z.string() })).optional(), tree: z.array(treeRow).optional(),
  /** Lines of the tree were left out. */
  cut: z.boolean().optional(),
});
export type Finding = z.infer<typeof finding>;

const fixtureStep = z.object({
  /** Milliseconds after the first step. */
  at: z.number().int(), function: z.string(), milliseconds: z.number(), requestBytes: z.number().int(), responseBytes: z.number().int(),
  status: z.string(), code: z.string().optional(), request: z.unknown().optional(), response: z.unknown().optional(),
});
export const sessionFixtureFormat = 'mvne-desk/session-fixture';
/** A session without anything that leads to a person, for a bug report or a test. */
export const sessionFixture = z.object({
  format: z.literal(sessionFixtureFormat), version: z.literal(1),
  session: z.object({
    transactionId: z.string(), phase: z.enum(sessionPhases), code: z.string().optional(), binding: z.string(), curve: z.string(), svn: z.string().optional(),
    eid: z.string().optional(), iccid: z.string().optional(), tac: z.string().optional(), smdpAddress: z.string(),
  }),
  steps: z.array(fixtureStep),
  /** Kinds of values that were replaced, each by test values of the same length, and how many different ones there were. */
  replaced: z.array(z.object({ kind: z.string(), values: z.number().int() })),
  /** Members that were taken out. */
  removed: z.array(z.string()),
});
export type SessionFixture = z.infer<typeof sessionFixture>;

const shownOnly = { record: 'none', why: 'shown on screen only; exports are recorded' } as const;

export const sessions = {
  list: procedure({
    name: 'sessions.list', kind: 'query', summary: 'Download sessions, newest first', input: pageInput.extend({ filter: sessionFilter }),
    output: z.object({ rows: z.array(sessionRow), next: cursor.optional() }), permission: 'session.view', audit: shownOnly, errors: [],
  }),
  pulse: procedure({
    name: 'sessions.pulse', kind: 'query', summary: 'Rate of the last hour, and how many sessions came after the newest one shown',
    input: z.object({ filter: sessionFilter, newest: cursor.optional() }),
    output: z.object({
      at: instant,
      /** The last 60 minutes, oldest first; `at` is the beginning of the minute. */
      minutes: z.array(z.object({ at: instant, started: z.number().int(), failed: z.number().int() })),
      /** Of those that fit the filter; at most 500 are counted. */
      newer: z.number().int(),
      /** Codes and identities that sessions have, to filter by. */
      codes: z.array(z.string()), identities: z.array(z.string()),
    }),
    permission: 'session.view', audit: shownOnly, errors: [],
  }),
  show: procedure({
    name: 'sessions.show', kind: 'query', summary: 'One session, step by step', input: z.object({ transactionId: z.string().max(64) }),
    output: sessionRow.extend({
      svn: z.string().optional(), expiresAt: instant, smdpAddress: z.string(), curve: z.string(), ciKeyId: z.string(), stepList: z.array(sessionStep),
      /** Other sessions of the same eUICC, newest first. */
      others: z.array(sessionRow),
    }),
    permission: 'session.view', audit: shownOnly, errors: [],
  }),
  notifications: procedure({
    name: 'sessions.notifications', kind: 'query', summary: 'Notifications that eUICCs sent, newest first',
    input: pageInput.extend({ filter: z.object({ transactionId: z.string().max(64).optional(), verified: z.boolean().optional(), text: z.string().max(64).optional() }).default({}) }),
    output: z.object({ rows: z.array(notificationRow), next: cursor.optional() }), permission: 'session.view', audit: shownOnly, errors: [],
  }),
  notification: procedure({
    name: 'sessions.notification', kind: 'query', summary: 'One notification, decoded', input: z.object({ id: z.number().int() }),
    output: notificationRow.extend({ bytes: z.number().int(), tree: z.array(treeRow) }), permission: 'session.view', audit: shownOnly, errors: [],
  }),
  decode: procedure({
    name: 'sessions.decode', kind: 'query', summary: 'What a pasted text of a phone or an LPA says', input: z.object({ text: z.string().max(65_536) }),
    output: z.object({
      findings: z.array(finding),
      /** When nothing was found: what was looked for. */
      tried: z.array(z.string()),
      /** What of this workspace the text speaks of. */
      links: z.array(z.object({ kind: z.enum(['session', 'order', 'profile']), id: z.string(), text: z.string() })),
    }),
    permission: 'session.view', audit: { record: 'none', why: 'nothing is kept of what was pasted' }, errors: [],
  }),
  // A command, because taking data out of the program leaves a record.
  export: procedure({
    name: 'sessions.export', kind: 'command', summary: 'A session as a test fixture, without anything that leads to a person',
    input: z.object({ transactionId: z.string().max(64) }), output: z.object({ fileName: z.string(), fixture: sessionFixture }), permission: 'session.view',
    audit: { record: 'always', event: 'session.exported', fields: ['transactionId', 'fileName', 'fixture.replaced'] }, errors: [],
  }),
};
