import { z } from 'zod';
import { cursor, instant, pageInput, procedure } from './define.ts';

/** `waiting` for its time, `done`, `dead` after the last attempt, `discarded` by a person, or because what it would have undone was kept. */
export const outboxStates = ['waiting', 'done', 'dead', 'discarded'] as const;

export const outboxRow = z.object({
  id: z.number().int(), kind: z.string(), state: z.enum(outboxStates),
  /** What it says, for people: "Download (point 3) of 8988…". */
  summary: z.string(),
  brand: z.string().optional(), orderId: z.string().optional(),
  attempts: z.number().int(), nextAt: instant.optional(), createdAt: instant, doneAt: instant.optional(),
  /** Why the last attempt failed. */
  lastError: z.string().optional(),
});
export type OutboxRow = z.infer<typeof outboxRow>;

const filter = z.object({ state: z.array(z.enum(outboxStates)).optional(), kind: z.string().max(64).optional(), brand: z.string().max(64).optional(), orderId: z.string().max(64).optional() });

export const outbox = {
  list: procedure({
    name: 'outbox.list', kind: 'query', summary: 'Messages to other systems, newest first',
    input: pageInput.extend({ filter: filter.default({}) }),
    output: z.object({ rows: z.array(outboxRow), next: cursor.optional(), counts: z.object({ waiting: z.number().int(), dead: z.number().int(), oldestWaitingAt: instant.optional() }) }),
    permission: 'outbox.view', audit: { record: 'none', why: 'shown on screen only; exports are recorded' }, errors: [],
  }),
  show: procedure({
    name: 'outbox.show', kind: 'query', summary: 'One message as it is sent, identifiers of people masked',
    input: z.object({ id: z.number().int() }), output: outboxRow.extend({ target: z.string(), body: z.string() }),
    permission: 'outbox.view', audit: { record: 'none', why: 'shown on screen only; exports are recorded' }, errors: [],
  }),
  replay: procedure({
    name: 'outbox.replay', kind: 'command', summary: 'Sends dead messages again, from their first attempt on; a waiting one that is named is tried now',
    input: z.object({ ids: z.array(z.number().int()).max(1000).optional(), brand: z.string().max(64).optional(), allDead: z.boolean().optional() })
      .refine((r) => r.ids !== undefined || r.allDead === true, { message: 'name messages, or all dead ones', path: ['ids'] }),
    output: z.object({ replayed: z.number().int() }), permission: 'outbox.manage',
    audit: { record: 'always', event: 'outbox.replayed', fields: ['ids', 'brand', 'allDead', 'replayed'] }, errors: ['BRAND_UNKNOWN'],
  }),
  discard: procedure({
    name: 'outbox.discard', kind: 'command', summary: 'Gives dead or waiting messages up',
    input: z.object({ ids: z.array(z.number().int()).min(1).max(1000), reason: z.string().min(3).max(200) }),
    output: z.object({ discarded: z.number().int() }), permission: 'outbox.manage',
    audit: { record: 'always', event: 'outbox.discarded', fields: ['ids', 'reason', 'discarded'] }, errors: [],
  }),
};
