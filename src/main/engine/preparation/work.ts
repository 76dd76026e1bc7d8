/** The vault's part of a unit: which profiles it takes, and what the vault made of them. Changes nothing. */
import type { OperationInput, OperationOutput } from '../../vault-link/operations.ts';
import { VaultError } from '../../vault-link/operations.ts';
import type { EngineContext } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { demandDiskRoom } from '../jobs/index.ts';
import { keysMadeFor } from '../numbers/index.ts';
import { typeById, withTemplate } from '../types/index.ts';
import { strangersOf } from './network.ts';
import type { PrepareParams, PrepareProgress } from './params.ts';
import { preparationById } from './records.ts';
import type { Held } from './reservations.ts';
import { heldNumbers } from './reservations.ts';
import type { WaitingProfile } from './waiting.ts';
import { failedProfiles, waitingProfiles } from './waiting.ts';

/** Profiles of one unit at most and at least: one transaction, short enough that nobody waits long for it. */
const most = 1_000;
const least = 100;
/** Milliseconds a unit's write may take. */
const writeTarget = 40;
const sizes = new WeakMap<object, number>();

/** Profiles of the next unit, by how long this machine took to write the last ones. */
export const unitSize = (ctx: Pick<EngineContext, 'runtime'>): number => sizes.get(ctx.runtime) ?? 500;

export function noteWrite(ctx: Pick<EngineContext, 'runtime'>, rows: number, milliseconds: number): void {
  if (rows === 0 || milliseconds <= 0) return;
  const fitting = (rows * writeTarget) / milliseconds;
  sizes.set(ctx.runtime, Math.max(least, Math.min(most, Math.round((unitSize(ctx) + fitting) / 2))));
}

export type Item = OperationInput<'prepare'>['items'][number];
export type Prepared = OperationOutput<'prepare'>['items'][number];

/** An imported profile, or a number set the batch holds. */
export interface Candidate {
  readonly item: Item;
  readonly profileId?: number;
  /** Of an imported profile: its K is made here, because it came without. */
  readonly makesKey?: boolean;
  /** As the row gets it, without `+`. */
  readonly msisdn?: string;
  readonly held?: Held;
  /** Of a row that failed before. */
  readonly again?: { readonly failure: number; readonly row: number; readonly quarantined: boolean };
}

export interface Refusal {
  readonly candidate: Candidate;
  readonly code: string;
  readonly why: string;
}

export interface Piece {
  readonly typeId: number;
  readonly templateId: number;
  readonly batchId: number;
  readonly done: readonly { readonly candidate: Candidate; readonly prepared: Prepared }[];
  readonly refused: readonly Refusal[];
  /** Where the next piece goes on, if all of this one is written. */
  readonly next: PrepareProgress;
  /** Numbers among the chosen. */
  readonly numbers: number;
  readonly chosen: number;
  /** Milliseconds of choosing and of the vault. */
  readonly chooseMs: number;
  readonly vaultMs: number;
}

/** The stock keeps digits of the international form; `+` makes the card keep them so too (TON international). */
const international = (msisdn: string | null | undefined): { msisdn?: string } => (msisdn ? { msisdn: `+${msisdn}` } : {});

export function stockCandidate(row: WaitingProfile): Candidate {
  return {
    profileId: row.id, ...(row.keyed === 1 ? {} : { makesKey: true }), ...(row.msisdn === null ? {} : { msisdn: row.msisdn }),
    item: {
      iccid: row.iccid, imsi: row.imsi, ...international(row.msisdn),
      ...(row.subscriber && row.importKey ? { subscriber: { sealed: row.subscriber, batchKey: row.importKey } } : {}),
    },
  };
}

function numberCandidate(held: Held): Candidate {
  const { iccid, imsi, msisdn } = held.numbers;
  return { item: { iccid, imsi, ...international(msisdn) }, held, ...(msisdn === undefined ? {} : { msisdn }) };
}

const preparedBefore = (iccid: string): string => `The profile ${iccid} was prepared after the backup this database came from. Its keys were made then and are unknown now; prepared again it would have others`;

type Stranger = (imsi: string) => string | undefined;

/**
 * What must not be prepared. IMSIs of another network; and keys of a profile are made once: what the number journal knows as prepared is
 * not prepared again, also where a file brought K and lacked other keys. Asked in the same turn as the rows were read, so that no commit can come between.
 */
function apart(ctx: EngineContext, candidates: readonly Candidate[], stranger: Stranger): { fresh: readonly Candidate[]; refused: Refusal[] } {
  const known = keysMadeFor(ctx, candidates.flatMap((one) => (one.profileId === undefined ? [] : [one.item.iccid])));
  const fresh: Candidate[] = [];
  const refused: Refusal[] = [];
  for (const candidate of candidates) {
    const strange = stranger(candidate.item.imsi);
    if (strange !== undefined) refused.push({ candidate, code: 'IMSI_NETWORK', why: strange });
    else if (candidate.profileId !== undefined && known.has(candidate.item.iccid)) refused.push({ candidate, code: 'PREPARED_BEFORE', why: `${preparedBefore(candidate.item.iccid)}. ${otherNumbers}` });
    else fresh.push(candidate);
  }
  return { fresh, refused };
}
const otherNumbers = 'Retire it, which burns its numbers, and import a profile with other numbers in its place.';

