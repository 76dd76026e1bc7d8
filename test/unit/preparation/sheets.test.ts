import { inflateSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import jsQR from 'jsqr';
import { afterEach, describe, expect, it } from 'vitest';
import { code128 } from '../../../src/main/engine/preparation/code128.ts';
import { sheetForms, sheetProblem } from '../../../src/main/engine/preparation/sheets.ts';
import type { JobArtefact } from '../../../src/shared/contract/jobs.ts';
import type { TestEngine } from '../../support/engine.ts';
import { addRange, batchEngine, iccid, run, rowsOf } from './support.ts';

let engine: TestEngine | undefined;
afterEach(() => engine?.close());

/** Content streams of a PDF, page by page. */
function pagesOf(pdf: Buffer): string[] {
  const text = pdf.toString('latin1');
  return [...text.matchAll(/\/FlateDecode\s*>>\s*stream\r?\n/g)].map((match) => {
    const start = match.index + match[0].length;
    return inflateSync(pdf.subarray(start, text.indexOf('endstream', start))).toString('latin1');
  }).filter((content) => content.includes(' re'));
}
const rectangles = (content: string) => [...content.matchAll(/([\d.-]+) ([\d.-]+) ([\d.-]+) ([\d.-]+) re/g)].map(([, x, y, w, h]) => ({ x: Number(x), y: Number(y), w: Number(w), h: Number(h) }));
const shownText = (content: string): string => [...content.matchAll(/\[((?:<[0-9a-f]*>|[\s\d.-])+)\] TJ/g)].map(([, parts]) => [...parts!.matchAll(/<([0-9a-f]*)>/g)].map(([, hex]) => Buffer.from(hex!, 'hex').toString('latin1')).join('')).join('\n');

/** Draws squares of a symbol into pixels and reads it. */
function readQr(content: string, box: { x: number; y: number; width: number; height: number }): string | undefined {
  const inside = rectangles(content).filter((r) => Math.abs(r.w - r.h) < 1e-6 && r.x >= box.x && r.x < box.x + box.width && r.y >= box.y && r.y < box.y + box.height);
  const side = 400;
  const left = Math.min(...inside.map((r) => r.x)) - 4 * inside[0]!.w;
  const top = Math.min(...inside.map((r) => r.y)) - 4 * inside[0]!.w;
  const span = Math.max(...inside.map((r) => r.x + r.w)) + 4 * inside[0]!.w - left;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (const r of inside) {
    for (let y = Math.round(((r.y - top) / span) * side); y < Math.round(((r.y + r.h - top) / span) * side); y++) {
      for (let x = Math.round(((r.x - left) / span) * side); x < Math.round(((r.x + r.w - left) / span) * side); x++) pixels.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
    }
  }
  return jsQR(pixels, side, side)?.data;
}

async function made(e: TestEngine, batch: string, options: object): Promise<JobArtefact> {
  const job = await e.ok<{ id: string }>('outputs.labels', { batch, ...options } as never);
  await e.jobs.idle();
  const done = await e.ok<{ state: string; message?: string; artefacts: JobArtefact[] }>('jobs.show', { id: job.id } as never);
  if (done.state !== 'done') throw new Error(`${done.state} ${done.message}`);
  return done.artefacts[0]!;
}
const octetsOf = (e: TestEngine, file: JobArtefact): Buffer => readFileSync(join(e.folder, 'outputs', `${file.id}-${file.name}`));
const sheets = async (e: TestEngine, batch: string, options: object): Promise<Buffer> => octetsOf(e, await made(e, batch, options));

const mm = (n: number): number => (n * 72) / 25.4;
const cell = (form: (typeof sheetForms)['a4-3x8'], column: number, row: number) => ({ x: mm(form.marginLeft + column * (form.labelWidth + form.gapX)), y: mm(form.marginTop + row * (form.labelHeight + form.gapY)), width: mm(form.labelWidth), height: mm(form.labelHeight) });

describe('label sheets', () => {
  it('have one label a profile, a symbol that reads as its ICCID, and page and batch below', async () => {
    engine = await batchEngine();
    await addRange(engine, 1000, 50);
    const { id } = await run(engine, { count: 30, reference: 'Spring' });
    const pages = pagesOf(await sheets(engine, id, { kind: 'labels', symbol: 'qr' }));
    expect(pages).toHaveLength(2);
    const form = sheetForms['a4-3x8'];
    expect(readQr(pages[0]!, cell(form, 0, 0))).toBe(iccid(1000));
    expect(readQr(pages[0]!, cell(form, 2, 7))).toBe(iccid(1023));
    expect(readQr(pages[1]!, cell(form, 2, 1))).toBe(iccid(1029));
    expect(shownText(pages[1]!)).toMatch(new RegExp(`Spring . ${id} . page 2 of 2 . SHA-256 of the ICCIDs on this page [0-9a-f]{64}`));
    const bars = pagesOf(await sheets(engine, id, { kind: 'labels', sheet: 'a4-2x7' }));
    expect(bars).toHaveLength(3);
    expect(shownText(bars[0]!)).toContain(iccid(1000).replace(/(.{4})(?=.)/g, '$1 '));
  });
  it('are told apart by their names: layout and symbol, and a number where these are the same', async () => {
    engine = await batchEngine();
    await addRange(engine, 1000, 5);
    const { id } = await run(engine, { count: 5, reference: 'Spring' });
    const own = { page: 'a4', columns: 2, rows: 4, labelWidth: 60, labelHeight: 30, marginLeft: 5, marginTop: 5 };
    const names: string[] = [];
    for (const options of [{}, { symbol: 'qr' }, { sheet: 'a4-2x7' }, {}, {}, { sheet: 'own', own }]) {
      const file = await made(engine, id, { kind: 'labels', ...options });
      expect(file).toMatchObject({ rows: 5 });
      expect(file.protection).toBeUndefined();
      names.push(file.name);
    }
    expect(names).toEqual(['Spring-labels-a4-3x8-code128.pdf', 'Spring-labels-a4-3x8-qr.pdf', 'Spring-labels-a4-2x7-code128.pdf', 'Spring-labels-a4-3x8-code128-2.pdf', 'Spring-labels-a4-3x8-code128-3.pdf', 'Spring-labels-a4-2x4-own-code128.pdf']);
  });
  it('refuse measures that do not fit the page, and PUKs', async () => {
    expect(sheetProblem(sheetForms['a4-3x8'])).toBeUndefined();
    expect(sheetProblem(sheetForms['a4-2x7'])).toBeUndefined();
    expect(sheetProblem({ ...sheetForms['a4-2x7'], columns: 3 })).toMatch(/wider than the page/);
    engine = await batchEngine();
    await addRange(engine, 1000, 5);
    const { id } = await run(engine, { count: 5 });
    expect(await engine.refused('outputs.labels', { batch: id, kind: 'labels', sheet: 'own', own: { columns: 9, rows: 1, labelWidth: 60, labelHeight: 30, marginLeft: 0, marginTop: 0 } })).toMatchObject({ code: 'SHEET_INVALID' });
    expect(await engine.refused('outputs.labels', { batch: id, kind: 'vouchers' })).toMatchObject({ code: 'ORDERS_MISSING' });
    expect(await engine.refused('outputs.labels', { batch: id, kind: 'labels', puk: true })).toMatchObject({ code: 'LAB_ONLY' });
    expect(await engine.refused('outputs.labels', { batch: 'bat_0', kind: 'labels' })).toMatchObject({ code: 'BATCH_UNKNOWN' });
  });
});

describe('vouchers', () => {
  it('carry the activation code of the order as a QR code and as text, and say when a confirmation code is asked for', async () => {
    engine = await batchEngine();
    await addRange(engine, 1000, 5);
    const { id } = await run(engine, { count: 4 });
    expect(await engine.ok('outputs.codes', { batch: id })).toEqual({ withCode: 0, profiles: 4 });
    const [first, over, third] = await rowsOf(engine);
    for (const [row, matchingId, confirmation] of [[first!, 'AAAAA-BBBBB-CCCCC-DDDDD', null], [third!, 'EEEEE-FFFFF-GGGGG-HHHHH', Buffer.from('x')]] as const) {
      await engine.ctx.db.insertInto('orders').values({ id: `ord_${row.id}`, profile_id: row.id, type_id: row.type_id, matching_id: matchingId, smdp_address: 'smdp.test.example', confirmation, confirmation_limit: 3, download_limit: 3, created_at: 0 } as never).execute();
      await engine.ctx.db.updateTable('profiles').set({ order_id: `ord_${row.id}` }).where('id', '=', row.id).execute();
    }
    // An order that has ended has a code that serves nobody.
    await engine.ctx.db.insertInto('orders').values({ id: 'ord_over', profile_id: over!.id, type_id: over!.type_id, matching_id: 'ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ', smdp_address: 'smdp.test.example', confirmation_limit: 3, download_limit: 3, created_at: 0, closed_at: 1 } as never).execute();
    await engine.ctx.db.updateTable('profiles').set({ order_id: 'ord_over' }).where('id', '=', over!.id).execute();
    expect(await engine.ok('outputs.codes', { batch: id })).toEqual({ withCode: 2, profiles: 4 });
    const file = await made(engine, id, { kind: 'vouchers', sheet: 'a4-2x7' });
    expect(file).toMatchObject({ rows: 2, protection: expect.stringMatching(/^Activation codes/) as string });
    const [page, ...more] = pagesOf(octetsOf(engine, file));
    expect(more).toEqual([]);
    const form = sheetForms['a4-2x7'];
    expect(readQr(page!, cell(form, 0, 0))).toBe('LPA:1$smdp.test.example$AAAAA-BBBBB-CCCCC-DDDDD');
    expect(readQr(page!, cell(form, 1, 0))).toBe('LPA:1$smdp.test.example$EEEEE-FFFFF-GGGGG-HHHHH$$1');
    expect(shownText(page!).match(/asks for a confirmation code/g)).toHaveLength(1);
    expect(shownText(page!)).toContain(first!.iccid);
  });
});

describe('Code 128', () => {
  it('has start, check symbol and stop: known symbols, and widths that add up', () => {
    // "AB12": start B, A (33), B (34), 1 (17), 2 (18): 104 + 33 + 68 + 51 + 72 = 328, modulo 103 = 19.
    expect(code128('AB12').join('')).toBe('211214111323131123123221223211' + '221132' + '2331112');
    // Digits in pairs: start C, 12, 34: 105 + 12 + 68 = 185, modulo 103 = 82.
    expect(code128('1234').join('')).toBe('211232112232131123' + '121241' + '2331112');
    for (const text of ['8988211000000000003', '89882110000000000036', 'A']) expect(code128(text).reduce((sum, one) => sum + one, 0) % 11).toBe(2);
    expect(() => code128('é')).toThrow(RangeError);
  });
});
