/** The one search field of a list: ends of identifiers, a MatchingID, a batch or import reference. */
import { sql, type SqlBool } from 'kysely';
import { reversed } from '../../../shared/identifiers/index.ts';
import type { Reader, Tx } from '../context.ts';
import { batchNumbered, matchingIds } from './filter-fields.ts';
import type { Check, Compiled, Driver, RangeKey } from './filter-parts.ts';
import { bareDigits } from './filter-parts.ts';

const COLUMNS = ['iccid', 'iccid_rev', 'imsi', 'imsi_rev', 'msisdn', 'msisdn_rev', 'eid', 'eid_rev'] as const;

const nothing: Compiled = { groups: () => false };

export async function compileText(db: Reader | Tx, text: string): Promise<Compiled> {
  const digits = bareDigits(text);
  const checks: Check[] = [];
  const drivers: Driver[] = [];
  if (/^\d{1,32}$/.test(digits)) {
    for (const column of COLUMNS) {
      const start = column.endsWith('_rev') ? reversed(digits) : digits;
      const own = sql.raw(`p.${column}`);
      checks.push(sql<SqlBool>`${own} >= ${start} and ${own} < ${`${start}:`}`);
      drivers.push({
        ids: sql`select id from profiles where ${sql.raw(column)} >= ${start} and ${sql.raw(column)} < ${`${start}:`}`,
        ...(column.endsWith('_rev') ? {} : { range: { key: column as RangeKey, range: { from: start, to: `${start}:` } } }),
      });
    }
  }
  const token = text.trim().toUpperCase().replace(/\s+/g, '');
  // A few digits alone are no MatchingID.
  if (/^[0-9A-Z-]{4,64}$/.test(token) && /[A-Z]/.test(token)) {
    const starts = [token, ...(/^[0-9A-Z]{20}$/.test(token) ? [token.replace(/(.{5})(?=.)/g, '$1-')] : [])];
    const found = matchingIds(starts.map((from) => ({ from, to: `${from}~` })));
    checks.push(found.check);
    drivers.push(...found.drivers);
  }
  const batch = await db.selectFrom('preparations').select('batch_id').where('reference', '=', text.trim()).executeTakeFirst();
  const numbered = /^([BI])-(\d{1,15})$/i.exec(text.trim());
  const batchId = batch?.batch_id ?? (numbered?.[1]?.toUpperCase() === 'B' ? await batchNumbered(db, numbered[0]) : undefined);
  if (batchId !== undefined && batchId !== null) {
    checks.push(sql<SqlBool>`p.batch_id = ${batchId}`);
    drivers.push({ ids: sql`select id from profiles where batch_id = ${batchId}` });
  }
  if (numbered?.[1]?.toUpperCase() === 'I') {
    checks.push(sql<SqlBool>`p.import_id = ${Number(numbered[2])}`);
    drivers.push({ ids: sql`select id from profiles where import_id = ${Number(numbered[2])}` });
  }
  if (checks.length === 0) return nothing;
  return { row: { check: sql<SqlBool>`(${sql.join(checks.map((check) => sql`(${check})`), sql` or `)})`, drivers } };
}
