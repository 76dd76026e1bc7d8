/** Notes, append-only, and labels. */
import { sql } from 'kysely';
import type { Reader, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { prepared } from '../store/index.ts';

export interface Note { readonly id: number; readonly at: number; readonly author: string; readonly text: string }

export async function notesPage(db: Reader, profileId: number, { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined }): Promise<{ rows: Note[]; next?: string }> {
  let query = db.selectFrom('profile_notes').select(['id', 'at', 'author', 'text']).where('profile_id', '=', profileId).orderBy('id', 'desc').limit(limit + 1);
  if (cursor !== undefined) {
    if (!/^\d{1,15}$/.test(cursor)) throw new DeskProblem('INPUT_INVALID', 'The position in the list is not one this program gave out; start from the first page.', { field: 'cursor' });
    query = query.where('id', '<', Number(cursor));
  }
  const found = await query.execute();
  const rows = found.slice(0, limit);
  return { rows, ...(found.length > limit ? { next: String(rows[rows.length - 1]!.id) } : {}) };
}

export async function addNote(tx: Tx, profileId: number, at: number, author: string, text: string): Promise<Note> {
  return tx.insertInto('profile_notes').values({ profile_id: profileId, at, author, text }).returning(['id', 'at', 'author', 'text']).executeTakeFirstOrThrow();
}

const many = prepared<{ ids: string; at: number; author: string; text: string }, unknown>((db, p) => ({
  compile: () => sql`insert into profile_notes (profile_id, at, author, text) select value, ${p.at}, ${p.author}, ${p.text} from json_each(${p.ids}) where true order by key`.compile(db),
}));
/** The same note about each profile. */
export const addNotes = (tx: Tx, ids: readonly number[], at: number, author: string, text: string): Promise<number> => many.run(tx, { ids: JSON.stringify(ids), at, author, text });

export interface Label { readonly name: string; readonly colour: string }

export async function labelsOf(db: Reader | Tx, profileId: number): Promise<Label[]> {
  return db.selectFrom('profile_labels as p').innerJoin('labels as l', 'l.id', 'p.label_id').select(['l.name', 'l.colour']).where('p.profile_id', '=', profileId).orderBy('l.name').execute();
}

export async function listLabels(db: Reader): Promise<(Label & { profiles: number })[]> {
  const rows = await db.selectFrom('labels as l').select((e) => ['l.id', 'l.name', 'l.colour', e.selectFrom('profile_labels as p').select((p) => p.fn.countAll<number>().as('n')).whereRef('p.label_id', '=', 'l.id').as('profiles')])
    .orderBy('l.name').execute();
  return rows.map(({ name, colour, profiles }) => ({ name, colour, profiles: profiles ?? 0 }));
}

const named = prepared((db, p: { name: string }) => db.selectFrom('labels').selectAll().where('name', '=', p.name));
export const labelByName = (db: Reader | Tx, name: string) => named.one(db, { name });

const colours = ['blue', 'teal', 'green', 'amber', 'orange', 'red', 'violet', 'grey'] as const;

/** The label of that name, made when there is none; its colour then goes round. */
export async function ensureLabel(tx: Tx, name: string, at: number): Promise<{ id: number; name: string; colour: string }> {
  const known = await labelByName(tx, name);
  if (known) return known;
  const { n } = await tx.selectFrom('labels').select((e) => e.fn.countAll<number>().as('n')).executeTakeFirstOrThrow();
  return tx.insertInto('labels').values({ name, colour: colours[n % colours.length]!, created_at: at }).returning(['id', 'name', 'colour']).executeTakeFirstOrThrow();
}

/** Throws {@link DeskProblem} `LABEL_EXISTS`. */
export async function saveLabel(tx: Tx, input: { readonly name: string; readonly rename?: string | undefined; readonly colour: string }, at: number): Promise<Label> {
  const known = await labelByName(tx, input.name);
  const name = input.rename ?? input.name;
  const other = await labelByName(tx, name);
  if (other && other.id !== known?.id) throw new DeskProblem('LABEL_EXISTS', `There is a label named ${other.name} already.`, { field: 'rename' });
  if (known) await tx.updateTable('labels').set({ name, colour: input.colour }).where('id', '=', known.id).execute();
  else await tx.insertInto('labels').values({ name, colour: input.colour, created_at: at }).execute();
  return { name, colour: input.colour };
}

/** Throws {@link DeskProblem} `LABEL_UNKNOWN`, `LABEL_IN_USE`. */
export async function removeLabel(tx: Tx, name: string): Promise<{ name: string }> {
  const known = await labelByName(tx, name);
  if (!known) throw new DeskProblem('LABEL_UNKNOWN', `There is no label named ${name}.`, { field: 'name' });
  const used = await tx.selectFrom('profile_labels').select('profile_id').where('label_id', '=', known.id).limit(1).executeTakeFirst();
  if (used) throw new DeskProblem('LABEL_IN_USE', `Profiles carry the label ${known.name}.`, { field: 'name', hint: 'Take it off them first: filter by the label, select all, remove the label.' });
  await tx.deleteFrom('labels').where('id', '=', known.id).execute();
  return { name: known.name };
}

const put = prepared((db, p: { profile: number; label: number; at: number; actor: string }) => db.insertInto('profile_labels')
  .values({ profile_id: p.profile, label_id: p.label, at: p.at, actor: p.actor }).onConflict((c) => c.doNothing()));
const take = prepared((db, p: { profile: number; label: number }) => db.deleteFrom('profile_labels').where('profile_id', '=', p.profile).where('label_id', '=', p.label));

/** Whether it was not there before. */
export const putLabel = async (tx: Tx, profileId: number, labelId: number, at: number, actor: string): Promise<boolean> => (await put.run(tx, { profile: profileId, label: labelId, at, actor })) > 0;
/** Whether it was there. */
export const takeLabel = async (tx: Tx, profileId: number, labelId: number): Promise<boolean> => (await take.run(tx, { profile: profileId, label: labelId })) > 0;
