import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csv, header, key, row } from '../../unit/stock/support.ts';

let folder: string;
let file: string;
const ROWS = 4_000;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'desk-import-kill-'));
  file = join(folder, 'stock.csv');
  writeFileSync(file, csv([header, ...Array.from({ length: ROWS }, (_, index) => row(index + 1))]));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run { readonly lines: Record<string, unknown>[]; readonly signal: NodeJS.Signals | null; readonly code: number | null }

/** Runs the worker; kills it with SIGKILL when it said `mark` and `until` holds. */
function run(steps: readonly string[], kill?: { readonly mark: string; readonly until: () => boolean }): Promise<Run> {
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
        if (kill && kill.mark in lines[lines.length - 1]!) poll = setInterval(() => kill.until() && child.kill('SIGKILL'), 2);
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
const count = (): number => inDatabase((db) => db.prepare('select count(*) from profiles').pluck().get() as number);
const staging = (): string[] => (existsSync(join(folder, 'workspace', 'imports')) ? readdirSync(join(folder, 'workspace', 'imports')) : []);

/** As the preparation chooses: imported, and of no import that runs. */
const preparable = (): number => inDatabase((db) => db.prepare(`select count(*) from profiles where stock_state = 'imported' and import_id not in (select id from imports where state = 'running')`).pluck().get() as number);

describe('kill -9 of an import', () => {
  it('while rows are checked leaves nothing, and no staging behind the next start', async () => {
    expect((await run(['setup'])).code).toBe(0);
    const cut = await run([`check=${file}`], { mark: 'checking', until: () => staging().length > 0 });
    expect(cut.signal).toBe('SIGKILL');
    expect([count(), staging().length > 0]).toEqual([0, true]);
    const next = await run(['work']);
    expect(next.lines[0]).toMatchObject({ recovered: [] });
    expect([count(), staging()]).toEqual([0, []]);
    expect(inDatabase((db) => db.prepare(`select state, message from jobs where kind = 'import.validate'`).all())).toEqual([{ state: 'failed', message: expect.stringContaining('the program was started again') as string }]);
  });

  it('while they are written goes on to the end: no row twice, none lost, none usable before', async () => {
    let kills = 0;
    const first = await run([`check=${file}`, 'commit'], { mark: 'writing', until: () => count() > 0 });
    expect(first.signal).toBe('SIGKILL');
    for (let target = 800; target < ROWS - 400 && kills < 3; target += 1_000) {
      const before = count();
      expect(before).toBeGreaterThan(0);
      expect(before).toBeLessThan(ROWS);
      expect([preparable(), staging().length]).toEqual([0, 1]);
      const { signal, lines } = await run(['work'], { mark: 'writing', until: () => count() >= Math.max(target, before + 1) });
      if (signal !== 'SIGKILL') break;
      expect(lines[0]).toMatchObject({ requeued: 1 });
      kills += 1;
      // The rest was in one piece with what came after the last kill.
      if (count() === ROWS) break;
    }
    const last = await run(['work']);
    expect(last.lines.at(-1)).toEqual({ written: true });
    expect(kills).toBeGreaterThan(0);
    expect([count(), preparable()]).toEqual([ROWS, ROWS]);
    // Staging goes once the end of the job is on the disk; a program that ends before tidies at its next start.
    expect((await run(['work'])).code).toBe(0);
    expect([count(), preparable(), staging()]).toEqual([ROWS, ROWS, []]);
    inDatabase((db) => {
      expect(db.prepare(`select count(distinct iccid), count(distinct imsi), count(distinct key_fingerprint), count(subscriber) from profiles`).raw().get()).toEqual([ROWS, ROWS, ROWS, ROWS]);
      expect(db.prepare(`select state, accepted from imports`).all()).toEqual([{ state: 'done', accepted: ROWS }]);
      expect(db.prepare(`select state, done, total from jobs where kind = 'import.commit'`).all()).toEqual([{ state: 'done', done: ROWS, total: ROWS }]);
      expect(db.prepare('pragma integrity_check').pluck().get()).toBe('ok');
    });
  });

  it('has left no K in any file of engine or vault, as octets or as digits', () => {
    const keys = [1, 7, ROWS - 1].flatMap((n) => [Buffer.from(key(n), 'hex'), Buffer.from(key(n)), Buffer.from(key(n).toLowerCase()), Buffer.from(key(n, 'BB'), 'hex')]);
    const files = ['workspace', 'vault'].flatMap((name) => readdirSync(join(folder, name), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    for (const entry of files) {
      const content = readFileSync(join(entry.parentPath, entry.name));
      for (const secret of keys) expect(content.includes(secret), entry.name).toBe(false);
    }
  });
});
