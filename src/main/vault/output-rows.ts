/**
 * Rows of output files. Slots are opened here, keys are wrapped under a transport key, and what leaves is the finished piece of the
 * file: with clear secrets in it only where the vault itself is unprotected (Lab) and the engine says so, else wrapped, or the whole
 * file encrypted to age recipients. The rules of who gets what are checked again, whatever the engine checked.
 */
import type { KeyObject } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { byteWriter, checkedKey, fieldRules, fieldsOf, planLayout, writeFoot, writeHead, writeRow } from '../../shared/output/index.ts';
import type { ByteWriter, Layout, SecretField } from '../../shared/output/index.ts';
import type { RecipientInput } from '../../shared/contract/preparation.ts';
import { identityOf, identityText, IMPU_ROOM } from '../saip/index.ts';
import { readUtf8, toHex } from '../../shared/tlv/index.ts';
import { VaultError } from '../vault-link/operations.ts';
import type { OperationInput } from '../vault-link/operations.ts';
import type { AgeFile } from './age-file.ts';
import { ageFile } from './age-file.ts';
import { checkValueOf } from './check-values.ts';
import type { Protection } from './kek.ts';
import { profileContext } from './personalising.ts';
import type { RandomBytes } from './random.ts';
import { openProfile } from './sealing.ts';
import { plainIccid } from './subscribers.ts';
import type { KnownTemplate } from './templates.ts';
import type { TransportKey, Wrapping } from './transport-keys.ts';
import { openTransportKey, wrapValue } from './transport-keys.ts';

interface Session {
  readonly layout: Layout;
  readonly writer: ByteWriter;
  /** A column or the row's template names one. */
  readonly identities: boolean;
  readonly age: AgeFile | undefined;
  readonly keys: { readonly network?: TransportKey & Wrapping; readonly ota?: TransportKey & Wrapping };
  used: number;
}

export interface OutputRows {
  open(input: OperationInput<'openOutput'>): Promise<{ session: string; octets: Uint8Array }>;
  rows(input: OperationInput<'outputRows'>, template: KnownTemplate, batchKey: KeyObject): Promise<{ octets: Uint8Array }>;
  close(input: OperationInput<'closeOutput'>): Promise<{ octets: Uint8Array }>;
}

export interface OutputRowsOptions {
  readonly transportKey: KeyObject;
  readonly protection: Protection;
  readonly random: RandomBytes;
}

/** Files in the making at one time; the longest unused one ends when another begins. */
const MOST = 8;

export function createOutputRows({ transportKey, protection, random }: OutputRowsOptions): OutputRows {
  const sessions = new Map<string, Session>();
  let turn = 0;
  const end = (id: string): void => {
    const session = sessions.get(id);
    sessions.delete(id);
    session?.writer.clear();
    session?.keys.network?.octets.fill(0);
    session?.keys.ota?.octets.fill(0);
  };
  const find = (id: string): Session => {
    const session = sessions.get(id);
    if (!session) throw new VaultError('OUTPUT_UNKNOWN', 'the vault does not hold this output file any more; it begins again');
    session.used = ++turn;
    return session;
  };
  const out = async (session: Session): Promise<Uint8Array> => {
    const clear = session.writer.take();
    return session.age ? session.age.add(clear) : clear;
  };
  return {
    async open({ form: octets, head, clear, network, ota }) {
      const form = JSON.parse(readUtf8(octets)) as RecipientInput;
      const { layout, problems } = planLayout(form);
      if (problems[0]) throw new VaultError('VAULT_INPUT_INVALID', problems[0].message);
      mustBeWrapped(layout, { age: form.age.length > 0, network: network !== undefined, ota: ota !== undefined, clear: clear && protection === 'not-protected' });
      const age = form.age.length > 0 ? await ageFile(form.age) : undefined;
      if (sessions.size >= MOST) end([...sessions].reduce((oldest, one) => (one[1].used < oldest[1].used ? one : oldest))[0]);
      const opened = (key: typeof network) => key && { ...openTransportKey(transportKey, key.algorithm, key.sealed), mode: key.mode, reversed: key.reversed };
      const keys = { network: opened(network), ota: opened(ota) };
      const fields = fieldsOf(layout);
      const session: Session = { layout, writer: byteWriter(), identities: fields.has('impi') || fields.has('impu'), age, used: ++turn, keys: { ...(keys.network ? { network: keys.network } : {}), ...(keys.ota ? { ota: keys.ota } : {}) } };
      const id = toHex(random(16));
      sessions.set(id, session);
      writeHead(layout, head, session.writer);
      return { session: id, octets: await out(session) };
    },
    async rows({ session: id, items }, template, batchKey) {
      const session = find(id);
      try {
        let n = 0;
        for (const item of items) {
          writeOne(session, template, batchKey, item);
          // A device's download goes on meanwhile.
          if (++n % 100 === 0) await breathe();
        }
        return { octets: await out(session) };
      } catch (error) {
        end(id);
        throw error;
      }
    },
    async close({ session: id, drop }) {
      if (drop) {
        end(id);
        return { octets: new Uint8Array(0) };
      }
      const session = find(id);
      try {
        writeFoot(session.layout, session.writer);
        const last = await out(session);
        return { octets: session.age ? Buffer.concat([last, await session.age.end()]) : last };
      } finally {
        end(id);
      }
    },
  };
}

