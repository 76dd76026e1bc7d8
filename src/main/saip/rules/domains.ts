import { toHex } from '../../../shared/tlv/index.ts';
import { PUBLISHED_KEYS } from '../aka-defaults.ts';
import { type Finding, finding } from '../findings.ts';
import { fromHex, sameBytes } from '../../../shared/tlv/index.ts';
import { elementPlace, type ProfileElement } from '../package.ts';
import { childOf, type Node } from '../tree.ts';
import { applications, type Scope } from './scope.ts';

const PUBLISHED = PUBLISHED_KEYS.map(fromHex);
const DES = 0x80;
const PSK = 0x85;
const AES = 0x88;

const aidsOf = (node: Node | undefined): string[] => (node?.children ?? []).filter((child) => child.tag === 0x4f).map((child) => toHex(child.value));

/** Rule V35: security domains and their keys (SAIP 3.4.1, 8.6; GlobalPlatform 2.3, 11.8). */
export function checkDomains({ elements }: Scope): Finding[] {
  const domains = elements.filter((element) => element.name === 'securityDomain');
  return domains.flatMap((element, index) => [...checkInstance(element, index === 0), ...checkKeys(element)]);
}

function checkInstance(element: ProfileElement, first: boolean): Finding[] {
  const error = (message: string): Finding => finding('V35', 'error', elementPlace(element), message);
  const aids = aidsOf(childOf(element.node, 0xa1));
  if (aids.length < 3) return [error('The security domain names no package, class and instance.')];
  const findings: Finding[] = [];
  if (first && aids.length > 3) findings.push(error('The first security domain is the operator\'s own and is extradited to nobody.'));
  if (!first) {
    for (const [tag, name] of [[0xa4, 'openPersoData'], [0xa5, 'catTpParameters']] as const) {
      if (childOf(element.node, tag)) findings.push(error(`${name} belongs to the first security domain only.`));
    }
  }
  return findings;
}

function checkKeys(element: ProfileElement): Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const key of childOf(element.node, 0xa2)?.children ?? []) {
    const version = childOf(key, 0x83)?.value[0];
    const id = childOf(key, 0x82)?.value[0];
    const place = `${elementPlace(element)}/key ${version ?? '?'}/${id ?? '?'}`;
    const error = (message: string): void => void findings.push(finding('V35', 'error', place, message));
    if (version === undefined || id === undefined) {
      error('The key has no version or no identifier.');
      continue;
    }
    const name = `${version}/${id}`;
    if (seen.has(name)) error('The domain has two keys with this version and identifier.');
    seen.add(name);
    if (version === 0 || (version > 0x7f && version !== 0xff)) error(`${version} is no key version.`);
    for (const component of childOf(key, 0x30)?.children ?? []) {
      const type = childOf(component, 0x80)?.value[0];
      const value = childOf(component, 0x86)?.value ?? new Uint8Array(0);
      const problem = keyProblem(version, id, type, value.length);
      if (problem) error(problem);
      else if (version >= 0x20 && version <= 0x2f && type !== DES) findings.push(finding('V35', 'warning', place, 'Versions 20 to 2F (SCP02) have DES keys; not every eUICC takes others there.'));
      else if (isDefault(value)) findings.push(finding('V35', 'warning', place, 'The key is a placeholder or a published test key.'));
    }
  }
  return findings;
}

function keyProblem(version: number, id: number, type: number | undefined, length: number): string | undefined {
  if (type === DES && length !== 16 && length !== 24) return `A DES key has 16 or 24 bytes, not ${length}.`;
  if (type === AES && length !== 16 && length !== 24 && length !== 32) return `An AES key has 16, 24 or 32 bytes, not ${length}.`;
  if (type === PSK && length < 16) return `A pre-shared key for TLS has at least 16 bytes, not ${length}.`;
  const https = version >= 0x40 && version <= 0x4f;
  if (type === PSK && !(https && id === 1)) return 'A pre-shared key for TLS is key 1 of versions 40 to 4F (SCP81).';
  if (https && id === 1 && type !== PSK) return 'Key 1 of versions 40 to 4F (SCP81) is a pre-shared key for TLS.';
  return version >= 0x30 && version <= 0x3f && type !== AES ? 'Versions 30 to 3F (SCP03) have AES keys.' : undefined;
}

/** All bytes the same, or published. */
export function isDefault(value: Uint8Array): boolean {
  return value.length > 0 && (value.every((octet) => octet === value[0]) || PUBLISHED.some((known) => sameBytes(known, value)));
}

/** Rule V36: remote file management (SAIP 3.4.1, 8.7; TS 102 226, 8). */
export function checkManagement(scope: Scope): Finding[] {
  const findings: Finding[] = [];
  const domains = new Map<string, number>();
  const tars = new Map<string, string>();
  const known = applications(scope);
  for (const element of scope.elements) {
    if (element.name === 'securityDomain') {
      const instance = aidsOf(childOf(element.node, 0xa1))[2];
      if (instance !== undefined) domains.set(instance, element.index);
    }
    if (element.name !== 'rfm') continue;
    const place = elementPlace(element);
    const error = (message: string): void => void findings.push(finding('V36', 'error', place, message));
    const [instance = '', domain] = aidsOf(element.node);
    if (domain === undefined ? domains.size === 0 : !domains.has(domain)) error('Its security domain does not stand before it.');
    const aid = childOf(childOf(element.node, 0x30), 0x80);
    if (aid && !known.some((adf) => adf.aid === toHex(aid.value) && adf.element.index < element.index)) error('The application whose files it manages does not stand before it.');
    for (const tar of tarsOf(element, instance, error)) {
      const other = tars.get(tar);
      if (other !== undefined) error(`Its TAR ${tar.toUpperCase()} is that of ${other} too.`);
      else tars.set(tar, place);
    }
    const level = childOf(element.node, 0x81)?.value[0] ?? 0;
    if ((level & 0x03) < 2 || (level & 0x04) === 0) {
      findings.push(finding('V36', 'warning', place, `Its minimum security level ${level.toString(16).toUpperCase().padStart(2, '0')} takes messages without cryptographic checksum or without ciphering.`));
    }
  }
  return findings;
}

/** TARs of the list behind the PEHeader, which has the same tag, or the one inside the instance AID. */
function tarsOf(element: ProfileElement, instance: string, error: (message: string) => void): string[] {
  const list = (element.node.children ?? []).filter((child) => child.tag === 0xa0)[1];
  if (!list) {
    if (instance.length >= 30) return [instance.slice(24, 30)];
    error('It has no TAR: neither a list nor one in bytes 13 to 15 of its instance AID.');
    return [];
  }
  const tars = (list.children ?? []).map((child) => toHex(child.value));
  if (tars.length === 0 || tars.some((tar) => tar.length !== 6)) error('Its list of TARs is empty or holds one that is not three bytes.');
  return tars.filter((tar) => tar.length === 6);
}
