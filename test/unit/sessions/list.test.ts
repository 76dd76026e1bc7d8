import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { procedures } from '../../../src/main/engine/downloads/procedures.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { makeEid } from '../../../src/shared/identifiers/index.ts';
import { openTestEngine, testNow, type TestEngine } from '../../support/engine.ts';

const minute = 60_000;
const transactionIdOf = (n: number): string => (n + 1).toString(16).padStart(8, '0').toUpperCase().padEnd(32, '5A');
const eidOf = (n: number): string => makeEid(`890490320040088826${String(n % 97).padStart(12, '0')}`);
const blob = Uint8Array.of(1);
// Stored phases and codes in turns; the two shares with codes of a cancellation and of a refusal tell `cancelled` from `refused`.
const kinds: readonly (readonly [stored: string, code: string | null, shown: string])[] = [
  ['installed', null, 'installed'], ['installed', null, 'installed'], ['refused', '8.2.6/3.8', 'refused'], ['cancelled', '8.8.5/3.8', 'cancelled'], ['cancelled', '8.1.1/3.8', 'refused'],
  ['bound', null, 'bound'], ['expired', null, 'expired'], ['initiated', null, 'initiated'], ['authenticated', null, 'expired'], ['install_failed', null, 'install_failed'],
];
const kindOf = (n: number) => kinds[n % kinds.length]!;
const COUNT = 400;

interface Row { transactionId: string; phase: string; code?: string; identity: string; startedAt: number }
let engine: TestEngine;
const list = (filter: object, more: object = {}) => engine.ok<{ rows: Row[]; next?: string }>('sessions.list', { filter, ...more });
const all = async (filter: object): Promise<Row[]> => {
  const rows: Row[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await list(filter, { limit: 37, ...(cursor === undefined ? {} : { cursor }) });
    rows.push(...page.rows);
    if (page.next === undefined) return rows;
    cursor = page.next;
  }
};

beforeAll(async () => {
  engine = await openTestEngine({ procedures: procedures(), jobKinds: [] });
  await write(engine.ctx, async (tx) => {
    for (let n = 0; n < COUNT; n++) {
      const [phase, code] = kindOf(n);
      await tx.insertInto('sessions').values({
        transaction_id: transactionIdOf(n), identity: n % 3 === 0 ? 'brainpool' : 'nist', remote: null, smdp_address: 'smdp.test.example', phase, euicc_challenge: blob, server_challenge: blob, ci_key_id: blob, curve: 'P-256', svn: '2.2.0',
        dpauth_id: 1, dppb_id: 2, eid: eidOf(n), euicc_public_key: null, euicc_certificate: null, order_id: null, profile_id: null, smdp_signed2: null, smdp_signature2: null, metadata: null, tac: '35290611', code,
        started_at: testNow - Math.floor(n / 2) * 10_000, updated_at: testNow, expires_at: phase === 'authenticated' ? testNow - 1 : testNow + minute,
      }).execute();
    }
  });
});
afterAll(() => engine.close());

