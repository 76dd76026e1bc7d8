import { fromHex, sameBytes, toHex } from '../../shared/tlv/index.ts';
import { DEFAULT_CONSTANTS, DEFAULT_ROTATIONS, PUBLISHED_KEYS } from './aka-defaults.ts';
import { iccidDigits, imsiDigits } from './encoders.ts';
import { SaipError } from './errors.ts';
import { type FileSystem, findEntries, viewEntry } from './file-system.ts';
import { type Finding, finding } from './findings.ts';
import { elementPlace, integerOr, type ProfileElement } from './package.ts';
import type { ProfileOwner } from './rules/owner.ts';
import { childOf, type Node } from './tree.ts';

/** What the operator's own numbers must look like; nothing given means nothing compared. */
export interface ValueContext {
  /** Own PLMNs as five or six digits. */
  readonly plmns?: readonly string[];
  /** Byte 4 of EF.AD. */
  readonly mncLength?: number;
  /** Demand the check digit in ICCIDs of 20 digits too. */
  readonly luhnFor20?: boolean;
  /** Default secrets are warnings in the Lab and on templates, errors elsewhere. */
  readonly lab?: boolean;
  /** profileOwner of the metadata; the eUICC compares it with the files. */
  readonly owner?: ProfileOwner;
  /** First and last ICCID of the order, without check digit or with; compared over the digits both have. */
  readonly iccidRange?: { readonly from: string; readonly to: string };
}

type Severity = Finding['severity'];

/** Rules V25 to V27 on the authentication parameters. */
export function checkAka(elements: readonly ProfileElement[]): Finding[] {
  const findings: Finding[] = [];
  let application: ProfileElement | undefined;
  const sources = new Set<string>();
  for (const element of elements) {
    if (['usim', 'isim', 'csim', 'iot'].includes(element.name)) application = element;
    if (element.name !== 'akaParameter') continue;
    const place = elementPlace(element);
    if (!application) findings.push(finding('V27', 'error', place, 'No application stands before the authentication parameters.'));
    const choice = childOf(element.node, 0xa1);
    const algorithm = childOf(choice, 0xa1);
    const mapping = childOf(choice, 0xa0);
    if (algorithm) {
      findings.push(...checkAlgorithm(algorithm, place));
      const aid = application && adfAid(application);
      if (aid) sources.add(aid);
    } else if (mapping) {
      const source = toHex(childOf(mapping, 0x81)?.value ?? new Uint8Array(0));
      if (!sources.has(source)) findings.push(finding('V27', 'error', `${place}/mappingParameter`, 'The application it maps to has no authentication parameters before this element.'));
    } else {
      findings.push(finding('V25', 'error', place, 'The element holds neither an algorithm nor a mapping.'));
    }
  }
  return findings;
}

function adfAid(application: ProfileElement): string | undefined {
  const adf = childOf(application.node, application.name === 'iot' ? 0xa8 : 0xa2);
  const aid = childOf(childOf(adf, 0xa1), 0x84);
  return aid && toHex(aid.value);
}

function checkAlgorithm(algorithm: Node, place: string): Finding[] {
  const findings: Finding[] = [];
  const wrong = (field: string, message: string): void => void findings.push(finding('V25', 'error', `${place}/${field}`, message));
  const id = integerOr(childOf(algorithm, 0x80)?.value ?? new Uint8Array(0));
  const k = childOf(algorithm, 0x82)?.value ?? new Uint8Array(0);
  const opc = childOf(algorithm, 0x83)?.value ?? new Uint8Array(0);
  if (id !== 1 && id !== 2 && id !== 3) wrong('algorithmID', `Algorithm ${id ?? '?'} is none of Milenage (1), TUAK (2) and the test algorithm (3).`);
  const lengths = id === 2 ? [16, 32] : [16];
  const opcLength = id === 2 ? 32 : 16;
  if (!lengths.includes(k.length)) wrong('key', `K has ${k.length} bytes instead of ${lengths.join(' or ')}.`);
  // The test algorithm ignores OPc, so its absence is fine there.
  if (opc.length !== opcLength && !(id === 3 && opc.length === 0)) wrong('opc', `OPc has ${opc.length} bytes instead of ${opcLength}.`);
  checkConstants(algorithm, id === 1, wrong);
  if (findings.length > 0) return findings;
  return checkSecrets(k, id === 3 ? undefined : opc, place, 'warning');
}

