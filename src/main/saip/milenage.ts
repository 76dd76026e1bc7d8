import { encryptBlock, expandKey } from './aes.ts';
import { SaipError } from './errors.ts';

/** Milenage (3GPP TS 35.206) with the default constants r = 64, 0, 32, 64, 96 bits and c = 0, 1, 2, 4, 8. */
const ROTATE_BYTES = [8, 0, 4, 8, 12] as const;
const CONSTANTS = [0, 1, 2, 4, 8] as const;

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

/**
 * f1 to f5* (35.206, 4.1): K, OPc, RAND of 16 bytes, SQN of 6, AMF of 2. The caller zeroes the results.
 * Throws {@link SaipError} `MILENAGE_BAD_INPUT` on a wrong length.
 */
export function milenage(k: Uint8Array, opc: Uint8Array, rand: Uint8Array, sqn: Uint8Array, amf: Uint8Array): MilenageResult {
  if (k.length !== 16 || opc.length !== 16 || rand.length !== 16 || sqn.length !== 6 || amf.length !== 2) {
    throw new SaipError('MILENAGE_BAD_INPUT', 'Milenage takes K, OPc and RAND of 16 bytes, SQN of 6 and AMF of 2.');
  }
  const keys = new Uint32Array(44);
  expandKey(k, 0, keys);
  const temp = new Uint8Array(16);
  for (let i = 0; i < 16; i++) temp[i] = rand[i]! ^ opc[i]!;
  encryptBlock(keys, temp, 0, temp, 0);

  const out1 = new Uint8Array(16);
  const in1 = Uint8Array.from([...sqn, ...amf, ...sqn, ...amf]);
  for (let i = 0; i < 16; i++) out1[(i + 16 - ROTATE_BYTES[0]) % 16] = in1[i]! ^ opc[i]!;
  for (let i = 0; i < 16; i++) out1[i] = out1[i]! ^ temp[i]!;
  out1[15]! ^= CONSTANTS[0];
  encryptBlock(keys, out1, 0, out1, 0);
  for (let i = 0; i < 16; i++) out1[i] = out1[i]! ^ opc[i]!;

  const outs = [1, 2, 3, 4].map((n) => {
    const out = new Uint8Array(16);
    for (let i = 0; i < 16; i++) out[(i + 16 - ROTATE_BYTES[n]!) % 16] = temp[i]! ^ opc[i]!;
    out[15]! ^= CONSTANTS[n]!;
    encryptBlock(keys, out, 0, out, 0);
    for (let i = 0; i < 16; i++) out[i] = out[i]! ^ opc[i]!;
    return out;
  });
  keys.fill(0);
  temp.fill(0);
  const [out2, out3, out4, out5] = outs as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  return {
    macA: out1.subarray(0, 8), macS: out1.subarray(8, 16), res: out2.subarray(8, 16), ak: out2.subarray(0, 6),
    ck: out3, ik: out4, akStar: out5.subarray(0, 6),
  };
}
