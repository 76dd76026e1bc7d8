/** Whether IMSIs are of the network of the profile type: an eUICC refuses a profile whose IMSI is not of its owner (SGP.22 v2.2, 5.5.5). */
import type { ImportGroup } from '../../../shared/contract/imports.ts';
import type { EngineContext } from '../context.ts';
import type { TypeNetwork, TypeRecord } from '../types/index.ts';
import { networkOf, plmnText } from '../types/index.ts';
import type { FindingName } from './findings.ts';
import type { FileFinding } from './validation.ts';

export interface PlanNetwork extends TypeNetwork {
  readonly type: string;
  /** Outside a Lab a device must take the profile; in a Lab one may try. */
  readonly strict: boolean;
}

export async function planNetwork(ctx: Pick<EngineContext, 'reader' | 'paths' | 'environment'>, type: TypeRecord): Promise<PlanNetwork> {
  return { ...await networkOf(ctx, type), type: type.name, strict: ctx.environment !== 'lab' };
}

export interface NetworkProblem {
  readonly kind: FindingName;
  readonly detail: string;
}

/** Of an IMSI that is one. */
export function networkProblem({ plmn, type, strict }: PlanNetwork, imsi: string): NetworkProblem | undefined {
  if (plmn === undefined || imsi.startsWith(plmn)) return undefined;
  return { kind: strict ? 'imsi-network' : 'imsi-network-lab', detail: `of network ${plmnText(imsi.slice(0, plmn.length))}; the profile type ${type} is of ${plmnText(plmn)}` };
}

/** Of an MNC that stands in a column of its own: as many digits as a phone will read (EF.AD). One digit has lost its zeros. */
export function mncProblem({ mncLength, type, strict }: PlanNetwork, mnc: string): NetworkProblem | undefined {
  if (mncLength === undefined || !/^\d{2,3}$/.test(mnc) || mnc.length === mncLength) return undefined;
  return { kind: strict ? 'mnc-column' : 'mnc-column-lab', detail: `${mnc.length} digits; the template of the profile type ${type} says ${mncLength}` };
}

/** Of the type itself: then no row can be right. */
export function typeProblem({ plmn, mncLength, type, strict }: PlanNetwork): Pick<FileFinding, 'kind' | 'detail'> | undefined {
  if (plmn === undefined || mncLength === undefined || plmn.length - 3 === mncLength) return undefined;
  return { kind: strict ? 'mnc-type' : 'mnc-type-lab', detail: `The profile type ${type} is of network ${plmnText(plmn)}, an MNC of ${plmn.length - 3} digits, and EF.AD of its template says ${mncLength}.` };
}

/** Rows looked at for the networks a group names. */
export const networksLookedAt = 50;

/** Title and expectation of a group of such rows, told from the details of its first ones; undefined for groups of other kinds. */
export function networkWords(kind: FindingName, { plmn, type }: PlanNetwork, rows: number, details: () => readonly string[]): Pick<ImportGroup, 'title' | 'expected'> | undefined {
  if ((kind !== 'imsi-network' && kind !== 'imsi-network-lab') || plmn === undefined) return undefined;
  const networks = [...new Set(details().map((one) => /^of network ([\d-]+);/.exec(one)?.[1]).filter((one) => one !== undefined))];
  const shown = networks.slice(0, 3).join(', ') + (networks.length > 3 || rows > networksLookedAt ? ' …' : '');
  return {
    title: `${rows.toLocaleString('en')} ${rows === 1 ? 'IMSI is' : 'IMSIs are'} of network ${shown}, the profile type ${type} is of ${plmnText(plmn)}`,
    expected: `IMSIs of network ${plmnText(plmn)}: they begin with ${plmn}`,
  };
}
