import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { procedure } from '../../../src/shared/contract/define.ts';
import { areaProcedures } from '../../../src/main/engine/areas.ts';
import { verifyChain } from '../../../src/main/engine/audit/index.ts';
import { DeskProblem } from '../../../src/main/engine/context.ts';
import { command, query } from '../../../src/main/engine/router/implement.ts';
import { VaultError } from '../../../src/main/vault-link/operations.ts';
import { openTestEngine, type TestEngine } from '../../support/engine.ts';

const put = procedure({
  name: 'test.put', kind: 'command', summary: 'writes', permission: 'workspace.manage', errors: [],
  input: z.object({ key: z.string().min(1), value: z.string(), fail: z.enum(['problem', 'error', 'vault', 'reply', 'unique', 'after']).optional(), deep: z.unknown().optional() }),
  output: z.object({ key: z.string(), n: z.number().int() }),
  audit: { record: 'always', event: 'test.put', fields: ['key', 'n'], sensitive: ['value'] },
});
const get = procedure({
  name: 'test.get', kind: 'query', summary: 'reads', permission: 'workspace.view', errors: [], input: z.object({ key: z.string() }),
  output: z.object({ value: z.string() }), audit: { record: 'none', why: 'test' },
});

let runs = 0;
const implemented = () => [
  ...areaProcedures(),
  command(put, {
    run: async (tx, _ctx, { key, value, fail }) => {
      runs += 1;
      await tx.insertInto('meta').values({ key: `test.${key}`, value }).execute();
      if (fail === 'problem') throw new DeskProblem('NO_LUCK', 'No luck today', { field: 'key', hint: 'tomorrow' });
      if (fail === 'error') throw new Error('secret /path/to insert into meta');
      if (fail === 'vault') throw new VaultError('VAULT_UNAVAILABLE', 'gone');
      if (fail === 'unique') await tx.insertInto('meta').values({ key: `test.${key}`, value }).execute();
      return fail === 'reply' ? ({ key } as never) : { key, n: runs };
    },
    after: (_ctx, { key }) => {
      if (key === 'after') throw new Error('after');
    },
    object: ({ key }) => ({ type: 'settings', id: key }),
    changes: ['test'],
  }),
  query(get, async (ctx, { key }) => {
    const row = await ctx.reader.selectFrom('meta').select('value').where('key', '=', `test.${key}`).executeTakeFirst();
    if (!row) throw new DeskProblem('NOT_FOUND', 'nothing there');
    return { value: row.value, extra: 'dropped' } as never;
  }),
];

let engine: TestEngine;
const start = async () => {
  runs = 0;
  engine = await openTestEngine({ procedures: implemented(), jobKinds: [] });
};
afterEach(() => engine.close());

const lastAudit = () => engine.ctx.reader.selectFrom('audit').selectAll().orderBy('seq', 'desc').limit(1).executeTakeFirstOrThrow();

