// An independent receiving side for the tests: block-by-block CMAC over ECB, one decipher per TLV, nothing shared with the
// product's channel. Written from SGP.22 v2.2, 2.6.4 and annex G alone.
import { createCipheriv, createDecipheriv, createECDH, createHash, createSecretKey } from 'node:crypto';

function ecb(key: Uint8Array, block: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(block), cipher.final()]);
}

function shift(block: Buffer): Buffer {
  const value = BigInt(`0x${block.toString('hex')}`) << 1n;
  const reduced = value >> 128n ? (value ^ 0x87n) & ((1n << 128n) - 1n) : value;
  return Buffer.from(reduced.toString(16).padStart(32, '0'), 'hex');
}

export function slowCmac(key: Uint8Array, message: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-128-ecb', createSecretKey(key), null).setAutoPadding(false);
  const k1 = shift(ecb(key, Buffer.alloc(16)));
  const whole = message.length > 0 && message.length % 16 === 0;
  const padded = whole ? Buffer.from(message) : Buffer.concat([message, Buffer.from([0x80]), Buffer.alloc(15 - (message.length % 16))]);
  const last = padded.length - 16;
  const subkey = whole ? k1 : shift(k1);
  for (let i = 0; i < 16; i++) padded[last + i]! ^= subkey[i]!;
  let state = Buffer.alloc(16);
  for (let at = 0; at < padded.length; at += 16) {
    for (let i = 0; i < 16; i++) state[i]! ^= padded[at + i]!;
    state = Buffer.from(cipher.update(state));
  }
  return state;
}

export interface DeviceKeys {
  mcv: Buffer;
  enc: Buffer;
  mac: Buffer;
}

export function deviceKeys(input: { curve: 'P-256' | 'brainpoolP256r1'; otskEuicc: Uint8Array; otpkDp: Uint8Array; hostId: Uint8Array; eid: string }): DeviceKeys {
  const agreement = createECDH(input.curve === 'P-256' ? 'prime256v1' : input.curve);
  agreement.setPrivateKey(input.otskEuicc);
  const z = agreement.computeSecret(input.otpkDp);
  return keysFromSecret(z, input.hostId, input.eid);
}

export function keysFromSecret(z: Uint8Array, hostId: Uint8Array, eid: string): DeviceKeys {
  const info = Buffer.concat([Buffer.from([0x88, 0x10, hostId.length]), hostId, Buffer.from([16]), Buffer.from(eid, 'hex')]);
  const hash = (n: number): Buffer => createHash('sha256').update(Buffer.concat([z, Buffer.from([0, 0, 0, n]), info])).digest();
  const data = Buffer.concat([hash(1), hash(2)]);
  return { mcv: data.subarray(0, 16), enc: data.subarray(16, 32), mac: data.subarray(32, 48) };
}

export class Refused extends Error {}

/** Splits side-by-side TLVs with one-octet tags. */
export function split(octets: Uint8Array): Buffer[] {
  const buffer = Buffer.from(octets);
  const found: Buffer[] = [];
  for (let at = 0; at < buffer.length;) {
    const first = buffer[at + 1];
    if (first === undefined) throw new Refused('cut off');
    const size = first < 0x80 ? 0 : first & 0x7f;
    const length = size === 0 ? first : buffer.readUIntBE(at + 2, size);
    const end = at + 2 + size + length;
    if (end > buffer.length) throw new Refused('cut off');
    found.push(buffer.subarray(at, end));
    at = end;
  }
  return found;
}

export class DeviceChannel {
  #keys: DeviceKeys;
  #counter = 0;

  constructor(keys: DeviceKeys) {
    this.#keys = keys;
  }

  open(segment: Buffer, tag: number): Buffer {
    if (segment.length > 1020) throw new Refused('segment too long');
    if (segment[0] !== tag) throw new Refused('tag');
    const head = segment[1]! < 0x80 ? 2 : 2 + (segment[1]! & 0x7f);
    const body = segment.subarray(0, segment.length - 8);
    const mac = slowCmac(this.#keys.mac, Buffer.concat([this.#keys.mcv, body]));
    if (!mac.subarray(0, 8).equals(segment.subarray(segment.length - 8))) throw new Refused('mac');
    this.#keys = { ...this.#keys, mcv: mac };
    this.#counter++;
    if (tag === 0x88) return Buffer.from(body.subarray(head));
    const counter = Buffer.alloc(16);
    counter.writeUInt32BE(this.#counter, 12);
    const decipher = createDecipheriv('aes-128-cbc', this.#keys.enc, ecb(this.#keys.enc, counter)).setAutoPadding(false);
    const plain = Buffer.concat([decipher.update(body.subarray(head)), decipher.final()]);
    let end = plain.length - 1;
    while (end > 0 && plain[end] === 0) end--;
    if (plain[end] !== 0x80) throw new Refused('padding');
    return plain.subarray(0, end);
  }

  openAll(block: Uint8Array, blockTag: number, tag: number): Buffer {
    const [outer, extra] = split(block);
    if (extra !== undefined || outer![0] !== blockTag) throw new Refused('structure');
    const head = outer![1]! < 0x80 ? 2 : 2 + (outer![1]! & 0x7f);
    return Buffer.concat(split(outer!.subarray(head)).map((segment) => this.open(segment, tag)));
  }

  replace(bf26: Buffer): void {
    if (bf26.length !== 57 || bf26.readUInt16BE(0) !== 0xbf26) throw new Refused('keys');
    this.#keys = { mcv: bf26.subarray(5, 21), enc: bf26.subarray(23, 39), mac: bf26.subarray(41, 57) };
    this.#counter = 0;
  }
}
