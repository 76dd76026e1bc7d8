import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DeskBridge } from '../../../src/shared/contract/bridge.ts';
import { contract } from '../../../src/shared/contract/index.ts';
import { call, DeskProblem, upload, useBridge } from '../../../src/renderer/app/client.ts';

const refused = (code: string) => ({ ok: false as const, error: { code, message: 'no', correlationId: 'c-1' } });
function fake(call: DeskBridge['call']): DeskBridge {
  return { host: 'console', call, upload: async () => ({ ok: true, data: { handle: `up_${'0'.repeat(32)}` } }), subscribe: () => () => {} };
}
afterEach(() => useBridge(undefined));

describe('a call', () => {
  it('of a query carries no command id', async () => {
    const asked = vi.fn<DeskBridge['call']>(async () => ({ ok: true, data: { rows: [] } }));
    useBridge(fake(asked));
    await call(contract.types.list, {});
    expect(asked).toHaveBeenCalledWith('types.list', {}, undefined);
  });
  it('of a command carries an id of its own, another each time', async () => {
    const asked = vi.fn<DeskBridge['call']>(async () => ({ ok: true, data: { orderId: 'o', state: 'released' } }));
    useBridge(fake(asked));
    await call(contract.orders.release, { orderId: 'o' });
    await call(contract.orders.release, { orderId: 'o' });
    const ids = asked.mock.calls.map((c) => c[2]);
    expect(new Set(ids).size).toBe(2);
    expect(ids.every((id) => typeof id === 'string' && id.length >= 32)).toBe(true);
  });
  it('of a command is sent again under the same id while the engine is away', async () => {
    let tries = 0;
    const asked = vi.fn<DeskBridge['call']>(async () => ((tries += 1) < 2 ? refused('ENGINE_UNAVAILABLE') : { ok: true, data: { orderId: 'o', state: 'released' } }));
    useBridge(fake(asked));
    await call(contract.orders.release, { orderId: 'o' });
    expect(asked).toHaveBeenCalledTimes(2);
    expect(asked.mock.calls[0]?.[2]).toBe(asked.mock.calls[1]?.[2]);
  });
  it('that is refused is not sent again, and throws the refusal', async () => {
    const asked = vi.fn<DeskBridge['call']>(async () => refused('TRANSITION_REFUSED'));
    useBridge(fake(asked));
    const problem = await call(contract.orders.release, { orderId: 'o' }).catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(DeskProblem);
    expect(problem).toMatchObject({ code: 'TRANSITION_REFUSED', correlationId: 'c-1' });
    expect(asked).toHaveBeenCalledTimes(1);
  });
  it('whose bridge breaks becomes a refusal with a code', async () => {
    useBridge(fake(async () => { throw new Error('pipe closed'); }));
    await expect(call(contract.types.list, {})).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  });
  it('hands bytes over for a handle', async () => {
    useBridge(fake(async () => refused('INTERNAL')));
    await expect(upload(new Uint8Array([1]))).resolves.toMatch(/^up_/);
  });
});
