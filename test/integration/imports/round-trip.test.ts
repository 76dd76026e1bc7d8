/**
 * Profiles prepared in one workspace go out as a vendor's .out file and into a second workspace: every number and every key arrives as it
 * was. Compared are the files of both, made by their vaults under one transport key, and the second vault's own fingerprints of K.
 * All keys are test material.
 */
import { createDecipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterEach, describe, expect, it } from 'vitest';
import type { JobArtefact } from '../../../src/shared/contract/jobs.ts';
import type { Environment } from '../../../src/main/engine/context.ts';
import type { TestEngine } from '../../support/engine.ts';
import { codes, commit, iccid, importEngine, imsi, open, rowsOf, transportKey, validate } from '../../unit/imports/support.ts';

const engines: TestEngine[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});

const aucKey = '00112233445566778899AABBCCDDEEFF';
const otaKey = 'FFEEDDCCBBAA99887766554433221100';

async function workspace(environment: Environment, seed: string): Promise<TestEngine> {
  const engine = await importEngine({ environment, seed });
  engines.push(engine);
  for (const [name, index, value] of [['AuC', '1', aucKey], ['OTA', '2', otaKey]] as const) {
    // Outside a Lab a transport key comes in components of several people.
    const half = '5A'.repeat(16);
    const other = Buffer.from(Buffer.from(value, 'hex').map((octet, i) => octet ^ Buffer.from(half, 'hex')[i]!)).toString('hex');
    const components = [['Ada', half], ['Bob', other]].map(([custodian, hex]) => ({ custodian, value: engine.uploads.put(Buffer.from(hex!)) }));
    await transportKey(engine, name, 'aes-128', value, { index, components });
  }
  return engine;
}

async function prepared(engine: TestEngine, plan: object): Promise<string> {
  const { batch } = await engine.ok<{ batch: { id: string } }>('preparation.start', { plan: { type: 'Sample', ...plan } });
  await engine.jobs.idle();
  expect(await engine.ok('preparation.show', { id: batch.id })).toMatchObject({ state: 'done' });
  return batch.id;
}

async function outFile(engine: TestEngine, batch: string, columns: readonly object[], extra: object = {}): Promise<Buffer> {
  const recipient = await engine.ok<{ id: string }>('outputs.addRecipient', { name: `out ${columns.length} ${Object.keys(extra).length}`, kind: 'custom', format: 'out', columns, transportKey: 'AuC', otaTransportKey: 'OTA', ...extra });
  const job = await engine.ok<{ id: string }>('outputs.make', { batch, recipient: recipient.id });
  await engine.jobs.idle();
  const done = await engine.ok<{ state: string; message?: string; artefacts: JobArtefact[] }>('jobs.show', { id: job.id });
  if (done.state !== 'done') throw new Error(`${done.state}: ${done.message}`);
  const [made] = done.artefacts;
  return readFileSync(join(engine.folder, 'outputs', `${made!.id}-${made!.name}`));
}

const numbers = [{ field: 'iccid', name: 'Ser_nb' }, { field: 'imsi', name: 'IMSI' }, { field: 'msisdn', name: 'MSISDN' }, { field: 'acc', name: 'ACC' }];
const keys = [{ field: 'k', name: 'Ki' }, { field: 'opc', name: 'OPC' }, { field: 'scp80Kic', name: 'KIC1' }, { field: 'scp80Kid', name: 'KID1' }, { field: 'scp80Kik', name: 'KIK1' }];
const pins = [{ field: 'pin1', name: 'PIN1' }, { field: 'puk1', name: 'PUK1' }, { field: 'pin2', name: 'PIN2' }, { field: 'puk2', name: 'PUK2' }, { field: 'adm1', name: 'ADM1' }];

const rowsIn = (file: string): string[][] => {
  const lines = file.trimEnd().split(/\r?\n/);
  return lines.slice(lines.findIndex((line) => line.startsWith('var_out:')) + 1).map((line) => line.split(/[\s;]+/));
};
const opened = (hex: string): Buffer => {
  const decipher = createDecipheriv('aes-128-ecb', Buffer.from(aucKey, 'hex'), null).setAutoPadding(false);
  return decipher.update(Buffer.from(hex, 'hex'));
};

/** The first workspace: `count` profiles of a range, keys made at random in its vault. */
async function sender(environment: Environment, count: number, msisdns: boolean): Promise<{ engine: TestEngine; batch: string }> {
  const engine = await workspace(environment, 'sender');
  await engine.ok('stock.createRange', { type: 'Sample', iccidFirst: iccid(1).slice(0, 18), imsiFirst: imsi(1), count, ...(msisdns ? { msisdnFirst: '999123000' } : {}) });
  return { engine, batch: await prepared(engine, { count, source: 'ranges' }) };
}

