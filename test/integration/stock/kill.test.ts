import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csv, header, key, row } from '../../unit/stock/support.ts';

let folder: string;
let file: string;
const ROWS = 4_500;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'desk-kill-'));
  file = join(folder, 'stock.csv');
  writeFileSync(file, csv([header, ...Array.from({ length: ROWS }, (_, index) => row(index + 1))]));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run { readonly lines: Record<string, unknown>[]; readonly signal: NodeJS.Signals | null; readonly code: number | null }

/** Runs the worker; kills it with SIGKILL some milliseconds after a line with `mark`. */
function run(steps: readonly string[], kill?: { readonly mark: string; readonly after: number; readonly until?: () => boolean }): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'worker.ts'), folder, ...steps], { stdio: ['ignore', 'pipe', 'ignore'] });
    const lines: Record<string, unknown>[] = [];
    let rest = '';
    let poll: NodeJS.Timeout | undefined;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop()!;
      for (const part of parts) {
        lines.push(JSON.parse(part) as Record<string, unknown>);
        if (!kill || !(kill.mark in lines[lines.length - 1]!)) continue;
        if (!kill.until) setTimeout(() => child.kill('SIGKILL'), kill.after);
        else poll = setInterval(() => kill.until!() && child.kill('SIGKILL'), 3);
      }
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearInterval(poll);
      resolve({ lines, code, signal });
    });
  });
}

function inDatabase<T>(read: (db: Sqlite.Database) => T): T {
  const db = new Sqlite(join(folder, 'workspace', 'desk.db'), { readonly: true });
  try {
    return read(db);
  } finally {
    db.close();
  }
}

/** No number twice, none lost, no half profile; only whole imports. */
function check(): { sellable: number; imported: number; used: number } {
  return inDatabase((db) => {
    const one = (sql: string): number => db.prepare(sql).pluck().get() as number;
    expect(one('select count(*) - count(distinct iccid) from profiles')).toBe(0);
    expect(one('select count(*) - count(distinct imsi) from profiles')).toBe(0);
    const used = one('select coalesce(sum(used), 0) from ranges');
    // What a batch keeps is given out, and has no profile yet.
    expect(one('select count(*) from profiles where import_id is null') + one('select coalesce(sum(count - taken), 0) from number_reservations')).toBe(used);
    expect(one(`select count(*) from profiles where (stock_state = 'sellable') <> (slots is not null and package_digest is not null and batch_id is not null and prepared_at is not null)`)).toBe(0);
    expect(one(`select count(*) from profiles where stock_state = 'imported' and (slots is not null or batch_id is not null or package_digest is not null)`)).toBe(0);
    expect(db.prepare('pragma integrity_check').pluck().get()).toBe('ok');
    return { sellable: one(`select count(*) from profiles where stock_state = 'sellable'`), imported: one(`select count(*) from profiles where stock_state = 'imported'`), used };
  });
}

describe('kill -9', () => {
  const seed = 20_260_115;
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };

  it('during an import leaves all of it or nothing, and says so', async () => {
    expect((await run(['setup'])).code).toBe(0);
    const recoveredOf = (one: Run): string[] => one.lines.find((line) => 'recovered' in line)!['recovered'] as string[];
    await run([`import=${file}`], { mark: 'importing', after: random(500) });
    // The first chunk is in the database, the last is not: the moment that needs the repair.
    const cut = await run([`import=${file}`], { mark: 'importing', after: 0, until: () => inDatabase((db) => db.prepare('select count(*) from profiles').pluck().get() as number) > 0 });
    expect(cut.signal).toBe('SIGKILL');
    expect(inDatabase((db) => db.prepare('select state from imports').pluck().all())).toContain('running');
    const last = await run([`import=${file}`]);
    const undone = recoveredOf(last);
    expect(undone).toHaveLength(1);
    expect(undone[0]).toMatch(/The import of stock.csv was interrupted; its \d+ profiles were removed again/);
    expect(last.lines.at(-1)).toMatchObject({ accepted: ROWS, rejected: 0 });
    expect(check()).toEqual({ sellable: 0, imported: ROWS, used: 0 });
  });

  it('during a preparation loses no number and makes no half profile', async () => {
    const wanted = 6_500;
    await run([`prepare=${wanted}`, 'work'], { mark: 'working', after: random(600) });
    check();
    let kills = 1;
    for (; kills < 3; kills++) {
      // Kills fall when so many more are done, between the transactions of units and inside them.
      const target = (kills * wanted) / 4;
      const { signal } = await run(['work'], { mark: 'working', after: 0, until: () => inDatabase((db) => db.prepare(`select count(*) from profiles where stock_state = 'sellable'`).pluck().get() as number) >= target });
      const { sellable } = check();
      expect(signal, `at ${sellable}`).toBe('SIGKILL');
      expect(sellable).toBeGreaterThanOrEqual(target);
      expect(sellable).toBeLessThan(wanted);
    }
    const last = await run(['work']);
    expect(last.lines.at(-1), `seed ${seed}, ${kills} kills`).toEqual({ idle: true });
    expect(check()).toEqual({ sellable: wanted, imported: 0, used: wanted - ROWS });
    expect(inDatabase((db) => db.prepare(`select state, done, total from jobs where kind = 'prepare'`).all())).toEqual([{ state: 'done', done: wanted, total: wanted }]);
  });

  it('has left no K in any file of engine or vault, as octets or as digits', () => {
    const keys = [1, 7, ROWS - 1].flatMap((n) => [Buffer.from(key(n), 'hex'), Buffer.from(key(n)), Buffer.from(key(n).toLowerCase()), Buffer.from(key(n, 'BB'), 'hex')]);
    const files = ['workspace', 'vault'].flatMap((name) => readdirSync(join(folder, name), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(1);
    for (const entry of files) {
      const content = readFileSync(join(entry.parentPath, entry.name));
      for (const secret of keys) expect(content.includes(secret), entry.name).toBe(false);
    }
    expect(keys.every((secret) => secret.length > 15)).toBe(true);
  });
});
