import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type {
  AuthenticateClientMessage, CancelSessionMessage, GetBoundProfilePackageMessage, HandleNotificationMessage, InitiateAuthenticationMessage, SessionMessage,
} from '../../../src/shared/contract/session-message.ts';
import { maskedMatchingId } from '../../../src/main/engine/downloads/messages.ts';
import { authenticateClient } from '../../../src/main/engine/downloads/index.ts';
import { buildEuiccInfo2, parseEuiccInfo2 } from '../../../src/main/rsp/index.ts';
import { confirmationHash } from '../../../src/main/lab/device/index.ts';
import { fromHex, toHex } from '../../../src/shared/tlv/index.ts';
import { initiate, codeOf, notify, open, packageOf } from './driver.ts';
import { device, eidOf, listener, makeWorld, OID, order, remote } from './support.ts';
import type { World } from './support.ts';

let world: World;
let serial = 8000;
beforeAll(async () => {
  world = await makeWorld({ profiles: 20 });
});
afterAll(() => world.close());
beforeEach(() => {
  serial++;
});

/** Messages of a session in the order of its steps; every step has them. */
async function kept(transactionId: string): Promise<SessionMessage[]> {
  const rows = await world.ctx.reader.selectFrom('session_steps as t').leftJoin('session_messages as m', 'm.step_id', 't.id')
    .select(['t.function', 't.code', 'm.transaction_id', 'm.request', 'm.response']).where('t.transaction_id', '=', transactionId).orderBy('t.id').execute();
  return rows.map((row) => {
    expect(row.transaction_id).toBe(transactionId);
    const message = { function: row.function, request: JSON.parse(row.request!) as unknown, response: JSON.parse(row.response!) as { failed?: { subject: string; reason: string } } };
    expect(message.response.failed ? `${message.response.failed.subject}/${message.response.failed.reason}` : null).toBe(row.code);
    return message as SessionMessage;
  });
}

const imei = '352906110000014';

test('a whole download, decoded, and nothing of it secret', async () => {
  const code = 'S3CRET-code';
  const made = await order(world, {}, code);
  const chip = device(serial, { tac: '35290611', imei });
  const session = await open(world, chip);
  const { transactionId } = session.initiated;
  expect(codeOf(await session.authenticate(made.matchingId))).toBe('ok');
  expect(codeOf(await session.package('wrong'))).toBe('8.2.7/3.8');
  const bound = packageOf(await session.package(code));
  expect(await notify(world, session.load(bound))).toBe('accepted');

  const all = await kept(transactionId);
  expect(all.map((one) => one.function)).toEqual(['initiateAuthentication', 'authenticateClient', 'getBoundProfilePackage', 'getBoundProfilePackage', 'handleNotification']);
  const initiated = all[0] as InitiateAuthenticationMessage;
  expect(initiated.request.euiccInfo1.svn).toBe('2.2.2');
  expect(initiated.response).toMatchObject({
    transactionId, serverSigned1: { transactionId: transactionId.toLowerCase(), euiccChallenge: initiated.request.euiccChallenge }, serverSignature1: 'present',
    euiccCiPKIdToBeUsed: initiated.request.euiccInfo1.ciPkIdsForSigning[0],
  });
  const authenticated = all[1] as AuthenticateClientMessage;
  expect(authenticated.request).toMatchObject({
    transactionId,
    authenticateServerResponse: {
      ok: {
        euiccSigned1: {
          euiccInfo2: { profileVersion: '2.3.1', uiccCapability: expect.arrayContaining(['usimSupport']) as string[] },
          ctxParams1: { matchingId: { start: made.matchingId.slice(0, 5), length: made.matchingId.length }, deviceInfo: { tac: '35290611', imei: '35290611*******' } },
        },
        euiccSignature1: 'present', euiccCertificate: { eid: eidOf(serial) },
      },
    },
  });
  expect(authenticated.response).toMatchObject({ profileMetadata: { iccid: made.iccid, profileName: 'Test profile' }, smdpSigned2: { ccRequiredFlag: true } });
  expect((all[2] as GetBoundProfilePackageMessage).response).toMatchObject({ failed: { subject: '8.2.7', reason: '3.8' } });
  const packaged = all[3] as GetBoundProfilePackageMessage;
  expect(packaged.request).toMatchObject({ prepareDownloadResponse: { ok: { euiccSigned2: { hashCc: 'present' }, euiccSignature2: 'present' } } });
  expect(packaged.response).toMatchObject({ boundProfilePackage: { octets: bound.length, segments: [{ part: 'configureISDP', tag: '87' }, { part: 'storeMetadata', tag: '88' }, { part: 'loadProfileElements', tag: '86' }] } });
  expect((all[4] as HandleNotificationMessage).request.pendingNotification).toMatchObject({ transactionId: transactionId.toLowerCase(), finalResult: { success: {} }, iccid: made.iccid });

  const text = JSON.stringify(all);
  const hashCc = toHex(confirmationHash(new TextEncoder().encode(code), fromHex(transactionId)));
  for (const secret of [made.matchingId, made.matchingId.slice(0, 6), made.matchingId.slice(6), imei, imei.slice(8), code, hashCc, toHex(bound.subarray(-40))]) {
    expect(text.toLowerCase(), secret).not.toContain(secret.toLowerCase());
  }
  expect(text.length).toBeLessThan(12_000);
});

