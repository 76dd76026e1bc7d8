/**
 * Frames of the vault's socket: `u32 length of the rest | u32 header length | header | attachments`, numbers big-endian.
 * The header is JSON `{ id, op, args | data | error, blobs: [lengths] }`; the attachments follow in the order of `blobs`
 * and fill the frame exactly. Every deviation is a {@link FrameError}, after which the connection is of no use.
 */
import { PackingError, putBack, takeOut } from './values.ts';

export const MAX_FRAME = 64 * 1024 * 1024;
export const MAX_HEADER = 8 * 1024 * 1024;
export const MAX_BLOBS = 200_000;

export class FrameError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FrameError';
  }
}

/** What a frame says: a request has `op` and `args`, an answer `data` or `error`. */
export interface Message {
  readonly id: number;
  readonly op?: string;
  readonly args?: unknown;
  readonly data?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

export interface ReceivedMessage {
  readonly message: Message;
  /** The octets that came; attachments are views of them. Zero them when the message is dealt with. */
  readonly frame: Uint8Array;
}

/** One message as one frame, copied into memory of its own. Throws {@link FrameError} when it is too large. */
export function encodeFrame(message: Message): Uint8Array {
  const blobs: Uint8Array[] = [];
  let plain: unknown;
  try {
    plain = takeOut(message, blobs);
  } catch (error) {
    if (error instanceof PackingError) throw new FrameError(error.message);
    throw error;
  }
  const header = Buffer.from(JSON.stringify({ ...(plain as object), blobs: blobs.map((blob) => blob.length) }), 'utf8');
  const size = blobs.reduce((sum, blob) => sum + blob.length, 4 + header.length);
  if (size > MAX_FRAME || header.length > MAX_HEADER || blobs.length > MAX_BLOBS) throw new FrameError('message too large');
  // A pool slab would be shared with strangers and outlive the zeroing of this frame's owner.
  const frame = Buffer.allocUnsafeSlow(4 + size);
  frame.writeUInt32BE(size, 0);
  frame.writeUInt32BE(header.length, 4);
  frame.set(header, 8);
  let at = 8 + header.length;
  for (const blob of blobs) {
    frame.set(blob, at);
    at += blob.length;
  }
  return frame;
}

/** Reads the frame without its leading length. Throws {@link FrameError}, whatever the octets are. */
export function decodeFrame(frame: Uint8Array): Message {
  if (frame.length < 4) throw new FrameError('frame without header');
  const view = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  const headerLength = view.readUInt32BE(0);
  if (headerLength > MAX_HEADER || 4 + headerLength > frame.length) throw new FrameError('header longer than its frame');
  let header: unknown;
  try {
    header = JSON.parse(view.toString('utf8', 4, 4 + headerLength));
  } catch {
    throw new FrameError('header is not JSON');
  }
  if (header === null || typeof header !== 'object' || Array.isArray(header)) throw new FrameError('header is not an object');
  const { blobs: lengths, ...rest } = header as Record<string, unknown>;
  if (!Array.isArray(lengths) || lengths.length > MAX_BLOBS) throw new FrameError('attachments are not listed');
  const blobs: Uint8Array[] = [];
  let at = 4 + headerLength;
  for (const length of lengths as unknown[]) {
    if (typeof length !== 'number' || !Number.isInteger(length) || length < 0 || at + length > frame.length) {
      throw new FrameError('attachment outside its frame');
    }
    blobs.push(view.subarray(at, at + length));
    at += length;
  }
  if (at !== frame.length) throw new FrameError('octets behind the last attachment');
  if (!Number.isSafeInteger(rest['id']) || (rest['id'] as number) < 0) throw new FrameError('frame without a number');
  try {
    return putBack(rest, blobs) as Message;
  } catch (error) {
    if (error instanceof PackingError) throw new FrameError(error.message);
    throw error;
  }
}

/** Cuts a stream into messages. The chunks are zeroed once copied, since the stream may carry secrets. */
export class FrameReader {
  readonly #length = Buffer.alloc(4);
  #lengthRead = 0;
  #frame: Buffer | undefined;
  #at = 0;

  /** All messages that `chunk` completes. Throws {@link FrameError}; the reader is then of no use. */
  push(chunk: Uint8Array): ReceivedMessage[] {
    const out: ReceivedMessage[] = [];
    let at = 0;
    try {
      while (at < chunk.length) {
        if (!this.#frame) {
          while (this.#lengthRead < 4 && at < chunk.length) this.#length[this.#lengthRead++] = chunk[at++]!;
          if (this.#lengthRead < 4) break;
          const size = this.#length.readUInt32BE(0);
          if (size < 4 || size > MAX_FRAME) throw new FrameError('frame of impossible size');
          this.#frame = Buffer.allocUnsafeSlow(size);
          this.#at = 0;
        }
        const take = Math.min(chunk.length - at, this.#frame.length - this.#at);
        this.#frame.set(chunk.subarray(at, at + take), this.#at);
        this.#at += take;
        at += take;
        if (this.#at === this.#frame.length) {
          const frame = this.#frame;
          this.#frame = undefined;
          this.#lengthRead = 0;
          out.push({ message: decodeFrame(frame), frame });
        }
      }
    } catch (error) {
      for (const { frame } of out) frame.fill(0);
      this.close();
      throw error;
    } finally {
      chunk.fill(0);
    }
    return out;
  }

  /** Forgets a half-read frame, when the connection is gone. */
  close(): void {
    this.#frame?.fill(0);
    this.#frame = undefined;
  }
}
