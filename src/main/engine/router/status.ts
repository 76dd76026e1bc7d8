import type { Reply } from '../../../shared/contract/define.ts';

const statuses: Readonly<Record<string, number>> = {
  INPUT_INVALID: 400, UPLOAD_TOO_LARGE: 400, UPLOAD_UNKNOWN: 400, NOT_PERMITTED: 403, PROCEDURE_UNKNOWN: 404, NOT_FOUND: 404,
  VAULT_UNAVAILABLE: 503, ENGINE_UNAVAILABLE: 503, WORKSPACE_READ_ONLY: 503, INTERNAL: 500,
};

/** HTTP status of a reply; every refusal an area makes up is a conflict with the present state. */
export const statusOf = (reply: Reply<unknown>): number => (reply.ok ? 200 : (statuses[reply.error.code] ?? 409));
