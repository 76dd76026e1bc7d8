import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aesCmac, Cmac } from '../../../src/main/rsp/index.ts';
import { fromHex, toHex } from '../../../src/shared/tlv/index.ts';
import { slowCmac } from './support/device-channel.ts';

const KEY = fromHex('2b7e151628aed2a6abf7158809cf4f3c');
const MESSAGE = fromHex(
  '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
);

describe('AES-CMAC', () => {
  it.each([
    [0, 'bb1d6929e95937287fa37d129b756746'],
    [16, '070a16b46b4d4144f79bdd9dd04a287c'],
    [40, 'dfa66747de9ae63030ca32611497c827'],
    [64, '51f0bebf7e3b9d92fc49741779363cfe'],
  ])('RFC 4493, %i octets', (length, expected) => {
    expect(toHex(aesCmac(KEY, MESSAGE.subarray(0, length)))).toBe(expected);
  });

  it('gives the same for a message in parts', () => {
    expect(toHex(aesCmac(KEY, MESSAGE.subarray(0, 7), MESSAGE.subarray(7, 7), MESSAGE.subarray(7, 40)))).toBe('dfa66747de9ae63030ca32611497c827');
  });

  it('one key in use serves messages of any length in any order', () => {
    fc.assert(fc.property(
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.array(fc.uint8Array({ maxLength: 1200 }), { minLength: 1, maxLength: 6 }),
      (key, messages) => {
        const cmac = new Cmac(key);
        for (const message of messages) expect(toHex(cmac.mac(message))).toBe(slowCmac(key, message).toString('hex'));
        cmac.close();
      },
    ), { numRuns: 40 });
  });

  it('refuses a key of another size and closes twice without complaint', () => {
    expect(() => new Cmac(new Uint8Array(32))).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
    const cmac = new Cmac(KEY);
    cmac.close();
    cmac.close();
  });
});
