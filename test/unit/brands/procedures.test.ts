/** Adding, changing, listing brands; every refusal. */
import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { downloadOrder } from '../../../src/main/engine/orders/index.ts';
import { customerNamed, fillStock, openDesk, opensslCa, removeFolders, upload } from './support.ts';
import type { BrandRow, Desk, OpensslCa } from './support.ts';

let desk: Desk;
let ca: OpensslCa & { pem: string; key: string };
let leaf: { certificate: Buffer; pem: string; key: string };
beforeAll(() => {
  ca = opensslCa('Brand CA');
  leaf = ca.issue('client');
});
beforeEach(async () => { desk = await openDesk(); });
afterEach(() => desk.engine.close());
afterAll(removeFolders);

const put = (bytes: Uint8Array | string): string => upload(desk.ctx, bytes);
const add = (input: Record<string, unknown> = {}): Promise<BrandRow> => desk.engine.ok('brands.add' as never, { name: 'Acme', clientCa: put(ca.certificate), ...input });
const change = (input: Record<string, unknown>): Promise<BrandRow> => desk.engine.ok('brands.change' as never, { name: 'Acme', ...input });
const refused = async (name: 'brands.add' | 'brands.change', input: Record<string, unknown>): Promise<string> => (await desk.engine.refused(name as never, input)).code;
const list = async (): Promise<BrandRow[]> => (await desk.engine.ok<{ rows: BrandRow[] }>('brands.list' as never, {})).rows;
const sha = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex');

describe('a brand', () => {
  test('with nothing but a CA: every type, no range, no quota, no callback', async () => {
    const made = await add();
    expect(made).toEqual({
      name: 'Acme', state: 'active', credentials: [{ kind: 'ca', subject: 'CN=Brand CA', sha256: sha(ca.certificate), notAfter: Date.UTC(2035, 0, 1) }],
      allTypes: true, types: [], iccids: [], openNow: 0, lastDay: 0, createdAt: desk.ctx.clock.now(),
    });
    expect(await list()).toEqual([made]);
  });
  test('with everything', async () => {
    desk.ctx.sqlite.prepare(`insert into certificates (identity, role, der, sha256, subject, public_key, curve, not_before, not_after, dns_names, test, created_at) values ('nist', 'tls', x'00', x'00', 's', x'00', 'P-256', 0, 1, '[]', 1, 0)`).run();
    const made = await add({
      clientCertificate: put(leaf.pem), types: ['iot', 'consumer', 'iot'], iccids: ['89880012*', '8988003000000000000-8988003000000000099'], openOrders: 5, ordersPerDay: 9,
      callbackUrl: 'https://bss.example/progress', callbackCa: put(ca.pem), callbackIdentity: 'nist', callbackPoints: { enabled: 201, deleted: null, download: 3 },
    });
    expect(made).toMatchObject({
      types: ['consumer', 'iot'], allTypes: false, openOrders: 5, ordersPerDay: 9,
      iccids: [{ first: '8988001200000000000', last: '8988001299999999999' }, { first: '8988003000000000000', last: '8988003000000000099' }, { first: '89880012000000000000', last: '89880012999999999999' }],
      callback: { url: 'https://bss.example/progress', ownTrust: true, identity: 'nist', waiting: 0, dead: 0, points: { eligibility: 1, confirmation: 2, download: 3, installation: 4, enabled: 201, disabled: 102, deleted: null } },
    });
    expect(made.credentials.map((one) => one.kind)).toEqual(['ca', 'certificate']);
    const stored = desk.ctx.sqlite.prepare('select callback_points from brands').pluck().get();
    expect(JSON.parse(stored as string)).toEqual({ enabled: 201, deleted: null });
  });
  test('what it uses is counted', async () => {
    await add();
    fillStock(desk.ctx, desk.consumer, 0, 3);
    const customer = await customerNamed(desk, 'Acme');
    for (let i = 0; i < 2; i++) await desk.inTx((tx) => downloadOrder(tx, desk.ctx, { customer, type: 'consumer' }, desk.as('Acme')));
    desk.engine.clock.advance(86_400_001);
    await desk.inTx((tx) => downloadOrder(tx, desk.ctx, { customer, type: 'consumer' }, desk.as('Acme')));
    expect(await list()).toMatchObject([{ openNow: 3, lastDay: 1 }]);
  });
  test('messages to its callback are counted', async () => {
    await add({ callbackUrl: 'https://bss.example/p' });
    const { brandId } = await customerNamed(desk, 'Acme');
    const put_ = desk.ctx.sqlite.prepare(`insert into outbox (kind, dedupe, payload, state, next_at, created_at, brand_id, done_at) values ('k', ?, '{}', ?, 0, 0, ?, ?)`);
    for (const [i, state] of ['waiting', 'waiting', 'dead', 'done', 'done', 'discarded'].entries()) put_.run(`d${i}`, state, i === 1 ? 99 : brandId, state === 'done' ? 100 + i : null);
    expect((await list())[0]!.callback).toMatchObject({ waiting: 1, dead: 1, lastDeliveredAt: 104 });
  });
});

