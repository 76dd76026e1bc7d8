import { useMemo, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import { useParams } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import type { OutputOf } from '../../shared/contract/define.ts';
import { CommandButton, useScreenCommands } from '../app/command-context.tsx';
import type { CommandSpec } from '../app/commands.ts';
import { call, problemOf } from '../app/client.ts';
import { useDialogs } from '../app/dialogs.tsx';
import { useDesk } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { BackLink, useEscapeTo } from '../design/back.tsx';
import { words } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { Page, PageHeader, Pairs, Panel } from '../design/panel.tsx';
import { Empty, LoadingRows, Note, Problem } from '../design/states.tsx';
import { Badge, orderLook } from '../design/status.tsx';
import { Absent, Identifier, Moment } from '../design/text.tsx';
import { Timeline } from '../design/timeline.tsx';
import { useQueryClient } from '@tanstack/react-query';
import { attemptsText } from './attempts.ts';
import { cancelBlocked } from './cancel-rule.ts';
import { DeliveryPanel } from './delivery-panel.tsx';
import { OrderPath } from './order-path.tsx';

type Order = OutputOf<typeof contract.orders.show>;

export function OrderScreen(): ReactElement {
  const { orderId = '' } = useParams();
  const order = useDesk(contract.orders.show, { orderId });
  useEscapeTo('/activations');
  if (order.isError && order.data === undefined) {
    const { code, message } = problemOf(order.error);
    if (code === 'NOT_FOUND' || code === 'ORDER_UNKNOWN') return <Empty title="No such order" actions={<BackLink to="/activations">Activations</BackLink>}>{message}</Empty>;
    return <Problem error={order.error} what="The order" retry={() => void order.refetch()} />;
  }
  if (order.data === undefined) return <LoadingRows rows={12} />;
  return <OrderView order={order.data} />;
}

function OrderView({ order }: { readonly order: Order }): ReactElement {
  const { open } = useDialogs();
  const toasts = useToasts();
  const client = useQueryClient();
  const { orderId, state, iccid, closedAt } = order;
  const unconfirmed = (state === 'allocated' || state === 'linked') && closedAt === undefined;
  const delivered = order.timeline.some((e) => e.stage === 'downloaded' || e.stage === 'bound' || e.stage === 'installed');
  const commands = useMemo(
    (): readonly CommandSpec[] => [
      {
        id: 'order.confirm', title: 'Confirm order', group: 'Here', permission: 'order.manage', keywords: ['matchingid', 'confirmation code'],
        blocked: () => (unconfirmed ? undefined : state === 'confirmed' ? 'It is confirmed already' : `Only a reserved order can be confirmed; this one is ${orderLook[state].word.toLowerCase()}`), run: () => open({ kind: 'order.confirm', order }),
      },
      {
        id: 'order.release', title: 'Release order', group: 'Here', permission: 'order.manage', keywords: ['download'],
        blocked: () => (state === 'confirmed' ? undefined : `Only a confirmed order can be released; this one is ${orderLook[state].word.toLowerCase()}`),
        run: () => {
          void call(contract.orders.release, { orderId }).then(
            () => {
              toasts.done('Released: devices can download it now');
              void client.invalidateQueries({ predicate: (q) => /^(orders|profiles|workspace)\./.test(String(q.queryKey[0])) });
            },
            (error: unknown) => toasts.failed(error, 'Release'),
          );
        },
      },
      { id: 'order.cancel', title: 'Cancel order', group: 'Here', permission: 'order.manage', blocked: () => cancelBlocked({ state, closedAt }), run: () => open({ kind: 'order.cancel', orderId, iccid, delivered, ended: closedAt !== undefined, unconfirmed }) },
    ],
    [order, state, unconfirmed, orderId, iccid, closedAt, delivered, open, toasts, client],
  );
  useScreenCommands(commands);
  return (
    <Page>
      <Box sx={{ display: 'flex', flexDirection: 'column', gap: '2px' }}>
        <BackLink to="/activations">Activations</BackLink>
        <PageHeader
          title={
            <Box component="span" sx={{ display: 'inline-flex', alignItems: 'center', gap: 1.5 }}>
              {order.type}
              <Badge look={orderLook[state]} />
            </Box>
          }
        >
          {unconfirmed && <CommandButton id="order.confirm" primary />}
          {state === 'confirmed' && <CommandButton id="order.release" primary />}
          <CommandButton id="order.cancel" />
        </PageHeader>
      </Box>
      <Box sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) 340px', gap: 2, alignItems: 'start', '@media (max-width: 960px)': { gridTemplateColumns: '1fr' } }}>
        <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2, minWidth: 0 }}>
          {closedAt === undefined && (
            <Panel>
              <OrderPath state={state} />
            </Panel>
          )}
          {unconfirmed && (
            <Note tone="info">
              The profile is kept for this order{order.eid === undefined ? '' : ' and this device'}; there is no activation code before it is confirmed. {order.brand === undefined ? 'Confirm it to make one.' : `${order.brand} confirms it over ES2+, or you do here.`}
              {order.expiresAt !== undefined && <> Unconfirmed, it ends in Error <Moment at={order.expiresAt} show="relative" />; the profile stays with it until the order is cancelled.</>}
            </Note>
          )}
          {state === 'confirmed' && <Note tone="warning">Not released: a device that tries the code now is refused with 8.2/1.2.</Note>}
          {state === 'error' && (
            <Note tone="warning">
              {delivered
                ? 'The order has ended, and its package was handed to a device: the profile cannot be sold again. Cancel the order to take the profile out of use, and order another one.'
                : 'The order has ended without a delivery and still holds its profile. Cancel it to put the profile back into stock, then order again.'}
            </Note>
          )}
          {order.delivery !== undefined && <DeliveryPanel order={order} delivery={order.delivery} />}
          <Panel title="Timeline">
            <Timeline events={order.timeline} />
          </Panel>
        </Box>
        <Panel title="Order">
          <Pairs
            nameWidth={104}
            rows={[
              ['Order', <Identifier key="o" value={orderId} what="order id" copy />],
              ['ICCID', <TextLink key="i" to={`/inventory/${iccid}`}><span className="mono">{iccid}</span></TextLink>],
              ['Ordered by', order.brand === undefined ? 'the operator' : <TextLink key="b" to={`/brands/${encodeURIComponent(order.brand)}`}>{order.brand}</TextLink>],
              ['Profile type', order.type],
              ['MatchingID', order.matchingId === undefined ? <Absent key="m">not confirmed yet</Absent> : order.matchingId === '' ? <Absent key="m">empty, found by EID</Absent> : <Identifier key="m" value={order.matchingId} what="MatchingID" copy />],
              ['EID', order.eid === undefined ? <Absent key="e">any device</Absent> : <Identifier key="e" value={order.eid} what="EID" group={8} copy />],
              ['Confirmation', order.confirmationRequired ? `required, ${order.confirmationAttempts} of ${order.confirmationLimit} tries used` : <Absent key="c">not required</Absent>],
              ['Attempts', attemptsText(order)],
              ['Ordered', <Moment key="t" at={order.createdAt} show="minutes" />],
              ['Confirmed', order.confirmedAt === undefined ? <Absent key="f">not yet</Absent> : <Moment key="f" at={order.confirmedAt} show="minutes" />],
              ['Expires', order.expiresAt === undefined ? <Absent key="x">never</Absent> : <Moment key="x" at={order.expiresAt} show="minutes" />],
              ['Closed', <Moment key="d" at={order.closedAt} show="minutes" />],
              ['Outcome', order.outcome === undefined ? <Absent key="r" /> : words(order.outcome)],
              ...(order.brand === undefined ? [] : [['Messages', <TextLink key="u" to={`/outbox?order=${encodeURIComponent(orderId)}`}>to {order.brand}</TextLink>] as const]),
            ]}
          />
        </Panel>
      </Box>
    </Page>
  );
}
