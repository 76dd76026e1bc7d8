import { createServer as createPlainServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLabPki } from '../../../src/main/lab/pki/index.ts';
import type { LabBss } from '../../../src/main/lab/operator/index.ts';
import { certificatePem } from '../../../src/main/lab/pki/index.ts';
import { seededRandom } from '../../support/engine.ts';
import { brandCa, EID, OID, openSender, otherCa, pki, serverTls, startBss } from './support.ts';
import type { Sender } from './support.ts';

let sender: Sender;
const open: { close(): Promise<void> | void }[] = [];
const bss = async (...options: Parameters<typeof startBss>): Promise<LabBss> => {
  const made = await startBss(...options);
  open.push(made);
  return made;
};
beforeEach(async () => {
  sender = await openSender();
});
afterEach(async () => {
  await sender.close();
  for (const one of open.splice(0)) await one.close();
});

const lastError = async () => (await sender.rows()).at(-1)?.last_error;
const minute = 60_000;

describe('progress over mutual TLS (SGP.22 v2.2, 5.3.5, 6.5.2.5)', () => {
  test('member by member, with our certificate, answered 204', async () => {
    const receiver = await bss();
    await sender.brand(1, { url: receiver.url });
    await sender.say(1, 1, {
      payload: {
        notificationPointId: 4, resultData: Buffer.from('bf3700', 'hex').toString('base64'),
        notificationPointStatus: { status: 'Failed', statusCodeData: { subjectCode: '8.2.7', reasonCode: '3.8', message: 'refused' } },
      },
    });
    await sender.say(1, 2, { payload: { eid: undefined } });
    await sender.tick();
    expect(receiver.faults).toEqual([]);
    expect(receiver.taken.find((message) => message.iccid.endsWith('001'))).toEqual({
      header: { functionRequesterIdentifier: OID, functionCallIdentifier: expect.stringMatching(/^[0-9A-F]{32}$/) }, eid: EID, iccid: '8988001200000000001', profileType: 'consumer',
      timestamp: '2026-01-15T12:00:00Z', notificationPointId: 4, resultData: 'vzcA',
      notificationPointStatus: { status: 'Failed', statusCodeData: { subjectCode: '8.2.7', reasonCode: '3.8', message: 'refused' } },
    });
    expect(receiver.taken.find((message) => message.iccid.endsWith('002'))).not.toHaveProperty('eid');
    expect(receiver.requests[0]).toMatchObject({ method: 'POST', path: '/gsma/rsp2/es2plus/handleDownloadProgressInfo', clientOid: OID });
    expect(receiver.requests[0]?.headers).toMatchObject({ 'x-admin-protocol': 'gsma/rsp/v2.2.0', 'content-type': 'application/json', host: `127.0.0.1:${receiver.port}` });
    expect(await sender.rows()).toMatchObject([{ state: 'done', attempts: 1 }, { state: 'done', attempts: 1 }]);
  });

  test('a URL with a path is used as it is; a connection is used again', async () => {
    const receiver = await bss({ path: '/hooks/esim' });
    await sender.brand(1, { url: receiver.url });
    for (let n = 0; n < 12; n++) {
      await sender.say(1, n);
      await sender.tick();
    }
    expect(receiver.taken).toHaveLength(12);
    expect(receiver.connections).toBe(1);
  });

  test('shown with the EID masked, as it is sent otherwise', async () => {
    const receiver = await bss();
    await sender.brand(1, { url: `${receiver.url}/?key=hidden` });
    await sender.say(1, 1);
    const shown = await sender.engine.ok<{ target: string; body: string }>('outbox.show', { id: 1 });
    expect(shown.target).toBe(`${receiver.url}/?…`);
    expect(shown.body).not.toContain(EID);
    expect(shown.body).toContain(`${EID.slice(0, 6)}••`);
    expect(shown.body).toContain('8988001200000000001');
    expect(JSON.stringify(shown)).not.toContain('hidden');
  });

  test('a replaced certificate is shown from the next message on', async () => {
    const next = createLabPki({ curve: 'P-256', oid: '2.999.77', tlsNames: ['smdp.test.example'], now: new Date(), random: seededRandom('second pki') });
    const receiver = await bss({ clientCa: [certificatePem(pki.ci.certificate), certificatePem(next.ci.certificate)] });
    await sender.brand(1, { url: receiver.url });
    await sender.say(1, 1);
    await sender.tick();
    const put = (bytes: Uint8Array): string => sender.engine.ctx.uploads.put(Uint8Array.from(bytes));
    await sender.engine.ok('pki.import', { identity: 'second', role: 'ci', certificate: put(next.ci.certificate) });
    for (const role of ['dpauth', 'tls'] as const) {
      const issued = role === 'tls' ? next.dptls : next.dpauth;
      await sender.engine.ok('pki.import', { identity: 'second', role, certificate: put(issued.certificate), key: put(issued.privateKeyPkcs8) });
    }
    await sender.brand(1, { url: receiver.url, identity: 'second' });
    await sender.say(1, 2);
    await sender.tick();
    expect(receiver.requests.map((request) => request.clientOid)).toEqual([OID, '2.999.77']);
    expect(receiver.taken.map((message) => message.header.functionRequesterIdentifier)).toEqual([OID, '2.999.77']);
  });

  test('plain http only to this machine and only in a Lab', async () => {
    const bodies: string[] = [];
    const plain = createPlainServer((request, response) => {
      request.on('data', (part: Buffer) => bodies.push(part.toString()));
      request.on('end', () => response.writeHead(204).end());
    });
    await new Promise<void>((ready) => plain.listen(0, '127.0.0.1', ready));
    open.push({ close: () => void plain.close() });
    const url = `http://127.0.0.1:${(plain.address() as AddressInfo).port}/x`;
    await sender.brand(1, { url });
    await sender.say(1, 1);
    await sender.tick();
    expect(await sender.rows()).toMatchObject([{ state: 'done' }]);
    const strict = await openSender({ environment: 'test' });
    open.push(strict);
    await strict.brand(1, { url });
    await strict.say(1, 1);
    await strict.tick();
    expect(await strict.rows()).toMatchObject([{ state: 'dead', last_error: expect.stringContaining('https') }]);
    expect(bodies).toHaveLength(1);
  });
});

