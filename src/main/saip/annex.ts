import { fromHex } from '../../shared/tlv/index.ts';
import { ANNEX_LINES } from './annex-data.ts';

/** What a file is: master file, directory, application directory, transparent, linear fixed, cyclic or BER-TLV. */
export type FileKind = 'MF' | 'DF' | 'ADF' | 'TR' | 'LF' | 'CY' | 'BT';

/** A file as its template has it (SAIP 3.4.1, annex A). */
export interface AnnexFile {
  readonly name: string;
  /** Two octets in lower-case hexadecimal; absent where the profile chooses it. */
  readonly fid: string | undefined;
  readonly kind: FileKind;
  /** Octets of the whole file, or of one record; absent where the profile chooses it. */
  readonly size: number | undefined;
  /** Records of a linear fixed or cyclic file; absent for others and where the profile chooses it. */
  readonly records: number | undefined;
  readonly sfi: number | undefined;
  /** Record of the EF.ARR the template refers to. */
  readonly arr: number | undefined;
  /** What the file holds when the element says nothing: `fill` goes on with its last octet, `repeat` starts again. FF when both are absent. */
  readonly fill?: Uint8Array;
  readonly repeat?: Uint8Array;
  /** The element has to supply the content. */
  readonly content: boolean;
  /** The element has to have the field. */
  readonly required: boolean;
  /** The directory of the same element it lies in, by field name; absent when it lies in one made by another element. */
  readonly parent: string | undefined;
}

export const DIRECTORIES: ReadonlySet<FileKind> = new Set<FileKind>(['MF', 'DF', 'ADF']);

function parseLine(line: string, parent: string | undefined): AnnexFile {
  const [first, fid, shape, ...rest] = line.split(' ') as [string, string, string, ...string[]];
  const kind = shape.match(/^[A-Z]+/)![0] as FileKind;
  const [size, records] = shape.slice(kind.length).split('x').map((text) => (text === '' || text === '?' ? undefined : Number(text)));
  const find = (prefix: string): string | undefined => rest.find((word) => word.startsWith(prefix))?.slice(prefix.length);
  const sfi = find('s');
  const arr = find('a');
  const tail = find('t:');
  const fill = tail ? 'ff'.repeat(size! - tail.length / 2) + tail : find('f:');
  const repeat = find('r:');
  return {
    name: first.replace('*', ''), fid: fid === '-' ? undefined : fid, kind, size, records,
    sfi: sfi === undefined ? undefined : Number.parseInt(sfi, 16), arr: arr === undefined ? undefined : Number(arr),
    ...(fill ? { fill: fromHex(fill) } : {}), ...(repeat ? { repeat: fromHex(repeat) } : {}),
    content: rest.includes('!'), required: first.endsWith('*'), parent,
  };
}

/** A directory takes the files behind it up to the next one; directories of one element lie side by side in its first. */
function parseElement(lines: string): AnnexFile[] {
  let top: string | undefined;
  let parent: string | undefined;
  return lines.trim().split('\n').map((line, index) => {
    const kind = line.split(' ')[2]!;
    const directory = /^(MF|DF|ADF)$/.test(kind);
    const file = parseLine(line, directory ? (kind === 'ADF' ? undefined : top) : parent);
    if (directory) {
      parent = file.name;
      if (index === 0 || kind === 'ADF') top = file.name;
    }
    return file;
  });
}

const FILES: ReadonlyMap<string, readonly AnnexFile[]> = new Map(
  Object.entries(ANNEX_LINES).map(([element, lines]) => [element, parseElement(lines)]),
);

/** The template files of an element in the order of their tags from A2 on; none for an element without files. */
export function annexFiles(element: string): readonly AnnexFile[] {
  return FILES.get(element) ?? [];
}

const BY_NAME = new Map([...FILES].map(([element, files]) => [element, new Map(files.map((file) => [file.name, file]))]));

export function annexFile(element: string, name: string): AnnexFile | undefined {
  return BY_NAME.get(element)?.get(name);
}

/** Size of the whole file as the template has it, when it says one. */
export function annexSize(file: AnnexFile): number | undefined {
  if (file.size === undefined) return undefined;
  if (file.kind !== 'LF' && file.kind !== 'CY') return file.size;
  return file.records === undefined ? undefined : file.size * file.records;
}
