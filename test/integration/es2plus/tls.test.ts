import { createHash } from 'node:crypto';
import { request } from 'node:https';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { certificatePem, createLabPki } from '../../../src/main/lab/pki/index.ts';
import { seededRandom } from '../../support/engine.ts';
import {
  ADDRESS, addBrand, brandCa, brandClient, call, certificateOn, clientOf, connection, es2plusAgent, listenEs2, makeWorld, now, otherCa, pkiOf, reissueTls, strangeCa,
} from './support.ts';
import type { Es2plusListener, World } from './support.ts';

let world: World;
let listener: Es2plusListener;
const pinned = certificateOn('P-256', strangeCa, { subject: [['CN', 'pinned']] });
const brainpoolPinned = certificateOn('brainpoolP256r1', strangeCa, { subject: [['CN', 'pinned brainpool']] });
const brainpoolCa = certificateOn('brainpoolP256r1', strangeCa, { role: 'ci', subject: [['CN', 'Brand C brainpool CA']] });

beforeAll(async () => {
  world = await makeWorld({ profiles: 20 });
  listener = await listenEs2(world);
  await addBrand(world.ctx, 'A', { ca: brandCa.certificate });
  await addBrand(world.ctx, 'P', { certificate: pinned.certificate });
  await addBrand(world.ctx, 'Q', { certificate: brainpoolPinned.certificate });
  await addBrand(world.ctx, 'C', { ca: brainpoolCa.certificate });
});
afterAll(async () => {
  await listener.close();
  await world.close();
});

const status = { iccidList: [{ iccid: '8949449999999990007' }] };
interface Client { readonly cert?: string; readonly key?: string }

/** With the TLS version of one's choice and curves that let a brainpool client in. */
function tlsCall(client: Client, options: { version?: 'TLSv1.2' | 'TLSv1.3'; session?: Buffer; to?: Es2plusListener; blind?: boolean } = {}): Promise<{ status: number; text: string; headers: NodeJS.Dict<string | string[]>; reused: boolean; session: Buffer | undefined }> {
  return new Promise((resolve, reject) => {
    let session: Buffer | undefined;
    const body = JSON.stringify({ header: { functionRequesterIdentifier: 'x', functionCallIdentifier: 'y' }, ...status });
    const sent = request({
      host: '127.0.0.1', port: (options.to ?? listener).port, servername: ADDRESS, agent: false, method: 'POST', path: '/gsma/rsp2/es2plus/getProfileStatus',
      // Node's own TLS client ends the process on a brainpool chain it verified.
      ...(options.blind ? { rejectUnauthorized: false } : { ca: certificatePem(pkiOf().ci.certificate) }),
      ...client, ecdhCurve: 'X25519:P-256:brainpoolP256r1', ...(options.version ? { minVersion: options.version, maxVersion: options.version } : {}), ...(options.session ? { session: options.session } : {}),
      headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
    }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => { text += part.toString(); });
      response.on('end', () => setImmediate(() => resolve({ status: response.statusCode ?? 0, text, headers: response.headers, reused, session })));
    });
    let reused = false;
    sent.on('socket', (socket) => {
      socket.on('session', (one: Buffer) => { session = one; });
      socket.on('secureConnect', () => { reused = (socket as unknown as { isSessionReused(): boolean }).isSessionReused(); });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('who is let in', () => {
  test.each<[string, Client]>([['by the CA of a brand', brandClient], ['by the very certificate', pinned], ['by a brainpool certificate', brainpoolPinned], ['by a brainpool CA', certificateOn('brainpoolP256r1', brainpoolCa)]])('%s, TLS 1.2 and 1.3', async (_how, client) => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) expect(await tlsCall(client, { version })).toMatchObject({ status: 200 });
  });

  test('over an intermediate CA, also when the client offers its earlier session', async () => {
    const intermediate = certificateOn('P-256', brandCa, { role: 'eum', subject: [['CN', 'Brand A issuing CA']], defects: ['uncritical-policies'] });
    const leaf = certificateOn('P-256', intermediate, { subject: [['CN', 'bss behind an intermediate']] });
    const client = { cert: leaf.cert + intermediate.cert, key: leaf.key };
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const first = await tlsCall(client, { version });
      expect(first.status).toBe(200);
      // A resumed session would carry the leaf alone.
      expect(await tlsCall(client, { version, ...(first.session ? { session: first.session } : {}) })).toMatchObject({ status: 200, reused: false });
    }
    expect((await tlsCall({ cert: leaf.cert, key: leaf.key })).status).toBe(403);
  });
});

