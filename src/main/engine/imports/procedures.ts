import { imports, transportKeys } from '../../../shared/contract/imports.ts';
import { profiles, stock } from '../../../shared/contract/profiles.ts';
import type { Call, EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { startJob, wakeJobs } from '../jobs/index.ts';
import type { Implemented } from '../router/implement.ts';
import { command, query } from '../router/implement.ts';
import { addProfile, draftProfile } from './add.ts';
import { leaveRowsOut, repairCell, repairGroup, validated } from './change.ts';
import { beginImport, commitKind, finishImport, refuseKnownFile } from './commit.ts';
import { commitBlockers, effectOf } from './effect.ts';
import { fixFileName, fixFileOf, fixOctets, keptFixFile } from './fix-file.ts';
import { history } from './history.ts';
import { importStock } from './import.ts';
import { listMappings, listPresets, noteUse, removeMapping, removePreset, saveMapping, savePreset } from './mappings.ts';
import { mapSession, newSession, sha256Of } from './open.ts';
import { pageOf } from './pages.ts';
import { forget, idleSession, keepSession, sessionOf, withSession } from './session.ts';
import type { ImportSession } from './session.ts';
import { changeKey, listKeys, makeKey, retireKey, storeKey } from './transport.ts';
import { leaveOut } from './amend.ts';
import { validateKind } from './validate.ts';
import { viewOf } from './view.ts';

const changes = ['profiles', 'stock', 'types', 'workspace', 'imports'];
const importObject = (id: string) => ({ type: 'import' as const, id });

/** This area's part of the contract, with `stock.importFile` and `profiles.add`: they read secrets. */
export function procedures(): Implemented[] {
  return [...handProcedures(), ...keptProcedures(), ...directProcedures()];
}

/** Throws `DeskProblem` of the first thing that stands in the way of a check. */
async function ready(ctx: EngineContext, session: ImportSession): Promise<ImportSession> {
  await refuseKnownFile(ctx.db, session.sha256);
  const { blockers } = await viewOf(ctx, session);
  if (blockers.length > 0) throw new DeskProblem('IMPORT_UNMAPPED', blockers[0]!, { hint: blockers.length > 1 ? `And ${blockers.length - 1} more.` : 'Then check the rows again.' });
  return session;
}

async function startCheck(tx: Tx, ctx: EngineContext, session: ImportSession, again: boolean, rows: number, call: Call) {
  const job = await startJob(tx, ctx, validateKind, { id: session.id, fileName: session.fileName, again, rows }, call);
  session.jobId = job.id;
  session.state = 'validating';
  return job;
}

/** Files in hand: their state is in memory, so `run` changes it last, when nothing can be refused any more. */
function handProcedures(): Implemented[] {
  return [
    command(imports.open, {
      before: async (ctx, input, call) => {
        const file = ctx.uploads.take(input.file);
        try {
          const sha256 = await sha256Of(file);
          const session = await newSession(ctx, file, { ...input, id: `im_${Buffer.from(ctx.random(10)).toString('hex')}`, actor: call.actor, sha256 });
          keepSession(ctx, session);
          return await viewOf(ctx, session);
        } catch (error) {
          file.fill(0);
          throw error;
        }
      },
      run: (_tx, _ctx, _input, view) => Promise.resolve(view),
      object: (_input, output) => importObject(output.id),
      changes: ['imports'],
    }),
    command(imports.map, {
      before: (ctx, input) => withSession(ctx, input.id, async (session) => {
        await mapSession(ctx, session, input);
        return { session, view: await viewOf(ctx, session) };
      }),
      run: async (tx, ctx, input, { session, view }) => {
        if (input.saveAs !== undefined) await saveMapping(tx, ctx, session, input.saveAs);
        else if (session.mapping !== undefined) await noteUse(tx, ctx, session.mapping);
        return view;
      },
      object: (input) => importObject(input.id),
      changes: ['imports'],
    }),
    command(imports.validate, {
      before: (ctx, { id }) => ready(ctx, idleSession(ctx, id)),
      run: (tx, ctx, _input, session, call) => startCheck(tx, ctx, idleSession(ctx, session.id), false, session.source.rows, call),
      after: (ctx) => wakeJobs(ctx),
      object: (input) => importObject(input.id),
      changes: ['jobs', 'imports'],
    }),
    query(imports.show, (ctx, { id }) => viewOf(ctx, sessionOf(ctx, id))),
    query(imports.rows, (ctx, input) => Promise.resolve(pageOf(sessionOf(ctx, input.id), input))),
    command(imports.repair, {
      before: (ctx, input) => withSession(ctx, input.id, async (session) => ({ session, done: await repairGroup(ctx, session, input.group, input.repair, input.value) })),
      run: async (tx, ctx, _input, { session, done }, call) => {
        const job = done.waiting > 0 ? await startCheck(tx, ctx, session, true, done.waiting, call) : undefined;
        return { import: { ...await viewOf(ctx, session), ...(job ? { job } : {}) }, changed: done.changed, ...(job ? { job } : {}) };
      },
      after: (ctx) => wakeJobs(ctx),
      object: (input) => importObject(input.id),
      changes: ['imports', 'jobs'],
    }),
    command(imports.repairCell, {
      before: (ctx, input) => withSession(ctx, input.id, async (session) => {
        const row = await repairCell(ctx, session, input.line, input.column, input.value);
        return { import: await viewOf(ctx, session), row };
      }),
      run: (_tx, _ctx, _input, output) => Promise.resolve(output),
      object: (input) => importObject(input.id),
      changes: ['imports'],
    }),
    command(imports.leaveOut, {
      before: (ctx, input) => withSession(ctx, input.id, async (session) => {
        const changed = await leaveRowsOut(ctx, session, input);
        return { import: await viewOf(ctx, session), changed };
      }),
      run: (_tx, _ctx, _input, output) => Promise.resolve(output),
      object: (input) => importObject(input.id),
      changes: ['imports'],
    }),
    query(imports.preview, (ctx, { id }) => {
      const session = idleSession(ctx, id);
      return effectOf(ctx, session, validated(session));
    }),
    command(imports.commit, {
      before: (ctx, input) => withSession(ctx, input.id, async (session) => {
        const v = validated(session);
        await refuseKnownFile(ctx.db, session.sha256);
        if (input.leaveOutBad && v.counts().bad > 0) {
          const bad: number[] = [];
          for (let row = 0; row < v.rows; row++) if (v.stateOf(row) === 'bad') bad.push(row);
          await leaveOut(v, session.source, bad);
        }
        if (v.counts().good === 0) throw new DeskProblem('NOTHING_TO_IMPORT', 'No row is left to import.');
        const [blocker] = await commitBlockers(ctx, session, v);
        if (blocker !== undefined) throw new DeskProblem('ROWS_INVALID', blocker);
        v.staging.settle();
        return session;
      }),
      run: async (tx, ctx, _input, session, call) => {
        const v = validated(idleSession(ctx, session.id));
        await refuseKnownFile(tx, session.sha256);
        const { importId, batchId } = await beginImport(tx, ctx, v, { handle: session.id, fileName: session.fileName, sha256: session.sha256, actor: call.actor, preset: session.preset ?? null, jobId: null });
        const { type } = v.plan;
        const job = await startJob(tx, ctx, commitKind, { id: session.id, importId, batchId, fileName: session.fileName, typeId: type.id, templateId: type.template_id, rows: v.counts().good }, call);
        await tx.updateTable('imports').set({ job_id: job.id }).where('id', '=', importId).execute();
        session.jobId = job.id;
        session.state = 'committing';
        return job;
      },
      after: (ctx) => wakeJobs(ctx),
      object: (input) => importObject(input.id),
      changes: [...changes, 'jobs'],
    }),
    command(imports.fixFile, {
      before: (ctx, { id }) => {
        const session = sessionOf(ctx, id);
        const fix = session.fix ?? (session.state === 'committing' && session.validation ? keptFixFile(fixFileOf(session, session.validation)) : fixFileOf(idleSession(ctx, id), validated(session)));
        if (fix.rows === 0) throw new DeskProblem('NOTHING_TO_FIX', 'Every row is good: there is nothing to correct.');
        return Promise.resolve({ ...ctx.files.offer({ name: fixFileName(session.fileName), type: 'text/plain', open: () => fixOctets(fix) }), rows: fix.rows });
      },
      run: (_tx, _ctx, _input, offer) => Promise.resolve(offer),
      object: (input) => importObject(input.id),
      changes: [],
    }),
    command(imports.discard, {
      before: (ctx, { id }) => {
        const session = sessionOf(ctx, id);
        return Promise.resolve(session.state === 'done' ? session : idleSession(ctx, id));
      },
      run: (_tx, ctx, { id }, session) => {
        forget(ctx, session);
        return Promise.resolve({ id });
      },
      object: (input) => importObject(input.id),
      changes: ['imports'],
    }),
    query(imports.list, (ctx, input) => history(ctx, input)),
  ];
}

/** What is kept for the next file. */
function keptProcedures(): Implemented[] {
  return [
    query(imports.mappings, async (ctx) => ({ rows: await listMappings(ctx.reader) })),
    command(imports.saveMapping, {
      before: (ctx, { id }) => Promise.resolve(sessionOf(ctx, id)),
      run: (tx, ctx, { name }, session) => saveMapping(tx, ctx, session, name),
      changes: ['imports'],
    }),
    command(imports.removeMapping, { run: (tx, _ctx, { name }) => removeMapping(tx, name), changes: ['imports'] }),
    query(imports.presets, async (ctx) => ({ rows: await listPresets(ctx.reader) })),
    command(imports.savePreset, { run: (tx, ctx, input) => savePreset(tx, ctx, input), changes: ['imports'] }),
    command(imports.removePreset, { run: (tx, _ctx, { name }) => removePreset(tx, name), changes: ['imports'] }),
    query(transportKeys.list, async (ctx) => ({ rows: await listKeys(ctx.reader) })),
    command(transportKeys.add, {
      before: (ctx, input) => makeKey(ctx, input),
      run: (tx, ctx, input, made, call) => storeKey(tx, ctx, input, made, call),
      changes: ['keys', 'imports'],
    }),
    command(transportKeys.change, { run: (tx, _ctx, input) => changeKey(tx, input), changes: ['keys', 'imports', 'outputs'] }),
    command(transportKeys.retire, { run: (tx, ctx, { name, reason }) => retireKey(tx, ctx, name, reason), changes: ['keys', 'imports'] }),
  ];
}

function directProcedures(): Implemented[] {
  return [
    command(stock.importFile, {
      before: (ctx, input, call) => importStock(ctx, ctx.uploads.take(input.file), input, call),
      run: async (tx, ctx, _input, outcome) => {
        if (outcome.importId !== undefined) await finishImport(tx, ctx, outcome.importId);
        const { accepted, rejected, errors, fileSha256 } = outcome;
        return { accepted, rejected, errors: [...errors], fileSha256 };
      },
      object: (_input, output) => ({ type: 'import', id: output.fileSha256.slice(0, 16) }),
      changes,
    }),
    command(profiles.add, {
      before: (ctx, input) => draftProfile(ctx, input),
      run: (tx, ctx, _input, draft) => addProfile(tx, ctx, draft),
      object: (_input, output) => ({ type: 'profile', id: output.iccid }),
      changes,
    }),
  ];
}
