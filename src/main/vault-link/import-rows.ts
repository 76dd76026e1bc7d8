/**
 * Rows of an import on their way to the vault and back, packed: one buffer for a batch instead of thousands of attachments.
 *
 * A row: `u8 length of the ICCID | ICCID, ASCII | u8 values | values`. Without an ICCID it is checked but not sealed.
 * A value: `u8 what | u8 length | octets`; `what` is the place of its name in {@link importNames}, with the top bit set for a
 * key check value of that name.
 *
 * An answer: `u8 problems | (u8 reason, u8 what) each | u8 length of the fingerprint | it | u16 length of the sealed record | it`,
 * in the order of the rows. A row with a problem has no sealed record.
 */
import { subscriberSecrets, VaultError } from './operations.ts';
import type { SubscriberSecrets } from './operations.ts';

export type ImportName = keyof SubscriberSecrets;
/** The order holds within one build, which runs both ends. */
export const importNames = Object.keys(subscriberSecrets.shape) as readonly ImportName[];
const KCV = 0x80;

/** Why the vault cannot take a value. Append only. */
export const importReasons = [
  'KCV_MISMATCH', 'KEYS_SWAPPED', 'WRAPPED_LENGTH', 'KEY_LENGTH', 'CODE_INVALID', 'KEY_MISSING', 'DEFAULT_SECRET',
] as const;
export type ImportReason = (typeof importReasons)[number];

export interface ImportValue {
  readonly name: ImportName;
  readonly kcv: boolean;
  readonly octets: Uint8Array;
}
export interface ImportRowSecrets {
  /** '' to check only. */
  readonly iccid: string;
  readonly values: readonly ImportValue[];
}
export interface ImportProblem {
  readonly reason: ImportReason;
  readonly name: ImportName;
}
export interface ImportAnswer {
  readonly problems: readonly ImportProblem[];
  readonly fingerprint: Uint8Array | undefined;
  readonly sealed: Uint8Array | undefined;
}

/** Collects rows in one buffer; what it outgrows is zeroed. */
export class RowWriter {
  #buffer = Buffer.allocUnsafeSlow(64 * 1024);
  #length = 0;
  #rows = 0;
  #values = 0;
  #countAt = 0;

  get rows(): number {
    return this.#rows;
  }

  begin(iccid: string): void {
    this.#room(2 + iccid.length);
    this.#buffer[this.#length] = iccid.length;
    this.#buffer.write(iccid, this.#length + 1, 'latin1');
    this.#length += 1 + iccid.length;
    this.#countAt = this.#length++;
    this.#buffer[this.#countAt] = 0;
    this.#values = 0;
    this.#rows += 1;
  }

  value(name: ImportName, octets: Uint8Array, kcv = false): void {
    if (octets.length > 255) throw new RangeError('a secret is never that long');
    this.#room(2 + octets.length);
    this.#buffer[this.#length] = importNames.indexOf(name) | (kcv ? KCV : 0);
    this.#buffer[this.#length + 1] = octets.length;
    this.#buffer.set(octets, this.#length + 2);
    this.#length += 2 + octets.length;
    this.#buffer[this.#countAt] = ++this.#values;
  }

  /** A view of what was written: zeroed by {@link wipe}. */
  get octets(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  wipe(): void {
    this.#buffer.fill(0, 0, this.#length);
    this.#length = 0;
    this.#rows = 0;
  }

  #room(more: number): void {
    if (this.#length + more <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * this.#buffer.length + more);
    larger.set(this.octets);
    this.#buffer.fill(0);
    this.#buffer = larger;
  }
}

const malformed = (): VaultError => new VaultError('VAULT_INPUT_INVALID', 'rows of an import are not packed as they must be');

/** The values are views of `packed`. Throws {@link VaultError} VAULT_INPUT_INVALID whatever the octets are. */
export function readRows(packed: Uint8Array, count: number): ImportRowSecrets[] {
  const view = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const rows: ImportRowSecrets[] = [];
  let at = 0;
  const take = (length: number): number => {
    const from = at;
    at += length;
    if (at > view.length) throw malformed();
    return from;
  };
  for (let row = 0; row < count; row++) {
    const length = view[take(1)]!;
    const from = take(length);
    const iccid = view.toString('latin1', from, from + length);
    const values: ImportValue[] = [];
    for (let left = view[take(1)]!; left > 0; left--) {
      const what = view[take(1)]!;
      const name = importNames[what & ~KCV];
      if (name === undefined) throw malformed();
      const size = view[take(1)]!;
      const start = take(size);
      values.push({ name, kcv: (what & KCV) !== 0, octets: view.subarray(start, start + size) });
    }
    rows.push({ iccid, values });
  }
  if (at !== view.length) throw malformed();
  return rows;
}

export function writeAnswers(answers: readonly ImportAnswer[]): Uint8Array {
  const size = answers.reduce((sum, one) => sum + 4 + 2 * one.problems.length + (one.fingerprint?.length ?? 0) + (one.sealed?.length ?? 0), 0);
  const out = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (const { problems, fingerprint, sealed } of answers) {
    out[at++] = problems.length;
    for (const { reason, name } of problems) {
      out[at++] = importReasons.indexOf(reason);
      out[at++] = importNames.indexOf(name);
    }
    out[at++] = fingerprint?.length ?? 0;
    if (fingerprint) out.set(fingerprint, at);
    at += fingerprint?.length ?? 0;
    out.writeUInt16BE(sealed?.length ?? 0, at);
    at += 2;
    if (sealed) out.set(sealed, at);
    at += sealed?.length ?? 0;
  }
  return out;
}

/** Fingerprints and records are views of `packed`, which holds no secret. */
export function readAnswers(packed: Uint8Array): ImportAnswer[] {
  const view = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const answers: ImportAnswer[] = [];
  for (let at = 0; at < view.length;) {
    const problems: ImportProblem[] = [];
    for (let left = view[at++]!; left > 0; left--, at += 2) problems.push({ reason: importReasons[view[at]!]!, name: importNames[view[at + 1]!]! });
    const marks = view[at++]!;
    const fingerprint = marks > 0 ? view.subarray(at, at + marks) : undefined;
    at += marks;
    const length = view.readUInt16BE(at);
    at += 2;
    answers.push({ problems, fingerprint, sealed: length > 0 ? view.subarray(at, at + length) : undefined });
    at += length;
  }
  return answers;
}
