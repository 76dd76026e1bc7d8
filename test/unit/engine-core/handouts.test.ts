import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { saveOffered } from '../../../src/main/commands/save-offered.ts';
import { fileResponse, offeredFile } from '../../../src/main/desktop/offered-files.ts';
import type { EngineContext } from '../../../src/main/engine/context.ts';
import { createHandouts } from '../../../src/main/engine/handouts.ts';
import type { Router } from '../../../src/main/engine/router/index.ts';
import { attachment, createServer, listenOnSocket, socketHost } from '../../../src/main/engine/router/server.ts';
import { connectEngine } from '../../../src/main/hosting/client.ts';
import { seededRandom, testClock } from '../../support/engine.ts';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'desk-handouts-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
const make = () => {
  const clock = testClock();
  return { clock, files: createHandouts({ clock, random: seededRandom() }) };
};

describe('files handed out', () => {
  it('are there once, for ten minutes', () => {
    const { clock, files } = make();
    let dropped = 0;
    const file = { name: 'a.csv', type: 'text/csv', open: () => [bytes('x')], dropped: () => void dropped++ };
    const { file: handle } = files.offer(file);
    expect(handle).toMatch(/^fl_[0-9a-f]{32}$/);
    expect(files.take(handle)).toBe(file);
    expect(files.take(handle)).toBeUndefined();
    expect(dropped).toBe(0);
    const second = files.offer(file);
    clock.advance(600_000);
    expect(files.take(second.file)).toBeUndefined();
    expect(dropped).toBe(1);
  });
  it('never pile up: the oldest offer goes', () => {
    const { files } = make();
    const offers = Array.from({ length: 201 }, (_, n) => files.offer({ name: `${n}`, type: 'text/plain', open: () => [] }));
    expect(files.take(offers[0]!.file)).toBeUndefined();
    expect(files.take(offers[1]!.file)?.name).toBe('1');
    expect(files.take(offers[200]!.file)?.name).toBe('200');
  });
  it('carry names of any script without breaking the header', () => {
    expect(attachment('profiles 2026.csv')).toBe('attachment; filename="profiles 2026.csv"');
    expect(attachment('a"\r\nx.csv')).toBe(`attachment; filename="a___x.csv"; filename*=UTF-8''a%22%0D%0Ax.csv`);
    expect(attachment("Süd'.csv")).toBe(`attachment; filename="S_d_.csv"; filename*=UTF-8''S%C3%BCd%27.csv`);
  });
});

describe('files handed out over the socket', () => {
  const serve = async () => {
    const { files } = make();
    const errors: string[] = [];
    const ctx = { files, log: { error: (message: string) => void errors.push(message) } } as unknown as EngineContext;
    const server = createServer({ ctx, router: {} as Router, uploadLimit: 100, hostOf: socketHost });
    const socket = join(folder, 's');
    await listenOnSocket(server, socket);
    return { files, errors, server, client: connectEngine(socket, 'cli') };
  };
  it('reach the command line whole, 0600, once', async () => {
    const { files, server, client } = await serve();
    const offer = files.offer({ name: 'big.bin', type: 'text/plain', async *open() { for (let i = 0; i < 100; i++) yield bytes('y'.repeat(10_000)); } });
    const path = join(folder, 'big.bin');
    expect(await saveOffered({ client }, offer, path)).toBe(1_000_000);
    expect(statSync(path)).toMatchObject({ size: 1_000_000 });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await expect(saveOffered({ client }, offer, join(folder, 'again'))).rejects.toMatchObject({ error: { code: 'FILE_NOT_WRITTEN' } });
    expect(readdirSync(folder).sort()).toEqual(['big.bin', 's']);
    await server.close();
  });
  it('that break off leave what stood there before', async () => {
    const { files, errors, server, client } = await serve();
    const path = join(folder, 'kept.csv');
    writeFileSync(path, 'before');
    const offer = files.offer({ name: 'half', type: 'text/plain', async *open() { yield bytes('half'); throw new Error('the reader failed'); } });
    await expect(saveOffered({ client }, offer, path)).rejects.toMatchObject({ error: { code: 'FILE_NOT_WRITTEN' } });
    expect(readFileSync(path, 'utf8')).toBe('before');
    expect(readdirSync(folder).sort()).toEqual(['kept.csv', 's']);
    expect(errors).toEqual(['handing out a file']);
    await server.close();
  });
  it('reach the window under its own origin, and nothing else does', async () => {
    const { files, server, client } = await serve();
    const offer = files.offer({ name: 'list.csv', type: 'text/csv; charset=utf-8', bytes: 3, open: () => [bytes('a,b')] });
    expect(offeredFile('GET', `app://desk/files/${offer.file}`)).toBe(offer.file);
    for (const other of [`app://desk/files/${offer.file}/x`, `app://desk/files/${offer.file}?x`, 'app://desk/files/fl_1', `app://evil/files/${offer.file}`, `https://desk/files/${offer.file}`]) {
      expect(offeredFile('GET', other)).toBeUndefined();
    }
    expect(offeredFile('POST', `app://desk/files/${offer.file}`)).toBeUndefined();
    const answer = await fileResponse(client, offer.file);
    expect({ status: answer.status, name: answer.headers.get('content-disposition'), length: answer.headers.get('content-length'), text: await answer.text() })
      .toEqual({ status: 200, name: 'attachment; filename="list.csv"', length: '3', text: 'a,b' });
    expect((await fileResponse(client, offer.file)).status).toBe(404);
    await server.close();
    expect((await fileResponse(client, offer.file)).status).toBe(503);
  });
});
