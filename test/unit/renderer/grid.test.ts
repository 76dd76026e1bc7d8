import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { canMove, columnsText, defaultLayout, moveColumn, placeColumn, pressSort, readColumns, readSort, reversed, shownColumns, sortText, toggleHidden, togglePinned, withWidth, type GridLayout } from '../../../src/renderer/design/grid-layout.ts';
import { sourceOfRows } from '../../../src/renderer/design/grid-source.ts';
import { mostRows, rowsInSight, scrollFor } from '../../../src/renderer/design/grid-window.ts';
import { PageWindow, type PageOf } from '../../../src/renderer/design/page-window.ts';

const columns = [
  { id: 'iccid', width: 160, always: true, sort: 'iccid' }, { id: 'type', width: 120, sort: 'type' }, { id: 'stock', width: 100, sort: 'stock' },
  { id: 'eid', width: 260, optional: true }, { id: 'seen', width: 140, optional: true, sort: 'lastEvent' },
] as const;
const own = defaultLayout(columns);
const ids = (layout: GridLayout): string[] => shownColumns(columns, layout).map((c) => c.id);

describe('columns of a list', () => {
  it('begin as the list has them, without the optional ones', () => {
    expect(ids(own)).toEqual(['iccid', 'type', 'stock']);
    expect(columnsText(columns, own)).toBe('');
  });
  it('are moved among those shown, pinned ones among themselves', () => {
    expect(ids(moveColumn(columns, own, 'type', 1))).toEqual(['iccid', 'stock', 'type']);
    const pinned = togglePinned(own, 'stock');
    expect(ids(pinned)).toEqual(['stock', 'iccid', 'type']);
    expect(canMove(columns, pinned, 'iccid', -1)).toBe(false);
    expect(ids(moveColumn(columns, pinned, 'iccid', -1))).toEqual(['stock', 'iccid', 'type']);
  });
  it('are dropped in front of another one', () => {
    expect(ids(placeColumn(columns, own, 'stock', 'iccid'))).toEqual(['stock', 'iccid', 'type']);
    expect(placeColumn(columns, own, 'stock', 'stock')).toBe(own);
    const pinned = togglePinned(own, 'iccid');
    expect(placeColumn(columns, pinned, 'type', 'iccid').pinned).toEqual(['iccid', 'type']);
  });
  it('keep a width within bounds, and can lose it', () => {
    expect(withWidth(own, 'type', 3).widths['type']).toBe(56);
    expect(withWidth(own, 'type', 5_000).widths['type']).toBe(900);
    expect(withWidth(withWidth(own, 'type', 200), 'type', undefined).widths).toEqual({});
  });
  it('cannot lose the one that names the row', () => {
    expect(ids(toggleHidden(own, 'iccid'))).toContain('iccid');
    expect(ids({ ...own, ...readColumns(columns, 'type,-iccid') })).toContain('iccid');
  });
  it('come back from an address as they went into it', () => {
    const change = fc.constantFrom<(l: GridLayout) => GridLayout>((l) => moveColumn(columns, l, 'type', 1), (l) => togglePinned(l, 'stock'), (l) => toggleHidden(l, 'eid'), (l) => toggleHidden(l, 'type'), (l) => withWidth(l, 'iccid', 222), (l) => placeColumn(columns, l, 'seen', 'iccid'), (l) => toggleHidden(l, 'seen'));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
        const layout = changes.reduce((l, next) => next(l), own);
        const back = { ...own, ...readColumns(columns, columnsText(columns, layout)) };
        expect(ids(back)).toEqual(ids(layout));
        const shown = ids(layout);
        expect(back.pinned.filter((id) => shown.includes(id)).sort()).toEqual(layout.pinned.filter((id) => shown.includes(id)).sort());
        expect(Object.entries(back.widths).filter(([id]) => shown.includes(id))).toEqual(Object.entries(layout.widths).filter(([id]) => shown.includes(id)));
      }),
    );
  });
  it('take any text for a layout without falling over', () => {
    fc.assert(fc.property(fc.string(), (text) => {
      expect(ids({ ...own, ...readColumns(columns, text) })).toContain('iccid');
    }));
  });
});

