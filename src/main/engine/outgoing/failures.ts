/** Errors of sockets and TLS in sentences an operator can act on. */

const byCode: Readonly<Record<string, (host: string) => string>> = {
  ENOTFOUND: (host) => `The name ${host} is not known.`,
  EAI_AGAIN: (host) => `The name ${host} could not be looked up; is this machine on the network?`,
  ECONNREFUSED: (host) => `Nothing listens at ${host}.`,
  EHOSTUNREACH: (host) => `There is no way to ${host} from this machine.`,
  ENETUNREACH: (host) => `There is no way to ${host} from this machine.`,
  ETIMEDOUT: (host) => `${host} does not answer.`,
  ECONNRESET: () => 'It broke the connection off.',
  EPIPE: () => 'It broke the connection off.',
  CERT_HAS_EXPIRED: () => 'Its TLS certificate has expired.',
  CERT_NOT_YET_VALID: () => 'Its TLS certificate is not valid yet.',
  CERT_REVOKED: () => 'Its TLS certificate is revoked.',
  ERR_TLS_CERT_ALTNAME_INVALID: (host) => `Its TLS certificate is not for ${host}.`,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: () => 'It asks for a TLS certificate and did not get one it accepts.',
  ERR_SSL_UNSUPPORTED_PROTOCOL: () => 'It offers no TLS version of 1.2 or later.',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: () => 'It offers no TLS version of 1.2 or later.',
  ERR_SSL_WRONG_VERSION_NUMBER: () => 'It does not speak TLS on this port.',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: () => 'It does not speak TLS on this port.',
};
const untrusted = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'SELF_SIGNED_CERT_IN_CHAIN', 'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_UNTRUSTED', 'CERT_SIGNATURE_FAILURE', 'INVALID_CA', 'INVALID_PURPOSE', 'CERT_CHAIN_TOO_LONG', 'PATH_LENGTH_EXCEEDED',
]);
/** Alerts by which a server refuses the client's certificate. */
const refusedUs = /ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_(?:EXPIRED|REVOKED|UNKNOWN)|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED|DECRYPT_ERROR)/;

/** The code of a foreign error is known, its text may quote anything: only the code speaks. */
export function failureSentence(error: NodeJS.ErrnoException & { readonly errors?: readonly NodeJS.ErrnoException[] }, url: URL): string {
  // Several addresses were tried: the first tells enough.
  const code = error.code ?? error.errors?.[0]?.code ?? '';
  const sentence = byCode[code];
  if (sentence) return sentence(url.host);
  if (untrusted.has(code)) return 'Its TLS certificate was not issued by a CA we trust for it.';
  if (refusedUs.test(code)) return 'It does not accept our TLS certificate.';
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') return 'No TLS connection: the two sides share no version, cipher or curve.';
  return `The connection failed${/^[A-Z0-9_]{3,60}$/.test(code) ? ` (${code})` : ''}.`;
}
