import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recognise } from '../../../src/shared/identifiers/index.ts';
import { procedures as workspace } from '../../../src/main/engine/workspace/procedures.ts';
import { procedures as jobs } from '../../../src/main/engine/jobs/procedures.ts';
import { jobKinds, procedures as profiles } from '../../../src/main/engine/profiles/index.ts';
import { openTestEngine, type TestEngine } from '../../support/engine.ts';
import { fill, iccidOf, type Known } from './support.ts';

let engine: TestEngine;
let stock: Known[];
beforeAll(async () => {
  engine = await openTestEngine({ procedures: [...profiles(), ...jobs(), ...workspace()], jobKinds: [...jobKinds] });
  stock = await fill(engine, 150, 99);
});
afterAll(() => engine.close());

interface Hits { recognised?: string; hits: { kind: string; id: string; title: string; subtitle: string; href: string }[] }
const search = (text: string) => engine.ok<Hits>('workspace.search', { text });
const swapped = (iccid: string) => iccid.padEnd(20, 'F').replace(/(.)(.)/g, '$2$1');

describe('what a text is', () => {
  it.each([
    [swapped(iccidOf(1)), 'iccid'], ['B-12', 'batch'], ['i-7', 'import'], ['job_0123456789abcdef0123', 'job-id'],
    [iccidOf(1).slice(0, 18) + String((Number(iccidOf(1)[18]) + 1) % 10), 'iccid-mistyped'], ['98', 'digits'], ['9888211000000000000A', 'transaction-id'],
  ])('%s is read as %s', (text, kind) => {
    expect(recognise(text).kind).toBe(kind);
  });
});

describe('search', () => {
  it('finds a profile by its ICCID as it lies in the file of the card, and without check digit', async () => {
    const { iccid } = stock[10]!;
    for (const text of [swapped(iccid), swapped(iccid).toLowerCase(), iccid.slice(0, 18), `${iccid.slice(0, 4)} ${iccid.slice(4, 8)}-${iccid.slice(8)}F`]) {
      expect((await search(text)).hits, text).toEqual([expect.objectContaining({ kind: 'profile', id: iccid })]);
    }
  });

  it('offers what is near when a digit was mistyped', async () => {
    const { iccid } = stock[20]!;
    const wrongCheck = iccid.slice(0, 18) + String((Number(iccid[18]) + 4) % 10);
    const turned = iccid.slice(0, 16) + iccid[17]! + iccid[16]! + iccid[18]!;
    expect(await search(wrongCheck)).toMatchObject({ recognised: 'ICCID with a wrong check digit', hits: expect.arrayContaining([expect.objectContaining({ id: iccid, subtitle: expect.stringContaining('Near') })]) });
    expect((await search(wrongCheck)).hits[0]!.id).toBe(iccid);
    if (turned !== iccid) expect((await search(turned)).hits.map((hit) => hit.id)).toContain(iccid);
  });

  it('finds batches, imports, brands, labels and jobs, each where its profiles are', async () => {
    expect((await search('B-1')).hits).toEqual([expect.objectContaining({ kind: 'batch', href: '/inventory?where=batch%3Ais%3AB-1' })]);
    expect((await search('I-2')).hits).toEqual([expect.objectContaining({ kind: 'import', href: '/inventory?where=import%3Ais%3AI-2' })]);
    expect((await search('f.csv')).hits.map((hit) => hit.kind)).toEqual(['import', 'import']);
    expect((await search('Blue')).hits).toContainEqual(expect.objectContaining({ kind: 'brand', href: '/brands/Blue' }));
    expect((await search('hot')).hits).toContainEqual(expect.objectContaining({ kind: 'label', href: '/inventory?where=label%3Ais%3Ahot' }));
    const { token } = await engine.ok<{ token: string }>('bulk.preview', { selection: { filter: {} }, action: { do: 'note', text: 'hello' } });
    const { id } = await engine.ok<{ id: string }>('bulk.start', { token });
    await engine.jobs.idle();
    for (const text of [id, id.slice(0, 12)]) expect((await search(text)).hits).toEqual([expect.objectContaining({ kind: 'job', id, href: `/jobs/${id}` })]);
  });

  it('finds a preparation by the reference it was given', async () => {
    await engine.ctx.db.insertInto('preparations').values({
      id: 'prep_1', reference: 'Summer 2026', draft: 0, type_id: 1, template_id: 1, count: 10, source: 'stock', batch_id: 1, actor: 'x', created_at: 1,
    } as never).execute();
    expect((await search('Summer')).hits).toContainEqual(expect.objectContaining({ kind: 'batch', title: 'Summer 2026', href: '/preparation/prep_1' }));
    const rows = await engine.ok<{ rows: { batch: string }[]; total: number }>('profiles.list', { filter: { text: 'Summer 2026' } });
    expect(rows.total).toBe(stock.filter((p) => p.batch === 'B-1').length);
    expect(rows.rows.every((row) => row.batch === 'Summer 2026')).toBe(true);
  });
});