/** Throws `IMSI_NETWORK`, or `PREPARED_BEFORE` for a profile whose keys were made before; see {@link apart}. */
export function demandFresh(ctx: EngineContext, candidate: Candidate, stranger: Stranger): void {
  const [refused] = apart(ctx, [candidate], stranger).refused;
  if (!refused) return;
  if (refused.code === 'PREPARED_BEFORE') throw new DeskProblem(refused.code, `${preparedBefore(candidate.item.iccid)}.`, { field: 'iccid', hint: otherNumbers });
  throw new DeskProblem(refused.code, refused.why, { field: 'iccid' });
}

/** Chooses the next profiles and has them prepared; also while the piece before this one is being written. */
export async function makePiece(ctx: EngineContext, params: PrepareParams, from: PrepareProgress): Promise<Piece> {
  await demandDiskRoom(ctx, 'the batch');
  const started = performance.now();
  const batch = await preparationById(ctx.reader, params.preparationId);
  const size = unitSize(ctx);
  if (batch.batch_id === null) throw new DeskProblem('NOT_FOUND', 'The batch of this job was never started.');
  const { batch_key: batchKey } = await ctx.reader.selectFrom('batches').select('batch_key').where('id', '=', batch.batch_id).executeTakeFirstOrThrow();
  const stranger = await strangersOf(ctx, (await typeById(ctx.reader, batch.type_id))!);

  const failed = params.what === 'failed' ? await failedProfiles(ctx.reader, batch.id, from.failedAfter, size) : [];
  const wantStock = Math.min(size, params.stock - from.stockTried);
  const stock = wantStock > 0 ? await waitingProfiles(ctx.reader, { typeId: batch.type_id, importId: batch.import_id ?? undefined, after: from.stockAfter, count: wantStock }) : [];
  const wantNumbers = Math.min(size - stock.length, params.numbers - from.numbersTried);
  const held = wantNumbers > 0 ? await heldNumbers(ctx.reader, batch.id, from.numbersTried, wantNumbers) : [];
  const candidates = [
    ...failed.map((row): Candidate => ({ ...stockCandidate(row), again: { failure: row.failure, row: row.row, quarantined: row.quarantined } })),
    ...stock.map(stockCandidate), ...held.map(numberCandidate),
  ];
  const { fresh, refused } = apart(ctx, candidates, stranger);
  const chosenAt = performance.now();
  const made = await prepareApart(ctx, batch.template_id, batchKey, fresh);
  return {
    typeId: batch.type_id, templateId: batch.template_id, batchId: batch.batch_id, done: made.prepared, refused: [...refused, ...made.refused], numbers: held.length, chosen: candidates.length,
    chooseMs: chosenAt - started, vaultMs: performance.now() - chosenAt,
    next: {
      unit: from.unit + 1, stockAfter: stock[stock.length - 1]?.id ?? from.stockAfter, stockTried: from.stockTried + stock.length,
      numbersTried: from.numbersTried + held.length, failedAfter: failed[failed.length - 1]?.failure ?? from.failedAfter,
    },
  };
}

export async function prepareAll(ctx: EngineContext, templateId: number, batchKey: Uint8Array, candidates: readonly Candidate[]): Promise<{ candidate: Candidate; prepared: Prepared }[]> {
  if (candidates.length === 0) return [];
  const { items } = await withTemplate(ctx, templateId, (template) => ctx.vault.call('prepare', { template, batchKey, items: candidates.map((candidate) => ({ ...candidate.item, strict: ctx.environment !== 'lab' })) }));
  return candidates.map((candidate, index) => ({ candidate, prepared: items[index]! }));
}

const ofOneProfile: ReadonlySet<string> = new Set(['SECRETS_INVALID', 'SEAL_BROKEN', 'VAULT_INPUT_INVALID']);

/** One bad record must not hold up the others: a piece the vault refuses is halved until the bad ones stand alone. */
async function prepareApart(ctx: EngineContext, templateId: number, batchKey: Uint8Array, candidates: readonly Candidate[]): Promise<{ prepared: { candidate: Candidate; prepared: Prepared }[]; refused: Refusal[] }> {
  try {
    return { prepared: await prepareAll(ctx, templateId, batchKey, candidates), refused: [] };
  } catch (error) {
    if (!(error instanceof VaultError) || !ofOneProfile.has(error.code)) throw error;
    if (candidates.length === 1) return { prepared: [], refused: [{ candidate: candidates[0]!, code: error.code, why: error.message }] };
    const middle = candidates.length >> 1;
    const first = await prepareApart(ctx, templateId, batchKey, candidates.slice(0, middle));
    const second = await prepareApart(ctx, templateId, batchKey, candidates.slice(middle));
    return { prepared: [...first.prepared, ...second.prepared], refused: [...first.refused, ...second.refused] };
  }
}
