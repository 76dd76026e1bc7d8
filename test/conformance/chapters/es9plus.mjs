import { integration, row, unit } from './row.mjs';

const initiate = (name) => unit('downloads/checks', `initiateAuthentication (3.3) > ${name}`);
const client = (name) => unit('downloads/checks', `authenticateClient (3.4) > ${name}`);
const bpp = (name) => unit('downloads/checks', `getBoundProfilePackage (3.5) > ${name}`);
const cancel = (name) => unit('downloads/checks', `cancelSession (3.8) > ${name}`);
const first = (name) => unit('downloads/clauses', `of two faults the one that is checked first is told (5.6.3) > ${name}`);
const firstBpp = (name) => unit('downloads/clauses', `getBoundProfilePackage: of two faults the one that is checked first > ${name}`);
const ofEid = (name) => unit('downloads/clauses', `default SM-DP+ orders (3.1.3 option c) > ${name}`);
const again = (name) => unit('downloads/clauses', `a package asked for again (5.6.2) > ${name}`);
const session = (name) => unit('conformance/session', name);
const judged = (name) => unit('es9plus/binding', `judging orders > ${name}`);
const wire = (name) => integration('conformance/es9plus', name);

/** SGP.22 v2.2, 5.6. */
export const es9plus = {
  title: 'ES9+ (5.6)',
  rows: [
    row('5.6.1', 'The version of the eUICC is supported, 2.x: otherwise 8.8.3/3.1', initiate('version 1.0.0'), initiate('version 3.0.0'), initiate('version 2.5.0')),
    row('5.6.1', 'The address is ours, whatever its case: otherwise 8.8.1/3.8', initiate('another address'), initiate('no address'), initiate('the address in capitals'), unit('es9plus/binding', 'addresses and versions > "smdp.example.evil"')),
    row('5.6.1', 'A CI key of the signing list is supported: otherwise 8.8.2/3.1', initiate('no root in common'), initiate('empty lists'), initiate('a key identifier without octets'), initiate('ours behind unknown ones')),
    row('5.6.1', 'A DPauth under a CI key of the verification list is there: otherwise 8.8.4/3.7', initiate('signs under ours, verifies under another'), initiate('a listener without a usable chain')),
    row('5.6.1', 'Of two faults the one that stands first is told: address, version, signing list, verification list', initiate('wrong address and wrong version'), unit('downloads/clauses', 'roots of the eUICC (5.6.1) > the signing list is judged before')),
    row('5.6.1', 'The DPauth follows the priority the eUICC gave', unit('downloads/clauses', 'roots of the eUICC (5.6.1) > signs under one')),
    row('5.6.1', 'Transaction id and server challenge are new for each session', session('every initiateAuthentication has another transaction id')),
    row('5.6.1', 'serverSignature1 is that of the DPauth that is sent', session('on P-256 > serverSigned1'), session('on brainpoolP256r1 > serverSigned1')),
    row('5.6.1', 'A challenge of other than 16 octets, or an euiccInfo1 that cannot be read: 1.6/2.1', integration('es9plus/http', 'the JSON binding > a challenge of 15 octets'), integration('es9plus/http', 'the JSON binding > not DER')),
    row('5.6.2', 'The transaction is known and its eUICC authenticated: otherwise 8.10.1/3.9', bpp('an unknown transaction, one that never authenticated')),
    row('5.6.2', 'The signed transaction id is that of the session: otherwise 8.10.1/3.9', bpp('signed transaction id differs'), bpp('the message of another session')),
    row('5.6.2', 'euiccSignature2 is valid: otherwise 8.1/6.1', bpp('signature wrong')),
    row('5.6.2', 'A required confirmation code that is missing: 8.2.7/2.2', bpp('the confirmation code: missing, wrong, right'), firstBpp('a hash of no octets is a missing one')),
    row('5.6.2', 'A wrong confirmation code: 8.2.7/3.8', bpp('the confirmation code: missing, wrong, right'), firstBpp('a hash of another length is a wrong one')),
    row('5.6.2', 'Too many wrong confirmation codes: 8.2.7/6.4, and the order has ended', bpp('too many wrong codes end the order')),
    row('5.6.2', 'An expired order: 8.8.5/4.10', bpp('an order cancelled or expired between the steps'), judged('binding {"expiresAt":1000}')),
    row('5.6.2', 'A hash where none is required disturbs nobody', bpp('hash of no octets where no code is required')),
    row('5.6.2', 'Of two faults the one that stands first is told: transaction, signature, confirmation code', firstBpp('transaction id before signature'), firstBpp('signature before the code'), firstBpp('signature before the missing code')),
    row('5.6.2', 'The same otPK.EUICC: the package is used again, InitialiseSecureChannel signed anew', again('the one-time key is offered again')),
    row('5.6.2', 'Another otPK.EUICC: bound afresh with another otPK.DP', again('another key gets a fresh key of ours'), integration('es9plus/download', 'a device downloads over TLS > another one-time key')),
    row('5.6.2', 'Or, by setting, 8.2/3.7, and the key that was offered still fetches the package', again('by setting another key is refused with 8.2/3.7')),
    row('5.6.2', 'An otPK.DP is never used with two otPK.EUICC', again('another key gets a fresh key of ours'), unit('vault/prepare-bind', 'binding once more > refuses another order, other one-time keys')),
    row('5.6.2', 'otSK.DP is erased, and with it the profile keys', unit('vault/erasing', 'what is drawn at random')),
    row('5.6.2', 'Nobody gets a package in the place of the eUICC that authenticated: 8.1.1/3.8 for the one that came second', bpp('two devices that both authenticated'), integration('es9plus/download', 'a device downloads over TLS > two devices race')),
    row('5.6.2', 'A session is for the listener it began on', unit('downloads/clauses', 'sessions > a package is for the listener of its session only')),
    row('5.6.2', 'The error arm of PrepareDownloadResponse is read and hands out nothing', session('the error arm of PrepareDownloadResponse'), unit('rsp/messages', 'prepareDownloadResponse > reads the error arm')),
    row('5.6.3', 'CERT.EUM under a CI that is none of ours: 8.11.1/3.9', client('EUM certificate: ["unknown-authority-key-id"]'), session('credentials under another root')),
    row('5.6.3', 'An invalid CERT.EUM: 8.1.2/6.1', client('EUM certificate: ["bad-signature"]'), client('EUM certificate: ["no-authority-key-id"]'), client('EUM certificate: ["self-signed","no-authority-key-id"]'), client('EUM certificate: ["wrong-role"]'), client('EUM certificate: ["not-a-ca"]'), client('EUM certificate: ["wrong-key-usage"]')),
    row('5.6.3', 'An expired CERT.EUM: 8.1.2/6.3, also when its role is wrong as well', client('EUM certificate: ["expired"]'), client('EUM certificate: ["expired","wrong-role"]'), client('EUM certificate: ["not-yet-valid"]')),
    row('5.6.3', 'An invalid CERT.EUICC: 8.1.3/6.1', client('eUICC certificate: ["bad-signature"]'), client('eUICC certificate: ["no-authority-key-id"]'), client('eUICC certificate: ["wrong-role"]'), client('eUICC certificate: ["foreign-organization"]'), client('an EID outside the EUM')),
    row('5.6.3', 'An expired CERT.EUICC: 8.1.3/6.3', client('eUICC certificate: ["expired"]'), client('eUICC certificate: ["not-yet-valid"]')),
    row('5.6.3', 'An invalid euiccSignature1: 8.1/6.1', client('signature wrong')),
    row('5.6.3', 'Another server challenge: 8.1/6.1', client('server challenge wrong')),
    row('5.6.3', 'An unknown transaction, one that ended, or another in what was signed: 8.10.1/3.9', client('an unknown transaction'), client('signed transaction id differs'), client('a session lives its minutes')),
    row('5.6.3', 'A MatchingID without a pending order: 8.2.6/3.8', client('an unknown code'), client('the right code in small letters'), client('cancelled'), judged('{"closedAt":1,"outcome":"installed","orderState":"installed"}: 8.2.6/3.8')),
    row('5.6.3', 'A MatchingID whose order is linked to another EID: 8.1.1/3.8', client('bound to another EID')),
    row('5.6.3', 'Without MatchingID, or with an empty one, a pending order for the EID: the oldest that is Released', ofEid('two of them'), ofEid('confirmed only'), judged('of several orders for one EID')),
    row('5.6.3', 'Without MatchingID and without an order for the EID: 8.1.1/3.8', client('no order for this EID, MatchingID absent'), client('no order for this EID, MatchingID empty'), ofEid('an order that was never confirmed')),
    row('5.6.3', 'With a MatchingID that is not the one of the order for the EID: 8.2.6/3.8', ofEid('an order with a MatchingID is not one of them')),
    row('5.6.3', 'A profile that is not released: 8.2/1.2', client('not released'), judged('{"orderState":"linked"}: 8.2/1.2'), ofEid('confirmed only: 8.2/1.2')),
    row('5.6.3', 'An expired order: 8.8.5/4.10, which ends it', client('expired'), ofEid('expired: 8.8.5/4.10')),
    row('5.6.3', 'Too many download attempts: 8.8.5/6.4, which ends the order', client('the attempts of an order are counted'), client('no attempts')),
    row('5.6.3', 'No eligible profile: 8.2.5/4.3', unit('downloads/checks', 'a policy rule the chip forbids: 8.2.5/4.3'), unit('downloads/eligibility', 'at authenticateClient > a missing service is refused')),
    row('5.6.3', 'Too little memory: 8.1/4.8', client('no memory'), unit('downloads/eligibility', 'judged by what the eUICC says > no room')),
    row('5.6.3', 'Of two faults the one that stands first is told: transaction, EUM, eUICC, signature, challenge, order, EID, release, time, attempts, memory', first('transaction id before the chain'), first('EUM before eUICC'), first('chain before signature'), first('signature before order'), first('challenge before order'), first('EID before release'), first('release before expiry'), first('expiry before attempts'), first('attempts before memory')),
    row('5.6.3', 'The key of the eUICC stays with the session, also when its order is refused, so that a cancellation can be verified', cancel('after a refused authenticateClient it verifies'), unit('devices/devices', 'an eUICC that proved itself is learnt')),
    row('5.6.3', 'ccRequiredFlag says whether the order has a confirmation code', session('an order with a confirmation code: ccRequiredFlag is true'), session('an order without a confirmation code: ccRequiredFlag is false')),
    row('5.6.3', 'Metadata, smdpSigned2, smdpSignature2 and DPpb certificate are what an eUICC accepts', client('metadata, signature and certificate'), session('on P-256 > smdpSigned2')),
    row('5.6.3', 'The error arm of AuthenticateServerResponse ends the session', client('the error arm ends the session')),
    row('5.6.4', 'Every notification is acknowledged, and managed by 3.5', integration('es9plus/http', 'the JSON binding > a notification with'), unit('downloads/notifications', 'the result of an installation > success')),
    row('5.6.4', 'A notification that we could not store is not acknowledged, so that it comes again', wire('a notification that cannot be stored')),
    row('5.6.5', 'An unknown transaction, one without an eUICC, one that was cancelled: 8.10.1/3.9', cancel('an unknown transaction, one in which no eUICC proved itself, one that was cancelled')),
    row('5.6.5', 'The signed transaction id is that of the session: otherwise 8.10.1/3.9', cancel('signed transaction id differs'), unit('es9plus/stolen-messages', 'two sessions open side by side > nobody cancels another')),
    row('5.6.5', 'euiccCancelSessionSignature is valid: otherwise 8.1/6.1', cancel('signature wrong')),
    row('5.6.5', 'smdpOid is ours: otherwise 8.8/3.10', cancel('another SM-DP+ OID')),
    row('5.6.5', 'A terminal reason ends the order and tells the operator Failed with the code of 5.3.5 at the step that was reached', unit('downloads/progress', 'cancelled with reason 0, delivered false'), unit('downloads/progress', 'cancelled with reason 4, delivered true'), unit('downloads/progress', 'cancelled with reason 5, delivered true'), cancel('reason 0 leaves the order error')),
    row('5.6.5', 'The event at the SM-DS is deleted then', unit('conformance/events', 'the event of an order > after a cancellation with reason 0')),
    row('5.6.5', 'Who only scanned the code cannot end the order of who has it', cancel('a stranger who scanned the code')),
    row('5.6.5', 'An eUICC that refuses to cancel changes nothing', cancel('the eUICC refuses to cancel')),
    row('5.6.5', 'A session that is over after a refusal is cancelled all the same', cancel('after a refusal the session reads Refused')),
    row('5.6', 'Messages of other or ended sessions, repeated or swapped, get nothing', unit('es9plus/stolen-messages', 'two sessions open side by side'), unit('es9plus/stolen-messages', 'messages of sessions that ended')),
  ],
};

