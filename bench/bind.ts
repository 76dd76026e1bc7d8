import { createCipheriv, createECDH, createSecretKey, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aesCmac, buildMetadata } from '../src/main/rsp/index.ts';
import type { Curve } from '../src/main/rsp/index.ts';
import { buildSampleTemplate, compileTemplate } from '../src/main/saip/index.ts';
import { openVault } from '../src/main/vault/index.ts';
import type { OpenVault } from '../src/main/vault/index.ts';
import { utf8Bytes } from '../src/shared/tlv/index.ts';
import type { Figure } from './index.ts';

const ROUNDS = 25;
const PER_ROUND = 8;
const ICCID = '8999900000000000014';

/**
 * What binding costs against the raw cost of the primitives it cannot do without: one key pair and key agreement, one
 * signature, AES-CBC and AES-CMAC once over the package. In one process, taking turns; medians of rounds.
 */
export async function run(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'mvne-desk-bench-'));
  const vault = openVault({ root: join(folder, 'vault') });
  try {
    return [...await measure(vault, 'P-256'), ...await measure(vault, 'brainpoolP256r1')];
  } finally {
    await vault.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(vault: OpenVault, curve: Curve): Promise<Figure[]> {
  // Long roaming lists bring the package to the 12 kB that operators' packages have.
  const compiled = compileTemplate(buildSampleTemplate({ oplmnEntries: 1850 }), {
    slots: ['iccid', 'imsi', 'acc', 'k', 'opc', 'pin1', 'puk1', 'adm1'],
  });
  await vault.handle('loadTemplate', { digest: compiled.digest, base: compiled.base, slots: JSON.stringify(compiled.slots) });
  const { batchKey } = await vault.handle('createBatchKey', {});
  const { items } = await vault.handle('prepare', { template: compiled.digest, batchKey, items: [{ iccid: ICCID, imsi: '001010000000001' }] });
  const { keyId } = await vault.handle('generateKey', { use: 'dppb', curve });
  const openssl = curve === 'P-256' ? 'prime256v1' : 'brainpoolP256r1';
  const euicc = createECDH(openssl);
  const euiccOtpk = new Uint8Array(euicc.generateKeys());
  const input = {
    iccid: ICCID, template: compiled.digest, batchKey, sealed: items[0]!.sealed, expectedDigest: items[0]!.digest, eid: new Uint8Array(16).fill(0x89),
    metadata: buildMetadata({ iccid: ICCID, serviceProviderName: 'Bench', profileName: 'Bench', profileClass: 'operational', notifications: [] }),
    transactionId: new Uint8Array(16).fill(1), hostId: utf8Bytes('bench'), curve, euiccOtpk, signingKeyId: keyId, keepFor: 'bench',
  };
  const { otpkDp, kept } = await vault.handle('bind', { ...input, protection: 'session-keys' });

  const signer = generateKeyPairSync('ec', { namedCurve: openssl }).privateKey;
  const toSign = new Uint8Array(180);
  const upp = new Uint8Array(compiled.size & ~15);
  const key = new Uint8Array(16).fill(3);
  // The key object alone: Node takes one inside options at twice the cost.
  const signature = (): void => void sign('sha256', toSign, signer);
  const primitives = (): void => {
    const ephemeral = createECDH(openssl);
    ephemeral.generateKeys();
    ephemeral.computeSecret(euiccOtpk);
    signature();
    createCipheriv('aes-128-cbc', createSecretKey(key), key).setAutoPadding(false).update(upp);
    aesCmac(key, upp);
  };
  const [raw, session, profile, signed, again] = await interleave([
    primitives,
    () => vault.handle('bind', { ...input, protection: 'session-keys' }),
    () => vault.handle('bind', { ...input, protection: 'profile-keys' }),
    signature,
    () => vault.handle('rebind', { kept, keepFor: 'bench', transactionId: input.transactionId, hostId: input.hostId, otpkDp, euiccOtpk, signingKeyId: keyId }),
  ]) as [number, number, number, number, number];
  const size = `${(compiled.size / 1000).toFixed(1)} kB`;
  const reference = 'its key pair, ECDH, signature, AES-CBC and CMAC alone';
  return [
    { name: `bind ${size}, session keys, ${curve}`, value: session, unit: 'ms', reference, ratio: session / raw },
    { name: `bind ${size}, profile keys, ${curve}`, value: profile, unit: 'ms', reference, ratio: profile / raw },
    { name: `bind again ${size}, ${curve}`, value: again, unit: 'ms', reference: 'its signature alone', ratio: again / signed },
  ];
}

/** Median milliseconds of each task, the tasks taking turns. */
async function interleave(tasks: readonly (() => unknown)[]): Promise<number[]> {
  const times = tasks.map((): number[] => []);
  for (let round = -2; round < ROUNDS; round++) {
    for (const [index, task] of tasks.entries()) {
      const start = performance.now();
      for (let i = 0; i < PER_ROUND; i++) await task();
      if (round >= 0) times[index]!.push((performance.now() - start) / PER_ROUND);
    }
  }
  return times.map((list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)]!);
}
