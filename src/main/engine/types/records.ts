import type { Selectable } from 'kysely';
import type { Reader, Tx } from '../context.ts';
import { prepared } from '../store/index.ts';
import type { Database } from '../store/schema.ts';

export type TypeRecord = Selectable<Database['profile_types']>;
export type TemplateRecord = Selectable<Database['templates']>;

export async function typeByName(db: Reader | Tx, name: string): Promise<TypeRecord | undefined> {
  return db.selectFrom('profile_types').selectAll().where('name', '=', name).executeTakeFirst();
}

const byId = prepared((db, p: { id: number }) => db.selectFrom('profile_types').selectAll().where('id', '=', p.id));

export function typeById(db: Reader | Tx, id: number): Promise<TypeRecord | undefined> {
  return byId.one(db, { id });
}

export async function templateById(db: Reader | Tx, id: number): Promise<TemplateRecord | undefined> {
  return db.selectFrom('templates').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The newest version under a name, or the newest that is not retired, or the version given. */
export async function templateByName(db: Reader | Tx, name: string, version?: number | 'in-use'): Promise<TemplateRecord | undefined> {
  let query = db.selectFrom('templates').selectAll().where('name', '=', name).orderBy('version', 'desc').limit(1);
  if (version === 'in-use') query = query.where('retired_at', 'is', null);
  else if (version !== undefined) query = query.where('version', '=', version);
  return query.executeTakeFirst();
}
