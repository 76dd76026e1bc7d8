import { createCipheriv } from 'node:crypto';
import {
  buildSampleTemplate, compileTemplate, computeOpcInto, encodeSlots, LATE_NAMES, personaliseFrom, SAMPLE_SLOTS, type SlotValues,
} from '../src/main/saip/index.ts';
import { utf8Bytes } from '../src/shared/tlv/index.ts';
import type { Figure } from './index.ts';

const SLAB = 512;
const ROUNDS = 15;
const PER_ROUND = 40 * SLAB;

/**
 * Profiles personalised per second on one core, in memory, against a plain copy of the same base; the same with the
 * slots encoded from row values; and OPc derived per second against node:crypto. Measured and reference runs take turns
 * in one process; each figure is the median of its rounds.
 */
export async function run(): Promise<Figure[]> {
  const compiled = compileTemplate(buildSampleTemplate(), { slots: SAMPLE_SLOTS, late: LATE_NAMES });
  const { size, slotBytesLength, base } = compiled;
  const slab = new Uint8Array(SLAB * size);
  const slots = new Uint8Array(SLAB * slotBytesLength);
  const rows = Array.from({ length: SLAB }, (_, n) => makeRow(n));
  rows.forEach((row, n) => encodeSlots(compiled, row, slots, n * slotBytesLength));
  const one = new Uint8Array(slotBytesLength);
  const opc = new Uint8Array(16);
  const op = utf8Bytes('test operator OP');
  const withOp = rows.map((row) => ({ ...row, opc: undefined, op }));

  const each = (step: (n: number) => void) => (count: number): void => {
    for (let i = 0; i < count; i++) step(i % SLAB);
  };
  const copy = each((n) => slab.set(base, n * size));
  const patch = each((n) => { personaliseFrom(compiled, slots, n * slotBytesLength, slab, n * size); });
  const encode = (list: readonly SlotValues[]) => each((n) => {
    encodeSlots(compiled, list[n]!, one, 0);
    personaliseFrom(compiled, one, 0, slab, n * size);
  });
  const table = each((n) => computeOpcInto(rows[n]!.k!, op, opc, 0));
  const node = each((n) => { createCipheriv('aes-128-ecb', rows[n]!.k!, null).setAutoPadding(false).update(op); });

  const plain = 'plain copy of the base';
  const [copied, patched, encoded, derivedToo] = await interleave([copy, patch, encode(rows), encode(withOp)], PER_ROUND);
  const [byNode, byTable] = await interleave([node, table], PER_ROUND / 20);
  return [
    { name: 'personalise from slot bytes', value: patched!, unit: 'profiles/s', reference: plain, ratio: patched! / copied! },
    { name: 'encode slots and personalise', value: encoded!, unit: 'profiles/s', reference: plain, ratio: encoded! / copied! },
    { name: 'derive OPc, encode slots and personalise', value: derivedToo!, unit: 'profiles/s', reference: plain, ratio: derivedToo! / copied! },
    { name: 'derive OPc', value: byTable!, unit: 'keys/s', reference: 'one node:crypto cipher per key', ratio: byTable! / byNode! },
  ];
}

/** Median rate per second of each task, the tasks taking turns. The event loop breathes between rounds. */
async function interleave(tasks: readonly ((count: number) => void)[], count: number): Promise<number[]> {
  const rates = tasks.map((): number[] => []);
  for (const task of tasks) task(count);
  for (let round = 0; round < ROUNDS; round++) {
    tasks.forEach((task, index) => {
      const start = process.hrtime.bigint();
      task(count);
      rates[index]!.push((count * 1e9) / Number(process.hrtime.bigint() - start));
    });
    await new Promise((resolve) => setImmediate(resolve));
  }
  return rates.map((list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)]!);
}

function makeRow(n: number): SlotValues {
  const key = (tag: number): Uint8Array => Uint8Array.from({ length: 16 }, (_, i) => (tag * 31 + n * 7 + i * 13 + 1) & 0xff);
  const digits = (length: number, seed: number): Uint8Array => utf8Bytes(String((seed * 7919 + n * 104_729) % 10 ** length).padStart(length, '0'));
  const join = (prefix: string, rest: Uint8Array): Uint8Array => Uint8Array.from([...utf8Bytes(prefix), ...rest]);
  return {
    iccid: join('8999900', digits(12, 1)), imsi: join('00101', digits(10, 2)), k: key(1), opc: key(2), pin1: digits(4, 3), pin2: digits(4, 4),
    puk1: digits(8, 5), puk2: digits(8, 6), adm1: digits(8, 7), adm2: digits(8, 8), msisdn: join('+4477009', digits(5, 9)), spn: 'Bench brand',
    smsp: utf8Bytes('+447700900001'), scp80Kic: key(3), scp80Kid: key(4), scp80Kik: key(5),
  };
}
