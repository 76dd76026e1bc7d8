/** One workspace, one engine: locks, attaching, permissions, orderly ends. All on the built programs. */
import { createServer } from 'node:net';
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openWorkspaceFolder } from '../../../src/main/hosting/workspace-folder.ts';
import { cleanUp, descendants, ensureBuilt, isAlive, kill, makeWorkspace, must, newFolder, partsBelow, run, serve, start, until } from './product.ts';

beforeAll(ensureBuilt);
afterEach(cleanUp);
afterAll(cleanUp);

const mode = (path: string) => (lstatSync(path).mode & 0o777).toString(8);

describe('two hosts on one workspace', () => {
  test('a second serve is refused, a command attaches, and both see the same', async () => {
    const workspace = newFolder();
    const first = await serve(workspace, ['--es9plus', '127.0.0.1:0', '--console', '127.0.0.1:0']);
    const second = await run(['serve', '--workspace', workspace, '--es9plus', '127.0.0.1:0', '--json']);
    expect(second.code).toBe(1);
    // By which process, and that its end is what to ask for; `first` has said where everything is.
    expect(second.json().error).toMatchObject({ code: 'WORKSPACE_IN_USE', message: expect.stringContaining(`number ${first.child.pid}`) as string, hint: expect.stringContaining(`kill ${first.child.pid}`) as string });
    for (const line of [`Workspace  ${workspace}`, 'ES9+       https://127.0.0.1:', 'Console    http://127.0.0.1:', 'Ctrl+C stops it.']) expect(first.stderr()).toContain(line);
    const listed = await must(['pki', 'list', '--workspace', workspace]);
    expect((listed['rows'] as unknown[]).length).toBeGreaterThan(0);
    // The command used the running engine: it started none, and left this one as it was.
    expect(isAlive(first.parts().engine)).toBe(true);
    expect((await first.stop()).code).toBe(0);
  });

  test('of two serves at the same moment one serves and the other says why not', async () => {
    const workspace = newFolder();
    const two = [start(['serve', '--workspace', workspace]), start(['serve', '--workspace', workspace])];
    const refused = await Promise.race(two.map(async (one) => ({ one, end: await one.gone })));
    expect(refused.end.code).toBe(1);
    expect(refused.one.stderr()).toContain('WORKSPACE_IN_USE');
    const other = two.find((one) => one !== refused.one)!;
    await until('the other is ready', () => other.stdout().includes('"ready":true'));
    other.child.kill('SIGTERM');
    expect((await other.gone).code).toBe(0);
  });

  test('two commands at once without a server both succeed', async () => {
    const workspace = newFolder();
    await makeWorkspace(workspace);
    const both = await Promise.all([must(['pki', 'list', '--workspace', workspace]), must(['audit', 'verify', '--workspace', workspace]), must(['order', 'list', '--workspace', workspace])]);
    expect(both[1]).toMatchObject({ verified: true, records: 1 });
  });

  test('the workspace is free at once after kill -9 of everything', async () => {
    const workspace = newFolder();
    const first = await serve(workspace);
    const parts = first.parts();
    for (const pid of [first.child.pid!, parts.engine, parts.vault]) kill(pid);
    const second = await serve(workspace);
    expect((await second.stop()).code).toBe(0);
  });
});

describe('lab setup of a served workspace', () => {
  test('attaches: identity and type at once, the finished activation where there is a listener', async () => {
    const workspace = newFolder();
    const at = ['--workspace', workspace];
    const quiet = await serve(workspace);
    expect(await must(['lab', 'setup', ...at])).toMatchObject({ ok: true, sample: true, activation: false });
    expect((await must<{ rows: { identity: string }[] }>(['pki', 'list', ...at])).rows.map((row) => row.identity)).toContain('lab');
    expect((await must<{ rows: { state: string }[] }>(['order', 'list', ...at])).rows.map((row) => row.state)).toEqual(['released']);
    expect(await must(['lab', 'setup', ...at])).toMatchObject({ ok: true, sample: false });
    await quiet.stop();

    const other = newFolder();
    const listening = await serve(other, ['--es9plus', '127.0.0.1:0']);
    expect(await must(['lab', 'setup', '--workspace', other])).toMatchObject({ ok: true, sample: true, activation: true });
    expect((await must<{ rows: { state: string }[] }>(['order', 'list', '--workspace', other])).rows.map((row) => row.state).sort()).toEqual(['installed', 'released']);
    await listening.stop();
  });
});

