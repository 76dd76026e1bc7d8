import { createHash, X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { alarmOf, certificateAlarms, severityOf } from '../../../src/main/engine/keys/horizon.ts';
import { fitsHost, hostOf } from '../../../src/main/engine/keys/listeners.ts';
import { loadIdentities } from '../../../src/main/engine/keys/index.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { defaultsFor } from '../../../src/main/engine/workspace/index.ts';
import { createLabPki, labIssuer } from '../../../src/main/lab/pki/index.ts';
import { toHex } from '../../../src/shared/tlv/index.ts';
import { seededRandom } from '../../support/engine.ts';
import { ADDRESS, importIdentity, makeWorld, order, pkiOf } from '../downloads/support.ts';
import type { World } from '../downloads/support.ts';
import { DAY, importCrl, listOf, put, revokedNow } from './crl-support.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld({ profiles: 2 });
});
afterEach(() => world.close());

const brp = () => pkiOf('brainpoolP256r1');
const keyOf = (pki: ReturnType<typeof pkiOf>): string => toHex(labIssuer(pki, 'ci').keyId);
const listen = (identities: string[], port = 8443, kind: 'es9plus' | 'es2plus' = 'es9plus', state: 'listening' | 'failed' = 'listening'): void => {
  world.ctx.runtime.listeners.push({ kind, address: '127.0.0.1', port, identities, state });
};
interface Row { title: string; kind: string; alarm: string; severity: string; daysLeft: number; consequence: string; openOrders: number; listeners: string[] }
const horizonRows = async (): Promise<Row[]> => (await world.engine.ok<{ rows: Row[] }>('pki.horizon' as never)).rows;
const row = async (title: string): Promise<Row> => (await horizonRows()).find((one) => one.title.startsWith(title))!;
const identities = async () => (await world.engine.ok<{ rows: { name: string; usable: boolean; missing: string[]; warnings: string[]; listeners: string[]; euiccs: { couldUse: number; known: number }; crl?: { number: string; state: string } }[] }>('pki.identities' as never)).rows;
const learn = (eid: string, verification: string[], signing: string[]): Promise<unknown> => write(world.ctx, (tx) => tx.insertInto('euiccs').values({
  eid, first_seen: 1, last_seen: 1, svn: '2.2.0', profile_version: '2.3.1', firmware_version: '1.0.0', ci_ids: JSON.stringify({ verification, signing }), info2: new Uint8Array(1),
  uicc_capability: null, rsp_capability: null, free_nvm: null, free_ram: null, forbidden_ppr: null, category: null, sas: null, tac: null,
}).execute());

describe('handing a certificate out', () => {
  test.each(['ci', 'dpauth', 'dppb', 'tls'] as const)('the %s certificate as it was imported, in both forms', async (role) => {
    const out = await world.engine.ok<{ identity: string; role: string; der: string; pem: string; sha256: string }>('pki.certificate' as never, { identity: 'nist', role } as never);
    const der = Buffer.from(out.der, 'base64');
    const row = (await world.engine.ok<{ rows: { identity: string; role: string; sha256: string }[] }>('pki.list' as never)).rows.find((one) => one.role === role)!;
    expect(out).toMatchObject({ identity: 'nist', role, sha256: row.sha256 });
    expect(createHash('sha256').update(der).digest('hex')).toBe(row.sha256);
    expect(new X509Certificate(out.pem).raw.equals(der)).toBe(true);
    expect(Object.keys(out).sort()).toEqual(['der', 'identity', 'pem', 'role', 'sha256']);
  });
  test('that of a role or an identity nobody imported is refused', async () => {
    for (const input of [{ identity: 'nist', role: 'eum' }, { identity: 'nobody', role: 'ci' }]) expect((await world.engine.refused('pki.certificate', input)).code).toBe('NOT_FOUND');
  });
});

