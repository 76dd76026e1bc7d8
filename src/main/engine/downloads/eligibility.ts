/**
 * Eligibility (SGP.22 v2.2, annex F and 3.1.3 step 3): whether the eUICC can take this profile, by what it signed of itself in
 * EUICCInfo2. Pure. What an eUICC does not say is never held against it: refusing a working phone costs more than an
 * installation that the chip refuses itself.
 */
import type { Settings } from '../../../shared/contract/workspace.ts';
import type { EuiccInfo2, UiccCapability } from '../../rsp/index.ts';
import type { PackageRequirements } from '../../saip/index.ts';
import type { Failure } from './answer.ts';
import { failed } from './answer.ts';
import { isSupportedSvn } from './rules.ts';

export interface ProfileNeeds {
  readonly ppr1: boolean;
  readonly ppr2: boolean;
  /** Octets of the package; null when it is not known. */
  readonly packageBytes: number | null;
  /** Undefined when the template cannot be read any more. */
  readonly requirements: PackageRequirements | undefined;
}

interface Eligibility {
  /** 8.2.5/4.3, or 8.1/4.8 when room is all that is missing. */
  readonly failed?: Failure;
  /** What stands in the way by the letter but is let through: half sentences for the timeline. */
  readonly notes: readonly string[];
}

/** Service of the package (SAIP 3.4.1, ServicesList) and the bit of UICCCapability that answers it; the numbers of the two lists differ. */
const answers: Readonly<Record<string, UiccCapability>> = {
  'contactless': 'contactlessSupport', 'usim': 'usimSupport', 'isim': 'isimSupport', 'csim': 'csimSupport', 'milenage': 'akaMilenage', 'tuak128': 'akaTuak128',
  'cave': 'akaCave', 'gba-usim': 'gbaAuthenUsim', 'gba-isim': 'gbaAuthenISim', 'mbms': 'mbmsAuthenUsim', 'eap': 'eapClient', 'javacard': 'javacard',
  'multos': 'multos', 'multiple-usim': 'multipleUsimSupport', 'multiple-isim': 'multipleIsimSupport', 'multiple-csim': 'multipleCsimSupport',
  'tuak256': 'akaTuak256', 'usim-test-algorithm': 'usimTestAlgorithm', 'ber-tlv': 'berTlvFileSupport', 'dfLink': 'dfLinkSupport', 'cat-tp': 'catTp',
  'get-identity': 'getIdentity', 'profile-a-x25519': 'profile-a-x25519', 'profile-b-p256': 'profile-b-p256', 'suciCalculatorApi': 'suciCalculatorApi',
  'dns-resolution': 'dns-resolution', 'scp11ac': 'scp11ac', 'scp11c-authorization-mechanism': 'scp11c-authorization-mechanism', 's16mode': 's16mode', 'eaka': 'eaka',
};

/** Bits that came after SGP.22 v2.2, whose list ends with multipleCsimSupport and has bit 8 reserved. */
const later: ReadonlySet<UiccCapability> = new Set<UiccCapability>([
  'usimTestAlgorithm', 'berTlvFileSupport', 'dfLinkSupport', 'catTp', 'getIdentity', 'profile-a-x25519', 'profile-b-p256', 'suciCalculatorApi', 'dns-resolution',
  'scp11ac', 'scp11c-authorization-mechanism', 's16mode', 'eaka', 'iotminimal',
]);

interface ServiceVerdict {
  readonly missing: readonly string[];
  /** The eUICC has no way to say, or nobody knows the service. */
  readonly unknown: readonly string[];
}

/**
 * Mandatory services against UICCCapability. No bit set at all says nothing; nor do the later bits of an eUICC of SGP.22 v2.2 or
 * older that sets none of them.
 */
export function judgeServices(services: readonly string[], info: Pick<EuiccInfo2, 'uiccCapability' | 'svn'>): ServiceVerdict {
  const has = new Set<UiccCapability>(info.uiccCapability);
  if (has.size === 0) return { missing: [], unknown: services };
  const saysLater = isNewerThan(info.svn, 2, 2) || info.uiccCapability.some((bit) => later.has(bit));
  const missing: string[] = [];
  const unknown: string[] = [];
  for (const service of services) {
    const bit = answers[service];
    if (bit === undefined || (!saysLater && later.has(bit))) unknown.push(service);
    else if (!has.has(bit)) missing.push(service);
  }
  return { missing, unknown };
}

