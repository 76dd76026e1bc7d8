import { connect } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Es9plusListener } from '../../../src/main/engine/wire/es9plus/index.ts';
import { ADDRESS, code, device, fetchProfile, importIdentity, listen, makeWorld, order, pkiOf, post } from './support.ts';
import type { World } from './support.ts';

let world: World;
let listener: Es9plusListener;
const PATH = '/gsma/rsp2/es9plus';

beforeAll(async () => {
  world = await makeWorld({ profiles: 20 });
  listener = await listen(world);
});
afterAll(async () => {
  await listener.close();
  await world.close();
});

const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const goodInitiate = (): Record<string, string> => {
  const chip = device(1);
  return { euiccChallenge: b64(chip.getEuiccChallenge()), euiccInfo1: b64(chip.euiccInfo1()), smdpAddress: ADDRESS };
};
const status = (text: string): { status: string; statusCodeData?: { subjectCode: string; reasonCode: string; message: string } } => JSON.parse(text).header.functionExecutionStatus;

describe('the JSON binding', () => {
  test('success: the members of the specification, both headers, nothing else', async () => {
    const reply = await post(listener, `${PATH}/initiateAuthentication`, JSON.stringify(goodInitiate()));
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('application/json');
    expect(reply.headers['x-admin-protocol']).toBe('gsma/rsp/v2.2.0');
    const body = JSON.parse(reply.text);
    expect(Object.keys(body).sort()).toEqual(['euiccCiPKIdToBeUsed', 'header', 'serverCertificate', 'serverSignature1', 'serverSigned1', 'transactionId']);
    expect(body.header).toEqual({ functionExecutionStatus: { status: 'Executed-Success' } });
    expect(Buffer.from(body.euiccCiPKIdToBeUsed, 'base64').subarray(0, 2).toString('hex')).toBe('0414');
    expect(Buffer.from(body.serverSignature1, 'base64').subarray(0, 3).toString('hex')).toBe('5f3740');
  });

  test('a header in the request, a charset and line breaks in base64 are taken', async () => {
    const good = goodInitiate();
    const folded = good['euiccInfo1']!.replace(/.{20}/g, '$&\r\n');
    const reply = await post(listener, `${PATH}/initiateAuthentication`, JSON.stringify({ header: { functionRequesterIdentifier: 'x', functionCallIdentifier: 'y' }, ...good, euiccInfo1: folded }), { 'Content-Type': 'application/json;charset=UTF-8' });
    expect(status(reply.text).status).toBe('Executed-Success');
  });

  test('failure: HTTP 200, header only, both headers, codes and a message', async () => {
    const reply = await post(listener, `${PATH}/initiateAuthentication`, JSON.stringify({ ...goodInitiate(), smdpAddress: 'other.example' }));
    expect(reply.status).toBe(200);
    expect(reply.headers['x-admin-protocol']).toBe('gsma/rsp/v2.2.0');
    expect(reply.headers['content-type']).toBe('application/json');
    expect(Object.keys(JSON.parse(reply.text))).toEqual(['header']);
    const failed = status(reply.text);
    expect(Object.keys(failed)).toEqual(['status', 'statusCodeData']);
    expect(failed).toMatchObject({ status: 'Failed', statusCodeData: { subjectCode: '8.8.1', reasonCode: '3.8' } });
    expect(failed.statusCodeData!.message).not.toBe('');
  });

  test.each([
    ['a member is missing', { euiccChallenge: undefined }, '1.6', '2.2'],
    ['a member is a number', { euiccChallenge: 5 }, '1.6', '2.1'],
    ['a member is null', { euiccInfo1: null }, '1.6', '2.2'],
    ['not base64', { euiccInfo1: '!!!!' }, '1.6', '2.1'],
    ['url-safe base64', { euiccInfo1: '_-8=' }, '1.6', '2.1'],
    ['not DER', { euiccInfo1: 'AAAA' }, '1.6', '2.1'],
    ['a challenge of 15 octets', { euiccChallenge: b64(new Uint8Array(15)) }, '1.6', '2.1'],
    ['an address longer than any', { smdpAddress: 'a'.repeat(300) }, '8.8.1', '3.8'],
    ['an endless address', { smdpAddress: 'a'.repeat(10_000) }, '1.6', '2.1'],
  ])('%s', async (_name, change, subjectCode, reasonCode) => {
    const reply = await post(listener, `${PATH}/initiateAuthentication`, JSON.stringify({ ...goodInitiate(), ...change }));
    expect(reply.status).toBe(200);
    expect(status(reply.text)).toMatchObject({ status: 'Failed', statusCodeData: { subjectCode, reasonCode } });
  });

  test.each(['', 'zz', 'A', '00'.repeat(17), '../../etc/passwd', "' or 1=1 --"])('the transaction id %j is unknown', async (transactionId) => {
    for (const [name, member] of [['authenticateClient', 'authenticateServerResponse'], ['getBoundProfilePackage', 'prepareDownloadResponse'], ['cancelSession', 'cancelSessionResponse']]) {
      const reply = await post(listener, `${PATH}/${name}`, JSON.stringify({ transactionId, [member!]: 'AAAA' }));
      expect(status(reply.text)).toMatchObject({ status: 'Failed', statusCodeData: { subjectCode: '8.10.1', reasonCode: '3.9' } });
    }
  });

  test.each([['no JSON', '{'], ['a list', '[]'], ['a text', '"x"'], ['null', 'null'], ['nothing', '']])('HTTP 400 for %s', async (_name, body) => {
    expect((await post(listener, `${PATH}/authenticateClient`, body)).status).toBe(400);
  });

  test('other paths, methods and content types', async () => {
    expect((await post(listener, `${PATH}/initiateAuthentication`, '', {}, 'GET')).status).toBe(405);
    expect((await post(listener, `${PATH}/constructor`, '{}')).status).toBe(404);
    expect((await post(listener, `${PATH}/`, '{}')).status).toBe(404);
    expect((await post(listener, '/', '{}')).status).toBe(404);
    expect((await post(listener, `${PATH}/initiateAuthentication`, '{}', { 'Content-Type': 'text/plain' })).status).toBe(415);
  });

  test.each([['nothing readable', { pendingNotification: '!!' }], ['no member', {}], ['garbage', { pendingNotification: 'AAAA' }], ['an empty list', { pendingNotification: 'MAA=' }]])(
    'a notification with %s is 204 and empty', async (_name, body) => {
      const reply = await post(listener, `${PATH}/handleNotification`, JSON.stringify(body));
      expect(reply.status).toBe(204);
      expect(reply.text).toBe('');
      expect(reply.headers['x-admin-protocol']).toBe('gsma/rsp/v2.2.0');
    });

  test('a fault of ours is a Failed answer without internals', async () => {
    const working = await listen(world);
    Object.assign(world.ctx, { vault: { ...world.engine.vault, call: () => Promise.reject(new Error('select secret from nowhere')) } });
    try {
      const reply = await post(working, `${PATH}/initiateAuthentication`, JSON.stringify(goodInitiate()));
      expect(status(reply.text)).toMatchObject({ status: 'Failed', statusCodeData: { subjectCode: '8.8', reasonCode: '4.2' } });
      expect(reply.text).not.toMatch(/secret|select/);
    } finally {
      Object.assign(world.ctx, { vault: world.engine.vault });
      await working.close();
    }
  });
});

