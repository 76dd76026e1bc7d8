/** The situation of a profile as a sign and a word. */
import Block from '@mui/icons-material/Block';
import CheckCircleOutlined from '@mui/icons-material/CheckCircleOutlined';
import ErrorOutlined from '@mui/icons-material/ErrorOutlineOutlined';
import GppMaybeOutlined from '@mui/icons-material/GppMaybeOutlined';
import HelpOutlined from '@mui/icons-material/HelpOutlineOutlined';
import HourglassBottom from '@mui/icons-material/HourglassBottom';
import HourglassEmpty from '@mui/icons-material/HourglassEmpty';
import Inbox from '@mui/icons-material/Inbox';
import RunningWithErrors from '@mui/icons-material/RunningWithErrors';
import ScheduleOutlined from '@mui/icons-material/ScheduleOutlined';
import SellOutlined from '@mui/icons-material/SellOutlined';
import SendOutlined from '@mui/icons-material/SendOutlined';
import SimCardOutlined from '@mui/icons-material/SimCardOutlined';
import ArchiveOutlined from '@mui/icons-material/ArchiveOutlined';
import type { Badge } from '../../shared/contract/profiles.ts';
import type { Look } from '../design/status.tsx';

type BadgeLook = Look & { readonly quiet: boolean };
const look = (tone: Look['tone'], icon: Look['icon'], word: string, quiet = false): BadgeLook => ({ tone, icon, word, quiet });

/** No meaning of their own: the evidence of the profile in hand says why. */
const looks: Readonly<Record<Badge['code'], BadgeLook>> = {
  blocked: look('danger', Block, 'Blocked'),
  expiring: look('warning', ScheduleOutlined, 'Expiring'),
  half_done: look('warning', HourglassBottom, 'Half done'),
  tried_and_failed: look('danger', RunningWithErrors, 'Tried and failed'),
  waiting_for_user: look('accent', SendOutlined, 'Waiting for user'),
  ghost: look('danger', HelpOutlined, 'Active, not installed'),
  zombie: look('danger', ErrorOutlined, 'Not in the network'),
  installed_silent: look('warning', SimCardOutlined, 'Installed, silent'),
  in_use: look('success', CheckCircleOutlined, 'In use'),
  connected: look('success', CheckCircleOutlined, 'Connected'),
  quarantined: look('warning', GppMaybeOutlined, 'Quarantined'),
  held: look('warning', HourglassEmpty, 'Held'),
  ready: look('success', SellOutlined, 'Ready to sell', true),
  not_prepared: look('neutral', Inbox, 'Not prepared', true),
  ended: look('neutral', ArchiveOutlined, 'Ended', true),
};
export const badgeLook = (code: Badge['code']): BadgeLook => looks[code];

/** The word the list has for a situation; a code nobody named stays as it is. */
export const situationWord = (code: string | undefined): string | undefined => (code !== undefined && Object.hasOwn(looks, code) ? looks[code as Badge['code']].word : code);
