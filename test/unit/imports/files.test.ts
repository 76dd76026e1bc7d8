import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImportFormat } from '../../../src/shared/contract/imports.ts';
import { detectColumns } from '../../../src/main/engine/imports/detect.ts';
import { markOf as hashOf, Occurrences } from '../../../src/main/engine/imports/occurrences.ts';
import { openSource } from '../../../src/main/engine/imports/source.ts';
import { encoded, markOf, textOf } from '../../../src/main/engine/imports/text.ts';
import { changed, changeOf } from '../../../src/main/engine/imports/transforms.ts';
import { iccid, imsi, key } from '../stock/support.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

describe('files', () => {
  const read = async (text: string | Buffer, format?: Partial<ImportFormat>) => {
    const source = await openSource(Uint8Array.from(Buffer.from(text)), format ? { format } : {});
    const rows = Array.from({ length: source.rows }, (_, row) => source.cells(row)?.map((cell) => {
      expect(cell).toBeInstanceOf(Uint8Array);
      return Buffer.from(cell).toString();
    }));
    return { ...source, names: [...source.names], cells: rows, lines: rows.map((_, row) => source.line(row)) };
  };
  it.each([
    ['comma', 'a,b\n1,2\n'], ['semicolon', 'a;b\r\n1;2\r\n'], ['tab', 'a\tb\n1\t2'], ['comma', '\ufeffa,b\n\n1,2\n'], ['pipe', 'a|b\n1|2\n'], ['blanks', 'a  b\n1   2\n'], ['slash', 'a/b\n1/2\n'], ['comma', 'a,b\r1,2\r'],
  ])('separator %s of %j', async (separator, text) => {
    expect(await read(text)).toMatchObject({ format: { layout: 'table', separator, header: true }, names: ['a', 'b'], cells: [['1', '2']] });
  });
  it('counts lines as an editor does, quoted fields too', async () => {
    expect(await read('a,b\n"1,5","x ""y"""\n\n3,"4\n5"\n6,7\n')).toMatchObject({ cells: [['1,5', 'x "y"'], ['3', '4\n5'], ['6', '7']], lines: [2, 4, 6] });
  });
  const zoe = 'iccid;imsi;Name\n1;2;Zoë\n';
  it.each([
    ['UTF-8 with mark', Buffer.from(`\ufeff${zoe}`), 'utf-8', 3], ['UTF-8', Buffer.from(zoe), 'utf-8', 0],
    ['UTF-16, little end', Buffer.from(`\ufeff${zoe}`, 'utf16le'), 'utf-16le', 2], ['UTF-16, big end', Buffer.from(`\ufeff${zoe}`, 'utf16le').swap16(), 'utf-16be', 2],
    ['UTF-16 without mark', Buffer.from(zoe, 'utf16le'), 'utf-16le', 0], ['Latin-1', Buffer.from(zoe, 'latin1'), 'windows-1252', 0],
  ] as const)('%s is known and read', async (_what, file, encoding, mark) => {
    const source = await openSource(Uint8Array.from(file));
    expect([source.format.encoding, source.mark, [...source.names]]).toEqual([encoding, mark, ['iccid', 'imsi', 'Name']]);
    expect(textOf(source.cells(0)![2]!, source.format.encoding)).toBe('Zoë');
    // And back: the file's own octets.
    expect(Buffer.concat([markOf(source.format.encoding, mark), encoded(source.body, source.format.encoding)]).equals(file)).toBe(true);
  });
  it.each([
    ['', 'FILE_EMPTY'], ['  \r\n ', 'FILE_EMPTY'], ['a,b\n"1,2\n3,4', 'FILE_MALFORMED'], ['a\0b', 'FILE_MALFORMED'], ['iccid,imsi\n', 'FILE_EMPTY'],
    ['PK\u0003\u0004sheet', 'FILE_MALFORMED'], ['%PDF-1.7', 'FILE_MALFORMED'], ['-----BEGIN PGP MESSAGE-----\n', 'FILE_MALFORMED'], [`a,b\n"${'x'.repeat(70_000)}`, 'FILE_MALFORMED'],
  ])('%j: %s', async (text, code) => {
    expect(await read(text).then(() => 'taken', (error: { code: string }) => error.code)).toBe(code);
  });
  it('JSON lines: octets keep their digits, in any order, whatever is nested', async () => {
    const lines = ['{"iccid": 8988211000000000003, "ki":"00aa", "x":{"y":["}"]}, "imsi":"001010000000001"}', '{"imsi":"\\u0030\\u0030101","ki":null,"iccid":"A\\"B"}', 'no object', '{"iccid":"1","extra":"late"}'];
    const source = await read(lines.join('\n'));
    expect(source).toMatchObject({ format: { layout: 'json-lines' }, names: ['iccid', 'ki', 'x', 'imsi', 'extra'] });
    expect(source.cells).toEqual([['8988211000000000003', '00aa', '', '001010000000001', ''], ['A"B', '', '', '00101', ''], undefined, ['1', '', '', '', 'late']]);
  });
  it('never throws anything but its own refusals, and never loses a row', async () => {
    const pieces = fc.constantFrom(',', ';', '"', '\n', '\r\n', '\t', ' ', '/', '|', '{', '}', ':', 'Quantity: 3', 'var_out: Ki/IMSI', 'var_in:', 'IMSI: 001010000000001', '*', 'iccid', 'Ki', '89882110', '\0', 'é', '\\u00', '"a":1');
    await fc.assert(fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.array(pieces, { maxLength: 60 }).map((parts) => Uint8Array.from(Buffer.from(parts.join(''))))), async (octets) => {
      try {
        const source = await openSource(octets);
        for (let row = 0; row < Math.min(source.rows, 20); row++) {
          source.cells(row);
          expect(source.rowAt(source.line(row))).toBe(row);
        }
        detectColumns(source);
      } catch (error) {
        expect(['FILE_EMPTY', 'FILE_MALFORMED'], String((error as Error).stack)).toContain((error as { code: string }).code);
      }
    }), { numRuns: 1_500, seed: 20_260_124 });
  });
});

