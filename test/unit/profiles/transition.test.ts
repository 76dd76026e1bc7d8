import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyChain } from '../../../src/main/engine/audit/index.ts';
import type { EventName, ProfileEvent } from '../../../src/main/engine/profiles/index.ts';
import { decide, eventNames, findProfile, besideStageOf, loadForBinding, profileById, recordActivation, stageOf, takeSellable, transition } from '../../../src/main/engine/profiles/index.ts';
import { factsOf, stateOf } from '../../../src/main/engine/profiles/records.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import type { TestEngine } from '../../support/engine.ts';
import { finished, iccid, imsi, stockEngine } from '../stock/support.ts';

const EID = '89049032123451234512345678901235';
let engine: TestEngine;
let serial = 0;

beforeAll(async () => {
  engine = await stockEngine();
  await engine.ok('stock.createRange', { type: 'Sample', iccidFirst: iccid(1000).slice(0, 18), imsiFirst: imsi(1000), count: 3000 });
});
afterAll(() => engine.close());

/** A fresh sellable profile. */
async function fresh(): Promise<number> {
  if (serial % 200 === 0) await finished(engine, (await engine.ok<{ id: string }>('stock.prepare', { type: 'Sample', count: 200 } as never)).id);
  serial += 1;
  const found = await engine.ctx.db.selectFrom('profiles').select('id').where('stock_state', '=', 'sellable').where('last_event', '=', 'Prepared').orderBy('id').executeTakeFirstOrThrow();
  await engine.ctx.db.updateTable('profiles').set({ last_event: 'Taken by a test' }).where('id', '=', found.id).execute();
  return found.id;
}

const event = (name: EventName, extra: Partial<ProfileEvent> = {}): ProfileEvent => ({ name, at: engine.clock.now(), source: 'system', text: `test ${name}`, ...extra });
const go = (id: number, name: EventName, extra: Partial<ProfileEvent> = {}) =>
  write(engine.ctx, (tx) => transition(tx, engine.ctx, id, event(name, extra), engine.as()));