describe('a receiver that is not the one expected', () => {
  const cases: [string, () => Promise<LabBss>, RegExp][] = [
    ['a certificate of another CA', () => bss({ tls: serverTls(otherCa) }), /not issued by a CA we trust/],
    ['an expired certificate', () => bss({ tls: serverTls(brandCa, { defects: ['expired'] }) }), /has expired/],
    ['one that is not valid yet', () => bss({ tls: serverTls(brandCa, { defects: ['not-yet-valid'] }) }), /not valid yet/],
    ['one for another name', () => bss({ tls: serverTls(brandCa, { names: ['other.example'] }) }), /is not for 127\.0\.0\.1/],
    ['one with a broken signature', () => bss({ tls: serverTls(brandCa, { defects: ['bad-signature'] }) }), /not issued by a CA we trust|no version|certificate/],
    ['one that does not accept ours', () => bss({ clientCa: [certificatePem(otherCa.certificate)] }), /may not accept our TLS certificate/],
  ];
  test.each(cases)('%s: nothing is sent', async (_name, start, why) => {
    const receiver = await start();
    await sender.brand(1, { url: receiver.url });
    await sender.say(1, 1);
    await sender.tick();
    expect(await sender.rows()).toMatchObject([{ state: 'waiting', attempts: 1, last_error: expect.stringMatching(why) }]);
    expect(receiver.requests).toEqual([]);
  });

  test('the CAs of the system do not make up for the one given, nor the other way round', async () => {
    const receiver = await bss();
    await sender.brand(1, { url: receiver.url, ca: null });
    await sender.say(1, 1);
    await sender.tick();
    expect(await lastError()).toMatch(/not issued by a CA we trust/);
    expect(receiver.requests).toEqual([]);
  });

  test('the very certificate may be given instead of its CA', async () => {
    const tls = serverTls();
    const receiver = await bss({ tls });
    await sender.brand(1, { url: receiver.url, ca: tls.certificate });
    await sender.say(1, 1);
    await sender.tick();
    expect(receiver.taken).toHaveLength(1);
  });

  test('a CA on a brainpool curve is refused before any connection', async () => {
    const receiver = await bss();
    const brainpool = createLabPki({ curve: 'brainpoolP256r1', oid: OID, tlsNames: [], now: new Date(), random: seededRandom('bp') });
    await sender.brand(1, { url: receiver.url, ca: brainpool.ci.certificate });
    await sender.say(1, 1);
    await sender.tick();
    expect(await lastError()).toMatch(/brainpool/);
    expect(receiver.connections).toBe(0);
  });

  test('rubbish in the place of the CA trusts nobody', async () => {
    const receiver = await bss();
    await sender.brand(1, { url: receiver.url, ca: Buffer.from('3003020101', 'hex') });
    await sender.say(1, 1);
    await sender.tick();
    expect(await lastError()).toMatch(/not issued by a CA we trust|cannot be used/);
    expect(receiver.requests).toEqual([]);
  });

  test('no TLS certificate of ours, or not in the identity named', async () => {
    const bare = await openSender({ withTls: false });
    open.push(bare);
    const receiver = await bss();
    await bare.brand(1, { url: receiver.url });
    await bare.say(1, 1);
    await bare.tick();
    expect((await bare.rows())[0]).toMatchObject({ state: 'waiting', last_error: 'No identity has a TLS certificate to show to the receiver.' });
    await sender.brand(1, { url: receiver.url, identity: 'nobody' });
    await sender.say(1, 1);
    await sender.tick();
    expect(await lastError()).toBe('The identity nobody has no TLS certificate to show to the receiver.');
  });
});

