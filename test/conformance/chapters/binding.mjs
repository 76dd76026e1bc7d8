import { integration, row, unit } from './row.mjs';

const wire = (name) => integration('conformance/es9plus', name);
const http = (name) => integration('es9plus/http', `the JSON binding > ${name}`);
const asn1 = (name) => unit('es9plus/asn1', `requests, octet by octet (SGP.22 v2.2, 6.6.2 and annex H) > ${name}`);
const reply = (name) => unit('es9plus/asn1', `replies > ${name}`);
const message = (name) => integration('es9plus/asn1', `the HTTP message > ${name}`);
const es2 = (name) => integration('es2plus/functions', name);
const hostile = (name) => integration('es2plus/hostile', name);
const members = 'JSON replies hold the members of 6.5.2 and no other';

/** SGP.22 v2.2, 6.2 to 6.5. */
export const json = {
  title: 'HTTP and the binding in JSON (6.2 to 6.5)',
  rows: [
    row('6.2', 'A function is a POST; other methods are 405', http('other paths, methods and content types'), hostile('HTTP that is none of ES2+ > GET')),
    row('6.2', 'A notification is answered with an empty body and without a content type', wire(`${members} > initiateAuthentication`), http('a notification with'), message('a notification nobody can verify')),
    row('6.2', 'Any User-Agent of an LPA is served, with or without something behind a semicolon', wire('a User-Agent of')),
    row('6.2', 'X-Admin-Protocol stands in every reply, with the version we speak', wire(`${members} > initiateAuthentication`), wire(`${members} > a failure of any of them`), wire('X-Admin-Protocol stands in HTTP errors too'), http('a notification with'), hostile('HTTP that is none of ES2+ > another path')),
    row('6.2', 'X-Admin-Protocol of another protocol, or of version 3, is refused on ES2+; none at all is tolerated', hostile('HTTP that is none of ES2+ > a version 3 client'), hostile('HTTP that is none of ES2+ > another protocol'), hostile('HTTP that is none of ES2+ > no X-Admin-Protocol')),
    row('6.2', 'The content type says which binding it is; the other one on the path of one is 415', unit('es9plus/asn1', 'what a request is for'), hostile('HTTP that is none of ES2+ > another content type'), http('a header in the request, a charset')),
    row('6.3', 'A function that was executed is HTTP 200, failure or success', wire(`${members} > a failure of any of them`), wire(`${members} > initiateAuthentication`)),
    row('6.3', 'A notification is HTTP 204', wire(`${members} > initiateAuthentication`), wire('a well-formed result of a transaction nobody knows')),
    row('6.3', '4xx are for requests that are no function: no JSON, another path, too large, too often', http('HTTP 400 for'), http('other paths'), integration('es9plus/http', 'limits > a body over the limit'), integration('es9plus/http', 'limits > an address that asks too often')),
    row('6.5', 'Only characters that must be are escaped', wire(`${members} > no character of a reply is escaped`)),
    row('6.5', 'Base64 is read with line breaks; what is none is refused', unit('es9plus/binding', 'members > base64 in any length'), unit('es9plus/binding', 'members > "AAAAA" is not base64'), http('not base64')),
    row('6.5.1.1', 'ES9+ requests have no header; one that is sent all the same is passed over', http('a header in the request')),
    row('6.5.1.2', 'A reply holds the members of its function and no other; a failure the header alone', wire(`${members} > initiateAuthentication`), wire(`${members} > cancelSession`), wire(`${members} > a failure`), unit('es2plus/codes', 'replies > every failure of')),
    row('6.5.1.3', 'ES2+ requests have functionRequesterIdentifier and functionCallIdentifier', unit('es2plus/members', 'requests that are wrong, by SGP.02 common codes, with the name of the member > no header'), unit('es2plus/openapi', 'docs/es2plus.openapi.json > downloadOrder: mutual TLS')),
    row('6.5.1.4', 'functionExecutionStatus has status, and for failures statusCodeData with subject and reason as text and a message', http('failure: HTTP 200, header only'), unit('es9plus/binding', 'members > a failure has header, codes and message')),
    row('6.5.2', 'The paths of the table, each for its function; no others', http('success: the members of the specification'), http('other paths'), hostile('HTTP that is none of ES2+ > our own notification'), hostile('HTTP that is none of ES2+ > no function')),
    row('6.5.2.1', 'DownloadOrder: eid, iccid, profileType; answer iccid', es2('downloadOrder (5.3.1, table 24) > by ICCID without EID'), unit('es2plus/members', 'requests that are right > type alone')),
    row('6.5.2.2', 'ConfirmOrder: iccid, eid, matchingId, confirmationCode, smdsAddress, releaseFlag; answer eid, matchingId, smdpAddress', es2('confirmOrder (5.3.2, table 27) > released at once'), es2('confirmOrder (5.3.2, table 27) > confirmed only'), unit('es2plus/codes', 'replies > a success has no member more')),
    row('6.5.2.2', 'releaseFlag is true or false, not a text or a number', unit('es2plus/members', 'requests that are wrong, by SGP.02 common codes, with the name of the member > release flag as text'), unit('es2plus/members', 'requests that are wrong, by SGP.02 common codes, with the name of the member > release flag missing')),
    row('6.5.2.3', 'CancelOrder: iccid, eid, matchingId, finalProfileStatusIndicator; answer header', es2('cancelOrder (5.3.3, table 30) > from Allocated'), unit('es2plus/members', 'requests that are wrong, by SGP.02 common codes, with the name of the member > indicator')),
    row('6.5.2.4', 'ReleaseProfile: iccid; answer header', es2('releaseProfile (5.3.4, table 32) > Confirmed')),
    row('6.5.2.5', 'HandleDownloadProgressInfo: the members of the schema, posted to its path or the URL of the operator, answered 204', integration('outbox/callback', 'progress over mutual TLS (SGP.22 v2.2, 5.3.5, 6.5.2.5) > member by member'), integration('outbox/callback', 'progress over mutual TLS (SGP.22 v2.2, 5.3.5, 6.5.2.5) > a URL with a path')),
    row('6.5.2.6', 'InitiateAuthentication: challenge bare, euiccInfo1 with its tag; answer with signature and CI key identifier under their tags', http('success: the members of the specification')),
    row('6.5.2.7', 'GetBoundProfilePackage: transactionId in hexadecimal of either case, prepareDownloadResponse; answer BF36', wire(`${members} > initiateAuthentication`), unit('downloads/checks', 'authenticateClient (3.4) > lower-case transaction ids')),
    row('6.5.2.8', 'AuthenticateClient: transactionId, authenticateServerResponse; answer BF25 and the signed objects with their tags', wire(`${members} > initiateAuthentication`)),
    row('6.5.2.9', 'HandleNotification: pendingNotification; no body in the answer', wire(`${members} > initiateAuthentication`)),
    row('6.5.2.10', 'CancelSession: transactionId, cancelSessionResponse; answer the header', wire(`${members} > cancelSession`)),
    row('6.5.2', 'A transactionId is 1 to 16 octets in hexadecimal; anything else is unknown: 8.10.1/3.9', http('the transaction id'), unit('es9plus/stolen-messages', 'the invented transaction')),
    row('6.5.2', 'A member that is missing is 1.6/2.2, one of another type or form 1.6/2.1', http('a member is missing'), http('a member is a number'), http('a member is null')),
    row('6.5.2.13, 6.5.2.14', 'RegisterEvent and DeleteEvent: header and the members of the schema, posted to their paths', integration('outbox/smds', 'registration (SGP.22 v2.2, 5.9.1, 6.5.2.13) > kept'), integration('outbox/smds', 'deletion (SGP.22 v2.2, 5.9.2, 6.5.2.14) > of an order that ended')),
  ],
};

