import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chances, check, inDatabase, runWorker } from '../../integration/preparation/killing.ts';

const seed = Number(process.env['DESK_SEED'] ?? 20_260_115);
const points = Number(process.env['DESK_KILLS'] ?? 200);
const BATCH = 9_000;

describe(`kill -9 of a preparation at ${points} random moments (seed ${seed})`, () => {
  it('no number used twice, none lost, no half profile; every batch ends exact', async () => {
    process.stdout.write(`kills of a preparation: seed ${seed}, ${points} points\n`);
    const folder = mkdtempSync(join(tmpdir(), 'desk-kills-'));
    const random = chances(seed);
    try {
      mkdirSync(join(folder, 'workspace', 'outputs'), { recursive: true });
      await runWorker(folder, ['setup', 'range=2000000@1000000']);
      let total = 0;
      let stockFrom = 1;
      let batches = 0;
      for (let kills = 0; kills < points;) {
        // A batch of stock and numbers, then kills until it is done; each falls somewhere from the opening of the database to its last file.
        const stock = 500 + Math.floor(random() * 2_500);
        expect((await runWorker(folder, [`stock=${stock}@${stockFrom}`])).code).toBe(0);
        stockFrom += stock;
        batches += 1;
        let steps = [`start=${BATCH}`, 'work'];
        for (let done = false; !done;) {
          const mark = random() < 0.15 ? 'open' : steps.length > 1 && random() < 0.3 ? 'batch' : 'working';
          const { signal, lines } = await runWorker(folder, steps, kills < points ? { mark, after: Math.floor(random() * random() * 1_400) } : undefined);
          if (signal === 'SIGKILL') kills += 1;
          else expect(lines.at(-1), `after ${kills} kills of seed ${seed}`).toEqual({ idle: true });
          try {
            check(folder);
          } catch (error) {
            throw new Error(`kill ${kills} of seed ${seed}: ${(error as Error).message}`, { cause: error });
          }
          // A start that was not committed is asked for again, one that was is not.
          const state = inDatabase(folder, (db) => ({ batches: db.prepare('select count(*) from preparations').pluck().get() as number, open: db.prepare(`select count(*) from jobs where state not in ('done')`).pluck().get() as number }));
          steps = state.batches === batches ? ['work'] : [`start=${BATCH}`, 'work'];
          done = state.batches === batches && state.open === 0;
        }
        total += BATCH;
        expect(check(folder), `batch ${batches} of seed ${seed}`).toEqual({ sellable: total, imported: 0 });
        expect(inDatabase(folder, (db) => db.prepare('select count(*) from number_reservations').pluck().get())).toBe(0);
      }
      process.stdout.write(`kills of a preparation: ${points} kills, ${batches} batches of ${BATCH}, all exact\n`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 3_600_000);
});
