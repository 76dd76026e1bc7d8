import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accOf, buildSampleTemplate, checkPackage, compileTemplate, computeOpc, decodePublicSlots, encodeLate, encodePackage, encodeSlots, hasErrors,
  LATE_NAMES, packageDigest, parseCompiled, personalise, personaliseFrom, readPackage, readSlots, type RoamingLists, SaipError,
  serialiseCompiled, SAMPLE_SLOTS, type SlotName, type SlotValues, switchToMilenage, writeLate, iccidEf, imsiEf, type PersonalisationPlan,
} from '../../../src/main/saip/index.ts';
import { fromHex, toHex, utf8Bytes } from '../../../src/shared/tlv/index.ts';
import { findFiles, viewFile } from '../../../src/main/saip/files.ts';
import { branch, leaf, type Node } from '../../../src/main/saip/tree.ts';
import { at, compileSample, mutate, testValues, ts48, ts48Name, vendorTemplate } from '../../fixtures/saip/values.ts';

const compiled = compileSample();

function encoded(values: SlotValues, template = compiled): Uint8Array {
  const out = new Uint8Array(template.slotBytesLength);
  expect(encodeSlots(template, values, out, 0)).toBe(out.length);
  return out;
}

function packageOf(values: SlotValues, template = compiled): Uint8Array {
  const out = new Uint8Array(template.size);
  expect(personalise(template, encoded(values, template), out, 0)).toBe(template.size);
  return out;
}

function slotOf(name: string, template = compiled): (typeof compiled.slots)[number] {
  return template.slots.find((slot) => slot.name === name)!;
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof SaipError) return `${error.code} ${error.place ?? ''}`.trim();
    throw error;
  }
  return 'no error';
}

/** Bytes a package holds at each write of a slot, as hex. */
function written(pkg: Uint8Array, name: string, template = compiled): string[] {
  return slotOf(name, template).writes.map(({ offset, length }) => toHex(pkg.subarray(offset, offset + length)));
}

const digits = (length: number): fc.Arbitrary<string> =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length }).map((list) => list.join(''));
const code = (min: number): fc.Arbitrary<Uint8Array> => fc.integer({ min, max: 8 }).chain(digits).map(utf8Bytes);
const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const row: fc.Arbitrary<SlotValues> = fc.record({
  iccid: fc.oneof(digits(19), digits(20)), imsi: fc.integer({ min: 6, max: 15 }).chain(digits), k: bytes(16), opc: bytes(16), pin1: code(4),
  pin2: code(4), puk1: code(8), puk2: code(8), adm1: bytes(8), adm2: code(4), msisdn: fc.integer({ min: 1, max: 20 }).chain(digits).map((d) => `+${d}`),
  spn: fc.stringMatching(/^[A-Za-z0-9 ]{1,16}$/), smsp: fc.integer({ min: 1, max: 20 }).chain(digits), scp80Kic: bytes(16), scp80Kid: bytes(16),
  scp80Kik: bytes(16),
});

function checkRows(template: typeof compiled): void {
  const touched = new Set<number>();
  for (const slot of template.slots) for (const { offset, length } of slot.writes) for (let i = 0; i < length; i++) touched.add(offset + i);
  const out = new Uint8Array(template.size + 7).fill(0xaa);
  fc.assert(fc.property(row, (values) => {
    const slots = encoded(values, template);
    expect(personalise(template, slots, out, 7)).toBe(template.size);
    const pkg = out.subarray(7);
    expect(out.subarray(0, 7).every((octet) => octet === 0xaa)).toBe(true);
    expect(toHex(readSlots(template, pkg))).toBe(toHex(slots));
    expect(decodePublicSlots(template, slots)).toEqual({
      iccid: values.iccid, imsi: values.imsi, acc: accOf(values.imsi!), msisdn: values.msisdn, spn: values.spn, smsp: values.smsp,
    });
    let foreign = 0;
    for (let i = 0; i < pkg.length; i++) if (!touched.has(i) && pkg[i] !== template.base[i]) foreign++;
    expect(foreign).toBe(0);
    for (const name of ['k', 'scp80Kic', 'scp80Kid', 'scp80Kik'] as const) {
      expect(new Set(written(pkg, name, template))).toEqual(new Set([toHex(values[name]!)]));
    }
    expect(toHex(encodePackage(readPackage(pkg)))).toBe(toHex(pkg));
  }), { numRuns: 40 });
}

