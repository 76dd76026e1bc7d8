import { SaipError } from './errors.ts';
import { MSISDN_TAIL, SMSP_TAIL } from './encoders.ts';
import { type KnownFile, tagNumber } from './names.ts';
import { elementPlace, integerOr, type ProfileElement } from './package.ts';
import { childOf, type Node } from './tree.ts';

/**
 * Per-profile values a template may have a slot for, in the order of the encoded slot bytes. The order is part of the
 * stored form: append only. A CDMA application has no slots: a template for subscribers without CDMA drops it (`strip-csim`).
 */
export const SLOT_NAMES = [
  'iccid', 'imsi', 'acc', 'k', 'opc', 'pin1', 'pin2', 'puk1', 'puk2', 'adm1', 'adm2', 'msisdn', 'spn', 'smsp', 'scp80Kic',
  'scp80Kid', 'scp80Kik', 'impi', 'impu', 'scp81Psk', 'scp81Dek', 'scp02Enc', 'scp02Mac', 'scp02Dek', 'scp03Enc', 'scp03Mac', 'scp03Dek',
] as const;
export type SlotName = (typeof SLOT_NAMES)[number];

/** Roaming lists written after everything else, from an approved list version. */
export const LATE_NAMES = ['oplmnwact', 'hplmnwact', 'fplmn', 'ehplmn'] as const;
export type LateName = (typeof LATE_NAMES)[number];

const PUBLIC: ReadonlySet<string> = new Set(['iccid', 'imsi', 'acc', 'msisdn', 'spn', 'smsp', 'impi', 'impu']);

export function isSecretSlot(name: SlotName): boolean {
  return !PUBLIC.has(name);
}

/**
 * Where a slot lives in a file: which file, and which octets of its first record; `tail` counts from the record's end,
 * neither means the whole record. `least` octets the record is grown to when it has fewer.
 */
export interface FileSlot {
  readonly file: KnownFile;
  readonly length?: number;
  readonly tail?: number;
  readonly least?: number;
}

/** Octets of the longest IMS identities made from an IMSI, with tag and length: user of 15 digits in a domain of 33. */
export const IMPI_ROOM = 51;
export const IMPU_ROOM = 55;

export const FILE_SLOTS: Partial<Record<SlotName | LateName, FileSlot>> = {
  imsi: { file: 'ef-imsi', length: 9 },
  acc: { file: 'ef-acc', length: 2 },
  spn: { file: 'ef-spn', length: 17 },
  msisdn: { file: 'ef-msisdn', tail: MSISDN_TAIL },
  smsp: { file: 'ef-smsp', tail: SMSP_TAIL },
  impi: { file: 'ef-impi', least: IMPI_ROOM },
  impu: { file: 'ef-impu', least: IMPU_ROOM },
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

export type KeyFamily = 'scp80' | 'scp81' | 'scp02' | 'scp03';

/** Versions of a key set by protocol: first and last (ETSI TS 102 225 and 102 226; GlobalPlatform amendments B and D). */
export const KEY_VERSIONS: Readonly<Record<KeyFamily, readonly [number, number]>> = {
  scp80: [0x01, 0x0f], scp81: [0x40, 0x4f], scp02: [0x20, 0x2f], scp03: [0x30, 0x3f],
};

const KEY_SLOTS: Partial<Record<SlotName, readonly [KeyFamily, number]>> = {
  scp80Kic: ['scp80', 1], scp80Kid: ['scp80', 2], scp80Kik: ['scp80', 3], scp81Psk: ['scp81', 1], scp81Dek: ['scp81', 2],
  scp02Enc: ['scp02', 1], scp02Mac: ['scp02', 2], scp02Dek: ['scp02', 3], scp03Enc: ['scp03', 1], scp03Mac: ['scp03', 2], scp03Dek: ['scp03', 3],
};

/** Primitive nodes (not files) that hold the value of a slot. `versions` picks one version of a protocol, else all of its range. */
export function valueTargets(elements: readonly ProfileElement[], slot: SlotName, versions: Partial<Record<KeyFamily, number>> = {}): ValueTarget[] {
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
  const [family, keyId] = KEY_SLOTS[slot] ?? [];
  const domain = family && elements.find((element) => element.name === 'securityDomain');
  if (domain) {
    const [first, last] = KEY_VERSIONS[family];
    const wanted = versions[family];
    for (const key of childOf(domain.node, 0xa2)?.children ?? []) {
      const version = childOf(key, 0x83)?.value[0] ?? 0;
      if (childOf(key, 0x82)?.value[0] !== keyId || version < first || version > last) continue;
      if (wanted !== undefined && version !== wanted) continue;
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

