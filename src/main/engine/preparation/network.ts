/** IMSIs against the network of the type's owner: an eUICC refuses a profile whose IMSI is of another one (SGP.22 v2.2, 5.5.5; rule V29). */
import type { PlanPart, PreparationCheck } from '../../../shared/contract/preparation.ts';
import type { EngineContext } from '../context.ts';
import type { TypeRecord } from '../types/index.ts';
import { networkOf, plmnText } from '../types/index.ts';
import type { Supply } from './plan.ts';
import type { StockWish } from './waiting.ts';
import { strangersWaiting } from './waiting.ts';

/** Says what is wrong with an IMSI, in a sentence; nothing in a Lab, which may try, and for a type without an owner. */
export async function strangersOf(ctx: EngineContext, type: TypeRecord): Promise<(imsi: string) => string | undefined> {
  const { plmn } = await networkOf(ctx, type);
  if (plmn === undefined || ctx.environment === 'lab') return () => undefined;
  return (imsi) => (imsi.startsWith(plmn) ? undefined : `The IMSI ${imsi} is not of ${plmnText(plmn)}, the network of ${type.name}: a device would refuse the profile.`);
}

/** Waiting profiles a preview looks at: it is asked for at every change of the plan. */
export const lookedAt = 10_000;
const number = (n: number): string => n.toLocaleString('en');

interface Taken {
  readonly type: TypeRecord;
  readonly parts: readonly PlanPart[];
  readonly stock: StockWish;
  readonly supply: Pick<Supply, 'fromStock' | 'owed'>;
}

/**
 * Whether what a batch would take is of the network: the first {@link lookedAt} of imported stock, and the ends of each part of a range. Where all
 * of it is of another one, or a range, nothing starts; single rows are refused one by one. In a Lab, which may try, a warning.
 */
export async function networkCheck(ctx: EngineContext, { type, parts, stock, supply }: Taken): Promise<PreparationCheck | undefined> {
  const { plmn } = await networkOf(ctx, type);
  if (plmn === undefined) return undefined;
  const lab = ctx.environment === 'lab';
  const looked = Math.min(supply.fromStock, lookedAt);
  const strangers = looked === 0 ? undefined : await strangersWaiting(ctx.reader, { ...stock, skip: supply.owed, count: looked, plmn });
  const check = (state: PreparationCheck['state'], sentence: string, hint: string): PreparationCheck => ({ id: 'numbers', state, title: 'Network of the IMSIs', sentence, hint, link: '/numbers' });
  const network = `${plmnText(plmn)}, the network of ${type.name}`;
  const ends = parts.filter((part) => part.source === 'range' || strangers?.count === looked).flatMap((part) => [part.first, part.last]);
  const stranger = ends.find((one) => !one.imsi.startsWith(plmn));
  if (stranger) return check(lab ? 'warning' : 'blocker', `The IMSI ${stranger.imsi} is not of ${network}: a device would refuse the profile.`, 'Choose another type, or numbers of its network.');
  if (!strangers) return undefined;
  const one = strangers.count === 1;
  const among = `${looked < supply.fromStock ? `Of the first ${number(looked)} imported profiles ${number(strangers.count)}` : `${number(strangers.count)} of the ${number(looked)} imported profiles`} ${one ? 'has' : 'have'}`;
  const after = lab ? `a device would refuse ${one ? 'it' : 'them'}` : `the batch will refuse ${one ? 'it' : 'them'} and put ${one ? 'it' : 'them'} into quarantine`;
  return check('warning', `${among} an IMSI that is not of ${network}, ${one ? '' : 'such as '}${strangers.imsi}: ${after}.`, 'Take as many more, or choose another type.');
}
