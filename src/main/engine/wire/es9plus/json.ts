/** JSON binding of ES9+ (SGP.22 v2.2, 6.5): members of requests, bodies of replies. */
import type { Failure } from '../../downloads/index.ts';
import { BodyError } from '../https-listener.ts';
import type { Es9Call, Es9Name, Es9Outcome } from './functions.ts';

/** A member is missing or has another form; becomes a Failed answer. */
export class MemberError extends Error {
  readonly failure: Failure;
  constructor(reason: '2.1' | '2.2', message: string) {
    super(message);
    this.name = 'MemberError';
    this.failure = { subject: '1.6', reason, message };
  }
}

export type Members = Readonly<Record<string, unknown>>;

export function parseBody(body: Buffer): Members {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new BodyError(400, 'the body is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new BodyError(400, 'the body is not a JSON object');
  return value as Members;
}

export function textMember(members: Members, name: string, longest: number): string {
  const value = Object.hasOwn(members, name) ? members[name] : undefined;
  if (value === undefined || value === null) throw new MemberError('2.2', `The member ${name} is missing.`);
  if (typeof value !== 'string') throw new MemberError('2.1', `The member ${name} is not text.`);
  if (value.length > longest) throw new MemberError('2.1', `The member ${name} is too long.`);
  return value;
}

const WHITE = /[\t\n\r ]+/g;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Base64 with padding; line breaks, which some clients put in, are dropped. */
export function bytesMember(members: Members, name: string): Uint8Array {
  const given = textMember(members, name, Number.MAX_SAFE_INTEGER);
  const text = /[\t\n\r ]/.test(given) ? given.replace(WHITE, '') : given;
  if (text.length % 4 !== 0 || !BASE64.test(text)) throw new MemberError('2.1', `The member ${name} is not base64.`);
  if (text.length === 0) throw new MemberError('2.1', `The member ${name} is empty.`);
  return new Uint8Array(Buffer.from(text, 'base64'));
}

/** Hexadecimal transaction id in either case; another form names no session (8.10.1/3.9). */
export function transactionMember(members: Members): string {
  const text = textMember(members, 'transactionId', Number.MAX_SAFE_INTEGER);
  if (!/^(?:[0-9A-Fa-f]{2}){1,16}$/.test(text)) {
    const error = new MemberError('2.1', 'The RSP session identified by the TransactionID is unknown.');
    Object.assign(error, { failure: { subject: '8.10.1', reason: '3.9', message: error.message } satisfies Failure });
    throw error;
  }
  return text.toUpperCase();
}

export function successBody(fields: Readonly<Record<string, string | Uint8Array>>): string {
  const members: Record<string, unknown> = { header: { functionExecutionStatus: { status: 'Executed-Success' } } };
  for (const [name, value] of Object.entries(fields)) members[name] = typeof value === 'string' ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  return JSON.stringify(members);
}

/** Exactly the header: clients decide success by the members that are there, and some refuse one too many. */
export function failureBody(failure: Failure): string {
  return JSON.stringify({
    header: {
      functionExecutionStatus: {
        status: 'Failed', statusCodeData: { subjectCode: failure.subject, reasonCode: failure.reason, message: failure.message },
      },
    },
  });
}

/** Longer than any address: what is too long to be ours is answered as not ours (8.8.1/3.8). */
const ADDRESS = 8192;

/** The request of a function. A member that is not there or not readable throws {@link MemberError}. */
export function readJsonCall(name: Es9Name, members: Members): Es9Call {
  switch (name) {
    case 'initiateAuthentication': return { name, request: {
      euiccChallenge: bytesMember(members, 'euiccChallenge'), euiccInfo1: bytesMember(members, 'euiccInfo1'), smdpAddress: textMember(members, 'smdpAddress', ADDRESS),
    } };
    case 'authenticateClient': return { name, request: { transactionId: transactionMember(members), authenticateServerResponse: bytesMember(members, 'authenticateServerResponse') } };
    case 'getBoundProfilePackage': return { name, request: { transactionId: transactionMember(members), prepareDownloadResponse: bytesMember(members, 'prepareDownloadResponse') } };
    case 'cancelSession': return { name, request: { transactionId: transactionMember(members), cancelSessionResponse: bytesMember(members, 'cancelSessionResponse') } };
    case 'handleNotification': return { name, request: { pendingNotification: bytesMember(members, 'pendingNotification') } };
  }
}

/** Body of an outcome; undefined for a notification, which has none. */
export function writeJson(outcome: Es9Outcome): string | undefined {
  if (outcome.name === 'handleNotification') return undefined;
  return 'ok' in outcome.answer ? successBody(outcome.answer.ok as unknown as Readonly<Record<string, string | Uint8Array>>) : failureBody(outcome.answer.failed);
}
