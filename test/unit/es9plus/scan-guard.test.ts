import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authenticateClient } from '../../../src/main/engine/downloads/index.ts';
import { dropUnproven, noteOpened } from '../../../src/main/engine/downloads/open-sessions.ts';
import { isScanning, noteRefusedCode, rememberedSources, scanFigures } from '../../../src/main/engine/downloads/scan-guard.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { codeOf, initiate, open } from '../downloads/driver.ts';
import { device, eidOf, listener, makeWorld, order, remote } from '../downloads/support.ts';
import type { World } from '../downloads/support.ts';

const HOUR = 3_600_000;
let world: World;
beforeAll(async () => {
  world = await makeWorld({ profiles: 30 });
});
afterAll(() => world.close());

const chips = new Map<number, ReturnType<typeof device>>();
const chip = (serial: number): ReturnType<typeof device> => {
  let found = chips.get(serial);
  if (!found) chips.set(serial, found = device(serial));
  return found;
};
/** What a device at this address hears to a MatchingID. */
async function offers(serial: number, matchingId: string, address = '192.0.2.1'): Promise<string> {
  const session = await open(world, chip(serial));
  const { der } = chip(serial).authenticateServer({ ...session.initiated, matchingId });
  return codeOf(await authenticateClient(world.ctx, await listener(world), { transactionId: session.initiated.transactionId, authenticateServerResponse: der }, { ...remote, address, network: address }));
}
let code = 0;
const unknown = (): string => `${(code += 1).toString(36).toUpperCase().padStart(6, '0')}-NOT-A-CODE-${code}`;
const records = async (): Promise<number> => (await world.ctx.reader.selectFrom('audit').select((e) => e.fn.countAll<number>().as('n')).where('event', '=', 'scan.blocked').executeTakeFirstOrThrow()).n;

describe('trying MatchingIDs', () => {
  test('an eUICC over its share hears 8.2.6/3.8 to a right code too, until its hour is over; others are served', async () => {
    const limit = world.ctx.settings().limits.scanPerEidPerHour;
    const right = await order(world);
    const before = await records();
    for (let i = 0; i < limit; i++) expect(await offers(1, unknown())).toBe('8.2.6/3.8');
    expect(await records()).toBe(before + 1);
    expect(await offers(1, right.matchingId)).toBe('8.2.6/3.8');
    // Nothing of the order shows in what is kept of the session.
    const last = await world.ctx.reader.selectFrom('sessions').select(['order_id', 'code']).where('eid', '=', eidOf(1)).orderBy('started_at', 'desc').orderBy('transaction_id').execute();
    expect(last.every((row) => row.order_id === null && row.code === '8.2.6/3.8')).toBe(true);
    expect(await offers(2, right.matchingId)).toBe('ok');
    expect(scanFigures(world.ctx)).toMatchObject({ eids: 1 });
    const other = await order(world);
    world.clock.advance(HOUR - 1);
    expect(await offers(1, other.matchingId)).toBe('8.2.6/3.8');
    world.clock.advance(1);
    expect(await offers(1, other.matchingId)).toBe('ok');
    expect(scanFigures(world.ctx)).toMatchObject({ eids: 0 });
    // Blocked attempts made no more records.
    expect(await records()).toBe(before + 1);
  });

  test('a code that belongs to another eUICC counts like one nobody knows; an order that names the eUICC never', async () => {
    const taken = await order(world, { eid: eidOf(90) });
    const own = await order(world, { eid: eidOf(10) });
    const limit = world.ctx.settings().limits.scanPerEidPerHour;
    for (let i = 0; i < limit; i++) expect(await offers(10, taken.matchingId)).toBe('8.1.1/3.8');
    expect(await offers(10, taken.matchingId)).toBe('8.2.6/3.8');
    expect(await offers(10, own.matchingId)).toBe('ok');
  });

  test('an address over its share: one wrong code blocks an eUICC there, a right first one goes through, elsewhere all is as ever', async () => {
    world.clock.advance(HOUR);
    const limit = world.ctx.settings().limits.scanPerAddressPerHour;
    const nat = '198.51.100.7';
    for (let i = 0; i < limit; i++) await offers(20 + (i % 10), unknown(), nat);
    const [first, second] = [await order(world), await order(world)];
    expect(await offers(20, first.matchingId, nat)).toBe('8.2.6/3.8');
    expect(await offers(40, first.matchingId, nat)).toBe('ok');
    expect(await offers(41, unknown(), nat)).toBe('8.2.6/3.8');
    expect(await offers(41, second.matchingId, nat)).toBe('8.2.6/3.8');
    // At another address the same eUICC has most of its own share left.
    expect(await offers(41, second.matchingId, '198.51.100.8')).toBe('ok');
    expect(scanFigures(world.ctx)).toMatchObject({ addresses: 1 });
  });

  test('codes that begin alike, from many addresses and eUICCs', async () => {
    world.clock.advance(HOUR);
    const limit = world.ctx.settings().limits.scanPerAddressPerHour;
    const real = await order(world, { matchingId: 'SUMMER-2026-777' });
    for (let i = 0; i < limit; i++) await offers(50 + (i % 12), `SUMMER-2026-${100 + i}`, `203.0.113.${i}`);
    expect(await offers(50, real.matchingId, '203.0.113.250')).toBe('8.2.6/3.8');
    expect(await offers(70, real.matchingId, '203.0.113.250')).toBe('ok');
    const elsewhere = await order(world);
    expect(await offers(50, elsewhere.matchingId, '203.0.113.250')).toBe('ok');
  });

  test('memory and audit records stay bounded under a million sources', async () => {
    world.clock.advance(HOUR);
    const before = await records();
    for (let i = 0; i < 30_000; i++) await noteRefusedCode(world.ctx, { eid: `eid ${i}`, network: `net ${i % 900}`, matchingId: `${i} code` });
    expect(rememberedSources(world.ctx)).toBeLessThanOrEqual(20_000);
    expect(await records() - before).toBeLessThanOrEqual(20);
    expect(isScanning(world.ctx, { eid: 'new', network: 'new', matchingId: 'new' })).toBe(false);
  });
});

