/** From anything thrown to a refusal that may cross: no stack, no SQL, no path. */
import type { z } from 'zod';
import type { DeskError } from '../../../shared/contract/define.ts';
import { schemaSentence } from '../../../shared/contract/sentence.ts';
import { VaultError } from '../../vault-link/operations.ts';
import { type Call, DeskProblem, type Log } from '../context.ts';

/** Sentences a schema makes are ours or zod's own English; neither holds anything but the rule that was broken. */
export function inputProblem(error: z.ZodError): DeskProblem {
  const issue = error.issues[0];
  const field = issue?.path.map(String).join('.') ?? '';
  return new DeskProblem('INPUT_INVALID', issue === undefined ? 'The input does not fit' : schemaSentence(issue), field === '' ? {} : { field });
}

export function toProblem(error: unknown): DeskProblem | undefined {
  if (error instanceof DeskProblem) return error;
  if (error instanceof VaultError) {
    if (error.code === 'VAULT_UNAVAILABLE') return new DeskProblem(error.code, 'The vault is not available at the moment; it is being started again', { hint: 'Try again in a few seconds' });
    if (error.code === 'VAULT_INTERNAL') return undefined;
    return new DeskProblem(error.code, error.message);
  }
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) return undefined;
  if (code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY') return new DeskProblem('CONFLICT', 'Something with the same identifier exists already; nothing was changed');
  if (code === 'SQLITE_FULL') return new DeskProblem('WORKSPACE_READ_ONLY', 'The disk of the workspace is full; nothing was changed');
  if (code.startsWith('SQLITE_READONLY')) return new DeskProblem('WORKSPACE_READ_ONLY', 'The workspace cannot be written to; nothing was changed');
  return undefined;
}

/** The refusal as it is answered. What is not ours is logged and answered as INTERNAL with the correlation id to find it by. */
export function toDeskError(error: unknown, call: Call, log: Log, procedure: string): DeskError {
  const problem = toProblem(error);
  if (!problem) {
    log.error('call failed unexpectedly', { procedure, correlationId: call.correlationId, error });
    return { code: 'INTERNAL', message: `Something went wrong inside the program; the log holds it under ${call.correlationId}`, correlationId: call.correlationId };
  }
  return {
    code: problem.code, message: problem.message,
    ...(problem.field === undefined ? {} : { field: problem.field }), ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    correlationId: call.correlationId,
  };
}
