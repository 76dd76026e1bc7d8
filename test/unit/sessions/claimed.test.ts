/** Sessions of eUICCs that were refused before they proved themselves: who they said they were, and why they were refused. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import type { sessions } from '../../../src/shared/contract/sessions.ts';
import { codeOf, open } from '../downloads/driver.ts';
import { behaving, device, eidOf, makeWorld, order, pkiOf } from '../downloads/support.ts';
import type { World } from '../downloads/support.ts';
import { importCrl, listOf, put, revokedNow } from '../keys/crl-support.ts';

type Shown = z.output<typeof sessions.show.output>;
let world: World;
beforeAll(async () => {
  world = await makeWorld({ profiles: 8 });
  await world.engine.ok('pki.import', { identity: 'nist', role: 'eum', certificate: put(world, pkiOf().eum.certificate) });
});
afterAll(() => world.close());

const list = async (filter: object = {}) => (await world.engine.ok<z.output<typeof sessions.list.output>>('sessions.list', { filter, limit: 50 })).rows;
const show = async (transactionId: string) => world.engine.ok<Shown>('sessions.show', { transactionId });
const opened = (chip: Parameters<typeof open>[1]) => {
  world.clock.advance(1_000);
  return open(world, chip);
};
const newest = async () => (await list())[0]!;

test('a revoked eUICC: the EID it claimed, the sentence with date and reason, found by either end of the EID', async () => {
  const made = await order(world);
  const chip = device(41);
  const day = new Date(world.clock.now()).toISOString().slice(0, 10);
  await importCrl(world, listOf(world, pkiOf(), [revokedNow(world, chip.state.credentials[0]!.certificate)], {}, 'eum'));
  const session = await opened(chip);
  expect((await newest()).claimedEid).toBeUndefined();
  expect(codeOf(await session.authenticate(made.matchingId))).toBe('8.1.3/6.1');
  const row = await newest();
  expect(row).toMatchObject({ phase: 'refused', code: '8.1.3/6.1', claimedEid: eidOf(41), detail: `The eUICC certificate was revoked on ${day} (key compromised).` });
  expect(row.eid).toBeUndefined();
  const shown = await show(row.transactionId);
  expect(shown).toMatchObject({ claimedEid: eidOf(41), detail: row.detail });
  expect(shown.stepList.map((step) => step.detail)).toEqual([undefined, row.detail]);
  expect(shown.stepList[1]!.cause).not.toBe(row.detail);
  for (const text of [eidOf(41), eidOf(41).slice(0, 20), eidOf(41).slice(-4), eidOf(41).slice(-9)]) {
    expect((await list({ text })).map((one) => one.transactionId), text).toContain(row.transactionId);
  }
  const wrong = (Number(eidOf(41).slice(-1)) + 1) % 10;
  expect(await list({ text: eidOf(41).slice(-4, -1) + String(wrong) })).toEqual([]);
  expect((await world.engine.ok<{ hits: { kind: string; id: string }[] }>('workspace.search', { text: eidOf(41) })).hits).toContainEqual(expect.objectContaining({ kind: 'session', id: row.transactionId }));
  // It comes again: the other session is one of the same eUICC, as it says.
  await (await opened(chip)).authenticate(made.matchingId);
  expect((await show(row.transactionId)).others.map((other) => other.claimedEid)).toEqual([eidOf(41)]);
});

test('one whose signature is wrong claims too; once it proved itself it is no claim any more, and the sentence goes with the code', async () => {
  const made = await order(world);
  const chip = device(42);
  const session = await opened(behaving(chip, { wrongSignature: 'authenticateServer' }, 42));
  expect(codeOf(await session.authenticate(made.matchingId))).toBe('8.1/6.1');
  expect(await newest()).toMatchObject({ claimedEid: eidOf(42), detail: 'The signature of the eUICC is invalid.' });
  expect(codeOf(await (await opened(chip)).authenticate(made.matchingId))).toBe('ok');
  const row = await newest();
  expect(row.eid).toBe(eidOf(42));
  expect([row.claimedEid, row.detail, row.code]).toEqual([undefined, undefined, undefined]);
  expect((await list({ text: eidOf(42).slice(-6) })).map((one) => one.eid ?? one.claimedEid)).toEqual([eidOf(42), eidOf(42)]);
});

test('a refusal of an order that names nobody else has its sentence too', async () => {
  const session = await opened(device(43));
  await session.authenticate('NO-SUCH-CODE');
  const row = await newest();
  expect(row).toMatchObject({ eid: eidOf(43), code: '8.2.6/3.8' });
  expect(row.detail).toBe((await show(row.transactionId)).stepList.at(-1)!.detail);
  expect(row.detail).not.toContain('NO-SUCH-CODE');
});

test('the end of an EID is sought through its index', () => {
  const plan = (world.ctx.sqlite.prepare(`explain query plan select transaction_id from sessions s
    where coalesce(s.eid, s.claimed_eid) is not null and substr(coalesce(s.eid, s.claimed_eid), -4) = '1234' and substr(coalesce(s.eid, s.claimed_eid), -6) = '991234'`).all() as { detail: string }[]).map((row) => row.detail).join();
  expect(plan).toContain('sessions_eid_end');
});
