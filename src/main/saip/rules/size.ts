import { createHash } from 'node:crypto';
import { isConstructed } from '../../../shared/tlv/index.ts';
import { type FileEntry, fileSystem } from '../file-system.ts';
import { declaredSize, contentEnd } from '../files.ts';
import { type Finding, finding } from '../findings.ts';
import { SaipError } from '../errors.ts';
import { elementPlace, type ProfileElement, type ProfilePackage } from '../package.ts';
import { pinList, pukList } from '../slots.ts';
import { childOf, encodeTree, type Node } from '../tree.ts';
import { isEf } from './scope.ts';

/**
 * Model of the estimate. An eUICC's own bookkeeping is the vendor's secret, so each thing costs its bytes and a fixed
 * overhead, rounded to what published sizes of real cards are near: 32 bytes for a file's control parameters, 48 for a
 * directory, 64 for an application directory, 16 for a code beside its eight bytes, 24 for a key beside its value, 256
 * for a security domain or an instance. A load block costs its length, an application what it reserves (tags C8).
 */
const OVERHEAD = { file: 32, directory: 48, application: 64, code: 16, key: 24, domain: 256, instance: 256, aka: 224 } as const;

/** What a package takes, in bytes. */
export interface SizeEstimate {
  readonly uppBytes: number;
  /** Estimate of the non-volatile memory it needs on the eUICC; compare with extCardResource, tag 82. */
  readonly nvmBytes: number;
  readonly byElement: readonly { readonly place: string; readonly uppBytes: number; readonly nvmBytes: number }[];
}

/** Size of a package and an estimate of the memory it takes when installed. Never throws for a package that could be read. */
export function estimateSize(pkg: ProfilePackage): SizeEstimate {
  const files = new Map<ProfileElement, number>();
  for (const entry of fileSystem(pkg.elements).files) files.set(entry.element, (files.get(entry.element) ?? 0) + fileBytes(entry));
  const byElement = pkg.elements.map((element) => ({
    place: elementPlace(element), uppBytes: encodeTree([element.node]).length, nvmBytes: (files.get(element) ?? 0) + otherBytes(element),
  }));
  const sum = (key: 'uppBytes' | 'nvmBytes'): number => byElement.reduce((total, one) => total + one[key], 0);
  return { uppBytes: sum('uppBytes'), nvmBytes: sum('nvmBytes'), byElement };
}

function fileBytes(entry: FileEntry): number {
  if (entry.skipped) return 0;
  if (!isEf(entry)) return entry.kind === 'ADF' ? OVERHEAD.application : OVERHEAD.directory;
  if (entry.link !== undefined) return OVERHEAD.file;
  try {
    return OVERHEAD.file + Math.max(declaredSize(entry) ?? 0, contentEnd(entry));
  } catch (error) {
    if (error instanceof SaipError) return OVERHEAD.file;
    throw error;
  }
}

function otherBytes(element: ProfileElement): number {
  const { name, node } = element;
  if (name === 'pinCodes') return pinList(element).length * (8 + OVERHEAD.code);
  if (name === 'pukCodes') return pukList(element).length * (8 + OVERHEAD.code);
  if (name === 'akaParameter') return OVERHEAD.aka;
  if (name === 'cdmaParameter' || name === 'nonStandard') return octets(node);
  if (name === 'rfm') return OVERHEAD.instance;
  if (name === 'securityDomain') {
    return OVERHEAD.domain + (childOf(node, 0xa2)?.children ?? []).reduce((total, key) => total + OVERHEAD.key + octets(childOf(key, 0x30)), 0) + octets(childOf(node, 0xa3));
  }
  return name === 'application' ? applicationBytes(element) : 0;
}

function applicationBytes({ node }: ProfileElement): number {
  const load = childOf(childOf(node, 0xa1), 0xc4)?.value.length ?? 0;
  const instances = childOf(node, 0xa2)?.children?.length ?? 0;
  return load + instances * OVERHEAD.instance + reserved(node);
}

/** Octets of tag C8 anywhere but in the load block: non-volatile memory asked for. */
function reserved(node: Node): number {
  let total = 0;
  for (const child of node.children ?? []) {
    if (child.tag === 0xc8 && child.value.length <= 4) total += child.value.reduce((sum, octet) => sum * 256 + octet, 0);
    else if (isConstructed(child.tag)) total += reserved(child);
  }
  return total;
}

function octets(node: Node | undefined): number {
  if (!node) return 0;
  return node.children ? node.children.reduce((sum, child) => sum + octets(child), 0) : node.value.length;
}

/** What a package may take; absent figures are not compared. */
export interface SizeBudget {
  readonly uppBytes?: number;
  /** Free non-volatile memory of the eUICC (extCardResource, tag 82). */
  readonly nvmBytes?: number;
}

const HASHES: Readonly<Record<number, string>> = { 20: 'sha1', 32: 'sha256', 48: 'sha384', 64: 'sha512' };

/** Rule V39: the package fits the budget, and load blocks are what their hash says. */
export function checkSize(pkg: ProfilePackage, budget: SizeBudget | undefined): Finding[] {
  const findings = pkg.elements.flatMap(checkLoadBlock);
  if (!budget) return findings;
  const { uppBytes, nvmBytes } = estimateSize(pkg);
  const over = (what: string, need: number, have: number | undefined): void => {
    if (have !== undefined && need > have) findings.push(finding('V39', 'warning', 'package', `${what} ${need} bytes; the budget is ${have}.`));
  };
  over('The package has', uppBytes, budget.uppBytes);
  over('Installed, the package takes about', nvmBytes, budget.nvmBytes);
  return findings;
}

function checkLoadBlock(element: ProfileElement): Finding[] {
  const block = element.name === 'application' ? childOf(element.node, 0xa1) : undefined;
  const hash = childOf(block, 0xc1)?.value;
  const code = childOf(block, 0xc4)?.value;
  if (!hash || hash.length === 0 || !code) return [];
  const algorithm = HASHES[hash.length];
  const same = algorithm !== undefined && Buffer.from(hash).equals(createHash(algorithm).update(code).digest());
  return same ? [] : [finding('V39', 'warning', `${elementPlace(element)}/loadBlock`, 'The hash of the load block is not that of its code.')];
}

