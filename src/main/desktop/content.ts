/** The window's own origin: `app://desk/`, files of the built renderer and nothing else. */
import { randomBytes } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { extname, join, sep } from 'node:path';

export const windowOrigin = 'app://desk';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml',
  '.png': 'image/png', '.woff2': 'font/woff2', '.woff': 'font/woff', '.json': 'application/json; charset=utf-8', '.ico': 'image/x-icon',
};

/** No inline script, no inline style but Emotion's (by nonce), nothing from anywhere else. */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'", "script-src 'self'", `style-src 'self' 'nonce-${nonce}'`, "img-src 'self' data:", "font-src 'self'", "connect-src 'self'",
    "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "object-src 'none'",
  ].join('; ');
}

export interface Content {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

const refused = (status: number): Content => ({ status, headers: { 'content-type': 'text/plain' }, body: Buffer.from(status === 404 ? 'not found' : 'refused') });

/** Answers a request of the window. Only GET, only our host, only files that really lie below `root`. */
export function serveContent(root: string, method: string, url: string): Content {
  let target: URL;
  try {
    target = new URL(url);
  } catch {
    return refused(400);
  }
  if (method !== 'GET' || target.protocol !== 'app:' || target.host !== 'desk') return refused(403);
  let name: string;
  try {
    name = decodeURIComponent(target.pathname);
  } catch {
    return refused(400);
  }
  if (name.includes('\0') || name.includes('\\')) return refused(400);
  const type = types[extname(name === '/' ? '/index.html' : name)];
  if (!type) return refused(404);
  let file: string;
  try {
    const realRoot = realpathSync(root);
    file = realpathSync(join(realRoot, name === '/' ? 'index.html' : name));
    // Compared with the separator: /renderer-evil is not below /renderer.
    if (!file.startsWith(realRoot + sep)) return refused(403);
    let body: Buffer = readFileSync(file);
    const nonce = randomBytes(16).toString('base64');
    if (type.startsWith('text/html')) body = Buffer.from(body.toString('utf8').replaceAll('__CSP_NONCE__', nonce));
    return {
      status: 200, body,
      headers: { 'content-type': type, 'content-security-policy': contentSecurityPolicy(nonce), 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' },
    };
  } catch {
    return refused(404);
  }
}
