/** Transport keys: registered under a name, kept sealed by the vault, retired for good. */
import type { Selectable } from 'kysely';
import type { TransportKeyRow } from '../../../shared/contract/imports.ts';
import type { KcvConvention, TransportAlgorithm } from '../../vault-link/operations.ts';
import { isSameIndex } from '../../../shared/contract/transport-keys.ts';
import type { RecipientInput } from '../../../shared/contract/preparation.ts';
import { keysNamed } from '../../../shared/output/index.ts';
import type { Call, EngineContext, Reader, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';
import type { Database } from '../store/index.ts';

export interface TransportKeyRecord {
  readonly id: number;
  readonly name: string;
  readonly algorithm: TransportAlgorithm;
  readonly index: string | undefined;
  readonly sealed: Uint8Array;
}

type Row = Selectable<Database['transport_keys']>;

const unknown = (name: string): DeskProblem => new DeskProblem('TRANSPORT_KEY_UNKNOWN', `There is no transport key named ${name.slice(0, 64)}.`, { field: 'name', hint: 'Register it first: its components and check values come from the sender.' });

/** A key that is in use. Throws {@link DeskProblem} `TRANSPORT_KEY_UNKNOWN`. */
export async function usableKey(db: Reader | Tx, name: string): Promise<TransportKeyRecord> {
  const row = await db.selectFrom('transport_keys').selectAll().where('name', '=', name).executeTakeFirst();
  if (!row) throw unknown(name);
  if (row.sealed === null) throw new DeskProblem('TRANSPORT_KEY_UNKNOWN', `The transport key ${row.name} was retired on ${new Date(row.retired_at!).toISOString().slice(0, 10)} and erased.`, { field: 'name' });
  return { id: row.id, name: row.name, algorithm: row.algorithm as TransportAlgorithm, index: row.key_index ?? undefined, sealed: row.sealed };
}

/** The active keys of an index a sender's file names: each sender counts its own, so there may be several. */
export async function keysOfIndex(db: Reader, index: string): Promise<string[]> {
  const rows = await db.selectFrom('transport_keys').select(['name', 'key_index']).where('key_index', 'is not', null).where('retired_at', 'is', null).orderBy('name').execute();
  return rows.filter((row) => isSameIndex(row.key_index!, index)).map((row) => row.name);
}

const view = (row: Row, imports: number): TransportKeyRow => ({
  name: row.name, algorithm: row.algorithm as TransportAlgorithm, kcv: row.kcv, kcvConvention: row.convention as KcvConvention, checked: row.checked === 1,
  ...(row.key_index === null ? {} : { index: row.key_index }), ...(row.note === null ? {} : { note: row.note }), components: row.components,
  custodians: JSON.parse(row.custodians) as string[], state: row.retired_at === null ? 'active' : 'retired', createdAt: row.created_at,
  ...(row.retired_at === null ? {} : { retiredAt: row.retired_at }), actor: row.actor, imports,
});

export async function listKeys(db: Reader): Promise<TransportKeyRow[]> {
  const rows = await db.selectFrom('transport_keys').selectAll().orderBy('retired_at').orderBy('name').execute();
  const used = await db.selectFrom('import_keys').select(['transport_key_id', (e) => e.fn.countAll<number>().as('n')]).groupBy('transport_key_id').execute();
  return rows.map((row) => view(row, Number(used.find((one) => one.transport_key_id === row.id)?.n ?? 0)));
}

export interface AddKeyInput {
  readonly name: string;
  readonly algorithm: TransportAlgorithm;
  readonly index?: string | undefined;
  readonly note?: string | undefined;
  readonly components: readonly { readonly value: string; readonly kcv?: string | undefined; readonly custodian: string }[];
  readonly kcv?: string | undefined;
  readonly insist: boolean;
}

type Made = Pick<Row, 'sealed' | 'kcv' | 'convention' | 'checked'>;

const octets = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

/** Combines the components in the vault; their copies here are zeroed. Codes of `transportKeys.add`. */
export async function makeKey(ctx: EngineContext, input: AddKeyInput): Promise<Made> {
  const values = takeAll(ctx, input.components.map((one) => one.value));
  try {
    const custodians = input.components.map((one) => one.custodian.trim().toLowerCase());
    if (new Set(custodians).size !== custodians.length) throw new DeskProblem('CUSTODIANS_SAME', 'Two components have the same custodian: then one person knows more than a part of the key.', { field: 'components', hint: 'Each component is entered by a person of its own.' });
    if (ctx.environment !== 'lab' && input.components.length < 2 && !input.insist) {
      throw new DeskProblem('COMPONENTS_TOO_FEW', 'The key comes in one piece, so one person knows all of it.', { field: 'components', hint: 'Ask for two or three components, or insist if the key serves tests only.' });
    }
    for (const [index, one] of [...input.components.map((component) => component.kcv), input.kcv].entries()) {
      if (one !== undefined && one.length % 2 !== 0) throw new DeskProblem('INPUT_INVALID', 'A check value has an even number of hexadecimal digits.', { field: index < input.components.length ? 'components' : 'kcv' });
    }
    const made = await ctx.vault.call('createTransportKey', {
      algorithm: input.algorithm, weak: input.insist, ...(input.kcv === undefined ? {} : { kcv: octets(input.kcv) }),
      components: values.map((value, index) => ({ value, ...(input.components[index]!.kcv === undefined ? {} : { kcv: octets(input.components[index]!.kcv) }) })),
    });
    return { sealed: made.sealed, kcv: Buffer.from(made.kcv).toString('hex').toUpperCase(), convention: made.convention, checked: made.checked ? 1 : 0 };
  } finally {
    for (const value of values) value.fill(0);
  }
}

function takeAll(ctx: EngineContext, handles: readonly string[]): Uint8Array[] {
  const taken: Uint8Array[] = [];
  try {
    for (const handle of handles) taken.push(ctx.uploads.take(handle));
    return taken;
  } catch (error) {
    for (const value of taken) value.fill(0);
    throw error;
  }
}

/** Throws {@link DeskProblem} `TRANSPORT_KEY_EXISTS`. */
export async function storeKey(tx: Tx, ctx: EngineContext, input: AddKeyInput, made: Made, call: Call): Promise<TransportKeyRow> {
  const same = await tx.selectFrom('transport_keys').select('id').where('name', '=', input.name).executeTakeFirst();
  if (same) throw new DeskProblem('TRANSPORT_KEY_EXISTS', `There is a transport key named ${input.name} already.`, { field: 'name' });
  const row = await tx.insertInto('transport_keys').values({
    name: input.name, algorithm: input.algorithm, ...made, key_index: input.index ?? null, note: input.note ?? null, components: input.components.length,
    custodians: JSON.stringify(input.components.map((one) => one.custodian.trim())), actor: call.actor, created_at: ctx.clock.now(), retired_at: null, retired_reason: null,
  }).returningAll().executeTakeFirstOrThrow();
  return view(row, 0);
}

export interface ChangeKeyInput {
  readonly name: string;
  readonly index?: string | undefined;
  readonly note?: string | undefined;
}

/**
 * Mappings and recipients name a key, not its index: what they do stays right. Two keys may have one index, because each receiver counts its
 * own; a recipient whose files name the index keeps one. Throws {@link DeskProblem} `TRANSPORT_KEY_UNKNOWN`, `TRANSPORT_KEY_IN_USE`.
 */
export async function changeKey(tx: Tx, input: ChangeKeyInput): Promise<TransportKeyRow> {
  const { id, name } = await usableKey(tx, input.name);
  const index = input.index === undefined ? undefined : input.index === '' ? null : input.index;
  if (index === null) await refuseNamed(tx, name);
  const note = input.note === undefined ? undefined : input.note === '' ? null : input.note;
  const values = { ...(index === undefined ? {} : { key_index: index }), ...(note === undefined ? {} : { note }) };
  if (Object.keys(values).length > 0) await tx.updateTable('transport_keys').set(values).where('id', '=', id).execute();
  const row = await tx.selectFrom('transport_keys').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const used = await tx.selectFrom('import_keys').select((e) => e.fn.countAll<number>().as('n')).where('transport_key_id', '=', id).executeTakeFirstOrThrow();
  return view(row, Number(used.n));
}

/** A recipient whose files say by its index which key wraps them would say that keys are in the clear. */
async function refuseNamed(tx: Tx, name: string): Promise<void> {
  const rows = await tx.selectFrom('recipients').select(['name', 'form']).where('state', '=', 'active').execute();
  const named = rows.find(({ form }) => {
    const recipient = JSON.parse(form) as RecipientInput;
    return keysNamed(recipient).includes(name);
  });
  if (named) throw new DeskProblem('TRANSPORT_KEY_IN_USE', `Files for ${named.name} name the index of this key; without one they would say that keys are in the clear.`, { field: 'index', hint: 'Leave the index out of that recipient\'s files first.' });
}

/** Erases the key. Throws {@link DeskProblem} `TRANSPORT_KEY_UNKNOWN`. */
export async function retireKey(tx: Tx, ctx: EngineContext, name: string, reason: string): Promise<TransportKeyRow> {
  const { id } = await usableKey(tx, name);
  const row = await tx.updateTable('transport_keys').set({ sealed: null, retired_at: ctx.clock.now(), retired_reason: reason }).where('id', '=', id).returningAll().executeTakeFirstOrThrow();
  const used = await tx.selectFrom('import_keys').select((e) => e.fn.countAll<number>().as('n')).where('transport_key_id', '=', id).executeTakeFirstOrThrow();
  return view(row, Number(used.n));
}
