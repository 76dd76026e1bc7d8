import { checkDer } from './check-der.ts';
import { checkPins } from './check-pins.ts';
import { checkStructure } from './check-structure.ts';
import { checkAka, checkIdentifiers, type ValueContext } from './check-values.ts';
import { SaipError } from './errors.ts';
import { type Finding, finding } from './findings.ts';
import { type ProfilePackage, readPackage } from './package.ts';

/**
 * Checks a package against rules V01 to V11 and V25 to V30. Never throws for a bad package: bytes that cannot be read
 * at all are one finding of V02. Default secrets are warnings here; on a profile, `checkProfileValues` makes them errors.
 */
export function checkPackage(der: Uint8Array, context: ValueContext = {}): Finding[] {
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
  return [
    ...structure, ...checkDer(elements), ...checkPins(elements, ordered), ...checkAka(elements), ...checkIdentifiers(elements, context),
  ].sort((a, b) => (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0));
}

export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some((one) => one.severity === 'error');
}
