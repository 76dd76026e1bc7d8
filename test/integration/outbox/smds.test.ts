import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deleteSmdsEvent, keepSmdsEvent, registerSmdsEvent } from '../../../src/main/engine/outgoing/index.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { reissueTls } from '../../../src/main/lab/pki/index.ts';
import { startLabSmds } from '../../../src/main/lab/operator/index.ts';
import type { LabSmds, TlsKeyPair } from '../../../src/main/lab/operator/index.ts';
import { createPrivateKey } from 'node:crypto';
import { certificatePem } from '../../../src/main/lab/pki/index.ts';
import { seededRandom } from '../../support/engine.ts';
import { EID, OID, openSender, otherCa, ours, pki, quick, serverTls } from './support.ts';
import type { Sender } from './support.ts';

let sender: Sender;
let smds: LabSmds;
/** A certificate under the CI of our identity, as an SM-DS has one. */
function smdsTls(): TlsKeyPair {
  const issued = reissueTls(pki, ['127.0.0.1', 'localhost'], new Date(), seededRandom('smds'));
  return {
    certificate: issued.certificate, cert: certificatePem(issued.certificate),
    key: createPrivateKey({ key: Buffer.from(issued.privateKeyPkcs8), format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' }) as string,
  };
}
beforeEach(async () => {
  sender = await openSender();
  smds = await startLabSmds({ tls: smdsTls(), clientCa: ours });
});
afterEach(async () => {
  await sender.close();
  await smds.close();
});

const minute = 60_000;
const event = (eventId = 'MATCH-1') => ({ smdsAddress: smds.smdsAddress, eid: EID, eventId, orderId: `order of ${eventId}` });
const register = (given: Parameters<typeof registerSmdsEvent>[1] = event()) => registerSmdsEvent(sender.engine.ctx, given, quick);
const keep = (given = event()) => write(sender.engine.ctx, (tx) => keepSmdsEvent(tx, given, sender.engine.clock.now()));
const problem = async (...given: Parameters<typeof register>) => {
  const answer = await register(...given);
  return answer.ok ? 'ok' : `${answer.problem.code} ${answer.problem.message}`;
};

describe('registration (SGP.22 v2.2, 5.9.1, 6.5.2.13)', () => {
  test('kept: the event stays', async () => {
    expect(await register()).toEqual({ ok: true });
    await keep();
    await sender.tick(60 * minute);
    expect(smds.events()).toEqual([{ owner: OID, eid: EID, eventId: 'MATCH-1', rspServerAddress: 'smdp.test.example', forwardingIndicator: true }]);
    expect(smds.faults).toEqual([]);
    expect(smds.requests[0]).toMatchObject({ path: '/gsma/rsp2/es12/registerEvent', headers: { 'x-admin-protocol': 'gsma/rsp/v2.2.0' } });
    expect(JSON.parse(smds.requests[0]!.text)).toMatchObject({ header: { functionRequesterIdentifier: OID } });
    expect(await sender.rows()).toMatchObject([{ state: 'discarded' }]);
  });

  test('not kept, because the engine died or the order was refused: taken back after ten minutes', async () => {
    await register();
    await sender.tick(9 * minute);
    expect(smds.events()).toHaveLength(1);
    await sender.tick(minute);
    expect(smds.events()).toEqual([]);
    expect(smds.done).toEqual(['registerEvent MATCH-1', 'deleteEvent MATCH-1']);
    await expect(keep()).rejects.toMatchObject({ code: 'SMDS_UNREACHABLE' });
  });

  test('refused: 8.9/4.2, with the code it gave; nothing is taken back', async () => {
    smds.refuse('registerEvent', '1.2/1.2');
    expect(await problem()).toBe(`SMDS_REFUSED The SM-DS ${smds.smdsAddress} refused the event (1.2/1.2: refused as told).`);
    await sender.tick(60 * minute);
    expect(smds.done).toEqual([]);
    expect(await sender.rows()).toMatchObject([{ state: 'discarded', last_error: expect.stringContaining('refused') }]);
    smds.refuse('registerEvent', undefined);
    expect(await problem()).toBe('ok');
  });

  test('an EventID somebody else of ours holds is refused', async () => {
    await register();
    await keep();
    expect(await problem({ ...event(), eid: '89882119900000000000000000001654' })).toMatch(/^SMDS_REFUSED .*8\.9\.5\/3\.3/);
    expect(smds.events()).toHaveLength(1);
    await sender.tick(60 * minute);
    expect(smds.events()).toHaveLength(1);
  });

  test('its answer got lost: the same registration again is a success, and the event lives', async () => {
    smds.misbehave({ kind: 'answer-lost' }, 1);
    expect(await problem()).toMatch(/^SMDS_UNREACHABLE/);
    expect(smds.events()).toHaveLength(1);
    await sender.tick(9 * minute);
    expect(await problem()).toBe('ok');
    await keep();
    await sender.tick(60 * minute);
    expect(smds.events()).toHaveLength(1);
  });

  test('its answer got lost and nobody asks again: no event is left behind', async () => {
    smds.misbehave({ kind: 'answer-lost' }, 1);
    expect(await problem()).toMatch(/^SMDS_UNREACHABLE/);
    await sender.tick(10 * minute);
    expect(smds.events()).toEqual([]);
  });

  test('a call repeated for an event that is kept does not take it back', async () => {
    await register();
    await keep();
    expect(await problem()).toBe('ok');
    await sender.tick(60 * minute);
    expect(smds.events()).toHaveLength(1);
  });

  test('unreachable: name, connection, TLS, time, HTTP: 8.9/5.1', async () => {
    const at = (smdsAddress: string) => problem({ ...event(), smdsAddress });
    expect(await at('invalid.smds.address')).toMatch(/^SMDS_UNREACHABLE .*(not known|looked up)/);
    expect(await at('https://lpa.ds.example/')).toMatch(/^SMDS_UNREACHABLE .*not the address/);
    expect(await at('')).toMatch(/^SMDS_UNREACHABLE/);
    const silent = createTcpServer(() => undefined);
    await new Promise<void>((ready) => silent.listen(0, '127.0.0.1', ready));
    expect(await at(`127.0.0.1:${(silent.address() as AddressInfo).port}`)).toMatch(/^SMDS_UNREACHABLE .*No connection/);
    silent.close();
    const foreign = await startLabSmds({ tls: serverTls(otherCa), clientCa: ours });
    expect(await at(foreign.smdsAddress)).toMatch(/^SMDS_UNREACHABLE .*not issued by a CA we trust/);
    expect(foreign.requests).toEqual([]);
    await foreign.close();
    const expired = await startLabSmds({ tls: serverTls(otherCa, { defects: ['expired'] }), clientCa: ours });
    expect(await at(expired.smdsAddress)).toMatch(/^SMDS_UNREACHABLE/);
    await expired.close();
    // None of those was reached: nothing waits to be taken back.
    expect((await sender.rows()).filter((row) => row.state === 'waiting')).toEqual([]);
    for (const how of [{ kind: 'status', status: 500 }, { kind: 'hang' }, { kind: 'body', status: 200, text: '{}' }, { kind: 'body', status: 200, text: '<html>' }, { kind: 'huge' }] as const) {
      smds.misbehave(how, 1);
      expect(await at(smds.smdsAddress), how.kind).toMatch(/^SMDS_UNREACHABLE/);
    }
    expect((await sender.rows()).filter((row) => row.state === 'waiting')).toHaveLength(1);
    await sender.tick(10 * minute);
    // It was never registered: the SM-DS says 8.9.5/3.9, which is what was wanted.
    expect((await sender.rows()).filter((row) => row.state === 'waiting')).toEqual([]);
  });
});

describe('deletion (SGP.22 v2.2, 5.9.2, 6.5.2.14)', () => {
  const remove = (eventId = 'MATCH-1') => write(sender.engine.ctx, (tx) => deleteSmdsEvent(tx, { ...event(eventId), at: sender.engine.clock.now() }));

  test('of an order that ended, once', async () => {
    await register();
    await keep();
    await remove();
    await remove();
    await sender.tick();
    expect(smds.events()).toEqual([]);
    expect(smds.done).toEqual(['registerEvent MATCH-1', 'deleteEvent MATCH-1']);
    expect(smds.faults).toEqual([]);
  });

  test('of an event that is gone already is done', async () => {
    await remove();
    await sender.tick();
    expect(await sender.rows()).toMatchObject([{ state: 'done', lane: `smds:${smds.smdsAddress}` }]);
  });

  test('is tried until the SM-DS is there again', async () => {
    await register();
    await keep();
    await remove();
    smds.misbehave({ kind: 'status', status: 503 }, 3);
    await sender.tick();
    for (let i = 0; i < 3; i++) await sender.tick(10 * minute);
    expect(smds.events()).toEqual([]);
    smds.refuse('deleteEvent', '8.9/4.2');
    await remove('MATCH-2');
    await sender.tick();
    expect((await sender.rows()).at(-1)).toMatchObject({ state: 'waiting', last_error: 'The SM-DS refused (8.9/4.2: refused as told).' });
  });

  test('is shown masked', async () => {
    await remove('MATCHING-ID-OF-SOMEBODY');
    const shown = await sender.engine.ok<{ target: string; body: string }>('outbox.show', { id: 1 });
    expect(shown.target).toBe(`https://${smds.smdsAddress}/gsma/rsp2/es12/deleteEvent`);
    expect(shown.body).not.toContain(EID);
    expect(shown.body).not.toContain('MATCHING-ID-OF-SOMEBODY');
  });

  test('a deletion that is under way is waited for before the same event is registered anew', async () => {
    await register();
    smds.misbehave({ kind: 'slow', milliseconds: 300 }, 1);
    sender.engine.clock.advance(10 * minute);
    sender.worker.wake();
    await expect.poll(() => smds.requests.length).toBe(2);
    expect(await problem()).toBe('ok');
    await keep();
    await sender.tick(60 * minute);
    expect(smds.done).toEqual(['registerEvent MATCH-1', 'deleteEvent MATCH-1', 'registerEvent MATCH-1']);
    expect(smds.events()).toHaveLength(1);
  });
});
