/**
 * Transport keys ("K4"): keys an operator shares with a sender, under which K, OPc and OTA keys travel in files. They arrive as
 * XOR components with check values, are combined here, and are kept sealed; nobody outside the vault ever has one.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { VaultError } from '../vault-link/operations.ts';
import type { KcvConvention, TransportAlgorithm, WrappingMode, WrappingOrder } from '../vault-link/operations.ts';
import type { RandomBytes } from './random.ts';
import { open, seal } from './sealing.ts';
import type { Context } from './sealing.ts';
import type { KeyObject } from 'node:crypto';

const OCTETS: Readonly<Record<TransportAlgorithm, number>> = { 'aes-128': 16, 'aes-192': 24, 'aes-256': 32, '3des-2key': 16, des: 8 };
const conventions: readonly KcvConvention[] = ['aes-zero', 'aes-one', 'des-zero'];

/** An opened key; the caller zeroes it. */
export interface TransportKey {
  readonly algorithm: TransportAlgorithm;
  readonly octets: Uint8Array;
}

export interface Wrapping {
  readonly mode: WrappingMode;
  readonly reversed: WrappingOrder;
}

const context = (algorithm: TransportAlgorithm): Context => ['transport key', algorithm];
const isAes = (algorithm: TransportAlgorithm): boolean => algorithm.startsWith('aes');
export const blockOctets = (algorithm: TransportAlgorithm): number => (isAes(algorithm) ? 16 : 8);

/** ECB of whole blocks. Single DES is three-key DES with one key: OpenSSL has it in its legacy provider only. */
function ecb(algorithm: TransportAlgorithm, key: Uint8Array, data: Uint8Array, decrypt: boolean): Buffer {
  const doubled = algorithm === 'des' ? Buffer.concat([key, key]) : undefined;
  const name = isAes(algorithm) ? `aes-${8 * key.length}-ecb` : 'des-ede-ecb';
  try {
    const cipher = (decrypt ? createDecipheriv : createCipheriv)(name, doubled ?? key, null);
    cipher.setAutoPadding(false);
    const out = cipher.update(data);
    cipher.final();
    return out;
  } finally {
    doubled?.fill(0);
  }
}

/** The whole first block; what is compared is as many octets as the check value has, usually three. */
function checkBlock(convention: KcvConvention, key: Uint8Array): Buffer | undefined {
  if (convention === 'des-zero') {
    const algorithm = key.length === 8 ? 'des' : key.length === 16 ? '3des-2key' : undefined;
    if (algorithm) return ecb(algorithm, key, new Uint8Array(8), false);
    if (key.length !== 24) return undefined;
    const cipher = createCipheriv('des-ede3-ecb', key, null);
    cipher.setAutoPadding(false);
    return cipher.update(new Uint8Array(8));
  }
  if (![16, 24, 32].includes(key.length)) return undefined;
  const cipher = createCipheriv(`aes-${8 * key.length}-ecb`, key, null);
  cipher.setAutoPadding(false);
  return cipher.update(new Uint8Array(16).fill(convention === 'aes-one' ? 1 : 0));
}

/** Which convention makes `kcv` the check value of `key`; undefined when none does. */
export function kcvMatches(key: Uint8Array, kcv: Uint8Array, among: readonly KcvConvention[] = conventions): KcvConvention | undefined {
  if (kcv.length < 3) return undefined;
  return among.find((convention) => {
    const block = checkBlock(convention, key);
    return block !== undefined && kcv.length <= block.length && block.subarray(0, kcv.length).equals(kcv);
  });
}

const malformed = (why: string): VaultError => new VaultError('TRANSPORT_KEY_MALFORMED', why);

/** Hexadecimal digits with whatever blanks between, as octets. The caller zeroes the result. */
function component(file: Uint8Array, place: string, octets: number): Uint8Array {
  const out = new Uint8Array(octets);
  let digits = 0;
  for (const octet of file) {
    if (octet <= 0x20 || octet === 0x2d || octet === 0x3a) continue;
    const letter = octet | 0x20;
    const value = octet >= 0x30 && octet <= 0x39 ? octet - 0x30 : letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
    if (value < 0 || digits >= 2 * octets) {
      out.fill(0);
      throw malformed(value < 0 ? `${place} holds something else than hexadecimal digits` : `${place} has more than ${2 * octets} hexadecimal digits`);
    }
    out[digits >> 1]! |= digits % 2 === 0 ? value << 4 : value;
    digits += 1;
  }
  if (digits === 2 * octets) return out;
  out.fill(0);
  throw malformed(`${place} has ${digits} hexadecimal digits; it must have ${2 * octets}`);
}

export interface NewTransportKey {
  readonly algorithm: TransportAlgorithm;
  readonly components: readonly { readonly value: Uint8Array; readonly kcv?: Uint8Array | undefined }[];
  readonly kcv?: Uint8Array | undefined;
  /** Takes single DES, and two-key DES whose halves are equal. */
  readonly weak: boolean;
}

export interface MadeTransportKey {
  readonly sealed: Uint8Array;
  /** Three octets. */
  readonly kcv: Uint8Array;
  readonly convention: KcvConvention;
  /** Whether a check value of the whole key was given (and is right). */
  readonly checked: boolean;
}

