/** ES2+.HandleDownloadProgressInfo (SGP.22 v2.2, 5.3.5 and 6.5.2.5): we call, the brand's system answers 204. */
import { mask } from '../../../shared/identifiers/index.ts';
import { DeskProblem, type EngineContext } from '../context.ts';
import type { OutboxDelivery, OutboxHandler, OutboxOutcome } from '../outbox/index.ts';
import { type Answer, postJson, type Timeouts } from './client.ts';
import { callbackOf } from './records.ts';
import { functionStatus } from './status.ts';
import { checkCallbackUrl, functionUrl, shownUrl } from './target.ts';
import { type OwnSide, ownSide } from './tls.ts';

export const PROGRESS_KIND = 'es2plus.handleDownloadProgressInfo';
const PATH = '/gsma/rsp2/es2plus/handleDownloadProgressInfo';

/** What orders write into the outbox. */
export interface ProgressPayload {
  readonly brandId: number;
  readonly eid?: string;
  readonly iccid: string;
  readonly profileType: string;
  /** `2026-01-15T12:00:00Z`: UTC, whole seconds. */
  readonly timestamp: string;
  readonly notificationPointId: number;
  readonly notificationPointStatus: {
    readonly status: string;
    readonly statusCodeData?: { readonly subjectCode: string; readonly reasonCode: string; readonly subjectIdentifier?: string; readonly message?: string };
  };
  /** Base64 of what the eUICC sent. */
  readonly resultData?: string;
}

export function progressBody(payload: ProgressPayload, header: { functionRequesterIdentifier: string; functionCallIdentifier: string }) {
  const { eid, iccid, profileType, timestamp, notificationPointId, notificationPointStatus, resultData } = payload;
  return {
    header, ...(eid === undefined ? {} : { eid }), iccid, profileType, timestamp, notificationPointId, notificationPointStatus,
    ...(resultData === undefined ? {} : { resultData }),
  };
}

const brandOf = (row: OutboxDelivery): number => (row.payload as ProgressPayload).brandId;

async function target(ctx: EngineContext, brandId: number): Promise<{ url: URL; roots?: Uint8Array[]; identity?: string } | { why: string }> {
  const callback = await callbackOf(ctx.reader, brandId);
  if (!callback) return { why: 'The brand is not here any more.' };
  if (callback.callback_url === null) return { why: 'The brand has no callback any more.' };
  const checked = checkCallbackUrl(callback.callback_url, ctx.environment);
  if (!checked.ok) return checked;
  return {
    url: functionUrl(checked.url, PATH), ...(callback.callback_ca === null ? {} : { roots: [callback.callback_ca] }),
    ...(callback.callback_identity === null ? {} : { identity: callback.callback_identity }),
  };
}

/** 204 is the answer SGP.22 asks for (6.3); other 2xx are taken too, unless the body says that the function failed. */
export function judge(answer: Answer): OutboxOutcome {
  if (!answer.ok) return { done: false, unreachable: true, why: answer.why };
  const { status, retryAfter } = answer;
  if (status >= 200 && status < 300) {
    const said = status === 200 ? functionStatus(answer.text) : undefined;
    if (said === undefined || said.ok) return { done: true };
    return { done: false, permanent: true, why: `It refused: ${said.code}${said.message === undefined ? '' : ` ${said.message}`}.` };
  }
  const after = retryAfter === undefined ? {} : { retryAfter };
  if (status === 429 || status === 502 || status === 503 || status === 504) return { done: false, unreachable: true, why: `It answers HTTP ${status}: not now.`, ...after };
  if (status === 408 || status >= 500) return { done: false, why: `It answers HTTP ${status}.`, ...after };
  if (status >= 300 && status < 400) return { done: false, permanent: true, why: `It answers HTTP ${status} and points elsewhere; give the final address as callback.` };
  if (status >= 400) return { done: false, permanent: true, why: `It answers HTTP ${status} and will not take this message.` };
  return { done: false, why: `It answers HTTP ${status}, which is no answer to this.` };
}

export function progressHandler(limits?: Timeouts): OutboxHandler {
  return {
    kind: PROGRESS_KIND,
    async deliver(ctx, row, signal) {
      const to = await target(ctx, brandOf(row));
      if ('why' in to) return { done: false, permanent: true, why: to.why };
      let own: OwnSide | undefined;
      try {
        if (to.url.protocol === 'https:') own = await ownSide(ctx, to.identity);
      } catch (error) {
        if (error instanceof DeskProblem) return { done: false, unreachable: true, why: error.message };
        throw error;
      }
      const body = progressBody(row.payload as ProgressPayload, { functionRequesterIdentifier: own?.requester ?? ctx.settings().smdpAddress, functionCallIdentifier: row.functionCallIdentifier });
      return judge(await postJson(ctx, { url: to.url, body, ...(own ? { own } : {}), signal, ...(to.roots ? { roots: to.roots } : {}), ...(limits ? { timeouts: limits } : {}) }));
    },
    async describe(ctx, row) {
      const to = await target(ctx, brandOf(row));
      const payload = row.payload as ProgressPayload;
      const requester = await ownSide(ctx, 'why' in to ? undefined : to.identity).then((own) => own.requester, () => ctx.settings().smdpAddress);
      const body = progressBody(payload.eid === undefined ? payload : { ...payload, eid: mask(payload.eid) }, { functionRequesterIdentifier: requester, functionCallIdentifier: row.functionCallIdentifier });
      return { target: 'why' in to ? to.why : shownUrl(to.url), body: JSON.stringify(body, null, 2) };
    },
  };
}
