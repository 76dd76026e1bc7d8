/** What each status code means to the people who have to act on it. */

/** Who can put it right. */
export type FixOwner = 'operator' | 'user' | 'device' | 'platform' | 'sm-ds';
/** Where a code is heard: the ES9+ steps, order functions, cancelSession, SM-DS, progress notifications. */
export type StatusPlace = 'initiate' | 'authenticate' | 'package' | 'cancel' | 'order' | 'sm-ds' | 'progress' | 'any';
export type Retry = 'yes' | 'no' | 'once' | 'limited' | 'after-fix' | 'new-try';

export interface StatusMeaning {
  readonly subject: string;
  readonly reason: string;
  readonly where: readonly StatusPlace[];
  readonly cause: string;
  readonly action: string;
  readonly owners: readonly FixOwner[];
  readonly retry: Retry;
}

type Row = readonly [code: string, where: string, cause: string, action: string, owners: string, retry: Retry];

const places: Record<string, StatusPlace> = {
  IA: 'initiate', AC: 'authenticate', BPP: 'package', CS: 'cancel', ORD: 'order', DS: 'sm-ds', PRG: 'progress', ANY: 'any',
};
const owners: Record<string, FixOwner> = { O: 'operator', U: 'user', D: 'device', P: 'platform', S: 'sm-ds' };

