/** The inventory's part of the contract beside single profiles: counts, export, bulk work, views, labels, notes, comparing. */
import { bulk, inventory, labels, views } from '../../../shared/contract/inventory.ts';
import type { Call, EngineContext } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { jobView, wakeJobs } from '../jobs/index.ts';
import type { Implemented } from '../router/implement.ts';
import { command, query } from '../router/implement.ts';
import { outcomes, startBulk, startUndo, undoProblem } from './bulk.ts';
import { preview, recall, useUp } from './bulk-preview.ts';
import type { BulkAction } from './bulk-rules.ts';
import { checkValues } from './check-values.ts';
import { compareProfiles } from './compare.ts';
import { blame, countProfiles, facetsOf } from './counts.ts';
import { demandProfile } from './detail.ts';
import { exportFile } from './export.ts';
import { compile } from './filter.ts';
import { auditPage, timelinePage } from './history.ts';
import { addNote, ensureLabel, labelByName, labelsOf, listLabels, notesPage, putLabel, removeLabel, saveLabel, takeLabel } from './notes.ts';
import { readOrder } from './order.ts';
import { findProfile } from './records.ts';
import { idsOf, isPicked, scopeOf } from './selection.ts';
import { answer } from './walk.ts';
import { demandFinished } from './unfinished.ts';
import type { Author } from './views.ts';
import { listViews, removeView, renameView, saveView, setDefaultView } from './views.ts';

const changes = ['profiles'];
const author = (ctx: EngineContext, call: Call): Author => ({ actor: call.actor, at: ctx.clock.now(), newId: () => `view_${Buffer.from(ctx.random(8)).toString('hex')}` });
const noProfile = (iccid: string): DeskProblem => new DeskProblem('NOT_FOUND', `No profile has the ICCID ${iccid.slice(0, 24)}.`, { field: 'iccid' });
const unknownJob = (): DeskProblem => new DeskProblem('NOT_FOUND', 'There is no such bulk job.', { field: 'job' });

export function inventoryProcedures(): Implemented[] {
  return [...counting(), ...bulkWork(), ...savedViews(), ...remarks()];
}

function counting(): Implemented[] {
  return [
    query(inventory.count, (ctx, { filter, cursor }) => countProfiles(ctx.reader, filter, cursor, ctx.clock.now())),
    query(inventory.facets, (ctx, { filter }) => facetsOf(ctx.reader, filter, ctx.clock.now())),
    query(inventory.blame, (ctx, { filter }) => blame(ctx.reader, filter, ctx.clock.now())),
    query(inventory.compare, (ctx, { a, b }) => compareProfiles(ctx.reader, a, b, ctx.clock.now())),
    query(inventory.timeline, async (ctx, { iccid, ...page }) => timelinePage(ctx.reader, await demandProfile(ctx.reader, iccid), page)),
    query(inventory.audit, async (ctx, { iccid, ...page }) => auditPage(ctx.reader, await demandProfile(ctx.reader, iccid), page)),
    query(inventory.checkValues, (ctx, { iccid }) => checkValues(ctx, iccid)),
    command(inventory.export, {
      before: async (ctx, { selection, columns, sort, format }, call) => {
        const order = readOrder(sort);
        const scope = scopeOf(selection);
        const about = isPicked(selection) ? (await idsOf(ctx.reader, selection.iccids)).length
          : (await answer(ctx.reader, await compile(ctx.reader, selection.filter, ctx.clock.now()), { first: 1 })).total;
        const stamp = new Date(ctx.clock.now()).toISOString().slice(0, 16).replaceAll(/[-:]/g, '').replace('T', '-');
        const name = `inventory-${stamp}.${format === 'jsonl' ? 'jsonl' : 'csv'}`;
        const offer = ctx.files.offer({
          name, type: format === 'jsonl' ? 'application/x-ndjson' : 'text/csv; charset=utf-8',
          open: () => exportFile(ctx, { selection, columns, format, order, scope, name }, call),
        });
        return { ...offer, format, scope, ...(about === undefined ? {} : { about }) };
      },
      run: async (_tx, _ctx, _input, offer) => offer,
      changes: [],
    }),
  ];
}

