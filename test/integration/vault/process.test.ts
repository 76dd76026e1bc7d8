/** The vault as the process it is: started over Node's channel, killed, drained, spoken to by strangers. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createECDH } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifyRaw } from '../../../src/main/rsp/index.ts';
import { packageDigest, readSlots } from '../../../src/main/saip/index.ts';
import { connectVault } from '../../../src/main/vault-link/index.ts';
import type { Vault } from '../../../src/main/vault-link/index.ts';
import { buildVault } from './built.ts';
import type { BuiltVault } from './built.ts';
import { ICCID, IMSI, metadata, MSISDN, openPackage, sampleTemplate, source } from '../../unit/vault/support.ts';

const SOURCE = resolve('src/main/vault.ts');
const data = Uint8Array.of(1, 2, 3);

let built: BuiltVault;
let workspace: string;
let root: string;
let socketPath: string;
const children: ChildProcess[] = [];
const clients: Vault[] = [];

beforeAll(async () => { built = await buildVault(); });
afterAll(() => built.remove());
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'mvne-vault-'));
  root = join(workspace, 'vault');
  socketPath = join(workspace, 'vault.sock');
});
afterEach(async () => {
  for (const vault of clients.splice(0)) await vault.close();
  for (const child of children.splice(0)) if (child.exitCode === null && child.signalCode === null) await killed(child);
  rmSync(workspace, { recursive: true, force: true });
});

interface Started {
  readonly child: ChildProcess;
  readonly message: { type: string; code?: string; protection?: string };
  readonly stderr: () => string;
}

async function start(config: object = {}, execArgv: string[] = [], program = built.program): Promise<Started> {
  const env = { ...process.env };
  delete env['NODE_OPTIONS'];
  const child = fork(program, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: ['--no-warnings', ...execArgv], env });
  children.push(child);
  let stderr = '';
  child.stderr!.on('data', (chunk: Buffer) => { stderr += chunk.toString(); });
  const message = await new Promise<Started['message']>((done, fail) => {
    child.once('message', (got) => done(got as Started['message']));
    child.once('exit', (code, signal) => fail(new Error(`vault ended: ${code ?? signal} ${stderr}`)));
    child.send({ type: 'start', config: { root, socketPath, workers: 0, ...config } });
  });
  return { child, message, stderr: () => stderr };
}
const exited = (child: ChildProcess): Promise<{ code: number | null; signal: string | null }> => new Promise((done) => {
  if (child.exitCode !== null || child.signalCode !== null) done({ code: child.exitCode, signal: child.signalCode });
  else child.once('exit', (code, signal) => done({ code, signal }));
});
async function killed(child: ChildProcess): Promise<void> {
  const gone = exited(child);
  child.kill('SIGKILL');
  await gone;
}
function client(): Vault {
  const vault = connectVault({ socketPath, backoffMs: [10, 20] });
  clients.push(vault);
  return vault;
}

describe('start and end', () => {
  test('is ready after its self-test, in a private folder with a private socket', async () => {
    const { message } = await start();
    expect(message).toEqual({ type: 'ready', protection: 'not-protected' });
    for (const [path, mode] of [[root, 0o700], [join(root, 'keys'), 0o700], [join(root, 'kek'), 0o600], [socketPath, 0o600]] as const) {
      expect(statSync(path).mode & 0o777, path).toBe(mode);
    }
    const status = await client().call('status', {});
    expect(status.selfTest.length).toBeGreaterThan(12);
    expect(status.selfTest.every(({ ok }) => ok)).toBe(true);
  });

  test('runs from its source as well, with its workers', async () => {
    expect((await start({ workers: 1 }, [], SOURCE)).message.type).toBe('ready');
    const vault = client();
    const compiled = sampleTemplate();
    await vault.call('loadTemplate', source(compiled));
    const { batchKey } = await vault.call('createBatchKey', {});
    expect((await vault.call('prepare', { template: compiled.digest, batchKey, items: [{ iccid: ICCID, imsi: IMSI, msisdn: MSISDN }] })).items).toHaveLength(1);
  });

  test('a folder open to others is fatal', async () => {
    mkdirSync(root);
    chmodSync(root, 0o755);
    const { child, message } = await start();
    expect(message).toMatchObject({ type: 'fatal', code: 'VAULT_FOLDER_UNSAFE' });
    expect((await exited(child)).code).toBe(1);
    expect(readdirSync(root)).toEqual([]);
  });

  test('a folder that cannot be made is fatal, in a sentence', async () => {
    const { message } = await start({ root: '/dev/null/vault' });
    expect(message).toMatchObject({ type: 'fatal', code: 'VAULT_FOLDER_UNUSABLE' });
  });

  test('a second vault of the same workspace is fatal and leaves the first alone', async () => {
    await start();
    const { message } = await start();
    expect(message).toMatchObject({ type: 'fatal', code: 'VAULT_IN_USE' });
    expect((await client().call('status', {})).protection).toBe('not-protected');
  });

  test.each([[{ root: 5 }], [{ socketPath: '' }], [{ workers: -1 }], [{ passphrase: 'text' }]])('an incomplete configuration is fatal: %j', async (config) => {
    expect((await start(config)).message).toMatchObject({ type: 'fatal', code: 'VAULT_CONFIG_INVALID' });
  });

  test('does not run under an inspector, and a signal does not start one', async () => {
    const observed = await start({}, ['--inspect=0']);
    expect(observed.message).toMatchObject({ type: 'fatal', code: 'VAULT_OBSERVED' });
    const { child, stderr } = await start();
    child.kill('SIGUSR1');
    await client().call('status', {});
    expect(stderr()).not.toContain('Debugger listening');
  });

  test('drains: what is in flight is answered, then the process ends', async () => {
    const { child } = await start();
    const vault = client();
    const compiled = sampleTemplate();
    await vault.call('loadTemplate', source(compiled));
    const { batchKey } = await vault.call('createBatchKey', {});
    const items = Array.from({ length: 3000 }, (_, i) => ({ iccid: `8944500000000${String(i).padStart(6, '0')}`, imsi: IMSI, msisdn: MSISDN }));
    const call = vault.call('prepare', { template: compiled.digest, batchKey, items });
    // The status answer shows that the call before it on the same connection has begun.
    await vault.call('status', {});
    child.send({ type: 'drain' });
    expect((await call).items).toHaveLength(3000);
    expect(await exited(child)).toEqual({ code: 0, signal: null });
    expect(existsSync(socketPath)).toBe(false);
  });

  test('ends when its host is gone', async () => {
    const { child } = await start();
    const gone = exited(child);
    child.disconnect();
    expect((await gone).signal).toBe(null);
  });
});

describe('passphrase', () => {
  test('protects the workspace; a wrong one writes nothing', async () => {
    const passphrase = () => Uint8Array.from(Buffer.from('TEST-PASSPHRASE-CANARY'));
    const first = await start({ passphrase: passphrase() });
    expect(first.message).toEqual({ type: 'ready', protection: 'passphrase' });
    const { keyId } = await client().call('generateKey', { use: 'audit', curve: 'P-256' });
    await killed(first.child);
    const before = readdirSync(root, { recursive: true }).sort();
    for (const wrong of [Uint8Array.from(Buffer.from('wrong')), undefined]) {
      expect((await start({ passphrase: wrong })).message).toMatchObject({ type: 'fatal', code: 'VAULT_LOCKED' });
    }
    expect(readdirSync(root, { recursive: true }).sort()).toEqual(before);
    const again = await start({ passphrase: passphrase() });
    expect((await client().call('sign', { keyId, data })).signature).toHaveLength(64);
    expect(first.stderr() + again.stderr()).not.toContain('CANARY');
    for (const entry of readdirSync(root, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())) {
      expect(readFileSync(join(entry.parentPath, entry.name)).includes('CANARY')).toBe(false);
    }
  });
});

describe('crashes', () => {
  test('kill -9 with calls in flight: the client reconnects, repeatable ones are answered, keys and seals still open', async () => {
    const { child } = await start();
    const vault = client();
    const { keyId, publicKey } = await vault.call('generateKey', { use: 'dpauth', curve: 'P-256' });
    const sealed = await vault.call('sealConfirmationCode', { orderId: 'o', code: Uint8Array.from(Buffer.from('1234')) });
    const calls = Array.from({ length: 50 }, (_, i) => vault.call('sign', { keyId, data: Uint8Array.of(i) }));
    await killed(child);
    expect((await start()).message.type).toBe('ready');
    for (const [i, { signature }] of (await Promise.all(calls)).entries()) expect(verifyRaw('P-256', publicKey, Uint8Array.of(i), signature)).toBe(true);
    const { ok } = await vault.call('verifyConfirmationCode', { orderId: 'o', sealed: sealed.sealed, transactionId: data, hashCc: new Uint8Array(32) });
    expect(ok).toBe(false);
  });

  test('kill -9 at random moments while keys are made: every key that was answered is there, and the vault starts', async () => {
    const made: string[] = [];
    for (let round = 0; round < 4; round++) {
      const { child, message } = await start();
      expect(message.type).toBe('ready');
      const vault = client();
      for (const keyId of made) expect((await vault.call('sign', { keyId, data })).signature).toHaveLength(64);
      const answers = Array.from({ length: 20 }, () => vault.call('generateKey', { use: 'dppb', curve: 'P-256' })
        .then(({ keyId }) => { made.push(keyId); }, (error: unknown) => { expect(error).toMatchObject({ code: 'VAULT_UNAVAILABLE' }); }));
      await Promise.race(answers);
      await new Promise((done) => setTimeout(done, round * 3));
      await killed(child);
      await vault.close();
      await Promise.all(answers);
    }
    expect(made.length).toBeGreaterThan(3);
    const { message } = await start();
    expect(message.type).toBe('ready');
    expect(readdirSync(join(root, 'keys')).filter((name) => name.includes('.tmp-'))).toEqual([]);
    const vault = client();
    for (const keyId of made) expect((await vault.call('sign', { keyId, data })).signature).toHaveLength(64);
  });
});

describe('the whole way over the socket', () => {
  test.each([0, 2])('eight binds outstanding, prepared with %i workers', async (workers) => {
    await start({ workers });
    const vault = client();
    const compiled = sampleTemplate();
    const { batchKey } = await vault.call('createBatchKey', {});
    await expect(vault.call('prepare', { template: compiled.digest, batchKey, items: [] })).rejects.toMatchObject({ code: 'TEMPLATE_NOT_LOADED' });
    await vault.call('loadTemplate', source(compiled));
    const profiles = Array.from({ length: 450 }, (_, i) => ({ iccid: `8944500000000${String(i).padStart(6, '0')}`, imsi: `0010100000${String(i).padStart(5, '0')}`, msisdn: MSISDN }));
    const sealed = await vault.call('sealSubscribers', { batchKey, items: profiles.map(({ iccid }, i) => ({ iccid, secrets: { k: new Uint8Array(16).fill(i & 0xff) } })) });
    const prepared = await vault.call('prepare', {
      template: compiled.digest, batchKey, items: profiles.map((profile, i) => ({ ...profile, subscriber: { sealed: sealed.items[i]!.sealed, batchKey } })),
    });
    prepared.items.forEach(({ fingerprint }, i) => expect(Buffer.compare(fingerprint, sealed.items[i]!.fingerprint!)).toBe(0));

    const { keyId } = await vault.call('generateKey', { use: 'dppb', curve: 'P-256' });
    const device = createECDH('prime256v1');
    const euiccOtpk = Uint8Array.from(device.generateKeys());
    const eid = new Uint8Array(16).fill(0x89);
    const hostId = Uint8Array.from(Buffer.from('test.example'));
    const bound = await Promise.all(Array.from({ length: 8 }, (_, i) => vault.call('bind', {
      iccid: profiles[i * 50]!.iccid, template: compiled.digest, batchKey, sealed: prepared.items[i * 50]!.sealed, expectedDigest: prepared.items[i * 50]!.digest,
      metadata: metadata(), transactionId: new Uint8Array(16).fill(i), eid, hostId, curve: 'P-256', euiccOtpk, signingKeyId: keyId, protection: 'session-keys', keepFor: 'o',
    })));
    bound.forEach(({ boundPackage }, i) => {
      const { upp } = openPackage(boundPackage, { curve: 'P-256', otsk: device.getPrivateKey(), eid, hostId });
      const slotBytes = readSlots(compiled, upp);
      expect(Buffer.compare(packageDigest(compiled, slotBytes), prepared.items[i * 50]!.digest)).toBe(0);
      const k = compiled.slots.find(({ name }) => name === 'k')!;
      expect([...slotBytes.subarray(k.at, k.at + 16)]).toEqual([...new Uint8Array(16).fill((i * 50) & 0xff)]);
    });
  });

  test('a refusal inside a worker keeps its code', async () => {
    await start({ workers: 1 });
    const vault = client();
    const compiled = sampleTemplate();
    await vault.call('loadTemplate', source(compiled));
    const { batchKey } = await vault.call('createBatchKey', {});
    await expect(vault.call('prepare', { template: compiled.digest, batchKey, items: [{ iccid: ICCID, imsi: '1', msisdn: MSISDN }] })).rejects.toMatchObject({ code: 'VAULT_INPUT_INVALID' });
    await expect(vault.call('prepare', {
      template: compiled.digest, batchKey, items: [{ iccid: ICCID, imsi: IMSI, msisdn: MSISDN, subscriber: { sealed: new Uint8Array(120), batchKey } }],
    })).rejects.toMatchObject({ code: 'SEAL_BROKEN' });
  });

  test('octets of strangers end their own connection only', async () => {
    await start();
    const vault = client();
    const { keyId } = await vault.call('generateKey', { use: 'dpauth', curve: 'P-256' });
    for (let seed = 1; seed <= 60; seed++) {
      const octets = Uint8Array.from({ length: 4 + ((seed * 37) % 90) }, (_, i) => (seed * 2654435761 + i * 40503 * seed) >>> 9 & 0xff);
      // Half of them with a plausible length in front.
      if (seed % 2 === 0) octets.set([0, 0, 0, octets.length - 4], 0);
      await new Promise<void>((done) => {
        const socket = connect(socketPath, () => socket.end(octets));
        socket.on('error', () => undefined);
        socket.on('close', () => done());
        socket.resume();
      });
    }
    expect((await vault.call('sign', { keyId, data })).signature).toHaveLength(64);
  });
});
