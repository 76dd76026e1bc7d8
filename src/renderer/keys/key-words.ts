/** Certificates, identities and revocation lists in words. */
import BlockOutlined from '@mui/icons-material/Block';
import CheckCircleOutlined from '@mui/icons-material/CheckCircleOutlined';
import ErrorOutlined from '@mui/icons-material/ErrorOutlineOutlined';
import HourglassEmpty from '@mui/icons-material/HourglassEmpty';
import InfoOutlined from '@mui/icons-material/InfoOutlined';
import WarningAmber from '@mui/icons-material/WarningAmber';
import type { alarms, certificateRoles, CrlRow, HorizonRow, IdentityRow, ListedCertificate } from '../../shared/contract/pki.ts';
import { count } from '../design/formats.ts';
import type { Look } from '../design/status.tsx';

export type Role = (typeof certificateRoles)[number];
export const roleNames: Readonly<Record<Role, string>> = { ci: 'CI root', eum: 'EUM', dpauth: 'DPauth', dppb: 'DPpb', tls: 'TLS' };
export const roleUses: Readonly<Record<Role, string>> = {
  ci: 'Root that this SM-DP+ and the chips trust. Public only.', eum: 'Maker of eUICCs, to check their chains. Public only.', dpauth: 'Proves this SM-DP+ to the chip.', dppb: 'Signs and binds profile packages.', tls: 'HTTPS towards devices and brands.',
};
/** Roles whose private key belongs to this SM-DP+. */
export const ownRoles: readonly Role[] = ['dpauth', 'dppb', 'tls'];
export const hasKey = (role: Role): boolean => ownRoles.includes(role);

export const keyPlaces: Readonly<Record<ListedCertificate['key'], string>> = { none: 'public only', software: 'software vault', pkcs11: 'PKCS#11 token' };

export function identityLook(identity: Pick<IdentityRow, 'usable' | 'missing' | 'warnings'>): Look {
  if (!identity.usable) return { tone: 'danger', icon: ErrorOutlined, word: 'Cannot serve', meaning: 'No device can download through this identity.' };
  if (identity.missing.length > 0 || identity.warnings.length > 0) return { tone: 'warning', icon: WarningAmber, word: 'Works, needs a look' };
  return { tone: 'success', icon: CheckCircleOutlined, word: 'Complete', meaning: 'Every certificate and key a download needs is here and valid.' };
}

export const severityLook: Readonly<Record<HorizonRow['severity'], Look>> = {
  ok: { tone: 'success', icon: CheckCircleOutlined, word: 'Far away' },
  info: { tone: 'info', icon: InfoOutlined, word: 'Coming' },
  warning: { tone: 'warning', icon: WarningAmber, word: 'Soon' },
  error: { tone: 'danger', icon: ErrorOutlined, word: 'Now' },
};

/** `in 24 days`, `today`, `3 days ago`, or what ended it early. */
export function leftWord(row: Pick<HorizonRow, 'daysLeft'> & { readonly alarm: (typeof alarms)[number] }): string {
  if (row.alarm === 'revoked') return 'Revoked';
  const days = (n: number): string => `${count(n)} ${n === 1 ? 'day' : 'days'}`;
  if (row.alarm === 'ended' || row.daysLeft < 0) return row.daysLeft >= -1 ? 'Ended' : `Ended ${days(-row.daysLeft)} ago`;
  return row.daysLeft === 0 ? 'Ends today' : `${days(row.daysLeft)} left`;
}

/** `1 over, 2 soon`, for the tab; nothing when nothing presses. */
export function urgentWord(rows: readonly Pick<HorizonRow, 'severity' | 'alarm' | 'daysLeft'>[]): string | undefined {
  const pressing = rows.filter((row) => row.severity === 'error' || row.severity === 'warning');
  const over = pressing.filter((row) => row.alarm === 'ended' || row.alarm === 'revoked' || row.daysLeft < 0).length;
  const soon = pressing.length - over;
  return pressing.length === 0 ? undefined : [over > 0 ? `${count(over)} over` : '', soon > 0 ? `${count(soon)} soon` : ''].filter(Boolean).join(', ');
}

export const crlLook: Readonly<Record<CrlRow['state'], Look>> = {
  current: { tone: 'success', icon: CheckCircleOutlined, word: 'Current', meaning: 'The next list is not due yet.' },
  overdue: { tone: 'warning', icon: HourglassEmpty, word: 'Overdue', meaning: 'A newer list should have been published; revocations since then are not known here.' },
};
export const revokedLook: Look = { tone: 'danger', icon: BlockOutlined, word: 'Revoked' };

export interface Branch {
  readonly certificate: ListedCertificate;
  /** 0 for a root. */
  readonly depth: number;
}

const roleOrder: readonly Role[] = ['ci', 'eum', 'dpauth', 'dppb', 'tls'];
const byRole = (a: ListedCertificate, b: ListedCertificate): number => roleOrder.indexOf(a.role) - roleOrder.indexOf(b.role) || b.notAfter - a.notAfter;

/** The certificates of one identity as a tree, flattened: each below its issuer; one whose issuer is not here stands below the root. */
export function chainOf(certificates: readonly ListedCertificate[]): Branch[] {
  const sorted = [...certificates].sort(byRole);
  const roots = sorted.filter((c) => c.role === 'ci');
  const placed = new Set<string>();
  const out: Branch[] = [];
  const place = (certificate: ListedCertificate, depth: number): void => {
    if (placed.has(certificate.sha256)) return;
    placed.add(certificate.sha256);
    out.push({ certificate, depth });
    for (const child of sorted) if (child.role !== 'ci' && child.authorityKeyId !== undefined && child.authorityKeyId.toLowerCase() === certificate.subjectKeyId.toLowerCase()) place(child, depth + 1);
  };
  for (const root of roots) place(root, 0);
  for (const rest of sorted) place(rest, roots.length === 0 ? 0 : 1);
  return out;
}
