/** Rule V29 at preparation: an IMSI of another network than the owner of the type would be refused by every device. */
import { afterEach, describe, expect, it } from 'vitest';
import { prepareOne } from '../../../src/main/engine/preparation/index.ts';
import type { PreparationPreview } from '../../../src/shared/contract/preparation.ts';
import type { TestEngine } from '../../support/engine.ts';
import { addRange, addStock, batchEngine, iccid, rowsOf, shown, start } from './support.ts';

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
