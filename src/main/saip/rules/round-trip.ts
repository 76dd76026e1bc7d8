import { sameBytes } from '../../../shared/tlv/index.ts';
import type { CompiledTemplate } from '../compile.ts';
import { SaipError } from '../errors.ts';
import { type Finding, finding } from '../findings.ts';
import { encodePackage, readPackage } from '../package.ts';
import { readSlots } from '../personalise.ts';

/** Rule V40, first half: reading and writing a package gives the same bytes. */
export function checkRoundTrip(der: Uint8Array): Finding[] {
  try {
    const again = encodePackage(readPackage(der));
    return sameBytes(again, der) ? [] : [finding('V40', 'error', 'package', 'Written again, the package has other bytes.')];
  } catch (error) {
    if (!(error instanceof SaipError)) throw error;
    return [finding('V40', 'error', error.place ?? 'package', `The package cannot be read: ${error.message}`)];
  }
}

/**
 * Rule V40: a personalised package is DER that survives a round trip, is its template everywhere outside the slots, and
 * holds exactly the slot bytes it was made from. `slotBytes` are only compared; the copy read back is zeroed.
 */
export function checkReadBack(compiled: CompiledTemplate, upp: Uint8Array, slotBytes: Uint8Array): Finding[] {
  const findings = checkRoundTrip(upp);
  let found: Uint8Array | undefined;
  try {
    found = readSlots(compiled, upp);
    for (const slot of compiled.slots) {
      if (slot.late || sameBytes(found.subarray(slot.at, slot.at + slot.length), slotBytes.subarray(slot.at, slot.at + slot.length))) continue;
      findings.push(finding('V40', 'error', `slot ${slot.name}`, `The package holds another value for ${slot.name} than the row it was made from.`));
    }
    return findings;
  } catch (error) {
    if (!(error instanceof SaipError)) throw error;
    return [...findings, finding('V40', 'error', error.place ?? 'package', error.message)];
  } finally {
    found?.fill(0);
  }
}
