import type { ProfileState } from '../../../shared/contract/states.ts';
import { startStates } from '../profiles/index.ts';
import { existing, existingFingerprints, insertProfiles } from '../store/bulk-profiles.ts';
import type { EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { TypeRecord } from '../types/index.ts';
import { allRanges, insideRanges, refusedNumbers } from '../numbers/index.ts';
import { knownType } from '../types/index.ts';
import { keyFields } from './columns.ts';
import { findingKinds } from './findings.ts';
import { networkProblem, planNetwork } from './network.ts';
import { keyLengthsOf, refuseClear } from './plan.ts';
import { readSecretsFile, wipe } from './secrets-file.ts';
import type { Value } from './values.ts';
import { readIccid, readImsi, readMsisdn } from './values.ts';

export interface AddInput {
  readonly type: string;
  readonly iccid: string;
  readonly imsi: string;
  readonly msisdn?: string;
  readonly secrets?: string;
}

export interface AddDraft {
  readonly type: TypeRecord;
  readonly iccid: string;
  readonly imsi: string;
  readonly msisdn?: string;
  readonly sealed?: { readonly batchKey: Uint8Array; readonly subscriber: Uint8Array; readonly fingerprint?: Uint8Array };
}

const sentenceOf = (value: Exclude<Value<unknown>, { ok: true }>): string => findingKinds[value.finding].message(value.detail);

/** Checks the numbers and seals the secrets. Codes of `profiles.add`. */
export async function draftProfile(ctx: EngineContext, input: AddInput): Promise<AddDraft> {
  const file = input.secrets === undefined ? undefined : ctx.uploads.take(input.secrets);
  try {
    const type = await knownType(ctx, input.type);
    const iccid = readIccid(input.iccid);
    if (!iccid.ok) throw new DeskProblem('ICCID_INVALID', sentenceOf(iccid), { field: 'iccid' });
    const imsi = readImsi(input.imsi);
    if (!imsi.ok) throw new DeskProblem('IMSI_INVALID', sentenceOf(imsi), { field: 'imsi' });
    const foreign = networkProblem(await planNetwork(ctx, type), imsi.value);
    if (foreign && ctx.environment !== 'lab') throw new DeskProblem('IMSI_NETWORK', `The IMSI is ${foreign.detail}.`, { field: 'imsi', hint: findingKinds['imsi-network'].hint });
    const msisdn = readMsisdn(input.msisdn ?? '');
    if (!msisdn.ok) throw new DeskProblem('INPUT_INVALID', sentenceOf(msisdn), { field: 'msisdn' });
    const draft = { type, iccid: iccid.value, imsi: imsi.value, ...(msisdn.value === undefined ? {} : { msisdn: msisdn.value }) };
    if (!file) return draft;
    const secrets = await readSecretsFile(file, await keyLengthsOf(ctx, type));
    try {
      if (Object.keys(secrets).some((name) => keyFields.has(name))) refuseClear(ctx, 'K');
      const { batchKey } = await ctx.vault.call('createBatchKey', {});
      const { items: [item] } = await ctx.vault.call('sealSubscribers', { batchKey, items: [{ iccid: draft.iccid, secrets }], strict: ctx.environment !== 'lab' });
      return { ...draft, sealed: { batchKey, subscriber: item!.sealed, ...(item!.fingerprint ? { fingerprint: item!.fingerprint } : {}) } };
    } finally {
      wipe(secrets);
    }
  } finally {
    file?.fill(0);
  }
}

/** Throws {@link DeskProblem} `ICCID_EXISTS`, `IMSI_EXISTS`, `KEY_REUSED`. */
export async function addProfile(tx: Tx, ctx: EngineContext, draft: AddDraft): Promise<{ iccid: string; state: ProfileState }> {
  if (existing(ctx.sqlite, 'iccid', [draft.iccid]).size > 0) throw new DeskProblem('ICCID_EXISTS', `The ICCID ${draft.iccid} is in the stock already.`, { field: 'iccid' });
  if (existing(ctx.sqlite, 'imsi', [draft.imsi]).size > 0) throw new DeskProblem('IMSI_EXISTS', `The IMSI ${draft.imsi} is in the stock already.`, { field: 'imsi' });
  const clash = insideRanges(await allRanges(tx), draft.iccid, draft.imsi);
  if (clash) {
    throw new DeskProblem(clash.column === 'iccid' ? 'ICCID_EXISTS' : 'IMSI_EXISTS', `The ${clash.column.toUpperCase()} ${draft[clash.column]} belongs to the number range ${clash.range}, which will use it.`, { field: clash.column });
  }
  for (const [kind, number, code] of [['iccid', draft.iccid, 'ICCID_EXISTS'], ['imsi', draft.imsi, 'IMSI_EXISTS'], ['msisdn', draft.msisdn, 'INPUT_INVALID']] as const) {
    const why = number === undefined ? undefined : (await refusedNumbers(tx, ctx, kind, [number])).get(number);
    if (why !== undefined) throw new DeskProblem(code, `The ${kind.toUpperCase()} ${number} cannot be taken: ${why}.`, { field: kind });
  }
  const { sealed } = draft;
  if (sealed?.fingerprint && existingFingerprints(ctx.sqlite, [sealed.fingerprint]).size > 0) {
    throw new DeskProblem('KEY_REUSED', 'This K belongs to another profile already.', { field: 'secrets', hint: 'Two profiles with one K are clones of each other to the network.' });
  }
  const at = ctx.clock.now();
  const batch = sealed && await tx.insertInto('batches')
    .values({ kind: 'import', type_id: draft.type.id, batch_key: sealed.batchKey, job_id: null, created_at: at }).returning('id').executeTakeFirstOrThrow();
  insertProfiles(ctx.sqlite, [{
    iccid: draft.iccid, imsi: draft.imsi, ...(draft.msisdn === undefined ? {} : { msisdn: draft.msisdn }),
    typeId: draft.type.id, templateId: draft.type.template_id, state: startStates.import, createdAt: at, lastEvent: 'Added to the stock',
    ...(sealed && batch ? { importBatchId: batch.id, subscriber: sealed.subscriber, ...(sealed.fingerprint ? { fingerprint: sealed.fingerprint } : {}) } : {}),
  }]);
  return { iccid: draft.iccid, state: { ...startStates.import } };
}
