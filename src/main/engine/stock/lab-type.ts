/** The profile type that a lab is filled for: the one named, the oldest there is, or the sample, made at the first filling. */
import { buildSampleTemplate } from '../../saip/index.ts';
import { appendAudit } from '../audit/index.ts';
import type { Call, EngineContext, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { TypeRecord } from '../types/index.ts';
import { createType, draftTemplate, storeTemplate, typeByName } from '../types/index.ts';

/** As the command line's sample names them. */
const SAMPLE_TYPE = 'Lab consumer';
const SAMPLE_TEMPLATE = 'Lab sample';

/** Makes sure of the type in the transaction in hand. */
export type LabType = (tx: Tx, call: Call) => Promise<TypeRecord>;

/** Throws {@link DeskProblem} LAB_ONLY, TYPE_UNKNOWN. */
export async function labType(ctx: EngineContext, name: string | undefined): Promise<LabType> {
  if (ctx.environment !== 'lab') throw new DeskProblem('LAB_ONLY', 'Synthetic profiles are for a Lab workspace only.');
  if (name !== undefined) {
    const named = await typeByName(ctx.reader, name);
    if (!named) throw new DeskProblem('TYPE_UNKNOWN', `There is no profile type named ${name}.`, { field: 'type' });
    return () => Promise.resolve(named);
  }
  const oldest = (db: Tx | EngineContext['reader']) => db.selectFrom('profile_types').selectAll().orderBy('id').limit(1).executeTakeFirst();
  const found = await oldest(ctx.reader);
  if (found) return () => Promise.resolve(found);
  // Compiled outside the transaction; somebody may have made a type before it begins.
  const draft = draftTemplate(Uint8Array.from(buildSampleTemplate()), false);
  return async (tx, call) => {
    const meanwhile = await oldest(tx);
    if (meanwhile) return meanwhile;
    await storeTemplate(tx, draft, SAMPLE_TEMPLATE, ctx.clock.now());
    await createType(tx, ctx, {
      name: SAMPLE_TYPE, template: SAMPLE_TEMPLATE, serviceProviderName: 'MVNE Desk Lab', profileName: 'Lab profile', profileClass: 'operational',
      ppr1: false, ppr2: false, notificationAddresses: [], protection: 'session-keys',
    }, undefined);
    await appendAudit(tx, ctx.random, {
      at: ctx.clock.now(), event: 'type.created', actor: call.actor, host: call.host, outcome: 'done', correlationId: call.correlationId,
      object: { type: 'type', id: SAMPLE_TYPE }, fields: { name: SAMPLE_TYPE, template: SAMPLE_TEMPLATE, profileClass: 'operational', protection: 'session-keys' },
    });
    return (await typeByName(tx, SAMPLE_TYPE))!;
  };
}
