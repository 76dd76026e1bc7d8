import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { selectIdentities } from '../../../src/main/engine/downloads/rules.ts';
import { loadIdentities, ownCertificate, revocationOf } from '../../../src/main/engine/keys/index.ts';
import { createLabPki, eumName, issueEuicc, labIssuer, segmentedCrlList } from '../../../src/main/lab/pki/index.ts';
import type { CrlDefect, CrlRequest, LabPki } from '../../../src/main/lab/pki/index.ts';
import { checkEuiccChain } from '../../../src/main/rsp/index.ts';
import type { EuiccInfo1 } from '../../../src/main/rsp/index.ts';
import { seededRandom } from '../../support/engine.ts';
import { codeOf, initiate, open } from '../downloads/driver.ts';
import { device, importIdentity, makeWorld, pkiOf } from '../downloads/support.ts';
import type { World } from '../downloads/support.ts';
import { keyId, makeCertificate, recipes } from '../rsp/support/make-certificate.ts';
import { DAY, importCrl, listOf, put, refusedCrl, revokedNow } from './crl-support.ts';
import { privateKeyOf } from './wrong-certificates.ts';

let world: World;
const nist = (): LabPki => pkiOf();
const importEum = (pki: LabPki, identity = 'nist'): Promise<unknown> => world.engine.ok('pki.import', { identity, role: 'eum', certificate: put(world, pki.eum.certificate) });
const pem = (der: Uint8Array): string => `-----BEGIN X509 CRL-----\n${Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n')}\n-----END X509 CRL-----\n`;
const count = async (table: 'crls' | 'revoked_certificates' | 'audit'): Promise<number> => (await world.ctx.reader.selectFrom(table).select((e) => e.fn.countAll<number>().as('n')).executeTakeFirstOrThrow()).n;
/** Judges a fresh eUICC of the PKI as the SM-DP+ does. */
const judge = async (pki: LabPki, certificate = issueEuicc(pki, '89049032000000000000000000000177', new Date(), { random: seededRandom('chip') }).certificate) => {
  const identity = (await loadIdentities(world.ctx)).find((one) => one.ci.curve === pki.curve)!;
  const result = checkEuiccChain({ euicc: certificate, eum: pki.eum.certificate, ci: identity.ci, at: new Date(world.clock.now()), revoked: await revocationOf(world.ctx) });
  return result.ok ? 'accepted' : `${result.subject}/${result.reason}`;
};

beforeEach(async () => {
  world = await makeWorld({ profiles: 0 });
});
afterEach(() => world.close());

