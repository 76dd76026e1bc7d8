import { checkDer } from './check-der.ts';
import { checkPins } from './check-pins.ts';
import { checkStructure } from './check-structure.ts';
import { checkAka, checkIdentifiers, type ValueContext } from './check-values.ts';
import { SaipError } from './errors.ts';
import { fileSystem, type FileSystem } from './file-system.ts';
import { type Finding, finding, type RuleId } from './findings.ts';
import { type ProfilePackage, readPackage } from './package.ts';
import { checkCodes } from './rules/codes.ts';
import { checkDomains, checkManagement } from './rules/domains.ts';
import { checkFiles } from './rules/files.ts';
import { checkLists, checkNumbers } from './rules/numbers.ts';
import { checkOwner } from './rules/owner.ts';
import { checkDirectory, checkPaths } from './rules/paths.ts';
import type { Scope } from './rules/scope.ts';
import { checkServiceTables } from './rules/service-table.ts';
import { checkServices } from './rules/services.ts';
import { checkSize, type SizeBudget } from './rules/size.ts';
import { checkSuci } from './rules/suci.ts';
import { checkAccess, checkTemplates } from './rules/templates.ts';

/** What a package is compared with beyond the rules themselves. */
export interface PackageContext extends ValueContext {
  /** What the package may take (V39). */
  readonly budget?: SizeBudget;
}

/** Findings of these rules mean that files and applications cannot be told apart reliably. */
const ORDER: ReadonlySet<RuleId> = new Set<RuleId>(['V01', 'V04', 'V05', 'V06', 'V07']);

/**
 * Checks a package against the rules V01 to V39. Never throws for a bad package: bytes that cannot be read at all are one
 * finding of V02. One defect gives one finding where that can be: what elements mean together is looked at once they
 * stand in order. Default secrets are warnings here; on a profile, `checkProfileValues` makes them errors.
 */
export function checkPackage(der: Uint8Array, context: PackageContext = {}): Finding[] {
  let pkg: ProfilePackage;
  try {
    pkg = readPackage(der);
  } catch (error) {
    if (!(error instanceof SaipError)) throw error;
    return [finding('V02', 'error', error.place ?? 'package', error.message)];
  }
  const { elements } = pkg;
  const structure = checkStructure(elements);
  const ordered = !structure.some((one) => one.rule === 'V06');
  const aka = checkAka(elements);
  const system = fileSystem(elements);
  const lost = system.lost.filter((one) => one.reason === 'path').map((one) => one.path);
  const findings = [...structure, ...checkDer(elements), ...checkPins(elements, ordered, lost), ...aka, ...checkIdentifiers(elements, system, context)];
  if (!structure.some((one) => ORDER.has(one.rule))) findings.push(...checkContent(pkg, system, context, aka));
  return findings.sort((a, b) => (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0));
}

function checkContent(pkg: ProfilePackage, system: FileSystem, context: PackageContext, aka: readonly Finding[]): Finding[] {
  const scope: Scope = { elements: pkg.elements, header: pkg.header, system };
  const algorithmsSound = !aka.some((one) => one.rule === 'V25' || one.rule === 'V27');
  return [
    ...checkCodes(scope), ...checkFiles(scope), ...checkTemplates(scope), ...checkAccess(scope), ...checkServices(scope, algorithmsSound),
    ...checkOwner(scope, context.owner), ...checkNumbers(scope), ...checkLists(scope), ...checkServiceTables(scope), ...checkSuci(scope),
    ...checkDomains(scope), ...checkManagement(scope), ...checkDirectory(scope), ...checkPaths(scope), ...checkSize(pkg, context.budget),
  ];
}

export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some((one) => one.severity === 'error');
}
