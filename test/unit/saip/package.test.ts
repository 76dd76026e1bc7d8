import { describe as group, expect, it } from 'vitest';
import {
  buildSampleTemplate, checkPackage, describe, encodePackage, hasErrors, MAX_PACKAGE_BYTES, readPackage, SaipError,
} from '../../../src/main/saip/index.ts';
import { concat, fromHex, toHex } from '../../../src/shared/tlv/index.ts';
import { mutate, ts48, ts48Name, vendorTemplate } from '../../fixtures/saip/values.ts';

group('reading a package', () => {
  const sample = buildSampleTemplate();

  it('reads the sample and writes the same bytes', () => {
    const pkg = readPackage(sample);
    expect(toHex(encodePackage(pkg))).toBe(toHex(sample));
    expect(pkg.header).toMatchObject({ majorVersion: 2, minorVersion: 3, iccid: '8999900000000000014', services: ['usim', 'milenage'] });
    expect(pkg.elements.map((element) => element.name)).toEqual([
      'header', 'mf', 'pukCodes', 'pinCodes', 'usim', 'opt-usim', 'pinCodes', 'akaParameter', 'df-5gs', 'securityDomain', 'rfm', 'rfm', 'end',
    ]);
  });

  it('reads a template made elsewhere and writes the same bytes', () => {
    const pkg = readPackage(vendorTemplate);
    expect(toHex(encodePackage(pkg))).toBe(toHex(vendorTemplate));
    expect(pkg.elements.map((element) => element.identification)).toEqual([undefined, 4, 5, 2, 7, 3, 200, 8, 9, 10, 11, 12, 13, 14, 15, 16, 31]);
    expect(hasErrors(checkPackage(vendorTemplate))).toBe(false);
  });

  it.skipIf(!ts48)(ts48Name('reads the GSMA test profile and writes the same bytes'), () => {
    const pkg = readPackage(ts48!);
    expect(toHex(encodePackage(pkg))).toBe(toHex(ts48!));
    expect(pkg.elements).toHaveLength(30);
    expect(pkg.elements.map((element) => element.identification).slice(1, 8)).toEqual([4, 5, 2, 7, 3, 23, 8]);
    expect(pkg.header?.templates).toContain('2.23.143.1.2.13');
  });

  it('keeps unknown elements and fields', () => {
    const odd = concat(sample.subarray(0, sample.length - 9), fromHex('bf2a07a005800081016301'.slice(0, 20)), sample.subarray(sample.length - 9));
    expect(toHex(encodePackage(readPackage(odd)))).toBe(toHex(odd));
    const field = mutate(sample, (nodes) => nodes[7]!.children!.push({ tag: 0xaf, value: new Uint8Array(0), children: [], offset: -1 }));
    expect(toHex(encodePackage(readPackage(field)))).toBe(toHex(field));
  });

  it('describes structure without one secret octet', () => {
    const marked = mutate(sample, (nodes) => {
      const aka = nodes[7]!.children![1]!.children![0]!.children!;
      aka[2]!.value = fromHex('c0ffee00c0ffee00c0ffee00c0ffee00');
      nodes[3]!.children![1]!.children![0]!.children![0]!.children![1]!.value = fromHex('39383736ffffffff');
    });
    const text = JSON.stringify(describe(readPackage(marked)));
    expect(text).not.toMatch(/c0ffee|39383736|9876/i);
    const view = describe(readPackage(sample));
    expect(view.elements[7]!.algorithm).toBe('Milenage');
    expect(view.elements[9]!.keys).toEqual([1, 2, 3].map((id) => ({ version: 1, id, type: 'AES', bytes: 16 })));
    expect(view.elements[4]!.files).toContainEqual({ name: 'ef-imsi', fid: '6f07', kind: 'transparent', size: 9, contentBytes: 9 });
    expect(view.elements[3]!.references).toEqual([1, 10, 11]);
  });

  const nested = (depth: number): Uint8Array => {
    let inner = new Uint8Array(0);
    for (let i = 0; i < depth; i++) inner = Uint8Array.from([0xa0, ...(inner.length < 128 ? [inner.length] : [0x81, inner.length]), ...inner]);
    return inner;
  };
  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'SAIP_EMPTY'],
    ['a text file', new TextEncoder().encode('profile package'), 'SAIP_MALFORMED'],
    ['a package cut off', sample.subarray(0, sample.length - 1), 'SAIP_MALFORMED'],
    ['trailing bytes', concat(sample, Uint8Array.of(0)), 'SAIP_MALFORMED'],
    ['trailing zero elements', concat(sample, new Uint8Array(2)), 'SAIP_BAD_ELEMENT'],
    ['an outer SEQUENCE', concat(fromHex('3082'), Uint8Array.of(sample.length >> 8, sample.length & 0xff), sample), 'SAIP_BAD_ELEMENT'],
    ['an indefinite length', fromHex('a0800000'), 'SAIP_MALFORMED'],
    ['a length not in its shortest form', fromHex('a08102' + '0500'), 'SAIP_MALFORMED'],
    ['a tag not in its shortest form', fromHex('bf0500'), 'SAIP_MALFORMED'],
    ['elements nested 40 deep', nested(40), 'SAIP_TOO_DEEP'],
    ['more elements than allowed', concat(...Array.from({ length: 65_537 }, () => Uint8Array.of(0xa0, 0))), 'SAIP_TOO_MANY_NODES'],
    ['more bytes than allowed', new Uint8Array(MAX_PACKAGE_BYTES + 1), 'SAIP_TOO_LARGE'],
  ])('refuses %s', (_name, der, code) => {
    let caught: unknown;
    try {
      readPackage(der);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(SaipError);
    expect((caught as SaipError).code).toBe(code);
    expect(checkPackage(der)).toMatchObject([{ rule: 'V02', severity: 'error' }]);
  });
});

group('the rules on whole packages', () => {
  it('find nothing but placeholders in the sample', () => {
    const findings = checkPackage(buildSampleTemplate());
    expect(hasErrors(findings)).toBe(false);
    expect(findings.filter((one) => one.rule === 'V26').map((one) => one.place)).toEqual(['akaParameter[7]/key', 'akaParameter[7]/opc']);
    expect(new Set(findings.map((one) => one.rule))).toEqual(new Set(['V13', 'V26', 'V35']));
  });

  it.skipIf(!ts48)(ts48Name('find nothing but the published key in the GSMA test profile'), () => {
    const findings = checkPackage(ts48!);
    expect(hasErrors(findings)).toBe(false);
    expect(findings.filter((one) => one.rule === 'V26').map((one) => one.place)).toEqual(['akaParameter[11]/key', 'akaParameter[22]/key']);
    // Beside published codes and keys only the security level it asks of remote file management: no ciphering.
    expect(new Set(findings.map((one) => one.rule))).toEqual(new Set(['V13', 'V26', 'V35', 'V36']));
  });
});
