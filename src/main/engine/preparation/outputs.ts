/** Recipients and their files: this area's second part of the contract. */
import { createReadStream } from 'node:fs';
import { createHash } from 'node:crypto';
import { outputs, type RecipientInput, type Sheet } from '../../../shared/contract/preparation.ts';
import { byteWriter, encodeOpen, encodeSecret, fieldInfos, isSecretField, outputPresets, planLayout, specimen, writeFoot, writeHead, writeRow } from '../../../shared/output/index.ts';
import type { SecretField } from '../../../shared/output/index.ts';
import { readUtf8, utf8Bytes } from '../../../shared/tlv/index.ts';
import { artefactView, positionOf, readPosition, startJob, wakeJobs } from '../jobs/index.ts';
import type { Call, EngineContext, Reader, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { Implemented } from '../router/implement.ts';
import { command, query } from '../router/implement.ts';
import { sql } from 'kysely';
import { fileKind } from './file-kind.ts';
import type { FileSpec } from './files.ts';
import { artefactPath } from './outputs-folder.ts';
import { protectionOf, recipientById, recipientProblem, recipientProblems, recipientView, saveRecipient } from './recipients.ts';
import { findPreparation } from './records.ts';
import { sheetForms, sheetProblem, withCode } from './sheets.ts';
import { sweepFiles } from './sweep.ts';

const changes = ['outputs', 'preparation', 'jobs'];
const codeBytes = (text: string): Uint8Array => (/^[0-9a-f]{6,}$/.test(text) && text.length % 2 === 0 ? Uint8Array.from(Buffer.from(text, 'hex')) : utf8Bytes(text));

/** Two made-up rows as the recipient would get them. */
export function specimenOf(form: RecipientInput): string {
  const { layout } = planLayout(form);
  const out = byteWriter();
  writeHead(layout, { quantity: 1, type: specimen.type, batch: specimen.batch, customer: specimen.brand, keyIndex: form.transportKey === undefined ? '' : '1', otaKeyIndex: form.otaTransportKey === undefined ? '' : '2' }, out);
  const secrets = Object.fromEntries(layout.secrets.map((field): [SecretField, Uint8Array] => [field, ['pin1', 'pin2', 'puk1', 'puk2', 'adm1', 'adm2'].includes(field) ? utf8Bytes(specimen[field]) : codeBytes(specimen[field])]));
  writeRow(layout, { open: specimen, secrets }, out);
  writeFoot(layout, out);
  return readUtf8(out.take());
}

function exampleOf(field: Parameters<Parameters<typeof fieldInfos>[0]>[0], encoding: Parameters<Parameters<typeof fieldInfos>[0]>[1]): string {
  if (!isSecretField(field)) return encodeOpen(field, encoding, specimen[field]);
  const out = byteWriter(64);
  const digits = ['pin1', 'pin2', 'puk1', 'puk2', 'adm1', 'adm2'].includes(field);
  const padded = digits ? Buffer.concat([utf8Bytes(specimen[field]), new Uint8Array(8 - specimen[field].length).fill(0xff)]) : codeBytes(specimen[field]);
  encodeSecret(encoding, padded, out);
  return readUtf8(out.take());
}

async function startFile(tx: Tx, ctx: EngineContext, batchText: string, spec: FileSpec, call: Call) {
  const batch = await findPreparation(tx, batchText).catch((error: unknown) => {
    if (error instanceof DeskProblem && error.code === 'NOT_FOUND') throw new DeskProblem('BATCH_UNKNOWN', 'There is no such batch.', { field: 'batch' });
    throw error;
  });
  if (batch.draft === 1 || batch.prepared === 0) throw new DeskProblem('BATCH_EMPTY', 'Nothing of this batch is prepared yet.', { field: 'batch' });
  if (batch.jobState === 'running' || batch.jobState === 'queued') throw new DeskProblem('BATCH_EMPTY', 'This batch is still being prepared; files can be made when it has ended or is paused.', { field: 'batch' });
  return startJob(tx, ctx, fileKind, { preparationId: batch.id, reference: batch.reference, rows: batch.prepared, files: [spec] }, call);
}

async function fileRow(db: Reader | Tx, id: string) {
  const row = await db.selectFrom('artefacts').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw new DeskProblem('OUTPUT_UNKNOWN', 'There is no such output file.', { field: 'id' });
  return row;
}

async function digestOf(path: string): Promise<Buffer | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return hash.digest();
}

