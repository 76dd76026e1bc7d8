/** Reads the members of a request. What is wrong becomes a status code that names the member and never its value. */
import type { z } from 'zod';
import type { Environment } from '../../context.ts';
import { statusCodeOf } from './codes.ts';
import type { Es2Code, Es2FunctionName, StatusCode } from './codes.ts';
import { es2Requests, memberRules, requestHeader } from './schemas.ts';
import type { Es2Request } from './schemas.ts';

export interface Es2Header {
  readonly requester: string;
  readonly callId: string;
}

export type Es2Members = Readonly<Record<string, unknown>>;
export interface Es2Refusal { readonly problem: Es2Code; readonly status: StatusCode }
export type ReadRequest<N extends Es2FunctionName> =
  | { readonly ok: true; readonly header: Es2Header; readonly body: Es2Request<N> }
  /** `header` is there when it could be read. */
  | { readonly ok: false; readonly header?: Es2Header; readonly refusal: Es2Refusal };

/**
 * Members for which an empty text says no more than their absence. An empty MatchingID has a meaning of its own, and an empty EID is
 * refused: who sends one meant to bind the order to a device.
 */
const meaninglessWhenEmpty = ['iccid', 'profileType', 'confirmationCode', 'smdsAddress'];

/** Host name, in a Lab with a port: what could name an SM-DS at all. */
const HOST = /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}(?<!-))?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}(?<!-))?)*$/;

function refuse(name: Es2FunctionName, problem: Es2Code, message?: string): Es2Refusal {
  const status = statusCodeOf(name, problem);
  return { problem, status: message === undefined ? status : { ...status, message } };
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) {
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return at;
}

function firstIssue(name: Es2FunctionName, error: z.ZodError, members: unknown, prefix: readonly string[]): Es2Refusal {
  const path = [...prefix, ...(error.issues[0]?.path ?? [])];
  const label = path.filter((part) => typeof part === 'string').join('.');
  const given = valueAt(members, path);
  // An empty identifier identifies nothing.
  if (given === undefined || given === null || (given === '' && prefix.length > 0)) return refuse(name, 'MEMBER_MISSING', `The parameter ${label} is missing.`);
  return refuse(name, 'MEMBER_INVALID', `The parameter ${label} ${memberRules[label] ?? memberRules[String(path[0])] ?? 'is invalid'}.`);
}

/** Own members only, `null` and meaningless empty texts left out. */
function present(members: Es2Members): Record<string, unknown> {
  const kept: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(members)) {
    const value = members[key];
    if (value === null || (value === '' && meaninglessWhenEmpty.includes(key))) continue;
    kept[key] = value;
  }
  return kept;
}

/** ICCID as it is stored: digits alone. */
export const plainIccid = (iccid: string): string => iccid.replace(/[Ff]+$/, '');

export function readRequest<N extends Es2FunctionName>(name: N, environment: Environment, given: Es2Members): ReadRequest<N> {
  const members = present(given);
  const header = requestHeader.safeParse(members['header']);
  if (!header.success) return { ok: false, refusal: firstIssue(name, header.error, members, ['header']) };
  const broken = illFormed({ ...header.data });
  if (broken !== undefined) return { ok: false, refusal: refuse(name, 'MEMBER_INVALID', `The parameter header.${broken} ${memberRules[`header.${broken}`]!}.`) };
  const who: Es2Header = { requester: header.data.functionRequesterIdentifier, callId: header.data.functionCallIdentifier };
  const parsed = es2Requests[name].safeParse(members);
  if (!parsed.success) return { ok: false, header: who, refusal: firstIssue(name, parsed.error, members, []) };
  const refusal = further(name, environment, parsed.data);
  if (refusal) return { ok: false, header: who, refusal };
  return { ok: true, header: who, body: parsed.data as Es2Request<N> };
}

/** A surrogate alone. */
export const halfCharacter = /\p{Surrogate}/u;

/** The first member whose text holds half a character: it can neither be stored nor hashed as it is. */
function illFormed(members: Readonly<Record<string, unknown>>): string | undefined {
  return Object.keys(members).find((key) => typeof members[key] === 'string' && halfCharacter.test(members[key]));
}

/** What no schema says. */
function further(name: Es2FunctionName, environment: Environment, body: Record<string, unknown>): Es2Refusal | undefined {
  const broken = illFormed(body);
  if (broken !== undefined) return refuse(name, 'MEMBER_INVALID', `The parameter ${broken} ${memberRules[broken]!}.`);
  if (name === 'downloadOrder' && body['iccid'] === undefined && body['profileType'] === undefined) return refuse(name, 'CONDITIONAL_MISSING');
  const { matchingId, smdsAddress } = body;
  if (environment !== 'lab' && typeof matchingId === 'string' && matchingId.includes('_')) return refuse(name, 'MEMBER_INVALID', `The parameter matchingId ${memberRules['matchingId']!}.`);
  if (typeof smdsAddress === 'string' && !HOST.test(environment === 'lab' ? smdsAddress.replace(/:\d{1,5}$/, '') : smdsAddress)) return refuse(name, 'SMDS_UNREACHABLE');
  return undefined;
}
