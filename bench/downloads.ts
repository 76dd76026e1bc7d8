/** Complete ES9+ downloads: eight virtual devices at once over TLS against engine and vault as they ship. */
import { createECDH, createHash, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contract } from '../src/shared/contract/index.ts';
import { ensureLabIdentity, labEid, loadPki } from '../src/main/commands/lab-folder.ts';
import { createOutput } from '../src/main/commands/output.ts';
import { ensureSampleType, sampleStockFile, sampleType } from '../src/main/commands/sample.ts';
import { createSession, startHost } from '../src/main/commands/session.ts';
import { createDevice, createEs9Client, download, VirtualEuicc } from '../src/main/lab/device/index.ts';
import type { Es9Client } from '../src/main/lab/device/index.ts';
import type { Figure } from './index.ts';

const devices = 8;
const warmUp = 240;
const measured = 240;

/** One device at work: which connections it uses is what the measurements differ in. */
interface Device {
  readonly euicc: VirtualEuicc;
  /** Absent: every download opens a connection of its own, as a phone does. */
  readonly client?: Es9Client;
}

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
      const { limits } = await call(contract.workspace.settings, {});
      // All devices come from one address here.
      await call(contract.workspace.saveSettings, { settings: { limits: { ...limits, requestsPerMinutePerAddress: 1_000_000 } } });
      await ensureSampleType(session);
      const total = warmUp + 2 * measured;
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
      const fleet = Array.from({ length: devices }, (_, i): Required<Device> => ({
        euicc: new VirtualEuicc(createDevice({ eid: labEid(1000 + i), pkis: [pki], now: new Date(), random, freeMemory: 1 << 30 }), { now: () => new Date(), random }),
        client: createEs9Client({ smdpAddress, tls, keepAlive: true }),
      }));
      const queue = [...codes];
      const work = async (workers: readonly Device[], count: number): Promise<void> => {
        let left = count;
        await Promise.all(workers.map(async ({ euicc, client }) => {
          while (left > 0) {
            left -= 1;
            const done = await download({ activationCode: queue.pop() ?? '', device: euicc, tls, ...(client ? { client } : {}) });
            if (!done.ok) throw new Error(`a download failed: ${JSON.stringify(done.result)}`);
          }
        }));
      };
      const pids = host.own?.pids() ?? {};
      const measure = async (workers: readonly Device[]): Promise<Measurement> => {
        const before = { engine: cpuMs(pids.engine), vault: cpuMs(pids.vault) };
        const from = performance.now();
        await work(workers, measured);
        return {
          rate: (measured * 1000) / (performance.now() - from),
          engine: (cpuMs(pids.engine) - before.engine) / measured, vault: (cpuMs(pids.vault) - before.vault) / measured,
        };
      };
      await work(fleet, warmUp);
      const raw = [rawCryptoMs()];
      const own = await measure(fleet.map(({ euicc }) => ({ euicc })));
      raw.push(rawCryptoMs());
      const kept = await measure(fleet);
      raw.push(rawCryptoMs());
      for (const { client } of fleet) client.close();
      return [...figuresOf('one TLS connection a download', own, (raw[0]! + raw[1]!) / 2), ...figuresOf('TLS connections kept', kept, (raw[1]! + raw[2]!) / 2)];
    } finally {
      await host.close();
    }
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

interface Measurement {
  /** Downloads a second. */
  readonly rate: number;
  /** CPU milliseconds per download. */
  readonly engine: number;
  readonly vault: number;
}

function figuresOf(how: string, { rate, engine, vault }: Measurement, raw: number): Figure[] {
  const reference = 'its signatures, checks and key agreement alone';
  return [
    { name: `ES9+ downloads, 8 devices on the same machine, ${how}`, value: rate, unit: '1/s', reference: 'one core doing nothing but the signatures, checks and key agreement', ratio: rate / (1000 / raw) },
    { name: `server CPU per download, ${how}`, value: engine + vault, unit: 'ms', reference, ratio: (engine + vault) / raw },
    { name: `  of it the engine with TLS, ${how}`, value: engine, unit: 'ms', reference, ratio: engine / raw },
    { name: `  of it the vault, ${how}`, value: vault, unit: 'ms', reference, ratio: vault / raw },
  ];
}

/** User and system time of a process, milliseconds (Linux: 100 ticks a second). */
function cpuMs(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/**
 * CPU milliseconds a download needs for public-key operations, in the fastest form Node has: 3 signatures, 4 checks (the
 * certificate of an EUM is checked once and remembered), one key import, one key pair and one agreement.
 */
function rawCryptoMs(): number {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const data = randomBytes(600);
  const signature = sign('sha256', data, privateKey);
  const peer = createECDH('prime256v1');
  const point = peer.generateKeys();
  const once = (): void => {
    for (let i = 0; i < 3; i++) sign('sha256', data, privateKey);
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    for (let i = 0; i < 4; i++) verify('sha256', data, key, signature);
    const own = createECDH('prime256v1');
    own.generateKeys();
    createHash('sha256').update(own.computeSecret(point)).digest();
  };
  const runs = 150;
  for (let run = 0; run < runs / 5; run++) once();
  const before = process.cpuUsage();
  for (let run = 0; run < runs; run++) once();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / runs;
}
