import { describe, expect, it } from 'vitest';
import { buildSampleTemplate, checkPackage, checkProfileValues, type Finding, type Node, type RuleId, RULES } from '../../../src/main/saip/index.ts';
import { branch, leaf } from '../../../src/main/saip/tree.ts';
import { element, fcp, peHeader } from '../../../src/main/saip/builder.ts';
import { concat, fromHex } from '../../../src/shared/tlv/index.ts';
import { withSecrets } from '../../fixtures/saip/rules/rich.ts';
import { at, mutate, testValues, ts48, ts48Name, vendorTemplate } from '../../fixtures/saip/values.ts';

/** A package every rule is content with: the sample with secrets. */
const clean = mutate(buildSampleTemplate(), (nodes) => { withSecrets(nodes); });
const vendor = mutate(vendorTemplate, (nodes) => { withSecrets(nodes); });
const tested = ts48 && mutate(ts48, (nodes) => { withSecrets(nodes); });

const index = (nodes: Node[], tag: number): number => nodes.findIndex((node) => node.tag === tag);
const copyOf = (node: Node, identification: number): Node => {
  const copy = structuredClone(node);
  at(copy.children!, 0xa0, 0x81).value = Uint8Array.of(identification);
  return copy;
};
const move = (nodes: Node[], tag: number, before: number): void => {
  const [node] = nodes.splice(index(nodes, tag), 1);
  nodes.splice(index(nodes, before), 0, node!);
};
const aka = (nodes: Node[]): Node => at(nodes, 0xa4, 0xa1, 0xa1);
const pins = (nodes: Node[], n = 0): Node[] => at(nodes, [0xa2, n], 0xa1, 0xa0).children!;
const pin = (reference: number, ...more: Node[]): Node =>
  branch(0x30, [leaf(0x80, reference > 127 ? [0, reference] : [reference]), leaf(0x81, fromHex('34373131ffffffff')), ...more]);

type Mutation = readonly [RuleId, Finding['severity'], string, (nodes: Node[]) => void];

