/** What an import refuses, and what it leaves as it was when it does. All identifiers and secrets are test material. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImportView } from '../../../src/shared/contract/imports.ts';
import type { JobView } from '../../../src/shared/contract/profiles.ts';
import { recoverImports } from '../../../src/main/engine/imports/index.ts';
import { admit, openSessions, patience, sweepImports } from '../../../src/main/engine/imports/session.ts';
import { VaultError } from '../../../src/main/vault-link/operations.ts';
import type { TestEngine } from '../../support/engine.ts';
import { fakeVault } from '../../support/engine.ts';
import { checked, codes, commit, csv, finished, header, iccid, importEngine, imsi, key, open, preview, row, rowsOf, show, transportKey, validate } from './support.ts';

let engine: TestEngine;
afterEach(() => engine.close());

const file = (count: number, from = 1): Buffer => csv([header, ...Array.from({ length: count }, (_, i) => row(from + i))]);
const put = (text: string | Buffer): string => engine.uploads.put(Uint8Array.from(Buffer.from(text)));
const leaveOut = async (input: object): Promise<{ import: ImportView; changed: number }> => engine.ok<never>('imports.leaveOut', input);

describe('a file that is being written', () => {
  beforeEach(async () => {
    engine = await importEngine();
  });

  it('is imported once, however often it is open, and its session takes no change meanwhile', async () => {
    const first = await checked(engine, file(3));
    const second = await checked(engine, file(3));
    const third = await open(engine, file(3));
    // Nobody works on jobs any more: the import stays half way.
    await engine.jobs.stop();
    await engine.ok('imports.commit', { id: first.id });
    const busy = { code: 'FILE_ALREADY_IMPORTED', message: 'This file is being imported at this moment.' };
    expect(await engine.refused('imports.commit', { id: second.id })).toMatchObject(busy);
    expect(await engine.refused('imports.validate', { id: third.id })).toMatchObject(busy);
    expect(await engine.refused('stock.importFile', { file: put(file(3)), type: 'Sample' })).toMatchObject(busy);
    expect((await preview(engine, second.id)).blockers).toEqual(['This file was imported already.']);
    const written = { code: 'IMPORT_BUSY', message: 'The rows are being written at this moment.' };
    for (const [name, input] of [
      ['map', { type: 'Sample' }], ['validate', {}], ['repairCell', { line: 2, column: 0, value: '1' }], ['leaveOut', { lines: [2] }], ['preview', {}], ['commit', {}], ['discard', {}],
      ['repair', { group: 'iccid-missing:0', repair: 'leave-out' }],
    ] as const) expect([name, await engine.refused(`imports.${name}`, { id: first.id, ...input })]).toMatchObject([name, written]);
    // Nobody's patience ends while rows are written; the other two have waited long enough.
    engine.clock.advance(patience + 1);
    sweepImports(engine.ctx);
    expect(openSessions(engine.ctx).map((one) => one.id)).toEqual([first.id]);
    // Another file comes in at one stroke: this one is still under way.
    await engine.ok('stock.importFile', { file: put(file(2, 50)), type: 'Sample' });
    const job = (await engine.ctx.db.selectFrom('jobs').select('id').where('kind', '=', 'import.commit').executeTakeFirstOrThrow()).id;
    expect(await engine.ctx.db.selectFrom('imports').select(['state', 'accepted', 'job_id']).orderBy('id').execute()).toEqual([{ state: 'running', accepted: 3, job_id: job }, { state: 'done', accepted: 2, job_id: null }]);
  });

  it('by two at the same moment is imported by one of them', async () => {
    const both = [await checked(engine, file(3)), await checked(engine, file(3))];
    const answers = await Promise.all(both.map(({ id }) => engine.call('imports.commit', { id })));
    expect(answers.map((one) => (one.ok ? 'ok' : one.error.code)).sort()).toEqual(['FILE_ALREADY_IMPORTED', 'ok']);
    await engine.jobs.idle();
    expect(await rowsOf(engine)).toHaveLength(3);
  });

  it('is taken back when somebody undid it before its last step', async () => {
    const { id } = await checked(engine, file(3));
    await engine.jobs.stop();
    await engine.ok('imports.commit', { id });
    await engine.ctx.db.updateTable('imports').set({ state: 'rolled-back' }).execute();
    // As at the end of the process: nobody holds the sealed rows.
    openSessions(engine.ctx)[0]!.validation!.staging.close();
    engine = await engine.reopen();
    await engine.jobs.recover();
    engine.jobs.wake();
    await engine.jobs.idle();
    const { rows } = await engine.ok<{ rows: JobView[] }>('jobs.list');
    expect(rows.find((one) => one.kind === 'import.commit')).toMatchObject({ state: 'failed', message: expect.stringContaining('undone in the meantime') as string });
    expect([await rowsOf(engine), rows.some((one) => one.kind === 'import.rollback')]).toEqual([[], false]);
  });

  it('and whose sealed rows are gone at the next start is taken back; staging nobody needs goes, other files stay', async () => {
    const other = await checked(engine, file(4, 50));
    const { id } = await checked(engine, file(3));
    await engine.jobs.stop();
    await engine.ok('imports.commit', { id });
    const { id: otherJob } = await engine.ok<JobView>('imports.commit', { id: other.id });
    expect(new Set((await engine.ctx.db.selectFrom('imports').select('job_id').execute()).map((row) => row.job_id)).size).toBe(2);
    await engine.ok('jobs.pause', { id: otherJob });
    // As at the end of the process: nobody holds the sealed rows.
    for (const one of openSessions(engine.ctx)) one.validation!.staging.close();
    const folder = join(engine.folder, 'imports');
    writeFileSync(join(folder, 'im_nobody.staging'), 'old');
    writeFileSync(join(folder, 'mine.txt'), 'kept');
    engine = await engine.reopen();
    expect(await recoverImports(engine.ctx)).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual([`${id}.staging`, `${other.id}.staging`, 'mine.txt'].sort());
    rmSync(join(folder, `${id}.staging`));
    await engine.jobs.recover();
    engine.jobs.wake();
    await engine.jobs.idle();
    expect(await engine.ctx.db.selectFrom('imports').select('state').orderBy('id').execute()).toEqual([{ state: 'rolled-back' }, { state: 'running' }]);
    await engine.ok('jobs.resume', { id: otherJob });
    await engine.jobs.idle();
    const { rows } = await engine.ok<{ rows: JobView[] }>('jobs.list');
    expect(rows.filter((one) => one.kind === 'import.commit').map((one) => one.state).sort()).toEqual(['done', 'failed']);
    expect(rows.find((one) => one.state === 'failed')).toMatchObject({ message: expect.stringMatching(/^IMPORT_UNKNOWN: What was sealed of the file is gone/) as string });
    expect(await engine.ctx.db.selectFrom('imports').select(['handle', 'state']).orderBy('id').execute()).toEqual([{ handle: id, state: 'rolled-back' }, { handle: other.id, state: 'done' }]);
    expect((await rowsOf(engine)).map((one) => one.iccid)).toEqual([50, 51, 52, 53].map(iccid));
  });
});

describe('a step out of turn', () => {
  beforeEach(async () => {
    engine = await importEngine();
  });

  it('is refused before the check, without rows, and after the end', async () => {
    const { id } = await open(engine, file(2));
    for (const [name, input] of [['repair', { group: 'x:0', repair: 'trim' }], ['repairCell', { line: 2, column: 0, value: '1' }], ['leaveOut', { lines: [2] }], ['preview', {}], ['commit', {}], ['fixFile', {}]] as const) {
      expect([name, await engine.refused(`imports.${name}`, { id, ...input })]).toMatchObject([name, { code: 'IMPORT_UNVALIDATED' }]);
    }
    await validate(engine, id);
    expect(await engine.refused('imports.fixFile', { id })).toMatchObject({ code: 'NOTHING_TO_FIX' });
    expect(await engine.refused('imports.leaveOut', { id })).toMatchObject({ code: 'INPUT_INVALID' });
    expect(await engine.refused('imports.leaveOut', { id, lines: [99] })).toMatchObject({ code: 'ROW_UNKNOWN', field: 'lines' });
    expect((await leaveOut({ id, lines: [2, 3, 2] })).changed).toBe(2);
    expect(await engine.refused('imports.commit', { id })).toMatchObject({ code: 'NOTHING_TO_IMPORT' });
    expect((await preview(engine, id)).blockers).toEqual(['No row is left to import.']);
    await leaveOut({ id, lines: [3], back: true });
    await commit(engine, id);
    expect(await rowsOf(engine)).toHaveLength(1);
    expect(await engine.refused('imports.map', { id, type: 'Sample' })).toMatchObject({ code: 'IMPORT_BUSY', message: 'This import is finished: its file is not held any more.' });
    await engine.ok('imports.discard', { id });
    expect(await engine.refused('imports.show', { id })).toMatchObject({ code: 'IMPORT_UNKNOWN' });
  });

  it('that does not mend a group is refused and changes nothing', async () => {
    const view = await checked(engine, csv(['iccid,imsi,ki,msisdn', `${iccid(1)},12,${key(1)},0123456`, `${iccid(2)},${imsi(2)},${key(2)},0123457`, `nothing,${imsi(3)},${key(3)},49123458`]));
    const group = (code: string): string => view.groups.find((one) => one.code === code)!.id;
    const repair = async (input: object) => engine.refused('imports.repair', { id: view.id, ...input });
    expect(await repair({ group: 'quantity:-1', repair: 'accept' })).toMatchObject({ code: 'GROUP_UNKNOWN' });
    expect(await repair({ group: group('ICCID_INVALID'), repair: 'swap-keys' })).toMatchObject({ code: 'REPAIR_UNFIT', field: 'repair' });
    for (const value of [undefined, '0', '049', '4912', 'x']) expect(await repair({ group: group('MSISDN_INVALID'), repair: 'country', ...(value === undefined ? {} : { value }) })).toMatchObject({ code: 'REPAIR_UNFIT', field: 'value' });
    const cell = async (input: object) => engine.refused('imports.repairCell', { id: view.id, line: 2, column: 0, value: '1', ...input });
    expect(await cell({ line: 1 })).toMatchObject({ code: 'ROW_UNKNOWN', field: 'line' });
    expect(await cell({ value: '8988ü' })).toMatchObject({ code: 'INPUT_INVALID', field: 'value' });
    expect(await cell({ column: 9 })).toMatchObject({ code: 'CELL_SECRET' });
    expect((await show(engine, view.id)).counts).toEqual(view.counts);
    // The group by itself: its rows, and no others.
    const now = await leaveOut({ id: view.id, group: group('MSISDN_INVALID') });
    expect([now.changed, now.import.counts]).toMatchObject([2, { good: 0, bad: 1, leftOut: 2 }]);
    expect(await engine.refused('imports.leaveOut', { id: view.id, group: group('MSISDN_INVALID') })).toMatchObject({ code: 'GROUP_UNKNOWN' });
  });

  it('keeps to the memory there is and to the time a file is kept', async () => {
    const gigabyte = 1024 * 1024 * 1024;
    expect(() => admit(engine.ctx, gigabyte)).not.toThrow();
    expect(() => admit(engine.ctx, gigabyte + 1)).toThrow(expect.objectContaining({ code: 'IMPORTS_TOO_MANY', message: 'A file of at most 1024 MB can be in hand at one time.' }) as Error);
    const { id } = await open(engine, file(2));
    const { bytes } = openSessions(engine.ctx)[0]!;
    expect(() => admit(engine.ctx, gigabyte - bytes)).not.toThrow();
    expect(() => admit(engine.ctx, gigabyte - bytes + 1)).toThrow(/One import is in hand/);
    engine.clock.advance(patience);
    sweepImports(engine.ctx);
    expect(openSessions(engine.ctx).map((one) => one.id)).toEqual([id]);
    openSessions(engine.ctx)[0]!.busy = true;
    engine.clock.advance(1);
    sweepImports(engine.ctx);
    expect(openSessions(engine.ctx)).toHaveLength(1);
    openSessions(engine.ctx)[0]!.busy = false;
    sweepImports(engine.ctx);
    expect(openSessions(engine.ctx)).toEqual([]);
  });
});

describe('a number that may not come', () => {
  beforeEach(async () => {
    engine = await importEngine();
    const block = (id: string, kind: 'iccid' | 'imsi', first: string, state: 'blocked' | 'closed', reason: string | null) => engine.ctx.db.insertInto('number_blocks').values({
      id, kind, digits: first.length, first, last: `${first.slice(0, -1)}9`, count: 10, source: 'own', state, reason, used: 0, burnt: 0, brand_id: null, type_id: null, range_id: null, note: null, created_at: 1, changed_at: 1,
    }).execute();
    await block('blk_a', 'iccid', iccid(100).slice(0, 18), 'blocked', 'audit');
    await block('blk_b', 'imsi', imsi(200), 'closed', null);
    for (const [kind, number, freeAt] of [['iccid', iccid(1), null], ['imsi', imsi(2), null], ['msisdn', '49170000003', null], ['msisdn', '49170000004', engine.clock.now() + 1], ['msisdn', '49170000005', engine.clock.now()]] as const) {
      await engine.ctx.db.insertInto('burnt_numbers').values({ kind, number, at: 1, why: 'Retired', iccid: null, free_at: freeAt }).execute();
    }
  });
  const line = (n: number, msisdn = `4917${String(n).padStart(7, '0')}`): string => `${row(n)},${msisdn}`;

  it('because it is burnt or its block is shut is told row by row, with the reason', async () => {
    const view = await checked(engine, csv(['iccid,imsi,ki,opc,msisdn', line(1), line(2), line(105), line(205), line(110), line(210), line(5, '49170000005'), line(3, '+49170000003'), line(4, '49170000004')]));
    expect([view.counts, codes(view).sort()]).toMatchObject([{ good: 3, bad: 6 }, ['NUMBER_REFUSED 2', 'NUMBER_REFUSED 2', 'NUMBER_REFUSED 2']]);
    const told = view.groups.flatMap((group) => group.samples.map((one) => one.message)).sort();
    expect(told).toEqual([
      expect.stringContaining('it lies in a block that is blocked: audit') as string, expect.stringMatching(/block that is closed\.$/) as string,
      ...Array.from({ length: 4 }, () => expect.stringContaining('used up before (Retired)') as string),
    ]);
    await commit(engine, view.id, { leaveOutBad: true });
    expect((await rowsOf(engine)).map((one) => one.iccid)).toEqual([110, 210, 5].map(iccid));
  });

  it('is refused for one profile, too', async () => {
    const add = (n: number, extra: object = {}) => engine.refused('profiles.add', { type: 'Sample', iccid: iccid(n), imsi: imsi(n), ...extra });
    expect(await add(1)).toMatchObject({ code: 'ICCID_EXISTS', field: 'iccid', message: expect.stringContaining('cannot be taken') as string });
    expect(await add(2)).toMatchObject({ code: 'IMSI_EXISTS', field: 'imsi' });
    expect(await add(3, { msisdn: '49170000003' })).toMatchObject({ code: 'INPUT_INVALID', field: 'msisdn' });
    expect(await add(4, { msisdn: '49170000004' })).toMatchObject({ code: 'INPUT_INVALID', field: 'msisdn' });
    expect(await add(4, { msisdn: '12' })).toMatchObject({ code: 'INPUT_INVALID', field: 'msisdn' });
    expect(await add(105)).toMatchObject({ code: 'ICCID_EXISTS' });
    expect(await add(205)).toMatchObject({ code: 'IMSI_EXISTS' });
    expect(await rowsOf(engine)).toEqual([]);
    await engine.ok('profiles.add', { type: 'Sample', iccid: iccid(5), imsi: imsi(5), msisdn: '49170000005' });
  });
});

describe('the vault', () => {
  it('away in the middle of a check is waited for, and no row is looked at twice or not at all', async () => {
    let calls = 0;
    const own = fakeVault();
    engine = await importEngine({ vault: { sealImport: (input) => {
      if (++calls === 2) throw new VaultError('VAULT_UNAVAILABLE', 'gone for a moment');
      return own.call('sealImport', input);
    } } });
    const { id } = await open(engine, file(1_500));
    const job = await engine.ok<JobView>('imports.validate', { id });
    await engine.jobs.idle();
    const state = (await engine.ok<JobView>('jobs.show', { id: job.id })).state;
    if (state === 'paused') await engine.ok('jobs.resume', { id: job.id });
    await finished(engine, job.id);
    expect((await show(engine, id)).counts).toMatchObject({ rows: 1_500, good: 1_500, bad: 0 });
    expect(openSessions(engine.ctx)[0]!.validation!.staging.goodAfter(-1, 2_000).map((one) => one.row)).toEqual(Array.from({ length: 1_500 }, (_, i) => i));
  });

  it('that answers nonsense ends the check, and the file can be checked again', async () => {
    let broken = true;
    const own = fakeVault();
    engine = await importEngine({ vault: { sealImport: (input) => {
      if (broken) throw new VaultError('VAULT_INTERNAL', 'nonsense');
      return own.call('sealImport', input);
    } } });
    const { id } = await open(engine, file(3));
    const job = await engine.ok<JobView>('imports.validate', { id });
    expect(await finished(engine, job.id)).toMatchObject({ state: 'failed' });
    expect(await show(engine, id)).toMatchObject({ state: 'mapped' });
    expect(readdirSync(join(engine.folder, 'imports'))).toEqual([]);
    broken = false;
    expect((await validate(engine, id)).counts).toMatchObject({ good: 3 });
  });
});

describe('a mapping', () => {
  beforeEach(async () => {
    engine = await importEngine();
  });

  it('that cannot be is refused with the column it is about', async () => {
    await transportKey(engine, 'des', '3des-2key', '0123456789abcdeffedcba9876543210');
    const { id, columns } = await open(engine, csv(['iccid,imsi,ki,opc,pin1,adm1', `${iccid(1)},${imsi(1)},${key(1)},${key(1, 'BB')},1234,12345678`]));
    const map = (change: (index: number) => object, rules: object = {}) => engine.refused('imports.map', { id, columns: columns.map((one, index) => ({ ...one, ...change(index) })), ...(Object.keys(rules).length > 0 ? { rules } : {}) });
    const wrapping = { key: 'des', mode: 'ecb', reversed: 'no' };
    expect(await map((index) => (index === 3 ? { field: 'k' } : {}))).toMatchObject({ code: 'COLUMN_TWICE' });
    expect(await map((index) => (index === 2 ? { wrapping: { ...wrapping, mode: 'cbc-23' } } : {}))).toMatchObject({ code: 'TRANSPORT_KEY_UNFIT' });
    expect(await map((index) => (index === 0 ? { wrapping } : {}))).toMatchObject({ code: 'TRANSPORT_KEY_UNFIT' });
    expect(await map((index) => (index === 2 ? { wrapping: { ...wrapping, key: 'none' } } : {}))).toMatchObject({ code: 'TRANSPORT_KEY_UNKNOWN' });
    expect(await map((index) => (index === 0 ? { field: undefined } : {}))).toMatchObject({ code: 'COLUMN_MISSING', message: expect.stringContaining('ICCID') as string });
    expect(await map((index) => (index === 1 ? { field: 'msin' } : {}))).toMatchObject({ code: 'COLUMN_MISSING', message: expect.stringContaining('IMSI') as string });
    expect(await map((index) => (index === 4 ? { field: 'scp80KicKcv' } : {}))).toMatchObject({ code: 'COLUMN_MISSING' });
    expect(await map((index) => (index === 5 ? { index: 6 } : {}))).toMatchObject({ code: 'COLUMN_MISSING', message: 'The file has no column 7.' });
    expect(await map(() => ({}), { op: put('CD'.repeat(16)) })).toMatchObject({ code: 'COLUMN_TWICE' });
    expect(await map(() => ({}), { op: put('CD'.repeat(15)) })).toMatchObject({ code: 'INPUT_INVALID', field: 'rules.op' });
    expect(await map(() => ({}), { brand: 'Nobody' })).toMatchObject({ code: 'BRAND_UNKNOWN' });
    expect((await show(engine, id)).columns).toEqual(columns);
    await engine.ok('transportKeys.retire', { name: 'des', reason: 'end' });
    expect(await map((index) => (index === 2 ? { wrapping } : {}))).toMatchObject({ code: 'TRANSPORT_KEY_UNKNOWN', message: expect.stringContaining('was retired on 2026-01-15') as string });
    expect(await engine.refused('transportKeys.retire', { name: 'des', reason: 'again' })).toMatchObject({ code: 'TRANSPORT_KEY_UNKNOWN' });
  });

  it('and presets are known by name or not at all', async () => {
    const { id } = await open(engine, file(1));
    await engine.ok('imports.saveMapping', { id, name: 'Ours' });
    expect(await engine.refused('imports.open', { file: put(file(1)), fileName: 'a.csv', mapping: 'ours' })).toMatchObject({ code: 'MAPPING_UNKNOWN' });
    expect(await engine.refused('imports.open', { file: put(file(1)), fileName: 'a.csv', preset: 'none' })).toMatchObject({ code: 'PRESET_UNKNOWN' });
    expect(await engine.refused('imports.removePreset', { name: 'none' })).toMatchObject({ code: 'PRESET_UNKNOWN' });
    await engine.ok('imports.saveMapping', { id, name: 'Theirs' });
    await engine.ok('imports.removeMapping', { name: 'Ours' });
    expect((await engine.ok<{ rows: { name: string }[] }>('imports.mappings')).rows.map((one) => one.name)).toEqual(['Theirs']);
    expect(await engine.refused('imports.removeMapping', { name: 'Ours' })).toMatchObject({ code: 'MAPPING_UNKNOWN' });
  });

  it('is not asked of a file imported at one stroke, whose columns must be sure', async () => {
    const once = (text: Buffer) => engine.refused('stock.importFile', { file: put(text), type: 'Sample' });
    expect(await once(csv(['iccid,imsi,ki,k', `${iccid(1)},${imsi(1)},${key(1)},${key(1)}`]))).toMatchObject({ code: 'FILE_MALFORMED', message: expect.stringContaining('two columns') as string });
    expect(await rowsOf(engine)).toEqual([]);
  });
});

describe('a transport key', () => {
  beforeEach(async () => {
    engine = await importEngine();
  });

  it('has a name of its own, check values of whole octets, and components of which each counts', async () => {
    await transportKey(engine, 'Vendor', 'aes-128', '000102030405060708090a0b0c0d0e0f');
    const add = (extra: object, values = ['11'.repeat(16), '22'.repeat(16)]) => engine.refused('transportKeys.add', { name: 'Other', algorithm: 'aes-128', components: values.map((value, i) => ({ value: put(value), custodian: `c${i}` })), ...extra });
    expect(await add({ name: 'Vendor' })).toMatchObject({ code: 'TRANSPORT_KEY_EXISTS', field: 'name' });
    expect(await add({ kcv: 'ABCDEF1' })).toMatchObject({ code: 'INPUT_INVALID', field: 'kcv' });
    expect(await add({}, ['00'.repeat(16), '22'.repeat(16)])).toMatchObject({ code: 'TRANSPORT_KEY_MALFORMED', message: expect.stringContaining('component 1 is all zeros') as string });
    expect((await engine.ok<{ rows: { name: string }[] }>('transportKeys.list')).rows.map((one) => one.name)).toEqual(['Vendor']);
  });

  it('named by its index must be the only one of that index', async () => {
    const out = (n: number): Buffer => Buffer.from(`Quantity: 1\nCustomer: ACME\nTransport_key: 7\nvar_out: Ser_nb/IMSI/Ki\n${iccid(n)} ${imsi(n)} ${key(n)}\n`);
    const wrappingOf = async (n: number) => (await open(engine, out(n), { fileName: 'a.out' })).columns[2]?.wrapping?.key;
    await transportKey(engine, 'one', 'aes-128', '01'.repeat(16), { index: '7' });
    expect(await wrappingOf(1)).toBe('one');
    await transportKey(engine, 'two', 'aes-128', '02'.repeat(16), { index: '7' });
    expect(await wrappingOf(2)).toBeUndefined();
    await engine.ok('transportKeys.retire', { name: 'one', reason: 'end' });
    expect(await wrappingOf(3)).toBe('two');
  });
});

describe('a file of one profile\'s secrets', () => {
  it.each([
    ['identifiers only', () => `iccid=${iccid(1)}\n`], ['an OP without K', () => `op=${key(1)}\n`], ['a check value', () => `ki=${key(1)}\nki_kcv=ABCDEF\n`], ['a line that starts with =', () => `ki=${key(1)}\n=${key(2)}\n`],
    ['a header alone', () => 'ki,opc\n'], ['a row cut short', () => `ki,opc,pin1\n${key(1)},${key(2)}\n`],
  ])('with %s is refused', async (_what, text) => {
    engine = await importEngine();
    const refusal = await engine.refused('profiles.add', { type: 'Sample', iccid: iccid(1), imsi: imsi(1), secrets: put(text()) });
    expect(refusal).toMatchObject({ code: 'SECRETS_INVALID', field: 'secrets' });
    expect(JSON.stringify(refusal)).not.toContain(key(1));
    expect(await rowsOf(engine)).toEqual([]);
  });
});
