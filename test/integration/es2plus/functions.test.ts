import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { es2Replies, failedReply } from '../../../src/main/engine/wire/es2plus/schemas.ts';
import type { Es2FunctionName } from '../../../src/main/engine/wire/es2plus/codes.ts';
import { addBrand, ask, auditRows, brandCa, eidOf, header, luhn, makeWorld, order, otherCa, profileRow } from './support.ts';
import type { Answered, World } from './support.ts';

const PROFILES = 120;
let world: World;
let brandId: number;
let otherId: number;
let next = 0;
const EID = eidOf(1);
const OTHER_EID = eidOf(2);
const UNKNOWN = '8900000000000099999';

beforeAll(async () => {
  world = await makeWorld({ profiles: PROFILES });
  brandId = await addBrand(world.ctx, 'A', { ca: brandCa.certificate });
  otherId = await addBrand(world.ctx, 'B', { ca: otherCa.certificate, ranges: [[luhn('894450000000000110'), luhn('894450000000000119')]] });
});
afterAll(() => world.close());

let iccid: string;
beforeEach(() => {
  iccid = world.iccids[next++]!;
});

async function es2(name: Es2FunctionName, members: Record<string, unknown>, brand = brandId): Promise<Answered> {
  const answered = await ask(world.ctx, brand, name, members);
  expect((answered.code === 'ok' ? es2Replies[name] : failedReply).safeParse(answered.body).error, JSON.stringify(answered.body)).toBeUndefined();
  return answered;
}
const download = (members: Record<string, unknown> = {}) => es2('downloadOrder', { iccid, ...members });
const confirm = (members: Record<string, unknown> = {}) => es2('confirmOrder', { iccid, releaseFlag: true, ...members });
const cancel = (members: Record<string, unknown> = {}) => es2('cancelOrder', { iccid, finalProfileStatusIndicator: 'Available', ...members });
const release = () => es2('releaseProfile', { iccid });
const state = async (): Promise<string> => (await profileRow(world, iccid)).order_state;

describe('downloadOrder (5.3.1, table 24)', () => {
  test('by ICCID without EID: Allocated', async () => {
    expect((await download()).body).toEqual({ header: { functionExecutionStatus: { status: 'Executed-Success' } }, iccid });
    expect(await state()).toBe('allocated');
  });
  test('with EID: Linked', async () => {
    expect((await download({ eid: EID })).code).toBe('ok');
    expect(await profileRow(world, iccid)).toMatchObject({ order_state: 'linked', eid: EID });
  });
  test('an EID whose check digits are wrong is taken in a Lab', async () => {
    expect((await download({ eid: '89049032123451234512345678901236' })).code).toBe('ok');
  });
  test('by type: one of that type', async () => {
    next = PROFILES - 40;
    const { code, body } = await es2('downloadOrder', { profileType: 'consumer' });
    expect(code).toBe('ok');
    iccid = body['iccid'] as string;
    expect(await state()).toBe('allocated');
    next = 10;
  });
  test('by ICCID and its type', async () => {
    expect((await download({ profileType: 'consumer' })).code).toBe('ok');
  });
  test('padded with F, as pySim sends it: the same profile, and the answer as it was asked', async () => {
    expect((await download({ iccid: `${iccid}F` })).body['iccid']).toBe(`${iccid}F`);
    expect(await state()).toBe('allocated');
  });
  test('unknown ICCID, Luhn right or wrong: 8.2.1/3.9', async () => {
    expect((await download({ iccid: UNKNOWN })).code).toBe('8.2.1/3.9');
    expect((await download({ iccid: luhn('893333333333333333') })).code).toBe('8.2.1/3.9');
  });
  test('not Available: 8.2.1/3.3; the identical request again: the same answer', async () => {
    await download();
    expect((await download({ eid: EID })).code).toBe('8.2.1/3.3');
    expect((await download()).body).toEqual({ header: { functionExecutionStatus: { status: 'Executed-Success' } }, iccid });
    expect((await es2('downloadOrder', { iccid }, otherId)).code).not.toBe('ok');
    await confirm();
    expect((await download()).code).toBe('8.2.1/3.3');
  });
  test('unknown type 8.2.5/3.9; another type 8.2.5/3.8; none left 8.2.5/3.7', async () => {
    const empty = await world.ctx.db.insertInto('profile_types').columns(['name', 'template_id', 'service_provider_name', 'profile_name', 'profile_class', 'ppr1', 'ppr2', 'owner', 'notification_addresses', 'protection', 'created_at'])
      .expression((e) => e.selectFrom('profile_types').select((s) => [s.val('empty').as('name'), 'template_id', 'service_provider_name', 'profile_name', 'profile_class', 'ppr1', 'ppr2', 'owner', 'notification_addresses', 'protection', 'created_at']).limit(1)).executeTakeFirst();
    expect(Number(empty.numInsertedOrUpdatedRows)).toBe(1);
    expect((await es2('downloadOrder', { profileType: 'nothing like it' })).code).toBe('8.2.5/3.9');
    expect((await download({ profileType: 'empty' })).code).toBe('8.2.5/3.8');
    expect((await es2('downloadOrder', { profileType: 'empty' })).code).toBe('8.2.5/3.7');
    expect(await state()).toBe('available');
  });
  test('an ICCID of another brand: 8.2.1/1.2', async () => {
    expect((await es2('downloadOrder', { iccid: luhn('894450000000000112') })).code).toBe('8.2.1/1.2');
    expect((await es2('downloadOrder', { iccid }, otherId)).code).toBe('8.2.1/1.2');
  });
  test('types a brand may not order: 8.2.5/1.2, by ICCID 8.2.1/1.2', async () => {
    const poor = await addBrand(world.ctx, 'poor', { types: [] });
    expect((await es2('downloadOrder', { profileType: 'consumer' }, poor)).code).toBe('8.2.5/1.2');
    expect((await es2('downloadOrder', { iccid }, poor)).code).toBe('8.2.1/1.2');
  });
  test('quotas: 8.8.5/3.8, and free again after a cancel', async () => {
    const small = await addBrand(world.ctx, 'small', { openOrders: 1 });
    expect((await es2('downloadOrder', { iccid }, small)).code).toBe('ok');
    const second = world.iccids[next++]!;
    expect((await es2('downloadOrder', { iccid: second }, small)).code).toBe('8.8.5/3.8');
    expect((await es2('cancelOrder', { iccid, finalProfileStatusIndicator: 'Available' }, small)).code).toBe('ok');
    expect((await es2('downloadOrder', { iccid: second }, small)).code).toBe('ok');
    const daily = await addBrand(world.ctx, 'daily', { perDay: 1 });
    expect((await es2('downloadOrder', { iccid }, daily)).code).toBe('ok');
    expect((await es2('cancelOrder', { iccid, finalProfileStatusIndicator: 'Available' }, daily)).code).toBe('ok');
    expect((await es2('downloadOrder', { iccid }, daily)).code).toBe('8.8.5/3.8');
  });
});

