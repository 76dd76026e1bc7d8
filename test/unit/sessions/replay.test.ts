/** Sessions of a virtual device, exported, read back and driven again: the fixture alone says what to do and what comes of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SessionFixture } from '../../../src/shared/contract/sessions.ts';
import type { VirtualEuicc } from '../../../src/main/lab/device/index.ts';
import { fixtureFaults, loadSessionFixture, playSessionFixture } from '../../support/session-fixture.ts';
import { codeOf, notify, open, packageOf } from '../downloads/driver.ts';
import { device, eidOf, makeWorld, order, remote, type World } from '../downloads/support.ts';

const code = '4711';
let world: World;
let folder: string;
let serial = 7_000;
beforeAll(async () => {
  world = await makeWorld({ profiles: 12 });
  folder = mkdtempSync(join(tmpdir(), 'desk-fixture-'));
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

const reasonIn = (step: SessionFixture['steps'][number]): number => Number(/"reason":(\d+)/.exec(JSON.stringify(step.request ?? {}))?.[1] ?? 127);

/** Does with a fresh chip and a fresh order what the steps of the fixture say; answers the code of each step and the TransactionID. */
async function drive(fixture: SessionFixture, chip: VirtualEuicc): Promise<{ transactionId: string; codes: (string | undefined)[]; made: { iccid: string; matchingId: string } }> {
  const asksCode = fixture.steps.some((step) => step.code === '8.2.7/3.8');
  const made = await order(world, {}, asksCode ? code : undefined);
  const codes: (string | undefined)[] = [];
  const heard = (answer: Parameters<typeof codeOf>[0]): void => {
    const said = codeOf(answer);
    codes.push(said === 'ok' ? undefined : said);
  };
  const session = await open(world, chip);
  codes.push(undefined);
  let bound: Uint8Array | undefined;
  for (const step of fixture.steps.slice(1)) {
    if (step.function === 'authenticateClient') heard(await session.authenticate(step.code === '8.2.6/3.8' ? 'NOT-THE-CODE-OF-ANYTHING' : made.matchingId));
    else if (step.function === 'getBoundProfilePackage') {
      const answer = await session.package(asksCode ? (step.code === '8.2.7/3.8' ? '0000' : code) : undefined);
      heard(answer);
      if ('ok' in answer) bound = packageOf(answer);
    } else if (step.function === 'cancelSession') heard(await session.cancel(reasonIn(step)));
    else {
      expect(await notify(world, session.load(bound!))).toBe('accepted');
      codes.push(undefined);
    }
  }
  return { transactionId: session.initiated.transactionId, codes, made };
}

/** A plan in the form of a fixture: what the first device does. */
const plan = (...steps: readonly (readonly [name: string, code?: string, reason?: number])[]): SessionFixture => ({
  format: 'mvne-desk/session-fixture', version: 1, session: { transactionId: '7E57', phase: 'initiated', binding: 'json', curve: 'P-256', smdpAddress: 'test' }, replaced: [], removed: [],
  steps: steps.map(([name, refused, reason], at) => ({ at, function: name, milliseconds: 1, requestBytes: 1, responseBytes: 1, status: refused === undefined ? 'Executed-Success' : 'Failed', ...(refused === undefined ? {} : { code: refused }), ...(reason === undefined ? {} : { request: { reason } }) })),
});
const begun = ['initiateAuthentication'] as const;
const proven = ['authenticateClient'] as const;
const sent = ['getBoundProfilePackage'] as const;

describe.each([
  ['a download', plan(begun, proven, sent, ['handleNotification']), 'installed', 'installed'],
  ['an unknown code, after which the client cancels', plan(begun, ['authenticateClient', '8.2.6/3.8'], ['cancelSession', undefined, 0]), 'refused', undefined],
  ['a wrong confirmation code, then the right one', plan(begun, proven, ['getBoundProfilePackage', '8.2.7/3.8'], sent, ['handleNotification']), 'installed', 'installed'],
  ['a user who wants to wait', plan(begun, proven, ['cancelSession', undefined, 1]), 'cancelled', 'released'],
  ['a user who says no', plan(begun, proven, ['cancelSession', undefined, 0]), 'cancelled', 'error'],
] as const)('%s', (name, wanted, phase, orderState) => {
  test('is exported without an identifier, read back and driven again with the same result', async () => {
    const eid = eidOf(++serial);
    const first = await drive(wanted, device(serial));
    expect(first.codes).toEqual(wanted.steps.map((step) => step.code));
    const exported = await world.engine.ok<{ fixture: SessionFixture }>('sessions.export', { transactionId: first.transactionId });
    const path = join(folder, `${name.replaceAll(/\W+/g, '-')}.json`);
    const text = JSON.stringify(exported.fixture);
    writeFileSync(path, text);
    for (const canary of [eid, first.made.iccid, first.made.matchingId, first.transactionId, remote.address, 'smdp.test.example']) expect(text.toUpperCase(), canary).not.toContain(canary.toUpperCase());

    const fixture = loadSessionFixture(path);
    expect(fixtureFaults(fixture)).toEqual([]);
    expect(fixture.session.phase).toBe(phase);
    expect(fixture.steps.map((step) => step.function)).toEqual(wanted.steps.map((step) => step.function));
    // What was sent and answered came along.
    expect(JSON.stringify(fixture.steps[1]!.request)).toContain('euiccInfo2');
    if (orderState !== undefined) expect(playSessionFixture(fixture).state).toBe(orderState);

    const again = await drive(fixture, device(++serial));
    expect(again.codes).toEqual(fixture.steps.map((step) => step.code));
    const second = await world.engine.ok<{ fixture: SessionFixture }>('sessions.export', { transactionId: again.transactionId });
    expect(second.fixture.session.phase).toBe(phase);
    expect(second.fixture.steps.map((step) => [step.function, step.code])).toEqual(fixture.steps.map((step) => [step.function, step.code]));
  });
});
