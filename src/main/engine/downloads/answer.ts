/** What an ES9+ function answers: its output fields, or a status code of SGP.22 v2.2, 5.2.6. */
import type { Identity } from '../keys/index.ts';

export interface Failure {
  readonly subject: string;
  readonly reason: string;
  /** One sentence; a client fails without it. Never holds an identifier of the order. */
  readonly message: string;
}

export type Answer<T> = { readonly ok: T } | { readonly failed: Failure };

export const failed = (code: string, message: string): { failed: Failure } => {
  const [subject = '', reason = ''] = code.split('/');
  return { failed: { subject, reason, message } };
};

export const codeOf = (failure: Failure): string => `${failure.subject}/${failure.reason}`;

/** What one listener may use: its identities, and the addresses it is reached at besides the workspace's own. */
export interface ListenerIdentities {
  readonly identities: readonly Identity[];
  /** `host:port` of the socket; counts as ours in a Lab. */
  readonly ownAddresses: readonly string[];
}

/** Where a request came from, and what the live screen shows of it. */
export interface Remote {
  readonly address: string;
  /** The address as limits count it: a whole /64 of IPv6 is one. The address itself when absent. */
  readonly network?: string;
  /** How the request was coded; JSON when absent. */
  readonly binding?: 'json' | 'asn1';
  /** Octets of the request body. */
  readonly requestBytes: number;
  /** Milliseconds since the request was complete. */
  elapsed(): number;
}

export const unknownTransaction = (): { failed: Failure } => failed('8.10.1/3.9', 'The RSP session identified by the TransactionID is unknown.');

/** Of a step that failed here (vault, disk, database): neither the device nor its user has a part in it. */
export const OWN_FAULT = '8.8/4.2';
export const ownFault = (): Failure => failed(OWN_FAULT, 'This SM-DP+ could not finish the step because of a fault of its own; the log of this machine names it.').failed;
