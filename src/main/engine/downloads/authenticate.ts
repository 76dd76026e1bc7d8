/** ES9+.AuthenticateClient (SGP.22 v2.2, 5.6.3 and 3.1.3 steps 3 to 6). */
import type { AuthenticateClientMessage } from '../../../shared/contract/session-message.ts';
import { fromHex, sameBytes } from '../../../shared/tlv/index.ts';
import {
  AUTHENTICATE_ERRORS, buildSmdpSigned2, chainLookups, checkEuiccChain, isOnCurve, parseAuthenticateServerResponse, signatureTlv, smdpSignature2Input, verifyRaw,
} from '../../rsp/index.ts';
import type { AuthenticateServerOk, Curve, EuiccChainOk } from '../../rsp/index.ts';
import type { EngineContext, Tx } from '../context.ts';
import { learnEuicc } from '../devices/index.ts';
import type { SeenEuicc } from '../devices/index.ts';
import { ownCertificate, revocationOf } from '../keys/index.ts';
import { closeOrder, noteProgress } from '../orders/index.ts';
import { recordActivation, transition } from '../profiles/index.ts';
import { write } from '../store/index.ts';
import { metadataFor, templateRequirements, typeById } from '../types/index.ts';
import type { Answer, Failure, ListenerIdentities, Remote } from './answer.ts';
import { codeOf, failed, unknownTransaction } from './answer.ts';
import { judgeEligibility } from './eligibility.ts';
import { authenticateRequest, authenticateResponse, claimedEid, unreadableAuthenticate } from './messages.ts';
import { countAttempt, defaultOrders, holdOrder, keptPackage, orderFactsById, orderFactsByMatchingId, recordStep, sessionById, updateSession } from './records.ts';
import type { FoundOrder, SessionRecord } from './records.ts';
import { chooseDefaultOrder, expectedEid, judgeOrder } from './rules.ts';
import type { OrderVerdict } from './rules.ts';
import { isScanning, noteRefusedCode } from './scan-guard.ts';
import { answerBytes, deviceCall, isAlive, ownFaultNoted, refuseStep, sessionLife, sessionsChanged, tryParse, writeRefusal } from './step.ts';
import type { Refusal } from './step.ts';

export interface AuthenticateRequest {
  readonly transactionId: string;
  /** BF38 TLV. */
  readonly authenticateServerResponse: Uint8Array;
}

export interface AuthenticateOk {
  readonly transactionId: string;
  /** BF25 TLV, the same octets the package will carry. */
  readonly profileMetadata: Uint8Array;
  readonly smdpSigned2: Uint8Array;
  readonly smdpSignature2: Uint8Array;
  readonly smdpCertificate: Uint8Array;
}

/** Phases in which an eUICC may still authenticate; a refused step leaves the session usable. */
const open: readonly string[] = ['initiated', 'refused'];

/**
 * Authenticates the eUICC, finds its order, and offers the profile. The checks run in the order of the conformance tests:
 * transaction, chain, signature, challenge, order, EID, state, expiry, attempts, eligibility, memory. The eUICC certificate
 * is kept as soon as it proved itself, so that a later cancelSession can be verified whatever became of the order.
 */
