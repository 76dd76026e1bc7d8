import { fork } from 'node:child_process';
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EngineProcess, newWorkspace, startEngineProcess } from '../../support/engine-process.ts';

let workspace: string;
const running: EngineProcess[] = [];
const start = async (options: Parameters<typeof startEngineProcess>[1] = {}) => {
  const engine = await startEngineProcess(workspace, options);
  running.push(engine);
  return engine;
};
beforeEach(() => { workspace = newWorkspace(); });
afterEach(async () => {
  for (const engine of running.splice(0)) await engine.kill();
  rmSync(workspace, { recursive: true, force: true });
});

describe('one engine per workspace', () => {
  it('refuses a second one, and lets the next in after kill -9 without any stale lock', async () => {
    const first = await start();
    expect(first.said.type).toBe('ready');
    const second = await start();
    expect(second.said).toMatchObject({ type: 'fatal', code: 'WORKSPACE_IN_USE' });
    expect((await second.gone).code).toBe(1);
    expect(await first.call('workspace.status')).toMatchObject({ ok: true });
    await first.kill();
    const third = await start();
    expect(third.said).toMatchObject({ type: 'ready', recovered: [expect.stringContaining('without closing')] });
    expect(await third.call('workspace.status')).toMatchObject({ ok: true, data: { workspaceId: (first.said as { workspaceId: string }).workspaceId } });
  });

  it('closes in order when drained: the next start has nothing to repair', async () => {
    const first = await start();
    expect(await first.drain()).toBe(0);
    expect(readdirSync(workspace)).not.toContain('engine.sock');
    expect(readdirSync(workspace)).not.toContain('desk.db-wal');
    expect((await start()).said).toMatchObject({ type: 'ready', recovered: [] });
  });

  it('ends by itself, database closed, when its host is gone', async () => {
    const engine = await start();
    engine.child.disconnect();
    expect((await engine.gone).code).toBe(0);
    expect((await start()).said).toMatchObject({ type: 'ready', recovered: [] });
  });

  it('does not start without a host, nor on what is no folder of its own', async () => {
    const alone = fork(join(import.meta.dirname, '../../../src/main/engine.ts'), [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    alone.disconnect();
    await new Promise((done) => alone.once('exit', done));
    expect(alone.exitCode === 0 || alone.exitCode === 2).toBe(true);
    writeFileSync(join(workspace, 'desk.db'), 'this is no database, but long enough to look at: '.repeat(20));
    expect((await start()).said).toMatchObject({ type: 'fatal', code: 'DATABASE_DAMAGED' });
  });
});

describe('listeners', () => {
  it('that wait for a certificate do not keep the engine from starting, and say what is missing', async () => {
    const engine = await start({ es9plus: [{ host: '127.0.0.1', port: 0 }] });
    expect(engine.said).toMatchObject({ type: 'ready', es9plus: [] });
    expect(await engine.call('workspace.status')).toMatchObject({ data: { listeners: [{ kind: 'es9plus', state: 'failed', message: expect.stringMatching(/certificate/i) }] } });
  });
  it('of an identity that is not there are refused by name', async () => {
    const engine = await start({ es9plus: [{ host: '127.0.0.1', port: 0, identities: ['nobody'] }] });
    expect(engine.said).toMatchObject({ type: 'fatal', code: 'IDENTITY_UNKNOWN', message: expect.stringContaining('nobody') });
  });
});

describe('an orderly end', () => {
  it('finishes the commands in hand: each is answered and kept, or refused', async () => {
    const engine = await start();
    const calls = Array.from({ length: 30 }, (_, i) => engine.call('workspace.saveSettings', { settings: { downloadLimit: i + 1 } }, `drain-command-${i}`).catch(() => undefined));
    await calls[0];
    expect(await engine.drain()).toBe(0);
    const replies = await Promise.all(calls);
    const db = new Sqlite(join(workspace, 'desk.db'), { readonly: true });
    const kept = (db.prepare('select count(*) as n from commands').get() as { n: number }).n;
    db.close();
    expect(kept).toBe(replies.filter((r) => r?.ok).length);
    expect(replies.filter((r) => r && !r.ok).every((r) => (r as unknown as { error: { code: string } }).error.code === 'ENGINE_UNAVAILABLE')).toBe(true);
  });
});

describe.skipIf(process.platform === 'win32')('permissions', () => {
  it('folder, socket, database and log are the owner’s alone', async () => {
    const engine = await start();
    await engine.call('workspace.saveSettings', { settings: { downloadLimit: 3 } });
    await engine.call('workspace.backup');
    const wrong: string[] = [];
    const visit = (path: string) => {
      const stat = statSync(path);
      if ((stat.mode & 0o077) !== 0) wrong.push(`${path} ${(stat.mode & 0o777).toString(8)}`);
      if (stat.isDirectory()) readdirSync(path).forEach((name) => visit(join(path, name)));
    };
    visit(workspace);
    expect(wrong).toEqual([]);
    expect(readdirSync(workspace)).toEqual(expect.arrayContaining(['engine.sock', 'desk.db', 'desk.db-wal', 'lock.db', 'logs', 'backups']));
    expect(statSync(join(workspace, 'engine.sock')).mode & 0o777).toBe(0o600);
  });
});

describe('kill -9 during a flood of commands', () => {
  it('keeps every acknowledged command, repeats none, and the chain verifies', async () => {
    const seed = 20260115;
    const acknowledged = new Map<string, string>();
    let n = 0;
    for (let round = 0; round < 4; round++) {
      const engine = await start();
      expect(engine.said.type).toBe('ready');
      let stop = false;
      const until = 40 + ((seed * (round + 1)) % 97);
      const flood = Array.from({ length: 8 }, async () => {
        while (!stop) {
          const id = `flood-command-${n++}`;
          try {
            const reply = await engine.call('workspace.saveSettings', { settings: { smdpAddress: `${id}.example` } }, id);
            if (reply.ok) acknowledged.set(id, `${id}.example`);
            if (acknowledged.size >= until * (round + 1) && !stop) {
              stop = true;
              engine.child.kill('SIGKILL');
            }
          } catch {
            // The connection died with the engine: not acknowledged.
            stop = true;
          }
        }
      });
      await Promise.all(flood);
      await engine.gone;
    }
    expect(acknowledged.size).toBeGreaterThan(100);
    const db = new Sqlite(join(workspace, 'desk.db'), { readonly: true });
    const kept = new Set((db.prepare('select id from commands').all() as { id: string }[]).map((r) => r.id));
    db.close();
    expect([...acknowledged.keys()].filter((id) => !kept.has(id))).toEqual([]);

    const engine = await start();
    const before = await engine.call('audit.verify') as unknown as { ok: boolean; data: { verified: boolean; records: number } };
    expect(before).toMatchObject({ ok: true, data: { verified: true } });
    // genesis and one record a command, acknowledged or committed just before the kill.
    expect(before.data.records).toBe(kept.size + 1);
    const [id, address] = [...acknowledged][0]!;
    expect(await engine.call('workspace.saveSettings', { settings: { smdpAddress: address } }, id)).toMatchObject({ ok: true, data: { smdpAddress: address } });
    expect(await engine.call('audit.verify')).toMatchObject({ data: { records: before.data.records } });
    expect(await engine.call('workspace.saveSettings', { settings: { smdpAddress: 'other.example' } }, id)).toMatchObject({ ok: false, error: { code: 'COMMAND_REUSED' } });
  });
});
