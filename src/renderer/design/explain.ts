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

/** Codes that stand for many causes: any fault of a certificate, its chain or a signature. */
const isVague = (code: string): boolean => /^8\.1(\.[23])?\/6\.[13]$|^8\.11\.1\/3\.9$/.test(code) || explainStatus(code) === undefined;

/** A refusal as it happened. Where the code stands for many causes, the engine's own sentence leads and `general` says what the code means; else it stands below, as `here`. */
export function explainRefusal(code: string, detail: string | undefined, own: { readonly cause?: string | undefined; readonly action?: string | undefined } = {}): Explained & { readonly general?: string; readonly here?: string } {
  const sentence = (text: string): string => (/[.!?…]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);
  const known = explainCode(code);
  const cause = own.cause === undefined ? known.cause : sentence(own.cause);
  const action = own.action === undefined ? known.action : sentence(own.action);
  if (detail === undefined || detail.trim() === '') return { ...known, cause, action };
  const special = inDetail.find(([form]) => form.test(detail))?.[1];
  const said = sentence(detail);
  if (!isVague(code)) return { ...known, cause, action, ...(said.toLowerCase() === cause.toLowerCase() ? {} : { here: said }) };
  return { cause: said, action: special ?? action, owners: special === undefined ? known.owners : [], ...(said.toLowerCase() === cause.toLowerCase() || special !== undefined ? {} : { general: cause }) };
}

/** A status code `subject/reason` in plain words; the standard's own names when nobody wrote more about it. */
export function explainCode(code: string): Explained {
  const known = explainStatus(code);
  if (known === undefined) return { cause: `${nameStatus(code)}.`, action: 'Look at the session of this moment.', owners: [] };
  return { cause: `${known.cause}.`, action: `${known.action}.`, owners: known.owners.map((owner) => ownerNames[owner] ?? owner) };
}
