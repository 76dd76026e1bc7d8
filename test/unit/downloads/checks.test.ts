import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { authenticateClient, getBoundProfilePackage } from '../../../src/main/engine/downloads/index.ts';
import type { Misbehaviour, NewDevice } from '../../../src/main/lab/device/index.ts';
import { createLabPki, issueEuicc, makeEid } from '../../../src/main/lab/pki/index.ts';
import type { CertificateDefect } from '../../../src/main/lab/pki/index.ts';
import { fromHex } from '../../../src/shared/tlv/index.ts';
import { seededRandom } from '../../support/engine.ts';
import { codeOf, initiate, open } from './driver.ts';
import { ADDRESS, device, eidOf, listener, makeWorld, order, orderRow, pkiOf, profileRow, remote } from './support.ts';
import type { World } from './support.ts';

let world: World;
let serial = 100;
beforeAll(async () => {
  world = await makeWorld({ profiles: 150 });
});
afterAll(() => world.close());
beforeEach(() => {
  serial++;
});

const junk = [fromHex('ffff'), fromHex('fffe')];
const nist = () => pkiOf().ci.publicPoint && device(1).state.credentials[0]!.ciKeyId;

describe('initiateAuthentication (3.3)', () => {
  const rows: [string, Misbehaviour, string | undefined, string][] = [
    ['another address', {}, 'other.example', '8.8.1/3.8'],
    ['no address', {}, '', '8.8.1/3.8'],
    ['an address longer than any', {}, 'a'.repeat(5000), '8.8.1/3.8'],
    ['version 1.0.0', { svn: [1, 0, 0] }, undefined, '8.8.3/3.1'],
    ['version 3.0.0', { svn: [3, 0, 0] }, undefined, '8.8.3/3.1'],
    ['wrong address and wrong version', { svn: [3, 0, 0] }, 'other.example', '8.8.1/3.8'],
    ['no root in common', { signingKeyIds: junk, verificationKeyIds: junk }, undefined, '8.8.2/3.1'],
    ['a key identifier without octets', { signingKeyIds: [new Uint8Array()], verificationKeyIds: [new Uint8Array()] }, undefined, '8.8.2/3.1'],
    ['signs under ours, verifies under another', { verificationKeyIds: junk }, undefined, '8.8.4/3.7'],
    ['empty lists', { signingKeyIds: [], verificationKeyIds: [] }, undefined, '8.8.2/3.1'],
    ['ours behind unknown ones', { get signingKeyIds() { return [...junk, nist()]; }, get verificationKeyIds() { return [...junk, nist()]; } }, undefined, 'ok'],
    ['the address in capitals', {}, ADDRESS.toUpperCase(), 'ok'],
    ['the address with a port', {}, `${ADDRESS}:8443`, 'ok'],
    ['the lab\'s own socket', {}, '127.0.0.1:8443', 'ok'],
    ['another socket of this machine', {}, '127.0.0.1:9', '8.8.1/3.8'],
    ['version 2.5.0', { svn: [2, 5, 0] }, undefined, 'ok'],
  ];
  test.each(rows)('%s', async (_name, misbehaviour, address, expected) => {
    expect(codeOf(await initiate(world, device(1, { misbehaviour }), { address }))).toBe(expected);
  });

  test('transaction ids are upper-case, 16 octets, and never the same', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, async () => {
      const answer = await initiate(world, device(1));
      return 'ok' in answer ? answer.ok.transactionId : '';
    }));
    expect(new Set(ids).size).toBe(20);
    for (const id of ids) expect(id).toMatch(/^[0-9A-F]{32}$/);
  });

  test('a listener without a usable chain answers 8.8.4/3.7 although another has one', async () => {
    const answer = await initiate(world, device(1), { names: [] });
    expect(codeOf(answer)).toBe('8.8.2/3.1');
    world.clock.advance(4 * 365 * 86_400_000);
    try {
      expect(codeOf(await initiate(world, device(1)))).toBe('8.8.4/3.7');
    } finally {
      world.clock.advance(-4 * 365 * 86_400_000);
    }
  });
});

