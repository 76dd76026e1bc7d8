import { integerBytes, sameBytes } from '../../../shared/tlv/index.ts';
import { elementPlace } from '../package.ts';
import { childOf, encodeTree, leaf, type Node } from '../tree.ts';
import { setMandatory } from './services.ts';
import type { AlgorithmEdit } from './types.ts';
import { badValue, noPlace, type Workbench } from './workbench.ts';

const IDS = { milenage: 1, tuak: 2, test: 3 } as const;
const SERVICE_NAMES = ['milenage', 'tuak128', 'tuak256', 'usim-test-algorithm'] as const;

/**
 * Gives every akaParameter with parameters of its own the algorithm; mappings follow their source. K and OPc keep their
 * octets where the length stays, else they become zeros. Constants of the algorithm left behind go, the sequence number
 * settings stay.
 */
export function editAlgorithm(bench: Workbench, edit: AlgorithmEdit): string {
  const { algorithm, keyBytes = 16, iterations = 1 } = edit;
  const place = 'akaParameter';
  if (!(algorithm in IDS)) throw badValue(place, 'The algorithm is none of milenage, tuak and test.');
  const tuak = algorithm === 'tuak';
  if (!tuak && edit.keyBytes !== undefined && edit.keyBytes !== 16) throw badValue(place, 'Only TUAK takes keys of 32 octets.');
  if (keyBytes !== 16 && keyBytes !== 32) throw badValue(place, 'K of TUAK has 16 or 32 octets.');
  if (!tuak && edit.iterations !== undefined && edit.iterations !== 1) throw badValue(place, 'Only TUAK counts Keccak permutations.');
  if (!Number.isInteger(iterations) || iterations < 1 || iterations > 255) throw badValue(place, 'TUAK takes 1 to 255 Keccak permutations.');
  const { options = algorithm === 'test' ? 2 : 0 } = edit;
  if (!Number.isInteger(options) || options < 0 || options > 255) throw badValue(place, 'The options are one octet.');
  let found = false;
  for (const element of bench.elements) {
    const node = element.name === 'akaParameter' ? childOf(childOf(element.node, 0xa1), 0xa1) : undefined;
    if (!node) continue;
    found = true;
    const before = encodeTree([node]);
    change(node, { id: IDS[algorithm], options: edit.options === undefined && sameAlgorithm(node, IDS[algorithm]) ? undefined : options, keyBytes, iterations });
    if (!sameBytes(before, encodeTree([node]))) bench.places.add(elementPlace(element));
  }
  if (!found) throw noPlace(place, 'The template has no authentication parameters.');
  const service = tuak ? (keyBytes === 32 ? 'tuak256' : 'tuak128') : algorithm === 'milenage' ? 'milenage' : 'usim-test-algorithm';
  setMandatory(bench, [service], SERVICE_NAMES.filter((name) => name !== service));
  return tuak ? `Algorithm TUAK with K of ${8 * keyBytes} bits, ${iterations} Keccak ${iterations === 1 ? 'permutation' : 'permutations'}` : `Algorithm ${algorithm === 'milenage' ? 'Milenage' : 'for tests (XOR)'}`;
}

const sameAlgorithm = (node: Node, id: number): boolean => childOf(node, 0x80)?.value[0] === id;

function change(node: Node, want: { id: number; options: number | undefined; keyBytes: number; iterations: number }): void {
  const same = sameAlgorithm(node, want.id);
  const sized = (tag: number, length: number): Node => {
    const given = childOf(node, tag)?.value;
    return leaf(tag, given?.length === length ? given : new Uint8Array(length));
  };
  const old = childOf(node, 0x81)?.value;
  // r and c are Milenage's, the count of permutations is TUAK's; a limit of authentications holds for any.
  const rest = (node.children ?? []).filter((child) => child.tag === 0x86 || child.tag > 0x87 || (same && want.id === 1 && (child.tag === 0x84 || child.tag === 0x85)));
  node.children = [
    leaf(0x80, [want.id]), leaf(0x81, want.options === undefined && old ? old : [want.options ?? 0]), sized(0x82, want.keyBytes), sized(0x83, want.id === 2 ? 32 : 16), ...rest,
  ];
  if (want.id === 2 && want.iterations !== 1) node.children.push(leaf(0x87, integerBytes(want.iterations)));
  node.children.sort((a, b) => a.tag - b.tag);
}
