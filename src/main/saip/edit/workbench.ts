import { fromHex, integerBytes, sameBytes, toHex } from '../../../shared/tlv/index.ts';
import { type AnnexFile, annexFile, annexSize } from '../annex.ts';
import { SaipError } from '../errors.ts';
import { recordLengthOf, siteSource, viewFile } from '../files.ts';
import { CREATED_BY_DEFAULT, type ElementName, elementTag, fileTag, tagNumber } from '../names.ts';
import { elementPlace, encodePackage, oidText, type ProfileElement, readPackage } from '../package.ts';
import { branch, childOf, leaf, type Node } from '../tree.ts';

/** A package being edited: elements with nodes of its own, and the places touched. */
export interface Workbench {
  elements: ProfileElement[];
  readonly places: Set<string>;
}

export function openWorkbench(der: Uint8Array): Workbench {
  return { elements: [...readPackage(Uint8Array.from(der)).elements], places: new Set() };
}

export function closeWorkbench(bench: Workbench): Uint8Array {
  return encodePackage({ elements: bench.elements, header: undefined, size: 0 });
}

export function badValue(place: string, message: string): SaipError {
  return new SaipError('EDIT_BAD_VALUE', message, place);
}

export function noPlace(place: string, message: string): SaipError {
  return new SaipError('EDIT_NO_PLACE', message, place);
}

export function headerOf(bench: Workbench): Node {
  const header = bench.elements.find((element) => element.name === 'header');
  if (!header) throw noPlace('header', 'The package has no header element.');
  return header.node;
}

/** A file in an element, as it is now. */
export interface EditedFile {
  readonly element: ProfileElement;
  readonly name: string;
  readonly place: string;
  readonly body: Uint8Array;
  /** 0 for a transparent file. */
  readonly recordLength: number;
}

/** Where each application keeps a file: element names, the first of which is created when all are missing. */
export type Homes = readonly ElementName[];

/**
 * The file in every application that may have it. `make` creates it where the application lacks it (with an empty body of
 * the template's size); without it such an application is left out. Throws `EDIT_NO_PLACE` when nobody has it.
 */
export function filesNamed(bench: Workbench, name: string, homes: Homes, make = false): EditedFile[] {
  const found: EditedFile[] = [];
  for (const element of bench.elements.slice()) {
    if (!homes.includes(element.name)) continue;
    const file = readFile(element, name);
    if (file) found.push(file);
    else if (make && !refusedByTemplate(element, name)) found.push(addFile(bench, element, name));
  }
  if (found.length === 0) throw noPlace(name, `The template has no ${name} and no element that could hold it.`);
  return found;
}

function refusedByTemplate(element: ProfileElement, name: string): boolean {
  return fileTag(element.name, name) === undefined;
}

function readFile(element: ProfileElement, name: string): EditedFile | undefined {
  const tag = fileTag(element.name, name);
  if (tag === undefined) return undefined;
  const node = childOf(element.node, tag);
  if (!node && !CREATED_BY_DEFAULT.has(element.name)) return undefined;
  if (childOf(node, 0x80)) return undefined;
  const site = { element, file: name, node };
  const place = `${elementPlace(element)}/${name}`;
  const link = childOf(childOf(node, 0xa1), 0xc7);
  if (link && link.value.length > 0) throw new SaipError('EDIT_REFUSED', `${name} shares the file ${toHex(link.value)}; edit that one.`, place);
  return { element, name, place, body: viewFile(site).body, recordLength: recordLengthOf(siteSource(site)) };
}

/** Files whose access conditions are the same in annex A and in practice: where to borrow rules from, by template rule. */
const RULE_DONORS: Readonly<Record<number, readonly string[]>> = {
  2: ['ef-ust', 'ef-acc', 'ef-imsi', 'ef-hpplmn', 'ef-gid1'], 3: ['ef-ust', 'ef-imsi'], 5: ['ef-loci', 'ef-psloci', 'ef-smsp', 'ef-plmnwact'],
  8: ['ef-est', 'ef-fdn'], 10: ['ef-spn', 'ef-ad', 'ef-ecc'],
};

