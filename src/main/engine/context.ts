/** What every area of the engine is given. Clock and randomness are here, so that a whole day can be replayed from a seed. */
import type SqliteDatabase from 'better-sqlite3';
import type { Kysely, Transaction } from 'kysely';
import type { FileOffer } from '../../shared/contract/define.ts';
import type { Settings } from '../../shared/contract/workspace.ts';
import type { Vault } from '../vault-link/operations.ts';
import type { EngineRuntime } from './runtime.ts';
import type { Database } from './store/schema.ts';

/** A transaction of the one writer. Inside it only database calls are awaited, nothing else. */
export type Tx = Transaction<Database>;
/** The second, read-only connection. */
export type Reader = Kysely<Database>;

export interface Clock {
  /** UTC epoch milliseconds. */
  now(): number;
}

export type RandomBytes = (length: number) => Uint8Array;

export type Environment = 'lab' | 'test' | 'live';

/** Allow-listed fields only; a value that is not in `LogFields` cannot be logged. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
export interface LogFields {
  procedure?: string; code?: string; correlationId?: string; jobId?: string; orderId?: string; transactionId?: string; function?: string;
  milliseconds?: number; rows?: number; status?: number; port?: number; address?: string; identity?: string; count?: number; reason?: string;
  /** An unexpected error: name, code and stack are logged, its message only when it is one of ours. */
  error?: unknown;
}

export interface WorkspacePaths {
  /** The workspace folder, 0700. */
  readonly root: string;
  readonly database: string;
  readonly backups: string;
  readonly journal: string;
  readonly logs: string;
}

/** Who asks. Present on every call from the first day. */
export interface Call {
  /** `local:<os user>` until people sign in; `system` for the engine's own work; `device:<eid masked>` on ES9+, `brand:<name>` on ES2+. */
  readonly actor: string;
  readonly host: 'desktop' | 'console' | 'cli' | 'es9plus' | 'es2plus' | 'engine';
  readonly correlationId: string;
  readonly commandId?: string;
}

/** Files and secrets that came as raw bytes. A handle is taken once; its bytes are zeroed by who took them. */
export interface Uploads {
  put(bytes: Uint8Array): string;
  /** Throws `DeskProblem` UPLOAD_UNKNOWN. */
  take(handle: string): Uint8Array;
}

/** A file made while it is read. `open` is called at most once; `dropped` when nobody fetched it. */
export interface FileToHand {
  /** As the reader's disk shall name it. */
  readonly name: string;
  /** Media type. */
  readonly type: string;
  /** Octets, when known. */
  readonly bytes?: number;
  open(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  dropped?(): void;
}

/** Files that go out beside the contract, as uploads come in. */
export interface Handouts {
  offer(file: FileToHand): FileOffer;
  /** The file behind a handle, once, for the server that sends it; undefined when it was fetched already or has waited too long. */
  take(handle: string): FileToHand | undefined;
}

export interface EngineContext {
  readonly environment: Environment;
  readonly paths: WorkspacePaths;
  /** The writer; use `write` for changes. Kysely serialises transactions on this one connection. */
  readonly db: Kysely<Database>;
  readonly reader: Reader;
  /** The writer's own connection: only the bulk functions of `store/` use it, inside the transaction in hand. */
  readonly sqlite: SqliteDatabase.Database;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  readonly uploads: Uploads;
  readonly files: Handouts;
  /** State of the running process: listeners, job runner, open windows. */
  readonly runtime: EngineRuntime;
  settings(): Settings;
  /** Tells open windows that lists of these areas are stale. Call after the commit. */
  changed(...areas: string[]): void;
}

/** A refusal with a stable code. Everything a procedure refuses is thrown as this; anything else becomes INTERNAL. */
export class DeskProblem extends Error {
  readonly code: string;
  readonly field: string | undefined;
  readonly hint: string | undefined;
  constructor(code: string, message: string, options: { field?: string; hint?: string } = {}) {
    super(message);
    this.name = 'DeskProblem';
    this.code = code;
    this.field = options.field;
    this.hint = options.hint;
  }
}
