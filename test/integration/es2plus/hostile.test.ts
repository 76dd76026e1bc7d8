import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Settings } from '../../../src/shared/contract/workspace.ts';
import { startEs2plus } from '../../../src/main/engine/wire/es2plus/index.ts';
import { ADDRESS, addBrand, auditRows, brandCa, brandClient, call, clientOf, connection, es2plusAgent, header, listenEs2, makeWorld, profileRow, strangeCa } from './support.ts';
import type { Es2plusListener, World } from './support.ts';

let world: World;
let listener: Es2plusListener;
beforeAll(async () => {
  world = await makeWorld({ profiles: 10 });
  await addBrand(world.ctx, 'A', { ca: brandCa.certificate });
  listener = await listenEs2(world);
});
afterAll(async () => {
  await listener.close();
  await world.close();
});

const PATH = '/gsma/rsp2/es2plus';
const nobody = { iccid: '8900000000000099999' };

function listenWith(limits: Partial<Settings['limits']>): Promise<Es2plusListener> {
  const settings = world.ctx.settings();
  const changed = { ...settings, limits: { ...settings.limits, ...limits } };
  return startEs2plus(new Proxy(world.ctx, { get: (target, name) => (name === 'settings' ? () => changed : Reflect.get(target, name)) }), { host: '127.0.0.1', port: 0 });
}

/** Raw octets over mutual TLS; answers what came until the connection ended or `quiet` milliseconds passed. */
function talk(port: number, parts: readonly (string | Buffer | number)[], quiet = 400): Promise<{ text: string; closed: boolean }> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({ host: '127.0.0.1', port, servername: ADDRESS, rejectUnauthorized: false, ...brandClient }, () => void send());
    let text = '';
    let timer: NodeJS.Timeout | undefined;
    const done = (closed: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text, closed });
    };
    socket.on('data', (part: Buffer) => { text += part.toString('latin1'); });
    socket.on('close', () => done(true));
    socket.on('error', () => undefined);
    socket.once('error', (error) => { if (text === '') reject(error); });
    const send = async () => {
      for (const part of parts) {
        if (typeof part === 'number') await new Promise((next) => setTimeout(next, part));
        else socket.write(part);
      }
      timer = setTimeout(() => done(false), quiet);
    };
  });
}

describe('HTTP that is none of ES2+', () => {
  test.each<[string, string, object | string, Record<string, string | undefined>, number]>([
    ['another path', '/gsma/rsp2/es9plus/initiateAuthentication', {}, {}, 404],
    ['no function', `${PATH}/`, {}, {}, 404],
    ['a name every object has', `${PATH}/constructor`, {}, {}, 404],
    ['our own notification', `${PATH}/handleDownloadProgressInfo`, {}, {}, 404],
    ['another content type', `${PATH}/releaseProfile`, '{}', { 'Content-Type': 'text/plain' }, 415],
    ['a version 3 client', `${PATH}/releaseProfile`, '{}', { 'X-Admin-Protocol': 'gsma/rsp/v3.0.0' }, 400],
    ['another protocol', `${PATH}/releaseProfile`, '{}', { 'X-Admin-Protocol': 'globalplatform-remote-admin/1.0' }, 400],
  ])('%s', async (_what, path, body, headers, status) => {
    const answer = await call(listener, path, body, { headers });
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'x-admin-protocol': 'gsma/rsp/v2.2.0' });
    expect(Object.keys(answer.body!)).toEqual(['error']);
  });

  test.each<[string, Record<string, string | undefined>]>([
    ['no X-Admin-Protocol', { 'X-Admin-Protocol': undefined }], ['no content type', { 'Content-Type': undefined }], ['pySim\'s version', { 'X-Admin-Protocol': 'gsma/rsp/v2.5.0' }],
    ['a charset', { 'Content-Type': 'application/json;charset=UTF-8' }],
  ])('%s is tolerated', async (_what, headers) => {
    expect((await call(listener, 'releaseProfile', nobody, { headers })).code).toBe('8.2.1/3.9');
  });

  test('GET', async () => {
    const { text } = await talk(listener.port, [`GET ${PATH}/releaseProfile HTTP/1.1\r\nHost: x\r\n\r\n`]);
    expect(text).toMatch(/^HTTP\/1\.1 405 .*Allow: POST/s);
  });
});

