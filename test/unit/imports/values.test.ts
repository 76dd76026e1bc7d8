import { describe, expect, it } from 'vitest';
import { columnNamed } from '../../../src/main/engine/imports/columns.ts';
import { findingKinds } from '../../../src/main/engine/imports/findings.ts';
import type { Value } from '../../../src/main/engine/imports/values.ts';
import { readIccid, readImsi, readSecret } from '../../../src/main/engine/imports/values.ts';

const codeOf = (value: Value<unknown>): string => (value.ok ? 'taken' : findingKinds[value.finding].code);
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
    expect(codeOf(readIccid('8.99E+18'))).toBe('SPREADSHEET_NUMBER');
    expect(codeOf(readSecret('pin1', bytes('1.2E+03')))).toBe('SPREADSHEET_NUMBER');
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
    expect(codeOf(read)).toBe(code);
    expect(JSON.stringify(read)).not.toContain(text);
  });
  it('takes an empty field for "not given" and knows the room of the template', () => {
    expect(readSecret('k', bytes('  '))).toEqual({ ok: true, value: undefined });
    expect(codeOf(readSecret('k', bytes('AA'.repeat(32)), { k: 16 }))).toBe('HEX_LENGTH');
  });
});

describe('columns', () => {
  it.each([['Ser_nb', 'iccid'], ['ICC', 'iccid'], ['Ki', 'k'], [' ADM ', 'adm1'], ['pin_adm', 'adm1'], ['PUK', 'puk1'], ['kic1', 'scp80Kic'], ['colour', undefined]])('%s is %s', (text, name) => {
    expect(columnNamed(text)).toBe(name);
  });
});
