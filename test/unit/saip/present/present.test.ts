import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { templatePresent } from '../../../../src/shared/contract/template-present.ts';
import { buildSampleTemplate, diffPackages, editPackage, presentValues, technologiesOf, type TemplateEdit, type TemplatePresent } from '../../../../src/main/saip/index.ts';

const sample = buildSampleTemplate({ isim: 'own' });
const after = (...edits: TemplateEdit[]): TemplatePresent => presentValues(editPackage(sample, edits).der);

describe('present values of the sample', () => {
  const present = presentValues(sample);

  it('are what it was built with', () => {
    expect(present).toMatchObject({
      profileType: 'MVNE Desk sample profile (test)', spn: { name: 'MVNE Desk Lab', networkNameAtHome: true, hiddenWhenRoaming: false }, homeSearchMinutes: 60,
      suci: { calculatedBy: 'ue', schemes: [{ scheme: 'null' }], keys: [] }, routingIndicator: '0', serviceCentre: '+447700900001', mncLength: 2,
      groupIdentifiers: [{ level: 1, value: '' }], applications: ['usim', 'isim'], has5gFiles: true, differing: [],
      algorithm: { algorithm: 'milenage', keyBytes: 16, iterations: 1, options: 0, applications: 2 },
      emergencyNumbers: [{ number: '112', categories: [] }, { number: '911', categories: [] }],
    });
    expect(present.lists.map(({ list, capacity, entries }) => [list, capacity, entries.length])).toEqual([
      ['oplmnwact', 50, 0], ['hplmnwact', 4, 0], ['plmnwact', 8, 0], ['ehplmn', 10, 0], ['fplmn', 10, 0],
    ]);
    expect(present.ims).toMatchObject({ impi: '001010000000001@ims.mnc001.mcc001.3gppnetwork.org', domain: 'ims.mnc001.mcc001.3gppnetwork.org' });
    expect(present.domains).toEqual([{ place: 'securityDomain[11]', aid: 'a000000151000000', sets: [{ version: 1, protocol: 'scp80', algorithm: 'aes', bytes: 16, keys: 3 }] }]
      .map((one) => ({ ...one, place: present.domains[0]!.place })));
    expect(present.networkNames).toBeUndefined();
    expect(present.apns).toBeUndefined();
    expect(present.mandatoryServices.filter(({ on }) => on).map(({ name }) => name)).toEqual(['usim', 'isim', 'milenage']);
  });

  it('name services by number, those that are off too', () => {
    const ust = present.services.find(({ table }) => table === 'ust')!.services;
    expect(ust.find(({ number }) => number === 19)).toEqual({ number: 19, name: 'Service provider name', on: true });
    expect(ust.find(({ number }) => number === 2)).toMatchObject({ on: false });
    expect(present.services.map(({ table }) => table)).toEqual(['ust', 'est', 'ist']);
  });

  it('tell the codes of each context apart', () => {
    expect(present.codes.filter(({ code }) => code === 'pin').map(({ name, context }) => `${name} ${context.replace(/\[.*/, '')}`)).toEqual(['PIN1 MF', 'ADM1 MF', 'ADM2 MF', 'PIN2 usim', 'PIN2 isim']);
    expect(present.codes.find(({ name }) => name === 'PIN1')).toMatchObject({ enabled: false, changeable: true, switchable: true, attempts: 3 });
    expect(present.codes.find(({ name }) => name === 'PUK1')).toMatchObject({ attempts: 10 });
  });

  it('pass the contract and hold no secret', () => {
    expect(templatePresent.parse(present)).toEqual(present);
    expect(JSON.stringify(present)).not.toContain('0000000000000000');
  });
});

