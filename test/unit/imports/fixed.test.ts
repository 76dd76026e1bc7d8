/** Columns at constant places: found where blanks would lie, given where values touch. Everything in the files is test material. */
import { afterEach, describe, expect, it } from 'vitest';
import { detectColumns } from '../../../src/main/engine/imports/detect.ts';
import { openSource } from '../../../src/main/engine/imports/source.ts';
import type { TestEngine } from '../../support/engine.ts';
import { checked, codes, commit, fixFile, iccid, importEngine, imsi, open, rowsOf, validate } from './support.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const at = (widths: readonly number[]) => (values: readonly string[]): string => values.map((value, i) => value.padEnd(widths[i] ?? 0)).join('').trimEnd();
const read = async (text: string, wish = {}) => {
  const source = await openSource(bytes(text), wish);
  return { source, cells: Array.from({ length: source.rows }, (_, i) => source.cells(i)?.map((cell) => Buffer.from(cell).toString())) };
};

const line = at([22, 17, 14, 6, 9]);
const header = 'Quantity: 3\nCustomer: ACME\nvar_out: Ser_nb/IMSI/MSISDN/PIN1/PUK1\n';
const rows = [
  ['8999900000000000014', '001010000000001', '999123456', '1111', '11112222'],
  ['8999900000000000022', '001010000000002', '', '2222', '22223333'],
  ['8999900000000000030', '001010000000003', '999123457', '', '33334444'],
];

describe('columns at constant places', () => {
  it('are found in an .out file where values are missing', async () => {
    const { source, cells } = await read(header + rows.map(line).join('\r\n'));
    expect(source.format).toMatchObject({ layout: 'vendor', separator: 'fixed', widths: [22, 17, 14, 6, 8] });
    expect(source.why.join(' ')).toContain('Its 5 columns stand at constant places, 22, 17, 14, 6, 8 characters wide.');
    expect(cells).toEqual(rows);
    expect(detectColumns(source).columns.map((one) => one.field)).toEqual(['iccid', 'imsi', 'msisdn', 'pin1', 'puk1']);
  });
  it('are not taken for such where blanks tell them, nor where values do not stand in line', async () => {
    const whole = rows.map((row) => row.map((value) => value || '9991'));
    expect((await read(header + whole.map(line).join('\n'))).source.format.separator).toBe('blanks');
    const loose = [rows[0]!.join(' '), rows[1]!.join('    '), rows[2]!.join('  ')];
    const { source, cells } = await read(header + loose.join('\n'));
    expect([source.format.separator, cells.map((one) => one?.length)]).toEqual(['blanks', [5, 4, 4]]);
  });
  it('hold right-aligned values, values with blanks inside, and a row of names', async () => {
    const table = ['Serial number         IMSI             MSISDN          PIN1', '8999900000000000014   001010000000001     999 123 456  1111', '8999900000000000022   001010000000002   99 1234 56789  2222'].join('\n');
    const { source, cells } = await read(table);
    expect(source).toMatchObject({ format: { layout: 'table', separator: 'fixed', header: true }, names: ['Serial number', 'IMSI', 'MSISDN', 'PIN1'], rows: 2 });
    expect(cells).toEqual([['8999900000000000014', '001010000000001', '999 123 456', '1111'], ['8999900000000000022', '001010000000002', '99 1234 56789', '2222']]);
  });
  it('are counted in characters, not octets', async () => {
    const { source, cells } = await read(`name   iccid                imsi\n${['Zoë', 'Ana', 'Åsa', 'Çem'].map((name, i) => `${name.padEnd(7)}${`899990000000000001${i}`.padEnd(21)}${i === 1 ? '' : `00101000000000${i}`}`).join('\n')}\n`);
    expect(source.format).toMatchObject({ separator: 'fixed', widths: [7, 21, 15] });
    expect(cells.map((one) => one![1])).toEqual(['8999900000000000010', '8999900000000000011', '8999900000000000012', '8999900000000000013']);
  });
  it('may touch, where widths are given: by var_out, by a header key, or by a person', async () => {
    const touching = at([19, 15, 9, 4, 8]);
    const body = rows.map(touching).join('\n');
    const named = 'Quantity: 3\nCustomer: ACME\n';
    for (const [text, wish] of [
      [`${named}var_out: Ser_nb(19)/IMSI(15)/MSISDN(9)/PIN1(4)/PUK1(8)\n${body}`, {}],
      [`${named}var_out: Ser_nb:19/IMSI:15/MSISDN:9/PIN1:4/PUK1:8\n${body}`, {}],
      [`${named}Widths: 19 15 9 4 8\nvar_out: Ser_nb/IMSI/MSISDN/PIN1/PUK1\n${body}`, {}],
      [`${named}var_out: Ser_nb/IMSI/MSISDN/PIN1/PUK1\n${body}`, { format: { separator: 'fixed', widths: [19, 15, 9, 4, 8] } }],
      [body, { format: { layout: 'table', separator: 'fixed', widths: [19, 15, 9, 4, 8], header: false } }],
    ] as const) {
      const { source, cells } = await read(text, wish);
      expect([source.format.separator, source.format.widths, cells]).toEqual(['fixed', [19, 15, 9, 4, 8], rows]);
    }
  });
  it('with widths said of values that a sign parts stay parted by the sign', async () => {
    const { source, cells } = await read(`Quantity: 1\nvar_out: Ser_nb(20)/IMSI(18)/PIN1(8)\n${rows[0]!.slice(0, 2).join(';')};1111\n`);
    expect([source.format.separator, [...source.names], cells]).toEqual(['semicolon', ['Ser_nb', 'IMSI', 'PIN1'], [['8999900000000000014', '001010000000001', '1111']]]);
  });
  it('of another number than the names are refused, as are rows without any', async () => {
    await expect(openSource(bytes(header + rows.map(line).join('\n')), { format: { separator: 'fixed', widths: [22, 17, 14] } })).rejects.toMatchObject({ code: 'FILE_MALFORMED', message: 'The header names 5 columns; the widths are for 3.' });
    await expect(openSource(bytes('a,b\n1,2\n'), { format: { layout: 'table', separator: 'fixed' } })).rejects.toMatchObject({ code: 'FILE_MALFORMED', hint: expect.stringContaining('how many characters') as string });
  });
});

