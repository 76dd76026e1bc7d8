/** kill -9 of engine, vault and host at random moments under load: what was acknowledged is there afterwards. */
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createSession } from '../../../src/main/commands/session.ts';
import { openDevice, keepDevice, labEid, loadPki } from '../../../src/main/commands/lab-folder.ts';
import { createOutput } from '../../../src/main/commands/output.ts';
import { ensureSampleType, sampleStockFile, sampleType } from '../../../src/main/commands/sample.ts';
import { connectEngine, EngineUnreachable } from '../../../src/main/hosting/client.ts';
import { openWorkspaceFolder } from '../../../src/main/hosting/workspace-folder.ts';
import { deliverNotifications, download, VirtualEuicc } from '../../../src/main/lab/device/index.ts';
import { contract } from '../../../src/shared/contract/index.ts';
import type { InputOf, OutputOf, Procedure } from '../../../src/shared/contract/define.ts';
import { cleanUp, ensureBuilt, isAlive, kill, must, newFolder, seeded, serve, type Serving, until } from './product.ts';

beforeAll(ensureBuilt);
afterEach(cleanUp);
afterAll(cleanUp);

const stock = 120;
const devices = 3;
const kills = 7;
/** Another one is tried by setting it; a failing run names its own. */
const seed = Number(process.env['CRASH_SEED'] ?? 20261122);

interface Sold { readonly orderId: string; readonly iccid: string; readonly activationCode: string; installed?: boolean; notified?: boolean }

async function stocked(workspace: string): Promise<Serving> {
  const serving = await serve(workspace, ['--es9plus', '127.0.0.1:0']);
  const folder = openWorkspaceFolder(workspace);
  const client = connectEngine(folder.engineSocket, 'cli');
  const session = createSession({ folder, client, close: () => Promise.resolve() }, createOutput(true));
  await ensureSampleType(session);
  const report = await session.call(contract.stock.importFile, { file: await session.uploadBytes(sampleStockFile(stock)), fileName: 'stock.csv', type: sampleType });
  if (report.job) await session.finish(report.job);
  await session.finish(await session.call(contract.stock.prepare, { type: sampleType, count: stock }));
  return serving;
}