describe('importing a revocation list', () => {
  test.each<[string, (der: Uint8Array) => Uint8Array | string]>([
    ['DER', (der) => der], ['PEM', (der) => `text before\n${pem(der)}`], ['base64 as a CI sends it', (der) => Buffer.from(der).toString('base64')], ['a segmented list of one', (der) => segmentedCrlList([der])],
  ])('as %s', async (_, form) => {
    const result = await importCrl(world, form(listOf(world, nist(), [revokedNow(world, nist().eum.certificate)])));
    expect(result).toMatchObject({ state: 'imported', newlyRevoked: 1, ours: [], warnings: [], crl: { number: '1', revoked: 1, role: 'ci', identities: ['nist'], state: 'current' } });
    expect(await judge(nist())).toBe('8.1.2/6.1');
    const { rows } = await world.engine.ok<{ rows: { serial: string; reasonText: string }[] }>('pki.revoked' as never, { issuerKeyId: result.crl.issuerKeyId });
    expect(rows).toMatchObject([{ reasonText: 'key compromised' }]);
  });

  test('on both curves, each below its own CI', async () => {
    const brp = pkiOf('brainpoolP256r1');
    await importIdentity(world.engine, 'brp', brp);
    await importCrl(world, listOf(world, brp, [revokedNow(world, brp.eum.certificate)]));
    expect([await judge(brp), await judge(nist())]).toEqual(['8.1.2/6.1', 'accepted']);
  });

  test('is recorded; the same list again changes nothing', async () => {
    const der = listOf(world, nist(), [revokedNow(world, nist().eum.certificate)]);
    const first = await importCrl(world, der);
    const again = await importCrl(world, pem(der));
    expect(again).toMatchObject({ state: 'unchanged', newlyRevoked: 0, crl: { id: first.crl.id } });
    expect([await count('crls'), await count('revoked_certificates')]).toEqual([1, 1]);
    const audit = await world.ctx.reader.selectFrom('audit').select(['event', 'object_type', 'object_id', 'record']).where('event', '=', 'crl.imported').execute();
    expect(audit).toHaveLength(2);
    expect(audit[0]).toMatchObject({ object_type: 'crl', object_id: first.crl.issuerKeyId });
    expect(audit[0]!.record).toContain('"crl.number":"1"');
  });

  test('a newer list replaces the older; who was revoked stays revoked, on hold or dropped', async () => {
    const chip = issueEuicc(nist(), '89049032000000000000000000000177', new Date(), { random: seededRandom('hold') }).certificate;
    await importCrl(world, listOf(world, nist(), [revokedNow(world, nist().eum.certificate, { reason: 6 })]));
    expect(await importCrl(world, listOf(world, nist(), [], { number: 2 }))).toMatchObject({ newlyRevoked: 0, crl: { number: '2', revoked: 0 } });
    expect(await judge(nist(), chip)).toBe('8.1.2/6.1');
    expect(await refusedCrl(world, listOf(world, nist(), [], { number: 1 }))).toMatchObject({ code: 'CRL_OLDER' });
    expect(await count('crls')).toBe(1);
  });

  test('one past its time is taken in, with a warning', async () => {
    const now = world.clock.now();
    const result = await importCrl(world, listOf(world, nist(), [revokedNow(world, nist().eum.certificate)], { thisUpdate: new Date(now - 60 * DAY), nextUpdate: new Date(now - 30 * DAY) }));
    expect(result.crl.state).toBe('overdue');
    expect(result.warnings[0]).toMatch(/newer list should have been published/);
    expect(await judge(nist())).toBe('8.1.2/6.1');
  });

  const refusals: [string, string, Partial<CrlRequest> | ((w: World) => Uint8Array | string)][] = [
    ['nothing', 'CRL_MALFORMED', () => ''], ['text', 'CRL_MALFORMED', () => 'hello'], ['DER of something else', 'CRL_MALFORMED', () => Buffer.from('3003020101', 'hex')],
    ['a certificate', 'CRL_MALFORMED', () => nist().ci.certificate], ['a PEM certificate', 'CRL_MALFORMED', () => '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'],
    ['a cut PEM block', 'CRL_MALFORMED', (w) => pem(listOf(w, nist(), [])).slice(0, 200)], ['a cut list', 'CRL_MALFORMED', (w) => listOf(w, nist(), []).subarray(0, 90)],
    ['two lists', 'CRL_MALFORMED', (w) => pem(listOf(w, nist(), [])) + pem(listOf(w, nist(), [], { number: 2 }))],
    ['no number', 'CRL_MALFORMED', { defects: ['no-number'] }], ['no next update', 'CRL_MALFORMED', { defects: ['no-next-update'] }], ['version 1', 'CRL_UNSUPPORTED', { defects: ['version-1'] }],
    ['an unknown critical extension', 'CRL_UNSUPPORTED', { defects: ['unknown-critical-extension'] }],
    ...(['only-user-certificates', 'only-ca-certificates', 'only-some-reasons'] as CrlDefect[]).map((defect): [string, string, Partial<CrlRequest>] => [defect, 'CRL_UNSUPPORTED', { defects: [defect] }]),
    ['no authority key', 'CRL_ISSUER_UNKNOWN', { defects: ['no-authority-key-id'] }],
    ['another root', 'CRL_ISSUER_UNKNOWN', (w) => listOf(w, pkiOf('P-256', ' other'), [])],
    ['the EUM of this CI, which is not in the workspace', 'CRL_ISSUER_UNKNOWN', (w) => listOf(w, nist(), [], {}, 'eum')],
    ['a signature of somebody else', 'CRL_SIGNATURE', { defects: ['bad-signature'] }],
    ['the key of another root under our name', 'CRL_SIGNATURE', (w) => listOf(w, nist(), [], { issuer: { ...labIssuer(nist(), 'ci'), privateKeyPkcs8: pkiOf('P-256', ' other').ci.privateKeyPkcs8 } })],
    ['a date in the future', 'CRL_DATES', { thisUpdate: new Date(Date.now() + 3 * DAY) }],
    ['a next update before it', 'CRL_DATES', { nextUpdate: new Date(Date.now() - 3 * DAY) }],
    ['a delta without its base', 'CRL_BASE_MISSING', { number: 5, baseNumber: 4 }],
    ['one segment of two', 'CRL_PARTIAL', { segment: { index: 1, of: 2 } }],
  ];
  test.each(refusals)('refuses %s: %s', async (_, code, made) => {
    expect((await refusedCrl(world, typeof made === 'function' ? made(world) : listOf(world, nist(), [], made))).code).toBe(code);
    expect([await count('crls'), await count('revoked_certificates')]).toEqual([0, 0]);
  });

  test('all segments make one list; a missing or foreign one does not', async () => {
    const other = createLabPki({ curve: 'P-256', oid: '2.999.10', tlsNames: [], now: new Date(), random: seededRandom('other eum') });
    const part = (index: number, of: number, certificate: Uint8Array, more: Partial<CrlRequest> = {}): Uint8Array => listOf(world, nist(), [revokedNow(world, certificate)], { segment: { index, of }, number: 4, ...more });
    const parts = [part(2, 2, other.eum.certificate), part(1, 2, nist().eum.certificate)];
    expect((await refusedCrl(world, segmentedCrlList([parts[0]!, parts[0]!]))).code).toBe('CRL_PARTIAL');
    expect((await refusedCrl(world, segmentedCrlList([parts[1]!, part(2, 2, other.eum.certificate, { number: 5 })]))).code).toBe('CRL_PARTIAL');
    expect((await refusedCrl(world, segmentedCrlList([parts[1]!, part(2, 2, other.eum.certificate, { defects: ['bad-signature'] })]))).code).toBe('CRL_SIGNATURE');
    expect(await importCrl(world, parts.map(pem).join(''))).toMatchObject({ newlyRevoked: 2, crl: { number: '4', revoked: 2 } });
    expect(await judge(nist())).toBe('8.1.2/6.1');
  });

  test('a delta adds to its base, and takes nothing back', async () => {
    await importCrl(world, listOf(world, nist(), [revokedNow(world, nist().dpauth.certificate)], { number: 3 }));
    const delta = await importCrl(world, listOf(world, nist(), [revokedNow(world, nist().eum.certificate), revokedNow(world, nist().dpauth.certificate, { reason: 8 }), revokedNow(world, nist().dppb.certificate, { reason: 8 })], { number: 4, baseNumber: 2 }));
    expect(delta).toMatchObject({ newlyRevoked: 1, crl: { number: '4', revoked: 2 } });
    expect(await judge(nist())).toBe('8.1.2/6.1');
    const [identity] = await loadIdentities(world.ctx);
    expect([identity!.dpauth!.revoked === undefined, identity!.dppb!.revoked === undefined]).toEqual([false, true]);
    expect((await refusedCrl(world, listOf(world, nist(), [], { number: 9, baseNumber: 8 }))).code).toBe('CRL_BASE_MISSING');
  });

  test('a hundred thousand entries, each found, and again without writing', async () => {
    const revoked = Array.from({ length: 100_000 }, (_, i) => ({ serial: Uint8Array.of(0x40, i >> 16, (i >> 8) & 0xff, i & 0xff), at: new Date(1_700_000_000_000) }));
    expect(await importCrl(world, listOf(world, nist(), revoked))).toMatchObject({ newlyRevoked: 100_000, crl: { revoked: 100_000 } });
    const lookup = await revocationOf(world.ctx);
    const { keyId } = (await loadIdentities(world.ctx))[0]!.ci;
    expect([0, 99_999].map((i) => lookup.isRevoked(keyId, Buffer.from(revoked[i]!.serial).toString('hex'))?.at)).toEqual([1_700_000_000_000, 1_700_000_000_000]);
    expect(lookup.isRevoked(keyId, '4001ffff')).toBeUndefined();
    expect(await importCrl(world, listOf(world, nist(), [...revoked, revokedNow(world, nist().eum.certificate)], { number: 2 }))).toMatchObject({ newlyRevoked: 1, crl: { revoked: 100_001 } });
  });
});