/** SGP.22 v2.2, 6.6, annex H. */
export const asn1Binding = {
  title: 'The binding in ASN.1 (6.6, annex H)',
  rows: [
    row('6.6.1', 'Requests go to /gsma/rsp2/asn1 with the content type of the binding; others are 415, 405, 404', message('what is not DER is 400'), unit('es9plus/asn1', 'what a request is for > POST /gsma/rsp2/asn1 as')),
    row('6.6.1', 'A request is A2 with one function in it; anything else is HTTP 400', asn1('another outer tag'), asn1('two functions'), asn1('no such function'), asn1('trailing octets'), asn1('indefinite length')),
    row('6.6.1', 'A reply is A2 with the function in it, with content type and X-Admin-Protocol', message('both headers'), reply('the OK arm is A0')),
    row('6.6.1', 'A refusal is HTTP 200 with the error arm', message('a refusal is HTTP 200'), reply('the error arm is 81')),
    row('6.6.1', 'A device downloads and installs over it', integration('es9plus/asn1', 'a device with the ASN.1 binding > downloads, installs')),
    row('6.6.2.1', 'InitiateAuthentication, octet by octet; errors invalidDpAddress, euiccVersionNotSupportedByDp, ciPKNotSupported', asn1('initiateAuthentication'), integration('es9plus/asn1', 'a device with the ASN.1 binding > euiccVersionNotSupportedByDp'), integration('es9plus/asn1', 'a device with the ASN.1 binding > ciPKIdNotSupported'), reply('every number of the tables')),
    row('6.6.2.2', 'AuthenticateClient, octet by octet; every error has its number', asn1('authenticateClient and getBoundProfilePackage'), integration('es9plus/asn1', 'a device with the ASN.1 binding > matchingIdRefused'), integration('es9plus/asn1', 'a device with the ASN.1 binding > eidMismatch'), integration('es9plus/asn1', 'a device with the ASN.1 binding > euiccSignatureInvalid'), reply('every number of the tables')),
    row('6.6.2.3', 'GetBoundProfilePackage, octet by octet; every error has its number, and a wrong confirmation code leaves the session usable', asn1('authenticateClient and getBoundProfilePackage'), integration('es9plus/asn1', 'a device with the ASN.1 binding > a wrong confirmation code is number 3'), reply('every number of the tables')),
    row('6.6.2.4', 'HandleNotification, octet by octet; answered 204 with an empty body', asn1('handleNotification'), message('a notification nobody can verify')),
    row('6.6.2.5', 'CancelSession, octet by octet: the automatic tag stands in the place of BF41', asn1('cancelSession'), integration('es9plus/asn1', 'a device with the ASN.1 binding > cancelSession')),
    row('6.6.2', 'A code without a number of its own is undefinedError', reply('every number of the tables'), message('a fault of ours is undefinedError')),
    row('Annex H', 'A length longer than needed is read as it was received, an indefinite one never', unit('shared-tlv/tlv', 'reading > keeps a length longer than needed'), unit('shared-tlv/tlv', 'reading > refuses 0480aa0000 with TLV_INDEFINITE_LENGTH'), asn1('indefinite length')),
    row('Annex H', 'Data that is nested, long or broken is read or refused, and costs nothing', asn1('ten thousand levels deep'), asn1('whatever comes')),
  ],
};

