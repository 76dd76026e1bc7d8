/** Errors of sockets and TLS in sentences an operator can act on. */

const byCode: Readonly<Record<string, (host: string) => string>> = {
  ENOTFOUND: (host) => `The name ${host} is not known.`,
  EAI_AGAIN: (host) => `The name ${host} could not be looked up; is this machine on the network?`,
  ECONNREFUSED: (host) => `Nothing listens at ${host}.`,
  EHOSTUNREACH: (host) => `There is no way to ${host} from this machine.`,
  ENETUNREACH: (host) => `There is no way to ${host} from this machine.`,
  ETIMEDOUT: (host) => `${host} does not answer.`,
  ECONNRESET: () => 'It broke the connection off. If it always does, it may not accept our TLS certificate.',
  EPIPE: () => 'It broke the connection off. If it always does, it may not accept our TLS certificate.',
  CERT_HAS_EXPIRED: () => 'Its TLS certificate has expired.',
  CERT_NOT_YET_VALID: () => 'Its TLS certificate is not valid yet.',
  CERT_REVOKED: () => 'Its TLS certificate is revoked.',
  ERR_TLS_CERT_ALTNAME_INVALID: (host) => `Its TLS certificate is not for ${host}.`,
};
const untrusted = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'SELF_SIGNED_CERT_IN_CHAIN', 'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_UNTRUSTED', 'CERT_SIGNATURE_FAILURE', 'INVALID_CA', 'INVALID_PURPOSE', 'CERT_CHAIN_TOO_LONG', 'PATH_LENGTH_EXCEEDED',
]);
/** Some of OpenSSL's reasons come as code, some only in the text of EPROTO. */
const tlsReasons: readonly (readonly [RegExp, string])[] = [
  // Alerts by which a server refuses the client's certificate.
  [/alert[_ ](?:unknown[_ ]ca|bad[_ ]certificate|certificate[_ ](?:expired|revoked|unknown|required)|unsupported[_ ]certificate|access[_ ]denied|decrypt[_ ]error)/i, 'It does not accept our TLS certificate.'],
  [/wrong[_ ]version[_ ]number|packet[_ ]length[_ ]too[_ ]long|http[_ ]request/i, 'It does not speak TLS on this port.'],
  [/unsupported[_ ]protocol|alert[_ ]protocol[_ ]version/i, 'It offers no TLS version of 1.2 or later.'],
];

/** The text of a foreign error may quote anything: it is looked at, never repeated. */
export function failureSentence(error: NodeJS.ErrnoException & { readonly errors?: readonly NodeJS.ErrnoException[] }, url: URL): string {
  // Several addresses were tried: the first tells enough.
  const code = error.code ?? error.errors?.[0]?.code ?? '';
  const sentence = byCode[code];
  if (sentence) return sentence(url.host);
  if (untrusted.has(code)) return 'Its TLS certificate was not issued by a CA we trust for it.';
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') {
    const reason = tlsReasons.find(([pattern]) => pattern.test(code) || pattern.test(error.message));
    return reason?.[1] ?? 'No TLS connection: the two sides share no version, cipher or curve.';
  }
  return `The connection failed${/^[A-Z0-9_]{3,60}$/.test(code) ? ` (${code})` : ''}.`;
}
