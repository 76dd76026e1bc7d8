/**
 * SGP.22 status codes in plain language, as data: cause, who can put it right, what to do. Codes are compared as text.
 */
import { statusMeanings } from './codes.ts';
import type { StatusMeaning } from './codes.ts';
import { reasonNames, subjectNames } from './names.ts';

export * from './codes.ts';
export * from './install.ts';
export { reasonNames, subjectNames } from './names.ts';

const byCode = new Map<string, StatusMeaning>(statusMeanings.map((meaning) => [`${meaning.subject}/${meaning.reason}`, meaning]));

/** `8.2.6/3.8` from its two halves. */
export const statusCode = (subject: string, reason: string): string => `${subject}/${reason}`;

/**
 * Codes that a widespread client prints with a lost trailing zero (`8.1.1/3.1` where `8.1.1/3.10` was sent). A pair that
 * has a meaning of its own is never reread.
 */
const lostZero: Readonly<Record<string, string>> = {
  '8.1.1/3.1': '8.1.1/3.10', '8.2.6/3.1': '8.2.6/3.10', '8.8/3.1': '8.8/3.10', '8.8.5/4.1': '8.8.5/4.10', '8.2.1/3.1': '8.2.1/3.10',
};

/** The meaning of a code `subject/reason`; undefined when nobody knows it. Spaces around the slash are ignored. */
export function explainStatus(code: string): StatusMeaning | undefined {
  const text = code.replace(/\s+/g, '');
  return byCode.get(text) ?? byCode.get(lostZero[text] ?? '');
}

/** The meaning of a code in its two halves. */
export const statusEntry = (subject: string, reason: string): StatusMeaning | undefined => explainStatus(statusCode(subject, reason));

/** `MatchingID refused`-like text out of the specification's own names, for codes without a meaning of their own. */
export function nameStatus(code: string): string {
  const [subject = '', reason = ''] = code.split('/');
  return `${subjectNames[subject] ?? `Subject ${subject}`}: ${reasonNames[reason] ?? `reason ${reason}`}`;
}
