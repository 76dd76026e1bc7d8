/** Typed calls derived from the contract: `call(contract.orders.create, input)`. */
import type { z } from 'zod';
import type { DeskBridge } from '../../shared/contract/bridge.ts';
import type { DeskError, Permission, Procedure, Reply } from '../../shared/contract/define.ts';
import { httpBridge } from './http-bridge.ts';
import { noteRefusal } from './permissions.ts';

declare global {
  interface Window {
    /** Put there by the preload script in the desktop; absent in the browser console. */
    readonly desk?: DeskBridge;
  }
}

/** A refusal of the engine, thrown so that queries and forms meet it as any other error. */
export class DeskProblem extends Error {
  readonly code: string;
  readonly field: string | undefined;
  readonly hint: string | undefined;
  readonly correlationId: string;
  constructor(error: DeskError) {
    super(error.message);
    this.name = 'DeskProblem';
    this.code = error.code;
    this.field = error.field;
    this.hint = error.hint;
    this.correlationId = error.correlationId;
  }
}

/** Waits before a command is sent again under the same command id, in milliseconds. */
const retryAfterMs = [300, 1_500] as const;

let current: DeskBridge | undefined;

export function bridge(): DeskBridge {
  current ??= window.desk ?? httpBridge();
  return current;
}

/** Test seam: another bridge, or undefined to choose again. */
export function useBridge(other: DeskBridge | undefined): void {
  current = other;
}

type Typed<I extends z.ZodType, O extends z.ZodType> = Procedure<I, O>;

/**
 * Calls a procedure. A command gets an id of its own; when the engine is away for a moment the same command is sent again
 * under the same id, so it takes effect once.
 */
export async function call<I extends z.ZodType, O extends z.ZodType>(procedure: Typed<I, O>, input: z.input<I>): Promise<z.output<O>> {
  const changes = procedure.kind === 'command' || procedure.kind === 'job';
  const commandId = changes ? crypto.randomUUID() : undefined;
  let reply = await ask(procedure.name, input, commandId);
  for (const wait of changes ? retryAfterMs : []) {
    if (reply.ok || reply.error.code !== 'ENGINE_UNAVAILABLE') break;
    await new Promise((done) => setTimeout(done, wait));
    reply = await ask(procedure.name, input, commandId);
  }
  return unwrap(reply, procedure.permission) as z.output<O>;
}

/** Hands bytes (a file, a secret) to the engine and returns the handle that stands for them in an input. */
export async function upload(bytes: Uint8Array): Promise<string> {
  return unwrap(await bridge().upload(bytes)).handle;
}

export async function uploadFile(file: File): Promise<string> {
  return upload(new Uint8Array(await file.arrayBuffer()));
}

async function ask(name: string, input: unknown, commandId: string | undefined): Promise<Reply<unknown>> {
  try {
    return await bridge().call(name, input, commandId);
  } catch (error) {
    return { ok: false, error: { code: 'ENGINE_UNAVAILABLE', message: 'The engine does not answer. It may be restarting.', hint: String(error), correlationId: '' } };
  }
}

function unwrap<T>(reply: Reply<T>, permission?: Permission): T {
  if (reply.ok) return reply.data;
  if (reply.error.code === 'NOT_PERMITTED' && permission !== undefined) noteRefusal(permission);
  throw new DeskProblem(reply.error);
}

export function problemOf(error: unknown): DeskProblem {
  if (error instanceof DeskProblem) return error;
  return new DeskProblem({ code: 'WINDOW_FAULT', message: error instanceof Error ? error.message : String(error), correlationId: '' });
}
