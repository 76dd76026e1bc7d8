/** Addresses we call: the operator's choice, but never without TLS, never with a password in them. Pure. */
import type { Environment } from '../context.ts';

export type Target = { readonly ok: true; readonly url: URL } | { readonly ok: false; readonly why: string };

const local = new Set(['127.0.0.1', 'localhost', '[::1]']);
const bad = (why: string): Target => ({ ok: false, why });

/** A brand's callback as it was given. A Lab may use plain http to this machine. `why` is the text of `CALLBACK_INVALID`. */
export function checkCallbackUrl(text: string, environment: Environment): Target {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return bad('This is not a URL; it looks like https://bss.example/gsma/rsp2/es2plus/handleDownloadProgressInfo.');
  }
  if (url.username !== '' || url.password !== '') return bad('A callback carries no user or password: the receiver knows us by our TLS certificate.');
  if (url.hash !== '') return bad('A callback has no part behind "#".');
  if (url.protocol === 'https:') return { ok: true, url };
  if (url.protocol !== 'http:') return bad('A callback begins with https://.');
  if (environment !== 'lab') return bad('A callback needs https. Only a Lab may use http, and only to 127.0.0.1 or localhost.');
  return local.has(url.hostname) ? { ok: true, url } : bad('A callback needs https; in a Lab http is allowed to 127.0.0.1 or localhost only.');
}

/** Where the function is posted: SGP.22's own path when the URL names only a host, else as given. */
export function functionUrl(url: URL, path: string): URL {
  return url.pathname === '/' && url.search === '' ? new URL(path, url) : url;
}

/** An SM-DS as SGP.22 names it: a host, perhaps with its port, no scheme, no path. */
export function smdsUrl(address: string, functionName: string): URL | undefined {
  const text = address.trim();
  if (!/^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/.test(text)) return undefined;
  try {
    return new URL(`/gsma/rsp2/es12/${functionName}`, `https://${text}`);
  } catch {
    return undefined;
  }
}

/** For people: without the query, which may be a secret of the receiver's. */
export const shownUrl = (url: URL): string => `${url.origin}${url.pathname}${url.search === '' ? '' : '?…'}`;
