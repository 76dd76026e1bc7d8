/**
 * Tells a listener which numbers a commit gave to profiles: after the commit, before anybody hears of it. What is rolled back is
 * forgotten. Nobody listens until {@link listenForNumbers} is called.
 */
import type SqliteDatabase from 'better-sqlite3';

type Connection = SqliteDatabase.Database;

export interface TakenNumbers {
  readonly iccid: string;
  readonly imsi: string;
  readonly msisdn?: string | null;
  /** `own`: keys made here. `file`: the profile came with its keys, or waits for them. */
  readonly origin: 'own' | 'file';
}
/** `import-done`: rows of an import count from now on. */
export type Taken = TakenNumbers | 'import-done';

interface Listening {
  readonly tell: (taken: readonly Taken[]) => Promise<void>;
  waiting: Taken[];
}

const listening = new WeakMap<Connection, Listening>();

/** `tell` must not reject: the commit is done. */
export function listenForNumbers(sqlite: Connection, tell: Listening['tell']): void {
  listening.set(sqlite, { tell, waiting: [] });
}

export function noteTaken(sqlite: Connection, ...taken: readonly Taken[]): void {
  const one = listening.get(sqlite);
  if (one) for (const entry of taken) one.waiting.push(entry);
}

/** How much is noted of the transaction in hand, to go back to with {@link forgetTaken}. */
export const notedSoFar = (sqlite: Connection): number => listening.get(sqlite)?.waiting.length ?? 0;

export function forgetTaken(sqlite: Connection, from: number): void {
  const one = listening.get(sqlite);
  if (one) one.waiting.length = Math.min(one.waiting.length, from);
}

/** Call when the transaction is committed. */
export async function tellTaken(sqlite: Connection): Promise<void> {
  const one = listening.get(sqlite);
  if (!one || one.waiting.length === 0) return;
  const taken = one.waiting;
  one.waiting = [];
  await one.tell(taken);
}
