/** Workspaces of earlier releases, with what people had in them, opened by this one. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { memoryLog } from '../../../src/main/engine/log.ts';
import { openStore } from '../../../src/main/engine/store/index.ts';
import { checkAll } from '../../../src/main/engine/numbers/check.ts';
import { ledgerEntitlements } from '../../../src/main/engine/numbers/upgrade.ts';
import { migrations } from '../../../src/main/engine/store/migrate.ts';
import { luhnCheckDigit } from '../../../src/shared/identifiers/index.ts';
import { seededRandom, testClock } from '../../support/engine.ts';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'desk-upgrade-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('keeps its orders, which were confirmed when they were made, and a backup from before', async () => {
  const options = { path: join(folder, 'desk.db'), backupFolder: join(folder, 'backups'), clock: testClock(), log: memoryLog() };
  const first = await openStore({ ...options, migrations: { '0001-walking-chain': migrations['0001-walking-chain']! } });
  first.sqlite.exec(`
    insert into templates values (1, 't', 1, x'00', x'01', x'00', '[]', 1, 'milenage', '2.3', 1, 0, 0, '[]', 5);
    insert into profile_types values (1, 'consumer', 1, 'TEST ONLY', 'Test', 'operational', null, null, 0, 0, null, '[]', 'session-keys', 5);
    insert into profiles (id, iccid, iccid_rev, imsi, imsi_rev, type_id, template_id, order_state, network_state, stock_state, device_state, order_id, created_at)
      values (1, '8988211000000000011', '1100000000001128898', '001010000000001', '100000000010100', 1, 1, 'released', 'absent', 'sold', 'unknown', 'o-1', 5);
    insert into orders (id, profile_id, type_id, matching_id, eid, smdp_address, confirmation, confirmation_limit, download_attempts, download_limit, expires_at, created_at)
      values ('o-1', 1, 1, '', '89049032000000000000000000000163', 'smdp.test.example', x'aa', 5, 3, 10, 900, 7);
    insert into matching_ids values ('GONE', 'o-0', 3);`);
  await first.close();

  const second = await openStore(options);
  try {
    expect(second.schemaVersion).toBe(Object.keys(migrations).sort().at(-1));
    expect(await second.reader.selectFrom('orders').selectAll().execute()).toMatchObject([{
      id: 'o-1', profile_id: 1, matching_id: '', eid: '89049032000000000000000000000163', download_attempts: 3, confirmation_limit: 5, expires_at: 900,
      created_at: 7, confirmed_at: 7, closed_at: null, brand_id: null, source: 'operator', smds_address: null,
    }]);
    expect(await second.reader.selectFrom('matching_ids').selectAll().execute()).toEqual([{ matching_id: 'GONE', order_id: 'o-0', created_at: 3 }]);
    expect(second.sqlite.pragma('foreign_key_check')).toEqual([]);
    expect(second.sqlite.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(readdirSync(join(folder, 'backups'))).toHaveLength(1);
  } finally {
    await second.close();
  }
});

it('makes ledgers of its ranges that agree with its profiles, and keeps what brands are entitled to', async () => {
  const body = (n: number): string => `8988211${String(n).padStart(11, '0')}`;
  const iccid = (n: number): string => body(n) + luhnCheckDigit(body(n));
  const imsi = (n: number): string => `00101${String(n).padStart(10, '0')}`;
  const msisdn = (n: number): string => `9991${String(n).padStart(8, '0')}`;
  const reversed = (digits: string): string => [...digits].reverse().join('');
  const options = { path: join(folder, 'desk.db'), backupFolder: join(folder, 'backups'), clock: testClock(), log: memoryLog() };
  const older = Object.fromEntries(['0001-walking-chain', '0002-conformant-smdp'].map((name) => [name, migrations[name]!]));
  const first = await openStore({ ...options, migrations: older });
  const run = (text: string, ...values: unknown[]) => first.sqlite.prepare(text).run(...values);
  first.sqlite.exec(`
    insert into templates values (1, 't', 1, x'00', x'01', x'00', '[]', 1, 'milenage', '2.3', 1, 0, 0, '[]', 5);
    insert into profile_types values (1, 'consumer', 1, 'TEST ONLY', 'Test', 'operational', null, null, 0, 0, null, '[]', 'session-keys', 5);
    insert into imports values (1, 'vendor.csv', x'01', 1, 2, 0, 'done', null, 6);
    insert into brands (id, name, created_at) values (1, 'Northwind', 5);`);
  // 10 places with MSISDNs, 4 given out, one of them retired since; 5 places without, none given out.
  run('insert into ranges values (?, 1, ?, ?, ?, 10, 4, 5)', 'rng_a', body(100), imsi(100), msisdn(100));
  run('insert into ranges values (?, 1, ?, ?, null, 5, 0, 6)', 'rng_b', body(200), imsi(200));
  const profile = (id: number, n: number, number: string | null, importId: number | null, stock: string, order = 'available'): void => {
    run(`insert into profiles (id, iccid, iccid_rev, imsi, imsi_rev, msisdn, msisdn_rev, type_id, template_id, order_state, network_state, stock_state, device_state, import_id, slots, created_at)
      values (?, ?, ?, ?, ?, ?, ?, 1, 1, ?, 'absent', ?, 'unknown', ?, x'01', 86400000)`,
    id, iccid(n), reversed(iccid(n)), imsi(n), reversed(imsi(n)), number, number && reversed(number), order, stock, importId);
  };
  for (const n of [100, 101, 102]) profile(n, n, msisdn(n), null, 'sellable');
  profile(103, 103, msisdn(103), null, 'retired', 'unavailable');
  // A file's MSISDN that lies in the range: files were held against ICCIDs and IMSIs only.
  profile(500, 500, msisdn(109), 1, 'imported');
  profile(501, 501, null, 1, 'imported');
  // From the middle of the first range, and numbers no range has.
  run('insert into brand_iccids values (1, ?, ?)', iccid(105), iccid(109));
  run('insert into brand_iccids values (1, ?, ?)', iccid(900), iccid(949));
  run(`insert into orders (id, profile_id, type_id, matching_id, smdp_address, confirmation_limit, download_limit, created_at, closed_at, final_state)
    values ('o-1', 100, 1, 'M-1', 'smdp.test.example', 5, 10, 86400000, 172800000, 'available')`);
  const before = first.sqlite.prepare('select id, iccid, imsi, msisdn, order_state, stock_state, created_at from profiles order by id').all();
  const ranges = first.sqlite.prepare('select id, iccid_first, imsi_first, msisdn_first, count, used from ranges where id = ?').get('rng_b');
  await first.close();

  const second = await openStore(options);
  try {
    const ctx = { ...second, clock: testClock(), random: seededRandom() };
    expect(second.sqlite.prepare('select id, iccid, imsi, msisdn, order_state, stock_state, created_at from profiles order by id').all()).toEqual(before);
    expect(second.sqlite.prepare('select id, iccid_first, imsi_first, msisdn_first, count, used from ranges where id = ?').get('rng_b')).toEqual(ranges);
    // Before this step only what brands were entitled to is missing.
    expect((await checkAll(second)).map((one) => one.code).sort()).toEqual(['ACROSS_BRANDS', 'NOT_IN_LEDGER']);
    expect(await ledgerEntitlements(ctx)).toEqual([expect.stringContaining('entitled')]);
    expect(await ledgerEntitlements(ctx)).toEqual([]);
    expect(await checkAll(second)).toEqual([]);

    const blocks = (kind: string) => second.sqlite.prepare('select first, count, used, burnt, brand_id, source from number_blocks where kind = ? order by first').all(kind);
    const own = { brand_id: null, source: 'own' };
    expect(blocks('iccid')).toEqual([
      { first: body(100), count: 5, used: 4, burnt: 1, ...own }, { first: body(105), count: 5, used: 0, burnt: 0, ...own },
      { first: body(200), count: 5, used: 0, burnt: 0, ...own }, { first: body(900), count: 50, used: 0, burnt: 0, ...own, source: 'entitlement' },
    ]);
    expect(blocks('imsi')).toEqual([
      { first: imsi(100), count: 5, used: 4, burnt: 1, ...own }, { first: imsi(105), count: 5, used: 0, burnt: 0, ...own, brand_id: 1 }, { first: imsi(200), count: 5, used: 0, burnt: 0, ...own },
    ]);
    expect(blocks('msisdn')).toEqual([{ first: msisdn(100), count: 5, used: 4, burnt: 1, ...own }, { first: msisdn(105), count: 5, used: 1, burnt: 0, ...own, brand_id: 1 }]);
    expect(second.sqlite.prepare('select kind, n from numbers_outside order by kind').all()).toEqual([{ kind: 'iccid', n: 2 }, { kind: 'imsi', n: 2 }, { kind: 'msisdn', n: 0 }]);
    expect(second.sqlite.prepare('select kind, number, iccid, free_at from burnt_numbers order by kind').all()).toEqual([
      { kind: 'iccid', number: iccid(103), iccid: iccid(103), free_at: null }, { kind: 'imsi', number: imsi(103), iccid: iccid(103), free_at: null }, { kind: 'msisdn', number: msisdn(103), iccid: iccid(103), free_at: null },
    ]);
    expect(second.sqlite.prepare('select day, ordered, returned from type_use order by day').all()).toEqual([{ day: 1, ordered: 1, returned: 0 }, { day: 2, ordered: 0, returned: 1 }]);
    expect(second.sqlite.prepare('select sum(n) as n from profile_counts').get()).toEqual({ n: before.length });
    expect(second.sqlite.prepare('select type_id, template_id, since from type_templates').all()).toEqual([{ type_id: 1, template_id: 1, since: 5 }]);
    expect(second.sqlite.prepare('select state, first_profile from imports').all()).toEqual([{ state: 'done', first_profile: 0 }]);
    expect(second.sqlite.pragma('foreign_key_check')).toEqual([]);
    expect(second.sqlite.pragma('integrity_check', { simple: true })).toBe('ok');
  } finally {
    await second.close();
  }
});

it('keeps the numbers its batches have, and goes on behind them', async () => {
  const options = { path: join(folder, 'desk.db'), backupFolder: join(folder, 'backups'), clock: testClock(), log: memoryLog() };
  const older = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0008'));
  const first = await openStore({ ...options, migrations: older });
  first.sqlite.exec(`
    insert into templates (id, name, version, der, digest, base, slots, size_bytes, algorithm, saip_version, elements, errors, warnings, findings, created_at) values (1, 't', 1, x'00', x'01', x'00', '[]', 1, 'milenage', '2.3', 1, 0, 0, '[]', 5);
    insert into profile_types values (1, 'consumer', 1, 'TEST ONLY', 'Test', 'operational', null, null, 0, 0, null, '[]', 'session-keys', 5);`);
  const batch = (store: typeof first, kind: string): void => void store.sqlite.prepare(`insert into batches (kind, type_id, batch_key, created_at) values (?, 1, x'00', 1)`).run(kind);
  for (const kind of ['import', 'preparation', 'import', 'preparation']) batch(first, kind);
  await first.close();
  const second = await openStore(options);
  try {
    for (const kind of ['import', 'preparation', 'import', 'import', 'preparation']) batch(second, kind);
    expect(second.sqlite.prepare('select id, number from batches order by id').raw().all()).toEqual([[1, null], [2, 2], [3, null], [4, 4], [5, null], [6, 5], [7, null], [8, null], [9, 6]]);
  } finally {
    await second.close();
  }
});
