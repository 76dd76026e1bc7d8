/** Decoders of the files about networks, names and numbers (TS 31.102, 4.2). */
import { toHex } from '../../../shared/tlv/index.ts';
import { diallingDigits } from '../encoders.ts';
import { alphaText, networkNameText } from './alphabet.ts';
import { actText, bcd, field, isBlank, plain, plmnText, readTlvs, recordsOf } from './text.ts';
import type { Field } from './types.ts';

/** Entries of a PLMN list, bare (3 octets) or with access technologies (5); empty ones are counted. */
export function plmnList(body: Uint8Array, size: 3 | 5): Field[] {
  const entries = recordsOf(body, size);
  const used = entries.flatMap((entry, index) => {
    const code = plmnText(entry);
    if (code === undefined) return [];
    return [{ label: `Entry ${index + 1}`, value: size === 5 ? `${code}: ${actText(entry[3]! * 256 + entry[4]!)}` : code }];
  });
  return [...used, { label: 'Used', value: `${used.length} of ${entries.length} entries` }];
}

export function spn(body: Uint8Array): Field[] {
  const display = body[0] ?? 0;
  return [
    ...field('Name', alphaText(body.subarray(1))),
    { label: 'In the home network', value: display & 1 ? 'network name shown beside it' : 'network name not required' },
    { label: 'When roaming', value: display & 2 ? 'name not shown' : 'name shown' },
  ];
}

export function pnn(body: Uint8Array, recordLength: number): Field[] {
  return recordsOf(body, recordLength).flatMap((record, index) => {
    if (isBlank(record)) return [];
    const list = readTlvs(record) ?? [];
    const name = (tag: number): string | undefined => {
      const found = list.find((item) => item.tag === tag);
      return found && networkNameText(found.value);
    };
    return [...field(`Name ${index + 1}`, name(0x43) ?? toHex(record)), ...field(`Name ${index + 1}, short`, name(0x45))];
  });
}

export function opl(body: Uint8Array, recordLength: number): Field[] {
  return recordsOf(body, recordLength).flatMap((record, index) => {
    const code = plmnText(record);
    if (code === undefined || record.length < 8) return [];
    const wide = record.length >= 10 ? 3 : 2;
    const area = (at: number): string => toHex(record.subarray(at, at + wide));
    const name = record[3 + 2 * wide]!;
    return [{ label: `Rule ${index + 1}`, value: `${code}, areas ${area(3)} to ${area(3 + wide)}: ${name === 0 ? 'other sources' : `name ${name}`}` }];
  });
}

export function spdi(body: Uint8Array): Field[] {
  const outer = readTlvs(body)?.find((item) => item.tag === 0xa3);
  const list = outer && readTlvs(outer.value)?.find((item) => item.tag === 0x80);
  if (!list) return isBlank(body) ? [{ label: 'Networks', value: 'none' }] : [];
  return recordsOf(list.value, 3).flatMap((entry, index) => field(`Network ${index + 1}`, plmnText(entry)));
}

export function msisdn(body: Uint8Array, recordLength: number): Field[] {
  return recordsOf(body, recordLength).flatMap((record, index) => {
    const alpha = record.length - 14;
    const number = alpha >= 0 ? diallingDigits(record, alpha) : undefined;
    if (isBlank(record)) return [{ label: `Number ${index + 1}`, value: 'empty' }];
    return [...field(`Number ${index + 1}`, number ?? toHex(record)), ...field(`Number ${index + 1}, name`, alpha > 0 ? alphaText(record.subarray(0, alpha)) : '')];
  });
}

export function smsp(body: Uint8Array, recordLength: number): Field[] {
  return recordsOf(body, recordLength).flatMap((record, index) => {
    const at = record.length - 28;
    if (isBlank(record) || at < 0) return [{ label: `Record ${index + 1}`, value: 'empty' }];
    const present = (bit: number): boolean => !(record[at]! & bit);
    return [
      ...field(`Record ${index + 1}, name`, at > 0 ? alphaText(record.subarray(0, at)) : ''),
      ...field(`Record ${index + 1}, service centre`, present(0x02) ? diallingDigits(record, at + 13) : 'not set'),
      ...(present(0x01) ? field(`Record ${index + 1}, destination`, diallingDigits(record, at + 1)) : []),
      ...(present(0x10) ? field(`Record ${index + 1}, validity`, validity(record[at + 27]!)) : []),
    ];
  });
}

/** Relative validity period (TS 23.040, 9.2.3.12.1). */
function validity(octet: number): string {
  if (octet <= 143) return `${(octet + 1) * 5} minutes`;
  if (octet <= 167) return `${12 + (octet - 143) / 2} hours`;
  return octet <= 196 ? `${octet - 166} days` : `${octet - 192} weeks`;
}

const CATEGORIES = ['police', 'ambulance', 'fire brigade', 'marine guard', 'mountain rescue'];

export function ecc(body: Uint8Array, recordLength: number): Field[] {
  return recordsOf(body, recordLength).flatMap((record, index) => {
    const number = bcd(record.subarray(0, 3));
    if (number === '') return [];
    const name = record.length > 4 ? alphaText(record.subarray(3, -1)) : '';
    const category = record.at(-1)!;
    const kinds = category === 0xff ? '' : CATEGORIES.filter((_, bit) => category & (1 << bit)).join(', ');
    return [{ label: `Number ${index + 1}`, value: [number, name, kinds].filter(Boolean).join(', ') }];
  });
}

/** EF.ACL: count, then one TLV DD for each name, made of labels. */
export function acl(body: Uint8Array): Field[] {
  const count = body[0] ?? 0;
  const list = (readTlvs(body.subarray(1)) ?? []).filter((item) => item.tag === 0xdd).slice(0, count);
  if (count === 0) return [{ label: 'Allowed names', value: 'none' }];
  return list.map((item, index) => ({ label: `Access point ${index + 1}`, value: apnText(item.value) }));
}

function apnText(value: Uint8Array): string {
  if (value.length === 0) return 'any name the network provides';
  const labels: string[] = [];
  for (let at = 0; at < value.length; at += 1 + value[at]!) labels.push(plain(value.subarray(at + 1, at + 1 + value[at]!)));
  return labels.join('.');
}

export function hpplmn(body: Uint8Array): Field[] {
  const minutes = 6 * (body[0] ?? 0);
  return [{ label: 'Search for the home network', value: minutes === 0 ? 'not periodic' : `every ${minutes} minutes` }];
}

export function groupIdentifier(body: Uint8Array): Field[] {
  const used = body.findLastIndex((octet) => octet !== 0xff) + 1;
  return [{ label: 'Identifier', value: used === 0 ? 'empty' : toHex(body.subarray(0, used)) }];
}

/** EF.LOCI, EF.PSLOCI and EF.EPSLOCI: the area and the status in words, at the end of the file. */
export function location(body: Uint8Array, network: number): Field[] {
  const status = ['updated', 'not updated', 'network not allowed', 'area not allowed'][body.at(-1)! & 3];
  return [...field('Network', plmnText(body.subarray(network)) ?? 'none'), ...field('Update status', status)];
}
