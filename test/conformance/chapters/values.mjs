import { integration, row, unit } from './row.mjs';

const code = (name) => unit('identifiers/identifiers', `activation code > ${name}`);
const member = (name) => unit('es2plus/members', name);
const message = (name) => unit('rsp/messages', name);
const checks = (name) => unit('downloads/checks', name);

/** SGP.22 v2.2, 2.8, 2.9, 4.4. */
export const metadata = {
  title: 'Profile metadata and policy rules (2.8, 2.9, 4.4)',
  rows: [
    row('2.8.1.1', 'PprIds is a bit string: pprUpdateControl, ppr1, ppr2', unit('rsp/metadata', 'profile metadata > writes class, notifications, owner and rules'), unit('rsp/metadata', 'profile metadata > anything that may be built')),
    row('2.8.1.2', 'OperatorId is MCC and MNC in three octets as in EF.IMSI, with GID1 and GID2 where given', message('digits > MCC 454 MNC 12'), message('digits > MCC 310 MNC 410'), unit('types/types', 'types > carry what a device is shown')),
    row('2.8.2', 'Sizes of UTF8String are characters, not octets', unit('rsp/metadata', 'profile metadata > counts characters')),
    row('2.9.1', 'PPR1 and PPR2 are set by type and go out with the metadata', unit('types/types', 'types > carry what a device is shown'), unit('rsp/metadata', 'profile metadata > writes class, notifications, owner and rules')),
    row('2.9.3.1', 'A profile with a rule that the eUICC forbids is not offered', unit('downloads/checks', 'a policy rule the chip forbids'), unit('downloads/eligibility', 'judged by what the eUICC says > PPR1 forbidden'), unit('downloads/eligibility', 'judged by what the eUICC says > PPR2 forbidden')),
    row('4.4', 'Metadata is shown in clear, and the package carries the same', unit('conformance/session', 'the metadata of the package is that of authenticateClient'), integration('es9plus/download', 'profile protection keys and a large icon')),
    row('4.4', 'It holds ICCID, names, icon, class, notification addresses, owner and rules', unit('types/types', 'types > carry what a device is shown'), unit('types/types', 'types > take JPEG icons')),
    row('4.4', 'Notifications come to this SM-DP+ unless a type says otherwise', unit('types/types', 'types > send notifications to the SM-DP+')),
    row('4.4.1', 'Test, provisioning and operational profiles are told apart', unit('rsp/metadata', 'profile metadata > writes class'), unit('rsp/metadata', 'profile metadata > reads an explicit operational class')),
    row('4.4.2', 'The rules are those of StoreMetadata', unit('rsp/metadata', 'profile metadata > writes class, notifications, owner and rules')),
  ],
};

/** SGP.22 v2.2, 4.1 to 4.3, 4.7. */
export const codes = {
  title: 'Activation code, device and eUICC information, confirmation code (4.1 to 4.3, 4.7)',
  rows: [
    row('4.1', 'Format, address, token, OID and confirmation flag, with a delimiter between; the examples of the clause are read and written as they are', code('writes back what it read')),
    row('4.1', 'At most 255 characters; an order whose code would be longer is refused', unit('orders/orders', 'a MatchingID so long'), code('refuses what is none')),
    row('4.1', 'Another format than 1 is invalid', code('refuses what is none')),
    row('4.1', 'Parts behind the confirmation flag are passed over', code('keeps parts it does not know')),
    row('4.1', 'The flag is there when a confirmation code is required and only then', unit('orders/orders', 'making orders > by ICCID as people write it'), unit('orders/orders', 'making orders > by type')),
    row('4.1', 'In a QR code the text begins with LPA:, and a camera reads it back', unit('orders/orders', 'making orders > by type: the oldest profile, an unguessable code, a delivery that scans')),
    row('4.1.1', 'A MatchingID is of upper-case letters, digits and hyphens', unit('identifiers/identifiers', 'MatchingID > is four groups of five'), member('requests that are wrong, by SGP.02 common codes, with the name of the member > MatchingID in small letters')),
    row('4.1.1', 'Those that tests send with an underscore are taken in a Lab and refused elsewhere', member('requests that are right > MatchingID with underscores in a Lab'), member('requests that are wrong, by SGP.02 common codes, with the name of the member > underscores outside a Lab')),
    row('4.1.1', 'It is unique, also after its order has ended', unit('orders/orders', 'making orders > a MatchingID is never used twice'), integration('es2plus/functions', 'confirmOrder (5.3.2, table 27) > own MatchingID')),
    row('4.1.1', 'Only a MatchingID that is known is processed', checks('authenticateClient (3.4) > an unknown code'), checks('authenticateClient (3.4) > the right code in small letters')),
    row('4.1.1', 'Trying MatchingIDs gets nobody anywhere, by eUICC, address or beginning', unit('es9plus/scan-guard', 'trying MatchingIDs > an eUICC over its share'), unit('es9plus/scan-guard', 'trying MatchingIDs > an address over its share'), unit('orders/orders', 'outside a Lab: no guessable MatchingID')),
    row('4.2', 'TAC, IMEI with its check digit, and the releases of the device are read from DeviceInfo', message('authenticateServerResponse > comes back as built')),
    row('4.2', 'What a device says is kept with its eUICC', unit('devices/devices', 'its last word stands'), unit('devices/devices', 'listed last seen first')),
    row('4.3', 'EUICCInfo1: version and both lists of CI keys, identifiers of any length', message('euiccInfo1 and euiccInfo2 > euiccInfo1 comes back as built')),
    row('4.3', 'EUICCInfo2: versions, free memory, capabilities, lists, category, forbidden rules, protection profile, accreditation', message('euiccInfo1 and euiccInfo2 > euiccInfo2 comes back as built')),
    row('4.3', 'Elements of later versions, and a card resource that is no list, are passed over', message('euiccInfo1 and euiccInfo2 > ignores elements of later versions')),
    row('4.7', 'Only a hash of the confirmation code is stored, and sealed', unit('vault/primitives', 'confirmation codes > the right hash only'), integration('es2plus/functions', 'confirmOrder (5.3.2, table 27) > a confirmation code is sealed'), unit('orders/orders', 'making orders > the code never shows')),
    row('4.7', 'The code of the end user must match that of the operator, letter by letter', checks('getBoundProfilePackage (3.5) > the confirmation code: missing, wrong, right'), integration('es2plus/download', 'not before it is released')),
    row('4.7', 'Wrong entries are limited, also side by side; then the order ends and the operator is told', checks('getBoundProfilePackage (3.5) > too many wrong codes end the order, also when they are tried side by side'), unit('downloads/progress', 'each wrong confirmation code')),
    row('4.7', 'A new order of the same profile may have another code', integration('conformance/ended-orders', 'in Error > after too many wrong confirmation codes')),
  ],
};

