import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnNamed, readHeader } from '../../../src/main/engine/imports/columns.ts';
import { csvRows, separatorOf } from '../../../src/main/engine/imports/csv.ts';
import { readIccid, readImsi, readSecret } from '../../../src/main/engine/imports/values.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

describe('values', () => {
  it.each([
    ['8988211000000000003', true], ['898821100000000000', true], ['8988211000000000001', false], ['8.98821E+18', false], ['8,98821E+18', false], ['', false],
    ['89882110000000000080', true], ['8988211000000000003F', true], ['8988 2110 0000 0000 003', true], ['12345', false], ['98882211000000000080', false],
  ])('ICCID %s: %s', (text, good) => {
    expect(readIccid(text).ok).toBe(good);
  });
  it('reads the swapped form of EF.ICCID and EF.IMSI', () => {
    expect(readIccid('989909000000000010F4')).toEqual({ ok: true, value: '8999900000000000014' });
    expect(readImsi('080910101010325476')).toEqual({ ok: true, value: '001010101234567' });
  });
  it('names a spreadsheet number as such', () => {
    expect(readIccid('8.99E+18')).toMatchObject({ ok: false, code: 'SPREADSHEET_NUMBER' });
    expect(readSecret('pin1', bytes('1.2E+03'))).toMatchObject({ ok: false, code: 'SPREADSHEET_NUMBER' });
  });
  it.each([
    ['k', 'AA'.repeat(16), 16], ['k', 'aa'.repeat(16), 16], ['opc', ` ${'0f'.repeat(16)} `, 16], ['scp80Kic', '01'.repeat(24), 24],
    ['pin1', '1234', 4], ['pin1', '31323334FFFFFFFF', 4], ['puk1', '12345678', 8], ['puk1', '3132333435363738', 8], ['adm1', '0123456789ABCDEF', 8], ['adm1', '12345678', 8],
  ] as const)('%s from %s has %i octets', (name, text, length) => {
    const read = readSecret(name, bytes(text));
    expect(read.ok && read.value?.length).toBe(length);
  });
  it.each([
    ['k', 'AA'.repeat(15), 'HEX_LENGTH'], ['k', `${'AA'.repeat(15)}G0`, 'HEX_INVALID'], ['opc', 'AA'.repeat(17), 'HEX_LENGTH'], ['pin1', '123', 'PIN_INVALID'],
    ['pin1', '12a4', 'PIN_INVALID'], ['pin1', '31323334FFFFFF00', 'PIN_INVALID'], ['puk1', '1234567', 'PUK_INVALID'], ['adm1', '123456789', 'ADM_INVALID'], ['puk2', '3132333435363FFF', 'PUK_INVALID'],
  ] as const)('%s refuses %s with %s, and does not repeat it', (name, text, code) => {
    const read = readSecret(name, bytes(text));
    expect(read).toMatchObject({ ok: false, code });
    expect(JSON.stringify(read)).not.toContain(text);
  });
  it('takes an empty field for "not given" and knows the room of the template', () => {
    expect(readSecret('k', bytes('  '))).toEqual({ ok: true, value: undefined });
    expect(readSecret('k', bytes('AA'.repeat(32)), { k: 16 })).toMatchObject({ ok: false, code: 'HEX_LENGTH' });
  });
});

describe('columns', () => {
  it.each([['Ser_nb', 'iccid'], ['ICC', 'iccid'], ['Ki', 'k'], [' ADM ', 'adm1'], ['pin_adm', 'adm1'], ['PUK', 'puk1'], ['kic1', 'scp80Kic'], ['colour', undefined]])('%s is %s', (text, name) => {
    expect(columnNamed(text)).toBe(name);
  });
  it('are refused when missing, twice, or encrypted', () => {
    const code = (cells: string[]): string => {
      try {
        readHeader(cells);
        return 'taken';
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(code(['iccid', 'imsi', 'x'])).toBe('taken');
    expect(code(['iccid', 'k'])).toBe('COLUMN_MISSING');
    expect(code(['iccid', 'imsi', 'ki', 'K'])).toBe('FILE_MALFORMED');
    expect(code(['iccid', 'imsi', 'eKi'])).toBe('FILE_MALFORMED');
  });
});

describe('CSV', () => {
  const read = async (text: string | Buffer) => {
    const rows: { line: number; cells: string[] }[] = [];
    for await (const row of csvRows(Uint8Array.from(Buffer.from(text)))) {
      for (const cell of row.cells) expect(cell).toBeInstanceOf(Uint8Array);
      rows.push({ line: row.line, cells: row.cells.map((cell) => Buffer.from(cell).toString()) });
    }
    return rows;
  };
  it.each([[',', 'a,b\n1,2\n'], [';', 'a;b\r\n1;2\r\n'], ['\t', 'a\tb\n1\t2'], [',', '\ufeffa,b\n\n1,2\n']])('separator %j', async (separator, text) => {
    expect(separatorOf(Buffer.from(text.replace('\ufeff', '')))).toBe(separator);
    expect((await read(text)).map((row) => row.cells)).toEqual([['a', 'b'], ['1', '2']]);
  });
  it('counts lines as an editor does, quoted fields too', async () => {
    expect(await read('a,b\n"1,5","x ""y"""\n\n3,4\n')).toEqual([{ line: 1, cells: ['a', 'b'] }, { line: 2, cells: ['1,5', 'x "y"'] }, { line: 4, cells: ['3', '4'] }]);
  });
  it.each([['', 'FILE_EMPTY'], ['  \r\n ', 'FILE_EMPTY'], ['a,b\n"1,2\n3,4', 'FILE_MALFORMED'], ['\ufffe', 'taken'], ['a\0b', 'FILE_MALFORMED'], [Buffer.from('\ufeffa,b', 'utf16le'), 'FILE_MALFORMED']])('%j: %s', async (text, code) => {
    expect(await read(text).then(() => 'taken', (error: { code: string }) => error.code)).toBe(code);
  });
  it('never throws anything but its own refusals', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (octets) => {
      try {
        for await (const row of csvRows(octets)) expect(row.cells.length).toBeGreaterThan(0);
      } catch (error) {
        expect(['FILE_EMPTY', 'FILE_MALFORMED']).toContain((error as { code: string }).code);
      }
    }), { numRuns: 400 });
  });
});
