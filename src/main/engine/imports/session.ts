/** Imports in hand: the file in memory, how it is read, and what validation found. Nothing of it outlives the engine but sealed staging. */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ImportColumn, ImportDetection, ImportRules, ImportState } from '../../../shared/contract/imports.ts';
import { DeskProblem } from '../context.ts';
import type { EngineContext } from '../context.ts';
import { removeStaging } from '../store/bulk-imports.ts';
import type { FixFile } from './fix-file.ts';
import type { Source } from './source.ts';
import type { Validation } from './validation.ts';

export interface ImportSession {
  readonly id: string;
  readonly fileName: string;
  readonly sha256: Uint8Array;
  readonly bytes: number;
  readonly openedAt: number;
  readonly actor: string;
  /** As it came; zeroed when the import is over. */
  readonly file: Uint8Array;
  source: Source;
  detection: ImportDetection;
  checkedIccids: boolean | 'mixed';
  preset: string | undefined;
  mapping: string | undefined;
  type: string | undefined;
  columns: readonly ImportColumn[];
  rules: ImportRules;
  /** OP of the whole file as it came, hexadecimal octets read. */
  op: Uint8Array | undefined;
  state: ImportState;
  /** The job in hand, or the last one. */
  jobId: string | undefined;
  validation: Validation | undefined;
  /** Rows not imported, kept for the fix file once the file is wiped. */
  fix: FixFile | undefined;
  /** A change is being made. */
  busy: boolean;
  wiped: boolean;
  touchedAt: number;
}

/** Milliseconds an untouched file is kept. */
export const patience = 60 * 60_000;
/** Files held at one time; their octets are in memory. */
const mostOpen = 8;
const mostOctets = 1024 * 1024 * 1024;

const registries = new WeakMap<object, Map<string, ImportSession>>();

function registry(ctx: Pick<EngineContext, 'sqlite'>): Map<string, ImportSession> {
  let found = registries.get(ctx.sqlite);
  if (!found) registries.set(ctx.sqlite, found = new Map());
  return found;
}

export const openSessions = (ctx: Pick<EngineContext, 'sqlite'>): ImportSession[] => [...registry(ctx).values()];

/** Throws {@link DeskProblem} `IMPORTS_TOO_MANY`. */
export function admit(ctx: EngineContext, bytes: number): void {
  sweepImports(ctx);
  const open = openSessions(ctx).filter((one) => !one.wiped);
  if (open.length >= mostOpen || open.reduce((sum, one) => sum + one.bytes, bytes) > mostOctets) throw tooMany(open);
}

function tooMany(open: readonly ImportSession[]): DeskProblem {
  const [oldest] = [...open].sort((a, b) => a.touchedAt - b.touchedAt);
  if (!oldest) return new DeskProblem('IMPORTS_TOO_MANY', `A file of at most ${mostOctets >> 20} MB can be in hand at one time.`, { field: 'file', hint: 'Split the file.' });
  const inHand = open.length === 1 ? 'One import is' : `${open.length} imports are`;
  return new DeskProblem('IMPORTS_TOO_MANY', `${inHand} in hand; at most ${mostOpen} files of ${mostOctets >> 20} MB together can be. The one untouched longest is ${oldest.fileName.slice(0, 80)} (${oldest.id}).`, {
    field: 'file', hint: 'Finish or discard one of them in the list of imports. One nobody touches for an hour is discarded by itself.',
  });
}

export function keepSession(ctx: EngineContext, session: ImportSession): void {
  registry(ctx).set(session.id, session);
}

/** Throws {@link DeskProblem} `IMPORT_UNKNOWN`. */
export function sessionOf(ctx: Pick<EngineContext, 'sqlite' | 'clock'>, id: string): ImportSession {
  const session = registry(ctx).get(id);
  if (!session) throw new DeskProblem('IMPORT_UNKNOWN', 'This import is not in hand any more: it was finished or discarded, has waited too long, or the program was started again.', { field: 'id', hint: 'Open the file once more. Nothing of it was written to the stock unless the list of imports says so.' });
  session.touchedAt = ctx.clock.now();
  return session;
}

/** The session, free for a change. Throws `IMPORT_UNKNOWN`, `IMPORT_BUSY`. */
export function idleSession(ctx: EngineContext, id: string): ImportSession {
  const session = sessionOf(ctx, id);
  if (session.busy || session.state === 'validating' || session.state === 'committing') {
    throw new DeskProblem('IMPORT_BUSY', session.state === 'committing' ? 'The rows are being written at this moment.' : 'The rows are being checked at this moment.', { hint: 'Wait for it, or cancel its job.' });
  }
  if (session.wiped) throw new DeskProblem('IMPORT_BUSY', 'This import is finished: its file is not held any more.', { hint: 'Open the file once more for another import.' });
  return session;
}

/** One change at a time: `work` has the session to itself. */
export async function withSession<T>(ctx: EngineContext, id: string, work: (session: ImportSession) => Promise<T>): Promise<T> {
  const session = idleSession(ctx, id);
  session.busy = true;
  try {
    return await work(session);
  } finally {
    session.busy = false;
  }
}

/** Zeroes the file; rows for a fix file stay. */
export function wipeFile(session: ImportSession): void {
  session.source.wipe();
  session.file.fill(0);
  session.op?.fill(0);
  session.op = undefined;
  session.wiped = true;
}

export function dropStaging(session: ImportSession): void {
  const staging = session.validation?.staging;
  session.validation = undefined;
  if (!staging) return;
  staging.close();
  removeStaging(staging.path);
}

export function forget(ctx: Pick<EngineContext, 'sqlite'>, session: ImportSession): void {
  dropStaging(session);
  wipeFile(session);
  session.fix?.wipe();
  session.fix = undefined;
  registry(ctx).delete(session.id);
}

/** Forgets files nobody touched for long; for regular work. */
export function sweepImports(ctx: Pick<EngineContext, 'sqlite' | 'clock'>): void {
  const now = ctx.clock.now();
  for (const session of openSessions(ctx)) {
    if (now - session.touchedAt > patience && !session.busy && session.state !== 'validating' && session.state !== 'committing') forget(ctx, session);
  }
}

const folderOf = (ctx: Pick<EngineContext, 'paths'>): string => join(ctx.paths.root, 'imports');

/** Place of an import's staging; its folder is made. */
export function stagingPath(ctx: Pick<EngineContext, 'paths'>, id: string): string {
  mkdirSync(folderOf(ctx), { recursive: true, mode: 0o700 });
  return join(folderOf(ctx), `${id}.staging`);
}

/** Removes staging of imports that are not among these. */
export function removeStagings(ctx: Pick<EngineContext, 'paths'>, keep: ReadonlySet<string>): void {
  let names: string[];
  try {
    names = readdirSync(folderOf(ctx));
  } catch {
    // No import was ever made here.
    return;
  }
  for (const name of names) if (name.endsWith('.staging') && !keep.has(name.slice(0, -'.staging'.length))) removeStaging(join(folderOf(ctx), name));
}
