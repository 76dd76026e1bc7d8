import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startOutbox, tidyOutbox } from '../../../src/main/engine/outbox/index.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { broken, done, down, never, openPost } from './support.ts';
import type { Post } from './support.ts';

let post: Post;
beforeEach(async () => {
  post = await openPost();
});
afterEach(() => post.close());

const minute = 60_000;
const hour = 60 * minute;
const texts = () => post.sent.map((sent) => sent.text);
const states = async () => (await post.rows()).map((row) => row.state);

describe('what was written is sent', () => {
  test('once for each key', async () => {
    await post.put({ dedupe: 'a', payload: { text: 'first' } }, { dedupe: 'a', payload: { text: 'again' } });
    await post.put({ dedupe: 'a', payload: { text: 'later' } });
    await post.tick();
    await post.tick(hour);
    expect(texts()).toEqual(['first']);
    await post.put({ dedupe: 'a' });
    await post.tick();
    expect(texts()).toEqual(['first']);
    expect(await post.rows()).toMatchObject([{ state: 'done', attempts: 1, last_error: null }]);
  });

  test('not when its transaction was rolled back, and not before its time', async () => {
    await expect(write(post.engine.ctx, async () => {
      throw new Error('refused');
    })).rejects.toThrow('refused');
    await post.put({ notBefore: post.engine.clock.now() + 10 * minute });
    await post.tick(9 * minute);
    expect(texts()).toEqual([]);
    await post.tick(minute);
    expect(texts()).toEqual(['m1']);
  });

  test('woken by the commit, without a look of its own', async () => {
    await post.put({});
    post.engine.ctx.changed('outbox');
    await expect.poll(states).toEqual(['done']);
  });

  test('what a later version wrote is given up with a word', async () => {
    await post.put({ kind: 'es99.unheard' });
    await post.tick();
    expect(await post.rows()).toMatchObject([{ state: 'dead', last_error: 'This version does not send messages of the kind es99.unheard.' }]);
  });

  test('a handler that throws is a failed attempt, told without the words of its error', async () => {
    post.receive = () => {
      throw new Error('secret 12345');
    };
    await post.put({});
    await post.tick();
    const [row] = await post.rows();
    expect(row).toMatchObject({ state: 'waiting', attempts: 1 });
    expect(row?.last_error).not.toContain('12345');
    expect(JSON.stringify(post.engine.log.lines)).not.toContain('12345');
  });
});

describe('order', () => {
  test('messages of one order go one behind the other, those of others beside them', async () => {
    let firstIsOut = false;
    post.receive = async ({ text }) => {
      if (text === 'A1') {
        await expect.poll(() => texts()).toContain('B1');
        expect(texts()).not.toContain('A2');
        firstIsOut = true;
      }
      if (text.startsWith('A') && text !== 'A1') expect(firstIsOut).toBe(true);
      return done;
    };
    await post.put(...['A1', 'A2', 'A3', 'B1', 'B2'].map((text) => ({ payload: { text }, orderId: text[0]! })));
    await post.tick();
    const sent = texts();
    expect(sent.filter((text) => text.startsWith('A'))).toEqual(['A1', 'A2', 'A3']);
    expect(sent.filter((text) => text.startsWith('B'))).toEqual(['B1', 'B2']);
    expect(await states()).toEqual(['done', 'done', 'done', 'done', 'done']);
  });

  test('a later one waits for the earlier one through its failures, and goes when that is given up', async () => {
    post.receive = ({ text }) => (text === 'A1' ? broken : done);
    await post.put({ orderId: 'A', payload: { text: 'A1' } }, { orderId: 'A', payload: { text: 'A2' } }, { orderId: 'B', payload: { text: 'B1' } });
    for (let i = 0; i < 11; i++) await post.tick(10 * minute);
    expect(texts().filter((text) => text === 'A1')).toHaveLength(11);
    expect(texts()).not.toContain('A2');
    expect(texts().filter((text) => text === 'B1')).toHaveLength(1);
    await post.tick(10 * minute);
    await post.tick(10 * minute);
    expect(await states()).toEqual(['dead', 'done', 'done']);
    expect(texts().filter((text) => text === 'A1')).toHaveLength(12);
  });

  test('the same order at two receivers: one does not wait for the other', async () => {
    post.receive = ({ lane }) => (lane === 'brand:1' ? down : done);
    await post.put({ orderId: 'A', brandId: 1, payload: { text: 'down' } }, { orderId: 'A', brandId: 2, payload: { text: 'up' } });
    await post.tick();
    expect(await states()).toEqual(['waiting', 'done']);
  });
});

