/**
 * BER/DER TLV reader and writer shared by the RSP messages and the profile packages.
 *
 * A parsed node keeps the exact slice it came from, so a signature is always checked over the bytes that were
 * received and an unknown element is always written back as it was. Tags are numbers made of the tag octets
 * (`0xBF36`, `0x5F37`, `0x30`); at most three tag octets are accepted.
 */

export interface TlvNode {
  /** Tag octets as one big-endian number, e.g. 0xBF2F. */
  readonly tag: number;
  /** Whole element: tag, length and value octets, as received. A view, not a copy. */
  readonly raw: Uint8Array;
  /** Value octets. A view, not a copy. */
  readonly value: Uint8Array;
}

export type TlvErrorCode =
  | 'TLV_TRUNCATED' | 'TLV_BAD_TAG' | 'TLV_INDEFINITE_LENGTH' | 'TLV_LENGTH_TOO_LARGE' | 'TLV_NON_MINIMAL_LENGTH'
  | 'TLV_TRAILING_BYTES' | 'TLV_TOO_DEEP' | 'TLV_TOO_MANY_NODES' | 'TLV_UNEXPECTED_TAG' | 'TLV_BAD_VALUE';

/** Every malformed input ends in this error and no other; `offset` counts from the start of the parsed buffer. */
export class TlvError extends Error {
  readonly code: TlvErrorCode;
  readonly offset: number;

  constructor(code: TlvErrorCode, message: string, offset = 0) {
    super(message);
    this.name = 'TlvError';
    this.code = code;
    this.offset = offset;
  }
}

export interface TlvLimits {
  /** Refuse length octets longer than needed (DER). Off by default: a peer's signed bytes are taken as they are. */
  readonly strict?: boolean;
}

/** Reads one element at `offset`; `end` is the offset behind it. Throws {@link TlvError}. */
export function readTlv(buf: Uint8Array, offset = 0, limits: TlvLimits = {}): { node: TlvNode; end: number } {
  const start = offset;
  let at = offset;
  if (at >= buf.length) throw new TlvError('TLV_TRUNCATED', 'element missing', start);
  let tag = buf[at++]!;
  if ((tag & 0x1f) === 0x1f) {
    for (let i = 0; ; i++) {
      if (i === 2) throw new TlvError('TLV_BAD_TAG', 'tag longer than three octets', start);
      if (at >= buf.length) throw new TlvError('TLV_TRUNCATED', 'tag cut off', start);
      const octet = buf[at++]!;
      if (i === 0 && (octet & 0x7f) === 0) throw new TlvError('TLV_BAD_TAG', 'tag number with leading zero octet', start);
      tag = tag * 256 + octet;
      if ((octet & 0x80) === 0) break;
    }
  }
  if (at >= buf.length) throw new TlvError('TLV_TRUNCATED', 'length missing', start);
  let length = buf[at++]!;
  if (length === 0x80) throw new TlvError('TLV_INDEFINITE_LENGTH', 'indefinite length', start);
  if (length > 0x80) {
    const octets = length & 0x7f;
    if (octets > 4) throw new TlvError('TLV_LENGTH_TOO_LARGE', 'length of more than four octets', start);
    if (at + octets > buf.length) throw new TlvError('TLV_TRUNCATED', 'length cut off', start);
    length = 0;
    for (let i = 0; i < octets; i++) length = length * 256 + buf[at + i]!;
    if (limits.strict && (buf[at] === 0 || length < 0x80)) {
      throw new TlvError('TLV_NON_MINIMAL_LENGTH', 'length not in its shortest form', start);
    }
    at += octets;
  }
  const end = at + length;
  if (end > buf.length) throw new TlvError('TLV_TRUNCATED', `element needs ${length} octets, ${buf.length - at} left`, start);
  return { node: { tag, raw: buf.subarray(start, end), value: buf.subarray(at, end) }, end };
}