/** Access rules for a new file: those of a sibling the template gives the same ones; the template's own when there is none. */
function borrowedRule(bench: Workbench, element: ProfileElement, preset: AnnexFile): Node | undefined {
  const family = applicationOf(bench, element);
  for (const donor of RULE_DONORS[preset.arr ?? 0] ?? []) {
    for (const other of family) {
      const tag = fileTag(other.name, donor);
      const rule = tag === undefined ? undefined : childOf(childOf(childOf(other.node, tag), 0xa1), 0x8b);
      if (rule) return leaf(0x8b, rule.value);
    }
  }
  return undefined;
}

const MEMBERS: ReadonlySet<ElementName> = new Set<ElementName>([
  'opt-usim', 'phonebook', 'gsm-access', 'df-5gs', 'df-saip', 'df-snpn', 'df-5gprose', 'opt-isim', 'opt-iot', 'pinCodes', 'akaParameter', 'eap',
]);
const APPLICATIONS: ReadonlySet<ElementName> = new Set<ElementName>(['usim', 'isim', 'csim', 'iot']);

/** The elements of the application an element belongs to, the application itself first. */
export function applicationOf(bench: Workbench, element: ProfileElement): ProfileElement[] {
  const at = bench.elements.indexOf(element);
  const start = bench.elements.findLastIndex((other, index) => index <= at && APPLICATIONS.has(other.name));
  if (start < 0) return [element];
  const next = bench.elements.findIndex((other, index) => index > start && APPLICATIONS.has(other.name));
  return bench.elements.slice(start, next < 0 ? undefined : next).filter((other, index) => index === 0 || MEMBERS.has(other.name));
}

function addFile(bench: Workbench, element: ProfileElement, name: string): EditedFile {
  const place = `${elementPlace(element)}/${name}`;
  const preset = annexFile(element.name, name)!;
  const node = branch(fileTag(element.name, name)!, []);
  const rule = borrowedRule(bench, element, preset);
  const inRecords = preset.kind === 'LF' || preset.kind === 'CY';
  const length = preset.size ?? 16;
  const descriptor = inRecords ? [preset.kind === 'LF' ? 0x42 : 0x46, 0x21, length >>> 8, length & 0xff] : [0x41, 0x21];
  const size = annexSize(preset) ?? length;
  node.children!.push(branch(0xa1, [
    leaf(0x82, descriptor), ...(preset.fid ? [leaf(0x83, fromHex(preset.fid))] : []), ...(rule ? [rule] : []), leaf(0x80, sizeOctets(size)), branch(0xa5, []),
  ]));
  insertByTag(element.node, node);
  bench.places.add(place);
  return { element, name, place, body: new Uint8Array(size).fill(0xff), recordLength: inRecords ? length : 0 };
}

function insertByTag(parent: Node, node: Node): void {
  const children = parent.children!;
  const before = children.findIndex((child, index) => index >= 2 && tagNumber(child.tag) > tagNumber(node.tag));
  children.splice(before < 0 ? children.length : before, 0, node);
}

/** efFileSize: an OCTET STRING on the fewest octets. */
function sizeOctets(size: number): Uint8Array {
  const octets = integerBytes(size);
  return octets.length > 1 && octets[0] === 0 ? octets.subarray(1) : octets;
}

const FCP_ORDER = [0x82, 0x83, 0x84, 0x8a, 0x8b, 0x80, 0xc6, 0x88, 0xa5, 0xc7];

/**
 * Gives the file a new body. Equal to the old one nothing is touched, not one octet. Else the content becomes one
 * fillFileContent; size and record length are written into the Fcp when they changed.
 */
export function writeFile(bench: Workbench, file: EditedFile, body: Uint8Array, recordLength = file.recordLength): void {
  if (body.length > 0xffff || recordLength > 255) throw badValue(file.place, 'The file would be larger than a card allows.');
  const { element, name } = file;
  const tag = fileTag(element.name, name)!;
  let node = childOf(element.node, tag);
  const sameShape = body.length === file.body.length && recordLength === file.recordLength;
  if (sameShape && sameBytes(body, file.body) && (!node || hasContent(node) || !isNew(bench, file))) return;
  if (!node) {
    node = branch(tag, []);
    insertByTag(element.node, node);
  }
  node.children = [...(node.children ?? []).filter((child) => child.tag !== 0x82 && child.tag !== 0x83), leaf(0x83, body)];
  if (!sameShape) reshape(node, body.length, recordLength);
  bench.places.add(file.place);
}

