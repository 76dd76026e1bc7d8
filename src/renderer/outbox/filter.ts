import type { InputOf } from '../../shared/contract/define.ts';
import { outboxStates, type outbox } from '../../shared/contract/outbox.ts';
import { readAxis } from '../design/url-filters.ts';

export type OutboxFilter = NonNullable<InputOf<typeof outbox.list>['filter']>;
export const outboxFilterKeys = ['state', 'kind', 'brand', 'order'] as const;
export const outboxStateAxis = { key: 'state', values: outboxStates };

export function outboxFilterOf(params: URLSearchParams): OutboxFilter {
  const state = readAxis(params, outboxStateAxis) as (typeof outboxStates)[number][];
  const of = (key: string): string => (params.get(key) ?? '').trim().slice(0, 64);
  return {
    ...(state.length > 0 ? { state } : {}), ...(of('kind') === '' ? {} : { kind: of('kind') }), ...(of('brand') === '' ? {} : { brand: of('brand') }), ...(of('order') === '' ? {} : { orderId: of('order') }),
  };
}
