/** What the customer is handed: activation code, links, QR code. */
import { create } from 'qrcode';
import type { z } from 'zod';
import { activationCodeLimit, androidLink, buildActivationCode, iosLink, lpaCode } from '../../../shared/identifiers/index.ts';
import type { delivery } from '../../../shared/contract/orders.ts';

export type Delivery = z.input<typeof delivery>;

/** `1$host$matchingId`, with `$$1` behind it when a confirmation code is asked for (SGP.22 v2.2, 4.1). */
export function activationCodeOf(order: { readonly smdpAddress: string; readonly matchingId: string; readonly confirmationRequired: boolean }): string {
  // A test suite's MatchingID (Lab): no LPA reads such a code, and the order is to be shown all the same.
  if (order.matchingId.includes('_')) return `1$${order.smdpAddress}$${order.matchingId}${order.confirmationRequired ? '$$1' : ''}`;
  return buildActivationCode({ smdpAddress: order.smdpAddress, matchingId: order.matchingId, confirmationRequired: order.confirmationRequired });
}

/** False when the code would be longer than a QR code of the trade may be (SGP.22 v2.2, 4.1: 255 characters). */
export function fitsActivationCode(order: { readonly smdpAddress: string; readonly matchingId: string; readonly confirmationRequired: boolean }): boolean {
  return `1$${order.smdpAddress}$${order.matchingId}${order.confirmationRequired ? '$$1' : ''}`.length <= activationCodeLimit;
}

/** Module matrix of a QR code, error correction M, rows of `0` and `1`, without quiet zone. */
export function qrRows(text: string): string[] {
  const { modules } = create(text, { errorCorrectionLevel: 'M' });
  return Array.from({ length: modules.size }, (_, row) => {
    let line = '';
    for (let column = 0; column < modules.size; column++) line += modules.data[row * modules.size + column] ? '1' : '0';
    return line;
  });
}

export function deliveryOf(order: { readonly smdpAddress: string; readonly matchingId: string; readonly confirmationRequired: boolean }): Delivery {
  const activationCode = activationCodeOf(order);
  return {
    activationCode, lpaCode: lpaCode(activationCode), iosLink: iosLink(activationCode), androidLink: androidLink(activationCode),
    smdpAddress: order.smdpAddress, matchingId: order.matchingId, qr: qrRows(lpaCode(activationCode)),
  };
}