/** Each breaks exactly one rule, in the sample and in the GSMA test profile alike. */
const both: readonly Mutation[] = [
  ['V01', 'error', 'no header', (n) => { n.shift(); }],
  ['V01', 'error', 'no end', (n) => { n.pop(); }],
  ['V01', 'error', 'two headers', (n) => { n.splice(1, 0, structuredClone(n[0]!)); }],
  ['V01', 'error', 'header not first', (n) => { n.splice(1, 0, n.shift()!); }],
  ['V01', 'error', 'an element behind the end', (n) => { n.push(element('nonStandard', 201)); }],
  ['V02', 'error', 'a number with a leading zero', (n) => { at(n, 0xaa, 0xa0, 0x81).value = Uint8Array.of(0, 99); }],
  ['V02', 'error', 'a PIN attribute at its default', (n) => { at(pins(n), 0x30, 0x83).value = Uint8Array.of(7); }],
  ['V02', 'error', 'PUK retries at their default', (n) => { at(n, 0xa3, 0xa1, 0x30).children!.push(leaf(0x82, [0, 0xaa])); }],
  ['V02', 'error', 'default SQN options', (n) => { at(n, 0xa4).children!.push(leaf(0x82, [2])); }],
  ['V02', 'error', 'a default SQN array', (n) => { at(n, 0xa4).children!.push(branch(0xa5, Array.from({ length: 32 }, () => leaf(4, new Uint8Array(6))))); }],
  ['V02', 'error', 'default special file information', (n) => { at(n, 0xb3, 0xa8, 0xa1, 0xa5).children!.push(leaf(0xc0, [0])); }],
  ['V02', 'error', 'services out of order', (n) => { at(n, 0xa0, 0xa5).children!.reverse(); }],
  ['V02', 'error', 'a flag with a value', (n) => { at(n, 0xb3, 0xa0, 0x80).value = Uint8Array.of(1); }],
  ['V02', 'warning', 'an unknown element', (n) => { n.splice(-1, 0, branch(0xbf2a, [peHeader(99)])); }],
  ['V02', 'warning', 'an unknown field', (n) => { at(n, 0xa4).children!.push(leaf(0x99, [1])); }],
  ['V02', 'warning', 'an unknown file', (n) => { at(n, 0xb3).children!.push(branch(0xbf70, [])); }],
  ['V03', 'error', 'no identification', (n) => { at(n, 0xaa, 0xa0).children!.pop(); }],
  ['V03', 'error', 'the same identification twice', (n) => { at(n, 0xaa, 0xa0, 0x81).value = at(n, 0xb3, 0xa0, 0x81).value; }],
  ['V03', 'error', 'an identification beyond 32767', (n) => { at(n, 0xaa, 0xa0, 0x81).value = fromHex('008000'); }],
  ['V04', 'error', 'no MF', (n) => { n.splice(index(n, 0xb0), 1); }],
  ['V04', 'error', 'the MF twice, by two means', (n) => {
    n.splice(2, 0, element('genericFileManagement', 99, branch(0xa1, [branch(0x30, [leaf(0x80, []), { ...fcp({ fid: '3f00', rule: '2f0601' }), tag: 0x62 }])])));
  }],
  ['V04', 'error', 'iotOptions without iot', (n) => { n[0]!.children!.push(branch(0xa9, [])); }],
  ['V05', 'error', 'two MFs', (n) => { n.splice(2, 0, copyOf(at(n, 0xb0), 99)); }],
  ['V05', 'error', 'two pukCodes', (n) => { n.splice(index(n, 0xa3), 0, copyOf(at(n, 0xa3), 99)); }],
  ['V06', 'error', 'opt-usim before usim', (n) => { move(n, 0xb4, 0xb3); }],
  ['V06', 'error', 'df-5gs before usim', (n) => { move(n, 0xbc, 0xb3); }],
  ['V06', 'error', 'telecom before the MF', (n) => { n.splice(1, 0, element('telecom', 99, leaf(0x81, fromHex('67810f010203')))); n.splice(0, n.length, ...n.filter((e, i) => e.tag !== 0xb2 || i === 1)); }],
  ['V06', 'error', 'opt-isim without isim', (n) => { n.splice(index(n, 0xb3), 0, element('opt-isim', 99, leaf(0x81, []))); }],
  ['V07', 'error', 'opt-usim twice', (n) => { n.splice(index(n, 0xb4), 0, copyOf(at(n, 0xb4), 99)); }],
  ['V07', 'error', 'df-5gs twice', (n) => { n.splice(index(n, 0xbc), 0, copyOf(at(n, 0xbc), 99)); }],
  ['V08', 'error', 'PUKs behind the first PINs', (n) => { move(n, 0xa3, 0xb3); }],
  ['V09', 'error', 'a local PIN for the MF', (n) => { pins(n).push(pin(130)); }],
  ['V09', 'error', 'a global PIN for an application', (n) => { pins(n, 1).push(pin(2)); }],
  ['V09', 'error', 'PINs of one context twice', (n) => { n.splice(index(n, 0xa2), 0, copyOf(at(n, 0xa2), 99)); }],
  ['V09', 'error', 'a local reference made global', (n) => { at(pins(n, 1), 0x30, 0x80).value = Uint8Array.of(1); }],
  ['V09', 'error', 'a global reference made local', (n) => { at(pins(n), 0x30, 0x80).value = Uint8Array.of(0, 129); }],
  ['V10', 'error', 'a reference made that of another', (n) => { at(pins(n), [0x30, 2], 0x80).value = Uint8Array.of(10); }],
  ['V10', 'error', 'a PIN twice', (n) => { pins(n).push(structuredClone(pins(n)[0]!)); }],
  ['V10', 'error', 'a PUK twice', (n) => { at(n, 0xa3, 0xa1).children!.push(structuredClone(at(n, 0xa3, 0xa1, 0x30))); }],
  ['V10', 'error', 'a missing PUK', (n) => { pins(n).push(pin(2, leaf(0x82, [3]))); }],
  ['V11', 'error', 'a status template with an unknown PIN', (n) => { at(n, 0xb0, 0xa2, 0xa1, 0xc6).value = fromHex('010a0b0c'); }],
  ['V11', 'error', 'an ADM that is not defined', (n) => { pins(n).pop(); }],
  ['V11', 'error', 'a local PIN at the MF', (n) => { at(n, 0xb0, 0xa2, 0xa1, 0xc6).value = fromHex('81010a0b'); }],
  ['V25', 'error', 'a K of 15 bytes', (n) => { at([aka(n)], 0xa1, 0x82).value = new Uint8Array(15).fill(5); }],
  ['V25', 'error', 'an OPc of 17 bytes', (n) => { at([aka(n)], 0xa1, 0x83).value = new Uint8Array(17).fill(5); }],
  ['V25', 'error', 'rotations of four bytes', (n) => { aka(n).children!.push(leaf(0x84, fromHex('40002040'))); }],
  ['V25', 'error', 'algorithm 9', (n) => { at([aka(n)], 0xa1, 0x80).value = Uint8Array.of(9); }],
  ['V25', 'error', 'no algorithm', (n) => { at(n, 0xa4, 0xa1).children = []; }],
  ['V27', 'error', 'authentication before its application', (n) => { move(n, 0xa4, 0xb3); }],
  ['V27', 'error', 'a mapping to nowhere', (n) => { at(n, 0xa4, 0xa1).children = [branch(0xa0, [leaf(0x80, [6]), leaf(0x81, fromHex('a000000087100400'))])]; }],
  ['V28', 'error', 'another ICCID in the file', (n) => { at(n, 0xb0, 0xa4, 0x83).value = fromHex('98990900000000002000'); }],
  ['V28', 'error', 'a header ICCID of nine bytes', (n) => {
    at(n, 0xa0, 0x83).value = fromHex('899990000000000001');
    at(n, 0xb0, 0xa4, 0x83).value = fromHex('989909000000000010');
    at(n, 0xb0, 0xa4, 0xa1).children = at(n, 0xb0, 0xa4, 0xa1).children!.flatMap((c) => (c.tag === 0x8b ? [c, leaf(0x80, [9])] : c.tag === 0x80 ? [] : [c]));
  }],
  ['V29', 'error', 'an IMSI of wrong parity', (n) => { at(n, 0xb3, 0xa3, 0x83).value = fromHex('080110101032547698'); }],
  ['V29', 'error', 'an IMSI with a hole', (n) => { at(n, 0xb3, 0xa3, 0x83).value = fromHex('0809101010f2547698'); }],
  ['V29', 'error', 'an MNC of four digits', (n) => { at(n, 0xb3, 0xb5, 0x83).value = fromHex('00000004'); }],
  ['V30', 'error', 'no access class', (n) => { at(n, 0xb3, 0xb2, 0x83).value = fromHex('0800'); }],
  ['V30', 'error', 'two access classes', (n) => { at(n, 0xb3, 0xb2, 0x83).value = fromHex('0003'); }],
  ['V30', 'error', 'bit 10', (n) => { at(n, 0xb3, 0xb2, 0x83).value = fromHex('0401'); }],
];

