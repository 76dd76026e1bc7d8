import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Settings } from '../../../src/shared/contract/workspace.ts';
import { judgeEligibility, judgeServices, judgeVersion } from '../../../src/main/engine/downloads/eligibility.ts';
import type { ProfileNeeds } from '../../../src/main/engine/downloads/eligibility.ts';
import { readSettings } from '../../../src/main/engine/workspace/settings.ts';
import { buildEuiccInfo2, buildExtCardResource, parseEuiccInfo2 } from '../../../src/main/rsp/index.ts';
import type { EuiccInfo2, EuiccInfo2Fields } from '../../../src/main/rsp/index.ts';
import { buildSampleTemplate, encodeTree, packageRequirements, parseTree } from '../../../src/main/saip/index.ts';
import { SERVICES } from '../../../src/main/saip/names.ts';
import { branch, leaf } from '../../../src/main/saip/tree.ts';
import { codeOf, open } from './driver.ts';
import { changeSettings, device, makeWorld, order, orderRow, profileRow } from './support.ts';
import type { World } from './support.ts';

const strict: Settings['eligibility'] = { services: 'refuse', version: 'refuse' };
const own: EuiccInfo2Fields = {
  profileVersion: '2.3.1', svn: '2.2.2', firmwareVersion: '1.0.0', extCardResource: buildExtCardResource(500_000, 8192), uiccCapability: ['usimSupport', 'akaMilenage'],
  rspCapability: ['additionalProfile'], ciPkIdsForVerification: [], ciPkIdsForSigning: [], ppVersion: '1.0.0', sasAccreditationNumber: 'TEST',
};
const chipSays = (changes: Partial<EuiccInfo2Fields> = {}): EuiccInfo2 => parseEuiccInfo2(buildEuiccInfo2({ ...own, ...changes }));
const needs: ProfileNeeds = {
  ppr1: false, ppr2: false, packageBytes: 5000,
  requirements: { major: 2, minor: 3, services: ['usim', 'milenage'], templates: [], volatileBytes: 0, nonVolatileBytes: 0 },
};
const asking = (changes: Partial<NonNullable<ProfileNeeds['requirements']>>): ProfileNeeds => ({ ...needs, requirements: { ...needs.requirements!, ...changes } });