/** Throws {@link VaultError} TRANSPORT_KEY_MALFORMED, KCV_MISMATCH, ALGORITHM_WEAK. */
export function makeTransportKey(sealingKey: KeyObject, given: NewTransportKey, random: RandomBytes): MadeTransportKey {
  const { algorithm } = given;
  const size = OCTETS[algorithm];
  if (algorithm === 'des' && !given.weak) throw new VaultError('ALGORITHM_WEAK', 'single DES protects nothing today: a key of 56 bits is found in a day');
  const key = new Uint8Array(size);
  try {
    given.components.forEach(({ value, kcv }, index) => {
      const place = given.components.length === 1 ? 'the key' : `component ${index + 1}`;
      const part = component(value, place, size);
      try {
        if (kcv && !kcvMatches(part, kcv)) throw new VaultError('KCV_MISMATCH', `the check value of ${place} does not fit: a digit is wrong, or it belongs to another component`);
        if (part.every((octet) => octet === 0)) throw malformed(`${place} is all zeros`);
        for (let i = 0; i < size; i++) key[i]! ^= part[i]!;
      } finally {
        part.fill(0);
      }
    });
    if (key.every((octet) => octet === 0)) throw malformed('the components are the same, so that the key is all zeros');
    if (algorithm === '3des-2key' && !given.weak && Buffer.compare(key.subarray(0, 8), key.subarray(8)) === 0) {
      throw new VaultError('ALGORITHM_WEAK', 'both halves of the key are the same: that is single DES');
    }
    const matched = given.kcv && kcvMatches(key, given.kcv);
    if (given.kcv && !matched) throw new VaultError('KCV_MISMATCH', 'the check value of the whole key does not fit: a component is missing, twice there, or belongs to another key');
    const convention = matched ?? (isAes(algorithm) ? 'aes-zero' : 'des-zero');
    return { sealed: seal(sealingKey, context(algorithm), key, random), kcv: Uint8Array.from(checkBlock(convention, key)!.subarray(0, 3)), convention, checked: matched !== undefined };
  } finally {
    key.fill(0);
  }
}

/** Throws {@link VaultError} SEAL_BROKEN. The caller zeroes the octets. */
export function openTransportKey(sealingKey: KeyObject, algorithm: TransportAlgorithm, sealed: Uint8Array): TransportKey {
  return { algorithm, octets: open(sealingKey, context(algorithm), sealed) };
}

/** The octet the first block is chained to, or undefined for ECB. */
const chainedTo = (mode: WrappingMode): number | undefined => (mode === 'ecb' ? undefined : mode === 'cbc' ? 0 : 0x23);

/**
 * Opens all values of a column in one call. Every value has whole blocks, or is refused as `undefined`; the rest are fresh
 * octets the caller zeroes. CBC is taken apart behind ECB, so that thousands of short values need one cipher.
 */
export function unwrapColumn(key: TransportKey, { mode, reversed }: Wrapping, values: readonly Uint8Array[]): (Uint8Array | undefined)[] {
  const block = blockOctets(key.algorithm);
  const fits = (value: Uint8Array): boolean => value.length > 0 && value.length % block === 0;
  const total = values.reduce((sum, value) => sum + (fits(value) ? value.length : 0), 0);
  const wrapped = Buffer.allocUnsafeSlow(total);
  let at = 0;
  for (const value of values) {
    if (!fits(value)) continue;
    wrapped.set(value, at);
    if (reversed === 'encrypted') wrapped.subarray(at, at + value.length).reverse();
    at += value.length;
  }
  const clear = total > 0 ? ecb(key.algorithm, key.octets, wrapped, true) : Buffer.alloc(0);
  const first = chainedTo(mode);
  at = 0;
  const out = values.map((value) => {
    if (!fits(value)) return undefined;
    const one = Uint8Array.from(clear.subarray(at, at + value.length));
    if (first !== undefined) for (let i = 0; i < one.length; i++) one[i]! ^= i < block ? first : wrapped[at + i - block]!;
    if (reversed === 'clear') one.reverse();
    at += value.length;
    return one;
  });
  clear.fill(0);
  return out;
}

/** The way out: `value` (whole blocks) under a key, as the receiver's {@link unwrapColumn} takes it. */
export function wrapValue(key: TransportKey, { mode, reversed }: Wrapping, value: Uint8Array): Uint8Array {
  const block = blockOctets(key.algorithm);
  if (value.length === 0 || value.length % block !== 0) throw new VaultError('VAULT_INPUT_INVALID', `a value of ${value.length} octets does not fill blocks of ${block}`);
  const clear = Uint8Array.from(value);
  const out = new Uint8Array(value.length);
  try {
    if (reversed === 'clear') clear.reverse();
    const first = chainedTo(mode);
    if (first === undefined) out.set(ecb(key.algorithm, key.octets, clear, false));
    else {
      for (let at = 0; at < clear.length; at += block) {
        const one = clear.subarray(at, at + block);
        for (let i = 0; i < block; i++) one[i]! ^= at === 0 ? first : out[at - block + i]!;
        out.set(ecb(key.algorithm, key.octets, one, false), at);
      }
    }
    return reversed === 'encrypted' ? out.reverse() : out;
  } finally {
    clear.fill(0);
  }
}