export async function authenticateClient(
  ctx: EngineContext, listener: ListenerIdentities, request: AuthenticateRequest, remote: Remote,
): Promise<Answer<AuthenticateOk>> {
  const now = ctx.clock.now();
  const transactionId = request.transactionId.toUpperCase();
  const session = await sessionById(ctx.reader, transactionId);
  const signing = session && listener.identities.find((identity) => sameBytes(identity.ci.keyId, session.ci_key_id));
  if (!session || !signing || !isAlive(session, now) || !open.includes(session.phase)) return unknownTransaction();
  const refuse = (failure: Failure, more: Partial<Refusal> = {}): Promise<{ failed: Failure }> =>
    refuseStep(ctx, { session, function: 'authenticateClient', failure, remote, ...more });

  const message = tryParse(() => parseAuthenticateServerResponse(request.authenticateServerResponse));
  if (!message.ok) {
    return refuse(failed('1.6/2.1', 'The authenticateServerResponse cannot be read.').failed, { request: unreadableAuthenticate(transactionId, request.authenticateServerResponse.length, message.why) });
  }
  const response = message.value;
  // Not proven, so kept apart from the EID; of use only while nobody proved himself in this session.
  const stranger = (changes: Refusal['changes'] = {}): Partial<Refusal> => {
    const kept = authenticateRequest(transactionId, response);
    const claimed = session.eid === null ? claimedEid(kept) : undefined;
    return { request: kept, changes: { ...changes, ...(claimed === undefined ? {} : { claimed_eid: claimed }) } };
  };
  const transactionIdBytes = fromHex(transactionId);
  if (!sameBytes(response.transactionId, transactionIdBytes)) return refuse(unknownTransaction().failed, stranger());
  if (response.kind === 'error') {
    const name = AUTHENTICATE_ERRORS[response.errorCode] ?? 'undefinedError';
    return refuse(failed('8.1/6.1', `The eUICC did not authenticate the SM-DP+ (${name}).`).failed, stranger({ phase: 'refused', expires_at: now }));
  }
  const chain = checkEuiccChain({ euicc: response.euiccCertificate, eum: response.eumCertificate, ci: signing.ci, at: new Date(now), revoked: await revocationOf(ctx) });
  if (!chain.ok) return refuse(failed(`${chain.subject}/${chain.reason}`, sentence(chain.why)).failed, stranger({ phase: 'refused' }));
  if (!verifyRaw(chain.euicc.curve, chain.euicc.publicPoint, response.signedBytes, response.signature64)) {
    return refuse(failed('8.1/6.1', 'The signature of the eUICC is invalid.').failed, stranger({ phase: 'refused' }));
  }
  if (!sameBytes(response.serverChallenge, session.server_challenge)) {
    return refuse(failed('8.1/6.1', 'The server challenge is invalid.').failed, stranger({ phase: 'refused' }));
  }

  const { eid } = chain;
  const proven: Proven = {
    seen: { eid, info: response.euiccInfo2, tac: response.deviceInfo.tac, chain: chainLookups(chain.euicc, chain.eum, signing.ci.keyId) }, request: authenticateRequest(transactionId, response, chain),
    columns: { eid, claimed_eid: null, euicc_public_key: chain.euicc.publicPoint, euicc_certificate: chain.euicc.der, tac: response.deviceInfo.tac, svn: response.euiccInfo2.svn },
  };
  const byEid = response.matchingId === undefined || response.matchingId === '';
  const found = byEid ? chooseDefaultOrder(await defaultOrders(ctx.reader, eid), now) as FoundOrder | undefined : await orderFactsByMatchingId(ctx.reader, response.matchingId!);
  // An order that names this eUICC was not found by trying codes.
  const tried = byEid || (found && expectedEid(found) === eid) ? undefined : { eid, network: remote.network ?? remote.address, matchingId: response.matchingId! };
  const scanning = tried !== undefined && isScanning(ctx, tried);
  const order = scanning ? undefined : found;
  const verdict = judgeOrder(order, eid, now, byEid);
  if (tried && !scanning && verdict.failed && refusedCodes.includes(codeOf(verdict.failed))) await noteRefusedCode(ctx, tried);
  if (verdict.failed || !order) return refuseOrder(ctx, { session, proven, remote, failure: verdict.failed!, order, ends: verdict.ends });
  const about = { profileId: order.profileId, orderId: order.orderId, eid };
  return ownFaultNoted(ctx, { session, function: 'authenticateClient', remote, request: proven.request, changes: proven.columns, about },
    () => offer(ctx, { session, response, chain, order, byEid, proven, transactionIdBytes, remote }));
}

/** Answers that a MatchingID gets which is not for this eUICC. */
const refusedCodes: readonly string[] = ['8.2.6/3.8', '8.1.1/3.8'];

/** What is known once an eUICC proved itself, whatever becomes of its order. */
interface Proven {
  readonly seen: Omit<SeenEuicc, 'at'>;
  readonly request: AuthenticateClientMessage['request'];
  readonly columns: Parameters<typeof updateSession>[3];
}

const sentence = (why: string): string => `${why.charAt(0).toUpperCase()}${why.slice(1)}.`;

interface OrderRefusal {
  readonly session: SessionRecord;
  readonly proven: Proven;
  readonly remote: Remote;
  readonly failure: Failure;
  readonly order: FoundOrder | undefined;
  readonly ends?: OrderVerdict['ends'];
  /** The order was found and the eUICC is not eligible: the attempt counts. */
  readonly ineligible?: boolean;
}

/** A refusal that is about an order: shown on its timeline, told to its brand, and ending it where the rules say so. */
async function refuseOrder(ctx: EngineContext, refusal: OrderRefusal): Promise<{ failed: Failure }> {
  const { session, proven, order, failure, ends, ineligible } = refusal;
  const { eid } = proven.seen;
  await write(ctx, async (tx) => {
    const at = ctx.clock.now();
    await learnEuicc(tx, { ...proven.seen, at });
    await writeOrderRefusal(tx, ctx, refusal);
    if (!order) return;
    if (ineligible) await countAttempt(tx, order.orderId);
    if (ends || ineligible) await tellEligibility(tx, ctx, session, order.orderId, eid, failure);
    if (!ends) return;
    const present = await orderFactsById(tx, order.orderId);
    if (!present || present.closedAt !== null || present.profileOrderId !== order.orderId) return;
    const expired = ends === 'expired';
    await transition(tx, ctx, order.profileId, {
      name: expired ? 'expire' : 'limit_reached', at, source: 'es9plus', text: expired ? 'The order expired' : 'Refused: the limit of download attempts is reached',
      code: codeOf(failure), orderId: order.orderId, transactionId: session.transaction_id,
    }, deviceCall(eid, session.transaction_id));
    await closeOrder(tx, order.orderId, at, 'error', ends);
  });
  sessionsChanged(ctx);
  return { failed: failure };
}