describe('the order of a list', () => {
  it('turns with each press: up, down, none', () => {
    const up = pressSort([], 'type', false);
    expect(up).toEqual([{ by: 'type', direction: 'asc' }]);
    const down = pressSort(up, 'type', false);
    expect(down).toEqual([{ by: 'type', direction: 'desc' }]);
    expect(pressSort(down, 'type', false)).toEqual([]);
  });
  it('grows with Shift and keeps the keys there are', () => {
    const two = pressSort(pressSort([], 'type', false), 'iccid', true);
    expect(sortText(two)).toBe('type,iccid');
    expect(sortText(pressSort(two, 'type', true))).toBe('-type,iccid');
    expect(sortText(pressSort(two, 'stock', false))).toBe('stock');
  });
  it('is read from an address, unknown columns dropped', () => {
    expect(readSort(columns, '-type,haunted,iccid,iccid')).toEqual([{ by: 'type', direction: 'desc' }, { by: 'iccid', direction: 'asc' }]);
    expect(readSort(columns, 'eid')).toEqual([]);
  });
  it('shows the other end', () => {
    expect(reversed([], { by: 'created', direction: 'desc' })).toEqual([{ by: 'created', direction: 'asc' }]);
    expect(sortText(reversed(readSort(columns, 'type,-iccid'), { by: 'created', direction: 'desc' }))).toBe('-type,iccid');
  });
});

describe('rows in sight', () => {
  it('are those of the box and some around it', () => {
    expect(rowsInSight(0, 340, 34, 1_000, 10)).toEqual({ first: 0, end: 20 });
    expect(rowsInSight(34 * 500, 340, 34, 1_000, 10)).toEqual({ first: 490, end: 520 });
    expect(rowsInSight(34 * 5_000, 340, 34, 100, 10)).toEqual({ first: 100, end: 100 });
  });
  it('a million rows would be taller than a browser draws', () => {
    expect(mostRows(34)).toBe(500_000);
    expect(mostRows(34) * 34).toBeLessThan(17_800_000);
  });
  it('a row in sight needs no scroll', () => {
    expect(scrollFor(3, 0, 340, 34)).toBeUndefined();
    expect(scrollFor(0, 100, 340, 34)).toBe(0);
    expect(scrollFor(20, 0, 340, 34)).toBe(21 * 34 - 340);
  });
  it('a list at hand asks for more near its end', () => {
    let asked = 0;
    const source = sourceOfRows(Array.from({ length: 100 }, (_, at) => at), true, false, () => { asked += 1; });
    source.look?.(0, 30);
    expect(asked).toBe(0);
    source.look?.(60, 90);
    expect(asked).toBe(1);
  });
});

/** A list of numbers, newest first, paged by the last one read. */
function numbers(state: { rows: number[] }, size = 10) {
  const asked: (string | undefined)[] = [];
  const ask = (cursor: string | undefined): Promise<PageOf<number>> => {
    asked.push(cursor);
    const from = cursor === undefined ? state.rows : state.rows.filter((n) => n < Number(cursor));
    const rows = from.slice(0, size);
    return Promise.resolve({ rows, total: state.rows.length, ...(from.length > size ? { next: String(rows.at(-1)) } : {}) });
  };
  return { ask, asked };
}
const settled = async (): Promise<void> => { for (let i = 0; i < 60; i++) await Promise.resolve(); };
const down = (n: number): number[] => Array.from({ length: n }, (_, at) => n - at);

