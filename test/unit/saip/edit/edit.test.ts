import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildSampleTemplate, checkPackage, diffPackages, editPackage, type Field, readPackage, SaipError, type TemplateEdit, viewPackage, type ViewNode,
} from '../../../../src/main/saip/index.ts';
import { encodeTree } from '../../../../src/main/saip/tree.ts';
import { sameBytes, toHex } from '../../../../src/shared/tlv/index.ts';
import { at, mutate, ts48, ts48Name, vendorTemplate } from '../../../fixtures/saip/values.ts';
import { anyEdit, type Wanted } from '../../../fixtures/saip/edits.ts';

const sample = buildSampleTemplate();
const rich = buildSampleTemplate({ isim: 'own', csim: true });
const A = '5a8d38864820197c3394b92613b20b91633cbd897119273bf8e4a6f4eec0a650';
const B = '0472da71976234ce833a6907425867b82e074d44ef907dfb4b3e21c1c2256ebcd15a7ded52fcbb097a4ed250e036c7b9c8c7004c4eedc4f068cd7bf8d3f900e3b4';

const apply = (der: Uint8Array, ...edits: TemplateEdit[]): Uint8Array => editPackage(der, edits).der;

function nodes(der: Uint8Array): Map<string, ViewNode> {
  const map = new Map<string, ViewNode>();
  const walk = (list: readonly ViewNode[]): void => list.forEach((node) => { map.set(node.id, node); walk(node.children); });
  walk(viewPackage(der).elements);
  return map;
}

const line = (fields: readonly Field[] | undefined): string => (fields ?? []).map(({ label, value }) => `${label}: ${value}`).join('; ');
const shown = (der: Uint8Array, id: string): string => line(nodes(der).get(id)?.decoded);
const hexOf = (der: Uint8Array, id: string): string | undefined => nodes(der).get(id)?.hex;

function refusal(der: Uint8Array, ...edits: TemplateEdit[]): string {
  try {
    editPackage(der, edits);
  } catch (error) {
    if (error instanceof SaipError) return `${error.code} ${error.place}`;
    throw error;
  }
  return 'no refusal';
}

const errorsOf = (der: Uint8Array): string[] => checkPackage(der).filter(({ severity }) => severity === 'error').map(({ rule, place }) => `${rule} ${place}`);

/** Octets of every element, by name and identification. */
function elements(der: Uint8Array): Map<string, string> {
  return new Map(readPackage(der).elements.map((element) => [`${element.name} ${element.identification}`, toHex(encodeTree([element.node]))]));
}

