import { QueryObserver } from '@tanstack/react-query';
import { describe, expect, it } from 'vitest';
import { invalidateArea, makeQueryClient } from '../../../src/renderer/app/queries.ts';

describe('a change of an area', () => {
  const slow = () => {
    const client = makeQueryClient();
    const waiting: (() => void)[] = [];
    let asked = 0;
    const observer = new QueryObserver(client, { queryKey: ['jobs.list', {}], queryFn: () => { asked += 1; const n = asked; return new Promise<number>((done) => waiting.push(() => done(n))); } });
    const stop = observer.subscribe(() => undefined);
    const answer = async (): Promise<void> => {
      for (const done of waiting.splice(0)) done();
      await new Promise((done) => setTimeout(done, 0));
    };
    return { client, answer, asked: () => asked, shown: () => observer.getCurrentResult().data, stop };
  };
  it('never asks a question twice at once, however often it comes while the engine is busy', async () => {
    const { client, asked, answer, shown, stop } = slow();
    await answer();
    for (let n = 0; n < 20; n++) {
      void invalidateArea(client, 'jobs');
      await new Promise((done) => setTimeout(done, 0));
    }
    expect(asked()).toBe(2);
    await answer();
    await answer();
    // What was under way may have been of before: it was asked once more, not twenty times.
    expect(asked()).toBeLessThanOrEqual(3);
    await answer();
    expect(shown()).toBe(asked());
    stop();
  });
  it('asks again after an answer that was under way when it came', async () => {
    const { client, asked, answer, shown, stop } = slow();
    void invalidateArea(client, 'jobs');
    expect(asked()).toBe(1);
    await answer();
    await answer();
    expect(asked()).toBe(2);
    expect(shown()).toBe(2);
    stop();
  });
  it('leaves what it does not touch alone', async () => {
    const { client, asked, answer, stop } = slow();
    await answer();
    await invalidateArea(client, 'types');
    expect(asked()).toBe(1);
    stop();
  });
});