describe('pages of sessions', () => {
  test('newest first, every one once, whatever the page', async () => {
    const rows = await all({});
    expect(new Set(rows.map((row) => row.transactionId)).size).toBe(COUNT);
    expect(rows.every((row, at) => at === 0 || row.startedAt <= rows[at - 1]!.startedAt)).toBe(true);
  });

  test.each(['initiated', 'authenticated', 'refused', 'bound', 'installed', 'install_failed', 'cancelled', 'expired'])('phase %s: those that read so, no others', async (phase) => {
    const rows = await all({ phases: [phase] });
    expect(rows.every((row) => row.phase === phase)).toBe(true);
    expect(rows).toHaveLength((COUNT / kinds.length) * kinds.filter(([, , shown]) => shown === phase).length);
  });

  test('several at once, and with codes, identities and an EID', async () => {
    const both = await all({ phases: ['refused', 'expired'], identities: ['nist'] });
    expect(new Set(both.map((row) => row.phase))).toEqual(new Set(['refused', 'expired']));
    expect(both.every((row) => row.identity === 'nist')).toBe(true);
    expect(both).toHaveLength((await all({})).filter((row) => row.identity === 'nist' && ['refused', 'expired'].includes(row.phase)).length);
    const coded = await all({ codes: ['8.2.6/3.8', '8.1.1/3.8'], phases: ['refused'] });
    expect(coded).toHaveLength((COUNT / kinds.length) * 2);
    expect((await all({ failedOnly: true })).every((row) => row.code !== undefined)).toBe(true);
    expect((await all({ text: eidOf(5) })).length).toBe(Array.from({ length: COUNT }, (_, n) => n).filter((n) => n % 97 === 5).length);
    expect((await all({ text: transactionIdOf(7).slice(0, 8).toLowerCase() })).map((row) => row.transactionId)).toEqual([transactionIdOf(7)]);
    expect(await all({ text: '8904 9032', phases: ['bound'] })).toHaveLength(COUNT / kinds.length);
    expect(await all({ text: 'FFFFFFFF' })).toEqual([]);
  });

  test('each choice is sought through an index in order of time', async () => {
    const plans: string[] = [];
    for (const [where, index] of [
      [`s.phase = 'refused' and s.identity = 'nist'`, 'sessions_phase'], [`s.code = '8.2.6/3.8' and s.identity = 'nist'`, 'sessions_code'], ['s.code is not null', 'sessions_failed'],
      [`s.phase = 'cancelled' and s.code not in ('8.8.5/3.8') and s.identity = 'nist'`, 'sessions_phase'], [`s.phase = 'initiated' and s.expires_at <= 5 and s.identity = 'nist'`, 'sessions_phase'],
      [`s.phase = 'bound' and s.identity = 'nist' and (s.started_at, s.transaction_id) < (${testNow}, 'F')`, 'sessions_phase'],
    ] as const) {
      const plan = (engine.ctx.sqlite.prepare(`explain query plan select s.started_at, s.transaction_id from sessions s left join profiles p on p.id = s.profile_id where ${where} order by s.started_at desc, s.transaction_id desc limit 101`).all() as { detail: string }[]).map((row) => row.detail).join('; ');
      plans.push(plan);
      expect(plan).toContain(index);
      expect(plan).not.toMatch(/TEMP B-TREE/);
    }
    const rate = (engine.ctx.sqlite.prepare('explain query plan select started_at / 60000, count(*), count(code) from sessions where started_at >= 1 group by 1').all() as { detail: string }[])[0]!.detail;
    expect(rate).toMatch(/COVERING INDEX sessions_rate/);
  });
});

test('the pulse: an hour of minutes, what came since, what there is to filter by', async () => {
  interface Pulse { at: number; minutes: { at: number; started: number; failed: number }[]; newer: number; codes: string[]; identities: string[] }
  const newest = await list({}, { limit: 10 });
  const pulse = await engine.ok<Pulse>('sessions.pulse', { filter: {}, newest: newest.next });
  expect(pulse.newer).toBe(9);
  expect(pulse.minutes).toHaveLength(60);
  expect(pulse.minutes.reduce((sum, one) => sum + one.started, 0)).toBe((await all({})).filter((row) => row.startedAt >= pulse.minutes[0]!.at).length);
  expect(pulse.minutes.reduce((sum, one) => sum + one.failed, 0)).toBeGreaterThan(50);
  expect(pulse.codes).toEqual(['8.1.1/3.8', '8.2.6/3.8', '8.8.5/3.8']);
  expect(pulse.identities).toEqual(['brainpool', 'nist']);
  expect((await engine.ok<Pulse>('sessions.pulse', { filter: { phases: ['installed'] }, newest: newest.next })).newer).toBeLessThan(9);
});

