/** Taking a revocation list in: read and judged first, then one row and the certificates it adds (SGP.22 v2.2, 4.6). */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { crlRow } from '../../../shared/contract/pki.ts';
import { concat, sameBytes, toHex } from '../../../shared/tlv/index.ts';
import { crlSignedBy, namedIssuer, parseCertificate, parseCrl, REMOVE_FROM_CRL, RspError, serialText, splitCrls } from '../../rsp/index.ts';
import type { CertificateList, RevokedEntry } from '../../rsp/index.ts';
import type { EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { crlDers } from './encoding.ts';
import { activeCertificates, crlOf } from './records.ts';
import type { CertificateRecord, CrlRecord, NewCrl } from './records.ts';
import { revocationOf, revokedInForce } from './revocation.ts';
import { roleName, subjectText } from './rules.ts';

export type CrlView = z.input<typeof crlRow>;

/** Revocations to add, by what identifies the issuer of the certificates. */
type Additions = ReadonlyMap<string, { readonly issuer: Uint8Array; readonly entries: readonly RevokedEntry[] }>;

export interface PreparedCrl {
  readonly state: 'imported' | 'unchanged';
  readonly row: NewCrl;
  /** The list in force when this one was judged. */
  readonly before: CrlRecord | undefined;
  readonly additions: Additions;
  readonly newlyRevoked: number;
  /** Certificates revoked by this issuer, once the list is stored. */
  readonly inForce: number;
  readonly ours: readonly string[];
  readonly warnings: readonly string[];
  readonly identities: readonly string[];
}

const refuse = (code: string, message: string, hint?: string): never => {
  throw new DeskProblem(code, message, { field: 'crl', ...(hint === undefined ? {} : { hint }) });
};
const day = (at: Date | number): string => new Date(at).toISOString().slice(0, 10);
const DAY = 86_400_000;

/** The lists in the file, segments in their order. */
function readLists(file: Uint8Array): CertificateList[] {
  try {
    return crlDers(file).flatMap(splitCrls).map(parseCrl).sort((a, b) => (a.segment?.index ?? 0) - (b.segment?.index ?? 0));
  } catch (error) {
    if (!(error instanceof RspError)) throw error;
    throw new DeskProblem(error.code, error.code === 'CRL_MALFORMED' ? `The file is not a readable revocation list: ${error.message}.` : error.message, { field: 'crl' });
  }
}

/** One list, or every segment of one (4.6.1): a segment alone would leave out what the others revoke. */
function requireWhole(lists: readonly CertificateList[]): CertificateList {
  const [first] = lists;
  if (first === undefined) return refuse('CRL_MALFORMED', 'The file holds no revocation list.');
  if (first.segment === undefined) {
    if (lists.length > 1) refuse('CRL_MALFORMED', 'The file holds several revocation lists; import each one by itself.');
    return first;
  }
  const { of } = first.segment;
  const present = lists.map((list) => list.segment?.index);
  if (lists.some((list) => list.segment?.of !== of || list.number !== first.number || list.baseNumber !== first.baseNumber || !sameBytes(list.authorityKeyId ?? list.der, first.authorityKeyId ?? first.der))) {
    refuse('CRL_PARTIAL', 'The segments in the file do not belong to one revocation list.');
  }
  if (lists.length !== of || present.some((index, i) => index !== i + 1)) {
    refuse('CRL_PARTIAL', `The file holds segment ${present.join(', ')} of ${of}: revoked certificates in the others would be missed.`, 'Import the list in its standard form, or all segments in one file.');
  }
  return first;
}

function issuerOf(records: readonly CertificateRecord[], lists: readonly CertificateList[]): CertificateRecord[] {
  const { authorityKeyId } = lists[0]!;
  if (authorityKeyId === undefined) return refuse('CRL_ISSUER_UNKNOWN', 'The revocation list does not say which key signed it (no authority key identifier).');
  const named = records.filter((record) => (record.role === 'ci' || record.role === 'eum') && record.subject_key_id !== null && sameBytes(record.subject_key_id, authorityKeyId));
  if (named.length === 0) {
    return refuse('CRL_ISSUER_UNKNOWN', `The revocation list was issued by ${toHex(authorityKeyId)}, which is neither a CI nor an EUM of this workspace.`, 'Import the certificate of its issuer first: pki import --role ci|eum.');
  }
  const signers = named.filter((record) => lists.every((list) => crlSignedBy(list, record.curve as 'P-256' | 'brainpoolP256r1', record.public_key)));
  if (signers.length === 0) return refuse('CRL_SIGNATURE', 'The signature of the revocation list was not made by the issuer it names: the file was altered, or the issuer is another one.');
  // RFC 5280, 6.3.3 (f).
  const allowed = signers.filter((record) => parseCertificate(record.der).keyUsage.includes('cRLSign'));
  if (allowed.length === 0) return refuse('CRL_SIGNATURE', 'The certificate of the issuer does not allow it to sign revocation lists (no cRLSign).');
  return allowed;
}

/** Newest known, and what the list may do to it. */
function judgeNumber(list: CertificateList, before: CrlRecord | undefined, sha256: Uint8Array): 'imported' | 'unchanged' {
  if (before && sameBytes(before.sha256, sha256)) return 'unchanged';
  const known = before && BigInt(before.number);
  if (known !== undefined && list.number < known) refuse('CRL_OLDER', `The list has number ${list.number}; number ${known} of the same issuer is in force already.`);
  if (list.baseNumber !== undefined) {
    if (known === undefined || known < list.baseNumber) {
      refuse('CRL_BASE_MISSING', `This is a delta list that stands on list ${list.baseNumber}; ${known === undefined ? 'no list of this issuer' : `only list ${known}`} is known here.`, 'Import the complete list first.');
    }
  }
  return 'imported';
}

function judgeDates(list: CertificateList, now: number): string[] {
  if (list.nextUpdate < list.thisUpdate) refuse('CRL_DATES', 'The next list is dated before this one.');
  if (list.thisUpdate.getTime() > now + DAY) refuse('CRL_DATES', `The list is dated ${day(list.thisUpdate)}, in the future; check the clock of this machine.`);
  return list.nextUpdate.getTime() < now ? [`A newer list should have been published by ${day(list.nextUpdate)}: what was revoked since then is not in this one.`] : [];
}

/** Everything that may refuse. Throws {@link DeskProblem}. */
export async function prepareCrl(ctx: EngineContext, file: Uint8Array): Promise<PreparedCrl> {
  const lists = readLists(file);
  const list = requireWhole(lists);
  const records = await activeCertificates(ctx.reader);
  const issuers = issuerOf(records, lists);
  const issuer = issuers[0]!;
  const keyId = issuer.subject_key_id!;
  if (list.limited !== undefined) refuse('CRL_UNSUPPORTED', `This list is not complete. ${list.limited} SGP.22 asks a CI for one list of everything it revoked.`);
  const now = ctx.clock.now();
  const warnings = judgeDates(list, now);
  const sha256 = new Uint8Array(createHash('sha256').update(concat(...lists.map((one) => one.der))).digest());
  const before = await crlOf(ctx.reader, keyId);
  const state = judgeNumber(list, before, sha256);
  if (state === 'imported' && before && BigInt(before.number) === list.number) warnings.push(`List ${list.number} was imported before with other content; what either names is revoked.`);

  const { additions, count } = state === 'unchanged' ? { additions: new Map(), count: 0 } : await additionsOf(ctx, lists, keyId, issuer.role === 'ci');
  const entries = lists.reduce((sum, one) => sum + one.entries.length, 0);
  return {
    state, before, additions, newlyRevoked: count, inForce: (await revokedInForce(ctx))(keyId) + count, warnings, identities: [...new Set(issuers.map((one) => one.identity))],
    ours: ownRevoked(records, additions),
    row: {
      issuer_key_id: keyId, issuer: subjectText(parseCertificate(issuer.der)), role: issuer.role as 'ci' | 'eum', number: String(list.number), this_update: list.thisUpdate.getTime(),
      next_update: list.nextUpdate.getTime(), revoked: list.baseNumber === undefined ? entries : (before?.revoked ?? 0) + count, sha256, der: concat(...lists.map((one) => one.der)), imported_at: now,
    },
  };
}

/** Entries nobody knew, once each. In a delta, "removed from the list" adds nothing, and takes nothing back either (4.6: revoked for good). */
async function additionsOf(ctx: EngineContext, lists: readonly CertificateList[], keyId: Uint8Array, byCi: boolean): Promise<{ additions: Additions; count: number }> {
  const known = await revocationOf(ctx);
  const additions = new Map<string, { issuer: Uint8Array; entries: RevokedEntry[]; serials: Set<string> }>();
  const own = namedIssuer(keyId, lists[0]!.issuer.raw);
  let count = 0;
  let last: { readonly name: Uint8Array | undefined; readonly issuer: Uint8Array } = { name: undefined, issuer: keyId };
  for (const list of lists) {
    for (const entry of list.entries) {
      if (list.baseNumber !== undefined && entry.reason === REMOVE_FROM_CRL) continue;
      if (entry.issuer !== undefined && !byCi) refuse('CRL_UNSUPPORTED', 'The list of an EUM names certificates of another issuer; only a CI may do that.');
      if (entry.issuer !== last.name) {
        const named = entry.issuer && namedIssuer(keyId, entry.issuer);
        last = { name: entry.issuer, issuer: named === undefined || sameBytes(named, own) ? keyId : named };
      }
      if (known.isRevoked(last.issuer, entry.serial)) continue;
      const hex = toHex(last.issuer);
      let group = additions.get(hex);
      if (!group) additions.set(hex, group = { issuer: last.issuer, entries: [], serials: new Set() });
      if (group.serials.has(entry.serial)) continue;
      group.serials.add(entry.serial);
      group.entries.push(entry);
      count++;
    }
  }
  return { additions, count };
}

/** Who issued a certificate of ours: a CI's is the CI itself. */
export const issuerKeyOf = (record: CertificateRecord): Uint8Array | null => (record.role === 'ci' ? record.subject_key_id : record.authority_key_id);

function ownRevoked(records: readonly CertificateRecord[], additions: Additions): string[] {
  if (additions.size === 0) return [];
  const serials = new Map([...additions].map(([hex, { entries }]) => [hex, new Set(entries.map((entry) => entry.serial))] as const));
  return records.filter((record) => {
    const keyId = issuerKeyOf(record);
    return keyId !== null && serials.get(toHex(keyId))?.has(recordSerial(record));
  }).map((record) => `${roleName(record.role)} of ${record.identity}`);
}

export const recordSerial = (record: Pick<CertificateRecord, 'der'>): string => serialText(parseCertificate(record.der).serialHex);

/** Entries written by one statement. */
const CHUNK = 5_000;

/** What was revoked once stays revoked, also when a later list no longer names it because the certificate has run out. */
export async function storeCrl(tx: Tx, prepared: PreparedCrl): Promise<number> {
  const { row, before, additions } = prepared;
  const present = await crlOf(tx, row.issuer_key_id);
  if (before === undefined ? present !== undefined : !present || !sameBytes(present.sha256, before.sha256)) {
    throw new DeskProblem('CONFLICT', 'Another revocation list of this issuer was imported meanwhile. Try again.');
  }
  if (prepared.state === 'unchanged') return present!.id;
  for (const { issuer, entries } of additions.values()) {
    for (let at = 0; at < entries.length; at += CHUNK) {
      const values = JSON.stringify(entries.slice(at, at + CHUNK).map(({ serial, at: revokedAt, reason }) => [serial, revokedAt, reason ?? null]));
      await sql`insert into revoked_certificates (issuer_key_id, serial, revoked_at, reason, list_key_id)
        select ${issuer}, value ->> 0, value ->> 1, value ->> 2, ${sameBytes(issuer, row.issuer_key_id) ? null : row.issuer_key_id} from json_each(${values}) where true on conflict do nothing`.execute(tx);
    }
  }
  if (present) {
    await tx.updateTable('crls').set(row).where('id', '=', present.id).execute();
    return present.id;
  }
  return (await tx.insertInto('crls').values(row).returning('id').executeTakeFirstOrThrow()).id;
}

type StoredCrl = CrlRecord | (Omit<NewCrl, 'id'> & { id: number });

export function listView(row: StoredCrl, identities: readonly string[], now: number): Omit<CrlView, 'inForce'> {
  return {
    id: row.id, issuer: row.issuer, issuerKeyId: toHex(row.issuer_key_id), role: row.role, identities: [...identities], number: row.number, thisUpdate: row.this_update,
    nextUpdate: row.next_update, revoked: row.revoked, sha256: toHex(row.sha256), importedAt: row.imported_at, state: row.next_update < now ? 'overdue' : 'current',
  };
}

/** `inForce`: certificates of this issuer that are revoked, whatever list named them. */
export const crlView = (row: StoredCrl, identities: readonly string[], now: number, inForce: number): CrlView => ({ ...listView(row, identities, now), inForce });
