import { toHex } from '../../shared/tlv/index.ts';
import { makesRoot, ownerOf } from './check-structure.ts';
import { type Finding, finding } from './findings.ts';
import { FILE_ELEMENTS, fileName } from './names.ts';
import { elementPlace, integerOr, type ProfileElement } from './package.ts';
import { filesOf, keyReference, pinList, pukList } from './slots.ts';
import { isWrapped } from './rules/files.ts';
import { childOf, type Node } from './tree.ts';

/**
 * Rules V09 to V11. A context is named by its path of file identifiers in hex: the MF is the empty path, an ADF its
 * temporary identifier, a directory below it the two joined. One defect gives one finding: contexts are looked at once
 * the order of elements is right (`ordered`), and PIN status templates where the PINs they name are in order and their
 * directory does not lie below one that was never made (`lost`).
 */
export function checkPins(elements: readonly ProfileElement[], ordered: boolean, lost: readonly string[] = []): Finding[] {
  const references = checkReferences(elements);
  if (!ordered) return references.findings;
  const walk = walkContexts(elements);
  const contexts = checkContexts(walk);
  const broken = new Set([...references.broken, ...contexts.broken]);
  return [...contexts.findings, ...references.findings, ...checkStatus(walk, broken, lost)];
}

/** Findings, and the elements whose PINs cannot be relied on because of them. */
interface Checked {
  readonly findings: Finding[];
  readonly broken: ReadonlySet<ProfileElement>;
}

interface PinStatus {
  readonly context: string;
  readonly references: Uint8Array;
  readonly place: string;
}

interface Walk {
  /** pinCodes elements with their context; `undefined` when no directory was made before. */
  readonly pins: { element: ProfileElement; context: string | undefined }[];
  readonly status: PinStatus[];
  readonly iot: boolean;
}

const GLOBAL = (reference: number): boolean =>
  (reference >= 1 && reference <= 8) || (reference >= 10 && reference <= 14) || (reference >= 138 && reference <= 142);
const LOCAL = (reference: number): boolean => reference >= 129 && reference <= 136;

const DEFAULT_FID: Partial<Record<string, string>> = {
  'telecom': '7f10', 'cd': '7f11', 'gsm-access': '5f3b', 'df-5gs': '5fc0', 'df-saip': '5fd0', 'phonebook': '5f3a', 'eap': '5f40',
  'df-snpn': '5fe0', 'df-5gprose': '5ff0',
};

function walkContexts(elements: readonly ProfileElement[]): Walk {
  const rooted = elements.some((element) => element.name === 'mf' || element.name === 'iot' || makesRoot(element));
  const iot = elements.some((element) => element.name === 'iot');
  const pins: Walk['pins'] = [];
  const status: PinStatus[] = [];
  const contexts = new Map<ProfileElement, string>();
  let current: string | undefined = rooted ? undefined : '';
  for (const element of elements) {
    if (element.name === 'pinCodes') pins.push({ element, context: current });
    else if (element.name === 'genericFileManagement') current = walkManagement(element, status) ?? current;
    else if (FILE_ELEMENTS.has(element.name)) {
      const context = contextOf(element, elements, contexts, current ?? '');
      contexts.set(element, context);
      current = context;
      for (const file of filesOf(element)) {
        const references = childOf(childOf(file, 0xa1), 0xc6)?.value;
        const name = fileName(element.name, file.tag) ?? 'file';
        if (references) status.push({ context, references, place: `${elementPlace(element)}/${name}` });
      }
    }
  }
  return { pins, status, iot };
}

function contextOf(
  element: ProfileElement, elements: readonly ProfileElement[], contexts: Map<ProfileElement, string>, current: string,
): string {
  const { name } = element;
  if (name === 'mf' || name === 'iot' || name === 'opt-iot') return '';
  const fid = childOf(childOf(childOf(element.node, 0xa2), 0xa1), 0x83)?.value;
  const own = fid?.length === 2 ? toHex(fid) : DEFAULT_FID[name];
  if (name === 'telecom' || name === 'cd') return own!;
  if (name === 'usim' || name === 'isim' || name === 'csim') {
    // A second application with one temporary identifier is V37's; its PINs are still its own.
    const taken = own !== undefined && [...contexts.values()].includes(own);
    return own === undefined || taken ? `@${String(element.index % 1000).padStart(3, '0')}` : own;
  }
  const owner = name === 'eap'
    ? elements.findLast((other) => other.index < element.index && (other.name === 'usim' || other.name === 'isim'))
    : ownerOf(elements, element);
  const above = owner && contexts.get(owner);
  if (above === undefined) return current;
  return name.startsWith('opt-') ? above : above + (own ?? '');
}

