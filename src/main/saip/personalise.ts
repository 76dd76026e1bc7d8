import { createHash, type Hash } from 'node:crypto';
import type { CompiledTemplate } from './compile.ts';
import {
  acc, accOf, adm, type Digits, diallingDigits, fixedBytes, iccidDigits, iccidHeader, identity, identityOf, identityText, imsiDigits, imsiEf,
  msisdnRecord, pin, puk, smspRecord, spn, spnText,
} from './encoders.ts';
import { SaipError } from './errors.ts';
import { type RoamingLists, writeList } from './lists.ts';
import { computeOpcInto } from './milenage.ts';
import type { LateName, SlotName } from './slots.ts';
import { computeTopcInto } from './tuak.ts';

/**
 * Values of one profile. Identifiers are digits, as text or as ASCII bytes (bulk work makes no strings). Secrets are
 * bytes only: keys raw, PIN and PUK as ASCII digits or as their eight stored bytes, ADM as ASCII digits or eight raw
 * bytes. The caller zeroes what it passes. One object may be filled again for every row.
 */
export interface SlotValues {
  iccid?: Digits;
  imsi?: Digits;
  /** Two-byte mask; the class of the IMSI's last digit when absent. */
  acc?: number;
  k?: Uint8Array;
  /** OPc, or `op` to have it computed from K; with TUAK, TOPc or TOP of 32 bytes. */
  opc?: Uint8Array;
  op?: Uint8Array;
  pin1?: Uint8Array;
  pin2?: Uint8Array;
  puk1?: Uint8Array;
  puk2?: Uint8Array;
  adm1?: Uint8Array;
  adm2?: Uint8Array;
  /** Absent or empty: the record stays empty. */
  msisdn?: Digits;
  spn?: string;
  /** Service centre number. */
  smsp?: Digits;
  scp80Kic?: Uint8Array;
  scp80Kid?: Uint8Array;
  scp80Kik?: Uint8Array;
  /** IMS private identity (`user@domain`); made from the IMSI when absent (TS 23.003, 13.3). */
  impi?: Digits;
  /** IMS public identity (`sip:user@domain`); made from the IMSI when absent (TS 23.003, 13.4B). */
  impu?: Digits;
  scp81Psk?: Uint8Array;
  scp81Dek?: Uint8Array;
  scp02Enc?: Uint8Array;
  scp02Mac?: Uint8Array;
  scp02Dek?: Uint8Array;
  scp03Enc?: Uint8Array;
  scp03Mac?: Uint8Array;
  scp03Dek?: Uint8Array;
}

function need<T>(value: T | undefined, name: SlotName): T {
  if (value === undefined) throw new SaipError('SLOT_VALUE_MISSING', `The profile has no value for ${name}.`, name);
  return value;
}

/**
 * Writes the encoded slot bytes of one profile at `out[at]`: the concatenation of all slots that are not late, in slot
 * order. Returns how many bytes were written (`compiled.slotBytesLength`). On a bad value throws {@link SaipError}
 * naming the slot and leaves zeros behind.
 */
export function encodeSlots(compiled: CompiledTemplate, values: SlotValues, out: Uint8Array, at: number): number {
  room(out, at, compiled.slotBytesLength);
  try {
    for (const slot of compiled.slots) {
      if (!slot.late) encodeSlot(compiled, slot.name as SlotName, slot.length, values, out, at + slot.at);
    }
  } catch (error) {
    out.fill(0, at, at + compiled.slotBytesLength);
    throw error;
  }
  return compiled.slotBytesLength;
}

