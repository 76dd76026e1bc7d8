/** What a brand is and how its callback does, as colour, icon and word. */
import BlockOutlined from '@mui/icons-material/Block';
import CheckCircleOutlined from '@mui/icons-material/CheckCircleOutlined';
import ErrorOutlined from '@mui/icons-material/ErrorOutlineOutlined';
import NotificationsOffOutlined from '@mui/icons-material/NotificationsOffOutlined';
import ScheduleOutlined from '@mui/icons-material/ScheduleOutlined';
import type { BrandRow, ProgressPoint } from '../../shared/contract/brands.ts';
import { count, plural } from '../design/formats.ts';
import type { Look } from '../design/status.tsx';

export const brandLook: Readonly<Record<BrandRow['state'], Look>> = {
  active: { tone: 'success', icon: CheckCircleOutlined, word: 'Active', meaning: 'Its orders over ES2+ are taken.' },
  suspended: { tone: 'warning', icon: BlockOutlined, word: 'Suspended', meaning: 'Every ES2+ request of this brand is refused; released orders can still be downloaded.' },
};

/** How notifications to the brand do: dead ones first, since they stay dead until somebody acts. */
export function callbackLook(callback: BrandRow['callback']): Look {
  if (callback === undefined) return { tone: 'neutral', icon: NotificationsOffOutlined, word: 'No callback', meaning: 'The brand is not told how its downloads go.' };
  if (callback.dead > 0) return { tone: 'danger', icon: ErrorOutlined, word: `${count(callback.dead)} dead`, meaning: `${plural(callback.dead, 'message was', 'messages were')} given up after the last attempt.` };
  if (callback.waiting > 0) return { tone: 'info', icon: ScheduleOutlined, word: `${count(callback.waiting)} waiting`, meaning: `${plural(callback.waiting, 'message waits', 'messages wait')} for the next attempt.` };
  return { tone: 'success', icon: CheckCircleOutlined, word: callback.lastDeliveredAt === undefined ? 'Nothing sent yet' : 'Delivered', meaning: 'Nothing waits.' };
}

/** Events of an activation as a brand hears of them, in their order. */
export const pointNames: Readonly<Record<ProgressPoint, { readonly name: string; readonly when: string }>> = {
  eligibility: { name: 'Eligibility checked', when: 'A device proved itself and can take the profile, or cannot.' },
  confirmation: { name: 'Confirmation code', when: 'The code the user typed was wrong, or too often wrong. A right one is not told: the download follows.' },
  download: { name: 'Package downloaded', when: 'The bound package was handed to the device.' },
  installation: { name: 'Installed', when: 'The chip reported how the installation ended.' },
  enabled: { name: 'Enabled', when: 'The chip reported that the user switched the profile on.' },
  disabled: { name: 'Disabled', when: 'The chip reported that the user switched it off.' },
  deleted: { name: 'Deleted', when: 'The chip reported that the profile was deleted.' },
};

/** Which part of a quota is used: `undefined` without a limit. */
export interface Usage {
  readonly used: number;
  readonly limit: number | undefined;
  /** 0 to 1; a limit of nothing is full. */
  readonly share: number;
  readonly tone: 'success' | 'warning' | 'danger';
}
export function usageOf(used: number, limit: number | undefined): Usage {
  if (limit === undefined) return { used, limit, share: 0, tone: 'success' };
  const share = limit === 0 ? 1 : Math.min(1, used / limit);
  return { used, limit, share, tone: share >= 1 ? 'danger' : share >= 0.8 ? 'warning' : 'success' };
}

/** The credential that ends first. */
export function firstToEnd(brand: Pick<BrandRow, 'credentials'>): BrandRow['credentials'][number] | undefined {
  return [...brand.credentials].sort((a, b) => a.notAfter - b.notAfter)[0];
}

export type BrandNeed = 'callback' | 'certificate' | 'quota';
const soon = 60 * 86_400_000;

/** Why a person should look at a brand, worst first; empty when all is well. */
export function needsOf(brand: BrandRow, now: number): BrandNeed[] {
  const needs: BrandNeed[] = [];
  if ((brand.callback?.dead ?? 0) > 0) needs.push('callback');
  if (brand.credentials.some((c) => c.notAfter - now < soon)) needs.push('certificate');
  if (usageOf(brand.openNow, brand.openOrders).share >= 0.8 || usageOf(brand.lastDay, brand.ordersPerDay).share >= 0.8) needs.push('quota');
  return needs;
}

export const needWords: Readonly<Record<BrandNeed, string>> = { callback: 'dead messages', certificate: 'certificate ends soon', quota: 'quota nearly used' };
