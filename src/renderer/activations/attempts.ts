/** Download attempts as `2 of 10`; a limit of 0 allows none at all (a lab makes such orders to see a device refused). */
export const attemptsText = (order: { readonly downloadAttempts: number; readonly downloadLimit: number }): string =>
  order.downloadLimit === 0 ? 'no download allowed' : `${order.downloadAttempts} of ${order.downloadLimit}`;

/** The same for a narrow column. */
export const attemptsShort = (order: { readonly downloadAttempts: number; readonly downloadLimit: number }): string => `${order.downloadAttempts} / ${order.downloadLimit}`;
