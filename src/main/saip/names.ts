import { annexFiles } from './annex.ts';

/**
 * Names of profile elements, services and template files (SAIP 3.3.1 ASN.1 module, annex A). Tags of files inside an
 * element count up from A2 in the order of these lists; from index 31 on they take two octets (BF1F …).
 */
const CHOICES = [
  'header', 'genericFileManagement', 'pinCodes', 'pukCodes', 'akaParameter', 'cdmaParameter', 'securityDomain', 'rfm',
  'application', 'nonStandard', 'end', 'rfu1', 'rfu2', 'rfu3', 'rfu4', 'rfu5', 'mf', 'cd', 'telecom', 'usim', 'opt-usim',
  'isim', 'opt-isim', 'phonebook', 'gsm-access', 'csim', 'opt-csim', 'eap', 'df-5gs', 'df-saip', 'df-snpn', 'df-5gprose',
  'iot', 'opt-iot',
] as const;

export type ElementName = (typeof CHOICES)[number] | 'unknown';

/** The constructed context tag with number `index`. */
export function contextTag(index: number): number {
  return index < 31 ? 0xa0 + index : 0xbf00 + index;
}

const BY_TAG = new Map<number, ElementName>(CHOICES.map((name, index) => [contextTag(index), name]));
const TO_TAG = new Map<ElementName, number>(CHOICES.map((name, index) => [name, contextTag(index)]));

export function elementName(tag: number): ElementName {
  return BY_TAG.get(tag) ?? 'unknown';
}

export function elementTag(name: Exclude<ElementName, 'unknown'>): number {
  return TO_TAG.get(name)!;
}

/** ServicesList flags in tag order from 80 (SAIP 3.3.1, ProfileHeader). */
export const SERVICES = [
  'contactless', 'usim', 'isim', 'csim', 'milenage', 'tuak128', 'cave', 'gba-usim', 'gba-isim', 'mbms', 'eap', 'javacard',
  'multos', 'multiple-usim', 'multiple-isim', 'multiple-csim', 'tuak256', 'usim-test-algorithm', 'ber-tlv', 'dfLink',
  'cat-tp', 'get-identity', 'profile-a-x25519', 'profile-b-p256', 'suciCalculatorApi', 'dns-resolution', 'scp11ac',
  'scp11c-authorization-mechanism', 's16mode', 'eaka',
] as const;

export const SERVICE_MILENAGE = 0x84;
export const SERVICE_TEST_ALGORITHM = 0x91;

/** Elements whose fields are template files, also those whose file list is not known here. */
export const FILE_ELEMENTS: ReadonlySet<ElementName> = new Set<ElementName>([
  'mf', 'cd', 'telecom', 'usim', 'opt-usim', 'isim', 'opt-isim', 'phonebook', 'gsm-access', 'csim', 'opt-csim', 'eap', 'df-5gs',
  'df-saip', 'df-snpn', 'df-5gprose', 'iot', 'opt-iot',
]);

/** Elements that create every file of their template unless told not to (SAIP annex A). */
export const CREATED_BY_DEFAULT: ReadonlySet<ElementName> = new Set<ElementName>(['mf', 'usim', 'isim', 'csim', 'iot']);

/** Name of a file field, `undefined` when the tag is beyond the known list. */
export function fileName(element: ElementName, tag: number): string | undefined {
  return annexFiles(element)[tagNumber(tag) - 2]?.name;
}

export function fileTag(element: ElementName, file: string): number | undefined {
  const index = annexFiles(element).findIndex((one) => one.name === file);
  return index < 0 ? undefined : contextTag(index + 2);
}

/** True when every field tag of the element is known, so that another one is worth a warning. */
export function hasFileList(element: ElementName): boolean {
  return annexFiles(element).length > 0;
}

/** The number inside a one- or two-octet context tag. */
export function tagNumber(tag: number): number {
  return tag > 0xff ? tag & 0x7f : tag & 0x1f;
}

/** A file the personalisation writes. */
export type KnownFile = 'ef-iccid' | 'ef-imsi' | 'ef-acc' | 'ef-spn' | 'ef-ad' | 'ef-smsp' | 'ef-fplmn' | 'ef-msisdn' | 'ef-gid1' | 'ef-gid2'
  | 'ef-plmnwact' | 'ef-oplmnwact' | 'ef-hplmnwact' | 'ef-ehplmn' | (string & {});
