import { readInteger, readUtf8, TlvError, toHex } from '../../shared/tlv/index.ts';
import { SaipError } from './errors.ts';
import { type ElementName, elementName, SERVICES } from './names.ts';
import { childOf, encodeTree, type Node, parseTree } from './tree.ts';

/** One profile element of a package (SAIP 3.4.1, 7.1). */
export interface ProfileElement {
  readonly name: ElementName;
  readonly index: number;
  /** PEHeader identification; absent in the header element and in a broken one. */
  readonly identification: number | undefined;
  readonly mandated: boolean;
  readonly node: Node;
}

/** ProfileHeader (SAIP 3.4.1, 8.2.1). */
export interface ProfileHeader {
  readonly majorVersion: number;
  readonly minorVersion: number;
  readonly profileType: string | undefined;
  /** The ten octets as digits, padding F dropped. */
  readonly iccid: string;
  readonly services: readonly string[];
  /** Template OIDs the eUICC must know, dotted. */
  readonly templates: readonly string[];
  readonly iot: boolean;
}

export interface ProfilePackage {
  readonly elements: readonly ProfileElement[];
  /** Absent when the package has none (finding V01). */
  readonly header: ProfileHeader | undefined;
  /** Size in bytes of what was read. */
  readonly size: number;
}

/**
 * Reads an unprotected profile package: the profile elements standing side by side in strict DER.
 * Throws {@link SaipError} when it is no such sequence; anything else that is wrong is for `checkPackage` to say.
 */
export function readPackage(der: Uint8Array): ProfilePackage {
  if (der.length === 0) throw new SaipError('SAIP_EMPTY', 'The profile package is empty.');
  const nodes = parseTree(der);
  const elements = nodes.map(toElement);
  const header = elements.find((element) => element.name === 'header');
  return { elements, header: header && readHeader(header.node), size: der.length };
}

/** The bytes of the package; exactly those it was read from when nothing was changed. */
export function encodePackage(pkg: ProfilePackage): Uint8Array {
  return encodeTree(pkg.elements.map((element) => element.node));
}

function toElement(node: Node, index: number): ProfileElement {
  if ((node.tag > 0xff ? node.tag >>> 8 : node.tag) >>> 5 !== 0b101 || node.tag > 0xffff) {
    throw new SaipError('SAIP_BAD_ELEMENT', 'Something that is no profile element stands in the package.', `offset ${node.offset}`);
  }
  const name = elementName(node.tag);
  const peHeader = name === 'header' ? undefined : childOf(node, 0xa0);
  const identification = childOf(peHeader, 0x81);
  return {
    name, index, node,
    identification: identification && integerOr(identification.value),
    mandated: childOf(peHeader, 0x80) !== undefined,
  };
}

/** INTEGER content, `undefined` when it is none. */
export function integerOr(value: Uint8Array): number | undefined {
  try {
    return readInteger(value);
  } catch (error) {
    if (error instanceof TlvError) return undefined;
    throw error;
  }
}

function readHeader(node: Node): ProfileHeader {
  const number = (tag: number): number => integerOr(childOf(node, tag)?.value ?? new Uint8Array(0)) ?? 0;
  const profileType = childOf(node, 0x82);
  return {
    majorVersion: number(0x80),
    minorVersion: number(0x81),
    profileType: profileType && textOr(profileType.value),
    iccid: toHex(childOf(node, 0x83)?.value ?? new Uint8Array(0)).replace(/f+$/, ''),
    services: (childOf(node, 0xa5)?.children ?? []).map((flag) => serviceName(flag.tag)),
    templates: (childOf(node, 0xa6)?.children ?? []).map((oid) => oidText(oid.value)),
    iot: childOf(node, 0xa9) !== undefined,
  };
}

function textOr(value: Uint8Array): string {
  try {
    return readUtf8(value);
  } catch (error) {
    if (error instanceof TlvError) return toHex(value);
    throw error;
  }
}

export function serviceName(tag: number): string {
  return SERVICES[tag - 0x80] ?? `service-${tag.toString(16)}`;
}

/** OID content octets as dotted text. */
export function oidText(value: Uint8Array): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const octet of value) {
    arc = arc * 128 + (octet & 0x7f);
    if (octet & 0x80) continue;
    if (arcs.length === 0) arcs.push(Math.min(Math.floor(arc / 40), 2), arc - 40 * Math.min(Math.floor(arc / 40), 2));
    else arcs.push(arc);
    arc = 0;
  }
  return arcs.join('.');
}

/** How messages name an element: its kind and its identification. */
export function elementPlace(element: ProfileElement): string {
  return element.name === 'header' ? 'header' : `${element.name}[${element.identification ?? `#${element.index}`}]`;
}