describe('an import of such a file', () => {
  let engine: TestEngine;
  afterEach(() => engine.close());

  it('never takes digits of one column for the next: a row out of line is wrong, its fix file goes in again', async () => {
    engine = await importEngine();
    const good = Array.from({ length: 120 }, (_, i) => line([iccid(i + 1), imsi(i + 1), i % 3 === 0 ? '' : `99912${3000 + i}`, `4${(711 + i).toString().slice(-3)}`, `6${7211000 + i}`]));
    // One digit more than its column: everything behind it is shifted.
    const stray = `${iccid(500).padEnd(22)}${`${imsi(500)}123`.padEnd(18)}${'999123000'.padEnd(14)}4711  67210500`;
    const file = `Quantity: 121\nCustomer: ACME\nvar_out: Ser_nb/IMSI/MSISDN/PIN1/PUK1\n${[...good.slice(0, 60), stray, ...good.slice(60)].join('\n')}\n`;
    const view = await checked(engine, Buffer.from(file), { fileName: 'batch.out' });
    expect(view.detection.format).toMatchObject({ separator: 'fixed', widths: [22, 17, 14, 6, 8] });
    expect([view.counts, codes(view)]).toMatchObject([{ good: 120, bad: 1 }, ['ROW_MALFORMED 1']]);
    const fix = (await fixFile(engine, view.id)).toString();
    expect(fix).toContain(stray);
    expect(await commit(engine, view.id, { leaveOutBad: true })).toMatchObject({ done: 120 });
    const stored = await rowsOf(engine);
    expect([stored[0]!.msisdn, stored[1]!.msisdn, stored[119]!.imsi]).toEqual([null, '999123001', imsi(120)]);
    const again = await checked(engine, Buffer.from(fix.replace(stray, line([iccid(500), imsi(500), '999123000', '4711', '67210500']))), { fileName: 'batch-to-fix.out' });
    expect(again.counts).toMatchObject({ good: 1, bad: 0 });
  });

  it('keeps its widths in a preset and in a saved mapping, and takes them from a person', async () => {
    engine = await importEngine();
    const touching = at([19, 15, 4]);
    const file = (from: number): Buffer => Buffer.from([from, from + 1].map((n) => touching([iccid(n), imsi(n), n % 2 ? '' : '4711'])).join('\n'));
    const preset = { name: 'Touching', summary: 'test', format: { layout: 'table', encoding: 'utf-8', separator: 'fixed', widths: [19, 15, 4], header: false, columns: ['ICCID', 'IMSI', 'PIN1'] }, columns: [{ name: 'ICCID', field: 'iccid' }, { name: 'IMSI', field: 'imsi' }, { name: 'PIN1', field: 'pin1' }] };
    await engine.ok('imports.savePreset', preset);
    const first = await open(engine, file(1), { preset: 'Touching' });
    expect(first).toMatchObject({ detection: { format: { separator: 'fixed', widths: [19, 15, 4] } }, blockers: [] });
    expect((await validate(engine, first.id)).counts).toMatchObject({ good: 2, bad: 0 });
    const second = await open(engine, file(3));
    expect(second.detection.format.separator).not.toBe('fixed');
    const mapped = await engine.ok<typeof second>('imports.map', { id: second.id, format: { ...preset.format, comments: [] } });
    expect(mapped.detection.columns.map((one) => one.samples[0])).toEqual([iccid(3), imsi(3), '4 digits']);
    await engine.ok('imports.map', { id: second.id, columns: [{ index: 0, field: 'iccid' }, { index: 1, field: 'imsi' }, { index: 2, field: 'pin1' }], type: 'Sample', saveAs: 'Touching rows' });
    expect(await open(engine, file(5), { mapping: 'Touching rows' })).toMatchObject({ detection: { format: { separator: 'fixed', widths: [19, 15, 4] } }, blockers: [] });
  });
});
