import { sameBytes } from '../../shared/tlv/index.ts';
import { DEFAULT_CONSTANTS, DEFAULT_ROTATIONS } from './aka-defaults.ts';
import { type Finding, finding } from './findings.ts';
import { FILE_ELEMENTS, fileName, hasFileList } from './names.ts';
import { elementPlace, type ProfileElement } from './package.ts';
import { filesOf, pinList, pukList } from './slots.ts';
import { childOf, type Node } from './tree.ts';

/**
 * Rule V02 beyond what reading already refuses: INTEGERs in their shortest form, empty NULLs, no DEFAULT value written
 * out; unknown elements and fields are told as warnings and kept.
 */
export function checkDer(elements: readonly ProfileElement[]): Finding[] {
  const findings: Finding[] = [];
  for (const element of elements) {
    const place = elementPlace(element);
    const report = new Report(findings, place);
    if (element.name === 'unknown') {
      findings.push(finding('V02', 'warning', place, `The element with tag ${element.node.tag.toString(16).toUpperCase()} is unknown; it is kept as it is.`));
      continue;
    }
    if (element.name === 'header') checkHeader(element.node, report);
    else checkPeHeader(element.node, report);
    if (element.name === 'pukCodes') pukList(element).forEach((code) => checkPuk(code, report));
    if (element.name === 'pinCodes') pinList(element).forEach((code) => checkPin(code, report));
    if (element.name === 'akaParameter') checkAka(element.node, report);
    if (element.name === 'securityDomain') checkDomain(element.node, report);
    checkOthers(element, report);
    if (element.name === 'genericFileManagement') checkManagement(element.node, report);
    if (FILE_ELEMENTS.has(element.name)) checkFiles(element, report);
  }
  return findings;
}

/** Collects the findings of one element. */
class Report {
  readonly #findings: Finding[];
  readonly #place: string;

  constructor(findings: Finding[], place: string) {
    this.#findings = findings;
    this.#place = place;
  }

  error(field: string, message: string): void {
    this.#findings.push(finding('V02', 'error', `${this.#place}/${field}`, message));
  }

  integer(node: Node | undefined, field: string): void {
    if (!node) return;
    const [first, second] = node.value;
    if (first === undefined || (second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80)))) {
      this.error(field, 'The number is not in its shortest form.');
    }
  }

  empty(node: Node | undefined, field: string): void {
    if (node && (node.children?.length ?? node.value.length) > 0) this.error(field, 'A flag carries a value.');
  }

  notDefault(node: Node | undefined, preset: readonly number[] | Uint8Array, field: string): void {
    if (node && sameBytes(node.value, Uint8Array.from(preset))) this.error(field, 'A default value is written out.');
  }

  known(node: Node | undefined, tags: readonly number[], field: string): void {
    for (const child of node?.children ?? []) {
      if (tags.includes(child.tag)) continue;
      const tag = child.tag.toString(16).toUpperCase();
      this.#findings.push(finding('V02', 'warning', `${this.#place}/${field}`, `The field with tag ${tag} is unknown; it is kept as it is.`));
    }
  }
}

function checkHeader(node: Node, report: Report): void {
  report.known(node, [0x80, 0x81, 0x82, 0x83, 0x84, 0xa5, 0xa6, 0x87, 0xa8, 0xa9], 'fields');
  report.integer(childOf(node, 0x80), 'major-version');
  report.integer(childOf(node, 0x81), 'minor-version');
  let last = 0;
  for (const flag of childOf(node, 0xa5)?.children ?? []) {
    report.empty(flag, 'eUICC-Mandatory-services');
    if (flag.tag <= last) report.error('eUICC-Mandatory-services', 'The services are not in the order of their tags.');
    last = flag.tag;
  }
}

function checkPeHeader(node: Node, report: Report): void {
  const header = childOf(node, 0xa0);
  report.known(header, [0x80, 0x81], 'header');
  report.empty(childOf(header, 0x80), 'header/mandated');
  report.integer(childOf(header, 0x81), 'header/identification');
}

function checkPuk(code: Node, report: Report): void {
  report.known(code, [0x80, 0x81, 0x82], 'puk');
  report.integer(childOf(code, 0x80), 'puk/keyReference');
  report.integer(childOf(code, 0x82), 'puk/retries');
  report.notDefault(childOf(code, 0x82), [0, 0xaa], 'puk/retries');
}

function checkPin(code: Node, report: Report): void {
  report.known(code, [0x80, 0x81, 0x82, 0x83, 0x84], 'pin');
  for (const [tag, field] of [[0x80, 'keyReference'], [0x82, 'unblockingPINReference'], [0x83, 'pinAttributes'], [0x84, 'retries']] as const) {
    report.integer(childOf(code, tag), `pin/${field}`);
  }
  report.notDefault(childOf(code, 0x83), [7], 'pin/pinAttributes');
  report.notDefault(childOf(code, 0x84), [0x33], 'pin/retries');
}

const SQN_DEFAULT = [0, 0, 0x10, 0, 0, 0];

