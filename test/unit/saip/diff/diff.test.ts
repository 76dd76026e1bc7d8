import { describe, expect, it } from 'vitest';
import { buildSampleTemplate, diffPackages, editPackage, SaipError } from '../../../../src/main/saip/index.ts';
import { leaf } from '../../../../src/main/saip/tree.ts';
import { fromHex } from '../../../../src/shared/tlv/index.ts';
import { at, mutate, ts48, ts48Name } from '../../../fixtures/saip/values.ts';

const sample = buildSampleTemplate();

describe('the difference of two packages', () => {
  it('is nothing for a package and itself', () => {
    expect(diffPackages(sample, sample)).toEqual({ added: [], removed: [], changed: [] });
  });

  it('tells values before and after, by place', () => {
    const { der } = editPackage(sample, [{ kind: 'hpplmn', minutes: 30 }, { kind: 'routing-indicator', digits: '71' }]);
    const { added, removed, changed } = diffPackages(sample, der);
    expect([added, removed]).toEqual([[], []]);
    expect(changed).toEqual([
      {
        id: 'usim[4]/ef-hpplmn', name: 'usim / ef-hpplmn', secret: false, before: [{ label: 'Search for the home network', value: 'every 60 minutes' }],
        after: [{ label: 'Search for the home network', value: 'every 30 minutes' }],
      },
      {
        id: 'df-5gs[8]/ef-routing-indicator', name: 'df-5gs / ef-routing-indicator', secret: false, before: [{ label: 'Routing indicator', value: '0' }],
        after: [{ label: 'Routing indicator', value: '71' }],
      },
    ]);
  });

  it('names files and elements that came and went', () => {
    const { der } = editPackage(sample, [{ kind: 'network-names', names: [{ full: 'Net' }] }]);
    expect(diffPackages(sample, der).added.map(({ id }) => id)).toEqual(['opt-usim[5]/ef-pnn']);
    expect(diffPackages(der, sample).removed.map(({ id }) => id)).toEqual(['opt-usim[5]/ef-pnn']);
    const csim = buildSampleTemplate({ csim: true });
    const stripped = editPackage(csim, [{ kind: 'strip-csim' }]).der;
    expect(diffPackages(csim, stripped).removed.map(({ id }) => id)).toEqual(['csim[24]', 'opt-csim[25]', 'pinCodes[26]', 'cdmaParameter[27]', 'rfm[29]']);
  });

  it.each<[string, (nodes: Parameters<Parameters<typeof mutate>[1]>[0]) => void, string]>([
    ['K', (nodes) => { at(nodes, 0xa4, 0xa1, 0xa1, 0x82).value = fromHex('c0ffee00c0ffee00c0ffee00c0ffee00'); }, 'akaParameter[7]/key'],
    ['PUK', (nodes) => { at(nodes, 0xa3, 0xa1, 0x30, 0x81).value = fromHex('3938373635343332'); }, 'pukCodes[2]/puk 1'],
    ['PIN', (nodes) => { at(nodes, 0xa2, 0xa1, 0xa0, 0x30, 0x81).value = fromHex('39383736ffffffff'); }, 'pinCodes[3]/pin 1'],
    ['OTA key', (nodes) => { at(nodes, 0xa6, 0xa2, 0x30, 0x30, 0x30, 0x86).value = fromHex('c0ffee00c0ffee00c0ffee00c0ffee00'); }, 'securityDomain[9]/key 1/1'],
  ])('says of a %s only that it changed', (_name, change, id) => {
    const { changed } = diffPackages(sample, mutate(sample, change));
    expect(changed.map((one) => [one.id, one.secret])).toEqual([[id, true]]);
    expect(JSON.stringify(changed)).not.toMatch(/c0ffee|9876|3938/i);
  });

  it('says of own Milenage constants only that they changed', () => {
    const own = (last: number): Uint8Array => mutate(sample, (nodes) => {
      const constants = Uint8Array.from({ length: 80 }, (_, i) => (i * 7 + last) & 0xff);
      at(nodes, 0xa4, 0xa1, 0xa1).children!.push(leaf(0x85, constants));
    });
    const { changed } = diffPackages(own(1), own(2));
    expect(changed).toEqual([{
      id: 'akaParameter[7]', name: 'akaParameter', secret: true, before: [{ label: 'Value', value: 'secret' }], after: [{ label: 'Value', value: 'another secret' }],
    }]);
  });

  it('pairs elements of different identifications in their order', () => {
    const other = mutate(sample, (nodes) => { at(nodes, 0xb3, 0xa0, 0x81).value = Uint8Array.of(100); });
    expect(diffPackages(sample, other)).toEqual({ added: [], removed: [], changed: [] });
  });

  it('refuses what is no package', () => {
    expect(() => diffPackages(sample, Uint8Array.of(1, 2, 3))).toThrow(SaipError);
  });

  it.skipIf(!ts48)(ts48Name('tells the stripped GSMA test profile from the whole one'), () => {
    const { der } = editPackage(ts48!, [{ kind: 'strip-csim' }]);
    const { added, removed, changed } = diffPackages(ts48!, der);
    expect(added).toEqual([]);
    expect(removed.map(({ id }) => id)).toEqual(['csim[15]', 'opt-csim[16]', 'pinCodes[17]', 'cdmaParameter[18]', 'rfm[30]']);
    expect(changed.map(({ id }) => id)).toEqual(['header', 'mf[4]/ef-dir']);
  });
});
