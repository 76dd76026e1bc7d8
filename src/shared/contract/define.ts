/**
 * How a question to the engine is declared. Each procedure stands once, in the file of its area; router, bridge, client,
 * console, command line and the audit dictionary are derived from it.
 */
import { z } from 'zod';

/** `query` reads, `command` changes in one transaction, `job` starts durable work and answers with its id, `stream` pushes. */
export type ProcedureKind = 'query' | 'command' | 'job' | 'stream';

export const permissions = [
  'workspace.view', 'workspace.manage', 'profile.view', 'profile.manage', 'stock.import', 'preparation.run',
  'type.manage', 'order.view', 'order.manage', 'session.view', 'audit.view', 'keys.view', 'keys.manage', 'brand.view', 'brand.manage',
  'outbox.view', 'outbox.manage', 'number.view', 'number.manage', 'output.make', 'lab.use',
] as const;
export type Permission = (typeof permissions)[number];

/**
 * What the audit log records of a call. `none` is for queries only, and says why nothing needs recording.
 * `sensitive` fields enter the chain as salted commitments; `omit` fields (secret handles) not at all.
 */
export type AuditRule =
  | { readonly record: 'none'; readonly why: string }
  | {
      readonly record: 'always';
      /** Dictionary name, e.g. `order.created`. */
      readonly event: string;
      /** Input or output fields (dotted) recorded in clear. */
      readonly fields: readonly string[];
      readonly sensitive?: readonly string[];
    };

export interface Procedure<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly kind: ProcedureKind;
  readonly summary: string;
  readonly input: I;
  readonly output: O;
  readonly permission: Permission;
  readonly audit: AuditRule;
  /** Stable codes this procedure may answer with, beyond the ones every procedure has. */
  readonly errors: readonly string[];
}

export function procedure<I extends z.ZodType, O extends z.ZodType>(p: Procedure<I, O>): Procedure<I, O> {
  return p;
}

export type InputOf<P> = P extends Procedure<infer I, z.ZodType> ? z.input<I> : never;
export type ParsedInputOf<P> = P extends Procedure<infer I, z.ZodType> ? z.output<I> : never;
export type OutputOf<P> = P extends Procedure<z.ZodType, infer O> ? z.output<O> : never;

export const deskErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  field: z.string().optional(),
  hint: z.string().optional(),
  correlationId: z.string(),
});
export type DeskError = z.infer<typeof deskErrorSchema>;

export type Reply<T> = { readonly ok: true; readonly data: T } | { readonly ok: false; readonly error: DeskError };

/** Codes any call may answer with. */
export const commonErrors = [
  'INPUT_INVALID', 'NOT_PERMITTED', 'PROCEDURE_UNKNOWN', 'NOT_FOUND', 'CONFLICT', 'COMMAND_REUSED', 'VAULT_UNAVAILABLE',
  'ENGINE_UNAVAILABLE', 'WORKSPACE_READ_ONLY', 'UPLOAD_UNKNOWN', 'UPLOAD_TOO_LARGE', 'INTERNAL',
] as const;

/** A moment in UTC, epoch milliseconds. */
export const instant = z.number().int();
/** Handle of an upload: files and secrets travel as raw bytes beside the contract, never inside it. */
export const uploadHandle = z.string().regex(/^up_[0-9a-f]{32}$/);
/** A file the engine hands out, once: `GET /files/<file>`. `bytes` when its size is known before it is made. */
export const fileOffer = z.object({ file: z.string().regex(/^fl_[0-9a-f]{32}$/), name: z.string().min(1).max(255), bytes: z.number().int().optional() });
export type FileOffer = z.infer<typeof fileOffer>;
/** Opaque position of a keyset-paged list. */
export const cursor = z.string().max(400);
export const pageInput = z.object({ cursor: cursor.optional(), limit: z.number().int().min(1).max(500).default(100) });
