import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recoverImports } from '../../../src/main/engine/imports/index.ts';
import { importStock } from '../../../src/main/engine/imports/import.ts';
import { VaultError } from '../../../src/main/vault-link/operations.ts';
import { readRows, writeAnswers } from '../../../src/main/vault-link/import-rows.ts';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestEngine } from '../../support/engine.ts';
import { fakeVault } from '../../support/engine.ts';
import { csv, header, iccid, importCsv, imsi, key, row, rowsOf, stockEngine } from '../stock/support.ts';

let engine: TestEngine;
beforeEach(async () => {
  engine = await stockEngine();
});
afterEach(() => engine.close());

const many = (count: number, from = 1) => csv([header, ...Array.from({ length: count }, (_, index) => row(from + index))]);

describe('a stock file', () => {
  it('becomes imported profiles, sealed, in one import', async () => {
    const answer = await importCsv<{ fileSha256: string }>(engine, many(3));
    expect(answer).toMatchObject({ accepted: 3, rejected: 0, errors: [] });
    const rows = await rowsOf(engine);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatchObject({
      iccid: iccid(1), iccid_rev: [...iccid(1)].reverse().join(''), imsi: imsi(1), order_state: 'available', stock_state: 'imported', slots: null, last_event: 'Imported from stock.csv',
    });
    expect(rows[0]!.subscriber).not.toBeNull();
    expect(rows[0]!.key_fingerprint).not.toBeNull();
    expect(await engine.ctx.reader.selectFrom('imports').selectAll().execute()).toMatchObject([{ state: 'done', accepted: 3 }]);
    const audit = await engine.ctx.reader.selectFrom('audit').selectAll().where('event', '=', 'stock.imported').execute();
    expect(JSON.parse(audit[0]!.record)).toMatchObject({ fields: { accepted: 3, fileSha256: answer.fileSha256 } });
    expect(await engine.ok('profiles.show', { id: iccid(1) })).toMatchObject({ secrets: expect.arrayContaining([{ name: 'subscriber record', state: 'sealed' }]) as unknown });
  });

  it('reads aliases, order of columns, BOM, CRLF, semicolons and quotes', async () => {
    const file = Buffer.concat([
      Buffer.from('efbbbf', 'hex'), Buffer.from(`colour;IMSI;"Ser_nb";Ki;PUK;ADM;MSISDN\r\nred;${imsi(7)};"${iccid(7)}";${key(7)};12345678;0123456789ABCDEF;+999 123456\r\n\r\n`),
    ]);
    expect(await importCsv(engine, file)).toMatchObject({ accepted: 1 });
    expect((await rowsOf(engine))[0]).toMatchObject({ iccid: iccid(7), imsi: imsi(7), msisdn: '999123456', msisdn_rev: '654321999' });
  });

  it('gives the vault octets, and nothing of a secret is left anywhere else', async () => {
    let seen = 0;
    let packed: Uint8Array | undefined;
    const vault = fakeVault({ sealImport: ({ rows, count }) => {
      packed = rows as Uint8Array;
      const read = readRows(packed, count);
      for (const { iccid, values } of read) {
        const k = values.find((one) => one.name === 'k')!;
        expect(Buffer.from(k.octets).toString('hex').toUpperCase()).toBe(key(Number(iccid.slice(7, 18))));
      }
      seen += count;
      return { answers: writeAnswers(read.map(({ iccid }) => ({ problems: [], fingerprint: undefined, sealed: Buffer.from(`sealed ${iccid}`) }))) };
    } });
    const own = await stockEngine({ vault });
    const bytes = many(5);
    const copy = Uint8Array.from(bytes);
    await importStock(own.ctx, copy, { fileName: 'x.csv', type: 'Sample', dryRun: false }, { actor: 'test' });
    expect(copy.every((octet) => octet === 0)).toBe(true);
    expect(seen).toBe(5);
    expect(packed!.every((octet) => octet === 0)).toBe(true);
    expect(readdirSync(join(own.folder, 'imports'))).toEqual([]);
    await own.close();
  });

  it('in a dry run reports and writes nothing', async () => {
    const answer = await importCsv(engine, csv([header, row(1), `${iccid(2)},${imsi(2)},${key(2).slice(2)},${key(2)}`]), { dryRun: true });
    expect(answer).toMatchObject({ accepted: 1, rejected: 1, errors: [{ row: 3, column: 'k', code: 'HEX_LENGTH' }] });
    expect(await rowsOf(engine)).toHaveLength(0);
    expect(await engine.ctx.reader.selectFrom('imports').selectAll().execute()).toHaveLength(0);
  });

  it.each([
    ['a spreadsheet number', `8.98E+18,${imsi(2)},${key(2)},`, 'iccid', 'SPREADSHEET_NUMBER'],
    ['a wrong check digit', `${iccid(2).slice(0, 18)}${(Number(iccid(2)[18]) + 1) % 10},${imsi(2)},${key(2)},`, 'iccid', 'ICCID_INVALID'],
    ['an IMSI that is none', `${iccid(2)},1234,${key(2)},`, 'imsi', 'IMSI_INVALID'],
    ['an ICCID twice', `${iccid(1)},${imsi(2)},${key(2)},`, 'iccid', 'DUPLICATE_IN_FILE'],
    ['an IMSI twice', `${iccid(2)},${imsi(1)},${key(2)},`, 'imsi', 'DUPLICATE_IN_FILE'],
    ['a K twice', `${iccid(2)},${imsi(2)},${key(1)},`, 'k', 'KEY_REUSED'],
    ['an ICCID of the stock', `${iccid(90)},${imsi(2)},${key(2)},`, 'iccid', 'DUPLICATE_IN_STOCK'],
    ['an IMSI of the stock', `${iccid(2)},${imsi(90)},${key(2)},`, 'imsi', 'DUPLICATE_IN_STOCK'],
    ['a K of the stock', `${iccid(2)},${imsi(2)},${key(90)},`, 'k', 'KEY_REUSED'],
    ['a short K', `${iccid(2)},${imsi(2)},AABB,`, 'k', 'HEX_LENGTH'],
    ['an OPc without K', `${iccid(2)},${imsi(2)},,${key(2)}`, 'opc', 'KEY_MISSING'],
    ['too few values', `${iccid(2)},${imsi(2)}`, '', 'CELL_COUNT'],
    ['a number of a range', `${iccid(505)},${imsi(2)},${key(2)},`, 'iccid', 'NUMBER_IN_RANGE'],
  ])('with %s is refused as a whole, with row, column and code', async (_what, line, column, code) => {
    await importCsv(engine, csv([header, row(90)]));
    await engine.ok('stock.createRange', { type: 'Sample', iccidFirst: iccid(500), imsiFirst: imsi(500), count: 10 });
    const file = csv([header, row(1), line, row(3)]);
    expect(await importCsv(engine, Buffer.from(file), { dryRun: true })).toMatchObject({ accepted: 2, rejected: 1, errors: [{ row: 3, column, code }] });
    const refusal = await engine.refused('stock.importFile', { file: engine.uploads.put(file), type: 'Sample' });
    expect(refusal).toMatchObject({ code: 'ROWS_INVALID', message: expect.stringContaining(`row 3`) as string });
    expect(refusal.message).toContain(code);
    expect(refusal.message).not.toContain(key(2));
    expect(await rowsOf(engine)).toHaveLength(1);
  });

  it('is refused a second time, also in a dry run', async () => {
    await importCsv(engine, many(2));
    expect(await engine.refused('stock.importFile', { file: engine.uploads.put(many(2)), type: 'Sample' })).toMatchObject({ code: 'FILE_ALREADY_IMPORTED' });
    expect(await engine.refused('stock.importFile', { file: engine.uploads.put(many(2)), type: 'Sample', dryRun: true })).toMatchObject({ code: 'FILE_ALREADY_IMPORTED' });
    expect(await rowsOf(engine)).toHaveLength(2);
  });

  it.each([
    ['', 'FILE_EMPTY'], [`${header}\n`, 'FILE_EMPTY'], [`iccid,k\n${iccid(1)},AA`, 'COLUMN_MISSING'], [`${header}\n"${iccid(1)}`, 'FILE_MALFORMED'],
  ])('%j is refused with %s', async (text, code) => {
    expect(await engine.refused('stock.importFile', { file: engine.uploads.put(Buffer.from(text)), type: 'Sample' })).toMatchObject({ code });
  });

  it('for an unknown type is refused', async () => {
    expect(await engine.refused('stock.importFile', { file: engine.uploads.put(many(1)), type: 'Nope' })).toMatchObject({ code: 'TYPE_UNKNOWN' });
  });

  it('whose import a crash cut off is taken back at the start, and can come again', async () => {
    await importCsv(engine, many(2, 50));
    // All rows written, but the transaction that makes them count never came.
    const outcome = await importStock(engine.ctx, Uint8Array.from(many(4_500)), { fileName: 'big.csv', type: 'Sample', dryRun: false }, { actor: 'test' }).catch((error: unknown) => error);
    expect(outcome).toMatchObject({ code: 'ROWS_INVALID' });
    const cut = await importStock(engine.ctx, Uint8Array.from(many(4_500, 100)), { fileName: 'big.csv', type: 'Sample', dryRun: false }, { actor: 'test' });
    expect(cut).toMatchObject({ accepted: 4_500 });
    expect(await rowsOf(engine)).toHaveLength(4_502);
    // Until then nobody prepares them.
    expect(await engine.refused('stock.prepare', { type: 'Sample', count: 10 })).toMatchObject({ code: 'STOCK_SHORT' });
    engine = await engine.reopen();
    expect(await recoverImports(engine.ctx)).toEqual(['The import of big.csv was interrupted; its 4500 profiles were removed again. Import the file once more.']);
    expect(await rowsOf(engine)).toHaveLength(2);
    expect(await recoverImports(engine.ctx)).toEqual([]);
    expect(await importCsv(engine, many(4_500, 100))).toMatchObject({ accepted: 4_500 });
  });

  it('leaves nothing behind when the vault goes away in the middle', async () => {
    let calls = 0;
    const own = await stockEngine({ vault: { sealImport: ({ rows, count }) => {
      if (++calls > 1) throw new VaultError('VAULT_UNAVAILABLE', 'gone');
      return { answers: writeAnswers(readRows(rows as Uint8Array, count).map(() => ({ problems: [], fingerprint: undefined, sealed: Buffer.from('x') }))) };
    } } });
    expect(await own.refused('stock.importFile', { file: own.uploads.put(many(1_500)), type: 'Sample' })).toMatchObject({ code: 'VAULT_UNAVAILABLE' });
    expect(await rowsOf(own)).toHaveLength(0);
    expect(await own.ctx.reader.selectFrom('imports').selectAll().execute()).toHaveLength(0);
    await own.close();
  });
});

