import { integration, row, unit } from './row.mjs';

const table = (name) => unit('profiles/rules', `the state tables > ${name}`);
const es2 = (name) => integration('es2plus/functions', name);
const ended = (name) => integration('conformance/ended-orders', `in Error > ${name}`);
const checks = (name) => unit('downloads/checks', name);
const notice = (name) => unit('downloads/notifications', `the result of an installation > ${name}`);

/** SGP.22 v2.2, 3.1.6. */
export const states = {
  title: 'Profile states at the SM-DP+ (3.1.6)',
  rows: [
    row('3.1.6', 'Only what the table has happens: interleaved devices, cancels, expiries, restarts and lost replies change nothing about that', integration('model/chain', 'orders, two devices, cancels'), table('let nothing happen that is not written')),
    row('3.1.6', 'Every state is reached, and the picture in the documentation is the table', table('reach every order and stock state'), unit('profiles/states-doc', 'docs/states.md is what the tables say')),
    row('3.1.6', 'Available, DownloadOrder without EID: Allocated', es2('downloadOrder (5.3.1, table 24) > by ICCID without EID'), table('available + order {} is allocated')),
    row('3.1.6', 'Available, DownloadOrder with EID: Linked', es2('downloadOrder (5.3.1, table 24) > with EID: Linked')),
    row('3.1.6', 'Allocated or Linked, ConfirmOrder with releaseFlag false: Confirmed', es2('confirmOrder (5.3.2, table 27) > confirmed only'), table('allocated + confirm {} is confirmed'), table('linked + confirm {} is confirmed')),
    row('3.1.6', 'Allocated or Linked, ConfirmOrder with releaseFlag true: Released', es2('confirmOrder (5.3.2, table 27) > released at once'), unit('orders/smds', 'releasing with confirmOrder > registers the MatchingID')),
    row('3.1.6', 'Confirmed, ReleaseProfile: Released', es2('releaseProfile (5.3.4, table 32) > Confirmed')),
    row('3.1.6', 'Released, GetBoundProfilePackage: Downloaded', unit('conformance/session', 'the EID is linked when the package is bound'), table('allocated + deliver'), table('confirmed + deliver')),
    row('3.1.6', 'Downloaded, GetBoundProfilePackage again: Downloaded, for the same eUICC', table('downloaded + deliver'), integration('es9plus/download', 'a device downloads over TLS > a package that got lost')),
    row('3.1.6', 'Downloaded, a successful result: Installed', notice('success'), table('downloaded + install {')),
    row('3.1.6', 'Downloaded, a failed result: Error', notice('a package the chip refuses'), table('downloaded + install_failed {')),
    row('3.1.6', 'Otherwise than the picture, an interruption or a lack of memory, which pass, let the same eUICC try again from Released', notice('interrupted'), table('downloaded + install_failed_retryable'), unit('downloads/notifications', 'what a result does, as a table')),
    row('3.1.6', 'Released or Downloaded, confirmation code limit exceeded: Error', checks('getBoundProfilePackage (3.5) > too many wrong codes'), table('released + limit_reached')),
    row('3.1.6', 'Released, download limit exceeded: Error', checks('authenticateClient (3.4) > the attempts of an order'), checks('authenticateClient (3.4) > no attempts')),
    row('3.1.6', 'Released or Downloaded, rejection by the end user: Error', checks('cancelSession (3.8) > reason 0 leaves the order error'), integration('es9plus/download', 'a device downloads over TLS > cancelled on the device')),
    row('3.1.6', 'Allocated, Linked, Confirmed, Released, CancelOrder with Available: Available', es2('cancelOrder (5.3.3, table 30) > from Allocated, Linked, Confirmed and Released')),
    row('3.1.6', 'Allocated, Linked, Confirmed, Released, CancelOrder with Unavailable: Unavailable', es2('cancelOrder (5.3.3, table 30) > Unavailable is for good')),
    row('3.1.6', 'Error, CancelOrder: Available where no package was delivered', ended('after a rejection before the package: cancelOrder makes it Available'), ended('after too many wrong confirmation codes')),
    row('3.1.6', 'Error, CancelOrder: Unavailable', ended('after a rejection before the package: cancelOrder makes it Unavailable'), ended('after a rejection behind the package')),
    row('3.1.6', 'A delivered profile is never Available again, whatever the order of events', table('never make a delivered profile available'), unit('profiles/transition', 'transition > the database itself refuses'), ended('after a rejection behind the package')),
    row('3.1.6', 'Unavailable is not ordered again', table('unavailable + order {} is refused'), unit('orders/orders', 'ending orders > taken out for good')),
    row('3.1.6', 'An additional event: an order that runs out before its delivery is in Error, and its profile may be sold again', unit('orders/steps', 'time > ends an order that is'), unit('orders/orders', 'ending orders > the sweep ends')),
    row('3.1.6', 'An additional axis: what the eUICC reports of the installed profile stands beside the state and does not move it', unit('downloads/notifications', 'enable, disable, delete > evidence of the chip')),
  ],
};
