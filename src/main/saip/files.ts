import { integerBytes, readInteger, TlvError } from '../../shared/tlv/index.ts';
import { SaipError } from './errors.ts';
import { type AnnexFile, annexFile, annexSize } from './annex.ts';
import { CREATED_BY_DEFAULT, type ElementName, FILE_ELEMENTS, fileName, fileTag, type KnownFile, tagNumber } from './names.ts';
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
const FILE_ELEMENT_NAMES = [...FILE_ELEMENTS];

const OTHER_APPLICATIONS: ReadonlySet<ElementName> = new Set<ElementName>(['isim', 'opt-isim', 'csim', 'opt-csim']);

/**
 * Every place in the package where this template file exists, in package order. A name that USIM and ISIM or CSIM share
 * (EF.SMSP, EF.AD, EF.GID1 …) means the USIM's, unless `within` names the elements to look into.
 */
export function findFiles(elements: readonly ProfileElement[], file: KnownFile, within?: readonly ElementName[]): FileSite[] {
  const sites: FileSite[] = [];
  const shared = FILE_ELEMENT_NAMES.some((name) => !OTHER_APPLICATIONS.has(name) && fileTag(name, file) !== undefined);
  for (const element of elements) {
    const tag = fileTag(element.name, file);
    if (tag === undefined || !(within ? within.includes(element.name) : !shared || !OTHER_APPLICATIONS.has(element.name))) continue;
    const node = childOf(element.node, tag);
    if (node || CREATED_BY_DEFAULT.has(element.name)) sites.push({ element, file, node });
  }
  return sites;
}

/** What a file is built from, whatever created it. */
export interface FileSource {
  readonly fcp: Node | undefined;
  /** Offsets and contents in their order: [offset to skip, content]. */
  readonly parts: readonly FilePart[];
  readonly preset: AnnexFile | undefined;
  readonly place: string;
}

export type FilePart = { readonly skip: Node } | { readonly content: Node };

/** Parts of a list of file elements; the tags differ between templates (82, 83) and file management (02, 81). */
export function fileParts(items: readonly Node[] | undefined, skipTag: number, contentTag: number): FilePart[] {
  return (items ?? []).flatMap((item): FilePart[] => (item.tag === skipTag ? [{ skip: item }] : item.tag === contentTag ? [{ content: item }] : []));
}

export function siteSource(site: FileSite): FileSource {
  return {
    fcp: childOf(site.node, 0xa1), parts: fileParts(site.node?.children, 0x82, 0x83), preset: annexFile(site.element.name, site.file),
    place: `${elementPlace(site.element)}/${site.file}`,
  };
}

/**
 * What the eUICC would hold in the file (SAIP 3.4.1, 8.3.5): size from the Fcp or the template, filled with the Fcp's
 * pattern or the template's default (record by record), then offsets and contents in their order, each offset counted
 * from where the last content ended.
 */
export function viewFile(site: FileSite): FileView {
  return viewSource(siteSource(site));
}

/** {@link viewFile} for any file of any template element, by its name or by its node in the element. */
export function viewAnyFile(element: ProfileElement, file: string | Node): FileView {
  const name = typeof file === 'string' ? file : fileName(element.name, file.tag);
  if (name === undefined) throw new SaipError('SAIP_BAD_FILE', 'The template has no such file.', elementPlace(element));
  const tag = fileTag(element.name, name);
  if (tag === undefined) throw new SaipError('SAIP_BAD_FILE', `The template has no ${name}.`, elementPlace(element));
  return viewFile({ element, file: name, node: typeof file === 'string' ? childOf(element.node, tag) : file });
}

/** Record length of a linear fixed or cyclic file as the Fcp or the template has it, else 0. */
export function recordLengthOf(source: Pick<FileSource, 'fcp' | 'preset'>): number {
  const descriptor = childOf(source.fcp, 0x82)?.value;
  if (descriptor?.length === 4) return descriptor[2]! * 256 + descriptor[3]!;
  if (descriptor) return 0;
  return source.preset?.kind === 'LF' || source.preset?.kind === 'CY' ? source.preset.size ?? 0 : 0;
}

/** Size of the file in octets as the Fcp or the template has it; absent when neither says so. Throws `SAIP_BAD_FILE`. */
export function declaredSize(source: FileSource): number | undefined {
  const info = childOf(source.fcp, 0xa5);
  const sizeNode = childOf(source.fcp, 0x80) ?? childOf(info, 0x86);
  if (sizeNode) return integer(sizeNode.value, source.place);
  const { preset } = source;
  if (!preset) return undefined;
  const records = preset.kind === 'LF' || preset.kind === 'CY';
  if (!records) return preset.size;
  const length = recordLengthOf(source);
  return length > 0 && preset.records !== undefined ? length * preset.records : annexSize(preset);
}

/** Octets from the start of the file to the end of the last content. Throws `SAIP_BAD_FILE`. */
export function contentEnd(source: FileSource): number {
  let at = 0;
  let end = 0;
  for (const part of source.parts) {
    if ('skip' in part) at += offsetOf(part.skip, source.place);
    else end = at += part.content.value.length;
  }
  return end;
}

/** {@link viewFile} for a file from anywhere. A link has no body of its own. Throws `SAIP_BAD_FILE`. */
export function viewSource(source: FileSource): FileView {
  const { fcp, preset, place } = source;
  const linked = (childOf(fcp, 0xc7)?.value.length ?? 0) > 0;
  const size = linked ? 0 : Math.max(declaredSize(source) ?? 0, contentEnd(source));
  if (size > MAX_FILE) throw new SaipError('SAIP_BAD_FILE', `The file claims ${size} bytes.`, place);
  const recordLength = recordLengthOf(source);
  const unit = recordLength > 0 ? Math.min(recordLength, size) : size;
  const body = new Uint8Array(size).fill(0xff);
  if (linked) return { body, recordLength: 0, place };
  fill(body, unit, fcp, preset);
  apply(source, body);
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

function fill(body: Uint8Array, unit: number, fcp: Node | undefined, preset: AnnexFile | undefined): void {
  const info = childOf(fcp, 0xa5);
  const own = childOf(info, 0xc1)?.value ?? childOf(info, 0xc2)?.value;
  const once = childOf(info, 0xc1)?.value ?? (own ? undefined : preset?.fill);
  const repeat = childOf(info, 0xc2)?.value ?? (own ? undefined : preset?.repeat);
  if (once && once.length > 0) {
    for (let i = 0; i < body.length; i++) body[i] = once[Math.min(i % unit, once.length - 1)]!;
  } else if (repeat && repeat.length > 0) {
    for (let i = 0; i < body.length; i++) body[i] = repeat[(i % unit) % repeat.length]!;
  }
}

function apply(source: FileSource, body: Uint8Array): void {
  let at = 0;
  for (const part of source.parts) {
    if ('skip' in part) at += offsetOf(part.skip, source.place);
    else {
      body.set(part.content.value, at);
      at += part.content.value.length;
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
  const preset = annexFile(site.element.name, site.file);
  if (resized || (!childOf(fcp, 0x80) && body.length !== (preset && annexSize(preset)))) setFileSize(node, body.length);
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
