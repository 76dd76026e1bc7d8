/** The job that makes files of a batch: digest list, ticket, output files of recipients, label sheets. One after the other, page by page. */
import type { JobKind, JobUnit } from '../jobs/index.ts';
import { appendAudit } from '../audit/index.ts';
import type { EngineContext, Tx } from '../context.ts';
import type { FileSpec, OpenFile } from './files.ts';
import { openFile, pageSize } from './files.ts';
import { artefactPath } from './outputs-folder.ts';
import type { PreparationRecord } from './records.ts';
import { preparationById } from './records.ts';

export interface FileParams {
  readonly preparationId: string;
  readonly reference: string;
  readonly files: readonly FileSpec[];
  /** Profiles of the batch. */
  readonly rows: number;
}

export interface FileProgress {
  /** Place in `files`. */
  readonly file: number;
  /** Rows of that file that are written; a file that was interrupted begins again. */
  readonly rows: number;
  readonly after: number;
  /** Sentences of files that could not be made. */
  readonly failed: readonly string[];
}

export const filesOfBatch = (batch: Pick<PreparationRecord, 'id' | 'reference' | 'outputs' | 'prepared'>): FileParams => ({
  preparationId: batch.id, reference: batch.reference, rows: batch.prepared,
  files: [...(JSON.parse(batch.outputs) as string[]).map((recipient): FileSpec => ({ what: 'output', recipient })), { what: 'digests' }, { what: 'ticket' }],
});

const growing = new WeakMap<object, Map<string, { readonly file: number; readonly open: OpenFile }>>();
const growingOf = (ctx: EngineContext) => {
  let map = growing.get(ctx.runtime);
  if (!map) growing.set(ctx.runtime, map = new Map());
  return map;
};

export const fileKind: JobKind<FileParams, FileProgress> = {
  kind: 'output',
  title: (params) => (params.files.length === 1 ? `${params.files[0]!.title ?? 'Output file'} of ${params.reference}` : `Files of ${params.reference}`),
  subject: (params) => ({ type: 'preparation', id: params.preparationId }),
  total: (_ctx, params) => Math.max(1, params.rows) * params.files.length,
  async unit(ctx, job) {
    const at = job.progress ?? { file: 0, rows: 0, after: 0, failed: [] };
    const spec = job.params.files[at.file];
    const map = growingOf(ctx);
    if (!spec) return { done: 0, progress: at, finished: true };
    const held = map.get(job.id);
    const going = held?.file === at.file && at.rows > 0 ? held.open : undefined;
    if (!going && held) await held.open.drop();
    if (!going) map.delete(job.id);
    const restart = going ? 0 : at.rows;
    const perFile = job.total / job.params.files.length;
    const batch = await preparationById(ctx.reader, job.params.preparationId);
    const last = at.file + 1 === job.params.files.length;
    const changes = ['preparation', 'outputs'];
    let open = going;
    try {
      if (!open) {
        open = await openFile(ctx, batch, spec, job);
        map.set(job.id, { file: at.file, open });
      }
      const page = await open.page(going ? at.after : 0);
      if (page.count === pageSize) {
        return { done: page.count - restart, progress: { ...at, rows: (going ? at.rows : 0) + page.count, after: page.last }, finished: false, changes };
      }
      const made = await open.finish();
      map.delete(job.id);
      const unit: JobUnit<FileProgress> = {
        done: perFile - at.rows, progress: { file: at.file + 1, rows: 0, after: 0, failed: at.failed }, finished: last, partly: last && at.failed.length > 0, changes,
        ...(last && at.failed.length > 0 ? { message: at.failed.join(' ') } : {}),
        commit: async (tx: Tx) => {
          const now = ctx.clock.now();
          await tx.insertInto('artefacts').values({
            id: made.id, kind: made.kind, name: made.name, title: made.title, recipient_id: made.recipientId ?? null, preparation_id: batch.id, job_id: job.id,
            rows: made.rows, bytes: made.bytes, sha256: made.sha256, protection: made.protection ?? null, media_type: made.mediaType, actor: job.call.actor, created_at: now, swept_at: null,
          }).execute();
          await tx.updateTable('preparations').set({ swept_at: null }).where('id', '=', batch.id).execute();
          await appendAudit(tx, ctx.random, {
            at: now, event: 'output.made', actor: job.call.actor, host: job.call.host, outcome: 'done', object: { type: 'output', id: made.id }, correlationId: job.call.correlationId,
            fields: {
              kind: made.kind, name: made.name, rows: made.rows, bytes: made.bytes, sha256: Buffer.from(made.sha256).toString('hex'), preparation: batch.id, reference: batch.reference,
              ...(made.recipientId === undefined ? {} : { recipient: made.recipientId }), ...(made.protection === undefined ? {} : { protection: made.protection }),
            },
          });
        },
      };
      return unit;
    } catch (error) {
      await open?.drop();
      map.delete(job.id);
      const sentence = ctxSentence(error);
      // Whatever makes one file impossible leaves the others possible.
      if (sentence === undefined) throw error;
      const failed = [...at.failed, `${spec.title ?? 'A file'}: ${sentence}`];
      return {
        done: -at.rows, rejected: perFile, progress: { file: at.file + 1, rows: 0, after: 0, failed }, finished: last, partly: last, changes, ...(last ? { message: failed.join(' ') } : {}),
        errors: [{ row: at.file + 1, column: 'file', code: (error as { code: string }).code, message: sentence }],
      };
    }
  },
  async ended(_tx, ctx, job) {
    const held = growingOf(ctx).get(job.id);
    growingOf(ctx).delete(job.id);
    // Nobody waits for a disk inside a transaction; what stays behind is an unnamed part, taken away at the next start.
    void held?.open.drop().catch((error: unknown) => ctx.log.warn('part of an output file could not be removed', { jobId: job.id, error }));
  },
};

/** The sentence of a refusal that concerns one file only. */
function ctxSentence(error: unknown): string | undefined {
  const { code, message, name } = error as { code?: unknown; message?: unknown; name?: unknown };
  if (code === 'VAULT_UNAVAILABLE' || code === 'DISK_LOW' || typeof code !== 'string' || typeof message !== 'string') return undefined;
  return name === 'DeskProblem' || name === 'VaultError' ? message : undefined;
}

export const pathOfArtefact = artefactPath;
