import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEs9plus } from '../../../src/main/engine/wire/es9plus/index.ts';
import { addBrand, brandCa, call, clientOf, connection, device, es2plusAgent, header, listenEs2, makeWorld, orders, otherCa, pkiOf, profileRow } from './support.ts';
import type { Es2plusListener, World } from './support.ts';
import { download } from '../../../src/main/lab/device/index.ts';

let world: World;
let listener: Es2plusListener;
beforeAll(async () => {
  world = await makeWorld({ profiles: 170 });
  await addBrand(world.ctx, 'A', { ca: brandCa.certificate });
  await addBrand(world.ctx, 'B', { ca: otherCa.certificate });
  listener = await listenEs2(world);
});
afterAll(async () => {
  await listener.close();
  await world.close();
});

test('32 clients of two brands order by type at once: every profile once, and no more than there are', async () => {
  const agents = Array.from({ length: 32 }, (_, i) => es2plusAgent(connection(listener, clientOf(i % 2 ? otherCa : brandCa, { commonName: `bss ${i}` })), 1));
  const es9 = await startEs9plus(world.ctx, { host: '127.0.0.1', port: 0 });
  try {
    const got: string[] = [];
    let empty = 0;
    const orderAll = Promise.all(agents.map(async (agent, i) => {
      for (let n = 0; n < 6; n++) {
        const answer = await call(listener, 'downloadOrder', { header: header(`c${i}-${n}`), profileType: 'consumer' }, { agent });
        if (answer.code === 'ok') got.push(answer.body!['iccid'] as string);
        else {
          expect(answer.code).toBe('8.2.5/3.7');
          empty += 1;
        }
      }
    }));
    // A device is served while the brands order.
    const own = await world.engine.ok<{ activationCode: string }>('orders.create' as never, { type: 'consumer' });
    const outcome = await download({ tls: { caCertificate: pkiOf().ci.certificate, connectTo: { host: '127.0.0.1', port: es9.port } }, activationCode: own.activationCode, device: device(1) });
    expect(outcome.ok).toBe(true);
    await orderAll;
    expect(got.length + empty).toBe(192);
    expect(new Set(got).size).toBe(got.length);
    expect(got).toHaveLength(169);
    const all = await orders(world.ctx);
    expect(new Set(all.map((one) => one.profile_id)).size).toBe(all.length);
  } finally {
    for (const agent of agents) agent.destroy();
    await es9.close();
  }
});

test('32 clients want one ICCID, then cancel it at once: one order, one end', async () => {
  const first = (await orders(world.ctx)).find((one) => one.brand_id !== null)!;
  const { iccid } = await world.ctx.reader.selectFrom('profiles').select('iccid').where('id', '=', first.profile_id).executeTakeFirstOrThrow();
  const mine = first.brand_id === 1 ? brandCa : otherCa;
  const client = clientOf(mine);
  const members = { iccid, finalProfileStatusIndicator: 'Available' };
  const cancels = await Promise.all(Array.from({ length: 32 }, () => call(listener, 'cancelOrder', members, client)));
  expect(cancels.filter((answer) => answer.code === 'ok')).toHaveLength(1);
  expect((await profileRow(world, iccid)).order_state).toBe('available');
  const wanted = await Promise.all(Array.from({ length: 32 }, (_, i) => call(listener, 'downloadOrder', { iccid, eid: `8904903212345123451234567890${String(i).padStart(4, '0')}` }, client)));
  expect(wanted.filter((answer) => answer.code === 'ok')).toHaveLength(1);
  expect(wanted.filter((answer) => answer.code === '8.2.1/3.3')).toHaveLength(31);
});