export function outputProcedures(): Implemented[] {
  return [
    query(outputs.fields, async () => ({ fields: fieldInfos(exampleOf), presets: [...outputPresets] })),
    query(outputs.recipients, async (ctx, { retired }) => {
      const rows = await ctx.reader.selectFrom('recipients').select('id').where('state', 'in', retired ? ['active', 'retired'] : ['active']).orderBy('name').execute();
      return { rows: await Promise.all(rows.map(async ({ id }) => recipientView(ctx, ctx.reader, await recipientById(ctx.reader, id)))) };
    }),
    query(outputs.check, async (ctx, form) => {
      const problems = await recipientProblems(ctx, ctx.reader, form);
      return { problems, specimen: specimenOf(form), protection: protectionOf(form) };
    }),
    command(outputs.addRecipient, {
      run: (tx, ctx, form) => saveRecipient(tx, ctx, form, undefined),
      object: (_input, output) => ({ type: 'recipient', id: output.id }),
      changes: ['outputs'],
    }),
    command(outputs.changeRecipient, {
      run: (tx, ctx, { id, ...form }) => saveRecipient(tx, ctx, form, id),
      object: ({ id }) => ({ type: 'recipient', id }),
      changes: ['outputs'],
    }),
    command(outputs.retireRecipient, {
      run: async (tx, ctx, { id }) => {
        const found = await recipientById(tx, id);
        await tx.updateTable('recipients').set({ state: 'retired' }).where('id', '=', found.id).execute();
        return recipientView(ctx, tx, { ...found, state: 'retired' });
      },
      object: ({ id }) => ({ type: 'recipient', id }),
      changes: ['outputs'],
    }),
    command(outputs.make, {
      before: async (ctx, { recipient }) => {
        const found = await recipientById(ctx.reader, recipient);
        const { problem } = await recipientProblem(ctx, found.id);
        const [first] = await recipientProblems(ctx, ctx.reader, found.form);
        if (problem !== undefined) throw new DeskProblem(first?.code ?? 'RECIPIENT_UNKNOWN', problem, { field: 'recipient' });
        return found;
      },
      run: (tx, ctx, { batch }, found, call) => startFile(tx, ctx, batch, { what: 'output', recipient: found.id, title: `Output for ${found.form.name}` }, call),
      after: (ctx) => wakeJobs(ctx),
      object: (_input, output) => ({ type: 'job', id: output.id }),
      changes,
    }),
    command(outputs.labels, {
      run: async (tx, ctx, input, _before, call) => {
        if (input.puk) {
          if (ctx.environment !== 'lab') throw new DeskProblem('LAB_ONLY', 'PUKs are printed in a Lab alone; give a print house its file encrypted to an age recipient instead.', { field: 'puk' });
          throw new DeskProblem('LAB_ONLY', 'Voucher sheets are made outside the vault and show no PUK; use an output file of kind print.', { field: 'puk' });
        }
        const sheet: Sheet | undefined = input.sheet === 'own' ? input.own : sheetForms[input.sheet];
        if (!sheet) throw new DeskProblem('SHEET_INVALID', 'The measures of your own sheet are needed.', { field: 'own' });
        const problem = sheetProblem(sheet);
        if (problem) throw new DeskProblem('SHEET_INVALID', problem, { field: 'own' });
        if (input.kind === 'vouchers') {
          const batch = await findPreparation(tx, input.batch);
          const order = await tx.selectFrom('profiles').innerJoin('orders', 'orders.id', 'profiles.order_id').select('orders.id').where('batch_id', '=', batch.batch_id).where('orders.closed_at', 'is', null).where('orders.matching_id', 'is not', null).where('orders.matching_id', '!=', '').limit(1).executeTakeFirst();
          if (!order) throw new DeskProblem('ORDERS_MISSING', 'No profile of this batch has an open order with an activation code yet.', { field: 'batch', hint: 'Create the orders first; a voucher carries their activation codes.' });
        }
        return startFile(tx, ctx, input.batch, { what: input.kind, sheet, symbol: input.symbol, title: input.kind === 'labels' ? 'Label sheets' : 'Voucher sheets' }, call);
      },
      after: (ctx) => wakeJobs(ctx),
      object: (_input, output) => ({ type: 'job', id: output.id }),
      changes,
    }),
    query(outputs.codes, async (ctx, { batch }) => {
      const found = await findPreparation(ctx.reader, batch);
      return { withCode: found.batch_id === null ? 0 : await withCode(ctx.reader, found.batch_id), profiles: found.prepared };
    }),
    query(outputs.list, async (ctx, wish) => {
      let rows = ctx.reader.selectFrom('artefacts').leftJoin('recipients', 'recipients.id', 'artefacts.recipient_id').leftJoin('preparations', 'preparations.id', 'artefacts.preparation_id')
        .selectAll('artefacts').select(['recipients.name as recipientName', 'preparations.reference as batchReference']);
      if (wish.batch !== undefined) rows = rows.where('artefacts.preparation_id', '=', (await findPreparation(ctx.reader, wish.batch)).id);
      if (wish.recipient !== undefined) rows = rows.where('artefacts.recipient_id', '=', (await recipientById(ctx.reader, wish.recipient)).id);
      if (!wish.swept) rows = rows.where('artefacts.swept_at', 'is', null);
      if (wish.cursor !== undefined) {
        const [at, id] = readPosition(wish.cursor, 'output files');
        rows = rows.where(sql<boolean>`(artefacts.created_at, artefacts.id) < (${at}, ${id})`);
      }
      const found = await rows.orderBy('artefacts.created_at', 'desc').orderBy('artefacts.id', 'desc').limit(wish.limit + 1).execute();
      return {
        rows: found.slice(0, wish.limit).map(({ recipientName, batchReference, ...row }) => ({
          ...artefactView(row, recipientName ?? undefined), actor: row.actor, opened: row.opened,
          ...(row.preparation_id === null ? {} : { batch: row.preparation_id }), ...(batchReference === null ? {} : { batchReference }), ...(row.recipient_id === null ? {} : { recipientId: row.recipient_id }),
        })),
        ...(found.length > wish.limit ? { next: positionOf(found[wish.limit - 1]!) } : {}),
      };
    }),
    command(outputs.save, {
      before: async (ctx, { id }) => {
        const row = await fileRow(ctx.reader, id);
        if (row.swept_at !== null) throw new DeskProblem('OUTPUT_SWEPT', 'This file was swept; its row count and digest are what is left.', { field: 'id' });
        const digest = await digestOf(artefactPath(ctx, row));
        if (!digest?.equals(row.sha256)) throw new DeskProblem('OUTPUT_DAMAGED', digest ? 'The file is not the one that was made: its digest differs. Make it again.' : 'The file is not in its place any more. Make it again.', { field: 'id' });
        return row;
      },
      run: async (tx, ctx, { id }, row) => {
        await tx.updateTable('artefacts').set((e) => ({ opened: e('opened', '+', 1) })).where('id', '=', id).execute();
        const path = artefactPath(ctx, row);
        return { ...ctx.files.offer({ name: row.name, type: row.media_type, bytes: row.bytes, open: () => createReadStream(path) }), sha256: Buffer.from(row.sha256).toString('hex') };
      },
      object: ({ id }) => ({ type: 'output', id }),
      changes: ['outputs'],
    }),
    command(outputs.sweep, {
      before: (ctx, { ids }) => sweepFiles(ctx, ids),
      run: async (tx, _ctx, _input, swept) => swept.record(tx),
      changes: ['outputs', 'preparation'],
    }),
  ];
}
