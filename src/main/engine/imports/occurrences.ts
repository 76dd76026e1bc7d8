/**
 * Which rows of a file hold the same value, for millions of rows: three numbers a row and no strings. Values are known by 52 bits
 * of a hash, so a match is to be verified where the values themselves are.
 */
export class Occurrences {
  #slots: Int32Array;
  #mask: number;
  #marks: Float64Array;
  /** Next row of the same value; -1 ends the chain. The head is the first row of the file among them. */
  #next: Int32Array;

  constructor(rows: number) {
    let size = 1024;
    while (size < rows * 2) size *= 2;
    this.#slots = new Int32Array(size).fill(-1);
    this.#mask = size - 1;
    this.#marks = new Float64Array(rows).fill(-1);
    this.#next = new Int32Array(rows).fill(-1);
  }

  /** Adds a row; answers the first row of the same value when that is another one. */
  add(row: number, mark: number): number | undefined {
    this.#marks[row] = mark;
    this.#next[row] = -1;
    const slot = this.#find(mark);
    const head = this.#slots[slot]!;
    if (head < 0) {
      this.#slots[slot] = row;
      return undefined;
    }
    if (row < head) {
      this.#next[row] = head;
      this.#slots[slot] = row;
      return undefined;
    }
    this.#next[row] = this.#next[head]!;
    this.#next[head] = row;
    return head;
  }

  /** Takes a row out; answers the row that stands first for the value now, when the one taken out stood first before. */
  remove(row: number): number | undefined {
    const mark = this.#marks[row]!;
    if (mark < 0) return undefined;
    this.#marks[row] = -1;
    const slot = this.#find(mark, row);
    const head = this.#slots[slot]!;
    if (head !== row) {
      for (let at = head; at >= 0; at = this.#next[at]!) {
        if (this.#next[at] !== row) continue;
        this.#next[at] = this.#next[row]!;
        break;
      }
      return undefined;
    }
    let first = this.#next[row]!;
    if (first < 0) {
      // The slot stays taken by a row that is gone: later searches must pass over it. It is found again by the same mark.
      this.#slots[slot] = this.#gone(slot);
      return undefined;
    }
    const members: number[] = [];
    for (let at = first; at >= 0; at = this.#next[at]!) members.push(at);
    members.sort((a, b) => a - b);
    members.forEach((member, index) => {
      this.#next[member] = members[index + 1] ?? -1;
    });
    first = members[0]!;
    this.#slots[slot] = first;
    return first;
  }

  /** The rows of the same value behind the first, in no order. */
  others(first: number): number[] {
    const rows: number[] = [];
    for (let at = this.#next[first]!; at >= 0; at = this.#next[at]!) rows.push(at);
    return rows;
  }

  has(row: number): boolean {
    return this.#marks[row]! >= 0;
  }

  /** Rows behind it in its run move up, so that no search ends early. Answers what the slot holds now. */
  #gone(slot: number): number {
    let empty = slot;
    for (let at = (slot + 1) & this.#mask; this.#slots[at]! >= 0; at = (at + 1) & this.#mask) {
      const home = this.#home(this.#marks[this.#slots[at]!]!);
      const stays = empty <= at ? empty < home && home <= at : empty < home || home <= at;
      if (stays) continue;
      this.#slots[empty] = this.#slots[at]!;
      empty = at;
    }
    if (empty === slot) return -1;
    this.#slots[empty] = -1;
    return this.#slots[slot]!;
  }

  #home(mark: number): number {
    return Math.imul(mark % 4_294_967_296 | 0, 0x9e3779b1) >>> 7 & this.#mask;
  }

  #find(mark: number, row = -1): number {
    for (let at = this.#home(mark); ; at = (at + 1) & this.#mask) {
      const head = this.#slots[at]!;
      if (head < 0 || head === row || this.#marks[head] === mark) return at;
    }
  }
}

/** 52 bits of a hash of digits (two FNV-1a of different seeds). */
export function markOf(text: string): number {
  let a = 0x811c9dc5;
  let b = 0x01000193;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b);
    b ^= b >>> 13;
  }
  return (a >>> 0) + ((b >>> 12) & 0xfffff) * 4_294_967_296;
}

/** 52 bits of a keyed hash, which is as good as any. */
export function markOfFingerprint(fingerprint: Uint8Array): number {
  const view = new DataView(fingerprint.buffer, fingerprint.byteOffset);
  return view.getUint32(0) + (view.getUint32(4) & 0xfffff) * 4_294_967_296;
}