describe('compiling the sample', () => {
  it('finds every slot and zeroes it in the base', () => {
    expect(compiled.slots.map((slot) => slot.name)).toEqual([...SAMPLE_SLOTS, ...LATE_NAMES]);
    for (const slot of compiled.slots) {
      if (slot.late) continue;
      for (const { offset, length } of slot.writes) expect(compiled.base.subarray(offset, offset + length).every((octet) => octet === 0)).toBe(true);
    }
    expect(compiled.slots.filter((slot) => slot.secret).map((slot) => slot.name))
      .toEqual(['k', 'opc', 'pin1', 'pin2', 'puk1', 'puk2', 'adm1', 'adm2', 'scp80Kic', 'scp80Kid', 'scp80Kik']);
  });

  it('holds for any row: read-back, untouched bytes, strict re-encoding', () => checkRows(compiled));

  it('makes packages the rules accept', () => {
    expect(checkPackage(packageOf({ ...testValues(3), iccid: '8999900000000000014' }))).toEqual([]);
  });

  it('takes digits as bytes with the same result', () => {
    const values = testValues(5);
    const text = (value: unknown): Uint8Array => utf8Bytes(value as string);
    const raw = { ...values, iccid: text(values.iccid), imsi: text(values.imsi), msisdn: text(values.msisdn), smsp: text(values.smsp) };
    expect(toHex(encoded(raw))).toBe(toHex(encoded(values)));
  });

  it('leaves the MSISDN record empty when there is no number', () => {
    for (const msisdn of [undefined, '', new Uint8Array(0)]) {
      const slots = encoded({ ...testValues(6), msisdn });
      expect(decodePublicSlots(compiled, slots).msisdn).toBe('');
      const out = new Uint8Array(compiled.size);
      personalise(compiled, slots, out, 0);
      expect(written(out, 'msisdn')).toEqual(['ff'.repeat(14)]);
      expect(hasErrors(checkPackage(out))).toBe(false);
    }
  });

  it('computes OPc from OP', () => {
    const { opc: _, ...values } = testValues(6);
    const op = fromHex('cdc202d5123e20f62b6d676ac72cb318');
    expect(written(packageOf({ ...values, op }), 'opc')).toEqual([toHex(computeOpc(values.k!, op))]);
  });

  it('personalises from the middle of a block', () => {
    const block = new Uint8Array(3 * compiled.slotBytesLength);
    [0, 1, 2].forEach((n) => encodeSlots(compiled, testValues(n), block, n * compiled.slotBytesLength));
    const out = new Uint8Array(compiled.size);
    personaliseFrom(compiled, block, 2 * compiled.slotBytesLength, out, 0);
    expect(toHex(out)).toBe(toHex(packageOf(testValues(2))));
  });

  it('is the same each time, and another for another plan', () => {
    expect(toHex(compileSample().digest)).toBe(toHex(compiled.digest));
    const other = compileTemplate(buildSampleTemplate(), { slots: SAMPLE_SLOTS, late: LATE_NAMES, constants: { mncLength: 3 } });
    expect(toHex(other.digest)).not.toBe(toHex(compiled.digest));
  });

  it('survives being stored', () => {
    const stored = serialiseCompiled(compiled);
    const back = parseCompiled(stored, compiled.digest);
    expect(toHex(packageOf(testValues(1), back))).toBe(toHex(packageOf(testValues(1))));
    stored[stored.length - 5]! ^= 1;
    expect(codeOf(() => parseCompiled(stored, compiled.digest))).toBe('COMPILED_MALFORMED');
    for (const cut of [0, 3, 100, stored.length - 400]) expect(codeOf(() => parseCompiled(stored.subarray(0, cut)))).toBe('COMPILED_MALFORMED');
  });

  it.each<[string, (slots: { name: string; at: number; length: number; secret: boolean; writes: { offset: number; encoding: string }[] }[]) => void]>([
    ['a write outside the base', (slots) => { slots[0]!.writes[0]!.offset = 1e6; }],
    ['an unknown slot', (slots) => { slots[0]!.name = 'ki'; }],
    ['a secret called public', (slots) => { slots[3]!.secret = false; }],
    ['slots that overlap', (slots) => { slots[3]!.at -= 1; }],
    ['an unknown encoding', (slots) => { slots[0]!.writes[0]!.encoding = 'rot13'; }],
  ])('refuses a stored template with %s', (_name, change) => {
    const slots = structuredClone(compiled.slots);
    change(slots as never);
    expect(codeOf(() => parseCompiled(serialiseCompiled({ ...compiled, slots })))).toBe('COMPILED_MALFORMED');
  });

  it('does not change the template it was given', () => {
    const der = buildSampleTemplate();
    const before = toHex(der);
    compileTemplate(Buffer.from(der.buffer), { slots: SAMPLE_SLOTS, late: LATE_NAMES, constants: { mncLength: 3 } });
    expect(toHex(der)).toBe(before);
  });
});

