import { readUtf8, sameBytes, TlvError, utf8Bytes } from '../../shared/tlv/index.ts';
import { assemble, type CompiledTemplate, digestOf, type Slot } from './compile.ts';
import { SaipError } from './errors.ts';
import { zeroedBase } from './personalise.ts';
import { isSecretSlot, LATE_NAMES, SLOT_NAMES, type SlotName } from './slots.ts';

/** A compiled template as bytes, to be stored or sent: length of the slot table (4 bytes), the table as JSON, the base. */
export function serialiseCompiled(compiled: CompiledTemplate): Uint8Array {
  const table = utf8Bytes(JSON.stringify(compiled.slots));
  const out = new Uint8Array(4 + table.length + compiled.base.length);
  new DataView(out.buffer).setUint32(0, table.length);
  out.set(table, 4);
  out.set(compiled.base, 4 + table.length);
  return out;
}

/** Reads {@link serialiseCompiled} back; the digest tells whether it is the one wanted. Throws `COMPILED_MALFORMED`. */
export function parseCompiled(bytes: Uint8Array, digest?: Uint8Array): CompiledTemplate {
  const bad = (why: string): SaipError => new SaipError('COMPILED_MALFORMED', `The compiled template cannot be read: ${why}.`);
  if (bytes.length < 4) throw bad('too short');
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
  if (4 + length > bytes.length) throw bad('cut off');
  const base = Uint8Array.from(bytes.subarray(4 + length));
  let slots: Slot[];
  try {
    slots = JSON.parse(readUtf8(bytes.subarray(4, 4 + length))) as Slot[];
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TlvError) throw bad('no slot table');
    throw error;
  }
  if (!Array.isArray(slots) || !slots.every((slot) => validSlot(slot, base.length))) throw bad('slots outside the base');
  if (!packed(slots)) throw bad('slots do not follow each other');
  const compiled = assemble(base, slots, digestOf(zeroedBase({ base, slots }), slots));
  if (digest && !sameBytes(digest, compiled.digest)) throw bad('another version than the one wanted');
  return compiled;
}

function validSlot(slot: Slot, size: number): boolean {
  const whole = (n: unknown): n is number => typeof n === 'number' && Number.isInteger(n) && n >= 0;
  if (slot === null || typeof slot !== 'object' || typeof slot.late !== 'boolean') return false;
  const names: readonly string[] = slot.late ? LATE_NAMES : SLOT_NAMES;
  return names.includes(slot.name) && slot.secret === (!slot.late && isSecretSlot(slot.name as SlotName)) && whole(slot.at) && whole(slot.length)
    && Array.isArray(slot.writes) && slot.writes.every((write) => write !== null && whole(write.offset) && write.length === slot.length
      && write.offset + write.length <= size && (write.encoding === 'copy' || write.encoding === 'swap'));
}

/** Each slot starts where the one before it ended, late ones counted apart. */
function packed(slots: readonly Slot[]): boolean {
  const next = { early: 0, late: 0 };
  return slots.every((slot) => {
    const kind = slot.late ? 'late' : 'early';
    const right = slot.at === next[kind];
    next[kind] += slot.length;
    return right;
  });
}
