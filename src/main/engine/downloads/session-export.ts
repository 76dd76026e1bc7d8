/**
 * A session as a test fixture that may leave the house. What leads to a person, a brand or a machine is replaced by test values
 * of the same length, the same value by the same replacement wherever it stands; octets that were signed or drawn at random are
 * taken out. Pure: what it is given decides what it answers.
 */
import type { SessionFixture } from '../../../shared/contract/sessions.ts';
import { sessionFixtureFormat } from '../../../shared/contract/sessions.ts';
import { eidCheckDigits, luhnCheckDigit } from '../../../shared/identifiers/index.ts';

type Kind = 'EID' | 'ICCID' | 'MatchingID' | 'IMEI' | 'address' | 'TransactionID' | 'order' | 'name' | 'serial' | 'OID';

export interface ExportedStep {
  readonly at: number; readonly function: string; readonly milliseconds: number; readonly requestBytes: number; readonly responseBytes: number;
  readonly status: string; readonly code?: string; readonly request?: unknown; readonly response?: unknown;
}

export interface ExportedSession {
  readonly transactionId: string; readonly phase: SessionFixture['session']['phase']; readonly code?: string; readonly binding: string; readonly curve: string; readonly svn?: string; readonly tac?: string;
  readonly smdpAddress: string; readonly eid?: string; readonly iccid?: string; readonly orderId?: string; readonly matchingId?: string; readonly remote?: string;
  readonly steps: readonly ExportedStep[];
}

const pad = (n: number, length: number): string => String(n).padStart(length, '0');
const repeated = (unit: string, length: number): string => unit.repeat(Math.ceil(length / unit.length)).slice(0, length);

/** A test value of `length` characters, the `n`th of its kind. */
function testValue(kind: Kind, original: string, n: number): string {
  const { length } = original;
  switch (kind) {
    case 'EID': {
      // 8900 is no issuer; the check digits are right, so that what reads the file takes it for an EID.
      const body = `8900${pad(n, length - 6)}`;
      return length === 32 ? body + eidCheckDigits(body) : repeated(body, length);
    }
    case 'ICCID': {
      const digits = original.replace(/[fF]$/, '').length;
      const body = `8900${pad(n, Math.max(1, digits - 5))}`;
      return `${body}${luhnCheckDigit(body)}`.slice(0, digits) + original.slice(digits);
    }
    case 'IMEI': return original.slice(0, 8) + original.slice(8).replace(/\d/g, '0');
    case 'TransactionID': return `${repeated('7E57', length - 2)}${(n & 255).toString(16).padStart(2, '0').toUpperCase()}`.slice(-length);
    case 'serial': return repeated('7E57', length);
    case 'order': return `test-${pad(n, 40)}`.slice(0, length);
    case 'MatchingID': {
      let at = 0;
      const letters = `TEST${n}`;
      return original.replace(/[^-]/g, () => letters[at++ % letters.length]!);
    }
    case 'address': {
      const end = '.example';
      const head = length > end.length + 4 ? length - end.length : length;
      return `${`test${n}`.slice(0, head)}${repeated('x', Math.max(0, head - `test${n}`.length))}${head === length ? '' : end}`;
    }
    case 'OID': return `2.999.${'7'.repeat(Math.max(1, length - 6))}`.slice(0, Math.max(length, 7));
    case 'name': return repeated(`Test ${n} `, length);
  }
}

/** Members whose octets say nothing to a reader and are unique to the session. */
const removedMembers = /signature|^smdpSign$|^euiccSignPIR$|challenge|otpk$|hashCc|^simaResponse$|icon$/i;
const nameMembers = /^(subject|issuer|serviceProviderName|profileName|owner|sasAccreditationNumber|hostId)$/;
const addressMembers = /address$/i;

class Replacing {
  readonly #of = new Map<string, string>();
  readonly #kinds = new Map<Kind, number>();
  readonly #made = new Set<string>();
  readonly #plain: { readonly original: string; readonly to: string }[] = [];
  readonly removed = new Set<string>();

