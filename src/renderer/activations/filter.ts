import type { InputOf } from '../../shared/contract/define.ts';
import type { contract } from '../../shared/contract/index.ts';
import { orderStates } from '../../shared/contract/states.ts';
import { readAxis } from '../design/url-filters.ts';

export type OrderFilter = NonNullable<InputOf<typeof contract.orders.list>['filter']>;
export const orderFilterKeys = ['text', 'type', 'state', 'open', 'brand'] as const;
export const stateAxis = { key: 'state', values: orderStates.filter((s) => s !== 'available') };
/** Stands in the address for the operator's own orders; no brand can be called so. */
export const ownOrders = '*own';

export function orderFilterOf(params: URLSearchParams): OrderFilter {
  const filter: OrderFilter = {};
  const state = readAxis(params, stateAxis) as (typeof orderStates)[number][];
  const text = (params.get('text') ?? '').trim().slice(0, 64);
  const type = params.get('type')?.trim() ?? '';
  const brand = (params.get('brand') ?? '').trim().slice(0, 64);
  const open = params.get('open');
  if (state.length > 0) filter.state = state;
  if (text !== '') filter.text = text;
  if (type !== '') filter.type = type;
  if (brand !== '') filter.brand = brand === ownOrders ? '' : brand;
  if (open === 'yes' || open === 'true') filter.open = true;
  if (open === 'no' || open === 'false') filter.open = false;
  return filter;
}
