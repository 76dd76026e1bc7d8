import { describe, expect, it } from 'vitest';
import {
  buildSampleTemplate, checkPackage, type CompiledTemplate, compileTemplate, decodePublicSlots, editPackage, encodeSlots, hasErrors, LATE_NAMES, parseCompiled, personalise,
  type PersonalisationPlan, readSlots, SAMPLE_SLOTS, SaipError, serialiseCompiled, type SlotName, type SlotValues, type TemplateEdit, viewPackage,
} from '../../../src/main/saip/index.ts';
import { leaf } from '../../../src/main/saip/tree.ts';
import { toHex, utf8Bytes } from '../../../src/shared/tlv/index.ts';
import { at, mutate, testValues, ts48, ts48Name } from '../../fixtures/saip/values.ts';

const ims = buildSampleTemplate({ isim: 'own' });
const IMS_SLOTS: readonly SlotName[] = [...SAMPLE_SLOTS, 'impi', 'impu'];

function packageOf(compiled: CompiledTemplate, values: SlotValues): Uint8Array {
  const slots = new Uint8Array(compiled.slotBytesLength);
  encodeSlots(compiled, values, slots, 0);
  const out = new Uint8Array(compiled.size);
  personalise(compiled, slots, out, 0);
  expect(toHex(readSlots(compiled, out))).toBe(toHex(slots));
  return out;
}

function publicOf(compiled: CompiledTemplate, values: SlotValues): ReturnType<typeof decodePublicSlots> {
  const slots = new Uint8Array(compiled.slotBytesLength);
  encodeSlots(compiled, values, slots, 0);
  return decodePublicSlots(compiled, slots);
}

function shown(der: Uint8Array, id: string): string {
  const node = viewPackage(der).elements.flatMap((element) => [element, ...element.children]).find((one) => one.id === id);
  return node?.decoded.map(({ value }) => value).join('; ') ?? 'no such node';
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

const keys = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 11 + 3) & 0xff);