  value(kind: Kind, original: string): string {
    const key = original.toUpperCase();
    const known = this.#of.get(key);
    if (known !== undefined) return known;
    const n = (this.#kinds.get(kind) ?? 0) + 1;
    this.#kinds.set(kind, n);
    let to = testValue(kind, original, n);
    // A value so short that its test value equals it would stay.
    if (to.toUpperCase() === key) to = repeated('x', original.length);
    this.#of.set(key, to);
    this.#made.add(to);
    if (original.length >= 6) this.#plain.push({ original, to });
    return to;
  }

  /** What is known of the session anyway, also where it stands inside a sentence, and in swapped nibbles. */
  text(text: string): string {
    let out = text;
    for (const { original, to } of [...this.#plain].sort((a, b) => b.original.length - a.original.length)) {
      out = out.replaceAll(original, to);
      if (out.toUpperCase().includes(original.toUpperCase())) out = out.replace(new RegExp(original.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi'), to);
      if (/^\d+F?$/i.test(original)) out = out.replaceAll(swapped(original), swapped(to));
    }
    return out
      .replace(/(?<!\d)89\d{30}(?!\d)/g, (eid) => this.#fresh('EID', eid))
      .replace(/(?<!\d)89\d{16,18}[fF]?(?!\d)/g, (iccid) => this.#fresh('ICCID', iccid))
      .replace(/(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])/g, (address) => this.#fresh('address', address))
      .replace(/(?<!\d)\d{15,16}(?!\d)/g, (imei) => this.#fresh('IMEI', imei));
  }

  /** An address with its port, which says nothing of anybody. */
  address(text: string): string {
    const [, host, port] = /^(.*?)(:\d{1,5})?$/s.exec(text)!;
    return host ? this.value('address', host) + (port ?? '') : text;
  }

  #fresh(kind: Kind, text: string): string {
    return this.#made.has(text) || this.#made.has(text.replace(/[fF]$/, '')) ? text : this.value(kind, text);
  }

  list(): SessionFixture['replaced'] {
    return [...this.#kinds].map(([kind, values]) => ({ kind, values })).sort((a, b) => (a.kind < b.kind ? -1 : 1));
  }
}

const swapped = (digits: string): string => (digits.length % 2 ? `${digits}F` : digits).toUpperCase().replace(/(.)(.)/g, '$2$1').toLowerCase();

function cleaned(value: unknown, name: string, r: Replacing, depth = 0): unknown {
  if (depth > 32) return '…';
  if (Array.isArray(value)) return value.map((item) => cleaned(item, name, r, depth + 1));
  if (typeof value === 'object' && value !== null) {
    const out: Record<string, unknown> = {};
    for (const [key, inner] of Object.entries(value)) {
      if (removedMembers.test(key) && (typeof inner === 'string' || inner === null)) {
        r.removed.add(key);
        continue;
      }
      if (key === 'matchingId' && typeof inner === 'object' && inner !== null && 'start' in inner) {
        const { start } = inner as { start: unknown };
        out[key] = { ...inner, start: typeof start === 'string' && start !== '' ? repeated('TEST', start.length) : '' };
        continue;
      }
      out[r.text(key)] = cleaned(inner, key, r, depth + 1);
    }
    return out;
  }
  if (typeof value !== 'string' || value === '') return value;
  if (/^eid$/i.test(name)) return r.value('EID', value);
  if (/^iccid$/i.test(name)) return r.value('ICCID', value);
  // Only the TAC may be left of an IMEI already.
  if (/^imei$/i.test(name)) return /\d/.test(value.slice(8)) ? r.value('IMEI', value) : value;
  if (/^smdpOid$/.test(name)) return r.value('OID', value);
  if (/^serial$/i.test(name)) return r.value('serial', value);
  if (/matchingId|eventId/i.test(name)) return r.value('MatchingID', value);
  if (/^transactionId$/i.test(name)) return r.value('TransactionID', value);
  if (addressMembers.test(name)) return r.address(value);
  // `subject` is also the first half of a status code.
  if (nameMembers.test(name) && !/^\d+(\.\d+){0,2}$/.test(value)) return r.value('name', value);
  if (value.length > 64 && /^(?:[0-9A-Fa-f]+|[A-Za-z0-9+/_-]+={0,2})$/.test(value)) {
    r.removed.add(name);
    return `(${value.length} characters taken out)`;
  }
  return r.text(value);
}

/** The fixture of a session whose steps came in the order given. */
export function exportSession(session: ExportedSession): SessionFixture {
  const r = new Replacing();
  const transactionId = r.value('TransactionID', session.transactionId);
  const eid = session.eid === undefined ? undefined : r.value('EID', session.eid);
  const iccid = session.iccid === undefined ? undefined : r.value('ICCID', session.iccid);
  if (session.orderId !== undefined) r.value('order', session.orderId);
  if (session.matchingId) r.value('MatchingID', session.matchingId);
  if (session.remote !== undefined) r.address(session.remote);
  const smdpAddress = r.address(session.smdpAddress);
  const first = session.steps[0]?.at ?? 0;
  const steps = session.steps.map((step) => ({
    at: step.at - first, function: step.function, milliseconds: step.milliseconds, requestBytes: step.requestBytes, responseBytes: step.responseBytes, status: step.status,
    ...(step.code === undefined ? {} : { code: step.code }),
    ...(step.request === undefined ? {} : { request: cleaned(step.request, '', r) }), ...(step.response === undefined ? {} : { response: cleaned(step.response, '', r) }),
  }));
  return {
    format: sessionFixtureFormat, version: 1,
    session: {
      transactionId, phase: session.phase, binding: session.binding, curve: session.curve, smdpAddress,
      ...(session.code === undefined ? {} : { code: session.code }), ...(session.svn === undefined ? {} : { svn: session.svn }), ...(session.tac === undefined ? {} : { tac: session.tac }),
      ...(eid === undefined ? {} : { eid }), ...(iccid === undefined ? {} : { iccid }),
    },
    steps, replaced: r.list(), removed: [...r.removed].sort(),
  };
}
