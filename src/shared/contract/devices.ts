import { z } from 'zod';
import { cursor, instant, pageInput, procedure } from './define.ts';

/** What an eUICC said of itself in its last EUICCInfo2 (SGP.22 v2.2, 5.7.8). */
export const euiccRow = z.object({
  eid: z.string(), firstSeen: instant, lastSeen: instant, sessions: z.number().int(), svn: z.string(), profileVersion: z.string(), firmwareVersion: z.string(),
  freeNonVolatileMemory: z.number().int().optional(), freeVolatileMemory: z.number().int().optional(),
  /** Names of the services of UICCCapability that are set. */
  capabilities: z.array(z.string()), forbiddenPolicyRules: z.array(z.string()),
  ciKeyIds: z.object({ verification: z.array(z.string()), signing: z.array(z.string()) }),
  category: z.string().optional(), sasAccreditation: z.string().optional(), tac: z.string().optional(),
});
export type EuiccRow = z.infer<typeof euiccRow>;

export const devices = {
  list: procedure({
    name: 'devices.list', kind: 'query', summary: 'eUICCs that authenticated here, last seen first',
    input: pageInput.extend({ filter: z.object({ text: z.string().max(64).optional() }).default({}) }),
    output: z.object({ rows: z.array(euiccRow), next: cursor.optional() }), permission: 'session.view',
    audit: { record: 'none', why: 'shown on screen only; exports are recorded' }, errors: [],
  }),
  show: procedure({
    name: 'devices.show', kind: 'query', summary: 'What one eUICC can',
    input: z.object({ eid: z.string().regex(/^\d{32}$/) }), output: euiccRow, permission: 'session.view',
    audit: { record: 'none', why: 'shown on screen only; exports are recorded' }, errors: [],
  }),
};