/** Imports the file and prepares what it brought; K is compared by what the second vault itself makes of it. */
async function receiver(environment: Environment, file: Buffer, count: number, without?: string): Promise<{ engine: TestEngine; batch: string }> {
  const engine = await workspace(environment, 'receiver');
  const view = await open(engine, file, { fileName: 'vendor.out' });
  expect([view.blockers, view.detection.undecided, view.detection.format.layout]).toEqual([[], [], 'vendor']);
  const wrapping = (field: string) => view.columns.find((one) => one.field === field)?.wrapping?.key;
  expect([wrapping('k'), wrapping('opc'), wrapping('scp80Kic'), wrapping('scp80Kik')]).toEqual(['AuC', 'AuC', 'OTA', 'OTA']);
  if (without !== undefined) await engine.ok('imports.map', { id: view.id, columns: view.columns.map((one) => (one.field === without ? { index: one.index } : one)) });
  const checked = await validate(engine, view.id);
  expect([checked.counts, codes(checked)]).toMatchObject([{ rows: count, good: count, bad: 0 }, ['KEY_UNCHECKED 1']]);
  await commit(engine, view.id);
  const at = rowsIn(file.toString()).map((row) => row[numbers.length]!);
  const { batchKey } = await engine.vault.call('createBatchKey', {});
  const { items } = await engine.vault.call('sealSubscribers', { batchKey, items: at.map((hex, i) => ({ iccid: iccid(i + 1), secrets: { k: opened(hex) } })) });
  expect((await rowsOf(engine)).map((one) => Buffer.from(one.key_fingerprint!).toString('hex'))).toEqual(items.map((one) => Buffer.from(one.fingerprint!).toString('hex')));
  return { engine, batch: await prepared(engine, { count, source: 'stock' }) };
}

describe('an .out file under a transport key, imported into a second workspace', () => {
  it('in a Lab brings every number, key and code as it was', async () => {
    const a = await sender('lab', 60, true);
    const columns = [...numbers, ...keys, ...pins];
    const first = await outFile(a.engine, a.batch, columns);
    const rows = rowsIn(first.toString());
    expect([rows.length, rows[0]!.slice(0, 3), rows[59]!.slice(0, 3)]).toEqual([60, [iccid(1), imsi(1), '999123000'], [iccid(60), imsi(60), '999123059']]);
    expect(rows.every((row) => row.length === columns.length && row.every((value) => value !== '-'))).toBe(true);
    // Each profile has keys of its own, and none of them stands in the file in clear.
    expect(new Set(rows.flatMap((row) => row.slice(4, 9))).size).toBe(60 * 5);
    const b = await receiver('lab', first, 60);
    expect(rowsIn((await outFile(b.engine, b.batch, columns)).toString())).toEqual(rows);
    // A key that is not imported is made anew, and the files would differ.
    const c = await receiver('lab', first, 60, 'scp80Kid');
    const others = rowsIn((await outFile(c.engine, c.batch, columns)).toString());
    expect(others.every((row, i) => row.every((value, at) => (value === rows[i]![at]) === (at !== 7)))).toBe(true);
    const profiles = async (engine: TestEngine) => (await rowsOf(engine)).map(({ iccid: number, imsi: subscriber, msisdn, stock_state: state }) => [number, subscriber, msisdn, state]);
    expect(await profiles(b.engine)).toEqual(await profiles(a.engine));
  });

  it('in a Test workspace brings every number and key, without MSISDNs too; codes come under age to whoever may have them', async () => {
    const a = await sender('test', 40, false);
    const columns = [...numbers, ...keys];
    const first = await outFile(a.engine, a.batch, columns);
    const rows = rowsIn(first.toString());
    expect([rows.length, rows[7]!.slice(0, 3)]).toEqual([40, [iccid(8), imsi(8), '-']]);
    const b = await receiver('test', first, 40);
    expect(rowsIn((await outFile(b.engine, b.batch, columns)).toString())).toEqual(rows);
    expect((await rowsOf(b.engine)).every((one) => one.msisdn === null)).toBe(true);

    // With codes the whole file is encrypted; opened by its recipient it goes in again, and comes out with the same codes.
    const identity = await generateX25519Identity();
    const age = [await identityToRecipient(identity)];
    const decrypted = async (file: Buffer): Promise<string> => {
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity);
      return decrypter.decrypt(Uint8Array.from(file), 'text');
    };
    const all = [...columns, ...pins];
    const sealed = await decrypted(await outFile(a.engine, a.batch, all, { age }));
    const c = await receiver('test', Buffer.from(sealed), 40);
    expect(rowsIn(await decrypted(await outFile(c.engine, c.batch, all, { age })))).toEqual(rowsIn(sealed));
  });

  it('under another key than the second workspace knows by that index is found by its check values, not imported as other keys', async () => {
    const a = await sender('test', 5, false);
    const columns = [...numbers, ...keys, { field: 'kKcv', name: 'Ki_KCV' }];
    const file = await outFile(a.engine, a.batch, columns);
    const engine = await importEngine({ environment: 'test', seed: 'receiver' });
    engines.push(engine);
    for (const [name, index, fill] of [['AuC', '1', '11'], ['OTA', '2', '22']] as const) {
      const components = [['Ada', fill.repeat(16)], ['Bob', '77'.repeat(15) + index.padStart(2, '0')]].map(([custodian, hex]) => ({ custodian, value: engine.uploads.put(Buffer.from(hex!)) }));
      await transportKey(engine, name, 'aes-128', '', { index, components });
    }
    const view = await validate(engine, (await open(engine, file, { fileName: 'vendor.out' })).id);
    // K has check values here, OTA keys have none.
    expect([view.counts, codes(view).sort()]).toMatchObject([{ good: 0, bad: 5 }, ['KCV_MISMATCH 5', 'KEY_UNCHECKED 1']]);
    expect(await rowsOf(engine)).toEqual([]);
  });
});
