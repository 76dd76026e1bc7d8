/** What compiled conditions are made of. */
import { sql, type RawBuilder, type SqlBool } from 'kysely';
import { withoutSeparators } from '../../../shared/identifiers/index.ts';
import { DeskProblem } from '../context.ts';
import type { Group } from './groups.ts';

export type Check = RawBuilder<SqlBool>;

export interface KeyRange {
  readonly from: number | string;
  readonly to: number | string;
}
/** Columns a walk can be bounded by. */
export type RangeKey = 'created' | 'lastEvent' | 'iccid' | 'imsi' | 'msisdn' | 'eid' | 'prepared' | 'delivered' | 'held';

/** An index range that finds rows. */
export interface Driver {
  /** `select … as id` */
  readonly ids: RawBuilder<unknown>;
  /** The rows are exactly those with this key in the range: a walk along the key finds them in its order. */
  readonly range?: { readonly key: RangeKey; readonly range: KeyRange };
}

export interface RowCondition {
  /** True of the rows that are meant; over `profiles as p`. */
  readonly check: Check;
  /** Together they find all rows that are meant, some perhaps more than once or in vain. Absent: as good as all rows are meant. */
  readonly drivers?: readonly Driver[];
  /** An index that has the rows in the order they came in. */
  readonly walk?: { readonly column: 'batch_id' | 'import_id'; readonly value: number };
}

export interface Compiled {
  readonly groups?: (group: Group) => boolean;
  readonly row?: RowCondition;
}

export const invalid = (chip: string, message: string): DeskProblem => new DeskProblem('FILTER_INVALID', message, { field: `filter.${chip}` });

export const allOf = (checks: readonly Check[]): Check => (checks.length === 0 ? sql<SqlBool>`true` : sql<SqlBool>`${sql.join(checks.map((check) => sql`(${check})`), sql` and `)}`);

/** Digits as they are stored: without separators, plus and filler. */
export const bareDigits = (text: string): string => withoutSeparators(text).replace(/^\+|[fF]$/g, '');
