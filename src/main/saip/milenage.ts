import { encryptBlock, expandKey } from './aes.ts';
import { DEFAULT_CONSTANTS, DEFAULT_ROTATIONS } from './aka-defaults.ts';
import { SaipError } from './errors.ts';

/** Milenage (3GPP TS 35.206). */
export interface MilenageConstants {
  /** r1 to r5 in bits, each 0 to 127. */
  readonly rotations: Uint8Array;
  /** c1 to c5, 16 bytes each. Confidential when they are an operator's own. */
  readonly constants: Uint8Array;
}

const DEFAULTS: MilenageConstants = { rotations: DEFAULT_ROTATIONS, constants: DEFAULT_CONSTANTS };

const scratchKeys = new Uint32Array(44);

/** OPc = AES_K(OP) xor OP, 16 bytes (35.206, 4.1). Throws {@link SaipError} `MILENAGE_BAD_INPUT` on a wrong length. */
export function computeOpc(k: Uint8Array, op: Uint8Array): Uint8Array {
  const out = new Uint8Array(16);
  computeOpcInto(k, op, out, 0);
  return out;
}

/** {@link computeOpc} without an allocation: writes 16 bytes at `out[at]`; the room for round keys is zeroed behind it. */
export function computeOpcInto(k: Uint8Array, op: Uint8Array, out: Uint8Array, at: number, roundKeys = scratchKeys): void {
  if (k.length !== 16 || op.length !== 16) throw new SaipError('MILENAGE_BAD_INPUT', 'K and OP must have 16 bytes.');
  expandKey(k, 0, roundKeys);
  encryptBlock(roundKeys, op, 0, out, at);
  for (let i = 0; i < 16; i++) out[at + i] = out[at + i]! ^ op[i]!;
  roundKeys.fill(0);
}

export interface MilenageResult {
  /** Network authentication code, 8 bytes (f1). */
  readonly macA: Uint8Array;
  /** Resynchronisation authentication code, 8 bytes (f1*). */
  readonly macS: Uint8Array;
  /** 8 bytes (f2). */
  readonly res: Uint8Array;
  /** 16 bytes (f3). */
  readonly ck: Uint8Array;
  /** 16 bytes (f4). */
  readonly ik: Uint8Array;
  /** 6 bytes (f5). */
  readonly ak: Uint8Array;
  /** 6 bytes (f5*). */
  readonly akStar: Uint8Array;
}

/** `out` = rot(`value`, r bits) xor c, with n from 1 in the constants (35.206, 4.1). */
function rotated(value: Uint8Array, { rotations, constants }: MilenageConstants, n: number, out: Uint8Array): void {
  const bits = rotations[n - 1]!;
  const [octets, rest] = [bits >> 3, bits & 7];
  for (let i = 0; i < 16; i++) {
    const high = value[(i + octets) & 15]!;
    const low = value[(i + octets + 1) & 15]!;
    out[i] = ((high << rest) | (low >>> (8 - rest))) ^ constants[16 * (n - 1) + i]!;
  }
}

/**
 * f1 to f5* (35.206, 4.1): K, OPc, RAND of 16 bytes, SQN of 6, AMF of 2; an operator's own r and c where it has them. The
 * caller zeroes the results. Throws {@link SaipError} `MILENAGE_BAD_INPUT` on a wrong length.
 */
export function milenage(
  k: Uint8Array, opc: Uint8Array, rand: Uint8Array, sqn: Uint8Array, amf: Uint8Array, constants: MilenageConstants = DEFAULTS,
): MilenageResult {
  if (constants.rotations.length !== 5 || constants.rotations.some((bits) => bits > 127) || constants.constants.length !== 80) {
    throw new SaipError('MILENAGE_BAD_INPUT', 'Milenage takes five rotations from 0 to 127 and five constants of 16 bytes.');
  }
  if (k.length !== 16 || opc.length !== 16 || rand.length !== 16 || sqn.length !== 6 || amf.length !== 2) {
    throw new SaipError('MILENAGE_BAD_INPUT', 'Milenage takes K, OPc and RAND of 16 bytes, SQN of 6 and AMF of 2.');
  }
  const keys = new Uint32Array(44);
  expandKey(k, 0, keys);
  const temp = new Uint8Array(16);
  for (let i = 0; i < 16; i++) temp[i] = rand[i]! ^ opc[i]!;
  encryptBlock(keys, temp, 0, temp, 0);

  const mixed = new Uint8Array(16);
  const out1 = new Uint8Array(16);
  const in1 = Uint8Array.from([...sqn, ...amf, ...sqn, ...amf]);
  for (let i = 0; i < 16; i++) mixed[i] = in1[i]! ^ opc[i]!;
  rotated(mixed, constants, 1, out1);
  for (let i = 0; i < 16; i++) out1[i] = out1[i]! ^ temp[i]!;
  encryptBlock(keys, out1, 0, out1, 0);
  for (let i = 0; i < 16; i++) out1[i] = out1[i]! ^ opc[i]!;

  for (let i = 0; i < 16; i++) mixed[i] = temp[i]! ^ opc[i]!;
  const outs = [2, 3, 4, 5].map((n) => {
    const out = new Uint8Array(16);
    rotated(mixed, constants, n, out);
    encryptBlock(keys, out, 0, out, 0);
    for (let i = 0; i < 16; i++) out[i] = out[i]! ^ opc[i]!;
    return out;
  });
  mixed.fill(0);
  keys.fill(0);
  temp.fill(0);
  const [out2, out3, out4, out5] = outs as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  return {
    macA: out1.subarray(0, 8), macS: out1.subarray(8, 16), res: out2.subarray(8, 16), ak: out2.subarray(0, 6),
    ck: out3, ik: out4, akStar: out5.subarray(0, 6),
  };
}
