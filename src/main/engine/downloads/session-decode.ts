/**
 * Reads whatever a person pastes from a phone, an LPA or a log and says what it means. Pure, bounded, and never throws: what
 * cannot be read is not found. Nothing of the text is kept.
 */
import type { Finding } from '../../../shared/contract/sessions.ts';
import { activationCodeInLink, parseActivationCode } from '../../../shared/identifiers/index.ts';
import { cancelMeanings, explainCancel, explainInstall, installMeanings, reasonNames, subjectNames } from '../../../shared/rsp-status/index.ts';
import {
  activationCodeFinding, androidErrorFinding, androidFinding, androidNameFinding, cancelByName, cancelFinding, eidFinding, halfFindings, iccidFinding, installByName, installFinding, plainName, statusFinding,
} from './session-decode-codes.ts';
import { clip, derTree } from './session-decode-der.ts';
import { cutFinding, isPrivateKey, pemBlocks, privateKeyFinding } from './session-decode-files.ts';

export const decodeLimits = { text: 65_536, findings: 40, nodes: 4_000, depth: 24, blobs: 24 } as const;

/** Identifiers the text speaks of, to look for in the workspace. */
export interface Mentioned { readonly eids: string[]; readonly iccids: string[]; readonly matchingIds: string[]; readonly transactionIds: string[] }
export interface Decoded { readonly findings: Finding[]; readonly tried: string[]; readonly mentioned: Mentioned }

const looked = [
  'a status code such as 8.2.6/3.8, with subject and reason in any spelling', 'JSON of an SM-DP+ reply or of an LPA\'s log', 'a detailed code of Android (0x0A8B1051, or the same as a number), an error of its EuiccManager (10002, ERROR_…)', 'an install result or cancel reason, by number or name',
  'DER in hexadecimal, base64 or PEM: messages BF20 to BF41, signed notifications, certificates, revocation lists', 'an activation code (LPA:1$…), an EID, an ICCID, a TransactionID',
];

interface Hunt {
  readonly findings: Finding[];
  readonly keys: Set<string>;
  readonly mentioned: Mentioned;
  nodes: number;
  blobs: number;
}

function add(hunt: Hunt, finding: Finding): void {
  const key = `${finding.kind} ${finding.code ?? ''} ${finding.title} ${finding.kind === 'message' || finding.kind === 'certificate' ? finding.found : ''}`;
  if (hunt.keys.has(key) || hunt.findings.length >= decodeLimits.findings) return;
  hunt.keys.add(key);
  hunt.findings.push(finding);
}

const addKnown = (hunt: Hunt, finding: Finding | undefined): void => {
  if (finding) add(hunt, finding);
};

const note = (list: string[], value: string): void => {
  if (list.length < 20 && !list.includes(value)) list.push(value);
};

const number = (value: unknown): number | undefined => (typeof value === 'number' && Number.isInteger(value) ? value : typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : undefined);
const dotted = /^[18](?:\.\d{1,2}){0,2}$/;

/** Octets of text that is hexadecimal or base64 as a whole, and begins as one of the messages does. */
function octetsOf(text: string): Uint8Array | undefined {
  const compact = text.replace(/\s+/g, '');
  if (compact.length < 8) return undefined;
  if (compact.length % 2 === 0 && /^[0-9A-Fa-f]+$/.test(compact)) return new Uint8Array(Buffer.from(compact, 'hex'));
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(compact) && compact.length % 4 === 0) return new Uint8Array(Buffer.from(compact, 'base64'));
  if (/^[A-Za-z0-9_-]+$/.test(compact) && /[-_]/.test(compact)) return new Uint8Array(Buffer.from(compact, 'base64url'));
  return undefined;
}