describe('IMS identities', () => {
  it.each([[2, '001010123456789', 'mnc001.mcc001'], [3, '310260123456789', 'mnc260.mcc310'], [2, '26201123456789', 'mnc001.mcc262']] as const)('follow from the IMSI, MNC of %i digits: %s', (mncLength, imsi, middle) => {
    const compiled = compileTemplate(buildSampleTemplate({ isim: 'own', mncLength }), { slots: IMS_SLOTS });
    expect(compiled.mncLength).toBe(mncLength);
    const domain = `ims.${middle}.3gppnetwork.org`;
    const upp = packageOf(compiled, { ...testValues(1), imsi });
    expect(shown(upp, 'isim[20]/ef-impi')).toBe(`${imsi}@${domain}`);
    expect(shown(upp, 'isim[20]/ef-impu')).toBe(`sip:${imsi}@${domain}`);
    expect(publicOf(compiled, { ...testValues(1), imsi: utf8Bytes(imsi) })).toMatchObject({ impi: `${imsi}@${domain}`, impu: `sip:${imsi}@${domain}` });
    expect(hasErrors(checkPackage(upp))).toBe(false);
  });

  it('are taken as given, in the file\'s own length whatever theirs is', () => {
    const compiled = compileTemplate(ims, { slots: IMS_SLOTS });
    for (const impi of ['a@b', 'someone@ims.example', `${'x'.repeat(45)}@ims.example`]) expect(publicOf(compiled, { ...testValues(1), impi, impu: `sip:${impi}` })).toMatchObject({ impi, impu: `sip:${impi}` });
    expect(codeOf(() => publicOf(compiled, { ...testValues(1), impi: `${'x'.repeat(60)}@b` }))).toBe('no error');
    expect(codeOf(() => publicOf(compiled, { ...testValues(1), impi: `${'x'.repeat(61)}@b` }))).toBe('SLOT_VALUE_BAD impi');
    expect(codeOf(() => publicOf(compiled, { ...testValues(1), impu: 'sip:a b' }))).toBe('SLOT_VALUE_BAD impu');
  });

  it('get the room they need', () => {
    const narrow = editPackage(ims, []).der;
    const small = mutate(narrow, (nodes) => {
      const isim = at(nodes, 0xb5);
      for (const [tag, size] of [[0xa3, 20], [0xa4, 30]] as const) {
        at(isim.children!, tag, 0x83).value = Uint8Array.from([0x80, 3, 0x61, 0x40, 0x62, ...new Uint8Array(size - 5).fill(0xff)]);
        at(isim.children!, tag, 0xa1, 0x80).value = Uint8Array.of(size);
      }
      at(isim.children!, 0xa4, 0xa1, 0x82).value = Uint8Array.of(0x42, 0x21, 0, 30);
    });
    const compiled = compileTemplate(small, { slots: IMS_SLOTS });
    expect(compiled.slots.filter(({ name }) => name.startsWith('imp')).map(({ length }) => length)).toEqual([51, 55]);
    const upp = packageOf(compiled, testValues(1));
    expect(hasErrors(checkPackage(upp))).toBe(false);
    expect(shown(upp, 'isim[20]/ef-impu')).toMatch(/^sip:00101/);
  });

  it('know the MNC of a stored template too, and say when nobody knows it', () => {
    const compiled = compileTemplate(buildSampleTemplate({ isim: 'own', mncLength: 3 }), { slots: IMS_SLOTS });
    expect(parseCompiled(serialiseCompiled(compiled), compiled.digest).mncLength).toBe(3);
    const odd = compileTemplate(mutate(ims, (nodes) => { at(nodes, 0xb3, 0xb5, 0x83).value = Uint8Array.of(0, 0, 0, 4); }), { slots: IMS_SLOTS });
    expect(codeOf(() => publicOf(odd, testValues(1)))).toBe('SLOT_VALUE_BAD impi');
    expect(publicOf(odd, { ...testValues(1), impi: 'a@b', impu: 'sip:a@b' })).toMatchObject({ impi: 'a@b' });
  });

  it.skipIf(!ts48)(ts48Name('find room in the GSMA test profile, whose other public identities stay'), () => {
    const { der } = editPackage(ts48!, [{ kind: 'algorithm', algorithm: 'milenage' }]);
    const upp = packageOf(compileTemplate(der, { slots: ['iccid', 'imsi', 'impi', 'impu'] }), { iccid: '8999900000000000014', imsi: '001010000000042' });
    expect(shown(upp, 'isim[19]/ef-impi')).toBe('001010000000042@ims.mnc001.mcc001.3gppnetwork.org');
    expect(shown(upp, 'isim[19]/ef-impu')).toBe('sip:001010000000042@ims.mnc001.mcc001.3gppnetwork.org; sip:+11234567890@test.3gpp.com; sip:user@test.3gpp.com');
  });
});

