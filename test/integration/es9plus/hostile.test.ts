import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Es9plusListener } from '../../../src/main/engine/wire/es9plus/index.ts';
import { closed, heard, listenWith, openPlain, openTls, talk } from './raw.ts';
import { ADDRESS, code, device, fetchProfile, listen, makeWorld, order, post } from './support.ts';
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
const initiate = (change: Record<string, unknown> = {}): string => {
  const chip = device(1);
  return JSON.stringify({ euiccChallenge: b64(chip.getEuiccChallenge()), euiccInfo1: b64(chip.euiccInfo1()), smdpAddress: ADDRESS, ...change });
};
const head = (...lines: string[]): string => [`POST ${PATH}/initiateAuthentication HTTP/1.1`, 'Host: x', 'Content-Type: application/json', ...lines, '', ''].join('\r\n');
const sessions = async (): Promise<number> => (await world.ctx.reader.selectFrom('sessions').select((e) => e.fn.countAll<number>().as('n')).executeTakeFirstOrThrow()).n;
const fine = async (open: Es9plusListener = listener): Promise<void> => {
  expect(code(await fetchProfile(open, { activationCode: (await order(world)).activationCode, device: device(500 + Math.floor(Math.random() * 400)) }))).toBe('installed');
};

describe('two readings of one message', () => {
  const body = (): string => initiate();
  const length = (text: string): string => `Content-Length: ${Buffer.byteLength(text)}`;
  const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
  const smuggled = (): string => `${head(length(body()))}${body()}`;
  test.each<[string, () => string]>([
    ['Content-Length and Transfer-Encoding', () => head('Content-Length: 5', 'Transfer-Encoding: chunked') + chunk(body()) + smuggled()],
    ['Transfer-Encoding and Content-Length', () => head('Transfer-Encoding: chunked', 'Content-Length: 5') + chunk(body()) + smuggled()],
    ['two Content-Lengths', () => head('Content-Length: 0', length(body())) + body() + smuggled()],
    ['a list of Content-Lengths', () => head(`${length(body())}, 0`) + body() + smuggled()],
    ['a signed Content-Length', () => head(`Content-Length: +${Buffer.byteLength(body())}`) + body()],
    ['a hexadecimal Content-Length', () => head('Content-Length: 0x10') + body()],
    ['an unknown coding behind chunked', () => head('Transfer-Encoding: chunked, identity') + chunk(body()) + smuggled()],
    ['a coding that only looks like chunked', () => head('Transfer-Encoding: xchunked') + chunk(body()) + smuggled()],
    ['white space before the colon', () => head('Transfer-Encoding : chunked') + chunk(body()) + smuggled()],
    ['a folded header', () => head('X: a', ' Transfer-Encoding: chunked') + chunk(body())],
    ['a bare line feed in a header', () => head('X: a\nTransfer-Encoding: chunked') + chunk(body())],
    ['a NUL in a header', () => head('X: a\0b', length(body())) + body()],
    ['a chunk size that is none', () => `${head('Transfer-Encoding: chunked')}5;\n\rx\r\nhello\r\n0\r\n\r\n`],
    ['a chunk size beyond all bounds', () => `${head('Transfer-Encoding: chunked')}fffffffffffffffff\r\nx`],
    ['no host', () => `POST ${PATH}/initiateAuthentication HTTP/1.1\r\n${length(body())}\r\n\r\n${body()}`],
    ['another protocol', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('%s: refused and closed, nothing of it runs', async (_name, octets) => {
    const before = await sessions();
    const { answers, closed: ended } = await talk(listener.port, octets(), 1500);
    expect(ended).toBe(true);
    expect(answers.every((status) => status >= 400), String(answers)).toBe(true);
    expect(await sessions()).toBe(before);
  });

  test('an absolute target names the same resource; a tunnel and an upgrade do not exist', async () => {
    const text = body();
    const absolute = `POST https://evil.example${PATH}/initiateAuthentication HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${length(text)}\r\n\r\n${text}`;
    expect((await talk(listener.port, absolute)).answers).toEqual([200]);
    expect((await talk(listener.port, 'CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n')).answers).toEqual([]);
    expect((await talk(listener.port, head('Connection: Upgrade', 'Upgrade: websocket', length(text)) + text)).answers).toEqual([200]);
    expect((await talk(listener.port, `HEAD ${PATH}/initiateAuthentication HTTP/1.1\r\nHost: x\r\n\r\n`)).text).toMatch(/^HTTP\/1\.1 405 [^{]*$/);
    expect((await talk(listener.port, 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n')).answers).toEqual([404]);
  });

  test('headers larger than 16 KiB are 431, too many of them too', async () => {
    expect((await talk(listener.port, head(`X: ${'a'.repeat(20_000)}`), 1000)).answers).toEqual([431]);
    expect((await talk(listener.port, head(...Array.from({ length: 1000 }, (_, i) => `X-Header-Number-${i}: aaaaaaaa`)), 1000)).answers).toEqual([431]);
  });

  test('a client that asks before it sends a body is told to send it, or why not', async () => {
    const text = body();
    const socket = await openTls(listener.port);
    const first = heard(socket);
    socket.write(head(length(text), 'Expect: 100-continue'));
    expect((await first).text).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    const second = heard(socket);
    socket.write(text);
    expect((await second).text).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
    expect((await talk(listener.port, head('Content-Length: 1000000', 'Expect: 100-continue'))).answers).toEqual([413]);
    expect((await talk(listener.port, head(length(text), 'Expect: miracles'))).answers).toEqual([417]);
  });

  test('a few requests in one go are answered in order; a heap of them ends the connection', async () => {
    const one = `${head('Content-Length: 2')}{}`;
    expect((await talk(listener.port, one.repeat(4))).answers).toEqual([200, 200, 200, 200]);
    const before = await sessions();
    const text = body();
    const many = await talk(listener.port, `${head(length(text))}${text}`.repeat(200));
    expect(many.closed).toBe(true);
    expect(await sessions() - before).toBeLessThanOrEqual(8);
    await fine();
  });
});

describe('TLS', () => {
  test('no renegotiation, no client certificate asked for', async () => {
    const socket = await openTls(listener.port, { maxVersion: 'TLSv1.2' });
    const outcome = await new Promise<string>((resolve) => {
      socket.once('close', () => resolve('closed'));
      const started = socket.renegotiate({ rejectUnauthorized: false }, (error) => resolve(error ? 'refused' : 'renegotiated'));
      if (!started) resolve('refused');
      setTimeout(() => resolve('ignored'), 1000);
    });
    socket.destroy();
    expect(outcome).not.toBe('renegotiated');
  });

  test('octets that are no TLS end the connection, and the next client is served', async () => {
    for (const junk of ['GET / HTTP/1.0\r\n\r\n', '\x16\x03\x01\xff\xff', '\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00', '\x80'.repeat(5000)]) {
      const socket = await openPlain(listener.port);
      socket.write(junk, 'latin1');
      socket.end();
      await closed(socket);
    }
    await fine();
  });
});

describe('slow clients', () => {
  test('in the handshake, in silence behind it, in headers, in the body: each is cut off', async () => {
    const open = await listenWith(world, { headerSeconds: 1, bodySeconds: 1 });
    try {
      const handshake = await openPlain(open.port);
      handshake.write(Buffer.from([0x16, 0x03, 0x01, 0x01, 0x00]));
      const silent = await openTls(open.port);
      const headers = await openTls(open.port);
      const bodies = await openTls(open.port);
      headers.write(`POST ${PATH}/cancelSession HTTP/1.1\r\nHost: x\r\n`);
      bodies.write(`${head('Content-Length: 1000')}{`);
      const drip = setInterval(() => {
        headers.write('X: y\r\n');
        bodies.write(' ');
      }, 100);
      const said = heard(headers, 20_000);
      await Promise.all([handshake, silent, headers, bodies].map(closed));
      clearInterval(drip);
      expect((await said).text).toMatch(/^HTTP\/1\.1 408 /);
      await fine(open);
    } finally {
      await open.close();
    }
  });
});

describe('many connections', () => {
  test('of one address: those beyond its share are dropped', async () => {
    const open = await listenWith(world, { connectionsPerAddress: 3 });
    const held = await Promise.all([1, 2, 3].map(() => openPlain(open.port, '127.0.0.2')));
    const surplus = await openPlain(open.port, '127.0.0.2');
    await closed(surplus);
    expect(held.map((socket) => socket.destroyed)).toEqual([false, false, false]);
    await fine(open);
    for (const socket of held) socket.destroy();
    await open.close();
  });

  test('in total: the flood displaces itself, honest devices are served meanwhile', async () => {
    const open = await listenWith(world, { connections: 24, connectionsPerAddress: 20 });
    const sockets: Awaited<ReturnType<typeof openPlain>>[] = [];
    let going = true;
    const flood = (async () => {
      for (let i = 0; going; i++) {
        sockets.push(await openPlain(open.port, `127.0.0.${2 + (i % 4)}`).catch(() => undefined as never));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    for (let i = 0; i < 8; i++) await fine(open);
    going = false;
    await flood;
    const living = sockets.filter((socket) => socket !== undefined && !socket.destroyed);
    expect(sockets.length).toBeGreaterThan(30);
    expect(living.length).toBeLessThanOrEqual(24);
    for (const socket of living) socket.destroy();
    await open.close();
  });

  test('handshakes count: an address that only connects is refused after its share of a minute', async () => {
    const open = await listenWith(world, { requestsPerMinutePerAddress: 10 });
    let refused = 0;
    for (let i = 0; i < 14; i++) {
      const socket = await openTls(open.port, { localAddress: '127.0.0.7' }).catch(() => undefined);
      if (socket) socket.destroy();
      else refused += 1;
    }
    expect(refused).toBe(4);
    await fine(open);
    await open.close();
  });

  test('the end: half-open connections do not hold it up, a request in hand is finished', async () => {
    const open = await listenWith(world, {});
    const half = await openPlain(open.port);
    const idle = await openTls(open.port);
    const busy = await openTls(open.port);
    const text = initiate();
    busy.write(head(`Content-Length: ${Buffer.byteLength(text)}`) + text.slice(0, 10));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const said = heard(busy, 5000);
    const ended = open.close();
    await Promise.all([closed(half), closed(idle)]);
    busy.write(text.slice(10));
    const { text: answer, closed: gone } = await said;
    expect(answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*Executed-Success/);
    expect(answer).toMatch(/\r\nConnection: close\r\n/i);
    expect(gone).toBe(true);
    await ended;
  });
});

describe('JSON', () => {
  const status = (text: string): string => {
    const { functionExecutionStatus: execution } = JSON.parse(text).header;
    return execution.statusCodeData ? `${execution.statusCodeData.subjectCode}/${execution.statusCodeData.reasonCode}` : execution.status;
  };
  const good = (): Record<string, string> => JSON.parse(initiate());
  test.each<[string, () => string, number | string]>([
    ['a prototype among the members', () => `{"__proto__":${initiate()}}`, '1.6/2.2'],
    ['a prototype that would change all objects', () => `{"constructor":{"prototype":{"transactionId":"00"}},${initiate().slice(1)}`, 'Executed-Success'],
    ['a member twice: the last one counts', () => `${initiate().slice(0, -1)},"smdpAddress":"evil.example"}`, '8.8.1/3.8'],
    ['half a surrogate pair', () => initiate({ smdpAddress: '\\ud800' }).replace('\\\\', '\\'), '8.8.1/3.8'],
    ['a NUL in the address', () => initiate({ smdpAddress: `${ADDRESS}\0` }), '8.8.1/3.8'],
    ['octets that are no UTF-8', () => initiate({ smdpAddress: 'x' }).replace('"x"', '"\xff\xfe"'), '8.8.1/3.8'],
    ['a list of a million elements', () => `{"a":[${'0,'.repeat(1_000_000)}0]}`, 413],
    ['a list of twenty thousand elements', () => `{"a":[${'0,'.repeat(20_000)}0],${initiate().slice(1)}`, 'Executed-Success'],
    ['thirty thousand levels', () => `{"a":${'[{"a":'.repeat(5000)}0${'}]'.repeat(5000)},${initiate().slice(1)}`, 'Executed-Success'],
    ['ten thousand members', () => `{${Array.from({ length: 4000 }, (_, i) => `"m${i}":1`).join()},${initiate().slice(1)}`, 'Executed-Success'],
    ['a number beyond all bounds', () => `{"a":1e999999,${initiate().slice(1)}`, 'Executed-Success'],
    ['a comment', () => `/**/${initiate()}`, 400],
    ['a byte order mark', () => `\ufeff${initiate()}`, 400],
  ])('%s', async (_name, body, expected) => {
    const text = body();
    const reply = await post(listener, `${PATH}/initiateAuthentication`, _name.startsWith('octets') ? Buffer.from(text, 'latin1') : text).catch((error: NodeJS.ErrnoException) => ({ status: error.code === 'EPIPE' || error.code === 'ECONNRESET' ? 413 : 0, text: '' }));
    if (typeof expected === 'number') expect(reply.status).toBe(expected);
    else expect(status(reply.text)).toBe(expected);
    expect(({} as Record<string, unknown>)['transactionId']).toBeUndefined();
  });

  test('line breaks in an address come neither into the log nor into a reply header', async () => {
    const evil = `${ADDRESS}\r\nX-Evil: yes\r\n\r\n{"level":"error"}`;
    const reply = await post(listener, `${PATH}/initiateAuthentication`, JSON.stringify({ ...good(), smdpAddress: evil }));
    expect(status(reply.text)).toBe('8.8.1/3.8');
    expect(Object.keys(reply.headers)).not.toContain('x-evil');
    expect(reply.text).not.toContain('Evil');
    expect(JSON.stringify(world.engine.log.lines)).not.toContain('Evil');
    // One that is ours with white space around it is signed as it was written, and stays one value of the row.
    const padded = await post(listener, `${PATH}/initiateAuthentication`, JSON.stringify({ ...good(), smdpAddress: `${ADDRESS}\n` }));
    expect(['Executed-Success', '8.8.1/3.8']).toContain(status(padded.text));
  });
});
