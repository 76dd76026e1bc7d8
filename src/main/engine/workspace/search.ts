/** One search for every identifier: a beginning by index range, an end by the reversed columns. No scans. */
import type { z } from 'zod';
import type { searchHit } from '../../../shared/contract/workspace.ts';
import { group, recognise, type Recognised, reversed } from '../../../shared/identifiers/index.ts';
import type { Reader } from '../context.ts';
import { endedByRefusal } from '../downloads/index.ts';
import { regroupedMatchingId } from '../orders/index.ts';
import { nearIccids } from '../profiles/index.ts';
import { byName, byReference, jobsById } from './search-names.ts';

type Hit = z.infer<typeof searchHit>;
const perKind = 8;
const most = 30;

const forward = ['iccid', 'imsi', 'msisdn', 'eid'] as const;
const backward = ['iccid_rev', 'imsi_rev', 'msisdn_rev', 'eid_rev'] as const;
type Column = (typeof forward)[number] | (typeof backward)[number];

interface ProfileHit { id: number; iccid: string; imsi: string; msisdn: string | null; eid: string | null; order_state: string; stock_state: string }

/** `:` is the character behind `9`, so [digits, digits:) is the range of everything that begins with them. */
const beginning = (reader: Reader, column: Column, digits: string): Promise<ProfileHit[]> =>
  reader.selectFrom('profiles').select(['id', 'iccid', 'imsi', 'msisdn', 'eid', 'order_state', 'stock_state'])
    .where(column, '>=', digits).where(column, '<', `${digits}:`).orderBy(column).limit(perKind).execute();

async function profilesByDigits(reader: Reader, digits: string, columns: readonly Column[] = [...forward, ...backward]): Promise<Hit[]> {
  const found = new Map<number, Hit>();
  for (const column of columns) {
    const rows = await beginning(reader, column, column.endsWith('_rev') ? reversed(digits) : digits);
    for (const row of rows) {
      if (found.has(row.id)) continue;
      const why = column.startsWith('imsi') ? `IMSI ${row.imsi}` : column.startsWith('msisdn') ? `MSISDN ${row.msisdn ?? ''}` : column.startsWith('eid') ? `EID ${row.eid ?? ''}` : `IMSI ${row.imsi}`;
      found.set(row.id, { kind: 'profile', id: row.iccid, title: group(row.iccid), subtitle: `${why} · ${row.order_state}, ${row.stock_state}`, href: `/inventory/${row.iccid}` });
    }
  }
  return [...found.values()];
}

/** What may have been meant by an ICCID nobody has. */
async function near(reader: Reader, digits: string): Promise<Hit[]> {
  const hits: Hit[] = [];
  for (const iccid of await nearIccids(reader, digits)) {
    const [hit] = await profilesByDigits(reader, iccid, ['iccid']);
    if (hit) hits.push({ ...hit, subtitle: `Near what was typed · ${hit.subtitle}` });
  }
  return hits;
}

async function orders(reader: Reader, column: 'id' | 'matching_id' | 'eid', from: string, exact: boolean): Promise<Hit[]> {
  // MatchingIDs are looked up in their own table, which is keyed by them.
  const base = reader.selectFrom('orders as o').innerJoin('profiles as p', 'p.id', 'o.profile_id').select(['o.id', 'o.matching_id', 'p.iccid', 'p.order_state', 'o.closed_at']);
  const query = column === 'matching_id'
    ? base.innerJoin('matching_ids as m', 'm.order_id', 'o.id').where('m.matching_id', '>=', from).where('m.matching_id', exact ? '<=' : '<', exact ? from : `${from}~`).orderBy('m.matching_id')
    : base.where(`o.${column}`, '>=', from).where(`o.${column}`, exact ? '<=' : '<', exact ? from : `${from}~`).orderBy('o.created_at', 'desc');
  const rows = await query.limit(perKind).execute();
  return rows.map((r) => ({ kind: 'order', id: r.id, title: r.matching_id || r.id, subtitle: `order ${r.id} · ${group(r.iccid)} · ${r.closed_at === null ? r.order_state : 'closed'}`, href: `/activations/${encodeURIComponent(r.id)}` }));
}

/** Orders by the beginning of their MatchingID, with its dashes or without. */
async function ordersByMatchingId(reader: Reader, typed: string): Promise<Hit[]> {
  const hits = await orders(reader, 'matching_id', typed, false);
  const regrouped = regroupedMatchingId(typed);
  const more = regrouped === undefined ? [] : await orders(reader, 'matching_id', regrouped, false);
  return [...hits, ...more.filter((hit) => !hits.some((one) => one.id === hit.id))];
}

/** A part of an activation code, as it is cut when it is copied by hand: whatever stands between its `$` may be the MatchingID. */
async function ordersByParts(reader: Reader, text: string): Promise<Hit[]> {
  const hits: Hit[] = [];
  for (const part of text.split('$').map((one) => one.trim()).filter((one) => one.length >= 5 && !/[.:]/.test(one)).slice(0, 4)) {
    for (const hit of await ordersByMatchingId(reader, part.toUpperCase())) if (!hits.some((one) => one.id === hit.id)) hits.push(hit);
  }
  return hits;
}