describe('commands', () => {
  it('change, record and answer in one transaction', async () => {
    await start();
    const changed: string[][] = [];
    engine.ctx.runtime.subscribe((areas) => changed.push([...areas]));
    expect(await engine.ok('test.put', { key: 'a', value: 'hidden value' }, { commandId: 'command-1' })).toEqual({ key: 'a', n: 1 });
    expect(await engine.ok('test.get', { key: 'a' })).toEqual({ value: 'hidden value' });
    const row = await lastAudit();
    expect(row).toMatchObject({ event: 'test.put', outcome: 'done', object_id: 'a', actor: 'local:tester', host: 'desktop' });
    expect(row.record).toContain('"fields":{"key":"a","n":1}');
    expect(row.record).not.toContain('hidden value');
    expect(await engine.ctx.reader.selectFrom('audit_values').selectAll().executeTakeFirst()).toMatchObject({ seq: row.seq, field: 'value', value: 'hidden value' });
    expect(changed).toContainEqual(['test', 'audit']);
  });

  it('answer a repeated id from the log, also while the first still runs, and refuse another input under it', async () => {
    await start();
    const both = await Promise.all([1, 2].map(() => engine.ok('test.put', { key: 'a', value: 'x' }, { commandId: 'command-1' })));
    expect(both).toEqual([{ key: 'a', n: 1 }, { key: 'a', n: 1 }]);
    expect(await engine.ok('test.put', { value: 'x', key: 'a' }, { commandId: 'command-1' })).toEqual({ key: 'a', n: 1 });
    expect(runs).toBe(1);
    expect(await engine.refused('test.put', { key: 'b', value: 'x' }, { commandId: 'command-1' })).toMatchObject({ code: 'COMMAND_REUSED' });
    expect(await engine.refused('workspace.saveSettings', { settings: {} }, { commandId: 'command-1' })).toMatchObject({ code: 'COMMAND_REUSED' });
    engine = await engine.reopen();
    expect(await engine.ok('test.put', { key: 'a', value: 'x' }, { commandId: 'command-1' })).toEqual({ key: 'a', n: 1 });
    expect(await engine.refused('test.put', { key: 'a', value: 'x' }, { commandId: 'no' })).toMatchObject({ code: 'INPUT_INVALID', field: 'commandId' });
  });

  it.each([
    ['problem', { code: 'NO_LUCK', message: 'No luck today', field: 'key', hint: 'tomorrow' }], ['error', { code: 'INTERNAL' }], ['reply', { code: 'INTERNAL' }],
    ['vault', { code: 'VAULT_UNAVAILABLE' }], ['unique', { code: 'CONFLICT' }],
  ] as const)('roll back and record the refusal: %s', async (fail, error) => {
    await start();
    const refusal = await engine.refused('test.put', { key: 'a', value: 'x', fail });
    expect(refusal).toMatchObject(error);
    expect(JSON.stringify(refusal)).not.toMatch(/insert|\/path|at .*\.ts/);
    expect(await engine.refused('test.get', { key: 'a' })).toMatchObject({ code: 'NOT_FOUND' });
    const row = await lastAudit();
    expect(row).toMatchObject({ event: 'test.put', outcome: 'refused', object_id: 'a' });
    expect(JSON.parse(row.record)).toMatchObject({ fields: { key: 'a', code: error.code } });
    expect(await verifyChain(engine.ctx.reader)).toMatchObject({ verified: true });
  });

  it('stand when only what follows the commit fails', async () => {
    await start();
    expect(await engine.ok('test.put', { key: 'after', value: 'x' })).toMatchObject({ key: 'after' });
    expect(engine.log.lines.some((l) => l.message === 'after a command')).toBe(true);
  });

  it('are recorded as refused when their input is wrong or the caller may not', async () => {
    await start();
    expect(await engine.refused('test.put', { key: '', value: 'x' })).toMatchObject({ code: 'INPUT_INVALID', field: 'key' });
    expect(JSON.parse((await lastAudit()).record)).toMatchObject({ outcome: 'refused', fields: { code: 'INPUT_INVALID' } });
    const reply = await engine.router.call('test.put', { key: 'a', value: 'x' }, { actor: 'device:8904', host: 'es9plus', correlationId: 'c' });
    expect(reply).toMatchObject({ ok: false, error: { code: 'NOT_PERMITTED', correlationId: 'c' } });
    expect(JSON.parse((await lastAudit()).record)).toMatchObject({ outcome: 'refused', actor: 'device:8904', fields: { code: 'NOT_PERMITTED' } });
  });
});

describe('input', () => {
  it('is refused when deep, huge, poisoned or for a function that is none', async () => {
    await start();
    let deep: unknown = 1;
    for (let i = 0; i < 20; i++) deep = [deep];
    const poisoned = JSON.parse('{"key":"a","value":"x","deep":{"__proto__":{"admin":true}}}') as unknown;
    for (const input of [{ key: 'a', value: 'x', deep }, { key: 'a', value: 'x', deep: Array.from({ length: 30_000 }, () => 0) }, { key: 'a', value: 'x'.repeat(1_100_000) }, poisoned, { key: 'a', value: 'x', deep: new Date() }, 'text', null, 7]) {
      expect(await engine.refused('test.put', input)).toMatchObject({ code: 'INPUT_INVALID' });
    }
    for (const name of ['nope', '__proto__', 'constructor', 'toString']) expect(await engine.refused(name)).toMatchObject({ code: 'PROCEDURE_UNKNOWN' });
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
    expect(runs).toBe(0);
  });
  it('of a stream or query does not run as the other', async () => {
    await start();
    expect(await engine.refused('workspace.changes')).toMatchObject({ code: 'PROCEDURE_UNKNOWN' });
    expect(engine.router.openStream('test.get', {}, engine.as(), () => undefined, new AbortController().signal)).toMatchObject({ ok: false, error: { code: 'PROCEDURE_UNKNOWN' } });
  });
});

describe('concurrency', () => {
  it('commands come one after the other and leave no gap in the chain', async () => {
    await start();
    await Promise.all(Array.from({ length: 50 }, (_, i) => engine.ok('test.put', { key: `k${i}`, value: 'x' })));
    const answer = await verifyChain(engine.ctx.reader);
    expect(answer).toMatchObject({ verified: true, records: 51 });
  });
});
