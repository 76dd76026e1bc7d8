import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ProgressPayload } from '../../../src/main/engine/outgoing/index.ts';
import { segmentBoundPackage } from '../../../src/main/lab/device/index.ts';
import { parsePendingNotification } from '../../../src/main/rsp/index.ts';
import { codeOf, notify, open, packageOf } from './driver.ts';
import { device, eidOf, makeWorld, order, orderRow } from './support.ts';
import type { MadeOrder, World } from './support.ts';

let world: World;
let brandId: number;
let serial = 9000;
beforeAll(async () => {
  world = await makeWorld({ profiles: 40 });
  const row = await world.ctx.db.insertInto('brands').values({ name: 'Brand', callback_url: 'https://bss.example/gsma', callback_points: '{}', created_at: 1 }).returning('id').executeTakeFirstOrThrow();
  brandId = row.id;
});
afterAll(() => world.close());
beforeEach(() => {
  serial++;
});

async function ofBrand(input: Record<string, unknown> = {}, code?: string): Promise<MadeOrder> {
  const made = await order(world, input, code);
  await world.ctx.db.updateTable('orders').set({ brand_id: brandId }).where('id', '=', made.orderId).execute();
  return made;
}

/** What the brand is told of an order: point and, for failures, the code. */
async function told(orderId: string): Promise<string[]> {
  return (await payloads(orderId)).map(({ notificationPointId: point, notificationPointStatus: { status, statusCodeData: data } }) => (
    status === 'Executed-Success' ? String(point) : `${point} ${data?.subjectCode}/${data?.reasonCode}`
  ));
}
async function payloads(orderId: string): Promise<ProgressPayload[]> {
  const rows = await world.ctx.reader.selectFrom('outbox').select('payload').where('order_id', '=', orderId).where('kind', '=', 'es2plus.handleDownloadProgressInfo').orderBy('id').execute();
  return rows.map((row) => JSON.parse(row.payload) as ProgressPayload);
}

test('a smooth download: eligibility, download, installation, then what the chip does with it', async () => {
  const made = await ofBrand();
  const chip = device(serial);
  const session = await open(world, chip);
  await session.authenticate(made.matchingId);
  const bound = packageOf(await session.package());
  // The reply was lost: the same step is told once.
  packageOf(await session.package());
  const result = session.load(bound);
  await notify(world, result);
  await notify(world, result);
  chip.enableProfile(made.iccid);
  await notify(world, chip.state.notifications.at(-1)!.der);
  chip.disableProfile(made.iccid);
  await notify(world, chip.state.notifications.at(-1)!.der);
  chip.deleteProfile(made.iccid);
  await notify(world, chip.state.notifications.at(-1)!.der);
  expect(await told(made.orderId)).toEqual(['1', '3', '4', '101', '102', '103']);
  const all = await payloads(made.orderId);
  for (const one of all) expect(one).toMatchObject({ eid: eidOf(serial), iccid: made.iccid, profileType: 'consumer' });
  // resultData is the finalResult data object, not the whole signed result (SGP.22 v2.2, 5.3.5).
  const parsed = parsePendingNotification(result);
  if (parsed.kind !== 'installResult') throw new Error('no result');
  expect(all[2]!.resultData).toBe(Buffer.from(parsed.finalResult).toString('base64'));
  expect(parsed.finalResult[0]).toBe(0xa2);
  expect(all.filter((one) => one.resultData !== undefined)).toHaveLength(1);
});

test.each([
  ['an eUICC without room', {}, { freeMemory: 10 }, ['1 8.1/4.8']],
  ['expired', { expires: '-1h' }, {}, ['1 8.8.5/4.10']],
  ['no attempts left', { downloadLimit: 0 }, {}, ['1 8.8.5/6.4']],
  // Nothing was judged of these: a stranger with the code is no progress.
  ['for another EID', { eid: eidOf(9) }, {}, []],
  ['not released', { release: false }, {}, []],
])('%s', async (_name, input, chip, expected) => {
  const made = await ofBrand(input);
  const session = await open(world, device(serial, chip));
  expect(codeOf(await session.authenticate(made.matchingId))).not.toBe('ok');
  expect(await told(made.orderId)).toEqual(expected);
});

test('each wrong confirmation code, and the last one', async () => {
  const made = await ofBrand({}, 'S3CRET');
  const { confirmation_limit: limit } = await orderRow(world, made.orderId);
  const session = await open(world, device(serial));
  await session.authenticate(made.matchingId);
  for (let i = 0; i < limit; i++) await session.package(`wrong ${i}`);
  expect(await told(made.orderId)).toEqual(['1', ...Array.from({ length: limit - 1 }, () => '2 8.2.7/3.8'), '2 8.2.7/6.4']);
});

test.each([
  [0, false, ['1 8.8.5/3.8']], [1, false, []], [2, false, []], [3, false, ['1 8.2.8/1.2']], [4, false, ['1 8.2.9/3.11']], [127, false, ['1 8/4.2']],
  [0, true, ['3 8.8.5/3.8']], [1, true, []], [4, true, ['3 8.2.9/3.11']], [5, true, ['4 8.2.10/4.2']],
])('cancelled with reason %i, delivered %s', async (reason, delivered, expected) => {
  const made = await ofBrand();
  const session = await open(world, device(serial));
  await session.authenticate(made.matchingId);
  if (delivered) await session.package();
  await session.cancel(reason);
  expect(await told(made.orderId)).toEqual(['1', ...(delivered ? ['3'] : []), ...expected]);
});

test('an installation that failed, and one that was tried again', async () => {
  const made = await ofBrand();
  const chip = device(serial);
  const first = await open(world, chip);
  await first.authenticate(made.matchingId);
  const cut = segmentBoundPackage(packageOf(await first.package()));
  if (!cut.ok) throw new Error(cut.why);
  for (const segment of cut.segments.slice(0, 4)) chip.loadSegment(segment);
  chip.interrupt();
  await notify(world, chip.state.notifications.at(-1)!.der);
  expect(await told(made.orderId)).toEqual(['1', '3', '4 8.2.10/4.2']);
  const again = await open(world, chip);
  await again.authenticate(made.matchingId);
  await notify(world, again.load(packageOf(await again.package())));
  expect((await told(made.orderId)).slice(3)).toEqual(['1', '3', '4']);
});

test('an order of nobody is told to nobody, and a point that is off is not sent', async () => {
  const own = await order(world);
  await (await open(world, device(serial))).authenticate(own.matchingId);
  expect(await told(own.orderId)).toEqual([]);
  await world.ctx.db.updateTable('brands').set({ callback_points: JSON.stringify({ eligibility: null, download: 103 }) }).execute();
  try {
    const made = await ofBrand();
    const session = await open(world, device(serial + 500));
    await session.authenticate(made.matchingId);
    await session.package();
    expect(await told(made.orderId)).toEqual(['103']);
  } finally {
    await world.ctx.db.updateTable('brands').set({ callback_points: '{}' }).execute();
  }
});