describe('late slots', () => {
  const lists: RoamingLists = {
    oplmnwact: [{ plmn: '26201', act: ['E-UTRAN', 'NG-RAN'] }, { plmn: '310260', act: 0x8000 }], hplmnwact: [{ plmn: '00101', act: ['NG-RAN'] }],
    fplmn: ['20810'], ehplmn: ['00101', '00102'],
  };

  it('start as empty lists and are written last', () => {
    const pkg = packageOf(testValues(1));
    expect(written(pkg, 'oplmnwact')).toEqual(['ffffff0000'.repeat(50)]);
    expect(written(pkg, 'fplmn')).toEqual(['ff'.repeat(30)]);
    writeLate(compiled, encodeLate(compiled, lists), pkg, 0);
    expect(written(pkg, 'oplmnwact')).toEqual([`62f2104800130062${'8000'}${'ffffff0000'.repeat(48)}`]);
    expect(written(pkg, 'hplmnwact')).toEqual([`00f1100800${'ffffff0000'.repeat(3)}`]);
    expect(written(pkg, 'fplmn')).toEqual([`02f801${'ff'.repeat(27)}`]);
    expect(written(pkg, 'ehplmn')).toEqual([`00f11000f120${'ff'.repeat(24)}`]);
    expect(toHex(readSlots(compiled, pkg))).toBe(toHex(encoded(testValues(1))));
    expect(hasErrors(checkPackage(pkg))).toBe(false);
  });

  it('do not change the digest, slots do', () => {
    const digest = (values: SlotValues): string => toHex(packageDigest(compiled, encoded(values)));
    expect(digest(testValues(1))).toBe(digest(testValues(1)));
    expect(digest(testValues(1))).not.toBe(digest(testValues(2)));
    const lateConstants = compileTemplate(buildSampleTemplate(), { slots: SAMPLE_SLOTS, late: LATE_NAMES, constants: lists });
    expect(toHex(lateConstants.digest)).toBe(toHex(compiled.digest));
    expect(toHex(packageDigest(lateConstants, encoded(testValues(1))))).toBe(digest(testValues(1)));
    expect(written(packageOf(testValues(1), lateConstants), 'fplmn')[0]).toMatch(/^02f801ff/);
  });

  it('refuse what does not fit', () => {
    const many = Array.from({ length: 51 }, () => ({ plmn: '26201', act: 0x8000 }));
    expect(codeOf(() => encodeLate(compiled, { oplmnwact: many }))).toBe('LIST_TOO_LONG oplmnwact');
    expect(codeOf(() => encodeLate(compiled, { fplmn: ['2620'] }))).toBe('LIST_BAD_ENTRY plmn');
    expect(codeOf(() => writeLate(compiled, new Uint8Array(3), new Uint8Array(compiled.size), 0))).toBe('BUFFER_TOO_SMALL');
  });

  it('can be resized by the plan', () => {
    const template = compileTemplate(buildSampleTemplate(), { slots: SAMPLE_SLOTS, late: LATE_NAMES, lateEntries: { oplmnwact: 100, fplmn: 4 } });
    expect(slotOf('oplmnwact', template).length).toBe(500);
    expect(slotOf('fplmn', template).length).toBe(12);
    const pkg = packageOf(testValues(1), template);
    const fcp = at(readPackage(pkg).elements.map((element) => element.node), 0xb4, 0xb0, 0xa1);
    expect(toHex(at(fcp.children!, 0x80).value)).toBe('01f4');
    expect(hasErrors(checkPackage(pkg))).toBe(false);
  });
});

