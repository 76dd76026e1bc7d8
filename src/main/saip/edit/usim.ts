import { fromHex, toHex } from '../../../shared/tlv/index.ts';
import { branch, childOf, leaf } from '../tree.ts';
import { applicationOf, endOfApplication, insertElement, noPlace, templateOf, type Workbench } from './workbench.ts';

/**
 * Gives every USIM the optional element if it has none: `opt-usim` right behind the USIM, `df-saip` behind the last of its
 * elements, so that PINs and keys keep their directory. The template version follows the USIM's.
 */
export function ensureOptional(bench: Workbench, name: 'opt-usim' | 'df-saip'): void {
  const usims = bench.elements.filter((element) => element.name === 'usim');
  if (usims.length === 0 && !bench.elements.some((element) => element.name === 'iot')) throw noPlace('package', 'The package has no USIM.');
  for (const { node } of usims) {
    const usim = bench.elements.find((element) => element.node === node)!;
    if (applicationOf(bench, usim).some((element) => element.name === name)) continue;
    const second = toHex(templateOf(usim) ?? new Uint8Array(0)) === '67810f01020402';
    if (name === 'opt-usim') {
      insertElement(bench, name, bench.elements.indexOf(usim) + 1, fromHex(second ? '67810f01020502' : '67810f010205'), []);
      continue;
    }
    const adf = childOf(childOf(usim.node, 0xa2), 0xa1);
    const [rule, pins] = [childOf(adf, 0x8b), childOf(adf, 0xc6)];
    const fcp = branch(0xa1, [leaf(0x83, fromHex('5fd0')), ...(rule ? [leaf(0x8b, rule.value)] : []), ...(pins ? [leaf(0xc6, pins.value)] : [])]);
    insertElement(bench, name, endOfApplication(bench, usim), fromHex('67810f01020e'), [branch(0xa2, [fcp])]);
  }
}
