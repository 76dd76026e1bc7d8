import { integration, row, unit } from './row.mjs';

const es2 = (name) => integration('es2plus/functions', name);
const checks = (name) => unit('downloads/checks', name);
const session = (name) => unit('conformance/session', name);
const event = (name) => unit('conformance/events', `the event of an order > ${name}`);
const notice = (name) => unit('downloads/notifications', name);
const progress = (name) => unit('downloads/progress', name);
const eligible = (name) => unit('downloads/eligibility', name);
const again = (name) => unit('downloads/clauses', `a package asked for again (5.6.2) > ${name}`);

/** SGP.22 v2.2, 3.1.1. */
export const initiation = {
  title: 'Download initiation (3.1.1)',
  rows: [
    row('3.1.1.2, step 1', 'With an ICCID, that profile when it is available; with a type, one of that type', es2('downloadOrder (5.3.1, table 24) > by ICCID without EID'), es2('downloadOrder (5.3.1, table 24) > by type'), es2('downloadOrder (5.3.1, table 24) > not Available')),
    row('3.1.1.2, step 2', 'The ICCID is reserved for this request, and for no other however many come at once', integration('orders/ten-thousand', '10,000 orders at once > every profile goes to one order'), integration('es2plus/parallel', '32 clients of two brands')),
    row('3.1.1.2, step 3', 'The ICCID is given back as it was asked for', es2('downloadOrder (5.3.1, table 24) > by ICCID without EID'), es2('downloadOrder (5.3.1, table 24) > padded with F')),
    row('3.1.1.2, step 4', 'An empty MatchingID is an order of the default SM-DP+, which needs the EID', es2('confirmOrder (5.3.2, table 27) > empty MatchingID')),
    row('3.1.1.2, steps 5 to 8', 'The EID of the confirmation is that of the order', es2('confirmOrder (5.3.2, table 27) > another EID than the linked one'), es2('confirmOrder (5.3.2, table 27) > EID given with the confirmation')),
    row('3.1.1.2, steps 5 to 8', 'A given MatchingID is taken and given back; without one the SM-DP+ makes one', es2('confirmOrder (5.3.2, table 27) > own MatchingID'), es2('confirmOrder (5.3.2, table 27) > released at once, MatchingID made here')),
    row('3.1.1.2, steps 5 to 8', 'With an SM-DS address the event is registered there', integration('es2plus/smds', 'released at once')),
    row('3.1.1.2, steps 5 to 8', 'releaseFlag true releases at once, false leaves it to ReleaseProfile', es2('confirmOrder (5.3.2, table 27) > released at once'), es2('confirmOrder (5.3.2, table 27) > confirmed only')),
    row('3.1.1.2, steps 5 to 8', 'The SM-DP+ address is given back, and leads to the profile', es2('confirmOrder (5.3.2, table 27) > released at once'), integration('es2plus/download', 'ordered, confirmed and released over ES2+')),
    row('3.1.1.4, step 10', 'Before its release a profile is not downloaded, and the device hears 8.2/1.2', checks('authenticateClient (3.4) > not released'), integration('es2plus/download', 'not before it is released')),
  ],
};