describe('limits', () => {
  test('a body over the limit is cut off, said or not', async () => {
    const big = 'x'.repeat(65_537);
    for (const headers of [{}, { 'Transfer-Encoding': 'chunked' }] as Record<string, string>[]) {
      const reply = await post(listener, `${PATH}/authenticateClient`, big, headers).catch((error: NodeJS.ErrnoException) => ({ status: error.code }));
      expect([413, 'EPIPE', 'ECONNRESET']).toContain(reply.status);
    }
    const nested = '['.repeat(30_000) + ']'.repeat(30_000);
    expect((await post(listener, `${PATH}/authenticateClient`, `{"transactionId":${nested}}`)).status).toBe(200);
  });

  test('an address that asks too often hears 429, others go on', async () => {
    const settings = world.ctx.settings();
    const strict = new Proxy(world.ctx, { get: (target, name) => (name === 'settings' ? () => ({ ...settings, limits: { ...settings.limits, requestsPerMinutePerAddress: 10 } }) : Reflect.get(target, name)) });
    const { startEs9plus } = await import('../../../src/main/engine/wire/es9plus/index.ts');
    const open = await startEs9plus(strict, { host: '127.0.0.1', port: 0, behindProxy: true });
    try {
      const codes: number[] = [];
      for (let i = 0; i < 14; i++) codes.push((await post(open, `${PATH}/authenticateClient`, '{}', { 'X-Forwarded-For': 'unknown, 203.0.113.7' })).status);
      expect(codes.filter((one) => one === 200)).toHaveLength(10);
      expect(codes.slice(10)).toEqual([429, 429, 429, 429]);
      const told = Number((await post(open, `${PATH}/authenticateClient`, '{}', { 'X-Forwarded-For': '203.0.113.7' })).headers['retry-after']);
      world.clock.advance((told - 1) * 1000);
      world.clock.advance(1000);
      expect((await post(open, `${PATH}/authenticateClient`, '{}', { 'X-Forwarded-For': '203.0.113.7' })).status).toBe(200);
      expect((await post(open, `${PATH}/authenticateClient`, '{}', { 'X-Forwarded-For': '203.0.113.8' })).status).toBe(200);
    } finally {
      await open.close();
    }
  });

  test('connections of one address beyond the limit are dropped; a slow client does not hold one for ever', async () => {
    const settings = world.ctx.settings();
    const strict = new Proxy(world.ctx, { get: (target, name) => (name === 'settings' ? () => ({ ...settings, limits: { ...settings.limits, connectionsPerAddress: 3, headerSeconds: 1, bodySeconds: 1 } }) : Reflect.get(target, name)) });
    const { startEs9plus } = await import('../../../src/main/engine/wire/es9plus/index.ts');
    const open = await startEs9plus(strict, { host: '127.0.0.1', port: 0 });
    const idle = Array.from({ length: 3 }, () => connect(open.port, '127.0.0.1').on('error', () => undefined));
    await Promise.all(idle.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(post(open, `${PATH}/authenticateClient`, '{}')).rejects.toThrow();
    // The three never speak TLS: the handshake time-out frees them.
    await Promise.all(idle.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    expect((await post(open, `${PATH}/authenticateClient`, '{}')).status).toBe(200);
    await open.close();
  });

  test('TLS below 1.2 is refused, no client certificate is asked for', async () => {
    const outcome = await new Promise<string>((resolve) => {
      const socket = tlsConnect({ host: '127.0.0.1', port: listener.port, servername: ADDRESS, rejectUnauthorized: false, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }, () => resolve('open'));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    });
    expect(outcome).not.toBe('open');
    for (const [options, cipher] of [
      [{ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }, 'ECDHE-ECDSA-AES128-GCM-SHA256'], [{ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256' }, 'ECDHE-ECDSA-AES128-SHA256'],
    ] as const) {
      const name = await new Promise<string>((resolve, reject) => {
        const socket = tlsConnect({ host: '127.0.0.1', port: listener.port, servername: ADDRESS, rejectUnauthorized: false, ...options }, () => {
          resolve(socket.getCipher().name);
          socket.destroy();
        });
        socket.on('error', reject);
      });
      expect(name).toBe(cipher);
    }
  });
});

test('an identity imported while the listener runs is used at once; one without TLS certificate refuses to start', async () => {
  const empty = await makeWorld({ profiles: 2, identities: {} });
  try {
    await expect(listen(empty)).rejects.toMatchObject({ code: 'TLS_CERTIFICATE_MISSING' });
    await expect(listen(empty, { identities: ['nobody'] })).rejects.toMatchObject({ code: 'IDENTITY_UNKNOWN' });
    await importIdentity(empty.engine, 'nist', pkiOf());
    const open = await listen(empty);
    await expect(listen(empty, { port: open.port })).rejects.toMatchObject({ code: 'LISTENER_FAILED' });
    const brainpool = pkiOf('brainpoolP256r1');
    const made = await order(empty);
    expect(code(await fetchProfile(open, { activationCode: made.activationCode, device: device(1, { pkis: [brainpool] }) }))).toBe('8.8.2/3.1');
    await importIdentity(empty.engine, 'brainpool', brainpool);
    expect(code(await fetchProfile(open, { activationCode: made.activationCode, device: device(1, { pkis: [brainpool] }) }))).toBe('installed');
    await open.close();
  } finally {
    await empty.close();
  }
});
