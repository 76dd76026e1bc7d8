/** The index of a transport key, in files that come and files that go, and headers that name another key than the one chosen. Keys are visibly test material. */
import { createCipheriv } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { ImportView } from '../../../src/shared/contract/imports.ts';
import { isClearIndex, isKeyIndex, isSameIndex } from '../../../src/shared/contract/transport-keys.ts';
import type { TestEngine } from '../../support/engine.ts';
import { codes, commit, csv, iccid, importEngine, imsi, key, open, preview, rowsOf, show, transportKey, validate } from './support.ts';

let engine: TestEngine;
afterEach(() => engine?.close());

const K4 = '000102030405060708090a0b0c0d0e0f';
const encrypt = (under: string, hex: string): string => createCipheriv('aes-128-ecb', Buffer.from(under, 'hex'), null).setAutoPadding(false).update(Buffer.from(hex, 'hex')).toString('hex');
const kcv = (hex: string): string => encrypt(hex, '00'.repeat(16)).slice(0, 6);
const components = () => ['11'.repeat(16), Buffer.from(Buffer.from(K4, 'hex').map((octet) => octet ^ 0x11)).toString('hex')].map((value, n) => ({ value: engine.uploads.put(Buffer.from(value)), custodian: `c${n}` }));
const register = (name: string, extra: object = {}) => transportKey(engine, name, 'aes-128', '', { components: components(), ...extra });
/** Three rows whose K and OPc are under {@link K4}, with the check value of K or without one. */
const file = (header: string, { checks = false, clear = false } = {}): Buffer => {
  const rows = [1, 2, 3].map((n) => [iccid(n), imsi(n), ...[key(n), key(n, 'BB')].map((one) => (clear ? one : encrypt(K4, one))), ...(checks ? [kcv(key(n))] : [])].join(';'));
  return Buffer.from(`Quantity: 3\nCustomer: ACME\n${header}var_out: Ser_nb/IMSI/Ki/OPC${checks ? '/Ki_KCV' : ''}\n${rows.join('\n')}\n`);
};
const openOut = (bytes: Buffer, extra: object = {}) => open(engine, bytes, { fileName: 'batch.out', ...extra });
const under = (view: ImportView, name: string) => view.columns.map((one) => (one.field === 'k' || one.field === 'opc' ? { ...one, wrapping: { key: name, mode: 'ecb', reversed: 'no' } } : one));
const mapped = async (bytes: Buffer, name: string): Promise<ImportView> => {
  const view = await openOut(bytes);
  await engine.ok('imports.map', { id: view.id, type: 'Sample', columns: under(view, name) });
  return validate(engine, view.id);
};

const wrongIndexes = ['0', '00', '000', '+0', '0x0', '1|2', '٠', '٣', '1 2', '1/2', '1\n2', '1\u20282', '-1', '1.0', '123456789', 'K4'];

