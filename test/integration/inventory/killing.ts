/** Bulk work killed at chosen moments, and what is left then: in SQL, by counting. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type Sqlite from 'better-sqlite3';
import { checkChain, inDatabase, type Kill, type Run, runWorker } from '../preparation/killing.ts';

export const runBulk = (folder: string, steps: readonly string[], kill?: Kill): Promise<Run> => runWorker(folder, steps, kill, join(import.meta.dirname, 'worker.ts'));

/** Every column of every profile that bulk work may change, but for what its timeline said last. */
export const stockDigest = (folder: string): string => inDatabase(folder, (db) => {
  const hash = createHash('sha256');
  const rows = db.prepare('select id, iccid, order_state, network_state, stock_state, device_state, stock_reason, held_until, held_for, quarantine_rule, quarantine_until, quarantine_then, slots, subscriber, order_id from profiles order by id').raw().iterate();
  for (const row of rows) hash.update(JSON.stringify(row));
  return hash.digest('hex');
});

export const jobsOf = (folder: string): { id: string; state: string; changed: number; undoes: string | null; undone: string | null }[] => inDatabase(folder, (db) =>
  db.prepare('select j.id, j.state, b.changed, b.undoes, b.undone_by as undone from bulks b join jobs j on j.id = b.job_id order by b.created_at, b.undoes is not null').all() as never);

/** Rows done so far, of all jobs. */
export const doneSoFar = (folder: string): number => inDatabase(folder, (db) => db.prepare('select coalesce(sum(changed + unchanged + refused), 0) from bulks').pluck().get() as number);

/** Throws with what is wrong. A profile was moved by a job when, and only when, its row there says so, and then once: with one event and one audit record. */
export function checkBulk(folder: string): void {
  inDatabase(folder, (db: Sqlite.Database) => {
    const one = (sql: string): number => db.prepare(sql).pluck().get() as number;
    const eventsOf = (stage: string): string => `(select count(*) from activation_events e where e.profile_id = r.profile_id and e.stage = '${stage}')`;
    const wrong = {
      heldTwiceOrNever: one(`select count(*) from bulk_rows r join bulks b on b.job_id = r.job_id where b.undoes is null and ${eventsOf('held')} <> (r.outcome = 1)`),
      takenBackTwiceOrNever: one(`select count(*) from bulk_rows r join bulks b on b.job_id = r.job_id where b.undoes is not null and ${eventsOf('hold_ended')} <> (r.outcome = 1)`),
      undoneUnknown: one(`select count(*) from bulk_rows r join bulks b on b.job_id = r.job_id where b.undoes is null and coalesce(r.undone, 0)
        <> coalesce((select u.outcome = 1 from bulk_rows u where u.job_id = b.undone_by and u.seq = r.seq), 0)`),
      stateUnlikeRow: one(`select count(*) from bulk_rows r join bulks b on b.job_id = r.job_id join profiles p on p.id = r.profile_id
        where b.undoes is null and r.outcome = 1 and p.stock_state <> case when r.undone = 1 then 'sellable' else 'held' end`),
      eventsWithoutRow: one(`select (select count(*) from activation_events where stage in ('held', 'hold_ended')) - (select count(*) from bulk_rows where outcome = 1)`),
      recordsUnlikeEvents: one(`select (select count(*) from audit where event = 'profile.state_changed') - (select count(*) from activation_events where stage in ('held', 'hold_ended'))`),
      recordsOfOthers: one(`select count(*) from (select p.id, count(*) as n from audit a join profiles p on p.iccid = a.object_id where a.event = 'profile.state_changed' group by p.id) a
        full join (select profile_id as id, count(*) as n from bulk_rows where outcome = 1 group by profile_id) r on r.id = a.id where a.n is not r.n`),
      countersOfJobs: one(`select count(*) from bulks b where changed <> (select count(*) from bulk_rows r where r.job_id = b.job_id and outcome = 1)
        or unchanged <> (select count(*) from bulk_rows r where r.job_id = b.job_id and outcome = 2) or refused <> (select count(*) from bulk_rows r where r.job_id = b.job_id and outcome = 3)`),
      collectedTwice: one('select count(*) from (select 1 from bulk_rows group by job_id, profile_id having count(*) > 1)'),
      leftOut: one(`select count(*) from bulks b where complete = 1 and collected <> case when undoes is null then (select count(*) from profiles) else (select changed from bulks o where o.job_id = b.undoes) end`),
      groups: one(`select count(*) from (select facet, sum(kept) as kept, sum(counted) as counted from (
        select facet, n as kept, 0 as counted from profile_counts union all select facet, 0, count(*) from profiles group by facet) group by facet having sum(kept) <> sum(counted))`),
    };
    const found = Object.entries(wrong).filter(([, n]) => n !== 0);
    if (found.length > 0) throw new Error(`after a kill: ${found.map(([name, n]) => `${name} ${n}`).join(', ')}`);
    if (db.prepare('pragma quick_check').pluck().get() !== 'ok') throw new Error('the database is damaged');
    checkChain(db);
  });
}
