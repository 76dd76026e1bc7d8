import type { Kysely } from 'kysely';
import { sql } from 'kysely';

// Batches of prepared profiles have a number of their own (`B-3`): until now it was the id, which imports take from as well. A batch that is
// there keeps the number its tickets and files carry.
const statements = [
  `alter table batches add column number integer`,
  `update batches set number = id where kind = 'preparation'`,
  `create unique index batches_number on batches (number) where number is not null`,
  `create trigger batches_numbered after insert on batches when new.kind = 'preparation' and new.number is null begin
     update batches set number = (select coalesce(max(number), 0) + 1 from batches where number is not null) where id = new.id; end`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