/** SGP.22 v2.2, 3.1.2. */
export const authentication = {
  title: 'Common mutual authentication (3.1.2)',
  rows: [
    row('3.1.2', 'DPpb leads to the same CI as the DPauth of the session', session('on P-256 > smdpSigned2'), session('on brainpoolP256r1 > smdpSigned2')),
    row('3.1.2, step 7', 'The address is checked', checks('initiateAuthentication (3.3) > another address'), checks('initiateAuthentication (3.3) > the address in capitals')),
    row('3.1.2, step 7', 'A CI of euiccCiPKIdListForSigning is accepted, or the procedure stops', checks('initiateAuthentication (3.3) > no root in common'), checks('initiateAuthentication (3.3) > empty lists')),
    row('3.1.2, step 7', 'A DPauth under a CI of euiccCiPKIdListForVerification is there, or the procedure stops', checks('initiateAuthentication (3.3) > signs under ours, verifies under another')),
    row('3.1.2, step 8', 'A transaction id that is never the same', session('every initiateAuthentication has another transaction id'), checks('initiateAuthentication (3.3) > transaction ids are upper-case, 16 octets')),
    row('3.1.2, step 8', 'A fresh server challenge each time', session('every initiateAuthentication has another transaction id')),
    row('3.1.2, step 8', 'euiccCiPKIdToBeUsed is one of the signing list', unit('downloads/clauses', 'roots of the eUICC (5.6.1) > signs under one')),
    row('3.1.2, step 8', 'serverSigned1 holds transaction id, eUICC challenge, server challenge and address, and is signed with DPauth', session('on P-256 > serverSigned1'), session('on brainpoolP256r1 > serverSigned1')),
    row('3.1.2, step 9', 'Transaction id, serverSigned1, serverSignature1, euiccCiPKIdToBeUsed and the DPauth certificate are returned', integration('conformance/es9plus', 'JSON replies hold the members of 6.5.2 and no other > initiateAuthentication')),
    row('3.1.2, step 16', 'AuthenticateClient belongs to its InitiateAuthentication by the transaction id, of the request and of what was signed', checks('authenticateClient (3.4) > an unknown transaction'), checks('authenticateClient (3.4) > signed transaction id differs'), unit('downloads/clauses', 'sessions > messages of another session')),
    row('3.1.2, step 16', 'The chain of the eUICC is verified, under the CI that was chosen', session('credentials under another root'), checks('authenticateClient (3.4) > EUM certificate'), checks('authenticateClient (3.4) > eUICC certificate')),
    row('3.1.2, step 16', 'euiccSignature1 is verified with the key of the eUICC certificate', checks('authenticateClient (3.4) > signature wrong')),
    row('3.1.2, step 16', 'The server challenge is the one that was given', checks('authenticateClient (3.4) > server challenge wrong')),
    row('3.1.2, step 16', 'Otherwise than the clause a version in euiccInfo2 that differs from the one in euiccInfo1 is no refusal, as in recorded sessions of others: the signed one is judged and kept', session('version 2.0.0 in euiccInfo1'), session('version 2.2.2 in euiccInfo1')),
    row('3.1.2, step 16', 'A session lives for some minutes', checks('authenticateClient (3.4) > a session lives its minutes'), unit('es9plus/stolen-messages', 'messages of sessions that ended > after its time')),
  ],
};

