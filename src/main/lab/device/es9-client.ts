/** ES9+ over HTTPS in either binding (SGP.22 v2.2, 6.5 and 6.6), as strict towards the server as the strictest LPA known. */
import { Agent, request } from 'node:https';
import type { RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import { oidContent } from '../pki/der.ts';
import { certificatePem } from '../pki/index.ts';
import { splitAddress } from './activation-code.ts';
import { ASN1_CONTENT_TYPE, ASN1_PATH, decodeAsn1Reply, encodeAsn1Request } from './asn1-binding.ts';

export interface Es9Tls {
  /** The CI the server's TLS certificate must lead to: PEM text or DER. Absent: the system's own roots. */
  readonly caCertificate?: string | Uint8Array;
  /** Connect there instead of where the SM-DP+ address points; name and certificate checks stay with the address. */
  readonly connectTo?: { readonly host: string; readonly port: number };
  /** No check of the server's certificate, as some LPAs do it. */
  readonly insecure?: boolean;
}

export interface Es9Options {
  readonly smdpAddress: string;
  readonly tls: Es9Tls;
  /** One connection for many requests. Call `close` afterwards. */
  readonly keepAlive?: boolean;
  /** Milliseconds for one request; 30,000 unless told. */
  readonly timeout?: number;
  /** How requests are coded; JSON unless told. */
  readonly binding?: Es9Binding;
  /** Source address of the connections, for machines that have several. */
  readonly localAddress?: string;
}

export type Es9Binding = 'json' | 'asn1';

export type Es9Function = 'initiateAuthentication' | 'authenticateClient' | 'getBoundProfilePackage' | 'cancelSession';

export type Es9Reply =
  | { readonly kind: 'ok'; readonly body: Readonly<Record<string, string>> }
  | { readonly kind: 'failed'; readonly subjectCode: string; readonly reasonCode: string; readonly message: string }
  | { readonly kind: 'broken'; readonly code: 'TLS_REFUSED' | 'NO_CONNECTION' | 'TIMEOUT' | 'HTTP_STATUS' | 'BAD_REPLY'; readonly message: string };

interface RawReply { readonly status: number; readonly contentType: string; readonly protocol: string; readonly body: Buffer }

/** Members of a successful reply beside the header; no other may be there. */
const MEMBERS: Record<Es9Function, readonly string[]> = {
  initiateAuthentication: ['transactionId', 'serverSigned1', 'serverSignature1', 'euiccCiPKIdToBeUsed', 'serverCertificate'],
  authenticateClient: ['transactionId', 'profileMetadata', 'smdpSigned2', 'smdpSignature2', 'smdpCertificate'],
  getBoundProfilePackage: ['transactionId', 'boundProfilePackage'],
  cancelSession: [],
};
const MAX_REPLY = 16 * 1024 * 1024;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export interface Es9Client {
  readonly smdpAddress: string;
  call(name: Es9Function, body: Readonly<Record<string, string>>): Promise<Es9Reply>;
  /** handleNotification: `ok` on 204 with nothing in it. */
  notify(pendingNotification: Uint8Array): Promise<Es9Reply>;
  close(): void;
}

export function createEs9Client(options: Es9Options): Es9Client {
  const { host } = splitAddress(options.smdpAddress);
  // Of the agent, not of each request: a request with a check of its own gets a connection of its own.
  const checkIdentity: typeof checkServerIdentity = (_connected, certificate) => (options.tls.insecure ? undefined : checkServerIdentity(host, certificate));
  const agent = new Agent({ keepAlive: options.keepAlive ?? false, checkServerIdentity: checkIdentity });
  const asn1 = options.binding === 'asn1';
  const post = (name: Es9Function | 'handleNotification', body: Readonly<Record<string, string>>): Promise<RawReply | Extract<Es9Reply, { kind: 'broken' }>> => send(
    options, agent, name, asn1 ? { path: ASN1_PATH, type: ASN1_CONTENT_TYPE, userAgent: 'gsma-rsp-lpae', payload: Buffer.from(encodeAsn1Request(name, body)) }
      : { path: `/gsma/rsp2/es9plus/${name}`, type: 'application/json', userAgent: 'gsma-rsp-lpad', payload: Buffer.from(JSON.stringify(body)) },
  );
  return {
    smdpAddress: options.smdpAddress,
    async call(name, body) {
      const reply = await post(name, body);
      return 'kind' in reply ? reply : readReply(name, reply, asn1);
    },
    async notify(pendingNotification) {
      const reply = await post('handleNotification', { pendingNotification: Buffer.from(pendingNotification).toString('base64') });
      if ('kind' in reply) return reply;
      if (reply.status !== 204) return broken('HTTP_STATUS', `handleNotification was answered with HTTP ${reply.status} instead of 204`);
      if (reply.body.length > 0) return broken('BAD_REPLY', 'handleNotification was answered with a body');
      return { kind: 'ok', body: {} };
    },
    close: () => agent.destroy(),
  };
}

const broken = (code: Extract<Es9Reply, { kind: 'broken' }>['code'], message: string): Extract<Es9Reply, { kind: 'broken' }> => ({ kind: 'broken', code, message });

interface Posted { readonly path: string; readonly type: string; readonly userAgent: string; readonly payload: Buffer }

function send(options: Es9Options, agent: Agent, name: string, { path, type, userAgent, payload }: Posted): Promise<RawReply | Extract<Es9Reply, { kind: 'broken' }>> {
  const { host, port } = splitAddress(options.smdpAddress);
  const { caCertificate, connectTo, insecure } = options.tls;
  if (caCertificate !== undefined && hasBrainpoolKey(caCertificate)) {
    return Promise.resolve(broken('TLS_REFUSED', 'a brainpool CI cannot be trusted for TLS here: Node cannot handle a TLS chain with a brainpool key'));
  }
  const settings: RequestOptions = {
    agent, method: 'POST', host: connectTo?.host ?? host, port: connectTo?.port ?? port, path,
    servername: isIP(host) ? '' : host, minVersion: 'TLSv1.2', rejectUnauthorized: !insecure,
    ...(caCertificate === undefined ? {} : { ca: typeof caCertificate === 'string' ? caCertificate : certificatePem(caCertificate) }),
    ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
    headers: {
      'Host': options.smdpAddress, 'User-Agent': userAgent, 'X-Admin-Protocol': 'gsma/rsp/v2.2.2',
      'Content-Type': type, 'Content-Length': payload.length,
    },
  };
  return new Promise((resolve) => {
    let done = false;
    const finish = (reply: RawReply | Extract<Es9Reply, { kind: 'broken' }>): void => {
      if (done) return;
      done = true;
      clearTimeout(timer);
      resolve(reply);
    };
    const outgoing = request(settings, (incoming) => {
      const chunks: Buffer[] = [];
      let size = 0;
      incoming.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_REPLY) {
          finish(broken('BAD_REPLY', 'the reply is larger than 16 MiB'));
          outgoing.destroy();
          return;
        }
        chunks.push(chunk);
      });
      incoming.on('error', (error) => finish(broken('NO_CONNECTION', error.message)));
      incoming.on('end', () => finish({
        status: incoming.statusCode ?? 0, contentType: incoming.headers['content-type'] ?? '',
        protocol: String(incoming.headers['x-admin-protocol'] ?? ''), body: Buffer.concat(chunks),
      }));
    });
    const timer = setTimeout(() => {
      finish(broken('TIMEOUT', `${name} was not answered in time`));
      outgoing.destroy();
    }, options.timeout ?? 30_000);
    outgoing.on('error', (error: NodeJS.ErrnoException) => finish(broken(isTlsFault(error) ? 'TLS_REFUSED' : 'NO_CONNECTION', error.message)));
    outgoing.end(payload);
  });
}

