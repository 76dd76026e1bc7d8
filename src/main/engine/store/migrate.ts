/** Numbered migrations: forward only, backup first, stop on the first failure, a newer schema is refused. */
import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import * as walkingChain from '../../../../migrations/0001-walking-chain.ts';
import * as conformantSmdp from '../../../../migrations/0002-conformant-smdp.ts';
import * as imports from '../../../../migrations/0003-imports.ts';
import * as numbers from '../../../../migrations/0004-numbers.ts';
import * as preparation from '../../../../migrations/0005-preparation.ts';
import * as templates from '../../../../migrations/0007-templates.ts';
import * as inventory from '../../../../migrations/0006-inventory.ts';
import * as bulk from '../../../../migrations/0009-bulk.ts';
import { DeskProblem } from '../context.ts';
import type { Database } from './schema.ts';

/** Listed by hand: a bundled engine cannot look into a folder, and the order is part of the product. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-walking-chain': walkingChain,
  '0002-conformant-smdp': conformantSmdp,
  '0003-imports': imports,
  '0004-numbers': numbers,
  '0005-preparation': preparation,
  '0007-templates': templates,
  '0006-inventory': inventory,
  '0009-bulk': bulk,
};

async function applied(db: Kysely<Database>): Promise<string[]> {
  const table = await sql<{ n: number }>`select count(*) as n from sqlite_schema where type = 'table' and name = 'kysely_migration'`.execute(db);
  if (table.rows[0]?.n === 0) return [];
  const rows = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.rows.map((r) => r.name);
}

/**
 * Brings the database to this program's schema and answers its name. `backup` runs before the first change to an existing database.
 * Codes: `SCHEMA_NEWER`, `MIGRATION_FAILED`.
 */
export async function migrate(db: Kysely<Database>, backup: () => Promise<unknown>, known: Readonly<Record<string, Migration>> = migrations): Promise<{ schema: string; ran: string[] }> {
  const names = Object.keys(known).sort();
  const latest = names[names.length - 1]!;
  const done = await applied(db);
  const unknown = done.filter((name) => !(name in known));
  if (unknown.length > 0) {
    throw new DeskProblem('SCHEMA_NEWER', `This workspace was written by a newer version of the program (schema ${unknown[unknown.length - 1]}, this one knows up to ${latest}); install that version`);
  }
  const pending = names.filter((name) => !done.includes(name));
  if (pending.length === 0) return { schema: latest, ran: [] };
  if (done.length > 0) await backup();
  const { error, results } = await new Migrator({ db, provider: { getMigrations: async () => known } }).migrateToLatest();
  if (error !== undefined) {
    const failed = results?.find((r) => r.status === 'Error')?.migrationName ?? pending[0]!;
    throw new DeskProblem('MIGRATION_FAILED', `The workspace could not be brought to schema ${failed}; nothing was changed, and a backup was written before`, { hint: error instanceof Error ? error.name : 'unknown' });
  }
  return { schema: latest, ran: pending };
}