describe('normalising files', () => {
  /** The sample with one usim file replaced by what `parts` say: Fcp fields and fill items. */
  const withFile = (tag: number, ...parts: Node[]): Uint8Array => mutate(buildSampleTemplate(), (nodes) => {
    at(nodes, 0xb3, tag).children = parts;
  });
  const bodyAfter = (der: Uint8Array, tag: number, plan: PersonalisationPlan): string => {
    const { base } = compileTemplate(der, plan);
    const file = at(readPackage(base).elements.map((element) => element.node), 0xb3, tag);
    expect(file.children!.map((child) => child.tag)).toEqual([0xa1, 0x83]);
    return toHex(file.children![1]!.value);
  };

  it('expands a fill pattern and keeps the Fcp', () => {
    const der = withFile(0xad, branch(0xa1, [leaf(0x83, [0x6f, 0x46]), branch(0xa5, [leaf(0xc1, [1, 0x54, 0x53, 0xff])])]));
    expect(bodyAfter(der, 0xad, { slots: [], constants: { spn: 'ACME' } })).toBe(`0141434d45${'ff'.repeat(12)}`);
    expect(bodyAfter(der, 0xad, { slots: ['spn'] })).toBe('00'.repeat(17));
  });

  it('fills records from a pattern and applies offsets and contents before it writes the slot', () => {
    const fcp = branch(0xa1, [leaf(0x82, [0x42, 0x21, 0, 42]), leaf(0x80, [84]), branch(0xa5, [leaf(0xc1, [1, 2])])]);
    const der = withFile(0xab, fcp, leaf(0x82, [40]), leaf(0x83, [0x66]), leaf(0x82, [3]), leaf(0x83, [0x77]));
    const sca = `e1${'ff'.repeat(12)}0791447700090010ffffffff0000a9`;
    expect(bodyAfter(der, 0xab, { slots: [], constants: { smsc: '+447700900001' } })).toBe(`01${'02'.repeat(13)}${sca}010277${'02'.repeat(39)}`);
    expect(bodyAfter(der, 0xab, { slots: ['smsp'] })).toBe(`01${'02'.repeat(13)}${'00'.repeat(28)}010277${'02'.repeat(39)}`);
  });

  it('repeats a repeat pattern and the default of a template', () => {
    const repeat = branch(0xa1, [leaf(0x80, [7]), branch(0xa5, [leaf(0xc2, [1, 2, 3])])]);
    const read = (fcp: Node): string => {
      const [site] = findFiles(readPackage(withFile(0xb5, fcp)).elements, 'ef-ad');
      return toHex(viewFile(site!).body);
    };
    expect(read(repeat)).toBe('01020301020301');
    expect(read(branch(0xa1, []))).toBe('00000002');
    const records = branch(0xa1, [leaf(0x82, [0x42, 0x21, 0, 4]), leaf(0x80, [8]), branch(0xa5, [leaf(0xc2, [1, 2, 3])])]);
    expect(read(records)).toBe('0102030101020301');
  });

  it('inserts a default file of a created-by-default element', () => {
    const der = mutate(buildSampleTemplate(), (nodes) => {
      const usim = at(nodes, 0xb3);
      usim.children = usim.children!.filter((child) => child.tag !== 0xb3);
    });
    const template = compileTemplate(der, { slots: ['iccid'], late: ['fplmn'] });
    expect(slotOf('fplmn', template).length).toBe(12);
    const usim = at(readPackage(template.base).elements.map((element) => element.node), 0xb3);
    const tags = usim.children!.slice(2).map((child) => child.tag);
    expect(tags).toContain(0xb3);
    expect(tags).toEqual([...tags].sort((a, b) => a - b));
  });

  it.each<[string, (der: Uint8Array) => Uint8Array, PersonalisationPlan, string]>([
    ['an optional file is missing', (der) => mutate(der, (n) => { at(n, 0xb4).children = at(n, 0xb4).children!.filter((c) => c.tag !== 0xa7); }), { slots: ['msisdn'] }, 'SLOT_NO_TARGET msisdn'],
    ['a file is not to be created', (der) => mutate(der, (n) => { at(n, 0xb3, 0xad).children = [{ tag: 0x80, value: new Uint8Array(0), children: undefined, offset: -1 }]; }), { slots: ['spn'] }, 'SLOT_NO_TARGET usim[4]/ef-spn'],
    ['a record is too short', (der) => mutate(der, (n) => { at(n, 0xb4, 0xa7, 0xa1, 0x82).value = fromHex('4221000a'); }), { slots: ['msisdn'] }, 'SLOT_BAD_TARGET opt-usim/ef-msisdn'],
    ['a PIN field is not eight bytes', (der) => mutate(der, (n) => { at(n, 0xa2, 0xa1, 0xa0, 0x30, 0x81).value = new Uint8Array(7); }), { slots: ['pin1'] }, 'SLOT_BAD_TARGET pinCodes[3]/pin 1'],
    ['there is no header', (der) => mutate(der, (n) => { n.shift(); }), { slots: ['iccid'] }, 'SAIP_NO_HEADER'],
    ['the header ICCID is short', (der) => mutate(der, (n) => { at(n, 0xa0, 0x83).value = new Uint8Array(9); }), { slots: ['iccid'] }, 'SLOT_BAD_TARGET header/iccid'],
    ['there is no security domain', (der) => mutate(der, (n) => { n.splice(9, 1); }), { slots: ['scp80Kic'] }, 'SLOT_NO_TARGET scp80Kic'],
    ['the key version is missing', (der) => der, { slots: ['scp80Kic'], scp80Version: 2 }, 'SLOT_NO_TARGET scp80Kic'],
    ['keys of two lengths share a slot', (der) => mutate(der, (n) => { const list = at(n, 0xa6, 0xa2).children!; list.push(structuredClone(list[0]!)); at(list, [0x30, 3], 0x30, 0x30, 0x86).value = new Uint8Array(24); }), { slots: ['scp80Kic'] }, 'SLOT_BAD_TARGET scp80Kic'],
    ['a file claims four gigabytes', (der) => mutate(der, (n) => { at(n, 0xb3, 0xad, 0xa1, 0x80).value = fromHex('ffffffff'); }), { slots: ['spn'] }, 'SAIP_BAD_FILE usim[4]/ef-spn'],
    ['a fill offset is negative', (der) => mutate(der, (n) => { at(n, 0xb3, 0xad).children!.push({ tag: 0x82, value: fromHex('ff'), children: undefined, offset: -1 }); }), { slots: ['spn'] }, 'SAIP_BAD_FILE usim[4]/ef-spn'],
    ['a slot is unknown', (der) => der, { slots: ['ki' as SlotName] }, 'PLAN_BAD ki'],
    ['a slot is named twice', (der) => der, { slots: ['k', 'k'] }, 'PLAN_BAD'],
    ['a name is both slot and constant', (der) => der, { slots: ['spn'], constants: { spn: 'X' } }, 'PLAN_BAD spn'],
    ['a constant list is too long', (der) => der, { slots: [], constants: { hplmnwact: Array.from({ length: 5 }, () => ({ plmn: '00101', act: 1 })) } }, 'LIST_TOO_LONG hplmnwact'],
    ['a constant file is missing', (der) => der, { slots: [], constants: { gid2: '01' } }, 'SLOT_NO_TARGET ef-gid2'],
    ['a late list has no entries', (der) => der, { slots: [], late: ['fplmn'], lateEntries: { fplmn: 0 } }, 'PLAN_BAD fplmn'],
  ])('says so when %s', (_name, change, plan, want) => {
    expect(codeOf(() => compileTemplate(change(buildSampleTemplate()), plan))).toBe(want);
  });
});

