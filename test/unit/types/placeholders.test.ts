import { describe, expect, it } from 'vitest';
import { buildSampleTemplate, checkPackage, compileTemplate, editPackage, encodeTree, parseTree, readPackage, SLOT_NAMES, type TemplateEdit } from '../../../src/main/saip/index.ts';
import { valueTargets } from '../../../src/main/saip/slots.ts';
import { warningsOf } from '../../../src/main/engine/types/index.ts';
import { keyDomain, slotAt, withFillers } from '../../../src/main/engine/types/placeholders.ts';
import { defaultPlan } from '../../../src/main/engine/types/plan.ts';
import { fileFindings } from '../../../src/main/engine/types/templates.ts';

const slot = (name: string, places = 1) => ({ name, writes: Array.from({ length: places }, () => ({ offset: 0, length: 8 })) });
const finding = (rule: string, place: string, message: string, severity: 'error' | 'warning' = 'warning') => ({ rule, severity, place, message });
const template = (findings: unknown[], slots: unknown[]) => ({ findings: JSON.stringify(findings), slots: JSON.stringify(slots) });
const key = 'The key is a placeholder or a published test key.';
const set = (protocol: 'scp81' | 'scp02' | 'scp03', version: number): TemplateEdit => ({ kind: 'add-key-set', set: { protocol, version, algorithm: protocol === 'scp02' ? 'des' : 'aes', bytes: 16 } } as TemplateEdit);
const manySets = () => editPackage(buildSampleTemplate({ isim: 'own' }), [set('scp81', 0x40), set('scp02', 0x20), set('scp03', 0x30), set('scp03', 0x31)]).der;

describe('warnings of a template before a batch', () => {
  it('counts out placeholders that a slot overwrites', () => {
    const found = [finding('V13', 'pinCodes[3]/pin 1', 'The PIN is a published default.'), finding('V26', 'akaParameter[7]/key', 'K is a placeholder of equal bytes.'), finding('V35', 'securityDomain[9]/key 1/1', key)];
    expect(warningsOf(template(found, [slot('pin1'), slot('k'), slot('scp80Kic')]))).toEqual({ stay: 0, filled: 3 });
    expect(warningsOf(template(found, []))).toEqual({ stay: 3, filled: 0 });
  });

  it('keeps what no slot writes: another key version, a second place, another rule', () => {
    const found = [
      finding('V35', 'securityDomain[9]/key 32/1', key),
      finding('V13', 'pinCodes[3]/pin 1', 'The PIN is a published default.'), finding('V13', 'pinCodes[8]/pin 1', 'The PIN is a published default.'),
      finding('V30', 'pinCodes[3]/pin 1', 'A placeholder of another kind.'), finding('V13', 'pukCodes[2]/puk 1', 'The PUK is a published default.', 'error'),
    ];
    expect(warningsOf(template(found, [slot('pin1'), slot('scp80Kic'), slot('puk1')]))).toEqual({ stay: 3, filled: 1 });
  });
});

describe('the slot that fills a placeholder', () => {
  it('is the one that writes there, of every code and key a slot exists for', () => {
    const { elements } = readPackage(manySets());
    const targets = SLOT_NAMES.flatMap((name) => valueTargets(elements, name).map(({ place }) => [place, name]));
    expect(new Set(targets.map(([, name]) => name)).size).toBe(19);
    expect(targets.map(([place]) => [place, slotAt(place!)])).toEqual(targets);
  });

  it('is told for placeholders of every key set and of ADM2', () => {
    const der = manySets();
    const filled = withFillers(checkPackage(der), compileTemplate(der, defaultPlan(der)).slots, keyDomain(der));
    const of = (place: string) => filled.find((one) => one.place.endsWith(place))?.filledBy;
    expect([of('/pin 11'), of('/key 64/1'), of('/key 64/2'), of('/key 32/3'), of('/key 48/1'), of('/key 49/2')]).toEqual(['adm2', 'scp81Psk', 'scp81Dek', 'scp02Dek', 'scp03Enc', 'scp03Mac']);
    expect(filled.filter((one) => one.filledBy === undefined)).toEqual([]);
  });

  it('is nothing in a second security domain, whose keys stay in every profile', () => {
    const found = [finding('V35', 'securityDomain[12]/key 1/1', key), finding('V35', 'securityDomain[9]/key 1/1', key)];
    expect(withFillers(found, [slot('scp80Kic')], 'securityDomain[9]').map((one) => one.filledBy)).toEqual([undefined, 'scp80Kic']);
  });

  it('is told of a file before it is imported; one that cannot be imported keeps its warnings', () => {
    expect(fileFindings(buildSampleTemplate()).every((one) => one.filledBy !== undefined)).toBe(true);
    const nodes = parseTree(buildSampleTemplate());
    nodes[0]!.children!.find((node) => node.tag === 0x83)!.value[0] = 0xaa;
    const broken = fileFindings(encodeTree(nodes));
    expect(broken.filter((one) => one.severity === 'error').map((one) => one.rule)).toContain('V28');
    expect(broken.filter((one) => one.rule === 'V13')).toHaveLength(6);
    expect(broken.filter((one) => one.filledBy !== undefined)).toEqual([]);
  });

  it('is none for places without a slot', () => {
    expect(['header/iccid', 'pinCodes[3]/pin 2', 'securityDomain[9]/key 16/1', 'securityDomain[9]/key 1/4', 'akaParameter[7]', 'usim[4]/ef-imsi'].map(slotAt)).toEqual(Array.from({ length: 6 }, () => undefined));
  });
});
