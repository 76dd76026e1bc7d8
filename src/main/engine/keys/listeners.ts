/** Which listener stands on which identity and certificate. */
import type { EngineContext } from '../context.ts';
import type { Identity, OwnCertificate } from './identities.ts';
import { tlsCandidates } from './tls.ts';

export interface ListenerUse {
  /** `ES9+ 127.0.0.1:8443` */
  readonly label: string;
  readonly kind: 'es9plus' | 'es2plus';
  readonly listening: boolean;
  readonly identities: readonly Identity[];
  /** What it may show in the TLS handshake. */
  readonly tls: readonly OwnCertificate[];
}

const kinds = { es9plus: 'ES9+', es2plus: 'ES2+' } as const;

export function listenerUses(ctx: Pick<EngineContext, 'runtime'>, all: readonly Identity[]): ListenerUse[] {
  return ctx.runtime.listeners.flatMap((status) => {
    if (status.kind === 'console') return [];
    const identities = all.filter((identity) => status.identities.includes(identity.name));
    return [{
      label: `${kinds[status.kind]} ${status.address.includes(':') ? `[${status.address}]` : status.address}:${status.port}`, kind: status.kind,
      listening: status.state === 'listening', identities, tls: tlsCandidates(identities, all),
    }];
  });
}

const isIp = (host: string): boolean => /^\d{1,3}(\.\d{1,3}){3}$/.test(host) || host.includes(':');

/** `2001:db8::1` with all of its groups, as certificates are read. */
function fullIp(host: string): string {
  if (!host.includes(':')) return host;
  const [head = '', tail] = host.toLowerCase().split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':').map((group) => group.replace(/^0+(?=.)/, '')));
  const [left, right] = [groups(head), tail === undefined ? [] : groups(tail)];
  return [...left, ...Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0'), ...right].join(':');
}

/** Host of `host:port`, without the brackets of an IPv6 address. */
export function hostOf(address: string): string {
  const text = address.trim().toLowerCase().replace(/\.$/, '');
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(text);
  return bracketed ? bracketed[1]! : text.replace(/:\d{1,5}$/, (port) => (text.indexOf(':') === text.lastIndexOf(':') ? '' : port));
}

/** Whether a device that goes to `host` accepts this certificate for it (RFC 6125: a wildcard stands for one whole label). */
export function fitsHost(own: OwnCertificate, host: string): boolean {
  const { dnsNames, ipAddresses } = own.certificate;
  if (isIp(host)) return ipAddresses.includes(fullIp(host));
  return dnsNames.some((pattern) => {
    const name = pattern.toLowerCase();
    return name === host || (name.startsWith('*.') && host.endsWith(name.slice(1)) && !host.slice(0, 1 - name.length).includes('.'));
  });
}
