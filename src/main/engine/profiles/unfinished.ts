/**
 * Profiles of an import that is still being written or taken back. They are listed and counted, but nobody may change them: what is
 * taken back must have been nobody's, or its numbers would be burnt for ever.
 */
import { sql } from 'kysely';
import type { Reader, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { prepared } from '../store/index.ts';
import type { ProfileRowRecord } from './records.ts';

/** As a reason in a preview. */
export const unfinishedWhy = 'its import is still being written or taken back';

const nameOf = prepared((db, p: { id: number }) => db.selectFrom('imports').select('file_name').where('id', '=', p.id).where(sql<boolean>`state = 'running'`));
const all = prepared<Record<string, never>, { id: number; file_name: string }>((db) => db.selectFrom('imports').select(['id', 'file_name']).where(sql<boolean>`state = 'running'`));

type Imported = Pick<ProfileRowRecord, 'iccid' | 'import_id'>;

/** Asks by the key of the import, and of profiles that came with one only. */
export async function isUnfinished(db: Reader | Tx, row: Pick<Imported, 'import_id'>): Promise<boolean> {
  return row.import_id !== null && (await nameOf.one(db, { id: row.import_id })) !== undefined;
}

export const unfinishedText = (fileName: string, who = 'The profile'): string =>
  `${who} belongs to the import of ${fileName}, which is still being written or taken back: nothing can be done with it until that is over.`;

/** Throws {@link DeskProblem} `IMPORT_UNFINISHED`. */
export async function demandFinished(db: Reader | Tx, row: Imported): Promise<void> {
  const found = row.import_id === null ? undefined : await nameOf.one(db, { id: row.import_id });
  if (found) throw new DeskProblem('IMPORT_UNFINISHED', unfinishedText(found.file_name, `The profile ${row.iccid}`), { hint: 'The list of imports says how far it is.' });
}

/** Names of the files by import; almost always there is none. */
export async function unfinishedImports(db: Reader | Tx): Promise<ReadonlyMap<number, string>> {
  return new Map((await all.all(db, {})).map((one) => [one.id, one.file_name]));
}

/** Those among `ids` that belong to these imports, by group. */
export async function unfinishedAmong(db: Reader | Tx, imports: ReadonlyMap<number, string>, ids: readonly number[]): Promise<{ facet: number; n: number }[]> {
  if (imports.size === 0 || ids.length === 0) return [];
  const { rows } = await sql<{ facet: number; n: number }>`select facet, count(*) as n from profiles
    where id in (select value from json_each(${JSON.stringify(ids)})) and import_id in (select value from json_each(${JSON.stringify([...imports.keys()])})) group by facet`.execute(db);
  return rows;
}

/** Profiles of an import up to `upTo`, some thousands at a time, along its index. */
export async function* idsOfImport(db: Reader, importId: number, upTo: number): AsyncGenerator<number[], void, undefined> {
  for (let after = 0; ;) {
    const { rows } = await sql<{ id: number }>`select id from profiles indexed by profiles_import where import_id = ${importId} and id > ${after} and id <= ${upTo} order by id limit 4000`.execute(db);
    if (rows.length === 0) return;
    yield rows.map((row) => row.id);
    after = rows.at(-1)!.id;
  }
}
