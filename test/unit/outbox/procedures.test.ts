import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OutboxRow } from '../../../src/shared/contract/outbox.ts';
import { armUndo, disarmUndo, dropUndo } from '../../../src/main/engine/outbox/index.ts';
import { homeFigures } from '../../../src/main/engine/workspace/home.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { done, down, never, openPost } from './support.ts';
import type { Post } from './support.ts';

interface Page { rows: OutboxRow[]; next?: string; counts: { waiting: number; dead: number; oldestWaitingAt?: number } }

let post: Post;
beforeEach(async () => {
  post = await openPost();
  const at = post.engine.clock.now();
  await write(post.engine.ctx, async (tx) => {
    for (const [id, name] of [[1, 'Nordlys'], [2, 'Süd Mobil']] as const) await tx.insertInto('brands').values({ id, name, created_at: at, callback_points: '{}' }).execute();
  });
});
afterEach(() => post.close());

const list = (input: object = {}) => post.engine.ok<Page>('outbox.list', input);

describe('the list', () => {
  test('newest first, page by page, each once', async () => {
    await post.put(...Array.from({ length: 25 }, () => ({})));
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page: Page = await list({ limit: 10, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.rows.map((row) => row.id));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => 25 - i));
    expect((await post.engine.refused('outbox.list', { cursor: "1' or 1" })).code).toBe('INPUT_INVALID');
  });

  test('by state, brand, order, kind; counts are of all', async () => {
    post.receive = ({ text }) => (text === 'bad' ? never : text === 'late' ? down : done);
    await post.put({ orderId: 'A' }, { payload: { text: 'bad' }, summary: 'bad one' }, { brandId: 2, payload: { text: 'late' } });
    await post.tick();
    expect((await list({ filter: { state: ['dead'] } })).rows).toMatchObject([{ state: 'dead', brand: 'Nordlys', summary: 'bad one', attempts: 1, lastError: 'It answers HTTP 400.' }]);
    expect((await list({ filter: { state: ['dead', 'done'] } })).rows.map((row) => row.state)).toEqual(['dead', 'done']);
    expect((await list({ filter: { brand: 'Süd Mobil' } })).rows).toMatchObject([{ state: 'waiting', brand: 'Süd Mobil', lastError: 'Nothing listens there.' }]);
    expect((await list({ filter: { brand: 'Nobody' } })).rows).toEqual([]);
    expect((await list({ filter: { orderId: 'A' } })).rows).toMatchObject([{ orderId: 'A', state: 'done', doneAt: post.engine.clock.now() }]);
    expect((await list({ filter: { kind: 'other' } })).rows).toEqual([]);
    expect((await list({ filter: { kind: 'test.say' } })).counts).toEqual({ waiting: 1, dead: 1, oldestWaitingAt: post.engine.clock.now() });
  });

  test('one message as it is sent', async () => {
    await post.put({ payload: { text: 'hello' }, orderId: 'A' });
    expect(await post.engine.ok('outbox.show', { id: 1 })).toMatchObject({ id: 1, target: 'https://receiver.example', body: '{"text":"hello"}', orderId: 'A', state: 'waiting' });
    expect((await post.engine.refused('outbox.show', { id: 99 })).code).toBe('NOT_FOUND');
  });

  test('dead messages want attention on Home', async () => {
    expect((await homeFigures(post.engine.ctx)).attention.map((item) => item.kind)).not.toContain('outbox-dead');
    post.receive = () => never;
    await post.put({}, {});
    await post.tick();
    expect((await homeFigures(post.engine.ctx)).attention).toContainEqual({
      kind: 'outbox-dead', severity: 'error', count: 2, href: '/outbox?state=dead', text: '2 messages to other systems could not be delivered',
    });
  });
});

