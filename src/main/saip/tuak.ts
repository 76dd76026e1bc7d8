import { keccakP } from '@noble/hashes/sha3.js';
import { SaipError } from './errors.ts';

/**
 * TUAK (3GPP TS 35.231) on Keccak-f[1600]. Values stand in the state back to front: the standard counts their bits from
 * the end of the first octet on.
 */
const NAME = Uint8Array.from([0x30, 0x2e, 0x31, 0x4b, 0x41, 0x55, 0x54]); // TUAK1.0, back to front
const AT = { top: 0, instance: 32, name: 33, rand: 40, amf: 56, sqn: 58, k: 64, pad: 96, last: 135 } as const;

const LITTLE = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

function reversed(value: Uint8Array, out: Uint8Array, at: number): void {
  for (let i = 0; i < value.length; i++) out[at + i] = value[value.length - 1 - i]!;
}

interface Message {
  readonly top: Uint8Array;
  readonly instance: number;
  readonly k: Uint8Array;
  readonly rand?: Uint8Array;
  readonly amf?: Uint8Array;
  readonly sqn?: Uint8Array;
}

/** The state after `iterations` permutations. The caller zeroes it. */
function permuted({ top, instance, k, rand, amf, sqn }: Message, iterations: number): Uint8Array {
  const words = new Uint32Array(50);
  const state = new Uint8Array(words.buffer);
  reversed(top, state, AT.top);
  state[AT.instance] = instance | (k.length === 32 ? 1 : 0);
  state.set(NAME, AT.name);
  if (rand) reversed(rand, state, AT.rand);
  if (amf) reversed(amf, state, AT.amf);
  if (sqn) reversed(sqn, state, AT.sqn);
  reversed(k, state, AT.k);
  state[AT.pad] = 0x1f;
  state[AT.last] = 0x80;
  // The permutation takes words; on a machine that stores their octets the other way round they are turned.
  if (!LITTLE) turn(words);
  for (let i = 0; i < iterations; i++) keccakP(words, 24);
  if (!LITTLE) turn(words);
  return state;
}

function turn(words: Uint32Array): void {
  for (let i = 0; i < words.length; i++) {
    const w = words[i]!;
    words[i] = (w << 24) | ((w & 0xff00) << 8) | ((w >>> 8) & 0xff00) | (w >>> 24);
  }
}

function taken(state: Uint8Array, at: number, length: number): Uint8Array {
  return state.slice(at, at + length).reverse();
}

function bad(message: string): never {
  throw new SaipError('TUAK_BAD_INPUT', message);
}

function checkLengths(k: Uint8Array, top: Uint8Array, iterations: number): void {
  if ((k.length !== 16 && k.length !== 32) || top.length !== 32) bad('TUAK takes K of 16 or 32 bytes and TOP or TOPc of 32.');
  if (!Number.isInteger(iterations) || iterations < 1 || iterations > 255) bad('TUAK takes 1 to 255 Keccak permutations.');
}

/** TOPc, 32 bytes, of K (16 or 32) and TOP (32) (35.231, 6.1). Throws {@link SaipError} `TUAK_BAD_INPUT`. */
export function computeTopc(k: Uint8Array, top: Uint8Array, iterations = 1): Uint8Array {
  const out = new Uint8Array(32);
  computeTopcInto(k, top, iterations, out, 0);
  return out;
}

/** {@link computeTopc} to `out[at]`. */
export function computeTopcInto(k: Uint8Array, top: Uint8Array, iterations: number, out: Uint8Array, at: number): void {
  checkLengths(k, top, iterations);
  const state = permuted({ top, instance: 0, k }, iterations);
  for (let i = 0; i < 32; i++) out[at + i] = state[31 - i]!;
  state.fill(0);
}

/** Lengths in bytes an operator chose, and the count of permutations. */
export interface TuakOptions {
  readonly mac?: 8 | 16 | 32;
  readonly res?: 4 | 8 | 16 | 32;
  readonly ck?: 16 | 32;
  readonly ik?: 16 | 32;
  readonly iterations?: number;
}

export interface TuakResult {
  /** f1 */
  readonly macA: Uint8Array;
  /** f1* */
  readonly macS: Uint8Array;
  /** f2 */
  readonly res: Uint8Array;
  /** f3 */
  readonly ck: Uint8Array;
  /** f4 */
  readonly ik: Uint8Array;
  /** f5, 6 bytes */
  readonly ak: Uint8Array;
  /** f5*, 6 bytes */
  readonly akStar: Uint8Array;
}

const LENGTH_BITS: Readonly<Record<number, number>> = { 4: 0, 8: 0x08, 16: 0x10, 32: 0x20 };

/**
 * f1 to f5* (35.231, 6.2 to 6.5): K of 16 or 32 bytes, TOPc of 32, RAND of 16, SQN of 6, AMF of 2. The caller zeroes the
 * results. Throws {@link SaipError} `TUAK_BAD_INPUT`.
 */
export function tuak(k: Uint8Array, topc: Uint8Array, rand: Uint8Array, sqn: Uint8Array, amf: Uint8Array, options: TuakOptions = {}): TuakResult {
  const { mac = 8, res = 8, ck = 16, ik = 16, iterations = 1 } = options;
  checkLengths(k, topc, iterations);
  if (rand.length !== 16 || sqn.length !== 6 || amf.length !== 2) bad('TUAK takes RAND of 16 bytes, SQN of 6 and AMF of 2.');
  const states = [
    permuted({ top: topc, instance: LENGTH_BITS[mac]!, k, rand, amf, sqn }, iterations),
    permuted({ top: topc, instance: 0x80 | LENGTH_BITS[mac]!, k, rand, amf, sqn }, iterations),
    permuted({ top: topc, instance: 0x40 | LENGTH_BITS[res]! | (ck === 32 ? 4 : 0) | (ik === 32 ? 2 : 0), k, rand }, iterations),
    permuted({ top: topc, instance: 0xc0, k, rand }, iterations),
  ] as const;
  const [f1, f1Star, f2345, f5Star] = states;
  const result = {
    macA: taken(f1, 0, mac), macS: taken(f1Star, 0, mac), res: taken(f2345, 0, res), ck: taken(f2345, 32, ck), ik: taken(f2345, 64, ik),
    ak: taken(f2345, 96, 6), akStar: taken(f5Star, 96, 6),
  };
  for (const state of states) state.fill(0);
  return result;
}
