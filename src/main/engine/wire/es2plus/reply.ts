/** Bodies of ES2+ replies (SGP.22 v2.2, 6.5.1.4): exactly the members the standard names, because some clients refuse one more. */
import type { StatusCode } from './codes.ts';

export type ReplyFields = Readonly<Record<string, unknown>>;

export function successReply(fields: ReplyFields): Record<string, unknown> {
  const reply: Record<string, unknown> = { header: { functionExecutionStatus: { status: 'Executed-Success' } } };
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) reply[name] = value;
  return reply;
}

export function failedReplyOf(status: StatusCode): Record<string, unknown> {
  return {
    header: {
      functionExecutionStatus: {
        status: 'Failed', statusCodeData: { subjectCode: status.subject, reasonCode: status.reason, message: status.message },
      },
    },
  };
}
