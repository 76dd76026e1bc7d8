import createCache, { type EmotionCache } from '@emotion/cache';

const placeholder = '__CSP_NONCE__';

/** The nonce the host wrote into the page; undefined when the page is served without one. */
export function pageNonce(page: Document = document): string | undefined {
  const value = page.querySelector('meta[name="csp-nonce"]')?.getAttribute('content') ?? '';
  return value === '' || value === placeholder ? undefined : value;
}

export function styleCache(): EmotionCache {
  const nonce = pageNonce();
  const cache = createCache({ key: 'desk', prepend: true, ...(nonce === undefined ? {} : { nonce }) });
  // Nothing is rendered on a server, so `:first-child` is safe and needs no warning.
  cache.compat = true;
  return cache;
}
