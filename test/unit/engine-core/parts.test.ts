import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { permissions } from '../../../src/shared/contract/index.ts';
import { DeskProblem } from '../../../src/main/engine/context.ts';
import { lockWorkspace } from '../../../src/main/engine/lock.ts';
import { errorFields, openLog } from '../../../src/main/engine/log.ts';
import { actorFor, allowed } from '../../../src/main/engine/people/index.ts';
import { createUploads } from '../../../src/main/engine/uploads.ts';
import { seededRandom, testClock } from '../../support/engine.ts';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'desk-parts-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('uploads', () => {
  const make = (capacity?: number) => {
    const clock = testClock();
    return { clock, uploads: createUploads({ clock, random: seededRandom(), ...(capacity === undefined ? {} : { capacity }) }) };
  };
  it('are taken once', () => {
    const { uploads } = make();
    const handle = uploads.put(new Uint8Array([1, 2, 3]));
    expect([...uploads.take(handle)]).toEqual([1, 2, 3]);
    expect(() => uploads.take(handle)).toThrow(expect.objectContaining({ code: 'UPLOAD_UNKNOWN' }));
    expect(uploads.bytes).toBe(0);
  });
  it('expire after ten minutes, zeroed', () => {
    const { uploads, clock } = make();
    const bytes = new Uint8Array([1, 2, 3]);
    const handle = uploads.put(bytes);
    clock.advance(599_999);
    uploads.sweep();
    expect([...bytes]).toEqual([1, 2, 3]);
    clock.advance(1);
    expect(() => uploads.take(handle)).toThrow(expect.objectContaining({ code: 'UPLOAD_UNKNOWN' }));
    expect([...bytes]).toEqual([0, 0, 0]);
  });
  it('have a cap in all, which expiry frees', () => {
    const { uploads, clock } = make(10);
    uploads.put(new Uint8Array(6));
    expect(() => uploads.put(new Uint8Array(5))).toThrow(expect.objectContaining({ code: 'UPLOAD_TOO_LARGE' }));
    clock.advance(600_000);
    uploads.put(new Uint8Array(10));
    expect(uploads.bytes).toBe(10);
  });
  it('are zeroed when the engine closes', () => {
    const { uploads } = make();
    const bytes = new Uint8Array([9, 9]);
    uploads.put(bytes);
    uploads.clear();
    expect([[...bytes], uploads.bytes]).toEqual([[0, 0], 0]);
  });
});

describe('the log', () => {
  const lines = (name = 'engine.log') => readFileSync(join(folder, name), 'utf8').trim().split('\n').map((l) => JSON.parse(l) as Record<string, unknown>);
  it('writes allow-listed fields and nothing else', () => {
    const log = openLog({ folder });
    log.info('hello', { procedure: 'orders.create', milliseconds: 3, k: '00112233445566778899aabbccddeeff', iccid: '8901' } as never);
    log.warn('odd types', { code: { toString: () => 'secret' }, rows: 'secret' } as never);
    log.close();
    expect(lines()[0]).toMatchObject({ msg: 'hello', procedure: 'orders.create', milliseconds: 3 });
    expect(readFileSync(join(folder, 'engine.log'), 'utf8')).not.toMatch(/0011|8901|secret/);
    if (process.platform !== 'win32') expect(statSync(join(folder, 'engine.log')).mode & 0o777).toBe(0o600);
  });
  it('tells of errors their name, code and place; the text only of our own', () => {
    const foreign = errorFields(Object.assign(new Error('value 8901 is bad'), { code: 'SQLITE_ERROR' }));
    expect(foreign).toMatchObject({ name: 'Error', code: 'SQLITE_ERROR' });
    expect(JSON.stringify(foreign)).not.toContain('8901');
    expect(foreign['frames']).toContain('parts.test');
    expect(errorFields(new DeskProblem('X', 'a sentence of ours'))).toMatchObject({ code: 'X', message: 'a sentence of ours' });
    expect(errorFields('thrown text')).toEqual({ name: 'string' });
  });
  it('sets itself aside by size and keeps four', () => {
    const log = openLog({ folder, limit: 2000 });
    for (let i = 0; i < 200; i++) log.info('line', { count: i });
    log.close();
    expect(readdirSync(folder).sort()).toEqual(['engine.log', 'engine.log.1', 'engine.log.2', 'engine.log.3', 'engine.log.4']);
    expect(lines().at(-1)).toMatchObject({ count: 199 });
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(2000);
  });
});

describe('the lock', () => {
  it('is had by one, and free again after', () => {
    const first = lockWorkspace(folder);
    expect(() => lockWorkspace(folder)).toThrow(expect.objectContaining({ code: 'WORKSPACE_IN_USE' }));
    first.release();
    lockWorkspace(folder).release();
  });
  it('cannot be had where nothing can be written', () => {
    expect(() => lockWorkspace(join(folder, 'none'))).toThrow(expect.objectContaining({ code: 'WORKSPACE_UNUSABLE' }));
  });
});

describe('people', () => {
  it('a local owner may everything known, a device nothing, nobody what is unknown', () => {
    const owner = { actor: actorFor('desktop'), host: 'desktop', correlationId: 'c' } as const;
    expect(owner.actor).toMatch(/^local:./);
    for (const p of permissions) {
      expect(allowed(owner, p)).toBe(true);
      expect(allowed({ actor: 'system', host: 'engine', correlationId: 'c' }, p)).toBe(true);
      expect(allowed({ actor: 'device:8904', host: 'es9plus', correlationId: 'c' }, p)).toBe(false);
      expect(allowed({ actor: 'local:x', host: 'es9plus', correlationId: 'c' }, p)).toBe(false);
      expect(allowed({ actor: 'system', host: 'cli', correlationId: 'c' }, p)).toBe(false);
      expect(allowed({ actor: '', host: 'cli', correlationId: 'c' }, p)).toBe(false);
    }
    expect(allowed(owner, 'everything' as never)).toBe(false);
  });
});
