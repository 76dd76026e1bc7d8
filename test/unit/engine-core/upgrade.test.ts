/** A workspace of the first release with an order in it, opened by this one. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { memoryLog } from '../../../src/main/engine/log.ts';
import { openStore } from '../../../src/main/engine/store/index.ts';
import { migrations } from '../../../src/main/engine/store/migrate.ts';
import { testClock } from '../../support/engine.ts';

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
