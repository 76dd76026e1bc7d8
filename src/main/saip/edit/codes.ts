import { integerBytes } from '../../../shared/tlv/index.ts';
import { referenceName } from '../decode/access.ts';
import { elementPlace, integerOr } from '../package.ts';
import { keyReference, pinList, pukList } from '../slots.ts';
import { childOf, leaf, type Node } from '../tree.ts';
import type { PinPolicyEdit } from './types.ts';
import { badValue, noPlace, type Workbench } from './workbench.ts';

/** Attributes, then attempts, of one code; a default is not written out (SAIP 3.4.1, 8.5; X.690, 11.5). */
export function editPinPolicy(bench: Workbench, edit: PinPolicyEdit): string {
  const { code: kind, reference, attempts } = edit;
  const isPuk = kind === 'puk';
  const name = `${kind} ${reference}`;
  if (attempts !== undefined && (!Number.isInteger(attempts) || attempts < 1 || attempts > 15)) throw badValue(name, 'A code has 1 to 15 attempts.');
  if (isPuk && (edit.enabled !== undefined || edit.changeable !== undefined || edit.switchable !== undefined)) {
    throw badValue(name, 'A PUK has a number of attempts and nothing else to set.');
  }
  let found = false;
  for (const element of bench.elements) {
    if (element.name !== (isPuk ? 'pukCodes' : 'pinCodes') || (edit.element !== undefined && element.identification !== edit.element)) continue;
    for (const code of isPuk ? pukList(element) : pinList(element)) {
      if (keyReference(code) !== reference) continue;
      found = true;
      const before = JSON.stringify((code.children ?? []).map((child) => [child.tag, [...child.value]]));
      if (!isPuk) setAttributes(code, edit);
      if (attempts !== undefined) setOptional(code, isPuk ? 0x82 : 0x84, (attempts << 4) | attempts, isPuk ? 0xaa : 0x33);
      if (JSON.stringify((code.children ?? []).map((child) => [child.tag, [...child.value]])) !== before) bench.places.add(`${elementPlace(element)}/${name}`);
    }
  }
  if (!found) throw noPlace(name, `The template has no ${isPuk ? 'PUK' : 'PIN'} with reference ${reference}${edit.element === undefined ? '' : ` in element ${edit.element}`}.`);
  const words = [
    edit.enabled === undefined ? '' : edit.enabled ? 'enabled at delivery' : 'disabled at delivery',
    edit.changeable === undefined ? '' : edit.changeable ? 'may be changed' : 'may not be changed',
    edit.switchable === undefined ? '' : edit.switchable ? 'may be switched off' : 'may not be switched off', attempts === undefined ? '' : `${attempts} attempts`,
  ].filter(Boolean);
  return `${isPuk ? `PUK reference ${reference}` : referenceName(reference)}: ${words.join(', ') || 'unchanged'}`;
}

function setAttributes(code: Node, { enabled, changeable, switchable }: PinPolicyEdit): void {
  const node = childOf(code, 0x83);
  const old = node ? integerOr(node.value) ?? 7 : 7;
  const bit = (mask: number, want: boolean | undefined): number => ((want ?? Boolean(old & mask)) ? mask : 0);
  setOptional(code, 0x83, (old & ~7) | bit(1, enabled) | bit(2, changeable) | bit(4, switchable), 7);
}

/** Writes an optional INTEGER among fields that stand in the order of their tags; a default takes it out. */
function setOptional(code: Node, tag: number, value: number, preset: number): void {
  const children = (code.children ?? []).filter((child) => child.tag !== tag);
  if (value !== preset) {
    const at = children.findIndex((child) => child.tag > tag);
    children.splice(at < 0 ? children.length : at, 0, leaf(tag, integerBytes(value)));
  }
  code.children = children;
}
