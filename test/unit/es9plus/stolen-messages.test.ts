/** Right messages in the wrong place: of another session, another eUICC, an earlier time, an invented transaction. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cancelSession } from '../../../src/main/engine/downloads/index.ts';
import { buildPrepareDownloadResponse, parsePrepareDownloadResponse } from '../../../src/main/rsp/index.ts';
import { fromHex, toHex } from '../../../src/shared/tlv/index.ts';
import { codeOf, notify, open, packageOf } from '../downloads/driver.ts';
import { device, eidOf, listener, makeWorld, order, orderRow, profileRow, remote } from '../downloads/support.ts';
import type { World } from '../downloads/support.ts';

let world: World;
beforeAll(async () => {
  world = await makeWorld({ profiles: 40 });
});
afterAll(() => world.close());

const UNKNOWN = '8.10.1/3.9';
const sessionRow = (id: string) => world.ctx.reader.selectFrom('sessions').selectAll().where('transaction_id', '=', id).executeTakeFirstOrThrow();
/** The octets of one transaction id in a message replaced by those of another. */
const renamed = (der: Uint8Array, from: string, to: string): Uint8Array => fromHex(toHex(der).replaceAll(from.toLowerCase(), to.toLowerCase()));

describe('two sessions open side by side', () => {
  test('what the eUICC signed for one is nothing in the other', async () => {
    const made = await order(world);
    const chip = device(1);
    const a = await open(world, chip);
    let der: Uint8Array | undefined;
    await a.authenticate(made.matchingId, { transactionId: 'FF', der: (given) => (der = given) });
    // The chip knows one session at a time: what it signed for A stands.
    const b = await open(world, chip);
    // Posted in B as it is, with B's transaction id written over A's, and under A's id with B's inside.
    expect(codeOf(await b.authenticate(made.matchingId, { der: () => der! }))).toBe(UNKNOWN);
    const rewritten = renamed(der!, a.initiated.transactionId, b.initiated.transactionId);
    expect(codeOf(await b.authenticate(made.matchingId, { der: () => rewritten }))).toBe('8.1/6.1');
    expect(codeOf(await a.authenticate(made.matchingId, { der: () => rewritten }))).toBe(UNKNOWN);
    // Neither is spoilt for its own device: the honest message still goes through.
    expect((await sessionRow(a.initiated.transactionId)).eid).toBeNull();
    expect(codeOf(await a.authenticate(made.matchingId, { der: () => der! }))).toBe('ok');
  });

  test('the package of one is not handed over in the other, and a signature of another eUICC counts for nothing', async () => {
    const [first, second] = [await order(world), await order(world)];
    const [a, b] = [await open(world, device(2)), await open(world, device(3))];
    await a.authenticate(first.matchingId);
    await b.authenticate(second.matchingId);
    const [ofA, ofB] = [a.prepare(), b.prepare()];
    expect(codeOf(await a.package(undefined, { der: ofB }))).toBe(UNKNOWN);
    expect(codeOf(await a.package(undefined, { transactionId: b.initiated.transactionId, der: ofA }))).toBe(UNKNOWN);
    expect(codeOf(await b.package(undefined, { der: renamed(ofA, a.initiated.transactionId, b.initiated.transactionId) }))).toBe('8.1/6.1');
    // A's own words under B's signature.
    const [wordsOfA, wordsOfB] = [parsePrepareDownloadResponse(ofA), parsePrepareDownloadResponse(ofB)];
    if (wordsOfA.kind !== 'ok' || wordsOfB.kind !== 'ok') throw new Error('the chips refused');
    expect(codeOf(await a.package(undefined, { der: buildPrepareDownloadResponse({ euiccSigned2: wordsOfA.signedBytes, signature64: wordsOfB.signature64 }) }))).toBe('8.1/6.1');
    expect([await profileRow(world, first.iccid), await profileRow(world, second.iccid)].map((row) => row.order_state)).toEqual(['released', 'released']);
    expect(codeOf(await a.package(undefined, { der: ofA }))).toBe('ok');
    expect(codeOf(await b.package(undefined, { der: ofB }))).toBe('ok');
  });

  test('nobody cancels another\'s session', async () => {
    const made = await order(world);
    const evil = device(5);
    const [victim, attacker] = [await open(world, device(4)), await open(world, evil)];
    await victim.authenticate(made.matchingId);
    await attacker.authenticate('NOT-A-CODE');
    const own = evil.cancelSession(fromHex(attacker.initiated.transactionId), 0).der;
    const at = await listener(world);
    const post = async (transactionId: string, der: Uint8Array): Promise<string> => codeOf(await cancelSession(world.ctx, at, { transactionId, cancelSessionResponse: der }, remote));
    expect(await post(victim.initiated.transactionId, own)).not.toBe('ok');
    expect(await post(victim.initiated.transactionId, renamed(own, attacker.initiated.transactionId, victim.initiated.transactionId))).not.toBe('ok');
    expect(await orderRow(world, made.orderId)).toMatchObject({ closed_at: null });
    expect(codeOf(await victim.package())).toBe('ok');
  });

  test('an installation result counts for the eUICC that signed it alone', async () => {
    const [first, second] = [await order(world), await order(world)];
    const [a, b] = [await open(world, device(6)), await open(world, device(7))];
    await a.authenticate(first.matchingId);
    await b.authenticate(second.matchingId);
    const resultOfA = a.load(packageOf(await a.package()));
    packageOf(await b.package());
    expect(await notify(world, renamed(resultOfA, a.initiated.transactionId, b.initiated.transactionId))).toBe('unverified');
    expect((await profileRow(world, second.iccid)).order_state).toBe('downloaded');
    expect(await notify(world, resultOfA)).toBe('accepted');
    expect(await profileRow(world, first.iccid)).toMatchObject({ order_state: 'installed', eid: eidOf(6) });
  });
});

