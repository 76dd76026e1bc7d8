/** ES9+ as it stands on the wire: members, headers, status codes and TLS by SGP.22 v2.2, 2.6.6, 6.1 to 6.3 and 6.5. */
import { connect } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Es9plusListener } from '../../../src/main/engine/wire/es9plus/index.ts';
import { confirmationHash, segmentBoundPackage } from '../../../src/main/lab/device/index.ts';
import type { VirtualEuicc } from '../../../src/main/lab/device/index.ts';
import { createLabPki } from '../../../src/main/lab/pki/index.ts';
import { buildInstallResult, buildInstallResultData } from '../../../src/main/rsp/index.ts';
import { fromHex } from '../../../src/shared/tlv/index.ts';
import { seededRandom } from '../../support/engine.ts';
import { ADDRESS, device, eidOf, listen, makeWorld, OID, order, pkiOf, post, profileRow } from '../es9plus/support.ts';
import type { MadeOrder, World } from '../es9plus/support.ts';
import { certificateOn } from '../es2plus/support.ts';

const PATH = '/gsma/rsp2/es9plus';
let world: World;
let listener: Es9plusListener;
let serial = 80_000;
beforeAll(async () => {
  world = await makeWorld({ profiles: 20 });
  listener = await listen(world);
});
afterAll(async () => {
  await listener.close();
  await world.close();
});
beforeEach(() => {
  serial++;
});

type Body = Record<string, string> & { header: { functionExecutionStatus: { status: string; statusCodeData?: { subjectCode: string; reasonCode: string; message?: string } } } };
const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const octets = (text: string | undefined): Uint8Array => new Uint8Array(Buffer.from(text ?? '', 'base64'));
const SUCCESS = { functionExecutionStatus: { status: 'Executed-Success' } };

async function call(name: string, members: Record<string, unknown>, headers: Record<string, string> = {}) {
  const reply = await post(listener, `${PATH}/${name}`, JSON.stringify(members), headers);
  return { ...reply, body: (reply.text === '' ? undefined : JSON.parse(reply.text)) as Body };
}
const codeIn = (body: Body): string => {
  const { status, statusCodeData } = body.header.functionExecutionStatus;
  return status === 'Executed-Success' ? 'ok' : `${statusCodeData!.subjectCode}/${statusCodeData!.reasonCode}`;
};

/** An LPA of its own, without the strictness and the help of the one of the Lab. */
async function lpa(chip: VirtualEuicc) {
  const initiated = await call('initiateAuthentication', { euiccChallenge: b64(chip.getEuiccChallenge()), euiccInfo1: b64(chip.euiccInfo1()), smdpAddress: ADDRESS });
  const { transactionId } = initiated.body as unknown as { transactionId: string };
  const own = fromHex(transactionId);
  let offer: Body | undefined;
  return {
    initiated, transactionId,
    async authenticate(matchingId: string) {
      const { der } = chip.authenticateServer({
        transactionId, serverSigned1: octets(initiated.body['serverSigned1']), serverSignature1: octets(initiated.body['serverSignature1']),
        euiccCiPKIdToBeUsed: octets(initiated.body['euiccCiPKIdToBeUsed']), serverCertificate: octets(initiated.body['serverCertificate']), matchingId,
      } as Parameters<VirtualEuicc['authenticateServer']>[0]);
      const reply = await call('authenticateClient', { transactionId, authenticateServerResponse: b64(der) });
      offer = reply.body;
      return reply;
    },
    async package(code?: string) {
      const { der } = chip.prepareDownload({
        transactionId, profileMetadata: octets(offer!['profileMetadata']), smdpSigned2: octets(offer!['smdpSigned2']), smdpSignature2: octets(offer!['smdpSignature2']),
        smdpCertificate: octets(offer!['smdpCertificate']), hashCc: code === undefined ? undefined : confirmationHash(new TextEncoder().encode(code), own),
      } as Parameters<VirtualEuicc['prepareDownload']>[0]);
      return call('getBoundProfilePackage', { transactionId, prepareDownloadResponse: b64(der) });
    },
    load(boundPackage: Uint8Array): Uint8Array {
      const cut = segmentBoundPackage(boundPackage);
      if (!cut.ok) throw new Error(cut.why);
      for (const segment of cut.segments) chip.loadSegment(segment);
      return chip.state.notifications.at(-1)!.der;
    },
    cancel: (reason: number) => call('cancelSession', { transactionId, cancelSessionResponse: b64(chip.cancelSession(own, reason).der) }),
  };
}
const both = { 'content-type': 'application/json', 'x-admin-protocol': 'gsma/rsp/v2.2.0' };