const hasContent = (node: Node): boolean => (node.children ?? []).some((child) => child.tag === 0x83);
const isNew = (bench: Workbench, file: EditedFile): boolean => bench.places.has(file.place);

function reshape(node: Node, size: number, recordLength: number): void {
  let fcp = childOf(node, 0xa1);
  if (!fcp) {
    fcp = branch(0xa1, []);
    node.children!.unshift(fcp);
  }
  const put = (tag: number, value: Uint8Array): void => {
    const present = childOf(fcp, tag);
    if (present) {
      present.value = value;
      return;
    }
    const at = fcp.children!.findIndex((child) => FCP_ORDER.indexOf(child.tag) > FCP_ORDER.indexOf(tag));
    fcp.children!.splice(at < 0 ? fcp.children!.length : at, 0, leaf(tag, value));
  };
  put(0x80, sizeOctets(size));
  const descriptor = childOf(fcp, 0x82)?.value;
  if (recordLength > 0) {
    const [type, coding] = descriptor ?? [0x42, 0x21];
    put(0x82, Uint8Array.of(type!, coding!, recordLength >>> 8, recordLength & 0xff));
  }
}

/** The next identification no element has. */
export function freeIdentification(bench: Workbench): number {
  const used = bench.elements.map((element) => element.identification ?? 0);
  const next = Math.max(...used) + 1;
  if (next <= 32_767) return next;
  for (let n = 1; n <= 32_767; n++) if (!used.includes(n)) return n;
  throw noPlace('package', 'Every identification of elements is taken.');
}

/** Puts a new element at `at`, mandated, and names its template in the header. */
export function insertElement(
  bench: Workbench, name: Exclude<ElementName, 'unknown' | 'header'>, at: number, templateId: Uint8Array, fields: readonly Node[],
): ProfileElement {
  const identification = freeIdentification(bench);
  const node = branch(elementTag(name), [
    branch(0xa0, [leaf(0x80, []), leaf(0x81, integerBytes(identification))]), leaf(0x81, templateId), ...fields,
  ]);
  const made: ProfileElement = { name, index: at, identification, mandated: true, node };
  bench.elements.splice(at, 0, made);
  renumber(bench);
  const list = childOf(headerOf(bench), 0xa6);
  if (list?.children && !list.children.some((oid) => sameBytes(oid.value, templateId))) {
    const before = list.children.findIndex((oid) => toHex(oid.value) > toHex(templateId));
    list.children.splice(before < 0 ? list.children.length : before, 0, leaf(0x06, templateId));
  }
  bench.places.add(elementPlace(made));
  return made;
}

/** Positions after elements came or went. */
export function renumber(bench: Workbench): void {
  bench.elements = bench.elements.map((element, index) => ({ ...element, index }));
}

/** Ends of each application's own elements, where another of them may stand without taking PINs or keys away from their directory. */
export function endOfApplication(bench: Workbench, application: ProfileElement): number {
  let at = bench.elements.indexOf(application) + 1;
  while (at < bench.elements.length && MEMBERS.has(bench.elements[at]!.name)) at++;
  return at;
}

/** Template octets of an element, e.g. 67810f010204. */
export function templateOf(element: ProfileElement): Uint8Array | undefined {
  return childOf(element.node, 0x81)?.value;
}

/** Takes templates nobody uses any more out of the header. */
export function dropTemplates(bench: Workbench, matches: (oid: string) => boolean): void {
  const list = childOf(headerOf(bench), 0xa6);
  if (!list?.children) return;
  const used = new Set(bench.elements.map((element) => toHex(templateOf(element) ?? new Uint8Array(0))));
  list.children = list.children.filter((oid) => !matches(oidText(oid.value)) || used.has(toHex(oid.value)));
}
