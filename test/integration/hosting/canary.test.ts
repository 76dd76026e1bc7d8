/**
 * Secrets that exist once in the world go through the whole chain; then everything the product wrote, said or kept in its
 * engine's heap is searched for them. Only the vault may know them, and the card.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { appendFileSync, chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeExecutable } from '../../../src/main/hosting/files.ts';
import { cleanUp, ensureBuilt, kill, newFolder, run, serve, type Serving, until } from './product.ts';
import { type Canary, findBelow, findIn, needlesOf } from './secrets.ts';

const digits = (length: number) => Array.from({ length }, () => randomInt(1, 10)).join('');
const hex = (length: number) => randomBytes(length).toString('hex').toUpperCase();
const canaries: Canary[] = [
  { name: 'K', text: hex(16), kind: 'key' }, { name: 'OPc', text: hex(16), kind: 'key' },
  { name: 'PIN1', text: digits(8), kind: 'code' }, { name: 'PUK1', text: digits(8), kind: 'code' }, { name: 'ADM1', text: digits(8), kind: 'code' },
  { name: 'PIN2', text: digits(8), kind: 'code' }, { name: 'PUK2', text: digits(8), kind: 'code' },
  { name: 'KIC', text: hex(16), kind: 'key' }, { name: 'KID', text: hex(16), kind: 'key' },
  { name: 'second K', text: hex(16), kind: 'key' }, { name: 'second OPc', text: hex(16), kind: 'key' },
  { name: 'confirmation code', text: digits(16), kind: 'code' }, { name: 'wrong confirmation code', text: digits(16), kind: 'code' },
];
const secret = (name: string) => canaries.find((one) => one.name === name)!.text;
const needles = needlesOf(canaries);

describe('the search itself', () => {
  test('sees a planted secret in every form', () => {
    const folder = newFolder();
    const forms: ((value: Buffer) => Buffer | string)[] = [
      (v) => v, (v) => v.toString('hex'), (v) => v.toString('hex').toUpperCase(), (v) => v.toString('base64'), (v) => Buffer.concat([Buffer.from('x'), v, Buffer.from('yz')]).toString('base64'),
      (v) => Buffer.concat([Buffer.from('xy'), v]).toString('base64url'), (v) => JSON.stringify([...v]), (v) => `{"k":"${v.toString('hex')}"}`,
    ];
    for (const canary of canaries) {
      const value = canary.kind === 'key' ? Buffer.from(canary.text, 'hex') : Buffer.from(canary.text, 'latin1');
      for (const [at, form] of forms.entries()) {
        const file = join(folder, 'planted');
        writeFileSync(file, Buffer.concat([randomBytes(1000), Buffer.from(form(value)), randomBytes(1000)]));
        expect([canary.name, at, findBelow(folder, needles).hits.some((hit) => hit.startsWith(`${canary.name} as`))]).toEqual([canary.name, at, true]);
      }
    }
    // Across the border of two pieces as well.
    writeFileSync(join(folder, 'planted'), Buffer.concat([Buffer.alloc(8 * 1024 * 1024 - 7), Buffer.from(secret('K'), 'hex')]));
    expect(findBelow(folder, needles).hits).toHaveLength(1);
    writeFileSync(join(folder, 'planted'), randomBytes(100_000));
    expect(findBelow(folder, needles).hits).toEqual([]);
  });
});

describe('the whole chain', () => {
  const said: string[] = [];
  let workspace: string;
  let temporary: string;
  let heaps: string;
  let serving: Serving;
  let env: Record<string, string>;

  beforeAll(() => {
    ensureBuilt();
    workspace = newFolder();
    temporary = newFolder();
    heaps = newFolder();
    // The engine writes a snapshot of its heap when asked by a signal: a way in that only this test's Node has.
    const node = join(newFolder(), 'node');
    writeFileSync(node, `#!/bin/sh\ncase "$1" in *engine.cjs) exec '${nodeExecutable()}' --heapsnapshot-signal=SIGUSR2 --diagnostic-dir='${heaps}' "$@";; esac\nexec '${nodeExecutable()}' "$@"\n`);
    chmodSync(node, 0o755);
    env = { MVNE_DESK_NODE: node, TMPDIR: temporary };
  });
  afterAll(cleanUp);

  async function command(args: readonly string[], stdin?: string): Promise<Record<string, unknown> & { error?: { code: string } }> {
    const done = await run([...args, '--json', '--workspace', workspace], { env, ...(stdin === undefined ? {} : { stdin }) });
    said.push(done.stdout, done.stderr);
    return done.json();
  }

  /** A snapshot of what the engine holds now; answers its file. */
  async function snapshot(): Promise<string> {
    const before = new Set(readdirSync(heaps));
    kill(serving.parts().engine, 'SIGUSR2');
    let file = '';
    let size = -1;
    await until('the snapshot is written', async () => {
      const name = readdirSync(heaps).find((one) => !before.has(one));
      if (name === undefined) return false;
      file = join(heaps, name);
      await new Promise((done) => setTimeout(done, 300));
      const now = statSync(file).size;
      const still = now > 1_000_000 && now === size;
      size = now;
      return still;
    }, 60_000);
    return file;
  }

  test('leaves no secret in files, logs, answers, streams or the engine\'s heap', { timeout: 180_000 }, async () => {
    serving = await serve(workspace, ['--sample', '--console', '127.0.0.1:0', '--es9plus', '127.0.0.1:0'], { env });
    const source = newFolder();
    const stock = join(source, 'stock.csv');
    writeFileSync(stock, `iccid,imsi,msisdn,ki,opc,pin1,puk1,pin2,puk2,adm1,kic,kid\n898821100000700001,001010000700001,+8821100070001,${secret('K')},${secret('OPc')},${secret('PIN1')},${secret('PUK1')},${secret('PIN2')},${secret('PUK2')},${secret('ADM1')},${secret('KIC')},${secret('KID')}\n`);

    // A window beside it: it reads everything there is to read, all the time, and hears the stream.
    const { console: address } = serving.ready;
    const opened = await fetch(address!, { redirect: 'manual' });
    const cookie = opened.headers.get('set-cookie')!.split(';')[0]!;
    const { origin } = new URL(address!);
    const crossed: Buffer[] = [];
    const ended = new AbortController();
    const stream = fetch(`${origin}/streams/workspace.changes?input={}`, { headers: { cookie }, signal: ended.signal }).then(async (answer) => {
      for await (const part of answer.body!) crossed.push(Buffer.from(part));
    }).catch(() => undefined);
    const rpc = async (name: string, input: unknown) => {
      const answer = await fetch(`${origin}/rpc/${name}`, { method: 'POST', headers: { cookie, 'content-type': 'application/json' }, body: JSON.stringify({ input }) });
      const body = Buffer.from(await answer.arrayBuffer());
      crossed.push(body);
      return JSON.parse(body.toString()) as { data?: { rows?: Record<string, string>[]; iccid?: string } };
    };
    const readAll = async () => {
      for (const name of ['workspace.status', 'workspace.home', 'workspace.settings', 'types.list', 'types.templates', 'pki.list', 'jobs.list', 'audit.list', 'stock.ranges']) await rpc(name, name === 'audit.list' ? { limit: 500 } : {});
      for (const row of (await rpc('profiles.list', { limit: 3 })).data?.rows ?? []) await rpc('profiles.show', { id: row['iccid'] });
      for (const row of (await rpc('orders.list', { limit: 3 })).data?.rows ?? []) await rpc('orders.show', { orderId: row['orderId'] });
      for (const row of (await rpc('sessions.list', { limit: 3 })).data?.rows ?? []) await rpc('sessions.show', { transactionId: row['transactionId'] });
      for (const row of (await rpc('jobs.list', { limit: 5 })).data?.rows ?? []) await rpc('jobs.show', { id: row['id'] });
      await rpc('workspace.search', { text: '8988211000007' });
    };

    const type = ['--type', 'Lab consumer'];
    expect(await command(['stock', 'import', stock, ...type, '--dry-run'])).toMatchObject({ accepted: 1, rejected: 0 });
    expect(await command(['stock', 'import', stock, ...type])).toMatchObject({ accepted: 1 });
    // Errors quote what was wrong; a wrong row with secrets in it must not be quoted.
    const wrong = join(source, 'wrong.csv');
    writeFileSync(wrong, `iccid,imsi,ki,opc,pin1\n898821100000700002,00101,${secret('second K')}FF,${secret('second OPc')},${secret('PIN1')}9\n`);
    await command(['stock', 'import', wrong, ...type, '--dry-run']);
    await command(['stock', 'import', wrong, ...type]);
    await readAll();
    expect(await command(['profile', 'add', ...type, '--iccid', '898821100000700003', '--imsi', '001010000700003', '--secrets', '-'], `ki=${secret('second K')}\nopc=${secret('second OPc')}\n`)).not.toHaveProperty('error');
    await command(['profile', 'add', ...type, '--iccid', '898821100000700004', '--imsi', '001010000700004', '--secrets', '-'], `ki=${secret('second K')}0\npin1=${secret('PIN1')}x\n`);
    expect(await command(['prepare', ...type, '--count', '2'])).toMatchObject({ state: 'done' });
    const { iccid } = (await rpc('profiles.show', { id: '898821100000700001' })).data as { iccid: string };
    const order = await command(['order', 'create', '--iccid', iccid, '--confirmation-code-file', '-'], secret('confirmation code')) as { orderId: string; activationCode: string };
    expect(order).not.toHaveProperty('error');
    expect((await command(['device', 'download', order.activationCode, '--confirmation-code-file', '-'], secret('wrong confirmation code'))).error?.code).toBe('DOWNLOAD_REFUSED');
    const during = await snapshot();
    expect(await command(['device', 'download', order.activationCode, '--confirmation-code-file', '-'], secret('confirmation code'))).toMatchObject({ ok: true, iccid });
    const handle = await fetch(`${origin}/uploads`, { method: 'POST', headers: { cookie, 'content-type': 'application/octet-stream' }, body: secret('confirmation code') });
    crossed.push(Buffer.from(await handle.clone().arrayBuffer()));
    const { data: { handle: up } } = await handle.json() as { data: { handle: string } };
    await rpc('orders.create', { type: 'Lab consumer', confirmationCode: up });
    await readAll();
    const backup = await rpc('workspace.backup', {});
    expect(backup.data).toHaveProperty('file');
    const after = await snapshot();

    // While it runs, with its WAL, and after its end.
    const searched = new Set<string>();
    const search = (place: string) => {
      const { hits, files } = findBelow(place, needles);
      files.forEach((file) => searched.add(file));
      expect(hits).toEqual([]);
    };
    search(workspace);
    search(temporary);
    search(heaps);
    ended.abort();
    await stream;
    await serving.stop();
    said.push(serving.stdout(), serving.stderr());
    search(workspace);
    search(temporary);
    expect(findIn(Buffer.concat(crossed), needles, 'what crossed to the window')).toEqual([]);
    expect(findIn(Buffer.from(said.join('\n')), needles, 'what was printed')).toEqual([]);

    // What was searched was really there.
    const names = [...searched].map((file) => file.replace(`${workspace}/`, ''));
    for (const part of ['desk.db', 'desk.db-wal', 'journal/', 'logs/', 'backups/', 'vault/', 'lab/devices/']) expect([part, names.some((name) => name.startsWith(part))]).toEqual([part, true]);
    expect([during, after].every((file) => searched.has(file))).toBe(true);
    expect(Buffer.concat(crossed).includes(iccid)).toBe(true);
    expect(findBelow(heaps, [{ name: 'folder', form: 'text', bytes: Buffer.from(workspace) }]).hits).toHaveLength(2);
    expect(findBelow(workspace, [{ name: 'ICCID', form: 'text', bytes: Buffer.from(iccid) }]).hits.length).toBeGreaterThan(1);

    // And a leak into a log would have been seen.
    mkdirSync(join(workspace, 'logs'), { recursive: true });
    appendFileSync(join(workspace, 'logs', 'planted.log'), `{"level":30,"k":"${secret('K').toLowerCase()}"}\n`);
    expect(findBelow(workspace, needles).hits).not.toEqual([]);
  });
});