describe('JSON replies hold the members of 6.5.2 and no other', () => {
  let made: MadeOrder;
  beforeEach(async () => {
    made = await order(world, {}, 'S3CRET');
  });

  test('initiateAuthentication, authenticateClient, getBoundProfilePackage, handleNotification of a whole download', async () => {
    const session = await lpa(device(serial));
    expect(Object.keys(session.initiated.body).sort()).toEqual(['euiccCiPKIdToBeUsed', 'header', 'serverCertificate', 'serverSignature1', 'serverSigned1', 'transactionId']);
    const offer = await session.authenticate(made.matchingId);
    expect(Object.keys(offer.body).sort()).toEqual(['header', 'profileMetadata', 'smdpCertificate', 'smdpSignature2', 'smdpSigned2', 'transactionId']);
    const bound = await session.package('S3CRET');
    expect(Object.keys(bound.body).sort()).toEqual(['boundProfilePackage', 'header', 'transactionId']);
    for (const { status, headers, body } of [session.initiated, offer, bound]) {
      expect(status).toBe(200);
      expect(headers).toMatchObject(both);
      expect(body.header).toEqual(SUCCESS);
      expect(body['transactionId']).toBe(session.transactionId);
    }
    // Each data object comes with its tag.
    expect([offer.body['profileMetadata'], offer.body['smdpSignature2'], bound.body['boundProfilePackage']].map((one) => Buffer.from(octets(one).subarray(0, 2)).toString('hex'))).toEqual(['bf25', '5f37', 'bf36']);
    expect([offer.body['smdpSigned2'], offer.body['smdpCertificate']].map((one) => octets(one)[0])).toEqual([0x30, 0x30]);
    const told = await call('handleNotification', { pendingNotification: b64(session.load(octets(bound.body['boundProfilePackage']))) });
    expect([told.status, told.text]).toEqual([204, '']);
    expect(told.headers['content-type']).toBeUndefined();
    expect(await profileRow(world, made.iccid)).toMatchObject({ order_state: 'installed', eid: eidOf(serial) });
  });

  test('cancelSession answers the header alone', async () => {
    const session = await lpa(device(serial));
    await session.authenticate(made.matchingId);
    const cancelled = await session.cancel(1);
    expect(cancelled.status).toBe(200);
    expect(cancelled.headers).toMatchObject(both);
    expect(cancelled.body).toEqual({ header: SUCCESS });
  });

  test('a failure of any of them is HTTP 200 with the header alone, its codes and a message', async () => {
    const refusedOrder = await (await lpa(device(serial + 500))).authenticate('NO-SUCH-CODE');
    const session = await lpa(device(serial));
    await session.authenticate(made.matchingId);
    const refusedCode = await session.package('wrong');
    const unknown = await call('cancelSession', { transactionId: 'AB'.repeat(16), cancelSessionResponse: 'v0EDgQF/' });
    expect([refusedOrder, refusedCode, unknown].map(({ body }) => codeIn(body))).toEqual(['8.2.6/3.8', '8.2.7/3.8', '8.10.1/3.9']);
    for (const { status, headers, body } of [refusedOrder, refusedCode, unknown]) {
      expect(status).toBe(200);
      expect(headers).toMatchObject(both);
      expect(Object.keys(body)).toEqual(['header']);
      expect(Object.keys(body.header.functionExecutionStatus)).toEqual(['status', 'statusCodeData']);
      expect(body.header.functionExecutionStatus.status).toBe('Failed');
      expect(body.header.functionExecutionStatus.statusCodeData!.message).not.toBe('');
    }
  });

  test('no character of a reply is escaped that need not be', async () => {
    const session = await lpa(device(serial));
    const offer = await session.authenticate(made.matchingId);
    // Base64 has slashes, which JSON allows to be escaped.
    expect(session.initiated.text + offer.text).toContain('/');
    expect(session.initiated.text + offer.text).not.toContain('\\');
  });
});

test.each([['gsma-rsp-lpad'], ['gsma-rsp-lpae'], ['gsma-rsp-lpad;Lab 1.0'], [''], ['something else']])('a User-Agent of %j is served', async (agent) => {
  const chip = device(serial);
  const members = { euiccChallenge: b64(chip.getEuiccChallenge()), euiccInfo1: b64(chip.euiccInfo1()), smdpAddress: ADDRESS };
  expect(codeIn((await call('initiateAuthentication', members, { 'User-Agent': agent })).body)).toBe('ok');
});

