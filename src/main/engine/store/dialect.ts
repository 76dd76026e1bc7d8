/** Kysely on better-sqlite3 as this engine needs it: immediate transactions, transactional DDL, prepared statements kept. */
import type SqliteDatabase from 'better-sqlite3';
import { CompiledQuery, type DatabaseConnection, type Driver, Kysely, SqliteAdapter, SqliteDialect, type SqliteDialectConfig, SqliteDriver } from 'kysely';
import type { Database } from './schema.ts';

/** `immediate` takes the write lock at once: a transaction never fails half way because another process wrote first. */
class ImmediateDriver extends SqliteDriver {
  readonly #sqlite: SqliteDatabase.Database;
  constructor(config: SqliteDialectConfig, sqlite: SqliteDatabase.Database) {
    super(config);
    this.#sqlite = sqlite;
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  /** A full disk ends the transaction by itself; a rollback would fail then, and its error hide the cause. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#sqlite.inTransaction) await super.rollbackTransaction(connection);
  }
}

/** SQLite rolls DDL back like anything else; Kysely's own adapter says no, which would leave a failed migration half done. */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class StoreDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig;
  readonly #sqlite: SqliteDatabase.Database;
  constructor(config: SqliteDialectConfig, sqlite: SqliteDatabase.Database) {
    super(config);
    this.#config = config;
    this.#sqlite = sqlite;
  }
  override createDriver(): Driver {
    return new ImmediateDriver(this.#config, this.#sqlite);
  }
  override createAdapter(): SqliteAdapter {
    return new TransactionalDdlAdapter();
  }
}

const kept = 400;

/** Preparing costs four times what running a point lookup costs, so the last statements stay prepared. */
function keepPrepared(sqlite: SqliteDatabase.Database): { prepare(sql: string): SqliteDatabase.Statement<unknown[]>; close(): void } {
  const statements = new Map<string, SqliteDatabase.Statement<unknown[]>>();
  return {
    prepare(sql) {
      const known = statements.get(sql);
      if (known) return known;
      const statement = sqlite.prepare<unknown[]>(sql);
      if (/^\s*(select|insert|update|delete|begin|commit|rollback|with)\b/i.test(sql)) {
        if (statements.size >= kept) statements.delete(statements.keys().next().value!);
        statements.set(sql, statement);
      }
      return statement;
    },
    close: () => sqlite.close(),
  };
}

export function kyselyOn(sqlite: SqliteDatabase.Database): Kysely<Database> {
  return new Kysely<Database>({ dialect: new StoreDialect({ database: keepPrepared(sqlite) as never }, sqlite) });
}
