import { activationCodeInLink, type ActivationCode, parseActivationCode } from './activation-code.ts';
import { parseEid } from './eid.ts';
import { parseIccid, stripIccid } from './iccid.ts';
import { onlyDigits, withoutSeparators } from './result.ts';

/**
 * What a pasted text is.
 * `digits` is a piece of some number, to be looked for at both ends; `number` fits more than one kind by its length.
 */
export type Recognised =
  | { readonly kind: 'iccid'; readonly value: string }
  | { readonly kind: 'eid'; readonly value: string }
  /** `value` as typed: `00` in front may be the way out of a country or the beginning of a test network's IMSI. */
  | { readonly kind: 'number'; readonly value: string; readonly may: readonly ('imsi' | 'msisdn' | 'imei')[] }
  | { readonly kind: 'digits'; readonly value: string }
  | { readonly kind: 'activation-code'; readonly value: string; readonly parts: ActivationCode }
  | { readonly kind: 'matching-id'; readonly value: string }
  | { readonly kind: 'transaction-id'; readonly value: string }
  | { readonly kind: 'order-id'; readonly value: string }
  | { readonly kind: 'job-id'; readonly value: string }
  /** `B-12` and `I-7`: references of a batch and of an import. */
  | { readonly kind: 'batch' | 'import'; readonly value: string }
  /** As long as an ICCID and beginning like one, with a check digit that does not fit: a digit was mistyped. */
  | { readonly kind: 'iccid-mistyped'; readonly value: string }
  | { readonly kind: 'text'; readonly value: string };

const orderId = /^(?:ord|or|o)[_-][0-9a-z-]{6,}$/i;

/** An ICCID as it lies in EF.ICCID: the two digits of each octet changed over, F as filler. Undefined when it is none. */
function swappedIccid(compact: string): string | undefined {
  if (!/^98\d{16}(\d{2}|[fF]\d)$/.test(compact)) return undefined;
  const digits = compact.replace(/(.)(.)/g, '$2$1');
  const iccid = parseIccid(digits);
  return iccid.ok ? iccid.value : undefined;
}

/** An activation code as an address (`lpa://LPA:1$…`, `lpa:1%24…`) without what a phone's link puts around it. */
function withoutScheme(text: string): string {
  const bare = text.replace(/^lpa:\/*(?=lpa:|\d(?:\$|%24))/i, '');
  if (!bare.includes('%')) return bare;
  try {
    return decodeURIComponent(bare);
  } catch {
    return bare;
  }
}

/** Tells which identifier a pasted text is: with spaces, dashes, F padding, `LPA:` prefix, link, or only some digits of it. */
export function recognise(text: string): Recognised {
  const trimmed = text.trim();
  const code = activationCodeInLink(trimmed) ?? withoutScheme(trimmed);
  if (/^(lpa:)?\d\$/i.test(code)) {
    const parsed = parseActivationCode(code);
    if (parsed.ok) return { kind: 'activation-code', value: code.replace(/^lpa:/i, ''), parts: parsed.value };
  }
  if (/^job_[0-9a-f]{4,20}$/i.test(trimmed)) return { kind: 'job-id', value: trimmed.toLowerCase() };
  const reference = /^([BI])-(\d{1,15})$/i.exec(trimmed);
  if (reference) return { kind: reference[1]!.toUpperCase() === 'B' ? 'batch' : 'import', value: trimmed.toUpperCase() };
  if (orderId.test(trimmed)) return { kind: 'order-id', value: trimmed };
  const compact = withoutSeparators(trimmed);
  const stripped = stripIccid(trimmed);
  if (onlyDigits(stripped) && stripped.startsWith('89')) {
    const iccid = parseIccid(trimmed);
    if (iccid.ok && stripped.length >= 19) return { kind: 'iccid', value: iccid.value };
    if (!iccid.ok && stripped.length === 19) return { kind: 'iccid-mistyped', value: stripped };
  }
  const swapped = swappedIccid(compact);
  if (swapped !== undefined) return { kind: 'iccid', value: swapped };
  if (compact.startsWith('+') && onlyDigits(compact.slice(1))) return { kind: 'number', value: compact.slice(1), may: ['msisdn'] };
  if (onlyDigits(compact)) {
    if (compact.length === 32 && parseEid(compact).ok) return { kind: 'eid', value: compact };
    if (compact.length === 15) return { kind: 'number', value: compact, may: ['imsi', 'msisdn', 'imei'] };
    if (compact.length === 14) return { kind: 'number', value: compact, may: ['imsi', 'msisdn'] };
    if (compact.length >= 10 && compact.length <= 13) return { kind: 'number', value: compact, may: ['msisdn'] };
    return { kind: 'digits', value: compact };
  }
  if (/^[0-9a-f]{16,32}$/i.test(compact) && compact.length % 2 === 0) return { kind: 'transaction-id', value: compact.toUpperCase() };
  // A MatchingID as people type it: capital letters, digits, dashes; without a digit or two dashes it is a word.
  const token = trimmed.replace(/\s+/g, '').toUpperCase();
  if (/^[0-9A-Z-]{5,}$/.test(token) && /\d|-.*-/.test(token)) return { kind: 'matching-id', value: token };
  return { kind: 'text', value: trimmed };
}
