import { integerBytes, readInteger, TlvError } from '../../shared/tlv/index.ts';
import { SaipError } from './errors.ts';
import {
  CREATED_BY_DEFAULT, type ElementName, FILE_DEFAULTS, type FileDefault, fileTag, type KnownFile, tagNumber,
} from './names.ts';
import { elementPlace, type ProfileElement } from './package.ts';
import { branch, childOf, leaf, type Node } from './tree.ts';

/** A template file as the eUICC would build it. */
export interface FileView {
  /** Content the eUICC would hold after processing the element. A copy. */
  readonly body: Uint8Array;
  /** Record length of a linear fixed or cyclic file, else the whole size. */
  readonly recordLength: number;
  readonly place: string;
}

/** A file in an element: the node, and what to call it. */
export interface FileSite {
  readonly element: ProfileElement;
  readonly file: KnownFile;
  /** Absent when the element omits the file and the template creates it all the same. */
  readonly node: Node | undefined;
}

const MAX_FILE = 65_535;

/** Every place in the package where this file exists, in package order. */
export function findFiles(elements: readonly ProfileElement[], file: KnownFile): FileSite[] {
  const sites: FileSite[] = [];
  for (const element of elements) {
    if (!(FILE_DEFAULTS[file].elements as readonly ElementName[]).includes(element.name)) continue;
    const node = childOf(element.node, fileTag(element.name, file)!);
    if (node || CREATED_BY_DEFAULT.has(element.name)) sites.push({ element, file, node });
  }
  return sites;
}

/**
 * What the eUICC would hold in the file (SAIP 3.4.1, 8.3.5): size from the Fcp or the template, filled with the Fcp's
 * pattern or the template's default (record by record), then offsets and contents in their order, each offset counted
 * from where the last content ended.
 */
export function viewFile(site: FileSite): FileView {
  const place = `${elementPlace(site.element)}/${site.file}`;
  const preset: FileDefault = FILE_DEFAULTS[site.file];
  const fcp = childOf(site.node, 0xa1);
  const descriptor = childOf(fcp, 0x82)?.value;
  const recordLength = descriptor?.length === 4 ? descriptor[2]! * 256 + descriptor[3]! : preset.records ? preset.size : 0;
  const sizeNode = childOf(fcp, 0x80);
  const size = Math.max(sizeNode ? integer(sizeNode.value, place) : (recordLength || preset.size) * (preset.records ?? 1), contentEnd(site.node, place));
  if (size > MAX_FILE) throw new SaipError('SAIP_BAD_FILE', `The file claims ${size} bytes.`, place);
  const unit = recordLength > 0 ? Math.min(recordLength, size) : size;
  const body = new Uint8Array(size).fill(0xff);
  fill(body, unit, fcp, preset);
  apply(site.node, body, place);
  return { body, recordLength: unit, place };
}

function integer(value: Uint8Array, place: string): number {
  // efFileSize is an OCTET STRING holding a number: leading zero octets are legal there.
  if (value.length === 0 || value.length > 4) throw new SaipError('SAIP_BAD_FILE', 'The file size field is not 1 to 4 octets.', place);
  return value.reduce((sum, octet) => sum * 256 + octet, 0);
}

function offsetOf(node: Node, place: string): number {
  try {
    return readInteger(node.value);
  } catch (error) {
    if (error instanceof TlvError) throw new SaipError('SAIP_BAD_FILE', 'A fill offset is no valid number.', place);
    throw error;
  }
}

function contentEnd(node: Node | undefined, place: string): number {
  let at = 0;
  let end = 0;
  for (const child of node?.children ?? []) {
    if (child.tag === 0x82) at += offsetOf(child, place);
    if (child.tag === 0x83) end = at += child.value.length;
  }
  return end;
}

function fill(body: Uint8Array, unit: number, fcp: Node | undefined, preset: FileDefault): void {
  const info = childOf(fcp, 0xa5);
  const once = childOf(info, 0xc1)?.value;
  const repeat = childOf(info, 0xc2)?.value ?? (once ? undefined : preset.repeat);
  if (once && once.length > 0) {
    for (let i = 0; i < body.length; i++) body[i] = once[Math.min(i % unit, once.length - 1)]!;
  } else if (repeat && repeat.length > 0) {
    for (let i = 0; i < body.length; i++) body[i] = repeat[(i % unit) % repeat.length]!;
  }
}

function apply(node: Node | undefined, body: Uint8Array, place: string): void {
  let at = 0;
  for (const child of node?.children ?? []) {
    if (child.tag === 0x82) at += offsetOf(child, place);
    if (child.tag === 0x83) {
      body.set(child.value, at);
      at += child.value.length;
    }
  }
}

/**
 * Makes the file carry its whole content in one fillFileContent, so that a slot has a fixed place, and returns that
 * node. The Fcp stays; a size is written into it when the content asks for another than the template's. Refuses a file
 * the element says not to create.
 */
export function normaliseFile(site: FileSite, body: Uint8Array, resized: boolean): Node {
  const place = `${elementPlace(site.element)}/${site.file}`;
  const parent = site.element.node;
  if (childOf(site.node, 0x80)) throw new SaipError('SLOT_NO_TARGET', `The template does not create ${site.file}.`, place);
  const node = site.node ?? insertFile(parent, fileTag(site.element.name, site.file)!);
  const fcp = childOf(node, 0xa1);
  if (!node.children) throw new SaipError('SAIP_BAD_FILE', 'The file is not a list of file elements.', place);
  const content = leaf(0x83, body);
  node.children = [...node.children.filter((child) => child.tag !== 0x82 && child.tag !== 0x83), content];
  const preset: FileDefault = FILE_DEFAULTS[site.file];
  if (resized || (!childOf(fcp, 0x80) && body.length !== preset.size * (preset.records ?? 1))) setFileSize(node, body.length);
  return content;
}

function insertFile(parent: Node, tag: number): Node {
  const node = branch(tag, []);
  const children = parent.children!;
  const before = children.findIndex((child, index) => index >= 2 && tagNumber(child.tag) > tagNumber(tag));
  children.splice(before < 0 ? children.length : before, 0, node);
  return node;
}

const FCP_ORDER = [0x82, 0x83, 0x84, 0x8a, 0x8b, 0x80, 0xc6, 0x88, 0xa5, 0xc7];

/** Writes efFileSize at its place in the Fcp, which keeps declaration order (SAIP 3.4.1, 8.3.2). */
function setFileSize(file: Node, size: number): void {
  let fcp = childOf(file, 0xa1);
  if (!fcp) {
    fcp = branch(0xa1, []);
    file.children!.unshift(fcp);
  }
  // An OCTET STRING on the fewest octets: no sign bit, so no leading zero.
  const octets = integerBytes(size);
  const value = octets.length > 1 && octets[0] === 0 ? octets.subarray(1) : octets;
  const present = childOf(fcp, 0x80);
  if (present) {
    present.value = value;
    return;
  }
  const after = FCP_ORDER.indexOf(0x80);
  const at = fcp.children!.findIndex((child) => FCP_ORDER.indexOf(child.tag) > after);
  fcp.children!.splice(at < 0 ? fcp.children!.length : at, 0, leaf(0x80, value));
}
