import { describe, expect, it } from 'vitest';
import { defaultPlan } from '../../../src/main/engine/types/plan.ts';
import { buildSampleTemplate, editPackage } from '../../../src/main/saip/index.ts';

const BASIC = ['iccid', 'imsi', 'acc', 'k', 'opc', 'pin1', 'pin2', 'puk1', 'puk2', 'adm1', 'adm2', 'msisdn', 'scp80Kic', 'scp80Kid', 'scp80Kik'];

describe('the default plan', () => {
  it('takes a slot where the template has a place for it, and no other', () => {
    expect(defaultPlan(buildSampleTemplate()).slots).toEqual(BASIC);
    expect(defaultPlan(buildSampleTemplate({ isim: 'mapped' })).slots).toEqual([...BASIC, 'impi', 'impu']);
    const { der } = editPackage(buildSampleTemplate(), [
      { kind: 'add-key-set', set: { protocol: 'scp81', version: 0x40, algorithm: 'aes', bytes: 16 } },
      { kind: 'replace-key-set', version: 1, set: { protocol: 'scp03', version: 0x30, algorithm: 'aes', bytes: 16 } },
    ]);
    expect(defaultPlan(der).slots).toEqual([...BASIC.slice(0, -3), 'scp81Psk', 'scp81Dek', 'scp03Enc', 'scp03Mac', 'scp03Dek']);
  });

  it('keeps edited lists as the start of the late ones', () => {
    const { der } = editPackage(buildSampleTemplate(), [{ kind: 'plmn-list', list: 'ehplmn', entries: ['00101', '00102'] }, { kind: 'algorithm', algorithm: 'tuak', keyBytes: 32 }]);
    const plan = defaultPlan(der);
    expect(plan.constants?.ehplmn).toEqual(['00101', '00102']);
    expect(plan.late).toContain('ehplmn');
  });
});