function writeOrderRefusal(tx: Tx, ctx: EngineContext, { session, proven, remote, failure, order, ends }: OrderRefusal): Promise<void> {
  return writeRefusal(tx, ctx, {
    session, function: 'authenticateClient', failure, remote, request: proven.request,
    ...(order && !ends ? { about: { profileId: order.profileId, orderId: order.orderId, eid: proven.seen.eid } } : {}),
    changes: { ...proven.columns, phase: 'refused', order_id: order?.orderId ?? null, profile_id: order?.profileId ?? null },
  });
}

/** Point 1 of SGP.22 v2.2, 5.3.5: eligibility and retry limit, or the order's time. A session may be judged more than once. */
function tellEligibility(tx: Tx, ctx: EngineContext, session: SessionRecord, orderId: string, eid: string, failure?: Failure): Promise<void> {
  return noteProgress(tx, ctx, {
    orderId, point: 'eligibility', eid, ok: failure === undefined, dedupe: `eligibility:${session.transaction_id}:${session.steps}`,
    ...(failure ? { code: codeOf(failure), message: failure.message } : {}),
  });
}

interface OfferInput {
  readonly session: SessionRecord;
  readonly response: AuthenticateServerOk;
  readonly chain: EuiccChainOk;
  readonly order: FoundOrder;
  readonly byEid: boolean;
  readonly proven: Proven;
  readonly transactionIdBytes: Uint8Array;
  readonly remote: Remote;
}

async function offer(ctx: EngineContext, input: OfferInput): Promise<Answer<AuthenticateOk>> {
  const { session, response, order, proven, remote, chain: { eid } } = input;
  const type = await typeById(ctx.reader, order.typeId);
  if (!type) throw new Error(`the type of order ${order.orderId} is missing`);
  const requirements = await templateRequirements(ctx, order.templateId);
  const eligibility = judgeEligibility(
    response.euiccInfo2, { ppr1: type.ppr1 === 1, ppr2: type.ppr2 === 1, packageBytes: order.packageBytes, requirements }, ctx.settings().eligibility,
  );
  if (eligibility.failed) return refuseOrder(ctx, { session, proven, remote, failure: eligibility.failed, order, ineligible: true });

  const dppb = await ownCertificate(ctx, session.dppb_id);
  if (!dppb) throw new Error('the DPpb certificate of a session is missing');
  const profileMetadata = metadataFor(type, order.iccid, order.smdpAddress);
  const kept = await keptPackage(ctx.reader, order.orderId);
  // A key of the other curve would be of no use: the package of this session is signed and bound on the curve of its DPpb.
  const again = kept?.eid === eid && isOnCurve(session.curve as Curve, kept.euicc_otpk);
  const signed2 = { transactionId: input.transactionIdBytes, ccRequired: order.confirmationRequired, bppEuiccOtpk: again ? kept.euicc_otpk : undefined };
  const smdpSigned2 = buildSmdpSigned2(signed2);
  const { signature } = await ctx.vault.call('sign', { keyId: dppb.keyId, data: smdpSignature2Input(smdpSigned2, response.signature64) });
  const ok: AuthenticateOk = {
    transactionId: session.transaction_id, profileMetadata, smdpSigned2, smdpSignature2: signatureTlv(signature), smdpCertificate: dppb.der,
  };

  const lost = await write(ctx, async (tx) => {
    const at = ctx.clock.now();
    await learnEuicc(tx, { ...proven.seen, at });
    // The order may have been cancelled, bound or used up while the signature was made.
    const present = await orderFactsById(tx, order.orderId);
    const verdict = judgeOrder(present, eid, at, input.byEid);
    if (verdict.failed) {
      // What ends the order is left to the next attempt, or to the sweep.
      await writeOrderRefusal(tx, ctx, { session, proven, remote, failure: verdict.failed, order });
      return verdict.failed;
    }
    const until = at + sessionLife(ctx);
    await holdOrder(tx, order.orderId, eid, until);
    await updateSession(tx, session.transaction_id, at, {
      ...proven.columns, phase: 'authenticated', order_id: order.orderId, profile_id: order.profileId, smdp_signed2: smdpSigned2, smdp_signature2: signature,
      metadata: profileMetadata, code: null, detail: null, expires_at: until,
    });
    await recordStep(tx, {
      transactionId: session.transaction_id, at, function: 'authenticateClient', milliseconds: remote.elapsed(), requestBytes: remote.requestBytes, responseBytes: answerBytes({ ...ok }),
      messages: { request: proven.request, response: authenticateResponse(ok, signed2, dppb.certificate) },
    });
    await recordActivation(tx, order.profileId, {
      stage: 'authenticated', at, source: 'es9plus', text: ['A device authenticated and was offered the profile', ...eligibility.notes].join('; '), orderId: order.orderId, transactionId: session.transaction_id,
    }, deviceCall(eid, session.transaction_id));
    await tellEligibility(tx, ctx, session, order.orderId, eid);
    return undefined;
  });
  sessionsChanged(ctx);
  return lost ? { failed: lost } : { ok };
}
