/** Rule V29 where profiles come from: an IMSI of another network than its type is found before it is in the stock. */
import { afterEach, describe, expect, it } from 'vitest';
import type { ImportRow, ImportView } from '../../../src/shared/contract/imports.ts';
import { buildSampleTemplate } from '../../../src/main/saip/index.ts';
import type { TestEngine } from '../../support/engine.ts';
import { checked, codes, commit, csv, fixFile, iccid, importEngine, imsi, rowsOf, validate } from './support.ts';

let engine: TestEngine;
afterEach(() => engine.close());

const foreign = (n: number, plmn = '26242'): string => `${plmn}${String(n).padStart(15 - plmn.length, '0')}`;
const lines = [`${iccid(1)},${imsi(1)}`, `${iccid(2)},${foreign(2)}`, `${iccid(3)},${foreign(3)}`];
const file = (rows = lines): Buffer => csv(['iccid,imsi', ...rows]);

const gid1 = 'A1A1A1A1A1A1A1A1';

async function withOwner(environment: 'lab' | 'test', mccMnc: string | undefined, mncLength: 2 | 3 = 2): Promise<void> {
  engine = await importEngine({ environment });
  const { template } = await engine.ok<{ template: { id: string } }>('types.importTemplate', { file: engine.uploads.put(buildSampleTemplate({ mncLength })), name: `mnc-${mncLength}` });
  await engine.ok('types.editTemplate', { id: template.id, edits: [{ kind: 'group-identifier', level: 1, value: gid1 }] });
  await engine.ok('types.create', { name: 'Owned', template: `mnc-${mncLength}`, ...(mccMnc === undefined ? {} : { owner: { mccMnc, gid1 } }) });
}

describe('IMSIs of another network than the owner of the type', () => {
  it('are errors outside a Lab, in one group that names both networks, with place and what is expected', async () => {
    await withOwner('test', '00101');
    const view = await checked(engine, file(), { type: 'Owned' });
    expect([view.counts, codes(view)]).toMatchObject([{ good: 1, bad: 2 }, ['IMSI_NETWORK 2']]);
    expect(view.groups[0]).toMatchObject({
      severity: 'blocker', column: 'imsi', field: 'imsi', title: '2 IMSIs are of network 262-42, the profile type Owned is of 001-01', expected: 'IMSIs of network 001-01: they begin with 00101',
      hint: expect.stringContaining('Choose a profile type of that network, or leave the rows out.') as string, repairs: [{ kind: 'leave-out' }],
    });
    expect(view.groups[0]!.samples[0]).toMatchObject({ line: 3, found: foreign(2), message: 'The IMSI is of network 262-42; the profile type Owned is of 001-01.' });
    const { rows } = await engine.ok<{ rows: ImportRow[] }>('imports.rows', { id: view.id, state: 'bad' });
    expect(rows[0]!.problems).toMatchObject([{ code: 'IMSI_NETWORK', column: 1, severity: 'blocker' }]);
    expect((await fixFile(engine, view.id)).toString()).toContain(`${lines[1]},"imsi: The IMSI is of network 262-42; the profile type Owned is of 001-01."`);
    expect(await engine.refused('imports.commit', { id: view.id })).toMatchObject({ code: 'ROWS_INVALID' });
    expect(await commit(engine, view.id, { leaveOutBad: true })).toMatchObject({ done: 1 });
    expect((await rowsOf(engine)).map((one) => one.imsi)).toEqual([imsi(1)]);
  });

  it('names some networks where there are several, and a type without an owner takes all', async () => {
    await withOwner('test', '00101');
    const view = await checked(engine, file([...lines, `${iccid(4)},${foreign(4, '23415')}`]), { type: 'Owned' });
    expect(view.groups.map((one) => one.title)).toEqual(['3 IMSIs are of network 262-42, 234-15, the profile type Owned is of 001-01']);
    await engine.ok('types.create', { name: 'Nobody', template: 'mnc-2' });
    await engine.ok('imports.map', { id: view.id, type: 'Nobody' });
    expect(await validate(engine, view.id)).toMatchObject({ counts: { good: 4, bad: 0 }, groups: [] });
  });

  it('are a warning in a Lab and are taken, with their secrets', async () => {
    await withOwner('lab', '00101');
    const view = await checked(engine, csv(['iccid,imsi,ki,opc', `${iccid(1)},${foreign(1)},${'A5'.repeat(15)}01,${'B5'.repeat(15)}01`]), { type: 'Owned' });
    expect([view.counts, codes(view), view.groups[0]!.severity]).toMatchObject([{ good: 1, bad: 0, warned: 1 }, ['IMSI_NETWORK 1'], 'warning']);
    expect(view.groups[0]!.title).toBe('1 IMSI is of network 262-42, the profile type Owned is of 001-01');
    await commit(engine, view.id);
    expect((await rowsOf(engine))[0]).toMatchObject({ imsi: foreign(1), subscriber: expect.anything() as unknown });
  });

  it('are refused in a file imported at one stroke and as a single profile', async () => {
    await withOwner('test', '00101');
    expect(await engine.ok('stock.importFile', { file: engine.uploads.put(file()), type: 'Owned', dryRun: true })).toMatchObject({ accepted: 1, rejected: 2, errors: [{ row: 3, column: 'imsi', code: 'IMSI_NETWORK', found: foreign(2) }, { row: 4 }] });
    expect(await engine.refused('profiles.add', { type: 'Owned', iccid: iccid(9), imsi: foreign(9) })).toMatchObject({ code: 'IMSI_NETWORK', field: 'imsi', message: 'The IMSI is of network 262-42; the profile type Owned is of 001-01.' });
    await engine.ok('profiles.add', { type: 'Owned', iccid: iccid(9), imsi: imsi(9) });
  });
});

