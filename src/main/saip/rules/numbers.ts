import type { FileEntry } from '../file-system.ts';
import { imsiDigits, MSISDN_TAIL, SMSP_TAIL } from '../encoders.ts';
import { type Finding, finding } from '../findings.ts';
import { blank, bodyOf, named, recordsOf, type Scope } from './scope.ts';

/** Rule V31 on the number files of a package (TS 31.102, 4.2.26 and 4.2.27). */
export function checkNumbers(scope: Scope): Finding[] {
  return named(scope, 'ef-msisdn', 'ef-smsp').flatMap((entry) => {
    // CSIM has its own coding of EF.SMSP.
    if (entry.element.name === 'opt-csim' || entry.link !== undefined) return [];
    const view = bodyOf(scope, entry);
    if (!view) return [];
    const service = entry.standard === 'ef-smsp';
    const tail = service ? SMSP_TAIL : MSISDN_TAIL;
    if (view.recordLength < tail) return view.body.length === 0 ? [] : [finding('V31', 'error', entry.place, `A record of ${view.recordLength} bytes is too short; it needs at least ${tail}.`)];
    return recordsOf(view).flatMap((record, index) => {
      const problem = service ? smspProblem(record.subarray(-tail)) : diallingProblem(record.subarray(-tail), 0);
      return problem ? [finding('V31', 'error', `${entry.place}/record ${index + 1}`, problem)] : [];
    });
  });
}

/** What is wrong with the last 28 bytes of an EF.SMSP record; indicator bits are inverted: 0 is present. */
export function smspProblem(tail: Uint8Array): string | undefined {
  if (blank(tail)) return undefined;
  return (tail[0]! & 0x02) === 0 ? diallingProblem(tail, 13) : undefined;
}

/** What is wrong with a length, TON/NPI and ten BCD bytes; FF or 0 as length is an empty number. */
export function diallingProblem(bytes: Uint8Array, at: number): string | undefined {
  const length = bytes[at]!;
  if (length === 0xff || (length === 0 && blank(bytes.subarray(at + 2, at + 12)))) return undefined;
  if (length < 2 || length > 11) return `The number says it has ${length} bytes; 2 to 11 are possible.`;
  if (bytes[at + 1] !== 0x81 && bytes[at + 1] !== 0x91) return 'The type of number is neither 81 (national) nor 91 (international).';
  for (let i = 0; i < 20; i++) {
    const octet = bytes[at + 2 + (i >> 1)]!;
    const nibble = i & 1 ? octet >>> 4 : octet & 0xf;
    const inside = i < 2 * (length - 1);
    // The last half byte of an odd number of digits is F; digits, star, hash and wildcards count as digits.
    if (inside && nibble === 0xf && i !== 2 * (length - 1) - 1) return 'The number is shorter than its length says.';
    if (!inside && nibble !== 0xf) return 'The number is longer than its length says.';
  }
  return undefined;
}

const LISTS: Readonly<Record<string, 3 | 5>> = { 'ef-plmnwact': 5, 'ef-oplmnwact': 5, 'ef-hplmnwact': 5, 'ef-fplmn': 3, 'ef-ehplmn': 3 };

/** Rule V32 on the lists of networks (TS 31.102, 4.2.5, 4.2.16, 4.2.53, 4.2.54 and 4.2.84). */
export function checkLists(scope: Scope): Finding[] {
  return Object.entries(LISTS).flatMap(([name, unit]) => named(scope, name).flatMap((entry) => {
    const body = bodyOf(scope, entry)?.body;
    if (!body) return [];
    const home = name === 'ef-fplmn' ? homeOf(scope, entry) : undefined;
    const problem = listProblem(body, unit, home);
    return problem ? [finding('V32', 'error', entry.place, problem)] : [];
  }));
}

/** Own network of the USIM the list belongs to, as it stands in a list. */
function homeOf(scope: Scope, list: FileEntry): string | undefined {
  const beside = (name: string): Uint8Array | undefined => {
    const entry = named(scope, name).find((other) => other.path === list.path);
    return entry && bodyOf(scope, entry)?.body;
  };
  const imsi = beside('ef-imsi');
  const digits = imsi?.length === 9 ? imsiDigits(imsi) : undefined;
  const length = (beside('ef-ad')?.[3] ?? 2) & 0xf;
  return digits?.slice(0, 3 + (length === 3 ? 3 : 2));
}

/** What is wrong with a list of networks, the first problem only. */
export function listProblem(body: Uint8Array, unit: 3 | 5, home?: string): string | undefined {
  if (body.length === 0 || body.length % unit !== 0) return `The list of ${body.length} bytes is no whole number of entries of ${unit} bytes.`;
  const seen = new Set<string>();
  let ended = false;
  for (let at = 0; at < body.length; at += unit) {
    const entry = at / unit + 1;
    if (blank(body.subarray(at, at + 3))) {
      ended = true;
      continue;
    }
    if (ended) return `Entry ${entry} stands behind an empty one; the phone may not read it.`;
    const code = plmnText(body, at);
    if (code === undefined) return `Entry ${entry} is no network code.`;
    if (home !== undefined && code === home) return `Entry ${entry} forbids the own network ${code}.`;
    const act = unit === 5 ? body[at + 3]! * 256 + body[at + 4]! : 0;
    if (unit === 5) {
      const wrong = technologyProblem(act);
      if (wrong) return `Entry ${entry} (${code}): ${wrong}`;
    }
    const key = `${code}/${act}`;
    if (seen.has(key)) return `Entry ${entry} (${code}) stands in the list twice.`;
    seen.add(key);
  }
  return undefined;
}

/** Five or six digits of a PLMN, absent when it is none. */
function plmnText(bytes: Uint8Array, at: number): string | undefined {
  const nibbles = [bytes[at]! & 0xf, bytes[at]! >>> 4, bytes[at + 1]! & 0xf, bytes[at + 2]! & 0xf, bytes[at + 2]! >>> 4, bytes[at + 1]! >>> 4];
  const digits = nibbles[5] === 0xf ? nibbles.slice(0, 5) : nibbles;
  return digits.some((digit) => digit > 9) ? undefined : digits.join('');
}

function technologyProblem(act: number): string | undefined {
  if (act === 0) return 'no access technology is named.';
  if (act & 0x0003) return 'reserved bits of the access technology are set.';
  if (act & 0x3000 && !(act & 0x4000)) return 'a kind of E-UTRAN is chosen without E-UTRAN.';
  return act & 0x000c && !(act & 0x0080) ? 'a kind of GSM is chosen without GSM.' : undefined;
}
