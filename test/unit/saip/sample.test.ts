import { describe, expect, it } from 'vitest';
import { buildSampleTemplate, checkPackage, hasErrors, readPackage, SaipError } from '../../../src/main/saip/index.ts';
import { FILE_ELEMENTS, fileName } from '../../../src/main/saip/names.ts';
import { filesOf } from '../../../src/main/saip/slots.ts';
import { toHex } from '../../../src/shared/tlv/index.ts';
import { at } from '../../fixtures/saip/values.ts';

const pkg = readPackage(buildSampleTemplate());
const nodes = pkg.elements.map((element) => element.node);

describe('the sample profile', () => {
  it('holds the files it promises, in the order of their tags', () => {
    const files = pkg.elements.filter((element) => FILE_ELEMENTS.has(element.name)).flatMap((element) => {
      const names = filesOf(element).map((file) => fileName(element.name, file.tag)!);
      const tags = filesOf(element).map((file) => file.tag);
      expect(tags).toEqual([...tags].sort((a, b) => a - b));
      return names;
    });
    expect(files).toEqual(expect.arrayContaining([
      'ef-iccid', 'ef-dir', 'ef-arr', 'ef-pl', 'ef-imsi', 'ef-ust', 'ef-spn', 'ef-est', 'ef-acc', 'ef-ecc', 'ef-ad', 'ef-smsp', 'ef-fplmn', 'ef-loci',
      'ef-msisdn', 'ef-plmnwact', 'ef-oplmnwact', 'ef-hplmnwact', 'ef-ehplmn', 'df-df-5gs', 'ef-suci-calc-info', 'ef-routing-indicator',
    ]));
  });

  it('says in EF.UST what is there', () => {
    const ust = at(nodes, 0xb3, 0xa8, 0x83).value;
    const services = Array.from({ length: 8 * ust.length }, (_, i) => i + 1).filter((n) => ust[(n - 1) >> 3]! & (1 << ((n - 1) & 7)));
    expect(services).toEqual([10, 12, 17, 19, 20, 21, 28, 33, 34, 42, 43, 71, 85, 122, 123, 124, 126]);
  });

  it('names its application in EF.DIR and in the RFM element as in the ADF', () => {
    const aid = toHex(at(nodes, 0xb3, 0xa2, 0xa1, 0x84).value);
    expect(toHex(at(nodes, 0xb0, 0xa5, 0x83).value)).toContain(`4f10${aid}`);
    expect(toHex(at(nodes, [0xa7, 1], 0x30, 0x80).value)).toBe(aid);
  });

  it('carries no secret but zeros, and identifiers of a test network', () => {
    expect(toHex(at(nodes, 0xa4, 0xa1, 0xa1, 0x82).value)).toBe('00'.repeat(16));
    expect(toHex(at(nodes, 0xa4, 0xa1, 0xa1, 0x83).value)).toBe('00'.repeat(16));
    for (const n of [0, 1, 2]) expect(toHex(at(nodes, 0xa6, 0xa2, [0x30, n], 0x30, 0x30, 0x86).value)).toBe('00'.repeat(16));
    expect(toHex(at(nodes, 0xb3, 0xa3, 0x83).value)).toMatch(/^0809101000/);
    expect(pkg.header!.profileType).toContain('test');
  });

  it('takes other identifiers and sizes', () => {
    const other = buildSampleTemplate({
      iccid: '8944500000000000003', imsi: '310260123456789', mncLength: 3, serviceProviderName: 'ACME', smsc: '+447700900002', oplmnEntries: 10,
    });
    expect(hasErrors(checkPackage(other, { plmns: ['310260'] }).filter((one) => one.rule !== 'V28'))).toBe(false);
    expect(at(readPackage(other).elements.map((element) => element.node), 0xb4, 0xb0, 0x83).value).toHaveLength(50);
    expect(() => buildSampleTemplate({ iccid: '12' })).toThrow(SaipError);
    expect(() => buildSampleTemplate({ imsi: 'abc' })).toThrow(SaipError);
  });
});
