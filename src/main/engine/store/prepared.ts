/**
 * Queries built once and run often. Building and compiling a query with Kysely costs five to twenty times what SQLite needs to
 * run it by a key; the steps of a download are such queries. They are written with Kysely like any other, with `p.name` where
 * a value belongs, and run on the connection in hand without a detour.
 */
import type SqliteDatabase from 'better-sqlite3';
import { CompiledQuery, type Compilable, type Kysely } from 'kysely';
import type { Reader, Tx } from '../context.ts';
import type { Database } from './schema.ts';

type Value = string | number | null | Uint8Array;
type Values = Readonly<Record<string, Value>>;

/** Connections that may be used at once: the reader's, and the writer's for the time of one transaction. */
const direct = new WeakMap<object, SqliteDatabase.Database>();

export const useDirectly = (db: Reader | Tx, sqlite: SqliteDatabase.Database): void => void direct.set(db, sqlite);
/** The transaction ended: what is still asked of it goes to Kysely, which refuses it. */
export const endDirectUse = (tx: Tx): void => void direct.delete(tx);

class Placeholder {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

interface Compiled { readonly query: CompiledQuery; readonly names: readonly (string | undefined)[] }

export interface Prepared<P extends Values, R> {
  one(db: Reader | Tx, values: P): Promise<R | undefined>;
  all(db: Reader | Tx, values: P): Promise<R[]>;
  /** For changes: how many rows. */
  run(db: Reader | Tx, values: P): Promise<number>;
}

/**
 * A change whose columns differ from call to call: prepared once for each set of columns. `undefined` leaves a column as it is.
 * The names of `keys` are values of the condition, not columns.
 */
export function preparedChange<K extends Values, C extends object>(
  build: (db: Kysely<Database>, keys: K, columns: C) => Compilable<unknown>,
): { run(db: Reader | Tx, keys: K, columns: C): Promise<number> } {
  const variants = new Map<string, Prepared<Values, unknown>>();
  return {
    run(db, keys, columns) {
      const given = Object.entries(columns).filter(([, value]) => value !== undefined) as [string, Value][];
      const name = given.map(([column]) => column).join();
      let variant = variants.get(name);
      if (!variant) {
        variant = prepared((on, p) => build(on, p as K, Object.fromEntries(given.map(([column]) => [column, p[`set ${column}`]])) as C));
        variants.set(name, variant);
      }
      const values: Record<string, Value> = { ...keys };
      for (const [column, value] of given) values[`set ${column}`] = value;
      return variant.run(db, values);
    },
  };
}

/** `build` is called once; it must not decide anything by the values. */
export function prepared<P extends Values, R = unknown>(build: (db: Kysely<Database>, p: P) => Compilable<R>): Prepared<P, R> {
  let compiled: Compiled | undefined;
  const statements = new WeakMap<SqliteDatabase.Database, SqliteDatabase.Statement<unknown[], R>>();

  const compile = (db: Reader | Tx): Compiled => {
    const p = new Proxy({}, { get: (_, name) => new Placeholder(String(name)) }) as P;
    const query = build(db, p).compile();
    return { query, names: query.parameters.map((value) => (value instanceof Placeholder ? value.name : undefined)) };
  };
  const parametersOf = ({ query, names }: Compiled, values: P): unknown[] => names.map((name, at) => {
    if (name === undefined) return query.parameters[at];
    const value = values[name];
    if (value === undefined) throw new TypeError(`no value for ${name}`);
    return value;
  });
  const statementOn = (sqlite: SqliteDatabase.Database, sql: string): SqliteDatabase.Statement<unknown[], R> => {
    let statement = statements.get(sqlite);
    if (!statement) {
      statement = sqlite.prepare<unknown[], R>(sql);
      statements.set(sqlite, statement);
    }
    return statement;
  };
  const byKysely = (db: Reader | Tx, query: CompiledQuery, parameters: unknown[]) => db.executeQuery<R>(CompiledQuery.raw(query.sql, parameters));

  return {
    async one(db, values) {
      compiled ??= compile(db);
      const parameters = parametersOf(compiled, values);
      const sqlite = direct.get(db);
      return sqlite ? statementOn(sqlite, compiled.query.sql).get(...parameters) : (await byKysely(db, compiled.query, parameters)).rows[0];
    },
    async all(db, values) {
      compiled ??= compile(db);
      const parameters = parametersOf(compiled, values);
      const sqlite = direct.get(db);
      return sqlite ? statementOn(sqlite, compiled.query.sql).all(...parameters) : (await byKysely(db, compiled.query, parameters)).rows;
    },
    async run(db, values) {
      compiled ??= compile(db);
      const parameters = parametersOf(compiled, values);
      const sqlite = direct.get(db);
      if (sqlite) return statementOn(sqlite, compiled.query.sql).run(...parameters).changes;
      return Number((await byKysely(db, compiled.query, parameters)).numAffectedRows ?? 0n);
    },
  };
}
