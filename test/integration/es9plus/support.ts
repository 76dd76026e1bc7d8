/** A world behind a real HTTPS listener, and devices that download from it. */
import { startEs9plus } from '../../../src/main/engine/wire/es9plus/index.ts';
import type { Es9plusListener, Es9plusOptions } from '../../../src/main/engine/wire/es9plus/index.ts';
import { download } from '../../../src/main/lab/device/index.ts';
import type { DownloadOptions, DownloadOutcome } from '../../../src/main/lab/device/index.ts';
import { ADDRESS, pkiOf } from '../../unit/downloads/support.ts';
import type { World } from '../../unit/downloads/support.ts';

export * from '../../unit/downloads/support.ts';

export const listen = (world: World, options: Partial<Es9plusOptions> = {}): Promise<Es9plusListener> => startEs9plus(world.ctx, { host: '127.0.0.1', port: 0, ...options });

export function tlsTo(listener: Es9plusListener) {
  return { caCertificate: pkiOf().ci.certificate, connectTo: { host: '127.0.0.1', port: listener.port } };
}

export function fetchProfile(listener: Es9plusListener, options: Omit<DownloadOptions, 'tls'>): Promise<DownloadOutcome> {
  return download({ tls: tlsTo(listener), ...options });
}

export const code = (outcome: DownloadOutcome): string => {
  const { result } = outcome;
  if (result.kind === 'refused') return `${result.subjectCode}/${result.reasonCode}`;
  return result.kind === 'broken' ? `${result.kind} ${result.code} ${result.message}` : result.kind;
};

/** A raw request, for what no device would send. */
export async function post(listener: Es9plusListener, path: string, body: string | Uint8Array, headers: Record<string, string> = {}, method = 'POST') {
  const { request } = await import('node:https');
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }>((resolve, reject) => {
    const out = request({
      host: '127.0.0.1', port: listener.port, path, method, servername: ADDRESS, ca: pem(pkiOf().ci.certificate), agent: false,
      headers: { 'Content-Type': 'application/json', 'X-Admin-Protocol': 'gsma/rsp/v2.5.0', ...headers },
    }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text: Buffer.concat(chunks).toString() }));
      incoming.on('error', reject);
    });
    out.on('error', reject);
    out.end(body);
  });
}

function pem(der: Uint8Array): string {
  return `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n').trimEnd()}\n-----END CERTIFICATE-----\n`;
}
