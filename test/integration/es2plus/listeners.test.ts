import { afterEach, expect, test } from 'vitest';
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
const es2plus = () => engine.ctx.runtime.listeners.filter((l) => l.kind === 'es2plus');

test('an ES2+ listener opens by itself when its certificates come, beside ES9+', async () => {
  engine = await openTestEngine({ vault: 'in-process', clock: testClock(Date.now()) });
  const listening = await startListeners(engine.ctx, { es9plus: [{ host: '127.0.0.1', port: 0 }], es2plus: [{ host: '127.0.0.1', port: 0 }] });
  close = () => listening.close();
  expect(listening.es2plus).toEqual([]);
  expect(es2plus()).toMatchObject([{ state: 'failed', message: expect.any(String) }]);
  const opened = new Promise<void>((done) => engine.ctx.runtime.subscribe(() => { if (es2plus()[0]?.state === 'listening') done(); }));
  await importLab();
  await opened;
  expect(es2plus()).toMatchObject([{ state: 'listening', identities: ['lab'], port: expect.any(Number) }]);
  expect(engine.ctx.runtime.listeners.map((l) => l.kind)).toEqual(['es9plus', 'es2plus']);
});

test('ES2+ alone does not become the address of activation codes; a taken port and an unknown identity are refused', async () => {
  engine = await openTestEngine({ vault: 'in-process', clock: testClock(Date.now()) });
  await importLab();
  const before = engine.ctx.runtime.settings.smdpAddress;
  const listening = await startListeners(engine.ctx, { es9plus: [], es2plus: [{ host: '127.0.0.1', port: 0, identity: 'lab' }] });
  close = () => listening.close();
  expect(listening.es2plus).toEqual([{ host: '127.0.0.1', port: expect.any(Number) }]);
  expect(engine.ctx.runtime.settings.smdpAddress).toBe(before);
  const { port } = listening.es2plus[0]!;
  await expect(startListeners(engine.ctx, { es9plus: [{ host: '127.0.0.1', port: 0 }], es2plus: [{ host: '127.0.0.1', port }] })).rejects.toMatchObject({ code: 'LISTENER_FAILED' });
  await expect(startListeners(engine.ctx, { es9plus: [], es2plus: [{ host: '127.0.0.1', port: 0, identity: 'nobody' }] })).rejects.toMatchObject({ code: 'IDENTITY_UNKNOWN' });
});
