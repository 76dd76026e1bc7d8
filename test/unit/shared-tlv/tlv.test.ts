import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  children, concat, fromHex, integerBytes, isConstructed, lengthBytes, readAll, readInteger, readOne, readTlv, readUtf8, sameBytes, tagBytes, tagText, tlv, TlvError, toHex, utf8Bytes,
} from '../../../src/shared/tlv/index.ts';

const coded = (code: string): unknown => expect.objectContaining({ name: 'TlvError', code });
const TAGS = [0x02, 0x30, 0x5a, 0x80, 0xa3, 0x5f37, 0x5f49, 0xbf22, 0xbf36, 0x9f70, 0x7f8101, 0xbf8f7f];

describe('reading', () => {
  it('gives tag, whole element and value as views on the same buffer', () => {
    const buffer = fromHex('ff' + 'bf2f03800105' + '00');
    const { node, end } = readTlv(buffer, 1);
    expect([node.tag, toHex(node.raw), toHex(node.value), end]).toEqual([0xbf2f, 'bf2f03800105', '800105', 7]);
    expect(node.raw.buffer).toBe(buffer.buffer);
    buffer[6] = 9;
    expect(node.value[2]).toBe(9);
  });

  it('keeps a length longer than needed as received, and refuses it when strict', () => {
    for (const hex of ['04820001aa', '048101aa', '048400000001aa']) {
      const node = readOne(fromHex(hex));
      expect([toHex(node.raw), toHex(node.value)]).toEqual([hex, 'aa']);
      expect(() => readOne(fromHex(hex), 0x04, { strict: true })).toThrow(coded('TLV_NON_MINIMAL_LENGTH'));
    }
  });

  it('a leading zero in the length octets is never the shortest form', () => {
    const long = concat(fromHex('0483000080'), new Uint8Array(128));
    expect(readOne(long).value.length).toBe(128);
    expect(() => readOne(long, 0x04, { strict: true })).toThrow(coded('TLV_NON_MINIMAL_LENGTH'));
    expect(readOne(concat(fromHex('048180'), new Uint8Array(128)), 0x04, { strict: true }).value.length).toBe(128);
  });

  it.each([
    ['', 'TLV_TRUNCATED'], ['04', 'TLV_TRUNCATED'], ['0402aa', 'TLV_TRUNCATED'], ['0482', 'TLV_TRUNCATED'], ['5f', 'TLV_TRUNCATED'], ['5f81', 'TLV_TRUNCATED'],
    ['048200', 'TLV_TRUNCATED'], ['0480aa0000', 'TLV_INDEFINITE_LENGTH'], ['04850000000001aa', 'TLV_LENGTH_TOO_LARGE'], ['04ffaa', 'TLV_LENGTH_TOO_LARGE'],
    ['5f8000', 'TLV_BAD_TAG'], ['5f81818100', 'TLV_BAD_TAG'], ['0484ffffffff', 'TLV_TRUNCATED'],
  ])('refuses %s with %s', (hex, code) => {
    expect(() => readTlv(fromHex(hex))).toThrow(coded(code));
  });

  it('refuses octets behind the one element, and another tag than asked for', () => {
    expect(() => readOne(fromHex('0401aa00'))).toThrow(coded('TLV_TRAILING_BYTES'));
    expect(() => readOne(fromHex('0401aa'), 0x30)).toThrow(coded('TLV_UNEXPECTED_TAG'));
    expect(() => readAll(fromHex('0401aa04'))).toThrow(coded('TLV_TRUNCATED'));
    expect(() => readTlv(fromHex('0401aa'), 3)).toThrow(coded('TLV_TRUNCATED'));
  });

  it('refuses more elements than any message has', () => {
    expect(readAll(new Uint8Array(2 * 65_536)).length).toBe(65_536);
    expect(() => readAll(new Uint8Array(2 * 65_537))).toThrow(coded('TLV_TOO_MANY_NODES'));
  });

  it('the error names the place', () => {
    const error = (() => {
      try {
        return readAll(fromHex('0401aa' + '0401bb' + '0405cc'));
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(TlvError);
    expect((error as TlvError).offset).toBe(6);
  });
});

describe('writing', () => {
  it('any tree comes back as written', () => {
    interface Tree { tag: number; value?: Uint8Array; inner?: Tree[] }
    const { tree } = fc.letrec<{ tree: Tree; leaf: Tree; node: Tree }>((tie) => ({
      tree: fc.oneof({ maxDepth: 5, withCrossShrink: true }, tie('leaf'), tie('node')),
      leaf: fc.record({ tag: fc.constantFrom(...TAGS.filter((tag) => !isConstructed(tag))), value: fc.uint8Array({ maxLength: 300, size: 'max' }) }),
      node: fc.record({ tag: fc.constantFrom(...TAGS.filter(isConstructed)), inner: fc.array(tie('tree'), { maxLength: 5 }) }),
    }));
    const write = (node: Tree): Uint8Array => tlv(node.tag, ...(node.inner ? node.inner.map(write) : [node.value!]));
    const check = (node: Tree, octets: Uint8Array): void => {
      const read = readOne(octets, node.tag, { strict: true });
      expect(sameBytes(read.raw, octets)).toBe(true);
      if (!node.inner) expect(sameBytes(read.value, node.value!)).toBe(true);
      else {
        const list = children(read);
        expect(list.length).toBe(node.inner.length);
        list.forEach((child, i) => check(node.inner![i]!, child.raw));
      }
    };
    fc.assert(fc.property(tree, (node) => check(node, write(node))), { numRuns: 60 });
  });

  it.each([[0, '00'], [0x7f, '7f'], [0x80, '8180'], [0xff, '81ff'], [0x100, '820100'], [0xffff, '82ffff'], [0x10000, '83010000'], [0xffffff, '83ffffff'], [0x1000000, '8401000000'], [0xfffffffe, '84fffffffe']])(
    'length %i is %s', (length, hex) => {
      expect(toHex(Uint8Array.from(lengthBytes(length)))).toBe(hex);
    });

  it('tags are written as they are read and named', () => {
    for (const tag of TAGS) {
      expect(readTlv(concat(Uint8Array.from(tagBytes(tag)), Uint8Array.of(0))).node.tag).toBe(tag);
      expect(tagText(tag)).toBe(toHex(Uint8Array.from(tagBytes(tag))).toUpperCase());
    }
    expect([0x30, 0xa0, 0xbf36, 0x7f8101].map(isConstructed)).toEqual([true, true, true, true]);
    expect([0x04, 0x80, 0x5f37, 0x9f70].map(isConstructed)).toEqual([false, false, false, false]);
  });
});

describe('values', () => {
  it('integers come back in their shortest form', () => {
    expect([0, 1, 127, 128, 255, 256, 32_768].map((value) => toHex(integerBytes(value)))).toEqual(['00', '01', '7f', '0080', '00ff', '0100', '008000']);
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 46 }), (value) => {
      expect(readInteger(integerBytes(value))).toBe(value);
    }));
    for (const hex of ['', '80', 'ff01', '00000000000001']) expect(() => readInteger(fromHex(hex))).toThrow(coded('TLV_BAD_VALUE'));
  });

  it('hexadecimal text comes back', () => {
    fc.assert(fc.property(fc.uint8Array(), (octets) => {
      expect(toHex(octets)).toBe(Buffer.from(octets).toString('hex'));
      expect(sameBytes(fromHex(toHex(octets).toUpperCase()), octets)).toBe(true);
    }));
    for (const text of ['a', 'zz', '0x00', ' 00']) expect(() => fromHex(text)).toThrow(coded('TLV_BAD_VALUE'));
  });

  it('text comes back, a byte order mark included, and malformed octets are refused', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(readUtf8(utf8Bytes(text))).toBe(text);
    }));
    expect(readUtf8(utf8Bytes('\ufeffa'))).toBe('\ufeffa');
    for (const hex of ['ff', 'c3', 'c080', 'eda080']) expect(() => readUtf8(fromHex(hex))).toThrow(coded('TLV_BAD_VALUE'));
    expect(readUtf8(utf8Bytes('after an error'))).toBe('after an error');
  });

  it('compares content and length', () => {
    expect(sameBytes(fromHex('0102'), Buffer.from([1, 2]))).toBe(true);
    expect(sameBytes(fromHex('0102'), fromHex('0103'))).toBe(false);
    expect(sameBytes(fromHex('0102'), fromHex('010203'))).toBe(false);
  });
});