/** Possible only where Milenage is. */
const milenageOnly: readonly Mutation[] = [
  ['V02', 'error', 'default rotations', (n) => { aka(n).children!.push(leaf(0x84, fromHex('4000204060'))); }],
  ['V25', 'error', 'a rotation beyond 127', (n) => { aka(n).children!.push(leaf(0x84, fromHex('4000208060'))); }],
  ['V25', 'error', 'two equal pairs of constants', (n) => { aka(n).children!.push(leaf(0x84, fromHex('4000204061')), leaf(0x85, new Uint8Array(80))); }],
  ['V25', 'error', 'constants of 79 bytes', (n) => { aka(n).children!.push(leaf(0x85, new Uint8Array(79))); }],
  ['V26', 'warning', 'K of zeros', (n) => { at([aka(n)], 0xa1, 0x82).value = new Uint8Array(16); }],
  ['V26', 'warning', 'OPc of FF', (n) => { at([aka(n)], 0xa1, 0x83).value = new Uint8Array(16).fill(0xff); }],
  ['V26', 'warning', 'K and OPc equal', (n) => { at([aka(n)], 0xa1, 0x83).value = at([aka(n)], 0xa1, 0x82).value; }],
  ['V26', 'warning', 'a published K', (n) => { at([aka(n)], 0xa1, 0x82).value = fromHex('465b5ce8b199b49faa5f0a2ee238a6bc'); }],
  ['V28', 'error', 'a wrong check digit', (n) => {
    at(n, 0xa0, 0x83).value = fromHex('8999900000000000015f');
    at(n, 0xb0, 0xa4, 0x83).value = fromHex('989909000000000010f5');
  }],
  ['V28', 'warning', 'an ICCID that does not start with 89', (n) => {
    at(n, 0xa0, 0x83).value = fromHex('12345678901234567890');
    at(n, 0xb0, 0xa4, 0x83).value = fromHex('21436587092143658709');
  }],
  ['V29', 'warning', 'a short IMSI', (n) => { at(n, 0xb3, 0xa3, 0x83).value = fromHex('0709101010325476ff'); }],
  ['V30', 'warning', 'the class of another IMSI', (n) => {
    at(n, 0xb3, 0xa3, 0x83).value = fromHex('082926101032547698');
    at(n, 0xb3, 0xb2, 0x83).value = fromHex('0001');
  }],
];