// Each case names its field: reading `values[name]` instead costs the bulk path more than all encodings together.
function encodeSlot(compiled: CompiledTemplate, name: SlotName, length: number, values: SlotValues, out: Uint8Array, to: number): void {
  switch (name) {
    case 'iccid': return iccidHeader(need(values.iccid, name), out, to);
    case 'imsi': return imsiEf(need(values.imsi, name), out, to);
    case 'acc': return acc(values.acc ?? accOf(need(values.imsi, name)), out, to);
    case 'k': return fixedBytes(need(values.k, name), length, out, to, name);
    case 'opc':
      if (values.opc === undefined && values.op !== undefined) return fromOp(compiled, values, values.op, length, out, to);
      return fixedBytes(need(values.opc, name), length, out, to, name);
    case 'pin1': return pin(need(values.pin1, name), out, to, name);
    case 'pin2': return pin(need(values.pin2, name), out, to, name);
    case 'puk1': return puk(need(values.puk1, name), out, to, name);
    case 'puk2': return puk(need(values.puk2, name), out, to, name);
    case 'adm1': return adm(need(values.adm1, name), out, to, name);
    case 'adm2': return adm(need(values.adm2, name), out, to, name);
    case 'msisdn':
      // A subscription without a number of its own has an empty record (TS 31.102, 4.2.26).
      if (values.msisdn === undefined || values.msisdn.length === 0) return void out.fill(0xff, to, to + length);
      return msisdnRecord(values.msisdn, out, to);
    case 'spn': return spn(need(values.spn, name), out, to);
    case 'smsp': return smspRecord(need(values.smsp, name), out, to);
    case 'scp80Kic': return fixedBytes(need(values.scp80Kic, name), length, out, to, name);
    case 'scp80Kid': return fixedBytes(need(values.scp80Kid, name), length, out, to, name);
    case 'scp80Kik': return fixedBytes(need(values.scp80Kik, name), length, out, to, name);
    case 'impi': return imsIdentity(values.impi, false, compiled.mncLength, values, out, to, length);
    case 'impu': return imsIdentity(values.impu, true, compiled.mncLength, values, out, to, length);
    case 'scp81Psk': return fixedBytes(need(values.scp81Psk, name), length, out, to, name);
    case 'scp81Dek': return fixedBytes(need(values.scp81Dek, name), length, out, to, name);
    case 'scp02Enc': return fixedBytes(need(values.scp02Enc, name), length, out, to, name);
    case 'scp02Mac': return fixedBytes(need(values.scp02Mac, name), length, out, to, name);
    case 'scp02Dek': return fixedBytes(need(values.scp02Dek, name), length, out, to, name);
    case 'scp03Enc': return fixedBytes(need(values.scp03Enc, name), length, out, to, name);
    case 'scp03Mac': return fixedBytes(need(values.scp03Mac, name), length, out, to, name);
    case 'scp03Dek': return fixedBytes(need(values.scp03Dek, name), length, out, to, name);
  }
}

/** OPc from OP (Milenage), TOPc from TOP (TUAK): the room the template has says which. */
function fromOp(compiled: CompiledTemplate, values: SlotValues, op: Uint8Array, length: number, out: Uint8Array, to: number): void {
  const tuak = length === 32;
  if (op.length !== length) {
    throw new SaipError('SLOT_VALUE_BAD', `${tuak ? 'TOP' : 'OP'} has ${op.length} bytes; the template's algorithm takes ${length}.`, 'opc');
  }
  if (!tuak) return computeOpcInto(need(values.k, 'k'), op, out, to);
  if (compiled.keccak === 0) throw new SaipError('SLOT_VALUE_BAD', 'The applications of the template count Keccak differently, so TOPc has to be given.', 'opc');
  computeTopcInto(need(values.k, 'k'), op, compiled.keccak, out, to);
}

function imsIdentity(given: Digits | undefined, isPublic: boolean, mncLength: number, values: SlotValues, out: Uint8Array, to: number, length: number): void {
  const name = isPublic ? 'impu' : 'impi';
  if (given !== undefined && given.length > 0) return identity(given, out, to, length, name);
  if (mncLength === 0) throw new SaipError('SLOT_VALUE_BAD', 'The applications of the template disagree about the length of the MNC, so the identity has to be given.', name);
  identityOf(need(values.imsi, 'imsi'), mncLength, isPublic ? 'sip:' : '', out, to, length, name);
}

/**
 * Writes one package at `out[at]`: the base, then the slots from their encoded bytes. Returns its size. Allocates
 * nothing: this is the hot path.
 */
export function personalise(compiled: CompiledTemplate, slotBytes: Uint8Array, out: Uint8Array, at: number): number {
  return personaliseFrom(compiled, slotBytes, 0, out, at);
}

/** {@link personalise} with the slot bytes starting at `from` of a larger block. */
export function personaliseFrom(compiled: CompiledTemplate, slotBytes: Uint8Array, from: number, out: Uint8Array, at: number): number {
  room(out, at, compiled.size);
  room(slotBytes, from, compiled.slotBytesLength);
  out.set(compiled.base, at);
  run(compiled.program, slotBytes, from, out, at);
  return compiled.size;
}

/** Encoded roaming lists for the late slots; a list not given is empty. */
export function encodeLate(compiled: CompiledTemplate, lists: RoamingLists): Uint8Array {
  const out = new Uint8Array(compiled.lateBytesLength);
  for (const slot of compiled.slots) {
    if (slot.late) writeList(slot.name as LateName, lists[slot.name as LateName] ?? [], out, slot.at, slot.length);
  }
  return out;
}

/** Writes the late slots into a package that {@link personalise} made at `out[at]`. */
export function writeLate(compiled: CompiledTemplate, lateBytes: Uint8Array, out: Uint8Array, at: number): void {
  room(out, at, compiled.size);
  if (lateBytes.length !== compiled.lateBytesLength) throw tooSmall(lateBytes.length, compiled.lateBytesLength);
  run(compiled.lateProgram, lateBytes, 0, out, at);
}

function run(program: Int32Array, source: Uint8Array, from: number, out: Uint8Array, at: number): void {
  for (let i = 0; i < program.length; i += 4) {
    const read = from + program[i + 1]!;
    const write = at + program[i + 2]!;
    const length = program[i + 3]!;
    if (program[i] === 0) {
      for (let j = 0; j < length; j++) out[write + j] = source[read + j]!;
    } else {
      for (let j = 0; j < length; j++) {
        const octet = source[read + j]!;
        out[write + j] = (octet << 4) | (octet >>> 4);
      }
    }
  }
}