describe('confirmOrder (5.3.2, table 27)', () => {
  test('released at once, MatchingID made here; smdpAddress always there', async () => {
    await download();
    const { body } = await confirm();
    expect(Object.keys(body)).toEqual(['header', 'matchingId', 'smdpAddress']);
    expect(body['matchingId']).toMatch(/^[0-9A-Z-]{16,}$/);
    expect(body['smdpAddress']).toBe('smdp.test.example');
    expect(await state()).toBe('released');
  });
  test('confirmed only, with the EID it is linked to in the answer', async () => {
    await download({ eid: EID });
    const { body } = await confirm({ releaseFlag: false });
    expect(Object.keys(body)).toEqual(['header', 'eid', 'matchingId', 'smdpAddress']);
    expect(body['eid']).toBe(EID);
    expect(await state()).toBe('confirmed');
  });
  test('EID given with the confirmation', async () => {
    await download();
    expect((await confirm({ eid: EID })).body['eid']).toBe(EID);
  });
  test('own MatchingID; used again 8.2.6/3.3, also after its order has ended', async () => {
    await download();
    const matchingId = 'MATCHING_ID_CONFLICT_TEST';
    expect((await confirm({ matchingId })).body['matchingId']).toBe(matchingId);
    const first = iccid;
    iccid = world.iccids[next++]!;
    await download();
    expect((await confirm({ matchingId })).code).toBe('8.2.6/3.3');
    expect((await es2('cancelOrder', { iccid: first, matchingId, finalProfileStatusIndicator: 'Available' })).code).toBe('ok');
    expect((await confirm({ matchingId })).code).toBe('8.2.6/3.3');
    expect(await state()).toBe('allocated');
  });
  test('empty MatchingID: EID needed 8.1.1/2.2, then taken', async () => {
    await download();
    expect((await confirm({ matchingId: '' })).code).toBe('8.1.1/2.2');
    expect((await confirm({ matchingId: '', eid: EID })).body).toMatchObject({ eid: EID, matchingId: '' });
  });
  test('SM-DS: without EID 8.1.1/2.2; invalid or unreachable 8.9/5.1', async () => {
    await download();
    expect((await confirm({ smdsAddress: 'invalid.smds.address' })).code).toBe('8.1.1/2.2');
    expect((await confirm({ smdsAddress: 'invalid.smds.address', eid: EID })).code).toBe('8.9/5.1');
    expect((await confirm({ smdsAddress: 'not a host', eid: EID })).code).toBe('8.9/5.1');
    expect(await state()).toBe('allocated');
  });
  test('another EID than the linked one: 8.1.1/3.10', async () => {
    await download({ eid: EID });
    expect((await confirm({ eid: OTHER_EID })).code).toBe('8.1.1/3.10');
    expect((await confirm({ eid: '89049032123451234512345678901299' })).code).toBe('8.1.1/3.10');
  });
  test('never ordered, unknown, another brand\'s, the operator\'s own', async () => {
    expect((await confirm()).code).toBe('8.2.1/1.2');
    expect((await confirm({ iccid: UNKNOWN })).code).toBe('8.2.1/3.9');
    await download();
    expect((await es2('confirmOrder', { iccid, releaseFlag: true }, otherId)).code).toBe('8.2.1/1.2');
    iccid = world.iccids[next++]!;
    await order(world, { iccid });
    expect((await confirm()).code).toBe('8.2.1/1.2');
  });
  test('confirmed before, asked otherwise: refused', async () => {
    await download();
    await confirm({ releaseFlag: false });
    expect((await confirm({ matchingId: 'OTHER-THAN-BEFORE' })).code).toBe('8.2.1/1.2');
    expect(await state()).toBe('confirmed');
  });
  test('a confirmation code is sealed, and nowhere else', async () => {
    await download();
    expect((await confirm({ confirmationCode: 'Zx-8812-Qq' })).code).toBe('ok');
    const row = await world.ctx.reader.selectFrom('orders').selectAll().where('profile_id', '=', (await profileRow(world, iccid)).id).executeTakeFirstOrThrow();
    expect(row.confirmation).not.toBeNull();
    const everything = JSON.stringify([
      await world.ctx.reader.selectFrom('audit').selectAll().execute(), await world.ctx.reader.selectFrom('audit_values').selectAll().execute(),
      await world.ctx.reader.selectFrom('es2_calls').selectAll().execute(), await world.ctx.reader.selectFrom('activation_events').selectAll().execute(), world.engine.log.lines,
    ]);
    expect(everything.includes('Zx-8812-Qq')).toBe(false);
    expect(Buffer.from(row.confirmation!).includes('Zx-8812-Qq')).toBe(false);
    iccid = world.iccids[next++]!;
    await download();
    const refused = await confirm({ confirmationCode: 'Y'.repeat(70) });
    expect(refused.code).toBe('1.6/2.1');
    expect(JSON.stringify(refused.body)).not.toContain('YYY');
  });
});