describe('alarms', () => {
  test.each([[91, 'none', 'ok'], [90, '90', 'info'], [61, '90', 'info'], [60, '60', 'info'], [31, '60', 'info'], [30, '30', 'warning'], [14, '14', 'warning'], [7, '7', 'error'], [2, '7', 'error'], [1, '1', 'error'], [0, '1', 'error'], [-1, 'ended', 'error']] as const)(
    '%i days left: %s, %s', (days, alarm, severity) => {
      expect(alarmOf(days, 'certificate')).toBe(alarm);
      expect(severityOf(alarm)).toBe(severity);
    });
  test('a list, renewed every few weeks, alarms only in its last week', () => {
    expect([90, 30, 8, 7, 1, -1].map((days) => alarmOf(days, 'crl'))).toEqual(['none', 'none', 'none', '7', '1', 'ended']);
    expect(severityOf('revoked')).toBe('error');
  });
});

describe('the horizon', () => {
  test('says what stops: the listener, its orders, nothing where nobody uses it', async () => {
    await order(world);
    expect((await row('DPauth of nist')).consequence).toBe('The identity nist can no longer serve downloads. No listener uses it now.');
    listen(['nist']);
    expect(await row('DPauth of nist')).toMatchObject({ openOrders: 1, listeners: ['ES9+ 127.0.0.1:8443'], consequence: 'ES9+ 127.0.0.1:8443 can serve no download any more (8.8.4/3.7). 1 open order cannot be downloaded then.' });
    expect(await row('TLS of nist')).toMatchObject({ alarm: 'none', severity: 'ok', openOrders: 1, consequence: 'Devices can no longer connect to ES9+ 127.0.0.1:8443. 1 open order cannot be downloaded then.' });
    listen(['nist'], 9443, 'es2plus');
    expect((await row('TLS of nist')).consequence).toContain('Brands can no longer order over ES2+ 127.0.0.1:9443.');
  });

  test('with a second identity, only the eUICCs that trust the first CI alone are lost', async () => {
    await importIdentity(world.engine, 'brp', brp());
    listen(['nist', 'brp']);
    await learn('89049032000000000000000000000001', [keyOf(pkiOf())], [keyOf(pkiOf())]);
    await learn('89049032000000000000000000000002', [keyOf(pkiOf()), keyOf(brp())], [keyOf(brp())]);
    expect(await row('DPpb of nist')).toMatchObject({ openOrders: 0, consequence: 'eSIM chips that trust only the CI of nist are refused with 8.8.4/3.7 on ES9+ 127.0.0.1:8443; 1 of those seen so far are of this kind. Others use another identity.' });
  });

  test('comes nearer with the days, soonest first, and reaches Home', async () => {
    const before = await row('TLS of nist');
    expect(before.daysLeft).toBe(396);
    expect(await certificateAlarms(world.ctx)).toEqual([]);
    world.clock.advance((before.daysLeft - 5) * DAY);
    expect(await row('TLS of nist')).toMatchObject({ daysLeft: 5, alarm: '7', severity: 'error' });
    expect((await horizonRows())[0]!.title).toBe('TLS of nist');
    expect(await certificateAlarms(world.ctx)).toEqual([{ severity: 'error', text: 'TLS of nist ends in 5 days', count: 1 }]);
    world.clock.advance(6 * DAY);
    expect(await certificateAlarms(world.ctx)).toEqual([{ severity: 'error', text: 'TLS of nist has ended', count: 1 }]);
  });

  test('lists and revoked certificates stand in it', async () => {
    listen(['nist']);
    await importCrl(world, listOf(world, pkiOf(), [revokedNow(world, pkiOf().dptls.certificate)]));
    expect(await row('Revocation list 1')).toMatchObject({ kind: 'crl', alarm: 'none', daysLeft: 29, consequence: expect.stringContaining('not known here') as string });
    expect(await row('TLS of nist')).toMatchObject({ alarm: 'revoked', severity: 'error', consequence: expect.stringContaining('key compromised') as string });
    expect(await certificateAlarms(world.ctx)).toEqual([{ severity: 'error', text: 'TLS of nist is revoked', count: 1 }]);
    world.ctx.runtime.settings = { ...world.ctx.runtime.settings, revocation: 'required' };
    expect((await row('Revocation list 1')).consequence).toContain('8.1.2/6.1');
    world.clock.advance(31 * DAY);
    expect((await certificateAlarms(world.ctx)).map((alarm) => alarm.text)).toEqual(['TLS of nist is revoked', expect.stringMatching(/^Revocation list 1 of .* has ended$/), 'No revocation list in force for the CI of nist: its eSIM chips are refused']);
  });
});

