/** ES2+ under 32 clients with mutual TLS: DownloadOrder, then ConfirmOrder with release. */
import { createRequire } from 'node:module';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { contract } from '../src/shared/contract/index.ts';
import { loadPki } from '../src/main/commands/lab-folder.ts';
import { sampleType } from '../src/main/commands/sample.ts';
import { callEs2plus, createOperatorCa, es2plusAgent, issueTlsCertificate } from '../src/main/lab/operator/index.ts';
import type { Es2plusAnswer, Es2plusClientOptions, TlsKeyPair } from '../src/main/lab/operator/index.ts';
import { certificatePem } from '../src/main/lab/pki/index.ts';
import type { Figure } from './index.ts';
import { inBenchWorld } from './world.ts';

const clients = 32;
const warmUp = 320;
const measured = 1_600;

interface Times { readonly rate: number; readonly p50: number; readonly p99: number }

export async function run(): Promise<Figure[]> {
  return inBenchWorld({ profiles: warmUp + measured, devices: 0, es2plus: true }, async ({ session, workspace, es2plus, cpu }) => {
    const root = loadPki(workspace, 'P-256')?.ci.certificate;
    if (!root || !es2plus) throw new Error('the bench has no ES2+ listener');
    const now = new Date();
    const ca = createOperatorCa({ now });
    await session.call(contract.brands.add, { name: 'Bench', clientCa: await session.uploadBytes(Uint8Array.from(ca.certificate)), types: ['*'] });
    const options: Es2plusClientOptions[] = Array.from({ length: clients }, (_, i) => {
      const { cert, key } = issueTlsCertificate(ca, { now, commonName: `bench client ${i} – not for production` });
      const base = { host: es2plus.host, port: es2plus.port, ca: certificatePem(root), cert, key };
      return { ...base, agent: es2plusAgent(base, 1) };
    });
    const order = async (client: Es2plusClientOptions): Promise<void> => {
      const ordered = await callEs2plus(client, 'downloadOrder', { profileType: sampleType });
      const confirmed = await callEs2plus(client, 'confirmOrder', { iccid: must(ordered)['iccid'], releaseFlag: true });
      must(confirmed);
    };
    const reference = await bareServer(ca, issueTlsCertificate(ca, { now, names: ['localhost', '127.0.0.1'] }));
    try {
      const bareClients = options.map(({ cert, key }): Es2plusClientOptions => {
        const base = { host: '127.0.0.1', port: reference.port, ca: certificatePem(ca.certificate), cert: cert!, key: key! };
        return { ...base, agent: es2plusAgent(base, 1) };
      });
      // What no order over ES2+ can do without: two calls over mutual TLS, one durable transaction each.
      const bare = async (client: Es2plusClientOptions): Promise<void> => {
        must(await callEs2plus(client, 'downloadOrder', { profileType: sampleType }));
        must(await callEs2plus(client, 'confirmOrder', { iccid: '8988211000000000000', releaseFlag: true }));
      };
      await timed(bareClients, warmUp, bare);
      await timed(options, warmUp, order);
      const first = await timed(bareClients, measured / 2, bare);
      const before = cpu();
      const own = await timed(options, measured, order);
      const after = cpu();
      const second = await timed(bareClients, measured / 2, bare);
      for (const { agent } of [...options, ...bareClients]) agent?.destroy();
      const mean = (name: keyof Times) => (first[name] + second[name]) / 2;
      const what = 'two bare mutual-TLS calls, one durable row each';
      const spent = (after.engine - before.engine + after.vault - before.vault) / measured;
      return [
        { name: `ES2+ orders (two calls each), ${clients} mutual-TLS clients on the same machine`, value: own.rate, unit: '1/s', reference: what, ratio: own.rate / mean('rate') },
        { name: '  half of the orders within', value: own.p50, unit: 'ms', reference: what, ratio: own.p50 / mean('p50') },
        { name: '  99 of 100 orders within', value: own.p99, unit: 'ms', reference: what, ratio: own.p99 / mean('p99') },
        { name: '  server CPU for each', value: spent, unit: 'ms', reference: 'the time of one core for each at the bare rate', ratio: spent / (1000 / mean('rate')) },
      ];
    } finally {
      await reference.close();
    }
  });
}

function must(answer: Es2plusAnswer): Record<string, unknown> {
  if (answer.code !== 'ok') throw new Error(`a call was answered with ${answer.code}: ${answer.text.slice(0, 200)}`);
  return answer.body ?? {};
}

async function timed(workers: readonly Es2plusClientOptions[], count: number, one: (client: Es2plusClientOptions) => Promise<void>): Promise<Times> {
  const took: number[] = [];
  let left = count;
  const from = performance.now();
  await Promise.all(workers.map(async (worker) => {
    while (left > 0) {
      left -= 1;
      const began = performance.now();
      await one(worker);
      took.push(performance.now() - began);
    }
  }));
  const rate = (count * 1000) / (performance.now() - from);
  took.sort((a, b) => a - b);
  return { rate, p50: took[Math.floor(took.length * 0.5)]!, p99: took[Math.floor(took.length * 0.99)]! };
}

const serverSource = `
const { parentPort, workerData } = require('node:worker_threads');
const { createServer } = require('node:https');
const Database = require(workerData.sqlite);
const db = new Database(workerData.file);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec('create table calls (id integer primary key, body blob not null) strict');
const insert = db.prepare('insert into calls (body) values (?)');
const answer = Buffer.from(JSON.stringify({ header: { functionExecutionStatus: { status: 'Executed-Success' } }, iccid: '8988211000000000000' }));
const server = createServer({ ...workerData.tls, requestCert: true, rejectUnauthorized: true }, (request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const body = Buffer.concat(parts);
    JSON.parse(body.toString());
    insert.run(body);
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': answer.length });
    response.end(answer);
  });
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
parentPort.on('message', () => { server.closeAllConnections(); server.close(() => { db.close(); process.exit(0); }); });
`;

/** The reference in a thread of its own, as the engine is in a process of its own. */
async function bareServer(ca: { readonly certificate: Uint8Array }, tls: TlsKeyPair): Promise<{ port: number; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'mvne-desk-bench-bare-'));
  const sqlite = createRequire(process.argv[1]!).resolve('better-sqlite3');
  const worker = new Worker(serverSource, { eval: true, workerData: { sqlite, file: join(folder, 'bare.db'), tls: { cert: tls.cert, key: tls.key, ca: certificatePem(ca.certificate) } } });
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return {
    port,
    close: async () => {
      const gone = new Promise((resolve) => {
        worker.once('exit', resolve);
      });
      worker.postMessage('end');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
