/** What vendors write, sentence by sentence: header, comments, indices of keys, several IMSIs, forms of numbers and codes. All of it is test material. */
import { createCipheriv } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { detectColumns } from '../../../src/main/engine/imports/detect.ts';
import { openSource } from '../../../src/main/engine/imports/source.ts';
import type { TestEngine } from '../../support/engine.ts';
import { checked, codes, commit, csv, iccid, importEngine, imsi, key, open, preview, rowsOf, transportKey, validate } from './support.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const read = async (text: string) => {
  const source = await openSource(bytes(text));
  return { source, cells: Array.from({ length: source.rows }, (_, i) => source.cells(i)?.map((cell) => Buffer.from(cell).toString())) };
};
const swap = (digits: string): string => digits.replace(/(.)(.)/g, '$2$1');
const hex = (digits: string): string => Buffer.from(digits).toString('hex').toUpperCase().padEnd(16, 'F');

describe('comments', () => {
  it.each([['*', '* '], ['#', '# '], [';', '; ']])('behind %s stand anywhere in a vendor\'s file', async (_sign, sign) => {
    const text = `${sign}HEADER\n${sign}Quantity: 99\nQuantity: 2\n${sign}\nCustomer=ACME\nvar_out: Ser_nb/IMSI\n${sign}rows\n${iccid(1)} ${imsi(1)}\n${sign}in between\n${iccid(2)} ${imsi(2)}\n`;
    const { source, cells } = await read(text);
    expect([source.quantity, source.header.map((one) => one.key), cells]).toEqual([2, ['Quantity', 'Customer'], [[iccid(1), imsi(1)], [iccid(2), imsi(2)]]]);
  });
  it('are not seen in a row whose first value is missing', async () => {
    const { cells } = await read(`; rows\nQuantity: 2\nvar_out: MSISDN/IMSI\n;${imsi(1)}\n999123456;${imsi(2)}\n`);
    expect(cells).toEqual([['', imsi(1)], ['999123456', imsi(2)]]);
  });
  it('in a table are passed over, but no line that names columns is', async () => {
    const { source, cells } = await read(`# delivery 7\niccid,imsi\n# first\n${iccid(1)},${imsi(1)}\n`);
    expect([source.format.comments, [...source.names], cells]).toEqual([['#'], ['iccid', 'imsi'], [[iccid(1), imsi(1)]]]);
    expect((await read(`#iccid,imsi\n${iccid(1)},${imsi(1)}\n`)).source).toMatchObject({ format: { comments: [], header: true }, names: ['#iccid', 'imsi'] });
  });
});