describe('a receiver that is down', () => {
  test('is asked after 1 s, doubling to 10 min, with one message', async () => {
    post.receive = () => down;
    await post.put(...Array.from({ length: 20 }, () => ({})));
    await post.tick();
    // Four were on their way before the first came back.
    expect(post.sent.length).toBeLessThanOrEqual(4);
    const times: number[] = [];
    for (let seconds = 0; seconds < 3600; seconds++) {
      const before = post.sent.length;
      await post.tick(1000);
      expect(post.sent.length - before).toBeLessThanOrEqual(1);
      if (post.sent.length > before) times.push(post.engine.clock.now());
    }
    const gaps = times.slice(1).map((time, i) => time - times[i]!);
    for (const [i, gap] of gaps.entries()) {
      const expected = Math.min(600_000, 1000 * 2 ** (i + 1));
      expect(gap).toBeGreaterThanOrEqual(expected * 0.8 - 1000);
      expect(gap).toBeLessThanOrEqual(Math.min(600_000, expected * 1.2) + 1000);
    }
    expect(gaps.at(-1)).toBeGreaterThan(400_000);
    post.receive = () => done;
    for (let i = 0; i < 4; i++) await post.tick(10 * minute);
    expect(new Set(await states())).toEqual(new Set(['done']));
  });

  test('does not hold another up: 2,000 messages behind it, few attempts, bounded memory', async () => {
    for (let i = 0; i < 2; i++) await post.put(...Array.from({ length: 1000 }, (_, k) => ({ brandId: 1, orderId: `order ${i} ${k % 500}` })));
    await post.put(...Array.from({ length: 200 }, (_, i) => ({ brandId: 2, orderId: `other ${i % 20}` })));
    post.receive = ({ lane }) => (lane === 'brand:1' ? down : done);
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    await post.tick();
    expect(post.sent.filter((sent) => sent.lane === 'brand:2')).toHaveLength(200);
    expect(post.sent.filter((sent) => sent.lane === 'brand:1').length).toBeLessThanOrEqual(4);
    for (let i = 0; i < 60; i++) await post.tick(minute);
    expect(post.sent.filter((sent) => sent.lane === 'brand:1').length).toBeLessThan(40);
    expect(post.most).toBeLessThanOrEqual(8);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 1024 * 1024);
    // And all of it arrives when it is back, in the order of each order.
    post.receive = () => done;
    post.sent.length = 0;
    for (let i = 0; i < 3; i++) await post.tick(10 * minute);
    expect(new Set(await states())).toEqual(new Set(['done']));
    const last = new Map<string, number>();
    for (const { row } of post.sent) {
      expect(row.id).toBeGreaterThan(last.get(row.orderId!) ?? 0);
      last.set(row.orderId!, row.id);
    }
  }, 120_000);

  test('one that hangs does not hold another up', async () => {
    let release = () => {};
    const hanging = new Promise<void>((go) => {
      release = go;
    });
    post.receive = async ({ lane }) => {
      if (lane === 'brand:1') await hanging;
      return done;
    };
    await post.put(...Array.from({ length: 10 }, () => ({ brandId: 1 })), ...Array.from({ length: 10 }, () => ({ brandId: 2 })));
    post.worker.wake();
    await expect.poll(async () => (await post.rows()).filter((row) => row.lane === 'brand:2' && row.state === 'done').length).toBe(10);
    expect(post.sent.filter((sent) => sent.lane === 'brand:1')).toHaveLength(4);
    release();
    await post.tick();
    expect(new Set(await states())).toEqual(new Set(['done']));
  });

  test('a message is given up after 48 hours, tried or not; one hour before it still arrives', async () => {
    post.receive = () => down;
    await post.put({}, {}, {}, {}, {}, {});
    await post.tick();
    await post.tick(47 * hour);
    await post.put({ payload: { text: 'young' } });
    expect(new Set(await states())).toEqual(new Set(['waiting']));
    await post.tick(hour);
    expect(await states()).toEqual(['dead', 'dead', 'dead', 'dead', 'dead', 'dead', 'waiting']);
    post.receive = () => done;
    await post.tick(10 * minute);
    expect((await states()).at(-1)).toBe('done');
  });

  test('it may say when to come back', async () => {
    post.receive = () => ({ ...down, retryAfter: 5 * minute });
    await post.put({});
    await post.tick();
    await post.tick(4 * minute);
    expect(post.sent).toHaveLength(1);
    await post.tick(minute);
    expect(post.sent).toHaveLength(2);
  });

  test('a clock that was set back silences nobody', async () => {
    post.receive = () => down;
    await post.put({});
    await post.tick();
    post.engine.clock.advance(-24 * hour);
    post.receive = () => done;
    await post.put({ payload: { text: 'new' } });
    await tidyOutbox(post.engine.ctx);
    await post.tick();
    expect(await states()).toEqual(['done', 'done']);
  });
});

