/** Taking certificates out of use. Rows and keys stay: sessions in flight still name them, and the audit log does for ever. */
import type { z } from 'zod';
import type { pki } from '../../../shared/contract/pki.ts';
import { toHex } from '../../../shared/tlv/index.ts';
import type { EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { loadIdentities } from './identities.ts';
import type { Identity } from './identities.ts';
import { listenerUses } from './listeners.ts';
import { activeCertificates } from './records.ts';
import type { CertificateRecord } from './records.ts';
import { canServe } from './state.ts';
import { tlsCandidates } from './tls.ts';

export type Retired = z.input<typeof pki.retire.output>;

function withoutCertificates(identities: readonly Identity[], name: string, gone: ReadonlySet<number>, rootGone: boolean): Identity[] {
  return identities.flatMap((identity) => {
    if (identity.name !== name) return [identity];
    if (rootGone) return [];
    const { dpauth, dppb, tls, ...rest } = identity;
    const keep = (own: typeof tls) => (own && !gone.has(own.certificateId) ? own : undefined);
    return [{ ...rest, dpauth: keep(dpauth), dppb: keep(dppb), tls: keep(tls) }];
  });
}

/** Chooses what to retire and refuses what would stop a listener. Throws {@link DeskProblem}. */
export async function prepareRetirement(ctx: EngineContext, identity: string, certificateId: number | undefined): Promise<CertificateRecord[]> {
  const mine = (await activeCertificates(ctx.reader)).filter((record) => record.identity === identity);
  const chosen = certificateId === undefined ? mine : mine.filter((record) => record.id === certificateId);
  if (chosen.length === 0) throw new DeskProblem('NOT_FOUND', certificateId === undefined ? `There is no identity "${identity}".` : `The identity "${identity}" has no such certificate in use.`);
  const rootGone = chosen.some((record) => record.role === 'ci');
  if (rootGone && chosen.length < mine.length) {
    throw new DeskProblem('CERTIFICATE_IN_USE', 'The other certificates of this identity stand under its CI. Retire them first, or the whole identity.', { field: 'certificateId' });
  }
  const gone = new Set(chosen.map((record) => record.id));
  const at = new Date(ctx.clock.now());
  const before = await loadIdentities(ctx);
  const after = withoutCertificates(before, identity, gone, rootGone);
  for (const use of listenerUses(ctx, before)) {
    if (!use.listening) continue;
    const left = after.filter((one) => use.identities.some((name) => name.name === one.name));
    const stop = (what: string): never => {
      throw new DeskProblem('LISTENER_WOULD_STOP', `${use.label} would be left without ${what}. Import its replacement first, or start the listener with other identities.`, { field: 'identity' });
    };
    if (use.tls.length > 0 && tlsCandidates(left, after).length === 0) stop('a TLS certificate');
    if (use.kind === 'es9plus' && use.identities.some((one) => canServe(one, at)) && !left.some((one) => canServe(one, at))) stop('an identity that can serve downloads');
  }
  return chosen;
}

export async function retire(tx: Tx, identity: string, chosen: readonly CertificateRecord[]): Promise<Retired> {
  await tx.updateTable('certificates').set({ active: 0 }).where('id', 'in', chosen.map((record) => record.id)).where('active', '=', 1).execute();
  return { identity, retired: chosen.map((record) => ({ id: record.id, role: record.role as Retired['retired'][number]['role'], sha256: toHex(record.sha256) })) };
}
