/** Published defaults are found when a file is checked, by the rules preparation asks. Real vault; test material. */
import { createCipheriv } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { TestEngine } from '../../support/engine.ts';
import { checked, codes, commit, csv, iccid, importEngine, imsi, key, show, transportKey } from './support.ts';

let engine: TestEngine;
afterEach(() => engine.close());

const header = 'iccid,imsi,pin1,puk1,adm1';
const good = (n: number): string => `${iccid(n)},${imsi(n)},4711,12348765,39485761`;
const rows = csv([header, good(1), `${iccid(2)},${imsi(2)},0000,12348765,39485761`, `${iccid(3)},${imsi(3)},0000,11111111,39485761`, `${iccid(4)},${imsi(4)},4711,12348765,55555555`]);

describe('a file with published defaults', () => {
  it('is blocked outside the Lab, by groups that can be left out', async () => {
    engine = await importEngine({ environment: 'test' });
    const view = await checked(engine, rows);
    expect(codes(view).sort()).toEqual(['SECRET_DEFAULT 1', 'SECRET_DEFAULT 1', 'SECRET_DEFAULT 2']);
    expect(view.counts).toMatchObject({ good: 1, bad: 3 });
    expect(view.groups.find((group) => group.rows === 2)).toMatchObject({ severity: 'blocker', title: '2 values of PIN1 are published defaults', repairs: [{ kind: 'leave-out' }] });
    expect(JSON.stringify(await engine.ok('imports.rows', { id: view.id, limit: 10 }))).not.toMatch(/11111111|55555555/);
    const pins = view.groups.find((group) => group.rows === 2)!;
    await engine.ok('imports.repair', { id: view.id, group: pins.id, repair: 'leave-out' });
    const left = await show(engine, view.id);
    expect(left.counts).toMatchObject({ good: 1, bad: 1, leftOut: 2 });
    expect(await commit(engine, view.id, { leaveOutBad: true })).toMatchObject({ state: 'done', done: 1 });
  });

  it('is taken in the Lab', async () => {
    engine = await importEngine({ environment: 'lab' });
    expect(await checked(engine, rows)).toMatchObject({ groups: [], counts: { good: 4 } });
  });

  it('with one profile is refused outside the Lab, also without an import', async () => {
    engine = await importEngine({ environment: 'test' });
    const secrets = engine.uploads.put(Buffer.from('pin1=0000\npuk1=12348765\n'));
    expect(await engine.refused('profiles.add', { type: 'Sample', iccid: iccid(1), imsi: imsi(1), secrets })).toMatchObject({ code: 'SECRETS_INVALID', message: expect.stringMatching(/pin1.*published default/) as string });
    const file = engine.uploads.put(Uint8Array.from(rows));
    expect(await engine.refused('stock.importFile', { file, type: 'Sample' })).toMatchObject({ code: 'ROWS_INVALID', message: expect.stringMatching(/SECRET_DEFAULT/) as string });
    expect((await show(engine, (await checked(engine, csv([header, good(1)]))).id)).counts).toMatchObject({ good: 1 });
  });

  it('under a transport key is found once it is opened', async () => {
    engine = await importEngine({ environment: 'test' });
    const wrappingKey = '000102030405060708090a0b0c0d0e0f';
    await transportKey(engine, 'Vendor 1', 'aes-128', wrappingKey, { index: '1' });
    const wrapped = (hex: string): string => createCipheriv('aes-128-ecb', Buffer.from(wrappingKey, 'hex'), null).setAutoPadding(false).update(Buffer.from(hex, 'hex')).toString('hex');
    const line = (n: number, k: string): string => `${iccid(n)}/${imsi(n)}/${wrapped(k)}/${wrapped(key(n, 'BB'))}`;
    const view = await checked(engine, Buffer.from(`Quantity: 2\nTransport_key: 1\nvar_out: Ser_nb/IMSI/Ki/OPC\n${line(1, key(1))}\n${line(2, '00'.repeat(16))}\n`), { fileName: 'batch.out' });
    expect(codes(view).sort()).toEqual(['KEY_UNCHECKED 1', 'SECRET_DEFAULT 1']);
    expect(view.groups.find((one) => one.code === 'SECRET_DEFAULT')).toMatchObject({ field: 'k' });
  });
});