describe('a message nobody takes', () => {
  test('is given up after twelve refusals', async () => {
    post.receive = () => broken;
    await post.put({});
    for (let i = 0; i < 20; i++) await post.tick(10 * minute);
    expect(await post.rows()).toMatchObject([{ state: 'dead', attempts: 12, last_error: 'It answers HTTP 500.' }]);
    expect(post.sent).toHaveLength(12);
  });

  test('attempts that did not reach the receiver are no refusals', async () => {
    post.receive = () => down;
    await post.put({});
    for (let i = 0; i < 30; i++) await post.tick(10 * minute);
    post.receive = () => broken;
    await post.tick(10 * minute);
    expect(await post.rows()).toMatchObject([{ state: 'waiting', attempts: 31 }]);
  });

  test('at once when trying again cannot help, and those behind it go on', async () => {
    post.receive = ({ text }) => (text === 'bad' ? never : done);
    await post.put({ orderId: 'A', payload: { text: 'bad' } }, { orderId: 'A', payload: { text: 'good' } });
    await post.tick();
    expect(await post.rows()).toMatchObject([{ state: 'dead', attempts: 1, last_error: 'It answers HTTP 400.' }, { state: 'done' }]);
  });

  test('refusals of some do not stop the rest', async () => {
    post.receive = ({ text }) => (text.startsWith('bad') ? broken : done);
    await post.put(...Array.from({ length: 5 }, (_, i) => ({ payload: { text: `bad${i}` } })), ...Array.from({ length: 20 }, () => ({})));
    for (let i = 0; i < 5; i++) await post.tick(5000);
    expect((await states()).filter((state) => state === 'done')).toHaveLength(20);
  });
});

describe('the end of the engine', () => {
  test('an attempt in hand is aborted, counts as not made, and comes again under the same identifier', async () => {
    post.receive = (_sent, signal) => new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')));
    });
    await post.put({}, {});
    post.worker.wake();
    await expect.poll(() => post.sent.length).toBe(2);
    const before = post.sent.map((sent) => sent.row.functionCallIdentifier);
    await post.worker.stop();
    expect(await post.rows()).toMatchObject([{ state: 'waiting', attempts: 0 }, { state: 'waiting', attempts: 0 }]);
    post.receive = () => done;
    post.sent.length = 0;
    await post.restart();
    await post.tick();
    expect(post.sent.map((sent) => sent.row.functionCallIdentifier).sort()).toEqual(before.sort());
    expect(new Set(before).size).toBe(2);
    expect(await states()).toEqual(['done', 'done']);
  });

  test('what arrived within the grace is written down', async () => {
    post.receive = async () => {
      await new Promise((soon) => setTimeout(soon, 10));
      return done;
    };
    await post.put({});
    post.worker.wake();
    await expect.poll(() => post.sent.length).toBe(1);
    await post.worker.stop();
    expect(await states()).toEqual(['done']);
  });

  test('a receiver that does not even end when aborted does not keep the engine', async () => {
    post.receive = () => new Promise(() => {});
    await post.put({});
    post.worker.wake();
    await expect.poll(() => post.sent.length).toBe(1);
    await post.worker.stop();
    expect(await states()).toEqual(['waiting']);
  });

  test('one worker an engine', async () => {
    expect(() => startOutbox(post.engine.ctx, [])).toThrow(/already/);
    await post.worker.stop();
    const second = startOutbox(post.engine.ctx, [], { poll: 0 });
    await second.stop();
  });
});

describe('old messages', () => {
  test('done and discarded ones go after 90 days, dead and waiting ones stay', async () => {
    post.receive = ({ text }) => (text === 'bad' ? never : text === 'late' ? down : done);
    await post.put({}, { payload: { text: 'bad' } }, { brandId: 2, payload: { text: 'late' } });
    await post.tick();
    await post.put({ brandId: 2, notBefore: post.engine.clock.now() + minute });
    const discarded = (await post.rows()).at(-1)!.id;
    await post.engine.ok('outbox.discard', { ids: [discarded], reason: 'not wanted' });
    await tidyOutbox(post.engine.ctx);
    expect(await states()).toEqual(['done', 'dead', 'waiting', 'discarded']);
    post.engine.clock.advance(90 * 24 * hour + 1);
    await tidyOutbox(post.engine.ctx);
    expect(await states()).toEqual(['dead', 'waiting']);
  });
});
