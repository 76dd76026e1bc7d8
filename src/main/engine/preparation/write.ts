/** Writes a piece: profiles, number counters, failed rows, audit, all in the transaction of its unit. */
import { createHash } from 'node:crypto';
import { appendAudit } from '../audit/index.ts';
import type { JobRowError } from '../jobs/index.ts';
import { decide, profileById, startStates, transition } from '../profiles/index.ts';
import type { Clash } from '../store/bulk-preparation.ts';
import { insertPrepared, updatePreparedApart } from '../store/bulk-preparation.ts';
import { noteTaken } from '../store/taken-numbers.ts';
import type { PreparedColumns, PreparedUpdate, ProfileInsert } from '../store/bulk-profiles.ts';
import type { Call, EngineContext, Tx } from '../context.ts';
import type { TypeRecord } from '../types/index.ts';
import { takeHeld } from './reservations.ts';
import type { Candidate, Piece, Prepared, Refusal } from './work.ts';

export interface Written {
  /** ICCIDs now sellable, in the order of the batch. */
  readonly iccids: readonly string[];
  readonly fromRanges: number;
  readonly refused: readonly Refusal[];
  /** Left alone because somebody moved them on meanwhile. */
  readonly changed: number;
}

const clashText: Record<Clash, { code: string; why: (candidate: Candidate) => string }> = {
  iccid: { code: 'NUMBER_IN_USE', why: ({ item }) => `The ICCID ${item.iccid} is that of another profile.` },
  imsi: { code: 'NUMBER_IN_USE', why: ({ item }) => `The IMSI of profile ${item.iccid} is that of another profile.` },
  burnt: { code: 'NUMBER_BURNT', why: ({ item }) => `A number of profile ${item.iccid} was used before and is burnt.` },
  key: { code: 'KEY_REUSED', why: ({ item }) => `The K of profile ${item.iccid} is that of another profile.` },
};

export interface WriteUnit {
  readonly piece: Pick<Piece, 'typeId' | 'templateId' | 'batchId' | 'done' | 'refused'>;
  readonly at: number;
  readonly call: Call;
}

export async function writePiece(tx: Tx, ctx: Pick<EngineContext, 'sqlite' | 'random'>, { piece, at, call }: WriteUnit): Promise<Written> {
  const { batchId } = piece;
  await takeHeld(tx, [...piece.done.map((one) => one.candidate), ...piece.refused.map((one) => one.candidate)].flatMap((one) => (one.held ? [one.held] : [])));
  for (const { candidate } of piece.done) {
    if (!candidate.again?.quarantined) continue;
    await transition(tx, ctx, candidate.profileId!, { name: 'unquarantine', at, source: 'system', text: 'Tried again in its batch', reason: 'Tried again in its batch' }, call);
  }
  const columnsOf = (prepared: Prepared): PreparedColumns => ({
    batchId, slots: prepared.sealed, packageDigest: prepared.digest, packageBytes: prepared.packageBytes, fingerprint: prepared.fingerprint, at,
  });
  const ofStock = piece.done.filter(({ candidate }) => candidate.profileId !== undefined);
  const ofRanges = piece.done.filter(({ candidate }) => candidate.profileId === undefined);
  const updates = updatePreparedApart(ctx.sqlite, ofStock.map(({ candidate, prepared }): PreparedUpdate => ({ id: candidate.profileId!, templateId: piece.templateId, ...columnsOf(prepared), lastEvent: 'Prepared' })), 'imported', stockAfterPreparation());
  const clashes = insertPrepared(ctx.sqlite, ofRanges.map(({ candidate, prepared }): ProfileInsert => ({
    iccid: candidate.item.iccid, imsi: candidate.item.imsi, ...(candidate.msisdn === undefined ? {} : { msisdn: candidate.msisdn }),
    typeId: piece.typeId, templateId: piece.templateId, state: startStates.range, createdAt: at, lastEvent: 'Prepared', prepared: columnsOf(prepared),
  })));
  const iccids: string[] = [];
  const refused = [...piece.refused];
  let changed = 0;
  let fromRanges = 0;
  const clashed = (candidate: Candidate, clash: Clash): void => void refused.push({ candidate, code: clashText[clash].code, why: clashText[clash].why(candidate) });
  ofStock.forEach(({ candidate, prepared }, index) => {
    const outcome = updates[index]!;
    if (outcome === 'done') {
      iccids.push(candidate.item.iccid);
      // Its numbers came in a file, some of its keys did not: from now on they stand for these keys.
      if (candidate.makesKey || prepared.keysMade) noteTaken(ctx.sqlite, { iccid: candidate.item.iccid, imsi: candidate.item.imsi, ...(candidate.msisdn === undefined ? {} : { msisdn: candidate.msisdn }), origin: 'own' });
    }
    else if (outcome === 'changed') changed += 1;
    else clashed(candidate, outcome);
  });
  ofRanges.forEach(({ candidate }, index) => {
    const clash = clashes[index];
    if (clash) clashed(candidate, clash);
    else {
      iccids.push(candidate.item.iccid);
      fromRanges += 1;
    }
  });
  for (const refusal of refused) await setAside(tx, ctx, refusal, at, call);
  return { iccids, fromRanges, refused, changed };
}

