/** Personalising profiles: from subscriber secrets to sealed slot bytes. Runs in the vault or in its workers. */
import { createHmac } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { checkProfileValues, encodeSlots, packageDigest, SaipError } from '../saip/index.ts';
import type { CompiledTemplate, Finding, SlotValues } from '../saip/index.ts';
import { judgeCode } from '../saip/rules/codes.ts';
import { VaultError } from '../vault-link/operations.ts';
import type { SubscriberSecrets } from '../vault-link/operations.ts';
import { randomDigits } from './random.ts';
import type { RandomBytes } from './random.ts';
import { openProfile, sealProfile } from './sealing.ts';
import type { Context } from './sealing.ts';
import { decodeSecrets, plainIccid } from './subscribers.ts';

export interface ProfileItem {
  readonly iccid: string;
  readonly imsi: string;
  readonly msisdn?: string | undefined;
  /** Sealed secrets with the opened key of the batch they were imported in. */
  readonly subscriber?: { readonly sealed: Uint8Array; readonly batchKey: KeyObject } | undefined;
  /** Secrets that everybody knows (test keys, 0000, placeholders) are refused: so everywhere but in the Lab. */
  readonly strict?: boolean | undefined;
}

export interface PreparedItem {
  readonly sealed: Uint8Array;
  readonly digest: Uint8Array;
  readonly packageBytes: number;
  readonly fingerprint: Uint8Array;
  /** K, OPc or OTA keys of the package were made here: made again they would be others. */
  readonly keysMade: boolean;
}

export const subscriberContext = (iccid: string): Context => ['subscriber', plainIccid(iccid)];
export const profileContext = (iccid: string, template: Uint8Array): Context => ['profile', plainIccid(iccid), template];

/** Keyed hash of K by which the same K in two profiles is found without knowing it. */
export function fingerprintOf(key: KeyObject, k: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(k).digest();
}

export interface Workbench {
  readonly compiled: CompiledTemplate;
  readonly batchKey: KeyObject;
  readonly fingerprintKey: KeyObject;
  readonly random: RandomBytes;
}

/** Throws {@link VaultError} SEAL_BROKEN, SECRETS_INVALID or VAULT_INPUT_INVALID; all clear octets are zeroed either way. */
export function personaliseItem(bench: Workbench, item: ProfileItem): PreparedItem {
  const { compiled, random } = bench;
  const iccid = plainIccid(item.iccid);
  const opened = item.subscriber ? openProfile(item.subscriber.batchKey, subscriberContext(iccid), item.subscriber.sealed) : undefined;
  const slotBytes = new Uint8Array(compiled.slotBytesLength);
  const values: SlotValues = { iccid, imsi: item.imsi, msisdn: item.msisdn };
  try {
    const keysMade = complete(values, opened ? decodeSecrets(opened) : {}, compiled, random);
    if (item.strict) demandSecrets(iccid, values);
    encodeSlots(compiled, values, slotBytes, 0);
    return {
      sealed: sealProfile(bench.batchKey, profileContext(iccid, compiled.digest), slotBytes, random),
      digest: packageDigest(compiled, slotBytes),
      packageBytes: compiled.size,
      fingerprint: fingerprintOf(bench.fingerprintKey, values.k!),
      keysMade,
    };
  } catch (error) {
    if (error instanceof SaipError) throw refused(iccid, error);
    throw error;
  } finally {
    for (const value of Object.values(values)) if (value instanceof Uint8Array) value.fill(0);
    opened?.fill(0);
    slotBytes.fill(0);
  }
}

/**
 * What rules V13, V26 and V35 find in secrets that are in the form of `SlotValues`. What was made here passes by itself; what a
 * file brought may not. No finding holds a value.
 */
export function knownSecrets(values: SlotValues): Finding[] {
  const { iccid: _iccid, imsi: _imsi, msisdn: _msisdn, impi: _impi, impu: _impu, acc: _acc, ...secrets } = values;
  const given = Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== undefined));
  return checkProfileValues(given).filter((one) => one.severity === 'error');
}

/** Throws {@link VaultError} SECRETS_INVALID. */
export function demandSecrets(iccid: string, values: SlotValues): void {
  const [first] = knownSecrets(values);
  if (first) throw new VaultError('SECRETS_INVALID', `${first.place.replace('profile/', '')} of profile ${iccid}: ${first.message} (${first.rule})`);
}

const PUBLIC_PLACES: ReadonlySet<string> = new Set(['iccid', 'imsi', 'acc', 'msisdn', 'spn', 'smsp', 'impi', 'impu']);

function refused(iccid: string, error: SaipError): VaultError {
  const code = PUBLIC_PLACES.has(error.place ?? '') ? 'VAULT_INPUT_INVALID' : 'SECRETS_INVALID';
  return new VaultError(code, `${error.place ?? 'a value'} of profile ${iccid}: ${error.message}`);
}

const OTA_KEYS = ['scp80Kic', 'scp80Kid', 'scp80Kik'] as const;
const FURTHER_KEYS = ['scp81Psk', 'scp81Dek', 'scp02Enc', 'scp02Mac', 'scp02Dek', 'scp03Enc', 'scp03Mac', 'scp03Dek'] as const;

/** Random digits that are no default everybody knows (V13). */
function madeCode(random: RandomBytes, kind: 'pin' | 'puk' | 'adm', length: number): Uint8Array {
  const stored = new Uint8Array(8);
  for (;;) {
    const digits = randomDigits(random, length);
    stored.fill(0xff);
    stored.set(digits);
    const known = judgeCode(kind, stored) !== undefined;
    stored.fill(0);
    if (!known) return digits;
    digits.fill(0);
  }
}

/** Takes over what is given and makes the rest at random, in the size the template has room for. Answers whether keys of the package were made. */
function complete(values: SlotValues, given: SubscriberSecrets, compiled: CompiledTemplate, random: RandomBytes): boolean {
  const has = (name: string): boolean => compiled.slots.some((slot) => slot.name === name);
  const room = (name: string): number => compiled.slots.find((slot) => slot.name === name)?.length ?? 16;
  values.k = given.k ?? random(room('k'));
  if (given.opc) values.opc = given.opc;
  else if (given.op) values.op = given.op;
  else values.opc = random(room('opc'));
  for (const name of ['pin1', 'pin2'] as const) values[name] = given[name] ?? madeCode(random, 'pin', 4);
  for (const name of ['puk1', 'puk2'] as const) values[name] = given[name] ?? madeCode(random, 'puk', 8);
  for (const name of ['adm1', 'adm2'] as const) values[name] = given[name] ?? madeCode(random, 'adm', 8);
  for (const name of OTA_KEYS) values[name] = given[name] ?? random(room(name));
  // The engine checked their form; without them they are made from the IMSI.
  if (given.impi) values.impi = given.impi;
  if (given.impu) values.impu = given.impu;
  // Rarer sets: only where the template has a place, so that most profiles draw no octets for them.
  for (const name of FURTHER_KEYS) if (given[name] || has(name)) values[name] = given[name] ?? random(room(name));
  return (has('k') && !given.k) || (has('opc') && !given.opc && !given.op) || [...OTA_KEYS, ...FURTHER_KEYS].some((name) => has(name) && !given[name]);
}
