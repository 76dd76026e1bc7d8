import { z } from 'zod';
import { cursor, instant, pageInput, procedure, uploadHandle } from './define.ts';
import { activationEvent, orderStates } from './states.ts';

export const orderRow = z.object({
  orderId: z.string(), iccid: z.string(), type: z.string(), eid: z.string().optional(),
  /** Absent before the order is confirmed; empty when the device is found by its EID alone. */
  matchingId: z.string().optional(),
  /** Brand that ordered over ES2+; absent for the operator's own. */
  brand: z.string().optional(), confirmedAt: instant.optional(),
  state: z.enum(orderStates), confirmationRequired: z.boolean(), createdAt: instant, expiresAt: instant.optional(),
  downloadAttempts: z.number().int(), downloadLimit: z.number().int(),
  confirmationAttempts: z.number().int(), confirmationLimit: z.number().int(),
  closedAt: instant.optional(), outcome: z.string().optional(), lastEventAt: instant.optional(), lastEvent: z.string().optional(),
});
export type OrderRow = z.infer<typeof orderRow>;

export const delivery = z.object({
  /** `1$host$matchingId[$oid][$1]` (SGP.22 v2.2, 4.1). */
  activationCode: z.string(),
  /** With the `LPA:` prefix, as it stands in the QR code. */
  lpaCode: z.string(),
  iosLink: z.string(), androidLink: z.string(),
  smdpAddress: z.string(), matchingId: z.string(),
  /** Module matrix of the QR code, rows of `0` and `1`, without quiet zone. */
  qr: z.array(z.string()),
});

export const orderDetail = orderRow.extend({ delivery: delivery.optional(), timeline: z.array(activationEvent) });

const view = { record: 'none', why: 'shown on screen only; exports are recorded' } as const;
/** An ISO 8601 moment, epoch milliseconds as text, or a span from now: `30d`, `12h`, `-1h` (lab). */
const when = z.string().max(40);