/** SGP.22 v2.2, 5.2. */
export const common = {
  title: 'Server to server functions (5.2)',
  rows: [
    row('5.2.1', 'EID: 32 digits', member('requests that are wrong, by SGP.02 common codes, with the name of the member > EID of 31 digits'), unit('identifiers/identifiers', 'EID > refuses other lengths')),
    row('5.2.1', 'ICCID: 19 or 20 digits, with or without F the same profile', member('padding is not part of an ICCID'), member('requests that are right > ICCID padded with F'), integration('es2plus/functions', 'downloadOrder (5.3.1, table 24) > padded with F')),
    row('5.2.1', 'FQDN: labels with dots; an SM-DS address that is none is refused', member('requests that are wrong, by SGP.02 common codes, with the name of the member > SM-DS that is no host'), code('refuses what is none')),
    row('5.2.1', 'DATETIME: to the second, with its zone', integration('es2plus/functions', 'getProfileStatus'), unit('orders/progress', 'says what happened, to whom and when')),
    row('5.2.1', 'OID: numbers with dots, arcs of any size', message('object identifiers > 2.999.10 is'), message('object identifiers > any identifier comes back')),
    row('5.2.1', 'VERSION: three numbers', message('euiccInfo1 and euiccInfo2 > refuses a missing version'), unit('es9plus/binding', 'addresses and versions > version 2.2.2')),
    row('5.2.4', 'The input header names requester and call; a missing or empty one is 1.6/2.2', member('requests that are wrong, by SGP.02 common codes, with the name of the member > no header'), member('requests that are wrong, by SGP.02 common codes, with the name of the member > no requester'), member('requests that are wrong, by SGP.02 common codes, with the name of the member > empty call identifier')),
    row('5.2.4', 'A validity period, which has no place here, is passed over', member('requests that are right > further members in the header')),
    row('5.2.5', 'The output header holds the execution status and nothing of processing times', unit('es2plus/codes', 'replies > every failure of downloadOrder is header only'), integration('es2plus/functions', 'releaseProfile (5.3.4, table 32) > Confirmed')),
    row('5.2.6', 'A status code has subject and reason as text, 3.10 being another than 3.1, and comes with a message; each has its explanation', unit('es2plus/codes', 'replies > every failure of'), unit('rsp-status/codes', 'status codes in plain language > every code is there once'), unit('rsp-status/codes', 'status codes in plain language > codes are text')),
    row('5.2.6.3', 'Parameters that are missing or invalid: 1.6/2.2, 1.6/2.3 and 1.6/2.1 of SGP.02, with the name of the parameter', member('requests that are wrong, by SGP.02 common codes, with the name of the member')),
    row('5.2.6.3', 'A fault of ours is 1.2/4.2, and nothing was changed', integration('es2plus/repeat', 'the same call again > the change and its answer are one'), unit('es2plus/codes', 'the codes of tables 24, 27, 30 and 32 > "SOMETHING_NEW"')),
  ],
};
