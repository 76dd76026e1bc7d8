/** Seeded changes of recorded messages: octets anywhere, and TLVs with the lengths around them put right again. */
import { isConstructed, readAll, tagBytes, tlv, TlvError } from '../../../src/shared/tlv/index.ts';
import { seededRandom } from '../../support/engine.ts';

export interface Chance {
  byte(): number;
  below(n: number): number;
}

export function chance(seed: string): Chance {
  const random = seededRandom(seed);
  let pool = Buffer.from(random(65_536));
  let at = 0;
  const byte = (): number => {
    if (at === pool.length) {
      pool = Buffer.from(random(65_536));
      at = 0;
    }
    return pool[at++]!;
  };
  return { byte, below: (n) => (((byte() << 16) | (byte() << 8) | byte()) >>> 0) % n };
}

interface Tree { tag: number; value?: Uint8Array; inside?: Tree[] }

/** Throws {@link TlvError} where it is none. */
function treeOf(der: Uint8Array): Tree[] {
  return readAll(der).map(({ tag, value }) => {
    if (!isConstructed(tag)) return { tag, value };
    try {
      return { tag, inside: treeOf(value) };
    } catch (error) {
      if (error instanceof TlvError) return { tag, value };
      throw error;
    }
  });
}

const write = (trees: readonly Tree[]): Uint8Array[] => trees.map(({ tag, value, inside }) => tlv(tag, ...(inside ? write(inside) : [value ?? new Uint8Array(0)])));

/** One TLV somewhere in the message is changed, taken out, doubled, moved, nested or given another tag; all lengths fit. */
function mutateTree(der: Uint8Array, { below, byte }: Chance): Uint8Array {
  const roots = treeOf(der);
  const places: { list: Tree[]; at: number }[] = [];
  const walk = (list: Tree[]): void => list.forEach((tree, at) => {
    places.push({ list, at });
    if (tree.inside) walk(tree.inside);
  });
  walk(roots);
  const { list, at } = places[below(places.length)]!;
  const tree = list[at]!;
  switch (below(9)) {
    case 0: list.splice(at, 1); break;
    case 1: list.splice(at, 0, tree); break;
    case 2: list.splice(at, 1, { tag: [0x30, 0x80, 0xa0, 0xa1, 0x81, 0x04, 0x02, 0x5f37, 0xbf38][below(9)]!, ...(tree.inside ? { inside: tree.inside } : { value: tree.value ?? new Uint8Array(0) }) }); break;
    case 3: list.splice(at, 1, { tag: tree.tag, value: new Uint8Array(0) }); break;
    case 4: list.splice(at, 1, { tag: tree.tag, value: Uint8Array.from({ length: [1, 2, 15, 16, 17, 63, 65, 300, 5000][below(9)]! }, byte) }); break;
    case 5: {
      let nested: Tree = tree;
      for (let i = 1 + below(300); i > 0; i--) nested = { tag: tree.tag, inside: [nested] };
      list.splice(at, 1, nested);
      break;
    }
    case 6: list.reverse(); break;
    case 7: list.splice(at, 1, ...Array.from({ length: 2 + below(400) }, () => tree)); break;
    default: {
      const value = Uint8Array.from(tree.value ?? []);
      if (value.length > 0) value[below(value.length)]! ^= 1 << below(8);
      list.splice(at, 1, tree.inside ? { tag: tree.tag, inside: [...tree.inside, { tag: 0x80, value: Uint8Array.of(byte()) }] } : { tag: tree.tag, value });
    }
  }
  return Buffer.concat(write(roots));
}

/** Octets of lengths and tags, cuts, repeats and foreign pieces: nothing needs to fit. */
function mutateOctets(der: Uint8Array, { below, byte }: Chance): Uint8Array {
  const copy = Buffer.from(der);
  switch (below(6)) {
    case 0: return copy.subarray(0, below(copy.length));
    case 1: return Buffer.concat([copy, copy.subarray(0, below(copy.length))]);
    case 2: return Buffer.concat([copy.subarray(0, below(copy.length)), Buffer.from(tagBytes(0xbf38)), copy.subarray(below(copy.length))]);
    case 3: return Buffer.from(Array.from({ length: below(200) }, byte));
    default: {
      for (let i = below(4); i >= 0; i--) copy[below(copy.length)] = byte();
      return copy;
    }
  }
}

/** `der` may be plain octets, like a challenge: then only octets are changed. */
export function mutateDer(der: Uint8Array, by: Chance): Uint8Array {
  if (by.below(3) === 0) return mutateOctets(der, by);
  try {
    return mutateTree(der, by);
  } catch (error) {
    if (error instanceof TlvError) return mutateOctets(der, by);
    throw error;
  }
}

const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const strange: readonly unknown[] = [null, 0, -1, 1e300, true, [], {}, '', ' ', '\u0000', 'ÿ', '\ud800', [[[[]]]], { __proto__: 1 }];

/** A JSON request with a member, a DER value or an octet of the text changed. `binary` are the members that hold DER. */
export function mutateJson(body: Readonly<Record<string, string>>, binary: readonly string[], by: Chance): Buffer {
  const { below, byte } = by;
  const copy: Record<string, unknown> = { ...body };
  const members = Object.keys(copy);
  const member = members[below(members.length)]!;
  switch (below(14)) {
    case 0: delete copy[member]; break;
    case 1: copy[member] = strange[below(strange.length)]; break;
    case 2: copy['header'] = strange[below(strange.length)]; break;
    case 3: {
      const text = Buffer.from(JSON.stringify(copy));
      text[below(text.length)] = byte();
      return text;
    }
    case 4: return Buffer.from(JSON.stringify(copy)).subarray(0, below(400));
    case 5: copy['transactionId'] = Buffer.from(Array.from({ length: below(20) }, byte)).toString('hex'); break;
    case 6: return Buffer.from(JSON.stringify(copy).replace('{', `{"${member}":${JSON.stringify(strange[below(strange.length)])},`));
    default: {
      const target = binary[below(binary.length)]!;
      copy[target] = b64(mutateDer(Buffer.from(String(body[target]), 'base64'), by));
    }
  }
  return Buffer.from(JSON.stringify(copy));
}
