import { ECDH } from 'node:crypto';
import { tlv } from '../../../shared/tlv/index.ts';
import { SaipError } from '../errors.ts';
import { fileTag } from '../names.ts';
import { elementPlace } from '../package.ts';
import { childOf } from '../tree.ts';
import { setMandatory, setServices } from './services.ts';
import { hexValue } from './simple.ts';
import type { SuciEdit } from './types.ts';
import { ensureOptional } from './usim.ts';
import { badValue, dropTemplates, filesNamed, noPlace, renumber, type Workbench, writeFile } from './workbench.ts';

const PLACE = 'ef-suci-calc-info';
const SCHEMES = { 'null': 0, 'profile-a': 1, 'profile-b': 2 } as const;

/** Content of EF.SUCI_Calc_Info without padding (TS 31.102, 4.4.11.8). Throws `EDIT_BAD_VALUE`. */
export function suciBytes(edit: Pick<SuciEdit, 'schemes' | 'keys'>): Uint8Array {
  const { schemes, keys } = edit;
  if (schemes.length === 0) throw badValue(PLACE, 'At least one scheme is needed; the null scheme conceals nothing and needs no key.');
  if (new Set(schemes.map(({ scheme, key }) => `${scheme}/${key ?? 0}`)).size !== schemes.length) throw badValue(PLACE, 'A scheme is listed twice.');
  const values = keys.map(({ id, value }) => {
    if (!Number.isInteger(id) || id < 0 || id > 255) throw badValue(PLACE, 'The identifier of a public key is a number from 0 to 255.');
    return hexValue(value, 32, 65, PLACE);
  });
  const pairs = schemes.flatMap(({ scheme, key }) => {
    if (!(scheme in SCHEMES)) throw badValue(PLACE, 'The scheme is none of null, profile-a and profile-b.');
    if (scheme === 'null') {
      if (key !== undefined && key !== 0) throw badValue(PLACE, 'The null scheme has no key.');
      return [0, 0];
    }
    const value = key === undefined ? undefined : values[key - 1];
    if (!value) throw badValue(PLACE, `The scheme ${scheme} names no key of the list.`);
    checkKey(scheme, value);
    return [SCHEMES[scheme], key!];
  });
  const used = new Set(schemes.map(({ key }) => key));
  if (values.some((_, index) => !used.has(index + 1))) throw badValue(PLACE, 'A key of the list is used by no scheme.');
  const list = keys.map(({ id }, index) => [tlv(0x80, Uint8Array.of(id)), tlv(0x81, values[index]!)]).flat();
  const parts = [tlv(0xa0, Uint8Array.from(pairs)), ...(list.length > 0 ? [tlv(0xa1, ...list)] : [])];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function checkKey(scheme: 'profile-a' | 'profile-b', value: Uint8Array): void {
  if (scheme === 'profile-a') {
    if (value.length !== 32) throw badValue(PLACE, `A key of profile A has 32 octets, not ${value.length}.`);
    return;
  }
  if (value.length !== 33 && value.length !== 65) throw badValue(PLACE, `A key of profile B has 33 or 65 octets, not ${value.length}.`);
  try {
    ECDH.convertKey(value, 'prime256v1', undefined, undefined, 'compressed');
  } catch {
    throw badValue(PLACE, 'A key of profile B is no point of the curve P-256.');
  }
}

/** Takes the copy only the USIM itself reads out of the package: with it there, the service table would have to name it. */
function dropOnCardCopy(bench: Workbench): void {
  const homes = bench.elements.filter((element) => element.name === 'df-saip');
  for (const element of homes) {
    const next = bench.elements[bench.elements.findIndex((other) => other.node === element.node) + 1];
    if (next?.name === 'pinCodes') throw new SaipError('EDIT_REFUSED', 'DF.SAIP has PINs of its own; take them out before.', elementPlace(next));
    bench.places.add(elementPlace(element));
  }
  const nodes = new Set(homes.map(({ node }) => node));
  bench.elements = bench.elements.filter(({ node }) => !nodes.has(node));
  renumber(bench);
  if (homes.length > 0) dropTemplates(bench, (oid) => oid.startsWith('2.23.143.1.2.14'));
  for (const element of bench.elements) {
    const tag = element.name === 'opt-iot' ? fileTag('opt-iot', 'ef-suci-calc-info-usim') : undefined;
    if (tag === undefined || !childOf(element.node, tag)) continue;
    element.node.children = element.node.children!.filter((child) => child.tag !== tag);
    bench.places.add(`${elementPlace(element)}/ef-suci-calc-info-usim`);
  }
}

/**
 * Writes the home network's schemes and keys where the one who calculates reads them, and says so in EF.UST (124, 125)
 * and in the header: calculation by the USIM demands an eUICC that can (get-identity, profile A, profile B).
 */
export function editSuci(bench: Workbench, edit: SuciEdit): string {
  const content = suciBytes(edit);
  const byUsim = edit.calculatedBy === 'usim';
  const kinds = edit.schemes.map(({ scheme }) => scheme);
  if (byUsim) {
    for (const one of ['profile-a', 'profile-b'] as const) {
      if (kinds.filter((kind) => kind === one).length > 1) throw badValue(PLACE, `The USIM calculates with one key of ${one} only.`);
    }
    if (bench.elements.some((element) => element.name === 'usim')) ensureOptional(bench, 'df-saip');
  } else {
    dropOnCardCopy(bench);
  }
  const name = byUsim ? 'ef-suci-calc-info-usim' : PLACE;
  const files = filesNamed(bench, name, byUsim ? ['df-saip', 'opt-iot'] : ['df-5gs', 'opt-iot'], true);
  if (byUsim && !bench.elements.some((element) => element.name === 'df-5gs' || element.name === 'opt-iot')) {
    throw noPlace('df-5gs', 'The template has no 5G files.');
  }
  for (const file of files) {
    const body = new Uint8Array(Math.max(file.body.length, content.length)).fill(0xff);
    body.set(content);
    writeFile(bench, file, body);
  }
  setServices(bench, 'ust', byUsim ? [124, 125] : [124], byUsim ? [] : [125]);
  const flags = { 'get-identity': byUsim, 'profile-a-x25519': byUsim && kinds.includes('profile-a'), 'profile-b-p256': byUsim && kinds.includes('profile-b') };
  const names = Object.keys(flags) as (keyof typeof flags)[];
  setMandatory(bench, names.filter((one) => flags[one]), names.filter((one) => !flags[one]));
  return `SUCI calculated by ${byUsim ? 'the USIM' : 'the terminal'}: ${kinds.join(', ')}`;
}
