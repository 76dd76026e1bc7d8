import { toHex } from '../../../shared/tlv/index.ts';
import { recordLengthOf, siteSource, viewFile } from '../files.ts';
import { SaipError } from '../errors.ts';
import { elementPlace, type ProfileElement } from '../package.ts';
import { FILE_ELEMENTS, fileTag } from '../names.ts';
import { filesOf } from '../slots.ts';
import { childOf, type Node } from '../tree.ts';
import { setMandatory } from './services.ts';
import { dropTemplates, noPlace, renumber, type Workbench, writeFile } from './workbench.ts';

/**
 * Takes the CDMA application out: its elements with their PINs, keys and file management, remote management of it alone,
 * its record in EF.DIR, its templates and services in the header. Refused while something that stays refers to it.
 */
export function editStripCsim(bench: Workbench): string {
  const csims = bench.elements.filter((element) => element.name === 'csim');
  if (csims.length === 0) throw noPlace('csim', 'The template has no CDMA application.');
  const facts = csims.map((element) => adfOf(element));
  const aids = new Set(facts.flatMap(({ aid }) => (aid ? [aid] : [])));
  const paths = facts.flatMap(({ fid }) => (fid ? [fid] : []));
  const gone = new Set<ProfileElement>();
  let inside = false;
  for (const element of bench.elements) {
    if (element.name === 'csim') inside = true;
    else if (startsOther(element)) inside = false;
    if (inside && (OWN.has(element.name) || element.name === 'csim')) gone.add(element);
    if (element.name === 'cdmaParameter' || element.name === 'opt-csim') gone.add(element);
    const adf = element.name === 'rfm' ? childOf(childOf(element.node, 0x30), 0x80) : undefined;
    if (adf && aids.has(toHex(adf.value))) gone.add(element);
  }
  const kept = bench.elements.filter((element) => !gone.has(element));
  for (const element of kept) refuseReferences(element, aids, paths);
  bench.elements = kept.flatMap((element) => (element.name === 'genericFileManagement' ? withoutPaths(element, paths) : [element]));
  renumber(bench);
  for (const element of gone) bench.places.add(elementPlace(element));
  cleanDirectory(bench, aids);
  dropTemplates(bench, (oid) => /^2\.23\.143\.1\.2\.1[01](?:\.\d+)?$/.test(oid));
  setMandatory(bench, [], ['csim', 'multiple-csim', 'cave']);
  bench.places.add('header');
  return `CDMA application removed with ${gone.size - csims.length} elements that served it`;
}

const OWN: ReadonlySet<string> = new Set(['pinCodes', 'akaParameter', 'cdmaParameter', 'opt-csim', 'eap']);

/** An element that ends what belongs to the application before it. */
function startsOther(element: ProfileElement): boolean {
  return ['usim', 'isim', 'iot', 'telecom', 'cd', 'securityDomain', 'rfm', 'application', 'genericFileManagement', 'nonStandard', 'end'].includes(element.name);
}

function adfOf(element: ProfileElement): { fid: string | undefined; aid: string | undefined } {
  const fcp = childOf(childOf(element.node, 0xa2), 0xa1);
  const [fid, aid] = [childOf(fcp, 0x83), childOf(fcp, 0x84)];
  return { fid: fid && toHex(fid.value), aid: aid && toHex(aid.value) };
}

function refuseReferences(element: ProfileElement, aids: ReadonlySet<string>, paths: readonly string[]): void {
  const place = elementPlace(element);
  const refuse = (message: string, where = place): never => {
    throw new SaipError('EDIT_REFUSED', message, where);
  };
  const source = element.name === 'akaParameter' ? childOf(childOf(childOf(element.node, 0xa1), 0xa0), 0x81) : undefined;
  if (source && aids.has(toHex(source.value))) refuse('Authentication parameters that stay are those of the CDMA application.');
  if (element.name === 'pinCodes') {
    const link = childOf(childOf(element.node, 0xa1), 0x81);
    if (link && paths.some((path) => toHex(link.value).startsWith(path))) refuse('PINs that stay are those of the CDMA application.');
  }
  const links = FILE_ELEMENTS.has(element.name) ? filesOf(element).map((file) => childOf(childOf(file, 0xa1), 0xc7)) : managed(element);
  if (links.some((link) => link && paths.some((path) => toHex(link.value).startsWith(path)))) refuse('A file that stays shares one of the CDMA application.');
}

function managed(element: ProfileElement): (Node | undefined)[] {
  if (element.name !== 'genericFileManagement') return [];
  return (childOf(element.node, 0xa1)?.children ?? []).flatMap((list) => (list.children ?? []).filter((item) => item.tag === 0x62).map((fcp) => childOf(fcp, 0xc7)));
}

/** File management without what happens below the application's path; without the element when nothing is left. */
function withoutPaths(element: ProfileElement, paths: readonly string[]): ProfileElement[] {
  const lists = childOf(element.node, 0xa1);
  if (!lists?.children) return [element];
  let path = '';
  let dropped = false;
  for (const list of lists.children) {
    list.children = (list.children ?? []).filter((item) => {
      if (item.tag === 0x80) path = toHex(item.value);
      const drop = paths.some((one) => path.startsWith(one));
      dropped ||= drop;
      return !drop;
    });
  }
  if (!dropped) return [element];
  lists.children = lists.children.filter((list) => list.children!.length > 0);
  return lists.children.length > 0 ? [element] : [];
}

function cleanDirectory(bench: Workbench, aids: ReadonlySet<string>): void {
  for (const element of bench.elements) {
    const tag = element.name === 'mf' || element.name === 'iot' ? fileTag(element.name, 'ef-dir') : undefined;
    const node = tag === undefined ? undefined : childOf(element.node, tag);
    if (!node) continue;
    const site = { element, file: 'ef-dir', node };
    const { body } = viewFile(site);
    const recordLength = recordLengthOf(siteSource(site));
    if (recordLength === 0) continue;
    const records: Uint8Array[] = [];
    for (let at = 0; at + recordLength <= body.length; at += recordLength) records.push(body.subarray(at, at + recordLength));
    const stay = records.filter((record) => ![...aids].some((aid) => toHex(record).includes(`4f${(aid.length / 2).toString(16).padStart(2, '0')}${aid}`)));
    if (stay.length === records.length) continue;
    const after = new Uint8Array(body.length).fill(0xff);
    stay.forEach((record, index) => after.set(record, index * recordLength));
    writeFile(bench, { element, name: 'ef-dir', place: `${elementPlace(element)}/ef-dir`, body, recordLength }, after);
  }
}
