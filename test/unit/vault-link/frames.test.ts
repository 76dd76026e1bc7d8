import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, FrameError, FrameReader, MAX_FRAME } from '../../../src/main/vault-link/frames.ts';
import type { Message } from '../../../src/main/vault-link/frames.ts';

const octets = fc.uint8Array({ maxLength: 60 });
const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), octets);
const names = fc.string({ maxLength: 8 }).filter((name) => name !== '$b' && name !== '__proto__');
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 6 }, leaf, fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(names, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

const body = (frame: Uint8Array): Uint8Array => frame.subarray(4);
/** Octets as plain arrays, so that a Buffer equals a Uint8Array. */
const plain = (input: unknown): unknown => {
  if (input instanceof Uint8Array) return { octets: [...input] };
  if (Array.isArray(input)) return input.map(plain);
  if (input !== null && typeof input === 'object') return Object.fromEntries(Object.entries(input).map(([k, v]) => [k, plain(v)]));
  return Object.is(input, -0) ? 0 : input;
};

function raw(header: string, blobs = new Uint8Array(0)): Uint8Array {
  const head = Buffer.from(header);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  return Buffer.concat([length, head, blobs]);
}

describe('frames of the vault link', () => {
  test('any message comes back as it was, octets exact', () => {
    fc.assert(fc.property(fc.nat(), value, (id, args) => {
      const message: Message = { id, op: 'sign', args };
      expect(plain(decodeFrame(body(encodeFrame(message))))).toEqual(plain(message));
    }), { numRuns: 300 });
  });

  test('octets travel raw, never as text', () => {
    const secret = Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i);
    const frame = Buffer.from(encodeFrame({ id: 1, op: 'x', args: { k: secret } }));
    expect(frame.includes(Buffer.from(secret))).toBe(true);
    expect(frame.includes(Buffer.from(secret).toString('hex'))).toBe(false);
    expect(frame.includes(Buffer.from(secret).toString('base64'))).toBe(false);
  });

  test('a stream cut anywhere gives the same messages', () => {
    fc.assert(fc.property(fc.array(octets, { minLength: 1, maxLength: 5 }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (list, cuts) => {
      const stream = Buffer.concat(list.map((data, id) => encodeFrame({ id, data: { data } })));
      const reader = new FrameReader();
      const got: unknown[] = [];
      for (let at = 0, i = 0; at < stream.length; i++) {
        const end = Math.min(stream.length, at + cuts[i % cuts.length]!);
        for (const { message } of reader.push(Buffer.from(stream.subarray(at, end)))) got.push(plain(message));
        at = end;
      }
      expect(got).toEqual(list.map((data, id) => plain({ id, data: { data } })));
    }), { numRuns: 200 });
  });

  test('a chunk is zeroed once read', () => {
    const chunk = Buffer.from(encodeFrame({ id: 3, data: { k: Uint8Array.of(1, 2, 3) } }));
    const [received] = new FrameReader().push(chunk);
    expect(chunk.every((octet) => octet === 0)).toBe(true);
    expect(plain(received!.message)).toEqual(plain({ id: 3, data: { k: Uint8Array.of(1, 2, 3) } }));
  });

  test.each([
    ['no header', Uint8Array.of(0, 0)],
    ['a header longer than the frame', Uint8Array.of(0, 0, 0, 9, 0x7b)],
    ['no JSON', raw('{')],
    ['a header that is a list', raw('[]')],
    ['attachments not listed', raw('{"id":1}')],
    ['an attachment outside the frame', raw('{"id":1,"blobs":[1]}')],
    ['a negative length', raw('{"id":1,"blobs":[-1]}')],
    ['octets behind the last attachment', raw('{"id":1,"blobs":[]}', Uint8Array.of(1))],
    ['no number', raw('{"blobs":[]}')],
    ['a fractional number', raw('{"id":1.5,"blobs":[]}')],
    ['a reference to nothing', raw('{"id":1,"args":{"$b":0},"blobs":[]}')],
    ['a reference with a companion', raw('{"id":1,"args":{"$b":0,"x":1},"blobs":[0]}')],
    ['a reference that is text', raw('{"id":1,"args":{"$b":"length"},"blobs":[0]}')],
    ['a prototype', raw('{"id":1,"args":{"__proto__":{"$b":0}},"blobs":[0]}')],
    ['nesting without end', raw(`{"id":1,"args":${'['.repeat(50_000)}${']'.repeat(50_000)},"blobs":[]}`)],
  ])('refuses %s', (_, frame) => {
    expect(() => decodeFrame(frame)).toThrow(FrameError);
  });

  test('refuses an impossible size before any memory is taken', () => {
    for (const size of [0, 3, MAX_FRAME + 1, 0xffffffff]) {
      const head = Buffer.alloc(4);
      head.writeUInt32BE(size);
      expect(() => new FrameReader().push(head)).toThrow(FrameError);
    }
  });

  test('refuses to write what is too large or too deep', () => {
    expect(() => encodeFrame({ id: 1, args: { a: new Uint8Array(MAX_FRAME) } })).toThrow(FrameError);
    let deep: unknown = 1;
    for (let i = 0; i < 20; i++) deep = [deep];
    expect(() => encodeFrame({ id: 1, args: deep })).toThrow(FrameError);
  });

  test('garbage and damaged frames end in a FrameError or a message, nothing else', () => {
    const good = body(encodeFrame({ id: 7, op: 'bind', args: { a: Uint8Array.of(1, 2, 3), b: [{ c: Uint8Array.of(9) }, 'x'] } }));
    const attempt = (frame: Uint8Array): void => {
      try {
        expect(decodeFrame(frame).id).toBeGreaterThanOrEqual(0);
      } catch (error) {
        expect(error).toBeInstanceOf(FrameError);
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), attempt), { numRuns: 1500 });
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }), (edits) => {
      const frame = Uint8Array.from(good);
      for (const [at, octet] of edits) frame[at] = octet;
      attempt(frame);
    }), { numRuns: 1500 });
  });
});
