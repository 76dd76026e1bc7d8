import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Es9plusListener } from '../../../src/main/engine/wire/es9plus/index.ts';
import { behaving, code, device, eidOf, fetchProfile, listen, makeWorld, order, orderRow, pkiOf, profileRow, stages } from './support.ts';
import type { World } from './support.ts';
import { readJournal } from '../../../src/main/engine/downloads/index.ts';

let world: World;
let listener: Es9plusListener;

beforeAll(async () => {
  world = await makeWorld({ profiles: 40 });
  listener = await listen(world);
});
afterAll(async () => {
  await listener.close();
  await world.close();
});

const secret = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a device downloads over TLS', () => {
  test('from activation code to installed', async () => {
    const made = await order(world);
    const chip = device(1);
    const outcome = await fetchProfile(listener, { activationCode: made.activationCode, device: chip });
    expect(code(outcome)).toBe('installed');
    expect(outcome.iccid).toBe(made.iccid);
    expect(chip.state.profiles.map((profile) => profile.iccid)).toEqual([made.iccid]);
    const profile = await profileRow(world, made.iccid);
    expect(profile).toMatchObject({ order_state: 'installed', device_state: 'installed', eid: eidOf(1), stock_state: 'sold' });
    expect(profile.bpp_delivered_at).not.toBeNull();
    expect(await orderRow(world, made.orderId)).toMatchObject({ final_state: 'installed', outcome: 'installed', bound_eid: eidOf(1), download_attempts: 1 });
    expect(await stages(world, made.orderId)).toEqual(['ordered', 'confirmed', 'released', 'authenticated', 'downloaded', 'installed']);
    expect((await readJournal(world.ctx.paths.journal)).get(made.iccid)).toMatchObject({ eid: eidOf(1) });
    expect(await world.ctx.reader.selectFrom('kept_packages').selectAll().where('order_id', '=', made.orderId).execute()).toEqual([]);
    const steps = await world.ctx.reader.selectFrom('session_steps').select(['function', 'status']).where('transaction_id', '=', outcome.transactionId!).orderBy('id').execute();
    expect(steps.map((step) => step.function)).toEqual(['initiateAuthentication', 'authenticateClient', 'getBoundProfilePackage', 'handleNotification']);
  });

  test('a confirmation code: wrong, then right, in one session', async () => {
    const made = await order(world, {}, 'A1b2C3\n');
    expect(made.activationCode).toMatch(/\$\$1$/);
    const outcome = await fetchProfile(listener, { activationCode: made.activationCode, device: device(2), confirmationCode: [secret('nope'), secret('A1b2C3')] });
    expect(code(outcome)).toBe('installed');
    expect(outcome.steps.filter((step) => step.name === 'getBoundProfilePackage').map((step) => step.status)).toEqual(['8.2.7/3.8', 'ok']);
    expect(await orderRow(world, made.orderId)).toMatchObject({ confirmation_attempts: 1, outcome: 'installed' });
  });

  test('a package that got lost is handed over again, on the same one-time keys', async () => {
    const made = await order(world);
    const chip = device(3);
    const lost = await fetchProfile(listener, { activationCode: made.activationCode, device: chip, misbehaviour: { dropReplyOf: 'getBoundProfilePackage' }, cancel: 'never' });
    expect(lost.ok).toBe(false);
    expect(await profileRow(world, made.iccid)).toMatchObject({ order_state: 'downloaded' });
    const kept = await world.ctx.reader.selectFrom('kept_packages').selectAll().where('order_id', '=', made.orderId).executeTakeFirstOrThrow();
    const stranger = await fetchProfile(listener, { activationCode: made.activationCode, device: device(4) });
    expect(code(stranger)).toBe('8.1.1/3.8');
    const halfway = await fetchProfile(listener, { activationCode: made.activationCode, device: chip, misbehaviour: { dropReplyOf: 'getBoundProfilePackage' }, cancel: 'never' });
    expect(halfway.ok).toBe(false);
    const again = await world.ctx.reader.selectFrom('kept_packages').selectAll().where('order_id', '=', made.orderId).executeTakeFirstOrThrow();
    expect(Buffer.from(again.otpk_dp).equals(kept.otpk_dp)).toBe(true);
    expect(Buffer.from(again.euicc_otpk).equals(kept.euicc_otpk)).toBe(true);
    expect(code(await fetchProfile(listener, { activationCode: made.activationCode, device: chip }))).toBe('installed');
  });

  test('another one-time key of the eUICC gets another of ours', async () => {
    const made = await order(world);
    const chip = device(5);
    await fetchProfile(listener, { activationCode: made.activationCode, device: chip, misbehaviour: { dropReplyOf: 'getBoundProfilePackage' }, cancel: 'never' });
    const kept = await world.ctx.reader.selectFrom('kept_packages').selectAll().where('order_id', '=', made.orderId).executeTakeFirstOrThrow();
    const fresh = behaving(chip, { ignoreOfferedOtpk: true });
    await fetchProfile(listener, { activationCode: made.activationCode, device: fresh, misbehaviour: { ignoreOfferedOtpk: true, dropReplyOf: 'getBoundProfilePackage' }, cancel: 'never' });
    const again = await world.ctx.reader.selectFrom('kept_packages').selectAll().where('order_id', '=', made.orderId).executeTakeFirstOrThrow();
    expect(Buffer.from(again.euicc_otpk).equals(kept.euicc_otpk)).toBe(false);
    expect(Buffer.from(again.otpk_dp).equals(kept.otpk_dp)).toBe(false);
    expect(code(await fetchProfile(listener, { activationCode: made.activationCode, device: chip }))).toBe('installed');
  });

  test('two devices race one code: one installs, the other hears 8.1.1/3.8', async () => {
    for (let round = 0; round < 4; round++) {
      const made = await order(world);
      const outcomes = await Promise.all([10, 11].map((serial) => fetchProfile(listener, { activationCode: made.activationCode, device: device(serial + round * 2), cancel: 'never' })));
      const codes = outcomes.map(code).sort();
      expect(codes[1]).toBe('installed');
      // The loser may come so late that the code is used up already.
      expect(['8.1.1/3.8', '8.2.6/3.8']).toContain(codes[0]);
      const winner = outcomes.find((outcome) => outcome.ok)!;
      expect((await profileRow(world, made.iccid)).eid).toBe((await world.ctx.reader.selectFrom('sessions').select('eid').where('transaction_id', '=', winner.transactionId!).executeTakeFirstOrThrow()).eid);
    }
  });

  test('orders without MatchingID wait for their EID', async () => {
    const eid = eidOf(40);
    const one = await order(world, { eid, matchingId: '' });
    const two = await order(world, { eid, matchingId: '' });
    const dead = await order(world, { eid, matchingId: '', expires: '-1h' });
    expect(one.activationCode).toMatch(/^1\$[^$]+\$$/);
    const chip = device(40);
    const empty = { smdpAddress: 'smdp.test.example', matchingId: '' };
    expect((await fetchProfile(listener, { activationCode: empty, device: chip })).iccid).toBe(one.iccid);
    expect((await fetchProfile(listener, { activationCode: { smdpAddress: empty.smdpAddress }, device: chip })).iccid).toBe(two.iccid);
    expect(code(await fetchProfile(listener, { activationCode: empty, device: chip }))).toBe('8.8.5/4.10');
    expect(await orderRow(world, dead.orderId)).toMatchObject({ outcome: 'expired' });
    expect(code(await fetchProfile(listener, { activationCode: empty, device: device(41) }))).toBe('8.1.1/3.8');
  });

  test('cancelled on the device: postponed keeps the order, no ends it', async () => {
    const made = await order(world);
    const chip = device(50);
    expect(code(await fetchProfile(listener, { activationCode: made.activationCode, device: chip, consent: () => 'postpone' }))).toBe('rejected');
    expect(await profileRow(world, made.iccid)).toMatchObject({ order_state: 'released' });
    expect(code(await fetchProfile(listener, { activationCode: made.activationCode, device: chip, consent: () => 'reject' }))).toBe('rejected');
    expect(await profileRow(world, made.iccid)).toMatchObject({ order_state: 'error' });
    expect(code(await fetchProfile(listener, { activationCode: made.activationCode, device: chip }))).toBe('8.2.6/3.8');
  });

  test('a package the chip refuses ends the order', async () => {
    const made = await order(world);
    // Deep inside the last segments: the MAC is what notices.
    const flipped = await fetchProfile(listener, { activationCode: made.activationCode, device: device(60), misbehaviour: { flipPackageBit: 8 * 3000 }, cancel: 'never' });
    expect(code(flipped)).toBe('install-failed');
    expect(await profileRow(world, made.iccid)).toMatchObject({ order_state: 'error' });
    expect(await stages(world, made.orderId)).toContain('install_failed');
  });
});

