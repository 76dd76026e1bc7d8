import { explainStatus, nameStatus } from '../../shared/rsp-status/index.ts';

export interface Explained {
  readonly cause: string;
  readonly action: string;
  readonly owners: readonly string[];
}

const ownerNames: Readonly<Record<string, string>> = { operator: 'operator', user: 'user', device: 'device or chip maker', platform: 'this SM-DP+', 'sm-ds': 'SM-DS' };

/** A status code `subject/reason` in plain words; the standard's own names when nobody wrote more about it. */
export function explainCode(code: string): Explained {
  const known = explainStatus(code);
  if (known === undefined) return { cause: `${nameStatus(code)}.`, action: 'Look at the session of this moment.', owners: [] };
  return { cause: `${known.cause}.`, action: `${known.action}.`, owners: known.owners.map((owner) => ownerNames[owner] ?? owner) };
}
