/** The built product with --es2plus: the ready line, a brand from the command line, kill -9 of the engine between two calls. */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createSession } from '../../../src/main/commands/session.ts';
import { createOutput } from '../../../src/main/commands/output.ts';
import { ensureSampleType, sampleStockFile, sampleType } from '../../../src/main/commands/sample.ts';
import { connectEngine } from '../../../src/main/hosting/client.ts';
import { openWorkspaceFolder } from '../../../src/main/hosting/workspace-folder.ts';
import { callEs2plus } from '../../../src/main/lab/operator/index.ts';
import type { Es2plusAnswer } from '../../../src/main/lab/operator/index.ts';
import { certificatePem } from '../../../src/main/lab/pki/index.ts';
import { cleanUp, ensureBuilt, kill, must, newFolder, serve, until } from '../hosting/product.ts';
import { brandCa, brandClient } from './support.ts';

beforeAll(ensureBuilt);
afterEach(cleanUp);
afterAll(cleanUp);

const STOCK = 40;

test('brands order while the engine is killed again and again: every answer once given stays', { timeout: 180_000 }, async () => {
  const workspace = newFolder();
  const serving = await serve(workspace, ['--es9plus', '127.0.0.1:0', '--es2plus', '127.0.0.1:0']);
  const { es2plus } = serving.ready as unknown as { es2plus: { host: string; port: number }[] };
  expect(es2plus).toEqual([{ host: '127.0.0.1', port: expect.any(Number) }]);
  const { port } = es2plus[0]!;
  const folder = openWorkspaceFolder(workspace);
  const session = createSession({ folder, client: connectEngine(folder.engineSocket, 'cli'), close: () => Promise.resolve() }, createOutput(true));
  await ensureSampleType(session);
  const { contract } = await import('../../../src/shared/contract/index.ts');
  const report = await session.call(contract.stock.importFile, { file: await session.uploadBytes(sampleStockFile(STOCK)), fileName: 'stock.csv', type: sampleType });
  if (report.job) await session.finish(report.job);
  await session.finish(await session.call(contract.stock.prepare, { type: sampleType, count: STOCK }));
  const caFile = join(workspace, 'brand-ca.pem');
  writeFileSync(caFile, certificatePem(brandCa.certificate));
  await must(['brand', 'add', 'Acme', '--client-ca', caFile, '--types', '*', '--workspace', workspace]);
  const status = await session.call(contract.workspace.status, {});
  expect(status.listeners.find((one) => one.kind === 'es2plus')).toMatchObject({ state: 'listening', port });

  const client = { host: '127.0.0.1', port, cert: brandClient.cert, key: brandClient.key, timeout: 5000 };
  /** Sent again under its own call id until it is answered. */
  const insist = async (name: string, body: object): Promise<Es2plusAnswer> => {
    const functionCallIdentifier = randomUUID();
    for (let attempt = 0; attempt < 300; attempt++) {
      try {
        const answer = await callEs2plus({ ...client, functionCallIdentifier }, name, body as Record<string, unknown>);
        // The vault may come later than the listener.
        if (answer.status === 200 && answer.code !== '1.2/4.2') return answer;
      } catch {
        // The engine is away.
      }
      await new Promise((next) => setTimeout(next, 50));
    }
    throw new Error(`${name} was never answered`);
  };
  const confirmed: Record<string, unknown>[] = [];
  let over = false;
  const order = async (): Promise<void> => {
    while (!over && confirmed.length < STOCK - 8) {
      const reserved = await insist('downloadOrder', { profileType: sampleType });
      expect(reserved.code, reserved.text).toBe('ok');
      const answer = await insist('confirmOrder', { iccid: reserved.body!['iccid'], releaseFlag: true, ...(confirmed.length % 2 ? { confirmationCode: '4711' } : {}) });
      expect(answer.code, answer.text).toBe('ok');
      confirmed.push({ iccid: reserved.body!['iccid'], ...answer.body });
    }
  };
  const work = Promise.all([order(), order(), order()]);
  for (let round = 0; round < 3; round++) {
    const wanted = confirmed.length + 4;
    await until('more orders', () => confirmed.length >= wanted || confirmed.length >= STOCK - 8, 60_000);
    const { engine } = serving.parts();
    kill(engine);
    await until('another engine', () => ![0, engine].includes(serving.parts().engine), 60_000);
  }
  await until('the rest', () => confirmed.length >= 20, 60_000);
  over = true;
  await work;
  expect(new Set(confirmed.map((one) => one['iccid'])).size).toBe(confirmed.length);
  expect(new Set(confirmed.map((one) => one['matchingId'])).size).toBe(confirmed.length);
  const { rows } = await session.call(contract.orders.list, { limit: 500 });
  for (const { iccid, matchingId } of confirmed) {
    const found = rows.filter((row) => row.iccid === iccid);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ matchingId, state: 'released', brand: 'Acme' });
  }
  // Nothing was reserved twice on the way: what is not confirmed is at most what was in hand at the end.
  expect(rows.length).toBe(confirmed.length);
  expect((await serving.stop()).code).toBe(0);
});