/** Splits a buffer into the elements that stand side by side in it. No octet may be left over. */
export function readAll(buf: Uint8Array, limits: TlvLimits = {}): TlvNode[] {
  const nodes: TlvNode[] = [];
  let at = 0;
  while (at < buf.length) {
    const { node, end } = readTlv(buf, at, limits);
    nodes.push(node);
    if (nodes.length > 65_536) throw new TlvError('TLV_TOO_MANY_NODES', 'more than 65536 elements', at);
    at = end;
  }
  return nodes;
}

/** Reads exactly one element that fills the buffer; with `tag` given, it must carry that tag. */
export function readOne(buf: Uint8Array, tag?: number, limits: TlvLimits = {}): TlvNode {
  const { node, end } = readTlv(buf, 0, limits);
  if (end !== buf.length) throw new TlvError('TLV_TRAILING_BYTES', `${buf.length - end} octets behind the element`, end);
  if (tag !== undefined && node.tag !== tag) {
    throw new TlvError('TLV_UNEXPECTED_TAG', `tag ${tagText(node.tag)} where ${tagText(tag)} belongs`);
  }
  return node;
}

/** The elements inside a constructed node. */
export function children(node: TlvNode, limits: TlvLimits = {}): TlvNode[] {
  return readAll(node.value, limits);
}

export function isConstructed(tag: number): boolean {
  const first = tag > 0xffff ? tag >>> 16 : tag > 0xff ? tag >>> 8 : tag;
  return (first & 0x20) !== 0;
}

export function tagText(tag: number): string {
  const text = tag.toString(16).toUpperCase();
  return text.length % 2 ? `0${text}` : text;
}

export function tagBytes(tag: number): number[] {
  if (tag > 0xffff) return [(tag >>> 16) & 0xff, (tag >>> 8) & 0xff, tag & 0xff];
  if (tag > 0xff) return [tag >>> 8, tag & 0xff];
  return [tag];
}

/** DER length octets in their shortest form. */
export function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  if (length < 0x100) return [0x81, length];
  if (length < 0x10000) return [0x82, length >>> 8, length & 0xff];
  if (length < 0x1000000) return [0x83, length >>> 16, (length >>> 8) & 0xff, length & 0xff];
  return [0x84, length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff];
}

/** Writes one element with a minimal length; the value is the concatenation of `parts`. */
export function tlv(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const head = [...tagBytes(tag), ...lengthBytes(length)];
  const out = new Uint8Array(head.length + length);
  out.set(head, 0);
  let at = head.length;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Equal content; not constant-time, so never for secrets. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

/** Lower-case hexadecimal text. Public data only: a secret must never become a string. */
export function toHex(buf: Uint8Array): string {
  let text = '';
  for (const octet of buf) text += HEX[octet];
  return text;
}

/** Reads hexadecimal text of even length; throws {@link TlvError} `TLV_BAD_VALUE`. */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || /[^0-9a-fA-F]/.test(text)) throw new TlvError('TLV_BAD_VALUE', 'not hexadecimal text');
  const out = new Uint8Array(text.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return out;
}

/** INTEGER content octets of a non-negative number below 2^48, in their shortest form. */
export function integerBytes(value: number): Uint8Array {
  const octets: number[] = [];
  let rest = value;
  do {
    octets.unshift(rest & 0xff);
    rest = Math.floor(rest / 256);
  } while (rest > 0);
  if (octets[0]! & 0x80) octets.unshift(0);
  return Uint8Array.from(octets);
}

/** A non-negative INTEGER of at most six octets; throws {@link TlvError}. */
export function readInteger(value: Uint8Array): number {
  if (value.length === 0 || value.length > 6) throw new TlvError('TLV_BAD_VALUE', 'integer of unexpected size');
  if (value[0]! & 0x80) throw new TlvError('TLV_BAD_VALUE', 'negative integer');
  let result = 0;
  for (const octet of value) result = result * 256 + octet;
  return result;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

export function utf8Bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

/** UTF-8 text; malformed octets throw {@link TlvError} `TLV_BAD_VALUE`. */
export function readUtf8(value: Uint8Array): string {
  try {
    return utf8.decode(value);
  } catch {
    throw new TlvError('TLV_BAD_VALUE', 'not valid UTF-8');
  }
}
