/** Whether an order can still be cancelled: an open one, or one that ended in Error and so keeps its profile out of stock. */
import type { OrderRow } from '../../shared/contract/orders.ts';

/** Why not, as a sentence; undefined when it can be. */
export function cancelBlocked(order: Pick<OrderRow, 'state' | 'closedAt'>): string | undefined {
  if (order.state === 'installed') return 'The profile is installed';
  if (order.state === 'error') return undefined;
  return order.closedAt === undefined ? undefined : 'The order is closed already';
}
