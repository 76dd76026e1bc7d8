/** Sign-in → permission → input schema → one transaction {run, audit record, command log} → reply. */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { procedures as contractProcedures } from '../../../shared/contract/index.ts';
import type { Procedure, Reply } from '../../../shared/contract/define.ts';
import { appendAudit } from '../audit/index.ts';
import { type Call, DeskProblem, type EngineContext } from '../context.ts';
import { allowed } from '../people/index.ts';
import { write } from '../store/index.ts';
import type { AuditObject, CommandImplementation, Implemented, QueryImplementation, StreamImplementation } from './implement.ts';
import { checkShape } from './input.ts';
import { inputProblem, toDeskError, toProblem } from './problems.ts';
import { auditEntry } from './record.ts';

export interface Router {
  /** Answers always; never rejects. */
  call(name: string, input: unknown, call: Call): Promise<Reply<unknown>>;
  /** Opens a stream or refuses; `push` is called until the signal aborts. */
  openStream(name: string, input: unknown, call: Call, push: (data: unknown) => void, signal: AbortSignal): Reply<null>;
  /** Resolves when no command is in hand any more. */
  idle(): Promise<void>;
}

const commandIdForm = /^[A-Za-z0-9_-]{8,64}$/;

/** Procedures of the contract that nobody implements, and implemented ones the contract does not know. */
export function mismatch(implemented: readonly Implemented[]): { missing: string[]; unknown: string[]; twice: string[] } {
  const names = implemented.map((i) => i.procedure.name);
  return {
    missing: [...contractProcedures.keys()].filter((name) => !names.includes(name)),
    unknown: names.filter((name) => !contractProcedures.has(name)),
    twice: names.filter((name, i) => names.indexOf(name) !== i),
  };
}

