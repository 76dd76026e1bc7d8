/**
 * Which brand a TLS client is. OpenSSL asks for the certificate and checks that the client holds its key; whether the
 * certificate is one of a brand's is decided by the brands area over the chain as it was sent. Only the octets of a stranger's
 * certificate are taken here: Node's own view of them (getPeerCertificate) ends the process on a brainpool key.
 */
import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** Leaf first, as far as the client sent them. Longer chains are nobody's. */
const CHAIN = 5;

/** DER of the client's certificates, leaf first; empty when it sent none. */
export function clientChain(socket: Socket): Uint8Array[] {
  const chain: Uint8Array[] = [];
  let certificate: X509Certificate | undefined = (socket as Partial<TLSSocket>).getPeerX509Certificate?.();
  while (certificate && chain.length < CHAIN) {
    const der = new Uint8Array(certificate.raw);
    if (chain.some((one) => Buffer.from(one).equals(der))) break;
    chain.push(der);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

export interface Recognition<B> {
  /** The brand behind the connection; `undefined` when its certificate is nobody's, `'none'` when there is none. */
  brandOf(socket: Socket, now: number): Promise<B | 'none' | undefined>;
  /** What is known of open connections no longer holds: a brand was changed. */
  forget(): void;
}

/** A certificate may end while its connection stays open. */
const RECHECK = 60_000;

/** Asks once for each connection, and again after a change or a minute. */
export function recognition<B>(ask: (chain: readonly Uint8Array[]) => Promise<B | undefined>): Recognition<B> {
  let known = new WeakMap<Socket, { readonly at: number; readonly brand: Promise<B | 'none' | undefined> }>();
  return {
    brandOf(socket, now) {
      const earlier = known.get(socket);
      if (earlier && now - earlier.at < RECHECK && now >= earlier.at) return earlier.brand;
      const chain = clientChain(socket);
      const brand = chain.length === 0 ? Promise.resolve('none' as const) : ask(chain);
      known.set(socket, { at: now, brand });
      // What failed is asked again.
      brand.catch(() => known.delete(socket));
      return brand;
    },
    forget() {
      known = new WeakMap();
    },
  };
}