describe('who is not', () => {
  const day = 86_400_000;
  const wrong: [string, Client, number][] = [
    ['no certificate', {}, 401],
    ['of an unknown CA', clientOf(strangeCa), 403],
    ['of an unknown CA with the name of a known one', certificateOn('P-256', { ...strangeCa, name: brandCa.name }), 403],
    ['self-signed', certificateOn('P-256', brandCa, { defects: ['self-signed'] }), 403],
    ['self-signed on brainpool', certificateOn('brainpoolP256r1', brandCa, { defects: ['self-signed'], subject: [['CN', 'self']] }), 403],
    ['expired', certificateOn('P-256', brandCa, { defects: ['expired'] }), 403],
    ['not yet valid', certificateOn('P-256', brandCa, { defects: ['not-yet-valid'] }), 403],
    ['a bad signature', certificateOn('P-256', brandCa, { defects: ['bad-signature'] }), 403],
    ['brainpool of an unknown CA', certificateOn('brainpoolP256r1', strangeCa, { subject: [['CN', 'stranger']] }), 403],
    ['ended a minute ago', certificateOn('P-256', brandCa, { notBefore: new Date(now.getTime() - day), notAfter: new Date(now.getTime() - 60_000), subject: [['CN', 'late']] }), 403],
  ];
  test.each(wrong)('%s: HTTP error with a JSON body and both headers', async (_what, client, code) => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const reply = await tlsCall(client, { version });
      expect(reply.status).toBe(code);
      expect(reply.headers).toMatchObject({ 'content-type': 'application/json', 'x-admin-protocol': 'gsma/rsp/v2.2.0', connection: 'close' });
      expect(Object.keys(JSON.parse(reply.text) as object)).toEqual(['error']);
    }
  });

  test('a leaf of a stranger that sends a known CA along', async () => {
    const leaf = clientOf(strangeCa);
    expect((await tlsCall({ cert: leaf.cert + certificatePem(brandCa.certificate) + brandClient.cert, key: leaf.key })).status).toBe(403);
  });

  test('a long chain, and a certificate of 60 kB', async () => {
    const leaf = clientOf(strangeCa);
    const others = Array.from({ length: 8 }, (_, i) => certificateOn('P-256', strangeCa, { subject: [['CN', `padding ${i}`]] }).cert).join('');
    expect((await tlsCall({ cert: leaf.cert + others, key: leaf.key })).status).toBe(403);
    const big = certificateOn('P-256', brandCa, { names: Array.from({ length: 600 }, (_, i) => `host-${i}.${'a'.repeat(60)}.example`), subject: [['CN', 'big']] });
    const answer = await tlsCall(big).catch((error: Error) => error);
    if (!(answer instanceof Error)) expect([200, 403]).toContain(answer.status);
    expect((await tlsCall(brandClient)).status).toBe(200);
  });

  test('a certificate whose key the client does not hold ends in the handshake', async () => {
    await expect(new Promise((_, reject) => {
      const socket = connect({ host: '127.0.0.1', port: listener.port, servername: ADDRESS, ca: certificatePem(pkiOf().ci.certificate), cert: brandClient.cert, key: clientOf(brandCa).key });
      socket.on('error', reject);
    })).rejects.toThrow();
  });

  test('suspended, resumed, credential removed: at once, also on an open connection', async () => {
    const id = await addBrand(world.ctx, 'S', { ca: otherCa.certificate });
    const agent = es2plusAgent(connection(listener, clientOf(otherCa)), 1);
    const ask = () => call(listener, 'getProfileStatus', status, { agent });
    try {
      expect((await ask()).status).toBe(200);
      await world.ctx.db.updateTable('brands').set({ state: 'suspended' }).where('id', '=', id).execute();
      expect(await ask()).toMatchObject({ status: 403, body: { error: 'this client is suspended' } });
      await world.ctx.db.updateTable('brands').set({ state: 'active' }).where('id', '=', id).execute();
      expect((await ask()).status).toBe(200);
      await world.ctx.db.deleteFrom('brand_credentials').where('brand_id', '=', id).execute();
      expect((await ask()).status).toBe(403);
    } finally {
      agent.destroy();
    }
  });
});