describe('an identity on brainpoolP256r1', () => {
  test('is made where a listener names it, and a device that knows nothing else is led to it', async () => {
    const workspace = newFolder();
    const at = ['--workspace', workspace];
    const serving = await serve(workspace, ['--es9plus', '127.0.0.1:0=lab', '--es9plus', '127.0.0.1:0=lab-brainpool', '--es2plus', '127.0.0.1:0=lab-brainpool']);
    expect(serving.stderr()).toMatch(/ES2\+ {7}https:\S+ \(lab-brainpool, mutual TLS\)/);
    await must(['lab', 'setup', ...at]);
    const rows = async () => (await must<{ rows: { identity: string }[] }>(['session', 'list', ...at])).rows.map((row) => row.identity);
    const order = async () => (await must<{ activationCode: string }>(['order', 'create', '--type', 'Lab consumer', ...at])).activationCode;
    const brainpool = await must<{ eid: string }>(['device', 'download', await order(), '--curve', 'brainpoolP256r1', ...at]);
    expect((await rows())[0]).toBe('lab-brainpool');
    await must(['device', 'download', await order(), '--curve', 'P-256', ...at]);
    expect((await rows())[0]).toBe('lab');
    await must(['device', 'download', await order(), '--identity', 'lab-brainpool', ...at]);
    expect((await rows())[0]).toBe('lab-brainpool');
    expect((await run(['device', 'download', await order(), '--identity', 'nobody', '--json', ...at])).json().error?.code).toBe('LISTENER_MISSING');
    expect((await run(['device', 'download', await order(), '--curve', 'P-256', '--eid', brainpool.eid, '--json', ...at])).json().error?.code).toBe('DEVICE_CURVE');
    const pem = join(workspace, 'tls.pem');
    await must(['pki', 'export', '--identity', 'lab-brainpool', '--role', 'tls', '--out', pem, ...at]);
    expect(readFileSync(pem, 'utf8')).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
    await serving.stop();
  });

  test('lab setup --curve: both, or brainpool, which brings the other', async () => {
    for (const curve of ['both', 'brainpoolP256r1']) {
      const at = ['--workspace', newFolder()];
      await must(['lab', 'setup', '--curve', curve, ...at]);
      expect((await must<{ rows: { name: string; usable: boolean }[] }>(['pki', 'identities', ...at])).rows.map((row) => [row.name, row.usable])).toEqual([['lab', true], ['lab-brainpool', true]]);
      expect((await must<{ rows: { state: string }[] }>(['order', 'list', ...at])).rows.map((row) => row.state).sort()).toEqual(['installed', 'released']);
    }
  });
});

test('orders: what a Lab takes though no device can use it is said; one that ended is found by its ICCID', async () => {
  const workspace = newFolder();
  const at = ['--workspace', workspace];
  await must(['lab', 'setup', ...at]);
  const odd = await run(['order', 'create', '--type', 'Lab consumer', '--expires', '-3d', '--download-limit', '0', '--eid', '89049032000000000000000000000001', ...at]);
  for (const said of [/check digits/, /download limit of 0/, /expired on/]) expect(odd.stderr).toMatch(said);
  expect((await run(['order', 'create', '--type', 'Lab consumer', '--expires', '3d', '--download-limit', '1', ...at])).stderr).toBe('');
  const { rows } = await must<{ rows: { orderId: string; iccid: string; state: string }[] }>(['order', 'list', ...at]);
  const installed = rows.find((row) => row.state === 'installed')!;
  expect(await must(['order', 'show', installed.iccid, ...at])).toMatchObject({ orderId: installed.orderId });
});

test('a credential is taken away by the beginning of its SHA-256', async () => {
  const workspace = newFolder();
  const at = ['--workspace', workspace];
  await must(['lab', 'setup', '--curve', 'both', ...at]);
  const files = ['lab', 'lab-brainpool'].map((identity) => [identity, join(workspace, `${identity}.pem`)] as const);
  for (const [identity, file] of files) await must(['pki', 'export', '--identity', identity, '--role', 'ci', '--out', file, ...at]);
  const ca = (n: number) => ['--client-ca', files[n]![1]];
  const { credentials } = await must<{ credentials: { sha256: string }[] }>(['brand', 'add', 'Kestrel', ...ca(0), ...at]);
  const first = credentials[0]!.sha256;
  const taken = await run(['brand', 'add', 'Other', '--client-cert', files[1]![1], '--json', ...at]);
  expect(taken.json().error?.code).toBe('CREDENTIAL_IS_CA');
  await must(['brand', 'change', 'Kestrel', ...ca(1), ...at]);
  expect((await run(['brand', 'change', 'Kestrel', '--remove-credential', `${first.slice(0, 6)}${first[6] === '0' ? '1' : '0'}`, '--json', ...at])).json().error?.code).toBe('CREDENTIAL_UNKNOWN');
  expect((await run(['brand', 'change', 'Kestrel', '--remove-credential', 'xyz', '--json', ...at])).code).toBe(2);
  expect((await must<{ credentials: unknown[] }>(['brand', 'change', 'Kestrel', '--remove-credential', first.slice(0, 8).toUpperCase(), ...at])).credentials).toHaveLength(1);
});