describe('a receiver that misbehaves', () => {
  test('nothing listens, unknown name, no TLS, silence', async () => {
    const silent = createTcpServer(() => undefined);
    const chatty = createPlainServer((_request, response) => response.end());
    for (const server of [silent, chatty]) {
      await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
      open.push({ close: () => void server.close() });
    }
    const free = createTcpServer();
    await new Promise<void>((ready) => free.listen(0, '127.0.0.1', ready));
    const { port } = free.address() as AddressInfo;
    await new Promise((ready) => free.close(ready));
    const urls: [string, RegExp][] = [
      [`https://127.0.0.1:${port}`, /Nothing listens/], ['https://no-such-host.invalid', /not known|looked up/],
      [`https://127.0.0.1:${(chatty.address() as AddressInfo).port}`, /does not speak TLS|broke the connection/], [`https://127.0.0.1:${(silent.address() as AddressInfo).port}`, /No connection within 0\.4 seconds/],
    ];
    for (const [i, [url]] of urls.entries()) {
      await sender.brand(i + 1, { url });
      await sender.say(i + 1, i);
    }
    await sender.tick();
    const rows = await sender.rows();
    for (const [i, [url, why]] of urls.entries()) expect(rows[i], url).toMatchObject({ state: 'waiting', attempts: 1, last_error: expect.stringMatching(why) });
  });

  test('500, then well again: delivered once', async () => {
    const receiver = await bss();
    receiver.misbehave({ kind: 'status', status: 500 }, 2);
    await sender.brand(1, { url: receiver.url });
    await sender.say(1, 1);
    await sender.tick();
    expect(await sender.rows()).toMatchObject([{ state: 'waiting', attempts: 1, last_error: 'It answers HTTP 500.' }]);
    await sender.tick(minute);
    await sender.tick(minute);
    expect(await sender.rows()).toMatchObject([{ state: 'done', attempts: 3 }]);
    expect(receiver.taken).toHaveLength(1);
    expect(receiver.repeats).toHaveLength(0);
  });

  test('503 with Retry-After', async () => {
    const receiver = await bss();
    receiver.misbehave({ kind: 'status', status: 503, headers: { 'Retry-After': '120' } }, 1);
    await sender.brand(1, { url: receiver.url });
    await sender.say(1, 1);
    await sender.tick();
    await sender.tick(119_000);
    expect(receiver.requests).toHaveLength(1);
    await sender.tick(1000);
    expect(receiver.taken).toHaveLength(1);
  });

  test('400, 301 and Failed are for good', async () => {
    const receiver = await bss();
    await sender.brand(1, { url: receiver.url });
    const failed = JSON.stringify({ header: { functionExecutionStatus: { status: 'Failed', statusCodeData: { subjectCode: '8.2.1', reasonCode: '3.9' } } } });
    for (const [i, how] of ([{ kind: 'status', status: 400 }, { kind: 'status', status: 301, headers: { Location: 'https://elsewhere.example/' } }, { kind: 'body', status: 200, text: failed }] as const).entries()) {
      receiver.misbehave(how, 1);
      await sender.say(1, i);
      await sender.tick();
    }
    expect((await sender.rows()).map((row) => [row.state, row.last_error])).toEqual([
      ['dead', 'It answers HTTP 400 and will not take this message.'], ['dead', 'It answers HTTP 301 and points elsewhere; give the final address as callback.'], ['dead', 'It refused: 8.2.1/3.9.'],
    ]);
    expect(receiver.requests).toHaveLength(3);
  });

  test('hangs, breaks off, answers without end, answers slowly', async () => {
    const receiver = await bss();
    await sender.brand(1, { url: receiver.url });
    await sender.say(1, 1);
    receiver.misbehave({ kind: 'hang' }, 1);
    await sender.tick();
    expect(await lastError()).toBe('No answer within 0.8 seconds.');
    receiver.misbehave({ kind: 'close' }, 1);
    await sender.tick(minute);
    expect(await lastError()).toMatch(/^It broke the connection off\./);
    receiver.misbehave({ kind: 'huge' }, 1);
    await sender.tick(minute);
    expect(await lastError()).toBe('It answers with more than 64 kB.');
    receiver.misbehave({ kind: 'slow', milliseconds: 200 }, 1);
    await sender.tick(minute);
    expect(await sender.rows()).toMatchObject([{ state: 'done', attempts: 4 }]);
  });

  test('its answer gets lost: it gets the message again and can tell', async () => {
    const receiver = await bss();
    receiver.misbehave({ kind: 'answer-lost' }, 1);
    await sender.brand(1, { url: receiver.url });
    await sender.say(1, 1);
    await sender.tick();
    await sender.tick(minute);
    expect(receiver.taken).toHaveLength(1);
    expect(receiver.repeats).toEqual([receiver.taken[0]]);
    expect(await sender.rows()).toMatchObject([{ state: 'done' }]);
  });

  test('a kept connection it closes at the moment we use it is no failure; a new one it closes is', async () => {
    const receiver = await bss();
    await sender.brand(1, { url: receiver.url });
    await sender.say(1, 1);
    await sender.tick();
    receiver.misbehave({ kind: 'close' }, 1);
    await sender.say(1, 2);
    await sender.tick();
    expect(receiver.connections).toBe(2);
    expect((await sender.rows()).map((row) => [row.state, row.attempts])).toEqual([['done', 1], ['done', 1]]);
    receiver.misbehave({ kind: 'close' }, 2);
    await sender.say(1, 3);
    await sender.tick();
    expect((await sender.rows()).at(-1)).toMatchObject({ state: 'waiting', attempts: 1 });
  });

  test('the vault hands no key over for a while', async () => {
    const receiver = await bss();
    await sender.brand(1, { url: receiver.url });
    await sender.say(1, 1);
    const { call } = sender.engine.vault;
    const { VaultError } = await import('../../../src/main/vault-link/operations.ts');
    sender.engine.vault.call = async () => {
      throw new VaultError('VAULT_UNAVAILABLE', 'away');
    };
    await sender.tick();
    expect(await lastError()).toMatch(/vault/);
    sender.engine.vault.call = call;
    await sender.tick(minute);
    expect(receiver.taken).toHaveLength(1);
  });
});