describe('an index of a transport key', () => {
  it('is a number of 1 to 8 digits and not zero; zeros in front mean nothing', () => {
    expect(wrongIndexes.filter(isKeyIndex)).toEqual([]);
    expect(['1', '01', '7', '255', '00000001', '99999999'].every(isKeyIndex)).toBe(true);
    expect(['0', '00', '00000000'].every(isClearIndex)).toBe(true);
    expect(['', '1', '10', '0x0', '+0', '٠'].some(isClearIndex)).toBe(false);
    expect([isSameIndex('01', '1'), isSameIndex('001', '01'), isSameIndex('1', '10'), isSameIndex('1', '0x1'), isSameIndex('', '0')]).toEqual([true, true, false, false, false]);
  });

  it.each(wrongIndexes)('%j is refused where a key is added and where it is changed', async (index) => {
    engine = await importEngine();
    expect(await engine.refused('transportKeys.add', { name: 'Vendor', algorithm: 'aes-128', components: components(), index })).toMatchObject({ code: 'INPUT_INVALID', field: 'index' });
    await register('Vendor', { index: '01' });
    expect(await engine.refused('transportKeys.change', { name: 'Vendor', index })).toMatchObject({ code: 'INPUT_INVALID', field: 'index' });
    expect(await engine.ok('transportKeys.list')).toMatchObject({ rows: [{ name: 'Vendor', index: '01' }] });
  });

  it('of an older workspace that is none keeps files from being made that would say the keys are in the clear', async () => {
    engine = await importEngine();
    await register('Vendor', { index: '7' });
    const form = { name: 'AuC', kind: 'hlr', format: 'out', columns: [{ field: 'imsi' }, { field: 'k' }], transportKey: 'Vendor' };
    for (const index of wrongIndexes) {
      await engine.ctx.db.updateTable('transport_keys').set({ key_index: index }).execute();
      expect(await engine.refused('outputs.addRecipient', form), index).toMatchObject({ code: 'KEY_INDEX_MISSING', field: 'transportKey' });
    }
    await engine.ctx.db.updateTable('transport_keys').set({ key_index: '07' }).execute();
    await engine.ok('outputs.addRecipient', form);
  });

  it('of a header is found by its value, and among several it is said that there are', async () => {
    engine = await importEngine();
    await register('Vendor', { index: '1' });
    const keys = async (header: string) => (await openOut(file(header))).columns.slice(2).map((one) => one.wrapping?.key);
    expect(await keys('Transport_key: 01\n')).toEqual(['Vendor', 'Vendor']);
    expect(await keys('Transport_key: 0x1\n')).toEqual([undefined, undefined]);
    // Lines that differ: none of them is believed.
    expect(await keys('Transport_key: 1\nK4_index: 9\n')).toEqual([undefined, undefined]);
    await register('Other', { index: '001' });
    const view = await openOut(file('Transport_key: 1\n'));
    expect([view.columns[2]!.wrapping, view.detection.columns[2]!.why]).toEqual([undefined, expect.stringContaining('transport key 1, and Other and Vendor have that index here') as string]);
  });
});

describe('a header that names another key than the one chosen', () => {
  it.each([
    ['0', '2', 'The header says that K (Ki) and OPc are in the clear (transport key 0); chosen is Vendor, which has index 2.'],
    ['9', '2', 'The header says transport key 9 for K and OPc; chosen is Vendor, which has index 2.'],
  ])('%s, with a key of index %s, stops the import and names both; a person may go on', async (said, index, sentence) => {
    engine = await importEngine();
    await register('Vendor', { index });
    const view = await mapped(file(`Transport_key: ${said}\n`), 'Vendor');
    const group = view.groups.find((one) => one.code === 'KEY_INDEX_DIFFERS')!;
    expect(group).toMatchObject({ severity: 'blocker', title: sentence.replace('K (Ki)', 'K') });
    expect((await preview(engine, view.id)).blockers).not.toEqual([]);
    expect(await engine.refused('imports.commit', { id: view.id })).toMatchObject({ code: 'ROWS_INVALID' });
    await engine.ok('imports.repair', { id: view.id, group: group.id, repair: 'accept' });
    await commit(engine, view.id);
    expect(await rowsOf(engine)).toHaveLength(3);
  });

  it('is asked again where another key is chosen after one was accepted', async () => {
    engine = await importEngine();
    await register('Vendor', { index: '2' });
    await register('Third', { index: '3' });
    const view = await mapped(file('Transport_key: 9\n'), 'Vendor');
    await engine.ok('imports.repair', { id: view.id, group: 'key-header:-1', repair: 'accept' });
    expect(codes(await show(engine, view.id))).toEqual(['KEY_UNCHECKED 1']);
    await engine.ok('imports.map', { id: view.id, columns: under(view, 'Third') });
    expect(codes(await validate(engine, view.id)).sort()).toEqual(['KEY_INDEX_DIFFERS 1', 'KEY_UNCHECKED 1']);
  });

  it('is a key of that index that is registered, while the chosen one has none', async () => {
    engine = await importEngine();
    await register('Ninth', { index: '9' });
    await register('Vendor');
    expect((await mapped(file('Transport_key: 9\n'), 'Vendor')).groups[0]).toMatchObject({ code: 'KEY_INDEX_DIFFERS', title: 'The header says transport key 9 for K and OPc, which is Ninth here; chosen is Vendor, which has no index.' });
    await engine.ok('transportKeys.retire', { name: 'Ninth', reason: 'end of the test' });
    expect(codes(await mapped(file('Transport_key: 9\n'), 'Vendor'))).toEqual(['KEY_UNCHECKED 1']);
  });

  it('is only said where check values tell whether the key is right', async () => {
    engine = await importEngine();
    await register('Vendor', { index: '2' });
    const view = await mapped(file('Transport_key: 9\n', { checks: true }), 'Vendor');
    expect([view.counts, view.groups]).toMatchObject([{ good: 3, bad: 0 }, [{ code: 'KEY_INDEX_DIFFERS', severity: 'warning' }]]);
    const garbage = await mapped(file('Transport_key: 0\n', { checks: true, clear: true }), 'Vendor');
    expect([garbage.counts, codes(garbage).sort()]).toMatchObject([{ good: 0, bad: 3 }, ['KCV_MISMATCH 3', 'KEY_INDEX_DIFFERS 1']]);
  });

  it('comes with a saved mapping as well', async () => {
    engine = await importEngine();
    await register('Vendor', { index: '2' });
    const first = await openOut(file('Transport_key: 2\n'));
    await engine.ok('imports.map', { id: first.id, type: 'Sample', columns: under(first, 'Vendor'), saveAs: 'Of Vendor' });
    const next = await openOut(file('Transport_key: 0\n', { clear: true }));
    expect([next.detection.mapping, codes(await validate(engine, next.id)).sort()]).toEqual(['Of Vendor', ['KEY_INDEX_DIFFERS 1', 'KEY_UNCHECKED 1']]);
    const upload = engine.uploads.put(Uint8Array.from(file('Transport_key: 0\n', { clear: true })));
    expect(await engine.refused('stock.importFile', { file: upload, type: 'Sample' })).toMatchObject({ code: 'ROWS_INVALID', message: expect.stringContaining('KEY_INDEX_DIFFERS') as string });
  });
});