describe('cancelOrder (5.3.3, table 30)', () => {
  test('from Allocated, Linked, Confirmed and Released back to Available', async () => {
    const { body } = (await download(), await cancel());
    expect(Object.keys(body)).toEqual(['header']);
    expect(await state()).toBe('available');
    await download({ eid: EID });
    expect((await cancel({ eid: EID })).code).toBe('ok');
    for (const releaseFlag of [false, true]) {
      await download();
      const { matchingId } = (await confirm({ releaseFlag })).body as { matchingId: string };
      expect((await cancel({ matchingId })).code).toBe('ok');
      expect(await profileRow(world, iccid)).toMatchObject({ order_state: 'available', eid: null });
    }
  });
  test('Unavailable is for good', async () => {
    await download();
    expect((await cancel({ finalProfileStatusIndicator: 'Unavailable' })).code).toBe('ok');
    expect(await state()).toBe('unavailable');
    expect((await download()).code).toBe('8.2.1/3.3');
  });
  test('never ordered: Failed; unknown 8.2.1/3.9; not ours 8.2.1/1.2', async () => {
    expect((await cancel()).code).toBe('8.2.1/1.2');
    expect((await cancel({ iccid: UNKNOWN })).code).toBe('8.2.1/3.9');
    await download();
    expect((await es2('cancelOrder', { iccid, finalProfileStatusIndicator: 'Available' }, otherId)).code).toBe('8.2.1/1.2');
  });
  test('Linked: without EID Failed, with another EID 8.2.1/3.10 (table 30)', async () => {
    await download({ eid: EID });
    expect((await cancel()).code).toBe('8.1.1/2.2');
    expect((await cancel({ eid: OTHER_EID })).code).toBe('8.2.1/3.10');
    expect(await state()).toBe('linked');
  });
  test('another MatchingID 8.2.6/3.10, none where there is one 8.2.6/2.2', async () => {
    await download();
    await confirm();
    expect((await cancel({ matchingId: 'WRONG-MATCHING-ID' })).code).toBe('8.2.6/3.10');
    expect((await cancel()).code).toBe('8.2.6/2.2');
    expect(await state()).toBe('released');
  });
  test('a delivered profile: 8.2.1/3.3, whatever is to become of it', async () => {
    await download();
    const { matchingId } = (await confirm()).body;
    await world.ctx.db.updateTable('profiles').set({ order_state: 'downloaded', bpp_delivered_at: 1, eid: EID }).where('iccid', '=', iccid).execute();
    expect((await cancel({ matchingId, eid: EID })).code).toBe('8.2.1/3.3');
    // That it was downloaded is looked at first (5.3.3).
    expect((await cancel()).code).toBe('8.2.1/3.3');
    expect((await cancel({ matchingId, eid: EID, finalProfileStatusIndicator: 'Unavailable' })).code).toBe('8.2.1/3.3');
  });
});

