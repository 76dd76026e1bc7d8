import { isConstructed, lengthBytes, readTlv, tagBytes, TlvError } from '../../shared/tlv/index.ts';
import { SaipError } from './errors.ts';

/**
 * A profile package as a tree of TLVs. Reading takes strict DER only, so writing with minimal lengths gives the same
 * bytes back, unknown elements included (SAIP 3.4.1, 7: extensibility implied).
 */
export interface Node {
  tag: number;
  /** Content octets; of a constructed node only the octets it was read from. */
  value: Uint8Array;
  /** Present exactly when the tag is constructed. */
  children: Node[] | undefined;
  /** Offset of the tag in the buffer it was read from; -1 for a node made here. */
  offset: number;
}

export const MAX_PACKAGE_BYTES = 4 * 1024 * 1024;
const MAX_DEPTH = 32;
const MAX_NODES = 65_536;

/** Splits a whole package into its tree. Throws {@link SaipError}, with the offset as place. */
export function parseTree(der: Uint8Array): Node[] {
  if (der.length > MAX_PACKAGE_BYTES) {
    throw new SaipError('SAIP_TOO_LARGE', `The package has ${der.length} bytes; ${MAX_PACKAGE_BYTES} are allowed.`);
  }
  return parseRange(der, 0, 0, { nodes: 0 });
}

function parseRange(buf: Uint8Array, from: number, depth: number, count: { nodes: number }): Node[] {
  if (depth > MAX_DEPTH) {
    throw new SaipError('SAIP_TOO_DEEP', `Elements are nested deeper than ${MAX_DEPTH} levels.`, `offset ${from}`);
  }
  const nodes: Node[] = [];
  for (let at = from; at < buf.length;) {
    if (++count.nodes > MAX_NODES) {
      throw new SaipError('SAIP_TOO_MANY_NODES', `The package has more than ${MAX_NODES} elements.`, `offset ${at}`);
    }
    const { node, end } = readStrict(buf, at);
    const { tag, value } = node;
    const children = isConstructed(tag) ? parseRange(buf.subarray(0, end), end - value.length, depth + 1, count) : undefined;
    nodes.push({ tag, value, children, offset: at });
    at = end;
  }
  return nodes;
}

function readStrict(buf: Uint8Array, at: number): ReturnType<typeof readTlv> {
  try {
    const read = readTlv(buf, at, { strict: true });
    const { tag } = read.node;
    if (tag > 0xff && tag <= 0xffff && (tag & 0xff) < 0x1f) {
      throw new TlvError('TLV_BAD_TAG', 'tag number below 31 written in two octets', at);
    }
    return read;
  } catch (error) {
    if (error instanceof TlvError) {
      throw new SaipError('SAIP_MALFORMED', `The package is not strict DER: ${error.message}.`, `offset ${at}`);
    }
    throw error;
  }
}

/** Writes the tree as DER. `onValue` learns where the content octets of each node came to lie. */
export function encodeTree(nodes: readonly Node[], onValue?: (node: Node, offset: number) => void): Uint8Array {
  const sizes = new Map<Node, number>();
  let total = 0;
  for (const node of nodes) total += measure(node, sizes);
  const out = new Uint8Array(total);
  let at = 0;
  for (const node of nodes) at = write(node, out, at, sizes, onValue);
  return out;
}

function measure(node: Node, sizes: Map<Node, number>): number {
  let size = node.value.length;
  if (node.children) {
    size = 0;
    for (const child of node.children) size += measure(child, sizes);
  }
  sizes.set(node, size);
  return tagBytes(node.tag).length + lengthBytes(size).length + size;
}

function write(
  node: Node, out: Uint8Array, from: number, sizes: Map<Node, number>, onValue?: (node: Node, offset: number) => void,
): number {
  let at = from;
  for (const octet of tagBytes(node.tag)) out[at++] = octet;
  for (const octet of lengthBytes(sizes.get(node)!)) out[at++] = octet;
  onValue?.(node, at);
  if (node.children) {
    for (const child of node.children) at = write(child, out, at, sizes, onValue);
    return at;
  }
  out.set(node.value, at);
  return at + node.value.length;
}

/** A new primitive node. */
export function leaf(tag: number, value: Uint8Array | readonly number[]): Node {
  return { tag, value: value instanceof Uint8Array ? value : Uint8Array.from(value), children: undefined, offset: -1 };
}

/** A new constructed node. */
export function branch(tag: number, children: Node[]): Node {
  return { tag, value: new Uint8Array(0), children, offset: -1 };
}

export function childOf(node: Node | undefined, tag: number): Node | undefined {
  return node?.children?.find((child) => child.tag === tag);
}