describe('one profile', () => {
  const add = (extra: object = {}) => ({ type: 'Sample', iccid: iccid(1), imsi: imsi(1), ...extra });

  it('is added with or without secrets', async () => {
    expect(await engine.ok('profiles.add', add({ iccid: iccid(1).slice(0, 18) }))).toEqual({ iccid: iccid(1), state: { order: 'available', network: 'absent', stock: 'imported', device: 'unknown' } });
    const secrets = engine.uploads.put(Buffer.from(`# test only\nki = ${key(2)}\r\nopc=${key(3)}\npin1=1234\n`));
    await engine.ok('profiles.add', add({ iccid: iccid(2), imsi: imsi(2), msisdn: '+999123', secrets }));
    const rows = await rowsOf(engine);
    expect(rows.map((one) => [one.subscriber !== null, one.key_fingerprint !== null, one.msisdn])).toEqual([[false, false, null], [true, true, '999123']]);
    const csvSecrets = engine.uploads.put(csv(['ki,opc', `${key(4)},${key(5)}`]));
    await engine.ok('profiles.add', add({ iccid: iccid(3), imsi: imsi(3), secrets: csvSecrets }));
    const audit = await engine.ctx.reader.selectFrom('audit').selectAll().where('event', '=', 'profile.added').execute();
    expect(audit).toHaveLength(3);
    expect(audit[0]!.record).not.toContain(imsi(1));
  });

  it.each([
    ['a bad ICCID', { iccid: '123' }, 'ICCID_INVALID'], ['a bad IMSI', { imsi: '12' }, 'IMSI_INVALID'], ['an unknown type', { type: 'Nope' }, 'TYPE_UNKNOWN'],
    ['an ICCID in use', { imsi: imsi(9), iccid: iccid(80) }, 'ICCID_EXISTS'], ['an IMSI in use', { imsi: imsi(80) }, 'IMSI_EXISTS'], ['a number of a range', { iccid: iccid(502) }, 'ICCID_EXISTS'],
  ])('with %s is refused', async (_what, extra, code) => {
    await importCsv(engine, csv([header, row(80)]));
    await engine.ok('stock.createRange', { type: 'Sample', iccidFirst: iccid(500), imsiFirst: imsi(500), count: 10 });
    expect(await engine.refused('profiles.add', add(extra))).toMatchObject({ code });
    expect(await rowsOf(engine)).toHaveLength(1);
  });

  it.each([
    ['a K in use', `ki=${key(80)}`, 'KEY_REUSED'], ['a short K', 'ki=AA', 'SECRETS_INVALID'], ['an unknown name', 'colour=red', 'SECRETS_INVALID'], ['nothing', '\n', 'SECRETS_INVALID'],
    ['a name twice', `ki=${key(1)}\nk=${key(2)}`, 'SECRETS_INVALID'], ['two rows', `ki,opc\n${key(1)},\n${key(2)},`, 'SECRETS_INVALID'], ['OPc alone', `opc=${key(1)}`, 'SECRETS_INVALID'],
  ])('with a secrets file of %s is refused', async (_what, text, code) => {
    await importCsv(engine, csv([header, row(80)]));
    const refusal = await engine.refused('profiles.add', add({ secrets: engine.uploads.put(Buffer.from(text)) }));
    expect(refusal).toMatchObject({ code });
    expect(JSON.stringify(refusal)).not.toContain(key(1));
  });
});

