import { sameBytes } from '../../shared/tlv/index.ts';
import type { Field, PackageView, ViewNode } from './decode/types.ts';
import { readPackage } from './package.ts';
import { viewWith } from './tree-view.ts';

export interface DiffEntry {
  readonly id: string;
  /** Names from the element down: `usim / ef-spn`. */
  readonly name: string;
}

export interface DiffChange extends DiffEntry {
  readonly secret: boolean;
  /** What differs, as the tree shows it; of a secret only that it changed. */
  readonly before: readonly Field[];
  readonly after: readonly Field[];
}

export interface PackageDiff {
  readonly added: readonly DiffEntry[];
  readonly removed: readonly DiffEntry[];
  readonly changed: readonly DiffChange[];
}

interface Side {
  readonly view: PackageView;
  readonly secrets: ReadonlyMap<string, Uint8Array>;
}

/**
 * What differs between two packages, node by node. Elements belong together by kind and identification, then in their
 * order; ids are those of `a` for what was removed or changed, of `b` for what was added. Values of secrets are compared and
 * not told. Throws `SaipError` when one is no package.
 */
export function diffPackages(a: Uint8Array, b: Uint8Array): PackageDiff {
  const [left, right] = [side(a), side(b)];
  const out = { added: [] as DiffEntry[], removed: [] as DiffEntry[], changed: [] as DiffChange[] };
  compareLists(left.view.elements, right.view.elements, elementPairs(left.view.elements, right.view.elements), '', left, right, out);
  return out;
}

function side(der: Uint8Array): Side {
  const secrets = new Map<string, Uint8Array>();
  return { view: viewWith(readPackage(der), (id, value) => secrets.set(id, value)), secrets };
}

type Pairs = ReadonlyMap<ViewNode, ViewNode>;

function elementPairs(a: readonly ViewNode[], b: readonly ViewNode[]): Pairs {
  const pairs = new Map<ViewNode, ViewNode>();
  const taken = new Set<ViewNode>();
  const take = (one: ViewNode, fits: (other: ViewNode) => boolean): void => {
    if (pairs.has(one)) return;
    const found = b.find((other) => !taken.has(other) && other.name === one.name && fits(other));
    if (!found) return;
    pairs.set(one, found);
    taken.add(found);
  };
  for (const one of a) take(one, (other) => other.identification === one.identification);
  for (const one of a) take(one, () => true);
  return pairs;
}

/** Children belong together when the rest of their id behind the parent's is the same. */
function childPairs(a: ViewNode, b: ViewNode): Pairs {
  const byRest = new Map(b.children.map((child) => [child.id.slice(b.id.length), child]));
  const pairs = new Map<ViewNode, ViewNode>();
  for (const child of a.children) {
    const other = byRest.get(child.id.slice(a.id.length));
    if (other) pairs.set(child, other);
  }
  return pairs;
}

interface Out {
  readonly added: DiffEntry[];
  readonly removed: DiffEntry[];
  readonly changed: DiffChange[];
}

function compareLists(a: readonly ViewNode[], b: readonly ViewNode[], pairs: Pairs, above: string, left: Side, right: Side, out: Out): void {
  const name = (node: ViewNode): string => (above === '' ? node.name : `${above} / ${node.name}`);
  const matched = new Set(pairs.values());
  for (const node of a) {
    const other = pairs.get(node);
    if (other) compareNodes(node, other, name(node), left, right, out);
    else out.removed.push({ id: node.id, name: name(node) });
  }
  for (const node of b) if (!matched.has(node)) out.added.push({ id: node.id, name: name(node) });
}

function compareNodes(a: ViewNode, b: ViewNode, name: string, left: Side, right: Side, out: Out): void {
  const [before, after] = different(facts(a), facts(b));
  const secret = a.secret || b.secret;
  if (before.length + after.length > 0) out.changed.push({ id: a.id, name, secret, before, after });
  else if (secretsDiffer(a.id, b.id, left, right)) {
    out.changed.push({ id: a.id, name, secret: true, before: [{ label: 'Value', value: 'secret' }], after: [{ label: 'Value', value: 'another secret' }] });
  }
  compareLists(a.children, b.children, childPairs(a, b), name, left, right, out);
}

/** Everything a node shows. Octets stand for themselves only where nothing is decoded; the size of an element follows from its parts. */
function facts(node: ViewNode): Field[] {
  const { kind, fid, records, recordLength, arr, sfi, mandated, hex, size } = node;
  const list: Field[] = [{ label: 'Kind', value: kind }];
  const add = (label: string, value: string | number | boolean | undefined): void => void (value !== undefined && list.push({ label, value: String(value) }));
  add('File identifier', fid);
  if (kind !== 'element') add('Size', size);
  add('Records', records);
  add('Record length', recordLength);
  add('Access rules', arr);
  add('SFI', sfi);
  add('Mandated', mandated);
  list.push(...node.decoded);
  add('Octets', hex);
  return list;
}

/** Lines of each side the other lacks, in their order. Octets are told only when nothing else tells the difference. */
function different(a: readonly Field[], b: readonly Field[]): [Field[], Field[]] {
  const lacks = (one: readonly Field[], other: readonly Field[]): Field[] => {
    const left = new Map<string, number>();
    for (const { label, value } of other) left.set(`${label}\n${value}`, (left.get(`${label}\n${value}`) ?? 0) + 1);
    return one.filter(({ label, value }) => {
      const count = left.get(`${label}\n${value}`) ?? 0;
      if (count > 0) left.set(`${label}\n${value}`, count - 1);
      return count === 0;
    });
  };
  const [before, after] = [lacks(a, b), lacks(b, a)];
  const told = [...before, ...after].some((one) => one.label !== 'Octets');
  const keep = (list: Field[]): Field[] => (told ? list.filter((one) => one.label !== 'Octets') : list);
  return [keep(before), keep(after)];
}

function secretsDiffer(a: string, b: string, left: Side, right: Side): boolean {
  const keys = new Set([...left.secrets.keys()].filter((key) => own(key, a)).map((key) => key.slice(a.length)));
  for (const key of right.secrets.keys()) if (own(key, b)) keys.add(key.slice(b.length));
  for (const rest of keys) {
    const [x, y] = [left.secrets.get(a + rest), right.secrets.get(b + rest)];
    if (!x || !y || !sameBytes(x, y)) return true;
  }
  return false;
}

/** True for secrets of the node itself: its own id, a numbered part of it, or constants of its algorithm, but no child's. */
function own(key: string, id: string): boolean {
  return key === id || key.startsWith(`${id}#`) || key === `${id}/rotationConstants` || key === `${id}/xoringConstants`;
}
