/** A fix file that comes back: the import it was written by, as long as that is in hand, so that nothing has to be said a second time. */
import type { ImportRules, SavedMapping } from '../../../shared/contract/imports.ts';
import type { EngineContext } from '../context.ts';
import { ownColumns } from './cell-count.ts';
import { fixFileName } from './fix-file.ts';
import { columnsDigest } from './mappings.ts';
import { openSessions } from './session.ts';

export interface ImportBefore {
  readonly fileName: string;
  readonly type: string | undefined;
  readonly rules: ImportRules;
  /** By name: the fix file has more columns, and maybe in other places. */
  readonly columns: SavedMapping['columns'];
}

/**
 * The import whose rows the file has: one with the same columns that was checked, since only then there was a fix file. Of several the one whose
 * fix file has this name, then the last. An OP given for the whole file is gone with that import and has to be given again.
 */
export function importOfFix(ctx: Pick<EngineContext, 'sqlite'>, names: readonly string[], fileName: string): ImportBefore | undefined {
  const digest = columnsDigest(ownColumns(names));
  const alike = openSessions(ctx).filter((one) => one.type !== undefined && ['validated', 'committing', 'done'].includes(one.state) && columnsDigest(ownColumns(one.source.names)) === digest);
  const rank = (name: string): number => (fixFileName(name) === fileName ? 1 : 0);
  const [found] = alike.sort((a, b) => rank(b.fileName) - rank(a.fileName) || b.openedAt - a.openedAt);
  if (!found) return undefined;
  const columns = found.columns.map((one) => ({ name: found.source.names[one.index] ?? '', transforms: one.transforms, ...(one.field ? { field: one.field } : {}), ...(one.wrapping ? { wrapping: one.wrapping } : {}) }));
  return { fileName: found.fileName, type: found.type, rules: found.rules, columns };
}

export const fixSentence = (before: ImportBefore | undefined): string =>
  before === undefined ? 'Its last columns, error and hint, are those of a fix file; they are passed over.' : `It is the fix file of ${before.fileName}: columns, rules and profile type are those of that import.`;
