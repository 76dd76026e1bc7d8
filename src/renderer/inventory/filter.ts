import type { z } from 'zod';
import type { profileFilter } from '../../shared/contract/profiles.ts';
import { deviceStates, networkStates, orderStates, stockStates } from '../../shared/contract/states.ts';
import { readAxis } from '../design/url-filters.ts';

export type ProfileFilter = z.input<typeof profileFilter>;

export const axes = {
  order: { key: 'order', values: orderStates },
  stock: { key: 'stock', values: stockStates },
  network: { key: 'network', values: networkStates },
  device: { key: 'device', values: deviceStates },
} as const;

export const filterKeys = ['text', 'type', 'order', 'stock', 'network', 'device'] as const;

/** The list filter an address stands for; only what is set is sent. */
export function filterOf(params: URLSearchParams): ProfileFilter {
  const filter: ProfileFilter = {};
  const type = params.get('type')?.trim() ?? '';
  // Pasted identifiers come with spaces and dashes; the engine searches digits.
  const text = (params.get('text') ?? '').replaceAll(/[\s-]+/g, '').slice(0, 64);
  if (type !== '') filter.type = type;
  if (text !== '') filter.text = text;
  const order = readAxis(params, axes.order) as (typeof orderStates)[number][];
  const stock = readAxis(params, axes.stock) as (typeof stockStates)[number][];
  const network = readAxis(params, axes.network) as (typeof networkStates)[number][];
  const device = readAxis(params, axes.device) as (typeof deviceStates)[number][];
  if (order.length > 0) filter.order = order;
  if (stock.length > 0) filter.stock = stock;
  if (network.length > 0) filter.network = network;
  if (device.length > 0) filter.device = device;
  return filter;
}