function seekDer(hunt: Hunt, text: string, from: string | undefined): boolean {
  if (hunt.blobs >= decodeLimits.blobs) return false;
  const octets = octetsOf(text);
  if (octets === undefined || octets.length < 4) return false;
  if (isPrivateKey(octets)) {
    add(hunt, privateKeyFinding);
    return true;
  }
  const tree = derTree(octets);
  // A plain TLV that nobody named is shown only when it was all of the text, in hexadecimal: any word is somebody's TLV.
  if (tree === undefined || (tree.name === undefined && (from !== undefined || !/^[0-9A-Fa-f\s]+$/.test(text)))) return false;
  hunt.blobs += 1;
  const certificate = tree.name === 'certificate';
  add(hunt, {
    kind: certificate ? 'certificate' : 'message', title: `${tree.name ?? 'TLV of no known message'}${from === undefined ? '' : ` in ${from}`}, ${octets.length} octets`, found: clip(text.replace(/\s+/g, ''), 60), tree: tree.rows, ...(tree.cut ? { cut: true } : {}),
  });
  let command: number | undefined;
  for (const row of tree.rows) {
    const { name, value } = row;
    if (value === undefined) continue;
    if (name === 'bppCommandId') command = number(value);
    if (name === 'errorReason') add(hunt, installFinding(explainInstall(Number(value)), `errorReason ${value}`, command));
    if (name === 'reason') add(hunt, cancelFinding(explainCancel(Number(value)), `reason ${value}`));
    if (name === 'iccid' && /^\d{18,20}$/.test(value)) note(hunt.mentioned.iccids, value);
    if (name === 'matchingId' && value !== 'empty') note(hunt.mentioned.matchingIds, value);
    if (name === 'transactionId') note(hunt.mentioned.transactionIds, value.toUpperCase());
    if ((name === 'eid' || name === 'subject serialNumber') && /^\d{32}$/.test(value)) note(hunt.mentioned.eids, value);
  }
  return true;
}

function identifier(hunt: Hunt, name: string, value: string): void {
  const key = plainName(name);
  if (key.endsWith('eid') && /^\d{32}$/.test(value)) mention(hunt, value);
  if (key.endsWith('iccid') && /^89\d{16,18}[fF]?$/.test(value)) mention(hunt, value);
  if (key.endsWith('matchingid') && /^[0-9A-Za-z-]{4,255}$/.test(value)) note(hunt.mentioned.matchingIds, value);
  if (key.endsWith('transactionid') && /^[0-9A-Fa-f]{2,32}$/.test(value)) note(hunt.mentioned.transactionIds, value.toUpperCase());
}

function mention(hunt: Hunt, digits: string): void {
  if (digits.length === 32) {
    add(hunt, eidFinding(digits));
    note(hunt.mentioned.eids, digits);
  } else {
    add(hunt, iccidFinding(digits));
    note(hunt.mentioned.iccids, digits.replace(/[fF]$/, ''));
  }
}