/** SGP.22 v2.2, 3.1.3 to 3.1.5. */
export const download = {
  title: 'Profile download and installation (3.1.3 to 3.1.5)',
  rows: [
    row('3.1.3', 'Download attempts are counted and limited for each order', checks('authenticateClient (3.4) > the attempts of an order are counted')),
    row('3.1.3', 'Confirmation code attempts are counted and limited for each order', checks('getBoundProfilePackage (3.5) > too many wrong codes end the order')),
    row('3.1.3, step 2', 'Activation code: the order is found by its token', integration('es9plus/download', 'a device downloads over TLS > from activation code to installed')),
    row('3.1.3, step 2', 'SM-DS: the EventID the device sends is the MatchingID of the order', integration('es2plus/smds', 'released at once')),
    row('3.1.3, step 2', 'Default SM-DP+: an empty MatchingID finds the order by the EID, the oldest first', unit('downloads/clauses', 'default SM-DP+ orders (3.1.3 option c) > two of them'), integration('es9plus/download', 'a device downloads over TLS > orders without MatchingID'), integration('es2plus/download', 'an order without MatchingID is found by its EID')),
    row('3.1.3, step 3', 'There is a pending order for the MatchingID', checks('authenticateClient (3.4) > an unknown code')),
    row('3.1.3, step 3', 'An order that is linked to an EID is for that eUICC only', checks('authenticateClient (3.4) > bound to another EID')),
    row('3.1.3, step 3', 'The profile is Released, or Downloaded when it is tried again by the same eUICC', unit('es9plus/binding', 'judging orders > {"orderState":"downloaded","boundEid":"1'), checks('authenticateClient (3.4) > not released'), unit('es9plus/binding', 'judging orders > {"orderState":"confirmed"}')),
    row('3.1.3, step 3', 'The attempt is counted; beyond the limit the order ends in Error and the operator is told', checks('authenticateClient (3.4) > the attempts of an order are counted'), progress('no attempts left')),
    row('3.1.3, step 3', 'Eligibility is judged, and that the eUICC can take one more profile', eligible('judged by what the eUICC says > not one profile more'), checks('authenticateClient (3.4) > no memory')),
    row('3.1.3, step 4', 'The operator hears the outcome of the eligibility check as point 1', progress('a smooth download'), progress('an eUICC without room')),
    row('3.1.3, step 5', 'Otherwise than the clause an eUICC that is not eligible leaves the order Released; the attempt counts, and the limit ends it in Error', eligible('at authenticateClient > a missing service is refused and named'), eligible('at authenticateClient > refusals use the attempts up')),
    row('3.1.3, step 5', 'For a package that is bound to this eUICC already its one-time key is offered again', again('the one-time key is offered again'), again('a key of the other curve is not offered')),
    row('3.1.3, step 5', 'smdpSigned2 says whether a confirmation code is required', session('an order with a confirmation code'), session('an order without a confirmation code')),
    row('3.1.3, step 5', 'smdpSignature2 is made with DPpb over smdpSigned2 and euiccSignature1', session('on P-256 > smdpSigned2'), session('on brainpoolP256r1 > smdpSigned2')),
    row('3.1.3, step 6', 'Transaction id, metadata, smdpSigned2, smdpSignature2 and the DPpb certificate are returned', integration('conformance/es9plus', 'JSON replies hold the members of 6.5.2 and no other > initiateAuthentication, authenticateClient'), checks('authenticateClient (3.4) > metadata, signature and certificate')),
    row('3.1.3.1, step 5', 'An unknown transaction is refused, and another try with the right one goes through', checks('cancelSession (3.8) > an unknown transaction')),
    row('3.1.3.1, step 5', 'euiccCancelSessionSignature is verified', checks('cancelSession (3.8) > signature wrong')),
    row('3.1.3.1, step 5', 'smdpOid is the one of the DPauth of the session', checks('cancelSession (3.8) > another SM-DP+ OID')),
    row('3.1.3.1, step 5', 'Postponed and timeout keep the order Released for another try', checks('cancelSession (3.8) > reason 1 leaves the order released'), checks('cancelSession (3.8) > reason 2 leaves the order released'), integration('es9plus/download', 'a device downloads over TLS > cancelled on the device')),
    row('3.1.3.1, step 6', 'Every other reason puts the profile in Error', checks('cancelSession (3.8) > reason 0 leaves the order error'), checks('cancelSession (3.8) > reason 3 leaves the order error'), checks('cancelSession (3.8) > reason 4 leaves the order error'), checks('cancelSession (3.8) > reason 5 leaves the order error'), checks('cancelSession (3.8) > reason 127 leaves the order error')),
    row('3.1.3.1, step 6', 'The event at the SM-DS is deleted then, and not before', event('after a cancellation with reason')),
    row('3.1.3.1, step 7', 'The operator hears Failed with the code of the reason', progress('cancelled with reason')),
    row('3.1.3.2, step 6', 'euiccSignature2 is verified over euiccSigned2 and smdpSignature2', checks('getBoundProfilePackage (3.5) > signature wrong'), session('on P-256 > euiccSignature2')),
    row('3.1.3.2, step 7', 'The expected hash is that of the stored hash and the transaction id; no other counts', session('the hash of the confirmation code is bound to the transaction'), unit('vault/primitives', 'confirmation codes > the right hash only')),
    row('3.1.3.2, step 7', 'A wrong code is counted; the last allowed one ends the order in Error', checks('getBoundProfilePackage (3.5) > too many wrong codes')),
    row('3.1.3.2, step 8', 'The operator hears each wrong code as point 2, Failed with its code', progress('each wrong confirmation code')),
    row('3.1.3.2, step 8', 'The device may try again, in the same session or a new one', checks('getBoundProfilePackage (3.5) > the confirmation code: missing, wrong, right')),
    row('3.1.3.2, step 9', 'The same one-time key of the eUICC gets the kept package under a new signature', again('the one-time key is offered again'), integration('es9plus/download', 'a device downloads over TLS > a package that got lost')),
    row('3.1.3.2, step 9', 'Another one gets a fresh binding, or by setting an error', again('another key gets a fresh key of ours'), again('by setting another key is refused with 8.2/3.7')),
    row('3.1.3.2, step 9', 'The profile is linked to the EID here and not before; of two eUICCs the first to ask has it', session('the EID is linked when the package is bound'), checks('authenticateClient (3.4) > a scan alone burns nothing'), checks('getBoundProfilePackage (3.5) > two devices that both authenticated')),
    row('3.1.3.2, step 10', 'The operator hears the delivery as point 3', progress('a smooth download')),
    row('3.1.3.2, step 11', 'The profile is Downloaded', session('the EID is linked when the package is bound')),
    row('3.1.3.3, step 8', 'The notification is acknowledged', integration('conformance/es9plus', 'JSON replies hold the members of 6.5.2 and no other > initiateAuthentication')),
    row('3.1.3.3, step 8', 'With an unknown transaction processing ends', session('a result of a transaction nobody knows'), integration('conformance/es9plus', 'a well-formed result of a transaction nobody knows')),
    row('3.1.3.3, step 8', 'The order ends and the profile is Installed or in Error, as the result says', notice('the result of an installation > success'), notice('the result of an installation > a package the chip refuses')),
    row('3.1.3.3, step 8', 'A result counts long after its session, and after a restart', notice('the result of an installation > long after the session'), unit('downloads/purge', 'a result that comes after its session was purged')),
    row('3.1.3.3, step 9', 'The operator hears the installation as point 4 with the result, success or failure', progress('a smooth download'), progress('an installation that failed')),
    row('3.1.3.3, step 10', 'The event at the SM-DS is deleted', event('is deleted once the profile is installed'), event('is deleted when the installation failed')),
    row('3.1.4', 'Several profiles go to one eUICC, one after the other', unit('downloads/clauses', 'default SM-DP+ orders (3.1.3 option c) > two of them')),
    row('3.1.5', 'A new session of the same eUICC for the same order takes the place of the earlier one', unit('downloads/clauses', 'sessions > of one eUICC for one order the newest wins')),
    row('3.1.5', 'After a failed communication the same request is answered again', integration('es9plus/download', 'a device downloads over TLS > a package that got lost'), progress('a smooth download')),
    row('3.1.5', 'After an interrupted installation the same eUICC may try again, and no other', notice('the result of an installation > interrupted')),
    row('3.1.5', 'A download goes on through restarts of the SM-DP+', integration('es9plus/restart', 'a restart between any two calls')),
  ],
};

