import { fromHex, integerBytes, utf8Bytes } from '../../shared/tlv/index.ts';
import { type ElementName, elementTag, fileTag, SERVICES } from './names.ts';
import { branch, leaf, type Node } from './tree.ts';

/** Small pieces a package is built from. Public data is given as hexadecimal text. */
export function hexLeaf(tag: number, hex: string): Node {
  return leaf(tag, fromHex(hex));
}

export function integerLeaf(tag: number, value: number): Node {
  return leaf(tag, integerBytes(value));
}

/** PEHeader: mandated, with its identification (SAIP 3.4.1, 7.1). */
export function peHeader(identification: number): Node {
  return branch(0xa0, [leaf(0x80, []), integerLeaf(0x81, identification)]);
}

export function element(name: Exclude<ElementName, 'unknown' | 'header'>, identification: number, ...fields: Node[]): Node {
  return branch(elementTag(name), [peHeader(identification), ...fields]);
}

export interface HeaderFields {
  readonly profileType: string;
  /** Ten octets, straight order. */
  readonly iccid: Uint8Array;
  readonly services: readonly (typeof SERVICES)[number][];
  /** Last octets of the template OIDs under 2.23.143.1.2. */
  readonly templates: readonly number[];
}

/** ProfileHeader for SAIP 2.3. */
export function header(fields: HeaderFields): Node {
  const flags = fields.services.map((name) => 0x80 + SERVICES.indexOf(name)).sort((a, b) => a - b);
  return branch(elementTag('header'), [
    integerLeaf(0x80, 2), integerLeaf(0x81, 3), leaf(0x82, utf8Bytes(fields.profileType)), leaf(0x83, fields.iccid),
    branch(0xa5, flags.map((tag) => leaf(tag, []))), branch(0xa6, fields.templates.map((template) => leaf(0x06, templateId(template)))),
  ]);
}

function templateId(last: number): Uint8Array {
  return Uint8Array.from([0x67, 0x81, 0x0f, 0x01, 0x02, last]);
}

/** An element made of template files; those come in the order of their tags. */
export function fileElement(
  name: Exclude<ElementName, 'unknown' | 'header'>, identification: number, template: number, files: Record<string, Node[]>,
): Node {
  const nodes = Object.entries(files).map(([file, parts]) => branch(fileTag(name, file)!, parts));
  return element(name, identification, leaf(0x81, templateId(template)), ...nodes);
}

export interface FcpFields {
  readonly fid: string;
  /** File and record of the access rules: `2f0602`. */
  readonly rule: string;
  /** File size in bytes. */
  readonly size?: number;
  readonly recordLength?: number;
  readonly sfi?: number;
  /** Application identifier of an ADF. */
  readonly aid?: string;
  /** PIN references of a directory. */
  readonly pins?: string;
  /** Content is updated often. */
  readonly busy?: boolean;
}

/** File control parameters in their order of declaration (SAIP 3.4.1, 8.3.2). */
export function fcp(fields: FcpFields): Node {
  const nodes: Node[] = [];
  const { recordLength, size, sfi } = fields;
  if (recordLength !== undefined) nodes.push(leaf(0x82, [0x42, 0x21, recordLength >>> 8, recordLength & 0xff]));
  else if (size !== undefined) nodes.push(leaf(0x82, [0x41, 0x21]));
  if (fields.fid) nodes.push(hexLeaf(0x83, fields.fid));
  if (fields.aid) nodes.push(hexLeaf(0x84, fields.aid));
  nodes.push(hexLeaf(0x8b, fields.rule));
  if (size !== undefined) nodes.push(leaf(0x80, size > 0xff ? [size >>> 8, size & 0xff] : [size]));
  if (fields.pins) nodes.push(hexLeaf(0xc6, fields.pins));
  if (sfi !== undefined) nodes.push(leaf(0x88, [sfi << 3]));
  if (size !== undefined) nodes.push(branch(0xa5, fields.busy ? [leaf(0xc0, [0x80])] : []));
  return branch(0xa1, nodes);
}

/** A directory or application directory. */
export function directory(fields: FcpFields): Node[] {
  return [fcp(fields)];
}

/** A transparent file whose content is exactly the given bytes. */
export function transparent(fields: Omit<FcpFields, 'size' | 'recordLength'>, content: Uint8Array): Node[] {
  return [fcp({ ...fields, size: content.length }), leaf(0x83, content)];
}

/** A linear fixed file; records shorter than the record length are followed by FF. */
export function records(fields: Omit<FcpFields, 'size' | 'recordLength'>, recordLength: number, list: readonly Uint8Array[]): Node[] {
  const body = new Uint8Array(recordLength * list.length).fill(0xff);
  list.forEach((record, index) => body.set(record, index * recordLength));
  return [fcp({ ...fields, size: body.length, recordLength }), leaf(0x83, body)];
}
