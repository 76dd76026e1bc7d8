import { createCipheriv } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openVault } from '../../../src/main/vault/index.ts';
import { ICCID, IMSI, MSISDN, openBlob, openProfileBlob, own, sampleTemplate, slotsOf, source, temporaryFolder, workspaceKey } from './support.ts';

test('check values are those of the sealed keys, three octets, and of keys alone', async () => {
  const compiled = sampleTemplate();
  const digest = own(compiled.digest);
  const root = join(temporaryFolder(), 'vault');
  const vault = openVault({ root });
  await vault.handle('loadTemplate', source(compiled));
  const { batchKey } = await vault.handle('createBatchKey', {});
  const { items } = await vault.handle('prepare', { template: digest, batchKey, items: [{ iccid: ICCID, imsi: IMSI, msisdn: MSISDN }] });
  const slots = slotsOf(compiled, openProfileBlob(openBlob(workspaceKey(root, 'batch'), ['batch key'], batchKey), ['profile', ICCID, digest], items[0]!.sealed));
  const { values } = await vault.handle('checkValues', { iccid: ICCID, template: digest, batchKey, sealed: items[0]!.sealed });
  expect(values.map((one) => one.name).sort()).toEqual(Object.keys(slots).filter((name) => /^(k|scp80K..)$/.test(name)).sort());
  for (const { name, kcv } of values) {
    const key = slots[name as keyof typeof slots]!;
    const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null);
    expect(Buffer.from(kcv).toString('hex'), name).toBe(cipher.update(Buffer.alloc(16)).subarray(0, 3).toString('hex'));
  }
  await expect(vault.handle('checkValues', { iccid: '8988211000000000003', template: digest, batchKey, sealed: items[0]!.sealed })).rejects.toMatchObject({ code: 'SEAL_BROKEN' });
  await vault.close();
});