describe('one dead target and 10,000 messages', () => {
  test('another brand gets all of its own at once', async () => {
    const receiver = await bss();
    const hanging = createTcpServer(() => undefined);
    await new Promise<void>((ready) => hanging.listen(0, '127.0.0.1', ready));
    open.push({ close: () => void hanging.close() });
    await sender.brand(1, { url: `https://127.0.0.1:${(hanging.address() as AddressInfo).port}` });
    await sender.brand(2, { url: receiver.url });
    const { clock, ctx } = sender.engine;
    await ctx.db.transaction().execute(async (tx) => {
      for (let start = 0; start < 10_000; start += 500) {
        await tx.insertInto('outbox').values(Array.from({ length: 500 }, (_, i) => ({
          kind: 'es2plus.handleDownloadProgressInfo', dedupe: `dead ${start + i}`, summary: 'x', lane: 'brand:1', brand_id: 1, order_id: `order ${start + i}`, next_at: clock.now(), since: clock.now(), created_at: clock.now(),
          payload: JSON.stringify({ brandId: 1, iccid: '8988001200000000001', profileType: 'x'.repeat(500), timestamp: '2026-01-15T12:00:00Z', notificationPointId: 3, notificationPointStatus: { status: 'Executed-Success' } }),
        }))).execute();
      }
    });
    for (let n = 0; n < 100; n++) await sender.say(2, n);
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    sender.worker.wake();
    await expect.poll(() => receiver.taken.length, { timeout: 20_000 }).toBe(100);
    await sender.tick();
    for (let i = 0; i < 10; i++) await sender.tick(minute);
    const dead = await ctx.reader.selectFrom('outbox').select((e) => e.fn.sum<number>('attempts').as('n')).where('lane', '=', 'brand:1').executeTakeFirstOrThrow();
    expect(Number(dead.n)).toBeGreaterThan(3);
    expect(Number(dead.n)).toBeLessThan(16);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 1024 * 1024);
  });
});
