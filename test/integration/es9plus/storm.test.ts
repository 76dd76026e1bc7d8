/** A storm from 64 addresses against the product as it ships, and twenty honest devices in the middle of it. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { labEid, loadPki } from '../../../src/main/commands/lab-folder.ts';
import { createOutput } from '../../../src/main/commands/output.ts';
import { ensureSampleType, sampleStockFile, sampleType } from '../../../src/main/commands/sample.ts';
import { createSession } from '../../../src/main/commands/session.ts';
import { connectEngine } from '../../../src/main/hosting/client.ts';
import { openWorkspaceFolder } from '../../../src/main/hosting/workspace-folder.ts';
import { createDevice, download, VirtualEuicc } from '../../../src/main/lab/device/index.ts';
import { contract } from '../../../src/shared/contract/index.ts';
import { cleanUp, ensureBuilt, newFolder, serve, until } from '../hosting/product.ts';

beforeAll(ensureBuilt);
afterAll(cleanUp);

const HONEST = 20;
const ADDRESSES = 64;
/** Half-open connections of each address; the listener allows 100. */
const HELD = 8;
/** Resident memory of the engine, in MiB: some 115 at rest. Generous, because it is a bound and not a figure. */
const MOST_MEMORY = 450;
/** Loops of each kind side by side. */
const AT_ONCE = 2;

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const addressOf = (n: number): string => `127.0.0.${2 + (n % ADDRESSES)}`;
const residentMiB = (pid: number): number => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

interface Storm { readonly counts: Record<string, number>; stop(): Promise<void> }

function startStorm(port: number, smdpAddress: string, chipOf: (serial: number) => VirtualEuicc, tls: { caCertificate: Uint8Array; connectTo: { host: string; port: number } }): Storm {
  const counts: Record<string, number> = { garbage: 0, held: 0, junk: 0, notifications: 0, opened: 0, scanned: 0, slow: 0 };
  let over = false;
  const held = new Set<Socket>();
  const agents = Array.from({ length: ADDRESSES }, (_, n) => new Agent({ keepAlive: true, maxSockets: 2, localAddress: addressOf(n), rejectUnauthorized: false }));

  const raw = (n: number, octets: Uint8Array): Promise<void> => new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port, localAddress: addressOf(n) }, () => socket.end(octets));
    socket.resume();
    socket.on('error', () => done());
    socket.on('close', () => done());
    socket.setTimeout(3000, () => socket.destroy());
  });
  const post = (n: number, path: string, body: Uint8Array | string, type = 'application/json'): Promise<number> => new Promise((done) => {
    const out = request({ agent: agents[n % ADDRESSES]!, host: '127.0.0.1', port, path, method: 'POST', headers: { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) } }, (incoming) => {
      incoming.resume();
      incoming.on('end', () => done(incoming.statusCode ?? 0));
      incoming.on('error', () => done(0));
    });
    out.on('error', () => done(0));
    out.setTimeout(5000, () => out.destroy());
    out.end(body);
  });
  const loop = async (name: string, one: (n: number) => Promise<unknown>, pause: number, at = 0): Promise<void> => {
    for (let n = at; !over; n += AT_ONCE) {
      await one(n);
      counts[name]! += 1;
      await wait(pause);
    }
  };
  const loops = (name: string, one: (n: number) => Promise<unknown>, pause: number): Promise<void>[] => Array.from({ length: AT_ONCE }, (_, at) => loop(name, one, pause, at));

  const opener = chipOf(900);
  const work = [
    ...loops('garbage', (n) => raw(n, n % 2 ? randomBytes(600) : Buffer.concat([Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252]), randomBytes(500)])), 3),
    loop('held', async (n) => {
      if (held.size > ADDRESSES * HELD) return wait(20);
      const socket = connect({ host: '127.0.0.1', port, localAddress: addressOf(n) });
      held.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => held.delete(socket));
      if (n % 3 === 0) socket.write(Buffer.from([22, 3, 1]));
    }, 2),
    ...loops('junk', (n) => post(n, n % 2 ? '/gsma/rsp2/asn1' : '/gsma/rsp2/es9plus/authenticateClient', n % 3 ? randomBytes(2000) : `{"a":${'['.repeat(9000)}${']'.repeat(9000)}}`,
      n % 2 ? 'application/x-gsma-rsp-asn1' : 'application/json'), 3),
    ...loops('notifications', (n) => {
      const der = Buffer.concat([Buffer.from('bf3770bf276080', 'hex'), Buffer.from([16]), randomBytes(120)]);
      return post(n, '/gsma/rsp2/es9plus/handleNotification', JSON.stringify({ pendingNotification: der.toString('base64') }));
    }, 3),
    ...loops('opened', (n) => post(n, '/gsma/rsp2/es9plus/initiateAuthentication', JSON.stringify({
      euiccChallenge: randomBytes(16).toString('base64'), euiccInfo1: Buffer.from(opener.euiccInfo1()).toString('base64'), smdpAddress,
    })), 3),
    ...loops('slow', (n) => new Promise<void>((done) => {
      const out = request({ agent: agents[n % ADDRESSES]!, host: '127.0.0.1', port, path: '/gsma/rsp2/es9plus/cancelSession', method: 'POST', headers: { 'Content-Type': 'application/json', 'Content-Length': 60_000 } });
      out.on('error', () => undefined);
      out.write(' '.repeat(30_000));
      setTimeout(() => {
        out.destroy();
        done();
      }, 400);
    }), 1),
    ...[0, 1, 2].map((i) => loop('scanned', (n) => download({
      activationCode: { smdpAddress, matchingId: `SUMMER-2026-${String(i * 100_000 + n).padStart(6, '0')}` }, device: chipOf(901 + i), tls, localAddress: addressOf(n * 3 + i), cancel: 'never', timeout: 10_000,
    }), 20)),
  ];
  return {
    counts,
    async stop() {
      over = true;
      for (const socket of held) socket.destroy();
      await Promise.all(work);
      for (const agent of agents) agent.destroy();
    },
  };
}