/** Context a file management element leaves behind: the first directory it makes, else the first it works in. */
function walkManagement(element: ProfileElement, status: PinStatus[]): string | undefined {
  let path = '';
  let worked: string | undefined;
  let made: string | undefined;
  for (const list of childOf(element.node, 0xa1)?.children ?? []) {
    for (const item of list.children ?? []) {
      if (item.tag === 0x80) path = toHex(item.value);
      if (item.tag !== 0x62) continue;
      const fid = childOf(item, 0x83)?.value;
      const directory = isDirectory(item);
      const root = fid !== undefined && toHex(fid) === '3f00';
      const context = directory && fid && !root ? path + toHex(fid) : path;
      worked ??= path;
      if (directory) made ??= context;
      const references = childOf(item, 0xc6)?.value;
      if (references) status.push({ context, references, place: `${elementPlace(element)}/${fid ? toHex(fid) : 'file'}` });
    }
  }
  return made ?? worked;
}

function isDirectory(fcp: Node): boolean {
  return ((childOf(fcp, 0x82)?.value[0] ?? 0) & 0x38) === 0x38 && (childOf(fcp, 0x82)?.value[0] ?? 0) >>> 6 !== 0b11
    && childOf(fcp, 0xc6) !== undefined;
}

function checkContexts({ pins, iot }: Walk): Checked {
  const findings: Finding[] = [];
  const broken = new Set<ProfileElement>();
  const seen = new Map<string, ProfileElement>();
  const report = (element: ProfileElement, place: string, message: string): void => {
    findings.push(finding('V09', 'error', place, message));
    broken.add(element);
  };
  for (const { element, context } of pins) {
    const place = elementPlace(element);
    if (context === undefined) {
      report(element, place, 'The PINs stand before any directory they could belong to.');
      continue;
    }
    const other = seen.get(context);
    if (other) report(element, place, `${elementPlace(other)} defines the PINs of the same context.`);
    else seen.set(context, element);
    if (iot) continue;
    for (const code of pinList(element)) {
      const reference = keyReference(code);
      if (reference === undefined || (context === '' ? GLOBAL(reference) : LOCAL(reference))) continue;
      const which = context === '' ? 'the MF takes global references only' : 'this context takes the local references 129 to 136 only';
      report(element, `${place}/pin ${reference}`, `PIN ${reference} does not belong here: ${which}.`);
    }
  }
  return { findings, broken };
}

function checkReferences(elements: readonly ProfileElement[]): Checked {
  const findings: Finding[] = [];
  const broken = new Set<ProfileElement>();
  const puks = new Set<number>();
  for (const element of elements) {
    const isPuk = element.name === 'pukCodes';
    if (!isPuk && element.name !== 'pinCodes') continue;
    const seen = new Set<number | undefined>();
    for (const code of isPuk ? pukList(element) : pinList(element)) {
      const reference = keyReference(code);
      const kind = isPuk ? 'PUK' : 'PIN';
      const place = `${elementPlace(element)}/${kind.toLowerCase()} ${reference ?? '?'}`;
      const message = reference === undefined ? `A ${kind} has no key reference.` : `${kind} ${reference} is defined twice in one element.`;
      if (reference === undefined || seen.has(reference)) {
        findings.push(finding('V10', 'error', place, message));
        broken.add(element);
      }
      seen.add(reference);
      if (isPuk && reference !== undefined) puks.add(reference);
    }
  }
  for (const element of elements) {
    if (element.name !== 'pinCodes') continue;
    for (const code of pinList(element)) {
      const node = childOf(code, 0x82);
      const unblocking = node && (integerOr(node.value) ?? -1);
      if (unblocking === undefined || puks.has(unblocking)) continue;
      const place = `${elementPlace(element)}/pin ${keyReference(code) ?? '?'}`;
      findings.push(finding('V10', 'error', place, `The PIN is unblocked by PUK ${unblocking}, which the package does not define.`));
    }
  }
  return { findings, broken };
}

function checkStatus({ pins, status, iot }: Walk, broken: ReadonlySet<ProfileElement>, lost: readonly string[]): Finding[] {
  const defined = new Map<string, Set<number>>();
  const unsure = new Set<string>();
  const define = (context: string, references: Iterable<number>): void => {
    const known = defined.get(context) ?? new Set();
    for (const reference of references) known.add(reference);
    defined.set(context, known);
  };
  for (const { element, context } of pins) {
    define(context ?? '', pinList(element).flatMap((code) => keyReference(code) ?? []));
    if (broken.has(element)) unsure.add(context ?? '');
  }
  for (const { element, context } of pins) {
    const link = childOf(childOf(element.node, 0xa1), 0x81);
    if (link && context !== undefined) define(context, defined.get(toHex(link.value)) ?? []);
  }
  const findings: Finding[] = [];
  for (const { context, references, place } of status) {
    // Not a list of references at all, which V14 says, or below a directory that was never made, which V38 says.
    if (isWrapped(references) || lost.some((path) => context.startsWith(path))) continue;
    for (const reference of references) {
      const paths = !iot && LOCAL(reference) ? ancestors(context) : [''];
      if (paths.some((path) => unsure.has(path) || defined.get(path)?.has(reference))) continue;
      findings.push(finding('V11', 'error', place, `The PIN status template names PIN ${reference}, which is not defined for this directory.`));
    }
  }
  return findings;
}

/** The context and the directories above it, without the MF. */
function ancestors(context: string): string[] {
  const paths: string[] = [];
  for (let path = context; path !== ''; path = path.slice(0, -4)) paths.push(path);
  return paths;
}