/** SGP.22 v2.2, 3.5, 3.6. */
export const notifications = {
  title: 'Notifications and events (3.5, 3.6)',
  rows: [
    row('3.5', 'Installation results and other notifications are both taken', notice('the result of an installation > success'), notice('enable, disable, delete > evidence of the chip')),
    row('3.5', 'The sequence number protects against replay: what comes again, or is older than what is known, changes nothing', notice('the result of an installation > success: installed, once'), notice('enable, disable, delete > evidence of the chip')),
    row('3.5', 'Other notifications count with the signature and the chain of the eUICC, for profiles it got', notice('enable, disable, delete > a chip speaks for its own profiles only'), unit('downloads/clauses', 'revoked certificates (4.6)')),
    row('3.5', 'Notifications in any order and months late are taken, and disturb nothing that came after them', notice('late > for an order that was cancelled'), notice('the result of an installation > an older session')),
    row('3.5', 'Reception is acknowledged whatever is thought of the notification', integration('es9plus/http', 'the JSON binding > a notification with')),
    row('3.5', 'What nobody vouches for is kept apart, up to a bound', notice('what nobody vouches for > is kept up to a bound'), notice('what nobody vouches for > one address has a share')),
    row('3.6.1.1', 'The EventID is the MatchingID and unique for ever', integration('es2plus/smds', 'released at once'), unit('orders/orders', 'making orders > a MatchingID is never used twice')),
    row('3.6.1.1', 'RegisterEvent is called with EID, SM-DP+ address, EventID and ForwardingIndicator, over mutual TLS', integration('outbox/smds', 'registration (SGP.22 v2.2, 5.9.1, 6.5.2.13) > kept')),
    row('3.6.1.2', 'ForwardingIndicator is true: an alternative SM-DS is to tell the root, which ignores it', integration('outbox/smds', 'registration (SGP.22 v2.2, 5.9.1, 6.5.2.13) > kept')),
    row('3.6.1', 'A registration whose order did not come about is taken back', integration('outbox/smds', 'registration (SGP.22 v2.2, 5.9.1, 6.5.2.13) > not kept'), unit('orders/smds', 'releasing with confirmOrder > when')),
    row('3.6.3', 'DeleteEvent is called with EID and EventID when the order ends, once', integration('outbox/smds', 'deletion (SGP.22 v2.2, 5.9.2, 6.5.2.14) > of an order that ended'), unit('orders/smds', 'an order that ends has its event deleted, once')),
    row('3.6.3', 'It is tried until the SM-DS has it', integration('outbox/smds', 'deletion (SGP.22 v2.2, 5.9.2, 6.5.2.14) > is tried until')),
  ],
};