function room(buf: Uint8Array, at: number, length: number): void {
  if (!(at >= 0 && at + length <= buf.length)) throw tooSmall(buf.length - at, length);
}

function tooSmall(have: number, want: number): SaipError {
  return new SaipError('BUFFER_TOO_SMALL', `The buffer has ${have} bytes where ${want} belong.`);
}

/** What may be shown of a profile. Every field only when the template has its slot. */
export interface PublicValues {
  iccid?: string;
  imsi?: string;
  acc?: number;
  msisdn?: string;
  spn?: string;
  smsp?: string;
  impi?: string;
  impu?: string;
}

/** Reads the public values back from encoded slot bytes; never a secret. Throws {@link SaipError} `SLOT_VALUE_BAD`. */
export function decodePublicSlots(compiled: CompiledTemplate, slotBytes: Uint8Array): PublicValues {
  if (slotBytes.length !== compiled.slotBytesLength) throw tooSmall(slotBytes.length, compiled.slotBytesLength);
  const values: PublicValues = {};
  const sure = (text: string | undefined, name: string): string => {
    if (text === undefined) throw new SaipError('SLOT_VALUE_BAD', `The stored ${name} cannot be read.`, name);
    return text;
  };
  for (const slot of compiled.slots) {
    if (slot.late || slot.secret) continue;
    if (slot.name === 'iccid') values.iccid = sure(iccidDigits(slotBytes, slot.at), 'iccid');
    else if (slot.name === 'imsi') values.imsi = sure(imsiDigits(slotBytes, slot.at), 'imsi');
    else if (slot.name === 'acc') values.acc = slotBytes[slot.at]! * 256 + slotBytes[slot.at + 1]!;
    else if (slot.name === 'msisdn') values.msisdn = sure(diallingDigits(slotBytes, slot.at), 'msisdn');
    else if (slot.name === 'spn') values.spn = spnText(slotBytes, slot.at);
    else if (slot.name === 'smsp') values.smsp = sure(diallingDigits(slotBytes, slot.at + 13), 'smsp');
    else if (slot.name === 'impi') values.impi = sure(identityText(slotBytes, slot.at, slot.length), 'impi');
    else if (slot.name === 'impu') values.impu = sure(identityText(slotBytes, slot.at, slot.length), 'impu');
  }
  return values;
}

const started = new WeakMap<CompiledTemplate, Hash>();

/**
 * SHA-256 of the base with late slots zeroed, then the encoded slot bytes: fixed at preparation, compared at each bind.
 */
export function packageDigest(compiled: CompiledTemplate, slotBytes: Uint8Array): Uint8Array {
  if (slotBytes.length !== compiled.slotBytesLength) throw tooSmall(slotBytes.length, compiled.slotBytesLength);
  let hash = started.get(compiled);
  if (!hash) {
    hash = createHash('sha256').update(zeroedBase(compiled));
    started.set(compiled, hash);
  }
  return hash.copy().update(slotBytes).digest();
}

/** The base with the late slots zeroed too: what digests are taken over. A copy. */
export function zeroedBase(compiled: Pick<CompiledTemplate, 'base' | 'slots'>): Uint8Array {
  const base = Uint8Array.from(compiled.base);
  for (const slot of compiled.slots) for (const { offset, length } of slot.writes) base.fill(0, offset, offset + length);
  return base;
}

/**
 * Reads the slot bytes back out of the package at `upp[at]` and proves it is this template's: every octet outside the
 * slots equals the base, and all copies of a value agree. Throws {@link SaipError} `READ_BACK_DIFFERS`. The caller
 * zeroes the result.
 */
export function readSlots(compiled: CompiledTemplate, upp: Uint8Array, at = 0): Uint8Array {
  room(upp, at, compiled.size);
  const touched = new Uint8Array(compiled.size);
  const slotBytes = new Uint8Array(compiled.slotBytesLength);
  for (const slot of compiled.slots) {
    slot.writes.forEach(({ offset, length, encoding }, index) => {
      touched.fill(1, offset, offset + length);
      for (let i = 0; i < length && !slot.late; i++) {
        const octet = upp[at + offset + i]!;
        const plain = encoding === 'swap' ? ((octet << 4) | (octet >>> 4)) & 0xff : octet;
        if (index === 0) slotBytes[slot.at + i] = plain;
        else if (slotBytes[slot.at + i] !== plain) throw differs(`Two places of ${slot.name} hold different values.`, slot.name, slotBytes);
      }
    });
  }
  for (let i = 0; i < compiled.size; i++) {
    if (!touched[i] && upp[at + i] !== compiled.base[i]) throw differs('The package differs from its template.', `offset ${i}`, slotBytes);
  }
  return slotBytes;
}

function differs(message: string, place: string, secret: Uint8Array): SaipError {
  secret.fill(0);
  return new SaipError('READ_BACK_DIFFERS', message, place);
}
