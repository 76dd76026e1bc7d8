/** The pending edits of a template, and what the engine makes of them. */
import { useCallback, useMemo, useState } from 'react';
import { contract } from '../../shared/contract/index.ts';
import type { OutputOf } from '../../shared/contract/define.ts';
import type { TemplateEditInput } from '../../shared/contract/template-edit.ts';
import type { TemplateDetail } from '../../shared/contract/types.ts';
import { problemOf, type DeskProblem } from '../app/client.ts';
import { useDesk, useSettled } from '../app/queries.ts';
import type { EditDesk } from './edit-parts.tsx';
import { editProblem, failedEdit, keyOf, presentEdits, sameEdit, sectionOfEdit, sent, type SectionId } from './edit-rules.ts';

export interface PendingEdit {
  readonly key: string;
  readonly edit: TemplateEditInput;
  readonly section: SectionId;
  /** What the engine says it does; absent while it has not said so. */
  readonly text: string | undefined;
  readonly problem: string | undefined;
}

export interface Edits {
  readonly desk: EditDesk;
  readonly pending: readonly PendingEdit[];
  /** What would come out, of the edits that can be right. */
  readonly tried: OutputOf<typeof contract.types.tryEdits> | undefined;
  readonly trying: boolean;
  /** A refusal that belongs to no single edit. */
  readonly refusal: DeskProblem | undefined;
  /** Everything is right, and the engine has seen it as it stands. */
  readonly ready: boolean;
  readonly list: readonly TemplateEditInput[];
  clear(): void;
}

const settleMs = 350;
type Stored = ReadonlyMap<string, TemplateEditInput>;

export function useEdits(detail: TemplateDetail): Edits {
  const now = useMemo(() => presentEdits(detail.present), [detail.present]);
  const [stored, setStored] = useState<Stored>(() => new Map());
  const put = useCallback((edit: TemplateEditInput) => setStored((all) => {
    const key = keyOf(edit);
    const next = new Map(all);
    if (sameEdit(edit, now.get(key))) next.delete(key);
    else next.set(key, edit);
    return next;
  }), [now]);
  const remove = useCallback((key: string) => setStored((all) => new Map([...all].filter(([one]) => one !== key))), []);
  const clear = useCallback(() => setStored(new Map()), []);

  const right = useMemo(() => [...stored].filter(([, edit]) => editProblem(edit) === undefined), [stored]);
  const settled = useSettled(right, settleMs);
  const input = useMemo(() => settled.map(([, edit]) => sent(edit)), [settled]);
  const answer = useDesk(contract.types.tryEdits, { id: detail.template.id, edits: input }, { enabled: input.length > 0, keepPrevious: true });
  const current = settled === right && !answer.isPlaceholderData && !answer.isFetching;
  const error = input.length > 0 && answer.isError ? problemOf(answer.error) : undefined;
  const failed = error === undefined ? undefined : failedEdit(error.field);
  const failedKey = failed === undefined ? undefined : settled[failed]?.[0];

  const problem = useCallback((key: string): string | undefined => {
    const edit = stored.get(key);
    if (edit === undefined) return undefined;
    return editProblem(edit) ?? (key === failedKey && error !== undefined ? [error.message, error.hint].filter(Boolean).join(' ') : undefined);
  }, [stored, failedKey, error]);
  const desk = useMemo((): EditDesk => ({
    present: detail.present, put, remove, problem, pending: (key) => stored.get(key),
    value: (kind, key = kind) => (stored.get(key) ?? now.get(key)) as never,
  }), [detail.present, put, remove, problem, stored, now]);
  const texts = new Map(answer.data === undefined || error !== undefined ? [] : settled.map(([key], at) => [key, answer.data?.changes[at]?.text] as const));
  const pending = [...stored].map(([key, edit]): PendingEdit => ({ key, edit, section: sectionOfEdit(edit), text: current ? texts.get(key) : undefined, problem: problem(key) }));
  return {
    desk, pending, clear, list: input,
    tried: input.length > 0 && error === undefined ? answer.data : undefined,
    trying: stored.size > 0 && right.length > 0 && !current,
    refusal: failedKey === undefined ? error : undefined,
    ready: stored.size > 0 && right.length === stored.size && current && error === undefined && answer.data !== undefined,
  };
}
