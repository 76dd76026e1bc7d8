import { describe, expect, it } from 'vitest';
import {
  buildSampleTemplate, compileTemplate, computeTopc, editPackage, encodeSlots, LATE_NAMES, parseCompiled, SAMPLE_SLOTS, SaipError, serialiseCompiled, type SlotValues, tuak,
} from '../../../../src/main/saip/index.ts';
import { fromHex, toHex } from '../../../../src/shared/tlv/index.ts';
import { testValues } from '../../../fixtures/saip/values.ts';

/** 3GPP TS 35.233, test sets 1 and 2. */
const SETS = [
  {
    k: 'ab'.repeat(16), rand: '42'.repeat(16), sqn: '11'.repeat(6), amf: 'ffff', top: '55'.repeat(32), options: { mac: 8, res: 4 },
    topc: 'bd04d9530e87513c5d837ac2ad954623a8e2330c115305a73eb45d1f40cccbff', macA: 'f9a54e6aeaa8618d', macS: 'e94b4dc6c7297df3', res: '657acd64',
    ck: 'd71a1e5c6caffe986a26f783e5c78be1', ik: 'be849fa2564f869aecee6f62d4337e72', ak: '719f1e9b9054', akStar: 'e7af6b3d0e38',
  },
  {
    k: 'fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0', rand: '0123456789abcdef'.repeat(2), sqn: '0123456789ab', amf: 'abcd',
    top: '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f', options: { mac: 16, res: 8 },
    topc: '305425427e18c503c8a4b294ea72c95d0c36c6c6b29d0c65de5974d5977f8524', macA: 'c0b8c2d4148ec7aa5f1d78a97e4d1d58',
    macS: 'ef81af7290f7842c6ceafa537fa0745b', res: 'e9d749dc4eea0035', ck: 'a4cb6f6529ab17f8337f27baa8234d47', ik: '2274155ccf4199d5e2abcbf621907f90',
    ak: '480a9345cc1e', akStar: 'f84eb338848c',
  },
] as const;

describe('TUAK', () => {
  it.each(SETS.map((set, index) => [index + 1, set] as const))('gives the values of test set %i', (_n, set) => {
    const topc = computeTopc(fromHex(set.k), fromHex(set.top));
    expect(toHex(topc)).toBe(set.topc);
    const result = tuak(fromHex(set.k), topc, fromHex(set.rand), fromHex(set.sqn), fromHex(set.amf), set.options);
    for (const name of ['macA', 'macS', 'res', 'ck', 'ik', 'ak', 'akStar'] as const) expect(toHex(result[name]), name).toBe(set[name]);
  });

  it('counts permutations, and leaves its input alone', () => {
    const [k, top] = [fromHex(SETS[0].k), fromHex(SETS[0].top)];
    const once = toHex(computeTopc(k, top));
    expect(toHex(computeTopc(k, top, 2))).not.toBe(once);
    expect(toHex(k) + toHex(top)).toBe(SETS[0].k + SETS[0].top);
  });

  it.each<[string, () => unknown]>([
    ['K of 24 bytes', () => computeTopc(new Uint8Array(24), new Uint8Array(32))],
    ['TOP of 16 bytes', () => computeTopc(new Uint8Array(16), new Uint8Array(16))],
    ['no permutation', () => computeTopc(new Uint8Array(16), new Uint8Array(32), 0)],
    ['RAND of 15 bytes', () => tuak(new Uint8Array(16), new Uint8Array(32), new Uint8Array(15), new Uint8Array(6), new Uint8Array(2))],
  ])('refuses %s', (_name, run) => {
    expect(run).toThrow(SaipError);
  });
});

describe('a TUAK template', () => {
  const topSet = SETS[1];
  const compiled = (keyBytes: 16 | 32, iterations = 1) => compileTemplate(
    editPackage(buildSampleTemplate(), [{ kind: 'algorithm', algorithm: 'tuak', keyBytes, iterations }]).der, { slots: SAMPLE_SLOTS, late: LATE_NAMES },
  );
  const opcOf = (template: ReturnType<typeof compiled>, values: SlotValues): string => {
    const out = new Uint8Array(template.slotBytesLength);
    encodeSlots(template, values, out, 0);
    const slot = template.slots.find(({ name }) => name === 'opc')!;
    return toHex(out.subarray(slot.at, slot.at + slot.length));
  };
  const { k: _k, opc: _opc, ...rest } = testValues(1);

  it.each([16, 32] as const)('takes K of %i octets and TOPc of 32', (keyBytes) => {
    const template = compiled(keyBytes);
    expect(template.slots.filter(({ name }) => name === 'k' || name === 'opc').map(({ length }) => length)).toEqual([keyBytes, 32]);
    expect(opcOf(template, { ...rest, k: new Uint8Array(keyBytes).fill(7), opc: new Uint8Array(32).fill(9) })).toBe('09'.repeat(32));
    expect(() => opcOf(template, { ...rest, k: new Uint8Array(keyBytes), opc: new Uint8Array(16) })).toThrow(SaipError);
    expect(() => opcOf(template, { ...rest, k: new Uint8Array(keyBytes), op: new Uint8Array(16) })).toThrow(/TOP has 16 bytes/);
  });

  it('makes TOPc from TOP with the template\'s own count of permutations, stored or not', () => {
    const values = { ...rest, k: fromHex(topSet.k), op: fromHex(topSet.top) };
    expect(opcOf(compiled(32), values)).toBe(topSet.topc);
    const three = compiled(32, 3);
    expect(three.keccak).toBe(3);
    const want = toHex(computeTopc(values.k, values.op, 3));
    expect(opcOf(three, values)).toBe(want);
    expect(opcOf(parseCompiled(serialiseCompiled(three), three.digest), values)).toBe(want);
  });
});
