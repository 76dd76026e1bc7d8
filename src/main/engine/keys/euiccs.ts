/** The CI keys of the eUICCs seen so far, against the identities there are (SGP.22 v2.2, 5.6.1). */
import { setImmediate } from 'node:timers/promises';
import type { z } from 'zod';
import type { mismatchGroup } from '../../../shared/contract/pki.ts';
import { fromHex, toHex } from '../../../shared/tlv/index.ts';
import type { RevocationLookup } from '../../rsp/index.ts';
import type { EngineContext, Reader } from '../context.ts';
import type { Identity } from './identities.ts';
import { revocationOf } from './revocation.ts';
import { canServe, canVerify } from './state.ts';

/** eUICCs with the same two lists; there are few kinds of them. */
export interface EuiccKind {
  readonly verification: readonly string[];
  readonly signing: readonly string[];
  /** Of those whose certificates are not revoked, as far as is known. */
  readonly count: number;
  /** Of those whose certificate, or whose EUM's, is revoked. */
  readonly revoked: number;
  /** EIDs of the former, at most five. */
  readonly examples: readonly string[];
}

/** Rows read in one go, so that others get their turn in between. */
const CHUNK = 5_000;
const EXAMPLES = 5;

const hexList = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === 'string').map((one) => one.toLowerCase()) : []);

/** `chain`: the certificates an eUICC proved itself with, as devices/ wrote them. */
function isRevoked(chain: string | null, lookup: RevocationLookup): boolean {
  if (chain === null) return false;
  return (JSON.parse(chain) as [issuer: string, serial: string][]).some(([issuer, serial]) => lookup.isRevoked(fromHex(issuer), serial) !== undefined);
}

export async function euiccKinds(reader: Reader, lookup: RevocationLookup): Promise<EuiccKind[]> {
  const kinds = new Map<string, { count: number; revoked: number; examples: string[] }>();
  for (let after = ''; ; ) {
    const rows = await reader.selectFrom('euiccs').select(['eid', 'ci_ids', 'chain']).where('eid', '>', after).orderBy('eid').limit(CHUNK).execute();
    for (const { eid, ci_ids, chain } of rows) {
      let kind = kinds.get(ci_ids);
      if (!kind) kinds.set(ci_ids, kind = { count: 0, revoked: 0, examples: [] });
      if (isRevoked(chain, lookup)) kind.revoked++;
      else {
        kind.count++;
        if (kind.examples.length < EXAMPLES) kind.examples.push(eid);
      }
    }
    if (rows.length < CHUNK) break;
    after = rows.at(-1)!.eid;
    await setImmediate();
  }
  return [...kinds].map(([text, { count, revoked, examples }]) => {
    const lists = JSON.parse(text) as { verification?: unknown; signing?: unknown };
    return { verification: hexList(lists.verification), signing: hexList(lists.signing), count, revoked, examples };
  });
}

/** What InitiateAuthentication would answer such an eUICC; undefined when it would be served. */
export function refusalOf(kind: EuiccKind, identities: readonly Identity[], at: Date): { code: '8.8.2/3.1' | '8.8.4/3.7'; why: string } | undefined {
  const has = (list: readonly string[], identity: Identity): boolean => list.includes(toHex(identity.ci.keyId));
  if (!identities.some((identity) => canVerify(identity) && has(kind.signing, identity))) {
    return { code: '8.8.2/3.1', why: 'No CI of this workspace is one these eSIM chips sign under: import a CI they know.' };
  }
  const known = identities.filter((identity) => has(kind.verification, identity));
  if (known.some((identity) => canServe(identity, at))) return undefined;
  return {
    code: '8.8.4/3.7',
    why: known.length === 0 ? 'These eSIM chips verify a server under CIs of which there is no identity here.'
      : `The ${known.length === 1 ? 'identity' : 'identities'} ${known.map((identity) => identity.name).join(', ')} would fit, but cannot be used now.`,
  };
}

type Mismatch = { known: number; served: number; revoked: number; groups: z.input<typeof mismatchGroup>[] };

export async function mismatches(ctx: EngineContext, identities: readonly Identity[]): Promise<Mismatch> {
  const at = new Date(ctx.clock.now());
  const kinds = await euiccKinds(ctx.reader, await revocationOf(ctx));
  const groups = kinds.flatMap((kind) => {
    const refusal = kind.count === 0 ? undefined : refusalOf(kind, identities, at);
    return refusal ? [{ ...refusal, verification: [...kind.verification], signing: [...kind.signing], count: kind.count, examples: [...kind.examples] }] : [];
  }).sort((a, b) => b.count - a.count);
  const sound = kinds.reduce((sum, kind) => sum + kind.count, 0);
  const revoked = kinds.reduce((sum, kind) => sum + kind.revoked, 0);
  return { known: sound + revoked, served: sound - groups.reduce((sum, group) => sum + group.count, 0), revoked, groups };
}
