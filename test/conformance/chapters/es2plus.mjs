import { integration, row, unit } from './row.mjs';

const order = (name) => integration('es2plus/functions', `downloadOrder (5.3.1, table 24) > ${name}`);
const confirm = (name) => integration('es2plus/functions', `confirmOrder (5.3.2, table 27) > ${name}`);
const cancel = (name) => integration('es2plus/functions', `cancelOrder (5.3.3, table 30) > ${name}`);
const release = (name) => integration('es2plus/functions', `releaseProfile (5.3.4, table 32) > ${name}`);
const smds = (name) => integration('es2plus/smds', name);
const steps = (name) => unit('orders/steps', name);
const progress = (name) => unit('downloads/progress', name);
const callback = (name) => integration('outbox/callback', name);
const coded = (name) => unit('es2plus/codes', `the codes of tables 24, 27, 30 and 32 > ${name}`);

/** SGP.22 v2.2, 5.3. */
export const es2plus = {
  title: 'ES2+ (5.3)',
  rows: [
    row('5.3.1', 'DownloadOrder with ICCID reserves that profile and answers the ICCID', order('by ICCID without EID')),
    row('5.3.1', 'With a type it reserves one of that type, with both one that fits both', order('by type'), order('by ICCID and its type')),
    row('5.3.1', 'With EID the profile is Linked, without it Allocated', order('with EID: Linked'), order('by ICCID without EID')),
    row('5.3.1', 'Neither ICCID nor type: 1.6/2.3', unit('es2plus/members', 'requests that are wrong, by SGP.02 common codes, with the name of the member > neither ICCID nor type')),
    row('5.3.1', 'An unknown ICCID: 8.2.1/3.9', order('unknown ICCID'), coded('downloadOrder PROFILE_UNKNOWN is 8.2.1/3.9')),
    row('5.3.1', 'An ICCID the caller may not have: 8.2.1/1.2', order('an ICCID of another brand'), order('types a brand may not order')),
    row('5.3.1', 'An ICCID that is not available: 8.2.1/3.3', order('not Available'), steps('downloadOrder > a profile whose order is released')),
    row('5.3.1', 'An unknown type: 8.2.5/3.9', order('unknown type 8.2.5/3.9')),
    row('5.3.1', 'A type the caller may not have: 8.2.5/1.2', order('types a brand may not order')),
    row('5.3.1', 'No profile left of the type: 8.2.5/3.7', order('unknown type 8.2.5/3.9; another type 8.2.5/3.8; none left 8.2.5/3.7'), steps('downloadOrder > the stock of a type ends')),
    row('5.3.1', 'Another type than that of the ICCID: 8.2.5/3.8', order('unknown type 8.2.5/3.9; another type 8.2.5/3.8'), steps('downloadOrder > another type than the ICCID')),
    row('5.3.1', 'The same request again gets the same answer and makes no second order', order('not Available: 8.2.1/3.3; the identical request again'), integration('es2plus/repeat', 'the same call again > twice at the same moment'), steps('the same downloadOrder again > is the same order')),
    row('5.3.1', 'An addition: beyond its quota a brand hears 8.8.5/3.8', order('quotas')),
    row('5.3.2', 'ConfirmOrder stores MatchingID, EID, hash of the confirmation code and SM-DS address with the order', steps('confirmOrder > with everything given'), confirm('a confirmation code is sealed'), unit('orders/smds', 'releasing later > confirmed without an event')),
    row('5.3.2', 'Without MatchingID one is made that nobody guesses', confirm('released at once, MatchingID made here'), steps('confirmOrder > makes an unguessable MatchingID')),
    row('5.3.2', 'The answer has the MatchingID, the EID where one is bound, and the SM-DP+ address', confirm('released at once'), confirm('confirmed only'), confirm('EID given with the confirmation')),
    row('5.3.2', 'An EID given here links the order', steps('confirmOrder > an EID given on an Allocated order')),
    row('5.3.2', 'SM-DS address or empty MatchingID without EID: 8.1.1/2.2', confirm('empty MatchingID: EID needed 8.1.1/2.2'), confirm('SM-DS: without EID 8.1.1/2.2'), steps('confirmOrder > both without EID')),
    row('5.3.2', 'Another EID than that of the order: 8.1.1/3.10', confirm('another EID than the linked one')),
    row('5.3.2', 'An SM-DS address with an empty MatchingID is refused', smds('nobody there, no host, an empty MatchingID'), steps('confirmOrder > an SM-DS with an empty MatchingID')),
    row('5.3.2', 'releaseFlag true with SM-DS: the event is registered with the MatchingID as EventID', smds('released at once'), unit('orders/smds', 'releasing with confirmOrder > registers the MatchingID')),
    row('5.3.2', 'releaseFlag false with SM-DS: the event comes with ReleaseProfile', smds('confirmed only')),
    row('5.3.2', 'An unknown ICCID: 8.2.1/3.9', confirm('never ordered, unknown, another brand')),
    row('5.3.2', 'A profile of another, or never ordered: 8.2.1/1.2', confirm('never ordered, unknown, another brand')),
    row('5.3.2', 'A MatchingID that is or was in use: 8.2.6/3.3', confirm('own MatchingID; used again 8.2.6/3.3'), steps('confirmOrder > a MatchingID taken between')),
    row('5.3.2', 'An SM-DS address that is invalid or not reached: 8.9/5.1', confirm('SM-DS: without EID 8.1.1/2.2; invalid or unreachable 8.9/5.1'), smds('nobody there')),
    row('5.3.2', 'An SM-DS that refuses: 8.9/4.2, and nothing is confirmed', smds('the SM-DS refuses'), unit('orders/smds', 'releasing with confirmOrder > when it refuses')),
    row('5.3.2', 'The same request again gets the same answer; another one for a confirmed order is refused', steps('confirmOrder > the same again'), confirm('confirmed before, asked otherwise'), integration('es2plus/repeat', 'the same call again > each function')),
    row('5.3.3', 'CancelOrder returns the profile to the stock or takes it out for good', cancel('from Allocated, Linked, Confirmed and Released'), cancel('Unavailable is for good')),
    row('5.3.3', 'The activation code is dead then', integration('es2plus/download', 'cancelled: the code is dead'), unit('downloads/checks', 'authenticateClient (3.4) > cancelled')),
    row('5.3.3', 'An event at the SM-DS is deleted', smds('cancelled: the event is to be deleted'), unit('orders/smds', 'an order that ends has its event deleted, once > cancelled')),
    row('5.3.3', 'An unknown ICCID: 8.2.1/3.9; one of another, or never ordered: 8.2.1/1.2', cancel('never ordered: Failed')),
    row('5.3.3', 'A downloaded profile: 8.2.1/3.3, before anything else is looked at', cancel('a delivered profile'), integration('es2plus/download', 'ordered, confirmed and released over ES2+')),
    row('5.3.3', 'Another EID than that of the order: 8.2.1/3.10, as table 30 has it', cancel('Linked: without EID Failed, with another EID 8.2.1/3.10')),
    row('5.3.3', 'No EID for a linked order: 8.1.1/2.2', cancel('Linked: without EID Failed')),
    row('5.3.3', 'Another MatchingID than that of the order: 8.2.6/3.10; none where there is one: 8.2.6/2.2', cancel('another MatchingID 8.2.6/3.10')),
    row('5.3.4', 'ReleaseProfile releases what is confirmed', release('Confirmed')),
    row('5.3.4', 'What is released already stays so: Executed-Success and no other action', release('Confirmed → Released; again')),
    row('5.3.4', 'What is not confirmed: 8.2.1/3.5', release('not Confirmed: 8.2.1/3.5'), steps('releaseProfile > allocated: refused'), steps('releaseProfile > downloaded: refused')),
    row('5.3.4', 'An unknown ICCID: 8.2.1/3.9; one of another: 8.2.1/1.2', release('not Confirmed: 8.2.1/3.5; unknown 8.2.1/3.9; not ours 8.2.1/1.2')),
    row('5.3.4', 'The event is registered if it was not yet; a failure of that is 8.9/5.1 or 8.9/4.2, and the profile stays Confirmed', smds('confirmed only: registered with releaseProfile'), unit('orders/smds', 'releasing later > confirmed without an event')),
    row('5.3.5', 'HandleDownloadProgressInfo tells EID, ICCID, type, time, point, status and result', callback('progress over mutual TLS (SGP.22 v2.2, 5.3.5, 6.5.2.5) > member by member'), unit('orders/progress', 'says what happened, to whom and when')),
    row('5.3.5', 'The EID is there where it is known, and absent otherwise', callback('progress over mutual TLS (SGP.22 v2.2, 5.3.5, 6.5.2.5) > member by member')),
    row('5.3.5', 'Point 1: eligibility and retry limit', progress('a smooth download'), progress('an eUICC without room'), progress('no attempts left'), progress('expired')),
    row('5.3.5', 'Point 2: confirmation failure', progress('each wrong confirmation code')),
    row('5.3.5', 'Point 3: BPP download', progress('a smooth download')),
    row('5.3.5', 'Point 4: BPP installation, with the finalResult data object as resultData', progress('a smooth download'), progress('an installation that failed')),
    row('5.3.5', 'Points of our own, switched on, switched off and deleted on the device, are 101 to 103, or the numbers the operator wants; any point can be left out', unit('orders/progress', 'enabled has the number the brand wants'), unit('orders/progress', 'disabled has the number the brand wants'), unit('orders/progress', 'deleted has the number the brand wants'), progress('an order of nobody is told to nobody')),
    row('5.3.5, table 32b', 'endUserRejection: 8.8.5/3.8', progress('cancelled with reason 0'), unit('rsp-status/codes', 'status codes in plain language > the codes of cancel reasons')),
    row('5.3.5, table 32b', 'pprNotAllowed: 8.2.8/1.2', progress('cancelled with reason 3')),
    row('5.3.5, table 32b', 'metadataMismatch: 8.2.9/3.11', progress('cancelled with reason 4')),
    row('5.3.5, table 32b', 'loadBppExecutionError: 8.2.10/4.2', progress('cancelled with reason 5')),
    row('5.3.5, table 32b', 'undefinedReason: 8/4.2', progress('cancelled with reason 127')),
    row('5.3.5, table 32b', 'Postponed and timeout are not told', progress('cancelled with reason 1, '), progress('cancelled with reason 2, ')),
    row('5.3.5, table 32c', 'Download attempts exceeded: 8.8.5/6.4; confirmation code attempts exceeded: 8.2.7/6.4', progress('no attempts left'), progress('each wrong confirmation code')),
    row('5.3.5', 'It arrives once the operator is there again, in the order it happened, the same occurrence once', callback('a receiver that misbehaves > 500, then well again'), unit('outbox/worker', 'order > messages of one order go one behind the other'), unit('orders/progress', 'the same occurrence is told once'), integration('outbox/kill', 'killed again and again while it sends')),
  ],
};