describe('one session, its notifications, its export', () => {
  const id = transactionIdOf(2);
  beforeAll(() => write(engine.ctx, async (tx) => {
    const first = await tx.insertInto('session_steps').values({ transaction_id: id, at: testNow - 20_000, function: 'initiateAuthentication', milliseconds: 1, request_bytes: 10, response_bytes: 20, status: 'Executed-Success', code: null }).returning('id').executeTakeFirstOrThrow();
    await tx.insertInto('session_steps').values({ transaction_id: id, at: testNow - 19_000, function: 'authenticateClient', milliseconds: 2, request_bytes: 10, response_bytes: 20, status: 'Failed', code: '8.2.6/3.8' }).execute();
    await tx.insertInto('session_messages').values({ step_id: first.id, transaction_id: id, request: JSON.stringify({ euiccInfo1: { svn: '2.2.0' } }), response: '{"cut' }).execute();
    await tx.insertInto('notifications').values({ digest: Uint8Array.of(1), received_at: testNow, kind: 'install', transaction_id: id, eid: eidOf(2), iccid: '8988247000101003318', sequence: 3, operation: 'install', outcome: '5/12', verified: 1, raw: Uint8Array.of(0xbf, 0x37, 0) }).execute();
    await tx.insertInto('notifications').values({ digest: Uint8Array.of(2), received_at: testNow, kind: 'install', transaction_id: 'FF00', eid: null, iccid: null, sequence: 4, operation: 'install', outcome: null, verified: 0, raw: Uint8Array.of(0x13, 0x37) }).execute();
  }));

  test('steps carry what was kept of their messages; a damaged one says so', async () => {
    const shown = await engine.ok<{ stepList: { request?: unknown; response?: unknown; cause?: string }[]; others: Row[]; smdpAddress: string }>('sessions.show', { transactionId: id.toLowerCase() });
    expect(shown.stepList[0]).toMatchObject({ request: { euiccInfo1: { svn: '2.2.0' } }, response: { unreadable: expect.any(String) as string } });
    expect(shown.stepList[1]).toMatchObject({ cause: expect.stringMatching(/refused/) as string });
    expect(shown.stepList[1]).not.toHaveProperty('request');
    expect(shown.others.map((row) => row.transactionId)).toEqual([99, 196, 293, 390].map(transactionIdOf));
    expect((await engine.refused('sessions.show', { transactionId: 'AB' })).code).toBe('NOT_FOUND');
  });

  test('notifications say what they mean, or why nobody believed them', async () => {
    const { rows } = await engine.ok<{ rows: Record<string, unknown>[] }>('sessions.notifications', {});
    expect(rows.map((row) => row['verified'])).toEqual([false, true]);
    expect(rows[0]!['quarantined']).toMatch(/never had/);
    expect(rows[1]).toMatchObject({ outcome: 'loadProfileElements, 12', cause: expect.stringMatching(/element/) as string });
    expect((await engine.ok<{ rows: unknown[] }>('sessions.notifications', { filter: { transactionId: id } })).rows).toHaveLength(1);
    expect((await engine.ok<{ rows: unknown[] }>('sessions.notifications', { filter: { verified: false } })).rows).toHaveLength(1);
    expect((await engine.ok<{ tree: { name: string }[] }>('sessions.notification', { id: rows[1]!['id'] as number })).tree[0]!.name).toBe('ProfileInstallationResult');
    expect((await engine.ok<{ tree: unknown[] }>('sessions.notification', { id: rows[0]!['id'] as number })).tree).toEqual([]);
  });

  test('the export leaves an audit record and no identifier', async () => {
    const made = await engine.ok<{ fileName: string; fixture: unknown }>('sessions.export', { transactionId: id }, { commandId: 'export-0001' });
    expect(made.fileName).toMatch(/^session-refused-.*\.json$/);
    expect(JSON.stringify(made)).not.toContain(eidOf(2));
    expect(JSON.stringify(made)).not.toContain(id);
    const record = await engine.ctx.reader.selectFrom('audit').selectAll().where('event', '=', 'session.exported').executeTakeFirstOrThrow();
    expect(record).toMatchObject({ object_type: 'session', object_id: id, outcome: 'done' });
    expect((await engine.refused('sessions.export', { transactionId: 'AB' })).code).toBe('NOT_FOUND');
  });

  test('a decoded text leads to what this workspace has', async () => {
    const decoded = await engine.ok<{ findings: { kind: string }[]; links: { kind: string; id: string }[] }>('sessions.decode', { text: `failed for ${eidOf(2)} transactionId ${id}: 8.2.6/3.8` });
    expect(decoded.findings.map((one) => one.kind).sort()).toEqual(['eid', 'status']);
    expect(decoded.links).toContainEqual({ kind: 'session', id, text: 'The session with this TransactionID' });
    expect((await engine.refused('sessions.decode', { text: 'x'.repeat(65_537) })).code).toBe('INPUT_INVALID');
  });
});