const message = (name) => unit('rsp/messages', name);

/** SGP.22 v2.2, 5.7: the structures of ES10b that come to the SM-DP+. */
export const es10b = {
  title: 'Structures of the eUICC (5.7)',
  rows: [
    row('5.7.5', 'PrepareDownloadResponse, both arms: euiccSigned2 with otPK.EUICC and hash, signature; or the error', message('prepareDownloadResponse > comes back as built'), message('prepareDownloadResponse > reads the error arm')),
    row('5.7.5', 'The hash is SHA-256 of SHA-256 of the code and the transaction id', message('prepareDownloadResponse > hashes a confirmation code')),
    row('5.7.5', 'A hash of length 0 is none; one of another length is a wrong one, not a broken message', message('prepareDownloadResponse > takes a hashCc of length 0')),
    row('5.7.5', 'smdpSigned2: transaction id, ccRequiredFlag, otPK.EUICC of a kept package', message('serverSigned1 and smdpSigned2 > smdpSigned2 comes back as built')),
    row('5.7.8', 'EUICCInfo1 and EUICCInfo2 are read with their tags', message('euiccInfo1 and euiccInfo2 > euiccInfo1 comes back'), message('euiccInfo1 and euiccInfo2 > euiccInfo2 comes back')),
    row('5.7.8', 'Bits of UICCCapability and RSP capability are read as bits of later versions too', message('euiccInfo1 and euiccInfo2 > euiccInfo2 comes back'), unit('downloads/eligibility', 'judged by what the eUICC says > every service of the specification')),
    row('5.7.10', 'PendingNotification, both arms', message('pendingNotification > an installation result comes back'), message('pendingNotification > another notification comes back')),
    row('5.7.10', 'The event is read by its bits, however they are written', message('pendingNotification > reads the event bits'), message('pendingNotification > does not read bits that are declared unused')),
    row('5.7.13', 'AuthenticateServerResponse, both arms, certificates by position', message('authenticateServerResponse > comes back as built'), message('authenticateServerResponse > reads the error arm')),
    row('5.7.13', 'A MatchingID that is absent and one that is empty are told apart and treated alike', message('authenticateServerResponse > tells an absent matchingId'), unit('downloads/checks', 'authenticateClient (3.4) > no order for this EID')),
    row('5.7.13', 'Parts that are missing, of another size or in another order make no message', message('authenticateServerResponse > refuses missing parts')),
    row('5.7.14', 'CancelSessionResponse, both arms: transaction id, SM-DP+ OID, reason', message('cancelSessionResponse > comes back as built')),
    row('5.7.14', 'Every reason is known, and which of them are terminal', unit('rsp-status/rows', 'what a chip reports > every cancel reason')),
  ],
};

