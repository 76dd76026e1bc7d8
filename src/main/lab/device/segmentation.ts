/** How an LPA cuts a bound profile package into the pieces it hands to the eUICC (SGP.22 v2.2, 2.5.5). */
import { concat, readTlv, TlvError } from '../../../shared/tlv/index.ts';

export interface TlvHeader {
  readonly tag: number;
  /** Of the value, in bytes. */
  readonly length: number;
  /** Tag and length octets, in bytes. */
  readonly size: number;
}

/** Reads tag and length of an element whose value may not be there yet; undefined when they are not minimal DER. */
export function readHeader(buf: Uint8Array, at = 0): TlvHeader | undefined {
  const first = buf[at];
  if (first === undefined) return undefined;
  let size = 1;
  let tag = first;
  if ((first & 0x1f) === 0x1f) {
    const second = buf[at + 1];
    if (second === undefined || second & 0x80) return undefined;
    tag = first * 256 + second;
    size = 2;
  }
  const short = buf[at + size++];
  if (short === undefined) return undefined;
  if (short < 0x80) return { tag, length: short, size };
  const octets = short & 0x7f;
  if (octets < 1 || octets > 3 || at + size + octets > buf.length) return undefined;
  let length = 0;
  for (let i = 0; i < octets; i++) length = length * 256 + buf[at + size + i]!;
  const minimal = octets === 1 ? length >= 0x80 : length >= 2 ** (8 * (octets - 1));
  return minimal ? { tag, length, size: size + octets } : undefined;
}

export type Segmented =
  | { readonly ok: true; readonly segments: readonly Uint8Array[]; /** Clear text of the 88 segments, MACs cut off: BF25. */ readonly metadata: Uint8Array }
  | { readonly ok: false; readonly why: string };

/**
 * Cuts a BF36 package: header with BF23; A0 header with its first 87; A1 header; every 88; A2 header with its first 87;
 * A3 header; every 86. Only the structure is looked at; what is inside is the eUICC's business.
 */
export function segmentBoundPackage(bpp: Uint8Array): Segmented {
  try {
    return cut(bpp);
  } catch (error) {
    if (error instanceof TlvError) return { ok: false, why: `not a well-formed bound profile package: ${error.message}` };
    throw error;
  }
}

function cut(bpp: Uint8Array): Segmented {
  const outer = readHeader(bpp);
  if (outer?.tag !== 0xbf36) return { ok: false, why: 'does not begin with tag BF36' };
  if (outer.size + outer.length !== bpp.length) return { ok: false, why: `BF36 announces ${outer.length} bytes, ${bpp.length - outer.size} are there` };
  const channel = readTlv(bpp, outer.size);
  if (channel.node.tag !== 0xbf23) return { ok: false, why: 'BF23 missing' };
  const segments: Uint8Array[] = [bpp.subarray(0, channel.end)];
  const clear: Uint8Array[] = [];
  const groups: number[] = [];
  for (let at = channel.end; at < bpp.length;) {
    const group = readHeader(bpp, at);
    const { node, end } = readTlv(bpp, at);
    if (!group || node.tag < 0xa0 || node.tag > 0xa3) return { ok: false, why: `tag ${node.tag.toString(16)} where a segment group belongs` };
    groups.push(node.tag);
    const together = node.tag === 0xa0 || node.tag === 0xa2;
    if (!together) segments.push(bpp.subarray(at, at + group.size));
    for (let inner = at + group.size; inner < end;) {
      const segment = readTlv(bpp.subarray(0, end), inner);
      const first = inner === at + group.size;
      segments.push(together && first ? bpp.subarray(at, segment.end) : segment.node.raw);
      if (node.tag === 0xa1) clear.push(segment.node.value.subarray(0, -8));
      inner = segment.end;
    }
    at = end;
  }
  const order = groups.map((tag) => tag.toString(16)).join(' ');
  if (order !== 'a0 a1 a3' && order !== 'a0 a1 a2 a3') return { ok: false, why: `segment groups ${order || 'missing'}` };
  return { ok: true, segments, metadata: concat(...clear) };
}
