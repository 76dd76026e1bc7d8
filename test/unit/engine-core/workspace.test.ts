import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestEngine, type TestEngine, testNow } from '../../support/engine.ts';
import { addEvent, addOrder, addProfiles, addType, eidOf, iccidOf, imsiOf, msisdnOf } from '../../support/stock-rows.ts';

const day = 86_400_000;
let engine: TestEngine;
beforeEach(async () => { engine = await openTestEngine(); });
afterEach(() => engine.close());

interface Hits { recognised?: string; hits: { kind: string; id: string; href: string }[] }
const search = (text: string) => engine.ok<Hits>('workspace.search', { text });

describe('search', () => {
  beforeEach(() => {
    const { sqlite } = engine.ctx;
    const type = addType(sqlite, 'Travel Europe');
    addProfiles(sqlite, type, 1, 300, (n) => (n === 42 ? { eid: eidOf(7) } : {}));
    addOrder(sqlite, { id: 'ord_test000042', profile: 42, typeId: type, matchingId: 'ABCDE-FGHJK-LMNPQ-RSTUV', eid: eidOf(7), createdAt: testNow });
    sqlite.prepare(`insert into sessions (transaction_id, identity, smdp_address, phase, euicc_challenge, server_challenge, ci_key_id, curve, dpauth_id, dppb_id, eid, started_at, updated_at, expires_at)
      values ('AABBCCDD00112233AABBCCDD00112233', 'lab', 'x', 'installed', x'00', x'00', x'00', 'P-256', 1, 1, ?, 0, 0, 0)`).run(eidOf(7));
  });
  it.each([
    ['a whole ICCID', () => iccidOf(42)], ['padded', () => `${iccidOf(42)}F`], ['in groups', () => iccidOf(42).replace(/(.{4})/g, '$1 ')],
    ['its IMSI', () => imsiOf(42)], ['its MSISDN with +', () => `+${msisdnOf(42)}`], ['its MSISDN', () => msisdnOf(42)], ['its MSISDN with 00', () => `00${msisdnOf(42)}`], ['its MSISDN with 00 in groups', () => `00${msisdnOf(42)}`.replace(/(.{4})/g, '$1 ')], ['its EID', () => eidOf(7)],
    ['the end of its ICCID', () => iccidOf(42).slice(-6)], ['the end of its IMSI', () => imsiOf(42).slice(-5)], ['the end of its EID', () => eidOf(7).slice(-5)],
  ])('finds a profile by %s', async (_how, text) => {
    expect((await search(text())).hits).toContainEqual(expect.objectContaining({ kind: 'profile', id: iccidOf(42), href: `/inventory/${iccidOf(42)}` }));
  });
  it('finds an order by MatchingID, its beginning in small letters, its activation code, its number', async () => {
    for (const text of ['ABCDE-FGHJK-LMNPQ-RSTUV', 'abcde-fghjk', 'LPA:1$smdp.test.example$ABCDE-FGHJK-LMNPQ-RSTUV', 'lpa:1$SMDP.test.example$abcde-fghjk-lmnpq-rstuv', 'lpa://LPA:1$smdp.test.example$ABCDE-FGHJK-LMNPQ-RSTUV', 'lpa://1%24smdp.test.example%24ABCDE-FGHJK-LMNPQ-RSTUV', 'https://esimsetup.apple.com/esim_qrcode_provisioning?carddata=LPA%3A1%24smdp.test.example%24ABCDE-FGHJK-LMNPQ-RSTUV', 'ord_test0000']) {
      expect((await search(text)).hits).toContainEqual(expect.objectContaining({ kind: 'order', id: 'ord_test000042' }));
    }
  });
  it('finds a MatchingID typed without its dashes, whole or begun', async () => {
    for (const text of ['ABCDEFGHJKLMNPQRSTUV', 'abcdefghjklmnpqrstuv', 'ABCDE FGHJK LMNPQ RSTUV', 'abcdefgh', 'MatchingID: ABCDEFGHJKLMNPQRSTUV']) {
      expect((await search(text)).hits.filter((h) => h.kind === 'order')).toEqual([expect.objectContaining({ id: 'ord_test000042' })]);
    }
    expect(await engine.ok<{ rows: unknown[] }>('orders.list', { filter: { text: 'abcdefghjk' } })).toMatchObject({ rows: [{ orderId: 'ord_test000042' }] });
  });
  it('reads past the name in front of an identifier, and looks where it says', async () => {
    for (const [text, recognised] of [[`ICCID: ${iccidOf(42)}`, 'ICCID'], [`imsi:${imsiOf(42)}`, 'IMSI'], [`MSISDN +${msisdnOf(42)}`, 'MSISDN'], [`EID = ${eidOf(7)}`, 'EID']] as const) {
      expect(await search(text)).toMatchObject({ recognised, hits: expect.arrayContaining([expect.objectContaining({ kind: 'profile', id: iccidOf(42) })]) });
    }
    expect((await search(`IMSI: ${msisdnOf(42)}`)).hits).toEqual([]);
    expect((await search('eidolon')).recognised).toBeUndefined();
  });
  it('finds sessions, types and templates', async () => {
    expect((await search('aabbccdd00112233')).hits).toContainEqual(expect.objectContaining({ kind: 'session' }));
    expect((await search(eidOf(7))).hits.map((h) => h.kind)).toEqual(['profile', 'order', 'session']);
    expect((await search('europe')).hits.map((h) => h.kind).sort()).toEqual(['template', 'type']);
  });
  it('finds nothing where nothing is, and takes no wildcards', async () => {
    for (const text of ['%', '__', '1', '99', iccidOf(9999), 'nobody', '*', "' or 1=1 --", '\\']) expect((await search(text)).hits).toEqual([]);
    expect(await engine.refused('workspace.search', { text: '' })).toMatchObject({ code: 'INPUT_INVALID', field: 'text' });
  });
  it('is limited', async () => expect((await search('8949')).hits.length).toBeLessThanOrEqual(30));
  it('uses an index for every look-up of profiles, orders and sessions', async () => {
    const { sqlite } = engine.ctx;
    const plan = (text: string) => (sqlite.prepare(`explain query plan ${text}`).all() as { detail: string }[]).map((r) => r.detail).join('; ');
    for (const column of ['iccid', 'imsi', 'msisdn', 'eid', 'iccid_rev', 'imsi_rev', 'msisdn_rev', 'eid_rev']) {
      expect(plan(`select id from profiles where ${column} >= '89' and ${column} < '89:' order by ${column} limit 8`)).toMatch(/^SEARCH profiles USING (COVERING )?INDEX/);
    }
    expect(plan(`select transaction_id from sessions where transaction_id >= 'A' and transaction_id < 'A~' order by started_at desc limit 8`)).toMatch(/SEARCH sessions USING/);
    expect(plan(`select o.id from orders o join matching_ids m on m.order_id = o.id where m.matching_id >= 'A' and m.matching_id < 'A~' order by m.matching_id limit 8`)).not.toMatch(/SCAN/);
  });
});