const registration = (name) => integration('outbox/smds', `registration (SGP.22 v2.2, 5.9.1, 6.5.2.13) > ${name}`);
const deletion = (name) => integration('outbox/smds', `deletion (SGP.22 v2.2, 5.9.2, 6.5.2.14) > ${name}`);

/** SGP.22 v2.2, 5.9, as the caller. */
export const es12 = {
  title: 'ES12 as the caller (5.9)',
  rows: [
    row('5.9.1', 'RegisterEvent: eid, rspServerAddress, eventId, forwardingIndicator', registration('kept')),
    row('5.9.1', '8.9.5/3.3, already in use: a failure, unless it is our own registration whose answer was lost', registration('an EventID somebody else'), registration('its answer got lost: the same')),
    row('5.9.1', 'Any other refusal is a failure of the order with 8.9/4.2', registration('refused: 8.9/4.2'), unit('orders/smds', 'releasing with confirmOrder > when it refuses')),
    row('5.9.1', 'An SM-DS that is not reached, or answers no ES12, is a failure of the order with 8.9/5.1', registration('unreachable')),
    row('5.9.1', 'Nothing stays behind at the SM-DS of a registration that failed or was not used', registration('not kept'), registration('its answer got lost and nobody asks again')),
    row('5.9.2', 'DeleteEvent: eid, eventId, once for an order that ended', deletion('of an order that ended')),
    row('5.9.2', '8.9.5/3.9, unknown: the event is gone, which was wanted', deletion('of an event that is gone already')),
    row('5.9.2', '8.9/5.1, 8.9/4.2 and an SM-DS that is away: tried again', deletion('is tried until')),
    row('5.9.2', 'A deletion under way comes before a new registration of the same event', deletion('a deletion that is under way')),
  ],
};
