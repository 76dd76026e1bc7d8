/** Rule V29 at preparation: an IMSI of another network than the owner of the type would be refused by every device. */
import { afterEach, describe, expect, it } from 'vitest';
import { prepareOne } from '../../../src/main/engine/preparation/index.ts';
import type { PreparationPreview } from '../../../src/shared/contract/preparation.ts';
import type { TestEngine } from '../../support/engine.ts';
import { addRange, addStock, batchEngine, iccid, imsi, rowsOf, shown, start } from './support.ts';

let engine: TestEngine;
afterEach(() => engine.close());

/** The numbers of the stock are of 001-01. The owner is written past `types.change`, which compares it with the template as well. */
const ownedBy = (mccMnc: string) => engine.ctx.db.updateTable('profile_types').set({ owner: JSON.stringify({ mccMnc }) }).where('name', '=', 'Sample').execute();
const checks = async (source: 'stock' | 'ranges') => (await engine.ok<PreparationPreview>('preparation.preview', { type: 'Sample', count: 2, source })).checks.filter((one) => one.title === 'Network of the IMSIs');

describe('IMSIs of another network than the owner of the type', () => {
  it('stop a batch before it starts, from stock and from ranges', async () => {
    engine = await batchEngine({ environment: 'test' });
    await addStock(engine, 2);
    await addRange(engine, 100, 2);
    await ownedBy('00101');
    expect([await checks('stock'), await checks('ranges')]).toEqual([[], []]);
    await ownedBy('26242');
    for (const source of ['stock', 'ranges'] as const) {
      expect(await checks(source)).toMatchObject([{ state: 'blocker', sentence: expect.stringMatching(/^The IMSI 00101\d{10} is not of 262-42, the network of Sample: a device would refuse the profile\.$/) as string }]);
      expect(await engine.refused('preparation.start', { plan: { type: 'Sample', count: 2, source } })).toMatchObject({ code: 'PREPARATION_BLOCKED', field: 'type' });
    }
  });

  it('are refused row by row when the owner changes while a batch waits, and in a single profile', async () => {
    engine = await batchEngine({ environment: 'test' });
    await addStock(engine, 3);
    const { batch, job } = await start(engine, { count: 2, source: 'stock' });
    await ownedBy('26242');
    await engine.jobs.idle();
    expect(await shown(engine, batch.id)).toMatchObject({ prepared: 0, failed: 2 });
    expect((await engine.ok<{ errors: { code: string; iccid: string }[] }>('jobs.show', { id: job.id } as never)).errors.map((one) => [one.code, one.iccid])).toEqual([['IMSI_NETWORK', iccid(1)], ['IMSI_NETWORK', iccid(2)]]);
    const rows = await rowsOf(engine);
    expect(rows.map((row) => row.slots)).toEqual([null, null, null]);
    await expect(prepareOne(engine.ctx, rows[2]!.id)).rejects.toMatchObject({ code: 'IMSI_NETWORK' });
    await ownedBy('00101');
    expect(await prepareOne(engine.ctx, rows[2]!.id)).toBeDefined();
  });

  it('in the middle of imported stock are counted in the preview, only among those the batch would take', async () => {
    engine = await batchEngine({ environment: 'test' });
    await addStock(engine, 12);
    await ownedBy('00101');
    const stranger = (n: number) => engine.ctx.db.updateTable('profiles').set({ imsi: imsi(n).replace(/^00101/, '26242') }).where('iccid', '=', iccid(n)).execute();
    for (const n of [5, 7, 11]) await stranger(n);
    const seen = async (count: number) => (await engine.ok<PreparationPreview>('preparation.preview', { type: 'Sample', count, source: 'stock' })).checks.filter((one) => one.title === 'Network of the IMSIs').map((one) => [one.state, one.sentence]);
    expect(await seen(4)).toEqual([]);
    expect(await seen(6)).toEqual([['warning', '1 of the 6 imported profiles has an IMSI that is not of 001-01, the network of Sample, 262420000000005: the batch will refuse it and put it into quarantine.']]);
    expect(await seen(10)).toEqual([['warning', '2 of the 10 imported profiles have an IMSI that is not of 001-01, the network of Sample, such as 262420000000005: the batch will refuse them and put them into quarantine.']]);
    const { batch } = await start(engine, { count: 6, source: 'stock' });
    // Those behind what a batch that has not begun means to take.
    expect((await seen(6))[0]![1]).toMatch(/^2 of the 6 imported profiles have .*, such as 262420000000007:/);
    await engine.jobs.idle();
    expect(await shown(engine, batch.id)).toMatchObject({ prepared: 5, failed: 1 });
  });

  it('are a warning in a Lab, which may try', async () => {
    engine = await batchEngine();
    await addStock(engine, 2);
    await ownedBy('26242');
    expect(await checks('stock')).toMatchObject([{ state: 'warning' }]);
    const { batch } = await start(engine, { count: 2, source: 'stock' });
    await engine.jobs.idle();
    expect(await shown(engine, batch.id)).toMatchObject({ prepared: 2, failed: 0 });
  });
});
