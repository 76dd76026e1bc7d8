import { toHex } from '../../shared/tlv/index.ts';
import { type AnnexFile, annexFiles, type FileKind } from './annex.ts';
import { ownerOf } from './check-structure.ts';
import { fileParts, type FileSource, type FileView, siteSource, viewSource } from './files.ts';
import { contextTag, CREATED_BY_DEFAULT, FILE_ELEMENTS, fileName } from './names.ts';
import { elementPlace, type ProfileElement } from './package.ts';
import { filesOf } from './slots.ts';
import { childOf, type Node } from './tree.ts';

/** One file or directory the eUICC would have after installing the package, whatever element made it. */
export interface FileEntry extends FileSource {
  readonly element: ProfileElement;
  /** Field name in a template; absent for a file made by file management. */
  readonly name: string | undefined;
  /** Name by which the standards know it: the field name, or that of the template file with this identifier in this directory. */
  readonly standard: string | undefined;
  readonly source: 'template' | 'management';
  /** The field of the template element, or the createFCP; absent when the template creates the file unasked. */
  readonly node: Node | undefined;
  readonly kind: FileKind;
  /**
   * File identifiers of the directories above it, hexadecimal and joined; '' is the MF. An ADF counts with its temporary
   * identifier, or with `@` and the place of its element where it has none.
   */
  readonly path: string;
  /** Own identifier; `@nnn` for an ADF without one, absent where it cannot be known. */
  readonly fid: string | undefined;
  /** Application identifier of an ADF, hexadecimal. */
  readonly aid: string | undefined;
  /** The template element says not to create it. */
  readonly skipped: boolean;
  /** Path of the file it is a link to, as FIDs in hexadecimal. */
  readonly link: string | undefined;
}

/** A filePath of file management that leads nowhere, or content without a file. */
export interface LostPath {
  readonly element: ProfileElement;
  readonly path: string;
  readonly place: string;
  readonly reason: 'path' | 'content';
}

export interface FileSystem {
  /** In the order of creation. */
  readonly files: readonly FileEntry[];
  readonly lost: readonly LostPath[];
}

/** The content of a file as the eUICC would hold it; of a link, that of the file it points to. Throws `SAIP_BAD_FILE`. */
export function viewEntry(system: FileSystem, entry: FileEntry): FileView {
  const target = entry.link === undefined ? undefined : system.files.find((other) => other.link === undefined && pathOf(other) === entry.link);
  return viewSource(target ?? entry);
}

/** Path of the file itself: that of its directory and its own identifier. */
export function pathOf(entry: Pick<FileEntry, 'path' | 'fid'>): string {
  return entry.path + (entry.fid === '3f00' ? '' : entry.fid ?? '????');
}

/** Files by name, or by path (`2fe2`, `7fd06f07`); skipped ones left out. */
export function findEntries(system: FileSystem, what: string): FileEntry[] {
  return system.files.filter((entry) => !entry.skipped && (entry.standard === what || pathOf(entry) === what.toLowerCase()));
}

const KIND_OF_DESCRIPTOR = (first: number): FileKind | undefined => {
  const type = first & 0x3f;
  if (type === 0x38) return 'DF';
  if (type === 0x39) return 'BT';
  if (type === 0x01) return 'TR';
  if (type === 0x02) return 'LF';
  return type === 0x06 ? 'CY' : undefined;
};

function kindOf(fcp: Node | undefined, preset: AnnexFile | undefined): FileKind {
  const first = childOf(fcp, 0x82)?.value[0];
  const own = first === undefined ? undefined : KIND_OF_DESCRIPTOR(first);
  if (preset && (own === undefined || own === 'DF')) return preset.kind;
  return own ?? 'TR';
}

/** Every file of the package and where it lies. Never throws for a package that could be read. */
export function fileSystem(elements: readonly ProfileElement[]): FileSystem {
  const files: FileEntry[] = [];
  const lost: LostPath[] = [];
  const homes = new Map<ProfileElement, string>();
  for (const element of elements) {
    if (element.name === 'genericFileManagement') walkManagement(element, files, lost);
    else if (FILE_ELEMENTS.has(element.name)) walkTemplate(element, elements, homes, files);
  }
  return { files, lost };
}

function walkTemplate(
  element: ProfileElement, elements: readonly ProfileElement[], homes: Map<ProfileElement, string>, files: FileEntry[],
): void {
  const above = homeOf(element, elements, homes);
  const paths = new Map<string, string>();
  const add = (name: string | undefined, node: Node | undefined, preset: AnnexFile | undefined): void => {
    const source = siteSource({ element, file: name ?? `file-${node!.tag.toString(16)}`, node });
    const kind = kindOf(source.fcp, preset);
    const path = (preset?.parent !== undefined ? paths.get(preset.parent) : undefined) ?? above;
    const fid = fidOf(source.fcp) ?? preset?.fid ?? (kind === 'ADF' ? anonymous(element) : undefined);
    const entry: FileEntry = {
      ...source, preset, element, name, standard: name, source: 'template', node, kind, path, fid, aid: hexOf(source.fcp, 0x84),
      skipped: childOf(node, 0x80) !== undefined, link: linkOf(source.fcp),
    };
    files.push(entry);
    if (name !== undefined && (kind === 'MF' || kind === 'DF' || kind === 'ADF')) {
      const own = kind === 'MF' ? '' : homePath(entry, files);
      paths.set(name, own);
      if (kind !== 'MF' && !homes.has(element)) homes.set(element, own);
    }
  };
  const known = annexFiles(element.name);
  const present = new Map(filesOf(element).map((node) => [node.tag, node]));
  known.forEach((preset, index) => {
    const node = present.get(contextTag(index + 2));
    if (node || CREATED_BY_DEFAULT.has(element.name)) add(preset.name, node, preset);
  });
  for (const node of filesOf(element)) if (fileName(element.name, node.tag) === undefined) add(undefined, node, undefined);
  if (!homes.has(element)) homes.set(element, above);
}

