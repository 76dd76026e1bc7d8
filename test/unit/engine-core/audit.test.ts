import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendAlike, appendAudit, verifyChain } from '../../../src/main/engine/audit/index.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { openTestEngine, type TestEngine, testNow } from '../../support/engine.ts';

let engine: TestEngine;
beforeEach(async () => {
  engine = await openTestEngine({ procedures: [], jobKinds: [] });
  for (let i = 0; i < 8; i++) {
    await write(engine.ctx, (tx) => appendAudit(tx, engine.ctx.random, {
      at: testNow + i, event: 'test.event', actor: 'local:tester', host: 'desktop', outcome: 'done', object: { type: 'profile', id: `89${i}` },
      correlationId: `c${i}`, fields: { i, text: `ü ${i}` }, sensitive: { eid: `8904903212345123451234567890123${i}` },
    }));
  }
});
afterEach(() => engine.close());

const verify = (expected?: { seq?: number; hash: string }) => verifyChain(engine.ctx.reader, expected ? { expected } : {});
/** Somebody with the file and an SQLite tool: the triggers go first. */
const tamper = (...sql: string[]) => {
  engine.ctx.sqlite.exec('drop trigger if exists audit_no_update; drop trigger if exists audit_no_delete');
  for (const s of sql) engine.ctx.sqlite.exec(s);
};