test('profile protection keys and a large icon', async () => {
  const other = await makeWorld({ profiles: 2, type: { protection: 'profile-keys', icon: new Uint8Array(1024).fill(0x41) } });
  const open = await listen(other);
  try {
    const made = await order(other);
    expect(code(await fetchProfile(open, { activationCode: made.activationCode, device: device(1) }))).toBe('installed');
  } finally {
    await open.close();
    await other.close();
  }
});

test('two identities side by side, each listener with its own', async () => {
  const brainpool = pkiOf('brainpoolP256r1');
  const both = await makeWorld({ profiles: 6, identities: { nist: pkiOf(), brainpool } });
  const all = await listen(both);
  const only = await listen(both, { identities: ['brainpool'] });
  try {
    expect(only.identities).toEqual(['brainpool']);
    for (const [serial, open, pkis] of [[1, all, [pkiOf()]], [2, all, [brainpool]], [3, only, [brainpool, pkiOf()]]] as const) {
      const made = await order(both);
      expect(code(await fetchProfile(open, { activationCode: made.activationCode, device: device(serial, { pkis }) })), String(serial)).toBe('installed');
    }
    const made = await order(both);
    expect(code(await fetchProfile(only, { activationCode: made.activationCode, device: device(4) }))).toBe('8.8.2/3.1');
  } finally {
    await all.close();
    await only.close();
    await both.close();
  }
});
