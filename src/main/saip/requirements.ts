/** What a profile package asks of the eUICC it is installed on, read from its header and its applications. Pure. */
import { readPackage } from './package.ts';
import type { Node } from './tree.ts';

export interface PackageRequirements {
  /** SAIP version of the package. */
  readonly major: number;
  readonly minor: number;
  /** eUICC-Mandatory-services by name, in the order of their tags (SAIP 3.4.1, 8.2.1). */
  readonly services: readonly string[];
  /** eUICC-Mandatory-GFSTEList: template OIDs, dotted. */
  readonly templates: readonly string[];
  /** Octets its applications reserve beside the package itself (limits and quotas of tags C7 and C8). */
  readonly volatileBytes: number;
  readonly nonVolatileBytes: number;
}

const VOLATILE = 0xc7;
const NON_VOLATILE = 0xc8;
const BRANCHES = new Set([0xa1, 0xa2, 0x30, 0xef]);

/** Throws `SaipError` for what is no package. A package without a header asks for nothing. */
export function packageRequirements(der: Uint8Array): PackageRequirements {
  const { header, elements } = readPackage(der);
  const reserved = { volatileBytes: 0, nonVolatileBytes: 0 };
  for (const element of elements) if (element.name === 'application') for (const child of element.node.children ?? []) reserve(child, reserved);
  return {
    major: header?.majorVersion ?? 0, minor: header?.minorVersion ?? 0, services: header?.services ?? [], templates: header?.templates ?? [], ...reserved,
  };
}

/** Load package (A1), instances (A2, each 30) and their system specific parameters (EF); code and data of the applets stay unread. */
function reserve(node: Node, into: { volatileBytes: number; nonVolatileBytes: number }): void {
  if (node.tag === VOLATILE) into.volatileBytes += amount(node.value);
  else if (node.tag === NON_VOLATILE) into.nonVolatileBytes += amount(node.value);
  else if (BRANCHES.has(node.tag)) for (const child of node.children ?? []) reserve(child, into);
}

/** Unsigned octets; a quota has 2 or 4 (GlobalPlatform 11.5.2.3.7), anything longer says nothing. */
const amount = (value: Uint8Array): number => (value.length > 4 ? 0 : value.reduce((sum, octet) => sum * 256 + octet, 0));
