import { describe, expect, it } from 'vitest';
import {
  annexFile, annexFiles, buildSampleTemplate, fileSystem, findEntries, findFiles, pathOf, readPackage, SaipError, viewAnyFile, viewEntry,
} from '../../../../src/main/saip/index.ts';
import { FILE_ELEMENTS, fileName } from '../../../../src/main/saip/names.ts';
import { filesOf } from '../../../../src/main/saip/slots.ts';
import { childOf } from '../../../../src/main/saip/tree.ts';
import { toHex } from '../../../../src/shared/tlv/index.ts';
import { ts48, ts48Name, vendorTemplate } from '../../../fixtures/saip/values.ts';

describe('the template files', () => {
  it('are known for every element made of files', () => {
    for (const element of FILE_ELEMENTS) expect(annexFiles(element).length, element).toBeGreaterThan(1);
  });

  it.each([
    ['mf', 'ef-iccid', 0xa4, '2fe2'], ['usim', 'ef-epsnsc', 0xb9, '6fe4'], ['opt-usim', 'ef-ehplmn', 0xbf3a, '6fd9'], ['opt-usim', 'ef-ext7', 0xbf2d, '6fcc'],
    ['opt-usim', 'ef-mudmidconfigdata', 0xbf56, '6ffe'], ['telecom', 'ef-v2xp-Uu', 0xbf2f, '4f04'], ['telecom', 'ef-mmssmode', 0xbf27, '4f22'],
    ['csim', 'ef-call-prompt', 0xbf24, '6f73'], ['opt-csim', 'ef-model', 0xbf39, '6f81'], ['df-5gs', 'ef-kausf-derivation', 0xb5, '4f16'],
    ['df-5gs', 'df-df-5gs', 0xa2, '5fc0'], ['df-saip', 'df-df-saip', 0xa2, '5fd0'], ['opt-isim', 'ef-mudmidconfigdata', 0xaf, '6ffe'],
    ['iot', 'ef-netpar', 0xb7, '6fc4'], ['opt-iot', 'ef-suci-calc-info-usim', 0xbb, '4f01'], ['phonebook', 'ef-ccp1', 0xb3, undefined],
  ] as const)('%s/%s has its tag and its identifier', (element, file, tag, fid) => {
    expect(fileName(element, tag)).toBe(file);
    expect(annexFile(element, file)?.fid).toBe(fid);
  });

  it.each([
    ['usim', 'ef-keys', `07${'ff'.repeat(32)}`], ['usim', 'ef-loci', 'ffffffffffffff0000ff01'], ['opt-usim', 'ef-acm', '000000'],
    ['usim', 'ef-start-hfn', 'f00000f00000'], ['gsm-access', 'ef-kc', 'ffffffffffffffff07'], ['opt-usim', 'ef-hplmnwact', 'ffffff0000'],
    ['df-5gs', 'ef-routing-indicator', 'f0ff0000'], ['opt-usim', 'ef-oci', `${'ff'.repeat(30)}00000001ffff`.padStart(74, 'f').repeat(20)],
  ] as const)('%s/%s holds its default when nothing is said', (name, file, want) => {
    const node = { tag: 0xa2, value: new Uint8Array(0), children: [], offset: -1 };
    const element = { name, index: 0, identification: 1, mandated: true, node };
    expect(toHex(viewAnyFile(element, file).body)).toBe(want);
  });

  it('have one identifier and one SFI each within their directory', () => {
    for (const groups of [['usim', 'opt-usim'], ['isim', 'opt-isim'], ['csim', 'opt-csim'], ['df-5gs'], ['telecom'], ['iot', 'opt-iot'], ['mf']]) {
      const files = groups.flatMap((element) => annexFiles(element).map((file) => ({ ...file, parent: file.kind === 'ADF' ? '' : file.parent?.replace(/^adf-.*/, '') ?? '' })));
      for (const key of ['fid', 'sfi'] as const) {
        const seen = files.flatMap((file) => (file[key] === undefined ? [] : [`${file.parent}/${file[key]}`]));
        expect(seen.filter((one, i) => seen.indexOf(one) !== i), groups.join()).toEqual([]);
      }
    }
  });
});

describe('the file system of a package', () => {
  it('says where each file lies', () => {
    const { elements } = readPackage(buildSampleTemplate());
    const system = fileSystem(elements);
    expect(system.lost).toEqual([]);
    const paths = system.files.map(pathOf);
    expect(paths).toEqual(expect.arrayContaining(['2fe2', '2f00', '7fd0', '7fd06f07', '7fd06f61', '7fd05fc0', '7fd05fc04f07']));
    expect(findEntries(system, '7fd06f07')[0]).toMatchObject({ name: 'ef-imsi', kind: 'TR', source: 'template' });
    // The template makes EF.SMSS although the element does not mention it.
    expect(toHex(viewEntry(system, findEntries(system, 'ef-smss')[0]!).body)).toBe('ffff');
  });

  it('knows files made by file management, with their content', () => {
    const system = fileSystem(readPackage(vendorTemplate).elements);
    const [made] = findEntries(system, '2ff0');
    expect(made).toMatchObject({ source: 'management', kind: 'TR', path: '' });
    expect(toHex(viewEntry(system, made!).body)).toBe('11223344ffff55ff');
    expect(findEntries(system, '7f106f44')[0]).toMatchObject({ kind: 'CY', path: '7f10' });
    expect(viewEntry(system, findEntries(system, '7f106f44')[0]!)).toMatchObject({ recordLength: 26 });
  });

  it('a name several applications have means the USIM\'s unless said otherwise', () => {
    const { elements } = readPackage(vendorTemplate);
    expect(findFiles(elements, 'ef-ad').map((site) => site.element.name)).toEqual(['usim']);
    expect(findFiles(elements, 'ef-ad', ['isim']).map((site) => site.element.name)).toEqual(['isim']);
  });

  it('refuses a file the template does not have', () => {
    const { elements } = readPackage(buildSampleTemplate());
    expect(() => viewAnyFile(elements[1]!, 'ef-imsi')).toThrow(SaipError);
  });

  it.skipIf(!ts48)(ts48Name('agrees with the identifiers of the GSMA test profile, and finds its links and paths'), () => {
    const { elements } = readPackage(ts48!);
    for (const element of elements.filter((one) => FILE_ELEMENTS.has(one.name))) {
      for (const file of filesOf(element)) {
        const fid = childOf(childOf(file, 0xa1), 0x83);
        const preset = annexFile(element.name, fileName(element.name, file.tag)!);
        if (fid && preset!.fid !== undefined) expect(`${preset!.name} ${toHex(fid.value)}`).toBe(`${preset!.name} ${preset!.fid}`);
      }
    }
    const system = fileSystem(elements);
    expect(system.lost).toEqual([]);
    for (const link of system.files.filter((file) => file.link !== undefined)) {
      expect(system.files.some((file) => pathOf(file) === link.link), pathOf(link)).toBe(true);
    }
    const [linked] = findEntries(system, '7f106f42');
    expect(viewEntry(system, linked!).body.length).toBe(0x54);
  });
});