describe('authenticateClient (3.4)', () => {
  test('an unknown transaction, and one that is authenticated already', async () => {
    const made = await order(world);
    const session = await open(world, device(serial));
    let sent = new Uint8Array();
    expect(codeOf(await session.authenticate(made.matchingId, { transactionId: '00'.repeat(16), der: (der) => sent = Uint8Array.from(der) }))).toBe('8.10.1/3.9');
    const post = async () => codeOf(await authenticateClient(world.ctx, await listener(world), { transactionId: session.initiated.transactionId, authenticateServerResponse: sent }, remote));
    expect(await post()).toBe('ok');
    expect(await post()).toBe('8.10.1/3.9');
    expect(await orderRow(world, made.orderId)).toMatchObject({ download_attempts: 1 });
  });

  test('lower-case transaction ids are taken', async () => {
    const made = await order(world);
    const chip = device(serial);
    const session = await open(world, chip);
    expect(codeOf(await session.authenticate(made.matchingId, { transactionId: session.initiated.transactionId.toLowerCase() }))).toBe('ok');
  });

  test('a session lives its minutes and no longer', async () => {
    const made = await order(world);
    const session = await open(world, device(serial));
    const life = world.ctx.settings().sessionMinutes * 60_000;
    world.clock.advance(life + 1);
    expect(codeOf(await session.authenticate(made.matchingId))).toBe('8.10.1/3.9');
  });

  const misbehaviours: [string, Misbehaviour, string][] = [
    ['signed transaction id differs', { wrongTransactionId: 'euiccSigned1' }, '8.10.1/3.9'],
    ['signature wrong', { wrongSignature: 'authenticateServer' }, '8.1/6.1'],
    ['server challenge wrong', { wrongServerChallenge: true }, '8.1/6.1'],
  ];
  test.each(misbehaviours)('%s', async (_name, misbehaviour, expected) => {
    const made = await order(world);
    const session = await open(world, device(serial, { misbehaviour }));
    expect(codeOf(await session.authenticate(made.matchingId))).toBe(expected);
    expect(await orderRow(world, made.orderId)).toMatchObject({ download_attempts: 0, hold_eid: null });
  });

  const eumDefects: [CertificateDefect[], string][] = [
    [['unknown-authority-key-id'], '8.11.1/3.9'], [['unknown-authority-key-id', 'wrong-role'], '8.11.1/3.9'], [['no-authority-key-id'], '8.1.2/6.1'],
    [['self-signed', 'no-authority-key-id'], '8.1.2/6.1'], [['bad-signature'], '8.1.2/6.1'], [['expired'], '8.1.2/6.3'], [['expired', 'wrong-role'], '8.1.2/6.3'],
    [['not-yet-valid'], '8.1.2/6.3'], [['wrong-role'], '8.1.2/6.1'], [['not-a-ca'], '8.1.2/6.1'], [['wrong-key-usage'], '8.1.2/6.1'],
  ];
  test.each(eumDefects)('EUM certificate: %j is %s', async (defects, expected) => {
    const good = pkiOf();
    // The same root with an EUM of its own: only the EUM's certificate is wrong.
    const bad = createLabPki({ curve: 'P-256', oid: '2.999.10', tlsNames: [], now: new Date(), random: seededRandom('pki P-256'), defects: { eum: defects } });
    expect(Buffer.from(bad.ci.publicPoint).equals(good.ci.publicPoint)).toBe(true);
    const made = await order(world);
    const session = await open(world, device(serial, { pkis: [{ ...good, eum: bad.eum }] }));
    expect(codeOf(await session.authenticate(made.matchingId))).toBe(expected);
  });

  const euiccDefects: [CertificateDefect[], string][] = [
    [['no-authority-key-id'], '8.1.3/6.1'], [['self-signed', 'no-authority-key-id'], '8.1.3/6.1'], [['bad-signature'], '8.1.3/6.1'], [['expired'], '8.1.3/6.3'],
    [['not-yet-valid'], '8.1.3/6.3'], [['wrong-role'], '8.1.3/6.1'], [['unknown-authority-key-id'], '8.1.3/6.1'], [['foreign-organization'], '8.1.3/6.1'],
  ];
  test.each(euiccDefects)('eUICC certificate: %j is %s', async (defects, expected) => {
    const chip = device(serial);
    const issued = issueEuicc(pkiOf(), chip.state.eid, new Date(), { random: seededRandom(`bad ${serial}`), defects });
    const made = await order(world);
    const credential = { ...chip.state.credentials[0]!, certificate: issued.certificate, privateKeyPkcs8: issued.privateKeyPkcs8 };
    const worse = device(serial);
    Object.assign(worse.state, { credentials: [credential] });
    const session = await open(world, worse);
    expect(codeOf(await session.authenticate(made.matchingId))).toBe(expected);
  });

  test('an EID outside the EUM\'s range', async () => {
    const made = await order(world);
    const session = await open(world, device(serial, { eid: makeEid('89049099', serial) }));
    expect(codeOf(await session.authenticate(made.matchingId))).toBe('8.1.3/6.1');
  });

  test('the error arm ends the session', async () => {
    const made = await order(world);
    const chip = device(serial);
    const session = await open(world, chip);
    const refused = chip.authenticateServer({ ...session.initiated, serverSignature1: new Uint8Array(67), matchingId: made.matchingId });
    expect(refused.ok).toBe(false);
    const answer = await authenticateClient(world.ctx, await listener(world), { transactionId: session.initiated.transactionId, authenticateServerResponse: refused.der }, remote);
    expect(codeOf(answer)).toBe('8.1/6.1');
    expect(codeOf(await session.cancel(0))).toBe('8.10.1/3.9');
  });

  test.each([['an unknown code', 'NOT-A-CODE'], ['the right code in small letters', 'lower']])('%s: 8.2.6/3.8', async (_name, kind) => {
    const made = await order(world);
    const session = await open(world, device(serial));
    expect(codeOf(await session.authenticate(kind === 'lower' ? made.matchingId.toLowerCase() : kind))).toBe('8.2.6/3.8');
  });

  test.each([['absent', undefined], ['empty', '']])('no order for this EID, MatchingID %s: 8.1.1/3.8', async (_name, matchingId) => {
    const session = await open(world, device(serial));
    expect(codeOf(await session.authenticate(matchingId))).toBe('8.1.1/3.8');
  });

  type Case = [name: string, input: Record<string, unknown>, before: ((made: { orderId: string }) => Promise<unknown>) | undefined, chip: Partial<Omit<NewDevice, 'pkis' | 'now' | 'random'>>, expected: string, state: string];
  const cases: Case[] = [
    ['bound to another EID', { eid: eidOf(9) }, undefined, {}, '8.1.1/3.8', 'released'],
    ['not released', { release: false }, undefined, {}, '8.2/1.2', 'confirmed'],
    ['expired', { expires: '-1h' }, undefined, {}, '8.8.5/4.10', 'error'],
    ['no attempts', { downloadLimit: 0 }, undefined, {}, '8.8.5/6.4', 'error'],
    ['expired before the attempts are looked at', { expires: '-1h', downloadLimit: 0 }, undefined, {}, '8.8.5/4.10', 'error'],
    ['another EID before the expiry is looked at', { expires: '-1h', eid: eidOf(9) }, undefined, {}, '8.1.1/3.8', 'released'],
    ['cancelled', {}, (made) => world.engine.ok('orders.cancel', { orderId: made.orderId }), {}, '8.2.6/3.8', 'available'],
    ['no memory', {}, undefined, { freeMemory: 100 }, '8.1/4.8', 'released'],
  ];
  test.each(cases)('%s', async (_name, input, before, chip, expected, state) => {
    const made = await order(world, input);
    await before?.(made);
    const session = await open(world, device(serial, chip));
    expect(codeOf(await session.authenticate(made.matchingId))).toBe(expected);
    expect((await profileRow(world, made.iccid)).order_state).toBe(state);
    // The answer stays the same after the order has ended.
    const again = await open(world, device(serial, chip));
    expect(codeOf(await again.authenticate(made.matchingId))).toBe(expected);
  });

  test('the attempts of an order are counted and end it', async () => {
    const made = await order(world, { downloadLimit: 2 });
    const codes: string[] = [];
    for (let i = 0; i < 4; i++) codes.push(codeOf(await (await open(world, device(serial))).authenticate(made.matchingId)));
    expect(codes).toEqual(['ok', 'ok', '8.8.5/6.4', '8.8.5/6.4']);
    expect(await orderRow(world, made.orderId)).toMatchObject({ outcome: 'download_limit', final_state: 'error', download_attempts: 2 });
  });

  test('a scan alone burns nothing: another device may still take the profile', async () => {
    const made = await order(world);
    const first = await open(world, device(serial));
    expect(codeOf(await first.authenticate(made.matchingId))).toBe('ok');
    expect(await profileRow(world, made.iccid)).toMatchObject({ eid: null, order_state: 'released' });
    expect(codeOf(await (await open(world, device(serial + 500))).authenticate(made.matchingId))).toBe('ok');
  });

  test('metadata, signature and certificate are what the chip accepts', async () => {
    const made = await order(world, {}, '1234');
    const chip = device(serial);
    const session = await open(world, chip);
    const answer = await session.authenticate(made.matchingId);
    if (!('ok' in answer)) throw new Error(codeOf(answer));
    expect(answer.ok.profileMetadata[0]).toBe(0xbf);
    const prepared = chip.prepareDownload({ ...answer.ok, hashCc: new Uint8Array(32) });
    expect(prepared.ok).toBe(true);
  });
});

