import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { key } from '../../unit/preparation/support.ts';
import { check, inDatabase, runWorker } from './killing.ts';

let folder: string;
const STOCK = 4_500;
const WANTED = 9_500;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'desk-prepare-'));
  mkdirSync(join(folder, 'workspace', 'outputs'), { recursive: true });
  expect((await runWorker(folder, ['setup', `stock=${STOCK}@1`, 'range=4000@100000', 'range=9000@200000'])).code).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sql = (text: string): number => inDatabase(folder, (db) => db.prepare(text).pluck().get() as number);
const prepared = (): number => sql(`select count(*) from profiles where stock_state = 'sellable'`);

describe('kill -9 of a preparation', () => {
  it('before, between and inside units, while a batch is reserved and while its files are made: the job goes on and is exact', async () => {
    // Right after the reservation was acknowledged, before any unit.
    const started = await runWorker(folder, [`start=${WANTED}`, 'work'], { mark: 'batch' });
    expect(started.signal).toBe('SIGKILL');
    expect(sql('select coalesce(sum(count - taken), 0) + (select count(*) from profiles where import_id is null) from number_reservations')).toBe(WANTED - STOCK);
    check(folder);
    for (let kills = 1; kills <= 3; kills++) {
      const target = (kills * WANTED) / 5;
      const { signal } = await runWorker(folder, ['work'], { mark: 'working', until: () => prepared() >= target });
      const { sellable } = check(folder);
      expect(signal, `at ${sellable}`).toBe('SIGKILL');
      expect(sellable).toBeLessThan(WANTED);
    }
    // While files are written.
    await runWorker(folder, ['work'], { mark: 'working', until: () => sql(`select count(*) from jobs where kind = 'output' and state = 'running'`) > 0 });
    check(folder);
    const last = await runWorker(folder, ['work']);
    expect(last.lines.at(-1)).toEqual({ idle: true });
    expect(check(folder)).toEqual({ sellable: WANTED, imported: 0 });
    expect(inDatabase(folder, (db) => db.prepare(`select state, done, total from jobs where kind = 'prepare'`).all())).toEqual([{ state: 'done', done: WANTED, total: WANTED }]);
    expect(sql('select count(*) from number_reservations')).toBe(0);
    expect(sql('select count(*) from artefacts')).toBe(2);
    expect(readdirSync(join(folder, 'workspace', 'outputs'))).toHaveLength(2);
  });

  it('and of its cancelling: what it held is free again at the next start', async () => {
    const { signal } = await runWorker(folder, ['start=6000', 'cancel', 'work'], { mark: 'state' });
    expect(signal).toBe('SIGKILL');
    const before = check(folder).sellable;
    await runWorker(folder, ['work']);
    expect(check(folder).sellable).toBe(before);
    expect(sql(`select count(*) from number_reservations where state = 'open'`)).toBe(0);
    expect(sql(`select state = 'cancelled' from jobs where kind = 'prepare' order by rowid desc limit 1`)).toBe(1);
  });

  it('has left no K in any file of engine or vault, as octets or as digits', () => {
    const keys = [1, 7, STOCK - 1].flatMap((n) => [Buffer.from(key(n), 'hex'), Buffer.from(key(n)), Buffer.from(key(n).toLowerCase()), Buffer.from(key(n, 'BB'), 'hex')]);
    const files = ['workspace', 'vault'].flatMap((name) => readdirSync(join(folder, name), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(1);
    for (const entry of files) {
      const content = readFileSync(join(entry.parentPath, entry.name));
      for (const secret of keys) expect(content.includes(secret), entry.name).toBe(false);
    }
  });
});
