import type { FileEntry } from '../file-system.ts';
import { contentEnd, declaredSize, recordLengthOf } from '../files.ts';
import { type Finding, finding } from '../findings.ts';
import { SaipError } from '../errors.ts';
import { CREATED_BY_DEFAULT } from '../names.ts';
import { childOf, type Node } from '../tree.ts';
import { isEf, type Scope } from './scope.ts';

/** Rules V14 to V21: the control parameters and the content of each file. */
export function checkFiles({ system }: Scope): Finding[] {
  return [...system.files.flatMap(checkFile), ...checkShortIdentifiers(system.files)];
}

function checkFile(entry: FileEntry): Finding[] {
  if (entry.node && entry.source === 'template') {
    const list = checkList(entry, entry.node);
    if (list.length > 0 || entry.skipped) return list;
  }
  if (entry.skipped) return [];
  const wanted = [...checkWanted(entry), ...checkStatus(entry)];
  const patterns = checkPatterns(entry);
  return [...checkParameters(entry), ...wanted, ...checkDescriptor(entry), ...checkInformation(entry), ...patterns, ...checkContent(entry)];
}

/** V21: the list of file elements of a template file. */
function checkList(entry: FileEntry, node: Node): Finding[] {
  const error = (message: string): Finding => finding('V21', 'error', entry.place, message);
  const items = node.children ?? [];
  const descriptors = items.filter((item) => item.tag === 0xa1);
  if (entry.skipped) {
    if (items.length > 1) return [error('doNotCreate does not stand alone.')];
    if (!CREATED_BY_DEFAULT.has(entry.element.name)) return [error(`doNotCreate stands in ${entry.element.name}, whose files exist only when they are listed.`)];
    if (entry.kind === 'MF') return [error('The MF cannot be left out.')];
  }
  if (descriptors.length > 1) return [error('The file has two file descriptors.')];
  return descriptors.length === 1 && items[0] !== descriptors[0] ? [error('The file descriptor is not the first of the file\'s elements.')] : [];
}

/** V14: a directory says which PINs it knows, as bare key references. */
function checkStatus(entry: FileEntry): Finding[] {
  // A directory the template makes by itself has the template's.
  if (isEf(entry) || entry.link !== undefined || (!entry.node && !entry.preset?.required)) return [];
  const status = childOf(entry.fcp, 0xc6)?.value;
  if (!status || status.length === 0) return [finding('V14', 'error', entry.place, 'The directory has no PIN status template.')];
  const wrapped = isWrapped(status);
  return wrapped ? [finding('V14', 'error', entry.place, 'The PIN status template is the whole data object of TS 102 221 instead of a list of key references.')] : [];
}

/** True for a PIN status template written as a data object: neither C6 nor 90 is a key reference. */
export function isWrapped(status: Uint8Array): boolean {
  return status[0] === 0xc6 || status[0] === 0x90;
}

/** V15: parameters that mean nothing for this kind of file. */
function checkParameters(entry: FileEntry): Finding[] {
  if (!entry.node && !entry.preset?.required) return [];
  const forbidden: readonly (readonly [number, string])[] = isEf(entry)
    ? [[0x84, 'dfName'], [0xc6, 'pinStatusTemplateDO']]
    : [[0x88, 'shortEFID'], [0x80, 'efFileSize'], [0xa5, 'proprietaryEFInfo'], ...(entry.kind === 'ADF' ? [] : [[0x84, 'dfName'] as const])];
  // A link says what it links to and nothing of these; V16 looks at it.
  if (entry.link !== undefined) return [];
  const findings = forbidden.filter(([tag]) => childOf(entry.fcp, tag) && !(tag === 0x88 && !isEf(entry) && childOf(entry.fcp, tag)!.value.length === 0))
    .map(([, name]) => finding('V15', 'error', entry.place, `${name} does not belong to this kind of file.`));
  if (entry.kind === 'ADF') {
    for (const [tag, name] of [[0x83, 'fileID'], [0x84, 'dfName']] as const) {
      if (!childOf(entry.fcp, tag)) findings.push(finding('V15', 'error', entry.place, `An application directory needs ${name}.`));
    }
  }
  return findings;
}

/** V16: what createFCP must have, and what a link must not. */
function checkWanted(entry: FileEntry): Finding[] {
  const error = (message: string): Finding => finding('V16', 'error', entry.place, message);
  const findings: Finding[] = [];
  if (entry.source === 'management') {
    for (const [tag, name] of [[0x83, 'fileID'], [0x82, 'fileDescriptor'], [0x8b, 'securityAttributesReferenced']] as const) {
      if (!childOf(entry.fcp, tag)) findings.push(error(`createFCP has no ${name}.`));
    }
  }
  if (entry.link === undefined) return findings;
  for (const [tag, name] of [[0x84, 'dfName'], [0x80, 'efFileSize'], [0xc6, 'pinStatusTemplateDO']] as const) {
    if (childOf(entry.fcp, tag)) findings.push(error(`A link has no ${name}.`));
  }
  return findings;
}

