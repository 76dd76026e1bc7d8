import { describe, expect, it } from 'vitest';
import { buildSampleTemplate, editPackage, type Field, type TemplateEdit, viewPackage, type ViewNode } from '../../../../src/main/saip/index.ts';
import { decodeFile, isSecretFile } from '../../../../src/main/saip/decode/files.ts';
import { ruleText } from '../../../../src/main/saip/decode/access.ts';
import { actText } from '../../../../src/main/saip/decode/text.ts';
import { leaf } from '../../../../src/main/saip/tree.ts';
import { fromHex } from '../../../../src/shared/tlv/index.ts';
import { at, mutate, ts48, ts48Name, vendorTemplate } from '../../../fixtures/saip/values.ts';

const sample = buildSampleTemplate({ isim: 'own', csim: true });

export function find(der: Uint8Array, id: string): ViewNode {
  const search = (nodes: readonly ViewNode[]): ViewNode | undefined => {
    for (const node of nodes) {
      const found = node.id === id ? node : search(node.children);
      if (found) return found;
    }
    return undefined;
  };
  const found = search(viewPackage(der).elements);
  if (!found) throw new Error(`no node ${id}`);
  return found;
}

const line = (fields: readonly Field[]): string => fields.map(({ label, value }) => `${label}: ${value}`).join('; ');
const file = (name: string, hex: string, recordLength?: number, element = 'usim'): string => {
  const body = fromHex(hex);
  return line(decodeFile(element, name, body, recordLength ?? body.length));
};

