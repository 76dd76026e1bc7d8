import { type AccessTechnology, plmn, plmnWithAct } from './encoders.ts';
import { SaipError } from './errors.ts';
import type { LateName } from './slots.ts';

/** One network of a list with access technologies: PLMN as five or six digits. */
export interface PlmnEntry {
  readonly plmn: string;
  readonly act: readonly AccessTechnology[] | number;
}

export type ActListName = 'oplmnwact' | 'hplmnwact' | 'plmnwact';
export type PlmnListName = 'fplmn' | 'ehplmn';

/** Contents of the roaming lists, highest priority first. */
export interface RoamingLists {
  readonly oplmnwact?: readonly PlmnEntry[];
  readonly hplmnwact?: readonly PlmnEntry[];
  readonly fplmn?: readonly string[];
  readonly ehplmn?: readonly string[];
}

/** Octets of one entry: PLMN with access technologies 5, bare PLMN 3 (TS 31.102, 4.2.5 and 4.2.16). */
export function entrySize(name: LateName | 'plmnwact'): 3 | 5 {
  return name === 'fplmn' || name === 'ehplmn' ? 3 : 5;
}

/** Fills a list with empty entries: FFFFFF0000, or FFFFFF. */
export function emptyList(name: LateName | 'plmnwact', out: Uint8Array, at: number, length: number): void {
  const size = entrySize(name);
  for (let i = 0; i < length; i++) out[at + i] = size === 5 && i % 5 > 2 ? 0 : 0xff;
}

/**
 * Writes a list of `length` octets: the entries without holes, then empty ones. Throws {@link SaipError}
 * `LIST_TOO_LONG` when they do not fit and `LIST_BAD_ENTRY` or `SLOT_VALUE_BAD` for a bad entry.
 */
export function writeList(
  name: LateName | 'plmnwact', entries: readonly (PlmnEntry | string)[], out: Uint8Array, at: number, length: number,
): void {
  const size = entrySize(name);
  const room = Math.floor(length / size);
  if (entries.length > room) {
    throw new SaipError('LIST_TOO_LONG', `The list has ${entries.length} entries; the file has room for ${room}.`, name);
  }
  emptyList(name, out, at, length);
  entries.forEach((entry, index) => {
    const to = at + index * size;
    if (size === 3) {
      if (typeof entry !== 'string') throw new SaipError('LIST_BAD_ENTRY', 'This list takes bare PLMNs.', name);
      plmn(entry, out, to);
    } else {
      if (typeof entry === 'string') throw new SaipError('LIST_BAD_ENTRY', 'This list takes PLMNs with technologies.', name);
      plmnWithAct(entry.plmn, entry.act, out, to);
    }
  });
}