/** Walks a JSON value: codes, results, messages in base64, identifiers by the name of their member. */
function seekJson(hunt: Hunt, value: unknown, name: string, depth: number): void {
  if (depth > decodeLimits.depth || (hunt.nodes += 1) > decodeLimits.nodes) return;
  if (typeof value === 'string') {
    identifier(hunt, name, value);
    if (value.includes('-----BEGIN ')) return void seekPems(hunt, value);
    if (!seekDer(hunt, value, name === '' ? undefined : name) && value.length < 4_000) seekText(hunt, value);
    return;
  }
  if (typeof value === 'number' && /detailedcode/i.test(name)) for (const finding of androidFinding(value, `${name} ${value}`) ?? []) add(hunt, finding);
  if (typeof value === 'number' && /error_?code$/i.test(name)) addKnown(hunt, androidErrorFinding(value, `${name} ${value}`));
  if (Array.isArray(value)) {
    for (const item of value) seekJson(hunt, item, name, depth + 1);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const members = value as Readonly<Record<string, unknown>>;
  const text = (key: string): string | undefined => (typeof members[key] === 'string' ? members[key] as string : undefined);
  const subject = text('subjectCode') ?? text('subject_code');
  const reason = text('reasonCode') ?? text('reason_code');
  if (subject !== undefined && reason !== undefined && dotted.test(subject) && /^\d\.\d{1,2}$/.test(reason)) {
    const message = text('message');
    const about = text('subjectIdentifier') ?? text('subject_identifier');
    add(hunt, statusFinding(subject, reason, `${subject} / ${reason}`, { ...(message === undefined ? {} : { message }), ...(about === undefined ? {} : { identifier: about }) }));
  }
  const error = number(members['errorReason'] ?? members['error_reason']);
  if (error !== undefined) add(hunt, installFinding(explainInstall(error), `errorReason ${error}`, number(members['bppCommandId'] ?? members['bpp_command_id'])));
  const cancelled = number(members['reason']);
  if (cancelled !== undefined && /cancel/i.test(name)) add(hunt, cancelFinding(explainCancel(cancelled), `${name} reason ${cancelled}`));
  const payload = members['payload'];
  if (members['type'] === 'lpa' && typeof payload === 'object' && payload !== null) lpacLine(hunt, payload as Readonly<Record<string, unknown>>);
  for (const [key, inner] of Object.entries(members)) seekJson(hunt, inner, key, depth + 1);
}

/** A JSON line of lpac: `{"type":"lpa","payload":{"code":-1,"message":"es9p_authenticate_client","data":"…"}}`. */
function lpacLine(hunt: Hunt, payload: Readonly<Record<string, unknown>>): void {
  const { code, message, data } = payload;
  if (typeof message !== 'string' || typeof code !== 'number' || code === 0) return;
  const where = message.startsWith('es9p') ? 'It asked the SM-DP+ and was refused: the session of this moment shows the code' : message.startsWith('es10') ? 'The chip refused; the SM-DP+ was not asked' : 'The client gave up by itself';
  add(hunt, { kind: 'client', title: `lpac stopped at ${clip(message, 60)}`, found: clip(`${message} ${code}`), cause: where, ...(typeof data === 'string' && data !== '' ? { facts: [{ name: 'Said', value: clip(data, 300) }] } : {}) });
}

const pair = /(?<![\d.])([18](?:\.\d{1,2}){0,2})\s*(?:\/|\||,|;|:|_|-{1,2}|–|—|→|\band\b)\s*([1-6]\.\d{1,2})(?![\d]|\.\d)/g;
const labelled = /subject[\s_-]*(?:code)?["'\s:=()]*([18](?:\.\d{1,2}){0,2})(?![\d]|\.\d)[^0-9]{1,60}?reason[\s_-]*(?:code)?["'\s:=()]*([1-6]\.\d{1,2})(?![\d]|\.\d)/gi;
const labelledBack = /reason[\s_-]*(?:code)?["'\s:=()]*([1-6]\.\d{1,2})(?![\d]|\.\d)[^0-9]{1,60}?subject[\s_-]*(?:code)?["'\s:=()]*([18](?:\.\d{1,2}){0,2})(?![\d]|\.\d)/gi;
const android = /(?<![0-9A-Za-z])(?:0x([0-9A-Fa-f]{7,8})|(\d{8,10}))(?![0-9A-Za-z.])/g;
const codeInText = /lpa:1\$[^\s"'<>\\]{3,260}/gi;
const digitRun = /(?<!\d)(?:\d{32}|89\d{16,18}[fF]?)(?![\dA-Za-z])/g;
const blob = /(?<![A-Za-z0-9+/])(?:(?:BF[234][0-9A-F]|30|A2)[0-9A-Fa-f]{10,}|[A-Za-z0-9+/]{16,}={0,2})(?![A-Za-z0-9+/=])/gi;
const linked = /https:\/\/esimsetup\.(?:apple|android)\.com\/[^\s"'<>]{1,600}/gi;
/** Findings are capped by themselves; this bounds how much of a long log one pattern looks at. */
const PER_PATTERN = 10_000;

function each(text: string, pattern: RegExp, visit: (match: RegExpExecArray) => void): void {
  let seen = 0;
  for (const match of text.matchAll(pattern)) {
    if ((seen += 1) > PER_PATTERN) return;
    visit(match);
  }
}

/** Patterns inside prose and logs. */
function seekText(hunt: Hunt, text: string): void {
  const known = (subject: string, reason: string): boolean => subjectNames[subject] !== undefined && reasonNames[reason] !== undefined;
  each(text, labelled, ([all, subject, reason]) => add(hunt, statusFinding(subject!, reason!, all)));
  each(text, labelledBack, ([all, reason, subject]) => add(hunt, statusFinding(subject!, reason!, all)));
  each(text, pair, ([all, subject, reason]) => {
    if (known(subject!, reason!) || /[/_]/.test(all)) add(hunt, statusFinding(subject!, reason!, all));
  });
  each(text, android, ([all, hex, decimal]) => {
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    // A date or a telephone number is a number too: without 0x it counts beside its name, as operation 10, or alone.
    if (hex === undefined && !/detailed/i.test(text) && code >>> 24 !== 10 && text.trim() !== all) return;
    for (const finding of androidFinding(code, all) ?? []) add(hunt, finding);
  });
  each(text, /(?:error[\s_-]*code|EuiccManager|android)["'\s:=()#]*(100[01]\d)(?!\d)/gi, ([all, code]) => addKnown(hunt, androidErrorFinding(Number(code), all)));
  each(text, /(?<![A-Za-z_])(ERROR_[A-Z_]{4,40})(?![A-Za-z_])/g, ([, name]) => addKnown(hunt, androidNameFinding(name!)));
  each(text, /(?:error[\s_-]*reason)["'\s:=()#]*(\d{1,3})(?!\d)/gi, ([all, reason]) => add(hunt, installFinding(explainInstall(Number(reason)), all, number(/bpp[\s_-]*command[\s_-]*id["'\s:=()#]*(\d)/i.exec(text)?.[1]))));
  each(text, /cancel\w{0,20}[^0-9\n]{0,40}?reason["'\s:=()#]*(\d{1,3})(?![\d.])/gi, ([all, reason]) => add(hunt, cancelFinding(explainCancel(Number(reason)), all)));
  each(text, /[A-Za-z][A-Za-z_]{6,79}/g, ([word]) => {
    const name = plainName(word);
    const install = installByName.get(name);
    const cancel = cancelByName.get(name);
    // pprNotAllowed is both; what stands around it says which.
    if (install && !(cancel && /cancel/i.test(text))) add(hunt, installFinding(install, word));
    if (cancel && !(install && !/cancel/i.test(text)) && (name !== 'timeout' || /cancel/i.test(text))) add(hunt, cancelFinding(cancel, word));
  });
  each(text, codeInText, ([code]) => activation(hunt, code.replace(/[.,;)\]]+$/, '')));
  each(text, linked, ([link]) => {
    const code = activationCodeInLink(link);
    if (code !== undefined) activation(hunt, code);
  });
  each(text, digitRun, ([digits]) => mention(hunt, digits));
  each(text, /transaction[\s_-]*id["'\s:=()]*([0-9A-Fa-f]{16,32})(?![0-9A-Fa-f])/gi, ([, id]) => note(hunt.mentioned.transactionIds, id!.toUpperCase()));
  each(text, /matching[\s_-]*id["'\s:=()]*([0-9A-Z][0-9A-Z-]{4,80})/gi, ([, id]) => note(hunt.mentioned.matchingIds, id!));
}

function activation(hunt: Hunt, code: string): void {
  add(hunt, activationCodeFinding(code));
  const parsed = parseActivationCode(code);
  if (parsed.ok && parsed.value.matchingId !== '') note(hunt.mentioned.matchingIds, parsed.value.matchingId);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // not JSON: the other readers see it as text
  }
}

/** JSON values in the text: the whole of it, else what stands between the first brace and the last of a line. */
function jsonIn(text: string): { readonly values: unknown[]; readonly rest: string } {
  if (/^[[{"]/.test(text)) {
    const whole = parsed(text);
    if (whole !== undefined) return { values: [whole], rest: '' };
  }
  const values: unknown[] = [];
  const rest: string[] = [];
  for (const line of text.split('\n')) {
    const from = line.indexOf('{');
    const to = line.lastIndexOf('}');
    const value = from >= 0 && to > from && values.length < 400 ? parsed(line.slice(from, to + 1)) : undefined;
    if (value === undefined) rest.push(line);
    else {
      values.push(value);
      rest.push(`${line.slice(0, from)} ${line.slice(to + 1)}`);
    }
  }
  return { values, rest: rest.join('\n') };
}

/** The text as one thing: a bare number, a code, a name, a blob. True when there is nothing else in it to look for. */
function seekWhole(hunt: Hunt, text: string): boolean {
  const digits = text.replace(/[\s\u2009-]+/g, '');
  const two = /^([18](?:\.\d{1,2}){0,2})\s+([1-6]\.\d{1,2})$/.exec(text);
  if (two) add(hunt, statusFinding(two[1]!, two[2]!, text));
  if (/^\d{32}$/.test(digits) || /^89\d{16,18}[fF]?$/.test(digits)) {
    mention(hunt, digits);
    return true;
  }
  if (/^1\$[^$\s]*\$/.test(text)) {
    activation(hunt, text);
    return true;
  }
  if (/^\d{1,3}$/.test(text)) {
    for (const meaning of installMeanings) if (meaning.reason === Number(text)) add(hunt, installFinding(meaning, text));
    for (const meaning of cancelMeanings) if (meaning.reason === Number(text)) add(hunt, cancelFinding(meaning, text));
    return true;
  }
  if (dotted.test(text) || reasonNames[text] !== undefined) for (const finding of halfFindings(text)) add(hunt, finding);
  if (/^100[01]\d$/.test(text)) addKnown(hunt, androidErrorFinding(Number(text), text));
  if (/^OPERATION_[A-Z_]+$/.test(text)) addKnown(hunt, androidNameFinding(text));
  const short = cancelByName.get(plainName(text));
  if (short) add(hunt, cancelFinding(short, text));
  const body = text.replace(/^0x/i, '').replaceAll(':', '');
  if (seekDer(hunt, body, undefined)) return true;
  const octets = octetsOf(body);
  const cut = octets && cutFinding(octets);
  if (cut) {
    add(hunt, cut);
    // Of digits alone it could still be a code of Android, of which nobody can be sure.
    for (const finding of (/^\d{8,10}$/.test(text) && androidFinding(Number(text), text)) || []) add(hunt, { ...finding, title: `Perhaps ${finding.title}`, cause: `If it is a number of Android: ${finding.cause ?? ''}` });
    if (!/^[0-9A-Fa-f]{16,32}$/.test(digits) || !/[A-Fa-f]/.test(digits)) return true;
  }
  if (!/^[0-9A-Fa-f]{16,32}$/.test(digits) || !/[A-Fa-f]/.test(digits) || digits.length % 2 !== 0) return false;
  add(hunt, { kind: 'transaction-id', title: 'TransactionID of a session', found: digits.toUpperCase() });
  note(hunt.mentioned.transactionIds, digits.toUpperCase());
  return true;
}

function seekPem(hunt: Hunt, label: string, body: string): void {
  // By its name too: an encrypted key, or one of a form nobody here reads, is not shown either.
  if (label.includes('PRIVATE KEY')) return add(hunt, privateKeyFinding);
  const octets = octetsOf(body);
  if (octets === undefined || !seekDer(hunt, body, undefined)) {
    add(hunt, octets && cutFinding(octets) || { kind: 'message', title: `PEM block of ${label} that cannot be read`, found: `-----BEGIN ${label}-----`, cause: 'What stands between its lines is not base64 of DER: the text was altered or cut off', action: 'Copy the whole of it, or hand the file over' });
  }
}

/** Answers what is left of the text around the blocks. */
function seekPems(hunt: Hunt, text: string): string {
  const { blocks, rest } = pemBlocks(text);
  for (const { label, body } of blocks) seekPem(hunt, label, body);
  return rest;
}

/** What a pasted text says. Text beyond the limit is not read. */
export function decodeText(given: string): Decoded {
  const text = given.slice(0, decodeLimits.text).replaceAll('\u0000', '').trim();
  const hunt: Hunt = { findings: [], keys: new Set(), mentioned: { eids: [], iccids: [], matchingIds: [], transactionIds: [] }, nodes: 0, blobs: 0 };
  if (text !== '') {
    // Inside JSON a PEM block is found in its member.
    const around = /^[[{"]/.test(text) && parsed(text) !== undefined ? text : seekPems(hunt, text);
    const { values, rest } = jsonIn(around);
    for (const value of values) seekJson(hunt, value, '', 0);
    if (rest.trim() !== '') {
      if (!seekWhole(hunt, rest.trim())) {
        seekText(hunt, rest);
        each(rest, blob, ([found]) => seekDer(hunt, found, 'the text'));
      }
    }
  }
  return { findings: hunt.findings, tried: hunt.findings.length === 0 ? looked : [], mentioned: hunt.mentioned };
}
