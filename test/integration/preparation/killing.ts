/** Runs the worker, kills it at a chosen moment, and looks at what is left, in SQL and on the disk. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { recordHash, zeroHash } from '../../../src/main/engine/audit/append.ts';
import { invariants } from '../../unit/preparation/support.ts';

export interface Run { readonly lines: Record<string, unknown>[]; readonly signal: NodeJS.Signals | null; readonly code: number | null }

export interface Kill {
  /** After a line with this name, */
  readonly mark: string;
  /** so many milliseconds later, */
  readonly after?: number;
  /** or once this holds. */
  readonly until?: () => boolean;
}

export function runWorker(folder: string, steps: readonly string[], kill?: Kill, worker = join(import.meta.dirname, 'worker.ts')): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON', worker, folder, ...steps], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines: Record<string, unknown>[] = [];
    let rest = '';
    let poll: NodeJS.Timeout | undefined;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop()!;
      for (const part of parts) {
        lines.push(JSON.parse(part) as Record<string, unknown>);
        if (!kill || !(kill.mark in lines[lines.length - 1]!)) continue;
        if (!kill.until) setTimeout(() => child.kill('SIGKILL'), kill.after ?? 0);
        else poll = setInterval(() => kill.until!() && child.kill('SIGKILL'), 2);
      }
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearInterval(poll);
      resolve({ lines, code, signal });
    });
  });
}

export function inDatabase<T>(folder: string, read: (db: Sqlite.Database) => T): T {
  const db = new Sqlite(join(folder, 'workspace', 'desk.db'), { readonly: true });
  try {
    return read(db);
  } finally {
    db.close();
  }
}

export function checkChain(db: Sqlite.Database): void {
  let previous: Uint8Array = zeroHash;
  let seq = 0;
  for (const row of db.prepare('select seq, record, prev_hash, hash from audit order by seq').iterate() as Iterable<{ seq: number; record: string; prev_hash: Buffer; hash: Buffer }>) {
    seq += 1;
    if (row.seq !== seq || !row.prev_hash.equals(previous) || !recordHash(row.record, row.prev_hash).equals(row.hash)) throw new Error(`the audit chain breaks at ${row.seq}`);
    previous = row.hash;
  }
}

/** Throws with what is wrong: numbers, halves, counters, chain of the audit, files. Answers what there is. */
export function check(folder: string): { sellable: number; imported: number } {
  return inDatabase(folder, (db) => {
    const found = invariants(db as never);
    if (db.prepare('pragma quick_check').pluck().get() !== 'ok') throw new Error('the database is damaged');
    checkChain(db);
    // Every unit's record tells of as many profiles as the batch has.
    const told = (db.prepare(`select record from audit where event = 'preparation.unit'`).pluck().all() as string[]).reduce((sum, record) => sum + (JSON.parse(record) as { fields: { count: number } }).fields.count, 0);
    if (told !== found.sellable) throw new Error(`the audit tells of ${told} prepared profiles, ${found.sellable} are there`);
    const files = readdirSync(join(folder, 'workspace', 'outputs'), { withFileTypes: true }).filter((one) => one.isFile()).map((one) => one.name);
    for (const row of db.prepare('select id, name, sha256 from artefacts where swept_at is null').all() as { id: string; name: string; sha256: Buffer }[]) {
      if (!files.includes(`${row.id}-${row.name}`)) throw new Error(`the file ${row.name} is recorded and not there`);
      if (!createHash('sha256').update(readFileSync(join(folder, 'workspace', 'outputs', `${row.id}-${row.name}`))).digest().equals(row.sha256)) throw new Error(`the file ${row.name} is another than recorded`);
    }
    return found;
  });
}

/** Numbers between 0 and 1 from a seed. */
export function chances(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
}