describe('decoding files', () => {
  it.each<[string, string, string, number?]>([
    ['ef-iccid', '989909000000000010f4', 'ICCID: 8999900000000000014'],
    ['ef-imsi', '083901621032547698', 'IMSI: 310260123456789'],
    ['ef-imsi', '0821261021436587f9', 'IMSI: 26201123456789'],
    ['ef-acc', '0200', 'Access classes: 9'],
    ['ef-ad', '00000003', 'Operation mode: normal; Digits of the MNC: 3'],
    ['ef-ad', '800002', 'Operation mode: type approval'],
    ['ef-pl', '656e6465ffff', 'Languages: en, de'],
    ['ef-dir', '61144f0ca0000000871002ff49ff058950045553494d', 'Application 1: USIM, a0000000871002ff49ff0589', 22],
    ['ef-umpc', '3c3c000000', 'Most current: 60 mA; Operator defined time-out: 60 s; Increased idle current needed: no; UICC suspension: no'],
    ['ef-est', '04', 'Service 3: APN control list (ACL)'],
    ['ef-est', '00', 'Services: none'],
    ['ef-ist', '81', 'Service 1: P-CSCF address; Service 8: SMS over IP'],
    ['ef-spn', '0141434d45ffffffffffffffffffffffff', 'Name: ACME; In the home network: network name shown beside it; When roaming: name shown'],
    ['ef-spdi', 'a308800613006262f210ffff', 'Network 1: 310-260; Network 2: 262-01'],
    ['ef-opl', '62f2100000fffe01', 'Rule 1: 262-01, areas 0000 to fffe: name 1', 8],
    ['ef-gid1', 'aabbffff', 'Identifier: aabb'],
    ['ef-msisdn', `${'ff'.repeat(10)}07914477009010325476ffffffffff`.slice(0, 48), 'Number 1: +447700090123', 24],
    ['ef-smsp', `${'ff'.repeat(14)}e1${'ff'.repeat(12)}0791447700090010ffffffff0000a9`, 'Record 1, service centre: +447700900001; Record 1, validity: 3 days', 42],
    ['ef-oplmnwact', '62f2104800ffffff0000', 'Entry 1: 262-01: 5G, 4G; Used: 1 of 2 entries'],
    ['ef-ehplmn', '130062ffffff', 'Entry 1: 310-260; Used: 1 of 2 entries'],
    ['ef-ehplmnpi', '01', 'Equivalent home networks in the list of networks: only the first one shown'],
    ['ef-lrplmnsi', '00', 'At switch-on: last network first'],
    ['ef-hpplmn', '0a', 'Search for the home network: every 60 minutes'],
    ['ef-ecc', '11f2ff4575726f01', 'Number 1: 112, Euro, police', 8],
    ['ef-acl', '02dd0908696e7465726e6574dd0903696d730461636d65ffff', 'Access point 1: internet; Access point 2: ims.acme'],
    ['ef-acl', '00ffff', 'Allowed names: none'],
    ['ef-loci', 'ffffffff42f618fffeff01', 'Network: 246-81; Update status: not updated'],
    ['ef-keys', `07${'ff'.repeat(32)}`, 'Key set: none; Keys: empty'],
    ['ef-suci-calc-info', 'a0020000ffff', 'Priority 1: null scheme'],
    ['ef-routing-indicator', '17ffffff', 'Routing indicator: 71'],
    ['ef-uac-aic', '01000000', 'Access identities: 1 (MPS)'],
    ['ef-pcscf', '800501c0a80001ffff', 'P-CSCF 1: IPv4: 192.168.0.1', 9],
    ['ef-domain', '80037a2e79ff', 'Home domain: z.y'],
  ])('%s %s', (name, hex, want, recordLength) => {
    expect(file(name, hex, recordLength)).toBe(want);
  });

  it('reads UST by name, as the test profile of the GSMA has it', () => {
    const names = file('ef-ust', '9effbf1dff3e0083410310010400403e39').split('; ');
    const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
    expect(names.map((name) => Number(/\d+/.exec(name)![0]))).toEqual([
      ...range(2, 5), ...range(8, 22), 24, 25, 27, 28, 29, ...range(33, 40), ...range(42, 46), 57, 58, 64, 65, 71, 73, 74, 85, 89, 99, 119, ...range(122, 126), 129,
      132, 133, 134,
    ]);
    expect(names).toContain('Service 124: Subscription identifier privacy');
    expect(names).toContain('Service 42: Operator controlled PLMN selector');
  });

  it('reads SUCI data of TS 31.121', () => {
    const b = '0472da71976234ce833a6907425867b82e074d44ef907dfb4b3e21c1c2256ebcd15a7ded52fcbb097a4ed250e036c7b9c8c7004c4eedc4f068cd7bf8d3f900e3b4';
    const a = '5a8d38864820197c3394b92613b20b91633cbd897119273bf8e4a6f4eec0a650';
    expect(file('ef-suci-calc-info', `a006020101020000a16b80011b8141${b}80011e8120${a}`)).toBe(
      `Priority 1: profile B (P-256), key 1; Priority 2: profile A (X25519), key 2; Priority 3: null scheme; Key 1: identifier 27, ${b}; Key 2: identifier 30, ${a}`,
    );
  });

  it('leaves files of a CDMA application that share a name alone', () => {
    expect(file('ef-spn', '00'.repeat(35), undefined, 'opt-csim')).toBe('');
  });

  it.each([
    ['800101900080011aa40683010a950108', 'read: always; update, deactivate, activate: ADM1'],
    ['800103a4068301019501088401d4a40683010a950108', 'read, update: PIN1; resize: ADM1'],
    ['800102a010a406830101950108a406830181950108', 'update: PIN1 or PIN2'],
    ['8001019700', 'read: never'],
    ['80ff', '80ff'],
  ])('rule %s', (hex, want) => {
    expect(ruleText(fromHex(hex))).toBe(want);
  });

  it.each([
    [0xc880, '5G, 4G, 3G, 2G'], [0x4800, '5G, 4G'], [0x5000, 'NB-IoT'], [0x6000, '4G (WB, LTE-M)'], [0x7000, '4G'], [0x0084, '2G (no EC-GSM-IoT)'],
    [0x0088, 'EC-GSM-IoT'], [0x0400, 'satellite 5G'], [0, 'no technology'],
  ])('access technologies %i', (mask, want) => {
    expect(actText(mask)).toBe(want);
  });

  it('hides keys a file holds, and shows that it holds none', () => {
    expect(isSecretFile('ef-keys', fromHex(`07${'ff'.repeat(32)}`))).toBe(false);
    expect(isSecretFile('ef-keys', fromHex(`01${'42'.repeat(32)}`))).toBe(true);
    expect(isSecretFile('ef-spn', fromHex('0141'))).toBe(false);
  });
});

