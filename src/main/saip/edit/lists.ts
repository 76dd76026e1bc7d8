import { bcdBytes } from '../decode/text.ts';
import { alphaBytes } from '../decode/alphabet.ts';
import { utf8Bytes } from '../../../shared/tlv/index.ts';
import { SaipError } from '../errors.ts';
import { entrySize, writeList } from '../lists.ts';
import { fitRecords } from './names.ts';
import { setServices } from './services.ts';
import type { ApnListEdit, EmergencyCategory, EmergencyEdit, HomeSearchEdit, PlmnActListEdit, PlmnListEdit } from './types.ts';
import { ensureOptional } from './usim.ts';
import { badValue, filesNamed, type Homes, type Workbench, writeFile } from './workbench.ts';

const LISTS: Readonly<Record<string, { homes: Homes; service?: number; words: string }>> = {
  plmnwact: { homes: ['opt-usim'], service: 20, words: 'User controlled networks' },
  oplmnwact: { homes: ['opt-usim', 'opt-iot'], service: 42, words: 'Operator controlled networks' },
  hplmnwact: { homes: ['opt-usim', 'opt-iot'], service: 43, words: 'Home networks by technology' },
  fplmn: { homes: ['usim', 'iot'], words: 'Forbidden networks' },
  ehplmn: { homes: ['opt-usim', 'opt-iot'], service: 71, words: 'Equivalent home networks' },
};

export function editPlmnList(bench: Workbench, edit: PlmnActListEdit | PlmnListEdit): string {
  const { homes, service, words } = LISTS[edit.list]!;
  const name = `ef-${edit.list}`;
  const size = entrySize(edit.list);
  const { capacity, entries } = edit;
  if (capacity !== undefined && (!Number.isInteger(capacity) || capacity < 1 || capacity > 4000)) throw badValue(name, 'A list has room for 1 to 4000 entries.');
  if (capacity !== undefined && entries.length > capacity) throw badValue(name, `${entries.length} entries do not fit into room for ${capacity}.`);
  if (homes.includes('opt-usim')) ensureOptional(bench, 'opt-usim');
  for (const file of filesNamed(bench, name, homes, true)) {
    const room = capacity ?? Math.max(Math.floor(file.body.length / size), entries.length);
    const body = new Uint8Array(room * size);
    try {
      writeList(edit.list, entries, body, 0, body.length);
    } catch (error) {
      if (error instanceof SaipError) throw badValue(file.place, error.message);
      throw error;
    }
    writeFile(bench, file, body);
  }
  if (service !== undefined) setServices(bench, 'ust', [service], []);
  return `${words}: ${entries.length} entries`;
}

export function editHomeSearch(bench: Workbench, { minutes }: HomeSearchEdit): string {
  if (!Number.isInteger(minutes) || minutes < 0 || minutes > 480 || minutes % 6 !== 0) {
    throw badValue('ef-hpplmn', 'The search interval is 0, or 6 to 480 minutes in steps of 6.');
  }
  for (const file of filesNamed(bench, 'ef-hpplmn', ['usim', 'iot'])) writeFile(bench, file, Uint8Array.of(minutes / 6));
  return minutes === 0 ? 'No periodic search for the home network' : `Search for the home network every ${minutes} minutes`;
}

/** An access point name as in EF.ACL: TLV DD with the labels, each behind its length (TS 23.003, 9.1). */
export function apnBytes(apn: string, place = 'ef-acl'): Uint8Array {
  const labels = apn.split('.');
  if (apn.length > 100 || labels.some((label) => !/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label))) {
    throw badValue(place, 'An access point name is made of labels of letters, digits and hyphens, with full stops between them.');
  }
  const value = labels.flatMap((label) => [label.length, ...utf8Bytes(label)]);
  return Uint8Array.from([0xdd, value.length, ...value]);
}

/** Content of EF.ACL without padding: the number of names, then the names. */
export function aclBytes(apns: readonly string[], place = 'ef-acl'): Uint8Array {
  if (apns.length > 255) throw badValue(place, 'The list has room for 255 names.');
  return Uint8Array.from([apns.length, ...apns.flatMap((apn) => [...apnBytes(apn, place)])]);
}

export function editApnList(bench: Workbench, edit: ApnListEdit): string {
  if (edit.enforced && edit.apns.length === 0) throw badValue('ef-acl', 'An enforced list without a name would allow no connection at all.');
  const content = aclBytes(edit.apns);
  ensureOptional(bench, 'opt-usim');
  for (const file of filesNamed(bench, 'ef-acl', ['opt-usim'], true)) {
    const body = new Uint8Array(Math.max(file.body.length, content.length)).fill(0xff);
    body.set(content);
    writeFile(bench, file, body);
  }
  setServices(bench, 'ust', edit.enforced ? [34, 35] : [35], []);
  setServices(bench, 'est', edit.enforced ? [3] : [], edit.enforced ? [] : [3]);
  return `Access points ${edit.apns.join(', ') || 'none'}${edit.enforced ? ', enforced' : ', not enforced'}`;
}

const CATEGORIES: Readonly<Record<EmergencyCategory, number>> = { police: 1, ambulance: 2, fire: 4, marine: 8, mountain: 16 };

export function editEmergency(bench: Workbench, { numbers }: EmergencyEdit): string {
  if (numbers.length === 0) throw badValue('ef-ecc', 'At least one emergency number is needed.');
  const parts = numbers.map(({ number, name, categories }) => {
    if (!/^\d{1,6}$/.test(number)) throw badValue('ef-ecc', 'An emergency number has one to six digits.');
    if (name !== undefined && (name.length < 1 || name.length > 60)) throw badValue('ef-ecc', 'The name of an emergency number has 1 to 60 characters.');
    const octet = (categories ?? []).reduce((mask, one) => mask | CATEGORIES[one], 0);
    return { digits: bcdBytes(number, 3), alpha: name === undefined ? new Uint8Array(0) : alphaBytes(name), octet };
  });
  for (const file of filesNamed(bench, 'ef-ecc', ['usim', 'iot'])) {
    const length = Math.max(4, file.recordLength, ...parts.map(({ alpha }) => 4 + alpha.length));
    const records = parts.map(({ digits, alpha, octet }) => {
      const record = new Uint8Array(length).fill(0xff);
      record.set(digits);
      record.set(alpha, 3);
      record[length - 1] = octet;
      return record;
    });
    const { body, recordLength } = fitRecords(records, length, file.recordLength > 0 ? Math.floor(file.body.length / file.recordLength) : 0, file.place);
    writeFile(bench, file, body, recordLength);
  }
  return `Emergency numbers ${numbers.map(({ number }) => number).join(', ')}`;
}
