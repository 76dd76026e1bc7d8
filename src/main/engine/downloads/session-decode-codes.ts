/** Findings for codes and identifiers: what a number, a name or a pair of codes means. Pure. */
import type { Finding } from '../../../shared/contract/sessions.ts';
import { parseActivationCode, parseEid, parseIccid } from '../../../shared/identifiers/index.ts';
import { bppCommandNames, cancelMeanings, explainStatus, installMeanings, nameStatus, reasonNames, statusMeanings, subjectNames } from '../../../shared/rsp-status/index.ts';
import type { CancelMeaning, InstallMeaning } from '../../../shared/rsp-status/index.ts';
import { clip } from './session-decode-der.ts';

type Facts = { name: string; value: string }[];
const facts = (...pairs: readonly (readonly [string, string | undefined])[]): Facts => pairs.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [{ name, value: clip(value, 300) }]));
const withFacts = (list: Facts): { facts?: Facts } => (list.length === 0 ? {} : { facts: list });

/** Code of operation 10 and of an SM-DP+'s reply. */
export function statusFinding(subject: string, reason: string, found: string, more: { readonly message?: string; readonly identifier?: string } = {}): Finding {
  const code = `${subject}/${reason}`;
  const meaning = explainStatus(code);
  const exact = meaning && `${meaning.subject}/${meaning.reason}`;
  return {
    kind: 'status', code, found: clip(found), title: nameStatus(code),
    ...(meaning ? { cause: meaning.cause, action: meaning.action, owners: [...meaning.owners], retry: meaning.retry } : { cause: `No more is known of this pair than its names: ${nameStatus(code)}` }),
    ...withFacts(facts(
      ['Subject', `${subject} ${subjectNames[subject] ?? 'unknown'}`], ['Reason', `${reason} ${reasonNames[reason] ?? 'unknown'}`],
      ['Read as', exact !== undefined && exact !== code ? `${exact}: this client drops a trailing zero` : undefined], ['Message', more.message], ['About', more.identifier],
    )),
  };
}

export function installFinding(meaning: InstallMeaning, found: string, command?: number): Finding {
  return {
    kind: 'install', title: `Install result ${meaning.reason}: ${meaning.name}`, found: clip(found), code: String(meaning.reason), cause: meaning.cause, action: meaning.action, retry: meaning.retryable ? 'yes' : 'no',
    ...withFacts(facts(['While', command === undefined ? undefined : `${command} ${bppCommandNames[command] ?? 'unknown part of the package'}`])),
  };
}

export function cancelFinding(meaning: CancelMeaning, found: string): Finding {
  return {
    kind: 'cancel', title: `Cancel reason ${meaning.reason}: ${meaning.name}`, found: clip(found), code: String(meaning.reason), cause: meaning.cause,
    action: meaning.terminal ? 'The order has ended: read why, then cancel it and order again' : 'The order stays downloadable: the user can try again', retry: meaning.terminal ? 'no' : 'yes',
    ...withFacts(facts(['Told to the operator as', meaning.code])),
  };
}

/** Names as logs write them: `install_failed_due_to…`, `InstallFailedDueTo…`. */
export const plainName = (name: string): string => name.replace(/[^A-Za-z]/g, '').toLowerCase();
export const installByName = new Map(installMeanings.map((meaning) => [plainName(meaning.name), meaning] as const));
export const cancelByName = new Map(cancelMeanings.map((meaning) => [plainName(meaning.name), meaning] as const));

