import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkBulk, jobsOf, runBulk, stockDigest } from '../../integration/inventory/killing.ts';
import { chances } from '../../integration/preparation/killing.ts';

const seed = Number(process.env['DESK_SEED'] ?? 20_261_122);
const points = Number(process.env['DESK_KILLS'] ?? 60);
const PROFILES = 9_000;

describe(`kill -9 of bulk work at ${points} random moments (seed ${seed})`, () => {
  it('nothing is changed twice or left out; every undo restores exactly', async () => {
    process.stdout.write(`kills of bulk work: seed ${seed}, ${points} points\n`);
    const random = chances(seed);
    for (let kills = 0; kills < points;) {
      const folder = mkdtempSync(join(tmpdir(), 'desk-bulk-kills-'));
      try {
        mkdirSync(join(folder, 'workspace'));
        await runBulk(folder, [`setup=${PROFILES}`]);
        const before = stockDigest(folder);
        for (const what of ['hold', 'undo'] as const) {
          for (let done = false; !done;) {
            const jobs = jobsOf(folder);
            const started = jobs.find((one) => (one.undoes !== null) === (what === 'undo'));
            const steps = started ? ['work'] : [what === 'hold' ? 'hold' : `undo=${jobs[0]!.id}`, 'work'];
            const mark = random() < 0.1 ? 'open' : steps.length > 1 && random() < 0.2 ? 'started' : 'working';
            const { signal, lines } = await runBulk(folder, steps, kills < points ? { mark, after: Math.floor(random() * 900) } : undefined);
            if (signal === 'SIGKILL') kills += 1;
            else expect(lines.at(-1), `after ${kills} kills of seed ${seed}`).toEqual({ idle: true });
            try {
              checkBulk(folder);
            } catch (error) {
              throw new Error(`kill ${kills} of seed ${seed}: ${(error as Error).message}`, { cause: error });
            }
            done = jobsOf(folder).some((one) => (one.undoes !== null) === (what === 'undo') && ['done', 'partly-failed'].includes(one.state));
          }
        }
        expect(stockDigest(folder), `seed ${seed}, ${kills} kills`).toBe(before);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
  }, 3_600_000);
});
