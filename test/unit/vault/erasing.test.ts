import { createECDH } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openVault } from '../../../src/main/vault/index.ts';
import { checkedRandom } from '../../../src/main/vault/random.ts';
import { ICCID, IMSI, metadata, MSISDN, sampleTemplate, source, temporaryFolder } from './support.ts';

const NONCE = 12;

test('what is drawn at random for keys, codes and one-time keys is zero again once the answer is made', async () => {
  const handed: Uint8Array[] = [];
  const generator = checkedRandom();
  const random = (length: number): Uint8Array => {
    const octets = generator(length);
    handed.push(octets);
    return octets;
  };
  const left = (): number => handed.splice(0).filter((octets) => octets.length !== NONCE && octets.some((octet) => octet !== 0)).length;

  const vault = openVault({ root: join(temporaryFolder(), 'vault'), random });
  handed.splice(0);
  const compiled = sampleTemplate();
  await vault.handle('loadTemplate', source(compiled));
  const { batchKey } = await vault.handle('createBatchKey', {});
  expect(handed.length).toBeGreaterThan(0);
  expect(left(), 'batch key').toBe(0);

  const { items } = await vault.handle('prepare', { template: compiled.digest, batchKey, items: [{ iccid: ICCID, imsi: IMSI, msisdn: MSISDN }] });
  expect(handed.length).toBeGreaterThan(10);
  expect(left(), 'profile secrets').toBe(0);

  const { keyId } = await vault.handle('generateKey', { use: 'dppb', curve: 'P-256' });
  expect(left(), 'signing key').toBe(0);

  const euiccOtpk = new Uint8Array(createECDH('prime256v1').generateKeys());
  const input = {
    iccid: ICCID, template: compiled.digest, batchKey, sealed: items[0]!.sealed, expectedDigest: items[0]!.digest, metadata: metadata(),
    transactionId: new Uint8Array(16), eid: new Uint8Array(16), hostId: Uint8Array.of(1), curve: 'P-256', euiccOtpk, signingKeyId: keyId, keepFor: 'o',
  } as const;
  await vault.handle('bind', { ...input, protection: 'profile-keys' });
  expect(handed.filter((octets) => octets.length === 16).length).toBe(3);
  expect(left(), 'otSK and profile keys').toBe(0);

  await expect(vault.handle('bind', { ...input, protection: 'profile-keys', expectedDigest: new Uint8Array(32) })).rejects.toThrow(/not the one/);
  expect(handed.length).toBeGreaterThan(0);
  expect(left(), 'after a refusal').toBe(0);
});