/** A command with its id, sent again until it is answered: as a window does, and an operator's script. */
async function insist<P extends Procedure>(socket: string, procedure: P, input: InputOf<P>): Promise<OutputOf<P>> {
  const client = connectEngine(socket, 'cli');
  const commandId = randomUUID();
  for (let attempt = 0; attempt < 400; attempt++) {
    try {
      const reply = await client.call(procedure, input, commandId);
      if (reply.ok) return reply.data;
      if (!['VAULT_UNAVAILABLE', 'ENGINE_UNAVAILABLE'].includes(reply.error.code)) throw new Error(`${procedure.name}: ${reply.error.code} ${reply.error.message}`);
    } catch (error) {
      if (!(error instanceof EngineUnreachable)) throw error;
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`${procedure.name} was never answered`);
}

test(`a flood of orders and downloads survives ${kills} kills and the host's (seed ${seed})`, { timeout: 180_000 }, async () => {
  const random = seeded(seed);
  const workspace = newFolder();
  let serving = await stocked(workspace);
  const { port } = serving.ready.es9plus[0]!;
  const socket = openWorkspaceFolder(workspace).engineSocket;
  const ca = loadPki(workspace, 'P-256')!.ci.certificate;
  const sold: Sold[] = [];
  let over = false;
  const errors: unknown[] = [];

  const sell = async () => {
    while (!over && sold.length < stock - 10) {
      sold.push(await insist(socket, contract.orders.create, { type: sampleType }));
      await new Promise((done) => setTimeout(done, 15));
    }
  };
  const fetch = async (number: number) => {
    const state = openDevice(workspace, labEid(100 + number));
    const device = new VirtualEuicc(state, { now: () => new Date(), random: randomBytes });
    const tls = { caCertificate: ca, connectTo: { host: '127.0.0.1', port } };
    let next = number;
    while (!over) {
      const order = sold[next];
      if (!order) {
        await new Promise((done) => setTimeout(done, 30));
        continue;
      }
      next += devices;
      const outcome = await download({ activationCode: `LPA:${order.activationCode}`, device, tls, clock: () => performance.now() });
      if (outcome.ok) {
        order.installed = true;
        order.notified = outcome.steps.at(-1)?.name === 'handleNotification' && outcome.steps.at(-1)?.status === 'ok';
      }
      keepDevice(workspace, state);
    }
  };
  const work = [sell(), sell(), ...Array.from({ length: devices }, (_, i) => fetch(i))].map((one) => one.catch((error: unknown) => {
    errors.push(error);
    over = true;
  }));

  for (let i = 0; i < kills && !over; i++) {
    await new Promise((done) => setTimeout(done, 250 + random() * 1_500));
    const parts = serving.parts();
    const part = random() < 0.6 ? 'engine' : 'vault';
    // A part that is just being started is killed as well: the supervisor must get over that too.
    if (parts[part] > 0) kill(parts[part]);
  }
  await until('the supervisor started both again', async () => {
    const parts = serving.parts();
    const status = await connectEngine(socket, 'cli').call(contract.workspace.status, {}).catch(() => undefined);
    return parts.engine > 0 && parts.vault > 0 && status?.ok === true && status.data.listeners.some((one) => one.state === 'listening' && one.port === port);
  });
  // However slow the machine: some downloads come through.
  await until('downloads go on', () => over || sold.filter((one) => one.installed).length > 5, 60_000);

  // And the host, in the middle of it all.
  const parts = serving.parts();
  serving.child.kill('SIGKILL');
  await until('engine and vault ended with their host', () => !isAlive(parts.engine) && !isAlive(parts.vault), 5_000);
  over = true;
  serving = await serve(workspace, ['--es9plus', `127.0.0.1:${port}`]);
  await Promise.all(work);
  expect(errors).toEqual([]);

  // Everything that was answered is there, and nothing was sold twice.
  expect(sold.length).toBeGreaterThan(20);
  expect(new Set(sold.map((one) => one.iccid)).size).toBe(sold.length);
  expect(new Set(sold.map((one) => one.orderId)).size).toBe(sold.length);
  // Repeated under its id, a command was done once: no order that nobody was told of.
  const listed = await connectEngine(socket, 'cli').call(contract.orders.list, { limit: 500 });
  if (!listed.ok) throw new Error(listed.error.message);
  expect(listed.data.rows.map((row) => row.orderId).sort()).toEqual(sold.map((one) => one.orderId).sort());
  const installed = sold.filter((one) => one.installed);
  expect(installed.length).toBeGreaterThan(3);

  // Devices hand in what they could not deliver; then both sides agree on every single profile.
  const held = new Map<string, string>();
  for (let number = 0; number < devices; number++) {
    const state = openDevice(workspace, labEid(100 + number));
    const device = new VirtualEuicc(state, { now: () => new Date(), random: randomBytes });
    await deliverNotifications({ device, tls: { caCertificate: ca, connectTo: { host: '127.0.0.1', port } } });
    for (const { iccid } of state.profiles) {
      expect([iccid, held.get(iccid)]).toEqual([iccid, undefined]);
      held.set(iccid, state.eid);
    }
  }
  const client = connectEngine(socket, 'cli');
  for (const order of sold) {
    const reply = await client.call(contract.orders.show, { orderId: order.orderId });
    if (!reply.ok) throw new Error(`order ${order.orderId} is gone: ${reply.error.message}`);
    expect(reply.data.iccid).toBe(order.iccid);
    expect(`1$${reply.data.delivery?.smdpAddress ?? ''}$${reply.data.matchingId}`).toBe(reply.data.delivery ? order.activationCode : '1$$' + reply.data.matchingId);
    if (held.has(order.iccid)) expect([order.iccid, reply.data.state, reply.data.eid]).toEqual([order.iccid, 'installed', held.get(order.iccid)]);
    else expect(['released', 'downloaded', 'error', 'unavailable']).toContain(reply.data.state);
    if (order.notified) expect(reply.data.state).toBe('installed');
  }
  const chain = await must<{ verified: boolean; records: number }>(['audit', 'verify', '--workspace', workspace]);
  expect(chain.verified).toBe(true);
  expect(chain.records).toBeGreaterThan(sold.length);
  expect(await serving.stop()).toEqual({ code: 0, signal: null });
});

test('engine and vault come back by themselves, on the same ports, and a command waits for them', async () => {
  const workspace = newFolder();
  const serving = await serve(workspace, ['--es9plus', '127.0.0.1:0', '--console', '127.0.0.1:0']);
  const before = serving.parts();
  kill(before.engine);
  await until('another engine answers', async () => {
    const { engine } = serving.parts();
    return engine > 0 && engine !== before.engine && /The console is now at http:/.test(serving.stderr());
  });
  const status = await connectEngine(openWorkspaceFolder(workspace).engineSocket, 'cli').call(contract.workspace.status, {});
  if (!status.ok) throw new Error(status.error.message);
  const ports = status.data.listeners.map((one) => one.port).sort();
  expect(ports).toEqual([serving.ready.es9plus[0]!.port, Number(new URL(serving.ready.console!).port)].sort());
  // The old address is spent, the printed one opens.
  const url = /The console is now at (\S+)/.exec(serving.stderr())![1]!;
  expect((await fetch(serving.ready.console!, { redirect: 'manual' })).status).toBe(403);
  expect((await fetch(url, { redirect: 'manual' })).status).toBe(302);
  kill(before.vault);
  await until('another vault runs', () => serving.stderr().includes('vault restarted'));
  await until('the engine uses it', async () => (await must<{ rows: unknown[] }>(['pki', 'list', '--workspace', workspace])).rows.length > 0);
  expect(serving.stderr()).toContain('engine died (SIGKILL)');
  expect(await serving.stop()).toEqual({ code: 0, signal: null });
});