/** Path files of the directory get; a second application with one temporary identifier stays apart from the first. */
function homePath(entry: FileEntry, files: readonly FileEntry[]): string {
  const twin = entry.kind === 'ADF' && files.some((other) => other !== entry && other.kind === 'ADF' && pathOf(other) === pathOf(entry));
  return twin ? anonymous(entry.element) : pathOf(entry);
}

/** What stands for the identifier of an application that has none of its own. */
function anonymous(element: ProfileElement): string {
  return `@${String(element.index % 1000).padStart(3, '0')}`;
}

/** The directory an element works in: that of the application it belongs to, else the MF. */
function homeOf(element: ProfileElement, elements: readonly ProfileElement[], homes: ReadonlyMap<ProfileElement, string>): string {
  const owner = element.name === 'eap'
    ? elements.findLast((other) => other.index < element.index && (other.name === 'usim' || other.name === 'isim'))
    : ownerOf(elements, element);
  return (owner && homes.get(owner)) ?? '';
}

const hexOf = (fcp: Node | undefined, tag: number): string | undefined => {
  const value = childOf(fcp, tag)?.value;
  return value && toHex(value);
};
const fidOf = (fcp: Node | undefined): string | undefined => {
  const value = childOf(fcp, 0x83)?.value;
  return value?.length === 2 ? toHex(value) : undefined;
};
const linkOf = (fcp: Node | undefined): string | undefined => hexOf(fcp, 0xc7) || undefined;

/** File management: filePath selects a directory, createFCP makes a file there, offsets and contents fill it (SAIP 3.4.1, 8.3.5). */
function walkManagement(element: ProfileElement, files: FileEntry[], lost: LostPath[]): void {
  const place = elementPlace(element);
  for (const list of childOf(element.node, 0xa1)?.children ?? []) {
    let path: string | undefined = '';
    const items = list.children ?? [];
    for (let i = 0; i < items.length; i++) {
      const item = items[i]!;
      if (item.tag === 0x80) {
        const asked = toHex(item.value);
        path = isDirectoryPath(files, asked) ? asked : undefined;
        if (path === undefined) lost.push({ element, path: asked, place, reason: 'path' });
      }
      if ((item.tag === 0x02 || item.tag === 0x81) && !fillsFile(items, i)) lost.push({ element, path: path ?? '', place, reason: 'content' });
      if (item.tag !== 0x62) continue;
      const end = items.findIndex((other, at) => at > i && (other.tag === 0x62 || other.tag === 0x80));
      const kind = childOf(item, 0x84) ? 'ADF' : kindOf(item, undefined);
      const fid = fidOf(item);
      files.push({
        fcp: item, parts: fileParts(items.slice(i + 1, end < 0 ? undefined : end), 0x02, 0x81), preset: undefined,
        place: `${place}/${fid ?? 'createFCP'}`, element, name: undefined, standard: fid && standardName(files, path, fid), source: 'management', node: item,
        kind: fid === '3f00' ? 'MF' : kind, path: path ?? '????', fid, aid: hexOf(item, 0x84), skipped: false, link: linkOf(item),
      });
    }
  }
}

/** Templates whose files lie in a directory: by its identifier, or for an application by how its AID starts. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  '': ['mf'], '7f10': ['telecom'], '5fc0': ['df-5gs'], '5fd0': ['df-saip'], '5f3b': ['gsm-access'], 'a0000000871002': ['usim', 'opt-usim'],
  'a0000000871004': ['isim', 'opt-isim'], 'a0000003431002': ['csim', 'opt-csim'],
};

function standardName(files: readonly FileEntry[], path: string | undefined, fid: string): string | undefined {
  // A second file with the identifier of another is not that file; V38 says so.
  if (path === undefined || files.some((entry) => !entry.skipped && pathOf(entry) === path + fid)) return undefined;
  const directory = files.find((entry) => (entry.kind === 'DF' || entry.kind === 'ADF') && pathOf(entry) === path);
  const key = path === '' ? '' : directory?.kind === 'ADF' ? directory.aid?.slice(0, 14) ?? '?' : path.slice(-4);
  for (const element of HOMES[key] ?? []) {
    const found = annexFiles(element).find((file) => file.fid === fid && (file.parent === undefined || /^(mf|adf|df-telecom|df-df|df-gsm)/.test(file.parent)));
    if (found) return found.name;
  }
  return undefined;
}

function fillsFile(items: readonly Node[], at: number): boolean {
  for (let i = at - 1; i >= 0; i--) {
    if (items[i]!.tag === 0x62) return true;
    if (items[i]!.tag === 0x80) return false;
  }
  return false;
}

function isDirectoryPath(files: readonly FileEntry[], path: string): boolean {
  return path === '' || files.some((entry) => !entry.skipped && (entry.kind === 'DF' || entry.kind === 'ADF') && pathOf(entry) === path);
}
