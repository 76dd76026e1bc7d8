/** What a batch, its files and their recipients refuse. All identifiers and secrets are test material. */
import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobDetail } from '../../../src/shared/contract/jobs.ts';
import type { BatchView } from '../../../src/shared/contract/preparation.ts';
import { recoverPreparation, reservedNumbers } from '../../../src/main/engine/preparation/index.ts';
import { reservationOf, reserveNumbers, takeHeld } from '../../../src/main/engine/preparation/reservations.ts';
import { insertProfiles } from '../../../src/main/engine/store/bulk-profiles.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { VaultError } from '../../../src/main/vault-link/operations.ts';
import type { TestEngine } from '../../support/engine.ts';
import { addRange, addStock, batchEngine, iccid, imsi, invariants, rowsOf, run, shown, start } from './support.ts';

let engine: TestEngine;
afterEach(() => engine.close());

const typeOf = () => engine.ctx.db.selectFrom('profile_types').selectAll().where('name', '=', 'Sample').executeTakeFirstOrThrow();
const made = (item: { iccid: string }) => {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return { sealed: Buffer.from(item.iccid), digest: digest(item.iccid), packageBytes: 1, fingerprint: digest(`k${item.iccid}`) };
};

describe('numbers kept for a batch', () => {
  beforeEach(async () => {
    engine = await batchEngine();
  });

  it('are kept whole or not at all, by one batch, and taken no further than they go', async () => {
    const range = await addRange(engine, 1000, 20);
    const { id: typeId } = await typeOf();
    await engine.jobs.stop();
    const { batch } = await start(engine, { count: 5 });
    const reserve = (wish: object, count: number) => write(engine.ctx, (tx) => reserveNumbers(tx, engine.ctx, { typeId, ...wish }, count, batch.id));
    await expect(reserve({}, 16)).rejects.toMatchObject({ code: 'STOCK_SHORT', message: '16 numbers were asked for and 15 are left.' });
    expect(await reservedNumbers(engine.ctx.reader)).toMatchObject([{ rangeId: range, first: 0, count: 5, state: 'open', preparationId: batch.id }]);
    const kept = await engine.ctx.db.selectFrom('number_reservations').select('id').executeTakeFirstOrThrow();
    const held = (n: number) => Array.from({ length: n }, (_, place) => ({ reservation: kept.id, range, numbers: { iccid: iccid(1000 + place), imsi: imsi(1000 + place) } }));
    await expect(write(engine.ctx, (tx) => takeHeld(tx, held(6)))).rejects.toMatchObject({ code: 'CONFLICT' });
    await engine.ctx.db.updateTable('number_reservations').set({ taken: 2 }).execute();
    await expect(write(engine.ctx, (tx) => takeHeld(tx, held(4)))).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await reservedNumbers(engine.ctx.reader, ['rng_0'])).toEqual([]);
    expect(await reservedNumbers(engine.ctx.reader, [range])).toMatchObject([{ first: 2, count: 3 }]);
    for (const [place, whose] of [[1, undefined], [2, batch.id], [4, batch.id], [5, undefined]] as const) expect((await reservationOf(engine.ctx.reader, range, place))?.preparationId, String(place)).toBe(whose);
    await engine.ctx.db.updateTable('number_reservations').set({ state: 'free', preparation_id: null }).execute();
    await expect(write(engine.ctx, (tx) => takeHeld(tx, held(1)))).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await reservationOf(engine.ctx.reader, range, 3)).toBeUndefined();
    // What an ended batch left goes out first, and only of the range that is meant.
    const other = await addRange(engine, 3000, 20);
    await reserve({ rangeId: other }, 20);
    await reserve({}, 4);
    expect((await reservedNumbers(engine.ctx.reader)).filter((one) => one.state === 'open')).toMatchObject([{ rangeId: range, first: 2, count: 3 }, { rangeId: range, first: 5, count: 1 }, { rangeId: other, first: 0, count: 20 }].sort((a, b) => (a.rangeId < b.rangeId ? -1 : a.rangeId > b.rangeId ? 1 : 0)));
  });

  it('of a batch whose job ended without a word are free at the next start, once', async () => {
    await addRange(engine, 1000, 20);
    await addStock(engine, 3);
    await engine.jobs.stop();
    const { batch, job } = await start(engine, { count: 8 });
    // Another one that goes on at the next start: what it holds stays its own.
    await addStock(engine, 2, 101);
    const other = await start(engine, { count: 4 });
    expect(await recoverPreparation(engine.ctx)).toEqual([]);
    await engine.ctx.db.updateTable('jobs').set({ state: 'failed' }).where('id', '=', job.id).execute();
    expect(await recoverPreparation(engine.ctx)).toEqual([expect.stringContaining('5 numbers') as string]);
    expect(await recoverPreparation(engine.ctx)).toEqual([]);
    expect(new Map((await engine.ctx.db.selectFrom('preparations').select(['id', 'stock_owed']).execute()).map((row) => [row.id, row.stock_owed]))).toEqual(new Map([[batch.id, 0], [other.batch.id, 2]]));
    expect(await reservedNumbers(engine.ctx.reader)).toMatchObject([{ first: 0, count: 5, state: 'free' }, { first: 5, count: 2, state: 'open', preparationId: other.batch.id }]);
    expect(await engine.ctx.db.selectFrom('ranges').select('used').execute()).toEqual([{ used: 7 }]);
  });
});

