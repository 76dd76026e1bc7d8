import { describe, expect, it } from 'vitest';
import {
  buildSampleTemplate, checkPackage, checkReadBack, checkRoundTrip, compileTemplate, encodeSlots, hasErrors, personalise, type RuleId, RULES,
} from '../../../../src/main/saip/index.ts';
import { harmless, mutations } from '../../../fixtures/saip/rules/mutations.ts';
import { rich } from '../../../fixtures/saip/rules/rich.ts';
import { at, mutate, testValues, ts48, ts48Name, vendorTemplate } from '../../../fixtures/saip/values.ts';

const OWNER = { plmn: '00101', gid1: 'ffffffff', gid2: '42' };
const RANGE = { from: '899990000000000000', to: '8999900000000009999' };

/** Rules whose fixtures stand beside those of the first release, in rules.test.ts. */
const ELSEWHERE: readonly RuleId[] = ['V02', 'V03', 'V04', 'V08', 'V10', 'V26', 'V30'];

describe('each rule fires alone', () => {
  it('and none on the package that has everything', () => {
    expect(checkPackage(rich)).toEqual([]);
    expect(checkPackage(rich, { plmns: ['00101'], owner: OWNER, iccidRange: RANGE, luhnFor20: true, budget: { uppBytes: 20_000, nvmBytes: 40_000 } })).toEqual([]);
  });

  it.each(mutations.map((one) => [one.rule, one.severity, one.what, one] as const))('%s %s: %s', (rule, severity, _what, { change, context }) => {
    const found = checkPackage(mutate(rich, change), context);
    expect([...new Set(found.map((one) => `${one.rule} ${one.severity}`))], JSON.stringify(found)).toEqual([`${rule} ${severity}`]);
    for (const { place, clause, message, fix } of found) {
      for (const text of [place, clause, fix]) expect(text.length).toBeGreaterThan(2);
      expect(message).toMatch(/^\w.*\.$/);
    }
  });

  it.each(harmless)('and none minds %s', (_what, change) => expect(checkPackage(mutate(rich, change))).toEqual([]));

  it('V40 when a package is not what its row says', () => {
    const compiled = compileTemplate(rich, { slots: ['iccid', 'imsi', 'acc', 'pin1', 'pin2', 'puk1', 'adm1', 'msisdn', 'scp80Kic'] });
    const slots = new Uint8Array(compiled.slotBytesLength);
    encodeSlots(compiled, testValues(3), slots, 0);
    const upp = new Uint8Array(compiled.size);
    personalise(compiled, slots, upp, 0);
    expect(checkRoundTrip(upp)).toEqual([]);
    expect(checkReadBack(compiled, upp, slots)).toEqual([]);
    const other = Uint8Array.from(slots);
    encodeSlots(compiled, testValues(4), other, 0);
    const found = checkReadBack(compiled, upp, other);
    expect([...new Set(found.map((one) => `${one.rule} ${one.severity}`))]).toEqual(['V40 error']);
    expect(found.map((one) => one.place)).toContain('slot imsi');
    // One octet of the template changed behind our back, one of two copies of the ICCID, and no DER at all.
    for (const bend of [(bytes: Uint8Array) => { bytes[40]! ^= 1; }, (bytes: Uint8Array) => { bytes[compiled.slots[0]!.writes[1]!.offset]! ^= 1; }, (bytes: Uint8Array) => { bytes[1] = 0x80; }]) {
      const bent = Uint8Array.from(upp);
      bend(bent);
      expect([...new Set(checkReadBack(compiled, bent, slots).map((one) => one.rule))]).toEqual(['V40']);
    }
    expect(checkRoundTrip(new Uint8Array(3)).map((one) => one.rule)).toEqual(['V40']);
  });

  it('and every rule has its fixture', () => {
    const covered = new Set<string>([...mutations.map((one) => one.rule), 'V40', ...ELSEWHERE]);
    expect([...covered].sort()).toEqual(Object.keys(RULES).sort());
    expect(Object.keys(RULES)).toHaveLength(40);
  });
});

describe('whole packages', () => {
  const rules = (der: Uint8Array): string[] => [...new Set(checkPackage(der).map((one) => `${one.rule} ${one.severity}`))];

  it('the sample has default secrets and nothing else', () => expect(rules(buildSampleTemplate())).toEqual(['V13 warning', 'V26 warning', 'V35 warning']));

  it('a vendor\'s template has default secrets and a weak security level', () => expect(rules(vendorTemplate)).toEqual(['V13 warning', 'V26 warning', 'V35 warning', 'V36 warning']));

  it.skipIf(!ts48)(ts48Name('the GSMA test profile has default secrets and a weak security level'), () => {
    expect(rules(ts48!)).toEqual(['V13 warning', 'V26 warning', 'V35 warning', 'V36 warning']);
    expect(hasErrors(checkPackage(ts48!))).toBe(false);
  });

  it('a link shows the file it points to', () => {
    expect(checkPackage(mutate(rich, (nodes) => { at(nodes, 0xa1, 0xa1, 0x30, [0x62, 3], 0xc7).value = Uint8Array.of(0x7f, 0xd0, 0x6f, 0x40); }))).toEqual([]);
  });
});