describe('identities', () => {
  test('complete, with listeners, eUICCs and list', async () => {
    listen(['nist']);
    await learn('89049032000000000000000000000001', [keyOf(pkiOf()).toUpperCase()], [keyOf(pkiOf())]);
    await learn('89049032000000000000000000000002', ['00'], [keyOf(pkiOf())]);
    await importCrl(world, listOf(world, pkiOf(), []));
    expect(await identities()).toMatchObject([{ name: 'nist', usable: true, missing: [], warnings: [], listeners: ['ES9+ 127.0.0.1:8443'], euiccs: { couldUse: 1, known: 2 }, crl: { number: '1', state: 'current' } }]);
  });

  test('what is missing, in words', async () => {
    const pki = pkiOf('P-256', ' other');
    await world.engine.ok('pki.import', { identity: 'half', role: 'ci', certificate: put(world, pki.ci.certificate) });
    await world.engine.ok('pki.import', { identity: 'half', role: 'dpauth', certificate: put(world, pki.dpauth.certificate), key: put(world, pki.dpauth.privateKeyPkcs8) });
    const half = (await identities()).find((one) => one.name === 'half')!;
    expect(half).toMatchObject({ usable: false, missing: ['The DPpb certificate is missing: import it with its key.'], warnings: ['It has no TLS certificate: a listener for it alone cannot open.'] });
  });

  test('an SM-DP+ address that is not in the TLS certificate', async () => {
    const other = createLabPki({ curve: 'P-256', oid: '2.999.10', tlsNames: ['rsp.example.org'], now: new Date(), random: seededRandom('other names') });
    await importIdentity(world.engine, 'other', other);
    expect((await identities()).map((one) => [one.name, one.warnings])).toEqual([
      ['nist', []], ['other', [`Devices are sent to ${ADDRESS}, but the TLS certificate is for rsp.example.org: they will refuse the connection.`]],
    ]);
    // Together on one listener, the device is shown the one that fits.
    listen(['nist', 'other']);
    expect((await identities()).flatMap((one) => one.warnings)).toEqual([]);
    world.ctx.runtime.listeners.splice(0);
    const [identity] = await loadIdentities(world.ctx, ['nist']);
    expect(['localhost', '127.0.0.1', ADDRESS].map((host) => fitsHost(identity!.tls!, host))).toEqual([true, true, true]);
    expect(['rsp.example.org', '127.0.0.2', `x.${ADDRESS}`, ''].map((host) => fitsHost(identity!.tls!, host))).toEqual([false, false, false, false]);
    expect(fitsHost({ ...identity!.tls!, certificate: { ...identity!.tls!.certificate, dnsNames: ['*.example.org'], ipAddresses: ['2001:db8:0:0:0:0:0:1'] } }, 'rsp.example.org')).toBe(true);
    expect(['a.b.example.org', 'example.org'].map((host) => fitsHost({ ...identity!.tls!, certificate: { ...identity!.tls!.certificate, dnsNames: ['*.example.org'] } }, host))).toEqual([false, false]);
    expect(fitsHost({ ...identity!.tls!, certificate: { ...identity!.tls!.certificate, ipAddresses: ['2001:db8:0:0:0:0:0:1'] } }, '2001:db8::1')).toBe(true);
  });
  test.each([['smdp.example.com', 'smdp.example.com'], ['SMDP.example.com.:8443', 'smdp.example.com.'], ['127.0.0.1:80', '127.0.0.1'], ['[2001:db8::1]:8443', '2001:db8::1'], ['2001:db8::1', '2001:db8::1']])('the host of %s is %s', (address, host) => {
    expect(hostOf(address)).toBe(host);
  });
  test('only Live begins with lists required', () => {
    expect((['lab', 'test', 'live'] as const).map((environment) => defaultsFor(environment).revocation)).toEqual(['when-present', 'when-present', 'required']);
  });
});