describe('a batch', () => {
  it('changes nothing of another one, whether it runs, ends early or is swept', async () => {
    engine = await batchEngine();
    const near = await addRange(engine, 1000, 20);
    const far = await addRange(engine, 3000, 20);
    const first = await run(engine, { count: 5, range: near, reference: 'First' });
    await engine.ok('preparation.sweep', { id: first.id });
    const { sweptAt } = await shown(engine, first.id);
    await engine.jobs.stop();
    const second = await start(engine, { count: 4, range: near, reference: 'Second' });
    const rowsFor = async (...ids: string[]) => ({
      preparations: await engine.ctx.db.selectFrom('preparations').selectAll().where('id', 'in', ids).orderBy('id').execute(),
      batches: await engine.ctx.db.selectFrom('batches').selectAll().where('id', 'in', (e) => e.selectFrom('preparations').select('batch_id').where('preparations.id', 'in', ids).$castTo<{ batch_id: number }>()).orderBy('id').execute(),
      artefacts: await engine.ctx.db.selectFrom('artefacts').selectAll().where('preparation_id', 'in', ids).orderBy('id').execute(),
      ranges: await engine.ctx.db.selectFrom('ranges').selectAll().where('id', '=', near).execute(),
      kept: await engine.ctx.db.selectFrom('number_reservations').selectAll().where('range_id', '=', near).execute(),
    });
    const before = await rowsFor(first.id, second.batch.id);
    expect(before.kept).toMatchObject([{ first: 5, count: 4, taken: 0, state: 'open' }]);
    // As many as were given out of the other range.
    const third = await start(engine, { count: 9, range: far, reference: 'Third' });
    expect(await rowsFor(first.id, second.batch.id)).toEqual(before);
    await engine.ok('jobs.cancel', { id: third.job.id });
    expect(await rowsFor(first.id, second.batch.id)).toEqual(before);
    expect(await engine.ctx.db.selectFrom('ranges').select('used').where('id', '=', far).execute()).toEqual([{ used: 0 }]);
    // A fourth one runs to its end while the second waits with what it holds.
    const fourth = await start(engine, { count: 2, range: far, reference: 'Fourth' });
    await engine.ok('jobs.pause', { id: second.job.id });
    const own = await rowsFor(first.id, second.batch.id);
    engine = await engine.reopen();
    await engine.jobs.recover();
    engine.jobs.wake();
    await engine.jobs.idle();
    expect(await shown(engine, fourth.batch.id)).toMatchObject({ state: 'done', prepared: 2 });
    expect(await rowsFor(first.id, second.batch.id)).toEqual(own);
    await engine.ok('jobs.resume', { id: second.job.id });
    await engine.jobs.idle();
    expect(await shown(engine, second.batch.id)).toMatchObject({ state: 'done', prepared: 4, files: 2 });
    const firstOnly = async () => ({ ...await rowsFor(first.id), ranges: [], kept: [] });
    const left = await firstOnly();
    expect(left.preparations).toEqual(own.preparations.filter((row) => row.id === first.id));
    await engine.ok('preparation.sweep', { id: second.batch.id });
    expect(await firstOnly()).toEqual(left);
    expect([(await shown(engine, first.id)).sweptAt, (await shown(engine, fourth.batch.id)).sweptAt]).toEqual([sweptAt, undefined]);
    invariants(engine.ctx.sqlite);
  });

  it('is not started for a template that breaks rules, nor for a range of another type', async () => {
    engine = await batchEngine();
    await addRange(engine, 1000, 20);
    await engine.ok('types.create', { name: 'Other', template: 'sample' });
    const { id } = await engine.ctx.db.selectFrom('ranges').select('id').executeTakeFirstOrThrow();
    expect(await engine.refused('preparation.start', { plan: { type: 'Other', count: 1, range: id } })).toMatchObject({ code: 'RANGE_UNKNOWN', field: 'range' });
    await engine.ctx.db.updateTable('templates').set({ errors: 1 }).execute();
    expect(await engine.refused('preparation.start', { plan: { type: 'Sample', count: 1 } })).toMatchObject({ code: 'PREPARATION_BLOCKED', field: 'type' });
    const { checks, ready } = await engine.ok<{ ready: boolean; checks: { id: string; state: string }[] }>('preparation.preview', { type: 'Sample', count: 1 });
    expect([ready, checks.find((one) => one.id === 'template')?.state]).toEqual([false, 'blocker']);
    expect(await engine.ctx.db.selectFrom('preparations').selectAll().execute()).toEqual([]);
  });

  it('is tried again only when it has ended, and not with less than it owes', async () => {
    engine = await batchEngine();
    await addRange(engine, 1000, 10);
    const draft = await engine.ok<{ id: string }>('preparation.saveDraft', { plan: { type: 'Sample', count: 5, reference: 'Later' } });
    const rerun = (id: string, what: string) => engine.refused('preparation.rerun', { id, what });
    expect(await rerun(draft.id, 'rest')).toMatchObject({ code: 'TRANSITION_REFUSED', message: 'This batch was never started.' });
    expect(await rerun('bat_0', 'rest')).toMatchObject({ code: 'NOT_FOUND' });
    await engine.jobs.stop();
    const { batch, job } = await start(engine, { count: 10, reference: 'Now' });
    for (const state of ['queued', 'running', 'paused'] as const) {
      await engine.ctx.db.updateTable('jobs').set({ state }).where('id', '=', job.id).execute();
      for (const what of ['rest', 'failed']) expect(await rerun(batch.id, what)).toMatchObject({ code: 'TRANSITION_REFUSED', message: `This batch is ${state}; it can be tried again when it has ended.` });
    }
    await engine.ok('jobs.cancel', { id: job.id });
    await start(engine, { count: 1 });
    expect(await rerun(batch.id, 'rest')).toMatchObject({ code: 'STOCK_SHORT' });
    expect(await rerun(batch.id, 'failed')).toMatchObject({ code: 'TRANSITION_REFUSED' });
    expect((await reservedNumbers(engine.ctx.reader)).map((one) => one.count)).toEqual([1]);
  });

  it('puts aside the row whose number somebody took meanwhile, or that burnt, and no other', async () => {
    let taken = false;
    engine = await batchEngine({ vault: { prepare: async ({ items }) => {
      if (!taken) {
        taken = true;
        const type = await typeOf();
        await write(engine.ctx, async (tx) => {
          insertProfiles(engine.ctx.sqlite, [{ iccid: iccid(9000), imsi: imsi(1002), typeId: type.id, templateId: type.template_id, createdAt: 1, lastEvent: 'Imported', state: { order: 'available', network: 'absent', stock: 'imported', device: 'unknown' } }]);
          await tx.insertInto('burnt_numbers').values({ kind: 'imsi', number: imsi(1004), at: 1, why: 'planted', iccid: null, free_at: null }).execute();
        });
      }
      return { items: items.map(made) };
    } } });
    await addRange(engine, 1000, 10);
    const batch = await run(engine, { count: 6, source: 'ranges' });
    expect(batch).toMatchObject({ state: 'partly-failed', prepared: 4, failed: 2, fromRanges: 4 });
    expect(batch.jobDetail.errors).toMatchObject([{ code: 'NUMBER_IN_USE', iccid: iccid(1002), column: 'numbers' }, { code: 'NUMBER_BURNT', iccid: iccid(1004), column: 'numbers' }]);
    expect((await rowsOf(engine)).filter((one) => one.stock_state === 'sellable').map((one) => one.iccid)).toEqual([1000, 1001, 1003, 1005].map(iccid));
    // Neither place is given out again.
    expect((await run(engine, { count: 1, source: 'ranges' })).first).toEqual({ iccid: iccid(1006), imsi: imsi(1006) });
  });

  it('stops as a whole where the vault fails in a way that is no one row\'s', async () => {
    engine = await batchEngine({ vault: { prepare: () => {
      throw new VaultError('VAULT_INTERNAL', 'nonsense');
    } } });
    await addStock(engine, 3);
    await addRange(engine, 1000, 10);
    const batch = await run(engine, { count: 5 });
    expect(batch).toMatchObject({ state: 'failed', prepared: 0, failed: 0 });
    expect((await rowsOf(engine)).map((one) => one.stock_state)).toEqual(['imported', 'imported', 'imported']);
    expect(await reservedNumbers(engine.ctx.reader)).toEqual([]);
    invariants(engine.ctx.sqlite);
  });

  it('leaves alone what an import is still writing, and profiles that are ordered', async () => {
    engine = await batchEngine();
    const first = await addStock(engine, 3);
    await addStock(engine, 3, 101);
    await engine.ctx.db.updateTable('imports').set({ state: 'running' }).where('id', '=', first).execute();
    await engine.ctx.db.updateTable('profiles').set({ order_state: 'allocated' }).where('iccid', '=', iccid(102)).execute();
    expect(await engine.refused('preparation.start', { plan: { type: 'Sample', count: 3 } })).toMatchObject({ code: 'STOCK_SHORT' });
    await run(engine, { count: 2 });
    expect((await rowsOf(engine)).filter((one) => one.stock_state === 'sellable').map((one) => one.iccid)).toEqual([101, 103].map(iccid));
  });
});

