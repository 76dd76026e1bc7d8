import type { Insertable, Selectable } from 'kysely';
import { toHex } from '../../../shared/tlv/index.ts';
import type { EuiccInfo2 } from '../../rsp/index.ts';
import type { Tx } from '../context.ts';
import { prepared, preparedInsert } from '../store/index.ts';
import type { Database } from '../store/schema.ts';

export type EuiccRecord = Selectable<Database['euiccs']>;

const sameAgain = prepared((db, p: { eid: string; at: number; tac: string; info2: Uint8Array; chain: string | null }) => db.updateTable('euiccs')
  .set((e) => ({ last_seen: p.at, sessions: e('sessions', '+', 1), tac: p.tac, chain: p.chain })).where('eid', '=', p.eid).where('info2', '=', p.info2));
const upsert = preparedInsert((db, row: Insertable<Database['euiccs']>) => db.insertInto('euiccs').values(row).onConflict((conflict) => conflict.column('eid').doUpdateSet((e) => ({
  last_seen: e.ref('excluded.last_seen'), sessions: e('euiccs.sessions', '+', 1), svn: e.ref('excluded.svn'), profile_version: e.ref('excluded.profile_version'),
  firmware_version: e.ref('excluded.firmware_version'), uicc_capability: e.ref('excluded.uicc_capability'), rsp_capability: e.ref('excluded.rsp_capability'),
  free_nvm: e.ref('excluded.free_nvm'), free_ram: e.ref('excluded.free_ram'), forbidden_ppr: e.ref('excluded.forbidden_ppr'), ci_ids: e.ref('excluded.ci_ids'),
  category: e.ref('excluded.category'), sas: e.ref('excluded.sas'), tac: e.ref('excluded.tac'), info2: e.ref('excluded.info2'), chain: e.ref('excluded.chain'),
}))));

export interface SeenEuicc {
  readonly eid: string;
  readonly info: EuiccInfo2;
  readonly tac: string;
  /** What its certificates are looked up by among the revoked ones: issuer and serial number. */
  readonly chain?: readonly (readonly [issuer: string, serial: string])[];
  readonly at: number;
}

/**
 * Keeps what an eUICC that proved itself said of itself, by EID; the last word stands. An eUICC that says the same as before
 * costs one small update.
 */
export async function learnEuicc(tx: Tx, seen: SeenEuicc): Promise<void> {
  const { eid, info, tac, at } = seen;
  const chain = seen.chain ? JSON.stringify(seen.chain) : null;
  if (await sameAgain.run(tx, { eid, at, tac, info2: info.raw, chain }) > 0) return;
  const { forbiddenProfilePolicyRules: forbidden } = info;
  await upsert.run(tx, {
    eid, first_seen: at, last_seen: at, sessions: 1, svn: info.svn, profile_version: info.profileVersion, firmware_version: info.firmwareVersion,
    uicc_capability: info.uiccCapabilityBits, rsp_capability: info.rspCapabilityBits,
    free_nvm: info.freeNonVolatileMemory ?? null, free_ram: info.freeVolatileMemory ?? null,
    forbidden_ppr: forbidden ? (forbidden.ppr1 ? 1 : 0) + (forbidden.ppr2 ? 2 : 0) : null,
    ci_ids: JSON.stringify({ verification: keyIds(info.ciPkIdsForVerification), signing: keyIds(info.ciPkIdsForSigning) }),
    category: info.category === undefined ? null : String(info.category), sas: info.sasAccreditationNumber.slice(0, 64), tac, info2: info.raw, chain,
  });
}

const MOST_KEYS = 16;
const keyIds = (ids: readonly Uint8Array[]): string[] => ids.slice(0, MOST_KEYS).map((id) => toHex(id));