describe('messages of sessions that ended', () => {
  test('each one again changes nothing', async () => {
    const made = await order(world);
    const chip = device(8);
    const session = await open(world, chip);
    let authenticated: Uint8Array | undefined;
    await session.authenticate(made.matchingId, { der: (der) => (authenticated = der) });
    const prepared = session.prepare();
    const result = session.load(packageOf(await session.package(undefined, { der: prepared })));
    expect(await notify(world, result)).toBe('accepted');
    const before = await profileRow(world, made.iccid);
    expect(codeOf(await session.authenticate(made.matchingId, { der: () => authenticated! }))).toBe(UNKNOWN);
    expect(codeOf(await session.package(undefined, { der: prepared }))).not.toBe('ok');
    expect(await notify(world, result)).toBe('repeated');
    // In a session opened later the server's challenge and transaction are others.
    const later = await open(world, chip);
    expect(codeOf(await later.authenticate(made.matchingId, { der: () => authenticated! }))).toBe(UNKNOWN);
    expect(codeOf(await later.authenticate(made.matchingId, { der: () => renamed(authenticated!, session.initiated.transactionId, later.initiated.transactionId) }))).toBe('8.1/6.1');
    expect(await profileRow(world, made.iccid)).toEqual(before);
  });

  test('after its time a session is over, whatever is right about the message', async () => {
    const made = await order(world);
    const session = await open(world, device(9));
    await session.authenticate(made.matchingId);
    const prepared = session.prepare();
    world.clock.advance(world.ctx.settings().sessionMinutes * 60_000);
    expect(codeOf(await session.package(undefined, { der: prepared }))).toBe(UNKNOWN);
    expect(codeOf(await session.cancel(0))).toBe(UNKNOWN);
    expect((await profileRow(world, made.iccid)).order_state).toBe('released');
  });
});

test.each(['', '00', 'FF'.repeat(16), 'FF'.repeat(17), '%', "' OR 1=1 --", '\u0000', 'Ａ'.repeat(16)])('the invented transaction %j is unknown to every function and leaves no row', async (transactionId) => {
  const session = await open(world, device(10));
  const rows = async () => (await world.ctx.reader.selectFrom('session_steps').select((e) => e.fn.countAll<number>().as('n')).executeTakeFirstOrThrow()).n;
  const made = await order(world);
  await session.authenticate(made.matchingId);
  const before = await rows();
  expect(codeOf(await session.authenticate('X', { transactionId }))).toBe(UNKNOWN);
  expect(codeOf(await session.package(undefined, { transactionId }))).toBe(UNKNOWN);
  expect(codeOf(await session.cancel(1, { transactionId }))).toBe(UNKNOWN);
  expect(await rows()).toBe(before);
});

test('a refused message sent again and again fills no table, and the session still serves its device', async () => {
  const made = await order(world);
  const session = await open(world, device(11));
  const { transactionId } = session.initiated;
  // The chip signs once; what it signed waits here.
  let signed: Uint8Array | undefined;
  await session.authenticate(made.matchingId, { transactionId: 'FF', der: (der) => (signed = der) });
  for (let i = 0; i < 150; i++) expect(codeOf(await session.authenticate(made.matchingId, { der: () => Uint8Array.of(0xbf, 0x38, 0) }))).toBe('1.6/2.1');
  const count = async (table: 'session_steps' | 'session_messages'): Promise<number> => (await world.ctx.reader.selectFrom(table).select((e) => e.fn.countAll<number>().as('n')).where('transaction_id', '=', transactionId).executeTakeFirstOrThrow()).n;
  expect(await count('session_steps')).toBe(100);
  expect(await count('session_messages')).toBeLessThanOrEqual(100);
  expect(codeOf(await session.authenticate(made.matchingId, { der: () => signed! }))).toBe('ok');
});
