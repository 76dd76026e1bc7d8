/** A workspace for measuring ES9+: engine and vault as they ship, orders to download, virtual devices on the same machine. */
import { createECDH, createHash, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contract } from '../src/shared/contract/index.ts';
import { ensureLabIdentity, labEid, loadPki } from '../src/main/commands/lab-folder.ts';
import { createOutput } from '../src/main/commands/output.ts';
import { ensureSampleType, sampleStockFile, sampleType } from '../src/main/commands/sample.ts';
import { createSession, startHost } from '../src/main/commands/session.ts';
import type { Session } from '../src/main/commands/session.ts';
import { createDevice, createEs9Client, VirtualEuicc } from '../src/main/lab/device/index.ts';
import type { Es9Client, Es9Tls } from '../src/main/lab/device/index.ts';
import type { LabCurve } from '../src/main/lab/pki/index.ts';

export interface BenchDevice { readonly euicc: VirtualEuicc; readonly client: Es9Client }

export interface BenchWorld {
  readonly workspace: string;
  readonly session: Session;
  readonly tls: Es9Tls;
  readonly fleet: readonly BenchDevice[];
  readonly es2plus: { readonly host: string; readonly port: number } | undefined;
  /** Activation codes of released orders, made beforehand. */
  order(count: number): Promise<string[]>;
  /** CPU milliseconds engine and vault have used so far. */
  cpu(): Cpu;
}

export interface Cpu { readonly engine: number; readonly vault: number }

export interface BenchWorldOptions {
  readonly curve?: LabCurve;
  readonly profiles: number;
  readonly devices?: number;
  readonly es2plus?: boolean;
}

/** Opens the world, runs `work` in it, and leaves nothing behind. */
export async function inBenchWorld<T>({ curve = 'P-256', profiles, devices = 8, es2plus = false }: BenchWorldOptions, work: (world: BenchWorld) => Promise<T>): Promise<T> {
  const workspace = mkdtempSync(join(tmpdir(), 'mvne-desk-bench-'));
  const quiet = createOutput(true);
  try {
    const first = await startHost({ workspace }, {}, quiet);
    let identity: string;
    try {
      const session = createSession(first, quiet);
      identity = await ensureLabIdentity(session, 'P-256', '127.0.0.1');
      if (curve !== 'P-256') identity = await ensureLabIdentity(session, curve, '127.0.0.1');
    } finally {
      await first.close();
    }
    const host = await startHost({ workspace }, { engine: { es9plus: [{ host: '127.0.0.1', port: 0, identities: [identity] }], ...(es2plus ? { es2plus: [{ host: '127.0.0.1', port: 0 }] } : {}) } }, quiet);
    try {
      const session = createSession(host, quiet);
      const { call, uploadBytes, finish } = session;
      const { limits } = await call(contract.workspace.settings, {});
      // All devices come from one address here.
      await call(contract.workspace.saveSettings, { settings: { limits: { ...limits, requestsPerMinutePerAddress: 1_000_000 } } });
      await ensureSampleType(session);
      const report = await call(contract.stock.importFile, { file: await uploadBytes(sampleStockFile(profiles)), fileName: 'bench.csv', type: sampleType });
      if (report.job) await finish(report.job);
      await finish(await call(contract.stock.prepare, { type: sampleType, count: profiles }));

      const anchor = loadPki(workspace, 'P-256');
      const pki = loadPki(workspace, curve);
      const listener = host.ready?.es9plus[0];
      if (!anchor || !pki || !listener) throw new Error('the bench has no listener');
      const { smdpAddress } = await call(contract.workspace.status, {});
      const random = (length: number) => randomBytes(length);
      const tls = { caCertificate: anchor.ci.certificate, connectTo: { host: listener.host, port: listener.port } };
      const fleet = Array.from({ length: devices }, (_, i) => ({
        euicc: new VirtualEuicc(createDevice({ eid: labEid(1000 + i), pkis: [pki], now: new Date(), random, freeMemory: 1 << 30 }), { now: () => new Date(), random }),
        client: createEs9Client({ smdpAddress, tls, keepAlive: true }),
      }));
      try {
        return await work({
          workspace, session, tls, fleet, es2plus: host.ready?.es2plus[0],
          order: async (count) => {
            const codes: string[] = [];
            for (let i = 0; i < count; i++) codes.push((await call(contract.orders.create, { type: sampleType })).activationCode);
            return codes;
          },
          cpu: () => {
            const pids = host.own?.pids() ?? {};
            return { engine: cpuMs(pids.engine), vault: cpuMs(pids.vault) };
          },
        });
      } finally {
        for (const { client } of fleet) client.close();
      }
    } finally {
      await host.close();
    }
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

/** What `count` pieces of work took. */
export interface Measurement {
  /** Pieces a second. */
  readonly rate: number;
  /** CPU milliseconds for each. */
  readonly engine: number;
  readonly vault: number;
}

/** Shares `count` pieces of work out among workers and measures them together. A worker that answers `done` has no more for itself. */
export async function measure<W>(world: BenchWorld, workers: readonly W[], count: number, one: (worker: W, index: number) => Promise<'done' | void>): Promise<Measurement> {
  const before = world.cpu();
  const from = performance.now();
  let next = 0;
  await Promise.all(workers.map(async (worker) => {
    while (next < count) {
      const index = next;
      next += 1;
      if (await one(worker, index) === 'done') {
        next -= 1;
        return;
      }
    }
  }));
  if (next !== count) throw new Error(`${count} pieces of work were announced, ${next} were there`);
  const took = performance.now() - from;
  const after = world.cpu();
  return { rate: (count * 1000) / took, engine: (after.engine - before.engine) / count, vault: (after.vault - before.vault) / count };
}

/** User and system time of a process, milliseconds (Linux: 100 ticks a second). */
function cpuMs(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Public-key operations, for a reference that does nothing else. */
export interface RawWork { readonly signatures: number; readonly checks: number; readonly imports: number; readonly agreements: number }

/** A download: the certificate of an EUM is checked once and remembered. */
export const downloadCrypto: RawWork = { signatures: 3, checks: 4, imports: 1, agreements: 1 };
export const notificationCrypto: RawWork = { signatures: 0, checks: 1, imports: 0, agreements: 0 };

/** CPU milliseconds of these operations in the fastest form Node has. */
export function rawCryptoMs(curve: LabCurve, work: RawWork): number {
  const namedCurve = curve === 'P-256' ? 'prime256v1' : 'brainpoolP256r1';
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const data = randomBytes(600);
  const signature = sign('sha256', data, privateKey);
  const point = createECDH(namedCurve).generateKeys();
  const once = (): void => {
    for (let i = 0; i < work.signatures; i++) sign('sha256', data, privateKey);
    let key = publicKey;
    for (let i = 0; i < work.imports; i++) key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    for (let i = 0; i < work.checks; i++) verify('sha256', data, key, signature);
    for (let i = 0; i < work.agreements; i++) {
      const own = createECDH(namedCurve);
      own.generateKeys();
      createHash('sha256').update(own.computeSecret(point)).digest();
    }
  };
  const runs = 150;
  for (let run = 0; run < runs / 5; run++) once();
  const before = process.cpuUsage();
  for (let run = 0; run < runs; run++) once();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / runs;
}