describe('several IMSIs', () => {
  const head = (perCard: number): string => `B77 20260115 2 ELEC0605 ${perCard} 0 0 TRIPLE 1\n`;
  const second = '001020000000001';
  it.each([
    ['one IMSI', 1, [iccid(1), imsi(1), '999123456'], ['ICCID', 'IMSI', 'MSISDN']],
    ['the MSISDN in front', 3, [iccid(1), imsi(1), '999123456', second, '001030000000001'], ['ICCID', 'IMSI', 'MSISDN', 'IMSI2', 'IMSI3']],
    ['the MSISDN behind', 3, [iccid(1), imsi(1), second, '001030000000001', '999123456'], ['ICCID', 'IMSI', 'IMSI2', 'IMSI3', 'MSISDN']],
    ['no MSISDN', 2, [iccid(1), imsi(1), second], ['ICCID', 'IMSI', 'IMSI2']],
    ['an MSISDN as long as an IMSI', 2, [iccid(1), imsi(1), second, '999123456789012'], ['ICCID', 'IMSI', 'column 3', 'column 4']],
  ] as const)('by position, %s: none becomes an MSISDN', async (_what, perCard, cells, names) => {
    const { source } = await read(`${head(perCard)}${cells.join(' ')}\n${cells.join(' ')}\n`);
    expect([...source.names]).toEqual(names);
    const { columns, undecided } = detectColumns(source);
    expect(columns.filter((one) => one.field === 'msisdn').map((one) => one.name)).toEqual(names.filter((one) => one === 'MSISDN'));
    expect(undecided).toEqual(names[2] === 'column 3' ? [2, 3] : []);
  });

  describe('in a table', () => {
    let engine: TestEngine;
    beforeEach(async () => {
      engine = await importEngine();
    });
    afterEach(() => engine.close());

    it('auxiliary ones are named and left alone', async () => {
      const file = csv(['ICCID;IMSI1;MSISDN1;INFO1;IMSI2;MSISDN2;INFO2', `${iccid(1)};${imsi(1)};999123456;home;${second};999123457;abroad`]);
      const opened = await open(engine, file);
      const sentence = 'IMSI2 is an auxiliary IMSI, which the template does not use: not imported, nor INFO1, MSISDN2, and INFO2.';
      expect(opened.detection.why).toContain(sentence);
      expect(opened.detection.columns.map((one) => one.field)).toEqual(['iccid', 'imsi', 'msisdn', undefined, undefined, undefined, undefined]);
      expect(opened.detection.columns[4]!.why).toBe('An auxiliary IMSI, which the template does not use: not imported.');
      expect([opened.detection.undecided, opened.blockers]).toEqual([[], []]);
      const view = await validate(engine, opened.id);
      expect([view.counts, codes(view)]).toMatchObject([{ good: 1, bad: 0 }, ['AUXILIARY_IMSI 1']]);
      expect(view.groups[0]).toMatchObject({ severity: 'warning', title: sentence });
      await commit(engine, view.id);
      expect(await rowsOf(engine)).toMatchObject([{ imsi: imsi(1), msisdn: '999123456' }]);
    });
    it('another one may be meant: mapped by a person it is imported, and only the rest is named', async () => {
      const opened = await open(engine, csv(['ICCID;IMSI;IMSI2;IMSI3', `${iccid(1)};${imsi(1)};${second};001030000000001`]));
      await engine.ok('imports.map', { id: opened.id, columns: [{ index: 0, field: 'iccid' }, { index: 1 }, { index: 2, field: 'imsi' }, { index: 3 }] });
      const view = await validate(engine, opened.id);
      expect(view.groups.map((one) => one.title)).toEqual(['IMSI3 is an auxiliary IMSI, which the template does not use: not imported.']);
      await commit(engine, view.id);
      expect((await rowsOf(engine))[0]!.imsi).toBe(second);
    });
  });
});

describe('an import', () => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = await importEngine();
  });
  afterEach(() => engine.close());

  it('reads EF forms, hexadecimal codes, check values, dashes for nothing, and keeps leading zeros', async () => {
    const kcv = createCipheriv('aes-128-ecb', Buffer.from(key(1), 'hex'), null).setAutoPadding(false).update(new Uint8Array(16)).toString('hex').slice(0, 6).toUpperCase();
    const ef = `08${swap(`9${imsi(1)}`)}`;
    const line = [swap(`${iccid(1)}F`), ef, '-', hex('0711'), hex('07110815'), '0246', '00112233', 'A1B2C3D4E5F60718', key(1), key(1, 'BB'), kcv, '0002'];
    const file = `Quantity: 1\nCustomer: ACME\nTransport_key: 0\nvar_out: Ser_nb/IMSI/MSISDN/PIN1/PUK1/PIN2/PUK2/ADM1/Ki/OPC/Ki_KCV/ACC\n${line.join(' ')}\n`;
    const view = await checked(engine, Buffer.from(file), { fileName: 'batch.out' });
    expect([view.counts, codes(view)]).toMatchObject([{ good: 1, bad: 0 }, []]);
    expect(view.columns.map((one) => one.field)).toEqual(['iccid', 'imsi', 'msisdn', 'pin1', 'puk1', 'pin2', 'puk2', 'adm1', 'k', 'opc', 'kKcv', undefined]);
    expect(view.columns.every((one) => one.wrapping === undefined)).toBe(true);
    await commit(engine, view.id);
    expect(await rowsOf(engine)).toMatchObject([{ iccid: iccid(1), imsi: imsi(1), msisdn: null }]);
  });

  it('says where the access class of the file is another than that of the IMSI', async () => {
    const view = await checked(engine, csv(['iccid,imsi,ACC', `${iccid(1)},${imsi(1)},0002`, `${iccid(2)},${imsi(2)},4`, `${iccid(3)},${imsi(3)},0400`, `${iccid(4)},${imsi(4)},`]));
    expect([view.counts, codes(view)]).toMatchObject([{ good: 4, bad: 0, warned: 1 }, ['ACCESS_CLASS_DIFFERS 1']]);
    expect(view.groups[0]!.samples).toMatchObject([{ line: 4, message: 'The file has the access class 0400; the profile gets 0008, that of its IMSI.' }]);
    expect(await commit(engine, view.id)).toMatchObject({ done: 4 });
  });

  it('takes digits protected from a spreadsheet, and refuses those it has shortened', async () => {
    const shortened = `${iccid(123_456).slice(0, 15)}0000`;
    const view = await checked(engine, csv(['iccid,imsi', `="${iccid(1)}",="${imsi(1)}"`, `"=""${iccid(2)}""",'${imsi(2)}`, `${shortened},${imsi(3)}`, `8.98821E+18,${imsi(4)}`, `${iccid(5)},1.01E+12`]));
    expect(codes(view).sort()).toEqual(['SPREADSHEET_NUMBER 1', 'SPREADSHEET_NUMBER 2']);
    expect(view.groups.find((one) => one.rows === 2)!.repairs.map((one) => one.kind)).toEqual(['leave-out']);
  });

  it('compares the quantity with the rows and shows runs of numbers', async () => {
    const view = await checked(engine, Buffer.from(`Quantity=4\nCustomer=ACME\nvar_out: Ser_nb/IMSI\n${[1, 2, 3, 7].map((n) => `${iccid(n)};${imsi(n)}`).join('\r\n')}\r\n`));
    expect([view.counts, codes(view)]).toMatchObject([{ good: 4 }, []]);
    expect((await preview(engine, view.id)).runs).toEqual([{ first: iccid(1), last: iccid(3), count: 3 }, { first: iccid(7), last: iccid(7), count: 1 }]);
  });
});