export const orders = {
  create: procedure({
    name: 'orders.create', kind: 'command', summary: 'Orders a profile by type or ICCID, confirms it and releases it',
    input: z.object({
      type: z.string().optional(), iccid: z.string().optional(), eid: z.string().optional(),
      /** Absent: made unguessable. Empty: the device is found by its EID alone. */
      matchingId: z.string().max(255).regex(/^[0-9A-Z-]*$/, 'capital letters, digits and dashes').optional(),
      confirmationCode: uploadHandle.optional(),
      expires: when.optional(),
      /** 0, in a Lab only: no device gets it. */
      downloadLimit: z.number().int().min(0).max(1000).optional(),
      release: z.boolean().default(true),
    }).refine((o) => o.type !== undefined || o.iccid !== undefined, { message: 'a profile type or an ICCID is needed', path: ['type'] }),
    output: z.object({
      orderId: z.string(), iccid: z.string(), matchingId: z.string(), activationCode: z.string(), state: z.enum(orderStates),
    }),
    permission: 'order.manage',
    audit: { record: 'always', event: 'order.created', fields: ['type', 'orderId', 'iccid', 'state', 'release'], sensitive: ['eid', 'matchingId'] },
    errors: ['TYPE_UNKNOWN', 'STOCK_EMPTY', 'PROFILE_UNKNOWN', 'PROFILE_NOT_AVAILABLE', 'TYPE_MISMATCH', 'EID_INVALID', 'EID_REQUIRED', 'MATCHING_ID_USED', 'MATCHING_ID_WEAK', 'EXPIRY_INVALID', 'CONFIRMATION_CODE_INVALID', 'ACTIVATION_CODE_TOO_LONG'],
  }),
  reserve: procedure({
    name: 'orders.reserve', kind: 'command', summary: 'Takes a profile by type or ICCID for an order that is confirmed later',
    input: z.object({ type: z.string().optional(), iccid: z.string().optional(), eid: z.string().optional() })
      .refine((o) => o.type !== undefined || o.iccid !== undefined, { message: 'a profile type or an ICCID is needed', path: ['type'] }),
    output: z.object({ orderId: z.string(), iccid: z.string(), state: z.enum(orderStates) }),
    permission: 'order.manage',
    audit: { record: 'always', event: 'order.reserved', fields: ['type', 'orderId', 'iccid', 'state'], sensitive: ['eid'] },
    errors: ['TYPE_UNKNOWN', 'STOCK_EMPTY', 'PROFILE_UNKNOWN', 'PROFILE_NOT_AVAILABLE', 'TYPE_MISMATCH', 'EID_INVALID'],
  }),
  confirm: procedure({
    name: 'orders.confirm', kind: 'command', summary: 'Gives a reserved order its MatchingID and, if asked, releases it',
    input: z.object({
      orderId: z.string(),
      /** Links the order to this EID, or repeats the one it is linked to. */
      eid: z.string().optional(),
      /** Absent: made unguessable. Empty: the device is found by its EID alone. */
      matchingId: z.string().max(255).regex(/^[0-9A-Z-]*$/, 'capital letters, digits and dashes').optional(),
      confirmationCode: uploadHandle.optional(),
      /** Host name of the SM-DS that tells the device; with an EID only. */
      smdsAddress: z.string().max(255).optional(),
      expires: when.optional(),
      downloadLimit: z.number().int().min(0).max(1000).optional(),
      release: z.boolean().default(true),
    }),
    output: z.object({ orderId: z.string(), iccid: z.string(), matchingId: z.string(), activationCode: z.string(), state: z.enum(orderStates) }),
    permission: 'order.manage',
    audit: { record: 'always', event: 'order.confirmed', fields: ['orderId', 'iccid', 'state', 'release', 'smdsAddress'], sensitive: ['eid', 'matchingId'] },
    errors: [
      'ORDER_UNKNOWN', 'TRANSITION_REFUSED', 'EID_INVALID', 'EID_REQUIRED', 'EID_MISMATCH', 'MATCHING_ID_INVALID', 'MATCHING_ID_USED', 'MATCHING_ID_WEAK', 'EXPIRY_INVALID',
      'CONFIRMATION_CODE_INVALID', 'ACTIVATION_CODE_TOO_LONG', 'SMDS_UNREACHABLE', 'SMDS_REFUSED',
    ],
  }),
  release: procedure({
    name: 'orders.release', kind: 'command', summary: 'Makes a confirmed order downloadable',
    input: z.object({ orderId: z.string() }), output: z.object({ orderId: z.string(), state: z.enum(orderStates) }),
    permission: 'order.manage', audit: { record: 'always', event: 'order.released', fields: ['orderId', 'state'] }, errors: ['ORDER_UNKNOWN', 'TRANSITION_REFUSED', 'SMDS_UNREACHABLE', 'SMDS_REFUSED'],
  }),
  cancel: procedure({
    name: 'orders.cancel', kind: 'command', summary: 'Cancels an order; the profile returns to stock unless it was delivered',
    input: z.object({ orderId: z.string(), finalState: z.enum(['available', 'unavailable']).default('available') }),
    output: z.object({ orderId: z.string(), iccid: z.string(), state: z.enum(orderStates) }),
    permission: 'order.manage', audit: { record: 'always', event: 'order.cancelled', fields: ['orderId', 'finalState', 'state'] }, errors: ['ORDER_UNKNOWN', 'TRANSITION_REFUSED', 'PROFILE_DELIVERED'],
  }),
  show: procedure({
    name: 'orders.show', kind: 'query', summary: 'One order with its delivery and timeline',
    input: z.object({ orderId: z.string() }), output: orderDetail, permission: 'order.view', audit: view, errors: ['ORDER_UNKNOWN'],
  }),
  list: procedure({
    name: 'orders.list', kind: 'query', summary: 'A page of orders, newest first',
    input: pageInput.extend({ filter: z.object({ state: z.array(z.enum(orderStates)).optional(), open: z.boolean().optional(), text: z.string().max(64).optional(), type: z.string().optional(),
      /** Orders of this brand; empty: the operator's own. */
      brand: z.string().max(64).optional(),
    }).default({}) }),
    output: z.object({ rows: z.array(orderRow), next: cursor.optional(), total: z.number().int().optional() }),
    permission: 'order.view', audit: view, errors: [],
  }),
};
