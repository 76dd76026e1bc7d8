/**
 * What a TLS client showed. OpenSSL asks for the certificate and checks that the client holds its key; whether the
 * certificate is one of a brand's is decided by the brands area over the chain as it was sent. Only the octets of a stranger's
 * certificate are taken here: Node's own view of them (getPeerCertificate) ends the process on a brainpool key.
 */
import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** Leaf first, as far as the client sent them. Longer chains are nobody's. */
const CHAIN = 5;

/** DER of the client's certificates, leaf first; empty when it sent none. */
function clientChain(socket: Socket): Uint8Array[] {
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

/** The chain of each open connection: it does not change. Whose it is may, and is asked again with every call. */
const chains = new WeakMap<Socket, readonly Uint8Array[]>();

export function chainOf(socket: Socket): readonly Uint8Array[] {
  let chain = chains.get(socket);
  if (!chain) chains.set(socket, chain = clientChain(socket));
  return chain;
}
