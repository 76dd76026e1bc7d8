/** A file imported at one stroke: opened, mapped by what its columns are called, validated, written. One bad row refuses the whole. */
import { setImmediate } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import type { JobRowError } from '../jobs/index.ts';
import { isDiskFull } from '../jobs/index.ts';
import type { Call, EngineContext } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { knownType } from '../types/index.ts';
import { importedAfter } from '../store/bulk-imports.ts';
import { deleteImported } from '../store/bulk-profiles.ts';
import { outsideWrite, write } from '../store/index.ts';
import { beginImport, insertGood, isConstraint, refuseKnownFile } from './commit.ts';
import { labelOf } from './columns.ts';
import { findingKinds } from './findings.ts';
import type { FindingName } from './findings.ts';
import type { HeaderKeys } from './header-keys.ts';
import { headerKeys, unchosen } from './header-keys.ts';
import { newSession, sha256Of } from './open.ts';
import type { ImportSession } from './session.ts';
import { dropStaging, wipeFile } from './session.ts';
import { validateAll } from './validate.ts';
import type { Validation } from './validation.ts';

/** Rows of one transaction. */
const CHUNK = 500;
/** Errors named in an answer; more are counted. */
export const errorsShown = 200;

export interface ImportOutcome {
  /** Absent for a dry run. */
  readonly importId?: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly errors: readonly JobRowError[];
  readonly fileSha256: string;
}

/**
 * Everything of an import that may not stand in one transaction: reading, checking, sealing, and the rows in chunks under an
 * `imports` row that is still `running`. `finishImport` in the caller's transaction makes them count. Zeroes `file`. Codes:
 * `TYPE_UNKNOWN`, `FILE_EMPTY`, `FILE_MALFORMED`, `COLUMN_MISSING`, `CLEAR_KEYS_REFUSED`, `FILE_ALREADY_IMPORTED`, `ROWS_INVALID`.
 */
export async function importStock(
  ctx: EngineContext, file: Uint8Array, input: { readonly fileName: string; readonly type: string; readonly dryRun: boolean }, call: Pick<Call, 'actor'>,
): Promise<ImportOutcome> {
  let session: ImportSession | undefined;
  try {
    await knownType(ctx, input.type);
    const sha256 = await sha256Of(file);
    await refuseKnownFile(ctx.db, sha256);
    session = await newSession(ctx, file, { id: `once-${randomUUID()}`, fileName: input.fileName, type: input.type, actor: call.actor, sha256 });
    refuseUndecided(session, await headerKeys(ctx, session.source.header));
    const validation = await validateAll(ctx, session);
    const counts = validation.counts();
    const errors = [...validation.openFileFindings().map((one): JobRowError => ({ row: 1, column: '', code: findingKinds[one.kind].code, message: one.detail })), ...errorsOf(session, validation)];
    const rejected = counts.bad + (validation.openFileFindings().length > 0 && counts.bad === 0 ? 1 : 0);
    const result = { accepted: counts.good, rejected, errors: errors.slice(0, errorsShown), fileSha256: Buffer.from(sha256).toString('hex') };
    if (input.dryRun) return result;
    if (rejected > 0) throw rowsInvalid(errors, rejected);
    return { ...result, importId: await writeRows(ctx, session, validation) };
  } finally {
    if (session) {
      dropStaging(session);
      wipeFile(session);
    }
    file.fill(0);
  }
}

/** What a person would have to choose cannot be chosen here. */
function refuseUndecided(session: ImportSession, keyOf: HeaderKeys): void {
  const { detection } = session;
  const encrypted = detection.columns.find((one) => one.encrypted && session.columns[one.index]?.wrapping === undefined);
  const said = keyOf(encrypted?.field);
  const which = said && !said.clear ? `transport key ${said.index}, as the header says, ${unchosen(said)}` : 'a transport key, and nothing says which';
  if (encrypted) throw new DeskProblem('FILE_MALFORMED', `The column ${encrypted.name} is encrypted under ${which}.`, { hint: 'Open the file as an import and choose the key; or name it with --transport-key on the command line.' });
  const twice = detection.columns.find((one) => one.alternatives.length === 1 && one.alternatives[0] === one.field);
  if (twice) throw new DeskProblem('FILE_MALFORMED', `The file has two columns for ${labelOf(twice.field!)}.`, { hint: 'Open the file as an import and choose one of them.' });
}