describe('the length of the MNC by EF.AD of the template', () => {
  it('is the owner\'s: types that disagree are refused outside a Lab', async () => {
    await withOwner('test', '001001', 3);
    expect(await engine.refused('types.create', { name: 'Short', template: 'mnc-3', owner: { mccMnc: '00101', gid1 } })).toMatchObject({ code: 'OWNER_MISMATCH', message: 'The owner\'s network 001-01 has an MNC of 2 digits; EF.AD of the template says 3.' });
    expect(await engine.refused('types.change', { name: 'Owned', owner: { mccMnc: '00101', gid1 } })).toMatchObject({ code: 'OWNER_MISMATCH' });
  });

  it('is said of a type that was made before it was asked: an import for it stops', async () => {
    await withOwner('test', '001001', 3);
    await engine.ctx.db.updateTable('profile_types').set({ owner: JSON.stringify({ mccMnc: '00101' }) }).where('name', '=', 'Owned').execute();
    const view = await checked(engine, file([lines[0]!]), { type: 'Owned' });
    expect(view.groups).toMatchObject([{ code: 'MNC_LENGTH', severity: 'blocker', title: 'The profile type Owned is of network 001-01, an MNC of 2 digits, and EF.AD of its template says 3.' }]);
    expect(await engine.refused('imports.commit', { id: view.id })).toMatchObject({ code: 'ROWS_INVALID' });
  });

  it('is asked of an MNC in a column of its own, and brings lost zeros back', async () => {
    await withOwner('test', '001001', 3);
    const view = await checked(engine, csv(['iccid,mcc,mnc,msin', `${iccid(1)},1,1,000000001`, `${iccid(2)},001,001,000000002`, `${iccid(3)},001,00,1000000003`]), { type: 'Owned' });
    expect([view.counts, codes(view)]).toMatchObject([{ good: 2, bad: 1 }, ['MNC_LENGTH 1']]);
    expect(view.groups[0]!.samples[0]).toMatchObject({ line: 4, message: 'The MNC has 2 digits; the template of the profile type Owned says 3.' });
    await commit(engine, view.id, { leaveOutBad: true });
    expect((await rowsOf(engine)).map((one) => one.imsi)).toEqual(['001001000000001', '001001000000002']);
  });

  it('is a warning in a Lab', async () => {
    await withOwner('lab', '00101', 3);
    const view: ImportView = await checked(engine, csv(['iccid,mcc,mnc,msin', `${iccid(1)},001,01,0000000001`]), { type: 'Owned' });
    expect([view.counts, view.groups.map((one) => `${one.code} ${one.severity}`)]).toMatchObject([{ good: 1, bad: 0 }, ['MNC_LENGTH warning', 'MNC_LENGTH warning']]);
    expect(await commit(engine, view.id)).toMatchObject({ done: 1 });
  });
});
