import { readTlv, TlvError, toHex } from '../../../shared/tlv/index.ts';
import { type FileEntry, pathOf } from '../file-system.ts';
import { type Finding, finding } from '../findings.ts';
import { applications, blank, bodyOf, named, recordsOf, type Scope } from './scope.ts';

/** Rule V37: EF.DIR names the applications there are (TS 102 221, 13.1). */
export function checkDirectory(scope: Scope): Finding[] {
  const findings: Finding[] = [];
  const present = applications(scope);
  for (const adf of present) {
    const error = (message: string): void => void findings.push(finding('V37', 'error', adf.place, message));
    const length = (adf.aid?.length ?? 0) / 2;
    if (adf.aid !== undefined && (length < 5 || length > 16)) error(`The application identifier has ${length} bytes instead of 5 to 16.`);
    if (adf.fid === '3f00' || adf.fid === '7fff') error(`The temporary file identifier ${adf.fid.toUpperCase()} is reserved.`);
    const twin = present.find((other) => other !== adf && pathOf(other) === pathOf(adf));
    if (twin && twin.element.index < adf.element.index) error('Another application has the same temporary file identifier.');
  }
  const aids = new Set(present.flatMap((adf) => adf.aid ?? []));
  for (const entry of named(scope, 'ef-dir')) findings.push(...checkRecords(scope, entry, aids));
  return findings;
}

function checkRecords(scope: Scope, entry: FileEntry, aids: ReadonlySet<string>): Finding[] {
  const findings: Finding[] = [];
  const view = bodyOf(scope, entry);
  if (!view || entry.parts.length === 0) return [];
  const named = new Set<string>();
  recordsOf(view).forEach((record, index) => {
    if (blank(record)) return;
    const aid = aidOf(record);
    const place = `${entry.place}/record ${index + 1}`;
    if (aid === undefined) findings.push(finding('V37', 'error', place, 'The record is no application template with an identifier.'));
    else if (named.has(aid)) findings.push(finding('V37', 'error', place, 'The application is named twice.'));
    else if (!aids.has(aid)) findings.push(finding('V37', 'error', place, `The application ${aid.toUpperCase()} is not in the package.`));
    if (aid !== undefined) named.add(aid);
  });
  // A wrong identifier in one record is one defect, not also the lack of the right one.
  if (findings.length > 0) return findings;
  return [...aids].filter((aid) => !named.has(aid)).map((aid) => finding('V37', 'error', entry.place, `The application ${aid.toUpperCase()} is not named in EF.DIR.`));
}

/** AID of an application template (61 holding 4F). */
function aidOf(record: Uint8Array): string | undefined {
  try {
    const { node } = readTlv(record, 0);
    const inner = node.tag === 0x61 ? readTlv(node.value, 0).node : undefined;
    return inner?.tag === 0x4f ? toHex(inner.value) : undefined;
  } catch (error) {
    if (error instanceof TlvError) return undefined;
    throw error;
  }
}

const RESERVED = new Set(['3fff', '7fff', 'ffff']);

/** Rule V38: file management finds its directories, and no identifier is given twice in one. */
export function checkPaths({ system }: Scope): Finding[] {
  const findings = system.lost.map(({ path, place, reason }) => finding('V38', 'error', place, reason === 'path'
    ? `The path ${path.toUpperCase()} leads to no directory made before.` : 'Content stands where no file was created.'));
  const seen = new Map<string, FileEntry>();
  for (const entry of system.files) {
    if (entry.link !== undefined && !system.files.some((other) => !other.skipped && pathOf(other) === entry.link)) {
      findings.push(finding('V38', 'error', entry.place, `It is a link to ${entry.link.toUpperCase()}, which does not exist.`, 'Create the file the link points to, or take the link out.'));
    }
    if (entry.skipped || entry.fid === undefined || entry.path.startsWith('????')) continue;
    if (entry.source === 'management' && RESERVED.has(entry.fid)) findings.push(finding('V38', 'error', entry.place, `The file identifier ${entry.fid.toUpperCase()} is reserved.`));
    const key = entry.kind === 'MF' ? 'MF' : `${entry.path}/${entry.fid}`;
    const other = seen.get(key);
    if (!other) seen.set(key, entry);
    // Two applications with one temporary identifier are V37's.
    else if (entry.kind !== 'ADF' || other.kind !== 'ADF') findings.push(finding('V38', 'error', entry.place, `Its file identifier ${entry.fid.toUpperCase()} is taken by ${other.place}.`));
  }
  return findings;
}