describe('key sets of every protocol', () => {
  const edits: TemplateEdit[] = [
    { kind: 'add-key-set', set: { protocol: 'scp80', version: 2, algorithm: 'aes', bytes: 16 } }, { kind: 'add-key-set', set: { protocol: 'scp81', version: 0x40, algorithm: 'aes', bytes: 16 } },
    { kind: 'add-key-set', set: { protocol: 'scp02', version: 0x20, algorithm: 'des', bytes: 16 } }, { kind: 'add-key-set', set: { protocol: 'scp03', version: 0x30, algorithm: 'aes', bytes: 32 } },
  ];
  const { der } = editPackage(buildSampleTemplate(), edits);
  const plan: PersonalisationPlan = { slots: [...SAMPLE_SLOTS, 'scp81Psk', 'scp81Dek', 'scp02Enc', 'scp02Mac', 'scp02Dek', 'scp03Enc', 'scp03Mac', 'scp03Dek'] };
  const values: SlotValues = {
    ...testValues(1), scp81Psk: keys(16), scp81Dek: keys(16), scp02Enc: keys(16), scp02Mac: keys(16), scp02Dek: keys(16), scp03Enc: keys(32), scp03Mac: keys(32), scp03Dek: keys(32),
  };

  it('are filled, each set of a protocol alike', () => {
    const compiled = compileTemplate(der, plan);
    const writes = (name: string): number => compiled.slots.find((slot) => slot.name === name)!.writes.length;
    expect(['scp80Kic', 'scp81Psk', 'scp81Dek', 'scp02Enc', 'scp03Dek'].map(writes)).toEqual([2, 1, 1, 1, 1]);
    const upp = packageOf(compiled, values);
    expect(checkPackage(upp).filter(({ rule }) => rule === 'V35')).toEqual([]);
    expect(codeOf(() => packageOf(compiled, { ...values, scp03Mac: undefined as never }))).toBe('SLOT_VALUE_MISSING scp03Mac');
    expect(codeOf(() => packageOf(compiled, { ...values, scp03Mac: keys(16) }))).toBe('SLOT_VALUE_BAD scp03Mac');
  });

  it('can be picked by version', () => {
    const compiled = compileTemplate(der, { slots: ['scp80Kic'], keyVersions: { scp80: 2 } });
    expect(compiled.slots[0]!.writes).toHaveLength(1);
    expect(codeOf(() => compileTemplate(der, { slots: ['scp03Enc'], keyVersions: { scp03: 0x31 } }))).toBe('SLOT_NO_TARGET scp03Enc');
    expect(codeOf(() => compileTemplate(buildSampleTemplate(), { slots: ['scp02Enc'] }))).toBe('SLOT_NO_TARGET scp02Enc');
  });
});

describe('further constants', () => {
  it('are written into the base', () => {
    const { der } = editPackage(ims, [{ kind: 'apn-list', apns: [], enforced: false }]);
    const { base } = compileTemplate(der, {
      slots: [], late: LATE_NAMES,
      constants: {
        acl: ['internet'], routingIndicator: '12', ispDomain: 'ims.example', mncLength: 3,
        suci: { calculatedBy: 'ue', schemes: [{ scheme: 'null' }], keys: [] },
      },
    });
    expect(shown(base, 'opt-usim[5]/ef-acl')).toBe('internet');
    expect(shown(base, 'df-5gs[8]/ef-routing-indicator')).toBe('12');
    expect(shown(base, 'isim[20]/ef-domain')).toBe('ims.example');
    expect(shown(base, 'df-5gs[8]/ef-suci-calc-info')).toBe('null scheme');
    // The EF.AD of an ISIM has no such octet and stays as it is.
    expect(shown(base, 'usim[4]/ef-ad')).toBe('normal; 3');
    expect(shown(base, 'isim[20]/ef-ad')).toBe('normal');
  });

  it('are refused where they have no place', () => {
    expect(codeOf(() => compileTemplate(buildSampleTemplate(), { slots: [], constants: { acl: ['internet'] } }))).toBe('SLOT_NO_TARGET ef-acl');
    expect(codeOf(() => compileTemplate(ims, { slots: [], constants: { ispDomain: `${'x'.repeat(60)}.example` } }))).toBe('SLOT_BAD_TARGET ef-domain');
  });

  it('leave a service centre of an ISIM alone', () => {
    const both = mutate(ims, (nodes) => {
      nodes.splice(nodes.findIndex(({ tag }) => tag === 0xb5) + 1, 0, {
        tag: 0xb6, value: new Uint8Array(0), offset: -1, children: [
          { tag: 0xa0, value: new Uint8Array(0), offset: -1, children: [leaf(0x80, []), leaf(0x81, [23])] }, leaf(0x81, [0x67, 0x81, 0x0f, 0x01, 0x02, 0x09]),
          { tag: 0xa4, value: new Uint8Array(0), offset: -1, children: [] },
        ],
      });
    });
    expect(compileTemplate(both, { slots: ['smsp'] }).slots[0]!.writes).toHaveLength(1);
  });
});
