/** What is said while the columns are chosen, rows that only the file can mend, OPc nobody gave, and fix files that come back. Keys are visibly test material. */
import { createCipheriv } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { ImportRow, ImportView } from '../../../src/shared/contract/imports.ts';
import type { TestEngine } from '../../support/engine.ts';
import { checked, codes, commit, csv, fixFile, iccid, importEngine, imsi, key, open, transportKey, validate } from './support.ts';

let engine: TestEngine;
afterEach(() => engine.close());

const K4 = '000102030405060708090a0b0c0d0e0f';
const wrap = (hex: string): string => Buffer.from(createCipheriv('aes-128-ecb', Buffer.from(K4, 'hex'), null).setAutoPadding(false).update(Buffer.from(hex, 'hex'))).toString('hex');
const under = { key: 'K4', mode: 'ecb' };
/** Names the columns by hand, as a window does. */
const map = (id: string, columns: readonly object[], more: object = {}): Promise<ImportView> => engine.ok('imports.map', { id, columns, ...more });

describe('keys in the clear outside a lab', () => {
  it('are said while the columns are chosen, before there is a profile type; one by one they go away', async () => {
    engine = await importEngine({ environment: 'test' });
    await transportKey(engine, 'K4', 'aes-128', K4, { components: [{ value: engine.uploads.put(Buffer.from(K4)), custodian: 'Ada' }, { value: engine.uploads.put(Buffer.from('00'.repeat(15) + '01')), custodian: 'Bob' }] });
    const opened = await open(engine, csv(['iccid,imsi,ki,opc', `${iccid(1)},${imsi(1)},${key(1)},${key(1, 'BB')}`]), { type: undefined });
    expect(opened.blockers).toEqual(['K and OPc are in the clear, which only a lab takes: choose the transport key of each.', 'Choose the profile type.']);
    const columns = (k: object, opc: object) => [{ index: 0, field: 'iccid' }, { index: 1, field: 'imsi' }, { index: 2, field: 'k', ...k }, { index: 3, field: 'opc', ...opc }];
    expect((await map(opened.id, columns({ wrapping: under }, {}))).blockers[0]).toBe('OPc is in the clear, which only a lab takes: choose its transport key.');
    expect((await map(opened.id, columns({ wrapping: under }, { wrapping: under }))).blockers).toEqual(['Choose the profile type.']);
  });

  it('are no matter in a lab', async () => {
    engine = await importEngine();
    expect((await open(engine, csv(['iccid,imsi,ki', `${iccid(1)},${imsi(1)},${key(1)}`]), { type: undefined })).blockers).toEqual(['Choose the profile type.']);
  });
});

describe('rows that only the file can mend', () => {
  it('have no cell to type in; others have', async () => {
    engine = await importEngine();
    const view = await checked(engine, csv(['iccid,imsi', `${iccid(1)},${imsi(1)}`, `${iccid(2)},${imsi(2)},more`, `${iccid(3)},12`]));
    const { rows } = await engine.ok<{ rows: ImportRow[] }>('imports.rows', { id: view.id, state: 'bad' });
    expect(rows.map((row) => [row.problems[0]!.code, row.cells.some((cell) => cell.editable)])).toEqual([['CELL_COUNT', false], ['IMSI_INVALID', true]]);
  });
});