async function sessions(reader: Reader, column: 'transaction_id' | 'eid' | 'claimed_eid', from: string): Promise<Hit[]> {
  const rows = await reader.selectFrom('sessions').select(['transaction_id', 'phase', 'code', 'eid', 'started_at']).where(column, '>=', from).where(column, '<', `${from}~`).orderBy('started_at', 'desc').limit(perKind).execute();
  return rows.map((r) => ({ kind: 'session', id: r.transaction_id, title: r.transaction_id, subtitle: `download session · ${endedByRefusal(r) ? 'refused' : r.phase}`, href: `/sessions/${encodeURIComponent(r.transaction_id)}` }));
}

function columnsOf(named: keyof typeof labels | undefined): readonly Column[] | undefined {
  const column = named === undefined ? undefined : labels[named];
  return column === undefined ? undefined : [column, `${column}_rev`];
}

const readable: Record<Recognised['kind'], string | undefined> = {
  'job-id': 'Job', batch: 'Batch', import: 'Import', 'iccid-mistyped': 'ICCID with a wrong check digit', iccid: 'ICCID', eid: 'EID', number: 'IMSI or MSISDN', digits: 'Digits', 'activation-code': 'Activation code', 'matching-id': 'MatchingID', 'transaction-id': 'Transaction ID', 'order-id': 'Order', text: undefined,
};

const labels = { ICCID: 'iccid', IMSI: 'imsi', MSISDN: 'msisdn', EID: 'eid', MATCHINGID: undefined } as const;

/** Takes the name off that stands before an identifier copied out of a mail or a screen: `ICCID: 8949…`. */
function unlabelled(text: string): { readonly value: string; readonly label?: keyof typeof labels } {
  const match = /^\s*(ICCID|IMSI|MSISDN|EID|Matching ?ID)\s*[:=]?\s*(?=[+\dA-Z])(.+)$/is.exec(text);
  // A name alone, or one that only begins a word, is text like any other.
  if (!match || !/[:=\s]/.test(text.trim().slice(match[1]!.length, match[1]!.length + 1)) && !/^\+?\d/.test(match[2]!)) return { value: text };
  return { value: match[2]!, label: match[1]!.replace(' ', '').toUpperCase() as keyof typeof labels };
}

export async function search(reader: Reader, given: string): Promise<{ recognised?: string; hits: Hit[] }> {
  const { value: text, label: named } = unlabelled(given);
  const what = recognise(text);
  const upper = text.trim().toUpperCase().replace(/\s+/g, '');
  const plain = text.trim();
  let hits: Hit[];
  switch (what.kind) {
    case 'iccid':
    case 'iccid-mistyped':
      hits = await profilesByDigits(reader, what.value, ['iccid']);
      if (hits.length === 0) hits = await near(reader, what.value);
      break;
    case 'job-id':
      hits = await jobsById(reader, what.value);
      break;
    case 'batch':
    case 'import':
      hits = await byReference(reader, what.value);
      break;
    case 'eid':
      hits = [...(await profilesByDigits(reader, what.value, ['eid'])), ...(await orders(reader, 'eid', what.value, true)), ...(await sessions(reader, 'eid', what.value)), ...(await sessions(reader, 'claimed_eid', what.value))];
      break;
    case 'number':
    case 'digits':
      hits = what.value.length < 3 ? [] : await profilesByDigits(reader, what.value, columnsOf(named));
      if (hits.length < perKind && /^00[1-9]\d{5}/.test(what.value) && (named === undefined || named === 'MSISDN')) {
        const abroad = await profilesByDigits(reader, what.value.slice(2), ['msisdn']);
        hits.push(...abroad.filter((hit) => !hits.some((one) => one.id === hit.id)));
      }
      if (hits.length === 0 && what.value.startsWith('89')) hits = await near(reader, what.value);
      if (hits.length < perKind && plain.length >= 3) hits.push(...(await ordersByMatchingId(reader, upper)), ...(await sessions(reader, 'transaction_id', upper)));
      break;
    case 'activation-code':
      hits = what.parts.matchingId === '' ? [] : await orders(reader, 'matching_id', what.parts.matchingId, true);
      if (hits.length === 0) hits = what.parts.matchingId === '' ? [] : await orders(reader, 'matching_id', what.parts.matchingId.toUpperCase(), true);
      break;
    case 'order-id':
      hits = await orders(reader, 'id', what.value, false);
      break;
    case 'transaction-id':
    case 'matching-id':
    case 'text':
      if (text.includes('$')) return { recognised: readable['activation-code']!, hits: (await ordersByParts(reader, text)).slice(0, most) };
      hits = plain.length < 2 ? [] : [
        ...(await ordersByMatchingId(reader, upper)), ...(await sessions(reader, 'transaction_id', upper)),
        ...(await orders(reader, 'id', plain, false)), ...(await byReference(reader, plain)), ...(await byName(reader, plain)),
      ];
  }
  const label = named !== undefined && labels[named] !== undefined ? named : readable[what.kind];
  return { ...(label === undefined ? {} : { recognised: label }), hits: hits.slice(0, most) };
}
