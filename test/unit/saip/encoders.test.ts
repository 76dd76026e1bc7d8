import { describe, expect, it } from 'vitest';
import * as saip from '../../../src/main/saip/index.ts';
import { toHex, utf8Bytes } from '../../../src/shared/tlv/index.ts';

function hexOf(length: number, write: (out: Uint8Array) => void): string {
  const out = new Uint8Array(length);
  write(out);
  return toHex(out);
}

describe('identifier encodings', () => {
  it('writes an ICCID straight for the header and swapped for the file', () => {
    expect(hexOf(10, (o) => saip.iccidHeader('8999900000000000014', o, 0))).toBe('8999900000000000014f');
    expect(hexOf(10, (o) => saip.iccidEf('8999900000000000014', o, 0))).toBe('989909000000000010f4');
    expect(hexOf(10, (o) => saip.iccidEf(utf8Bytes('89000123456789012341'), o, 0))).toBe('98001032547698103214');
  });

  it.each([
    ['001010123456789', '080910101032547698'], ['310260123456789', '083901621032547698'], ['26201123456789', '0821261021436587f9'],
    ['123456', '04113254f6ffffffff'],
  ])('writes IMSI %s and reads it back', (imsi, want) => {
    expect(hexOf(9, (o) => saip.imsiEf(imsi, o, 0))).toBe(want);
    expect(hexOf(9, (o) => saip.imsiEf(utf8Bytes(imsi), o, 0))).toBe(want);
    expect(saip.imsiDigits(Uint8Array.from(Buffer.from(want, 'hex')))).toBe(imsi);
  });

  it('sets the access class of the last digit', () => {
    const masks = Array.from({ length: 10 }, (_, i) => hexOf(2, (o) => saip.acc(saip.accOf(`00101000000000${i}`), o, 0)));
    expect(masks).toEqual(['0001', '0002', '0004', '0008', '0010', '0020', '0040', '0080', '0100', '0200']);
  });

  it('writes dialling numbers for EF.MSISDN and EF.SMSP', () => {
    expect(hexOf(14, (o) => saip.msisdnRecord('+447700900123', o, 0))).toBe('079144770009103' + '2ffffffffffff');
    expect(hexOf(14, (o) => saip.msisdnRecord('07700900123', o, 0)).slice(0, 4)).toBe('0781');
    expect(hexOf(28, (o) => saip.smspRecord('+447700900001', o, 0))).toBe(`e1${'ff'.repeat(12)}07914477000900` + `10ffffffff0000a9`);
  });

  it('writes provider names in GSM or UCS2', () => {
    expect(hexOf(17, (o) => saip.spn('ACME', o, 0))).toBe(`0141434d45${'ff'.repeat(12)}`);
    expect(hexOf(17, (o) => saip.spn('Ωmega', o, 0)).slice(0, 6)).toBe('01156d');
    expect(hexOf(17, (o) => saip.spn('Привет', o, 0)).slice(0, 8)).toBe('0180041f');
    const out = new Uint8Array(17);
    saip.spn('Привет', out, 0);
    expect(saip.spnText(out, 0)).toBe('Привет');
    expect(() => saip.spn('Приветствие', out, 0)).toThrow(saip.SaipError);
    expect(() => saip.spn('', out, 0)).toThrow(saip.SaipError);
  });

  it.each([
    ['26201', '62f210'], ['310260', '130062'], ['20810', '02f801'], ['00101', '00f110'], ['405854', '044558'], ['24681', '42f618'],
  ])('writes PLMN %s', (code, want) => {
    expect(hexOf(3, (o) => saip.plmn(code, o, 0))).toBe(want);
  });

  it('writes access technologies', () => {
    const list = (act: saip.AccessTechnology[]): string => hexOf(5, (o) => saip.plmnWithAct('26201', act, o, 0)).slice(6);
    expect(list(['GSM', 'UTRAN', 'E-UTRAN', 'NG-RAN'])).toBe('c880');
    expect(list(['E-UTRAN', 'NG-RAN'])).toBe('4800');
    expect(list(['NB-IoT'])).toBe('5000');
    expect(list(['LTE-M'])).toBe('6000');
    expect(() => list([])).toThrow(saip.SaipError);
    expect(() => list(['6G' as never])).toThrow(saip.SaipError);
    expect(hexOf(5, (o) => saip.plmnWithAct('26201', 0, o, 0))).toBe('62f2100000');
    expect(() => saip.plmnWithAct('26201', 0x10000, new Uint8Array(5), 0)).toThrow(saip.SaipError);
  });

  it('pads codes and takes stored ones as they are', () => {
    expect(hexOf(8, (o) => saip.pin(utf8Bytes('1234'), o, 0))).toBe('31323334ffffffff');
    expect(hexOf(8, (o) => saip.pin(Uint8Array.from(Buffer.from('31323334ffffffff', 'hex')), o, 0))).toBe('31323334ffffffff');
    expect(hexOf(8, (o) => saip.puk(utf8Bytes('12345678'), o, 0))).toBe('3132333435363738');
    expect(hexOf(8, (o) => saip.adm(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 0xff), o, 0))).toBe('01020304050607ff');
  });

  const text = (value: string): Uint8Array => utf8Bytes(value);
  it.each<[string, (o: Uint8Array) => void]>([
    ['ICCID of 18 digits', (o) => saip.iccidHeader('899990000000000001', o, 0)],
    ['ICCID with a letter', (o) => saip.iccidHeader('899990000000000001A', o, 0)],
    ['IMSI too long', (o) => saip.imsiEf('0010100000000012', o, 0)],
    ['IMSI with a blank', (o) => saip.imsiEf('00101 123456789', o, 0)],
    ['PIN of three digits', (o) => saip.pin(text('123'), o, 0)],
    ['PIN with a letter', (o) => saip.pin(text('12a4'), o, 0)],
    ['PIN with digits behind the padding', (o) => saip.pin(Uint8Array.of(0x31, 0x32, 0x33, 0x34, 0xff, 0x35, 0xff, 0xff), o, 0)],
    ['PIN short and padded', (o) => saip.pin(Uint8Array.of(0x31, 0x32, 0x33, 0x34, 0xff), o, 0)],
    ['PUK of seven digits', (o) => saip.puk(text('1234567'), o, 0)],
    ['ADM of nine bytes', (o) => saip.adm(new Uint8Array(9), o, 0)],
    ['MSISDN of 21 digits', (o) => saip.msisdnRecord('123456789012345678901', o, 0)],
    ['MSISDN of a plus', (o) => saip.msisdnRecord('+', o, 0)],
    ['ACC beyond two bytes', (o) => saip.acc(0x10000, o, 0)],
    ['PLMN of four digits', (o) => saip.plmn('2620', o, 0)],
    ['key of 15 bytes', (o) => saip.fixedBytes(new Uint8Array(15), 16, o, 0, 'k')],
  ])('refuses an %s', (_name, write) => {
    expect(() => write(new Uint8Array(32))).toThrow(saip.SaipError);
  });
});
