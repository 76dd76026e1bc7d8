import { findFiles, viewFile } from './files.ts';
import { integerOr, type ProfileElement, readPackage } from './package.ts';
import { childOf } from './tree.ts';

export interface TemplateTraits {
  readonly mncLength: 0 | 2 | 3;
  readonly keccak: number;
}

/**
 * What making a value from another one needs to know of the template: read from its base, so that the stored form has no
 * word of it and old ones have it too. A template without such slots is not read at all. Throws `SaipError` when the base is
 * no package.
 */
export function templateTraits(base: Uint8Array, slots: readonly { readonly name: string; readonly length: number }[]): TemplateTraits {
  const ims = slots.some(({ name }) => name === 'impi' || name === 'impu');
  const tuak = slots.some(({ name, length }) => name === 'opc' && length === 32);
  if (!ims && !tuak) return { mncLength: 2, keccak: 1 };
  const { elements } = readPackage(base);
  return { mncLength: ims ? mncLength(elements) : 2, keccak: tuak ? keccak(elements) : 1 };
}

function mncLength(elements: readonly ProfileElement[]): 0 | 2 | 3 {
  const lengths = new Set(findFiles(elements, 'ef-ad').filter(({ element }) => element.name === 'usim' || element.name === 'iot')
    .map((site) => (viewFile(site).body[3] ?? 0) & 0xf));
  const [only] = lengths;
  return lengths.size === 1 && (only === 2 || only === 3) ? only : 0;
}

function keccak(elements: readonly ProfileElement[]): number {
  const counts = new Set(elements.flatMap((element) => {
    const algorithm = element.name === 'akaParameter' ? childOf(childOf(element.node, 0xa1), 0xa1) : undefined;
    if (!algorithm) return [];
    const count = childOf(algorithm, 0x87);
    return [count ? integerOr(count.value) ?? 0 : 1];
  }));
  const [only = 0] = counts;
  return counts.size === 1 ? only : 0;
}
