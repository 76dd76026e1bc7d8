/** Who gets output files, and how. What a kind of recipient may have is a rule of the column engine; how it is protected, one of this place. */
import type { Recipient, RecipientInput } from '../../../shared/contract/preparation.ts';
import { isKeyIndex } from '../../../shared/contract/transport-keys.ts';
import { fieldRules, fieldsOf, keysNamed, planLayout } from '../../../shared/output/index.ts';
import type { EngineContext, Reader, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';

export interface StoredRecipient {
  readonly id: string;
  readonly form: RecipientInput;
  readonly state: Recipient['state'];
  readonly createdAt: number;
}

/** By id or name; throws `RECIPIENT_UNKNOWN`. */
export async function recipientById(db: Reader | Tx, id: string): Promise<StoredRecipient> {
  const row = await db.selectFrom('recipients').selectAll().where((e) => e.or([e('id', '=', id), e('name', '=', id)])).executeTakeFirst();
  if (!row) throw new DeskProblem('RECIPIENT_UNKNOWN', `There is no recipient ${id.slice(0, 80)}.`, { field: 'recipient' });
  return { id: row.id, form: JSON.parse(row.form) as RecipientInput, state: row.state, createdAt: row.created_at };
}

export interface RecipientProblem {
  readonly code: string;
  readonly field?: string;
  readonly message: string;
}

export interface UsableKey {
  readonly algorithm: string;
  readonly sealed: Uint8Array;
  readonly index: string;
}

/** A transport key that can be used; undefined when it is retired or unknown. */
export async function transportKeyNamed(db: Reader | Tx, name: string): Promise<UsableKey | undefined> {
  const row = await db.selectFrom('transport_keys').select(['algorithm', 'sealed', 'key_index']).where('name', '=', name).executeTakeFirst();
  return row?.sealed ? { algorithm: row.algorithm, sealed: row.sealed, index: row.key_index ?? '' } : undefined;
}

/** All that keeps a file from being made for a recipient like this. */
export async function recipientProblems(ctx: EngineContext, db: Reader | Tx, form: RecipientInput): Promise<RecipientProblem[]> {
  const { layout, problems: found } = planLayout(form);
  const problems: RecipientProblem[] = [...found];
  // A file with keys under this transport key says which key it is.
  const named = keysNamed(form);
  for (const [field, name] of [['transportKey', form.transportKey], ['otaTransportKey', form.otaTransportKey]] as const) {
    const key = name === undefined ? undefined : await transportKeyNamed(db, name);
    if (key && name !== undefined && named.includes(name) && !isKeyIndex(key.index)) {
      problems.push({
        code: 'KEY_INDEX_MISSING', field,
        message: `The file names the index of its transport key, and ${name} ${key.index === '' ? 'has none' : `has ${key.index}, which is none`}; 0 would say that the keys are in the clear. Give it the index the receiver knows it by, with the button Index beside it (Inventory > Import stock > Transport keys) or the command transport-key change "${name}" --index 7${form.format === 'out' ? '' : '. Or leave the index out of the file'}.`,
      });
    }
    if (name !== undefined && !key) problems.push({ code: 'TRANSPORT_KEY_UNKNOWN', field, message: `There is no transport key ${name} in use.` });
  }
  if (form.transportKey !== undefined && form.transportKey === form.otaTransportKey) {
    problems.push({ code: 'TRANSPORT_KEY_REFUSED', field: 'otaTransportKey', message: 'Keys of the network and OTA keys travel under different transport keys.' });
  }
  if (form.kind === 'ota' && form.transportKey !== undefined) problems.push({ code: 'TRANSPORT_KEY_REFUSED', field: 'transportKey', message: 'An OTA platform gets no keys of the network, so no transport key for them.' });
  if (form.kind === 'hlr' && form.otaTransportKey !== undefined) problems.push({ code: 'TRANSPORT_KEY_REFUSED', field: 'otaTransportKey', message: 'An HLR gets no OTA keys, so no transport key for them.' });
  if (form.age.length === 0 && ctx.environment !== 'lab') {
    for (const field of layout.secrets) {
      const { secrecy, group, title } = fieldRules[field];
      const wrapped = secrecy === 'key' && (group === 'ota keys' ? form.otaTransportKey : form.transportKey) !== undefined;
      if (!wrapped) problems.push({ code: 'WRAPPING_MISSING', field: 'age', message: secrecy === 'code' ? `${title} leaves the workspace only in a file encrypted to an age recipient.` : `${title} leaves the workspace only under a transport key, or in a file encrypted to an age recipient.` });
    }
  }
  return problems;
}

/** How secrets are protected, in words. */
export function protectionOf(form: RecipientInput): string {
  const { layout } = planLayout(form);
  const { secrets } = layout;
  const words: string[] = [];
  const has = (group: string): boolean => secrets.some((field) => fieldRules[field].group === group);
  if (has('network keys') && form.transportKey !== undefined) words.push(`K and OPc under transport key ${form.transportKey}`);
  if (has('ota keys') && form.otaTransportKey !== undefined) words.push(`OTA keys under transport key ${form.otaTransportKey}`);
  if (form.age.length > 0) words.push(`the file encrypted to ${form.age.length} age ${form.age.length === 1 ? 'recipient' : 'recipients'}`);
  if (secrets.length === 0 && words.length === 0) {
    const fields = fieldsOf(layout);
    return fields.has('activationCode') || fields.has('matchingId') ? 'Activation codes, no keys or PINs' : 'No secrets in it';
  }
  const clear = form.age.length === 0 && secrets.some((field) => (fieldRules[field].group === 'network keys' ? form.transportKey === undefined : fieldRules[field].group === 'ota keys' ? form.otaTransportKey === undefined : true));
  if (clear) words.push('secrets in the clear (Lab only)');
  const text = words.join('; ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Its name, and why no file could be made for it now. */
export async function recipientProblem(ctx: EngineContext, id: string): Promise<{ name: string; problem?: string }> {
  const { form, state } = await recipientById(ctx.reader, id);
  if (state === 'retired') return { name: form.name, problem: 'The recipient is retired.' };
  const [problem] = await recipientProblems(ctx, ctx.reader, form);
  return { name: form.name, ...(problem ? { problem: problem.message } : {}) };
}

export async function recipientView(ctx: EngineContext, db: Reader | Tx, stored: StoredRecipient): Promise<Recipient> {
  const files = await db.selectFrom('artefacts').select([(e) => e.fn.countAll<number>().as('n'), (e) => e.fn.max('created_at').as('last')]).where('recipient_id', '=', stored.id).executeTakeFirstOrThrow();
  const [problem] = stored.state === 'retired' ? [] : await recipientProblems(ctx, db, stored.form);
  return {
    ...stored.form, id: stored.id, state: stored.state, createdAt: stored.createdAt, protection: protectionOf(stored.form), files: Number(files.n),
    ...(files.last === null ? {} : { lastFileAt: Number(files.last) }), ...(problem ? { problem: problem.message } : {}),
  };
}

export async function saveRecipient(tx: Tx, ctx: EngineContext, form: RecipientInput, id: string | undefined): Promise<Recipient> {
  const [problem] = await recipientProblems(ctx, tx, form);
  if (problem) throw new DeskProblem(problem.code, problem.message, problem.field === undefined ? {} : { field: problem.field });
  const known = id === undefined ? undefined : (await recipientById(tx, id)).id;
  const other = await tx.selectFrom('recipients').select('id').where('name', '=', form.name).executeTakeFirst();
  if (other && other.id !== known) throw new DeskProblem('RECIPIENT_EXISTS', `There is a recipient named ${form.name} already.`, { field: 'name' });
  const at = known ?? `rcp_${Buffer.from(ctx.random(6)).toString('hex')}`;
  if (known === undefined) await tx.insertInto('recipients').values({ id: at, name: form.name, kind: form.kind, form: JSON.stringify(form), created_at: ctx.clock.now() }).execute();
  else await tx.updateTable('recipients').set({ name: form.name, kind: form.kind, form: JSON.stringify(form) }).where('id', '=', at).execute();
  return recipientView(ctx, tx, await recipientById(tx, at));
}
