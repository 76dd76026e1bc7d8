import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createServer, listenOnSocket, socketHost } from '../../../src/main/engine/router/server.ts';
import type { Router } from '../../../src/main/engine/router/index.ts';
import { memoryLog } from '../../../src/main/engine/log.ts';

it('an answer sent while the server ends closes its connection, however long the client would keep it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'desk-end-'));
  const socketPath = join(folder, 's.sock');
  let answer!: () => void;
  let called!: () => void;
  const inHand = new Promise<void>((resolve) => { called = resolve; });
  const router = { call: () => new Promise((resolve) => { answer = () => resolve({ ok: true, data: {} }); called(); }) } as unknown as Router;
  const server = createServer({ ctx: { log: memoryLog(), runtime: {} } as never, router, uploadLimit: 1, hostOf: socketHost });
  await listenOnSocket(server, socketPath);
  const agent = new Agent({ keepAlive: true });
  const replied = new Promise<string | undefined>((resolve, reject) => {
    const req = request({ socketPath, agent, method: 'POST', path: '/rpc/workspace.backup', headers: { 'content-type': 'application/json', 'x-desk-host': 'cli' } }, (res) => {
      res.resume().on('end', () => resolve(res.headers.connection));
    });
    req.on('error', reject);
    req.end('{"input":{}}');
  });
  await inHand;
  const closed = server.close();
  answer();
  expect(await replied).toBe('close');
  await closed;
  agent.destroy();
  rmSync(folder, { recursive: true, force: true });
});
