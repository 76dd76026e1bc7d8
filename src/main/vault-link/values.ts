/**
 * Values with octets in them, as JSON plus raw attachments: each Uint8Array is taken out and replaced by `{"$b": index}`.
 * Secrets so never become text on their way to the vault or to its workers.
 */

/** Nothing that is exchanged is nested deeper; a stranger's nesting must not exhaust the stack. */
const MAX_DEPTH = 12;

export class PackingError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PackingError';
  }
}

/** Replaces octets by references; appends them to `blobs` in the order met. The given value is not changed. */
export function takeOut(value: unknown, blobs: Uint8Array[], depth = 0): unknown {
  if (value instanceof Uint8Array) return { $b: blobs.push(value) - 1 };
  if (value === null || typeof value !== 'object') return value;
  if (depth === MAX_DEPTH) throw new PackingError('value nested too deep');
  if (Array.isArray(value)) return value.map((entry) => takeOut(entry, blobs, depth + 1));
  const out: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) if (entry !== undefined) out[key] = takeOut(entry, blobs, depth + 1);
  return out;
}

/** Puts the octets back, in place where it can. Throws {@link PackingError} on a reference that does not fit. */
export function putBack(value: unknown, blobs: readonly Uint8Array[], depth = 0): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (depth === MAX_DEPTH) throw new PackingError('value nested too deep');
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = putBack(value[i], blobs, depth + 1);
    return value;
  }
  const record = value as Record<string, unknown>;
  const keys = Object.keys(record);
  if (Object.hasOwn(record, '$b')) {
    const blob = keys.length === 1 && Number.isInteger(record['$b']) ? blobs[record['$b'] as number] : undefined;
    if (!blob) throw new PackingError('reference to an attachment that is not there');
    return blob;
  }
  for (const key of keys) {
    // Own `__proto__` comes out of JSON.parse as a plain key; assigning it would change the prototype.
    if (key === '__proto__') throw new PackingError('name not allowed');
    record[key] = putBack(record[key], blobs, depth + 1);
  }
  return record;
}
