/** ES9+.InitiateAuthentication (SGP.22 v2.2, 5.6.1). */
import { tlv } from '../../../shared/tlv/index.ts';
import { buildServerSigned1, parseEuiccInfo1, signatureTlv } from '../../rsp/index.ts';
import type { EuiccInfo1 } from '../../rsp/index.ts';
import type { EngineContext } from '../context.ts';
import { write } from '../store/index.ts';
import type { Answer, Failure, ListenerIdentities, Remote } from './answer.ts';
import { codeOf, failed } from './answer.ts';
import { failedView, initiateRequest, initiateResponse } from './messages.ts';
import { insertSession, recordStep } from './records.ts';
import { isOurAddress, isSupportedSvn, selectIdentities } from './rules.ts';
import { noteOpened } from './open-sessions.ts';
import { answerBytes, hexId, sessionLife, sessionsChanged, tryParse } from './step.ts';

export interface InitiateRequest {
  /** 16 octets. */
  readonly euiccChallenge: Uint8Array;
  /** BF20 TLV. */
  readonly euiccInfo1: Uint8Array;
  readonly smdpAddress: string;
}

export interface InitiateOk {
  /** Upper-case hexadecimal. */
  readonly transactionId: string;
  readonly serverSigned1: Uint8Array;
  /** `5F37 40 …`. */
  readonly serverSignature1: Uint8Array;
  /** `04 14 …`. */
  readonly euiccCiPKIdToBeUsed: Uint8Array;
  readonly serverCertificate: Uint8Array;
}

/**
 * Opens a session. Checks in order: readable, address (8.8.1/3.8), version (8.8.3/3.1), root to sign under (8.8.2/3.1), own
 * certificate (8.8.4/3.7). The address is signed as the client wrote it, because the client compares it with its own (3.1.2).
 */
export async function initiateAuthentication(
  ctx: EngineContext, listener: ListenerIdentities, request: InitiateRequest, remote: Remote,
): Promise<Answer<InitiateOk>> {
  if (request.euiccChallenge.length !== 16) return failed('1.6/2.1', 'The euiccChallenge has 16 octets.');
  const info = tryParse(() => parseEuiccInfo1(request.euiccInfo1));
  if (!info.ok) return failed('1.6/2.1', 'The euiccInfo1 cannot be read.');
  const now = ctx.clock.now();
  const ours = [ctx.settings().smdpAddress, ...(ctx.environment === 'lab' ? listener.ownAddresses : [])];
  if (!isOurAddress(request.smdpAddress, ours)) return refuse(ctx, request, failed('8.8.1/3.8', 'The SM-DP+ address is not one of this server.').failed, info.value, remote);
  if (!isSupportedSvn(info.value.svn)) return refuse(ctx, request, failed('8.8.3/3.1', 'The specification version number of the eUICC is not supported.').failed, info.value, remote);
  const selection = selectIdentities(info.value, listener.identities, new Date(now));
  if ('failed' in selection) return refuse(ctx, request, selection.failed, info.value, remote);

  const { signing, serving } = selection;
  const transactionIdBytes = ctx.random(16);
  const transactionId = hexId(transactionIdBytes);
  const serverChallenge = ctx.random(16);
  const signed = { transactionId: transactionIdBytes, euiccChallenge: request.euiccChallenge, serverAddress: request.smdpAddress, serverChallenge };
  const serverSigned1 = buildServerSigned1(signed);
  const { signature } = await ctx.vault.call('sign', { keyId: serving.dpauth.keyId, data: serverSigned1 });
  const ok: InitiateOk = {
    transactionId, serverSigned1, serverSignature1: signatureTlv(signature), euiccCiPKIdToBeUsed: tlv(0x04, signing.ci.keyId),
    serverCertificate: serving.dpauth.der,
  };
  await write(ctx, async (tx) => {
    await insertSession(tx, {
      transaction_id: transactionId, identity: serving.name, remote: remote.address, smdp_address: request.smdpAddress, phase: 'initiated',
      euicc_challenge: request.euiccChallenge, server_challenge: serverChallenge, ci_key_id: signing.ci.keyId, curve: serving.dppb.certificate.curve,
      svn: info.value.svn, dpauth_id: serving.dpauth.certificateId, dppb_id: serving.dppb.certificateId, steps: 1,
      eid: null, euicc_public_key: null, euicc_certificate: null, order_id: null, profile_id: null, smdp_signed2: null, smdp_signature2: null,
      metadata: null, tac: null, code: null, claimed_eid: null, detail: null, binding: remote.binding ?? 'json', started_at: now, updated_at: now, expires_at: now + sessionLife(ctx),
    });
    await recordStep(tx, {
      transactionId, at: now, function: 'initiateAuthentication', milliseconds: remote.elapsed(), requestBytes: remote.requestBytes,
      responseBytes: answerBytes({ ...ok }),
      messages: { request: initiateRequest(request, info.value), response: initiateResponse(ok, signed, serving.dpauth.certificate) },
    });
    await noteOpened(tx, ctx, { transactionId, network: remote.network ?? remote.address, until: now + sessionLife(ctx) });
  });
  sessionsChanged(ctx);
  return { ok };
}

const LONGEST_ADDRESS = 255;

/** A well-formed request that is refused shows on the live screen too: a wrong host in a QR code is found there. */
async function refuse(ctx: EngineContext, request: InitiateRequest, failure: Failure, info: EuiccInfo1, remote: Remote): Promise<{ failed: Failure }> {
  const now = ctx.clock.now();
  const transactionId = hexId(ctx.random(16));
  const none = new Uint8Array(0);
  await write(ctx, async (tx) => {
    await insertSession(tx, {
      transaction_id: transactionId, identity: '', remote: remote.address, smdp_address: request.smdpAddress.slice(0, LONGEST_ADDRESS), phase: 'refused',
      euicc_challenge: request.euiccChallenge, server_challenge: none, ci_key_id: none, curve: '', svn: info.svn, dpauth_id: 0, dppb_id: 0, steps: 1,
      eid: null, euicc_public_key: null, euicc_certificate: null, order_id: null, profile_id: null, smdp_signed2: null, smdp_signature2: null,
      metadata: null, tac: null, code: codeOf(failure), claimed_eid: null, detail: failure.message, binding: remote.binding ?? 'json', started_at: now, updated_at: now, expires_at: now,
    });
    await recordStep(tx, {
      transactionId, at: now, function: 'initiateAuthentication', milliseconds: remote.elapsed(), requestBytes: remote.requestBytes, responseBytes: 170, code: codeOf(failure),
      messages: { request: initiateRequest(request, info), response: failedView(failure) },
    });
    await noteOpened(tx, ctx, { transactionId, network: remote.network ?? remote.address, until: now });
  });
  sessionsChanged(ctx);
  return { failed: failure };
}