describe('vendor files', () => {
  const out = (rows: string[], header = 'Quantity: 2') => `*  HEADER DESCRIPTION\n${header}\nCustomer: ACME\nTransport_key: 1\n*\nvar_out: Ser_nb/IMSI/PIN1/PUK1/Ki/OPC/ACC\n${rows.join('\n')}\n`;
  const cells = ['899990000000000001', '001010000000001', '1234', '12345678', 'AA'.repeat(16), 'BB'.repeat(16), '0001'];
  it.each([['blanks', ' '], ['blanks', '   '], ['tab', '\t'], ['semicolon', ';'], ['slash', '/']])('.out, rows cut at %s %j', async (separator, mark) => {
    const source = await openSource(bytes(out([cells.join(mark), cells.join(mark)])));
    expect([source.format.layout, source.format.separator, source.rows, source.quantity, [...source.names]]).toEqual(['vendor', separator, 2, 2, ['Ser_nb', 'IMSI', 'PIN1', 'PUK1', 'Ki', 'OPC', 'ACC']]);
    expect(source.cells(1)!.map((cell) => Buffer.from(cell).toString())).toEqual(cells);
    expect(source.header).toMatchObject([{ key: 'Quantity', value: '2', meaning: 'quantity' }, { key: 'Customer' }, { key: 'Transport_key', value: '1', meaning: 'transportKey' }]);
    const { columns, undecided, missing } = detectColumns(source);
    expect([columns.map((one) => one.field), undecided, missing]).toEqual([['iccid', 'imsi', 'pin1', 'puk1', 'k', 'opc', undefined], [], []]);
    expect(source.line(0)).toBe(7);
  });
  it('.inp: start values are counted on', async () => {
    const source = await openSource(bytes('*  HEADER\nQuantity: 3\nCustomer=ACME\n*  INPUT VARIABLES\nvar_in:\nIMSI: 001010000000009\nSer_nb: 899990000000000099\n*  OUTPUT\nvar_out: IMSI/Ser_nb/Ki\n'));
    expect([source.rows, [...source.names]]).toEqual([3, ['IMSI', 'Ser_nb']]);
    expect([0, 1, 2].map((row) => source.cells(row)!.map((cell) => Buffer.from(cell).toString()))).toEqual([['001010000000009', '899990000000000099'], ['001010000000010', '899990000000000100'], ['001010000000011', '899990000000000101']]);
  });
  it('.inp: a table with one row a card', async () => {
    for (const text of ['Quantity: 1\nBatch: 7\nvar_in: IMSI/Ser_nb\n001010000000009/899990000000000099\n', 'Quantity: 1\nBatch: 7\nvar_in:\nIMSI Ser_nb\n001010000000009 899990000000000099\n']) {
      const source = await openSource(bytes(text));
      expect([source.rows, [...source.names], source.cells(0)!.map((cell) => Buffer.from(cell).toString())]).toEqual([1, ['IMSI', 'Ser_nb'], ['001010000000009', '899990000000000099']]);
    }
  });
  it('one header line by position', async () => {
    const source = await openSource(bytes('B77 20260115 2 ELEC0605 1 0 0 TRIPLE 1\n8999900000000000014 001010000000001 999123456\n8999900000000000022 001010000000002 999123457\n'));
    expect([source.format.layout, source.rows, source.quantity, [...source.names], source.line(0)]).toEqual(['positional', 2, 2, ['ICCID', 'IMSI', 'MSISDN'], 2]);
  });
  it.each([['neither rows nor start values', 'Quantity: 3\nCustomer: x\n'], ['rows nothing names', 'Quantity: 3\nCustomer: x\n8999 0010\n']])('%s are refused', async (_what, text) => {
    await expect(openSource(bytes(text))).rejects.toMatchObject({ code: 'FILE_MALFORMED' });
  });
});

