/** Certificates and identities as people see them: what works, what is missing, who uses it. */
import type { z } from 'zod';
import type { identityRow, listedCertificate, pki, revokedRow } from '../../../shared/contract/pki.ts';
import { fromHex, toHex } from '../../../shared/tlv/index.ts';
import { reasonText } from '../../rsp/index.ts';
import type { EngineContext } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { crlView, issuerKeyOf, listView, recordSerial } from './crl-import.ts';
import type { CrlView } from './crl-import.ts';
import { certificatePem } from './encoding.ts';
import { euiccKinds } from './euiccs.ts';
import { identitiesUnder } from './horizon.ts';
import { loadIdentities } from './identities.ts';
import type { Identity } from './identities.ts';
import { certificateView } from './import.ts';
import { fitsHost, hostOf, listenerUses } from './listeners.ts';
import type { ListenerUse } from './listeners.ts';
import { activeCertificates, allCrls } from './records.ts';
import type { CertificateRecord } from './records.ts';
import { revocationOf, revokedInForce } from './revocation.ts';
import { roleName } from './rules.ts';
import type { CertificateRole } from './rules.ts';
import { canServe, canVerify, certificateProblem, revokedSentence, servingProblems, tlsProblem } from './state.ts';

type Listed = z.input<typeof listedCertificate>;
type IdentityView = z.input<typeof identityRow>;

export async function listedCertificates(ctx: EngineContext): Promise<Listed[]> {
  const lookup = await revocationOf(ctx);
  const identities = await loadIdentities(ctx);
  const at = new Date(ctx.clock.now());
  return (await activeCertificates(ctx.reader)).map((record) => {
    const issuer = issuerKeyOf(record);
    const serial = recordSerial(record);
    const revoked = issuer === null ? undefined : lookup.isRevoked(issuer, serial);
    const identity = identities.find((one) => one.name === record.identity);
    const above = record.role === 'ci' || !identity?.revoked ? undefined : revokedSentence('The CI above it', identity.revoked);
    const why = certificateProblem('This certificate', { notBefore: new Date(record.not_before), notAfter: new Date(record.not_after) }, revoked, at) ?? above;
    return { ...certificateView(record), id: record.id, serial, ...(revoked ? { revokedAt: revoked.at } : {}), usable: why === undefined, ...(why === undefined ? {} : { why }) };
  });
}

/** The certificate in use, as others need it to verify us. Of several EUM certificates, the last imported. Throws {@link DeskProblem} `NOT_FOUND`. */
export async function exportedCertificate(ctx: EngineContext, identity: string, role: CertificateRole): Promise<z.input<typeof pki.certificate.output>> {
  const record = (await activeCertificates(ctx.reader)).findLast((one) => one.identity === identity && one.role === role);
  if (!record) throw new DeskProblem('NOT_FOUND', `There is no ${roleName(role)} certificate of ${identity}.`, { field: 'identity', hint: 'See what there is: pki list.' });
  return { identity, role, der: Buffer.from(record.der).toString('base64'), pem: certificatePem(record.der), sha256: toHex(record.sha256) };
}

/** A device leaves when the name it was sent to is not in the certificate it is shown. */
function addressWarning(identity: Identity, uses: readonly ListenerUse[], address: string): string | undefined {
  const shown = uses.flatMap((use) => use.tls);
  const candidates = shown.length > 0 ? shown : identity.tls ? [identity.tls] : [];
  const host = hostOf(address);
  if (candidates.length === 0 || candidates.some((own) => fitsHost(own, host))) return undefined;
  const names = [...new Set(candidates.flatMap((own) => [...own.certificate.dnsNames, ...own.certificate.ipAddresses]))];
  return `Devices are sent to ${host}, but the TLS certificate is for ${names.join(', ') || 'no name at all'}: they will refuse the connection.`;
}

function warningsOf(identity: Identity, uses: readonly ListenerUse[], address: string, at: Date): string[] {
  const own = identity.tls;
  const borrowed = own === undefined && uses.some((use) => use.kind === 'es9plus' && use.tls.length > 0);
  const bare = own === undefined && !borrowed;
  return [
    tlsProblem(identity, at), addressWarning(identity, uses.filter((use) => use.kind === 'es9plus'), address),
    borrowed ? 'It has no TLS certificate of its own; its listener shows that of another identity.' : undefined,
    bare ? 'It has no TLS certificate: a listener for it alone cannot open.' : undefined,
    own?.certificate.curve === 'brainpoolP256r1' ? 'Its TLS certificate is on brainpoolP256r1: phones and programs built on BoringSSL cannot connect to it.' : undefined,
    at > identity.ciCertificate.notAfter ? `Its CI certificate ended on ${identity.ciCertificate.notAfter.toISOString().slice(0, 10)}.` : undefined,
  ].filter((warning) => warning !== undefined);
}