describe('JSON that is odd', () => {
  test.each<[string, string | Uint8Array]>([
    ['nothing', ''], ['half of it', '{"header":'], ['a list', '[]'], ['null', 'null'], ['a text', '"x"'], ['a number', '1e400'], ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ['deep and unfinished', '{"iccid":'.repeat(100_000)],
  ])('%s: HTTP 400', async (_what, body) => {
    expect((await call(listener, `${PATH}/releaseProfile`, body)).status).toBe(400);
  });

  test('deep, wide, poisoned or doubled members do not hurt', async () => {
    const own = `"header":${JSON.stringify(header())},"iccid":"${nobody.iccid}"`;
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const wide = Array.from({ length: 20_000 }, (_, i) => `"m${i}":${i}`).join(',');
    for (const more of [`"x":${deep}`, wide, '"__proto__":{"iccid":1,"header":1}', '"constructor":{"prototype":{"iccid":1}}', '"iccid":"8949449999999990007","iccid":"8900000000000099999"', '"hasOwnProperty":1,"toString":1']) {
      expect((await call(listener, `${PATH}/releaseProfile`, `{${own},${more}}`)).code, more.slice(0, 40)).toBe('8.2.1/3.9');
    }
    expect((await call(listener, `${PATH}/releaseProfile`, `{"header":${deep},"iccid":"x"}`)).code).toBe('1.6/2.1');
    expect((await call(listener, `${PATH}/releaseProfile`, `{"header":${JSON.stringify(header())},"iccid":${deep}}`)).code).toBe('1.6/2.1');
    expect(({} as Record<string, unknown>)['iccid']).toBeUndefined();
  });

  test('a body over the limit: 413, whether its size was said or not', async () => {
    const big = `{"x":"${'x'.repeat(world.ctx.settings().limits.bodyBytes)}"}`;
    for (const headers of [{}, { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' }] as Record<string, string | undefined>[]) {
      const answer = await call(listener, `${PATH}/releaseProfile`, big, { headers }).catch((error: NodeJS.ErrnoException) => ({ status: error.code }));
      expect([413, 'EPIPE', 'ECONNRESET']).toContain(answer.status);
    }
  });
});

describe('clients that take their time or too much', () => {
  test('a body that never comes is given up; the listener goes on', async () => {
    const quick = await listenWith({ headerSeconds: 1, bodySeconds: 1 });
    try {
      const slow = talk(quick.port, [`POST ${PATH}/releaseProfile HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"iccid"`], 30_000);
      expect((await call(quick, 'releaseProfile', nobody)).code).toBe('8.2.1/3.9');
      const { text, closed } = await slow;
      expect(closed).toBe(true);
      expect(text === '' || text.startsWith('HTTP/1.1 408')).toBe(true);
      const neverEnding = talk(quick.port, [`POST ${PATH}/releaseProfile HTTP/1.1\r\nHost: x\r\n`, 300, 'X-A: b\r\n'], 30_000);
      expect((await neverEnding).closed).toBe(true);
    } finally {
      await quick.close();
    }
  });

  test('a flood of header fields is refused', async () => {
    const flood = Array.from({ length: 400 }, (_, i) => `X-H${i}: ${'y'.repeat(60)}\r\n`).join('');
    const { text } = await talk(listener.port, [`POST ${PATH}/releaseProfile HTTP/1.1\r\nHost: x\r\n${flood}\r\n`]);
    expect(text).toMatch(/^HTTP\/1\.1 431 /);
    expect((await call(listener, 'releaseProfile', nobody)).code).toBe('8.2.1/3.9');
  });

  test('two lengths are no request', async () => {
    const { text } = await talk(listener.port, [`POST ${PATH}/releaseProfile HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`]);
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('strangers are limited by address, brands are not', async () => {
    const strict = await listenWith({ requestsPerMinutePerAddress: 10 });
    const agent = es2plusAgent(connection(strict), 4);
    try {
      const stranger = clientOf(strangeCa);
      const codes: number[] = [];
      for (let i = 0; i < 13; i++) codes.push((await call(strict, 'releaseProfile', nobody, stranger)).status);
      expect(codes.filter((one) => one === 403)).toHaveLength(10);
      expect(codes.slice(10)).toEqual([429, 429, 429]);
      const answers = await Promise.all(Array.from({ length: 40 }, () => call(strict, 'releaseProfile', nobody, { agent })));
      expect(answers.every((answer) => answer.code === '8.2.1/3.9')).toBe(true);
    } finally {
      agent.destroy();
      await strict.close();
    }
  });
});

test('a fault of ours is 1.2/4.2 without internals, nothing is changed, and the call may be made again', async () => {
  const iccid = world.iccids[0]!;
  await call(listener, 'downloadOrder', { iccid });
  const broken = await startEs2plus(new Proxy(world.ctx, {
    get: (target, name) => (name === 'vault' ? { ...world.engine.vault, call: (operation: string, input: never) => (operation === 'sealConfirmationCode' ? Promise.reject(new Error('select secret from nowhere')) : world.engine.vault.call(operation as never, input)) } : Reflect.get(target, name)),
  }), { host: '127.0.0.1', port: 0 });
  try {
    const same = header();
    const confirmation = { header: same, iccid, releaseFlag: true, confirmationCode: 'Q-7731-Q' };
    const answer = await call(broken, 'confirmOrder', confirmation);
    expect(answer.status).toBe(200);
    expect(answer.code).toBe('1.2/4.2');
    expect(answer.text).not.toMatch(/secret|select|7731/);
    expect(JSON.stringify(world.engine.log.lines).includes('Q-7731-Q')).toBe(false);
    expect((await auditRows(world.ctx, 'es2plus.confirmOrder')).at(-1)).toMatchObject({ outcome: 'refused', fields: { code: 'INTERNAL', iccid } });
    expect((await profileRow(world, iccid)).order_state).toBe('allocated');
    expect((await call(listener, 'confirmOrder', confirmation)).code).toBe('ok');
  } finally {
    await broken.close();
  }
});
