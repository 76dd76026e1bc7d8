import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImportRow, ImportView } from '../../../src/shared/contract/imports.ts';
import type { JobView } from '../../../src/shared/contract/profiles.ts';
import { luhnCheckDigit } from '../../../src/shared/identifiers/index.ts';
import { recoverImports } from '../../../src/main/engine/imports/index.ts';
import { startStates } from '../../../src/main/engine/profiles/index.ts';
import { insertProfiles } from '../../../src/main/engine/store/bulk-profiles.ts';
import type { TestEngine } from '../../support/engine.ts';
import { checked, codes, commit, csv, finished, fixFile, iccid, importEngine, imsi, key, open, preview, row, rowsOf, show, validate } from './support.ts';

let engine: TestEngine;
beforeEach(async () => {
  engine = await importEngine();
});
afterEach(() => engine.close());

const header = 'iccid,imsi,ki,opc';
const file = (count: number, from = 1): Buffer => csv([header, ...Array.from({ length: count }, (_, i) => row(from + i))]);
const wrongDigit = (n: number): string => iccid(n).slice(0, 18) + ((Number(luhnCheckDigit(iccid(n).slice(0, 18))) + 1) % 10);

describe('the way of a file', () => {
  it('goes from open over mapping, check and preview into the stock', async () => {
    const opened = await open(engine, file(1_000), { type: undefined });
    expect(opened).toMatchObject({ state: 'opened', blockers: ['Choose the profile type.'], detection: { rows: 1_000, format: { layout: 'table', separator: 'comma', encoding: 'utf-8', header: true }, undecided: [], missing: [] } });
    expect(opened.detection.columns.map((one) => [one.name, one.field, one.confidence])).toEqual([['iccid', 'iccid', 0.99], ['imsi', 'imsi', 0.99], ['ki', 'k', 0.99], ['opc', 'opc', 0.99]]);
    expect(opened.detection.columns.map((one) => one.samples[0])).toEqual([iccid(1), imsi(1), '32 hexadecimal digits', '32 hexadecimal digits']);
    expect(await engine.ok('imports.map', { id: opened.id, type: 'Sample' })).toMatchObject({ state: 'mapped', blockers: [], type: 'Sample' });
    const seen = await validate(engine, opened.id);
    expect(seen).toMatchObject({ state: 'validated', counts: { rows: 1_000, good: 1_000, bad: 0, leftOut: 0, skipped: 0, warned: 0 }, groups: [] });
    expect(await rowsOf(engine)).toHaveLength(0);
    expect(await preview(engine, opened.id)).toMatchObject({
      create: 1_000, skip: 0, reject: 0, iccids: { first: iccid(1), last: iccid(1_000) }, runs: [{ first: iccid(1), last: iccid(1_000), count: 1_000 }], moreRuns: 0, blockers: [],
      secrets: { withKey: 1_000, withoutKey: 0 }, stock: { before: { imported: 0, sellable: 0 }, after: { imported: 1_000, sellable: 0 } },
    });
    expect(await commit(engine, opened.id)).toMatchObject({ state: 'done', done: 1_000, total: 1_000 });
    const rows = await rowsOf(engine);
    expect(rows).toHaveLength(1_000);
    expect(rows[999]).toMatchObject({ iccid: iccid(1_000), imsi: imsi(1_000), stock_state: 'imported', last_event: 'Imported from vendor.csv' });
    expect(await show(engine, opened.id)).toMatchObject({ state: 'done' });
    expect(await engine.ok('imports.list', {})).toMatchObject({ rows: [{ id: opened.id, state: 'done', accepted: 1_000, fileName: 'vendor.csv', type: 'Sample', actor: expect.any(String) as string }] });
    expect(await engine.refused('stock.importFile', { file: engine.uploads.put(file(1_000)), type: 'Sample' })).toMatchObject({ code: 'FILE_ALREADY_IMPORTED' });
    const again = await open(engine, file(1_000));
    expect(again.imported).toMatchObject({ fileName: 'vendor.csv' });
    expect(await engine.refused('imports.validate', { id: again.id })).toMatchObject({ code: 'FILE_ALREADY_IMPORTED' });
  });

  it('groups what is wrong by what mends it, mends it, and imports the rest', async () => {
    const lines = Array.from({ length: 400 }, (_, i) => row(i + 1));
    for (let n = 1; n <= 20; n++) lines[n * 3] = `${wrongDigit(n * 3 + 1)},${imsi(n * 3 + 1)},${key(n * 3 + 1)},${key(n * 3 + 1, 'BB')}`;
    lines[100] = `8.98821E+18,${imsi(101)},${key(101)},${key(101, 'BB')}`;
    lines[101] = `${iccid(102)},${imsi(102).replace(/^00/, '')},${key(102)},${key(102, 'BB')}`;
    lines[102] = `${iccid(103)},${imsi(103)},${key(103).match(/../g)!.join(' ')},${key(103, 'BB')}`;
    lines[103] = `${iccid(104)},${imsi(104)},${key(5)},${key(104, 'BB')}`;
    lines[104] = `${iccid(104)},${imsi(105)},${key(105)},${key(105, 'BB')}`;
    lines[105] = `${imsi(106)},${iccid(106)},${key(106)},${key(106, 'BB')}`;
    let view = await checked(engine, csv([header, ...lines]));
    expect(view.counts).toMatchObject({ good: 374, bad: 26 });
    expect(codes(view).sort()).toEqual(['DUPLICATE_IN_FILE 1', 'HEX_LENGTH 1', 'ICCID_INVALID 20', 'IMSI_INVALID 1', 'KEY_REUSED 1', 'NUMBERS_SWAPPED 1', 'SPREADSHEET_NUMBER 1']);
    const group = (code: string) => view.groups.find((one) => one.code === code)!;
    expect(group('ICCID_INVALID')).toMatchObject({
      title: '20 ICCIDs have a wrong check digit', column: 'iccid', severity: 'blocker',
      repairs: [{ kind: 'luhn-correct', suggestion: true }, { kind: 'leave-out', suggestion: false }],
    });
    expect(group('ICCID_INVALID').samples[0]).toMatchObject({ line: 5, found: wrongDigit(4), suggested: iccid(4) });
    expect(JSON.stringify(view)).not.toContain(key(103).slice(0, 20));
    expect(await engine.refused('imports.commit', { id: view.id })).toMatchObject({ code: 'ROWS_INVALID' });
    const repair = async (code: string, kind: string, value?: string): Promise<void> => {
      const done = await engine.ok<{ import: ImportView; changed: number }>('imports.repair', { id: view.id, group: group(code).id, repair: kind, ...(value === undefined ? {} : { value }) });
      view = done.import;
    };
    await repair('ICCID_INVALID', 'luhn-correct');
    expect(view.counts).toMatchObject({ good: 394, bad: 6, repaired: 20 });
    await repair('IMSI_INVALID', 'pad-left');
    await repair('HEX_LENGTH', 'remove-separators');
    await repair('NUMBERS_SWAPPED', 'swap-numbers');
    expect(view.counts).toMatchObject({ good: 397, bad: 3 });
    // The double of an ICCID becomes good when it is corrected by hand; the spreadsheet's number cannot.
    const { rows } = await engine.ok<{ rows: ImportRow[]; total: number }>('imports.rows', { id: view.id, group: group('DUPLICATE_IN_FILE').id });
    expect(rows).toMatchObject([{ line: 106, iccid: iccid(104), state: 'bad', problems: [{ message: 'The same ICCID stands in line 105.' }], cells: [{ text: iccid(104), editable: true }, {}, { text: '32 hexadecimal digits', editable: false }, {}] }]);
    const fixed = await engine.ok<{ import: ImportView; row: ImportRow }>('imports.repairCell', { id: view.id, line: 106, column: 0, value: iccid(105) });
    expect(fixed.row).toMatchObject({ state: 'good', iccid: iccid(105), problems: [] });
    view = fixed.import;
    expect(await engine.refused('imports.repairCell', { id: view.id, line: 106, column: 2, value: 'AA' })).toMatchObject({ code: 'CELL_SECRET' });
    const text = (await fixFile(engine, view.id)).toString();
    expect(text.split('\r\n').slice(0, 3)).toEqual([
      `${header},error,hint`,
      expect.stringMatching(/^8\.98821E\+18,.*"iccid: A spreadsheet turned the ICCID into a number/) as string,
      expect.stringMatching(new RegExp(`^${lines[103]},"ki: The same K stands in line 6\\.","Two profiles`)) as string,
    ]);
    expect(await commit(engine, view.id, { leaveOutBad: true })).toMatchObject({ state: 'done', done: 398 });
    expect(await rowsOf(engine)).toHaveLength(398);
    // The rows left out can still be had, corrected, and imported: another file.
    expect((await fixFile(engine, view.id)).toString()).toBe(text);
    const second = text.replace('8.98821E+18', iccid(101)).replace(key(5), key(104));
    const rest = await checked(engine, Buffer.from(second));
    expect(rest).toMatchObject({ counts: { good: 2, bad: 0 } });
    expect(await commit(engine, rest.id)).toMatchObject({ done: 2 });
    const all = await rowsOf(engine);
    expect(new Set(all.map((one) => one.iccid)).size).toBe(400);
    expect(new Set(all.map((one) => Buffer.from(one.key_fingerprint!).toString('hex'))).size).toBe(400);
  });

  it('puts error and hint under their names beside rows cut short and rows too long, and both can be sent again', async () => {
    const short = `${iccid(2)},${imsi(2)}`;
    const long = `${row(3)},"one, too",many`;
    const view = await checked(engine, csv([header, row(1), short, long, `${row(4).replace(iccid(4), 'none')},,,,`]));
    expect([view.counts, codes(view).sort()]).toMatchObject([{ good: 1, bad: 3 }, ['CELL_COUNT 2', 'ICCID_INVALID 1']]);
    const [names, ...rows] = (await fixFile(engine, view.id)).toString().trim().split('\r\n');
    const columns = header.split(',').length;
    const at = names!.split(',').indexOf('error');
    expect([at, names!.split(',').at(-1)]).toEqual([columns + 2, 'hint']);
    // As a spreadsheet would cut them.
    const cells = (line: string): string[] => [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,"]*))/g)].map((one) => one[1] ?? one[2] ?? '');
    expect(rows.map((line) => cells(line).length)).toEqual([at + 2, at + 2, at + 2]);
    expect(rows.map((line) => cells(line)[at]!.slice(0, 24))).toEqual(['The row has 2 values whe', expect.stringContaining('The row has '), expect.stringContaining('ICCID')]);
    expect(rows[0]!.startsWith(`${short},`)).toBe(true);
    expect(rows[1]!.startsWith(long)).toBe(true);
    const again = await checked(engine, Buffer.from([names, rows[0]!.replace(`${short},,`, row(2)), ''].join('\r\n')));
    expect(codes(again).filter((code) => code.startsWith('CELL_COUNT'))).toEqual([]);
  });

  it('says once more what is missing when a fix file comes back with nothing corrected', async () => {
    const lines = [row(1), `${iccid(2)},${imsi(2)}`, `${iccid(3)},${imsi(3)},,`, `${row(4)},"one, too",many`, `${iccid(5)},${imsi(5)},${key(5)},`, `${iccid(6)},${imsi(6)},${key(6)}`];
    const first = await checked(engine, csv([header, ...lines]));
    // Rows with empty values at the end have all their columns.
    expect([first.counts, codes(first).sort()]).toMatchObject([{ good: 3, bad: 3 }, ['CELL_COUNT 3', 'KEY_MADE 1', 'OPC_MADE 1']]);
    const fix = (await fixFile(engine, first.id)).toString();
    const again = await checked(engine, Buffer.from(fix));
    expect([again.counts, codes(again)]).toMatchObject([{ good: 0, bad: 3 }, ['CELL_COUNT 3']]);
    expect(again.groups[0]!.samples.map((one) => one.message)).toEqual([
      'The row has still 2 values where the file has 4 columns: correct the row, or clear its error cell if nothing is missing.',
      'The row has still 6 values where the file has 4 columns: correct the row, or clear its error cell if nothing is missing.',
      'The row has still 3 values where the file has 4 columns: correct the row, or clear its error cell if nothing is missing.',
    ]);
    // Its own fix file has the sentences once, and still says so.
    const second = (await fixFile(engine, again.id)).toString();
    expect(second.split('\r\n')[0]).toBe(`${header},,,error,hint`);
    expect(second.split('\r\n').slice(1, 4).map((line) => line.split('The row has').length)).toEqual([2, 2, 2]);
    expect((await checked(engine, Buffer.from(second.replace(/\r\n$/, '\r\n\r\n')))).counts).toMatchObject({ good: 0, bad: 3 });
    // Corrected, or said to be right as it is, a row is taken.
    const mended = fix.split('\r\n');
    mended[1] = mended[1]!.replace(`${iccid(2)},${imsi(2)},,`, row(2));
    mended[2] = mended[2]!.replace('"one, too",many', ',');
    mended[3] = mended[3]!.replace(/"The row has[^"]*"/, '');
    const last = await checked(engine, Buffer.from(mended.join('\r\n')));
    expect([last.counts, codes(last)]).toMatchObject([{ good: 3, bad: 0 }, ['OPC_MADE 1']]);
  });

  it('leaves rows out and takes them back in; doubles follow', async () => {
    const view = await checked(engine, csv([header, row(1), row(1), row(2), row(1)]));
    expect([view.counts, codes(view).sort()]).toMatchObject([{ good: 2, bad: 2 }, ['DUPLICATE_IN_FILE 2', 'DUPLICATE_IN_FILE 2', 'KEY_REUSED 2']]);
    let now = (await engine.ok<{ import: ImportView }>('imports.leaveOut', { id: view.id, lines: [2] })).import;
    expect(now.counts).toMatchObject({ good: 2, bad: 1, leftOut: 1 });
    expect(now.groups[0]!.samples).toMatchObject([{ line: 5, message: 'The same ICCID stands in line 3.' }]);
    now = (await engine.ok<{ import: ImportView }>('imports.leaveOut', { id: view.id, bad: true })).import;
    expect([now.counts, now.groups]).toMatchObject([{ good: 2, bad: 0, leftOut: 2 }, []]);
    now = (await engine.ok<{ import: ImportView }>('imports.leaveOut', { id: view.id, back: true })).import;
    expect([now.counts, codes(now).sort()]).toMatchObject([{ good: 2, bad: 2, leftOut: 0 }, ['DUPLICATE_IN_FILE 2', 'DUPLICATE_IN_FILE 2', 'KEY_REUSED 2']]);
    expect(now.groups[0]!.samples.map((one) => one.line)).toEqual([3, 5]);
  });

  it('skips rows of the stock when told to', async () => {
    const first = await checked(engine, file(10));
    await commit(engine, first.id);
    const second = await checked(engine, file(20));
    expect(second.counts).toMatchObject({ good: 10, bad: 10 });
    const skip = second.groups.find((group) => group.code === 'DUPLICATE_IN_STOCK')!;
    expect(skip.repairs.map((one) => one.kind)).toEqual(['skip', 'leave-out']);
    const now = (await engine.ok<{ import: ImportView }>('imports.repair', { id: second.id, group: skip.id, repair: 'skip' })).import;
    expect(now).toMatchObject({ counts: { good: 10, bad: 0, skipped: 10 }, groups: [] });
    expect(await preview(engine, second.id)).toMatchObject({ create: 10, skip: 10 });
    expect(await commit(engine, second.id)).toMatchObject({ done: 10 });
  });

  it('mends many rows in a job', async () => {
    const lines = Array.from({ length: 5_000 }, (_, i) => `${iccid(i + 1)},${imsi(i + 1)},0${1_700_000 + i}`);
    const view = await checked(engine, csv(['iccid,imsi,msisdn', ...lines]));
    expect([view.counts, codes(view)]).toMatchObject([{ bad: 5_000 }, ['MSISDN_INVALID 5000']]);
    const { job, changed } = await engine.ok<{ job: JobView; changed: number }>('imports.repair', { id: view.id, group: view.groups[0]!.id, repair: 'country', value: '49' });
    expect([changed, (await finished(engine, job.id)).state]).toEqual([5_000, 'done']);
    expect(await show(engine, view.id)).toMatchObject({ state: 'validated', counts: { good: 5_000, bad: 0, repaired: 5_000 } });
    const { rows } = await engine.ok<{ rows: ImportRow[]; next: string; total: number }>('imports.rows', { id: view.id, limit: 2 });
    expect(rows.map((one) => [one.msisdn, one.cells[2]!.text])).toEqual([['491700000', '491700000'], ['491700001', '491700001']]);
  });

  it('has no row where a line holds separators and empty quotes only', async () => {
    const view = await checked(engine, csv([header, row(1), ',', ',,,', '"","","",""', ' , ,', row(2)]));
    expect([view.counts, view.groups]).toMatchObject([{ rows: 2, good: 2, bad: 0 }, []]);
  });

  it('with an ICCID of 20 digits among others of 19 is taken with a warning', async () => {
    const longer = `${iccid(9)}1`;
    const view = await checked(engine, csv([header, ...Array.from({ length: 8 }, (_, i) => row(i + 1)), row(9).replace(iccid(9), longer)]));
    expect(codes(view)).toEqual(['ICCID_LONGER 1']);
    expect(view.groups[0]).toMatchObject({ severity: 'warning', title: '1 ICCID has 20 digits where the others have 19', samples: [{ found: longer, message: expect.stringContaining('a digit may have been added') as string }] });
    expect(await commit(engine, view.id)).toMatchObject({ state: 'done', done: 9 });
    expect((await rowsOf(engine)).find((one) => one.iccid === longer)).toMatchObject({ subscriber: expect.anything() as unknown });
  });

  it('is one too many beside eight others, of which the oldest is named', async () => {
    const opened = [];
    for (let i = 0; i < 8; i++) {
      opened.push(await open(engine, file(1, i + 1), { fileName: `file-${i}.csv` }));
      engine.clock.advance(1_000);
    }
    expect(await engine.refused('imports.open', { file: engine.uploads.put(file(1, 90)), fileName: 'ninth.csv' })).toMatchObject({
      code: 'IMPORTS_TOO_MANY', message: `8 imports are in hand; at most 8 files of 1024 MB together can be. The one untouched longest is file-0.csv (${opened[0]!.id}).`, hint: expect.stringContaining('discard one of them') as string,
    });
    await engine.ok('imports.discard', { id: opened[0]!.id });
    await open(engine, file(1, 90));
  });

  it('is forgotten when it is discarded, or when nobody comes back', async () => {
    const bytes = Uint8Array.from(file(3));
    const one = await engine.ok<ImportView>('imports.open', { file: engine.uploads.put(bytes), fileName: 'a.csv' });
    await engine.ok('imports.discard', { id: one.id });
    expect(bytes.every((octet) => octet === 0)).toBe(true);
    expect(await engine.refused('imports.show', { id: one.id })).toMatchObject({ code: 'IMPORT_UNKNOWN' });
    const two = await open(engine, file(3));
    engine.clock.advance(61 * 60_000);
    await open(engine, file(4));
    expect(await engine.refused('imports.show', { id: two.id })).toMatchObject({ code: 'IMPORT_UNKNOWN' });
  });

  it('is cancelled while it is checked: nothing is kept, and it can be checked again', async () => {
    const { id } = await open(engine, file(8_000));
    const job = await engine.ok<JobView>('imports.validate', { id });
    while ((await engine.ok<JobView>('jobs.show', { id: job.id })).done === 0) await new Promise((next) => setTimeout(next, 5));
    expect(await engine.refused('imports.map', { id, type: 'Sample' })).toMatchObject({ code: 'IMPORT_BUSY' });
    expect(await engine.refused('imports.discard', { id })).toMatchObject({ code: 'IMPORT_BUSY' });
    expect(await engine.ok('jobs.cancel', { id: job.id })).toMatchObject({ state: 'cancelled' });
    const ended = await finished(engine, job.id);
    expect(ended.done).toBeLessThan(8_000);
    expect(await show(engine, id)).toMatchObject({ state: 'mapped', groups: [] });
    expect(readdirSync(join(engine.folder, 'imports'))).toEqual([]);
    expect(await engine.refused('imports.preview', { id })).toMatchObject({ code: 'IMPORT_UNVALIDATED' });
    expect((await validate(engine, id)).counts).toMatchObject({ good: 8_000 });
  });

  it('is cancelled while it is written: what was written is taken back, and it can be imported again', async () => {
    const other = await checked(engine, file(5, 90_001));
    await commit(engine, other.id);
    const { id } = await checked(engine, file(6_000));
    const job = await engine.ok<JobView>('imports.commit', { id });
    while ((await engine.ok<JobView>('jobs.show', { id: job.id })).done === 0) await new Promise((next) => setTimeout(next, 2));
    expect(await engine.ok('jobs.cancel', { id: job.id })).toMatchObject({ state: 'cancelled' });
    engine.jobs.wake();
    await finished(engine, job.id);
    expect((await rowsOf(engine)).map((one) => one.iccid)).toEqual([1, 2, 3, 4, 5].map((n) => iccid(90_000 + n)));
    expect(await engine.ctx.db.selectFrom('imports').select('state').orderBy('id').execute()).toEqual([{ state: 'done' }, { state: 'rolled-back' }]);
    expect((await engine.ok<{ rows: JobView[] }>('jobs.list')).rows.find((one) => one.kind === 'import.rollback')).toMatchObject({ state: 'done', message: 'Nothing of the file is in the stock' });
    expect((await validate(engine, id)).counts).toMatchObject({ good: 6_000 });
    expect(await commit(engine, id)).toMatchObject({ state: 'done', done: 6_000 });
    expect(await rowsOf(engine)).toHaveLength(6_005);
  });

  it('waits as paused when the disk is full while it is written, and goes on when there is room', async () => {
    const { id } = await checked(engine, file(6_000));
    const { sqlite } = engine.ctx;
    sqlite.pragma(`max_page_count = ${(sqlite.pragma('page_count', { simple: true }) as number) + 40}`);
    const job = await engine.ok<JobView>('imports.commit', { id });
    await engine.jobs.idle();
    const paused = await engine.ok<JobView>('jobs.show', { id: job.id });
    expect(paused).toMatchObject({ state: 'paused', message: 'The disk of the workspace is full. Make room and resume the job.' });
    expect(await rowsOf(engine)).toHaveLength(paused.done);
    sqlite.pragma('max_page_count = 1000000');
    await engine.ok('jobs.resume', { id: job.id });
    await engine.jobs.idle();
    expect(await engine.ok('jobs.show', { id: job.id })).toMatchObject({ state: 'done', done: 6_000 });
    expect(await rowsOf(engine)).toHaveLength(6_000);
  });

  it('cancelled on a full disk is taken back by itself when there is room; nobody can pause or cancel that', async () => {
    const { id } = await checked(engine, file(6_000));
    const job = await engine.ok<JobView>('imports.commit', { id });
    while ((await engine.ok<JobView>('jobs.show', { id: job.id })).done === 0) await new Promise((next) => setTimeout(next, 2));
    const { sqlite } = engine.ctx;
    // A deletion that needs room, as on a disk that is full.
    sqlite.exec('create table ballast (x blob); create temp trigger needs_room before delete on profiles begin insert into ballast values (zeroblob(40000000)); end');
    await engine.ok('jobs.cancel', { id: job.id });
    sqlite.pragma(`max_page_count = ${(sqlite.pragma('page_count', { simple: true }) as number) + 2_000}`);
    const rollback = async () => (await engine.ok<{ rows: JobView[] }>('jobs.list')).rows.find((one) => one.kind === 'import.rollback');
    engine.jobs.wake();
    while ((await rollback())?.waitingFor === undefined) await new Promise((next) => setTimeout(next, 5));
    const waits = (await rollback())!;
    expect(waits).toMatchObject({ state: 'running', actions: [], done: 0, waitingFor: 'The disk of the workspace is full; the job goes on by itself when there is room.' });
    for (const command of ['jobs.pause', 'jobs.cancel']) {
      expect(await engine.refused(command, { id: waits.id })).toMatchObject({ code: 'JOB_UNSTOPPABLE', message: '"Take back vendor.csv" cannot be paused or cancelled: half of an import would be left. It ends by itself.' });
    }
    sqlite.pragma('max_page_count = 1000000');
    sqlite.exec('drop trigger needs_room');
    await finished(engine, waits.id);
    expect(await rowsOf(engine)).toEqual([]);
    expect(await engine.ctx.db.selectFrom('imports').select('state').execute()).toEqual([{ state: 'rolled-back' }]);
  });

  it('whose taking back was paused goes on at the next start', async () => {
    const { id } = await checked(engine, file(6_000));
    const job = await engine.ok<JobView>('imports.commit', { id });
    while ((await engine.ok<JobView>('jobs.show', { id: job.id })).done === 0) await new Promise((next) => setTimeout(next, 2));
    const { sqlite } = engine.ctx;
    sqlite.exec(`create trigger as_before after insert on jobs when new.kind = 'import.rollback' begin update jobs set state = 'paused', message = 'The disk is full.' where id = new.id; end`);
    await engine.ok('jobs.cancel', { id: job.id });
    await engine.jobs.idle();
    expect((await rowsOf(engine)).length).toBeGreaterThan(0);
    expect(await recoverImports(engine.ctx)).toEqual([]);
    expect(await engine.jobs.recover()).toBe(1);
    engine.jobs.wake();
    await engine.jobs.idle();
    expect(await rowsOf(engine)).toEqual([]);
    expect((await engine.ok<{ rows: JobView[] }>('jobs.list')).rows.filter((one) => one.kind === 'import.rollback')).toMatchObject([{ state: 'done', message: 'Nothing of the file is in the stock' }]);
  });

  it('at one stroke, on a disk too full to take it back at once, is taken back when there is room', async () => {
    const { sqlite } = engine.ctx;
    const pages = sqlite.pragma('page_count', { simple: true }) as number;
    // A deletion that needs room, as on a disk that is full.
    sqlite.exec('create table ballast (x blob); create temp trigger needs_room before delete on profiles begin insert into ballast values (zeroblob(4000000)); end');
    sqlite.pragma(`max_page_count = ${pages + 700}`);
    expect(await engine.call('stock.importFile', { file: engine.uploads.put(file(6_000)), fileName: 'stock.csv', type: 'Sample' })).toMatchObject({ ok: false });
    const state = async () => (await engine.ctx.db.selectFrom('imports').select('state').executeTakeFirstOrThrow()).state;
    expect(await state()).toBe('running');
    expect((await rowsOf(engine)).length).toBeGreaterThan(0);
    sqlite.pragma('max_page_count = 1000000');
    sqlite.exec('drop trigger needs_room');
    while ((await state()) === 'running') await new Promise((next) => setTimeout(next, 50));
    expect([await state(), await rowsOf(engine)]).toEqual(['rolled-back', []]);
    expect(await engine.ok('stock.importFile', { file: engine.uploads.put(file(6_000)), fileName: 'stock.csv', type: 'Sample' })).toMatchObject({ accepted: 6_000 });
  });

  it('that is half written and has no job any more is taken back after a start', async () => {
    const { id } = await checked(engine, file(6_000));
    const job = await engine.ok<JobView>('imports.commit', { id });
    while ((await engine.ok<JobView>('jobs.show', { id: job.id })).done === 0) await new Promise((next) => setTimeout(next, 2));
    await engine.ok('jobs.cancel', { id: job.id });
    await engine.jobs.idle();
    // As if taking it back had failed too.
    await engine.ctx.db.updateTable('imports').set({ state: 'running' }).where('handle', '=', id).execute();
    await engine.ctx.db.updateTable('jobs').set({ state: 'failed' }).where('kind', '=', 'import.rollback').execute();
    const { type_id: typeId, id: importId } = await engine.ctx.db.selectFrom('imports').select(['type_id', 'id']).where('handle', '=', id).executeTakeFirstOrThrow();
    insertProfiles(engine.ctx.sqlite, [{ iccid: iccid(1), imsi: imsi(1), typeId, templateId: 1, state: startStates.import, createdAt: 1, lastEvent: 'x', importId }]);
    expect(await recoverImports(engine.ctx)).toEqual(['The import of vendor.csv had stopped half way; what it wrote is taken back. Import the file once more.']);
    expect(await recoverImports(engine.ctx)).toEqual([]);
    engine.jobs.wake();
    await engine.jobs.idle();
    expect(await rowsOf(engine)).toEqual([]);
    expect(await engine.ctx.db.selectFrom('imports').select('state').execute()).toEqual([{ state: 'rolled-back' }]);
  });

  it('is taken back as a whole when its numbers came in from elsewhere meanwhile', async () => {
    const { id } = await checked(engine, file(900));
    await engine.ok('profiles.add', { type: 'Sample', iccid: iccid(777), imsi: imsi(70_777) });
    expect(await commit(engine, id)).toMatchObject({ state: 'failed', message: expect.stringMatching(/^CONFLICT: .* came into the stock while the file was in hand/) as string });
    await engine.jobs.idle();
    expect((await rowsOf(engine)).map((one) => one.iccid)).toEqual([iccid(777)]);
    expect(codes(await validate(engine, id))).toEqual(['DUPLICATE_IN_STOCK 1']);
  });
});
