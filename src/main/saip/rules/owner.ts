import { fromHex, sameBytes } from '../../../shared/tlv/index.ts';
import type { FileEntry } from '../file-system.ts';
import { imsiDigits } from '../encoders.ts';
import { type Finding, finding } from '../findings.ts';
import { bodyOf, named, type Scope } from './scope.ts';
import { hasService, serviceTables } from './service-table.ts';

/** profileOwner of the metadata, as text (SGP.22 v2.2, 2.4.5.4 and 5.5.5). */
export interface ProfileOwner {
  /** Five or six digits. */
  readonly plmn: string;
  /** Hexadecimal; absent when the metadata does not give it. */
  readonly gid1?: string;
  readonly gid2?: string;
}

/** Rule V29, what the eUICC compares itself: owner against EF.IMSI, EF.GID1, EF.GID2 and EF.UST (SGP.22 v2.2, 5.5.5). */
export function checkOwner(scope: Scope, owner: ProfileOwner | undefined): Finding[] {
  if (!owner) return [];
  const findings: Finding[] = [];
  const fix = 'Give profile owner and files the same network and group identifiers; the eUICC refuses the profile otherwise.';
  const error = (place: string, message: string): void => void findings.push(finding('V29', 'error', place, message, fix));
  const imsis = named(scope, 'ef-imsi');
  const matching = imsis.filter((entry) => imsiOf(scope, entry)?.startsWith(owner.plmn));
  // With several USIMs the owner reflects one of them (SGP.22 v2.2, 2.4.5.4).
  if (imsis.length > 0 && matching.length === 0) error(imsis[0]!.place, `The IMSI does not start with the network ${owner.plmn} of the profile owner.`);
  const home = matching[0] ?? imsis[0];
  const table = serviceTables(scope).find((one) => one.entry.path === home?.path);
  if (!home || !table) return findings;
  for (const [number, service] of [[1, 17], [2, 18]] as const) {
    const wanted = number === 1 ? owner.gid1 : owner.gid2;
    const available = hasService(table.body, service);
    if (wanted === undefined) {
      if (available) error(table.entry.place, `EF.UST says service ${service} (GID${number}) is available, but the profile owner has no GID${number}.`);
      continue;
    }
    const file = named(scope, `ef-gid${number}`).find((entry) => entry.path === home.path);
    const body = file && bodyOf(scope, file)?.body;
    if (!available) error(table.entry.place, `The profile owner has a GID${number}, but EF.UST says service ${service} is not available.`);
    else if (!body || !sameBytes(body, fromHex(wanted))) error(file?.place ?? table.entry.place, `EF.GID${number} is not the GID${number} of the profile owner.`);
  }
  return findings;
}

function imsiOf(scope: Scope, entry: FileEntry): string | undefined {
  const body = bodyOf(scope, entry)?.body;
  return body?.length === 9 ? imsiDigits(body) : undefined;
}
