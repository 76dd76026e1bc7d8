import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../src/main/hosting/child.ts';
import type { VaultConfig, VaultReady } from '../src/main/hosting/config.ts';
import { openVault, vaultInProcess } from '../src/main/vault/index.ts';
import { connectVault } from '../src/main/vault-link/index.ts';
import type { Vault } from '../src/main/vault-link/index.ts';
import type { Figure } from './index.ts';

const ROUNDS = 25;
const PER_ROUND = 100;
const OUTSTANDING = 8;

/**
 * What asking the vault's process costs against the same work in one's own: a P-256 signature over 200 octets, one call
 * after another and eight outstanding. Both take turns; medians of rounds.
 */
export async function run(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'mvne-desk-bench-'));
  const socketPath = join(folder, 'vault.sock');
  const child = await startChild<VaultConfig, VaultReady>('vault', { root: join(folder, 'vault'), socketPath, workers: 0 });
  const remote = connectVault({ socketPath });
  const local = vaultInProcess(openVault({ root: join(folder, 'in-process') }));
  try {
    return await measure(local, remote);
  } finally {
    await remote.close();
    await local.close();
    child.drain();
    await child.gone;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(local: Vault, remote: Vault): Promise<Figure[]> {
  const signer = async (vault: Vault): Promise<() => Promise<unknown>> => {
    const { keyId } = await vault.call('generateKey', { use: 'dpauth', curve: 'P-256' });
    const data = new Uint8Array(200).fill(7);
    return () => vault.call('sign', { keyId, data });
  };
  const inProcess = await signer(local);
  const overSocket = await signer(remote);
  const times = { own: [] as number[], single: [] as number[], many: [] as number[] };
  for (let round = -3; round < ROUNDS; round++) {
    const own = await time(() => inTurn(inProcess, PER_ROUND));
    const single = await time(() => inTurn(overSocket, PER_ROUND));
    const many = await time(() => Promise.all(Array.from({ length: OUTSTANDING }, () => inTurn(overSocket, PER_ROUND))));
    if (round < 0) continue;
    times.own.push(own / PER_ROUND);
    times.single.push(single / PER_ROUND);
    times.many.push(many / (PER_ROUND * OUTSTANDING));
  }
  const [own, single, many] = [median(times.own), median(times.single), median(times.many)];
  return [
    { name: 'vault call, added latency', value: (single - own) * 1000, unit: 'µs', reference: 'the same signature in process', ratio: single / own },
    { name: `vault calls at ${OUTSTANDING} outstanding`, value: 1000 / many, unit: 'calls/s', reference: 'the same signatures in process', ratio: own / many },
  ];
}

async function inTurn(call: () => Promise<unknown>, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await call();
}

/** Milliseconds. */
async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median(list: number[]): number {
  return list.sort((a, b) => a - b)[Math.floor(list.length / 2)]!;
}