/** What every reason of a failed row begins with: a later run may take such a profile out of quarantine again. */
export const asideReason = 'Could not be prepared: ';

async function setAside(tx: Tx, ctx: Pick<EngineContext, 'random'>, { candidate, why }: Refusal, at: number, call: Call): Promise<void> {
  // A number set has no profile yet, and one that failed again stands in quarantine already.
  if (candidate.profileId === undefined || candidate.again?.quarantined) return;
  // Somebody moved it on meanwhile: it is theirs.
  if ((await profileById(tx, candidate.profileId))?.stock_state !== 'imported') return;
  const reason = `${asideReason}${why}`.slice(0, 200);
  await transition(tx, ctx, candidate.profileId, { name: 'quarantine', at, source: 'system', text: reason, reason }, call);
}

export function refusedRow(refusal: Refusal, row: number): JobRowError {
  const { candidate, code, why } = refusal;
  const kept = candidate.profileId === undefined ? '' : ' The profile was put into quarantine.';
  return { row: candidate.again?.row ?? row, column: code === 'NUMBER_IN_USE' || code === 'NUMBER_BURNT' ? 'numbers' : 'secrets', code, message: `${why}${why.endsWith('.') ? '' : '.'}${kept}`, found: candidate.item.iccid, iccid: candidate.item.iccid };
}

/** Two steps of the stock table, taken once for all rows because all stand at the same place. */
function stockAfterPreparation(): string {
  let state = { ...startStates.import } as Parameters<typeof decide>[0]['state'];
  for (const name of ['prepare', 'release_for_sale'] as const) {
    const decision = decide({ state, delivered: false, prepared: true, eid: undefined }, { name });
    if (!decision.ok) throw new Error(`the stock table has no way from imported to sellable: ${decision.why}`);
    state = decision.state;
  }
  return state.stock;
}

export interface UnitAudit {
  readonly type: Pick<TypeRecord, 'name'>;
  readonly written: Written;
  readonly batchId: number;
  readonly preparationId?: string;
  readonly jobId: string | null;
  readonly at: number;
  readonly call: Call;
}

export async function auditUnit(tx: Tx, ctx: Pick<EngineContext, 'random'>, unit: UnitAudit): Promise<void> {
  const { iccids, fromRanges } = unit.written;
  await appendAudit(tx, ctx.random, {
    at: unit.at, event: 'preparation.unit', actor: unit.call.actor, host: unit.call.host, outcome: 'done', correlationId: unit.call.correlationId,
    object: unit.jobId === null ? { type: 'profile', id: iccids[0]! } : { type: 'job', id: unit.jobId },
    fields: {
      type: unit.type.name, batch: unit.batchId, ...(unit.preparationId === undefined ? {} : { preparation: unit.preparationId }), count: iccids.length, fromRanges,
      firstIccid: iccids[0]!, lastIccid: iccids[iccids.length - 1]!, iccidsSha256: createHash('sha256').update(iccids.join('\n')).digest('hex'),
    },
  });
}
