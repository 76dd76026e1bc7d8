import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Log, Tx } from '../../../src/main/engine/context.ts';
import { openStore, outsideWrite, prepared, preparedChange, preparedInsert, write, writeMeta } from '../../../src/main/engine/store/index.ts';
import type { Store } from '../../../src/main/engine/store/index.ts';

const log: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe('transactions that share a commit', () => {
  let folder: string;
  let store: Store;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mvne-desk-write-'));
    store = await openStore({ path: join(folder, 'desk.db'), backupFolder: join(folder, 'backups'), clock: { now: () => 1 }, log });
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const value = prepared((db, p: { key: string }) => db.selectFrom('meta').select('value').where('key', '=', p.key));
  const stored = async (key: string): Promise<string | undefined> => (await value.one(store.reader, { key }))?.value;
  const put = (key: string, text: string) => write(store, async (tx) => {
    await writeMeta(tx, key, text);
    return key;
  });

  test('a write that fails leaves nothing, the others of its commit stand', async () => {
    const outcomes = await Promise.allSettled([
      put('a', '1'),
      write(store, async (tx) => {
        await writeMeta(tx, 'a', 'spoilt');
        await writeMeta(tx, 'b', '2');
        throw new Error('refused');
      }),
      put('c', '3'),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect([await stored('a'), await stored('b'), await stored('c')]).toEqual(['1', undefined, '3']);
  });

  test('what waits at the same moment is committed once', async () => {
    const seen: unknown[] = [];
    await Promise.all(Array.from({ length: 8 }, (_, i) => write(store, async (tx) => {
      await writeMeta(tx, `key ${i}`, 'x');
      // Another connection sees none of it before all of it is committed.
      seen.push(await stored('key 0'));
    })));
    expect(seen).toEqual(Array.from({ length: 8 }, () => undefined));
    expect(await stored('key 7')).toBe('x');
  });

  test('a failed commit is told to everyone in it', async () => {
    store.sqlite.exec('create table parent (id integer primary key) strict; create table child (id integer references parent (id) deferrable initially deferred) strict');
    const outcomes = await Promise.allSettled([
      put('a', '1'),
      write(store, async () => void store.sqlite.exec('insert into child values (7)')),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
    expect(await stored('a')).toBeUndefined();
    await put('a', '2');
    expect(await stored('a')).toBe('2');
  });

  test('when SQLite gives up the whole transaction, nobody is told of success', async () => {
    const outcomes = await Promise.allSettled([
      put('a', '1'),
      write(store, async () => {
        store.sqlite.exec('rollback');
        throw new Error('disk full');
      }),
      put('c', '3'),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect([await stored('a'), await stored('c')]).toEqual([undefined, undefined]);
    await put('a', '2');
    expect(await stored('a')).toBe('2');
  });

  test('when SQLITE_FULL ends a transaction by itself, its caller hears that and not of a rollback that had nothing to do', async () => {
    const full = write(store, async () => {
      store.sqlite.exec('rollback');
      throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    });
    await expect(full).rejects.toMatchObject({ code: 'SQLITE_FULL' });
    await put('a', '1');
    expect(await stored('a')).toBe('1');
  });

  test('a transaction that ended runs nothing more, and one inside another is refused', async () => {
    let kept: Tx | undefined;
    await write(store, async (tx) => {
      kept = tx;
      expect(() => write(store, async () => undefined)).toThrow(/inside a transaction/);
    });
    await expect(writeMeta(kept!, 'late', 'x')).rejects.toThrow();
    expect(await stored('late')).toBeUndefined();
  });

  test('work woken inside a transaction gets one of its own', async () => {
    let later: Promise<string> | undefined;
    await write(store, async (tx) => {
      await writeMeta(tx, 'a', '1');
      later = outsideWrite(() => put('b', '2'));
    });
    await later;
    expect(await stored('b')).toBe('2');
  });

  test('closing waits for what was asked before', async () => {
    const done = put('a', '1');
    await store.close();
    await expect(done).resolves.toBe('a');
  });

  test('a change is prepared for each set of columns, and leaves undefined ones alone', async () => {
    await put('a', '1');
    const change = preparedChange((db, p: { key: string }, columns: { value?: string; key?: string }) => db.updateTable('meta').set(columns).where('key', '=', p.key));
    await write(store, async (tx) => {
      expect(await change.run(tx, { key: 'a' }, { value: '2' })).toBe(1);
      expect(await change.run(tx, { key: 'a' }, { value: undefined as unknown as string, key: 'b' })).toBe(1);
      expect(await change.run(tx, { key: 'a' }, { value: '3' })).toBe(0);
    });
    expect(await stored('b')).toBe('2');
    const insert = preparedInsert((db, row: { key: string; value: string }) => db.insertInto('meta').values(row));
    await write(store, (tx) => insert.run(tx, { key: 'c', value: '4' }));
    expect(await stored('c')).toBe('4');
    await expect(write(store, (tx) => insert.run(tx, { key: 'd' } as { key: string; value: string }))).rejects.toThrow(/other columns/);
    // On a connection that is not ours at once the same goes by way of Kysely.
    expect(await store.db.transaction().execute((tx) => value.one(tx, { key: 'c' }))).toEqual({ value: '4' });
    expect(await store.db.transaction().execute((tx) => change.run(tx, { key: 'c' }, { value: '5' }))).toBe(1);
    await expect(value.one(store.reader, {} as { key: string })).rejects.toThrow(/no value for key/);
  });
});