describe('bad values', () => {
  it.each<[string, Partial<SlotValues>, string]>([
    ['a missing K', { k: undefined }, 'SLOT_VALUE_MISSING k'], ['a short K', { k: new Uint8Array(15) }, 'SLOT_VALUE_BAD k'],
    ['neither OPc nor OP', { opc: undefined }, 'SLOT_VALUE_MISSING opc'], ['a short OP', { opc: undefined, op: new Uint8Array(3) }, 'SLOT_VALUE_BAD opc'],
    ['an ICCID of 18 digits', { iccid: '899990000000000001' }, 'SLOT_VALUE_BAD iccid'], ['a PIN with a letter', { pin2: utf8Bytes('12x4') }, 'SLOT_VALUE_BAD pin2'],
    ['a short key', { scp80Kik: new Uint8Array(8) }, 'SLOT_VALUE_BAD scp80Kik'], ['an empty IMSI', { imsi: '' }, 'SLOT_VALUE_BAD imsi'],
  ])('refuses %s and leaves no secret behind', (_name, change, want) => {
    const out = new Uint8Array(compiled.slotBytesLength + 4).fill(0x55);
    expect(codeOf(() => encodeSlots(compiled, { ...testValues(1), ...change }, out, 2))).toBe(want);
    expect(out.subarray(2, -2).every((octet) => octet === 0)).toBe(true);
    expect([out[0], out[1], out.at(-1)]).toEqual([0x55, 0x55, 0x55]);
  });

  it('refuses buffers that are too small', () => {
    const slots = encoded(testValues(1));
    expect(codeOf(() => encodeSlots(compiled, testValues(1), new Uint8Array(10), 0))).toBe('BUFFER_TOO_SMALL');
    expect(codeOf(() => personalise(compiled, slots, new Uint8Array(compiled.size), 1))).toBe('BUFFER_TOO_SMALL');
    expect(codeOf(() => personalise(compiled, slots.subarray(1), new Uint8Array(compiled.size), 0))).toBe('BUFFER_TOO_SMALL');
    expect(codeOf(() => personalise(compiled, slots, new Uint8Array(compiled.size), -1))).toBe('BUFFER_TOO_SMALL');
  });

  it('sees a changed package when reading slots back', () => {
    const pkg = packageOf(testValues(1));
    const free = pkg.length - 1;
    pkg[free]! ^= 1;
    expect(codeOf(() => readSlots(compiled, pkg))).toBe(`READ_BACK_DIFFERS offset ${free}`);
    pkg[free]! ^= 1;
    pkg[slotOf('iccid').writes[1]!.offset]! ^= 1;
    expect(codeOf(() => readSlots(compiled, pkg))).toBe('READ_BACK_DIFFERS iccid');
  });
});

