/** Statements that stay prepared, by connection and text. */
import type SqliteDatabase from 'better-sqlite3';

const mostKept = 64;
const statements = new WeakMap<SqliteDatabase.Database, Map<string, SqliteDatabase.Statement<unknown[]>>>();

/** The statement as it was prepared before; those least used lately are given up. Never one that is being iterated. */
export function kept(sqlite: SqliteDatabase.Database, sql: string): SqliteDatabase.Statement<unknown[]> {
  let known = statements.get(sqlite);
  if (!known) statements.set(sqlite, known = new Map());
  let statement = known.get(sql);
  if (statement) known.delete(sql);
  else statement = sqlite.prepare<unknown[]>(sql);
  known.set(sql, statement);
  if (known.size > mostKept) known.delete(known.keys().next().value!);
  return statement;
}
