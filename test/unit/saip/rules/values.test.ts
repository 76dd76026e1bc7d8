import { describe, expect, it } from 'vitest';
import { judgeCode } from '../../../../src/main/saip/rules/codes.ts';
import { isDefault } from '../../../../src/main/saip/rules/domains.ts';
import { diallingProblem, listProblem, smspProblem } from '../../../../src/main/saip/rules/numbers.ts';
import { readSuci } from '../../../../src/main/saip/rules/suci.ts';
import { fromHex } from '../../../../src/shared/tlv/index.ts';
import { SUCI } from '../../../fixtures/saip/rules/rich.ts';

describe('codes', () => {
  it.each([
    ['pin', '34373131ffffffff', 'fine'], ['pin', '3930303939393939', 'fine'], ['pin', '3437313132ffffff', 'fine'], ['pin', '343731ffffffffff', 'wrong'],
    ['pin', '34373131ff30ffff', 'wrong'], ['pin', '34373131ffffff', 'wrong'], ['pin', '2f373131ffffffff', 'wrong'], ['pin', '3a373131ffffffff', 'wrong'],
    ['pin', '30303030ffffffff', 'known'], ['pin', '39393939ffffffff', 'known'], ['pin', '3030303030ffffff', 'fine'],
    ['puk', '3132333435363738', 'fine'], ['puk', '313233343536373a', 'wrong'], ['puk', '3232323232323232', 'known'], ['puk', '3030303030303030', 'known'],
    ['adm', 'a1b2c3d4e5f60718', 'fine'], ['adm', 'fffffffffffffffe', 'fine'], ['adm', 'ffffffffffffffff', 'wrong'], ['adm', '3636363636363636', 'known'],
  ] as const)('%s %s is %s', (kind, hex, want) => {
    const judged = judgeCode(kind, fromHex(hex));
    expect(judged ? (judged.known ? 'known' : 'wrong') : 'fine').toBe(want);
    // A code is a secret: no sentence repeats it.
    expect(judged?.message ?? '').not.toMatch(/\d{4}/);
  });

  it('a key of equal bytes or a published one is a default', () => {
    expect(['00'.repeat(16), '77'.repeat(24), '000102030405060708090a0b0c0d0e0f', '00'.repeat(15) + '01', ''].map((hex) => isDefault(fromHex(hex))))
      .toEqual([true, true, true, false, false]);
  });
});

describe('numbers', () => {
  const number = (hex: string): string | undefined => diallingProblem(fromHex(hex.padEnd(24, 'f')), 0);
  it.each([
    ['07914477009010f2', true], ['0281f1', true], ['028121', true], ['0b9121436587092143658709', true], ['ff', true], ['00', true], ['0021', true], ['00ff21', false],
    ['0191', false], ['0c91', false], ['07a14477009010f2', false], ['0791447700901ff2', false], ['06914477009010f2', false], ['0891447700901032', false],
    ['0391ff', false],
  ])('%s is a number: %s', (hex, fine) => expect(number(hex) === undefined).toBe(fine));

  it('a service centre counts only where the record says it is there', () => {
    const tail = (indicator: string, length: string): Uint8Array => fromHex(`${indicator}${'ff'.repeat(12)}${length}91447700900010ffffffff0000a9`);
    expect(smspProblem(tail('e1', '07'))).toBeUndefined();
    expect(smspProblem(tail('e1', '06'))).toBeDefined();
    expect(smspProblem(tail('e3', '06'))).toBeUndefined();
    expect(smspProblem(new Uint8Array(28).fill(0xff))).toBeUndefined();
  });
});

describe('lists of networks', () => {
  it.each([
    ['62f2104000', 5, true], ['ffffff0000', 5, true], ['ffffff4000', 5, true], ['9999994000', 5, true], ['62f2100000', 5, false], ['62f2104002', 5, false], ['62f2104001', 5, false],
    ['62f2105000', 5, true], ['62f2107000', 5, true], ['62f2101000', 5, false], ['62f2102000', 5, false], ['62f210008c', 5, true], ['62f2100004', 5, false],
    ['62f2100008', 5, false], ['62f210c8f0', 5, true], ['62f210070062f2100400', 5, true], ['62f210400062f2108000', 5, true], ['62f210400062f2104000', 5, false], ['ffffff000062f2104000', 5, false],
    ['62f21040', 5, false], ['', 5, false], ['6af2104000', 5, false], ['62fa104000', 5, false], ['62f2a04000', 5, false], ['62fff04000', 5, false],
    ['62f210', 3, true], ['62f21062f220', 3, true], ['62f21062f210', 3, false], ['62f21000', 3, false], ['ffffff62f210', 3, false],
  ] as const)('%s in entries of %i bytes is right: %s', (hex, unit, fine) => expect(listProblem(fromHex(hex), unit) === undefined).toBe(fine));

  it('never forbids the own network, whose two digits are not three', () => {
    expect(listProblem(fromHex('00f110'), 3, '00101')).toMatch(/own network 00101/);
    expect(listProblem(fromHex('001110'), 3, '00101')).toBeUndefined();
    expect(listProblem(fromHex('001110'), 3, '001011')).toMatch(/own network/);
  });
});

describe('SUCI data', () => {
  it.each([
    ['', true], ['ffff', true], ['a0020000', true], ['a0020000ffff', true], ['a000', true], ['a00200', false], ['a0020000ff00', false], ['a00200000102', false], ['a1020000', false],
    ['a0030000ff', false], ['a0020000a100ff', true], ['a0020000a10480018101', false], ['a0020000a20480018101', false], ['a0020000a10681010181010a', false],
    ['a0020000a1068001018101aaffff', true], ['a0020000a1068001018101aaff00', false], ['a0020000a1068001018201aa', false], ['a0020000a107800201028101aa', false],
  ])('%s can be read: %s', (hex, fine) => expect(readSuci(fromHex(hex)).problem === undefined).toBe(fine));

  it('names schemes by priority and keys by their place', () => {
    const { schemes, keys } = readSuci(SUCI);
    expect(schemes).toEqual([{ id: 2, keyIndex: 1 }, { id: 1, keyIndex: 2 }, { id: 0, keyIndex: 0 }]);
    expect(keys.map(({ id, key }) => [id, key.length])).toEqual([[27, 65], [30, 32]]);
  });
});
