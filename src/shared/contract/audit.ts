import { z } from 'zod';
import { cursor, instant, pageInput, procedure } from './define.ts';

export const auditRow = z.object({
  seq: z.number().int(), at: instant, event: z.string(), actor: z.string(), host: z.string(), outcome: z.string(),
  objectType: z.string().optional(), objectId: z.string().optional(), hash: z.string(), correlationId: z.string().optional(),
});

export const audit = {
  list: procedure({
    name: 'audit.list', kind: 'query', summary: 'Audit records, newest first',
    input: pageInput.extend({ objectId: z.string().max(64).optional() }),
    output: z.object({ rows: z.array(auditRow), next: cursor.optional() }), permission: 'audit.view',
    audit: { record: 'none', why: 'reading the log in the window; exports are recorded' }, errors: [],
  }),
  verify: procedure({
    name: 'audit.verify', kind: 'query', summary: 'Recomputes the whole chain',
    input: z.object({
      /** A head noted earlier and kept elsewhere: the hash of that record and, where known, its number. */
      expectedHead: z.object({ hash: z.string().regex(/^[0-9a-fA-F]{64}$/, '64 hexadecimal digits'), records: z.number().int().min(1).optional() }).optional(),
    }),
    output: z.object({ verified: z.boolean(), records: z.number().int(), head: z.string(), firstBad: z.number().int().optional(), reason: z.string().optional() }),
    permission: 'audit.view', audit: { record: 'none', why: 'reads only' }, errors: [],
  }),
};