test.each([
  ['no JSON', 400, 'authenticateClient', '{', {}, 'POST'], ['another path', 404, 'constructor', '{}', {}, 'POST'], ['another method', 405, 'authenticateClient', '', {}, 'GET'],
  ['another content type', 415, 'authenticateClient', '{}', { 'Content-Type': 'text/plain' }, 'POST'],
] as const)('X-Admin-Protocol stands in HTTP errors too: %s is %i', async (_what, status, name, body, headers, method) => {
  const reply = await post(listener, `${PATH}/${name}`, body, headers, method);
  expect([reply.status, reply.headers['x-admin-protocol']]).toEqual([status, 'gsma/rsp/v2.2.0']);
});

test('a well-formed result of a transaction nobody knows is acknowledged with 204', async () => {
  const data = buildInstallResultData({
    transactionId: fromHex('cd'.repeat(16)), notification: { seqNumber: 1, operation: 'install', address: ADDRESS }, smdpOid: OID, outcome: { ok: false, bppCommandId: 0, errorReason: 3 },
  });
  const told = await call('handleNotification', { pendingNotification: b64(buildInstallResult({ data, signature64: new Uint8Array(64).fill(1) })) });
  expect([told.status, told.text]).toEqual([204, '']);
});

test('a notification that cannot be stored is not acknowledged, and counts when it comes again', async () => {
  const made = await order(world);
  const session = await lpa(device(serial));
  await session.authenticate(made.matchingId);
  const result = { pendingNotification: b64(session.load(octets((await session.package()).body['boundProfilePackage']))) };
  await world.ctx.db.schema.alterTable('notifications').renameTo('notifications_away').execute();
  try {
    const refused = await call('handleNotification', result);
    expect(refused.status).toBe(503);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  } finally {
    await world.ctx.db.schema.alterTable('notifications_away').renameTo('notifications').execute();
  }
  expect((await profileRow(world, made.iccid)).order_state).toBe('downloaded');
  expect((await call('handleNotification', result)).status).toBe(204);
  expect((await profileRow(world, made.iccid)).order_state).toBe('installed');
});

describe('TLS', () => {
  /** What a client with these options agrees on, or the code of its failure. */
  const handshake = (port: number, options: ConnectionOptions): Promise<{ protocol: string; cipher: string; key: string; subject: string } | string> => new Promise((resolve) => {
    const socket: TLSSocket = connect({ host: '127.0.0.1', port, servername: ADDRESS, rejectUnauthorized: false, ...options }, () => {
      const info = socket.getEphemeralKeyInfo() as { name?: string };
      resolve({
        protocol: socket.getProtocol() ?? '', cipher: socket.getCipher().standardName, key: info.name ?? '', subject: Buffer.from(socket.getPeerX509Certificate()!.raw).toString('base64'),
      });
      socket.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });

  test.each([['ECDHE-ECDSA-AES128-GCM-SHA256', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'], ['ECDHE-ECDSA-AES128-SHA256', 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256']])(
    '1.2 with %s alone, SHA-256 with ECDSA alone and P-256 alone', async (ciphers, name) => {
      expect(await handshake(listener.port, { maxVersion: 'TLSv1.2', minVersion: 'TLSv1.2', ciphers, sigalgs: 'ECDSA+SHA256', ecdhCurve: 'P-256' }))
        .toMatchObject({ protocol: 'TLSv1.2', cipher: name, key: 'prime256v1', subject: b64(pkiOf().dptls.certificate) });
    });

  test.each(['AES128-GCM-SHA256', 'AES128-SHA256', 'DHE-RSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'])('1.2 without ephemeral ECDH signed by ECDSA (%s) is refused', async (ciphers) => {
    expect(typeof await handshake(listener.port, { maxVersion: 'TLSv1.2', ciphers })).toBe('string');
  });

  test('a brainpool certificate is served over brainpoolP256r1', async () => {
    const lab = createLabPki({ oid: OID, tlsNames: [ADDRESS], now: new Date(), random: seededRandom('brainpool es9+'), curve: 'brainpoolP256r1' });
    const ci = { ...lab.ci, name: [['CN', 'MVNE Desk Lab CI – not for production'], ['OU', 'Lab brainpoolP256r1'], ['O', 'MVNE Desk Lab']] as const };
    const dptls = certificateOn('brainpoolP256r1', ci, { names: [ADDRESS], oid: OID, subject: [['O', 'MVNE Desk Lab'], ['CN', ADDRESS]] });
    const other = await makeWorld({ profiles: 1, identities: { brainpool: { ...lab, dptls } } });
    const open = await listen(other);
    try {
      expect(await handshake(open.port, { maxVersion: 'TLSv1.2', ecdhCurve: 'brainpoolP256r1', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }))
        .toMatchObject({ protocol: 'TLSv1.2', key: 'brainpoolP256r1', subject: b64(dptls.certificate) });
    } finally {
      await open.close();
      await other.close();
    }
  });
});
