/** The engine program is killed while it sends; what arrived is compared with what was written. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import type { EngineProcess } from '../../support/engine-process.ts';
import { newWorkspace, startEngineProcess } from '../../support/engine-process.ts';

let engine: EngineProcess | undefined;
const workspace = newWorkspace();
afterEach(async () => {
  await engine?.kill();
  rmSync(workspace, { recursive: true, force: true });
});

const ORDERS = 25;
const EACH = 4;

interface Heard { readonly id: string; readonly order: number; readonly point: number }

test('killed again and again while it sends: every message arrives, each order in its order, repeats under the same identifier', async () => {
  const heard: Heard[] = [];
  const receiver = createServer((request, response) => {
    let text = '';
    request.on('data', (part: Buffer) => { text += part.toString(); });
    request.on('end', () => {
      const message = JSON.parse(text) as { header: { functionCallIdentifier: string }; iccid: string; notificationPointId: number };
      heard.push({ id: message.header.functionCallIdentifier, order: Number(message.iccid.slice(-3)), point: message.notificationPointId });
      // Some answers are on their way when the engine dies.
      setTimeout(() => response.writeHead(204).end(), heard.length % 3 === 0 ? 30 : 0);
    });
  });
  await new Promise<void>((ready) => receiver.listen(0, '127.0.0.1', ready));

  engine = await startEngineProcess(workspace);
  expect(engine.said.type).toBe('ready');
  await engine.drain();
  const database = new Sqlite(join(workspace, 'desk.db'));
  const now = Date.now();
  database.prepare(`insert into brands (id, name, callback_url, created_at) values (1, 'Killed', ?, ?)`).run(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/x`, now);
  const insert = database.prepare(`insert into outbox (kind, dedupe, payload, next_at, since, created_at, brand_id, order_id, summary, lane) values ('es2plus.handleDownloadProgressInfo', ?, ?, ?, ?, ?, 1, ?, 'x', 'brand:1')`);
  database.transaction(() => {
    for (let point = 1; point <= EACH; point++) {
      for (let order = 0; order < ORDERS; order++) {
        const payload = { brandId: 1, iccid: `8988001200000000${String(order).padStart(3, '0')}`, profileType: 'x', timestamp: '2026-01-15T12:00:00Z', notificationPointId: point, notificationPointStatus: { status: 'Executed-Success' } };
        insert.run(`${order} ${point}`, JSON.stringify(payload), now, now, now, `order ${order}`);
      }
    }
  })();
  database.close();

  for (let kills = 0; kills < 3; kills++) {
    const before = heard.length;
    engine = await startEngineProcess(workspace);
    expect(engine.said.type).toBe('ready');
    await expect.poll(() => heard.length - before, { timeout: 60_000, interval: 1 }).toBeGreaterThan(10);
    await engine.kill();
  }
  engine = await startEngineProcess(workspace);
  const waiting = async () => (await engine!.call('outbox.list', { limit: 1 })) as unknown as { data: { counts: { waiting: number; dead: number } } };
  await expect.poll(async () => (await waiting()).data.counts, { timeout: 60_000, interval: 100 }).toEqual({ waiting: 0, dead: 0 });
  expect(await engine.drain()).toBe(0);
  await new Promise((closed) => receiver.close(closed));

  // Everything, and with the repeats dropped once each and in the order of each order.
  const known = new Set<string>();
  const first = heard.filter(({ id }) => !known.has(id) && known.add(id));
  expect(first).toHaveLength(ORDERS * EACH);
  for (let order = 0; order < ORDERS; order++) expect(first.filter((one) => one.order === order).map((one) => one.point)).toEqual([1, 2, 3, 4]);
});