const judged = (name) => unit('downloads/eligibility', `judged by what the eUICC says > ${name}`);

/** SGP.22 v2.2, annex F. */
export const eligibility = {
  title: 'Profile eligibility (annex F)',
  rows: [
    row('Annex F', 'The check is dynamic: on what the eUICC signed in this session', unit('downloads/eligibility', 'at authenticateClient > a missing service is refused'), unit('devices/devices', 'one that did not prove itself is not')),
    row('Annex F', 'Mandatory services of the package against UICCCapability: 8.2.5/4.3 with their names', judged('a service is missing'), judged('TUAK 256 is flag 16'), judged('the number of the flag')),
    row('Annex F', 'What an eUICC does not say is not held against it; it is noted', judged('no bit set says nothing'), judged('a bit that v2.2 does not have'), judged('a newer minor version')),
    row('Annex F', 'The version of the package against those the eUICC reads: 8.2.5/4.3', judged('the package is a major version older'), judged('the package is a major version newer'), judged('which is among the additional ones')),
    row('Annex F', 'Policy rules against those the eUICC forbids: 8.2.5/4.3', judged('PPR1 forbidden'), judged('PPR2 forbidden'), judged('the other rule is forbidden')),
    row('Annex F', 'Size of the package and of its applications against free memory: 8.1/4.8', judged('no room'), judged('just enough room'), judged('no volatile memory')),
    row('Annex F', 'No capability for one more profile: 8.1/4.8', judged('not one profile more')),
    row('Annex F', 'By agreement, services and version are noted instead of refused; rules and memory never are', judged('by policy, services and version are noted'), unit('downloads/eligibility', 'at authenticateClient > by setting it is noted')),
    row('Annex F', 'Every reason is told at once', judged('every reason is told at once')),
  ],
};
