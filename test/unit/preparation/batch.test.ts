import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { batchIds } from '../../../src/main/engine/profiles/filter-fields.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyChain } from '../../../src/main/engine/audit/index.ts';
import type { PreparationPreview } from '../../../src/shared/contract/preparation.ts';
import { prepareOne, reservedNumbers } from '../../../src/main/engine/preparation/index.ts';
import { recoverPreparation } from '../../../src/main/engine/preparation/index.ts';
import { loadForBinding, transition } from '../../../src/main/engine/profiles/index.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { VaultError } from '../../../src/main/vault-link/operations.ts';
import type { TestEngine } from '../../support/engine.ts';
import { addRange, addStock, batchEngine, iccid, imsi, invariants, rowsOf, run, shown, start } from './support.ts';

let engine: TestEngine;
beforeEach(async () => {
  engine = await batchEngine();
});
afterEach(async () => {
  invariants(engine.ctx.sqlite);
  expect(await verifyChain(engine.ctx.reader)).toMatchObject({ verified: true });
  await engine.close();
});

const preview = (plan: object): Promise<PreparationPreview> => engine.ok<never>('preparation.preview', { type: 'Sample', ...plan });
const checkOf = (one: PreparationPreview, id: string) => one.checks.find((check) => check.id === id);

describe('a preview', () => {
  it('says first and last numbers, where they come from, and every check, and changes nothing', async () => {
    await addStock(engine, 30);
    const range = await addRange(engine, 1000, 200, '+999000000');
    const shownBefore = await preview({ count: 50 });
    expect(shownBefore).toMatchObject({
      ready: true, fromStock: 30, fromRanges: 20, available: { stock: 30, ranges: 200 }, first: { iccid: iccid(1), imsi: imsi(1) }, last: { iccid: iccid(1019), imsi: imsi(1019), msisdn: '999000019' },
      parts: [{ source: 'stock', count: 30, title: 'Import file-1.csv', first: { iccid: iccid(1) }, last: { iccid: iccid(30) } }, { source: 'range', id: range, count: 20, first: { iccid: iccid(1000) }, last: { iccid: iccid(1019) } }],
    });
    expect(shownBefore.checks.map((check) => [check.id, check.state])).toEqual([
      ['template', expect.any(String)], ['numbers', 'ok'], ['keys', 'ok'], ['vault', 'ok'], ['disk', 'ok'], ['certificates', 'warning'], ['outputs', 'ok'], ['level', 'ok'],
    ]);
    expect(shownBefore.checks.every((check) => check.sentence.endsWith('.'))).toBe(true);
    // The room on the disk is the machine's: others write to it.
    const own = ({ checks, ...rest }: PreparationPreview) => ({ ...rest, checks: checks.filter((check) => check.id !== 'disk') });
    expect(own(await preview({ count: 50 }))).toEqual(own(shownBefore));
    expect(shownBefore.estimate).toBeUndefined();
  });
  it('keeps to the chosen source, range and import', async () => {
    const first = await addStock(engine, 10);
    await addStock(engine, 10, 101);
    await addRange(engine, 1000, 20);
    const second = await addRange(engine, 2000, 20);
    expect(await preview({ count: 5, source: 'ranges', range: second })).toMatchObject({ fromStock: 0, parts: [{ id: second, first: { iccid: iccid(2000) } }] });
    expect(await preview({ count: 5, source: 'stock', import: `I-${first + 1}` })).toMatchObject({ parts: [{ first: { iccid: iccid(101) }, last: { iccid: iccid(105) } }] });
    const short = await preview({ count: 25, source: 'stock' });
    expect(short).toMatchObject({ ready: false });
    expect(checkOf(short, 'numbers')).toMatchObject({ state: 'blocker', sentence: '5 of 25 are missing: only 20 imported.', hint: expect.stringContaining('40 more') as string });
    for (const [plan, code] of [[{ count: 1, type: 'Nope' }, 'TYPE_UNKNOWN'], [{ count: 1, range: 'rng_0' }, 'RANGE_UNKNOWN'], [{ count: 1, import: 'I-99' }, 'IMPORT_UNKNOWN'], [{ count: 1, brand: 'Nobody' }, 'BRAND_UNKNOWN'], [{ count: 1, outputs: ['rcp_0'] }, 'RECIPIENT_UNKNOWN']] as const) {
      expect(await engine.refused('preparation.preview', { type: 'Sample', ...plan })).toMatchObject({ code });
    }
  });
  it('estimates from what the last batches took, and does not count what others hold', async () => {
    await addRange(engine, 1000, 9_100);
    await run(engine, { count: 60 });
    await engine.ctx.db.updateTable('preparations').set({ worked_ms: 2_000 }).execute();
    // A small batch measures its start and end.
    expect((await preview({ count: 30 })).estimate).toBeUndefined();
    await engine.ctx.db.updateTable('preparations').set({ prepared: 500 }).execute();
    expect((await preview({ count: 30 })).estimate).toEqual({ seconds: 0.12, rate: 250, batches: 1 });
    await engine.ctx.db.updateTable('preparations').set({ prepared: 60 }).execute();
    const { job } = await start(engine, { count: 9_025 });
    await engine.ok('jobs.pause', { id: job.id });
    await engine.jobs.idle();
    expect(await preview({ count: 30 })).toMatchObject({ available: { ranges: 15 }, ready: false });
  });
  it('is blocked without a vault and by a name that is taken', async () => {
    await addRange(engine, 1000, 100);
    await run(engine, { count: 1, reference: 'Spring' });
    Object.assign(engine.ctx.vault, { state: 'unavailable' });
    const blocked = await preview({ count: 1, reference: 'Spring' });
    expect([checkOf(blocked, 'vault')?.state, checkOf(blocked, 'reference')?.state, blocked.ready]).toEqual(['blocker', 'blocker', false]);
    Object.assign(engine.ctx.vault, { state: 'ready' });
  });
});