describe('home', () => {
  it('of an empty workspace is all zero', async () => {
    const home = await engine.ok<Record<string, unknown>>('workspace.home');
    expect(home).toMatchObject({ stock: [], profiles: 0, activations: { today: 0, sevenDays: 0, waiting: 0, installed: 0, failed: 0 }, timeToInstalled: { samples: 0 }, attention: [], recent: [] });
    expect(home['perDay']).toHaveLength(14);
  });
  it('counts what the tables hold', async () => {
    const { sqlite } = engine.ctx;
    const type = addType(sqlite, 'T');
    addProfiles(sqlite, type, 1, 40, (n) => (n <= 5 ? { stock: 'imported' } : n <= 7 ? { stock: 'quarantined' } : n <= 10 ? { stock: 'sold', order: 'error' } : n === 11 ? { stock: 'sold', order: 'downloaded', lastEventAt: testNow - 2 * 3_600_000 } : n >= 20 && n < 25 ? { stock: 'sold', order: 'released' } : n >= 25 && n < 31 ? { stock: 'sold', order: 'installed' } : {}));
    for (let i = 0; i < 25; i++) {
      const at = testNow - i * 3_600_000 * 12;
      addOrder(sqlite, { id: `ord_${i}`, profile: 12 + (i % 5), typeId: type, matchingId: `M-${i}`, createdAt: at, ...(i < 20 ? { closedAt: at + 1 } : { expiresAt: testNow + day }) });
      addEvent(sqlite, { profile: 12, order: `ord_${i}`, at, stage: 'ordered' });
      addEvent(sqlite, { profile: 12, order: `ord_${i}`, at, stage: 'released' });
      if (i < 22) addEvent(sqlite, { profile: 12, order: `ord_${i}`, at: at + 1000 * (i + 1), stage: 'installed' });
      else addEvent(sqlite, { profile: 12, order: `ord_${i}`, at: testNow - day, stage: 'refused' });
    }
    for (const profile of [8, 9, 10]) addOrder(sqlite, { id: `bad_${profile}`, profile, typeId: type, matchingId: `E-${profile}`, createdAt: testNow - 30 * day, closedAt: testNow - day });
    // Retired after its order had failed: the order stays a failed one.
    addProfiles(sqlite, type, 41, 1, () => ({ stock: 'retired', order: 'unavailable' }));
    addOrder(sqlite, { id: 'bad_41', profile: 41, typeId: type, matchingId: 'E-41', createdAt: testNow - 30 * day, closedAt: testNow - day });
    sqlite.exec(`update orders set final_state = 'error' where id like 'bad_%'; update profiles set order_id = 'bad_' || id where order_state in ('error', 'unavailable')`);
    const failed = await engine.ok<{ rows: unknown[] }>('orders.list', { filter: { state: ['error'] }, limit: 50 });
    const home = await engine.ok<{ perDay: { day: string; ordered: number; installed: number; failed: number }[]; attention: { kind: string; count: number }[]; recent: unknown[] }>('workspace.home');
    expect(home).toMatchObject({
      stock: [{ type: 'T', imported: 5, sellable: 18, sold: 15, quarantined: 2 }], profiles: 41,
      activations: { waiting: 5, installed: 6, failed: failed.rows.length }, timeToInstalled: { samples: 22, p50: 11_000, p90: 20_000 },
    });
    expect(home.perDay.at(-1)).toMatchObject({ day: '2026-01-15', ordered: 2 });
    expect(home.perDay.at(-2)).toMatchObject({ day: '2026-01-14', failed: 4 });
    expect(failed.rows).toHaveLength(4);
    expect(home.perDay.reduce((sum, d) => sum + d.ordered, 0)).toBe(25);
    expect(Object.fromEntries(home.attention.map((a) => [a.kind, a.count]))).toEqual({ failed: 4, 'half-done': 1, expiring: 5, quarantined: 2 });
    expect(home.recent).toHaveLength(60);
    // Written last, but older: figures of a lab are dated back.
    engine.ctx.sqlite.prepare(`insert into activation_events (profile_id, at, stage, source, text) select id, 1, 'ordered', 'desk', 'long ago' from profiles limit 1`).run();
    const { recent } = await engine.ok<{ recent: { at: number }[] }>('workspace.home');
    expect(recent.map((event) => event.at)).toEqual(recent.map((event) => event.at).sort((a, b) => b - a));
    expect(recent.some((event) => event.at === 1)).toBe(false);
  });
});