describe('editing a template', () => {
  it('with no edit gives the same bytes, and never touches its input', () => {
    expect(sameBytes(apply(sample), sample)).toBe(true);
    const before = toHex(rich);
    apply(rich, { kind: 'strip-csim' }, { kind: 'hpplmn', minutes: 12 });
    expect(toHex(rich)).toBe(before);
  });

  it.each<[string, TemplateEdit]>([
    ['a name that is there', { kind: 'spn', name: 'MVNE Desk Lab' }], ['the same interval', { kind: 'hpplmn', minutes: 60 }],
    ['an empty list', { kind: 'plmn-list', list: 'fplmn', entries: [] }], ['services that are on', { kind: 'services', table: 'ust', on: [19, 20] }],
    ['the same algorithm', { kind: 'algorithm', algorithm: 'milenage' }], ['the same routing indicator', { kind: 'routing-indicator', digits: '0' }],
    ['the PIN as it is', { kind: 'pin-policy', code: 'pin', reference: 1, enabled: false, attempts: 3 }], ['the same service centre', { kind: 'service-centre', number: '+447700900001' }],
    ['the same MNC length', { kind: 'mnc-length', digits: 2 }],
  ])('changes nothing for %s', (_name, edit) => {
    const edited = editPackage(sample, [edit]);
    expect(sameBytes(edited.der, sample)).toBe(true);
    expect(edited.changes[0]!.places).toEqual([]);
  });

  it('leaves every element it has no business with byte for byte', () => {
    const before = elements(rich);
    const after = elements(apply(rich, { kind: 'hpplmn', minutes: 6 }));
    expect([...after.keys()]).toEqual([...before.keys()]);
    expect([...before].filter(([key, hex]) => after.get(key) !== hex).map(([key]) => key)).toEqual(['usim 4']);
  });

  it('writes worked values', () => {
    expect(hexOf(apply(sample, { kind: 'spn', name: 'ACME' }), 'usim[4]/ef-spn')).toBe(`0141434d45${'ff'.repeat(12)}`);
    expect(hexOf(apply(sample, { kind: 'spn', name: 'ACME', networkNameAtHome: false, hiddenWhenRoaming: true }), 'usim[4]/ef-spn')).toMatch(/^0241434d45ff/);
    expect(hexOf(apply(sample, { kind: 'apn-list', apns: ['internet', 'ims.acme'], enforced: false }), 'opt-usim[5]/ef-acl'))
      .toMatch(/^02dd0908696e7465726e6574dd0903696d730461636d65(ff)+$/);
    expect(hexOf(apply(sample, { kind: 'routing-indicator', digits: '71' }), 'df-5gs[8]/ef-routing-indicator')).toBe('17ffffff');
    expect(hexOf(apply(sample, { kind: 'suci', calculatedBy: 'ue', schemes: [{ scheme: 'profile-b', key: 1 }, { scheme: 'profile-a', key: 2 }, { scheme: 'null' }], keys: [{ id: 27, value: B }, { id: 30, value: A }] }), 'df-5gs[8]/ef-suci-calc-info'))
      .toBe(`a006020101020000a16b80011b8141${B}80011e8120${A}`);
    expect(hexOf(apply(sample, { kind: 'plmn-list', list: 'oplmnwact', entries: [{ plmn: '26201', act: 0xc880 }, { plmn: '310260', act: ['LTE-M'] }], capacity: 3 }), 'opt-usim[5]/ef-oplmnwact'))
      .toBe('62f210c8801300626000ffffff0000');
    expect(hexOf(apply(sample, { kind: 'emergency-numbers', numbers: [{ number: '112' }, { number: '911', categories: ['police', 'ambulance'] }] }), 'usim[4]/ef-ecc')).toBe('11f2ff0019f1ff03');
    expect(hexOf(apply(rich, { kind: 'ims', impi: '001010123456789@ims.mnc001.mcc001.3gppnetwork.org' }), 'isim[20]/ef-impi'))
      .toBe(`8031${Buffer.from('001010123456789@ims.mnc001.mcc001.3gppnetwork.org').toString('hex')}${'ff'.repeat(13)}`);
    // TS 24.008, 10.5.3.5a: "hellohello" packs to E8329BFD4697D9EC37, ten characters leave two bits.
    expect(hexOf(apply(sample, { kind: 'network-names', names: [{ full: 'hellohello' }], rules: [{ plmn: '26201', from: '0000', to: 'FFFE', name: 1 }] }), 'opt-usim[5]/ef-pnn'))
      .toMatch(/^430a82e8329bfd4697d9ec37ff/);
  });

  it('resizes lists by entries and keeps the rest of the file control parameters', () => {
    const fcp = (der: Uint8Array): string[] => at(readPackage(der).elements.map((element) => element.node), 0xb4, 0xb0, 0xa1).children!.map((child) => `${child.tag.toString(16)}:${toHex(child.value)}`);
    const der = apply(sample, { kind: 'plmn-list', list: 'oplmnwact', entries: [], capacity: 100 });
    expect(fcp(der)).toEqual(fcp(sample).map((one) => (one.startsWith('80:') ? '80:01f4' : one)));
    const many = Array.from({ length: 60 }, (_, n) => ({ plmn: `262${String(n).padStart(2, '0')}`, act: 0x4000 }));
    expect(shown(apply(sample, { kind: 'plmn-list', list: 'oplmnwact', entries: many }), 'opt-usim[5]/ef-oplmnwact')).toContain('Used: 60 of 60 entries');
  });

  it('creates a file with its template\'s identifier, a sibling\'s access rules and its service', () => {
    const der = apply(sample, { kind: 'network-names', names: [{ full: 'Net' }], rules: [] });
    expect(nodes(der).get('opt-usim[5]/ef-pnn')).toMatchObject({ fid: '6fc5', arr: '6f06/10', kind: 'linear fixed', records: 10, recordLength: 16 });
    expect(nodes(der).get('opt-usim[5]/ef-opl')).toMatchObject({ fid: '6fc6', arr: '6f06/10', recordLength: 8 });
    expect(shown(der, 'usim[4]/ef-ust')).toMatch(/Service 45: .*Service 46: /);
    const opt = readPackage(der).elements.find(({ name }) => name === 'opt-usim')!;
    const tags = opt.node.children!.slice(2).map(({ tag }) => tag);
    expect(tags).toEqual([...tags].sort((a, b) => a - b));
  });

  it('grows records when a name needs it', () => {
    const der = apply(sample, { kind: 'network-names', names: [{ full: 'The network of a very long name', short: 'TNOAVLN' }] });
    expect(nodes(der).get('opt-usim[5]/ef-pnn')).toMatchObject({ recordLength: 41, records: 10, size: 410 });
    expect(shown(der, 'opt-usim[5]/ef-pnn')).toBe('Name 1: The network of a very long name; Name 1, short: TNOAVLN');
  });

  it('creates the optional element where a USIM has none', () => {
    const bare = mutate(sample, (list) => {
      list.splice(list.findIndex(({ tag }) => tag === 0xb4), 1);
      at(list, 0xa0, 0xa6).children = at(list, 0xa0, 0xa6).children!.filter(({ value }) => value.at(-1) !== 5);
      const ust = at(list, 0xb3, 0xa8, 0x83).value;
      for (const n of [17, 20, 21, 42, 43, 71]) ust[(n - 1) >> 3]! &= ~(1 << ((n - 1) & 7));
    });
    expect(errorsOf(bare)).toEqual([]);
    const der = apply(bare, { kind: 'plmn-list', list: 'ehplmn', entries: ['00101'] });
    const pkg = readPackage(der);
    expect(pkg.elements.map(({ name }) => name).slice(4, 7)).toEqual(['usim', 'opt-usim', 'pinCodes']);
    expect(pkg.elements[5]!.identification).toBe(13);
    expect(pkg.header!.templates).toContain('2.23.143.1.2.5');
    expect(shown(der, 'opt-usim[13]/ef-ehplmn')).toContain('Entry 1: 001-01');
    expect(errorsOf(der)).toEqual([]);
  });

  it('changes what is delivered of PINs, one context or all', () => {
    const der = apply(rich, { kind: 'pin-policy', code: 'pin', reference: 129, enabled: true, attempts: 5 });
    for (const id of ['pinCodes[6]/pin 129', 'pinCodes[21]/pin 129', 'pinCodes[26]/pin 129']) expect(shown(der, id)).toContain('Attempts: 5, 5 left');
    const one = apply(rich, { kind: 'pin-policy', code: 'pin', reference: 129, element: 21, attempts: 5 });
    expect(['pinCodes[6]/pin 129', 'pinCodes[21]/pin 129'].map((id) => /Attempts: (\d)/.exec(shown(one, id))![1])).toEqual(['3', '5']);
    // Defaults are not written out: the PIN that is enabled, changeable and switchable has no attributes field.
    const defaults = apply(sample, { kind: 'pin-policy', code: 'pin', reference: 1, enabled: true, changeable: true, switchable: true });
    expect(at(readPackage(defaults).elements.map(({ node }) => node), 0xa2, 0xa1, 0xa0, 0x30).children!.map(({ tag }) => tag)).toEqual([0x80, 0x81, 0x82]);
    expect(shown(apply(sample, { kind: 'pin-policy', code: 'puk', reference: 1, attempts: 3 }), 'pukCodes[2]/puk 1')).toContain('Attempts: 3, 3 left');
  });

  it('adds, replaces and removes key sets', () => {
    const added = apply(sample, { kind: 'add-key-set', set: { protocol: 'scp81', version: 0x40, algorithm: 'aes', bytes: 16 } }, { kind: 'add-key-set', set: { protocol: 'scp03', version: 0x30, algorithm: 'aes', bytes: 32 } });
    expect(shown(added, 'securityDomain[9]/key 64/1')).toBe('Version: 40; Protocol: SCP81; Identifier: 01; Type: TLS-PSK; Length: 16 octets; Use: pre-shared key');
    expect(shown(added, 'securityDomain[9]/key 48/3')).toBe('Version: 30; Protocol: SCP03; Identifier: 03; Type: AES; Length: 32 octets; Use: key encryption');
    const replaced = apply(sample, { kind: 'replace-key-set', version: 1, set: { protocol: 'scp80', version: 2, algorithm: 'des', bytes: 24 } });
    expect([...nodes(replaced).keys()].filter((id) => id.includes('/key '))).toEqual(['securityDomain[9]/key 2/1', 'securityDomain[9]/key 2/2', 'securityDomain[9]/key 2/3']);
    expect(sameBytes(apply(added, { kind: 'remove-key-set', version: 0x40 }, { kind: 'remove-key-set', version: 0x30 }), sample)).toBe(true);
  });

  it('switches the algorithm and back', () => {
    const tuak = apply(rich, { kind: 'algorithm', algorithm: 'tuak', keyBytes: 32, iterations: 3 });
    expect(readPackage(tuak).header!.services).toEqual(['usim', 'isim', 'csim', 'cave', 'tuak256']);
    for (const id of ['akaParameter[7]', 'akaParameter[22]']) expect(shown(tuak, id)).toBe('Algorithm: TUAK; Options: 00; Keccak iterations: 3; Initial SQN: zero (default)');
    expect(sameBytes(apply(tuak, { kind: 'algorithm', algorithm: 'milenage' }), rich)).toBe(true);
    expect(shown(apply(sample, { kind: 'algorithm', algorithm: 'tuak' }), 'akaParameter[7]/key')).toBe('Length: 16 octets');
    const test = apply(sample, { kind: 'algorithm', algorithm: 'test' });
    expect(shown(test, 'akaParameter[7]')).toMatch(/^Algorithm: USIM test algorithm \(XOR\); Options: 02/);
    expect(readPackage(apply(buildSampleTemplate({ isim: 'mapped' }), { kind: 'algorithm', algorithm: 'tuak' })).header!.services).toContain('tuak128');
  });

  it('moves the calculation of SUCI into the USIM and out again', () => {
    const byUsim: TemplateEdit = { kind: 'suci', calculatedBy: 'usim', schemes: [{ scheme: 'profile-a', key: 1 }], keys: [{ id: 1, value: A }] };
    const inside = apply(rich, byUsim);
    const pkg = readPackage(inside);
    expect(pkg.header!.services).toEqual(['usim', 'isim', 'csim', 'milenage', 'cave', 'get-identity', 'profile-a-x25519']);
    expect(pkg.header!.templates).toContain('2.23.143.1.2.14');
    expect(pkg.elements.map(({ name }) => name).slice(8, 11)).toEqual(['df-5gs', 'df-saip', 'isim']);
    expect(shown(inside, `df-saip[30]/ef-suci-calc-info-usim`)).toContain('profile A (X25519), key 1');
    expect(shown(inside, 'usim[4]/ef-ust')).toContain('Service 125');
    const outside = apply(inside, { kind: 'suci', calculatedBy: 'ue', schemes: [{ scheme: 'null' }], keys: [] });
    expect(sameBytes(outside, rich)).toBe(true);
  });

  it('takes the CDMA application out', () => {
    const stripped = apply(rich, { kind: 'strip-csim' });
    const pkg = readPackage(stripped);
    expect(pkg.elements.map(({ name }) => name)).toEqual(readPackage(buildSampleTemplate({ isim: 'own' })).elements.map(({ name }) => name));
    expect(pkg.header).toMatchObject({ services: ['usim', 'isim', 'milenage'], templates: ['2.23.143.1.2.1', '2.23.143.1.2.4', '2.23.143.1.2.5', '2.23.143.1.2.8', '2.23.143.1.2.13'] });
    expect(shown(stripped, 'mf[1]/ef-dir')).toBe('Application 1: USIM, a0000000871002ffffffff8900000100; Application 2: ISIM, a0000000871004ffffffff8900000100');
    expect(errorsOf(stripped)).toEqual([]);
  });

  it('demands and releases services of the eUICC', () => {
    const der = apply(sample, { kind: 'mandatory-services', on: ['gba-usim'] });
    expect(readPackage(der).header!.services).toEqual(['usim', 'milenage', 'gba-usim']);
    expect(sameBytes(apply(der, { kind: 'mandatory-services', off: ['gba-usim'] }), sample)).toBe(true);
  });

  it.each<[string, Uint8Array, TemplateEdit, string]>([
    ['a name too long', sample, { kind: 'spn', name: 'seventeen letters' }, 'EDIT_BAD_VALUE usim[4]/ef-spn'],
    ['no network name', sample, { kind: 'network-names', names: [] }, 'EDIT_BAD_VALUE ef-pnn'],
    ['a rule for a name that is not there', sample, { kind: 'network-names', names: [{ full: 'A' }], rules: [{ plmn: '26201', from: '0000', to: 'FFFE', name: 2 }] }, 'EDIT_BAD_VALUE ef-opl'],
    ['a network of four digits', sample, { kind: 'plmn-list', list: 'fplmn', entries: ['2620'] }, 'EDIT_BAD_VALUE usim[4]/ef-fplmn'],
    ['more entries than room asked for', sample, { kind: 'plmn-list', list: 'fplmn', entries: ['26201', '26202'], capacity: 1 }, 'EDIT_BAD_VALUE ef-fplmn'],
    ['a service without its file', sample, { kind: 'services', table: 'ust', on: [51] }, 'EDIT_BREAKS_RULE usim[4]/ef-ust'],
    ['a service taken from its file', sample, { kind: 'services', table: 'ust', off: [42] }, 'EDIT_BREAKS_RULE usim[4]/ef-ust'],
    ['a service numbered 0', sample, { kind: 'services', table: 'ust', on: [0] }, 'EDIT_BAD_VALUE ef-ust'],
    ['an ISIM table without an ISIM', sample, { kind: 'services', table: 'ist', on: [1] }, 'EDIT_NO_PLACE ef-ist'],
    ['an interval of seven minutes', sample, { kind: 'hpplmn', minutes: 7 }, 'EDIT_BAD_VALUE ef-hpplmn'],
    ['a PIN that is not there', sample, { kind: 'pin-policy', code: 'pin', reference: 2, enabled: true }, 'EDIT_NO_PLACE pin 2'],
    ['sixteen attempts', sample, { kind: 'pin-policy', code: 'pin', reference: 1, attempts: 16 }, 'EDIT_BAD_VALUE pin 1'],
    ['an enabled PUK', sample, { kind: 'pin-policy', code: 'puk', reference: 1, enabled: true }, 'EDIT_BAD_VALUE puk 1'],
    ['a version of another protocol', sample, { kind: 'add-key-set', set: { protocol: 'scp80', version: 0x20, algorithm: 'aes', bytes: 16 } }, 'EDIT_BAD_VALUE securityDomain'],
    ['SCP02 with AES', sample, { kind: 'add-key-set', set: { protocol: 'scp02', version: 0x20, algorithm: 'aes', bytes: 16 } }, 'EDIT_BAD_VALUE securityDomain'],
    ['a version twice', sample, { kind: 'add-key-set', set: { protocol: 'scp80', version: 1, algorithm: 'aes', bytes: 16 } }, 'EDIT_REFUSED securityDomain[9]/key 1'],
    ['sets of one protocol of different lengths', sample, { kind: 'add-key-set', set: { protocol: 'scp80', version: 2, algorithm: 'aes', bytes: 32 } }, 'EDIT_REFUSED securityDomain[9]/key 1'],
    ['the last keys taken out', sample, { kind: 'remove-key-set', version: 1 }, 'EDIT_REFUSED securityDomain[9]/key 1'],
    ['keys that are not there', sample, { kind: 'remove-key-set', version: 9 }, 'EDIT_NO_PLACE securityDomain[9]/key 9'],
    ['a security domain that is not there', sample, { kind: 'remove-key-set', version: 1, domain: 'a0' }, 'EDIT_NO_PLACE securityDomain'],
    ['an enforced list of no access point', sample, { kind: 'apn-list', apns: [], enforced: true }, 'EDIT_BAD_VALUE ef-acl'],
    ['an access point with a blank', sample, { kind: 'apn-list', apns: ['my net'], enforced: false }, 'EDIT_BAD_VALUE ef-acl'],
    ['a key of the wrong length', sample, { kind: 'suci', calculatedBy: 'ue', schemes: [{ scheme: 'profile-a', key: 1 }], keys: [{ id: 1, value: B }] }, 'EDIT_BAD_VALUE ef-suci-calc-info'],
    ['a point off the curve', sample, { kind: 'suci', calculatedBy: 'ue', schemes: [{ scheme: 'profile-b', key: 1 }], keys: [{ id: 1, value: `${B.slice(0, -2)}b5` }] }, 'EDIT_BAD_VALUE ef-suci-calc-info'],
    ['a scheme without its key', sample, { kind: 'suci', calculatedBy: 'ue', schemes: [{ scheme: 'profile-a' }], keys: [] }, 'EDIT_BAD_VALUE ef-suci-calc-info'],
    ['a key nobody uses', sample, { kind: 'suci', calculatedBy: 'ue', schemes: [{ scheme: 'null' }], keys: [{ id: 1, value: A }] }, 'EDIT_BAD_VALUE ef-suci-calc-info'],
    ['a routing indicator of five digits', sample, { kind: 'routing-indicator', digits: '12345' }, 'EDIT_BAD_VALUE ef-routing-indicator'],
    ['no emergency number', sample, { kind: 'emergency-numbers', numbers: [] }, 'EDIT_BAD_VALUE ef-ecc'],
    ['an identity without an ISIM', sample, { kind: 'ims', domain: 'ims.example' }, 'EDIT_NO_PLACE ef-domain'],
    ['a private identity without a domain', rich, { kind: 'ims', impi: 'user' }, 'EDIT_BAD_VALUE ef-impi'],
    ['a service centre with a letter', sample, { kind: 'service-centre', number: '+44x' }, 'EDIT_BAD_VALUE usim[4]/ef-smsp'],
    ['half an octet', sample, { kind: 'group-identifier', level: 1, value: 'abc' }, 'EDIT_BAD_VALUE ef-gid1'],
    ['an MNC of four digits', sample, { kind: 'mnc-length', digits: 4 as never }, 'EDIT_BAD_VALUE ef-ad'],
    ['a service nobody knows', sample, { kind: 'mandatory-services', on: ['telepathy'] }, 'EDIT_BAD_VALUE header/eUICC-Mandatory-services'],
    ['the service of the algorithm taken out', sample, { kind: 'mandatory-services', off: ['milenage'] }, 'EDIT_BREAKS_RULE header/eUICC-Mandatory-services/milenage'],
    ['no CDMA application to take out', sample, { kind: 'strip-csim' }, 'EDIT_NO_PLACE csim'],
    ['Milenage with a K of 32', sample, { kind: 'algorithm', algorithm: 'milenage', keyBytes: 32 }, 'EDIT_BAD_VALUE akaParameter'],
    ['no permutation', sample, { kind: 'algorithm', algorithm: 'tuak', iterations: 0 }, 'EDIT_BAD_VALUE akaParameter'],
    ['a type of no text', sample, { kind: 'profile-type', text: '' }, 'EDIT_BAD_VALUE header/profileType'],
    ['an edit nobody knows', sample, { kind: 'polish' } as never, 'EDIT_BAD_VALUE edit'],
  ])('refuses %s', (_name, der, edit, want) => {
    expect(refusal(der, edit)).toBe(want);
  });

  it('refuses to take out what something that stays refers to', () => {
    const linked = mutate(rich, (list) => {
      // EF.FDN of the USIM becomes a link to a file of the CDMA application.
      const usim = at(list, 0xb3);
      const make = (tag: number, children: typeof list): (typeof list)[number] => ({ tag, value: new Uint8Array(0), children, offset: -1 });
      const leaf = (tag: number, hex: string): (typeof list)[number] => ({ tag, value: Uint8Array.from(Buffer.from(hex, 'hex')), children: undefined, offset: -1 });
      const before = usim.children!.findIndex(({ tag }) => tag > 0xa9 && tag < 0xff);
      usim.children!.splice(before, 0, make(0xa9, [make(0xa1, [leaf(0x82, '4221001a'), leaf(0x83, '6f3b'), leaf(0xc7, '7fd26f3b')])]));
    });
    expect(refusal(linked, { kind: 'strip-csim' })).toBe('EDIT_REFUSED usim[4]');
  });

  it('changes nothing at all when one edit of a list is refused', () => {
    const before = toHex(sample);
    expect(refusal(sample, { kind: 'hpplmn', minutes: 6 }, { kind: 'hpplmn', minutes: 7 })).toBe('EDIT_BAD_VALUE ef-hpplmn');
    expect(toHex(sample)).toBe(before);
  });

  it('works on a template made elsewhere', () => {
    const der = apply(vendorTemplate, { kind: 'spn', name: 'ACME' }, { kind: 'algorithm', algorithm: 'milenage' }, { kind: 'pin-policy', code: 'pin', reference: 129, attempts: 5 });
    expect(shown(der, 'usim[8]/ef-spn')).toContain('Name: ACME');
    expect(errorsOf(der)).toEqual([]);
  });
});