const rows: readonly Row[] = [
  ['8.1/4.8', 'AC', 'The chip has no room for this profile', 'Ask the user to delete an unused eSIM, or use a smaller template; the order stays usable', 'U', 'yes'],
  ['8.1/6.1', 'AC BPP CS', 'The chip\'s signature or the challenge did not check out', 'Try once more. Again on one EID: a clone or a bad LPA, open a security case. On all devices: our challenges or our clock are wrong', 'P D', 'once'],
  ['8.1.1/2.2', 'ORD', 'The EID is missing although an SM-DS push or an empty MatchingID was asked for', 'Add the EID or switch to a QR code', 'O', 'after-fix'],
  ['8.1.1/3.8', 'AC BPP', 'This profile is bound to another EID, or nothing waits for this one', 'Compare the two EIDs side by side. When the user changed the phone: cancel and issue again. Never just unbind', 'O', 'after-fix'],
  ['8.1.1/3.10', 'ORD', 'The order already carries a different EID', 'Look for a duplicate order or a wrong row in the EID list', 'O', 'after-fix'],
  ['8.1.2/6.1', 'AC', 'The certificate of the chip maker (EUM) is invalid, or revoked', 'Read the refusal\'s own sentence: one that was revoked stays refused; else check the trust store and a test/live mix', 'P', 'no'],
  ['8.1.2/6.3', 'AC', 'The EUM certificate has expired', 'Check our clock first, then tell the EUM', 'D', 'no'],
  ['8.1.3/6.1', 'AC', 'The chip\'s certificate is invalid, revoked, or outside what its EUM may certify', 'Read the refusal\'s own sentence: one that was revoked stays refused; else check the trust store and a test/live mix', 'D', 'no'],
  ['8.1.3/6.3', 'AC', 'The chip\'s certificate has expired', 'Check our clock first, then tell the EUM', 'D', 'no'],
  ['8.2/1.2', 'AC', 'The profile exists but is not released yet', 'Release the order; often a network step is still pending', 'O', 'after-fix'],
  ['8.2/3.7', 'BPP', 'The package is already bound to another chip session and re-binding is off', 'Take the profile out of use by cancelling the order, and order another one', 'P', 'after-fix'],
  ['8.2.1/1.2', 'ORD', 'The caller may not touch this ICCID', 'Check the role of the caller', 'O', 'no'],
  ['8.2.1/3.3', 'ORD', 'The ICCID is not free, or was already downloaded', 'Take another one; a delivered profile can only be taken out of use', 'O', 'no'],
  ['8.2.1/3.5', 'ORD', 'The order is in the wrong state for a release', 'Order and confirm first; the timeline shows the gap', 'O', 'after-fix'],
  ['8.2.1/3.9', 'ORD', 'The ICCID is unknown here', 'A typing error, an F as filler, or another SM-DP+', 'O', 'after-fix'],
  ['8.2.1/3.10', 'ORD', 'The EID given is not the one linked', 'Use the linked EID', 'O', 'after-fix'],
  ['8.2.5/1.2', 'ORD', 'The caller may not use this profile type', 'Check permission or contract', 'O', 'no'],
  ['8.2.5/3.7', 'ORD', 'No stock is left for this profile type', 'Prepare more profiles of this type', 'O', 'after-fix'],
  ['8.2.5/3.8', 'ORD', 'The type given is not the type of this ICCID', 'Correct the order line', 'O', 'after-fix'],
  ['8.2.5/3.9', 'ORD', 'The profile type is unknown', 'Create the profile type, or correct the name', 'O', 'after-fix'],
  ['8.2.5/4.3', 'AC', 'No suitable profile for this device or chip (eligibility)', 'See which rule fired (version, policy rules, memory) and use another template', 'P', 'after-fix'],
  ['8.2.6/3.3', 'ORD', 'The MatchingID was already used', 'Let the platform generate it', 'O', 'after-fix'],
  ['8.2.6/3.8', 'AC', 'The code was refused: unknown, used, or mistyped', 'See how often it was used and which EID it is bound to; issue again if the user changed the device', 'O U', 'after-fix'],
  ['8.2.6/3.10', 'ORD', 'The MatchingID does not belong to this ICCID', 'Use the listed one', 'O', 'after-fix'],
  ['8.2.7/2.2', 'BPP', 'A confirmation code is needed and was not given', 'Tell the user where it was sent', 'U', 'yes'],
  ['8.2.7/3.8', 'BPP', 'The confirmation code is wrong', 'The order shows the tries left; verify the user\'s identity before telling the code again', 'U', 'limited'],
  ['8.2.7/6.4', 'BPP AC PRG', 'Too many wrong confirmation codes; the order has ended', 'Check for fraud, then make a new order', 'O', 'no'],
  ['8.2.8/1.2', 'PRG', 'A policy rule of the profile is not allowed on this device', 'Use a template without policy rules', 'O', 'after-fix'],
  ['8.2.9/3.11', 'PRG', 'The metadata changed between two steps', 'Cancel the order and order again', 'P', 'yes'],
  ['8.2.10/4.2', 'PRG', 'The phone could not load the package', 'See the install reasons; group by TAC', 'D', 'once'],
  ['8.8/3.10', 'CS', 'The SM-DP+ OID in the signed cancellation is not ours', 'A certificate on our side carries another OID', 'P', 'no'],
  ['8.8.1/3.8', 'IA', 'The address in the request is not ours', 'Wrong host in the QR code, or DNS or load balancer', 'P', 'after-fix'],
  ['8.8.2/3.1', 'IA', 'No root (CI public key) in common with the chip', 'The chip trusts another root: test against live, or a regional CI', 'P D', 'no'],
  ['8.8.3/3.1', 'IA', 'The chip\'s RSP version is not supported', 'An old or newer chip; offer another device', 'D', 'no'],
  ['8.8.4/3.7', 'IA', 'We have no DPauth certificate under a root the chip knows', 'Load the missing certificate chain or bind the identity to this listener', 'P', 'after-fix'],
  ['8.8.5/3.8', 'PRG', 'The user said no', 'Contact the user; not a technical fault', 'U', 'new-try'],
  ['8.8.5/4.10', 'AC BPP', 'The order has expired', 'Cancel the order and order again', 'O', 'after-fix'],
  ['8.8.5/6.4', 'AC PRG', 'The limit of download attempts is reached', 'Read why they failed and fix it; then cancel the order and order again', 'O', 'after-fix'],
  ['8.9/4.2', 'ORD DS', 'Registration at the SM-DS, or its cascade, failed', 'Retry with back-off; offer a QR code meanwhile', 'S', 'yes'],
  ['8.9/5.1', 'ORD DS', 'The SM-DS cannot be reached or its address is wrong', 'Check host name and TLS; the event waits', 'S', 'yes'],
  ['8.9.1/3.8', 'DS', 'Wrong SM-DS address', 'Correct the configuration', 'O', 'after-fix'],
  ['8.9.2/3.1', 'DS', 'No CI public key in common with the SM-DS', 'The roots differ: test against live, or a regional CI', 'S D', 'no'],
  ['8.9.3/3.1', 'DS', 'The SM-DS does not support this version', 'An old or newer chip; offer another device', 'D', 'no'],
  ['8.9.4/3.7', 'DS', 'The SM-DS lacks a suitable certificate', 'Tell the operator of the SM-DS', 'S', 'no'],
  ['8.9.5/3.3', 'DS', 'The event is already registered', 'Compare and treat it as done; else use a new EventID', 'P', 'no'],
  ['8.9.5/3.9', 'DS', 'No event for this EID', 'Not registered, already consumed, or deleted', 'O', 'after-fix'],
  ['8.10.1/3.9', 'AC BPP CS', 'The session is unknown or has expired', 'Start the download again; if this is frequent, the session time is too short', 'P', 'yes'],
  ['8.11.1/3.9', 'AC', 'The chip\'s root (CI) is not one we trust', 'Add the root after review, or the device belongs to another scheme', 'P', 'no'],
  ['8/4.2', 'PRG ANY', 'The step failed for a reason without a code of its own', 'Look at the device log and at ours; group by TAC', 'D P', 'once'],
  ['8.8/4.2', 'ANY', 'Our SM-DP+ could not finish the step', 'Look at the log of this machine: vault, disk, database; the device may try again', 'P', 'yes'],
  ['1.2.1/2.1', 'ANY', 'Wrong content type', 'A middle-box or a client bug', 'D', 'no'],
  ['1.2.2/2.1', 'ANY', 'Wrong protocol header', 'A middle-box or a client bug', 'D', 'no'],
  ['1.6/2.1', 'ANY', 'The request could not be read', 'A client bug, or data damaged on the way; a commercial SM-DP+ also answers this for a bad or used code', 'D', 'no'],
  ['1.6/2.2', 'ANY', 'The request lacks a mandatory element', 'A client bug', 'D', 'no'],
  ['1.6/2.3', 'ORD DS', 'The request lacks an element that this case needs', 'Send the element the message names; an order needs an ICCID or a profile type', 'O', 'after-fix'],
  ['1.1/1.1', 'ORD DS', 'The requester is not known here', 'Compare the client certificate and functionRequesterIdentifier with what was agreed', 'O', 'after-fix'],
  ['1.2/1.2', 'ORD DS', 'The caller may not use this function', 'Check what the caller is entitled to; at an SM-DS only who registered an event may delete it', 'O', 'no'],
  ['8.1.1/1.2', 'ORD DS', 'The caller may not act for this EID', 'Check entitlement, and whether the EID belongs to another operator', 'O', 'no'],
  ['8.1.1/2.1', 'ORD DS', 'The EID is not a valid one', 'Check its 32 digits: the check digits show a mistyped one', 'O', 'after-fix'],
];

export const statusMeanings: readonly StatusMeaning[] = rows.map(([code, where, cause, action, by, retry]) => {
  const [subject, reason] = code.split('/') as [string, string];
  return { subject, reason, where: where.split(' ').map((place) => places[place]!), cause, action, owners: by.split(' ').map((owner) => owners[owner]!), retry };
});