test('a command that follows a job follows it through the death of its engine', async () => {
  const workspace = newFolder();
  const filling = start(['lab', 'fill', '--profiles', '60000', '--workspace', workspace]);
  await until('the job runs', () => / of 60000/.test(filling.stderr()));
  kill(partsBelow(filling.child.pid!).engine);
  expect(await filling.gone).toEqual({ code: 0, signal: null });
  expect(filling.stderr()).toContain('engine died');
  expect(filling.stdout()).toBe('60000 synthetic profiles added\n');
  expect((await must<{ rows: { name: string; stock: { imported: number } }[] }>(['type', 'list', '--workspace', workspace])).rows).toMatchObject([{ name: 'Lab consumer' }]);
});

describe('what lies on disk', () => {
  test('folders are 0700 and files 0600, whatever umask the user has', async () => {
    const workspace = join(newFolder(), 'new', 'ws');
    const before = process.umask(0);
    let serving;
    try {
      serving = await serve(workspace, ['--sample', '--es9plus', '127.0.0.1:0']);
    } finally {
      process.umask(before);
    }
    await must(['pki', 'list', '--workspace', workspace]);
    const seen: string[] = [];
    const walk = (folder: string) => {
      expect([folder, mode(folder)]).toEqual([folder, '700']);
      for (const name of readdirSync(folder)) {
        const path = join(folder, name);
        seen.push(path.slice(workspace.length + 1));
        if (lstatSync(path).isDirectory()) walk(path);
        else expect([path, mode(path)]).toEqual([path, '600']);
      }
    };
    walk(workspace);
    for (const name of ['desk.db', 'lock.db', 'engine.sock', 'vault.sock', 'vault/kek', 'journal', 'logs', 'lab']) expect(seen).toContain(name);
    expect(seen.some((name) => name.startsWith('lab/devices/'))).toBe(true);
    expect(seen.some((name) => name.startsWith('vault/keys/'))).toBe(true);
    await serving.stop();
    // Nothing that can be connected to is left.
    expect(readdirSync(workspace).filter((name) => name.endsWith('.sock'))).toEqual([]);
  });

  test('a path too long for a socket works, with the sockets in a private folder', async () => {
    const workspace = join(newFolder(), 'long-'.repeat(30), 'folder');
    const serving = await serve(workspace);
    const { engineSocket, vaultSocket } = openWorkspaceFolder(workspace);
    expect(engineSocket.startsWith(workspace)).toBe(false);
    expect([mode(engineSocket), mode(vaultSocket), mode(join(engineSocket, '..'))]).toEqual(['600', '600', '700']);
    expect(await must(['audit', 'verify', '--workspace', workspace])).toMatchObject({ verified: true });
    expect((await serving.stop()).code).toBe(0);
  });

  test('a folder with other files in it keeps its mode and is refused', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'letter.txt'), 'not ours');
    chmodSync(folder, 0o777);
    for (const open of [0o777, 0o755, 0o700]) {
      chmodSync(folder, open);
      const refused = await run(['lab', 'fill', '--profiles', '1', '--workspace', folder, '--json']);
      expect([refused.code, refused.json().error?.code, mode(folder), readdirSync(folder)]).toEqual([1, 'WORKSPACE_UNUSABLE', open.toString(8), ['letter.txt']]);
    }
  });

  test('a command that reads makes no workspace: refused, and nothing is written', async () => {
    const parent = newFolder();
    chmodSync(parent, 0o755);
    const commands = [['audit', 'verify'], ['order', 'show', 'o-1'], ['order', 'list'], ['order', 'release', 'o-1'], ['order', 'cancel', 'o-1'], ['profile', 'show', '1'], ['type', 'list'], ['template', 'list'], ['range', 'list'], ['pki', 'list']];
    for (const [at, command] of commands.entries()) {
      const workspace = at % 2 === 0 ? join(parent, 'missing') : parent;
      const refused = await run([...command, '--workspace', workspace, '--json']);
      expect([command, refused.code, refused.json().error]).toMatchObject([command, 1, { code: 'WORKSPACE_MISSING', message: `There is no workspace in ${workspace}`, hint: expect.stringContaining('--workspace') as string }]);
    }
    expect([readdirSync(parent), mode(parent)]).toEqual([[], '755']);
  });

  test('an empty folder open to all is closed to others', async () => {
    const folder = newFolder();
    chmodSync(folder, 0o755);
    await makeWorkspace(folder);
    expect(mode(folder)).toBe('700');
  });

  test('a file instead of a folder, and a folder that cannot be made, are refused in a sentence', async () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, 'x');
    for (const workspace of [file, join(file, 'below'), '/proc/nowhere']) {
      const refused = await run(['lab', 'fill', '--profiles', '1', '--workspace', workspace, '--json']);
      expect([workspace, refused.code, refused.json().error?.code]).toEqual([workspace, 1, 'WORKSPACE_UNUSABLE']);
    }
    expect(statSync(file).size).toBe(1);
  });

  test('a socket folder somebody else prepared is not used', () => {
    const workspace = join(newFolder(), 'deep-'.repeat(30));
    const { engineSocket } = openWorkspaceFolder(workspace);
    const folder = join(engineSocket, '..');
    chmodSync(folder, 0o755);
    expect(() => openWorkspaceFolder(workspace)).toThrow(/not a private folder/);
    chmodSync(folder, 0o700);
  });
});