describe('outside a lab', () => {
  it('a header with the index of no registered key is answered with that index, not with keys in clear', async () => {
    engine = await importEngine({ environment: 'test' });
    await register('Vendor', { index: '2' });
    const view = await openOut(file('Transport_key: 9\n'));
    const answer = { code: 'TRANSPORT_KEY_UNKNOWN', message: 'The header says that K comes under transport key 9, and no transport key of that index is registered.' };
    expect(view.blockers).toContain(answer.message);
    expect(view.blockers.join()).not.toContain('clear');
    expect(await engine.refused('imports.map', { id: view.id, type: 'Sample' })).toMatchObject(answer);
    const upload = engine.uploads.put(Uint8Array.from(file('Transport_key: 9\n')));
    expect(await engine.refused('stock.importFile', { file: upload, type: 'Sample' })).toMatchObject({ code: 'FILE_MALFORMED', message: 'The column Ki is encrypted under transport key 9, as the header says, and no transport key of that index is registered.' });
    // A header of 0 and none at all are in clear.
    for (const header of ['Transport_key: 0\n', '']) expect(await engine.refused('imports.map', { id: (await openOut(file(header))).id, type: 'Sample' })).toMatchObject({ code: 'CLEAR_KEYS_REFUSED' });
    // So is a column only its name says to be encrypted no key in clear.
    const named = await open(engine, csv(['iccid,imsi,eKi', `${iccid(1)},${imsi(1)},${encrypt(K4, key(1))}`]));
    expect(await engine.refused('imports.map', { id: named.id, type: 'Sample' })).toMatchObject({ code: 'TRANSPORT_KEY_UNKNOWN', message: 'The column eKi is encrypted under a transport key, and none is chosen.' });
  });
});

describe('a transport key nothing in the file can check', () => {
  it('is said once for the file, and not where a check value or a code under the same key tells', async () => {
    engine = await importEngine();
    await register('Vendor', { index: '1' });
    const view = await mapped(file('Transport_key: 1\n'), 'Vendor');
    expect([view.counts, view.groups]).toMatchObject([{ good: 3, bad: 0, warned: 0 }, [{ code: 'KEY_UNCHECKED', severity: 'warning', rows: 1, title: 'Nothing in this file tells whether the transport key is the right one: K and OPc under Vendor have no check values.' }]]);
    expect((await preview(engine, view.id)).blockers).toEqual([]);
    expect(codes(await mapped(file('Transport_key: 1\n', { checks: true }), 'Vendor'))).toEqual([]);
    expect(codes(await mapped(file('', { clear: true, checks: true }), 'Vendor'))).toEqual(['KCV_MISMATCH 3']);
  });
});