describe('what is shown of a refusal', () => {
  test('both arms of the CHOICEs, and what cannot be read', async () => {
    const made = await order(world);
    const chip = device(serial);
    const at = await listener(world);
    const first = await open(world, chip);
    const refused = chip.authenticateServer({ ...first.initiated, serverSignature1: new Uint8Array(67), matchingId: made.matchingId });
    await authenticateClient(world.ctx, at, { transactionId: first.initiated.transactionId, authenticateServerResponse: refused.der }, remote);
    expect((await kept(first.initiated.transactionId))[1]!.request).toMatchObject({ authenticateServerResponse: { error: { name: expect.any(String) as string } } });

    const second = await open(world, chip);
    expect(codeOf(await second.authenticate(made.matchingId, { der: () => fromHex('bf3803a00130') }))).toBe('1.6/2.1');
    expect((await kept(second.initiated.transactionId))[1]!.request).toMatchObject({ authenticateServerResponse: { unreadable: expect.any(String) as string, octets: 6 } });

    const third = await open(world, chip);
    expect(codeOf(await third.authenticate(made.matchingId))).toBe('ok');
    expect(codeOf(await third.package(undefined, { der: fromHex('bf2100') }))).toBe('1.6/2.1');
    const tid = fromHex(third.initiated.transactionId);
    const downloadError = Uint8Array.of(0xbf, 0x21, 23, 0xa1, 21, 0x80, 16, ...tid, 0x02, 1, 5);
    expect(codeOf(await third.package(undefined, { der: downloadError }))).toBe('8.1/6.1');
    expect(codeOf(await third.cancel(0, { der: fromHex('bf4100') }))).toBe('1.6/2.1');
    expect(codeOf(await third.cancel(0, { der: fromHex('bf410381017f') }))).toBe('ok');
    const fourth = await open(world, chip);
    expect(codeOf(await fourth.authenticate(made.matchingId))).toBe('ok');
    expect(codeOf(await fourth.cancel(1))).toBe('ok');
    expect(((await kept(fourth.initiated.transactionId))[2] as CancelSessionMessage).request).toMatchObject({ cancelSessionResponse: { ok: { reason: 1, name: 'postponed', smdpOid: OID } } });
    const all = await kept(third.initiated.transactionId);
    expect(all[2]!.request).toMatchObject({ prepareDownloadResponse: { unreadable: expect.any(String) as string, octets: 3 } });
    expect(all[3]!.request).toMatchObject({ prepareDownloadResponse: { error: { errorCode: 5 } } });
    expect(all[4]!.request).toMatchObject({ cancelSessionResponse: { unreadable: expect.any(String) as string } });
    expect(all[5]!.request).toMatchObject({ cancelSessionResponse: { error: { errorCode: 127 } } });
  });

  test('an address that is not ours, and certificates that are not accepted', async () => {
    const answer = await initiate(world, device(serial), { address: 'x'.repeat(5000) });
    expect(codeOf(answer)).toBe('8.8.1/3.8');
    const row = await world.ctx.reader.selectFrom('session_messages').select('request').orderBy('step_id', 'desc').limit(1).executeTakeFirstOrThrow();
    expect((JSON.parse(row.request) as InitiateAuthenticationMessage['request']).smdpAddress).toHaveLength(256);
    const session = await open(world, device(serial, { misbehaviour: { euiccCertificate: fromHex('3003020101') } }));
    expect(codeOf(await session.authenticate('X'))).toBe('8.1.3/6.1');
    expect((await kept(session.initiated.transactionId))[1]!.request).toMatchObject({
      authenticateServerResponse: { ok: { euiccCertificate: { unreadable: expect.any(String) as string, octets: 5 }, eumCertificate: { serial: expect.any(String) as string } } },
    });
  });

  test('lists a device stretches are cut', async () => {
    const chip = device(serial);
    const ids = Array.from({ length: 900 }, (_, i) => Uint8Array.from({ length: 20 }, () => i & 0xff));
    const euiccInfo2 = buildEuiccInfo2({ ...parseEuiccInfo2(chip.euiccInfo2()), ciPkIdsForSigning: ids, additionalProfileVersions: Array.from({ length: 500 }, () => '9.9.9') });
    const session = await open(world, device(serial, { misbehaviour: { euiccInfo2 } }));
    expect(codeOf(await session.authenticate('NONE'))).toBe('8.2.6/3.8');
    const { request } = (await kept(session.initiated.transactionId))[1]!;
    expect(JSON.stringify(request).length).toBeLessThan(5000);
  });
});

test('a MatchingID keeps its beginning, and of a short one not even that', () => {
  expect(maskedMatchingId('K7QF2-ABCDE-FGHIJ-KLMNO')).toEqual({ start: 'K7QF2', length: 23 });
  expect(maskedMatchingId('ABCDEF')).toEqual({ start: 'AB', length: 6 });
  expect(maskedMatchingId('AB')).toEqual({ start: '', length: 2 });
  expect(maskedMatchingId('')).toEqual({ start: '', length: 0 });
});