describe('what columns are', () => {
  const found = async (text: string) => detectColumns(await openSource(bytes(text)));
  it('by shape where there are no names; keys are not guessed', async () => {
    const rows = Array.from({ length: 5 }, (_, n) => `${iccid(n + 1)},${imsi(n + 1)},${key(n + 1)},${key(n + 1, 'BB')},1234`).join('\n');
    const { columns, undecided, missing, checkedIccids } = await found(rows);
    expect([columns.map((one) => one.field), undecided, missing, checkedIccids]).toEqual([['iccid', 'imsi', undefined, undefined, undefined], [2, 3, 4], [], true]);
    expect(columns[2]).toMatchObject({ alternatives: ['k', 'opc', 'op', 'scp80Kic', 'scp80Kid', 'scp80Kik'], samples: ['32 hexadecimal digits'] });
    expect(JSON.stringify(columns)).not.toContain(key(1));
  });
  it('two of a name must be chosen from; what is encrypted is said', async () => {
    const { columns, undecided } = await found(`iccid,imsi,ki,K,eOPc\n${iccid(1)},${imsi(1)},${key(1)},${key(2)},${key(3)}\n`);
    expect([undecided, columns[4]]).toMatchObject([[2, 3], { field: 'opc', encrypted: true }]);
  });
  it('MCC and MNC beside a whole IMSI are passed over; with MSIN they make one', async () => {
    expect((await found(`iccid,imsi,mcc,mnc\n${iccid(1)},${imsi(1)},1,1\n`)).columns.map((one) => one.field)).toEqual(['iccid', 'imsi', undefined, undefined]);
    expect(await found(`iccid,mcc,mnc,msin\n${iccid(1)},001,01,0000000001\n`)).toMatchObject({ missing: [], columns: [{ field: 'iccid' }, { field: 'mcc' }, { field: 'mnc' }, { field: 'msin' }] });
  });
});

describe('changes of cells', () => {
  it.each([
    ['trim', undefined, '  12 ', '12'], ['remove-separators', undefined, '12 34-5.6/7:8_9', '123456789'], ['strip-f', undefined, '8988ff', '8988'], ['strip-0x', undefined, '0xAB', 'AB'], ['uppercase', undefined, 'abC1', 'ABC1'],
    ['nibble-swap', undefined, '9889', '8998'], ['reverse-octets', undefined, '00112233', '33221100'], ['reverse-octets', undefined, '001', '001'], ['ef-imsi', undefined, '080910101010325476', '001010101234567'],
    ['hex-to-digits', undefined, '31323334FFFFFFFF', '1234'], ['prefix', '26201', '0000000001', '262010000000001'], ['remove-prefix', 'ICC', 'ICC89', '89'], ['pad-left', '4', '12', '0012'], ['take', '3-5', 'abcdef', 'cde'],
    ['country', '49', '0171 2345678', '491712345678'], ['country', '49', '+49 171 2345678', '+491712345678'], ['country', '49', '00491712345678', '491712345678'], ['country', '49', '1712345678', '491712345678'], ['country', '49', '491712345678', '491712345678'],
  ] as const)('%s %s: %s becomes %s', (kind, value, from, to) => {
    expect(Buffer.from(changed(bytes(from), [changeOf({ kind, ...(value === undefined ? {} : { value }) })])).toString()).toBe(to);
  });
  it.each([['prefix', ''], ['prefix', 'a b'], ['country', '0'], ['pad-left', 'x'], ['take', '5']] as const)('%s with %j is refused', (kind, value) => {
    expect(() => changeOf({ kind, value })).toThrow(expect.objectContaining({ code: 'TRANSFORM_INVALID' }) as Error);
  });
});

describe('which rows hold the same value', () => {
  it('as a map of lists would say it, whatever is added and taken out', () => {
    fc.assert(fc.property(fc.array(fc.record({ row: fc.nat(40), value: fc.nat(12), out: fc.boolean() }), { maxLength: 120 }), (steps) => {
      const occurrences = new Occurrences(41);
      const model = new Map<number, number>();
      const rowsOf = (value: number): number[] => [...model].filter(([, other]) => other === value).map(([row]) => row).sort((a, b) => a - b);
      for (const { row, value, out } of steps) {
        if (model.has(row) || out) {
          const was = model.get(row);
          const before = was === undefined ? [] : rowsOf(was);
          const first = occurrences.remove(row);
          model.delete(row);
          expect(first).toBe(before[0] === row ? before[1] : undefined);
        }
        if (out) continue;
        const before = rowsOf(value);
        expect(occurrences.add(row, hashOf(`value ${value}`))).toBe(before.length > 0 && before[0]! < row ? before[0] : undefined);
        model.set(row, value);
        const [first, ...others] = rowsOf(value);
        expect(occurrences.others(first!).sort((a, b) => a - b)).toEqual(others);
      }
    }), { numRuns: 500, seed: 20_260_125 });
  });
});