describe('present values after an edit are the edit', () => {
  it('names', () => {
    expect(after({ kind: 'spn', name: 'Kestrel', networkNameAtHome: false, hiddenWhenRoaming: true }).spn).toEqual({ name: 'Kestrel', networkNameAtHome: false, hiddenWhenRoaming: true });
    const names = [{ full: 'Kestrel Mobile', short: 'Kestrel' }, { full: 'Ægir' }];
    const rules = [{ plmn: '26201', from: '0000', to: 'fffe', name: 1 }, { plmn: '310D50', from: '0001', to: '0002', name: 2 }];
    expect(after({ kind: 'network-names', names, rules }).networkNames).toEqual({ names, rules });
  });

  it('lists', () => {
    const entries = [{ plmn: '26201', act: ['NG-RAN', 'E-UTRAN'] as const }, { plmn: '310410', act: 0x4010 }];
    const list = after({ kind: 'plmn-list', list: 'oplmnwact', entries }).lists.find((one) => one.list === 'oplmnwact')!;
    expect(list).toEqual({ list: 'oplmnwact', entries, capacity: 50 });
    expect(after({ kind: 'plmn-list', list: 'fplmn', entries: ['310410'], capacity: 3 }).lists.find((one) => one.list === 'fplmn')).toEqual({ list: 'fplmn', entries: [{ plmn: '310410', act: 0 }], capacity: 3 });
    expect(after({ kind: 'hpplmn', minutes: 30 }).homeSearchMinutes).toBe(30);
  });

  it('connection, privacy, identities and numbers', () => {
    expect(after({ kind: 'apn-list', apns: ['internet', 'iot.kestrel.example'], enforced: true }).apns).toEqual({ apns: ['internet', 'iot.kestrel.example'], enforced: true });
    const suci = { schemes: [{ scheme: 'profile-a', key: 1 }, { scheme: 'null' }], keys: [{ id: 27, value: '5a8d38864820197c3394b92613b20b91633cbd897119273bf8e4a6f4eec0a650' }] } as const;
    for (const calculatedBy of ['ue', 'usim'] as const) expect(after({ kind: 'suci', calculatedBy, ...suci }).suci).toEqual({ calculatedBy, ...suci });
    expect(after({ kind: 'routing-indicator', digits: '17' }).routingIndicator).toBe('17');
    const numbers = [{ number: '112', name: 'Help', categories: ['police', 'fire'] as const }, { number: '15', categories: [] }];
    expect(after({ kind: 'emergency-numbers', numbers }).emergencyNumbers).toEqual(numbers);
    const ims = { impi: 'user@ims.kestrel.example', impus: ['sip:a@ims.kestrel.example', 'tel:+447700900002'], domain: 'ims.kestrel.example' };
    expect(after({ kind: 'ims', ...ims }).ims).toEqual(ims);
    expect(after({ kind: 'service-centre', number: '+447700900123' }).serviceCentre).toBe('+447700900123');
    expect(after({ kind: 'group-identifier', level: 2, value: '0a1b' }).groupIdentifiers).toContainEqual({ level: 2, value: '0a1b' });
    expect(after({ kind: 'mnc-length', digits: 3 }).mncLength).toBe(3);
  });

  it('codes, keys, algorithm, services', () => {
    const code = after({ kind: 'pin-policy', code: 'pin', reference: 1, enabled: true, changeable: false, attempts: 5 }).codes.find(({ name }) => name === 'PIN1');
    expect(code).toMatchObject({ enabled: true, changeable: false, switchable: true, attempts: 5 });
    expect(after({ kind: 'add-key-set', set: { protocol: 'scp03', version: 0x30, algorithm: 'aes', bytes: 32 } }).domains[0]!.sets).toContainEqual({ version: 0x30, protocol: 'scp03', algorithm: 'aes', bytes: 32, keys: 3 });
    expect(after({ kind: 'algorithm', algorithm: 'tuak', keyBytes: 32, iterations: 2 }).algorithm).toEqual({ algorithm: 'tuak', keyBytes: 32, iterations: 2, options: 0, applications: 2 });
    expect(after({ kind: 'services', table: 'ust', on: [2] }, { kind: 'services', table: 'est', on: [1], off: [] }).services.find(({ table }) => table === 'est')!.services.filter(({ on }) => on).map(({ number }) => number)).toEqual([1]);
    expect(after({ kind: 'mandatory-services', on: ['gba-usim'] }).mandatoryServices).toContainEqual({ name: 'gba-usim', on: true });
  });
});

describe('written back as edits', () => {
  const changed = editPackage(sample, [
    { kind: 'plmn-list', list: 'oplmnwact', entries: [{ plmn: '26201', act: ['NG-RAN', 'E-UTRAN-WB', 'NB-IoT', 'GSM'] }] }, { kind: 'network-names', names: [{ full: 'Kestrel' }], rules: [{ plmn: 'DDDDD', from: '0000', to: 'fffe', name: 1 }] },
    { kind: 'apn-list', apns: ['internet'], enforced: false }, { kind: 'emergency-numbers', numbers: [{ number: '112', name: 'Help' }] },
  ]).der;

  it('they change nothing', () => {
    const now = presentValues(changed);
    const edits: TemplateEdit[] = [
      { kind: 'spn', ...now.spn! }, { kind: 'network-names', ...now.networkNames! }, { kind: 'apn-list', ...now.apns! }, { kind: 'suci', ...now.suci! },
      { kind: 'routing-indicator', digits: now.routingIndicator! }, { kind: 'ims', ...now.ims! }, { kind: 'service-centre', number: now.serviceCentre! },
      { kind: 'emergency-numbers', numbers: now.emergencyNumbers! }, { kind: 'mnc-length', digits: now.mncLength as 2 }, { kind: 'profile-type', text: now.profileType! },
      ...now.lists.filter(({ list, entries }) => list === 'oplmnwact' && entries.length > 0).map(({ entries }): TemplateEdit => ({ kind: 'plmn-list', list: 'oplmnwact', entries })),
      ...now.codes.map(({ code, reference, element, enabled, changeable, switchable, attempts }): TemplateEdit => ({ kind: 'pin-policy', code, reference, element: element!, attempts, ...(code === 'puk' ? {} : { enabled, changeable, switchable }) })),
    ];
    expect(diffPackages(changed, editPackage(changed, edits).der)).toEqual({ added: [], removed: [], changed: [] });
  });
});

describe('technologies of an entry', () => {
  it('stand by name where names say all of them, else as the two octets', () => {
    expect(technologiesOf(0x4000)).toEqual(['E-UTRAN']);
    expect(technologiesOf(0xf880)).toEqual(['NG-RAN', 'E-UTRAN-WB', 'NB-IoT', 'UTRAN', 'GSM']);
    for (const mask of [0, 0x2000, 0x4010, 0x0100, 0x0084]) expect(technologiesOf(mask)).toBe(mask);
  });
});

const real = '../shared/vectors/ts48/ts48-v7-nobertlv.der';
describe.skipIf(!existsSync(real))('present values of the TS.48 test profile (../shared/vectors/ts48)', () => {
  it('can be read, and two USIMs that differ are told', () => {
    const present = presentValues(readFileSync(real));
    expect(templatePresent.parse(present)).toEqual(present);
    expect(present.applications).toContain('usim');
    expect(present.algorithm).toBeDefined();
    expect(present.codes.length).toBeGreaterThan(4);
  });
});