function checkConstants(algorithm: Node, used: boolean, wrong: (field: string, message: string) => void): void {
  const r = childOf(algorithm, 0x84)?.value ?? DEFAULT_ROTATIONS;
  const c = childOf(algorithm, 0x85)?.value ?? DEFAULT_CONSTANTS;
  if (r.length !== 5 || r.some((bits) => bits > 127)) return wrong('rotationConstants', 'They are not five numbers from 0 to 127.');
  if (c.length !== 80) return wrong('xoringConstants', `They have ${c.length} bytes instead of 80.`);
  if (used && repeatedPair(r, c)) wrong('xoringConstants', 'Two pairs of constants are the same.');
}

/** True when two of the five pairs (r, c) are equal. An operator's own constants are confidential: no text of them. */
function repeatedPair(r: Uint8Array, c: Uint8Array): boolean {
  const constant = (i: number): Uint8Array => c.subarray(16 * i, 16 * i + 16);
  for (let i = 0; i < 5; i++) {
    for (let j = 0; j < i; j++) if (r[i] === r[j] && sameBytes(constant(i), constant(j))) return true;
  }
  return false;
}

const PUBLISHED = PUBLISHED_KEYS.map(fromHex);

function uniform(bytes: Uint8Array): boolean {
  return (bytes[0] === 0 || bytes[0] === 0xff) && bytes.every((octet) => octet === bytes[0]);
}

export function checkSecrets(k: Uint8Array | undefined, opc: Uint8Array | undefined, place: string, severity: Severity): Finding[] {
  const findings: Finding[] = [];
  const say = (field: string, message: string): void => void findings.push(finding('V26', severity, `${place}/${field}`, message));
  if (k && uniform(k)) say('key', 'K is a placeholder of equal bytes.');
  else if (k && PUBLISHED.some((known) => sameBytes(known, k))) say('key', 'K is a published test key.');
  if (opc && uniform(opc)) say('opc', 'OPc is a placeholder of equal bytes.');
  else if (k && opc && sameBytes(k, opc)) say('opc', 'K and OPc are equal.');
  return findings;
}

/** Rules V28 to V30 on the identifiers in a package's files. */
export function checkIdentifiers(elements: readonly ProfileElement[], system: FileSystem, context: ValueContext): Finding[] {
  const findings: Finding[] = [];
  const header = elements.find((element) => element.name === 'header');
  const iccid = header && childOf(header.node, 0x83)?.value;
  if (header) {
    if (!iccid) findings.push(finding('V28', 'error', 'header/iccid', 'The header has no ICCID.'));
    else findings.push(...checkIccid(iccid, 'header/iccid', context));
  }
  const read = (file: string): { body: Uint8Array; place: string; path: string }[] => findEntries(system, file).flatMap((entry) => {
    try {
      const { body, place } = viewEntry(system, entry);
      return [{ body, place, path: entry.path }];
    } catch (error) {
      // A file whose own fields are broken is V17's or V20's.
      if (!(error instanceof SaipError)) throw error;
      return [];
    }
  });
  for (const { body, place } of read('ef-iccid')) {
    const swapped = body.map((octet) => ((octet << 4) | (octet >>> 4)) & 0xff);
    if (iccid && !sameBytes(swapped, iccid)) findings.push(finding('V28', 'error', place, 'EF.ICCID differs from the ICCID of the header.'));
  }
  const lengths = new Map(read('ef-ad').map(({ body, path, place }) => [path, { length: body.length > 3 ? body[3]! & 0xf : undefined, place }]));
  const imsis = new Map(read('ef-imsi').map(({ body, path, place }) => {
    findings.push(...checkImsi(body, place, { ...context, mncLength: lengths.get(path)?.length }));
    return [path, imsiDigits(body)];
  }));
  for (const { length, place } of lengths.values()) {
    if (length !== undefined && length !== 2 && length !== 3) findings.push(finding('V29', 'error', place, `EF.AD says the MNC has ${length} digits.`));
  }
  for (const { body, place, path } of read('ef-acc')) {
    const imsi = imsis.get(path);
    // In a test network (MCC 001) the class of the template means nothing.
    findings.push(...checkAcc(body, place, imsi?.startsWith('001') ? undefined : imsi));
  }
  return findings;
}

