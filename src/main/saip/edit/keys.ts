import { toHex } from '../../../shared/tlv/index.ts';
import { elementPlace, type ProfileElement } from '../package.ts';
import { SaipError } from '../errors.ts';
import { branch, childOf, leaf, type Node } from '../tree.ts';
import { KEY_VERSIONS } from '../slots.ts';
import type { AddKeySetEdit, KeySet, RemoveKeySetEdit, ReplaceKeySetEdit } from './types.ts';
import { badValue, noPlace, type Workbench } from './workbench.ts';

const DES = 0x80;
const PSK = 0x85;
const AES = 0x88;

/** The keys of a set: identifier, use, type (ETSI TS 102 225; GlobalPlatform 2.3.1, 11.1.8 and amendments B, D). */
function keysOf(set: KeySet): Node[] {
  const type = set.algorithm === 'aes' ? AES : DES;
  const key = (id: number, use: number, kind: number, bytes: number): Node => branch(0x30, [
    leaf(0x95, [use]), leaf(0x82, [id]), leaf(0x83, [set.version]), branch(0x30, [branch(0x30, [leaf(0x80, [kind]), leaf(0x86, new Uint8Array(bytes))])]),
  ]);
  if (set.protocol === 'scp81') return [key(1, 0x3c, PSK, 16), key(2, 0x48, type, set.bytes)];
  return [key(1, 0x18, type, set.bytes), key(2, 0x14, type, set.bytes), key(3, 0x48, type, set.bytes)];
}

function checkSet(set: KeySet): void {
  const place = 'securityDomain';
  const range = KEY_VERSIONS[set.protocol];
  if (!range) throw badValue(place, 'The protocol is none of SCP80, SCP81, SCP02 and SCP03.');
  const hex = (n: number): string => n.toString(16).toUpperCase().padStart(2, '0');
  if (!Number.isInteger(set.version) || set.version < range[0] || set.version > range[1]) {
    throw badValue(place, `Key versions of ${set.protocol.toUpperCase()} are ${hex(range[0])} to ${hex(range[1])}.`);
  }
  const lengths = set.algorithm === 'aes' ? [16, 24, 32] : set.algorithm === 'des' ? [16, 24] : [];
  if (!lengths.includes(set.bytes)) throw badValue(place, `A key of ${set.algorithm.toUpperCase()} has ${lengths.join(' or ')} octets.`);
  if (set.protocol === 'scp02' && (set.algorithm !== 'des' || set.bytes !== 16)) throw badValue(place, 'SCP02 takes two-key triple DES of 16 octets.');
  if (set.protocol === 'scp03' && set.algorithm !== 'aes') throw badValue(place, 'SCP03 takes AES keys.');
}

/** Personalisation fills every set of a protocol with the same keys, so they have to be equally long. */
function sameLengths(keys: readonly Node[], set: KeySet, place: string): void {
  const [first, last] = KEY_VERSIONS[set.protocol];
  const made = new Map(keysOf(set).map((key) => [idOf(key), dataOf(key)]));
  const other = keys.find((key) => versionOf(key) >= first && versionOf(key) <= last && made.has(idOf(key)) && made.get(idOf(key)) !== dataOf(key));
  if (!other) return;
  throw new SaipError(
    'EDIT_REFUSED', `The keys of ${set.protocol.toUpperCase()} that are there have ${dataOf(other)} octets; all sets of a protocol are filled with the same keys.`,
    `${place}/key ${versionOf(other)}`,
  );
}

const idOf = (key: Node): number => childOf(key, 0x82)?.value[0] ?? 0;
const dataOf = (key: Node): number => childOf(childOf(childOf(key, 0x30), 0x30), 0x86)?.value.length ?? 0;

function domainOf(bench: Workbench, aid: string | undefined): ProfileElement {
  const domains = bench.elements.filter((element) => element.name === 'securityDomain');
  const wanted = aid?.toLowerCase();
  const found = wanted === undefined ? domains[0] : domains.find((element) => {
    const aids = childOf(element.node, 0xa1)?.children?.filter((child) => child.tag === 0x4f) ?? [];
    return aids[2] !== undefined && toHex(aids[2].value) === wanted;
  });
  if (!found) throw noPlace('securityDomain', aid === undefined ? 'The template has no security domain.' : `The template has no security domain ${aid}.`);
  return found;
}

const versionOf = (key: Node): number => childOf(key, 0x83)?.value[0] ?? 0;

function keyList(domain: ProfileElement): Node {
  const present = childOf(domain.node, 0xa2);
  if (present) return present;
  const made = branch(0xa2, []);
  const children = domain.node.children!;
  const at = children.findIndex((child, index) => index > 0 && child.tag > 0xa2);
  children.splice(at < 0 ? children.length : at, 0, made);
  return made;
}

const text = (set: KeySet): string => `${set.protocol.toUpperCase()} version ${set.version.toString(16).toUpperCase().padStart(2, '0')}, ${set.algorithm.toUpperCase()} of ${set.bytes} octets`;

export function editAddKeySet(bench: Workbench, { set, domain: aid }: AddKeySetEdit): string {
  checkSet(set);
  const domain = domainOf(bench, aid);
  const list = keyList(domain);
  if (list.children!.some((key) => versionOf(key) === set.version)) {
    throw new SaipError('EDIT_REFUSED', 'The security domain has keys of this version; replace that set.', `${elementPlace(domain)}/key ${set.version}`);
  }
  sameLengths(list.children!, set, elementPlace(domain));
  list.children!.push(...keysOf(set));
  bench.places.add(`${elementPlace(domain)}/key ${set.version}`);
  return `Key set added: ${text(set)}`;
}

export function editRemoveKeySet(bench: Workbench, { version, domain: aid }: RemoveKeySetEdit): string {
  const domain = domainOf(bench, aid);
  const list = childOf(domain.node, 0xa2);
  const kept = (list?.children ?? []).filter((key) => versionOf(key) !== version);
  const place = `${elementPlace(domain)}/key ${version}`;
  if (!list || kept.length === list.children!.length) throw noPlace(place, 'The security domain has no keys of this version.');
  if (kept.length === 0) throw new SaipError('EDIT_REFUSED', 'These are the only keys of the security domain; without them nobody could manage the profile.', place);
  list.children = kept;
  bench.places.add(place);
  return `Key set removed: version ${version.toString(16).toUpperCase().padStart(2, '0')}`;
}

export function editReplaceKeySet(bench: Workbench, { version, set, domain: aid }: ReplaceKeySetEdit): string {
  checkSet(set);
  const domain = domainOf(bench, aid);
  const list = childOf(domain.node, 0xa2);
  const place = `${elementPlace(domain)}/key ${version}`;
  const at = (list?.children ?? []).findIndex((key) => versionOf(key) === version);
  if (!list || at < 0) throw noPlace(place, 'The security domain has no keys of this version.');
  if (set.version !== version && list.children!.some((key) => versionOf(key) === set.version)) {
    throw new SaipError('EDIT_REFUSED', 'The security domain has keys of the new version too.', `${elementPlace(domain)}/key ${set.version}`);
  }
  const kept = list.children!.filter((key) => versionOf(key) !== version);
  sameLengths(kept, set, elementPlace(domain));
  kept.splice(at, 0, ...keysOf(set));
  list.children = kept;
  bench.places.add(place);
  return `Key set version ${version.toString(16).toUpperCase().padStart(2, '0')} replaced: ${text(set)}`;
}