interface Ways { readonly age: boolean; readonly network: boolean; readonly ota: boolean; readonly clear: boolean }

/** Throws {@link VaultError} WRAPPING_MISSING for a secret that would leave in the clear. */
function mustBeWrapped(layout: Layout, ways: Ways): void {
  if (ways.age || ways.clear) return;
  for (const field of layout.secrets) {
    const { secrecy, group, title } = fieldRules[field];
    if (secrecy === 'code') throw new VaultError('WRAPPING_MISSING', `${title} leaves the vault only in a file encrypted to an age recipient`);
    if (!(group === 'ota keys' ? ways.ota : ways.network)) throw new VaultError('WRAPPING_MISSING', `${title} leaves the vault only under a transport key, or in a file encrypted to an age recipient`);
  }
}

/** What stands in the profile; without a slot for it what a device makes from the IMSI (TS 23.003, 13.3 and 13.4B). */
function identityIn(compiled: KnownTemplate['compiled'], slots: Uint8Array, name: 'impi' | 'impu', imsi: string): string | undefined {
  const slot = compiled.slots.find((one) => one.name === name && !one.late);
  if (slot) return identityText(slots, slot.at, slot.length);
  if (compiled.mncLength === 0) return undefined;
  const made = new Uint8Array(IMPU_ROOM);
  identityOf(imsi, compiled.mncLength, name === 'impu' ? 'sip:' : '', made, 0, made.length, name);
  return identityText(made, 0, made.length);
}

function writeOne(session: Session, template: KnownTemplate, batchKey: KeyObject, item: OperationInput<'outputRows'>['items'][number]): void {
  const { compiled } = template;
  const { layout, keys } = session;
  const slots = openProfile(batchKey, profileContext(plainIccid(item.iccid), compiled.digest), item.sealed);
  const secrets: Partial<Record<SecretField, Uint8Array>> = {};
  const own: Uint8Array[] = [];
  try {
    const slotNamed = (name: string) => compiled.slots.find((one) => one.name === name && !one.late);
    for (const field of layout.secrets) {
      const checked = checkedKey(field);
      const slot = slotNamed(checked ?? field);
      if (!slot) continue;
      const value = slots.subarray(slot.at, slot.at + slot.length);
      if (checked) {
        const kcv = checkValueOf(compiled, slot, value);
        if (kcv) secrets[field] = kcv;
        continue;
      }
      const { group } = fieldRules[field];
      const key = group === 'ota keys' ? keys.ota : group === 'network keys' ? keys.network : undefined;
      if (key) own.push(secrets[field] = wrapValue(key, key, value));
      else secrets[field] = value;
    }
    const acc = slotNamed('acc');
    const open: Record<string, string> = { ...item.open, ...(acc ? { acc: toHex(slots.subarray(acc.at, acc.at + acc.length)) } : {}) };
    for (const name of ['impi', 'impu'] as const) {
      if (session.identities) open[name] = identityIn(compiled, slots, name, item.open['imsi'] ?? '') ?? '';
    }
    writeRow(layout, { open, secrets }, session.writer);
  } finally {
    slots.fill(0);
    for (const value of own) value.fill(0);
  }
}
