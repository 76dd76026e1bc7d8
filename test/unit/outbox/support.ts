/** An engine with nothing but an outbox, and a receiver made of a function. */
import { enqueue, type OutboxDelivery, type OutboxHandler, type OutboxMessage, type OutboxOutcome, type OutboxWorker, procedures, startOutbox } from '../../../src/main/engine/outbox/index.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { openTestEngine } from '../../support/engine.ts';
import type { TestEngine } from '../../support/engine.ts';

export const done: OutboxOutcome = { done: true };
export const down: OutboxOutcome = { done: false, why: 'Nothing listens there.', unreachable: true };
export const broken: OutboxOutcome = { done: false, why: 'It answers HTTP 500.' };
export const never: OutboxOutcome = { done: false, why: 'It answers HTTP 400.', permanent: true };

export interface Sent { readonly at: number; readonly lane: string; readonly text: string; readonly row: OutboxDelivery }

export interface Post {
  readonly engine: TestEngine;
  readonly sent: Sent[];
  /** Most attempts in hand at once. */
  most: number;
  /** What the receiver of a lane does. */
  receive: (sent: Sent, signal: AbortSignal) => OutboxOutcome | Promise<OutboxOutcome>;
  worker: OutboxWorker;
  /** Looks, and waits until all that is due was tried. */
  tick(milliseconds?: number): Promise<void>;
  put(...messages: Partial<OutboxMessage>[]): Promise<void>;
  rows(): Promise<{ id: number; state: string; attempts: number; last_error: string | null; next_at: number; lane: string; dedupe: string }[]>;
  /** A new process on the same workspace. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function openPost(): Promise<Post> {
  let n = 0;
  let active = 0;
  const handler: OutboxHandler = {
    kind: 'test.say',
    async deliver(ctx, row, signal) {
      const { text } = row.payload as { text: string };
      const sent: Sent = { at: ctx.clock.now(), lane: `brand:${row.brandId}`, text, row };
      post.sent.push(sent);
      post.most = Math.max(post.most, ++active);
      try {
        // A receiver is never at once.
        await new Promise((soon) => setImmediate(soon));
        return await post.receive(sent, signal);
      } finally {
        active -= 1;
      }
    },
    describe: async (_ctx, row) => ({ target: 'https://receiver.example', body: JSON.stringify(row.payload) }),
  };
  const first = await openTestEngine({ procedures: procedures([handler]), jobKinds: [] });
  const engines: TestEngine[] = [first];
  const start = (engine: TestEngine) => startOutbox(engine.ctx, [handler], { poll: 0, grace: 50 });
  const post: Post = {
    engine: first, sent: [], most: 0, receive: () => done, worker: start(first),
    async tick(milliseconds = 0) {
      post.engine.clock.advance(milliseconds);
      await post.worker.idle();
    },
    async put(...messages) {
      await write(post.engine.ctx, async (tx) => {
        for (const message of messages) {
          n += 1;
          const payload = message.payload ?? { text: `m${n}` };
          await enqueue(tx, { kind: 'test.say', dedupe: `key ${n}`, summary: `message ${n}`, brandId: 1, at: post.engine.clock.now(), ...message, payload });
        }
      });
    },
    rows: () => post.engine.ctx.reader.selectFrom('outbox').select(['id', 'state', 'attempts', 'last_error', 'next_at', 'lane', 'dedupe']).orderBy('id').execute(),
    async restart() {
      await post.worker.stop();
      const again = await post.engine.reopen();
      engines.push(again);
      Object.assign(post, { engine: again, worker: start(again) });
    },
    async close() {
      await post.worker.stop();
      await post.engine.close();
    },
  };
  return post;
}