describe('pages that come and go', () => {
  it('are read as they are reached', async () => {
    const list = numbers({ rows: down(1_000) });
    const pages = new PageWindow<number>(list.ask);
    pages.look(0, 8);
    await settled();
    expect(pages.at(0)).toBe(1_000);
    expect(pages.total).toBe(1_000);
    const before = list.asked.length;
    expect(before).toBeLessThan(10);
    pages.look(pages.length - 5, pages.length);
    await settled();
    expect(list.asked.length).toBeGreaterThan(before);
    expect(list.asked.length).toBe(new Set(list.asked).size);
  });
  it('hold few rows however far the reader goes, and come back when he does', async () => {
    const pages = new PageWindow<number>(numbers({ rows: down(5_000) }).ask);
    pages.look(0, 8);
    await settled();
    for (let i = 0; i < 200; i++) {
      pages.look(pages.length - 8, pages.length);
      await settled();
    }
    expect(pages.length).toBeGreaterThan(1_000);
    expect([...pages.held()].length).toBeLessThanOrEqual(200);
    expect(pages.at(0)).toBeUndefined();
    pages.look(0, 8);
    await settled();
    expect(pages.at(0)).toBe(5_000);
    expect(pages.at(pages.length - 1)).toBeUndefined();
  });
  it('end where the list ends', async () => {
    const pages = new PageWindow<number>(numbers({ rows: down(25) }).ask);
    pages.look(0, 30);
    await settled();
    expect(pages.hasMore).toBe(false);
    expect(Array.from({ length: pages.length }, (_, at) => pages.at(at))).toEqual(down(25));
  });
  it('neither repeat nor lose a row when some came in above', async () => {
    const state = { rows: down(100) };
    const pages = new PageWindow<number>(numbers(state).ask);
    pages.look(0, 60);
    await settled();
    state.rows = [103, 102, 101, ...state.rows];
    pages.invalidate();
    await settled();
    const shown = Array.from({ length: 60 }, (_, at) => pages.at(at));
    expect(shown).toEqual(state.rows.slice(0, 60));
  });
  it('shrink with the list', async () => {
    const state = { rows: down(100) };
    const pages = new PageWindow<number>(numbers(state).ask);
    pages.look(0, 60);
    await settled();
    state.rows = [7, 3];
    pages.invalidate();
    await settled();
    expect(Array.from({ length: pages.length }, (_, at) => pages.at(at))).toEqual([7, 3]);
    expect(pages.total).toBe(2);
    expect(pages.hasMore).toBe(false);
  });
  it('ask nothing again for a look at the same rows', async () => {
    const list = numbers({ rows: down(15) });
    const pages = new PageWindow<number>(list.ask);
    pages.look(0, 15);
    await settled();
    const [asked, version] = [list.asked.length, pages.version];
    for (let i = 0; i < 20; i++) pages.look(0, 15);
    await settled();
    expect(list.asked.length).toBe(asked);
    expect(pages.version).toBe(version);
  });
  it('lead on at the end of the list even while the engine keeps saying that it changed', async () => {
    const list = numbers({ rows: down(400) });
    let noise = 0;
    const pages: PageWindow<number> = new PageWindow<number>(async (cursor) => {
      const page = await list.ask(cursor);
      if (noise > 0) {
        noise -= 1;
        pages.invalidate();
      }
      return page;
    });
    pages.look(0, 8);
    await settled();
    const [before, asked] = [pages.length, list.asked.length];
    noise = 12;
    pages.invalidate();
    pages.look(before - 4, before + 1);
    await settled();
    await settled();
    const further = String(401 - before);
    // Of the first questions one leads on; the others read again what is old.
    expect(list.asked.slice(asked, asked + 3)).toContain(further);
  });
  it('keep a refusal until they are asked again', async () => {
    const list = numbers({ rows: down(15) });
    let refuse = true;
    const pages = new PageWindow<number>((cursor) => (refuse ? Promise.reject(new Error('away')) : list.ask(cursor)));
    pages.look(0, 15);
    await settled();
    expect(pages.error).toBeInstanceOf(Error);
    expect(pages.begun).toBe(false);
    refuse = false;
    pages.again();
    await settled();
    expect(pages.error).toBeUndefined();
    expect(pages.at(0)).toBe(15);
  });
});