const numbers = (version: string): readonly [number, number] => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return [major, minor];
};
const isNewerThan = (version: string, major: number, minor: number): boolean => {
  const [a, b] = numbers(version);
  return a > major || (a === major && b > minor);
};

type VersionVerdict = 'fits' | 'newer-minor' | 'unsupported' | 'unknown';

/** Version of the package against those the eUICC reads: its profileVersion and the additional ones. A package without a version is not judged. */
export function judgeVersion(required: Pick<PackageRequirements, 'major' | 'minor'>, info: Pick<EuiccInfo2, 'profileVersion' | 'additionalProfileVersions'>): VersionVerdict {
  const reads = [info.profileVersion, ...(info.additionalProfileVersions ?? [])].map(numbers);
  if (required.major === 0 || reads.every(([major]) => major === 0)) return 'unknown';
  const same = reads.filter(([major]) => major === required.major);
  if (same.length === 0) return 'unsupported';
  return same.some(([, minor]) => minor >= required.minor) ? 'fits' : 'newer-minor';
}

const list = (names: readonly string[]): string => names.join(', ');

/** Every reason is found before anything is answered, so that one look at the timeline tells all of them. */
export function judgeEligibility(info: EuiccInfo2, needs: ProfileNeeds, policy: Settings['eligibility']): Eligibility {
  const refused: string[] = [];
  const notes: string[] = [];
  if (!isSupportedSvn(info.svn)) refused.push('its specification version is not supported');
  const rules = (['ppr1', 'ppr2'] as const).filter((rule) => needs[rule] && info.forbiddenProfilePolicyRules?.[rule]);
  if (rules.length > 0) refused.push(`it forbids the policy rule ${list(rules.map((rule) => rule.toUpperCase()))}`);
  const { requirements } = needs;
  if (requirements) {
    const { missing, unknown } = judgeServices(requirements.services, info);
    if (missing.length > 0) (policy.services === 'refuse' ? refused : notes).push(`it does not support ${list(missing)}`);
    // With no bit set there is nothing to tell: hardly a card of the lab says more.
    if (unknown.length > 0 && info.uiccCapability.length > 0) notes.push(`it does not say whether it supports ${list(unknown)}`);
    const package_ = `the package is SAIP ${requirements.major}.${requirements.minor}, the eUICC reads ${list([info.profileVersion, ...(info.additionalProfileVersions ?? [])])}`;
    const version = judgeVersion(requirements, info);
    if (version === 'unsupported') (policy.version === 'refuse' ? refused : notes).push(package_);
    else if (version === 'newer-minor') notes.push(package_);
  }
  if (refused.length > 0) return { ...failed('8.2.5/4.3', `No eligible profile for this eUICC: ${refused.join('; ')}.`), notes };
  const room = missingRoom(info, needs);
  return { ...(room === undefined ? {} : failed('8.1/4.8', `The eUICC does not have sufficient space for this profile: ${room}.`)), notes };
}

/** 3.1.3 step 3: the checks shall include whether one more profile can be installed (bit additionalProfile); then memory, where it is told. */
function missingRoom(info: EuiccInfo2, needs: ProfileNeeds): string | undefined {
  if (info.rspCapability.length > 0 && !info.rspCapability.includes('additionalProfile')) return 'it cannot take another profile';
  const { freeNonVolatileMemory: free, freeVolatileMemory: freeVolatile } = info;
  const wanted = (needs.packageBytes ?? 0) + (needs.requirements?.nonVolatileBytes ?? 0);
  if (free !== undefined && needs.packageBytes !== null && free < wanted) return `${free} octets are free, at least ${wanted} are needed`;
  const volatile = needs.requirements?.volatileBytes ?? 0;
  if (freeVolatile !== undefined && volatile > 0 && freeVolatile < volatile) return `${freeVolatile} octets of volatile memory are free, its applications need ${volatile}`;
  return undefined;
}
