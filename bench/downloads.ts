/** Complete ES9+ downloads: eight virtual devices at once over TLS against engine and vault as they ship. */
import { createECDH, createHash, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contract } from '../src/shared/contract/index.ts';
import { ensureLabIdentity, labEid, loadPki } from '../src/main/commands/lab-folder.ts';
import { createOutput } from '../src/main/commands/output.ts';
import { ensureSampleType, sampleStockFile, sampleType } from '../src/main/commands/sample.ts';
import { createSession, startHost } from '../src/main/commands/session.ts';
import { createDevice, createEs9Client, download, VirtualEuicc } from '../src/main/lab/device/index.ts';
import type { Figure } from './index.ts';

const devices = 8;
const warmUp = 16;
const measured = 240;

export async function run(): Promise<Figure[]> {
  const workspace = mkdtempSync(join(tmpdir(), 'mvne-desk-bench-'));
  const quiet = createOutput(true);
  try {
    const first = await startHost({ workspace }, {}, quiet);
    await ensureLabIdentity(createSession(first, quiet), 'P-256', '127.0.0.1').finally(() => first.close());
    const host = await startHost({ workspace }, { engine: { es9plus: [{ host: '127.0.0.1', port: 0 }] } }, quiet);
    try {
      const session = createSession(host, quiet);
      const { call, uploadBytes, finish } = session;
      await ensureSampleType(session);
      const total = warmUp + measured;
      const report = await call(contract.stock.importFile, { file: await uploadBytes(sampleStockFile(total)), fileName: 'bench.csv', type: sampleType });
      if (report.job) await finish(report.job);
      await finish(await call(contract.stock.prepare, { type: sampleType, count: total }));
      const codes: string[] = [];
      for (let i = 0; i < total; i++) codes.push((await call(contract.orders.create, { type: sampleType })).activationCode);

      const pki = loadPki(workspace, 'P-256');
      const listener = host.ready?.es9plus[0];
      if (!pki || !listener) throw new Error('the bench has no listener');
      const { smdpAddress } = await call(contract.workspace.status, {});
      const random = (length: number) => randomBytes(length);
      const tls = { caCertificate: pki.ci.certificate, connectTo: { host: listener.host, port: listener.port } };
      const fleet = Array.from({ length: devices }, (_, i) => ({
        euicc: new VirtualEuicc(createDevice({ eid: labEid(1000 + i), pkis: [pki], now: new Date(), random, freeMemory: 1 << 30 }), { now: () => new Date(), random }),
        client: createEs9Client({ smdpAddress, tls, keepAlive: true }),
      }));
      const queue = [...codes];
      const work = async (count: number): Promise<void> => {
        let left = count;
        await Promise.all(fleet.map(async ({ euicc, client }) => {
          while (left > 0) {
            left -= 1;
            const done = await download({ activationCode: queue.pop() ?? '', device: euicc, client, tls });
            if (!done.ok) throw new Error(`a download failed: ${JSON.stringify(done.result)}`);
          }
        }));
      };
      await work(warmUp);
      const pids = Object.values(host.own?.pids() ?? {}) as number[];
      const cpuBefore = pids.reduce((sum, pid) => sum + cpuMs(pid), 0);
      const from = performance.now();
      await work(measured);
      const seconds = (performance.now() - from) / 1000;
      const cpu = (pids.reduce((sum, pid) => sum + cpuMs(pid), 0) - cpuBefore) / measured;
      for (const { client } of fleet) client.close();
      const raw = rawCryptoMs();
      return [
        { name: 'ES9+ downloads, 8 devices over TLS (devices on the same machine)', value: measured / seconds, unit: '1/s', reference: 'one core doing nothing but the signatures, checks and key agreement', ratio: measured / seconds / (1000 / raw) },
        { name: 'server CPU per download (engine, vault, TLS)', value: cpu, unit: 'ms', reference: 'its signatures, checks and key agreement alone', ratio: cpu / raw },
      ];
    } finally {
      await host.close();
    }
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

/** User and system time of a process, milliseconds (Linux: 100 ticks a second). */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** What a download costs in public-key operations: 3 signatures, 5 checks, one key pair and one agreement. Median of runs. */
function rawCryptoMs(): number {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const data = randomBytes(600);
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363' as const };
  const signature = sign('sha256', data, key);
  const peer = createECDH('prime256v1');
  const point = peer.generateKeys();
  const times: number[] = [];
  for (let run = 0; run < 60; run++) {
    const from = performance.now();
    for (let i = 0; i < 3; i++) sign('sha256', data, key);
    for (let i = 0; i < 5; i++) verify('sha256', data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature);
    const own = createECDH('prime256v1');
    own.generateKeys();
    createHash('sha256').update(own.computeSecret(point)).digest();
    times.push(performance.now() - from);
  }
  return times.sort((a, b) => a - b)[times.length >>> 1] ?? Number.NaN;
}