function checkAka(node: Node, report: Report): void {
  report.known(node, [0xa0, 0xa1, 0x82, 0x83, 0x84, 0xa5], 'fields');
  report.notDefault(childOf(node, 0x82), [2], 'sqnOptions');
  report.notDefault(childOf(node, 0x83), SQN_DEFAULT, 'sqnDelta');
  report.notDefault(childOf(node, 0x84), SQN_DEFAULT, 'sqnAgeLimit');
  const init = childOf(node, 0xa5)?.children;
  if (init && init.length === 32 && init.every((sqn) => sqn.value.every((octet) => octet === 0))) {
    report.error('sqnInit', 'A default value is written out.');
  }
  const algorithm = childOf(childOf(node, 0xa1), 0xa1);
  report.known(algorithm, [0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87], 'algoParameter');
  report.integer(childOf(algorithm, 0x80), 'algorithmID');
  report.integer(childOf(algorithm, 0x87), 'numberOfKeccak');
  report.notDefault(childOf(algorithm, 0x84), DEFAULT_ROTATIONS, 'rotationConstants');
  report.notDefault(childOf(algorithm, 0x85), DEFAULT_CONSTANTS, 'xoringConstants');
  report.notDefault(childOf(algorithm, 0x87), [1], 'numberOfKeccak');
}

function checkDomain(node: Node, report: Report): void {
  report.known(node, [0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5], 'fields');
  report.notDefault(childOf(childOf(node, 0xa1), 0x83), [7], 'lifeCycleState');
  for (const key of childOf(node, 0xa2)?.children ?? []) {
    report.known(key, [0x95, 0x96, 0x82, 0x83, 0x85, 0x30], 'key');
    report.notDefault(childOf(key, 0x96), [0], 'key/keyAccess');
    for (const component of childOf(key, 0x30)?.children ?? []) {
      report.known(component, [0x80, 0x86, 0x87], 'key/component');
      report.integer(childOf(component, 0x87), 'key/macLength');
      report.notDefault(childOf(component, 0x87), [8], 'key/macLength');
    }
  }
}

/** Fields of the elements that hold no files and no lists of their own. */
const FIELDS: Partial<Record<string, readonly number[]>> = {
  'rfm': [0xa0, 0x4f, 0x81, 0x04, 0x30], 'application': [0xa0, 0xa1, 0xa2], 'cdmaParameter': [0xa0, 0x81, 0x82, 0x83, 0x84, 0x85],
  'nonStandard': [0xa0, 0x81, 0x82], 'end': [0xa0], 'pinCodes': [0xa0, 0xa1], 'pukCodes': [0xa0, 0xa1], 'genericFileManagement': [0xa0, 0xa1],
};

function checkOthers({ name, node }: ProfileElement, report: Report): void {
  const fields = FIELDS[name];
  if (fields) report.known(node, fields, 'fields');
  if (name !== 'application') return;
  for (const instance of childOf(node, 0xa2)?.children ?? []) report.notDefault(childOf(instance, 0x83), [7], 'instance/lifeCycleState');
}

const FCP_TAGS = [0x82, 0x83, 0x84, 0x8a, 0x8b, 0x80, 0xc6, 0x88, 0xa5, 0xc7];

function checkFcp(fcp: Node | undefined, report: Report, field: string): void {
  report.known(fcp, FCP_TAGS, field);
  report.notDefault(childOf(fcp, 0x8a), [5], `${field}/lcsi`);
  const info = childOf(fcp, 0xa5);
  report.known(info, [0xc0, 0xc1, 0xc2, 0x86, 0x84], `${field}/proprietaryEFInfo`);
  report.notDefault(childOf(info, 0xc0), [0], `${field}/specialFileInformation`);
  report.notDefault(childOf(info, 0x84), [1], `${field}/fileDetails`);
}

function checkFiles(element: ProfileElement, report: Report): void {
  for (const file of filesOf(element)) {
    const name = fileName(element.name, file.tag);
    if (name === undefined && hasFileList(element.name)) {
      report.known({ ...element.node, children: [file] }, [], 'fields');
      continue;
    }
    const field = name ?? `file-${file.tag.toString(16)}`;
    report.known(file, [0x80, 0xa1, 0x82, 0x83], field);
    for (const item of file.children ?? []) {
      if (item.tag === 0x80) report.empty(item, `${field}/doNotCreate`);
      if (item.tag === 0x82) report.integer(item, `${field}/fillFileOffset`);
      if (item.tag === 0xa1) checkFcp(item, report, field);
    }
  }
}

function checkManagement(node: Node, report: Report): void {
  for (const list of childOf(node, 0xa1)?.children ?? []) {
    report.known(list, [0x80, 0x62, 0x02, 0x81], 'fileManagement');
    for (const item of list.children ?? []) {
      if (item.tag === 0x02) report.integer(item, 'fillFileOffset');
      if (item.tag === 0x62) checkFcp(item, report, 'createFCP');
    }
  }
}