const operations: Readonly<Record<number, string>> = {
  1: 'OPERATION_SYSTEM', 2: 'OPERATION_SIM_SLOT', 3: 'OPERATION_EUICC_CARD', 4: 'OPERATION_SWITCH', 5: 'OPERATION_DOWNLOAD', 6: 'OPERATION_METADATA', 7: 'OPERATION_EUICC_GSMA', 8: 'OPERATION_APDU', 9: 'OPERATION_SMDX',
  10: 'OPERATION_SMDX_SUBJECT_REASON_CODE', 11: 'OPERATION_HTTP',
};
const operationCauses: Readonly<Record<number, string>> = {
  1: 'The phone\'s system failed, not the chip and not us', 2: 'The SIM slot failed: no slot, or none that is active', 3: 'The chip in the phone failed', 4: 'Switching to another profile failed', 5: 'The download failed',
  6: 'The profile\'s metadata could not be read', 7: 'The chip refused a function of the standard', 8: 'The chip answered a command with an error', 9: 'The exchange with the SM-DP+ or SM-DS failed', 11: 'The SM-DP+ or SM-DS answered with an HTTP error',
};
/** ERROR_* of EuiccManager (Android 11 and later). */
const androidErrors: Readonly<Record<number, readonly [name: string, cause: string]>> = {
  10_000: ['ERROR_CARRIER_LOCKED', 'The phone is locked to another operator'], 10_001: ['ERROR_INVALID_ACTIVATION_CODE', 'The activation code is not a valid one'], 10_002: ['ERROR_INVALID_CONFIRMATION_CODE', 'The confirmation code is wrong'],
  10_003: ['ERROR_INCOMPATIBLE_CARRIER', 'The phone does not take this operator\'s profile'], 10_004: ['ERROR_EUICC_INSUFFICIENT_MEMORY', 'The chip has no room for this profile'], 10_005: ['ERROR_TIME_OUT', 'The phone waited too long'],
  10_006: ['ERROR_EUICC_MISSING', 'The phone finds no chip for eSIM'], 10_007: ['ERROR_UNSUPPORTED_VERSION', 'Chip or phone do not support the version'], 10_008: ['ERROR_SIM_MISSING', 'There is no SIM'], 10_009: ['ERROR_INSTALL_PROFILE', 'The profile could not be installed'],
  10_010: ['ERROR_DISALLOWED_BY_PPR', 'A policy rule of a profile forbids it'], 10_011: ['ERROR_ADDRESS_MISSING', 'The phone has no address of an SM-DP+'], 10_012: ['ERROR_CERTIFICATE_ERROR', 'A certificate was not accepted'],
  10_013: ['ERROR_NO_PROFILES_AVAILABLE', 'No profile waits for this chip'], 10_014: ['ERROR_CONNECTION_ERROR', 'The phone has no connection to the SM-DP+'], 10_015: ['ERROR_INVALID_RESPONSE', 'The phone did not understand the answer'], 10_016: ['ERROR_OPERATION_BUSY', 'The phone is busy with another operation'],
  10_017: ['ERROR_INVALID_PORT', 'The port of the chip is not a valid one'],
};
const askForLog = 'Ask for the phone\'s log; our side was not reached or not at fault';
const seeSession = 'Look at the session of this moment; without one, the phone did not reach us';
const androidActions: Readonly<Record<number, string>> = {
  10_000: 'The phone must be unlocked by the operator that sold it', 10_001: 'Compare it with the activation code of the order; look for a typing error or a damaged QR code',
  10_002: 'Compare it with the one given to the user; the order shows the tries left', 10_004: 'Ask the user to delete an unused eSIM, then try the same order again', 10_005: seeSession,
  10_009: 'Look at the install result in the session of this moment', 10_010: 'Use a template without policy rules', 10_011: 'Use an activation code: it holds the address',
  10_012: 'Compare the roots: a test phone against a live identity, or the other way round; then the TLS certificate', 10_013: 'Look whether an order is released for this EID, at this address', 10_014: seeSession, 10_015: seeSession,
  10_016: 'Wait, then try the same order again',
};
const androidByName = new Map(Object.entries(androidErrors).map(([code, [name]]) => [name, Number(code)] as const));
const operationByName = new Map(Object.entries(operations).map(([code, name]) => [name, Number(code)] as const));

/** An error of EuiccManager by its number alone (EXTRA_EMBEDDED_SUBSCRIPTION_ERROR_CODE). */
export function androidErrorFinding(code: number, found: string): Finding | undefined {
  const known = androidErrors[code];
  if (!known) return undefined;
  const device = ![10_001, 10_002, 10_010, 10_013].includes(code);
  return {
    kind: 'android', title: `Android ${code}: ${known[0]}`, code: String(code), found: clip(found), cause: known[1], action: androidActions[code] ?? askForLog, owners: device ? ['device'] : ['operator', 'user'],
    facts: [{ name: 'Error of EuiccManager', value: `${code} ${known[0]}` }],
  };
}

/** The same by its name; an operation (EXTRA_EMBEDDED_SUBSCRIPTION_OPERATION_CODE) says only where it went wrong. */
export function androidNameFinding(name: string): Finding | undefined {
  const error = androidByName.get(name);
  if (error !== undefined) return androidErrorFinding(error, name);
  const operation = operationByName.get(name);
  if (operation === undefined) return undefined;
  return {
    kind: 'android', title: `Android operation ${operation}: ${name}`, found: name, cause: operationCauses[operation] ?? 'The SM-DP+ or SM-DS answered with a status code of its own',
    action: operation === 10 ? 'Ask for the subject and reason code beside it' : 'Ask for the error code or detailed code beside it', facts: [{ name: 'Operation', value: `${operation} ${name}` }],
  };
}

