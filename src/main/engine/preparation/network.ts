/** IMSIs against the network of the type's owner: an eUICC refuses a profile whose IMSI is of another one (SGP.22 v2.2, 5.5.5; rule V29). */
import type { PlanPart, PreparationCheck } from '../../../shared/contract/preparation.ts';
import type { EngineContext } from '../context.ts';
import type { TypeRecord } from '../types/index.ts';
import { networkOf, plmnText } from '../types/index.ts';

/** Says what is wrong with an IMSI, in a sentence; nothing in a Lab, which may try, and for a type without an owner. */
export async function strangersOf(ctx: EngineContext, type: TypeRecord): Promise<(imsi: string) => string | undefined> {
  const { plmn } = await networkOf(ctx, type);
  if (plmn === undefined || ctx.environment === 'lab') return () => undefined;
  return (imsi) => (imsi.startsWith(plmn) ? undefined : `The IMSI ${imsi} is not of ${plmnText(plmn)}, the network of ${type.name}: a device would refuse the profile.`);
}

/** Whether the ends of each part a batch would take are of the network; in a Lab a warning. */
export async function networkCheck(ctx: EngineContext, type: TypeRecord, parts: readonly PlanPart[]): Promise<PreparationCheck | undefined> {
  const { plmn } = await networkOf(ctx, type);
  if (plmn === undefined) return undefined;
  const stranger = parts.flatMap((part) => [part.first, part.last]).find((one) => !one.imsi.startsWith(plmn));
  if (!stranger) return undefined;
  return {
    id: 'numbers', state: ctx.environment === 'lab' ? 'warning' : 'blocker', title: 'Network of the IMSIs',
    sentence: `The IMSI ${stranger.imsi} is not of ${plmnText(plmn)}, the network of ${type.name}: a device would refuse the profile.`, hint: 'Choose another type, or numbers of its network.', link: '/numbers',
  };
}
