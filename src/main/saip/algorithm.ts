import { SERVICE_MILENAGE, SERVICE_TEST_ALGORITHM } from './names.ts';
import { readPackage } from './package.ts';
import { childOf, encodeTree, leaf, type Node } from './tree.ts';

const ALGORITHM_MILENAGE = 1;
const ALGORITHM_TEST = 3;

/**
 * Turns every akaParameter with the USIM test algorithm (XOR) into Milenage: algorithm 1, options 00, K and OPc of 16
 * bytes, and in the header the service flag of the one replaced by that of the other, in DER order. A package without
 * the test algorithm comes back as it is. Throws {@link SaipError} when it cannot be read.
 */
export function switchToMilenage(der: Uint8Array): Uint8Array {
  const pkg = readPackage(Uint8Array.from(der));
  let switched = false;
  for (const element of pkg.elements) {
    if (element.name !== 'akaParameter') continue;
    const algorithm = childOf(childOf(element.node, 0xa1), 0xa1);
    if (!algorithm || childOf(algorithm, 0x80)?.value[0] !== ALGORITHM_TEST) continue;
    toMilenage(algorithm);
    switched = true;
  }
  if (!switched) return encodeTree(pkg.elements.map((element) => element.node));
  for (const element of pkg.elements) {
    const services = element.name === 'header' ? childOf(element.node, 0xa5) : undefined;
    if (services) switchService(services);
  }
  return encodeTree(pkg.elements.map((element) => element.node));
}

function toMilenage(algorithm: Node): void {
  const sixteen = (tag: number): Node => {
    const given = childOf(algorithm, tag)?.value;
    return leaf(tag, given?.length === 16 ? given : new Uint8Array(16));
  };
  const rest = (algorithm.children ?? []).filter((child) => child.tag > 0x83);
  algorithm.children = [leaf(0x80, [ALGORITHM_MILENAGE]), leaf(0x81, [0]), sixteen(0x82), sixteen(0x83), ...rest];
}

function switchService(services: Node): void {
  const flags = (services.children ?? []).filter((flag) => flag.tag !== SERVICE_TEST_ALGORITHM && flag.tag !== SERVICE_MILENAGE);
  flags.push(leaf(SERVICE_MILENAGE, []));
  services.children = flags.sort((a, b) => a.tag - b.tag);
}