describe('replay', () => {
  test('dead ones go again from their first attempt on, under the same identifier', async () => {
    post.receive = () => down;
    await post.put({});
    await post.tick();
    await post.tick(49 * 3_600_000);
    expect((await list()).rows[0]).toMatchObject({ state: 'dead', attempts: 2 });
    expect(await post.engine.ok('outbox.replay', { ids: [1] })).toEqual({ replayed: 1 });
    expect((await list()).rows[0]).toMatchObject({ state: 'waiting', attempts: 0 });
    await post.tick();
    // It is old, but was asked for again just now.
    expect((await list()).rows[0]).toMatchObject({ state: 'waiting', attempts: 1 });
    post.receive = () => done;
    await post.tick(600_000);
    expect((await list()).rows[0]).toMatchObject({ state: 'done' });
    expect(new Set(post.sent.map((sent) => sent.row.functionCallIdentifier)).size).toBe(1);
    expect(await post.engine.ok('outbox.replay', { ids: [1] })).toEqual({ replayed: 0 });
  });

  test('a waiting one that is named is tried now, also while its receiver is left alone; what its order has before it goes first', async () => {
    post.receive = () => down;
    await post.put({ orderId: 'A' }, { orderId: 'A' }, { brandId: 2 });
    await post.tick();
    const [first] = await post.rows();
    expect(first!.next_at).toBeGreaterThan(post.engine.clock.now());
    post.receive = () => done;
    const before = post.sent.length;
    await post.tick();
    expect(post.sent).toHaveLength(before);
    expect(await post.engine.ok('outbox.replay', { ids: [2, 99] })).toEqual({ replayed: 1 });
    await post.tick();
    expect((await post.rows()).map((row) => row.state)).toEqual(['done', 'done', 'waiting']);
    expect(post.sent.slice(before).map((sent) => sent.text)).toEqual(['m1', 'm2']);
    expect(await post.engine.ok('outbox.replay', { ids: [3], brand: 'Nordlys' })).toEqual({ replayed: 0 });
  });

  test('all dead ones, or those of a brand', async () => {
    post.receive = () => never;
    await post.put({ brandId: 1 }, { brandId: 2 }, { brandId: 2 });
    await post.tick();
    expect(await post.engine.ok('outbox.replay', { allDead: true, brand: 'Süd Mobil' })).toEqual({ replayed: 2 });
    await post.tick();
    expect(await post.engine.ok('outbox.replay', { ids: [1, 2], brand: 'Nordlys' })).toEqual({ replayed: 1 });
    await post.tick();
    expect(await post.engine.ok('outbox.replay', { allDead: true })).toEqual({ replayed: 3 });
    expect((await post.engine.refused('outbox.replay', { allDead: true, brand: 'Nobody' })).code).toBe('BRAND_UNKNOWN');
    expect((await post.engine.refused('outbox.replay', {})).code).toBe('INPUT_INVALID');
    expect(await post.engine.ctx.reader.selectFrom('audit').select('event').where('event', '=', 'outbox.replayed').where('outcome', '=', 'done').execute()).toHaveLength(3);
  });
});

describe('discard', () => {
  test('waiting and dead ones, not those that are done; the reason is kept', async () => {
    post.receive = ({ text }) => (text === 'bad' ? never : done);
    await post.put({}, { payload: { text: 'bad' } });
    await post.tick();
    await post.put({ notBefore: post.engine.clock.now() + 60_000 });
    expect(await post.engine.ok('outbox.discard', { ids: [1, 2, 3, 77], reason: 'test brand' })).toEqual({ discarded: 2 });
    expect((await list()).rows.map((row) => [row.id, row.state, row.lastError])).toEqual([
      [3, 'discarded', 'Given up: test brand'], [2, 'discarded', 'Given up: test brand (last: It answers HTTP 400.)'], [1, 'done', undefined],
    ]);
    await post.tick(3_600_000);
    expect(post.sent).toHaveLength(2);
    const [record] = await post.engine.ctx.reader.selectFrom('audit').select('record').where('event', '=', 'outbox.discarded').execute();
    expect(record?.record).toContain('test brand');
  });

  test('one whose attempt is in hand stays discarded', async () => {
    let release = () => {};
    post.receive = () => new Promise((go) => {
      release = () => go(done);
    });
    await post.put({});
    post.worker.wake();
    await expect.poll(() => post.sent.length).toBe(1);
    await post.engine.ok('outbox.discard', { ids: [1], reason: 'too late' });
    release();
    await post.tick();
    expect((await list()).rows[0]).toMatchObject({ state: 'discarded', lastError: 'Given up: too late' });
  });
});

describe('a message that undoes', () => {
  const undo = () => ({ kind: 'test.say', dedupe: 'undo x', payload: { text: 'undo' }, summary: 'undo', at: post.engine.clock.now(), notBefore: post.engine.clock.now() + 600_000 });
  const arm = () => write(post.engine.ctx, (tx) => armUndo(tx, undo()));
  const keep = () => write(post.engine.ctx, (tx) => disarmUndo(tx, 'undo x', post.engine.clock.now()));

  test('goes out when nobody keeps the effect', async () => {
    expect(await arm()).toEqual({ armed: true });
    await post.tick(599_999);
    expect(post.sent).toEqual([]);
    await post.tick(1);
    expect(post.sent.map((sent) => sent.text)).toEqual(['undo']);
    expect(await keep()).toBe(false);
  });

  test('does not when it is kept, also when that is asked for again', async () => {
    await arm();
    expect(await keep()).toBe(true);
    expect(await keep()).toBe(true);
    expect(await arm()).toEqual({ armed: false, earlier: { text: 'undo' } });
    await post.tick(24 * 3_600_000);
    expect(post.sent).toEqual([]);
    // Nobody discarded it: it is listed for who asks for those alone.
    expect((await list()).rows).toEqual([]);
    expect((await list({ filter: { state: ['discarded'] } })).rows).toMatchObject([{ lastError: 'Not needed: what it would have undone was kept.' }]);
  });

  test('a new attempt at the effect begins the span anew', async () => {
    await arm();
    post.engine.clock.advance(500_000);
    expect(await arm()).toEqual({ armed: true, earlier: { text: 'undo' } });
    await post.tick(500_000);
    expect(post.sent).toEqual([]);
    await write(post.engine.ctx, (tx) => dropUndo(tx, 'undo x', post.engine.clock.now(), 'refused'));
    await post.tick(24 * 3_600_000);
    expect(post.sent).toEqual([]);
    // Refused is not kept.
    expect(await arm()).toEqual({ armed: true, earlier: { text: 'undo' } });
  });
});
