/** ASN.1 values the RSP messages and certificates are made of, on top of the shared TLV layer. */
import { readAll, readOne, tagText, tlv, TlvError } from '../../shared/tlv/index.ts';
import type { TlvNode } from '../../shared/tlv/index.ts';

export type Bytes = Uint8Array;

/** Walks the elements of a constructed node in their order; elements nobody asked for at the end are ignored. */
export class Cursor {
  readonly #nodes: readonly TlvNode[];
  #at = 0;

  constructor(nodes: readonly TlvNode[]) {
    this.#nodes = nodes;
  }

  /** The next element; it must carry one of `tags`. */
  take(name: string, ...tags: readonly number[]): TlvNode {
    const node = this.#nodes[this.#at];
    if (node === undefined) throw new TlvError('TLV_TRUNCATED', `${name} is missing`);
    if (!tags.includes(node.tag)) {
      throw new TlvError('TLV_UNEXPECTED_TAG', `tag ${tagText(node.tag)} where ${name} (${tags.map(tagText).join(' or ')}) belongs`);
    }
    this.#at++;
    return node;
  }

  /** The next element when it carries `tag`, else undefined and nothing is consumed. */
  optional(tag: number): TlvNode | undefined {
    const node = this.#nodes[this.#at];
    if (node === undefined || node.tag !== tag) return undefined;
    this.#at++;
    return node;
  }

  get atEnd(): boolean {
    return this.#at >= this.#nodes.length;
  }
}

/** A cursor over the elements inside a constructed element. */
export function inside(node: { readonly value: Uint8Array }): Cursor {
  return new Cursor(readAll(node.value));
}

/** The one element a received buffer consists of. */
export function outer(der: Uint8Array, tag: number): TlvNode {
  return readOne(der, tag);
}

/** OCTET STRING content with a size range. */
export function octets(node: TlvNode, name: string, min: number, max: number = min): Bytes {
  if (node.value.length < min || node.value.length > max) {
    throw new TlvError('TLV_BAD_VALUE', `${name} has ${node.value.length} octets, ${min === max ? min : `${min} to ${max}`} expected`);
  }
  return node.value;
}

/** Numbers of the bits set in a BIT STRING, bit 0 the most significant; taken bit by bit, so any padding is accepted. */
export function readBits(value: Uint8Array): number[] {
  const unused = value[0];
  if (unused === undefined || unused > 7) throw new TlvError('TLV_BAD_VALUE', 'bit string without a valid count of unused bits');
  if (value.length > 64) throw new TlvError('TLV_BAD_VALUE', 'bit string longer than 504 bits');
  const last = Math.max(0, (value.length - 1) * 8 - unused);
  const bits: number[] = [];
  for (let bit = 0; bit < last; bit++) if (value[1 + (bit >> 3)]! & (0x80 >> (bit & 7))) bits.push(bit);
  return bits;
}

/** BIT STRING content of a named-bit list in DER: trailing zero bits are left out. */
export function bitsValue(bits: readonly number[]): Bytes {
  if (bits.length === 0) return Uint8Array.of(0);
  const highest = Math.max(...bits);
  const out = new Uint8Array(2 + (highest >> 3));
  out[0] = 7 - (highest & 7);
  for (const bit of bits) out[1 + (bit >> 3)]! |= 0x80 >> (bit & 7);
  return out;
}

/** Names of the bits set, for a table of names by bit number; bits without a name are dropped. */
export function namedBits<N extends string>(value: Uint8Array, names: readonly N[]): N[] {
  const found: N[] = [];
  for (const bit of readBits(value)) if (bit < names.length) found.push(names[bit]!);
  return found;
}

export function namedBitsValue<N extends string>(set: readonly N[], names: readonly N[]): Bytes {
  return bitsValue(set.map((name) => names.indexOf(name)).filter((bit) => bit >= 0));
}

/** Arc of more than 49 bits, too large for a number. */
function largeArc(octets: Uint8Array): bigint {
  return octets.reduce((sum, octet) => (sum << 7n) | BigInt(octet & 0x7f), 0n);
}

/** OBJECT IDENTIFIER content as dotted decimal; arcs of any size up to 20 octets. */
export function readOid(value: Uint8Array): string {
  if (value.length === 0 || value.length > 128) throw new TlvError('TLV_BAD_VALUE', 'object identifier of unexpected size');
  let text = '';
  let arc = 0;
  let start = 0;
  for (let at = 0; at < value.length; at++) {
    const octet = value[at]!;
    if (at === start && octet === 0x80) throw new TlvError('TLV_BAD_VALUE', 'object identifier arc with a leading zero');
    if (at - start === 20) throw new TlvError('TLV_BAD_VALUE', 'object identifier arc too large');
    arc = arc * 128 + (octet & 0x7f);
    if (octet & 0x80) continue;
    const large = at - start > 6 ? largeArc(value.subarray(start, at + 1)) : undefined;
    if (start > 0) text += `.${large ?? arc}`;
    else if (arc < 80) text = arc < 40 ? `0.${arc}` : `1.${arc - 40}`;
    else text = `2.${large === undefined ? arc - 80 : large - 80n}`;
    arc = 0;
    start = at + 1;
  }
  if (start !== value.length) throw new TlvError('TLV_TRUNCATED', 'object identifier cut off');
  return text;
}

/** OBJECT IDENTIFIER content octets of a dotted decimal. */
export function oidValue(dotted: string): Bytes {
  if (!/^[0-2](\.(0|[1-9]\d*))+$/.test(dotted)) throw new TlvError('TLV_BAD_VALUE', `"${dotted}" is not an object identifier`);
  const [top, second, ...rest] = dotted.split('.').map(BigInt);
  if (top! < 2n && second! > 39n) throw new TlvError('TLV_BAD_VALUE', `"${dotted}" is not an object identifier`);
  const out: number[] = [];
  for (const arc of [top! * 40n + second!, ...rest]) {
    const groups = [Number(arc & 0x7fn)];
    for (let left = arc >> 7n; left > 0n; left >>= 7n) groups.unshift(Number(left & 0x7fn) | 0x80);
    out.push(...groups);
  }
  return Uint8Array.from(out);
}

export function oidTlv(dotted: string, tag = 0x06): Bytes {
  return tlv(tag, oidValue(dotted));
}
