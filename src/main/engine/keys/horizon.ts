/** When certificates and revocation lists end, and what stops working then. */
import type { z } from 'zod';
import type { horizonRow } from '../../../shared/contract/pki.ts';
import { toHex } from '../../../shared/tlv/index.ts';
import type { EngineContext } from '../context.ts';
import { listView, issuerKeyOf, recordSerial } from './crl-import.ts';
import { euiccKinds } from './euiccs.ts';
import type { EuiccKind } from './euiccs.ts';
import { loadIdentities } from './identities.ts';
import type { Identity } from './identities.ts';
import { listenerUses } from './listeners.ts';
import type { ListenerUse } from './listeners.ts';
import { activeCertificates, allCrls } from './records.ts';
import type { CertificateRecord, CrlRecord } from './records.ts';
import { revocationOf } from './revocation.ts';
import { roleName } from './rules.ts';
import { canServe, revokedSentence } from './state.ts';

export type HorizonView = z.input<typeof horizonRow>;
type Alarm = HorizonView['alarm'];

const DAY = 86_400_000;
const steps = [1, 7, 14, 30, 60, 90] as const;

/** The reminder in force `daysLeft` whole days before the end. Lists are renewed every few weeks: of theirs only the last two count. */
export function alarmOf(daysLeft: number, kind: 'certificate' | 'crl'): Alarm {
  if (daysLeft < 0) return 'ended';
  const step = (kind === 'crl' ? steps.slice(0, 2) : steps).find((days) => daysLeft <= days);
  return step === undefined ? 'none' : `${step}`;
}

export function severityOf(alarm: Alarm): HorizonView['severity'] {
  switch (alarm) {
    case 'none': return 'ok';
    case '90': case '60': return 'info';
    case '30': case '14': return 'warning';
    default: return 'error';
  }
}

interface Facts {
  readonly at: Date;
  readonly identities: readonly Identity[];
  readonly uses: readonly ListenerUse[];
  readonly kinds: readonly EuiccKind[];
  readonly openOrders: number;
  readonly required: boolean;
}

interface Effect { readonly consequence: string; readonly openOrders: number; readonly listeners: readonly string[] }

const orders = (n: number): string => (n === 0 ? 'No order is open now.' : `${n} open ${n === 1 ? 'order' : 'orders'} cannot be downloaded then.`);
const list = (names: readonly string[]): string => names.join(', ');

/** Without the DPauth or DPpb of this identity, or without its CI. */
function identityEnds(name: string, facts: Facts): Effect {
  const uses = facts.uses.filter((use) => use.kind === 'es9plus' && use.identities.some((identity) => identity.name === name));
  const labels = uses.map((use) => use.label);
  if (uses.length === 0) return { consequence: `The identity ${name} can no longer serve downloads. No listener uses it now.`, openOrders: 0, listeners: labels };
  const dead = uses.filter((use) => !use.identities.some((identity) => identity.name !== name && canServe(identity, facts.at)));
  if (dead.length > 0) {
    return { consequence: `${list(dead.map((use) => use.label))} can serve no download any more (8.8.4/3.7). ${orders(facts.openOrders)}`, openOrders: facts.openOrders, listeners: labels };
  }
  const identity = facts.identities.find((one) => one.name === name);
  const keyId = identity && toHex(identity.ci.keyId);
  const others = facts.identities.filter((one) => one.name !== name && canServe(one, facts.at)).map((one) => toHex(one.ci.keyId));
  const left = facts.kinds.filter((kind) => keyId !== undefined && kind.verification.includes(keyId) && !kind.verification.some((one) => others.includes(one))).reduce((sum, kind) => sum + kind.count, 0);
  return { consequence: `eSIM chips that trust only the CI of ${name} are refused with 8.8.4/3.7 on ${list(labels)}; ${left} of those seen so far are of this kind. Others use another identity.`, openOrders: 0, listeners: labels };
}

function tlsEnds(record: CertificateRecord, facts: Facts): Effect {
  const uses = facts.uses.filter((use) => use.tls.some((own) => own.certificateId === record.id));
  const labels = uses.map((use) => use.label);
  if (uses.length === 0) return { consequence: 'No listener shows this TLS certificate now.', openOrders: 0, listeners: labels };
  const devices = uses.filter((use) => use.kind === 'es9plus');
  const brands = uses.filter((use) => use.kind === 'es2plus');
  const alone = devices.every((use) => use.tls.length === 1);
  const parts = [
    ...(devices.length > 0 ? [`Devices ${alone ? 'can no longer connect' : `that ask for ${list(JSON.parse(record.dns_names) as string[])} can no longer connect`} to ${list(devices.map((use) => use.label))}. ${orders(facts.openOrders)}`] : []),
    ...(brands.length > 0 ? [`Brands can no longer order over ${list(brands.map((use) => use.label))}.`] : []),
  ];
  return { consequence: parts.join(' '), openOrders: devices.length > 0 ? facts.openOrders : 0, listeners: labels };
}

function certificateEnds(record: CertificateRecord, facts: Facts): Effect {
  switch (record.role) {
    case 'tls': return tlsEnds(record, facts);
    case 'eum': return { consequence: 'eSIM chips whose chain holds this EUM certificate are refused with 8.1.2/6.3.', openOrders: 0, listeners: [] };
    case 'ci': {
      const effect = identityEnds(record.identity, facts);
      return { ...effect, consequence: `Nothing below this CI is trusted by devices any more. ${effect.consequence}` };
    }
    default: return identityEnds(record.identity, facts);
  }
}

