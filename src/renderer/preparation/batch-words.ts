/** What the preparation screens say and decide. Pure: knows nothing of React. */
import type { BatchDetail, BatchView, PreparationCheck, PreparationPlan, PreparationPreview } from '../../shared/contract/preparation.ts';
import { conditionText } from '../../shared/contract/profile-filter.ts';
import { dateProblem } from '../design/date-text.ts';
import { count, plural, span } from '../design/formats.ts';

/** The form of a new batch, as typed. */
export interface BatchForm {
  readonly type: string;
  readonly count: string;
  readonly source: PreparationPlan['source'];
  readonly range: string;
  readonly import: string;
  readonly brand: string;
  readonly reference: string;
  readonly order: string;
  /** A date, `2026-12-01`, or empty. */
  readonly due: string;
  readonly note: string;
  readonly outputs: readonly string[];
}
export const emptyForm: BatchForm = { type: '', count: '1,000', source: 'both', range: '', import: '', brand: '', reference: '', order: '', due: '', note: '', outputs: [] };

export type FormProblems = Partial<Record<keyof BatchForm, string>>;

const asWhole = (text: string): number | undefined => {
  const digits = text.replaceAll(/[\s,]/g, '');
  return /^\d{1,9}$/.test(digits) ? Number(digits) : undefined;
};

export function formProblems(form: BatchForm): FormProblems {
  const many = asWhole(form.count);
  return {
    ...(form.type === '' ? { type: 'Choose a profile type' } : {}),
    ...(many === undefined || many < 1 || many > 1_000_000 ? { count: 'A whole number between 1 and 1,000,000' } : {}),
    ...(dateProblem(form.due) === undefined ? {} : { due: dateProblem(form.due)! }),
  };
}

/** The plan a form stands for; undefined while type or quantity says nothing. */
export function planOf(form: BatchForm): PreparationPlan | undefined {
  if (Object.keys(formProblems(form)).length > 0) return undefined;
  const text = (key: 'brand' | 'reference' | 'order' | 'note'): Partial<Record<typeof key, string>> => (form[key].trim() === '' ? {} : { [key]: form[key].trim() });
  return {
    type: form.type, count: asWhole(form.count)!, source: form.source, outputs: [...form.outputs],
    ...(form.source !== 'stock' && form.range !== '' ? { range: form.range } : {}), ...(form.source !== 'ranges' && form.import !== '' ? { import: form.import } : {}),
    ...text('brand'), ...text('reference'), ...text('order'), ...text('note'), ...(form.due === '' ? {} : { due: Date.parse(`${form.due}T23:59:59Z`) }),
  };
}

/** What a draft or an address brings along. */
export function formFrom(params: URLSearchParams): BatchForm {
  const source = params.get('source');
  const chosen = params.get('import') ?? '';
  return {
    ...emptyForm, type: params.get('type') ?? '', import: chosen, range: params.get('range') ?? '', brand: params.get('brand') ?? '',
    source: source === 'stock' || source === 'ranges' || source === 'both' ? source : chosen === '' ? 'both' : 'stock', count: params.get('count') ?? emptyForm.count,
  };
}

export const formOf = (batch: BatchDetail): BatchForm => ({
  type: batch.type, count: count(batch.count), source: batch.source, range: batch.range ?? '', import: batch.import ?? '', brand: batch.brand ?? '', reference: batch.reference, order: batch.order ?? '',
  due: batch.due === undefined ? '' : new Date(batch.due).toISOString().slice(0, 10), note: batch.note ?? '', outputs: batch.outputs,
});

/** Where the profiles come from: `400 from imported stock, 600 new from number ranges`. */
export function sourcesText(preview: Pick<PreparationPreview, 'fromStock' | 'fromRanges' | 'count'>): string {
  const short = preview.count - preview.fromStock - preview.fromRanges;
  const parts = [...(preview.fromStock > 0 ? [`${count(preview.fromStock)} from imported stock`] : []), ...(preview.fromRanges > 0 ? [`${count(preview.fromRanges)} new from number ranges`] : [])];
  const text = parts.length === 0 ? 'Nothing to take from' : parts.join(', ');
  return short > 0 ? `${text}; ${count(short)} missing` : text;
}

export function estimateText(estimate: PreparationPreview['estimate']): string {
  if (estimate === undefined) return 'Not known before a batch of 500 or more has run here';
  const length = span(Math.max(1, Math.round(estimate.seconds)) * 1_000).replace('.0 s', ' s');
  return `about ${length}, at ${count(Math.max(1, Math.round(estimate.rate)))} a second (measured in ${plural(estimate.batches, 'batch', 'batches')} here)`;
}

/** What stands in the way first, then what to know, then what is in order. */
export function checkOrder(checks: readonly PreparationCheck[]): PreparationCheck[] {
  const rank = { blocker: 0, warning: 1, ok: 2 } as const;
  return [...checks].sort((a, b) => rank[a.state] - rank[b.state]);
}

/** `2,593: 593 from imported stock, 2,000 from number ranges` */
export function preparedText(batch: Pick<BatchView, 'prepared'> & Pick<BatchDetail, 'fromStock' | 'fromRanges'>): string {
  if (batch.prepared === 0) return 'none';
  const parts = [...(batch.fromStock > 0 ? [`${count(batch.fromStock)} from imported stock`] : []), ...(batch.fromRanges > 0 ? [`${count(batch.fromRanges)} from number ranges`] : [])];
  return parts.length < 2 ? `${count(batch.prepared)}${parts.length === 1 ? `, ${batch.fromStock > 0 ? 'from imported stock' : 'from number ranges'}` : ''}` : `${count(batch.prepared)}: ${parts.join(', ')}`;
}

/** What a cancel leaves, when the engine does not say it. */
export const cancelText = (batch: Pick<BatchView, 'prepared' | 'count'>): string =>
  `${plural(batch.prepared, 'profile')} ${batch.prepared === 1 ? 'is' : 'are'} prepared and ${batch.prepared === 1 ? 'stays' : 'stay'}; the numbers of the other ${count(Math.max(0, batch.count - batch.prepared))} are given back.`;

/** The inventory, narrowed to one batch. */
export const inventoryOf = (batch: Pick<BatchView, 'reference'>): string => `/inventory?where=${encodeURIComponent(conditionText({ field: 'batch', op: 'is', values: [batch.reference] }))}`;

/** What is left of it to sell: each can be ordered on its page. */
export const sellableOf = (batch: Pick<BatchView, 'reference'>): string => `${inventoryOf(batch)}&stock=sellable`;

/** How many vouchers there would be, and of how many the batch. */
export function vouchersText({ withCode, profiles }: { readonly withCode: number; readonly profiles: number }): string {
  if (withCode === 0) return 'No profile of this batch has an activation code yet: an order makes it.';
  if (withCode >= profiles) return `${plural(withCode, 'voucher')}: every profile of the batch has an activation code.`;
  return `${plural(withCode, 'voucher')}: ${count(withCode)} of ${plural(profiles, 'profile')} ${withCode === 1 ? 'has' : 'have'} an activation code. The others have no open order.`;
}

/** Share of a batch that is prepared, in whole percent, never 100 before it is. */
export const percent = (batch: Pick<BatchView, 'prepared' | 'count'>): number => (batch.count === 0 ? 0 : batch.prepared >= batch.count ? 100 : Math.min(99, Math.floor((100 * batch.prepared) / batch.count)));
