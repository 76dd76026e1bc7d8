import { buildActivationCode, lpaCode } from '../../../shared/identifiers/index.ts';
import type { FileRow } from './files.ts';

/** As it stands in the QR code, `LPA:1$address$MatchingID…` (SGP.22 v2.2, 4.1); undefined without an order that has one. */
export function activationCodeOf(row: Pick<FileRow, 'matching_id' | 'smdp_address' | 'confirmed'>): string | undefined {
  if (row.smdp_address === null || row.matching_id === null || row.matching_id === '') return undefined;
  try {
    return lpaCode(buildActivationCode({ smdpAddress: row.smdp_address, matchingId: row.matching_id, confirmationRequired: row.confirmed === 1 }));
  } catch (error) {
    // A MatchingID of a test suite that no LPA reads: there is nothing to hand out.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