describe('releaseProfile (5.3.4, table 32)', () => {
  test('Confirmed → Released; again: success and no other action (note)', async () => {
    await download();
    await confirm({ releaseFlag: false });
    expect((await release()).body).toEqual({ header: { functionExecutionStatus: { status: 'Executed-Success' } } });
    expect(await state()).toBe('released');
    const events = await world.ctx.reader.selectFrom('activation_events').select('id').execute();
    expect((await release()).code).toBe('ok');
    expect(await world.ctx.reader.selectFrom('activation_events').select('id').execute()).toHaveLength(events.length);
  });
  test('not Confirmed: 8.2.1/3.5; unknown 8.2.1/3.9; not ours 8.2.1/1.2', async () => {
    expect((await release()).code).toBe('8.2.1/3.5');
    await download();
    expect((await release()).code).toBe('8.2.1/3.5');
    expect((await es2('releaseProfile', { iccid: UNKNOWN })).code).toBe('8.2.1/3.9');
    expect((await es2('releaseProfile', { iccid }, otherId)).code).toBe('8.2.1/1.2');
    await cancel({ finalProfileStatusIndicator: 'Unavailable' });
    expect((await release()).code).toBe('8.2.1/3.5');
  });
});

describe('getProfileStatus', () => {
  test('what a brand may see, and nothing of the others', async () => {
    await download({ eid: EID });
    const { matchingId } = (await confirm()).body;
    const free = world.iccids[next++]!;
    const operators = world.iccids[next++]!;
    await order(world, { iccid: operators });
    const { body } = await es2('getProfileStatus', { iccidList: [{ iccid: `${iccid}F` }, { iccid: free }, { iccid: operators }, { iccid: luhn('894450000000000113') }, { iccid: UNKNOWN }] });
    expect(body['profileStatusList']).toEqual([
      { iccid: `${iccid}F`, eid: EID, acToken: `1$smdp.test.example$${String(matchingId)}`, state: 'RELEASED', lockFlag: false, status_last_update_timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) },
      { iccid: free, state: 'AVAILABLE', lockFlag: false },
      { iccid: operators, state: 'UNKNOWN', lockFlag: false },
      { iccid: luhn('894450000000000113'), state: 'UNKNOWN', lockFlag: false },
      { iccid: UNKNOWN, state: 'UNKNOWN', lockFlag: false },
    ]);
    expect(body['completionTimestamp']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });
});

describe('the audit record of each call', () => {
  test('done and refused, with brand, code and ICCID; EID and MatchingID not in clear', async () => {
    const before = (await auditRows(world.ctx, 'es2plus.%')).length;
    await download({ eid: EID });
    await confirm({ eid: OTHER_EID, matchingId: 'AUDIT-ME-PLEASE' });
    await confirm({ matchingId: 'AUDIT-ME-PLEASE' });
    await es2('releaseProfile', { header: 7, iccid });
    await es2('getProfileStatus', { iccidList: [{ iccid }] });
    const rows = (await auditRows(world.ctx, 'es2plus.%')).slice(before);
    expect(rows.map((row) => [row.event, row.outcome, row.actor, row.host, row.fields['code']])).toEqual([
      ['es2plus.downloadOrder', 'done', 'brand:A', 'es2plus', undefined], ['es2plus.confirmOrder', 'refused', 'brand:A', 'es2plus', 'EID_MISMATCH'],
      ['es2plus.confirmOrder', 'done', 'brand:A', 'es2plus', undefined], ['es2plus.releaseProfile', 'refused', 'brand:A', 'es2plus', 'MEMBER_INVALID'],
      ['es2plus.getProfileStatus', 'done', 'brand:A', 'es2plus', undefined],
    ]);
    for (const row of rows.slice(0, 4)) expect(row.fields['iccid']).toBe(iccid);
    const recorded = rows.map((row) => row.record).join();
    expect(recorded).not.toContain(EID);
    expect(recorded).not.toContain('AUDIT-ME-PLEASE');
    const values = await world.ctx.reader.selectFrom('audit_values').select(['field', 'value']).where('seq', '=', rows[2]!.seq).execute();
    expect(values).toEqual(expect.arrayContaining([{ field: 'eid', value: EID }, { field: 'matchingId', value: 'AUDIT-ME-PLEASE' }]));
    expect(rows[0]!.object_type).toBe('order');
    expect(header().functionRequesterIdentifier).toBe(rows[0]!.fields['requester']);
  });
});
