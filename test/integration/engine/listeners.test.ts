import { afterEach, describe, expect, it } from 'vitest';
import { startListeners } from '../../../src/main/engine/listeners.ts';
import { createLabPki } from '../../../src/main/lab/pki/index.ts';
import { openTestEngine, seededRandom, type TestEngine, testClock } from '../../support/engine.ts';

let engine: TestEngine;
let close: (() => Promise<void>) | undefined;
afterEach(async () => {
  await close?.();
  close = undefined;
  await engine.close();
});

const importLab = async () => {
  const pki = createLabPki({ curve: 'P-256', oid: '2.999.10', tlsNames: ['localhost', '127.0.0.1'], now: new Date(), random: seededRandom('listeners') });
  const put = (bytes: Uint8Array) => engine.ctx.uploads.put(Uint8Array.from(bytes));
  await engine.ok('pki.import', { identity: 'lab', role: 'ci', certificate: put(pki.ci.certificate) });
  for (const [role, issued] of [['dpauth', pki.dpauth], ['dppb', pki.dppb], ['tls', pki.dptls]] as const) {
    await engine.ok('pki.import', { identity: 'lab', role, certificate: put(issued.certificate), key: put(issued.privateKeyPkcs8) });
  }
};
const es9plus = () => engine.ctx.runtime.listeners.filter((l) => l.kind === 'es9plus');

describe('ES9+ listeners', () => {
  it('open by themselves when their certificates come', async () => {
    engine = await openTestEngine({ vault: 'in-process', clock: testClock(Date.now()) });
    const listening = await startListeners(engine.ctx, { es9plus: [{ host: '127.0.0.1', port: 0 }] });
    close = () => listening.close();
    expect(listening.es9plus).toEqual([]);
    expect(es9plus()).toMatchObject([{ state: 'failed' }]);
    const opened = new Promise<void>((done) => engine.ctx.runtime.subscribe(() => { if (es9plus()[0]?.state === 'listening') done(); }));
    await importLab();
    await opened;
    expect(es9plus()).toMatchObject([{ state: 'listening', identities: ['lab'], port: expect.any(Number) }]);
    // Nobody chose an address: activation codes point here.
    expect(engine.ctx.runtime.settings.smdpAddress).toBe(`127.0.0.1:${es9plus()[0]!.port}`);
  });
  it('on an address that is taken are refused, and those opened before are closed again', async () => {
    engine = await openTestEngine({ vault: 'in-process', clock: testClock(Date.now()) });
    await importLab();
    const first = await startListeners(engine.ctx, { es9plus: [{ host: '127.0.0.1', port: 0 }] });
    close = () => first.close();
    const port = first.es9plus[0]!.port;
    await expect(startListeners(engine.ctx, { es9plus: [{ host: '127.0.0.1', port: 0 }, { host: '127.0.0.1', port }] })).rejects.toMatchObject({ code: 'LISTENER_FAILED' });
    await expect(startListeners(engine.ctx, { es9plus: [{ host: '127.0.0.1', port: 0, identities: ['nobody'] }] })).rejects.toMatchObject({ code: 'IDENTITY_UNKNOWN' });
    // A chosen address stays.
    await engine.ok('workspace.saveSettings', { settings: { smdpAddress: 'smdp.example' } });
    const second = await startListeners(engine.ctx, { es9plus: [{ host: '127.0.0.1', port: 0 }] });
    await second.close();
    expect(engine.ctx.runtime.settings.smdpAddress).toBe('smdp.example');
  });
});
