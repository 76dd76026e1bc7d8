import type { Tone } from '../design/tokens.ts';

const day = 86_400_000;

export interface Validity {
  readonly tone: Tone;
  readonly word: string;
  /** Share of the validity that has passed, 0 to 1. */
  readonly passed: number;
}

/** Where a certificate stands in its validity: red when over or within 7 days, amber within 60. */
export function validityOf(notBefore: number, notAfter: number, now: number): Validity {
  const passed = notAfter <= notBefore ? 1 : Math.min(1, Math.max(0, (now - notBefore) / (notAfter - notBefore)));
  if (now < notBefore) return { tone: 'warning', word: 'Not valid yet', passed: 0 };
  const left = notAfter - now;
  if (left <= 0) return { tone: 'danger', word: 'Expired', passed: 1 };
  const days = Math.floor(left / day);
  if (days < 60) return { tone: days < 7 ? 'danger' : 'warning', word: days === 0 ? 'Ends today' : `${days} ${days === 1 ? 'day' : 'days'} left`, passed };
  return { tone: 'success', word: 'Valid', passed };
}
