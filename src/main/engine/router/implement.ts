/** How an area implements its part of the contract. */
import type { z } from 'zod';
import type { Procedure } from '../../../shared/contract/define.ts';
import type { Call, EngineContext, Tx } from '../context.ts';

export interface AuditObject {
  readonly type: 'profile' | 'order' | 'template' | 'type' | 'job' | 'range' | 'import' | 'certificate' | 'settings' | 'backup' | 'session' | 'brand' | 'outbox' | 'crl' | 'preparation' | 'output' | 'recipient' | 'block' | 'number' | 'proposal';
  readonly id: string;
}

/** A read: may use `ctx.reader` only. */
export interface QueryImplementation<I, O> {
  readonly run: (ctx: EngineContext, input: I, call: Call) => Promise<O>;
}

/**
 * A change. `before` does what may not stand inside a transaction (vault, files, parsing) and may refuse; `run` is the one
 * transaction, awaiting database calls only; the router adds command log and audit record to the same transaction.
 * `after` runs when it is committed (wake a job, tell windows) and must not fail the call.
 */
export interface CommandImplementation<I, O, B> {
  readonly before?: (ctx: EngineContext, input: I, call: Call) => Promise<B>;
  readonly run: (tx: Tx, ctx: EngineContext, input: I, before: B, call: Call) => Promise<O>;
  readonly after?: (ctx: EngineContext, output: O, before: B, call: Call) => void;
  /** What the audit record is about. */
  readonly object?: (input: I, output: O) => AuditObject | undefined;
  /** Areas whose lists in open windows become stale. */
  readonly changes: readonly string[];
}

/** A stream: `push` until the signal aborts. */
export interface StreamImplementation<I, O> {
  readonly open: (ctx: EngineContext, input: I, call: Call, push: (data: O) => void, signal: AbortSignal) => void;
}

export interface Implemented {
  readonly procedure: Procedure;
  readonly query?: QueryImplementation<never, unknown>;
  readonly command?: CommandImplementation<never, unknown, never>;
  readonly stream?: StreamImplementation<never, unknown>;
}

type In<P> = P extends Procedure<infer I, z.ZodType> ? z.output<I> : never;
type Out<P> = P extends Procedure<z.ZodType, infer O> ? z.input<O> : never;

export function query<I extends z.ZodType, O extends z.ZodType, P extends Procedure<I, O>>(
  p: P & Procedure<I, O>, run: QueryImplementation<In<P>, Out<P>>['run'],
): Implemented {
  return { procedure: p as unknown as Procedure, query: { run } as unknown as QueryImplementation<never, unknown> };
}

/** Also for procedures of kind `job`: the transaction writes the job row, `after` wakes the runner. */
export function command<I extends z.ZodType, O extends z.ZodType, P extends Procedure<I, O>, B = undefined>(
  p: P & Procedure<I, O>, implementation: CommandImplementation<In<P>, Out<P>, B>,
): Implemented {
  return { procedure: p as unknown as Procedure, command: implementation as unknown as CommandImplementation<never, unknown, never> };
}

export function stream<I extends z.ZodType, O extends z.ZodType, P extends Procedure<I, O>>(
  p: P & Procedure<I, O>, open: StreamImplementation<In<P>, Out<P>>['open'],
): Implemented {
  return { procedure: p as unknown as Procedure, stream: { open } as unknown as StreamImplementation<never, unknown> };
}
