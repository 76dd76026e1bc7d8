/** Words, tones and small decisions of the numbers area. */
import Block from '@mui/icons-material/Block';
import BookmarkBorder from '@mui/icons-material/BookmarkBorder';
import CheckCircleOutlined from '@mui/icons-material/CheckCircleOutlined';
import ErrorOutlined from '@mui/icons-material/ErrorOutlineOutlined';
import HelpOutlined from '@mui/icons-material/HelpOutlineOutlined';
import HourglassEmpty from '@mui/icons-material/HourglassEmpty';
import LocalFireDepartmentOutlined from '@mui/icons-material/LocalFireDepartmentOutlined';
import LockOutlined from '@mui/icons-material/LockOutlined';
import RadioButtonUnchecked from '@mui/icons-material/RadioButtonUnchecked';
import SimCardOutlined from '@mui/icons-material/SimCardOutlined';
import WarningAmber from '@mui/icons-material/WarningAmber';
import type { BlockState, Forecast, LevelMarks, LevelRow, NumberKind, NumberSource, NumberStatus, PolicyRow, QuarantineRule, RecyclingRule } from '../../shared/contract/numbers.ts';
import { compactCount, count, plural } from '../design/formats.ts';
import type { Look } from '../design/status.tsx';

export const kindName: Readonly<Record<NumberKind, string>> = { iccid: 'ICCID', imsi: 'IMSI', msisdn: 'MSISDN' };
export const sourceName: Readonly<Record<NumberSource, string>> = { own: 'Own range', import: 'Import', hlr: 'HLR', partner: 'Partner', entitlement: 'Entitlement' };

export const blockLook: Readonly<Record<BlockState, Look>> = {
  open: { tone: 'success', icon: CheckCircleOutlined, word: 'Open', meaning: 'Its free numbers may be given out.' },
  reserved: { tone: 'info', icon: BookmarkBorder, word: 'Reserved', meaning: 'Kept for somebody; it gives no numbers.' },
  blocked: { tone: 'warning', icon: LockOutlined, word: 'Blocked', meaning: 'It gives no numbers until it is opened.' },
  closed: { tone: 'neutral', icon: Block, word: 'Closed', meaning: 'It never gives numbers again.' },
};

export const numberLook: Readonly<Record<NumberStatus, Look>> = {
  free: { tone: 'success', icon: RadioButtonUnchecked, word: 'Free' },
  reserved: { tone: 'info', icon: BookmarkBorder, word: 'Reserved' },
  'in-use': { tone: 'accent', icon: SimCardOutlined, word: 'In use' },
  burnt: { tone: 'danger', icon: LocalFireDepartmentOutlined, word: 'Burnt' },
  blocked: { tone: 'warning', icon: LockOutlined, word: 'Blocked' },
  unknown: { tone: 'neutral', icon: HelpOutlined, word: 'Unknown' },
};

export const levelLook: Readonly<Record<LevelRow['state'], Look>> = {
  ok: { tone: 'success', icon: CheckCircleOutlined, word: 'Enough' },
  soon: { tone: 'warning', icon: HourglassEmpty, word: 'Ends soon', meaning: 'At the present speed it ends before a preparation would be done.' },
  low: { tone: 'warning', icon: WarningAmber, word: 'Low', meaning: 'Fewer than its low-water mark, or than ten without one.' },
  out: { tone: 'danger', icon: ErrorOutlined, word: 'Out of stock', meaning: 'Nothing is left to sell.' },
  none: { tone: 'neutral', icon: RadioButtonUnchecked, word: 'No stock yet', meaning: 'It never had profiles to sell.' },
};

export const confidenceWord: Readonly<Record<Forecast['confidence'], string>> = { none: 'nothing used in 90 days', low: 'little data', fair: 'some weeks of data', good: 'good data' };

export const perDay = (n: number): string => (n === 0 ? '0' : n < 10 ? n.toFixed(1) : count(Math.round(n)));
export const daysOf = (n: number): string => (n < 1 ? 'under a day' : n > 3650 ? 'over ten years' : plural(Math.floor(n), 'day'));

/** Numbers of a block in full while they fit a column: nobody orders `990k`. */
export const numbersText = (n: number): string => (n < 100_000_000 ? count(n) : compactCount(n));

/** `20,040 used (3 of them burnt), 8,000 kept for preparations, 970,016 free` */
export function useText({ used, burnt, reserved, free }: { readonly used: number; readonly burnt: number; readonly reserved: number; readonly free: number }): string {
  return [`${count(used)} used${burnt > 0 ? ` (${count(burnt)} of them burnt)` : ''}`, ...(reserved > 0 ? [`${count(reserved)} kept for preparations`] : []), `${count(free)} free`].join(', ');
}

/** What a forecast rests on, for a tooltip. */
export function forecastBasis(forecast: Forecast, what: string): string {
  if (forecast.confidence === 'none') return `No ${what} in the last 90 days, so there is nothing to foretell from.`;
  const { d7, d30, d90 } = forecast.perDay;
  return `${what} per day: ${perDay(d7)} over 7 days, ${perDay(d30)} over 30, ${perDay(d90)} over 90. The faster of 7 and 30 days counts. ${plural(forecast.historyDays, 'day')} of history: ${confidenceWord[forecast.confidence]}.`;
}

export const toneOfDays = (days: number | undefined, lead = 7): 'success' | 'warning' | 'danger' => (days === undefined || days > lead * 2 ? 'success' : days > lead ? 'warning' : 'danger');

export function marksSentence(marks: LevelMarks, set: boolean): string {
  if (!set) return 'No marks: nothing is proposed';
  const parts = [
    ...(marks.low === null ? [] : [`under ${count(marks.low)}`]),
    `within ${plural(marks.leadDays, 'day')}`,
  ];
  return `${parts.join(' or ')} → ${marks.target === null ? `${plural(marks.coverDays, 'day')} of cover` : `up to ${count(marks.target)}`}`;
}

export const recyclingWords: Readonly<Record<RecyclingRule, string>> = {
  never: 'Never: once ordered, a profile is not sold again',
  'never-delivered': 'After a cancellation, when it was never delivered',
  'cooling-off': 'The same, after days of cooling off',
};
export function recyclingSentence({ recycling, coolingDays }: Pick<PolicyRow, 'recycling' | 'coolingDays'>): string {
  if (recycling === 'never') return 'Never sold again';
  if (recycling === 'cooling-off') return `Back to sale after ${plural(coolingDays, 'day')}, if never delivered`;
  return 'Back to sale at once, if never delivered';
}
export const quarantineWords: Readonly<Record<QuarantineRule, string>> = {
  manual: 'Until somebody releases it', date: 'On a day', 'delete-seen': 'When the device reports it deleted', 'network-removed': 'When the network has removed it',
};
export const msisdnSentence = ({ msisdn, msisdnDays }: Pick<PolicyRow, 'msisdn' | 'msisdnDays'>): string =>
  msisdn === 'burn' ? 'Burns with its profile' : msisdnDays === 0 ? 'Serves again at once' : `Serves again after ${plural(msisdnDays, 'day')}`;

/** Which tab of the area an address names. */
export const numberTabs = [{ id: 'ledgers', name: 'Ledgers' }, { id: 'levels', name: 'Stock levels' }, { id: 'policies', name: 'Policies' }] as const;
export type NumberTab = (typeof numberTabs)[number]['id'];
