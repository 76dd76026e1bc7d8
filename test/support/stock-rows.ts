/** Rows as they lie in the tables, written straight into the database: for tests of reads, not of rules. */
import type SqliteDatabase from 'better-sqlite3';
import { makeEid, parseIccid, reversed } from '../../src/shared/identifiers/index.ts';

export function addType(sqlite: SqliteDatabase.Database, name: string, at = 0): number {
  const template = sqlite.prepare(`insert into templates (name, version, der, digest, base, slots, size_bytes, algorithm, saip_version, elements, errors, warnings, findings, created_at)
    values (?, 1, x'00', x'00', x'00', '[]', 1, 'milenage', '3.3', 1, 0, 0, '[]', ?)`).run(`template of ${name}`, at).lastInsertRowid;
  return Number(sqlite.prepare(`insert into profile_types (name, template_id, service_provider_name, profile_name, profile_class, ppr1, ppr2, notification_addresses, protection, created_at)
    values (?, ?, 'Provider', 'Profile', 'operational', 0, 0, '[]', 'session-keys', ?)`).run(name, template, at).lastInsertRowid);
}

export const iccidOf = (n: number): string => {
  const parsed = parseIccid(`8949${String(n).padStart(14, '0')}`);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.value;
};
export const imsiOf = (n: number): string => `26201${String(n).padStart(10, '0')}`;
export const msisdnOf = (n: number): string => `4915${String(n).padStart(8, '0')}`;
export const eidOf = (n: number): string => makeEid(`89049032${String(n).padStart(22, '0')}`);

export interface ProfileStates { order?: string; stock?: string; network?: string; device?: string; eid?: string; lastEventAt?: number }

/** Adds profiles numbered `from`, `from + 1`, … in one transaction; answers nothing, they are found by their number. */
export function addProfiles(sqlite: SqliteDatabase.Database, typeId: number, from: number, count: number, states: (n: number) => ProfileStates = () => ({})): void {
  const insert = sqlite.prepare(`insert into profiles (iccid, iccid_rev, imsi, imsi_rev, msisdn, msisdn_rev, type_id, template_id, eid, eid_rev, order_state, network_state, stock_state, device_state, created_at, last_event_at)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  sqlite.transaction(() => {
    for (let n = from; n < from + count; n++) {
      const s = states(n);
      const [iccid, imsi, msisdn] = [iccidOf(n), imsiOf(n), msisdnOf(n)];
      insert.run(iccid, reversed(iccid), imsi, reversed(imsi), msisdn, reversed(msisdn), typeId, typeId, s.eid ?? null, s.eid ? reversed(s.eid) : null,
        s.order ?? 'available', s.network ?? 'absent', s.stock ?? 'sellable', s.device ?? 'unknown', n, s.lastEventAt ?? null);
    }
  })();
}

export function addOrder(sqlite: SqliteDatabase.Database, order: { id: string; profile: number; typeId: number; matchingId: string; eid?: string; createdAt: number; closedAt?: number; expiresAt?: number }): void {
  sqlite.prepare(`insert into orders (id, profile_id, type_id, matching_id, eid, smdp_address, confirmation_limit, download_limit, expires_at, created_at, closed_at) values (?, ?, ?, ?, ?, 'smdp.test.example', 5, 5, ?, ?, ?)`)
    .run(order.id, order.profile, order.typeId, order.matchingId, order.eid ?? null, order.expiresAt ?? null, order.createdAt, order.closedAt ?? null);
  if (order.matchingId !== '') sqlite.prepare('insert into matching_ids (matching_id, order_id, created_at) values (?, ?, ?)').run(order.matchingId, order.id, order.createdAt);
}

export function addEvent(sqlite: SqliteDatabase.Database, event: { profile: number; order?: string; at: number; stage: string }): void {
  sqlite.prepare(`insert into activation_events (profile_id, order_id, at, stage, source, text) values (?, ?, ?, ?, 'system', ?)`).run(event.profile, event.order ?? null, event.at, event.stage, event.stage);
}