test('a policy rule the chip forbids: 8.2.5/4.3', async () => {
  const strict = await makeWorld({ profiles: 2, type: { ppr1: true } });
  try {
    const made = await order(strict);
    expect(codeOf(await (await open(strict, device(1, { forbiddenRules: { ppr1: true, ppr2: false } }))).authenticate(made.matchingId))).toBe('8.2.5/4.3');
    expect((await profileRow(strict, made.iccid)).order_state).toBe('released');
    expect(codeOf(await (await open(strict, device(2, { forbiddenRules: { ppr1: false, ppr2: true } }))).authenticate(made.matchingId))).toBe('ok');
  } finally {
    await strict.close();
  }
});

describe('getBoundProfilePackage (3.5)', () => {
  const misbehaviours: [string, Misbehaviour, string][] = [
    ['signed transaction id differs', { wrongTransactionId: 'euiccSigned2' }, '8.10.1/3.9'],
    ['signature wrong', { wrongSignature: 'prepareDownload' }, '8.1/6.1'],
    ['hash of no octets where no code is required', { hashCc: 'empty' }, 'ok'],
  ];
  test.each(misbehaviours)('%s', async (_name, misbehaviour, expected) => {
    const made = await order(world);
    const session = await open(world, device(serial, { misbehaviour }));
    expect(codeOf(await session.authenticate(made.matchingId))).toBe('ok');
    expect(codeOf(await session.package())).toBe(expected);
  });

  test('an unknown transaction, one that never authenticated', async () => {
    const made = await order(world);
    const session = await open(world, device(serial));
    const never = await open(world, device(serial + 500));
    await session.authenticate(made.matchingId);
    const der = session.prepare();
    expect(codeOf(await session.package(undefined, { der, transactionId: 'AB'.repeat(16) }))).toBe('8.10.1/3.9');
    expect(codeOf(await getBoundProfilePackage(world.ctx, await listener(world), { transactionId: never.initiated.transactionId, prepareDownloadResponse: der }, remote))).toBe('8.10.1/3.9');
  });

  test('the message of another session', async () => {
    const [one, two] = [await order(world), await order(world)];
    const a = await open(world, device(serial));
    const b = await open(world, device(serial + 500));
    await a.authenticate(one.matchingId);
    await b.authenticate(two.matchingId);
    expect(codeOf(await a.package(undefined, { der: b.prepare() }))).toBe('8.10.1/3.9');
  });

  test('the confirmation code: missing, wrong, right, in one session', async () => {
    const made = await order(world, {}, 'S3CRET');
    const session = await open(world, device(serial, { misbehaviour: { hashCc: 'absent' } }));
    await session.authenticate(made.matchingId);
    expect(codeOf(await session.package())).toBe('8.2.7/2.2');
    const honest = await open(world, device(serial));
    await honest.authenticate(made.matchingId);
    expect(codeOf(await honest.package('s3cret'))).toBe('8.2.7/3.8');
    expect(codeOf(await honest.package('S3CRET'))).toBe('ok');
    expect(await orderRow(world, made.orderId)).toMatchObject({ confirmation_attempts: 1 });
  });

  test('too many wrong codes end the order, also when they are tried side by side', async () => {
    const made = await order(world, {}, 'S3CRET');
    const limit = (await orderRow(world, made.orderId)).confirmation_limit;
    const session = await open(world, device(serial));
    await session.authenticate(made.matchingId);
    const ders = Array.from({ length: limit + 3 }, (_, i) => session.prepare(`guess ${i}`));
    const codes = await Promise.all(ders.map(async (der) => codeOf(await session.package(undefined, { der }))));
    expect(codes.slice(0, limit)).toEqual([...Array.from({ length: limit - 1 }, () => '8.2.7/3.8'), '8.2.7/6.4']);
    expect(new Set(codes.slice(limit))).toEqual(new Set(['8.2.7/6.4']));
    expect(codeOf(await session.package('S3CRET'))).toBe('8.2.7/6.4');
    expect(await orderRow(world, made.orderId)).toMatchObject({ confirmation_attempts: limit, outcome: 'confirmation_limit' });
    expect((await profileRow(world, made.iccid)).order_state).toBe('error');
  });

  test('two devices that both authenticated: the first to bind wins', async () => {
    const made = await order(world);
    const a = await open(world, device(serial));
    const b = await open(world, device(serial + 500));
    expect(codeOf(await a.authenticate(made.matchingId))).toBe('ok');
    expect(codeOf(await b.authenticate(made.matchingId))).toBe('ok');
    const codes = (await Promise.all([a.package(), b.package()])).map(codeOf);
    expect(codes).toEqual(['ok', '8.1.1/3.8']);
    expect((await profileRow(world, made.iccid)).eid).toBe(eidOf(serial));
  });

  test('an order cancelled or expired between the steps', async () => {
    const made = await order(world);
    const session = await open(world, device(serial));
    await session.authenticate(made.matchingId);
    await world.engine.ok('orders.cancel', { orderId: made.orderId });
    expect(codeOf(await session.package())).toBe('8.8.5/4.10');
    expect((await profileRow(world, made.iccid)).bpp_delivered_at).toBeNull();
    const soon = await order(world, { expires: '1m' });
    const other = await open(world, device(serial + 500));
    await other.authenticate(soon.matchingId);
    world.clock.advance(61_000);
    expect(codeOf(await other.package())).toBe('8.8.5/4.10');
  });

  test('a profile in quarantine goes to nobody', async () => {
    const made = await order(world);
    const session = await open(world, device(serial));
    await session.authenticate(made.matchingId);
    await world.ctx.db.updateTable('profiles').set({ stock_state: 'quarantined' }).where('iccid', '=', made.iccid).execute();
    expect(codeOf(await session.package())).toBe('8.2/1.2');
  });

  test('a one-time key that is no point of the curve', async () => {
    const made = await order(world);
    const chip = device(serial);
    const session = await open(world, chip);
    await session.authenticate(made.matchingId);
    const der = Uint8Array.from(session.prepare());
    // The signature is checked first, so a changed key is refused as a forgery.
    der[der.indexOf(0x5f) + 10]! ^= 0xff;
    expect(codeOf(await session.package(undefined, { der }))).toBe('8.1/6.1');
  });
});

