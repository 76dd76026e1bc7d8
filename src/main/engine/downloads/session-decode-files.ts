/** Files as people hand them over: PEM blocks, private keys (never shown), DER that was cut off. Pure. */
import type { Finding } from '../../../shared/contract/sessions.ts';
import { readAll, readOne, TlvError, toHex } from '../../../shared/tlv/index.ts';

export interface PemBlock { readonly label: string; readonly body: string }

const begin = /-----BEGIN ([A-Z0-9 ]{1,40})-----/;
const BLOCKS = 24;

/** PEM blocks, also one whose END line is missing, and the text around them. */
export function pemBlocks(text: string): { readonly blocks: readonly PemBlock[]; readonly rest: string } {
  const blocks: PemBlock[] = [];
  let rest = '';
  let left = text;
  for (let found = begin.exec(left); found && blocks.length < BLOCKS; found = begin.exec(left)) {
    const label = found[1]!;
    rest += `${left.slice(0, found.index)}\n`;
    left = left.slice(found.index + found[0].length);
    const end = `-----END ${label}-----`;
    const stop = left.indexOf(end);
    blocks.push({ label, body: stop < 0 ? left : left.slice(0, stop) });
    left = stop < 0 ? '' : left.slice(stop + end.length);
  }
  return { blocks, rest: (rest + left).trim() };
}

export const privateKeyFinding: Finding = {
  kind: 'message', title: 'A private key', found: 'not shown', cause: 'This is a private key: whoever has it can act in the name of its owner. It was not decoded, and nothing of it is kept',
  action: 'Keep keys out of chats and logs; if this one went through one, have it replaced. What can be looked at here is its certificate',
};

function tagsOf(der: Uint8Array): readonly number[] | undefined {
  try {
    const root = readOne(der);
    return root.tag === 0x30 ? readAll(root.value).map((node) => node.tag) : undefined;
  } catch (error) {
    if (error instanceof TlvError) return undefined;
    throw error;
  }
}

/** PKCS#8, plain (RFC 5958) or encrypted, or an EC key of its own (RFC 5915), or an RSA key (RFC 8017). */
export function isPrivateKey(der: Uint8Array): boolean {
  const tags = tagsOf(der);
  if (tags === undefined) return false;
  const [first, second, third] = tags;
  if (first === 0x02 && second === 0x30 && third === 0x04) return true;
  // The version 1, the key, then its curve or its point.
  if (first === 0x02 && second === 0x04 && tags.slice(2).every((tag) => tag === 0xa0 || tag === 0xa1) && tags.length <= 4 && der[4] === 0x01) return true;
  if (tags.length === 2 && first === 0x30 && second === 0x04) return true;
  return tags.length >= 9 && tags.every((tag) => tag === 0x02);
}

/** How long the TLV is by its own header, where a message, a certificate or a list begins so. */
function announced(octets: Uint8Array): number | undefined {
  const tag = octets[0] === 0x30 || octets[0] === 0xa2 ? 1 : octets[0] === 0xbf && octets[1]! >= 0x20 && octets[1]! <= 0x41 ? 2 : 0;
  const first = octets[tag];
  if (tag === 0 || first === undefined) return undefined;
  if (first < 0x80) return tag === 2 ? tag + 1 + first : undefined;
  const size = first & 0x7f;
  if (size < 1 || size > 3 || octets.length < tag + 1 + size) return undefined;
  const length = octets.subarray(tag + 1, tag + 1 + size).reduce((sum, octet) => sum * 256 + octet, 0);
  return tag + 1 + size + length;
}

/** DER whose header says that there should be more of it; undefined when it is whole or begins otherwise. */
export function cutFinding(octets: Uint8Array): Finding | undefined {
  const length = announced(octets);
  if (length === undefined || length <= octets.length) return undefined;
  return {
    kind: 'message', title: `DER that was cut off, ${octets.length} of ${length} octets`, found: toHex(octets.subarray(0, 8)).toUpperCase(),
    cause: `It begins like a message, a certificate or a list of ${length} octets; ${octets.length} of them are here`, action: 'Copy the whole of it, or hand the file over',
  };
}