/** Node 24 crashes while it shows a verified peer chain that holds a brainpool key, so such an anchor is never given to it. */
function hasBrainpoolKey(certificate: string | Uint8Array): boolean {
  const der = typeof certificate === 'string' ? Buffer.from(certificate.replace(/-----[^-]*-----|\s/g, ''), 'base64') : Buffer.from(certificate);
  return der.includes(Buffer.from(oidContent('1.3.36.3.3.2.8.1.1.7')));
}

function isTlsFault(error: NodeJS.ErrnoException): boolean {
  return /^(ERR_TLS|ERR_SSL|EPROTO|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_)/.test(error.code ?? '');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readReply(name: Es9Function, reply: RawReply, asn1: boolean): Es9Reply {
  if (reply.status !== 200) return broken('HTTP_STATUS', `${name} was answered with HTTP ${reply.status}`);
  if (!reply.contentType.startsWith(asn1 ? ASN1_CONTENT_TYPE : 'application/json')) return broken('BAD_REPLY', `${name}: Content-Type is "${reply.contentType}"`);
  if (!reply.protocol.startsWith('gsma/rsp/v2.')) return broken('BAD_REPLY', `${name}: X-Admin-Protocol is "${reply.protocol}"`);
  return asn1 ? decodeAsn1Reply(name, reply.body) : readJson(name, reply.body.toString('utf8'));
}

function readJson(name: Es9Function, text: string): Es9Reply {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return broken('BAD_REPLY', `${name}: the body is not JSON`);
  }
  const execution = isObject(parsed) && isObject(parsed['header']) ? parsed['header']['functionExecutionStatus'] : undefined;
  if (!isObject(parsed) || !isObject(execution)) return broken('BAD_REPLY', `${name}: functionExecutionStatus missing`);
  const members = Object.keys(parsed).filter((key) => key !== 'header');
  if (execution['status'] === 'Failed' || execution['status'] === 'Expired') return readFailure(name, members, execution['statusCodeData']);
  if (execution['status'] !== 'Executed-Success') return broken('BAD_REPLY', `${name}: status is "${String(execution['status'])}"`);
  const wanted = MEMBERS[name];
  const surplus = members.filter((member) => !wanted.includes(member));
  if (surplus.length) return broken('BAD_REPLY', `${name}: unexpected member "${surplus[0]}"`);
  const body: Record<string, string> = {};
  for (const member of wanted) {
    const value = parsed[member];
    const form = member === 'transactionId' ? /^[0-9A-F]{2,32}$/ : BASE64;
    if (typeof value !== 'string' || value === '' || !form.test(value)) return broken('BAD_REPLY', `${name}: member "${member}" is missing or malformed`);
    body[member] = value;
  }
  return { kind: 'ok', body };
}

function readFailure(name: string, members: readonly string[], data: unknown): Es9Reply {
  if (members.length) return broken('BAD_REPLY', `${name}: a failed reply carries "${members[0]}"`);
  const codes = isObject(data) ? [data['subjectCode'], data['reasonCode'], data['message']] : [];
  const [subjectCode, reasonCode, message] = codes;
  if (typeof subjectCode !== 'string' || typeof reasonCode !== 'string' || typeof message !== 'string') {
    return broken('BAD_REPLY', `${name}: a failed reply without subjectCode, reasonCode and message`);
  }
  if (!/^\d+(\.\d+)*$/.test(subjectCode) || !/^\d+(\.\d+)*$/.test(reasonCode)) return broken('BAD_REPLY', `${name}: malformed status codes`);
  return { kind: 'failed', subjectCode, reasonCode, message };
}
