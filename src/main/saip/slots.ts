import { SaipError } from './errors.ts';
import { MSISDN_TAIL, SMSP_TAIL } from './encoders.ts';
import { type KnownFile, tagNumber } from './names.ts';
import { elementPlace, integerOr, type ProfileElement } from './package.ts';
import { childOf, type Node } from './tree.ts';

/** Per-profile values a template may have a slot for, in the order of the encoded slot bytes. */
export const SLOT_NAMES = [
  'iccid', 'imsi', 'acc', 'k', 'opc', 'pin1', 'pin2', 'puk1', 'puk2', 'adm1', 'adm2', 'msisdn', 'spn', 'smsp', 'scp80Kic',
  'scp80Kid', 'scp80Kik',
] as const;
export type SlotName = (typeof SLOT_NAMES)[number];

/** Roaming lists written after everything else, from an approved list version. */
export const LATE_NAMES = ['oplmnwact', 'hplmnwact', 'fplmn', 'ehplmn'] as const;
export type LateName = (typeof LATE_NAMES)[number];

const PUBLIC: ReadonlySet<string> = new Set(['iccid', 'imsi', 'acc', 'msisdn', 'spn', 'smsp']);

export function isSecretSlot(name: SlotName): boolean {
  return !PUBLIC.has(name);
}

/** Where a slot lives in a file: which file, and which octets of its first record; `tail` counts from the record's end. */
export const FILE_SLOTS: Partial<Record<SlotName | LateName, { file: KnownFile; length?: number; tail?: number }>> = {
  imsi: { file: 'ef-imsi', length: 9 },
  acc: { file: 'ef-acc', length: 2 },
  spn: { file: 'ef-spn', length: 17 },
  msisdn: { file: 'ef-msisdn', tail: MSISDN_TAIL },
  smsp: { file: 'ef-smsp', tail: SMSP_TAIL },
  oplmnwact: { file: 'ef-oplmnwact' },
  hplmnwact: { file: 'ef-hplmnwact' },
  fplmn: { file: 'ef-fplmn' },
  ehplmn: { file: 'ef-ehplmn' },
};

export interface ValueTarget {
  readonly node: Node;
  readonly place: string;
}

const PIN_REFERENCES: Partial<Record<SlotName, number>> = { pin1: 1, pin2: 129, adm1: 10, adm2: 11 };
const PUK_REFERENCES: Partial<Record<SlotName, number>> = { puk1: 1, puk2: 129 };
const SCP80_KEYS: Partial<Record<SlotName, number>> = { scp80Kic: 1, scp80Kid: 2, scp80Kik: 3 };

/** Primitive nodes (not files) that hold the value of a slot. `scp80Version` picks one key version, else all of 01 to 0F. */
export function valueTargets(elements: readonly ProfileElement[], slot: SlotName, scp80Version?: number): ValueTarget[] {
  const targets: ValueTarget[] = [];
  const add = (element: ProfileElement, node: Node | undefined, field: string): void => {
    if (!node || node.children) throw new SaipError('SLOT_BAD_TARGET', `The element has no ${field}.`, elementPlace(element));
    targets.push({ node, place: `${elementPlace(element)}/${field}` });
  };
  for (const element of elements) {
    if (element.name === 'akaParameter' && (slot === 'k' || slot === 'opc')) {
      const algorithm = childOf(childOf(element.node, 0xa1), 0xa1);
      if (algorithm) add(element, childOf(algorithm, slot === 'k' ? 0x82 : 0x83), slot === 'k' ? 'key' : 'opc');
    }
    if (element.name === 'pinCodes' && PIN_REFERENCES[slot]) {
      for (const code of pinList(element)) {
        if (keyReference(code) === PIN_REFERENCES[slot]) add(element, childOf(code, 0x81), `pin ${PIN_REFERENCES[slot]}`);
      }
    }
    if (element.name === 'pukCodes' && PUK_REFERENCES[slot]) {
      for (const code of pukList(element)) {
        if (keyReference(code) === PUK_REFERENCES[slot]) add(element, childOf(code, 0x81), `puk ${PUK_REFERENCES[slot]}`);
      }
    }
  }
  const keyId = SCP80_KEYS[slot];
  const domain = keyId && elements.find((element) => element.name === 'securityDomain');
  if (domain) {
    for (const key of childOf(domain.node, 0xa2)?.children ?? []) {
      const version = childOf(key, 0x83)?.value[0] ?? 0;
      if (childOf(key, 0x82)?.value[0] !== keyId || version < 1 || version > 0x0f) continue;
      if (scp80Version !== undefined && version !== scp80Version) continue;
      add(domain, childOf(childOf(childOf(key, 0x30), 0x30), 0x86), `key ${version}/${keyId}`);
    }
  }
  return targets;
}

export function pinList(element: ProfileElement): Node[] {
  return childOf(childOf(element.node, 0xa1), 0xa0)?.children ?? [];
}

export function pukList(element: ProfileElement): Node[] {
  return childOf(element.node, 0xa1)?.children ?? [];
}

export function keyReference(code: Node): number | undefined {
  const node = childOf(code, 0x80);
  return node && integerOr(node.value);
}

/** Tags of the files in an element in their order, for messages and listings. */
export function filesOf(element: ProfileElement): Node[] {
  return (element.node.children ?? []).filter((child) => child.children && tagNumber(child.tag) >= 2);
}