describe('the index of a transport key in a header', () => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = await importEngine();
  });
  afterEach(() => engine.close());
  const file = (head: string, kic = ''): Buffer => Buffer.from(`Quantity: 1\nCustomer: ACME\n${head}var_out: Ser_nb/IMSI/Ki/OPC${kic === '' ? '' : '/KIC1'}\n${iccid(1)};${imsi(1)};${key(1)};${key(1, 'BB')}${kic}\n`);
  const open1 = (bytesOf: Buffer, extra = {}) => open(engine, bytesOf, { fileName: 'batch.out', ...extra });

  it('that is not registered stops the file: what is encrypted never becomes a K', async () => {
    const view = await open1(file('Transport_key: 7\n'));
    expect(view.blockers).toEqual(['Choose the transport key of the column Ki.', 'Choose the transport key of the column OPC.']);
    expect(view.detection.columns[2]).toMatchObject({ encrypted: true, why: expect.stringContaining('under transport key 7, which is not registered') as string });
    expect(await engine.refused('imports.validate', { id: view.id })).toMatchObject({ code: 'IMPORT_UNMAPPED' });
    expect(await engine.refused('stock.importFile', { file: engine.uploads.put(Uint8Array.from(file('Transport_key: 7\n'))), type: 'Sample' })).toMatchObject({ code: 'FILE_MALFORMED', message: expect.stringContaining('Ki is encrypted') as string });
    // The dialect of a sender whose keys are in the clear, chosen by name, knows better.
    expect((await open1(file('Transport_key: 7\n'), { preset: 'Output file (.out), clear keys' })).blockers).toEqual([]);
  });
  it('0 says that keys are in the clear', async () => {
    for (const head of ['Transport_key: 0\n', 'Transport_key=00\n', '']) {
      const view = await open1(file(head));
      expect([view.blockers, view.columns.some((one) => one.wrapping)]).toEqual([[], false]);
    }
  });
  it('is another one for OTA keys, or that of K', async () => {
    await transportKey(engine, 'auc', 'aes-128', '01'.repeat(16), { index: '1' });
    await transportKey(engine, 'ota', 'aes-128', '02'.repeat(16), { index: '2' });
    const wrappings = async (head: string) => (await open1(file(head, `;${key(9, 'CC')}`))).columns.slice(2).map((one) => one.wrapping?.key);
    expect(await wrappings('Transport_key: 1\nOTA_transport_key: 2\n')).toEqual(['auc', 'auc', 'ota']);
    expect(await wrappings('Transport_key: 1\nOTA_transport_key: 0\n')).toEqual(['auc', 'auc', undefined]);
    expect(await wrappings('Transport_key: 1\n')).toEqual(['auc', 'auc', 'auc']);
    expect(await wrappings('Transport_key: 0\nOTA_transport_key: 2\n')).toEqual([undefined, undefined, 'ota']);
  });
});