describe('a certificate that will not do', () => {
  const rsa1024 = (): Buffer => opensslCa('Weak', { key: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'] }).certificate;
  test.each<[string, () => Uint8Array | string, string, RegExp]>([
    ['a private key', () => ca.key, 'CREDENTIAL_MALFORMED', /private key/], ['a private key in DER', () => Buffer.from(ca.key.replace(/-.*-|\n/g, ''), 'base64'), 'CREDENTIAL_MALFORMED', /private key/],
    ['certificate and key', () => ca.pem + ca.key, 'CREDENTIAL_MALFORMED', /private key/], ['two certificates', () => ca.pem + leaf.pem, 'CREDENTIAL_MALFORMED', /several/],
    ['a request', () => '-----BEGIN CERTIFICATE REQUEST-----\nMII=\n-----END CERTIFICATE REQUEST-----', 'CREDENTIAL_MALFORMED', /request/],
    ['nothing', () => '', 'CREDENTIAL_MALFORMED', /empty/], ['text', () => 'hello', 'CREDENTIAL_MALFORMED', /neither/], ['a cut file', () => ca.pem.slice(0, 200), 'CREDENTIAL_MALFORMED', /cut off/],
    ['cut DER', () => ca.certificate.subarray(0, 100), 'CREDENTIAL_MALFORMED', /not a certificate/], ['no base64', () => '-----BEGIN CERTIFICATE-----\n§\n-----END CERTIFICATE-----', 'CREDENTIAL_MALFORMED', /base64/],
    ['a huge file', () => new Uint8Array(70_000), 'CREDENTIAL_MALFORMED', /too large/], ['a short RSA key', rsa1024, 'CREDENTIAL_MALFORMED', /2048/],
    ['one that is no CA', () => leaf.certificate, 'CREDENTIAL_NOT_CA', /not one of a CA/],
    ['a CA that may not sign', () => opensslCa('No', { extensions: ['basicConstraints=CA:TRUE', 'keyUsage=digitalSignature'] }).certificate, 'CREDENTIAL_NOT_CA', /not one of a CA/],
    ['name constraints', () => opensslCa('No', { extensions: ['basicConstraints=CA:TRUE', 'nameConstraints=critical,permitted;DNS:example.org'] }).certificate, 'CREDENTIAL_MALFORMED', /critical extensions/],
    ['an expired one', () => opensslCa('Old', { days: ['20240101000000Z', '20260101000000Z'] }).certificate, 'CREDENTIAL_EXPIRED', /expired on 2026-01-01/],
  ])('%s', async (_name, file, code, message) => {
    const bytes = Uint8Array.from(Buffer.from(file() as Uint8Array));
    const handle = desk.ctx.uploads.put(bytes);
    const problem = await desk.engine.refused('brands.add' as never, { name: 'Acme', clientCa: handle });
    expect(problem).toMatchObject({ code, field: 'clientCa' });
    expect(problem.message).toMatch(message);
    // Whatever it was, it does not stay in memory.
    expect(bytes.every((octet) => octet === 0)).toBe(true);
    expect(await list()).toEqual([]);
  });
  test('the field says which file it was', async () => {
    expect(await desk.engine.refused('brands.add' as never, { name: 'Acme', clientCertificate: put(ca.key) })).toMatchObject({ field: 'clientCertificate' });
    expect(await desk.engine.refused('brands.add' as never, { name: 'Acme', clientCa: put(ca.certificate), callbackCa: put('x') })).toMatchObject({ code: 'CREDENTIAL_MALFORMED', field: 'callbackCa' });
    await add();
    expect(await desk.engine.refused('brands.change' as never, { name: 'Acme', addClientCa: put('x') })).toMatchObject({ field: 'addClientCa' });
  });
  test('one that begins later is taken: it counts from then on', async () => expect((await add({ clientCa: put(opensslCa('Later', { days: ['20270101000000Z', '20280101000000Z'] }).certificate) })).credentials).toHaveLength(1));
});

describe('refused to add', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['without certificate', { clientCa: undefined }, 'INPUT_INVALID'], ['an unknown type', { types: ['nobody'] }, 'TYPE_UNKNOWN'], ['the star with a type', { types: ['*', 'iot'] }, 'INPUT_INVALID'],
    ['no range', { iccids: ['8988'] }, 'INPUT_INVALID'], ['a range backwards', { iccids: ['8988003000000000099-8988003000000000000'] }, 'RANGE_INVALID'], ['http', { callbackUrl: 'http://bss.example/' }, 'CALLBACK_INVALID'],
    ['no address', { callbackUrl: 'bss' }, 'CALLBACK_INVALID'], ['an unknown identity', { callbackIdentity: 'nobody' }, 'IDENTITY_UNKNOWN'], ['one number for two points', { callbackPoints: { enabled: 3 } }, 'CALLBACK_INVALID'],
    ['a name of blanks', { name: '   ' }, 'INPUT_INVALID'],
  ])('%s', async (_name, input, code) => {
    expect(await refused('brands.add', { name: 'Acme', clientCa: put(ca.certificate), ...input })).toBe(code);
    expect(await list()).toEqual([]);
  });
  test('a name there is, in any spelling', async () => {
    await add();
    expect(await refused('brands.add', { name: 'ACME', clientCa: put(opensslCa('X').certificate) })).toBe('BRAND_EXISTS');
  });
  test('what is another brand\'s: certificate, key of a CA, ICCIDs', async () => {
    await add({ clientCertificate: put(leaf.certificate), iccids: ['89880012*'] });
    const second = (input: Record<string, unknown>): Promise<string> => refused('brands.add', { name: 'Second', ...input });
    expect(await second({ clientCa: put(ca.certificate) })).toBe('CREDENTIAL_TAKEN');
    expect(await second({ clientCertificate: put(ca.certificate) })).toBe('CREDENTIAL_IS_CA');
    expect(await second({ clientCertificate: put(leaf.certificate) })).toBe('CREDENTIAL_TAKEN');
    const own = opensslCa('Second CA');
    for (const range of ['89880012*', '8988001*', '898800123*', '8988001100000000000-8988001200000000000', '89880012999999999999-89880013000000000000']) {
      expect(await second({ clientCa: put(own.certificate), iccids: [range] }), range).toBe('RANGE_TAKEN');
    }
    expect((await desk.engine.ok<BrandRow>('brands.add' as never, { name: 'Second', clientCa: put(own.certificate), iccids: ['89880013*'] })).iccids).toHaveLength(2);
  });
  test('a CA with the key of another\'s', async () => {
    await add();
    const { execFileSync } = await import('node:child_process');
    const { mkdtempSync, readFileSync, rmSync, writeFileSync } = await import('node:fs');
    const { tmpdir } = await import('node:os');
    const { join } = await import('node:path');
    const folder = mkdtempSync(join(tmpdir(), 'desk-same-key-'));
    try {
      writeFileSync(join(folder, 'k.pem'), ca.key);
      execFileSync('openssl', ['req', '-x509', '-new', '-key', 'k.pem', '-subj', '/CN=Another name', '-days', '4000', '-outform', 'DER', '-out', 'c.der'], { cwd: folder, stdio: 'ignore' });
      expect(await refused('brands.add', { name: 'Second', clientCa: put(readFileSync(join(folder, 'c.der'))) })).toBe('CREDENTIAL_TAKEN');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('changing', () => {
  test('what is not named stays', async () => {
    const made = await add({ types: ['iot'], iccids: ['89880012*'], openOrders: 5, callbackUrl: 'https://bss.example/p', callbackPoints: { enabled: 201 } });
    expect(await change({})).toEqual(made);
    expect(await change({ callbackPoints: { deleted: null } })).toMatchObject({ callback: { points: { enabled: 201, deleted: null } } });
    expect(await change({ callbackPoints: { enabled: 101 } })).toMatchObject({ callback: { points: { enabled: 101, deleted: null } } });
  });
  test('lists are replaced, quotas lifted, the callback switched off', async () => {
    await add({ types: ['iot'], iccids: ['89880012*'], openOrders: 5, ordersPerDay: 6, callbackUrl: 'https://bss.example/p', callbackCa: put(ca.pem) });
    const after = await change({ types: ['*'], iccids: [], openOrders: null, ordersPerDay: null, callbackUrl: null });
    expect(after).toMatchObject({ allTypes: true, types: [], iccids: [] });
    for (const gone of ['openOrders', 'ordersPerDay', 'callback']) expect(Object.keys(after)).not.toContain(gone);
    expect(desk.ctx.sqlite.prepare('select callback_ca from brands').pluck().get()).toBeNull();
    expect(await change({ iccids: ['89880012*'] })).toMatchObject({ iccids: [{}, {}] });
    expect(await change({ iccids: ['898800125*', '89880012*'] })).toMatchObject({ iccids: [{ first: '8988001200000000000' }, {}] });
  });
  test('suspended and resumed', async () => {
    await add();
    expect(await change({ state: 'suspended' })).toMatchObject({ state: 'suspended' });
    expect(await change({ state: 'active' })).toMatchObject({ state: 'active' });
  });
  test('certificates are added and removed, the last one stays', async () => {
    await add();
    expect(await refused('brands.change', { name: 'Acme', removeCredential: sha(ca.certificate) })).toBe('CREDENTIAL_LAST');
    expect(await refused('brands.change', { name: 'Acme', removeCredential: '0'.repeat(64) })).toBe('CREDENTIAL_UNKNOWN');
    expect(await refused('brands.change', { name: 'Acme', addClientCa: put(ca.certificate) })).toBe('CREDENTIAL_TAKEN');
    const next = opensslCa('Next CA');
    expect((await change({ addClientCa: put(next.certificate), removeCredential: sha(ca.certificate) })).credentials.map((one) => one.subject)).toEqual(['CN=Next CA']);
  });
  test('one stored as the wrong kind is put right in one step, within its brand', async () => {
    await add({ clientCa: put(opensslCa('Other CA').certificate) });
    // As versions before took it.
    desk.ctx.sqlite.prepare('update brand_credentials set kind = ?, der = ?, sha256 = ?').run('certificate', ca.certificate, Buffer.from(sha(ca.certificate), 'hex'));
    expect(await refused('brands.add', { name: 'Second', clientCa: put(ca.certificate) })).toBe('CREDENTIAL_TAKEN');
    expect(await refused('brands.change', { name: 'Acme', addClientCertificate: put(ca.certificate) })).toBe('CREDENTIAL_IS_CA');
    expect((await change({ addClientCa: put(ca.certificate) })).credentials).toMatchObject([{ kind: 'ca', sha256: sha(ca.certificate) }]);
    expect(await refused('brands.change', { name: 'Acme', addClientCa: put(ca.certificate) })).toBe('CREDENTIAL_TAKEN');
  });
  test('refused as a whole', async () => {
    const made = await add({ types: ['iot'] });
    for (const [input, code] of [[{ openOrders: 1, types: ['nobody'] }, 'TYPE_UNKNOWN'], [{ openOrders: 1, iccids: ['8'] }, 'INPUT_INVALID'], [{ openOrders: 1, removeCredential: sha(ca.certificate) }, 'CREDENTIAL_LAST']] as const) {
      expect(await refused('brands.change', { name: 'Acme', ...input })).toBe(code);
      expect(await list()).toEqual([made]);
    }
    expect(await refused('brands.change', { name: 'Nobody', state: 'suspended' })).toBe('BRAND_UNKNOWN');
  });
  test('each change is in the audit log', async () => {
    await add({ iccids: ['89880012*'] });
    await change({ state: 'suspended' });
    const records = await desk.ctx.reader.selectFrom('audit').select(['event', 'record', 'object_id']).where('object_type', '=', 'brand').orderBy('seq').execute();
    expect(records.map((row) => [row.event, row.object_id])).toEqual([['brand.added', 'Acme'], ['brand.changed', 'Acme']]);
    expect(records[0]!.record).toContain(sha(ca.certificate));
  });
});
