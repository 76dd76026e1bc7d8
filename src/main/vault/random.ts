import { randomFillSync } from 'node:crypto';

/** Fresh random octets in memory of their own. */
export type RandomBytes = (length: number) => Uint8Array;

/** The generator repeated itself: nothing made with it may be used, so the vault must stop. */
export class RandomnessFailed extends Error {
  constructor() {
    super('the random number generator returned the same block twice');
    this.name = 'RandomnessFailed';
    this.name = 'RandomnessFailed';
  }
}

const BLOCK = 16;
const POOL = 4096;

/**
 * A source checked block by block: two equal neighbours of 16 octets end it for good (continuous test of a random number
 * generator). Octets come from a pool, zeroed as they leave, because one request to the system per PIN is slow.
 */
export function checkedRandom(fill: (out: Uint8Array) => void = (out) => void randomFillSync(out)): RandomBytes {
  const pool = new Uint8Array(POOL);
  const last = new Uint8Array(BLOCK);
  let at = POOL;
  let primed = false;
  let failed = false;

  const refill = (): void => {
    fill(pool);
    let previous = last;
    for (let block = 0; block < POOL; block += BLOCK) {
      const here = pool.subarray(block, block + BLOCK);
      if (primed && here.every((octet, i) => octet === previous[i])) {
        failed = true;
        pool.fill(0);
        throw new RandomnessFailed();
      }
      primed = true;
      previous = here;
    }
    last.set(previous);
    at = 0;
  };

  return (length) => {
    if (failed) throw new RandomnessFailed();
    const out = new Uint8Array(length);
    for (let done = 0; done < length;) {
      if (at === POOL) refill();
      const take = Math.min(length - done, POOL - at);
      out.set(pool.subarray(at, at + take), done);
      pool.fill(0, at, at + take);
      at += take;
      done += take;
    }
    return out;
  };
}

/** Uniform ASCII digits. */
export function randomDigits(random: RandomBytes, length: number): Uint8Array {
  const out = new Uint8Array(length);
  for (let i = 0; i < length;) {
    const octets = random(length - i);
    for (const octet of octets) if (octet < 250) out[i++] = 0x30 + (octet % 10);
    octets.fill(0);
  }
  return out;
}