describe('cancelSession (3.8)', () => {
  const misbehaviours: [string, Misbehaviour, string][] = [
    ['signed transaction id differs', { wrongTransactionId: 'cancelSessionSigned' }, '8.10.1/3.9'],
    ['signature wrong', { wrongSignature: 'cancelSession' }, '8.1/6.1'],
    ['another SM-DP+ OID', { smdpOid: fromHex('883703') }, '8.8/3.10'],
    ['the eUICC refuses to cancel', { refuseCancel: true }, 'ok'],
  ];
  test.each(misbehaviours)('%s', async (_name, misbehaviour, expected) => {
    const made = await order(world);
    const session = await open(world, device(serial, { misbehaviour }));
    await session.authenticate(made.matchingId);
    expect(codeOf(await session.cancel(0))).toBe(expected);
    expect((await profileRow(world, made.iccid)).order_state).toBe('released');
  });

  test('an unknown transaction, one in which no eUICC proved itself, one that was cancelled', async () => {
    const made = await order(world);
    const chip = device(serial);
    const session = await open(world, chip);
    expect(codeOf(await session.cancel(0, { transactionId: 'CD'.repeat(16) }))).toBe('8.10.1/3.9');
    const never = await open(world, device(serial + 500));
    expect(codeOf(await never.cancel(0, { der: fromHex('bf41038101 7f'.replace(/ /g, '')) }))).toBe('8.10.1/3.9');
    const own = await open(world, chip);
    await own.authenticate(made.matchingId);
    const der = chip.cancelSession(fromHex(own.initiated.transactionId), 1).der;
    expect(codeOf(await own.cancel(1, { der }))).toBe('ok');
    expect(codeOf(await own.cancel(1, { der }))).toBe('8.10.1/3.9');
  });

  test('after a refused authenticateClient it verifies, and ends no order', async () => {
    const made = await order(world, { eid: eidOf(9) });
    const chip = device(serial);
    const session = await open(world, chip);
    expect(codeOf(await session.authenticate(made.matchingId))).toBe('8.1.1/3.8');
    expect(codeOf(await session.cancel(0))).toBe('ok');
    expect((await profileRow(world, made.iccid)).order_state).toBe('released');
  });

  test.each(['bind', 'sign'] as const)('a fault of our own (vault: %s) is recorded as ours at once, and the cancelling device does not cover it', async (broken) => {
    const made = await order(world);
    const session = await open(world, device(serial));
    if (broken === 'bind') await session.authenticate(made.matchingId);
    const whole = world.ctx.vault;
    const failing = vi.spyOn(whole, 'call').mockImplementation(async () => {
      throw Object.assign(new Error('a sealed value does not open'), { code: 'SEAL_BROKEN' });
    });
    try {
      await expect(broken === 'bind' ? session.package() : session.authenticate(made.matchingId)).rejects.toThrow('does not open');
    } finally {
      failing.mockRestore();
    }
    const event = () => world.ctx.reader.selectFrom('activation_events').select(['stage', 'text', 'code']).where('order_id', '=', made.orderId).orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow();
    expect(await event()).toEqual({ stage: 'refused', code: '8.8/4.2', text: expect.stringContaining('a fault of its own') });
    expect(codeOf(await session.cancel(1))).toBe('ok');
    if (broken === 'bind') expect(await event()).toMatchObject({ text: 'The device ended the session after the refusal' });
    const shown = await world.engine.ok<{ phase: string; code?: string }>('sessions.show' as never, { transactionId: session.initiated.transactionId });
    expect(shown).toMatchObject({ phase: 'refused', code: '8.8/4.2' });
    expect((await profileRow(world, made.iccid)).order_state).toBe('released');
    const { attention } = await world.engine.ok<{ attention: { kind: string; text: string; href: string }[] }>('workspace.home' as never, {});
    expect(attention).toContainEqual(expect.objectContaining({ kind: 'failed', text: expect.stringContaining('fault of this SM-DP+'), href: '/sessions?code=8.8%2F4.2' }));
  });

  test('after a refusal the session reads Refused with the refusing code, and the timeline blames nobody', async () => {
    const made = await order(world, {}, 'S3CRET');
    const session = await open(world, device(serial));
    await session.authenticate(made.matchingId);
    expect(codeOf(await session.package('wrong'))).toBe('8.2.7/3.8');
    expect(codeOf(await session.cancel(1))).toBe('ok');
    const shown = await world.engine.ok<{ phase: string; code?: string; cancelledAfter?: boolean }>('sessions.show' as never, { transactionId: session.initiated.transactionId });
    expect(shown).toMatchObject({ phase: 'refused', code: '8.2.7/3.8', cancelledAfter: true });
    const failing = await world.engine.ok<{ rows: { transactionId: string; phase: string }[] }>('sessions.list' as never, { filter: { failedOnly: true, text: session.initiated.transactionId }, limit: 5 });
    expect(failing.rows).toContainEqual(expect.objectContaining({ transactionId: session.initiated.transactionId, phase: 'refused', code: '8.2.7/3.8' }));
    const last = await world.ctx.reader.selectFrom('activation_events').select(['stage', 'text']).where('order_id', '=', made.orderId).orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow();
    expect(last).toEqual({ stage: 'cancelled', text: 'The device ended the session after the refusal' });
    // The session is over all the same, and the order is not.
    expect(codeOf(await session.cancel(1))).toBe('8.10.1/3.9');
    expect((await profileRow(world, made.iccid)).order_state).toBe('released');
  });

  test('without a refusal before, or with one made good, it reads Cancelled with its own reason', async () => {
    const made = await order(world, {}, 'S3CRET');
    const session = await open(world, device(serial));
    await session.authenticate(made.matchingId);
    expect(codeOf(await session.package('wrong'))).toBe('8.2.7/3.8');
    expect(codeOf(await session.package('S3CRET'))).toBe('ok');
    expect(codeOf(await session.cancel(1))).toBe('ok');
    const shown = await world.engine.ok<{ phase: string; code?: string }>('sessions.show' as never, { transactionId: session.initiated.transactionId });
    expect(shown.phase).toBe('cancelled');
    expect(shown.code).toBeUndefined();
    const other = await order(world);
    const said = await open(world, device(serial + 500));
    await said.authenticate(other.matchingId);
    expect(codeOf(await said.cancel(0))).toBe('ok');
    expect(await world.engine.ok('sessions.show' as never, { transactionId: said.initiated.transactionId })).toMatchObject({ phase: 'cancelled', code: '8.8.5/3.8' });
  });

  test.each([[0, 'error'], [1, 'released'], [2, 'released'], [3, 'error'], [4, 'error'], [5, 'error'], [127, 'error']])('reason %i leaves the order %s', async (reason, state) => {
    for (const delivered of [false, true]) {
      const made = await order(world);
      const chip = device(serial + (delivered ? 500 : 0));
      const session = await open(world, chip);
      await session.authenticate(made.matchingId);
      if (delivered) expect(codeOf(await session.package())).toBe('ok');
      expect(codeOf(await session.cancel(reason))).toBe('ok');
      expect((await profileRow(world, made.iccid)).order_state).toBe(state);
      const next = await (await open(world, chip)).authenticate(made.matchingId);
      expect(codeOf(next)).toBe(state === 'released' ? 'ok' : '8.2.6/3.8');
    }
  });

  test('a stranger who scanned the code cannot end the order of the device that has it', async () => {
    const made = await order(world);
    const stranger = await open(world, device(serial));
    await stranger.authenticate(made.matchingId);
    const owner = await open(world, device(serial + 500));
    await owner.authenticate(made.matchingId);
    expect(codeOf(await stranger.cancel(0))).toBe('ok');
    expect((await profileRow(world, made.iccid)).order_state).toBe('released');
    expect(codeOf(await owner.package())).toBe('ok');
  });
});
