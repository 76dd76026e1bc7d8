import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EuiccRow } from '../../../src/shared/contract/devices.ts';
import { learnEuicc } from '../../../src/main/engine/devices/index.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { buildEuiccInfo2, buildExtCardResource, parseEuiccInfo2 } from '../../../src/main/rsp/index.ts';
import { codeOf, open } from '../downloads/driver.ts';
import { behaving, device, eidOf, makeWorld, order } from '../downloads/support.ts';
import type { World } from '../downloads/support.ts';

let world: World;
beforeAll(async () => {
  world = await makeWorld({ profiles: 6 });
});
afterAll(() => world.close());

const show = (eid: string) => world.engine.ok<EuiccRow>('devices.show', { eid });
const list = (input: Record<string, unknown> = {}) => world.engine.ok<{ rows: EuiccRow[]; next?: string }>('devices.list', input);

test('an eUICC that proved itself is learnt, also when its order was refused', async () => {
  const chip = device(21, { freeMemory: 300_000 });
  expect(codeOf(await (await open(world, chip)).authenticate('NO-SUCH-CODE'))).toBe('8.2.6/3.8');
  const learnt = await show(eidOf(21));
  expect(learnt).toMatchObject({
    eid: eidOf(21), sessions: 1, svn: '2.2.2', profileVersion: '2.3.1', firmwareVersion: '1.0.0', freeNonVolatileMemory: 300_000, freeVolatileMemory: 8192,
    forbiddenPolicyRules: [], category: 'mediumEuicc', sasAccreditation: 'LAB-NOT-ACCREDITED',
  });
  expect(learnt.capabilities).toEqual(expect.arrayContaining(['usimSupport', 'akaMilenage', 'javacard']));
  expect(learnt.ciKeyIds.signing[0]).toMatch(/^[0-9a-f]{40}$/);
});

test('one that did not prove itself is not', async () => {
  const chip = device(22, { misbehaviour: { wrongSignature: 'authenticateServer' } });
  expect(codeOf(await (await open(world, chip)).authenticate('NO-SUCH-CODE'))).toBe('8.1/6.1');
  expect(await world.engine.refused('devices.show', { eid: eidOf(22) })).toMatchObject({ code: 'NOT_FOUND' });
});

test('its last word stands, the first time it was seen stays', async () => {
  const made = await order(world);
  const chip = device(23);
  await (await open(world, chip)).authenticate(made.matchingId);
  const first = await show(eidOf(23));
  world.clock.advance(60_000);
  await (await open(world, chip)).authenticate(made.matchingId);
  expect(await show(eidOf(23))).toMatchObject({ sessions: 2, firstSeen: first.firstSeen, lastSeen: first.lastSeen + 60_000 });
  const info2 = buildEuiccInfo2({ ...parseEuiccInfo2(chip.euiccInfo2()), svn: '2.3.0', extCardResource: buildExtCardResource(42_000, 100) });
  await (await open(world, behaving(chip, { euiccInfo2: info2 }))).authenticate(made.matchingId);
  expect(await show(eidOf(23))).toMatchObject({ sessions: 3, svn: '2.3.0', freeNonVolatileMemory: 42_000, firstSeen: first.firstSeen });
});

test('what it said is written again only when it changed', async () => {
  const chip = device(24);
  const info = parseEuiccInfo2(chip.euiccInfo2());
  const { sqlite } = world.ctx;
  const rewritten = async (tac: string, say = info): Promise<boolean> => {
    await write(world.ctx, (tx) => learnEuicc(tx, { eid: eidOf(24), info: say, tac, at: 1 }));
    return sqlite.prepare('select 1 from learnt where eid = ?').all(eidOf(24)).length > 0;
  };
  sqlite.exec('create temp table learnt (eid text)');
  await rewritten('11111111');
  sqlite.exec('create temp trigger watch after update of info2 on euiccs begin insert into learnt values (new.eid); end');
  expect(await rewritten('22222222')).toBe(false);
  expect(await show(eidOf(24))).toMatchObject({ tac: '22222222', sessions: 2 });
  expect(await rewritten('22222222', parseEuiccInfo2(buildEuiccInfo2({ ...info, firmwareVersion: '1.0.1' })))).toBe(true);
  sqlite.exec('drop trigger watch; drop table learnt');
});

test('listed last seen first, page by page, by EID and TAC', async () => {
  for (let i = 0; i < 5; i++) {
    const info = parseEuiccInfo2(device(30 + i).euiccInfo2());
    await write(world.ctx, (tx) => learnEuicc(tx, { eid: eidOf(30 + i), info, tac: `3529061${i}`, at: 10_000_000_000_000 + (i % 2) }));
  }
  const all = await list({ limit: 100 });
  const order_ = all.rows.map((row) => `${row.lastSeen}-${row.eid}`);
  expect(all.rows.length).toBeGreaterThan(6);
  expect(all.rows).toEqual(all.rows.toSorted((a, b) => b.lastSeen - a.lastSeen || (a.eid < b.eid ? 1 : -1)));
  const pages: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await list({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
    pages.push(...page.rows.map((row) => `${row.lastSeen}-${row.eid}`));
    cursor = page.next;
    if (cursor === undefined) break;
  }
  expect(pages).toEqual(order_);
  expect((await list({ filter: { text: '35290612' } })).rows.map((row) => row.eid)).toEqual([eidOf(32)]);
  expect((await list({ filter: { text: eidOf(33).slice(0, 31) } })).rows.map((row) => row.eid)).toContain(eidOf(33));
  expect(await world.engine.refused('devices.list', { cursor: 'x' })).toMatchObject({ code: 'INPUT_INVALID' });
});
