/** Two profiles side by side. */
import type { z } from 'zod';
import type { inventory } from '../../../shared/contract/inventory.ts';
import { toHex } from '../../../shared/tlv/index.ts';
import type { Reader } from '../context.ts';
import { showProfile } from './detail.ts';
import type { ProfileDetail } from './detail.ts';
import { findProfile } from './records.ts';

export type Comparison = z.input<typeof inventory.compare.output>;
type Field = Comparison['fields'][number];

/** Timeline events shown of each. */
const HEADS = 10;
const iso = (at: number | undefined): string | undefined => (at === undefined ? undefined : new Date(at).toISOString());
const text = (value: unknown): string | undefined => (value === undefined || value === null || value === '' ? undefined : String(value));

interface Deep { readonly type: Record<string, string | undefined>; readonly template: Record<string, string | undefined> }

async function deepOf(db: Reader, iccid: string): Promise<Deep> {
  const row = (await findProfile(db, iccid))!;
  const type = await db.selectFrom('profile_types').selectAll().where('id', '=', row.type_id).executeTakeFirstOrThrow();
  const template = await db.selectFrom('templates').selectAll().where('id', '=', row.template_id).executeTakeFirstOrThrow();
  const slots = (JSON.parse(template.slots) as { name: string }[]).map((slot) => slot.name).join(', ');
  return {
    type: {
      'service provider name': type.service_provider_name, 'profile name': type.profile_name, class: type.profile_class, icon: text(type.icon_type), PPR1: type.ppr1 === 1 ? 'set' : 'not set',
      PPR2: type.ppr2 === 1 ? 'set' : 'not set', owner: text(type.owner), 'notification addresses': text((JSON.parse(type.notification_addresses) as string[]).join(', ')), protection: type.protection,
    },
    template: {
      template: `${template.name}@${template.version}`, digest: toHex(template.digest), algorithm: template.algorithm, 'SAIP version': template.saip_version, 'profile elements': String(template.elements),
      size: `${template.size_bytes} octets`, 'personalised values': slots,
    },
  };
}

export async function compareProfiles(db: Reader, a: string, b: string, now: number): Promise<Comparison> {
  const [left, right] = [await showProfile(db, a, now), await showProfile(db, b, now)];
  const [deepLeft, deepRight] = [await deepOf(db, left.iccid), await deepOf(db, right.iccid)];
  const fields: Field[] = [];
  const add = (group: Field['group'], name: string, x: string | undefined, y: string | undefined): void => {
    fields.push({ group, name, ...(x === undefined ? {} : { a: x }), ...(y === undefined ? {} : { b: y }), same: x === y });
  };
  const both = (group: Field['group'], name: string, of: (p: ProfileDetail) => string | undefined): void => add(group, name, of(left), of(right));
  both('identity', 'ICCID', (p) => p.iccid);
  both('identity', 'IMSI', (p) => p.imsi);
  both('identity', 'MSISDN', (p) => p.msisdn);
  both('identity', 'EID', (p) => p.eid);
  both('identity', 'profile type', (p) => p.type);
  for (const axis of ['order', 'network', 'stock', 'device'] as const) both('states', axis, (p) => p.state[axis]);
  both('states', 'situation', (p) => p.badge?.code);
  both('states', 'reason', (p) => p.stockReason);
  both('states', 'held until', (p) => iso(p.heldUntil));
  both('states', 'held for', (p) => p.heldFor);
  both('preparation', 'prepared', (p) => iso(p.preparedAt));
  both('preparation', 'batch', (p) => p.batch);
  both('preparation', 'import', (p) => p.import);
  both('preparation', 'package digest', (p) => p.packageDigest);
  both('preparation', 'package size', (p) => (p.packageBytes === undefined ? undefined : `${p.packageBytes} octets`));
  both('preparation', 'secrets', (p) => p.secretState);
  both('order', 'order', (p) => p.order?.id);
  both('order', 'MatchingID', (p) => p.order?.matchingId);
  both('order', 'brand', (p) => p.brand);
  both('order', 'download attempts', (p) => text(p.attempts));
  both('order', 'delivered', (p) => iso(p.deliveredAt));
  both('order', 'ends', (p) => iso(p.order?.expiresAt));
  for (const name of Object.keys(deepLeft.template)) add('template', name, deepLeft.template[name], deepRight.template[name]);
  for (const name of Object.keys(deepLeft.type)) add('metadata', name, deepLeft.type[name], deepRight.type[name]);
  both('other', 'in stock since', (p) => iso(p.createdAt));
  both('other', 'last event', (p) => p.lastEvent);
  both('other', 'labels', (p) => text(p.labels?.map((label) => label.name).join(', ')));
  both('other', 'notes', (p) => text(p.notes));
  const head = (p: ProfileDetail) => ({ iccid: p.iccid, state: p.state, timeline: p.timeline.slice(-HEADS).reverse() });
  return { a: head(left), b: head(right), fields };
}