describe('any list of edits', () => {
  const holds = (der: Uint8Array, runs: number): void => {
    const before = new Set(errorsOf(der));
    const identifications = readPackage(der).elements.map(({ name, identification }) => `${name} ${identification}`);
    let done = 0;
    fc.assert(fc.property(fc.array(anyEdit, { minLength: 1, maxLength: 5 }), (list) => {
      let edited: Uint8Array;
      try {
        edited = editPackage(der, list.map(({ edit }) => edit)).der;
      } catch (error) {
        if (!(error instanceof SaipError) || !error.code.startsWith('EDIT_')) throw error;
        expect(error.place).toBeTruthy();
        return;
      }
      done++;
      expect(errorsOf(edited).filter((one) => !before.has(one))).toEqual([]);
      // Strict DER again, and each element that stays keeps its identification.
      const now = readPackage(edited).elements.map(({ name, identification }) => `${name} ${identification}`);
      const stripped = list.some(({ edit }) => edit.kind === 'strip-csim' || edit.kind === 'suci');
      if (!stripped) for (const one of identifications) expect(now).toContain(one);
      const tree = nodes(edited);
      const last = new Map<string, Wanted>();
      for (const { edit, wanted } of list) if (wanted) last.set(JSON.stringify([edit.kind, wanted.file]), wanted);
      for (const { file, text } of last.values()) {
        const found = [...tree.values()].filter(({ id }) => id.endsWith(`/${file}`));
        expect(found.some(({ decoded }) => line(decoded).includes(text)), `${file} shows ${text}`).toBe(true);
      }
      // The same edits again change nothing more.
      const repeatable = list.filter(({ edit }) => !/key-set|strip/.test(edit.kind)).map(({ edit }) => edit);
      const again = editPackage(edited, repeatable.slice(-1)).der;
      if (list.at(-1)!.edit === repeatable.at(-1)) expect(toHex(again)).toBe(toHex(edited));
      expect(() => diffPackages(der, edited)).not.toThrow();
    }), { numRuns: runs, seed: 20_261_122 });
    expect(done).toBeGreaterThan(runs / 4);
  };

  it('on the sample keeps the rules, shows what was written and is done once', () => holds(sample, 100));
  it('on the sample with IMS and CDMA keeps the rules, shows what was written and is done once', () => holds(rich, 100));
  it.skipIf(!ts48)(ts48Name('on the GSMA test profile keeps the rules, shows what was written and is done once'), { timeout: 30_000 }, () => holds(ts48!, 30));
});