describe('the tree of a package', () => {
  it('has an id for every node, no two the same', () => {
    for (const der of [sample, vendorTemplate, ...(ts48 ? [ts48] : [])]) {
      const ids: string[] = [];
      const walk = (nodes: readonly ViewNode[]): void => nodes.forEach((node) => { ids.push(node.id); walk(node.children); });
      walk(viewPackage(der).elements);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  it('shows a file with everything about it', () => {
    expect(find(sample, 'usim[4]/ef-spn')).toEqual({
      id: 'usim[4]/ef-spn', name: 'ef-spn', kind: 'transparent', secret: false, fid: '6f46', arr: '6f06/10', size: 17, hex: '014d564e45204465736b204c6162ffffff', children: [],
      decoded: [
        { label: 'Name', value: 'MVNE Desk Lab' }, { label: 'In the home network', value: 'network name shown beside it' }, { label: 'When roaming', value: 'name shown' },
      ],
    });
    expect(find(sample, 'usim[4]/ef-ecc')).toMatchObject({ kind: 'linear fixed', records: 2, recordLength: 4, sfi: 1 });
    expect(find(sample, 'usim[4]/adf-usim')).toMatchObject({ kind: 'directory', fid: '7fd0' });
  });

  it('shows patterns as the eUICC would fill them', () => {
    expect(find(vendorTemplate, 'usim[8]/ef-spn').hex).toMatch(/^01[0-9a-f]{32}$/);
    const pattern = mutate(sample, (nodes) => {
      at(nodes, 0xb3, 0xad).children = [{ tag: 0xa1, value: new Uint8Array(0), offset: -1, children: [{ tag: 0xa5, value: new Uint8Array(0), offset: -1, children: [leaf(0xc1, [1, 0x41, 0xff])] }] }];
    });
    expect(find(pattern, 'usim[4]/ef-spn').hex).toBe(`0141${'ff'.repeat(15)}`);
  });

  it('cuts what is long, and says so', () => {
    const long = mutate(sample, (nodes) => {
      const parts = at(nodes, 0xb4, 0xb0).children!;
      parts.push(leaf(0x83, new Uint8Array(5000)));
    });
    const node = find(long, 'opt-usim[5]/ef-oplmnwact');
    expect([node.hex?.length, node.hexCut, node.size]).toEqual([8192, true, 5250]);
  });

  it('describes codes, algorithms, domains and remote management', () => {
    expect(line(find(sample, 'pinCodes[3]/pin 1').decoded)).toBe(
      'Key reference: 1; At delivery: disabled; Holder may change it: yes; Holder may switch it on and off: yes; Unblocked by: PUK reference 1; Attempts: 3, 3 left',
    );
    expect(line(find(sample, 'akaParameter[7]').decoded)).toBe('Algorithm: Milenage; Options: 00; Rotation constants: default; XOR constants: default; Initial SQN: zero (default)');
    expect(line(find(sample, 'akaParameter[7]/key').decoded)).toBe('Length: 16 octets');
    expect(line(find(sample, 'securityDomain[9]').decoded)).toMatch(/^Load package: a0000001515350; Class: .*; Instance: a000000151000000; Privileges: security domain, /);
    expect(line(find(sample, 'securityDomain[9]/key 1/1').decoded)).toBe('Version: 01; Protocol: SCP80; Identifier: 01; Type: AES; Length: 16 octets; Use: encryption');
    expect(line(find(sample, 'rfm[11]').decoded)).toBe(
      'Instance: a0000000090005ffffffff89b0001100; TAR: B00011; Minimum security level: 16; Access to UICC files: full access; Administration of UICC files: full access; '
      + 'Application: a0000000871002ffffffff8900000100; Access to its files: full access; Administration of its files: full access',
    );
    expect(line(find(sample, 'header').decoded)).toContain('SAIP version: 2.3; Profile type: MVNE Desk sample profile (test); ICCID: 8999900000000000014; Mandatory service: usim');
    expect(line(find(buildSampleTemplate({ isim: 'mapped' }), 'akaParameter[22]').decoded)).toBe('Uses the parameters of: a0000000871002ffffffff8900000100');
  });

  it('never shows a secret octet', () => {
    const marked = mutate(sample, (nodes) => {
      const key = fromHex('c0ffee00c0ffee00c0ffee00c0ffee00');
      at(nodes, 0xa4, 0xa1, 0xa1, 0x82).value = key;
      at(nodes, 0xa4, 0xa1, 0xa1, 0x83).value = key;
      at(nodes, 0xa4, 0xa1, 0xa1).children!.push(leaf(0x85, Uint8Array.from([...key, ...key, ...key, ...key, ...key])));
      at(nodes, 0xa6, 0xa2, 0x30, 0x30, 0x30, 0x86).value = key;
      at(nodes, 0xa5, 0x81).value = key.subarray(0, 8);
      at(nodes, 0xa3, 0xa1, 0x30, 0x81).value = key.subarray(0, 8);
      at(nodes, 0xa2, 0xa1, 0xa0, 0x30, 0x81).value = key.subarray(0, 8);
      at(nodes, 0xb3).children!.splice(5, 0, { tag: 0xa5, value: new Uint8Array(0), offset: -1, children: [leaf(0x83, Uint8Array.from([1, ...key, ...key]))] });
    });
    const text = JSON.stringify(viewPackage(marked));
    expect(text).not.toMatch(/c0ffee/i);
    expect(find(marked, 'usim[4]/ef-keys')).toMatchObject({ secret: true });
    expect(line(find(marked, 'akaParameter[7]').decoded)).toContain('XOR constants: own');
  });

  it('shows files of file management by their path', () => {
    const managed = viewPackage(vendorTemplate).elements.find(({ name }) => name === 'genericFileManagement')!;
    expect(managed.children.map(({ id, fid, kind }) => [id, fid, kind])).toEqual([
      ['genericFileManagement[200]/2ff0', '2ff0', 'transparent'], ['genericFileManagement[200]/7f10/6f44', '6f44', 'cyclic'],
    ]);
    expect(managed.children[0]!.hex).toBe('11223344ffff55ff');
  });

  it.skipIf(!ts48)(ts48Name('reads the whole GSMA test profile'), () => {
    const view = viewPackage(ts48!);
    expect(view.elements).toHaveLength(30);
    expect(JSON.stringify(view)).not.toContain('000102030405060708090a0b0c0d0e0f');
    expect(line(find(ts48!, 'usim[8]/ef-spn').decoded)).toContain('Name: GSMA_TEST');
    expect(line(find(ts48!, 'isim[19]/ef-impi').decoded)).toBe('Private identity: 001010123456789@test.3gpp.com');
    expect(find(ts48!, 'opt-csim[16]/ef-fdn')).toMatchObject({ kind: 'link' });
  });

  it('shows what edits wrote', () => {
    const shown = (edit: TemplateEdit, id: string): string => line(find(editPackage(sample, [edit]).der, id).decoded);
    expect(shown({ kind: 'network-names', names: [{ full: 'Grün & Söhne', short: 'Ю' }] }, 'opt-usim[5]/ef-pnn')).toBe('Name 1: Grün & Söhne; Name 1, short: Ю');
    expect(shown({ kind: 'ims', domain: 'ims.example' }, 'isim[20]/ef-domain')).toBe('Home domain: ims.example');
  });
});
