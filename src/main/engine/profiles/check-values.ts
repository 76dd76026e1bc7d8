/** Check values of a profile's keys, asked of the vault. */
import { toHex } from '../../../shared/tlv/index.ts';
import { VaultError } from '../../vault-link/operations.ts';
import type { EngineContext } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { demandProfile } from './detail.ts';

/** Throws {@link DeskProblem} `SECRETS_ERASED` where nothing is sealed. */
export async function checkValues(ctx: EngineContext, iccid: string): Promise<{ rows: { name: string; kcv?: string }[] }> {
  const profile = await demandProfile(ctx.reader, iccid);
  if (profile.slots === null || profile.batch_id === null) {
    throw new DeskProblem('SECRETS_ERASED', profile.prepared_at === null ? `The profile ${profile.iccid} is not prepared: there are no keys to check yet.` : `The secrets of ${profile.iccid} are erased.`, { field: 'iccid' });
  }
  const template = await ctx.reader.selectFrom('templates').select(['digest', 'base', 'slots']).where('id', '=', profile.template_id).executeTakeFirstOrThrow();
  const batch = await ctx.reader.selectFrom('batches').select('batch_key').where('id', '=', profile.batch_id).executeTakeFirstOrThrow();
  const ask = () => ctx.vault.call('checkValues', { iccid: profile.iccid, template: template.digest, batchKey: batch.batch_key, sealed: profile.slots! });
  const { values } = await ask().catch(async (error: unknown) => {
    if (!(error instanceof VaultError) || error.code !== 'TEMPLATE_NOT_LOADED') throw error;
    await ctx.vault.call('loadTemplate', { digest: template.digest, base: template.base, slots: template.slots });
    return ask();
  });
  const known = new Map(values.map(({ name, kcv }) => [name, toHex(kcv).toUpperCase()]));
  const secret = (JSON.parse(template.slots) as { name: string; secret: boolean }[]).filter((slot) => slot.secret);
  return { rows: secret.map(({ name }) => ({ name, ...(known.has(name) ? { kcv: known.get(name)! } : {}) })) };
}
