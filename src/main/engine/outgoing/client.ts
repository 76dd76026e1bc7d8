/**
 * Posts JSON to another system over mutual TLS: connections kept per receiver and closed when idle, times and sizes bounded,
 * no redirects. What goes wrong is a sentence, never an exception, never the text of a foreign error.
 */
import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { DeskProblem, type EngineContext } from '../context.ts';
import { VaultError } from '../../vault-link/operations.ts';
import { failureSentence } from './failures.ts';
import { clientContext, materialName, type OwnSide } from './tls.ts';

export interface Timeouts {
  /** Milliseconds until the connection stands, TLS included. */
  readonly connect: number;
  /** Milliseconds until the answer is there. */
  readonly whole: number;
}
export const timeouts: Timeouts = { connect: 5_000, whole: 15_000 };

export interface Posting {
  readonly url: URL;
  /** Absent only for plain http to this machine. */
  readonly own?: OwnSide;
  /** DER; the system's when absent. */
  readonly roots?: readonly Uint8Array[];
  readonly body: unknown;
  readonly signal?: AbortSignal;
  readonly timeouts?: Timeouts;
}

export type Answer =
  | { readonly ok: true; readonly status: number; readonly text: string; readonly retryAfter?: number }
  | {
      readonly ok: false;
      readonly why: string;
      /** False: certainly not; true: the receiver may have got the request. */
      readonly reached: boolean;
    };

const MOST_OCTETS = 65_536;
const IDLE = 20_000;
/** Connections to one receiver, and receivers whose connections are kept. */
const SOCKETS = 16;
const RECEIVERS = 64;

type Agents = Map<string, HttpsAgent | HttpAgent>;
const kept = new WeakMap<object, Agents>();

function agentsOf(ctx: Pick<EngineContext, 'db'>): Agents {
  let agents = kept.get(ctx.db);
  if (!agents) kept.set(ctx.db, agents = new Map());
  return agents;
}

/** Closes connections nobody needs any more. */
export function closeOutgoing(ctx: Pick<EngineContext, 'db'>): void {
  for (const agent of agentsOf(ctx).values()) agent.destroy();
  kept.delete(ctx.db);
}

async function agentFor(ctx: EngineContext, { url, own, roots }: Posting): Promise<HttpsAgent | HttpAgent> {
  const agents = agentsOf(ctx);
  const name = own ? `${url.origin} ${materialName(own.certificate, roots)}` : url.origin;
  const common = { keepAlive: true, maxSockets: SOCKETS, maxFreeSockets: 4, timeout: IDLE } as const;
  let agent = agents.get(name);
  if (!agent) {
    if (url.protocol === 'https:' && !own) throw new TypeError('mutual TLS without a certificate of ours');
    const made = own ? new HttpsAgent({ ...common, secureContext: await clientContext(ctx, own.certificate, roots), rejectUnauthorized: true }) : new HttpAgent(common);
    // Another call may have made one while the vault was asked.
    agent = agents.get(name) ?? made;
  }
  // The receiver called longest ago comes first, and goes first.
  agents.delete(name);
  agents.set(name, agent);
  for (const [oldest, old] of agents) {
    if (agents.size <= RECEIVERS) break;
    agents.delete(oldest);
    old.destroy();
  }
  return agent;
}

function retryAfterOf(response: IncomingMessage): number | undefined {
  const seconds = Number(response.headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 86_400) * 1000 : undefined;
}

/** One attempt. */
export async function postJson(ctx: EngineContext, posting: Posting): Promise<Answer> {
  const body = Buffer.from(JSON.stringify(posting.body));
  let agent: HttpsAgent | HttpAgent;
  try {
    agent = await agentFor(ctx, posting);
  } catch (error) {
    if (error instanceof DeskProblem) return { ok: false, reached: false, why: error.message };
    if (error instanceof VaultError) return { ok: false, reached: false, why: 'The vault did not hand over the TLS key; it may be restarting.' };
    throw error;
  }
  const first = await attempt(agent, posting, body);
  // The receiver closed a kept connection at the moment we used it: it never saw the request.
  return first === 'stale' ? await attempt(agent, posting, body, true) as Answer : first;
}

function attempt(agent: HttpsAgent | HttpAgent, { url, signal, timeouts: limits = timeouts }: Posting, body: Buffer, last = false): Promise<Answer | 'stale'> {
  return new Promise((resolve) => {
    const secure = url.protocol === 'https:';
    let connected = false;
    let settled = false;
    const timers: NodeJS.Timeout[] = [];
    const end = (answer: Answer | 'stale') => {
      if (settled) return;
      settled = true;
      for (const timer of timers) clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      resolve(answer);
    };
    const giveUp = (why: string) => {
      end({ ok: false, why, reached: connected });
      sent.destroy();
    };
    const aborted = () => giveUp('The program ended before an answer came.');

    const sent: ClientRequest = (secure ? httpsRequest : httpRequest)(url, {
      method: 'POST', agent: agent as HttpsAgent,
      headers: { 'Content-Type': 'application/json', 'Content-Length': body.length, 'X-Admin-Protocol': 'gsma/rsp/v2.2.0', Accept: 'application/json', 'User-Agent': 'MVNE-Desk' },
    }, (response) => {
      let size = 0;
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => {
        size += part.length;
        if (size > MOST_OCTETS) giveUp('It answers with more than 64 kB.');
        else parts.push(part);
      });
      response.on('error', () => giveUp('It broke the connection off while answering.'));
      response.on('end', () => {
        if (!response.complete) giveUp('It broke the connection off while answering.');
        const retryAfter = retryAfterOf(response);
        end({ ok: true, status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8'), ...(retryAfter === undefined ? {} : { retryAfter }) });
      });
    });
    sent.on('error', (error: NodeJS.ErrnoException) => {
      if (!last && sent.reusedSocket && !settled && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) end('stale');
      else end({ ok: false, reached: connected, why: failureSentence(error, url) });
    });
    sent.on('socket', (socket) => {
      if (sent.reusedSocket) {
        connected = true;
        return;
      }
      const timer = setTimeout(() => giveUp(`No connection within ${limits.connect / 1000} seconds.`), limits.connect);
      timers.push(timer);
      (socket as TLSSocket).once(secure ? 'secureConnect' : 'connect', () => {
        connected = true;
        clearTimeout(timer);
      });
    });
    timers.push(setTimeout(() => giveUp(`No answer within ${limits.whole / 1000} seconds.`), limits.whole));
    if (signal?.aborted) aborted();
    else signal?.addEventListener('abort', aborted, { once: true });
    sent.end(body);
  });
}
