import type { Kysely } from 'kysely';
import { sql } from 'kysely';

// Where a template version comes from, and whether it is still offered.
const statements = [
  `alter table templates add column derived_from integer references templates(id)`,
  `alter table templates add column changes text not null default '[]'`,
  `alter table templates add column note text`,
  `alter table templates add column actor text`,
  `alter table templates add column retired_at integer`,
  // Every version a type ever stood on: profiles were made from no others, so no other is ever needed again.
  `create table type_templates (
     type_id integer not null references profile_types(id), template_id integer not null references templates(id), since integer not null, actor text,
     primary key (type_id, template_id, since)) strict, without rowid`,
  `create index type_templates_template on type_templates (template_id)`,
  `insert into type_templates (type_id, template_id, since) select id, template_id, created_at from profile_types`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