describe('judged by what the eUICC says', () => {
  type Row = [name: string, says: Partial<EuiccInfo2Fields>, needs: ProfileNeeds, expected: string, words?: string];
  const rows: Row[] = [
    ['all fits', {}, needs, 'ok'],
    ['a service is missing', {}, asking({ services: ['usim', 'isim', 'csim', 'milenage'] }), '8.2.5/4.3', 'isim, csim'],
    ['the number of the flag is not the number of the bit', { uiccCapability: ['usimSupport', 'akaCave'] }, asking({ services: ['usim', 'tuak128'] }), '8.2.5/4.3', 'tuak128'],
    ['TUAK 256 is flag 16 and bit 7', { uiccCapability: ['usimSupport', 'akaTuak256'] }, asking({ services: ['usim', 'tuak256'] }), 'ok'],
    ['no bit set says nothing', { uiccCapability: [] }, asking({ services: ['usim', 'isim', 'javacard'] }), 'ok'],
    ['a bit that v2.2 does not have', {}, asking({ services: ['usim', 'ber-tlv', 'profile-a-x25519'] }), 'ok'],
    ['the same from an eUICC that sets a later bit', { uiccCapability: ['usimSupport', 'getIdentity'] }, asking({ services: ['usim', 'ber-tlv'] }), '8.2.5/4.3', 'ber-tlv'],
    ['the same from an eUICC of v2.3', { svn: '2.3.0' }, asking({ services: ['usim', 'ber-tlv'] }), '8.2.5/4.3', 'ber-tlv'],
    ['a service nobody knows', {}, asking({ services: ['usim', 'service-a0'] }), 'ok'],
    ['the package is a major version older', {}, asking({ major: 1, minor: 0 }), '8.2.5/4.3', 'SAIP 1.0'],
    ['the package is a major version newer', {}, asking({ major: 3, minor: 1 }), '8.2.5/4.3', 'SAIP 3.1'],
    ['which is among the additional ones', { additionalProfileVersions: ['3.1.0'] }, asking({ major: 3, minor: 1 }), 'ok'],
    ['only the minor is newer', { profileVersion: '2.1.0' }, needs, 'ok'],
    ['a package without a version', {}, asking({ major: 0, minor: 0 }), 'ok'],
    ['PPR1 forbidden', { forbiddenProfilePolicyRules: { pprUpdateControl: false, ppr1: true, ppr2: false } }, { ...needs, ppr1: true }, '8.2.5/4.3', 'PPR1'],
    ['PPR2 forbidden', { forbiddenProfilePolicyRules: { pprUpdateControl: false, ppr1: false, ppr2: true } }, { ...needs, ppr2: true }, '8.2.5/4.3', 'PPR2'],
    ['the other rule is forbidden', { forbiddenProfilePolicyRules: { pprUpdateControl: false, ppr1: true, ppr2: false } }, { ...needs, ppr2: true }, 'ok'],
    ['a version of SGP.22 we do not speak', { svn: '3.0.0' }, needs, '8.2.5/4.3', 'version'],
    ['no room', { extCardResource: buildExtCardResource(4999, 8192) }, needs, '8.1/4.8', '5000'],
    ['just enough room', { extCardResource: buildExtCardResource(5000, 8192) }, needs, 'ok'],
    ['no room for its applications', { extCardResource: buildExtCardResource(5500, 8192) }, asking({ nonVolatileBytes: 501 }), '8.1/4.8', '5501'],
    ['no volatile memory for them', {}, asking({ volatileBytes: 8193 }), '8.1/4.8', '8193'],
    ['volatile memory that suffices', {}, asking({ volatileBytes: 8192 }), 'ok'],
    ['memory is not told', { extCardResource: new Uint8Array([0xff, 0xff]) }, asking({ nonVolatileBytes: 1_000_000_000 }), 'ok'],
    ['the size of the package is not known', { extCardResource: buildExtCardResource(1, 1) }, { ...needs, packageBytes: null }, 'ok'],
    ['not one profile more', { rspCapability: ['crlSupport'] }, needs, '8.1/4.8', 'another profile'],
    ['no capability told at all', { rspCapability: [] }, needs, 'ok'],
    ['a rule forbidden comes before no room', { extCardResource: buildExtCardResource(1, 1), forbiddenProfilePolicyRules: { pprUpdateControl: false, ppr1: true, ppr2: false } }, { ...needs, ppr1: true }, '8.2.5/4.3'],
    ['a template that cannot be read', { uiccCapability: ['contactlessSupport'] }, { ...needs, requirements: undefined }, 'ok'],
  ];
  test.each(rows)('%s', (_name, says, wanted, expected, words) => {
    const { failed } = judgeEligibility(chipSays(says), wanted, strict);
    expect(failed ? `${failed.subject}/${failed.reason}` : 'ok').toBe(expected);
    if (words !== undefined) expect(failed?.message).toContain(words);
  });

  test('every reason is told at once', () => {
    const { failed } = judgeEligibility(chipSays(), { ...asking({ services: ['isim'], major: 3, minor: 0 }), ppr1: false }, strict);
    expect(failed?.message).toBe('No eligible profile for this eUICC: it does not support isim; the package is SAIP 3.0, the eUICC reads 2.3.1.');
  });

  test('by policy, services and version are noted instead', () => {
    const wanted = asking({ services: ['isim'], major: 3, minor: 0 });
    const noted = judgeEligibility(chipSays(), wanted, { services: 'note', version: 'note' });
    expect(noted.failed).toBeUndefined();
    expect(noted.notes).toEqual(['it does not support isim', 'the package is SAIP 3.0, the eUICC reads 2.3.1']);
    expect(judgeEligibility(chipSays(), wanted, { services: 'note', version: 'refuse' }).failed?.message).toContain('SAIP 3.0');
    expect(judgeEligibility(chipSays(), wanted, { services: 'refuse', version: 'note' }).failed?.message).toContain('isim');
    // Policy rules and memory are no matter of policy: the clause forbids the one, and the other cannot work.
    expect(judgeEligibility(chipSays({ extCardResource: buildExtCardResource(1, 1) }), needs, { services: 'note', version: 'note' }).failed?.reason).toBe('4.8');
  });

  test('a newer minor version and what the chip cannot say are notes', () => {
    expect(judgeVersion({ major: 2, minor: 3 }, { profileVersion: '2.1.0' })).toBe('newer-minor');
    expect(judgeEligibility(chipSays({ profileVersion: '2.1.0' }), asking({ services: ['usim', 'ber-tlv'] }), strict).notes).toEqual([
      'it does not say whether it supports ber-tlv', 'the package is SAIP 2.3, the eUICC reads 2.1.0',
    ]);
  });

  test('every service of the specification has an answer', () => {
    const everything = chipSays({ svn: '2.5.0', uiccCapability: ['contactlessSupport'] });
    expect(judgeServices(SERVICES, everything)).toEqual({ missing: SERVICES.slice(1), unknown: [] });
  });
});