describe('ranges', () => {
  const range = (extra: object = {}) => ({ type: 'Sample', iccidFirst: iccid(100).slice(0, 18), imsiFirst: imsi(100), count: 10, ...extra });

  it('answer first and last numbers and are listed', async () => {
    expect(await engine.ok('stock.createRange', range({ msisdnFirst: '+999000000' }))).toMatchObject({ iccidFirst: iccid(100), iccidLast: iccid(109), imsiFirst: imsi(100), imsiLast: imsi(109) });
    expect(await engine.ok('stock.ranges')).toMatchObject({ rows: [{ type: 'Sample', iccidFirst: iccid(100), count: 10, used: 0, msisdnFirst: '999000000' }] });
  });

  it.each([
    ['ICCIDs of another range', { imsiFirst: imsi(5000), iccidFirst: iccid(109).slice(0, 18) }, 'RANGE_OVERLAPS'],
    ['IMSIs of another range', { imsiFirst: imsi(91), iccidFirst: iccid(5000).slice(0, 18) }, 'RANGE_OVERLAPS'],
    ['an ICCID of the stock', { imsiFirst: imsi(5000), iccidFirst: iccid(795).slice(0, 18) }, 'RANGE_OVERLAPS'],
    ['an IMSI of the stock', { imsiFirst: imsi(795), iccidFirst: iccid(5000).slice(0, 18) }, 'RANGE_OVERLAPS'],
    ['a wrong check digit', { iccidFirst: `${iccid(300).slice(0, 18)}${(Number(iccid(300)[18]) + 1) % 10}`, imsiFirst: imsi(300) }, 'RANGE_INVALID'],
    ['no room', { iccidFirst: '899999999999999995', imsiFirst: imsi(300) }, 'RANGE_INVALID'],
    ['an unknown type', { type: 'Nope' }, 'TYPE_UNKNOWN'],
  ])('with %s are refused', async (_what, extra, code) => {
    await importCsv(engine, csv([header, row(800)]));
    await engine.ok('stock.createRange', range());
    expect(await engine.refused('stock.createRange', range(extra))).toMatchObject({ code });
    expect((await engine.ok<{ rows: unknown[] }>('stock.ranges')).rows).toHaveLength(1);
  });
});
