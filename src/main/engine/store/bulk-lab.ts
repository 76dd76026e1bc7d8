/** Synthetic orders and activation events of the lab, many at a time; same rules as `bulk-profiles.ts`. */
import type SqliteDatabase from 'better-sqlite3';

type Connection = SqliteDatabase.Database;

export interface LabOrder {
  readonly id: string; readonly profileId: number; readonly typeId: number; readonly matchingId: string; readonly eid?: string; readonly smdpAddress: string;
  readonly confirmationLimit: number; readonly downloadLimit: number; readonly downloadAttempts: number; readonly expiresAt: number; readonly boundEid?: string;
  readonly createdAt: number; readonly confirmedAt?: number; readonly closedAt?: number; readonly finalState?: string; readonly outcome?: string;
}

export interface LabEvent {
  readonly profileId: number; readonly orderId?: string; readonly at: number; readonly stage: string; readonly source: string; readonly text: string;
  readonly code?: string; readonly actor: string;
}

export function insertLabOrders(sqlite: Connection, orders: readonly LabOrder[]): void {
  const order = sqlite.prepare(
    `insert into orders (id, profile_id, type_id, matching_id, eid, smdp_address, confirmation_limit, download_attempts, download_limit, expires_at,
       bound_eid, created_at, confirmed_at, closed_at, final_state, outcome) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const matching = sqlite.prepare('insert into matching_ids (matching_id, order_id, created_at) values (?, ?, ?)');
  for (const o of orders) {
    order.run(
      o.id, o.profileId, o.typeId, o.matchingId, o.eid ?? null, o.smdpAddress, o.confirmationLimit, o.downloadAttempts, o.downloadLimit, o.expiresAt,
      o.boundEid ?? null, o.createdAt, o.confirmedAt ?? null, o.closedAt ?? null, o.finalState ?? null, o.outcome ?? null,
    );
    matching.run(o.matchingId, o.id, o.createdAt);
  }
}

export function insertLabEvents(sqlite: Connection, events: readonly LabEvent[]): void {
  const statement = sqlite.prepare(
    'insert into activation_events (profile_id, order_id, at, stage, source, text, code, actor) values (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  for (const e of events) statement.run(e.profileId, e.orderId ?? null, e.at, e.stage, e.source, e.text, e.code ?? null, e.actor);
}

export interface LabRemark { readonly profileId: number; readonly at: number; readonly label?: string; readonly note?: string }

export function insertLabRemarks(sqlite: Connection, remarks: readonly LabRemark[]): void {
  const label = sqlite.prepare('insert into labels (name, colour, created_at) values (?, ?, ?) on conflict do nothing');
  const wear = sqlite.prepare(`insert into profile_labels (profile_id, label_id, at, actor) select ?, id, ?, 'system' from labels where name = ?`);
  const note = sqlite.prepare(`insert into profile_notes (profile_id, at, author, text) values (?, ?, 'system', ?)`);
  for (const one of remarks) {
    if (one.label !== undefined) {
      label.run(one.label, one.label === 'to check' ? 'red' : 'teal', one.at);
      wear.run(one.profileId, one.at, one.label);
    }
    if (one.note !== undefined) note.run(one.profileId, one.at, one.note);
  }
}
