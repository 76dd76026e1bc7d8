import { toHex } from '../../../shared/tlv/index.ts';
import { isBlank, recordsOf, readTlvs, type SimpleTlv } from './text.ts';
import type { Field } from './types.ts';

/** Name of a key reference (TS 102 221, 9.5.1). */
export function referenceName(reference: number): string {
  if (reference >= 1 && reference <= 8) return `PIN${reference}`;
  if (reference >= 10 && reference <= 14) return `ADM${reference - 9}`;
  if (reference === 17) return 'universal PIN';
  if (reference >= 129 && reference <= 136) return reference === 129 ? 'PIN2' : `second PIN ${reference - 128}`;
  if (reference >= 138 && reference <= 142) return `ADM${reference - 132}`;
  return `reference ${reference}`;
}

const MODES: readonly [number, string][] = [
  [0x01, 'read'], [0x02, 'update'], [0x04, 'write'], [0x08, 'deactivate'], [0x10, 'activate'], [0x20, 'terminate'], [0x40, 'delete'],
];
const COMMANDS: Readonly<Record<number, string>> = { 0x32: 'increase', 0xd4: 'resize' };

/** One expanded access rule (TS 102 221, 9.2.4): `read: always; update: ADM1`. Unknown parts are shown in hexadecimal. */
export function ruleText(record: Uint8Array): string {
  const list = readTlvs(record);
  if (!list) return toHex(record);
  const parts: string[] = [];
  let modes: string | undefined;
  for (const item of list) {
    if (item.tag >= 0x80 && item.tag <= 0x8f) modes = modeText(item);
    else {
      parts.push(`${modes ?? 'any'}: ${conditionText(item)}`);
      modes = undefined;
    }
  }
  return parts.join('; ');
}

function modeText({ tag, value }: SimpleTlv): string {
  if (tag === 0x84) return COMMANDS[value[0] ?? 0] ?? `command ${toHex(value)}`;
  const octet = value[0] ?? 0;
  return MODES.filter(([bit]) => octet & bit).map(([, name]) => name).join(', ') || 'nothing';
}

function conditionText({ tag, value }: SimpleTlv): string {
  if (tag === 0x90) return 'always';
  if (tag === 0x97) return 'never';
  const inner = readTlvs(value);
  if (tag === 0xa0 || tag === 0xaf) return (inner ?? []).map(conditionText).join(tag === 0xa0 ? ' or ' : ' and ') || toHex(value);
  if (tag === 0xa4) {
    const reference = inner?.find((item) => item.tag === 0x83)?.value[0];
    if (reference !== undefined) return referenceName(reference);
  }
  return `condition ${tag.toString(16)} ${toHex(value)}`;
}

/** One line per rule of an EF.ARR. */
export function ruleFields(body: Uint8Array, recordLength: number): Field[] {
  return recordsOf(body, recordLength).flatMap((record, index) => (isBlank(record) ? [] : [{ label: `Rule ${index + 1}`, value: ruleText(record) }]));
}
