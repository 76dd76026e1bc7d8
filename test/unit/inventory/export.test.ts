import { createHash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csvCell } from '../../../src/main/engine/profiles/export.ts';
import { profileColumns } from '../../../src/shared/contract/profile-filter.ts';
import type { TestEngine } from '../../support/engine.ts';
import { fill, inventoryEngine, matches, type Known } from './support.ts';

let engine: TestEngine;
let stock: Known[];
beforeAll(async () => {
  engine = await inventoryEngine();
  stock = await fill(engine, 150, 17);
});
afterAll(() => engine.close());

async function exported(input: object): Promise<{ text: string; name: string; scope: string; about?: number }> {
  const offer = await engine.ok<{ file: string; name: string; scope: string; about?: number }>('profiles.export', input);
  const pieces: Uint8Array[] = [];
  for await (const piece of engine.files.take(offer.file)!.open()) pieces.push(piece);
  return { ...offer, text: Buffer.concat(pieces).toString('utf8') };
}

describe('an export', () => {
  it('has every row of the selection once, in the columns asked for, and is recorded with its digest', async () => {
    const filter = { stock: ['held', 'sold'] };
    const { text, scope, about, name } = await exported({ selection: { filter }, columns: ['iccid', 'imsi', 'stock', 'labels'], sort: [{ by: 'iccid' }] });
    const rows = parse(text, { columns: true }) as Record<string, string>[];
    const expected = stock.filter((p) => matches(p, filter as never)).sort((a, b) => (a.iccid < b.iccid ? -1 : 1));
    expect(rows.map((row) => row['iccid'])).toEqual(expected.map((p) => p.iccid));
    expect(rows.map((row) => row['labels'])).toEqual(expected.map((p) => [...p.labels].sort().join('; ')));
    expect(about).toBe(expected.length);
    const log = await engine.ctx.reader.selectFrom('audit').select(['event', 'record']).where('event', 'like', 'profiles.export%').orderBy('seq').execute();
    expect(log.map((row) => row.event)).toEqual(['profiles.exported', 'profiles.export_ended']);
    expect((JSON.parse(log[0]!.record) as { fields: object }).fields).toEqual({ scope, columns: ['iccid', 'imsi', 'stock', 'labels'], format: 'csv', name });
    expect((JSON.parse(log[1]!.record) as { fields: object }).fields).toMatchObject({ rows: expected.length, sha256: createHash('sha256').update(text).digest('hex') });
  });

  it('of picked profiles, as JSON lines, without what was left out', async () => {
    const iccids = stock.slice(0, 3).map((p) => p.iccid);
    const { text } = await exported({ selection: { iccids }, columns: [...profileColumns], format: 'jsonl' });
    expect(text.trim().split('\n').map((line) => (JSON.parse(line) as { iccid: string }).iccid)).toEqual(iccids);
    const all = await exported({ selection: { filter: {}, except: iccids }, columns: ['iccid'], format: 'jsonl' });
    expect(all.text.trim().split('\n')).toHaveLength(147);
  });

  it('that is not fetched whole says so in the log', async () => {
    const offer = await engine.ok<{ file: string }>('profiles.export', { selection: { filter: {} }, columns: ['iccid'] });
    for await (const _piece of engine.files.take(offer.file)!.open()) break;
    const last = await engine.ctx.reader.selectFrom('audit').select(['outcome', 'record']).where('event', '=', 'profiles.export_ended').orderBy('seq', 'desc').limit(1).executeTakeFirstOrThrow();
    expect(last.outcome).toBe('refused');
    expect(last.record).toContain('NOT_FETCHED_WHOLE');
  });

  it('runs nothing in a spreadsheet and keeps long numbers', () => {
    for (const text of ['=1+1', '+1', '-1', '@x', '\tx', '\rx']) expect(csvCell(text, false).replaceAll('"', '').startsWith("'")).toBe(true);
    expect(csvCell('a "b", c', false)).toBe('"a ""b"", c"');
    expect(csvCell('8988211000000000001', true)).toBe('"=""8988211000000000001"""');
    expect(csvCell('8988211000000000001', false)).toBe('8988211000000000001');
    expect([csvCell(undefined, false), csvCell(3, false), csvCell(['x', 'y'], false)]).toEqual(['', '3', '"x; y"']);
  });
});