export function checkIccid(bytes: Uint8Array, place: string, context: ValueContext): Finding[] {
  const error = (message: string): Finding[] => [finding('V28', 'error', place, message)];
  const digits = bytes.length === 10 ? iccidDigits(bytes) : undefined;
  if (digits === undefined) return error('The ICCID is not ten bytes of digits with F only at the end.');
  if (digits.length < 19) return error(`The ICCID has ${digits.length} digits instead of 19 or 20.`);
  if ((digits.length === 19 || context.luhnFor20) && !luhnOk(digits)) return error('The check digit of the ICCID is wrong.');
  const { iccidRange } = context;
  if (iccidRange) {
    const length = Math.min(digits.length, iccidRange.from.length, iccidRange.to.length);
    const head = (text: string): string => text.slice(0, length);
    if (head(digits) < head(iccidRange.from) || head(digits) > head(iccidRange.to)) return error('The ICCID lies outside the range of the order.');
  }
  return digits.startsWith('89') ? [] : [finding('V28', 'warning', place, 'The ICCID does not start with 89.')];
}

function luhnOk(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 0x30;
    const value = i % 2 ? 2 * digit : digit;
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

export function checkImsi(bytes: Uint8Array, place: string, context: ValueContext): Finding[] {
  const error = (message: string): Finding[] => [finding('V29', 'error', place, message)];
  const imsi = bytes.length === 9 ? imsiDigits(bytes) : undefined;
  if (imsi === undefined) return error('EF.IMSI is malformed: length, parity or digits do not fit together.');
  if (imsi.length < 6) return error(`The IMSI has ${imsi.length} digits; at least six are needed.`);
  if (context.plmns && context.plmns.length > 0) {
    const own = context.plmns.filter((plmn) => imsi.startsWith(plmn));
    if (own.length === 0) return error('The IMSI does not start with one of the operator\'s networks.');
    const { mncLength } = context;
    if (mncLength !== undefined && !own.some((plmn) => plmn.length - 3 === mncLength)) {
      return error(`EF.AD says the MNC has ${mncLength} digits, the operator's network has ${own[0]!.length - 3}.`);
    }
  }
  return imsi.length < 14 ? [finding('V29', 'warning', place, `The IMSI has ${imsi.length} digits; 14 or 15 are usual.`)] : [];
}

export function checkAcc(bytes: Uint8Array, place: string, imsi: string | undefined): Finding[] {
  const error = (message: string): Finding[] => [finding('V30', 'error', place, message)];
  if (bytes.length !== 2) return error(`EF.ACC has ${bytes.length} bytes instead of two.`);
  const mask = bytes[0]! * 256 + bytes[1]!;
  const classes = mask & 0x3ff;
  if (classes === 0 || (classes & (classes - 1)) !== 0) return error('Not exactly one of the access classes 0 to 9 is set.');
  if (mask & 0x400) return error('Bit 10 is set; it must be zero.');
  if (imsi && classes !== 1 << (imsi.charCodeAt(imsi.length - 1) - 0x30)) {
    return [finding('V30', 'warning', place, 'The access class is not that of the IMSI\'s last digit.')];
  }
  return [];
}
