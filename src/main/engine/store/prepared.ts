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

/** One statement with its parameters in order: a constant, or the name of the value that stands there. */
class Statement<R> {
  readonly sql: string;
  readonly constants: readonly unknown[];
  readonly names: readonly (string | undefined)[];
  readonly #on = new WeakMap<SqliteDatabase.Database, SqliteDatabase.Statement<unknown[], R>>();

  constructor(query: CompiledQuery) {
    this.sql = unpeeked(query.sql, query.parameters.length);
    this.constants = query.parameters;
    this.names = query.parameters.map((value) => (value instanceof Placeholder ? value.name : undefined));
  }

  parameters(values: Values): unknown[] {
    return this.names.map((name, at) => (name === undefined ? this.constants[at] : demand(values[name], name)));
  }

  /** On the connection behind `db`, if that may be used at once. */
  on(db: Reader | Tx): SqliteDatabase.Statement<unknown[], R> | undefined {
    const sqlite = direct.get(db);
    if (!sqlite) return undefined;
    let statement = this.#on.get(sqlite);
    if (!statement) {
      statement = sqlite.prepare<unknown[], R>(this.sql);
      this.#on.set(sqlite, statement);
    }
    return statement;
  }

  byKysely(db: Reader | Tx, parameters: unknown[]) {
    return db.executeQuery<R>(CompiledQuery.raw(this.sql, parameters));
  }

  async change(db: Reader | Tx, parameters: unknown[]): Promise<number> {
    const statement = this.on(db);
    return statement ? statement.run(...parameters).changes : Number((await this.byKysely(db, parameters)).numAffectedRows ?? 0n);
  }
}

function demand(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new TypeError(`no value for ${name}`);
  return value;
}

/**
 * SQLite plans a join by the values bound to it, and so prepares it anew, at five times the cost of running it, each time they
 * are bound. A value behind a `+` is not looked at.
 */
function unpeeked(sql: string, parameters: number): string {
  const parts = sql.split('?');
  return parts.length === parameters + 1 ? parts.join('+?') : sql;
}

const placeholders = <P>(): P => new Proxy({}, { get: (_, name) => new Placeholder(String(name)) }) as P;

export interface Prepared<P extends Values, R> {
  one(db: Reader | Tx, values: P): Promise<R | undefined>;
  all(db: Reader | Tx, values: P): Promise<R[]>;
  /** For changes: how many rows. */
  run(db: Reader | Tx, values: P): Promise<number>;
}

/** `build` is called once; it must not decide anything by the values. */
export function prepared<P extends Values, R = unknown>(build: (db: Kysely<Database>, p: P) => Compilable<R>): Prepared<P, R> {
  let made: Statement<R> | undefined;
  const statementFor = (db: Reader | Tx): Statement<R> => made ??= new Statement(build(db, placeholders<P>()).compile());
  return {
    async one(db, values) {
      const query = statementFor(db);
      const parameters = query.parameters(values);
      const statement = query.on(db);
      return statement ? statement.get(...parameters) : (await query.byKysely(db, parameters)).rows[0];
    },
    async all(db, values) {
      const query = statementFor(db);
      const parameters = query.parameters(values);
      const statement = query.on(db);
      return statement ? statement.all(...parameters) : (await query.byKysely(db, parameters)).rows;
    },
    async run(db, values) {
      const query = statementFor(db);
      return query.change(db, query.parameters(values));
    },
  };
}

/** An insert of one row; the columns are those of the first row, and every row has them all. */
export function preparedInsert<C extends object>(build: (db: Kysely<Database>, row: C) => Compilable<unknown>): { run(db: Reader | Tx, row: C): Promise<number> } {
  let made: Statement<unknown> | undefined;
  let columns = 0;
  return {
    async run(db, row) {
      if (!made) {
        const p = placeholders<Record<string, unknown>>();
        const names = Object.keys(row);
        columns = names.length;
        made = new Statement(build(db, Object.fromEntries(names.map((name) => [name, p[name]])) as C).compile());
      }
      if (Object.keys(row).length !== columns) throw new TypeError('a row has other columns than those before it');
      return made.change(db, made.parameters(row as Values));
    },
  };
}

/**
 * A change whose columns differ from call to call: prepared once for each set of columns. `undefined` leaves a column as it is.
 * The names of `keys` are values of the condition, not columns.
 */
export function preparedChange<K extends Values, C extends object>(
  build: (db: Kysely<Database>, keys: K, columns: C) => Compilable<unknown>,
): { run(db: Reader | Tx, keys: K, columns: C): Promise<number> } {
  const column = 'column ';
  const make = (db: Reader | Tx, names: readonly string[]) => {
    const p = placeholders<Record<string, unknown>>();
    const statement = new Statement<unknown>(build(db, p as K, Object.fromEntries(names.map((name) => [name, p[column + name]])) as C).compile());
    const sources = statement.names.map((name): { readonly column: string } | { readonly key: string | undefined } => (name?.startsWith(column) ? { column: name.slice(column.length) } : { key: name }));
    return { statement, sources };
  };
  const variants = new Map<string, ReturnType<typeof make>>();
  return {
    async run(db, keys, columns) {
      const given = columns as Readonly<Record<string, Value | undefined>>;
      const names = Object.keys(columns).filter((name) => given[name] !== undefined);
      const variantName = names.join();
      let variant = variants.get(variantName);
      if (!variant) variants.set(variantName, variant = make(db, names));
      const { statement, sources } = variant;
      return statement.change(db, sources.map((source, at) => {
        if ('column' in source) return given[source.column];
        return source.key === undefined ? statement.constants[at] : demand(keys[source.key], source.key);
      }));
    },
  };
}
