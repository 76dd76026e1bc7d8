import { afterEach, describe, expect, it } from 'vitest';
import { parseAuthenticateServerResponse, parseCancelSessionResponse, parsePendingNotification } from '../../../src/main/rsp/index.ts';
import { confirmationHash, createEs9Client, deliverNotifications, download, parseActivationCode } from '../../../src/main/lab/device/index.ts';
import type { DownloadOptions, DownloadOutcome, Misbehaviour } from '../../../src/main/lab/device/index.ts';
import { certificatePem, createLabPki } from '../../../src/main/lab/pki/index.ts';
import { ICCID, labPki, makeMetadata, makeUpp, newEuicc, NOW, PPK, seeded, SMDP_OID } from '../../unit/lab/support.ts';
import { failed, startFakeSmdp } from './support.ts';
import type { FakeOptions, FakeSmdp } from './support.ts';

const open: FakeSmdp[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function start(options: FakeOptions = {}): Promise<FakeSmdp> {
  const server = await startFakeSmdp(options);
  open.push(server);
  return server;
}

interface Run { server: FakeSmdp; outcome: DownloadOutcome; device: ReturnType<typeof newEuicc> }

async function run(server: FakeOptions | FakeSmdp = {}, options: Partial<DownloadOptions> = {}, device?: ReturnType<typeof newEuicc>): Promise<Run> {
  const fake = 'port' in server ? server : await start(server);
  const misbehaviour = options.misbehaviour;
  const euicc = device ?? newEuicc({ misbehaviour });
  const outcome = await download({ activationCode: 'LPA:1$smdp.example$LAB-1', device: euicc, tls: fake.tls, ...options });
  return { server: fake, outcome, device: euicc };
}
const names = (server: FakeSmdp): string[] => server.calls.map((call) => call.name);
const cancelReason = (server: FakeSmdp): number | undefined => {
  const call = server.calls.find((one) => one.name === 'cancelSession');
  const parsed = call && parseCancelSessionResponse(Buffer.from(call.body['cancelSessionResponse']!, 'base64'));
  return parsed?.kind === 'ok' ? parsed.reason : undefined;
};

describe('a download', () => {
  it('ends with the profile installed and the result delivered', async () => {
    const { server, outcome, device } = await run({ package: { upp: makeUpp(9000), protection: PPK() } });
    expect(outcome).toMatchObject({ ok: true, iccid: ICCID, result: { kind: 'installed', iccid: ICCID } });
    expect(names(server)).toEqual(['initiateAuthentication', 'authenticateClient', 'getBoundProfilePackage', 'handleNotification']);
    expect(outcome.steps.map((step) => `${step.name} ${step.status}`)).toEqual([
      'initiateAuthentication ok', 'authenticateServer ok', 'authenticateClient ok', 'prepareDownload ok', 'getBoundProfilePackage ok',
      'loadBoundProfilePackage ok', 'handleNotification ok',
    ]);
    expect(device.state.notifications).toEqual([]);
    const pir = parsePendingNotification(Buffer.from(server.calls[3]!.body['pendingNotification']!, 'base64'));
    expect(pir).toMatchObject({ kind: 'installResult', outcome: { ok: true } });
  });

  it('speaks as SGP.22 says: headers, members, upper-case transaction id', async () => {
    const { server, outcome } = await run();
    expect(server.calls[0]!.headers).toMatchObject({ 'user-agent': 'gsma-rsp-lpad', 'x-admin-protocol': 'gsma/rsp/v2.2.2', 'content-type': 'application/json', 'host': 'smdp.example' });
    expect(server.calls.map((call) => Object.keys(call.body).join())).toEqual([
      'euiccChallenge,euiccInfo1,smdpAddress', 'transactionId,authenticateServerResponse', 'transactionId,prepareDownloadResponse', 'pendingNotification',
    ]);
    expect(Buffer.from(server.calls[0]!.body['euiccChallenge']!, 'base64')).toHaveLength(16);
    expect(server.calls[1]!.body['transactionId']).toBe(outcome.transactionId);
    expect(outcome.transactionId).toMatch(/^[0-9A-F]{32}$/);
  });

  it('works on brainpool, over TLS on P-256', async () => {
    const pki = labPki('brainpoolP256r1');
    const { outcome } = await run({ pki }, {}, newEuicc({ pki }));
    expect(outcome.result).toMatchObject({ kind: 'installed' });
  });

  it('does not take a brainpool CI for TLS, which Node would crash on', async () => {
    const server = await start();
    const der = labPki('brainpoolP256r1').ci.certificate;
    for (const caCertificate of [der, certificatePem(der)]) {
      expect((await run(server, { tls: { ...server.tls, caCertificate } })).outcome.result).toMatchObject({ code: 'TLS_REFUSED' });
    }
  });

  it.each([['absent', undefined], ['empty', '']])('MatchingID %s', async (_name, matchingId) => {
    const { server } = await run({}, { activationCode: { smdpAddress: 'SMDP.example', matchingId } });
    const parsed = parseAuthenticateServerResponse(Buffer.from(server.calls[1]!.body['authenticateServerResponse']!, 'base64'));
    expect(parsed).toMatchObject({ kind: 'ok', matchingId });
  });

  it('reuses one connection for many downloads', async () => {
    const server = await start();
    const client = createEs9Client({ smdpAddress: 'smdp.example', tls: server.tls, keepAlive: true });
    for (let i = 0; i < 3; i++) expect((await run(server, { client })).outcome.ok).toBe(true);
    client.close();
  });

  it('asks the user, who may reject or postpone', async () => {
    for (const [said, reason] of [['reject', 0], ['postpone', 1]] as const) {
      const { server, outcome } = await run({}, { consent: (metadata) => (metadata.profileName === 'Lab profile' ? said : 'accept') });
      expect(outcome.result).toMatchObject({ kind: 'rejected', code: said === 'reject' ? 'USER_REJECTED' : 'USER_POSTPONED' });
      expect(cancelReason(server)).toBe(reason);
    }
  });
});

describe('a confirmation code', () => {
  const code = Buffer.from('20260417');
  const withCode: FakeOptions = { ccRequired: true, hashCc: (transactionId) => confirmationHash(code, transactionId) };

  it('is sent as its hash', async () => {
    expect((await run(withCode, { confirmationCode: code })).outcome.ok).toBe(true);
  });

  it('may be tried again in the same session', async () => {
    const { server, outcome } = await run(withCode, { confirmationCode: [Buffer.from('0000'), code] });
    expect(outcome.ok).toBe(true);
    expect(names(server).filter((name) => name === 'initiateAuthentication')).toHaveLength(1);
  });

  it('that is wrong ends in the server\'s code and a cancelled session', async () => {
    const { server, outcome } = await run(withCode, { confirmationCode: Buffer.from('0000') });
    expect(outcome.result).toMatchObject({ kind: 'refused', step: 'getBoundProfilePackage', subjectCode: '8.2.7', reasonCode: '3.8' });
    expect(cancelReason(server)).toBe(1);
  });

  it('that is missing stops the device, before any request where the activation code says so', async () => {
    expect((await run(withCode)).outcome.result).toMatchObject({ kind: 'rejected', code: 'CONFIRMATION_CODE_NEEDED' });
    const { server, outcome } = await run(withCode, { activationCode: '1$smdp.example$LAB-1$$1' });
    expect(outcome.result).toMatchObject({ code: 'CONFIRMATION_CODE_NEEDED' });
    expect(server.calls).toEqual([]);
  });

  it('can be withheld on purpose', async () => {
    const { outcome } = await run(withCode, { misbehaviour: { hashCc: 'absent' } });
    expect(outcome.result).toMatchObject({ kind: 'refused', subjectCode: '8.2.7', reasonCode: '2.2' });
  });
});

describe('a server that does wrong', () => {
  const broken = async (change: FakeOptions['change'], options: Partial<DownloadOptions> = {}): Promise<DownloadOutcome> => (await run({ change }, options)).outcome;
  const member = (name: string, key: string, value: unknown): FakeOptions['change'] => (called, reply) => {
    if (called === name) (reply.body as Record<string, unknown>)[key] = value;
  };

  it.each<[string, FakeOptions['change'], string]>([
    ['HTTP 500', (_n, reply) => { reply.status = 500; }, 'HTTP_STATUS'],
    ['no Content-Type', (_n, reply) => { delete reply.headers['Content-Type']; }, 'BAD_REPLY'],
    ['no X-Admin-Protocol', (_n, reply) => { delete reply.headers['X-Admin-Protocol']; }, 'BAD_REPLY'],
    ['version 3', (_n, reply) => { reply.headers['X-Admin-Protocol'] = 'gsma/rsp/v3.0.0'; }, 'BAD_REPLY'],
    ['text instead of JSON', (_n, reply) => { reply.body = '<html>'; }, 'BAD_REPLY'],
    ['no header', member('initiateAuthentication', 'header', undefined), 'BAD_REPLY'],
    ['a warning instead of success', member('initiateAuthentication', 'header', { functionExecutionStatus: { status: 'Executed-WithWarning' } }), 'BAD_REPLY'],
    ['a surplus member', member('initiateAuthentication', 'otherCertsInChain', []), 'BAD_REPLY'],
    ['a missing member', member('initiateAuthentication', 'serverCertificate', undefined), 'BAD_REPLY'],
    ['null instead of a member', member('authenticateClient', 'smdpSigned2', null), 'BAD_REPLY'],
    ['base64 with a line break', member('authenticateClient', 'smdpSigned2', 'MAA=\n'), 'BAD_REPLY'],
    ['a lower-case transaction id', member('authenticateClient', 'transactionId', 'abcdef0123'), 'BAD_REPLY'],
    ['another transaction id', member('authenticateClient', 'transactionId', 'ABCDEF0123'), 'TRANSACTION_MISMATCH'],
    ['a failure without codes', member('initiateAuthentication', 'header', { functionExecutionStatus: { status: 'Failed' } }), 'BAD_REPLY'],
    ['a notification answered with 200', (name, reply) => { if (name === 'handleNotification') reply.status = 200; }, 'HTTP_STATUS'],
  ])('%s is noticed', async (_name, change, code) => {
    const outcome = await broken(change);
    expect(outcome.steps.at(-1)).toMatchObject({ status: code });
  });

  it('a failed reply that still carries a transaction id', async () => {
    const outcome = await broken((name, reply) => {
      if (name === 'authenticateClient') reply.body = { ...(failed('8.2.6', '3.8') as object), transactionId: '00' };
    });
    expect(outcome.result).toMatchObject({ kind: 'broken', code: 'BAD_REPLY' });
  });

  it('a refusal is given back as data and the session is cancelled', async () => {
    const { server, outcome } = await run({ change: (name, reply) => { if (name === 'authenticateClient') reply.body = failed('8.2.6', '3.8'); } });
    expect(outcome.result).toMatchObject({ kind: 'refused', step: 'authenticateClient', subjectCode: '8.2.6', reasonCode: '3.8', message: 'refused by the test' });
    expect(cancelReason(server)).toBe(1);
    expect(outcome.steps.map((step) => step.status)).toEqual(['ok', 'ok', '8.2.6/3.8', 'ok']);
  });

  it('cancels with the reason asked for, or not at all', async () => {
    const refuse: FakeOptions = { change: (name, reply) => { if (name === 'authenticateClient') reply.body = failed('8.2.6', '3.8'); } };
    expect(cancelReason((await run(refuse, { cancel: 0 })).server)).toBe(0);
    expect(names((await run(refuse, { cancel: 'never' })).server)).not.toContain('cancelSession');
  });

  it('a reply that keeps out of time', async () => {
    const server = await start({ change: (_name, reply) => { reply.headers['Content-Length'] = '99999'; } });
    const { outcome } = await run(server, { timeout: 300 });
    expect(outcome.result).toMatchObject({ kind: 'broken', code: 'TIMEOUT' });
  });

  it('another address in what it signed', async () => {
    expect((await run({ address: 'evil.example' })).outcome.result).toMatchObject({ kind: 'rejected', code: 'ADDRESS_MISMATCH' });
    expect((await run({ address: 'SMDP.EXAMPLE' })).outcome.ok).toBe(true);
  });

  it('another SM-DP+ than the activation code names', async () => {
    expect((await run({}, { activationCode: '1$smdp.example$LAB-1$2.999.11' })).outcome.result).toMatchObject({ code: 'SMDP_OID_MISMATCH' });
    expect((await run({}, { activationCode: `1$smdp.example$LAB-1$${SMDP_OID}` })).outcome.ok).toBe(true);
  });

  it('a DPauth certificate the eUICC does not trust', async () => {
    const stranger = createLabPki({ curve: 'P-256', oid: SMDP_OID, tlsNames: ['x.example'], now: NOW, random: seeded('stranger') });
    const { outcome, server } = await run({ dpauth: stranger.dpauth });
    expect(outcome.result).toEqual({ kind: 'device-refused', step: 'authenticateServer', code: 7 });
    expect(names(server)).toEqual(['initiateAuthentication']);
  });

  it('metadata in the package that is not what was shown', async () => {
    const { outcome, server, device } = await run({ shownMetadata: makeMetadata({ profileName: 'Nicer name' }) });
    expect(outcome.result).toMatchObject({ kind: 'rejected', code: 'METADATA_MISMATCH' });
    expect(cancelReason(server)).toBe(4);
    expect(device.state.profiles).toEqual([]);
  });

  it('policy rules in the package that were not shown', async () => {
    const metadata = makeMetadata({ owner: { mcc: '001', mnc: '01' }, ppr: { ppr2: true } });
    const { outcome, server } = await run({ shownMetadata: makeMetadata(), package: { metadata } });
    expect(outcome.result).toMatchObject({ kind: 'rejected', code: 'PPR_NOT_ALLOWED' });
    expect(cancelReason(server)).toBe(3);
  });

  it('a package that fails on the eUICC is reported', async () => {
    const { outcome, server } = await run({ package: { signer: labPki().dpauth } });
    expect(outcome.result).toEqual({ kind: 'install-failed', bppCommandId: 0, errorReason: 2 });
    expect(names(server).at(-1)).toBe('handleNotification');
  });

  it('a package that is none', async () => {
    const { outcome, server } = await run({ change: (name, reply) => { if (name === 'getBoundProfilePackage') (reply.body as Record<string, string>)['boundProfilePackage'] = 'vzYA'; } });
    expect(outcome.result).toMatchObject({ kind: 'rejected', code: 'PACKAGE_MALFORMED' });
    expect(cancelReason(server)).toBe(5);
  });
});

describe('TLS', () => {
  it('refuses a certificate of another CI, another name, and a port nobody listens on', async () => {
    const server = await start();
    const stranger = createLabPki({ curve: 'P-256', oid: SMDP_OID, tlsNames: ['x.example'], now: NOW, random: seeded('stranger') });
    const result = async (tls: DownloadOptions['tls'], activationCode = '1$smdp.example$X') => (await run(server, { tls, activationCode })).outcome.result;
    expect(await result({ ...server.tls, caCertificate: stranger.ci.certificate })).toMatchObject({ code: 'TLS_REFUSED' });
    expect(await result({ ...server.tls, caCertificate: undefined })).toMatchObject({ code: 'TLS_REFUSED' });
    expect(await result(server.tls, '1$other.example$X')).toMatchObject({ code: 'TLS_REFUSED' });
    expect(await result({ ...server.tls, connectTo: { host: '127.0.0.1', port: 1 } })).toMatchObject({ code: 'NO_CONNECTION' });
    expect(server.calls).toEqual([]);
  });

  it('reaches an address with a port, by its IP address, and without any check where told', async () => {
    const server = await start({ address: '127.0.0.1' });
    const { caCertificate } = server.tls;
    expect((await run(server, { activationCode: `1$127.0.0.1:${server.port}$X`, tls: { caCertificate } })).outcome.ok).toBe(true);
    expect((await run(server, { activationCode: `1$127.0.0.1:${server.port}$X`, tls: { insecure: true } })).outcome.ok).toBe(true);
  });
});

describe('a device that does wrong', () => {
  const misbehave = (misbehaviour: Misbehaviour, server: FakeOptions = {}) => run(server, { misbehaviour });

  it('loses a reply or goes away before a request', async () => {
    const lost = await misbehave({ dropReplyOf: 'getBoundProfilePackage' });
    expect(lost.outcome.result).toMatchObject({ kind: 'broken', step: 'getBoundProfilePackage', code: 'REPLY_LOST' });
    expect(names(lost.server).at(-1)).toBe('getBoundProfilePackage');
    const gone = await misbehave({ stopBefore: 'authenticateClient' });
    expect(gone.outcome.result).toMatchObject({ kind: 'broken', code: 'DEVICE_GONE' });
    expect(names(gone.server)).toEqual(['initiateAuthentication']);
  });

  it('keeps its result, and delivers it later', async () => {
    const { server, device, outcome } = await misbehave({ keepNotification: true });
    expect(outcome.ok).toBe(true);
    expect(names(server)).not.toContain('handleNotification');
    expect(await deliverNotifications({ device, tls: server.tls })).toMatchObject([{ seqNumber: 1, reply: { kind: 'ok' } }]);
    expect(device.state.notifications).toEqual([]);
  });

  it('keeps a result whose delivery failed', async () => {
    const { device, outcome } = await run({ change: (name, reply) => { if (name === 'handleNotification') reply.status = 503; } });
    expect(outcome.ok).toBe(true);
    expect(device.state.notifications).toHaveLength(1);
  });

  it('delivers its result twice', async () => {
    expect(names((await misbehave({ repeatNotification: true })).server).filter((name) => name === 'handleNotification')).toHaveLength(2);
  });

  it('spoils a bit of the package, or loses power in the middle of it', async () => {
    expect((await misbehave({ flipPackageBit: 8 * 2600 })).outcome.result).toMatchObject({ kind: 'install-failed', bppCommandId: 5, errorReason: 8 });
    expect((await misbehave({ interruptBeforeSegment: 4 })).outcome.result).toMatchObject({ kind: 'install-failed', errorReason: 11 });
  });

  it('sends another transaction id', async () => {
    const { server, outcome } = await misbehave({ wrongTransactionId: 'getBoundProfilePackage' });
    expect(server.calls[2]!.body['transactionId']).not.toBe(outcome.transactionId);
  });

  it('posts its own refusals where asked to', async () => {
    const stranger = createLabPki({ curve: 'P-256', oid: SMDP_OID, tlsNames: ['x.example'], now: NOW, random: seeded('stranger') });
    const { outcome } = await misbehave({ postRefusals: true }, { dpauth: stranger.dpauth });
    expect(outcome.result).toMatchObject({ kind: 'refused', step: 'authenticateClient', message: 'authenticateServer refused: 7' });
  });

  it.each<[string, Misbehaviour, string]>([
    ['a wrong euiccSignature1', { wrongSignature: 'authenticateServer' }, 'euiccSignature1'],
    ['a wrong euiccSignature2', { wrongSignature: 'prepareDownload' }, 'euiccSignature2'],
    ['another server challenge', { wrongServerChallenge: true }, 'server challenge'],
  ])('%s reaches the server', async (_name, misbehaviour, message) => {
    expect((await misbehave(misbehaviour)).outcome.result).toMatchObject({ kind: 'refused', message });
  });
});

describe('activation codes', () => {
  it.each([
    ['LPA:1$SMDP.GSMA.COM$04386-AGYFT-A74Y8-3F815', { smdpAddress: 'SMDP.GSMA.COM', matchingId: '04386-AGYFT-A74Y8-3F815', confirmationCodeRequired: false }],
    ['1$SMDP.GSMA.COM$04386-AGYFT-A74Y8-3F815$$1', { smdpAddress: 'SMDP.GSMA.COM', matchingId: '04386-AGYFT-A74Y8-3F815', confirmationCodeRequired: true }],
    ['lpa:1$h.example$T$1.3.6.1.4.1.31746$1', { smdpAddress: 'h.example', matchingId: 'T', smdpOid: '1.3.6.1.4.1.31746', confirmationCodeRequired: true }],
    ['1$h.example$', { smdpAddress: 'h.example', matchingId: '', confirmationCodeRequired: false }],
    ['1$h.example:8443$T', { smdpAddress: 'h.example:8443', matchingId: 'T', confirmationCodeRequired: false }],
    ['1$h.example$T$$$F54172BD', { smdpAddress: 'h.example', matchingId: 'T', confirmationCodeRequired: false }],
  ])('%s', (text, parsed) => expect(parseActivationCode(text)).toEqual(parsed));

  it.each(['', '2$h.example$T', '1$h.example', '1$$T', '1$h example$T', '1$h.example$T_1', '1$h.example$T$x', '1$h.example$T$$2', `1$h.example$${'A'.repeat(250)}`])('refuses "%s"', async (text) => {
    expect(parseActivationCode(text)).toBeUndefined();
    expect((await download({ activationCode: text, device: newEuicc(), tls: {} })).result).toMatchObject({ code: 'ACTIVATION_CODE_INVALID' });
  });
});