function bulkWork(): Implemented[] {
  return [
    query(bulk.preview, (ctx, { selection, action }) => preview(ctx, selection, action)),
    command(bulk.start, {
      run: async (tx, ctx, { token, confirm }, _before, call) => {
        const job = await startBulk(tx, ctx, await recall(tx, ctx, token), confirm, call);
        useUp(ctx, token, job.id);
        return job;
      },
      after: (ctx) => wakeJobs(ctx),
      object: (_input, output) => ({ type: 'job', id: output.id }),
      changes: ['jobs'],
    }),
    command(bulk.undo, {
      run: (tx, ctx, { job }, _before, call) => startUndo(tx, ctx, job, call),
      after: (ctx) => wakeJobs(ctx),
      object: ({ job }) => ({ type: 'job', id: job }),
      changes: ['jobs'],
    }),
    query(bulk.show, async (ctx, { job: id }) => {
      const row = await ctx.reader.selectFrom('bulks').selectAll().where('job_id', '=', id).executeTakeFirst();
      const job = await ctx.reader.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst();
      if (!row || !job) throw unknownJob();
      const problem = undoProblem(row, job.state);
      return {
        job: jobView(job), action: JSON.parse(row.action) as BulkAction, title: row.title,
        counts: { changed: row.changed, unchanged: row.unchanged, refused: row.refused, waiting: Math.max(0, row.collected - row.changed - row.unchanged - row.refused) },
        undo: { possible: problem === undefined, ...(problem ? { why: problem.why } : {}), ...(row.undone_by === null ? {} : { job: row.undone_by }) },
        ...(row.undoes === null ? {} : { undoes: row.undoes }),
      };
    }),
    query(bulk.rows, async (ctx, { job, outcome, cursor, limit }) => {
      const after = cursor === undefined ? 0 : /^\d{1,15}$/.test(cursor) ? Number(cursor) : undefined;
      if (after === undefined) throw new DeskProblem('INPUT_INVALID', 'The position in the list is not one this program gave out; start from the first page.', { field: 'cursor' });
      let rows = ctx.reader.selectFrom('bulk_rows as b').innerJoin('profiles as p', 'p.id', 'b.profile_id').select(['b.seq', 'p.iccid', 'b.outcome', 'b.code', 'b.message', 'b.undone'])
        .where('b.job_id', '=', job).where('b.seq', '>', after).orderBy('b.seq').limit(limit + 1);
      if (outcome !== undefined) rows = rows.where('b.outcome', '=', outcomes.indexOf(outcome));
      const found = await rows.execute();
      const shown = found.slice(0, limit);
      return {
        rows: shown.map((row) => ({
          iccid: row.iccid, outcome: outcomes[row.outcome]!, ...(row.code === null ? {} : { code: row.code }), ...(row.message === null ? {} : { message: row.message }),
          ...(row.undone === 1 ? { undone: true } : {}),
        })),
        ...(found.length > limit ? { next: String(shown[shown.length - 1]!.seq) } : {}),
      };
    }),
  ];
}

function savedViews(): Implemented[] {
  return [
    query(views.list, async (ctx, _input, call) => ({ rows: await listViews(ctx.reader, call.actor) })),
    command(views.save, { run: (tx, ctx, input, _before, call) => saveView(tx, input, author(ctx, call)), changes: ['views'] }),
    command(views.rename, { run: (tx, ctx, input, _before, call) => renameView(tx, input, author(ctx, call)), changes: ['views'] }),
    command(views.remove, { run: (tx, _ctx, { id }, _before, call) => removeView(tx, id, call.actor), changes: ['views'] }),
    command(views.setDefault, { run: (tx, _ctx, { id }, _before, call) => setDefaultView(tx, id, call.actor), changes: ['views'] }),
  ];
}

const object = (_input: unknown, { iccid }: { readonly iccid: string }) => ({ type: 'profile' as const, id: iccid });

function remarks(): Implemented[] {
  return [
    query(inventory.notes, async (ctx, { iccid, ...page }) => notesPage(ctx.reader, (await demandProfile(ctx.reader, iccid)).id, page)),
    command(inventory.addNote, {
      run: async (tx, ctx, { iccid, text }, _before, call) => {
        const row = await findProfile(tx, iccid);
        if (!row) throw noProfile(iccid);
        await demandFinished(tx, row);
        return addNote(tx, row.id, ctx.clock.now(), call.actor, text);
      },
      object: ({ iccid }) => ({ type: 'profile', id: iccid }), changes,
    }),
    command(inventory.label, {
      run: async (tx, ctx, { iccid, add, remove }, _before, call) => {
        const row = await findProfile(tx, iccid);
        if (!row) throw noProfile(iccid);
        await demandFinished(tx, row);
        const at = ctx.clock.now();
        for (const name of add) await putLabel(tx, row.id, (await ensureLabel(tx, name, at)).id, at, call.actor);
        for (const name of remove) {
          const label = await labelByName(tx, name);
          if (label) await takeLabel(tx, row.id, label.id);
        }
        return { iccid: row.iccid, labels: await labelsOf(tx, row.id) };
      },
      object, changes: ['profiles', 'labels'],
    }),
    query(labels.list, async (ctx) => ({ rows: await listLabels(ctx.reader) })),
    command(labels.save, { run: (tx, ctx, input) => saveLabel(tx, input, ctx.clock.now()), changes: ['labels', 'profiles'] }),
    command(labels.remove, { run: (tx, _ctx, { name }) => removeLabel(tx, name), changes: ['labels'] }),
  ];
}