/** V17: file descriptor, record length and number of records. */
function checkDescriptor(entry: FileEntry): Finding[] {
  const error = (message: string): Finding[] => [finding('V17', 'error', entry.place, message)];
  const descriptor = childOf(entry.fcp, 0x82)?.value;
  const recorded = entry.kind === 'LF' || entry.kind === 'CY';
  if (descriptor) {
    if (descriptor.length !== 2 && descriptor.length !== 4) return error(`The file descriptor has ${descriptor.length} bytes instead of 2 or 4.`);
    if (descriptor[1] !== 0x21) return error('The second byte of the file descriptor is not 21.');
    if (recorded !== (descriptor.length === 4)) return error(recorded ? 'A file of records has no record length.' : 'A file without records has a record length.');
  }
  if (!isEf(entry) || entry.link !== undefined) return [];
  try {
    const size = declaredSize(entry);
    const length = recordLengthOf(entry);
    if (recorded && descriptor && length === 0) return error('The record length is zero.');
    if (!recorded || size === undefined || length === 0) return [];
    if (size % length !== 0) return error(`The file of ${size} bytes is no whole number of records of ${length} bytes.`);
    const records = size / length;
    return records < 1 || records > 254 ? error(`The file has ${records} records; 1 to 254 are possible.`) : [];
  } catch (problem) {
    if (problem instanceof SaipError) return error(problem.message);
    throw problem;
  }
}

/** V18, the part that concerns one file. */
function checkInformation(entry: FileEntry): Finding[] {
  const findings: Finding[] = [];
  const error = (message: string): void => void findings.push(finding('V18', 'error', entry.place, message));
  const short = childOf(entry.fcp, 0x88)?.value;
  if (isEf(entry) && short && (short.length > 1 || (short.length === 1 && ((short[0]! & 7) !== 0 || short[0] === 0 || short[0] === 0xf8)))) {
    error('The short file identifier is not one from 1 to 30 in the upper five bits of one byte.');
  }
  const special = childOf(childOf(entry.fcp, 0xa5), 0xc0)?.value;
  if (special && (special.length !== 1 || (special[0]! & 0x3f) !== 0)) error('The special file information sets bits that are reserved.');
  return findings;
}

/** V18: one short identifier is one file of a directory. */
function checkShortIdentifiers(files: readonly FileEntry[]): Finding[] {
  const findings: Finding[] = [];
  const seen = new Map<string, FileEntry>();
  const known = files.filter((entry) => isEf(entry) && !entry.skipped);
  const own = (entry: FileEntry): Uint8Array | undefined => childOf(entry.fcp, 0x88)?.value;
  // Identifiers that are written out come second, so that they are the ones reported.
  for (const entry of [...known.filter((one) => !own(one)), ...known.filter((one) => own(one))]) {
    const value = own(entry);
    const sfi = value ? (value.length === 1 && (value[0]! & 7) === 0 ? value[0]! >>> 3 : undefined) : entry.preset?.sfi;
    if (sfi === undefined || sfi === 0) continue;
    const key = `${entry.path}/${sfi}`;
    const other = seen.get(key);
    if (other) findings.push(finding('V18', 'error', entry.place, `Its short file identifier ${sfi} is that of ${other.name ?? other.fid ?? 'another file'} too.`));
    else seen.set(key, entry);
  }
  return findings;
}

/** V19: patterns, and the rule that BER-TLV files have none. */
function checkPatterns(entry: FileEntry): Finding[] {
  const error = (message: string): Finding[] => [finding('V19', 'error', entry.place, message)];
  const info = childOf(entry.fcp, 0xa5);
  const fill = childOf(info, 0xc1);
  const repeat = childOf(info, 0xc2);
  if (fill && repeat) return error('The file has a fill pattern and a repeat pattern.');
  if ([fill, repeat].some((pattern) => pattern && (pattern.value.length < 1 || pattern.value.length > 200))) return error('A pattern has 1 to 200 bytes.');
  if (entry.kind !== 'BT') return [];
  if (fill || repeat) return error('A BER-TLV file takes no pattern.');
  return entry.parts.some((part) => 'skip' in part) ? error('A BER-TLV file takes no fill offset.') : [];
}

/** V20: content fits, and is there where the template has none. */
function checkContent(entry: FileEntry): Finding[] {
  const error = (message: string): Finding[] => [finding('V20', 'error', entry.place, message)];
  if (!isEf(entry) || entry.link !== undefined) return [];
  const info = childOf(entry.fcp, 0xa5);
  try {
    const size = declaredSize(entry);
    const written = contentEnd(entry);
    if (size !== undefined && written > size) return error(`The content ends at byte ${written}; the file has ${size}.`);
  } catch (problem) {
    if (!(problem instanceof SaipError)) throw problem;
    // A size that cannot be read is V17's; an offset that cannot is this rule's.
    return childOf(entry.fcp, 0x80) && sizeBroken(entry) ? [] : error(problem.message);
  }
  if (!entry.preset?.content || (!entry.node && !entry.preset.required)) return [];
  const given = entry.parts.some((part) => 'content' in part) || childOf(info, 0xc1) || childOf(info, 0xc2);
  if (given) return [];
  // An optional file would be FF throughout, which eUICCs accept and nobody can use.
  return [finding('V20', entry.preset.required ? 'error' : 'warning', entry.place, 'The template has no content for this file, and the element supplies none.')];
}

function sizeBroken(entry: FileEntry): boolean {
  try {
    declaredSize(entry);
    return false;
  } catch (error) {
    if (error instanceof SaipError) return true;
    throw error;
  }
}