describe('CI mismatch', () => {
  interface Mismatch { known: number; served: number; groups: { code: string; count: number; examples: string[]; why: string }[] }
  const mismatch = (input: object = {}): Promise<Mismatch> => world.engine.ok<Mismatch>('pki.mismatch' as never, input);
  test('which eUICCs would be refused, with which code, and what if', async () => {
    await importIdentity(world.engine, 'brp', brp());
    const [n, b] = [keyOf(pkiOf()), keyOf(brp())];
    await learn('89049032000000000000000000000001', [n], [n]);
    await learn('89049032000000000000000000000002', [b], [b]);
    for (let i = 3; i < 10; i++) await learn(`8904903200000000000000000000000${i}`, ['ffff'], [n]);
    await learn('89049032000000000000000000000010', ['ffff'], ['fffe']);
    expect(await mismatch()).toMatchObject({ known: 10, served: 2, groups: [{ code: '8.8.4/3.7', count: 7, examples: { length: 5 } }, { code: '8.8.2/3.1', count: 1, examples: ['89049032000000000000000000000010'] }] });
    expect(await mismatch({ identities: ['brp'] })).toMatchObject({ known: 10, served: 1 });
    await importCrl(world, listOf(world, pkiOf(), [revokedNow(world, pkiOf().dpauth.certificate)]));
    const after = await mismatch();
    expect(after.served).toBe(1);
    expect(after.groups.map((group) => group.why).join()).toContain('nist would fit, but cannot be used now');
  });
});

describe('retiring', () => {
  const list = async () => (await world.engine.ok<{ rows: { id: number; identity: string; role: string }[] }>('pki.list' as never)).rows;
  const idOf = async (identity: string, role: string): Promise<number> => (await list()).find((one) => one.identity === identity && one.role === role)!.id;
  const refused = async (input: object): Promise<string> => (await world.engine.refused('pki.retire', input)).code;

  test('one certificate, then the identity; the audit log keeps it', async () => {
    const id = await idOf('nist', 'dpauth');
    expect(await world.engine.ok('pki.retire' as never, { identity: 'nist', certificateId: id })).toMatchObject({ retired: [{ id, role: 'dpauth' }] });
    expect((await loadIdentities(world.ctx))[0]!.dpauth).toBeUndefined();
    await world.engine.ok('pki.retire' as never, { identity: 'nist' });
    expect([await list(), await loadIdentities(world.ctx)]).toEqual([[], []]);
    const audit = await world.ctx.reader.selectFrom('audit').select('record').where('event', '=', 'certificate.retired').execute();
    expect(audit).toHaveLength(2);
    expect(await refused({ identity: 'nist' })).toBe('NOT_FOUND');
  });
  test('never a root from under its certificates, nor what is not there', async () => {
    expect(await refused({ identity: 'nist', certificateId: await idOf('nist', 'ci') })).toBe('CERTIFICATE_IN_USE');
    expect(await refused({ identity: 'nist', certificateId: 4711 })).toBe('NOT_FOUND');
    expect(await refused({ identity: 'other' })).toBe('NOT_FOUND');
  });
  test('not while a listener would be left without', async () => {
    listen(['nist']);
    for (const role of ['dpauth', 'dppb', 'tls']) expect(await refused({ identity: 'nist', certificateId: await idOf('nist', role) })).toBe('LISTENER_WOULD_STOP');
    expect(await refused({ identity: 'nist' })).toBe('LISTENER_WOULD_STOP');
    await importIdentity(world.engine, 'brp', brp());
    expect(await refused({ identity: 'nist' })).toBe('LISTENER_WOULD_STOP');
    world.ctx.runtime.listeners.splice(0);
    listen(['nist', 'brp']);
    expect(await world.engine.ok('pki.retire' as never, { identity: 'nist' })).toMatchObject({ identity: 'nist' });
    expect(await refused({ identity: 'brp' })).toBe('LISTENER_WOULD_STOP');
  });
  test('a listener that does not listen stops nothing; ES2+ needs TLS alone', async () => {
    listen(['nist'], 8443, 'es9plus', 'failed');
    listen(['nist'], 9443, 'es2plus');
    expect(await refused({ identity: 'nist', certificateId: await idOf('nist', 'tls') })).toBe('LISTENER_WOULD_STOP');
    await world.engine.ok('pki.retire' as never, { identity: 'nist', certificateId: await idOf('nist', 'dpauth') });
  });
});