describe('transition', () => {
  it('writes state, activation event, audit record and outbox together', async () => {
    const id = await fresh();
    const auditBefore = (await engine.ctx.reader.selectFrom('audit').select('seq').orderBy('seq', 'desc').executeTakeFirst())?.seq ?? 0;
    await engine.ctx.db.deleteFrom('outbox').execute();
    const row = await go(id, 'order_for_eid', { eid: EID, orderId: 'o-1', code: '1.2/3.4', outbox: [{ kind: 'test', dedupe: `once-${id}`, payload: { a: 1 } }] });
    expect(stateOf(row)).toEqual({ order: 'linked', network: 'absent', stock: 'sold', device: 'unknown' });
    expect(row).toMatchObject({ eid: EID, eid_rev: [...EID].reverse().join(''), order_id: 'o-1', last_event: 'test order_for_eid' });
    const events = await engine.ctx.reader.selectFrom('activation_events').selectAll().where('profile_id', '=', id).execute();
    expect(events).toMatchObject([{ stage: 'ordered', order_id: 'o-1', code: '1.2/3.4', text: 'test order_for_eid' }]);
    const audit = await engine.ctx.reader.selectFrom('audit').selectAll().where('seq', '>', auditBefore).execute();
    expect(audit).toHaveLength(1);
    expect(audit[0]).toMatchObject({ event: 'profile.state_changed', object_id: row.iccid });
    expect(audit[0]!.record).not.toContain(EID);
    expect(JSON.parse(audit[0]!.record)).toMatchObject({ fields: { cause: 'order_for_eid', orderBefore: 'available', orderAfter: 'linked', stockBefore: 'sellable', stockAfter: 'sold' } });
    expect(await engine.ctx.reader.selectFrom('outbox').selectAll().execute()).toMatchObject([{ kind: 'test', payload: '{"a":1}' }]);
  });

  it('leaves nothing behind when the transaction fails afterwards', async () => {
    const id = await fresh();
    const before = await profileById(engine.ctx.reader, id);
    const audit = await engine.ctx.reader.selectFrom('audit').select('seq').execute();
    await expect(write(engine.ctx, async (tx) => {
      await transition(tx, engine.ctx, id, event('order', { orderId: 'o-2' }), engine.as());
      throw new Error('power cut');
    })).rejects.toThrow('power cut');
    expect(await profileById(engine.ctx.reader, id)).toEqual(before);
    expect(await engine.ctx.reader.selectFrom('audit').select('seq').execute()).toEqual(audit);
  });

  it('refuses what the tables do not allow, and changes nothing', async () => {
    const id = await fresh();
    const before = await profileById(engine.ctx.reader, id);
    await expect(go(id, 'install')).rejects.toMatchObject({ code: 'TRANSITION_REFUSED' });
    await expect(go(id, 'deliver', { eid: EID })).rejects.toMatchObject({ code: 'TRANSITION_REFUSED' });
    expect(await profileById(engine.ctx.reader, id)).toEqual(before);
    await expect(go(999_999, 'order')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('lets the first of two orders win', async () => {
    const id = await fresh();
    const both = await Promise.allSettled([go(id, 'order', { orderId: 'a' }), go(id, 'order', { orderId: 'b' })]);
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await profileById(engine.ctx.reader, id))?.order_id).toBe('a');
  });

  it('gives a delivered profile to no other EID and never back to the stock', async () => {
    const id = await fresh();
    for (const name of ['order', 'confirm', 'release'] as const) await go(id, name, { orderId: 'o-3' });
    await go(id, 'deliver', { eid: EID });
    await expect(go(id, 'deliver', { eid: '1'.repeat(32) })).rejects.toMatchObject({ code: 'TRANSITION_REFUSED' });
    await go(id, 'install_failed_retryable', { eid: EID });
    await expect(go(id, 'cancel_available')).rejects.toMatchObject({ code: 'PROFILE_DELIVERED' });
    await go(id, 'deliver', { eid: EID });
    await go(id, 'install_failed');
    await expect(go(id, 'cancel_available')).rejects.toMatchObject({ code: 'PROFILE_DELIVERED' });
    await go(id, 'quarantine', { reason: 'looks odd' });
    await expect(go(id, 'unquarantine')).rejects.toMatchObject({ code: 'PROFILE_DELIVERED' });
    const row = await go(id, 'cancel_unavailable');
    expect(row.order_state).toBe('unavailable');
    expect(row.bpp_delivered_at).not.toBeNull();
  });

  it('the database itself refuses an available profile that was delivered', async () => {
    const id = await fresh();
    await expect(engine.ctx.db.updateTable('profiles').set({ bpp_delivered_at: 1 }).where('id', '=', id).execute()).rejects.toThrow(/CHECK/);
  });

  it('erases every sealed octet at retirement and keeps the fingerprint of K', async () => {
    const id = await fresh();
    expect((await loadForBinding(engine.ctx.reader, id))?.slots).toBeInstanceOf(Uint8Array);
    await engine.ctx.db.insertInto('orders').values({
      id: 'o-kept', profile_id: id, type_id: 1, matching_id: 'M', smdp_address: 'smdp.test.example', confirmation_limit: 3, download_limit: 3, created_at: 1,
    }).execute();
    const octets = new Uint8Array(4);
    await engine.ctx.db.insertInto('kept_packages').values({ order_id: 'o-kept', eid: EID, euicc_otpk: octets, otpk_dp: octets, host_id: octets, kept: octets, created_at: 1 }).execute();
    const row = await go(id, 'retire', { reason: 'end of life' });
    expect(await engine.ctx.reader.selectFrom('kept_packages').selectAll().execute()).toEqual([]);
    expect(row).toMatchObject({ stock_state: 'retired', order_state: 'unavailable', slots: null, subscriber: null });
    expect(row.key_fingerprint).not.toBeNull();
    expect(await loadForBinding(engine.ctx.reader, id)).toBeUndefined();
  });

  it('random events follow the tables row by row, in one unbroken audit chain', async () => {
    await fc.assert(fc.asyncProperty(
      fc.array(fc.record({ name: fc.constantFrom(...eventNames), other: fc.boolean() }), { minLength: 1, maxLength: 25 }),
      async (steps) => {
        const id = await fresh();
        for (const { name, other } of steps) {
          const before = (await profileById(engine.ctx.reader, id))!;
          const eid = other ? '1'.repeat(32) : EID;
          const expected = decide(factsOf(before), { name, eid });
          const events = (await engine.ctx.reader.selectFrom('activation_events').select('id').where('profile_id', '=', id).execute()).length;
          const result = await go(id, name, { eid, orderId: 'o-x' }).catch((error: { code: string }) => error.code);
          const after = (await profileById(engine.ctx.reader, id))!;
          if (expected.ok) {
            expect(stateOf(after)).toEqual(expected.state);
            const grown = (await engine.ctx.reader.selectFrom('activation_events').select('id').where('profile_id', '=', id).execute()).length - events;
            expect(grown).toBe(stageOf[name] ?? besideStageOf[name] ? 1 : 0);
          } else {
            expect(['TRANSITION_REFUSED', 'PROFILE_DELIVERED']).toContain(result);
            expect(after).toEqual(before);
          }
          expect(after.order_state === 'available' && after.bpp_delivered_at !== null).toBe(false);
        }
      },
    ), { numRuns: 60, seed: 20_260_115 });
    expect(await verifyChain(engine.ctx.reader)).toMatchObject({ verified: true });
  });
});

describe('finding and taking', () => {
  it('finds an ICCID in every spelling people use', async () => {
    const id = await fresh();
    const row = (await profileById(engine.ctx.reader, id))!;
    for (const text of [row.iccid, row.iccid.slice(0, 18), `${row.iccid}F`, ` ${row.iccid.replace(/(.{4})/g, '$1 ')}`]) {
      expect((await findProfile(engine.ctx.reader, text))?.id, text).toBe(id);
    }
    for (const text of ['', 'abc', '898', `${row.iccid}12`, '8988211999999999999']) expect(await findProfile(engine.ctx.reader, text)).toBeUndefined();
  });

  it('takes the oldest sellable profile and none of another type', async () => {
    const oldest = await engine.ctx.reader.selectFrom('profiles').select('id').where('stock_state', '=', 'sellable').where('order_state', '=', 'available').orderBy('id').executeTakeFirstOrThrow();
    await write(engine.ctx, async (tx) => {
      expect((await takeSellable(tx, { typeId: 1 }))?.id).toBe(oldest.id);
      expect(await takeSellable(tx, { typeId: 77 })).toBeUndefined();
    });
  });

  it('records a step without a change of state', async () => {
    const id = await fresh();
    await write(engine.ctx, (tx) => recordActivation(tx, id, { stage: 'contacted', at: 5, source: 'es9plus', text: 'A device asked' }, engine.as('es9plus')));
    expect(await profileById(engine.ctx.reader, id)).toMatchObject({ last_event: 'A device asked', last_event_at: 5, order_state: 'available' });
  });
});
