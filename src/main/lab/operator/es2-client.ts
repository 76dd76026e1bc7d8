/** A brand's system calling ES2+ (SGP.22 v2.2, 5.3, 6.5), as small as it can be. Lab, tests, demo, bench. */
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:https';

export type Es2plusFunction = 'downloadOrder' | 'confirmOrder' | 'cancelOrder' | 'releaseProfile';

export interface Es2plusClientOptions {
  readonly host: string;
  readonly port: number;
  /** PEM of the CA behind the SM-DP+'s TLS certificate; without it the server is not verified. */
  readonly ca?: string;
  /** Client certificate and key, PEM; none: a stranger. */
  readonly cert?: string;
  readonly key?: string;
  /** Name expected in the server's certificate, where it is not `host`. */
  readonly serverName?: string;
  readonly functionRequesterIdentifier?: string;
  /** A fresh one for each call unless told. */
  readonly functionCallIdentifier?: string;
  readonly adminProtocol?: string;
  /** Milliseconds. */
  readonly timeout?: number;
  /** Kept connections of many calls: {@link es2plusAgent}. */
  readonly agent?: Agent;
  /** Stand before those of the client; undefined leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

export interface ExecutionStatus {
  readonly status: string;
  readonly statusCodeData?: { readonly subjectCode: string; readonly reasonCode: string; readonly subjectIdentifier?: string; readonly message?: string };
}

export interface Es2plusAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The JSON body; undefined when there is none. */
  readonly body: (Record<string, unknown> & { readonly header?: { readonly functionExecutionStatus?: ExecutionStatus } }) | undefined;
  /** `ok`, or `8.2.1/3.9`. */
  readonly code: string;
}

const tls = (options: Es2plusClientOptions) => ({
  ...(options.ca === undefined ? { rejectUnauthorized: false } : { ca: options.ca }),
  ...(options.cert === undefined ? {} : { cert: options.cert }), ...(options.key === undefined ? {} : { key: options.key }),
  ...(options.serverName === undefined ? {} : { servername: options.serverName }), minVersion: 'TLSv1.2' as const,
});

/** Connections of one brand, kept between calls. Destroy it at the end. */
export function es2plusAgent(options: Es2plusClientOptions, connections = 32): Agent {
  return new Agent({ ...tls(options), keepAlive: true, maxSockets: connections });
}

function codeOf(status: number, execution: ExecutionStatus | undefined): string {
  if (execution === undefined) return `HTTP ${status}`;
  if (execution.status === 'Executed-Success' || execution.status === 'Executed-WithWarning') return 'ok';
  const data = execution.statusCodeData;
  return data ? `${data.subjectCode}/${data.reasonCode}` : execution.status;
}

/** One call of `functionName` (or of any path beginning with a slash). A `body` of bytes or text is sent as it is, without header. Rejects when no HTTP answer came. */
export function callEs2plus(options: Es2plusClientOptions, functionName: Es2plusFunction | (string & {}), body: Readonly<Record<string, unknown>> | string | Uint8Array): Promise<Es2plusAnswer> {
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const payload = raw ? Buffer.from(body as string) : Buffer.from(JSON.stringify({
    header: {
      functionRequesterIdentifier: options.functionRequesterIdentifier ?? '2.999.20', functionCallIdentifier: options.functionCallIdentifier ?? randomUUID(),
    },
    ...(body as object),
  }));
  const headers = Object.entries({
    'Content-Type': 'application/json', 'X-Admin-Protocol': options.adminProtocol ?? 'gsma/rsp/v2.2.0', 'Content-Length': String(payload.length), ...options.headers,
  }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new Promise((resolve, reject) => {
    const sent = request({
      host: options.host, port: options.port, method: 'POST', path: functionName.startsWith('/') ? functionName : `/gsma/rsp2/es2plus/${functionName}`,
      headers: Object.fromEntries(headers), ...(options.agent ? { agent: options.agent } : { ...tls(options), agent: false }), timeout: options.timeout ?? 30_000,
    }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        let parsed: Es2plusAnswer['body'];
        try {
          parsed = text === '' ? undefined : JSON.parse(text) as Es2plusAnswer['body'];
        } catch {
          // Not JSON: the text is there to look at.
        }
        const status = response.statusCode ?? 0;
        resolve({ status, headers: response.headers, text, body: parsed, code: codeOf(status, parsed?.header?.functionExecutionStatus) });
      });
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
    sent.on('error', reject);
    sent.end(payload);
  });
}
