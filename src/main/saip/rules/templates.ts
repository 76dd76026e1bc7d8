import { toHex } from '../../../shared/tlv/index.ts';
import type { FileEntry } from '../file-system.ts';
import { type Finding, finding } from '../findings.ts';
import { FILE_ELEMENTS } from '../names.ts';
import { elementPlace, oidText } from '../package.ts';
import { childOf } from '../tree.ts';
import { bodyOf, isEf, recordsOf, type Scope } from './scope.ts';

const ROOT = '2.23.143.1.2.';

/** Template identifiers under 2.23.143.1.2, and the SAIP version (major * 10 + minor) each came with. */
const TEMPLATES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'mf': { 1: 10 }, 'cd': { 2: 10 }, 'telecom': { 3: 10, '3.2': 31 }, 'usim': { 4: 10, '4.2': 31 }, 'opt-usim': { 5: 10, '5.2': 31, '5.3': 33 },
  'phonebook': { 6: 10 }, 'gsm-access': { 7: 10 }, 'isim': { 8: 10 }, 'opt-isim': { 9: 10, '9.2': 31 }, 'csim': { 10: 10, '10.2': 31 },
  'opt-csim': { 11: 10, '11.2': 31 }, 'eap': { 12: 22 }, 'df-5gs': { 13: 23, '13.2': 31, '13.3': 31, '13.4': 33 }, 'df-saip': { 14: 23 },
  'df-snpn': { 15: 33 }, 'df-5gprose': { 16: 33 }, 'iot': { 17: 33 }, 'opt-iot': { 18: 33 },
};

/** Rule V22: templates are known, fit the version, and are asked for exactly where they are needed. */
export function checkTemplates({ elements, header }: Scope): Finding[] {
  const findings: Finding[] = [];
  const error = (place: string, message: string): void => void findings.push(finding('V22', 'error', place, message));
  const version = (header?.majorVersion ?? 0) * 10 + (header?.minorVersion ?? 0);
  const listed = new Set(header?.templates);
  const used = new Set<string>();
  let unknown = false;
  for (const element of elements) {
    if (!FILE_ELEMENTS.has(element.name)) continue;
    const place = `${elementPlace(element)}/templateID`;
    const id = childOf(element.node, 0x81)?.value;
    const oid = id ? oidText(id) : '';
    const since = oid.startsWith(ROOT) ? TEMPLATES[element.name]?.[oid.slice(ROOT.length)] : undefined;
    if (since === undefined) {
      unknown = true;
      error(place, oid ? `${oid} is no template of ${element.name}.` : 'The element names no template.');
      continue;
    }
    used.add(oid);
    if (since > version) error(place, `The template came with SAIP ${Math.floor(since / 10)}.${since % 10}; the header says ${header?.majorVersion ?? '?'}.${header?.minorVersion ?? '?'}.`);
    if (element.mandated && !listed.has(oid)) error(place, 'The element is mandated, but the header does not list its template.');
  }
  // Where a template is unknown already, what the header lists for it is no second defect.
  if (!unknown) for (const oid of listed) if (!used.has(oid)) error('header/eUICC-Mandatory-GFSTEList', `The header asks for template ${oid}, which nothing uses.`);
  return findings;
}

/** Rule V23: the access rules a file refers to exist. */
export function checkAccess(scope: Scope): Finding[] {
  const records: RuleRecords = new Map();
  return scope.system.files.flatMap((entry) => (entry.skipped ? [] : checkReference(scope, entry, records)));
}

/** Records of each EF.ARR that was looked into; `undefined` for one that cannot be. */
type RuleRecords = Map<FileEntry, readonly Uint8Array[] | undefined>;

function checkReference(scope: Scope, entry: FileEntry, records: RuleRecords): Finding[] {
  // A directory that was never made is V38's.
  if (entry.path.startsWith('????')) return [];
  const own = childOf(entry.fcp, 0x8b)?.value;
  if (!own) return checkPreset(scope, entry, records);
  const error = (message: string): Finding[] => [finding('V23', 'error', entry.place, message)];
  if (own.length < 1 || own.length > 3) return error(`securityAttributesReferenced has ${own.length} bytes instead of 1 to 3.`);
  if (own.length === 2) return [];
  const fid = own.length === 3 ? toHex(own.subarray(0, 2)) : '6f06';
  const record = own[own.length - 1]!;
  const file = ruleFile(scope, entry, fid, own.length === 1);
  if (!file) return error(`Its access rules lie in EF.ARR ${fid.toUpperCase()}, which does not exist for this directory.`);
  return hasRecord(scope, file, record, records) ? [] : error(`Record ${record} of EF.ARR ${file.fid!.toUpperCase()} does not exist or is empty.`);
}

/** A file the template makes by itself takes the template's record; without it nobody may access the file. */
function checkPreset(scope: Scope, entry: FileEntry, records: RuleRecords): Finding[] {
  const arr = entry.preset?.arr;
  if (arr === undefined || entry.source !== 'template') return [];
  const file = ruleFile(scope, entry, '6f06', true);
  if (!file || hasRecord(scope, file, arr, records)) return [];
  return [finding('V23', 'warning', entry.place, `The template gives the file the access rules of record ${arr}, which EF.ARR ${file.fid!.toUpperCase()} does not have.`)];
}

/** The EF.ARR with this identifier in the directory of the file or above; a directory may also hold its own. */
function ruleFile(scope: Scope, entry: FileEntry, fid: string, either: boolean): FileEntry | undefined {
  const from = isEf(entry) ? entry.path : entry.path + (entry.fid === '3f00' ? '' : entry.fid ?? '');
  for (let path = from; ; path = path.slice(0, -4)) {
    const found = scope.system.files.find((one) => !one.skipped && one.kind === 'LF' && one.path === path && (one.fid === fid || (either && path === '' && one.fid === '2f06')));
    if (found) return found;
    if (path === '') return undefined;
  }
}

function hasRecord(scope: Scope, file: FileEntry, record: number, records: RuleRecords): boolean {
  if (!records.has(file)) {
    const view = file.parts.some((part) => 'content' in part) ? bodyOf(scope, file) : undefined;
    records.set(file, view && recordsOf(view));
  }
  const known = records.get(file);
  // A file that cannot be read, or has no content, is another rule's finding.
  if (!known) return true;
  const found = known[record - 1];
  return found !== undefined && found[0] !== 0xff;
}
