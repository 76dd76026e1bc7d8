/** What a tree of a package shows: which nodes are in sight, which fit a search, where a key leads. */
import type { TemplateNode } from '../../shared/contract/template-view.ts';
import { nodeMeaning, nodeName } from './template-words.ts';

export interface TreeLine {
  readonly node: TemplateNode;
  readonly level: number;
  readonly parent: string | undefined;
  readonly position: number;
  readonly siblings: number;
  readonly open: boolean;
}

const textOf = (node: TemplateNode): string =>
  [node.id, nodeName(node.name), nodeMeaning(node.name) ?? '', node.fid ?? '', ...node.decoded.flatMap(({ label, value }) => [label, value]), node.hex ?? ''].join('\n').toLowerCase();

/** The ids that fit a search by name, meaning, identifier or value, with everything above them; undefined without a search. */
export function fitting(elements: readonly TemplateNode[], search: string): ReadonlySet<string> | undefined {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return undefined;
  const shown = new Set<string>();
  const walk = (node: TemplateNode, above: readonly string[], inherited: string): void => {
    // A word may stand in the element above: "isim ad" finds EF.AD of the ISIM.
    const text = textOf(node);
    const all = `${text}\n${inherited}`;
    if (words.every((word) => all.includes(word)) && words.some((word) => text.includes(word))) for (const id of [...above, node.id]) shown.add(id);
    for (const child of node.children) walk(child, [...above, node.id], `${inherited}\n${nodeName(node.name).toLowerCase()} ${node.name}`);
  };
  for (const element of elements) walk(element, [], '');
  return shown;
}

/** The lines in sight. With a search everything that fits is open. */
export function treeLines(elements: readonly TemplateNode[], open: ReadonlySet<string>, shown: ReadonlySet<string> | undefined): TreeLine[] {
  const lines: TreeLine[] = [];
  const walk = (nodes: readonly TemplateNode[], level: number, parent: string | undefined): void => {
    const here = shown === undefined ? nodes : nodes.filter((node) => shown.has(node.id));
    here.forEach((node, at) => {
      const below = shown === undefined ? node.children : node.children.filter((child) => shown.has(child.id));
      const isOpen = below.length > 0 && (shown !== undefined || open.has(node.id));
      lines.push({ node, level, parent, position: at + 1, siblings: here.length, open: isOpen });
      if (isOpen) walk(node.children, level + 1, node.id);
    });
  };
  walk(elements, 1, undefined);
  return lines;
}

export type TreeStep = { readonly go: string } | { readonly open: string } | { readonly close: string };

/** Keys of a tree as WAI-ARIA has them: arrows, Home, End. Undefined for other keys and where nothing follows. */
export function treeStep(lines: readonly TreeLine[], at: string | undefined, key: string): TreeStep | undefined {
  const index = lines.findIndex((line) => line.node.id === at);
  const line = lines[index];
  const go = (to: TreeLine | undefined): TreeStep | undefined => to && { go: to.node.id };
  if (key === 'Home') return go(lines[0]);
  if (key === 'End') return go(lines.at(-1));
  if (line === undefined) return key === 'ArrowDown' || key === 'ArrowUp' ? go(lines[0]) : undefined;
  if (key === 'ArrowDown') return go(lines[index + 1]);
  if (key === 'ArrowUp') return go(lines[index - 1]);
  const below = lines[index + 1]?.parent === line.node.id ? lines[index + 1] : undefined;
  if (key === 'ArrowRight') return line.open ? go(below) : line.node.children.length > 0 ? { open: line.node.id } : undefined;
  if (key === 'ArrowLeft') return line.open ? { close: line.node.id } : line.parent === undefined ? undefined : { go: line.parent };
  return undefined;
}

/** The next line whose name begins with what was typed, from the one after `at` around; the same line when more letters follow. */
export function typeahead(lines: readonly TreeLine[], at: string | undefined, typed: string): string | undefined {
  const from = Math.max(0, lines.findIndex((line) => line.node.id === at)) + (typed.length === 1 ? 1 : 0);
  const wanted = typed.toLowerCase();
  for (let i = 0; i < lines.length; i++) {
    const line = lines[(from + i) % lines.length]!;
    const name = nodeName(line.node.name).toLowerCase();
    if (name.startsWith(wanted) || name.replace(/^(ef|df|adf)\./, '').startsWith(wanted)) return line.node.id;
  }
  return undefined;
}

/** The nodes above an id, for opening the way to it. */
export function above(elements: readonly TemplateNode[], id: string): string[] {
  const find = (nodes: readonly TemplateNode[], way: readonly string[]): string[] | undefined => {
    for (const node of nodes) {
      if (node.id === id) return [...way];
      const found = find(node.children, [...way, node.id]);
      if (found) return found;
    }
    return undefined;
  };
  return find(elements, []) ?? [];
}

export interface HexRow {
  readonly offset: string;
  /** Up to 16 octets, each two digits. */
  readonly octets: readonly string[];
  readonly text: string;
}

/** Rows of 16 octets with what of them can be printed. */
export function hexRows(hex: string): HexRow[] {
  const octets = hex.match(/../g) ?? [];
  return Array.from({ length: Math.ceil(octets.length / 16) }, (_, row) => {
    const list = octets.slice(16 * row, 16 * row + 16);
    return { offset: (16 * row).toString(16).padStart(4, '0'), octets: list, text: list.map((octet) => printable(Number.parseInt(octet, 16))).join('') };
  });
}

const printable = (code: number): string => (code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '·');

export interface RecordView {
  readonly first: number;
  readonly last: number;
  /** Octets of the record; of blank ones in a row none are shown. */
  readonly hex: string | undefined;
}

/** Records of a file; blank ones (all FF) in a row are one line. */
export function recordsOf(hex: string, recordLength: number): RecordView[] {
  const list: RecordView[] = [];
  for (let at = 0, n = 1; recordLength > 0 && at < hex.length; at += 2 * recordLength, n++) {
    const record = hex.slice(at, at + 2 * recordLength);
    const blank = /^f+$/i.test(record);
    const before = list.at(-1);
    if (blank && before !== undefined && before.hex === undefined) list[list.length - 1] = { ...before, last: n };
    else list.push({ first: n, last: n, hex: blank ? undefined : record });
  }
  return list;
}

/** The words of an access rule such as `6f06/10`: from the record of the EF.ARR the same application has, else of the one with that identifier before it. */
export function ruleWords(elements: readonly TemplateNode[], node: TemplateNode): string | undefined {
  const [, fid, record] = /^([0-9a-f]{4})\/(\d+)$/i.exec(node.arr ?? '') ?? [];
  if (fid === undefined) return undefined;
  const here = elements.findIndex((element) => node.id === element.id || node.id.startsWith(`${element.id}/`));
  for (let at = here; at >= 0; at--) {
    const file = elements[at]?.children.find((child) => child.fid === fid.toLowerCase() && child.name.startsWith('ef-arr'));
    if (file !== undefined) return file.decoded.find(({ label }) => label === `Rule ${record}`)?.value;
  }
  return undefined;
}
