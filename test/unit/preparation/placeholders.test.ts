import { describe, expect, it } from 'vitest';
import { warningsOf } from '../../../src/main/engine/preparation/placeholders.ts';

const slot = (name: string, places = 1) => ({ name, writes: Array.from({ length: places }, () => ({ offset: 0, length: 8 })) });
const finding = (rule: string, place: string, message: string, severity = 'warning') => ({ rule, severity, place, message });
const template = (findings: unknown[], slots: unknown[]) => ({ findings: JSON.stringify(findings), slots: JSON.stringify(slots) });

describe('warnings of a template before a batch', () => {
  it('counts out placeholders that a slot overwrites', () => {
    const found = [finding('V13', 'pinCodes[3]/pin 1', 'The PIN is a published default.'), finding('V26', 'akaParameter[7]/key', 'K is a placeholder of equal bytes.'), finding('V35', 'securityDomain[9]/key 1/1', 'The key is a placeholder or a published test key.')];
    expect(warningsOf(template(found, [slot('pin1'), slot('k'), slot('scp80Kic')]))).toEqual({ stay: 0, filled: 3 });
  });

  it('keeps what no slot writes: another key version, a second place, another rule', () => {
    const found = [
      finding('V35', 'securityDomain[9]/key 32/1', 'The key is a placeholder or a published test key.'),
      finding('V13', 'pinCodes[3]/pin 1', 'The PIN is a published default.'), finding('V13', 'pinCodes[8]/pin 1', 'The PIN is a published default.'),
      finding('V30', 'pinCodes[3]/pin 1', 'A placeholder of another kind.'), finding('V13', 'pukCodes[2]/puk 1', 'The PUK is a published default.', 'error'),
    ];
    expect(warningsOf(template(found, [slot('pin1'), slot('scp80Kic'), slot('puk1')]))).toEqual({ stay: 3, filled: 1 });
  });
});