describe('ends', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s drains: exit 0, no process, no socket', async (signal) => {
    const workspace = newFolder();
    const serving = await serve(workspace);
    const parts = serving.parts();
    serving.child.kill(signal);
    expect(await serving.gone).toEqual({ code: 0, signal: null });
    expect([isAlive(parts.engine), isAlive(parts.vault)]).toEqual([false, false]);
    expect(existsSync(join(workspace, 'engine.sock'))).toBe(false);
    expect(serving.stderr()).toContain('draining');
  });

  test('kill -9 of the host ends engine and vault within a second', async () => {
    const serving = await serve(newFolder());
    const parts = serving.parts();
    expect(Math.min(parts.engine, parts.vault)).toBeGreaterThan(0);
    const from = performance.now();
    serving.child.kill('SIGKILL');
    await until('engine and vault are gone', () => !isAlive(parts.engine) && !isAlive(parts.vault), 5_000);
    expect(performance.now() - from).toBeLessThan(2_000);
  });

  test('kill -9 of the launcher takes its program along, in every state of it', async () => {
    // With an old system Node the launcher hands over to a second process; otherwise it is the program itself.
    const system = spawnSync('sh', ['-c', 'PATH=/usr/local/bin:/usr/bin:/bin command -v node'], { encoding: 'utf8' }).stdout.trim();
    const node = system === '' ? process.execPath : system;
    const workspace = newFolder();
    const serving = await serve(workspace, [], { node });
    const below = descendants(serving.child.pid!).map(({ pid }) => pid);
    serving.child.kill('SIGKILL');
    await until('all are gone', () => below.every((pid) => !isAlive(pid)), 10_000);

    // While it still starts.
    const starting = start(['serve', '--workspace', workspace, '--sample', '--es9plus', '127.0.0.1:0'], { node });
    await until('engine and vault run', () => descendants(starting.child.pid!).filter(({ command }) => /(engine|vault)\.cjs/.test(command)).length === 2);
    const early = descendants(starting.child.pid!).map(({ pid }) => pid);
    starting.child.kill('SIGKILL');
    await until('all are gone', () => early.every((pid) => !isAlive(pid)), 10_000);

    // And through the launcher a signal drains.
    const polite = await serve(workspace, [], { node });
    expect(await polite.stop()).toEqual({ code: 0, signal: null });
  });

  test('an address in use is refused, and nothing stays behind', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => taken.once('listening', done));
    const { port } = taken.address() as { port: number };
    const workspace = newFolder();
    const running = start(['serve', '--workspace', workspace, '--console', `127.0.0.1:${port}`, '--json']);
    expect((await running.gone).code).toBe(1);
    expect(running.stdout()).toContain('CONSOLE_FAILED');
    expect(running.stdout()).toContain('another program listens there');
    expect((await run(['serve', '--workspace', workspace, '--es9plus', `127.0.0.1:${port}`, '--json'])).json().error?.code).toBe('LISTENER_FAILED');
    taken.close();
    mkdirSync(join(workspace, 'free'), { recursive: true });
    expect((await run(['serve', '--workspace', workspace, '--console', '0.0.0.0:0', '--json'])).json().error?.code).toBe('CONSOLE_FAILED');
  });
});

