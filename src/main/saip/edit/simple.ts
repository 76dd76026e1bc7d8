import { fromHex, TlvError, utf8Bytes } from '../../../shared/tlv/index.ts';
import { bcdBytes } from '../decode/text.ts';
import { smspRecord, SMSP_TAIL } from '../encoders.ts';
import { SaipError } from '../errors.ts';
import { childOf, leaf } from '../tree.ts';
import { uriRecord } from './ims.ts';
import { setServices } from './services.ts';
import type { GroupIdentifierEdit, ImsEdit, MncLengthEdit, ProfileTypeEdit, RoutingIndicatorEdit, ServiceCentreEdit } from './types.ts';
import { ensureOptional } from './usim.ts';
import { fitRecords } from './names.ts';
import { badValue, filesNamed, headerOf, type Workbench, writeFile } from './workbench.ts';

/** Hexadecimal text of `least` to `most` octets. */
export function hexValue(text: string, least: number, most: number, place: string): Uint8Array {
  try {
    const bytes = fromHex(text);
    if (bytes.length >= least && bytes.length <= most) return bytes;
  } catch (error) {
    if (!(error instanceof TlvError)) throw error;
  }
  throw badValue(place, `The value is hexadecimal text of ${least === most ? least : `${least} to ${most}`} octets.`);
}

export function editServiceCentre(bench: Workbench, { number }: ServiceCentreEdit): string {
  for (const file of filesNamed(bench, 'ef-smsp', ['usim', 'opt-iot'])) {
    if (file.recordLength < SMSP_TAIL) throw new SaipError('EDIT_NO_PLACE', 'The records of EF.SMSP are too short for a service centre.', file.place);
    const body = Uint8Array.from(file.body);
    try {
      smspRecord(number, body, file.recordLength - SMSP_TAIL);
    } catch (error) {
      if (error instanceof SaipError) throw badValue(file.place, error.message);
      throw error;
    }
    writeFile(bench, file, body);
  }
  setServices(bench, 'ust', [12], []);
  return `Service centre ${number}`;
}

export function editGroupIdentifier(bench: Workbench, { level, value }: GroupIdentifierEdit): string {
  const name = `ef-gid${level}`;
  const bytes = hexValue(value, 1, 255, name);
  ensureOptional(bench, 'opt-usim');
  for (const file of filesNamed(bench, name, ['opt-usim'], true)) {
    const body = new Uint8Array(Math.max(bytes.length, file.body.length)).fill(0xff);
    body.set(bytes);
    writeFile(bench, file, body);
  }
  setServices(bench, 'ust', [level === 1 ? 17 : 18], []);
  return `Group identifier ${level}: ${value.toLowerCase()}`;
}

export function editMncLength(bench: Workbench, { digits }: MncLengthEdit): string {
  if (digits !== 2 && digits !== 3) throw badValue('ef-ad', 'An MNC has 2 or 3 digits.');
  for (const file of filesNamed(bench, 'ef-ad', ['usim', 'iot'])) {
    const body = new Uint8Array(Math.max(4, file.body.length));
    body.set(file.body);
    body[3] = (body[3]! & 0xf0) | digits;
    writeFile(bench, file, body);
  }
  return `MNC of ${digits} digits`;
}

/** One to four digits as in EF.Routing_Indicator, four octets (TS 31.102, 4.4.11.11). */
export function routingIndicatorBytes(digits: string, place = 'ef-routing-indicator'): Uint8Array {
  if (!/^\d{1,4}$/.test(digits)) throw badValue(place, 'A routing indicator has one to four digits.');
  return Uint8Array.from([...bcdBytes(digits, 2), 0xff, 0xff]);
}

export function editRoutingIndicator(bench: Workbench, { digits }: RoutingIndicatorEdit): string {
  const octets = routingIndicatorBytes(digits);
  for (const file of filesNamed(bench, 'ef-routing-indicator', ['df-5gs', 'opt-iot'], true)) {
    const body = new Uint8Array(Math.max(4, file.body.length)).fill(0xff);
    body.set(file.body);
    // The last two octets are reserved and stay as they are.
    body.set(octets.subarray(0, 2));
    writeFile(bench, file, body);
  }
  return `Routing indicator ${digits}`;
}

export function editIms(bench: Workbench, { impi, impus, domain }: ImsEdit): string {
  if (impi !== undefined && !/^[^\s@:]+@[A-Za-z0-9.-]+$/.test(impi)) throw badValue('ef-impi', 'A private identity is user@domain.');
  if (domain !== undefined && !/^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(domain)) throw badValue('ef-domain', 'A home domain is a domain name.');
  if (impus?.length === 0) throw badValue('ef-impu', 'At least one public identity is needed.');
  for (const one of impus ?? []) if (!/^(?:sip:[^\s@]+@[A-Za-z0-9.-]+|tel:\+?[0-9]+)$/.test(one)) throw badValue('ef-impu', 'A public identity is sip:user@domain or tel:number.');
  for (const [name, text] of [['ef-impi', impi], ['ef-domain', domain]] as const) {
    if (text === undefined) continue;
    const bytes = uriRecord(text, name);
    for (const file of filesNamed(bench, name, ['isim'])) {
      const body = new Uint8Array(Math.max(bytes.length, file.body.length)).fill(0xff);
      body.set(bytes);
      writeFile(bench, file, body);
    }
  }
  if (impus) {
    for (const file of filesNamed(bench, 'ef-impu', ['isim'])) {
      const count = file.recordLength > 0 ? Math.floor(file.body.length / file.recordLength) : 0;
      const { body, recordLength } = fitRecords(impus.map((one) => uriRecord(one, 'ef-impu')), file.recordLength, count, file.place);
      writeFile(bench, file, body, recordLength);
    }
  }
  const parts = [impi && 'private identity', impus && 'public identities', domain && `domain ${domain}`].filter(Boolean);
  return `IMS ${parts.join(', ') || 'unchanged'}`;
}

export function editProfileType(bench: Workbench, { text }: ProfileTypeEdit): string {
  const bytes = utf8Bytes(text);
  if (bytes.length < 1 || bytes.length > 100) throw badValue('header/profileType', 'A profile type has 1 to 100 octets of text.');
  const header = headerOf(bench);
  const present = childOf(header, 0x82);
  if (present) present.value = bytes;
  else header.children!.splice(header.children!.findIndex((child) => child.tag === 0x83), 0, leaf(0x82, bytes));
  bench.places.add('header');
  return `Profile type ${text}`;
}
