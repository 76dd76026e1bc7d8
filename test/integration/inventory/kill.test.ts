import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inDatabase } from '../preparation/killing.ts';
import { checkBulk, doneSoFar, jobsOf, runBulk, stockDigest } from './killing.ts';

let folder: string;
const PROFILES = 3_600;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'desk-bulk-kill-'));
  mkdirSync(join(folder, 'workspace'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('kill -9', () => {
  it('of bulk work and of its undo: it goes on, nothing is done twice or left out, and the undo restores exactly', async () => {
    expect((await runBulk(folder, [`setup=${PROFILES}`])).code).toBe(0);
    const before = stockDigest(folder);
    const killed = async (steps: string[], from: number): Promise<void> => {
      const { signal } = await runBulk(folder, steps, { mark: 'working', until: () => doneSoFar(folder) >= from });
      expect(signal, `from ${from}`).toBe('SIGKILL');
      checkBulk(folder);
      expect(jobsOf(folder).at(-1)).toMatchObject({ state: 'running' });
    };
    await killed(['hold', 'work'], 500);
    await killed(['work'], PROFILES / 2);
    expect((await runBulk(folder, ['work'])).lines.at(-1)).toEqual({ idle: true });
    checkBulk(folder);
    const [job] = jobsOf(folder);
    expect(job).toMatchObject({ state: 'partly-failed' });
    expect(job!.changed).toBeGreaterThan(600);
    expect(doneSoFar(folder)).toBe(PROFILES);
    expect(inDatabase(folder, (db) => db.prepare(`select count(*) from bulk_rows where outcome = 0`).pluck().get())).toBe(0);
    expect(stockDigest(folder)).not.toBe(before);

    await killed([`undo=${job!.id}`, 'work'], PROFILES + job!.changed / 2);
    expect((await runBulk(folder, ['work'])).lines.at(-1)).toEqual({ idle: true });
    checkBulk(folder);
    expect(jobsOf(folder).at(-1)).toMatchObject({ undoes: job!.id, state: 'done', changed: job!.changed });
    expect(stockDigest(folder)).toBe(before);
  });
});