describe('our own certificate', () => {
  test('an identity that is not there, and one that is', async () => {
    await expect(listenEs2(world, { identity: 'nobody' })).rejects.toMatchObject({ code: 'IDENTITY_UNKNOWN' });
    const own = await listenEs2(world, { identity: 'nist' });
    expect(own.identities).toEqual(['nist']);
    expect((await tlsCall(brandClient, { to: own })).status).toBe(200);
    await own.close();
  });

  test('a port in use', async () => {
    await expect(listenEs2(world, { port: listener.port })).rejects.toMatchObject({ code: 'LISTENER_FAILED' });
  });

  test('replaced while it listens: shown from the next connection on, and clients are still asked', async () => {
    const shown = () => new Promise<string>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: listener.port, servername: ADDRESS, rejectUnauthorized: false, ...brandClient }, () => {
        const der = socket.getPeerX509Certificate()!.raw;
        socket.destroy();
        resolve(createHash('sha256').update(der).digest('hex'));
      });
      socket.on('error', reject);
    });
    const before = await shown();
    const fresh = reissueTls(pkiOf(), [ADDRESS], new Date(), seededRandom('fresh'));
    const put = (bytes: Uint8Array): string => world.ctx.uploads.put(Uint8Array.from(bytes));
    await world.engine.ok('pki.import', { identity: 'nist', role: 'tls', certificate: put(fresh.certificate), key: put(fresh.privateKeyPkcs8) });
    expect((await tlsCall(brandClient)).status).toBe(200);
    expect(await shown()).not.toBe(before);
    expect((await tlsCall({})).status).toBe(401);
    expect((await tlsCall(clientOf(strangeCa))).status).toBe(403);
  });

  test('a brainpool certificate of ours, over TLS 1.2', async () => {
    const lab = createLabPki({ oid: '2.999.10', tlsNames: [ADDRESS], now, random: seededRandom('brainpool tls'), curve: 'brainpoolP256r1' });
    const ci = { ...lab.ci, name: [['CN', 'MVNE Desk Lab CI – not for production'], ['OU', 'Lab brainpoolP256r1'], ['O', 'MVNE Desk Lab']] as const };
    const dptls = certificateOn('brainpoolP256r1', ci, { names: [ADDRESS], oid: '2.999.10', subject: [['O', 'MVNE Desk Lab'], ['CN', ADDRESS]] });
    const brainpool = await makeWorld({ profiles: 1, identities: { brainpool: { ...lab, dptls } } });
    await addBrand(brainpool.ctx, 'A', { ca: brandCa.certificate, certificate: brainpoolPinned.certificate });
    const own = await listenEs2(brainpool);
    for (const client of [brandClient, brainpoolPinned]) expect((await tlsCall(client, { to: own, version: 'TLSv1.2', blind: true })).status).toBe(200);
    expect((await tlsCall({}, { to: own, blind: true })).status).toBe(401);
    await own.close();
    await brainpool.close();
  });
});