describe('sessions nobody vouches for', () => {
  const rows = async () => world.ctx.reader.selectFrom('sessions').select(['transaction_id', 'phase']).where('eid', 'is', null).execute();

  test('of one address the oldest beyond its share ends; the newest and another address\'s go on', async () => {
    const settings = world.ctx.settings();
    Object.assign(world.ctx, { settings: () => ({ ...settings, limits: { ...settings.limits, openSessionsPerAddress: 3 } }) });
    try {
      const opened: string[] = [];
      for (let i = 0; i < 5; i++) {
        const answer = await initiate(world, chip(200));
        if ('ok' in answer) opened.push(answer.ok.transactionId);
      }
      const phases = new Map((await rows()).map((row) => [row.transaction_id, row.phase]));
      expect(opened.map((id) => phases.get(id))).toEqual(['expired', 'expired', 'initiated', 'initiated', 'initiated']);
    } finally {
      Object.assign(world.ctx, { settings: () => settings });
    }
  });

  test('rows without an eUICC beyond a number go, oldest first, with their steps; rows with one stay', async () => {
    const proven = await world.ctx.reader.selectFrom('sessions').select((e) => e.fn.countAll<number>().as('n')).where('eid', 'is not', null).executeTakeFirstOrThrow();
    const made: string[] = [];
    for (let i = 0; i < 20; i++) {
      world.clock.advance(1);
      const answer = await initiate(world, chip(200));
      if ('ok' in answer) made.push(answer.ok.transactionId);
    }
    await write(world.ctx, (tx) => dropUnproven(tx, 10));
    const left = (await rows()).map((row) => row.transaction_id);
    expect(left.sort()).toEqual(made.slice(10).sort());
    expect((await world.ctx.reader.selectFrom('session_steps').select('transaction_id').where('transaction_id', 'in', made.slice(0, 10)).execute())).toEqual([]);
    expect((await world.ctx.reader.selectFrom('sessions').select((e) => e.fn.countAll<number>().as('n')).where('eid', 'is not', null).executeTakeFirstOrThrow()).n).toBe(proven.n);
  });

  test('it is looked at as sessions are opened', async () => {
    await write(world.ctx, async (tx) => {
      for (let i = 0; i < 256; i++) await noteOpened(tx, world.ctx, { transactionId: `none ${i}`, network: `net ${i}`, until: 0 }, 4);
    });
    expect((await rows()).length).toBe(4);
  });
});

test('who is over the limit stands on the Home screen', async () => {
  const { homeFigures } = await import('../../../src/main/engine/workspace/home.ts');
  world.clock.advance(HOUR);
  const kinds = async (): Promise<string[]> => (await homeFigures(world.ctx)).attention.map((item) => item.kind);
  expect(await kinds()).not.toContain('scan');
  for (let i = 0; i < world.ctx.settings().limits.scanPerEidPerHour; i++) await noteRefusedCode(world.ctx, { eid: 'one', network: `n${i}`, matchingId: unknown() });
  expect(await kinds()).toContain('scan');
});
