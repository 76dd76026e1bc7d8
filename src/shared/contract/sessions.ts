import { z } from 'zod';
import { cursor, instant, pageInput, procedure } from './define.ts';

export const sessionPhases = ['initiated', 'authenticated', 'refused', 'bound', 'installed', 'install_failed', 'cancelled', 'expired'] as const;

export const sessionStep = z.object({
  at: instant, function: z.string(), milliseconds: z.number(), requestBytes: z.number().int(), responseBytes: z.number().int(),
  /** `Executed-Success` or `Failed`. */
  status: z.string(), code: z.string().optional(), cause: z.string().optional(), action: z.string().optional(),
});

export const sessionRow = z.object({
  transactionId: z.string(), startedAt: instant, updatedAt: instant, phase: z.enum(sessionPhases), identity: z.string(),
  eid: z.string().optional(), iccid: z.string().optional(), orderId: z.string().optional(), tac: z.string().optional(),
  remote: z.string().optional(), code: z.string().optional(), steps: z.number().int(),
  /** Phase `refused`: the device cancelled the session after the refusal. */
  cancelledAfter: z.boolean().optional(),
});

export const sessions = {
  list: procedure({
    name: 'sessions.list', kind: 'query', summary: 'Download sessions, newest first',
    input: pageInput.extend({ filter: z.object({ failedOnly: z.boolean().optional(), text: z.string().max(64).optional() }).default({}) }),
    output: z.object({ rows: z.array(sessionRow), next: cursor.optional() }), permission: 'session.view',
    audit: { record: 'none', why: 'shown on screen only; exports are recorded' }, errors: [],
  }),
  show: procedure({
    name: 'sessions.show', kind: 'query', summary: 'One session, step by step',
    input: z.object({ transactionId: z.string() }),
    output: sessionRow.extend({ svn: z.string().optional(), expiresAt: instant, stepList: z.array(sessionStep) }), permission: 'session.view',
    audit: { record: 'none', why: 'shown on screen only; exports are recorded' }, errors: [],
  }),
};