describe('a batch', () => {
  it('takes stock first, then ranges; shows its steps, and leaves digest list and ticket', async () => {
    await addStock(engine, 30);
    await addRange(engine, 1000, 20);
    engine.clock.advance(1);
    await addRange(engine, 2000, 3_000);
    const batch = await run(engine, { count: 2_700, reference: 'Spring', order: 'PO-7', note: 'for the fair', due: 1_800_000_000_000 });
    expect(batch).toMatchObject({
      state: 'done', reference: 'Spring', number: expect.stringMatching(/^B-\d+$/) as string, count: 2_700, prepared: 2_700, failed: 0, fromStock: 30, fromRanges: 2_670, order: 'PO-7', note: 'for the fair',
      requester: 'local:tester', files: 2, first: { iccid: iccid(1) }, last: { iccid: iccid(4649) }, stock: { sellable: 2_700 }, actions: ['outputs', 'labels', 'sweep'],
    });
    expect(batch.jobDetail.steps.map((step) => [step.id, step.state, step.done, step.total])).toEqual([
      ['reserve', 'done', 2_670, 2_670], ['keys', 'done', 2_700, 2_700], ['seal', 'done', 2_700, 2_700], ['store', 'done', 2_700, 2_700], ['outputs', 'done', 5_400, 5_400], ['sweep', 'waiting', 0, 2],
    ]);
    expect(batch.jobs.map((job) => [job.kind, job.state])).toEqual([['prepare', 'done'], ['output', 'done']]);
    const rows = await rowsOf(engine);
    expect(rows.every((one) => one.stock_state === 'sellable')).toBe(true);
    expect(rows.slice(30, 50).map((one) => one.iccid)).toEqual(Array.from({ length: 20 }, (_, index) => iccid(1000 + index)));
    expect(await reservedNumbers(engine.ctx.reader)).toEqual([]);
    for (const file of batch.artefacts) {
      const path = join(engine.folder, 'outputs', `${file.id}-${file.name}`);
      expect(createHash('sha256').update(readFileSync(path)).digest('hex')).toBe(file.sha256);
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
    const digests = readFileSync(join(engine.folder, 'outputs', `${batch.artefacts[0]!.id}-${batch.artefacts[0]!.name}`), 'utf8').trimEnd().split('\n');
    expect(digests).toHaveLength(2_701);
    expect(digests[2_700]).toContain(`${iccid(4649)},${Buffer.from(rows[2_699]!.package_digest!).toString('hex')},sample,1,`);
    const ticket = readFileSync(join(engine.folder, 'outputs', `${batch.artefacts[1]!.id}-${batch.artefacts[1]!.name}`), 'utf8');
    expect(ticket).toContain('Prepared      2700 (30 of imported stock, 2670 of number ranges)');
    expect(ticket).toContain(batch.artefacts[0]!.sha256);
    const units = await engine.ctx.reader.selectFrom('audit').select('record').where('event', '=', 'preparation.unit').orderBy('seq').execute();
    const told = units.map((one) => (JSON.parse(one.record) as { fields: { count: number; fromRanges: number; preparation: string } }).fields);
    expect([told.reduce((sum, one) => sum + one.count, 0), told.reduce((sum, one) => sum + one.fromRanges, 0)]).toEqual([2_700, 2_670]);
    expect(told.every((one) => one.preparation === batch.id && one.count <= 1_000)).toBe(true);
    expect(await engine.ctx.reader.selectFrom('audit').select('seq').where('event', '=', 'output.made').execute()).toHaveLength(2);
  });
  it('holds its numbers from the start: another batch passes over them, and the ledger can see whose they are', async () => {
    const range = await addRange(engine, 1000, 10_000);
    const { batch, job } = await start(engine, { count: 5_000 });
    await engine.ok('jobs.pause', { id: job.id });
    expect(await reservedNumbers(engine.ctx.db)).toMatchObject([{ rangeId: range, state: 'open', preparationId: batch.id, reference: batch.reference }]);
    const other = await run(engine, { count: 300 });
    expect(other.first).toEqual({ iccid: iccid(6000), imsi: imsi(6000) });
    expect(await engine.refused('preparation.start', { plan: { type: 'Sample', count: 4_701 } })).toMatchObject({ code: 'STOCK_SHORT' });
    await engine.ok('jobs.resume', { id: job.id });
    await engine.jobs.idle();
    expect(await shown(engine, batch.id)).toMatchObject({ state: 'done', first: { iccid: iccid(1000) }, last: { iccid: iccid(5999) } });
  });
  it('of stock leaves alone what an earlier batch counts on', async () => {
    await addStock(engine, 4_500);
    const { batch, job } = await start(engine, { count: 4_400, source: 'stock' });
    await engine.ok('jobs.pause', { id: job.id });
    expect(await preview({ count: 5 })).toMatchObject({ available: { stock: 100 }, first: { iccid: iccid(4401) } });
    expect(await engine.refused('preparation.start', { plan: { type: 'Sample', count: 101 } })).toMatchObject({ code: 'STOCK_SHORT' });
    await engine.ok('jobs.cancel', { id: job.id });
    await engine.jobs.idle();
    expect(await preview({ count: 5 })).toMatchObject({ available: { stock: 4_500 - (await shown(engine, batch.id)).prepared } });
  });
  it('has a number that counts batches alone, found by it everywhere', async () => {
    const numbers: (string | undefined)[] = [];
    for (const from of [1, 11, 21]) {
      await addStock(engine, 10, from);
      numbers.push((await run(engine, { count: 10, reference: `from ${from}` })).number);
    }
    expect(numbers).toEqual(['B-1', 'B-2', 'B-3']);
    expect(await shown(engine, 'B-2')).toMatchObject({ reference: 'from 11', number: 'B-2' });
    const second = (await engine.ctx.db.selectFrom('profiles').select('iccid').where('batch_id', '=', (await engine.ctx.db.selectFrom('batches').select('id').where('number', '=', 2).executeTakeFirstOrThrow()).id).execute()).map((row) => row.iccid);
    expect(second).toEqual(Array.from({ length: 10 }, (_, index) => iccid(11 + index)));
    expect(await batchIds(engine.ctx.reader, ['B-2', 'b-2', '2', 'from 11', 'B-4'])).toEqual([...Array.from({ length: 4 }, () => 4), -1]);
  });
  it('cancelled keeps what is done and frees the rest, whose numbers go out first', async () => {
    await addRange(engine, 1000, 9_000);
    const { batch, job } = await start(engine, { count: 6_000 });
    const later = await start(engine, { count: 500 });
    await until(async () => (await shown(engine, batch.id)).prepared > 0);
    const running = await shown(engine, batch.id);
    expect(running.jobDetail.cancelEffect).toMatch(/prepared profiles stay sellable; the other [\d,]+ are not made, and [\d,]+ reserved numbers are free again/);
    await engine.ok('jobs.cancel', { id: job.id });
    await engine.jobs.idle();
    const cancelled = await shown(engine, batch.id);
    expect(cancelled).toMatchObject({ state: 'cancelled', actions: ['rerun', 'outputs', 'labels'] });
    expect(cancelled.prepared).toBeGreaterThan(0);
    expect(cancelled.prepared).toBeLessThan(6_000);
    expect(await shown(engine, later.batch.id)).toMatchObject({ prepared: 500, first: { iccid: iccid(7000) } });
    expect(await reservedNumbers(engine.ctx.reader)).toMatchObject([{ state: 'free', count: 6_000 - cancelled.prepared }]);
    const next = await run(engine, { count: 10 });
    expect(next.first).toEqual({ iccid: iccid(1000 + cancelled.prepared), imsi: imsi(1000 + cancelled.prepared) });
    await engine.ok('preparation.rerun', { id: batch.id, what: 'rest' });
    await engine.jobs.idle();
    expect(await shown(engine, batch.id)).toMatchObject({ state: 'done', prepared: 6_000 });
  });
  it('leaves alone what an operator put into quarantine while the vault worked', async () => {
    await addStock(engine, 10);
    const [, , , fourth] = await rowsOf(engine);
    const inner = engine.ctx.vault.call.bind(engine.ctx.vault);
    (engine.ctx.vault as { call: unknown }).call = async (name: 'prepare', input: never) => {
      if (name === 'prepare') await write(engine.ctx, (tx) => transition(tx, engine.ctx, fourth!.id, { name: 'quarantine', at: engine.clock.now(), source: 'operator', text: 'held back', reason: 'held back' }, engine.as()));
      return inner(name, input);
    };
    expect(await run(engine, { count: 10 })).toMatchObject({ state: 'partly-failed', prepared: 9, failed: 0, message: expect.stringContaining('Only 9') as string });
    expect((await rowsOf(engine))[3]).toMatchObject({ stock_state: 'quarantined', slots: null });
  });
  it('uses the template its type stands on when it starts, also for profiles imported before; their packages can be bound', async () => {
    await addStock(engine, 3);
    const { rows } = await engine.ok<{ rows: { id: string }[] }>('types.templates');
    await engine.ok('types.editTemplate', { id: rows[0]!.id, edits: [{ kind: 'spn', name: 'Moved' }] } as never);
    await engine.ok('types.change', { name: 'Sample', template: 'sample@2' } as never);
    await run(engine, { count: 3 });
    const prepared = await engine.ctx.reader.selectFrom('profiles').select(['id', 'template_id', 'package_digest']).execute();
    const second = await engine.ctx.reader.selectFrom('templates').select(['id', 'digest']).where('version', '=', 2).executeTakeFirstOrThrow();
    expect(prepared.map((row) => row.template_id)).toEqual([second.id, second.id, second.id]);
    const material = await loadForBinding(engine.ctx.reader, prepared[0]!.id);
    expect(material?.templateDigest).toEqual(second.digest);
  });
  it('gives numbers an MSISDN in international form', async () => {
    await addRange(engine, 1000, 5, '+999000000');
    await run(engine, { count: 2 });
    expect((await rowsOf(engine)).map((one) => one.msisdn)).toEqual(['999000000', '999000001']);
    const calls = (engine.vault as unknown as { calls: { name: string; input: { items: { msisdn?: string }[] } }[] }).calls.filter((call) => call.name === 'prepare');
    expect(calls[0]!.input.items[0]).toMatchObject({ msisdn: '+999000000' });
  });
  it('of one profile at once, as an order for it needs', async () => {
    await addStock(engine, 2);
    const [first, second] = await rowsOf(engine);
    const done = await prepareOne(engine.ctx, second!.id);
    await write(engine.ctx, (tx) => done!(tx, engine.as()));
    expect((await rowsOf(engine)).map((one) => one.stock_state)).toEqual(['imported', 'sellable']);
    expect(await prepareOne(engine.ctx, second!.id)).toBeUndefined();
    expect(first!.stock_state).toBe('imported');
  });
  it('stops when the disk is nearly full, and goes on when there is room', async () => {
    await addRange(engine, 1000, 100);
    const { batch, job } = await start(engine, { count: 10 });
    await engine.jobs.stop();
    // What the runner does with the refusal is tested with the runner; here only that the row may go on.
    await engine.ctx.db.updateTable('jobs').set({ state: 'paused', message: 'The disk of the workspace has less than 200 MB left' }).where('id', '=', job.id).where('state', '!=', 'done').execute();
    engine = await engine.reopen();
    if ((await shown(engine, batch.id)).state === 'paused') await engine.ok('jobs.resume', { id: job.id });
    engine.jobs.wake();
    await engine.jobs.idle();
    expect(await shown(engine, batch.id)).toMatchObject({ state: 'done', prepared: 10 });
  });
});

describe('rows that fail', () => {
  const bad = new Set([iccid(3), iccid(14)]);
  let broken = true;
  beforeEach(async () => {
    await engine.close();
    broken = true;
    engine = await batchEngine({ vault: { prepare: ({ items }) => {
      const found = broken ? items.find((item) => bad.has(item.iccid)) : undefined;
      if (found) throw new VaultError('SECRETS_INVALID', `K of profile ${found.iccid}: wrong length`);
      const digest = (text: string) => createHash('sha256').update(text).digest();
      return { items: items.map((item) => ({ sealed: Buffer.from(item.iccid), digest: digest(item.iccid), packageBytes: 1, fingerprint: digest(`k${item.iccid}`) })) };
    } } });
    await addStock(engine, 20);
  });

  it('are listed with code and sentence, the others go on, and they are tried again once the cause is repaired', async () => {
    const batch = await run(engine, { count: 20 });
    expect(batch).toMatchObject({ state: 'partly-failed', prepared: 18, failed: 2, actions: ['rerun', 'outputs', 'labels', 'sweep'] });
    expect(batch.jobDetail).toMatchObject({ rejected: 2, errorGroups: [{ code: 'SECRETS_INVALID', rows: 2, message: 'K: wrong length. The profile was put into quarantine.' }] });
    const failed = await engine.ok<{ rows: object[] }>('preparation.failed', { id: batch.id } as never);
    expect(failed.rows).toMatchObject([{ iccid: iccid(3), code: 'SECRETS_INVALID', state: 'failed', message: expect.stringContaining('wrong length') as string }, { iccid: iccid(14) }]);
    expect((await rowsOf(engine)).filter((one) => one.stock_state === 'quarantined').map((one) => one.iccid)).toEqual([...bad]);
    // Still broken: they fail again, in the same list.
    await engine.ok('preparation.rerun', { id: batch.id });
    await engine.jobs.idle();
    expect(await shown(engine, batch.id)).toMatchObject({ state: 'partly-failed', prepared: 18, failed: 2 });
    broken = false;
    await engine.ok('preparation.rerun', { id: batch.reference });
    await engine.jobs.idle();
    const repaired = await shown(engine, batch.id);
    expect(repaired).toMatchObject({ state: 'done', prepared: 20, failed: 0, stock: { sellable: 20 } });
    expect(repaired.jobs.filter((job) => job.kind === 'prepare')).toHaveLength(3);
    expect((await engine.ok<{ rows: { state: string }[] }>('preparation.failed', { id: batch.id } as never)).rows.map((one) => one.state)).toEqual(['prepared', 'prepared']);
    expect(await engine.refused('preparation.rerun', { id: batch.id })).toMatchObject({ code: 'TRANSITION_REFUSED' });
    expect(await engine.refused('preparation.rerun', { id: batch.id, what: 'rest' })).toMatchObject({ code: 'TRANSITION_REFUSED' });
  });
  it('because a number or key is in use take no other row with them', async () => {
    await addRange(engine, 1000, 10);
    broken = false;
    const { batch } = await start(engine, { count: 5, source: 'ranges' });
    await engine.jobs.stop();
    await engine.ctx.db.updateTable('profiles').set({ imsi: imsi(1002) }).where('iccid', '=', iccid(1)).execute();
    engine = await engine.reopen();
    await engine.jobs.recover();
    engine.jobs.wake();
    await engine.jobs.idle();
    const done = await shown(engine, batch.id);
    // The batch may have been written before the engine stopped.
    if (done.prepared === 5) return;
    expect(done).toMatchObject({ state: 'partly-failed', prepared: 4, failed: 1 });
    expect(done.jobDetail.errors).toMatchObject([{ code: 'NUMBER_IN_USE', iccid: iccid(1002), column: 'numbers' }]);
  });
  it('can be saved as a file', async () => {
    const batch = await run(engine, { count: 20 });
    const offer = await engine.ok<{ file: string }>('jobs.errorsFile', { id: batch.jobs[0]!.id } as never);
    const text = Buffer.concat([...(engine.files.take(offer.file)!.open() as Iterable<Uint8Array>)]).toString();
    expect(text.split('\n')).toMatchObject(['row,iccid,column,code,message,found', expect.stringContaining(`${iccid(3)},secrets,SECRETS_INVALID,`), expect.stringContaining(iccid(14)), '']);
  });
});

describe('drafts', () => {
  it('are kept, changed, started or thrown away', async () => {
    await addRange(engine, 1000, 100);
    const draft = await engine.ok<{ id: string }>('preparation.saveDraft', { plan: { type: 'Sample', count: 500, reference: 'Later' } } as never);
    expect(await shown(engine, draft.id)).toMatchObject({ state: 'draft', reference: 'Later', actions: ['start', 'discard'], parts: [{ source: 'range', count: 100 }] });
    expect(await engine.refused('preparation.start', { plan: { type: 'Sample', count: 500 }, draft: draft.id })).toMatchObject({ code: 'STOCK_SHORT' });
    await engine.ok('preparation.saveDraft', { id: draft.id, plan: { type: 'Sample', count: 50, reference: 'Later' } });
    const started = await engine.ok<{ batch: { id: string } }>('preparation.start', { plan: { type: 'Sample', count: 50, reference: 'Later' }, draft: draft.id } as never);
    expect(started.batch.id).toBe(draft.id);
    await engine.jobs.idle();
    expect(await shown(engine, draft.id)).toMatchObject({ state: 'done', prepared: 50 });
    expect(await engine.refused('preparation.discardDraft', { id: draft.id })).toMatchObject({ code: 'TRANSITION_REFUSED' });
    expect(await engine.refused('preparation.saveDraft', { plan: { type: 'Sample', count: 1, reference: 'Later' } })).toMatchObject({ code: 'REFERENCE_EXISTS' });
    const other = await engine.ok<{ id: string; reference: string }>('preparation.saveDraft', { plan: { type: 'Sample', count: 1 } } as never);
    expect(other.reference).toBe('Sample 2026-01-15');
    const { rows, total } = await engine.ok<{ rows: { id: string }[]; total: number }>('preparation.list', { state: ['draft'] } as never);
    expect([rows.map((row) => row.id), total]).toEqual([[other.id], 1]);
    await engine.ok('preparation.discardDraft', { id: other.id });
    expect(await engine.refused('preparation.show', { id: other.id })).toMatchObject({ code: 'NOT_FOUND' });
    expect((await engine.ok<{ rows: { reference: string }[] }>('preparation.list', { text: 'lat' } as never)).rows).toMatchObject([{ reference: 'Later' }]);
  });
});

describe('files of a batch', () => {
  it('are swept from the disk; their digests stay', async () => {
    await addRange(engine, 1000, 10);
    const batch = await run(engine, { count: 10 });
    const folder = join(engine.folder, 'outputs');
    expect(readdirSync(folder)).toHaveLength(2);
    expect(await engine.ok('preparation.sweep', { id: batch.id })).toMatchObject({ files: 2 });
    expect(readdirSync(folder)).toEqual([]);
    const swept = await shown(engine, batch.id);
    expect(swept).toMatchObject({ files: 0, sweptAt: expect.any(Number) as number, artefacts: [{ sha256: batch.artefacts[0]!.sha256, sweptAt: expect.any(Number) as number }, {}] });
    expect(swept.jobDetail.steps.at(-1)).toMatchObject({ id: 'sweep', state: 'done', done: 2, total: 2 });
    expect(await engine.ok('preparation.sweep', { id: batch.id })).toEqual({ files: 0, bytes: 0 });
  });
  it('that no record tells of go at the next start, others stay', async () => {
    await addRange(engine, 1000, 10);
    await run(engine, { count: 10 });
    const folder = join(engine.folder, 'outputs');
    writeFileSync(join(folder, '.out_00.part'), 'half');
    writeFileSync(join(folder, 'out_00-orphan.csv'), 'half');
    writeFileSync(join(folder, 'mine.txt'), 'kept');
    expect(await recoverPreparation(engine.ctx)).toEqual(['2 unfinished output files were removed']);
    expect(readdirSync(folder).filter((name) => !name.startsWith('out_'))).toEqual(['mine.txt']);
    expect(existsSync(join(folder, 'out_00-orphan.csv'))).toBe(false);
  });
});

/** Waits for what a job does meanwhile. */
async function until(done: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 5_000; turn++) {
    if (await done()) return;
    await new Promise((next) => setTimeout(next, 1));
  }
  throw new Error('it never came');
}
