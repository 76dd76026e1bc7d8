import { x25519 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import { readTlv, TlvError } from '../../../shared/tlv/index.ts';
import { type Finding, finding } from '../findings.ts';
import { blank, bodyOf, named, type Scope } from './scope.ts';
import { hasService, serviceTables } from './service-table.ts';

/** EF.SUCI_Calc_Info as read (TS 31.102, 4.4.11.8). */
export interface SuciInfo {
  /** Protection schemes by priority: 0 null, 1 profile A, 2 profile B; the index counts keys from 1, 0 is none. */
  readonly schemes: readonly { readonly id: number; readonly keyIndex: number }[];
  readonly keys: readonly { readonly id: number; readonly key: Uint8Array }[];
  /** What cannot be read; absent when all of it can. */
  readonly problem: string | undefined;
}

/** Reads the content of an EF.SUCI_Calc_Info. Nothing but FF is an empty file, which is fine. */
export function readSuci(body: Uint8Array): SuciInfo {
  const schemes: { id: number; keyIndex: number }[] = [];
  const keys: { id: number; key: Uint8Array }[] = [];
  const done = (problem?: string): SuciInfo => ({ schemes, keys, problem });
  if (blank(body)) return done();
  try {
    const list = readTlv(body, 0);
    if (list.node.tag !== 0xa0) return done('The list of protection schemes does not start with A0.');
    if (list.node.value.length % 2 !== 0) return done('The list of protection schemes is no list of pairs.');
    for (let i = 0; i < list.node.value.length; i += 2) schemes.push({ id: list.node.value[i]!, keyIndex: list.node.value[i + 1]! });
    if (list.end >= body.length || body[list.end] === 0xff) return blank(body.subarray(list.end)) ? done() : done('Something stands behind the list of protection schemes.');
    const found = readTlv(body, list.end);
    if (found.node.tag !== 0xa1) return done('The list of keys does not start with A1.');
    if (!blank(body.subarray(found.end))) return done('Something stands behind the list of keys.');
    for (let at = 0; at < found.node.value.length;) {
      const id = readTlv(found.node.value, at);
      const key = readTlv(found.node.value, id.end);
      if (id.node.tag !== 0x80 || id.node.value.length !== 1 || key.node.tag !== 0x81) return done('A key is not an identifier of one byte and the key itself.');
      keys.push({ id: id.node.value[0]!, key: key.node.value });
      at = key.end;
    }
    return done();
  } catch (error) {
    if (error instanceof TlvError) return done('The content is cut off or no TLV.');
    throw error;
  }
}

/** True when the octets are a point of the curve the scheme needs (TS 33.501, annex C). */
function onCurve(scheme: number, key: Uint8Array): boolean {
  try {
    // A point of small order gives the shared secret zero, which the library refuses.
    if (scheme === 1) x25519.scalarMult(new Uint8Array(32).fill(1), key);
    else p256.Point.fromBytes(key).assertValidity();
    return true;
  } catch {
    return false;
  }
}

/** Rule V34: SUCI data can be used as it is. */
export function checkSuci(scope: Scope): Finding[] {
  const findings: Finding[] = [];
  for (const table of serviceTables(scope)) {
    if (hasService(table.body, 125) && !hasService(table.body, 124)) {
      findings.push(finding('V34', 'error', table.entry.place, 'EF.UST has the USIM calculate the SUCI (125), but no protection of identities (124).'));
    }
  }
  for (const entry of named(scope, 'ef-suci-calc-info', 'ef-suci-calc-info-usim')) {
    const view = bodyOf(scope, entry);
    if (view) findings.push(...checkInfo(readSuci(view.body), entry.place, entry.standard === 'ef-suci-calc-info-usim'));
  }
  return findings;
}

function checkInfo({ schemes, keys, problem }: SuciInfo, place: string, onCard: boolean): Finding[] {
  const error = (message: string): Finding => finding('V34', 'error', place, message);
  if (problem !== undefined) return [error(problem)];
  const findings: Finding[] = [];
  const seen = new Set<number>();
  for (const { id, keyIndex } of schemes) {
    if (id === 0) {
      if (keyIndex !== 0) findings.push(error('The null scheme has no key.'));
      continue;
    }
    if (id !== 1 && id !== 2) {
      findings.push(error(`Protection scheme ${id} is unknown.`));
      continue;
    }
    if (onCard && seen.has(id)) findings.push(error(`The USIM takes one key of profile ${id === 1 ? 'A' : 'B'}, not several.`));
    seen.add(id);
    const key = keys[keyIndex - 1]?.key;
    if (!key) {
      findings.push(error(`The protection scheme names key ${keyIndex}; there are ${keys.length}.`));
      continue;
    }
    const lengths = id === 1 ? [32] : [33, 65];
    if (!lengths.includes(key.length)) findings.push(error(`Key ${keyIndex} has ${key.length} bytes instead of ${lengths.join(' or ')}.`));
    else if (!onCurve(id, key)) findings.push(error(`Key ${keyIndex} is no point of the curve of profile ${id === 1 ? 'A' : 'B'}.`));
  }
  return findings;
}