test('requirements are read from header and applications', () => {
  const nodes = parseTree(buildSampleTemplate());
  const quota = (tag: number, ...value: number[]) => leaf(tag, value);
  const application = branch(0xa8, [
    branch(0xa0, [leaf(0x80, []), leaf(0x81, [90])]),
    // The load block holds whatever it likes; its octets are no quotas.
    branch(0xa1, [quota(0xc6, 0x10, 0), quota(0xc7, 0x01, 0), quota(0xc8, 0x02, 0), leaf(0xc4, [0xc7, 0x02, 0xff, 0xff])]),
    branch(0xa2, [branch(0x30, [branch(0xef, [quota(0xc7, 0, 0, 0, 0x10), quota(0xc8, 0, 0x20)])])]),
  ]);
  const der = encodeTree([...nodes.slice(0, -1), application, nodes.at(-1)!]);
  expect(packageRequirements(der)).toEqual({
    major: 2, minor: 3, services: ['usim', 'milenage'], templates: ['2.23.143.1.2.1', '2.23.143.1.2.4', '2.23.143.1.2.5', '2.23.143.1.2.13'],
    volatileBytes: 0x100 + 0x10, nonVolatileBytes: 0x200 + 0x20,
  });
  expect(packageRequirements(buildSampleTemplate())).toMatchObject({ volatileBytes: 0, nonVolatileBytes: 0 });
});

describe('at authenticateClient', () => {
  let world: World;
  let serial = 7000;
  beforeAll(async () => {
    world = await makeWorld({ profiles: 12 });
    // What the package asks is read from the template; its mandatory services are made more here.
    const nodes = parseTree(buildSampleTemplate());
    const services = nodes[0]!.children!.find((child) => child.tag === 0xa5)!;
    services.children!.push(leaf(0x82, []), leaf(0x83, []));
    services.children!.sort((a, b) => a.tag - b.tag);
    await world.ctx.db.updateTable('templates').set({ der: encodeTree(nodes) }).execute();
  });
  afterAll(() => world.close());
  beforeEach(() => {
    serial++;
  });
  const chip = (changes: Partial<EuiccInfo2Fields>) => device(serial, { misbehaviour: { euiccInfo2: buildEuiccInfo2({ ...own, ...changes }) } });
  const events = async (orderId: string) => world.ctx.reader.selectFrom('activation_events').select(['stage', 'text', 'code']).where('order_id', '=', orderId).orderBy('id').execute();

  test('a missing service is refused and named; the order stays released, the attempt counts', async () => {
    const made = await order(world);
    const answer = await (await open(world, chip({}))).authenticate(made.matchingId);
    expect(codeOf(answer)).toBe('8.2.5/4.3');
    expect('failed' in answer && answer.failed.message).toContain('isim, csim');
    expect((await events(made.orderId)).at(-1)).toMatchObject({ stage: 'refused', code: '8.2.5/4.3', text: expect.stringContaining('isim, csim') as string });
    expect(await profileRow(world, made.iccid)).toMatchObject({ order_state: 'released', eid: null });
    expect(await orderRow(world, made.orderId)).toMatchObject({ download_attempts: 1, hold_eid: null, closed_at: null });
    expect(codeOf(await (await open(world, device(serial + 500))).authenticate(made.matchingId))).toBe('ok');
  });

  test('refusals use the attempts up', async () => {
    const made = await order(world, { downloadLimit: 2 });
    const codes: string[] = [];
    for (let i = 0; i < 3; i++) codes.push(codeOf(await (await open(world, chip({}))).authenticate(made.matchingId)));
    expect(codes).toEqual(['8.2.5/4.3', '8.2.5/4.3', '8.8.5/6.4']);
    expect((await profileRow(world, made.iccid)).order_state).toBe('error');
  });

  test('a workspace that stored its settings before these existed has the defaults; a stored value that fits no more falls back', async () => {
    expect((await readSettings(world.ctx.reader)).settings).toMatchObject({ eligibility: strict, rebinding: 'fresh', sessionKeepDays: 90 });
    await world.ctx.db.insertInto('settings').values([{ key: 'eligibility', value: '{"services":"sometimes"}' }, { key: 'rebinding', value: '"refuse"' }]).execute();
    expect((await readSettings(world.ctx.reader)).settings).toMatchObject({ eligibility: strict, rebinding: 'refuse' });
    await world.ctx.db.deleteFrom('settings').where('key', 'in', ['eligibility', 'rebinding']).execute();
  });

  test('by setting it is noted in the timeline and offered', async () => {
    await changeSettings(world, { eligibility: { services: 'note', version: 'refuse' } });
    const made = await order(world);
    expect(codeOf(await (await open(world, chip({}))).authenticate(made.matchingId))).toBe('ok');
    expect((await events(made.orderId)).at(-1)).toMatchObject({ stage: 'authenticated', text: expect.stringContaining('it does not support isim, csim') as string });
  });
});