/** Kills the host and every process under it as soon as `now`; false when it ended before. */
async function killedOnce({ child, gone }: ReturnType<typeof start>, now: () => boolean): Promise<boolean> {
  let over = false;
  void gone.then(() => { over = true; });
  while (!over && !now()) await new Promise((next) => setTimeout(next, 2));
  if (over) return false;
  const pids = [child.pid!, ...descendants(child.pid!).map(({ pid }) => pid)];
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  await gone;
  return true;
}

describe('the environment of a workspace', () => {
  test('is chosen when it is made, asks for a passphrase where it is no lab, and stays', async () => {
    const folder = newFolder();
    const phrase = { fd3: 'correct horse battery staple\n' };
    const [live, lab] = [join(folder, 'live'), join(folder, 'lab')];
    const bare = await run(['serve', '--workspace', live, '--environment', 'live', '--json']);
    expect([bare.code, bare.json().error]).toMatchObject([1, { code: 'PASSPHRASE_NEEDED', hint: expect.stringContaining('--passphrase-fd 3 3<') as string }]);
    expect(existsSync(join(live, 'desk.db'))).toBe(false);
    expect((await run(['serve', '--workspace', live, '--environment', 'live', '--sample', '--json'])).code).toBe(2);
    expect((await run(['serve', '--workspace', live, '--environment', 'prod', '--json'])).code).toBe(2);

    // A listener looks for an identity first, so that the engine starts twice: the second finds the environment it is to have.
    await makeWorkspace(live, ['--environment', 'live', '--passphrase-fd', '3', '--es9plus', '127.0.0.1:0'], phrase);
    expect((await must<{ rows: unknown[] }>(['pki', 'list', '--workspace', live, '--passphrase-fd', '3'], phrase)).rows).toEqual([]);
    const made = await run(['lab', 'setup', '--workspace', live, '--passphrase-fd', '3', '--json'], phrase);
    expect(made.json().error?.code).toBe('LAB_ONLY');
    const other = await run(['serve', '--workspace', live, '--environment', 'test', '--passphrase-fd', '3', '--json'], phrase);
    expect([other.code, other.json().error]).toMatchObject([1, { code: 'ENVIRONMENT_DIFFERS', message: expect.stringContaining('Live workspace') as string }]);
    await makeWorkspace(lab);
    expect((await run(['serve', '--workspace', lab, '--environment', 'test', '--json'])).json().error?.code).toBe('ENVIRONMENT_DIFFERS');
  });
});