function* problemRows(validation: Validation): Generator<number> {
  for (let row = 0; row < validation.rows; row++) if (validation.stateOf(row) === 'bad') yield row;
}

function errorsOf(session: ImportSession, validation: Validation): JobRowError[] {
  const errors: JobRowError[] = [];
  for (const row of problemRows(validation)) {
    for (const problem of validation.staging.problemsOf(row)) {
      const kind = findingKinds[problem.kind as FindingName];
      if (kind.severity !== 'blocker') continue;
      const field = session.columns.find((one) => one.index === problem.column)?.field;
      errors.push({ row: session.source.line(row), column: field ?? '', code: kind.code, message: kind.message(problem.detail), ...(problem.found === undefined || problem.found === '' ? {} : { found: problem.found.slice(0, 32) }) });
    }
    if (errors.length >= errorsShown) break;
  }
  return errors;
}

function rowsInvalid(errors: readonly JobRowError[], rejected: number): DeskProblem {
  const named = errors.slice(0, 5).map((error) => `row ${error.row}${error.column ? `, ${error.column}` : ''}: ${error.message} (${error.code})`);
  const more = rejected > named.length ? ` There are ${rejected} such rows in all.` : '';
  return new DeskProblem('ROWS_INVALID', `Nothing was imported, because ${rejected === 1 ? 'a row is' : 'rows are'} wrong: ${named.join(' ')}${more}`, { field: 'file', hint: 'A dry run lists every wrong row; correct them and import the file again.' });
}

async function writeRows(ctx: EngineContext, session: ImportSession, validation: Validation): Promise<number> {
  const { type } = validation.plan;
  const { importId, batchId } = await write(ctx, (tx) => beginImport(tx, ctx, validation, { handle: null, fileName: session.fileName, sha256: session.sha256, actor: session.actor, preset: session.preset ?? null, jobId: null }))
    .catch((error: unknown) => {
      throw isConstraint(error) ? new DeskProblem('FILE_ALREADY_IMPORTED', 'This file is being imported at this moment.', { field: 'file' }) : error;
    });
  try {
    for (let after = -1; ;) {
      const rows = validation.staging.goodAfter(after, CHUNK);
      await write(ctx, async () => insertGood(ctx, { importId, batchId, typeId: type.id, templateId: type.template_id, fileName: session.fileName }, rows));
      if (rows.length < CHUNK) break;
      after = rows.at(-1)!.row;
      await setImmediate();
    }
  } catch (error) {
    await rollbackImport(ctx, importId).catch((again: unknown) => {
      if (!isDiskFull(again)) throw again;
      // A full disk takes no deletion either. The file counts as being imported until there is room, or the next start takes it back.
      takeBackLater(ctx, importId);
    });
    // The rows were checked a moment ago: somebody else brought the same numbers in between.
    if (isConstraint(error)) throw new DeskProblem('CONFLICT', 'Some of these numbers or keys came into the stock while the file was read. Nothing was imported; try again.');
    throw error;
  }
  return importId;
}

const LATER = 2_000;

/** Takes an import back as soon as the disk lets it. Ends with the engine: its next start does what is left. */
function takeBackLater(ctx: EngineContext, importId: number): void {
  setTimeout(() => void outsideWrite(() => rollbackImport(ctx, importId)).then(
    () => ctx.changed('profiles', 'workspace', 'imports'),
    (error: unknown) => {
      if (isDiskFull(error)) takeBackLater(ctx, importId);
      else ctx.log.error('taking an import back', { error });
    },
  ), LATER).unref();
}

/** Removes what an import wrote; answers how many profiles. */
export async function rollbackImport(ctx: Pick<EngineContext, 'db' | 'sqlite' | 'clock'>, importId: number): Promise<number> {
  const { first_profile: first } = await ctx.db.selectFrom('imports').select('first_profile').where('id', '=', importId).executeTakeFirstOrThrow();
  let removed = 0;
  for (let after = first - 1; ;) {
    const ids = importedAfter(ctx.sqlite, importId, after, CHUNK);
    if (ids.length === 0) break;
    removed += await write(ctx, async () => deleteImported(ctx.sqlite, importId, ids));
    after = ids.at(-1)!;
    await setImmediate();
  }
  await write(ctx, (tx) => tx.updateTable('imports').set({ state: 'rolled-back', finished_at: ctx.clock.now() }).where('id', '=', importId).where('state', '=', 'running').execute());
  return removed;
}