export function createRouter(ctx: EngineContext, implemented: readonly Implemented[]): Router {
  const table = new Map(implemented.map((i) => [i.procedure.name, i]));
  const inFlight = new Map<string, { hash: Buffer; reply: Promise<Reply<unknown>> }>();
  const running = new Set<Promise<unknown>>();

  function admit(name: string, call: Call): Implemented {
    const found = table.get(name);
    if (!found) throw new DeskProblem('PROCEDURE_UNKNOWN', 'The program has no such function');
    if (!allowed(call, found.procedure.permission)) throw new DeskProblem('NOT_PERMITTED', `This needs the permission ${found.procedure.permission}`);
    return found;
  }

  function parse(p: Procedure, input: unknown): unknown {
    checkShape(input);
    const parsed = p.input.safeParse(input ?? {});
    if (!parsed.success) throw inputProblem(parsed.error);
    return parsed.data;
  }

  /** A reply that does not fit its own contract is a defect of ours and never leaves. */
  function checkOutput(p: Procedure, output: unknown): unknown {
    const parsed = p.output.safeParse(output);
    if (!parsed.success) throw new TypeError(`reply of ${p.name} does not fit the contract at ${parsed.error.issues[0]?.path.join('.') ?? ''}: ${parsed.error.issues[0]?.message ?? ''}`);
    return parsed.data;
  }

  async function stored(p: Procedure, id: string, hash: Buffer): Promise<Reply<unknown> | undefined> {
    const row = await ctx.reader.selectFrom('commands').selectAll().where('id', '=', id).executeTakeFirst();
    if (!row) return undefined;
    if (row.procedure !== p.name || !hash.equals(row.input_hash)) throw reused();
    return { ok: true, data: JSON.parse(row.reply) as unknown };
  }

  async function runCommand(p: Procedure, c: CommandImplementation<unknown, unknown, unknown>, input: unknown, hash: Buffer, call: Call): Promise<Reply<unknown>> {
    if (call.commandId !== undefined) {
      const earlier = await stored(p, call.commandId, hash);
      if (earlier) return earlier;
    }
    const before = c.before ? await c.before(ctx, input, call) : undefined;
    const output = await write(ctx, async (tx) => {
      const data = checkOutput(p, await c.run(tx, ctx, input, before, call));
      const entry = auditEntry(p, call, ctx.clock.now(), 'done', input, data, c.object?.(input, data));
      if (entry) await appendAudit(tx, ctx.random, entry);
      if (call.commandId !== undefined) {
        await tx.insertInto('commands').values({ id: call.commandId, procedure: p.name, input_hash: hash, reply: JSON.stringify(data), at: ctx.clock.now() }).execute();
      }
      return data;
    });
    try {
      c.after?.(ctx, output, before, call);
    } catch (error) {
      // It is committed: what follows may fail, but the answer stands.
      ctx.log.error('after a command', { procedure: p.name, correlationId: call.correlationId, error });
    }
    if (c.changes.length > 0) ctx.changed(...c.changes, 'audit');
    return { ok: true, data: output };
  }

  /** A refused command leaves its record, in a transaction of its own. */
  async function recordRefusal(p: Procedure, c: CommandImplementation<unknown, unknown, unknown>, input: unknown, call: Call, code: string): Promise<void> {
    const entry = auditEntry(p, call, ctx.clock.now(), 'refused', input, undefined, refusedObject(c, input), code);
    if (!entry) return;
    try {
      await write(ctx, (tx) => appendAudit(tx, ctx.random, entry));
      ctx.changed('audit');
    } catch (error) {
      ctx.log.error('refusal could not be recorded', { procedure: p.name, correlationId: call.correlationId, error });
    }
  }

  async function command(found: Implemented, p: Procedure, rawInput: unknown, call: Call): Promise<Reply<unknown>> {
    const c = found.command as unknown as CommandImplementation<unknown, unknown, unknown>;
    let input: unknown;
    try {
      if (call.commandId !== undefined && !commandIdForm.test(call.commandId)) throw new DeskProblem('INPUT_INVALID', 'A command id has 8 to 64 letters, digits, dashes or underscores', { field: 'commandId' });
      if (!allowed(call, p.permission)) throw new DeskProblem('NOT_PERMITTED', `This needs the permission ${p.permission}`);
      input = parse(p, rawInput);
      const hash = createHash('sha256').update(canonicalize({ procedure: p.name, input }) ?? '').digest();
      const id = call.commandId;
      if (id === undefined) return await runCommand(p, c, input, hash, call);
      const other = inFlight.get(id);
      if (other) {
        if (!other.hash.equals(hash)) throw reused();
        return await other.reply;
      }
      const reply = runCommand(p, c, input, hash, call);
      inFlight.set(id, { hash, reply });
      try {
        return await reply;
      } finally {
        inFlight.delete(id);
      }
    } catch (error) {
      await recordRefusal(p, c, input, call, toProblem(error)?.code ?? 'INTERNAL');
      return { ok: false, error: toDeskError(error, call, ctx.log, p.name) };
    }
  }

  async function answer(name: string, input: unknown, call: Call): Promise<Reply<unknown>> {
    const found = table.get(name);
    if (found?.command) return command(found, found.procedure, input, call);
    try {
      const { procedure: p, query } = admit(name, call);
      if (!query) throw new DeskProblem('PROCEDURE_UNKNOWN', 'This function is a stream');
      const data = await (query as QueryImplementation<unknown, unknown>).run(ctx, parse(p, input), call);
      return { ok: true, data: checkOutput(p, data) };
    } catch (error) {
      return { ok: false, error: toDeskError(error, call, ctx.log, name) };
    }
  }

  return {
    call(name, input, call) {
      const started = performance.now();
      const reply = answer(name, input, call).then((r) => {
        const milliseconds = Math.round(performance.now() - started);
        if (!r.ok || milliseconds > 250) ctx.log.info('call', { procedure: table.has(name) ? name : 'unknown', correlationId: call.correlationId, milliseconds, ...(r.ok ? {} : { code: r.error.code }) });
        return r;
      });
      running.add(reply);
      void reply.finally(() => running.delete(reply));
      return reply;
    },
    openStream(name, input, call, push, signal) {
      try {
        const { procedure: p, stream } = admit(name, call);
        if (!stream) throw new DeskProblem('PROCEDURE_UNKNOWN', 'This function is not a stream');
        (stream as StreamImplementation<unknown, unknown>).open(ctx, parse(p, input), call, (data) => push(checkOutput(p, data)), signal);
        return { ok: true, data: null };
      } catch (error) {
        return { ok: false, error: toDeskError(error, call, ctx.log, name) };
      }
    },
    async idle() {
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
}

const reused = (): DeskProblem => new DeskProblem('COMMAND_REUSED', 'This command id was used for something else; nothing was changed');

/** What a refused command was about, when its input alone says so. */
function refusedObject(c: CommandImplementation<unknown, unknown, unknown>, input: unknown): AuditObject | undefined {
  if (input === undefined || !c.object) return undefined;
  try {
    const object = c.object(input, {});
    return typeof object?.id === 'string' && object.id !== '' ? object : undefined;
  } catch {
    // It needed the output, which a refused command does not have.
    return undefined;
  }
}