const foreign: readonly [string, Uint8Array | undefined, number][] = [
  ['a vendor\'s template', vendorTemplate, 3],
  [ts48Name('the GSMA test profile as a template'), ts48, 4],
];

describe.each(foreign.filter(([, der]) => der !== undefined))('%s', (_name, given, pin2Contexts) => {
  const der = given!;
  const template = compileTemplate(switchToMilenage(der), { slots: SAMPLE_SLOTS, late: LATE_NAMES });

  it('holds for any row', () => checkRows(template));

  it('writes every copy: two algorithms, each PIN2, two key sets', () => {
    const count = Object.fromEntries(template.slots.map((slot) => [slot.name, slot.writes.length]));
    expect(count).toMatchObject({
      iccid: 2, k: 2, opc: 2, pin1: 1, pin2: pin2Contexts, puk1: 1, puk2: 1, adm1: 1, scp80Kic: 2, scp80Kid: 2, scp80Kik: 2,
    });
    const one = compileTemplate(der, { slots: ['scp80Kic'], scp80Version: 2 });
    expect(one.slots[0]!.writes).toHaveLength(1);
  });

  it('gives a package with no finding, its values at the right places', () => {
    const values = { ...testValues(9), iccid: '8999900000000000014' };
    const pkg = packageOf(values, template);
    // The security level of its remote file management stays what the vendor chose.
    expect(checkPackage(pkg).filter((one) => one.rule !== 'V36')).toEqual([]);
    const nodes = readPackage(pkg).elements.map((element) => element.node);
    const hex = (...path: (number | [number, number])[]): string => toHex(at(nodes, ...path).value);
    const out = new Uint8Array(10);
    iccidEf(values.iccid, out, 0);
    expect(hex(0xb0, 0xa4, 0x83)).toBe(toHex(out));
    const imsi = new Uint8Array(9);
    imsiEf(values.imsi!, imsi, 0);
    expect(hex(0xb3, 0xa3, 0x83)).toBe(toHex(imsi));
    for (const n of [0, 1]) expect(hex([0xa4, n], 0xa1, 0xa1, 0x82)).toBe(toHex(values.k!));
    const pins = Array.from({ length: pin2Contexts }, (_, n) => hex([0xa2, n + 1], 0xa1, 0xa0, 0x30, 0x81));
    expect(new Set(pins)).toEqual(new Set([`${toHex(values.pin2!)}ffffffff`]));
    expect(hex(0xa2, 0xa1, 0xa0, 0x30, 0x81)).toBe(`${toHex(values.pin1!)}ffffffff`);
    expect(hex(0xb4, 0xa7, 0x83).length).toBe(2 * 0x4e);
    expect(hex(0xb3, 0xab, 0x83).length).toBe(2 * 0x54);
    expect(hex(0xb3, 0xad, 0x83).slice(0, 14)).toBe('014272616e6420');
    expect(hex(0xb4, 0xb0, 0x83)).toBe('ffffff0000'.repeat(50));
  });

  it('changes nothing when compiled without slots', () => {
    expect(toHex(compileTemplate(der, { slots: [] }).base)).toBe(toHex(der));
  });
});

if (!ts48) it.skip(ts48Name('the GSMA test profile as a template'), () => undefined);
