import { type Finding, finding } from '../findings.ts';
import { integerOr } from '../package.ts';
import { childOf, type Node } from '../tree.ts';
import type { Scope } from './scope.ts';
import { serviceTables, hasService } from './service-table.ts';
import { readSuci } from './suci.ts';
import { bodyOf, isEf, named } from './scope.ts';

/** One service of the header: whether the package uses it, and whether it must be asked for when it does. */
interface Use {
  readonly service: string;
  readonly used: boolean;
  /** False for a service an eUICC may lack although the package has the content. */
  readonly needed: boolean;
  /** Demanded without use it only keeps eUICCs out: content may come later over the air, or the demand has another reason. */
  readonly spare?: boolean;
  readonly what: string;
}

/** Rule V24: the header demands the services the package uses, and no others it could do without. */
export function checkServices(scope: Scope, algorithmsSound: boolean): Finding[] {
  const demanded = new Set(scope.header?.services);
  const findings: Finding[] = [];
  const uses = [...applicationUses(scope), ...(algorithmsSound ? algorithmUses(scope) : []), ...otherUses(scope)];
  for (const { service, used, needed, spare, what } of uses) {
    const place = `header/eUICC-Mandatory-services/${service}`;
    if (used && needed && !demanded.has(service)) findings.push(finding('V24', 'error', place, `The package has ${what}, but does not demand the service ${service}.`));
    if (!used && demanded.has(service)) {
      findings.push(finding('V24', spare ? 'warning' : 'error', place, `The package demands the service ${service} without ${what}.`, `Take the service ${service} out of the header: an eUICC without it would refuse the profile.`));
    }
  }
  return findings;
}

function applicationUses({ elements }: Scope): Use[] {
  const count = (...names: string[]): number => elements.filter((element) => names.includes(element.name)).length;
  const usims = count('usim', 'iot');
  return [
    { service: 'usim', used: usims > 0, needed: true, what: 'a USIM' },
    { service: 'isim', used: count('isim') > 0, needed: true, what: 'an ISIM' },
    { service: 'csim', used: count('csim') > 0, needed: true, what: 'a CSIM' },
    { service: 'multiple-usim', used: usims > 1, needed: true, what: 'several USIMs' },
    { service: 'multiple-isim', used: count('isim') > 1, needed: true, what: 'several ISIMs' },
    { service: 'multiple-csim', used: count('csim') > 1, needed: true, what: 'several CSIMs' },
    { service: 'eap', used: count('eap') > 0, needed: true, what: 'an EAP directory' },
    { service: 'cave', used: count('cdmaParameter') > 0, needed: false, what: 'CDMA parameters', spare: true },
    { service: 'gba-usim', used: usims > 0, needed: false, what: 'a USIM', spare: true },
    { service: 'gba-isim', used: count('isim') > 0, needed: false, what: 'an ISIM', spare: true },
  ];
}

function algorithmUses({ elements }: Scope): Use[] {
  const algorithms = elements.flatMap((element) => {
    const algorithm = element.name === 'akaParameter' ? childOf(childOf(element.node, 0xa1), 0xa1) : undefined;
    return algorithm ? [algorithm] : [];
  });
  const id = (node: Node): number | undefined => integerOr(childOf(node, 0x80)?.value ?? new Uint8Array(0));
  const bits = (node: Node): number => 8 * (childOf(node, 0x82)?.value.length ?? 0);
  const any = (test: (node: Node) => boolean): boolean => algorithms.some(test);
  return [
    { service: 'milenage', used: any((node) => id(node) === 1), needed: true, what: 'Milenage parameters' },
    { service: 'tuak128', used: any((node) => id(node) === 2 && bits(node) === 128), needed: true, what: 'TUAK parameters with a K of 128 bits' },
    { service: 'tuak256', used: any((node) => id(node) === 2 && bits(node) === 256), needed: true, what: 'TUAK parameters with a K of 256 bits' },
    { service: 'usim-test-algorithm', used: any((node) => id(node) === 3), needed: true, what: 'parameters of the test algorithm' },
  ];
}

function otherUses(scope: Scope): Use[] {
  const { elements, system } = scope;
  const files = system.files.filter((entry) => !entry.skipped && (entry.node || entry.preset?.required));
  const applets = elements.some((element) => element.name === 'application');
  const domains = elements.filter((element) => element.name === 'securityDomain');
  const onCard = named(scope, 'ef-suci-calc-info-usim');
  const schemes = new Set(onCard.flatMap((entry) => {
    const view = bodyOf(scope, entry);
    return view ? readSuci(view.body).schemes.map((one) => one.id) : [];
  }));
  const byUsim = serviceTables(scope).some((table) => hasService(table.body, 125));
  const real = byUsim && (schemes.has(1) || schemes.has(2));
  return [
    { service: 'javacard', used: applets, needed: !(scope.header?.services.includes('multos') ?? false), what: 'an application', spare: true },
    { service: 'ber-tlv', used: files.some((entry) => entry.kind === 'BT'), needed: true, what: 'a BER-TLV file' },
    { service: 'dfLink', used: files.some((entry) => entry.link !== undefined && !isEf(entry)), needed: true, what: 'a link to a directory', spare: true },
    { service: 'cat-tp', used: domains.some((element) => childOf(element.node, 0xa5)), needed: true, what: 'CAT_TP parameters', spare: true },
    { service: 'get-identity', used: onCard.length > 0, needed: real, what: 'SUCI data for the USIM' },
    { service: 'profile-a-x25519', used: onCard.length > 0, needed: real && schemes.has(1), what: 'SUCI data for the USIM with a key of profile A' },
    { service: 'profile-b-p256', used: onCard.length > 0, needed: real && schemes.has(2), what: 'SUCI data for the USIM with a key of profile B' },
  ];
}