const key = (one: Finding): string => `${one.rule} ${one.severity} ${one.place} ${one.message}`;

function newFindings(der: Uint8Array, change: (nodes: Node[]) => void): string[] {
  const before = new Set(checkPackage(der).map(key));
  const after = checkPackage(mutate(der, change)).filter((one) => !before.has(key(one)));
  return [...new Set(after.map((one) => `${one.rule} ${one.severity}`))];
}

describe('each rule fires alone on a package that breaks it', () => {
  it('and none on the clean one', () => expect(checkPackage(clean)).toEqual([]));

  it.each([...both, ...milenageOnly])('%s %s: %s', (rule, severity, _what, change) => {
    expect(newFindings(clean, change)).toEqual([`${rule} ${severity}`]);
  });

  it('V02 on bytes that are no DER', () => {
    const bent = Uint8Array.from(clean);
    bent[1] = 0x80;
    expect(checkPackage(bent).map((one) => one.rule)).toEqual(['V02']);
    expect(checkPackage(concat(clean, fromHex('05')))).toMatchObject([{ rule: 'V02', severity: 'error', place: `offset ${clean.length}` }]);
  });

  it('and every rule of the first release has its fixture', () => {
    const first = Object.keys(RULES).filter((rule) => rule <= 'V11' || (rule >= 'V25' && rule <= 'V30'));
    expect([...new Set([...both, ...milenageOnly].map(([rule]) => rule))].sort()).toEqual(first);
  });

  it('with place, clause and remedy in every finding', () => {
    for (const [, , , change] of [...both, ...milenageOnly]) {
      for (const one of checkPackage(mutate(clean, change))) {
        for (const text of [one.place, one.clause, one.message, one.fix]) expect(text.length).toBeGreaterThan(2);
        expect(one.message).toMatch(/\.$/);
      }
    }
  });

  it('V29 compares with the operator\'s networks', () => {
    const rules = (plmns: string[]): string[] => checkPackage(clean, { plmns }).map((one) => one.rule);
    expect(rules(['00101'])).toEqual([]);
    expect(rules(['26201'])).toEqual(['V29']);
    expect(rules(['001010'])).toEqual(['V29']);
  });

  it('a mapping to an earlier application is fine', () => {
    const der = mutate(clean, (nodes) => {
      const aid = at(nodes, 0xb3, 0xa2, 0xa1, 0x84).value;
      nodes.splice(-1, 0, element('akaParameter', 90, branch(0xa1, [branch(0xa0, [leaf(0x80, [6]), leaf(0x81, aid)])])));
    });
    expect(checkPackage(der)).toEqual([]);
  });
});

describe('the same on a vendor\'s template', () => {
  // It has no 5G directory to double or to move.
  it.each(both.filter(([, , what]) => !what.startsWith('df-5gs')))('%s %s: %s', (rule, severity, _what, change) => {
    expect(newFindings(vendor, change)).toEqual([`${rule} ${severity}`]);
  });
});

describe.skipIf(!ts48)(ts48Name('the same on the GSMA test profile'), () => {
  it.each(both)('%s %s: %s', (rule, severity, _what, change) => {
    expect(newFindings(tested!, change)).toEqual([`${rule} ${severity}`]);
  });
});

