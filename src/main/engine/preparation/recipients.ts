/** Who gets output files, and how. */
import type { Recipient, RecipientInput } from '../../../shared/contract/preparation.ts';
import type { EngineContext, Reader, Tx } from '../context.ts';
import { DeskProblem } from '../context.ts';

export interface StoredRecipient {
  readonly id: string;
  readonly form: RecipientInput;
  readonly state: Recipient['state'];
  readonly createdAt: number;
}

export async function recipientById(db: Reader | Tx, id: string): Promise<StoredRecipient> {
  const row = await db.selectFrom('recipients').selectAll().where((e) => e.or([e('id', '=', id), e('name', '=', id)])).executeTakeFirst();
  if (!row) throw new DeskProblem('RECIPIENT_UNKNOWN', `There is no recipient ${id.slice(0, 80)}.`, { field: 'recipient' });
  return { id: row.id, form: JSON.parse(row.form) as RecipientInput, state: row.state, createdAt: row.created_at };
}

/** Its name, and why no file could be made for it now. */
export async function recipientProblem(ctx: EngineContext, id: string): Promise<{ name: string; problem?: string }> {
  const { form, state } = await recipientById(ctx.reader, id);
  return state === 'retired' ? { name: form.name, problem: 'The recipient is retired.' } : { name: form.name };
}