describe('the chain', () => {
  it('verifies, starts with the workspace and holds no personal value', async () => {
    const answer = await verify();
    expect(answer).toMatchObject({ verified: true, records: 9 });
    const rows = await engine.ctx.reader.selectFrom('audit').selectAll().orderBy('seq').execute();
    expect(rows.map((r) => r.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(rows[0]).toMatchObject({ event: 'workspace.created' });
    expect(rows.some((r) => r.record.includes('89049032'))).toBe(false);
    expect(answer.head).toBe(Buffer.from(rows[8]!.hash).toString('hex'));
  });
  it('is compared with a head kept elsewhere, by its hash alone or with its number', async () => {
    const rows = await engine.ctx.reader.selectFrom('audit').selectAll().orderBy('seq').execute();
    const hash = Buffer.from(rows[4]!.hash).toString('hex');
    for (const expected of [{ hash }, { hash, seq: 5 }]) expect(await verify(expected)).toMatchObject({ verified: true, records: 9 });
    expect(await verify({ hash, seq: 4 })).toMatchObject({ verified: false, firstBad: 4 });
    expect(await verify({ hash: '0'.repeat(64) })).toMatchObject({ verified: false, firstBad: 10, reason: expect.stringContaining('cut off') as string });
  });
  it('is not changed or removed from by the program itself', () => {
    expect(() => engine.ctx.sqlite.exec(`update audit set event = 'x' where seq = 2`)).toThrow(/never changed/);
    expect(() => engine.ctx.sqlite.exec('delete from audit where seq = 2')).toThrow(/never removed/);
  });
  it('finds one changed byte anywhere in a record', async () => {
    tamper();
    const row = await engine.ctx.reader.selectFrom('audit').select('record').where('seq', '=', 4).executeTakeFirstOrThrow();
    await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: row.record.length - 1 }), async (at) => {
      const changed = row.record.slice(0, at) + (row.record[at] === 'x' ? 'y' : 'x') + row.record.slice(at + 1);
      engine.ctx.sqlite.prepare('update audit set record = ? where seq = 4').run(changed);
      expect(await verify()).toMatchObject({ verified: false, firstBad: 4, records: 3 });
      engine.ctx.sqlite.prepare('update audit set record = ? where seq = 4').run(row.record);
    }), { numRuns: 40 });
    expect(await verify()).toMatchObject({ verified: true });
  });
  it.each(['at = at + 1', `event = 'x'`, `actor = 'x'`, `host = 'x'`, `outcome = 'refused'`, `object_id = 'x'`, 'object_id = null', `correlation_id = 'x'`, `hash = randomblob(32)`, 'prev_hash = randomblob(32)'])('finds a changed column: %s', async (set) => {
    tamper(`update audit set ${set} where seq = 5`);
    expect(await verify()).toMatchObject({ verified: false, firstBad: 5 });
  });
  it('finds a removed record', async () => {
    tamper('delete from audit where seq = 3');
    expect(await verify()).toMatchObject({ verified: false, firstBad: 3, reason: expect.stringContaining('missing') });
  });
  it('finds a removed record whose followers were renumbered', async () => {
    tamper('delete from audit where seq = 3', 'update audit set seq = seq - 1 where seq > 3');
    expect(await verify()).toMatchObject({ verified: false, firstBad: 3 });
  });
  it('finds two records put in another order', async () => {
    tamper('update audit set seq = 100 where seq = 4', 'update audit set seq = 4 where seq = 5', 'update audit set seq = 5 where seq = 100');
    expect(await verify()).toMatchObject({ verified: false, firstBad: 4 });
  });
  it('finds a cut tail by the noted head, and by a head known from outside when that note was changed too', async () => {
    const { head } = await verify();
    tamper('delete from audit where seq >= 8');
    expect(await verify()).toMatchObject({ verified: false, firstBad: 8, reason: expect.stringContaining('cut off') });
    tamper(`delete from meta where key = 'audit.head'`);
    expect(await verify()).toMatchObject({ verified: true, records: 7 });
    expect(await verify({ seq: 9, hash: head })).toMatchObject({ verified: false, firstBad: 8 });
  });
  it('finds a chain written anew from some record on', async () => {
    const known = await verify();
    tamper('delete from audit where seq >= 6', 'delete from audit_values where seq >= 6');
    for (let i = 0; i < 4; i++) await write(engine.ctx, (tx) => appendAudit(tx, engine.ctx.random, { at: testNow, event: 'forged', actor: 'x', host: 'cli', outcome: 'done', fields: {} }));
    expect(await verify()).toMatchObject({ verified: true, records: 9 });
    expect(await verify({ seq: 9, hash: known.head })).toMatchObject({ verified: false, firstBad: 9 });
  });
  it('stands when a personal value is erased, and falls when one is changed', async () => {
    engine.ctx.sqlite.exec('delete from audit_values where seq = 4');
    expect(await verify()).toMatchObject({ verified: true });
    engine.ctx.sqlite.exec(`update audit_values set value = 'somebody else' where seq = 6`);
    expect(await verify()).toMatchObject({ verified: false, firstBad: 6 });
  });
  it('has the same records when those of many objects are written at once, whatever their words are', async () => {
    const entry = { at: testNow, event: 'test.event', actor: 'local:\u00fc "object":{"id":""', host: 'cli', outcome: 'done' as const, correlationId: 'c "seq":0,' };
    const reason = 'said: "object":{"id":"","type":"x"},"seq":0,"v":1} \u2028 \\';
    const objects = ['8910', 'a "quoted" \\ id', '8912'];
    const extra = (id: string) => (id === '8912' ? { orderId: 'o-1', a: [1, { b: 'x' }] } : {});
    const records = async () => (await engine.ctx.reader.selectFrom('audit').selectAll().where('seq', '>', 9).orderBy('seq').execute());
    const rolledBack = new Error('back');
    let singly: Awaited<ReturnType<typeof records>> = [];
    await expect(write(engine.ctx, async (tx) => {
      for (const id of objects) await appendAudit(tx, engine.ctx.random, { ...entry, object: { type: 'profile', id }, fields: { reason, none: undefined, ...extra(id) } });
      singly = await tx.selectFrom('audit').selectAll().where('seq', '>', 9).orderBy('seq').execute();
      throw rolledBack;
    })).rejects.toBe(rolledBack);
    await write(engine.ctx, (tx) => appendAlike(tx, { ...entry, fields: { reason, none: undefined } }, 'profile', objects.map((id) => ({ id, ...(id === '8912' ? { fields: extra(id) } : {}) }))));
    expect(singly).toHaveLength(3);
    expect(await records()).toEqual(singly);
    expect(await verify()).toMatchObject({ verified: true, records: 12 });
    await write(engine.ctx, (tx) => appendAlike(tx, { ...entry, fields: {} }, 'profile', []));
    expect(await verify()).toMatchObject({ verified: true, records: 12 });
  });
  it('goes back with the transaction it was written in', async () => {
    await expect(write(engine.ctx, async (tx) => {
      await appendAudit(tx, engine.ctx.random, { at: testNow, event: 'lost', actor: 'x', host: 'cli', outcome: 'done', fields: {} });
      throw new Error('no');
    })).rejects.toThrow('no');
    expect(await verify()).toMatchObject({ verified: true, records: 9 });
  });
});