describe('who is revoked', () => {
  const chip = (): Uint8Array => issueEuicc(nist(), '89049032000000000000000000000177', new Date(), { random: seededRandom('chip') }).certificate;

  test('an eUICC by its EUM, when the EUM is one of the workspace', async () => {
    await importEum(nist());
    const result = await importCrl(world, listOf(world, nist(), [revokedNow(world, chip())], {}, 'eum'));
    expect(result).toMatchObject({ crl: { role: 'eum', identities: ['nist'] }, newlyRevoked: 1 });
    expect(await judge(nist(), chip())).toBe('8.1.3/6.1');
    expect(await judge(nist(), issueEuicc(nist(), '89049032000000000000000000000177', new Date(), { random: seededRandom('another') }).certificate)).toBe('accepted');
  });

  test('an eUICC by the CI, under the name of its EUM; the CI\'s own certificates are not meant', async () => {
    await importCrl(world, listOf(world, nist(), [revokedNow(world, chip(), { issuer: eumName })]));
    expect(await judge(nist(), chip())).toBe('8.1.3/6.1');
    await importCrl(world, listOf(world, nist(), [revokedNow(world, nist().eum.certificate, { issuer: [['O', 'Another EUM']] })], { number: 2 }));
    expect(await judge(nist(), issueEuicc(nist(), '89049032000000000000000000000177', new Date(), { random: seededRandom('another') }).certificate)).toBe('accepted');
  });

  test('an EUM\'s list cannot speak for others', async () => {
    await importEum(nist());
    expect((await refusedCrl(world, listOf(world, nist(), [revokedNow(world, nist().dpauth.certificate, { issuer: [['O', 'x']] })], {}, 'eum'))).code).toBe('CRL_UNSUPPORTED');
    await importCrl(world, listOf(world, nist(), [revokedNow(world, nist().dpauth.certificate)], {}, 'eum'));
    expect((await loadIdentities(world.ctx))[0]!.dpauth!.revoked).toBeUndefined();
  });

  test('an EUM whose certificate may not sign lists', async () => {
    const all = recipes('P-256');
    await world.engine.ok('pki.import', { identity: 'unit', role: 'ci', certificate: put(world, makeCertificate(all.ci)) });
    await world.engine.ok('pki.import', { identity: 'unit', role: 'eum', certificate: put(world, makeCertificate(all.eum)) });
    const issuer = { name: eumName, keyId: keyId('P-256', all.eum.scalar), privateKeyPkcs8: privateKeyOf(all.eum) };
    expect(await refusedCrl(world, listOf(world, nist(), [], { issuer }))).toMatchObject({ code: 'CRL_SIGNATURE', message: expect.stringContaining('cRLSign') as string });
  });

  test.each(['dpauth', 'dppb'] as const)('our %s: the identity answers 8.8.4/3.7 from then on, also after a restart', async (role) => {
    const info = async (): Promise<string> => {
      const identities = await loadIdentities(world.ctx);
      const { keyId } = labIssuer(nist(), 'ci');
      const selection = selectIdentities({ svn: '2.2.0', ciPkIdsForSigning: [keyId], ciPkIdsForVerification: [keyId] } as unknown as EuiccInfo1, identities, new Date(world.clock.now()));
      return 'failed' in selection ? `${selection.failed.subject}/${selection.failed.reason}` : 'served';
    };
    expect(await info()).toBe('served');
    const result = await importCrl(world, listOf(world, nist(), [revokedNow(world, nist()[role].certificate)]));
    expect(result.ours).toEqual([`${role === 'dpauth' ? 'DPauth' : 'DPpb'} of nist`]);
    expect(await info()).toBe('8.8.4/3.7');
    const { rows } = await world.engine.ok<{ rows: { role: string; usable: boolean; why?: string; revokedAt?: number }[] }>('pki.list' as never);
    expect(rows.filter((row) => !row.usable).map((row) => row.role)).toEqual([role]);
    expect(rows.find((row) => row.role === role)).toMatchObject({ why: expect.stringMatching(/revoked on/) as string, revokedAt: expect.any(Number) as number });
    world = await world.restart();
    expect(await info()).toBe('8.8.4/3.7');
    const id = (await loadIdentities(world.ctx))[0]![role]!.certificateId;
    expect((await ownCertificate(world.ctx, id))?.revoked).toBeDefined();
  });

  test('a device in a session meets it: EUM 8.1.2/6.1, our DPauth 8.8.4/3.7', async () => {
    await importCrl(world, listOf(world, nist(), [revokedNow(world, nist().eum.certificate)]));
    const session = await open(world, device(7));
    expect(codeOf(await session.authenticate('X'))).toBe('8.1.2/6.1');
    await importCrl(world, listOf(world, nist(), [revokedNow(world, nist().dpauth.certificate)], { number: 2 }));
    expect(codeOf(await initiate(world, device(8)))).toBe('8.8.4/3.7');
  });

  test('our CI: nothing below it is used any more', async () => {
    await importCrl(world, listOf(world, nist(), [revokedNow(world, nist().ci.certificate)]));
    const [identity] = await loadIdentities(world.ctx);
    expect(identity!.revoked).toBeDefined();
    const { keyId } = labIssuer(nist(), 'ci');
    const selection = selectIdentities({ svn: '2.2.0', ciPkIdsForSigning: [keyId], ciPkIdsForVerification: [keyId] } as unknown as EuiccInfo1, [identity!], new Date(world.clock.now()));
    expect(JSON.stringify(selection)).toContain('8.8.2');
    const { rows } = await world.engine.ok<{ rows: { usable: boolean }[] }>('pki.list' as never);
    expect(rows.every((row) => !row.usable)).toBe(true);
  });

  test('a certificate revoked already is not taken in, whatever identity it is for', async () => {
    const fresh = createLabPki({ curve: 'P-256', oid: '2.999.10', tlsNames: ['localhost'], now: new Date(Date.now() - 1000), random: seededRandom('pki P-256') });
    await importCrl(world, listOf(world, nist(), [revokedNow(world, fresh.dpauth.certificate), revokedNow(world, fresh.eum.certificate), revokedNow(world, fresh.dptls.certificate)]));
    for (const [role, issued] of [['dpauth', fresh.dpauth], ['eum', fresh.eum], ['tls', fresh.dptls]] as const) {
      const refusal = await world.engine.refused('pki.import', { identity: 'nist', role, certificate: put(world, issued.certificate), ...(role === 'eum' ? {} : { key: put(world, issued.privateKeyPkcs8) }) });
      expect(refusal.code).toBe('CERTIFICATE_REVOKED');
    }
  });
});