/** Half of a status code, alone: what the other half can be. */
export function halfFindings(text: string): Finding[] {
  const found: Finding[] = [];
  const half = (which: 'Subject' | 'Reason', name: string | undefined): void => {
    if (name === undefined) return;
    const pairs = statusMeanings.filter((meaning) => (which === 'Subject' ? meaning.subject : meaning.reason) === text).slice(0, 12);
    found.push({
      kind: 'status', title: `${which} code ${text}: ${name}`, found: text,
      cause: which === 'Subject' ? 'Half of a status code: it says what was wrong; the reason code beside it says why' : 'Half of a status code: it says why; the subject code beside it says what was wrong',
      action: `Ask for the ${which === 'Subject' ? 'reason code, such as 3.8' : 'subject code, such as 8.2.6'}`, ...withFacts(facts(...pairs.map((meaning) => [`${meaning.subject}/${meaning.reason}`, meaning.cause] as const))),
    });
  };
  half('Subject', subjectNames[text]);
  half('Reason', reasonNames[text]);
  return found;
}

/** `0x8B1051` as `8.11.1` and `5.1`: three nibbles each, leading zeros left out. */
function nibbles(low: number): { subject: string; reason: string } {
  const text = (from: number): string => [8, 4, 0].map((shift) => (from >> shift) & 15).join('.').replace(/^(0\.)+/, '');
  return { subject: text(low >>> 12), reason: text(low & 0xfff) };
}

/** Detailed code of Android's EuiccManager: operation in the top octet. Undefined when the octet names no operation. */
export function androidFinding(code: number, found: string): Finding[] | undefined {
  const operation = code >>> 24;
  const name = operations[operation];
  const low = code & 0xff_ffff;
  if (name === undefined || !Number.isInteger(code) || code < 0 || code > 0x7fff_ffff) return undefined;
  const written = `0x${code.toString(16).toUpperCase().padStart(8, '0')}`;
  if (operation === 10) {
    const { subject, reason } = nibbles(low);
    if (!/^[18]/.test(subject) || !reason.includes('.')) return undefined;
    const inner = statusFinding(subject, reason, found);
    return [{ ...inner, kind: 'android', title: `Android ${written}: ${inner.title}`, facts: [{ name: 'Operation', value: `10 ${name}` }, ...(inner.facts ?? [])] }];
  }
  const known = androidErrors[low];
  const detail = operation === 11 ? `HTTP status ${low}` : operation === 8 ? `SW ${(low & 0xffff).toString(16).toUpperCase().padStart(4, '0')}` : known ? `${low} ${known[0]}` : String(low);
  return [{
    kind: 'android', title: `Android ${written}: ${known?.[0] ?? name}`, found: clip(found), cause: known?.[1] ?? operationCauses[operation]!,
    action: operation === 11 ? 'Look whether a session of this moment is in the list; without one, something between phone and SM-DP+ answered' : operation === 9 ? 'Look at the session of this moment: it has the SM-DP+\'s own code' : known ? androidActions[low] ?? askForLog : askForLog,
    owners: operation === 9 || operation === 11 ? ['platform', 'device'] : ['device'], facts: facts(['Operation', `${operation} ${name}`], ['Detail', detail]),
  }];
}

export function eidFinding(digits: string): Finding {
  const checked = parseEid(digits);
  return {
    kind: 'eid', title: 'EID of an eUICC', found: digits, cause: checked.ok ? 'Its check digits are right' : checked.message,
    facts: facts(['Country and issuer', digits.slice(0, 5)], ['Chip maker (EUM, first 8 digits)', digits.slice(0, 8)], ['Version', digits.slice(8, 13)], ['Serial', digits.slice(13, 30)], ['Check digits', `${digits.slice(30)}, ${checked.ok ? 'right' : 'wrong'}`]),
  };
}

export function iccidFinding(text: string): Finding {
  const digits = text.replace(/[fF]$/, '');
  const checked = parseIccid(digits);
  return {
    kind: 'iccid', title: 'ICCID of a profile', found: text, cause: checked.ok ? (digits.length === 19 ? 'Its check digit is right' : 'Twenty digits carry no common check digit') : checked.message,
    facts: facts(['Digits', String(digits.length)], ['Filler', /[fF]$/.test(text) ? 'F at the end belongs to the file, not to the number' : undefined]),
  };
}

export function activationCodeFinding(text: string): Finding {
  const parsed = parseActivationCode(text);
  if (!parsed.ok) return { kind: 'activation-code', title: 'Activation code that cannot be used', found: clip(text), cause: parsed.message };
  const { value } = parsed;
  return {
    kind: 'activation-code', title: 'Activation code', found: clip(text), cause: value.confirmationRequired ? 'The user is asked for a confirmation code' : 'No confirmation code is asked for',
    facts: facts(
      ['SM-DP+ address', value.smdpAddress], ['MatchingID', value.matchingId === '' ? 'none: the order is found by the EID' : value.matchingId], ['SM-DP+ OID', value.oid],
      ['Confirmation code', value.confirmationRequired ? 'required' : 'not required'], ['More', value.extra?.join(' $ ')],
    ),
  };
}
