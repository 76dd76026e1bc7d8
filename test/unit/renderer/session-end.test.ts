import { afterEach, describe, expect, it, vi } from 'vitest';
import { httpBridge } from '../../../src/renderer/app/http-bridge.ts';
import { forgetSessionEnd, sessionEnded } from '../../../src/renderer/app/session-end.ts';

const refusal = JSON.stringify({ ok: false, error: { code: 'NOT_PERMITTED', message: 'no', correlationId: 'c-1' } });
/** A server whose calls and whose page answer with these statuses; `undefined` is a broken connection. */
function serving(calls: number, page: number | undefined) {
  const asked = vi.fn(async (path: string) => {
    const status = path === '/' ? page : calls;
    if (status === undefined) throw new TypeError('connection refused');
    return new Response(status === 200 ? '{"ok":true,"data":{}}' : refusal, { status });
  });
  vi.stubGlobal('fetch', asked);
  return asked;
}
afterEach(() => {
  forgetSessionEnd();
  vi.unstubAllGlobals();
});

describe('a refused call of the console', () => {
  it('ends the page when the page itself is refused as well', async () => {
    serving(403, 403);
    await expect(httpBridge().call('workspace.status', {})).resolves.toMatchObject({ ok: false, error: { code: 'NOT_SIGNED_IN' } });
    expect(sessionEnded()).toBe(true);
  });
  it('ends the page at once when nobody is signed in', async () => {
    const asked = serving(401, 200);
    await httpBridge().call('workspace.status', {});
    expect(sessionEnded()).toBe(true);
    expect(asked).toHaveBeenCalledTimes(1);
  });
  it('stays a refusal while the page is served', async () => {
    serving(403, 200);
    await expect(httpBridge().call('audit.list', {})).resolves.toMatchObject({ ok: false, error: { code: 'NOT_PERMITTED' } });
    expect(sessionEnded()).toBe(false);
  });
  it('does not take an engine that is away for an end', async () => {
    serving(403, undefined);
    await httpBridge().call('audit.list', {});
    expect(sessionEnded()).toBe(false);
  });
  it('asks nothing any more afterwards', async () => {
    const asked = serving(403, 403);
    const bridge = httpBridge();
    await bridge.call('workspace.status', {});
    asked.mockClear();
    await bridge.call('orders.list', {});
    expect(asked).not.toHaveBeenCalled();
  });
});
