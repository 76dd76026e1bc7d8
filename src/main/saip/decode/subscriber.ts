/** Decoders of the files about the subscription itself, 5G and IMS (TS 31.102, 4.2 and 4.4.11; TS 31.103, 4.2). */
import { toHex } from '../../../shared/tlv/index.ts';
import { iccidDigits, imsiDigits } from '../encoders.ts';
import { bcd, field, isBlank, plain, readTlvs, recordsOf } from './text.ts';
import type { Field } from './types.ts';

export const iccid = (body: Uint8Array): Field[] => field('ICCID', iccidDigits(body, 0, true) ?? 'malformed');
export const imsi = (body: Uint8Array): Field[] => field('IMSI', body.length >= 9 ? imsiDigits(body) ?? 'malformed' : 'malformed');

export function accessClasses(body: Uint8Array): Field[] {
  const mask = (body[0] ?? 0) * 256 + (body[1] ?? 0);
  const classes = Array.from({ length: 16 }, (_, n) => n).filter((n) => mask & (1 << n));
  return [{ label: 'Access classes', value: classes.join(', ') || 'none' }];
}

const MODES: Readonly<Record<number, string>> = {
  0x00: 'normal', 0x80: 'type approval', 0x01: 'normal and specific facilities', 0x81: 'type approval and specific facilities', 0x02: 'maintenance',
  0x04: 'cell test',
};

/** EF.AD; the fourth octet is there in a USIM only. */
export function administrativeData(body: Uint8Array): Field[] {
  return [
    ...field('Operation mode', MODES[body[0] ?? -1] ?? toHex(body.subarray(0, 1))),
    ...(body.length > 3 ? field('Digits of the MNC', body[3]! & 0xf) : []),
  ];
}

/** EF.DIR: one application template per record (ETSI TS 102 221, 13.1). */
export function directory(body: Uint8Array, recordLength: number): Field[] {
  return recordsOf(body, recordLength).flatMap((record, index) => {
    const outer = readTlvs(record)?.find((item) => item.tag === 0x61);
    if (!outer) return [];
    const inner = readTlvs(outer.value) ?? [];
    const aid = inner.find((item) => item.tag === 0x4f);
    const label = inner.find((item) => item.tag === 0x50);
    return [{ label: `Application ${index + 1}`, value: [label && plain(label.value), aid && toHex(aid.value)].filter(Boolean).join(', ') }];
  });
}

export function language(body: Uint8Array): Field[] {
  const codes = recordsOf(body, 2).filter((pair) => pair[0] !== 0xff).map(plain);
  return [{ label: 'Languages', value: codes.join(', ') || 'none' }];
}

/** EF.UMPC (ETSI TS 102 221, 13.6): power in milliamperes, time in seconds. */
export function powerConsumption(body: Uint8Array): Field[] {
  return [
    { label: 'Most current', value: `${body[0] ?? 0} mA` }, { label: 'Operator defined time-out', value: `${body[1] ?? 0} s` },
    { label: 'Increased idle current needed', value: body[2]! & 1 ? 'yes' : 'no' }, { label: 'UICC suspension', value: body[2]! & 2 ? 'yes' : 'no' },
  ];
}

/** EF.KEYS and EF.KEYSPS: only whether keys are there. */
export function sessionKeys(body: Uint8Array): Field[] {
  return [
    { label: 'Key set', value: (body[0]! & 7) === 7 ? 'none' : String(body[0]! & 7) },
    { label: 'Keys', value: isBlank(body.subarray(1)) ? 'empty' : `${body.length - 1} octets` },
  ];
}

const SCHEMES = ['null scheme', 'profile A (X25519)', 'profile B (P-256)'];

/** EF.SUCI_Calc_Info: schemes in their order of priority, then the home network's public keys, which are public data. */
export function suci(body: Uint8Array): Field[] {
  if (isBlank(body)) return [{ label: 'Schemes', value: 'none' }];
  const list = readTlvs(body);
  if (!list) return [{ label: 'Content', value: 'malformed' }];
  const schemes = list.find((item) => item.tag === 0xa0);
  const keys = readTlvs(list.find((item) => item.tag === 0xa1)?.value ?? new Uint8Array(0)) ?? [];
  return [
    ...recordsOf(schemes?.value ?? new Uint8Array(0), 2).map(([scheme, key], index) => ({
      label: `Priority ${index + 1}`, value: `${SCHEMES[scheme!] ?? `scheme ${scheme}`}${key ? `, key ${key}` : ''}`,
    })),
    ...keys.flatMap((item, index) => (item.tag === 0x80 ? [{
      label: `Key ${keys.slice(0, index + 1).filter((one) => one.tag === 0x80).length}`,
      value: `identifier ${item.value[0] ?? '?'}, ${keys[index + 1]?.tag === 0x81 ? toHex(keys[index + 1]!.value) : 'no value'}`,
    }] : [])),
  ];
}

export const routingIndicator = (body: Uint8Array): Field[] => field('Routing indicator', bcd(body.subarray(0, 2)) || 'empty');

export function accessIdentities(body: Uint8Array): Field[] {
  const mask = body[0] ?? 0;
  const names = [mask & 1 ? '1 (MPS)' : '', mask & 2 ? '2 (MCS)' : ''].filter(Boolean);
  return [{ label: 'Access identities', value: names.join(', ') || 'none' }];
}

/** One text in a TLV 80: IMPI, home network domain. */
export function uri(label: string) {
  return (body: Uint8Array): Field[] => field(label, tagged(body) ?? 'empty');
}

/** The same, one per record: IMPU. */
export function uriRecords(label: string) {
  return (body: Uint8Array, recordLength: number): Field[] =>
    recordsOf(body, recordLength).flatMap((record, index) => field(`${label} ${index + 1}`, tagged(record)));
}

function tagged(bytes: Uint8Array): string | undefined {
  const item = readTlvs(bytes)?.find((one) => one.tag === 0x80);
  return item && plain(item.value);
}

const ADDRESS_TYPES = ['name', 'IPv4', 'IPv6'];

export function proxy(body: Uint8Array, recordLength: number): Field[] {
  return recordsOf(body, recordLength).flatMap((record, index) => {
    const item = readTlvs(record)?.find((one) => one.tag === 0x80);
    if (!item) return [];
    const type = item.value[0] ?? 0;
    const rest = item.value.subarray(1);
    const text = type === 0 ? plain(rest) : type === 1 ? rest.join('.') : toHex(rest);
    return [{ label: `P-CSCF ${index + 1}`, value: `${ADDRESS_TYPES[type] ?? `type ${type}`}: ${text}` }];
  });
}