describe('K without OPc', () => {
  const rows = (): Buffer => csv(['iccid,imsi,ki,opc', `${iccid(1)},${imsi(1)},${wrap(key(1))},${wrap(key(1, 'BB'))}`, `${iccid(2)},${imsi(2)},${wrap(key(2))},`]);
  const columns = [{ index: 0, field: 'iccid' }, { index: 1, field: 'imsi' }, { index: 2, field: 'k', wrapping: under }, { index: 3, field: 'opc', wrapping: under }];

  it('is refused outside a lab, since an OPc made at random is not known to the network; the rules may accept it', async () => {
    engine = await importEngine({ environment: 'test' });
    const zeros = '00'.repeat(15);
    await transportKey(engine, 'K4', 'aes-128', K4, { components: [{ value: engine.uploads.put(Buffer.from(`${zeros}ff`)), custodian: 'Ada' }, { value: engine.uploads.put(Buffer.from(`${K4.slice(0, 30)}f0`)), custodian: 'Bob' }] });
    const { id } = await open(engine, rows(), { type: undefined });
    await map(id, columns, { type: 'Sample' });
    let view = await validate(engine, id);
    expect([view.counts, codes(view).filter((code) => code.startsWith('OPC'))]).toMatchObject([{ good: 1, bad: 1 }, ['OPC_MISSING 1']]);
    const group = view.groups.find((one) => one.code === 'OPC_MISSING')!;
    expect(group).toMatchObject({ severity: 'blocker', field: 'opc', samples: [{ line: 3, message: expect.stringContaining('made at random') as string }] });
    await engine.ok('imports.map', { id, rules: { ...view.rules, missingOpc: 'make' } });
    view = await validate(engine, id);
    expect([view.counts, codes(view).filter((code) => code.startsWith('OPC'))]).toMatchObject([{ good: 2, bad: 0 }, ['OPC_MADE 1']]);
  });

  it('is a warning in a lab, and refused there where the rules say so', async () => {
    engine = await importEngine();
    const view = await checked(engine, csv(['iccid,imsi,ki', `${iccid(1)},${imsi(1)},${key(1)}`]));
    expect(codes(view)).toEqual(['OPC_MADE 1']);
    await engine.ok('imports.map', { id: view.id, rules: { ...view.rules, missingOpc: 'refuse' } });
    expect(codes(await validate(engine, view.id))).toEqual(['OPC_MISSING 1']);
  });
});

describe('a fix file dropped as an ordinary file', () => {
  const names = 'card,subscriber,note,code';
  const line = (n: number, card = iccid(n)): string => `${card},${imsi(n)},${n},${String(10_000_000 + n)}`;
  const chosen = [{ index: 0, field: 'iccid', transforms: [] }, { index: 1, field: 'imsi', transforms: [] }, { index: 2, transforms: [] }, { index: 3, field: 'puk1', transforms: [] }];
  const first = async (): Promise<ImportView> => {
    const { id } = await open(engine, csv([names, line(1), `${line(2)},too,many`, line(3, '12')]), { fileName: 'vendor.csv', type: undefined });
    await map(id, chosen, { type: 'Sample', rules: { duplicates: 'skip', missingKey: 'make' } });
    return validate(engine, id);
  };
  const again = async (id: string): Promise<Buffer> => Buffer.from((await fixFile(engine, id)).toString().replace('too,many', ',').replace(',12,', `,${iccid(3)},`));

  it('takes over columns, rules and profile type of its import, after the commit as well', async () => {
    engine = await importEngine();
    const before = await first();
    expect(before.counts).toMatchObject({ good: 1, bad: 2 });
    const fix = await again(before.id);
    await commit(engine, before.id, { leaveOutBad: true });
    const view = await open(engine, fix, { fileName: 'renamed.csv', type: undefined });
    expect(view).toMatchObject({ type: 'Sample', blockers: [], rules: { duplicates: 'skip' }, detection: { fixOf: 'vendor.csv', undecided: [] } });
    expect(view.detection.why.at(-1)).toBe('It is the fix file of vendor.csv: columns, rules and profile type are those of that import.');
    expect(view.columns.flatMap((one) => (one.field === undefined ? [] : [one.field]))).toEqual(['iccid', 'imsi', 'puk1']);
  });

  it('has the saved mapping of its own columns when the import is not in hand any more', async () => {
    engine = await importEngine();
    const before = await first();
    const fix = await fixFile(engine, before.id);
    await engine.ok('imports.saveMapping', { id: before.id, name: 'Vendor' });
    await engine.ok('imports.discard', { id: before.id });
    const view = await open(engine, fix, { type: undefined });
    expect(view).toMatchObject({ type: 'Sample', detection: { mapping: 'Vendor' } });
    expect(view.detection.fixOf).toBeUndefined();
  });

  it('is left alone where neither is known, and an ordinary file of the same columns takes nothing over', async () => {
    engine = await importEngine();
    const before = await first();
    const fix = await fixFile(engine, before.id);
    expect((await open(engine, csv([names, line(9)]), { type: undefined })).type).toBeUndefined();
    await engine.ok('imports.discard', { id: before.id });
    const view = await open(engine, fix, { type: undefined });
    expect([view.type, view.detection.fixOf]).toEqual([undefined, undefined]);
    expect(view.detection.why.at(-1)).toContain('those of a fix file');
  });
});