describe('a workspace with a passphrase', () => {
  test('opens with the right one only, and says what is missing', async () => {
    const workspace = newFolder();
    const at = ['--workspace', workspace];
    const phrase = { fd3: 'correct horse battery staple\n' };
    await makeWorkspace(workspace, ['--passphrase-fd', '3'], phrase);
    const refusals: [string, readonly string[], { fd3?: string }, string][] = [
      ['wrong', ['--passphrase-fd', '3'], { fd3: 'correct horse' }, 'VAULT_LOCKED'],
      ['none', [], {}, 'PASSPHRASE_NEEDED'],
      ['empty', ['--passphrase-fd', '3'], { fd3: '\n' }, 'PASSPHRASE_UNREADABLE'],
      ['no such descriptor', ['--passphrase-fd', '77'], {}, 'PASSPHRASE_UNREADABLE'],
    ];
    for (const [name, args, options, code] of refusals) {
      const refused = await run(['pki', 'list', ...at, ...args, '--json'], options);
      expect([name, refused.code, refused.json().error?.code]).toEqual([name, 1, code]);
    }
    await must(['audit', 'verify', ...at, '--passphrase-fd', '3'], phrase);
    // A listener makes the lab its PKI first: the engine starts twice, the descriptor gives its content once.
    const serving = await serve(workspace, ['--passphrase-fd', '3', '--es9plus', '127.0.0.1:0'], phrase);
    // The vault comes back without anybody typing it again; attached commands need none.
    expect(await must(['audit', 'verify', ...at])).toMatchObject({ verified: true });
    kill(serving.parts().vault);
    await until('the vault is back', () => serving.stderr().includes('vault restarted'));
    expect((await serving.stop()).code).toBe(0);
  });

  test('comes through the launcher on the descriptor it was given on, as a file too', async () => {
    // With an old system Node the launcher hands over to a second process.
    const system = spawnSync('sh', ['-c', 'PATH=/usr/local/bin:/usr/bin:/bin command -v node'], { encoding: 'utf8' }).stdout.trim();
    const folder = newFolder();
    const secret = join(folder, 'passphrase');
    writeFileSync(secret, 'correct horse\n');
    for (const node of new Set([process.execPath, system || process.execPath])) {
      const workspace = newFolder();
      const ask = (option: string, redirection: string) => spawnSync('sh', ['-c', `exec "$0" ./mvne-desk pki list --workspace "$1" ${option} --json ${redirection} <&-`, node, workspace, secret],
        { encoding: 'utf8', timeout: 60_000, env: { ...process.env, MVNE_DESK_NO_BUILD: '1' } });
      expect([node, JSON.parse((await run(['pki', 'import', '--identity', 'x', '--role', 'ci', '--cert', secret, '--workspace', workspace, '--passphrase-fd', '3', '--json'], { fd3: 'correct horse\n', node })).stdout).error.code]).toEqual([node, 'CERTIFICATE_MALFORMED']);
      for (const [option, redirection, expected] of [['--passphrase-fd 3', '3<"$2"', undefined], ['--passphrase-fd=7', '7<"$2"', undefined], ['--passphrase-fd 3', '', 'PASSPHRASE_UNREADABLE'], ['--passphrase-fd 4', '', 'PASSPHRASE_UNREADABLE']] as const) {
        const done = ask(option, redirection);
        const answer = JSON.parse(done.stdout || '{}') as { rows?: unknown[]; error?: { code: string } };
        expect([node, option, redirection, answer.error?.code, done.signal]).toEqual([node, option, redirection, expected, null]);
      }
    }
  });

  test('a workspace whose key file is gone is refused, and gets no new one', async () => {
    const workspace = newFolder();
    await makeWorkspace(workspace);
    const kek = join(workspace, 'vault', 'kek');
    const kept = readFileSync(kek);
    rmSync(kek);
    const refused = await run(['pki', 'list', '--workspace', workspace, '--json']);
    expect([refused.code, refused.json().error]).toMatchObject([1, { code: 'VAULT_KEY_MISSING', message: expect.stringContaining('vault/kek') as string }]);
    expect(existsSync(kek)).toBe(false);
    writeFileSync(kek, kept, { mode: 0o600 });
    await must(['pki', 'list', '--workspace', workspace]);
  });

  test('killed on its first start between database and key: it is not gone on with without one', async () => {
    const workspace = newFolder();
    const phrase = { fd3: 'correct horse battery staple\n' };
    const first = start(['serve', '--workspace', workspace, '--environment', 'live', '--passphrase-fd', '3'], phrase);
    // The passphrase is stretched for half a second; until then there is a database and no key.
    const cut = await killedOnce(first, () => existsSync(join(workspace, 'desk.db')));
    expect([cut, existsSync(join(workspace, 'vault', 'kek'))]).toEqual([true, false]);
    const bare = await run(['serve', '--workspace', workspace, '--json']);
    expect([bare.code, bare.json().error]).toMatchObject([1, { code: 'PASSPHRASE_NEEDED', message: expect.stringContaining('begun with a passphrase') as string }]);
    expect(existsSync(join(workspace, 'vault', 'kek'))).toBe(false);
    await must(['pki', 'list', '--workspace', workspace, '--passphrase-fd', '3'], phrase);
    expect(readFileSync(join(workspace, 'vault', 'kek'))[1]).toBe(1);
    expect(existsSync(join(workspace, 'vault', 'passphrase-wanted'))).toBe(false);
  });

  test('one given to a workspace without is refused', async () => {
    const workspace = newFolder();
    await makeWorkspace(workspace);
    const refused = await run(['pki', 'list', '--workspace', workspace, '--passphrase-fd', '3', '--json'], { fd3: 'x' });
    expect([refused.code, refused.json().error?.code]).toEqual([1, 'VAULT_PROTECTION_DIFFERS']);
  });
});
