/** What a brand is told: the outbox row of HandleDownloadProgressInfo (SGP.22 v2.2, 5.3.5). */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { confirmOrder, downloadOrder, noteProgress, prepareConfirmation } from '../../../src/main/engine/orders/index.ts';
import type { Customer, OrderResult, Progress } from '../../../src/main/engine/orders/index.ts';
import { PROGRESS_KIND, type ProgressPayload } from '../../../src/main/engine/outgoing/index.ts';
import { addPlainBrand, eidOf, fillStock, openDesk } from '../brands/support.ts';
import type { Desk } from '../brands/support.ts';

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
  fillStock(desk.ctx, desk.consumer, 0, 5);
});
afterEach(() => desk.engine.close());

async function released(customer: Customer | undefined): Promise<OrderResult> {
  const { order } = await desk.inTx((tx) => downloadOrder(tx, desk.ctx, { ...(customer ? { customer } : {}), type: 'consumer' }, desk.as()));
  const ready = await prepareConfirmation(desk.ctx, { orderId: order.id, release: true });
  return desk.inTx((tx) => confirmOrder(tx, desk.ctx, ready, desk.as()));
}
const note = (made: OrderResult, progress: Partial<Progress> = {}): Promise<void> =>
  desk.inTx((tx) => noteProgress(tx, desk.ctx, { orderId: made.order.id, point: 'download', ok: true, dedupe: 'one', ...progress }));
const rows = async () => (await desk.ctx.reader.selectFrom('outbox').selectAll().orderBy('id').execute()).map((row) => ({ ...row, said: JSON.parse(row.payload) as ProgressPayload }));
const withCallback = (points: object = {}): Promise<Customer> => addPlainBrand(desk, `Brand ${JSON.stringify(points)}`, { callbackUrl: 'https://bss.example/p', points });

test('says what happened, to whom and when', async () => {
  const brand = await withCallback();
  const made = await released(brand);
  await note(made, { eid: eidOf(1) });
  const [row, ...others] = await rows();
  expect(others).toEqual([]);
  expect(row).toMatchObject({ kind: PROGRESS_KIND, brand_id: brand.brandId, order_id: made.order.id, state: 'waiting', next_at: desk.ctx.clock.now() });
  expect(row!.summary).toBe(`Download (point 3) of ${made.profile.iccid}`);
  expect(row!.said).toEqual({
    brandId: brand.brandId, eid: eidOf(1), iccid: made.profile.iccid, profileType: 'consumer', timestamp: '2026-01-15T12:00:00Z', notificationPointId: 3,
    notificationPointStatus: { status: 'Executed-Success' },
  });
});

test('a failure carries its code and words; a result its octets', async () => {
  const made = await released(await withCallback());
  await note(made, { point: 'confirmation', ok: false, code: '8.2.7/6.4', message: 'Too many wrong codes', dedupe: 'a' });
  await note(made, { point: 'eligibility', ok: false, code: '8.2.1/3.10', dedupe: 'b' });
  await note(made, { point: 'installation', ok: false, dedupe: 'c', result: { finalResult: Uint8Array.of(0xa2, 0), notification: Uint8Array.of(0xbf, 0x37, 0) } });
  expect((await rows()).map(({ said }) => [said.notificationPointId, said.notificationPointStatus, said.resultData, said.eid])).toEqual([
    [2, { status: 'Failed', statusCodeData: { subjectCode: '8.2.7', reasonCode: '6.4', message: 'Too many wrong codes' } }, undefined, undefined],
    [1, { status: 'Failed', statusCodeData: { subjectCode: '8.2.1', reasonCode: '3.10', message: 'Execution error' } }, undefined, undefined],
    [4, { status: 'Failed', statusCodeData: { subjectCode: '8.8', reasonCode: '4.2', message: 'Execution error' } }, 'ogA=', undefined],
  ]);
});

test('a brand that wants the whole signed notification gets it as result', async () => {
  const made = await released(await withCallback());
  desk.ctx.sqlite.prepare(`update brands set callback_result = 'notification'`).run();
  await note(made, { point: 'installation', result: { finalResult: Uint8Array.of(0xa2, 0), notification: Uint8Array.of(0xbf, 0x37, 0) } });
  expect((await rows()).map(({ said }) => said.resultData)).toEqual(['vzcA']);
});

test.each(['eligibility', 'confirmation', 'download', 'installation', 'enabled', 'disabled', 'deleted'] as const)('%s has the number the brand wants, or is not sent', async (point) => {
  const numbers = { eligibility: 1, confirmation: 2, download: 3, installation: 4, enabled: 101, disabled: 102, deleted: 103 };
  await note(await released(await withCallback()), { point });
  await note(await released(await withCallback({ [point]: 777 })), { point });
  await note(await released(await withCallback({ [point]: null })), { point });
  expect((await rows()).map(({ said }) => said.notificationPointId)).toEqual([numbers[point], 777]);
});

test('the same occurrence is told once, another one again, another order\'s of course', async () => {
  const brand = await withCallback();
  const [one, two] = [await released(brand), await released(brand)];
  await note(one);
  await note(one);
  await note(one, { dedupe: 'two' });
  await note(two);
  expect(await rows()).toHaveLength(3);
});

test('nobody is told of the operator\'s own orders, of unknown ones, or without a callback', async () => {
  await note(await released(undefined));
  const silent = await released(await addPlainBrand(desk, 'Silent'));
  await note(silent);
  await note(silent, { orderId: 'o-none' });
  expect(await rows()).toEqual([]);
});

test('a suspended brand still hears of the orders it made', async () => {
  const brand = await withCallback();
  const made = await released(brand);
  desk.ctx.sqlite.prepare(`update brands set state = 'suspended'`).run();
  await note(made);
  expect(await rows()).toHaveLength(1);
});

test('a change that is rolled back tells nobody', async () => {
  const made = await released(await withCallback());
  await expect(desk.inTx(async (tx) => {
    await noteProgress(tx, desk.ctx, { orderId: made.order.id, point: 'download', ok: true, dedupe: 'x' });
    throw new Error('no');
  })).rejects.toThrow('no');
  expect(await rows()).toEqual([]);
});