test('twenty devices install in a storm; memory stays bounded, the audit chain verifies', { timeout: 180_000 }, async () => {
  const workspace = newFolder();
  const serving = await serve(workspace, ['--es9plus', '127.0.0.1:0']);
  const folder = openWorkspaceFolder(workspace);
  const session = createSession({ folder, client: connectEngine(folder.engineSocket, 'cli'), close: () => Promise.resolve() }, createOutput(true));
  await ensureSampleType(session);
  const report = await session.call(contract.stock.importFile, { file: await session.uploadBytes(sampleStockFile(HONEST)), fileName: 'stock.csv', type: sampleType });
  if (report.job) await session.finish(report.job);
  await session.finish(await session.call(contract.stock.prepare, { type: sampleType, count: HONEST }));
  const orders: { activationCode: string; orderId: string }[] = [];
  for (let i = 0; i < HONEST; i++) orders.push(await session.call(contract.orders.create, { type: sampleType }));

  const { port } = serving.ready.es9plus[0]!;
  const { smdpAddress } = await session.call(contract.workspace.status, {});
  const pki = loadPki(workspace, 'P-256')!;
  const tls = { caCertificate: pki.ci.certificate, connectTo: { host: '127.0.0.1', port } };
  const random = (length: number): Uint8Array => randomBytes(length);
  const chipOf = (serial: number): VirtualEuicc => new VirtualEuicc(createDevice({ eid: labEid(serial), pkis: [pki], now: new Date(), random }), { now: () => new Date(), random });

  const { engine } = serving.parts();
  const rest = residentMiB(engine);
  let most = rest;
  const sampler = setInterval(() => { most = Math.max(most, residentMiB(engine)); }, 100);
  const storm = startStorm(port, smdpAddress, chipOf, tls);
  await wait(1500);
  const outcomes: string[] = [];
  const queue = orders.map((order, i) => ({ order, i }));
  await Promise.all(Array.from({ length: 4 }, async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const outcome = await download({ activationCode: next.order.activationCode, device: chipOf(next.i + 1), tls, binding: next.i % 2 ? 'asn1' : 'json' });
      outcomes.push(outcome.ok ? 'installed' : JSON.stringify(outcome.result));
      await wait(150);
    }
  }));
  // However slow the machine: each scanner gets beyond its share.
  await until('codes were tried', () => (storm.counts['scanned'] ?? 0) >= 90, 90_000);
  await storm.stop();
  clearInterval(sampler);
  console.log(`engine ${Math.round(rest)} MiB at rest, ${Math.round(most)} MiB at most; ${JSON.stringify(storm.counts)}`);

  expect(outcomes).toEqual(Array.from({ length: HONEST }, () => 'installed'));
  // There was a storm.
  for (const [name, count] of Object.entries(storm.counts)) expect(count, name).toBeGreaterThan(10);
  expect(most).toBeLessThan(MOST_MEMORY);
  expect(serving.parts().engine, 'the engine of the start').toBe(engine);
  const audit = await session.call(contract.audit.verify, {});
  expect(audit).toMatchObject({ verified: true });
  const records = await session.call(contract.audit.list, { limit: 500 });
  expect(records.rows.filter((row) => row.event === 'scan.blocked').length).toBeGreaterThanOrEqual(3);
  expect((await session.call(contract.workspace.home, {})).attention.map((item) => item.kind)).toContain('scan');
  // Afterwards the machine is as before: a device that comes now is served at once.
  expect((await download({ activationCode: { smdpAddress, matchingId: 'NOT-A-CODE' }, device: chipOf(999), tls })).result).toMatchObject({ kind: 'refused', subjectCode: '8.2.6', reasonCode: '3.8' });
  await serving.stop();
});
