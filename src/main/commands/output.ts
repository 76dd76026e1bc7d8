/** What a command prints: with `--json` one object on stdout, else text for a person. Exit 0 done, 1 refused, 2 usage. */
import type { DeskError, Reply } from '../../shared/contract/define.ts';

export interface Output {
  readonly json: boolean;
  /** The one result. `text` is what a person reads. */
  result(data: unknown, text: string | (() => string)): void;
  /** A result that is a refusal: what was found, with `error` beside it; exit 1. */
  refused(data: object, error: { readonly code: string; readonly message: string }, text: string | (() => string)): void;
  /** Progress and remarks: to stderr, never into the result. */
  note(text: string): void;
}

/** A refusal on its way to the user; everything else that is thrown is a defect of ours. */
export class CommandRefused extends Error {
  readonly error: Partial<DeskError> & { code: string; message: string };
  constructor(error: Partial<DeskError> & { code: string; message: string }) {
    super(error.message);
    this.name = 'CommandRefused';
    this.error = error;
  }
}

export function refuse(code: string, message: string, hint?: string): never {
  throw new CommandRefused({ code, message, ...(hint ? { hint } : {}) });
}

export function unwrap<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.data;
  throw new CommandRefused(reply.error);
}

export function createOutput(json: boolean): Output {
  return {
    json,
    result: (data, text) => {
      const body = json ? JSON.stringify(data) : typeof text === 'function' ? text() : text;
      if (body !== '') process.stdout.write(`${body}\n`);
    },
    refused: (data, error, text) => {
      process.stdout.write(`${json ? JSON.stringify({ ...data, error }) : typeof text === 'function' ? text() : text}\n`);
      process.exitCode = 1;
    },
    note: (text) => process.stderr.write(`${text}\n`),
  };
}

export function printRefusal(json: boolean, error: CommandRefused['error']): void {
  if (json) process.stdout.write(`${JSON.stringify({ error })}\n`);
  else {
    const { code, message, field, hint } = error;
    process.stderr.write(`mvne-desk: ${message}${field ? ` (${field})` : ''} [${code}]\n${hint ? `  ${hint}\n` : ''}`);
  }
}

/** Plain columns for a terminal. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd();
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
