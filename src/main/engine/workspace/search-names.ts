/** Search by names and references. These tables hold dozens to thousands of rows: reading them is no scan of the stock. */
import type { z } from 'zod';
import { conditionText } from '../../../shared/contract/profile-filter.ts';
import type { searchHit } from '../../../shared/contract/workspace.ts';
import type { Reader } from '../context.ts';

type Hit = z.infer<typeof searchHit>;
const perKind = 8;

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
const where = (field: 'batch' | 'import' | 'label', value: string): string => `/inventory?where=${encodeURIComponent(conditionText({ field, op: 'is', values: [value] }))}`;

/** A batch by its reference or number, an import by its number or file name. */
export async function byReference(reader: Reader, text: string): Promise<Hit[]> {
  const hits: Hit[] = [];
  const named = await reader.selectFrom('preparations').select(['id', 'reference', 'count', 'created_at']).where('reference', '>=', text).where('reference', '<', `${text}\u{10ffff}`).orderBy('reference').limit(perKind).execute();
  hits.push(...named.map((row): Hit => ({ kind: 'batch', id: row.id, title: row.reference, subtitle: `preparation of ${row.count} · ${day(row.created_at)}`, href: `/preparation/${row.id}` })));
  const numbered = /^([BI])-(\d{1,15})$/i.exec(text);
  const number = Number(numbered?.[2]);
  if (numbered?.[1]?.toUpperCase() === 'B') {
    const row = await reader.selectFrom('batches as b').leftJoin('preparations as p', 'p.batch_id', 'b.id').select(['b.number', 'b.created_at', 'p.id', 'p.reference', 'p.count']).where('b.number', '=', number).executeTakeFirst();
    const title = `B-${row?.number}`;
    if (row?.id && !hits.some((hit) => hit.id === row.id)) hits.push({ kind: 'batch', id: row.id, title, subtitle: `${row.reference} · preparation of ${row.count} · ${day(row.created_at)}`, href: `/preparation/${row.id}` });
    else if (row && hits.length === 0) hits.push({ kind: 'batch', id: title, title, subtitle: `preparation · ${day(row.created_at)}`, href: where('batch', title) });
  }
  const imports = reader.selectFrom('imports').select(['id', 'file_name', 'accepted', 'created_at']).orderBy('id', 'desc').limit(perKind);
  const files = numbered?.[1]?.toUpperCase() === 'I' ? await imports.where('id', '=', number).execute()
    : numbered || text.length < 3 ? [] : await imports.where((e) => e('file_name', 'like', pattern(text))).execute();
  hits.push(...files.map((row): Hit => ({ kind: 'import', id: `I-${row.id}`, title: row.file_name, subtitle: `import I-${row.id} · ${row.accepted} rows · ${day(row.created_at)}`, href: where('import', `I-${row.id}`) })));
  return hits;
}

export async function jobsById(reader: Reader, id: string): Promise<Hit[]> {
  const rows = await reader.selectFrom('jobs').select(['id', 'title', 'state']).where('id', '>=', id).where('id', '<', `${id}~`).orderBy('id').limit(perKind).execute();
  return rows.map((row) => ({ kind: 'job', id: row.id, title: row.title, subtitle: `job · ${row.state}`, href: `/jobs/${row.id}` }));
}

const pattern = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

export async function byName(reader: Reader, text: string): Promise<Hit[]> {
  const named = (table: 'profile_types' | 'templates' | 'brands' | 'labels') =>
    reader.selectFrom(table).select(['name']).distinct().where((e) => e('name', 'like', pattern(text))).orderBy('name').limit(perKind).execute();
  const [types, templates, brands, labels] = [await named('profile_types'), await named('templates'), await named('brands'), await named('labels')];
  return [
    ...types.map(({ name }): Hit => ({ kind: 'type', id: name, title: name, subtitle: 'profile type', href: `/inventory?type=${encodeURIComponent(name)}` })),
    ...templates.map(({ name }): Hit => ({ kind: 'template', id: name, title: name, subtitle: 'template', href: '/settings' })),
    ...brands.map(({ name }): Hit => ({ kind: 'brand', id: name, title: name, subtitle: 'brand', href: `/brands/${encodeURIComponent(name)}` })),
    ...labels.map(({ name }): Hit => ({ kind: 'label', id: name, title: name, subtitle: 'label', href: where('label', name) })),
  ];
}
