/** A job is followed through an engine that goes away and comes back. */
import { expect, test, vi } from 'vitest';
import { createOutput } from '../../../src/main/commands/output.ts';
import { createSession } from '../../../src/main/commands/session.ts';
import { EngineUnreachable } from '../../../src/main/hosting/client.ts';
import type { Host } from '../../../src/main/hosting/host.ts';
import type { JobView } from '../../../src/shared/contract/profiles.ts';

const job = { id: 'job-1', kind: 'prepare', title: 'Prepare', state: 'running', done: 10, total: 100 } as JobView;
const failure = (code: string) => ({ ok: false, error: { code, message: 'away', correlationId: 'c' } });

/** An engine that gives these answers in turn, the last one for ever. */
function following(answers: (() => unknown)[], patience?: number) {
  let asked = 0;
  const ids: unknown[] = [];
  const call = vi.fn((_procedure: unknown, input: { id: string }) => {
    ids.push(input.id);
    return Promise.resolve().then(answers[Math.min(asked++, answers.length - 1)]);
  });
  const session = createSession({ client: { call } } as unknown as Host, createOutput(true), patience);
  return { finished: session.finish(job), ids };
}
const away = () => {
  throw new EngineUnreachable('ECONNREFUSED');
};

test('an engine that was away for a while: the same job is asked for until it is done', async () => {
  const { finished, ids } = following([away, () => failure('VAULT_UNAVAILABLE'), () => ({ ok: true, data: { ...job, done: 60 } }), away, () => ({ ok: true, data: { ...job, state: 'done', done: 100 } })]);
  expect(await finished).toMatchObject({ state: 'done', done: 100 });
  expect(ids).toEqual(Array.from({ length: 5 }, () => 'job-1'));
});

test('one that stays away: said in the end, with the job, and without asking for it twice', async () => {
  const { finished } = following([away], 0);
  await expect(finished).rejects.toMatchObject({ error: { code: 'ENGINE_UNAVAILABLE', message: expect.stringContaining('job-1') as string, hint: expect.stringContaining('do not start it a second time') as string } });
});

test('a refusal is one at once', async () => {
  await expect(following([() => failure('NOT_FOUND')]).finished).rejects.toMatchObject({ error: { code: 'NOT_FOUND' } });
});
