import { explainStatus, nameStatus } from '../../shared/rsp-status/index.ts';

export interface Explained {
  readonly cause: string;
  readonly action: string;
  readonly owners: readonly string[];
}

const ownerNames: Readonly<Record<string, string>> = { operator: 'operator', user: 'user', device: 'device or chip maker', platform: 'this SM-DP+', 'sm-ds': 'SM-DS' };

/** Sentences of the engine that say more than the code they go with, and what helps then. */
const inDetail: readonly (readonly [RegExp, string])[] = [
  [/\bcertificate was revoked\b/i, 'Nothing here can repair it: whoever issued the certificate revoked it. The user needs another device, or its maker a new certificate.'],
  [/\bEID\b.*\b(range|outside|permitted)\b|\b(range|outside|permitted)\b.*\bEID\b/i, 'The chip names an EID that its maker may not give out. Ask the maker of the device; nothing here can repair it.'],
];

/** A refusal as it happened: the engine's own sentence first, what the code means in general only where it said nothing. */
export function explainRefusal(code: string, detail: string | undefined, own: { readonly cause?: string | undefined; readonly action?: string | undefined } = {}): Explained & { readonly general?: string } {
  const sentence = (text: string): string => (/[.!?…]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);
  const known = explainCode(code);
  const cause = own.cause === undefined ? known.cause : sentence(own.cause);
  const action = own.action === undefined ? known.action : sentence(own.action);
  if (detail === undefined || detail.trim() === '') return { ...known, cause, action };
  const special = inDetail.find(([form]) => form.test(detail))?.[1];
  const said = sentence(detail);
  return { cause: said, action: special ?? action, owners: special === undefined ? known.owners : [], ...(said.toLowerCase() === cause.toLowerCase() || special !== undefined ? {} : { general: cause }) };
}

/** A status code `subject/reason` in plain words; the standard's own names when nobody wrote more about it. */
export function explainCode(code: string): Explained {
  const known = explainStatus(code);
  if (known === undefined) return { cause: `${nameStatus(code)}.`, action: 'Look at the session of this moment.', owners: [] };
  return { cause: `${known.cause}.`, action: `${known.action}.`, owners: known.owners.map((owner) => ownerNames[owner] ?? owner) };
}