export async function identityViews(ctx: EngineContext): Promise<IdentityView[]> {
  const records = await activeCertificates(ctx.reader);
  const identities = await loadIdentities(ctx);
  const lookup = await revocationOf(ctx);
  const kinds = await euiccKinds(ctx.reader, lookup);
  const crls = await allCrls(ctx.reader);
  const at = new Date(ctx.clock.now());
  const { smdpAddress } = ctx.settings();
  const uses = listenerUses(ctx, identities);
  const known = kinds.reduce((sum, kind) => sum + kind.count + kind.revoked, 0);
  const accepted = identities.filter(canVerify).map((identity) => toHex(identity.ci.keyId));

  return [...new Set(records.map((record) => record.identity))].map((name): IdentityView => {
    const identity = identities.find((one) => one.name === name);
    if (!identity) return headless(name, records.filter((record) => record.identity === name), known);
    const keyId = toHex(identity.ci.keyId);
    const mine = uses.filter((use) => use.identities.includes(identity));
    const crl = crls.find((one) => one.role === 'ci' && toHex(one.issuer_key_id) === keyId);
    const view = crl && listView(crl, [], at.getTime());
    const noList = lookup.missing?.(identity.ci.keyId, at);
    const stale = noList === undefined && view?.state === 'overdue' ? `The revocation list of its CI should have been renewed by ${new Date(view.nextUpdate).toISOString().slice(0, 10)}.` : undefined;
    const mineOf = kinds.filter((kind) => kind.verification.includes(keyId) && kind.signing.some((one) => accepted.includes(one)));
    return {
      name, ciKeyId: keyId, ciSubject: records.find((record) => record.identity === name && record.role === 'ci')!.subject, curve: identity.ci.curve, test: identity.test,
      ...(identity.oid === undefined ? {} : { oid: identity.oid }), usable: canServe(identity, at), missing: servingProblems(identity, at),
      warnings: [
        ...warningsOf(identity, mine, smdpAddress, at),
        ...(noList === undefined ? [] : [`eSIM chips under its CI are refused: ${noList}.`]), ...(stale === undefined ? [] : [stale]),
      ],
      listeners: mine.map((use) => use.label),
      euiccs: {
        known, couldUse: mineOf.reduce((sum, kind) => sum + kind.count, 0), revoked: mineOf.reduce((sum, kind) => sum + kind.revoked, 0),
      },
      ...(view ? { crl: { number: view.number, nextUpdate: view.nextUpdate, state: view.state } } : {}),
    };
  });
}

/** Certificates under a name that has no CI: a plain TLS certificate of a Lab, for one. */
function headless(name: string, records: readonly CertificateRecord[], known: number): IdentityView {
  return {
    name, ciKeyId: '', ciSubject: '', curve: records[0]!.curve, test: records[0]!.test === 1, usable: false, missing: ['The CI certificate is missing: import it first.'],
    warnings: [], listeners: [], euiccs: { couldUse: 0, known, revoked: 0 },
  };
}

export async function crlViews(ctx: EngineContext): Promise<CrlView[]> {
  const records = await activeCertificates(ctx.reader);
  const inForce = await revokedInForce(ctx);
  return (await allCrls(ctx.reader)).map((crl) => crlView(crl, identitiesUnder(records, crl), ctx.clock.now(), inForce(crl.issuer_key_id)));
}

export const policyText = (policy: 'when-present' | 'required'): string => (policy === 'required'
  ? 'An eSIM chip is refused (8.1.2/6.1) when there is no revocation list in force of the CI above it.'
  : 'Revoked certificates are refused as far as the lists here tell; without a list every certificate counts as not revoked.');

const longerThanAny = 'ff'.repeat(64);

/**
 * One page of what is revoked of one issuer, by serial number: whatever list named it, also when the newest no longer does. Of a
 * CI, with what it listed for others: those may have the same number, so a position is serial and issuer.
 */
export async function revokedViews(ctx: EngineContext, issuerKeyId: string, after: string, limit: number): Promise<{ rows: z.input<typeof revokedRow>[]; next?: string }> {
  const [afterSerial = '', afterIssuer = longerThanAny] = after.split('-');
  const behind = fromHex(/^(?:[0-9a-f]{2})+$/.test(afterIssuer) ? afterIssuer : longerThanAny);
  const page = (column: 'issuer_key_id' | 'list_key_id') => ctx.reader.selectFrom('revoked_certificates').selectAll().where(column, '=', fromHex(issuerKeyId))
    .where('serial', '>=', afterSerial).where((e) => e.or([e('serial', '>', afterSerial), e('issuer_key_id', '>', behind)]))
    .orderBy('serial').orderBy('issuer_key_id').limit(limit + 1).execute();
  const rows = [...await page('issuer_key_id'), ...await page('list_key_id')]
    .sort((a, b) => (a.serial === b.serial ? Buffer.compare(a.issuer_key_id, b.issuer_key_id) : a.serial < b.serial ? -1 : 1));
  const ours = new Map((await activeCertificates(ctx.reader)).flatMap((record) => {
    const issuer = issuerKeyOf(record);
    return issuer !== null && toHex(issuer) === issuerKeyId ? [[recordSerial(record), `${roleName(record.role)} of ${record.identity}`] as const] : [];
  }));
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    rows: shown.map(({ serial, revoked_at, reason, list_key_id }) => {
      const own = list_key_id === null ? ours.get(serial) : undefined;
      return {
        serial, revokedAt: revoked_at, ...(reason === null ? {} : { reason }), reasonText: reasonText(reason), ...(own === undefined ? {} : { ours: own }),
        ...(list_key_id === null ? {} : { indirect: true }),
      };
    }),
    ...(rows.length > limit && last ? { next: `${last.serial}-${toHex(last.issuer_key_id)}` } : {}),
  };
}