describe('without a list', () => {
  const require = (revocation: string): Promise<void> => {
    world.ctx.runtime.settings = { ...world.ctx.runtime.settings, revocation: revocation as 'required' };
    return Promise.resolve();
  };
  test('a Lab accepts chips, and refuses them when the settings require a list in force', async () => {
    expect(world.ctx.settings().revocation).toBe('when-present');
    expect(await judge(nist())).toBe('accepted');
    await require('required');
    expect(await judge(nist())).toBe('8.1.2/6.1');
    await importCrl(world, listOf(world, nist(), []));
    expect(await judge(nist())).toBe('accepted');
    world.clock.advance(31 * DAY);
    expect(await judge(nist())).toBe('8.1.2/6.1');
    await require('when-present');
    expect(await judge(nist())).toBe('accepted');
  });
  test('a list of an EUM is not one of the CI', async () => {
    await require('required');
    await importEum(nist());
    await importCrl(world, listOf(world, nist(), [], {}, 'eum'));
    expect(await judge(nist())).toBe('8.1.2/6.1');
  });
});

describe('in force', () => {
  interface Crls { rows: { role: string; revoked: number; inForce: number; issuerKeyId: string; number: string }[] }
  interface Revoked { rows: { serial: string; reasonText: string; indirect?: boolean; ours?: string }[]; next?: string }
  const crls = async () => (await world.engine.ok<Crls>('pki.crls' as never)).rows;
  const revoked = (issuerKeyId: string, more: object = {}) => world.engine.ok<Revoked>('pki.revoked' as never, { issuerKeyId, ...more } as never);
  const numbered = (n: number) => ({ serial: Uint8Array.of(0x40, n), at: new Date(1_700_000_000_000) });

  test('who an empty newer list no longer names is still counted and listed', async () => {
    const first = await importCrl(world, listOf(world, nist(), [revokedNow(world, nist().eum.certificate), numbered(1)]));
    expect(first.crl).toMatchObject({ revoked: 2, inForce: 2 });
    const empty = listOf(world, nist(), [], { number: 2 });
    const newer = await importCrl(world, empty);
    expect(newer.crl).toMatchObject({ revoked: 0, inForce: 2 });
    expect(await importCrl(world, empty)).toMatchObject({ state: 'unchanged', crl: { revoked: 0, inForce: 2 } });
    expect(await crls()).toMatchObject([{ number: '2', revoked: 0, inForce: 2 }]);
    expect((await revoked(newer.crl.issuerKeyId)).rows).toHaveLength(2);
    expect(await importCrl(world, listOf(world, nist(), [numbered(1), numbered(2)], { number: 3 }))).toMatchObject({ newlyRevoked: 1, crl: { revoked: 2, inForce: 3 } });
  });

  test('what a CI listed for others counts with the CI, page by page, also where the serial numbers are the same', async () => {
    const serials = [1, 2, 3, 4];
    const { crl } = await importCrl(world, listOf(world, nist(), [...serials.map(numbered), ...serials.map((n) => ({ ...numbered(n), issuer: eumName })), ...serials.map((n) => ({ ...numbered(n), issuer: [['O', 'Another EUM']] as [['O', string]] }))]));
    expect(crl).toMatchObject({ revoked: 12, inForce: 12 });
    expect(await crls()).toMatchObject([{ revoked: 12, inForce: 12 }]);
    for (const limit of [1, 2, 5, 12]) {
      const seen: Revoked['rows'] = [];
      for (let after: string | undefined; ;) {
        const page = await revoked(crl.issuerKeyId, { limit, ...(after === undefined ? {} : { after }) });
        seen.push(...page.rows);
        if (page.next === undefined) break;
        after = page.next;
      }
      expect(seen.map((row) => row.serial), `pages of ${limit}`).toEqual(serials.flatMap((n) => Array.from({ length: 3 }, () => `400${n}`)));
      expect(seen.filter((row) => row.indirect)).toHaveLength(8);
    }
    expect((await revoked(crl.issuerKeyId, { after: '4003' })).rows.map((row) => row.serial)).toEqual(['4004', '4004', '4004']);
  });

  test.each(['the EUM lists it', 'the CI lists it under its EUM\'s name', 'the CI lists its EUM'])('a revoked eUICC is not counted as served: %s', async (how) => {
    const [first, second] = [device(61), device(62)];
    for (const chip of [first, second]) await (await open(world, chip)).authenticate('NO-SUCH-CODE');
    const mismatch = () => world.engine.ok<{ known: number; served: number; revoked: number; groups: unknown[] }>('pki.mismatch' as never);
    const euiccs = async () => (await world.engine.ok<{ rows: { euiccs: object }[] }>('pki.identities' as never)).rows.map((row) => row.euiccs);
    expect(await mismatch()).toEqual({ known: 2, served: 2, revoked: 0, groups: [] });
    const { certificate } = first.state.credentials[0]!;
    if (how.startsWith('the EUM')) {
      await importEum(nist());
      await importCrl(world, listOf(world, nist(), [revokedNow(world, certificate)], {}, 'eum'));
    } else await importCrl(world, listOf(world, nist(), [how.endsWith('name') ? revokedNow(world, certificate, { issuer: eumName }) : revokedNow(world, nist().eum.certificate)]));
    const gone = how.endsWith('its EUM') ? 2 : 1;
    expect(await mismatch()).toEqual({ known: 2, served: 2 - gone, revoked: gone, groups: [] });
    expect(await euiccs()).toEqual([{ known: 2, couldUse: 2 - gone, revoked: gone }]);
    // Refused now, it is not learnt anew, and stays known.
    await (await open(world, first)).authenticate('NO-SUCH-CODE');
    expect(await mismatch()).toMatchObject({ known: 2, revoked: gone });
  });
});
