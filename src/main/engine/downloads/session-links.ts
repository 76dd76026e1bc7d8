/** What of this workspace a decoded text speaks of. */
import type { Reader } from '../context.ts';
import type { Mentioned } from './session-decode.ts';

export interface WorkspaceLink { readonly kind: 'session' | 'order' | 'profile'; readonly id: string; readonly text: string }

const LINKS = 20;

export async function linksOf(db: Reader, mentioned: Mentioned): Promise<WorkspaceLink[]> {
  const links: WorkspaceLink[] = [];
  const link = (kind: WorkspaceLink['kind'], id: string, text: string): void => {
    if (links.length < LINKS && !links.some((known) => known.kind === kind && known.id === id)) links.push({ kind, id, text });
  };
  for (const id of mentioned.transactionIds) {
    const session = await db.selectFrom('sessions').select('transaction_id').where('transaction_id', '=', id).executeTakeFirst();
    if (session) link('session', session.transaction_id, 'The session with this TransactionID');
  }
  for (const matchingId of mentioned.matchingIds) {
    const token = await db.selectFrom('matching_ids').select('order_id').where('matching_id', '=', matchingId.toUpperCase()).executeTakeFirst();
    if (!token) continue;
    link('order', token.order_id, 'The order with this MatchingID');
    const session = await db.selectFrom('sessions').select('transaction_id').where('order_id', '=', token.order_id).orderBy('started_at', 'desc').limit(1).executeTakeFirst();
    if (session) link('session', session.transaction_id, 'The last session of this order');
  }
  for (const iccid of mentioned.iccids) {
    const profile = await db.selectFrom('profiles').select(['id', 'iccid', 'order_id']).where('iccid', '=', iccid).executeTakeFirst();
    if (!profile) continue;
    link('profile', profile.iccid, 'The profile with this ICCID');
    if (profile.order_id !== null) link('order', profile.order_id, 'The order of this profile');
  }
  for (const eid of mentioned.eids) {
    const session = await db.selectFrom('sessions').select('transaction_id').where('eid', '=', eid).orderBy('started_at', 'desc').limit(1).executeTakeFirst();
    if (session) link('session', session.transaction_id, 'The last session of this eUICC');
    const profile = await db.selectFrom('profiles').select('iccid').where('eid', '=', eid).limit(1).executeTakeFirst();
    if (profile) link('profile', profile.iccid, 'A profile of this eUICC');
  }
  return links;
}
