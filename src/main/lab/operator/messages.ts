/** The requests an operator's system and an SM-DS receive, member by member (SGP.22 v2.2, 6.5.1.3, 6.5.2.5, 6.5.2.13, 6.5.2.14). Nothing beyond them is taken. */
import { z } from 'zod';
import type { LabRequest } from './server.ts';

const header = z.strictObject({ functionRequesterIdentifier: z.string().min(1), functionCallIdentifier: z.string().min(1) });
const eid = z.string().regex(/^[0-9]{32}$/);
const code = z.string().regex(/^\d+(\.\d+)*$/);

export const progressInfo = z.strictObject({
  header, eid: eid.optional(), iccid: z.string().regex(/^[0-9]{19}[0-9F]?$/), profileType: z.string().min(1),
  timestamp: z.string().regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})$/),
  notificationPointId: z.number().int(),
  notificationPointStatus: z.strictObject({
    status: z.enum(['Executed-Success', 'Executed-WithWarning', 'Failed', 'Expired']),
    statusCodeData: z.strictObject({ subjectCode: code, reasonCode: code, subjectIdentifier: z.string().optional(), message: z.string().optional() }).optional(),
  }),
  resultData: z.base64().optional(),
});
export type ProgressInfo = z.infer<typeof progressInfo>;

export const registerEvent = z.strictObject({ header, eid, rspServerAddress: z.string().min(1).max(255), eventId: z.string().min(1), forwardingIndicator: z.boolean() });
export const deleteEvent = z.strictObject({ header, eid, eventId: z.string().min(1) });

/** The message of a request, or what is wrong with it. */
export function readMessage<T>(request: LabRequest, path: string, schema: z.ZodType<T>): { readonly ok: true; readonly message: T } | { readonly ok: false; readonly fault: string } {
  const fault = (text: string) => ({ ok: false, fault: text }) as const;
  if (request.method !== 'POST') return fault(`method ${request.method}`);
  if (request.path !== path) return fault(`path ${request.path}`);
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) return fault(`Content-Type ${request.headers['content-type'] ?? 'missing'}`);
  if (!/^gsma\/rsp\/v2\.\d+\.\d+$/.test(String(request.headers['x-admin-protocol'] ?? ''))) return fault('X-Admin-Protocol');
  let body: unknown;
  try {
    body = JSON.parse(request.text);
  } catch {
    return fault('not JSON');
  }
  const read = schema.safeParse(body);
  return read.success ? { ok: true, message: read.data } : fault(read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
}
