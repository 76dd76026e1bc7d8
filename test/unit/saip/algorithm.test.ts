import { describe, expect, it } from 'vitest';
import { buildSampleTemplate, checkPackage, describe as view, readPackage, switchToMilenage } from '../../../src/main/saip/index.ts';
import { leaf } from '../../../src/main/saip/tree.ts';
import { sameBytes, toHex } from '../../../src/shared/tlv/index.ts';
import { at, mutate, ts48, ts48Name } from '../../fixtures/saip/values.ts';

/** The sample with the test algorithm instead of Milenage. */
const testAlgorithm = mutate(buildSampleTemplate(), (nodes) => {
  const algorithm = at(nodes, 0xa4, 0xa1, 0xa1);
  algorithm.children = [leaf(0x80, [3]), leaf(0x81, [2]), leaf(0x82, Uint8Array.from({ length: 16 }, (_, i) => i)), leaf(0x83, new Uint8Array(16))];
  at(nodes, 0xa0, 0xa5).children = [0x81, 0x91, 0x92, 0x95].map((tag) => leaf(tag, []));
});

describe('switching the test algorithm to Milenage', () => {
  it('changes algorithm, options and the service flag, keeping DER order', () => {
    const switched = switchToMilenage(testAlgorithm);
    const nodes = readPackage(switched).elements.map((element) => element.node);
    const algorithm = at(nodes, 0xa4, 0xa1, 0xa1).children!;
    expect(algorithm.map((child) => [child.tag, child.value.length])).toEqual([[0x80, 1], [0x81, 1], [0x82, 16], [0x83, 16]]);
    expect([algorithm[0]!.value[0], algorithm[1]!.value[0]]).toEqual([1, 0]);
    expect(at(nodes, 0xa0, 0xa5).children!.map((child) => child.tag)).toEqual([0x81, 0x84, 0x92, 0x95]);
    expect(switched.length).toBe(testAlgorithm.length);
  });

  it('adds an OPc where there is none', () => {
    const without = mutate(testAlgorithm, (nodes) => { at(nodes, 0xa4, 0xa1, 0xa1).children!.pop(); });
    // Its header asks for services beside the algorithm only so that their order shows (V24).
    expect(checkPackage(without).filter((one) => one.severity === 'error' && one.rule !== 'V24')).toEqual([]);
    expect(toHex(switchToMilenage(without))).toBe(toHex(switchToMilenage(testAlgorithm)));
  });

  it('leaves a Milenage package alone', () => {
    const sample = buildSampleTemplate();
    expect(sameBytes(switchToMilenage(sample), sample)).toBe(true);
    const once = switchToMilenage(testAlgorithm);
    expect(sameBytes(switchToMilenage(once), once)).toBe(true);
  });

  it('does not touch its input', () => {
    const before = toHex(testAlgorithm);
    switchToMilenage(testAlgorithm);
    expect(toHex(testAlgorithm)).toBe(before);
  });

  it.skipIf(!ts48)(ts48Name('works on both algorithms of the GSMA test profile'), () => {
    const pkg = readPackage(switchToMilenage(ts48!));
    expect(view(pkg).elements.filter((element) => element.name === 'akaParameter').map((element) => element.algorithm)).toEqual(['Milenage', 'Milenage']);
    expect(pkg.header!.services).toEqual(['usim', 'isim', 'csim', 'milenage', 'get-identity', 'profile-a-x25519', 'profile-b-p256']);
    expect(checkPackage(switchToMilenage(ts48!)).some((one) => one.severity === 'error')).toBe(false);
  });
});
