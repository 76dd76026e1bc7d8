import { fromHex } from '../../../shared/tlv/index.ts';
import { networkNameBytes } from '../decode/alphabet.ts';
import { spn } from '../encoders.ts';
import { SaipError } from '../errors.ts';
import { setServices } from './services.ts';
import type { NetworkNamesEdit, SpnEdit } from './types.ts';
import { ensureOptional } from './usim.ts';
import { badValue, filesNamed, type Workbench, writeFile } from './workbench.ts';

export function editSpn(bench: Workbench, edit: SpnEdit): string {
  for (const file of filesNamed(bench, 'ef-spn', ['usim', 'opt-iot'])) {
    const display = file.body[0] ?? 1;
    const bit = (mask: number, want: boolean | undefined): number => ((want ?? Boolean(display & mask)) ? mask : 0);
    const body = new Uint8Array(Math.max(17, file.body.length)).fill(0xff);
    const condition = display === 0xff ? 1 : display;
    const octet = (condition & 0xfc) | (display === 0xff && edit.networkNameAtHome === undefined ? 1 : bit(1, edit.networkNameAtHome))
      | (display === 0xff && edit.hiddenWhenRoaming === undefined ? 0 : bit(2, edit.hiddenWhenRoaming));
    try {
      spn(edit.name, body, 0, octet);
    } catch (error) {
      if (error instanceof SaipError) throw badValue(file.place, error.message);
      throw error;
    }
    writeFile(bench, file, body);
  }
  setServices(bench, 'ust', [19], []);
  return `Provider name ${edit.name}`;
}

/** Records of new lengths: those given, then what the file had room for, blank. */
export function fitRecords(records: readonly Uint8Array[], oldLength: number, oldCount: number, place: string): { body: Uint8Array; recordLength: number } {
  const recordLength = Math.max(oldLength, ...records.map((record) => record.length));
  if (recordLength > 255) throw badValue(place, `A record of ${recordLength} octets is too long; a card has 255.`);
  const count = Math.max(records.length, oldCount);
  if (count > 254) throw badValue(place, `A file has at most 254 records, not ${count}.`);
  const body = new Uint8Array(recordLength * count).fill(0xff);
  records.forEach((record, index) => body.set(record, index * recordLength));
  return { body, recordLength };
}

export function editNetworkNames(bench: Workbench, edit: NetworkNamesEdit): string {
  if (edit.names.length === 0) throw badValue('ef-pnn', 'At least one network name is needed.');
  const part = (tag: number, text: string): number[] => {
    const bytes = networkNameBytes(text, 'ef-pnn');
    return [tag, bytes.length, ...bytes];
  };
  const names = edit.names.map(({ full, short }) => Uint8Array.from([...part(0x43, full), ...(short === undefined ? [] : part(0x45, short))]));
  const rules = edit.rules?.map((rule) => oplRecord(rule, names.length));
  ensureOptional(bench, 'opt-usim');
  for (const file of filesNamed(bench, 'ef-pnn', ['opt-usim'], true)) {
    const { body, recordLength } = fitRecords(names, file.recordLength, countOf(file), file.place);
    writeFile(bench, file, body, recordLength);
  }
  if (rules) {
    for (const file of filesNamed(bench, 'ef-opl', ['opt-usim'], true)) {
      const { body, recordLength } = fitRecords(rules, Math.max(8, file.recordLength), countOf(file), file.place);
      writeFile(bench, file, body, recordLength);
    }
  }
  setServices(bench, 'ust', rules ? [45, 46] : [45], []);
  return `Network names ${edit.names.map(({ full }) => full).join(', ')}${rules ? `, ${rules.length} rules` : ''}`;
}

const countOf = (file: { body: Uint8Array; recordLength: number }): number => (file.recordLength > 0 ? Math.floor(file.body.length / file.recordLength) : 0);

function oplRecord(rule: NonNullable<NetworkNamesEdit['rules']>[number], names: number): Uint8Array {
  const { plmn, from, to, name } = rule;
  if (!/^[0-9D]{5,6}$/.test(plmn)) throw badValue('ef-opl', 'A rule names a network by five or six digits, D for any.');
  if (!/^[0-9a-fA-F]{4}$/.test(from) || !/^[0-9a-fA-F]{4}$/.test(to) || Number.parseInt(from, 16) > Number.parseInt(to, 16)) {
    throw badValue('ef-opl', 'Areas are four hexadecimal digits each, the first not above the last.');
  }
  if (!Number.isInteger(name) || name < 0 || name > names) throw badValue('ef-opl', `There is no network name ${name}.`);
  const third = plmn.length === 6 ? plmn[5]! : 'f';
  return fromHex(`${plmn[1]}${plmn[0]}${third}${plmn[2]}${plmn[4]}${plmn[3]}${from}${to}${name.toString(16).padStart(2, '0')}`);
}
