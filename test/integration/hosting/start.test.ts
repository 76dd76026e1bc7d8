/** `npm start` where no window can be opened: one sentence why, and the same application in the browser. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { whyNoWindow } from '../../../src/main/hosting/electron-runtime.ts';
import { cleanUp, ensureBuilt, newFolder, start, until } from './product.ts';

beforeAll(ensureBuilt);
afterAll(cleanUp);

const root = process.getuid?.() === 0;

test('says why there is no window, makes the sample and serves the console', async () => {
  // As root the display does not help; as anybody else there is none.
  const running = start(['start', '--workspace', newFolder()], { env: root ? { DISPLAY: ':99' } : {} });
  await until('the console is offered', () => /^Open http:\/\/127\.0\.0\.1:\d+\/\?token=/m.test(running.stdout()), 60_000);
  expect(running.stderr()).toContain(`No window: ${root ? 'the window\'s sandbox does not work as root' : 'this machine has no display'}. The same application is served`);
  expect(running.stdout().trim().split('\n')).toHaveLength(1);
  expect(running.stderr()).toMatch(/Workspace  \/[^]+ES9\+ {7}https:\/\/127\.0\.0\.1:\d+ \(lab\)[^]+Console    http[^]+Ctrl\+C stops it/);
  const opened = await fetch(/http\S+/.exec(running.stdout())![0], { redirect: 'manual' });
  expect(opened.status).toBe(302);
  const { origin } = new URL(/http\S+/.exec(running.stdout())![0]);
  const answer = await fetch(`${origin}/rpc/workspace.home`, { method: 'POST', headers: { cookie: opened.headers.get('set-cookie')!.split(';')[0]!, 'content-type': 'application/json' }, body: '{"input":{}}' });
  const home = await answer.json() as { data: { profiles: number; activations: { installed: number } } };
  expect(home.data.profiles).toBeGreaterThan(0);
  expect(home.data.activations.installed).toBe(1);
  running.child.kill('SIGTERM');
  expect(await running.gone).toEqual({ code: 0, signal: null });
});

test('a window needs a display and somebody who is not root', () => {
  expect(whyNoWindow({})).toBe('this machine has no display');
  expect(whyNoWindow({ DISPLAY: ':0' })).toBe(root ? 'the window\'s sandbox does not work as root' : undefined);
});