describe('files', () => {
  const form = (one: object = {}) => ({ name: 'Somebody', kind: 'custom', format: 'csv', columns: [{ field: 'iccid' }], ...one });
  const add = (one: object = {}) => engine.ok<{ id: string; protection: string }>('outputs.addRecipient', form(one));
  beforeEach(async () => {
    engine = await batchEngine();
    await addRange(engine, 1000, 20);
  });

  it('are not made of a batch that has nothing yet or is at work, nor swept while they are made', async () => {
    const { id: recipient } = await add();
    const make = (batch: string) => engine.refused('outputs.make', { batch, recipient });
    expect(await make('bat_0')).toMatchObject({ code: 'BATCH_UNKNOWN', field: 'batch' });
    expect(await engine.refused('outputs.make', { batch: 'bat_0', recipient: 'rcp_0' })).toMatchObject({ code: 'RECIPIENT_UNKNOWN' });
    const draft = await engine.ok<BatchView>('preparation.saveDraft', { plan: { type: 'Sample', count: 1, reference: 'Later' } });
    expect(await make(draft.id)).toMatchObject({ code: 'BATCH_EMPTY', message: 'Nothing of this batch is prepared yet.' });
    const batch = await run(engine, { count: 3, reference: 'Now' });
    await engine.jobs.stop();
    const empty = await start(engine, { count: 1, reference: 'Queued' });
    expect(await make(empty.batch.id)).toMatchObject({ code: 'BATCH_EMPTY', message: 'Nothing of this batch is prepared yet.' });
    for (const state of ['queued', 'running'] as const) {
      await engine.ctx.db.updateTable('jobs').set({ state }).where('subject_id', '=', batch.id).where('kind', '=', 'prepare').execute();
      expect(await make(batch.id)).toMatchObject({ code: 'BATCH_EMPTY', message: expect.stringContaining('still being prepared') as string });
    }
    await engine.ctx.db.updateTable('jobs').set({ state: 'paused' }).where('subject_id', '=', batch.id).where('kind', '=', 'prepare').execute();
    await engine.ok('outputs.make', { batch: batch.id, recipient });
    expect(await engine.refused('preparation.sweep', { id: batch.id })).toMatchObject({ code: 'TRANSITION_REFUSED' });
    expect((await shown(engine, batch.id)).artefacts.every((one) => existsSync(join(engine.folder, 'outputs', `${one.id}-${one.name}`)))).toBe(true);
  });

  it('that are unknown or gone from their place are not handed out', async () => {
    const batch = await run(engine, { count: 3 });
    const [one] = batch.artefacts;
    expect(await engine.refused('outputs.save', { id: 'out_0' })).toMatchObject({ code: 'OUTPUT_UNKNOWN' });
    expect(await engine.refused('outputs.sweep', { ids: [one!.id, 'out_0'] })).toMatchObject({ code: 'OUTPUT_UNKNOWN' });
    expect(existsSync(join(engine.folder, 'outputs', `${one!.id}-${one!.name}`))).toBe(true);
    rmSync(join(engine.folder, 'outputs', `${one!.id}-${one!.name}`));
    expect(await engine.refused('outputs.save', { id: one!.id })).toMatchObject({ code: 'OUTPUT_DAMAGED', message: expect.stringContaining('not in its place') as string });
    const listed = async (wish: object) => (await engine.ok<{ rows: { id: string }[] }>('outputs.list', wish)).rows.map((row) => row.id);
    expect([(await listed({})).length, (await listed({ batch: batch.id })).length]).toEqual([2, 2]);
    await engine.ok('outputs.sweep', { ids: [one!.id] });
    expect([(await listed({ batch: batch.id })).includes(one!.id), (await listed({ swept: false })).includes(one!.id)]).toEqual([true, false]);
  });

  it('whose secrets were erased meanwhile are not made', async () => {
    await engine.close();
    engine = await batchEngine({ vault: 'in-process' });
    await addRange(engine, 1000, 20);
    const batch = await run(engine, { count: 3 });
    const { id: recipient } = await add({ columns: [{ field: 'k' }] });
    await engine.ctx.db.updateTable('profiles').set({ slots: null }).where('iccid', '=', iccid(1001)).execute();
    const { id } = await engine.ok<{ id: string }>('outputs.make', { batch: batch.id, recipient });
    await engine.jobs.idle();
    expect(await engine.ok<JobDetail>('jobs.show', { id })).toMatchObject({ state: 'partly-failed', message: expect.stringContaining(`The secrets of profile ${iccid(1001)} were erased`) as string });
    expect((await shown(engine, batch.id)).files).toBe(2);
  });

  it('go to recipients of one name each, whose keys are of their kind, and to nobody retired', async () => {
    for (const [name, n] of [['K4', 1], ['OTA', 2]] as const) {
      await engine.ctx.db.insertInto('transport_keys').values({ name, algorithm: 'aes-128', sealed: Buffer.from([n]), kcv: 'ABCDEF', convention: 'aes-zero', checked: 0, key_index: String(n), components: 1, custodians: '[]', actor: 'test', created_at: 1, note: null, retired_at: null, retired_reason: null }).execute();
    }
    const refused = (one: object) => engine.refused('outputs.addRecipient', form(one));
    expect(await refused({ kind: 'ota', transportKey: 'K4' })).toMatchObject({ code: 'TRANSPORT_KEY_REFUSED', field: 'transportKey' });
    expect(await refused({ kind: 'hlr', otaTransportKey: 'OTA' })).toMatchObject({ code: 'TRANSPORT_KEY_REFUSED', field: 'otaTransportKey' });
    const ota = await add({ name: 'OTA', kind: 'ota', columns: [{ field: 'scp80Kic' }], otaTransportKey: 'OTA' });
    expect(ota.protection).toBe('OTA keys under transport key OTA');
    const other = await add({ name: 'Other' });
    expect([other.protection, (await add({ name: 'Codes', columns: [{ field: 'iccid' }, { field: 'activationCode' }] })).protection]).toEqual(['No secrets in it', 'Activation codes, no keys or PINs']);
    await engine.ok('outputs.retireRecipient', { id: 'Codes' });
    expect(await refused({ name: 'Other' })).toMatchObject({ code: 'RECIPIENT_EXISTS', field: 'name' });
    expect(await engine.refused('outputs.changeRecipient', { id: ota.id, ...form({ name: 'Other' }) })).toMatchObject({ code: 'RECIPIENT_EXISTS' });
    expect(await engine.refused('outputs.changeRecipient', { id: 'rcp_0', ...form({ name: 'New' }) })).toMatchObject({ code: 'RECIPIENT_UNKNOWN' });
    await engine.ok('outputs.changeRecipient', { id: other.id, ...form({ name: 'Other', columns: [{ field: 'imsi' }] }) });
    expect(await engine.ok('outputs.changeRecipient', { id: 'Other', ...form({ name: 'Other', columns: [{ field: 'iccid' }] }) })).toMatchObject({ id: other.id });
    const batch = await run(engine, { count: 1 });
    await engine.ctx.db.updateTable('transport_keys').set({ sealed: null, retired_at: 1 }).where('name', '=', 'OTA').execute();
    expect(await engine.refused('outputs.make', { batch: batch.id, recipient: ota.id })).toMatchObject({ code: 'TRANSPORT_KEY_UNKNOWN', field: 'recipient' });
    await engine.ok('outputs.retireRecipient', { id: other.id });
    expect((await engine.ok<{ rows: { name: string }[] }>('outputs.recipients', {})).rows.map((row) => row.name)).toEqual(['OTA']);
    expect(await engine.refused('outputs.make', { batch: batch.id, recipient: other.id })).toMatchObject({ code: 'RECIPIENT_UNKNOWN', message: 'The recipient is retired.' });
    expect(await engine.refused('preparation.start', { plan: { type: 'Sample', count: 1, outputs: [other.id] } })).toMatchObject({ code: 'RECIPIENT_UNKNOWN', field: 'outputs' });
    expect((await shown(engine, batch.id)).files).toBe(2);
  });

  it('of labels need measures, and show no PUK outside the Lab either', async () => {
    const batch = await run(engine, { count: 1 });
    const labels = (input: object) => engine.refused('outputs.labels', { batch: batch.id, kind: 'labels', ...input });
    expect(await labels({ sheet: 'own' })).toMatchObject({ code: 'SHEET_INVALID', field: 'own' });
    expect(await labels({ kind: 'vouchers', puk: true })).toMatchObject({ code: 'LAB_ONLY', message: expect.stringContaining('outside the vault') as string });
    expect(await labels({ kind: 'vouchers' })).toMatchObject({ code: 'ORDERS_MISSING' });
    const live = await batchEngine({ environment: 'live' });
    expect(await live.refused('outputs.labels', { batch: 'bat_0', kind: 'vouchers', puk: true })).toMatchObject({ code: 'LAB_ONLY', message: expect.stringContaining('in a Lab alone') as string });
    await live.close();
  });
});
