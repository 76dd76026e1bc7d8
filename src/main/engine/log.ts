/** The engine's log: allow-listed fields only, in `<workspace>/logs/engine.log`, 0600, rotated by size. */
import { closeSync, fchmodSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Log, LogFields } from './context.ts';

const texts = ['procedure', 'code', 'correlationId', 'jobId', 'orderId', 'transactionId', 'function', 'address', 'identity', 'reason'] as const;
const numbers = ['milliseconds', 'rows', 'status', 'port', 'count'] as const;
/** Errors whose messages are written by us and hold no data of a customer. */
const ours = new Set(['DeskProblem', 'VaultError', 'RspError', 'SaipError', 'TlvError']);

/** Name, code and stack of an error; its message only when it is one of ours, since others quote what they were given. */
export function errorFields(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) return { name: typeof error };
  const code = (error as { code?: unknown }).code;
  // The first line of a stack is the message.
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)).slice(0, 12).map((line) => line.trim()).join(' | ');
  return { name: error.name, ...(typeof code === 'string' ? { code } : {}), ...(ours.has(error.name) ? { message: error.message } : {}), frames };
}

function allowListed(fields: LogFields | undefined): Record<string, unknown> {
  if (!fields) return {};
  const out: Record<string, unknown> = {};
  for (const key of texts) {
    const value = fields[key];
    if (typeof value === 'string') out[key] = value.slice(0, 200);
  }
  for (const key of numbers) {
    const value = fields[key];
    if (typeof value === 'number') out[key] = value;
  }
  if (fields.error !== undefined) out['error'] = errorFields(fields.error);
  return out;
}

export interface FileLog extends Log {
  close(): void;
}

export interface FileLogOptions {
  readonly folder: string;
  readonly name?: string;
  /** Octets after which the file is set aside; 8 MiB unless told otherwise. Four old files are kept. */
  readonly limit?: number;
}

/** Writes are synchronous: what was logged before a crash is there after it. */
export function openLog({ folder, name = 'engine.log', limit = 8 * 1024 * 1024 }: FileLogOptions): FileLog {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, name);
  let fd = -1;
  let size = 0;
  const open = () => {
    fd = openSync(path, 'a', 0o600);
    if (process.platform !== 'win32') fchmodSync(fd, 0o600);
    size = fstatSync(fd).size;
  };
  const rotate = () => {
    closeSync(fd);
    for (let n = 3; n >= 0; n--) {
      try {
        renameSync(n === 0 ? path : `${path}.${n}`, `${path}.${n + 1}`);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
    open();
  };
  open();
  const sink = {
    write(line: string) {
      if (fd < 0) return;
      if (size + line.length > limit && size > 0) rotate();
      size += writeSync(fd, line);
    },
  };
  const logger = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, sink);
  return {
    info: (message, fields) => logger.info(allowListed(fields), message),
    warn: (message, fields) => logger.warn(allowListed(fields), message),
    error: (message, fields) => logger.error(allowListed(fields), message),
    close() {
      if (fd >= 0) closeSync(fd);
      fd = -1;
    },
  };
}

/** For tests and tools: keeps the lines in memory. */
export function memoryLog(): Log & { readonly lines: { level: string; message: string; fields: Record<string, unknown> }[] } {
  const lines: { level: string; message: string; fields: Record<string, unknown> }[] = [];
  const at = (level: string) => (message: string, fields?: LogFields) => {
    lines.push({ level, message, fields: allowListed(fields) });
  };
  return { lines, info: at('info'), warn: at('warn'), error: at('error') };
}
