import { type Finding, finding } from './findings.ts';
import type { ElementName } from './names.ts';
import { elementPlace, type ProfileElement } from './package.ts';
import { childOf } from './tree.ts';

/** Rules V01 and V03 to V08: which elements there are, how often and in which order. */
export function checkStructure(elements: readonly ProfileElement[]): Finding[] {
  return [
    ...checkFrame(elements), ...checkIdentification(elements), ...checkRoot(elements), ...checkCounts(elements), ...checkOrder(elements),
    ...checkOncePerOwner(elements), ...checkPukPlace(elements),
  ];
}

function checkFrame(elements: readonly ProfileElement[]): Finding[] {
  const findings: Finding[] = [];
  for (const [name, at] of [['header', 0], ['end', elements.length - 1]] as const) {
    const found = elements.filter((element) => element.name === name);
    const where = name === 'header' ? 'first' : 'last';
    if (found.length === 0) findings.push(finding('V01', 'error', name, `The package has no ${name} element.`));
    else if (found.length > 1) findings.push(finding('V01', 'error', elementPlace(found[1]!), `The package has ${found.length} ${name} elements.`));
    else if (found[0]!.index !== at) findings.push(finding('V01', 'error', elementPlace(found[0]!), `The ${name} element is not the ${where} one.`));
  }
  return findings;
}

function checkIdentification(elements: readonly ProfileElement[]): Finding[] {
  const findings: Finding[] = [];
  const seen = new Map<number, ProfileElement>();
  for (const element of elements) {
    if (element.name === 'header') continue;
    const { identification } = element;
    const place = elementPlace(element);
    if (identification === undefined || identification > 32_767) {
      findings.push(finding('V03', 'error', place, 'The element has no identification from 0 to 32767.'));
      continue;
    }
    const other = seen.get(identification);
    if (other) findings.push(finding('V03', 'error', place, `Its identification is that of ${other.name} too.`));
    else seen.set(identification, element);
  }
  return findings;
}

/** True when the element is file management that makes the MF itself. */
export function makesRoot(element: ProfileElement): boolean {
  if (element.name !== 'genericFileManagement') return false;
  return (childOf(element.node, 0xa1)?.children ?? []).some((list) => list.children?.some((item) => {
    const fid = item.tag === 0x62 ? childOf(item, 0x83)?.value : undefined;
    return fid?.length === 2 && fid[0] === 0x3f && fid[1] === 0;
  }));
}

const FILE_SYSTEM: ReadonlySet<ElementName> = new Set<ElementName>([
  'mf', 'cd', 'telecom', 'usim', 'opt-usim', 'isim', 'opt-isim', 'phonebook', 'gsm-access', 'csim', 'opt-csim', 'eap', 'df-5gs', 'df-saip',
  'df-snpn', 'df-5gprose', 'iot', 'opt-iot', 'genericFileManagement',
]);

function isRoot(element: ProfileElement): boolean {
  return element.name === 'mf' || element.name === 'iot' || makesRoot(element);
}

function checkRoot(elements: readonly ProfileElement[]): Finding[] {
  const findings: Finding[] = [];
  const roots = elements.filter(isRoot);
  const kinds = new Set(roots.map((element) => element.name));
  if (roots.length === 0) findings.push(finding('V04', 'error', 'package', 'Nothing in the package creates the MF.'));
  if (kinds.size > 1) findings.push(finding('V04', 'error', elementPlace(roots[1]!), `The MF is created by ${[...kinds].join(' and ')}.`));
  const managed = roots.find(makesRoot);
  if (managed && elements.some((element) => element.index < managed.index && FILE_SYSTEM.has(element.name) && !isRoot(element))) {
    findings.push(finding('V04', 'error', elementPlace(managed), 'File management creates the MF after other files.'));
  }
  const header = elements.find((element) => element.name === 'header');
  const options = header && childOf(header.node, 0xa9) !== undefined;
  if (header && options !== kinds.has('iot') && roots.length > 0) {
    findings.push(finding('V04', 'error', 'header/iotOptions', options ? 'iotOptions are set but there is no iot element.' : 'An iot element needs iotOptions.'));
  }
  return findings;
}

const AT_MOST_ONCE: readonly ElementName[] = ['mf', 'cd', 'telecom', 'pukCodes', 'iot', 'opt-iot'];

function checkCounts(elements: readonly ProfileElement[]): Finding[] {
  return AT_MOST_ONCE.flatMap((name) => {
    const found = elements.filter((element) => element.name === name);
    return found.length > 1 ? [finding('V05', 'error', elementPlace(found[1]!), `The package has ${found.length} ${name} elements.`)] : [];
  });
}

/** The element each kind belongs behind; several names are alternatives. */
const OWNERS: Partial<Record<ElementName, readonly ElementName[]>> = {
  'opt-usim': ['usim'], 'phonebook': ['usim'], 'gsm-access': ['usim'], 'df-5gs': ['usim'], 'df-saip': ['usim'], 'df-snpn': ['usim'],
  'df-5gprose': ['usim'], 'opt-isim': ['isim'], 'opt-csim': ['csim'], 'cdmaParameter': ['csim'], 'opt-iot': ['iot'],
};

/** The nearest element before this one that it belongs to. */
export function ownerOf(elements: readonly ProfileElement[], element: ProfileElement): ProfileElement | undefined {
  const owners = OWNERS[element.name];
  return owners && elements.findLast((other) => other.index < element.index && owners.includes(other.name));
}

const AFTER_ROOT: ReadonlySet<ElementName> = new Set<ElementName>(['cd', 'telecom', 'usim', 'isim', 'csim']);

function checkOrder(elements: readonly ProfileElement[]): Finding[] {
  const findings: Finding[] = [];
  const root = elements.find(isRoot);
  for (const element of elements) {
    const place = elementPlace(element);
    if (AFTER_ROOT.has(element.name) && root && root.index > element.index) {
      findings.push(finding('V06', 'error', place, `${element.name} comes before the MF.`));
    }
    const owners = OWNERS[element.name];
    if (owners && !ownerOf(elements, element)) {
      findings.push(finding('V06', 'error', place, `${element.name} has no ${owners.join(' or ')} before it.`));
    }
  }
  return findings;
}

function checkOncePerOwner(elements: readonly ProfileElement[]): Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const element of elements) {
    if (AT_MOST_ONCE.includes(element.name)) continue;
    const owner = ownerOf(elements, element);
    if (!owner) continue;
    const key = `${owner.index}/${element.name}`;
    if (seen.has(key)) findings.push(finding('V07', 'error', elementPlace(element), `${element.name} occurs twice for ${elementPlace(owner)}.`));
    seen.add(key);
  }
  return findings;
}

function checkPukPlace(elements: readonly ProfileElement[]): Finding[] {
  const puk = elements.find((element) => element.name === 'pukCodes');
  const root = elements.find(isRoot);
  if (!puk || !root) return [];
  // A misplaced header is V01's business and stands in nobody's way here.
  const before = elements.findLast((element) => element.index < puk.index && element.name !== 'header');
  const right = before ? isRoot(before) : root.name === 'iot';
  return right ? [] : [finding('V08', 'error', elementPlace(puk), 'pukCodes does not stand directly behind the element that creates the MF.')];
}