describe('settings', () => {
  it('have defaults, are validated, kept and shown to all at once', async () => {
    expect(await engine.ok('workspace.settings')).toMatchObject({ smdpAddress: 'smdp.test.example', downloadLimit: 10, limits: { bodyBytes: 1_048_576 } });
    expect(await engine.ok('workspace.saveSettings', { settings: { downloadLimit: 9 } })).toMatchObject({ downloadLimit: 9 });
    expect(engine.ctx.settings().downloadLimit).toBe(9);
    expect(await engine.refused('workspace.saveSettings', { settings: { downloadLimit: -1 } })).toMatchObject({ code: 'INPUT_INVALID', field: 'settings.downloadLimit' });
    expect(await engine.refused('workspace.saveSettings', { settings: { limits: { bodyBytes: 5 } } })).toMatchObject({ code: 'INPUT_INVALID' });
    engine = await engine.reopen();
    expect(engine.ctx.settings().downloadLimit).toBe(9);
  });
});

describe('status and backup', () => {
  it('say what the workspace is', async () => {
    const status = await engine.ok<{ chain: { records: number; head: string } }>('workspace.status');
    expect(status).toMatchObject({ environment: 'lab', vault: { state: 'ready', protection: 'not-protected', restarts: 0 }, database: { schema: expect.stringMatching(/^\d{4}-/), state: 'ok' }, jobsRunning: 0, recovered: [], chain: { records: 1, head: expect.stringMatching(/^[0-9a-f]{64}$/) } });
    const backup = await engine.ok<{ file: string }>('workspace.backup');
    expect(backup.file).not.toContain('/');
    expect(await engine.ok('audit.list', { limit: 1 })).toMatchObject({ rows: [{ event: 'backup.written', objectId: backup.file }], next: expect.any(String) });
  });
  it('audit is paged without gap or repeat', async () => {
    for (let i = 0; i < 7; i++) await engine.ok('workspace.saveSettings', { settings: { downloadLimit: i + 1 } });
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page: { rows: { seq: number }[]; next?: string } = await engine.ok('audit.list', { limit: 3, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.rows.map((r) => r.seq));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(seen).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    expect(await engine.ok('audit.list', { objectId: 'workspace' })).toMatchObject({ rows: { length: 7 } });
  });
});