function listEnds(crl: CrlRecord, names: readonly string[], facts: Facts): Effect {
  if (crl.role === 'eum' || !facts.required) {
    return { consequence: 'What is revoked after this day is not known here until a newer list is imported; what is revoked now stays so.', openOrders: 0, listeners: [] };
  }
  const labels = facts.uses.filter((use) => use.kind === 'es9plus' && use.identities.some((identity) => names.includes(identity.name))).map((use) => use.label);
  return {
    consequence: `Every eSIM chip under this CI is refused with 8.1.2/6.1 until a newer list is imported, because the settings require one in force. ${orders(facts.openOrders)}`,
    openOrders: facts.openOrders, listeners: labels,
  };
}

async function gather(ctx: EngineContext, kinds: readonly EuiccKind[]): Promise<Facts> {
  const identities = await loadIdentities(ctx);
  const open = await ctx.reader.selectFrom('orders').select((e) => e.fn.countAll<number>().as('n')).where('closed_at', 'is', null).executeTakeFirstOrThrow();
  return {
    at: new Date(ctx.clock.now()), identities, uses: listenerUses(ctx, identities), kinds, openOrders: open.n,
    required: ctx.settings().revocation === 'required',
  };
}

/** Soonest end first. */
export const horizon = async (ctx: EngineContext): Promise<HorizonView[]> => horizonOver(ctx, await euiccKinds(ctx.reader, await revocationOf(ctx)));

async function horizonOver(ctx: EngineContext, kinds: readonly EuiccKind[]): Promise<HorizonView[]> {
  const facts = await gather(ctx, kinds);
  const now = facts.at.getTime();
  const lookup = await revocationOf(ctx);
  const records = await activeCertificates(ctx.reader);
  const rows: HorizonView[] = records.map((record) => {
    const title = `${roleName(record.role)} of ${record.identity}`;
    const issuer = issuerKeyOf(record);
    const revoked = issuer === null ? undefined : lookup.isRevoked(issuer, recordSerial(record));
    const daysLeft = Math.floor((record.not_after - now) / DAY);
    const alarm: Alarm = revoked ? 'revoked' : alarmOf(daysLeft, 'certificate');
    const { consequence, openOrders, listeners } = certificateEnds(record, facts);
    return {
      kind: 'certificate' as const, id: record.id, identity: record.identity, role: record.role as HorizonView['role'], title, ends: record.not_after, daysLeft, alarm,
      severity: severityOf(alarm), consequence: revoked ? `${revokedSentence(title, revoked)} ${consequence}` : consequence, openOrders, listeners: [...listeners],
    };
  });
  for (const crl of await allCrls(ctx.reader)) {
    const names = identitiesUnder(records, crl);
    const view = listView(crl, names, now);
    const daysLeft = Math.floor((view.nextUpdate - now) / DAY);
    const alarm = alarmOf(daysLeft, 'crl');
    const { consequence, openOrders, listeners } = listEnds(crl, names, facts);
    rows.push({
      kind: 'crl', id: crl.id, ...(names.length === 1 ? { identity: names[0]! } : {}), title: `Revocation list ${crl.number} of ${crl.issuer}`, ends: view.nextUpdate, daysLeft, alarm,
      severity: severityOf(alarm), consequence, openOrders, listeners: [...listeners],
    });
  }
  return rows.sort((a, b) => a.ends - b.ends || a.title.localeCompare(b.title));
}

/** Identities whose CI or EUM issued the list. */
export function identitiesUnder(records: readonly CertificateRecord[], crl: Pick<CrlRecord, 'issuer_key_id' | 'role'>): string[] {
  const issuer = toHex(crl.issuer_key_id);
  return [...new Set(records.filter((record) => record.role === crl.role && record.subject_key_id !== null && toHex(record.subject_key_id) === issuer).map((record) => record.identity))];
}

/** What Home says of it: the most urgent first, each with its own words. */
export async function certificateAlarms(ctx: EngineContext): Promise<{ severity: 'warning' | 'error'; text: string; count: number }[]> {
  // Asked often: without looking at every eUICC, whose numbers are not shown there.
  const rows = (await horizonOver(ctx, [])).filter((row) => row.severity === 'warning' || row.severity === 'error');
  const lookup = await revocationOf(ctx);
  const at = new Date(ctx.clock.now());
  const bare = (await loadIdentities(ctx)).filter((identity) => lookup.missing?.(identity.ci.keyId, at) !== undefined);
  const groups: { severity: 'warning' | 'error'; text: string; count: number }[] = [];
  const add = (severity: 'warning' | 'error', some: readonly HorizonView[], words: (row: HorizonView) => string, many: string): void => {
    if (some.length === 1) groups.push({ severity, text: words(some[0]!), count: 1 });
    else if (some.length > 1) groups.push({ severity, text: `${some.length} ${many}: ${some.slice(0, 3).map((row) => row.title).join(', ')}${some.length > 3 ? ' …' : ''}`, count: some.length });
  };
  add('error', rows.filter((row) => row.alarm === 'revoked'), (row) => `${row.title} is revoked`, 'certificates are revoked');
  add('error', rows.filter((row) => row.alarm === 'ended'), (row) => `${row.title} has ended`, 'certificates and revocation lists have ended');
  const ending = (days: number): string => (days === 0 ? 'within a day' : days === 1 ? 'in one day' : `in ${days} days`);
  for (const severity of ['error', 'warning'] as const) {
    const some = rows.filter((row) => row.severity === severity && row.alarm !== 'revoked' && row.alarm !== 'ended');
    add(severity, some, (row) => `${row.title} ends ${ending(row.daysLeft)}`, `certificates and revocation lists end within ${severity === 'error' ? 'seven' : 'thirty'} days`);
  }
  if (bare.length > 0) groups.push({ severity: 'error', text: `No revocation list in force for the CI of ${bare.map((identity) => identity.name).join(', ')}: its eSIM chips are refused`, count: bare.length });
  return groups;
}