describe('rules on the values of one profile', () => {
  const good = testValues(4);
  const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
  const found = (change: object, context = {}): string[] =>
    checkProfileValues({ ...good, acc: undefined, ...change }, context).map((one) => `${one.rule} ${one.severity} ${one.place}`);

  it.each<[string, object, object, string[]]>([
    ['good values', {}, {}, []],
    ['a zero K', { k: new Uint8Array(16) }, {}, ['V26 error profile/key']],
    ['a zero K in the Lab', { k: new Uint8Array(16) }, { lab: true }, ['V26 warning profile/key']],
    ['a published K', { k: fromHex('000102030405060708090a0b0c0d0e0f') }, {}, ['V26 error profile/key']],
    ['K as OPc', { opc: good.k }, {}, ['V26 error profile/opc']],
    ['an OPc of FF', { opc: new Uint8Array(16).fill(0xff) }, {}, ['V26 error profile/opc']],
    ['a wrong check digit', { iccid: '8999900000000000015' }, {}, ['V28 error profile/iccid']],
    ['20 digits', { iccid: '89000123456789012341' }, {}, []],
    ['20 digits, checked', { iccid: '89000123456789012342' }, { luhnFor20: true }, ['V28 error profile/iccid']],
    ['a letter in the ICCID', { iccid: '89000123456789O12341' }, {}, ['V28 error profile/iccid']],
    ['other metadata', { iccid: '8999900000000000014', metadataIccid: fromHex('989909000000000010f5') }, {}, ['V28 error profile/metadata']],
    ['equal metadata', { iccid: '8999900000000000014', metadataIccid: fromHex('989909000000000010f4') }, {}, []],
    ['a foreign IMSI', {}, { plmns: ['26201'] }, ['V29 error profile/imsi']],
    ['an MNC of other length', {}, { plmns: ['00101'], mncLength: 3 }, ['V29 error profile/imsi']],
    ['an IMSI of five digits', { imsi: '00101' }, {}, ['V29 error profile/imsi']],
    ['no access class', { acc: 0 }, {}, ['V30 error profile/acc']],
    ['another class', { imsi: '001010000000001', acc: 1 }, {}, ['V30 warning profile/acc']],
    ['class and special bits', { imsi: '001010000000001', acc: 0x8002 }, {}, []],
    ['no such mask', { acc: -1 }, {}, ['V30 error profile/acc']],
    ['a PIN of three digits', { pin1: ascii('123') }, {}, ['V13 error profile/pin1']],
    ['a PIN everybody knows', { pin1: ascii('0000') }, {}, ['V13 error profile/pin1']],
    ['a PIN everybody knows, in the Lab', { pin1: ascii('0000') }, { lab: true }, ['V13 warning profile/pin1']],
    ['a stored PIN', { pin2: fromHex('31323334ffffffff') }, {}, []],
    ['a PUK of seven digits', { puk2: ascii('1234567') }, { lab: true }, ['V13 error profile/puk2']],
    ['a PUK everybody knows', { puk1: ascii('11111111') }, {}, ['V13 error profile/puk1']],
    ['an ADM code of FF', { adm1: new Uint8Array(8).fill(0xff) }, { lab: true }, ['V13 error profile/adm1']],
    ['an ADM code everybody knows', { adm2: ascii('55555555') }, {}, ['V13 error profile/adm2']],
    ['a published OTA key', { scp80Kid: fromHex('000102030405060708090a0b0c0d0e0f') }, {}, ['V35 error profile/scp80Kid']],
    ['an OTA key of zeros in the Lab', { scp80Kic: new Uint8Array(16) }, { lab: true }, ['V35 warning profile/scp80Kic']],
    ['a number of 21 digits', { msisdn: '+447700900123456789012' }, {}, ['V31 error profile/msisdn']],
    ['no number', { msisdn: '' }, {}, []],
    ['a letter in the service centre', { smsp: '+44770090O001' }, {}, ['V31 error profile/smsp']],
    ['an ICCID outside the order', {}, { iccidRange: { from: '899990100000000000', to: '899990199999999999' } }, ['V28 error profile/iccid']],
    ['the network of another owner', {}, { owner: { plmn: '26201' } }, ['V29 error profile/imsi']],
    ['the own network as owner', {}, { owner: { plmn: '00101' } }, []],
  ])('%s', (_name, change, context, want) => expect(found(change, context)).toEqual(want));
});
