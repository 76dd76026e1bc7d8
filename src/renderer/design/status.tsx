/** Every state as colour, icon and word. One table per axis; a state that is missing here does not compile. */
import type { ComponentType, ReactElement } from 'react';
import Box from '@mui/material/Box';
import Tooltip from '@mui/material/Tooltip';
import type { SvgIconProps } from '@mui/material/SvgIcon';
import ArchiveOutlined from '@mui/icons-material/ArchiveOutlined';
import Block from '@mui/icons-material/Block';
import BookmarkBorder from '@mui/icons-material/BookmarkBorder';
import CancelOutlined from '@mui/icons-material/CancelOutlined';
import CellTower from '@mui/icons-material/CellTower';
import CheckCircleOutlined from '@mui/icons-material/CheckCircleOutlined';
import DeleteOutlined from '@mui/icons-material/DeleteOutlined';
import ErrorOutlined from '@mui/icons-material/ErrorOutlineOutlined';
import FileDownloadOutlined from '@mui/icons-material/FileDownloadOutlined';
import GppMaybeOutlined from '@mui/icons-material/GppMaybeOutlined';
import HelpOutlined from '@mui/icons-material/HelpOutlineOutlined';
import HourglassEmpty from '@mui/icons-material/HourglassEmpty';
import Inbox from '@mui/icons-material/Inbox';
import InfoOutlined from '@mui/icons-material/InfoOutlined';
import Inventory2Outlined from '@mui/icons-material/Inventory2Outlined';
import LinkOutlined from '@mui/icons-material/LinkOutlined';
import PauseCircleOutlined from '@mui/icons-material/PauseCircleOutlined';
import PlayArrow from '@mui/icons-material/PlayArrow';
import RadioButtonUnchecked from '@mui/icons-material/RadioButtonUnchecked';
import RemoveCircleOutlined from '@mui/icons-material/RemoveCircleOutlineOutlined';
import SellOutlined from '@mui/icons-material/SellOutlined';
import SendOutlined from '@mui/icons-material/SendOutlined';
import ShoppingBagOutlined from '@mui/icons-material/ShoppingBagOutlined';
import SimCardOutlined from '@mui/icons-material/SimCardOutlined';
import TaskAltOutlined from '@mui/icons-material/TaskAltOutlined';
import ToggleOffOutlined from '@mui/icons-material/ToggleOffOutlined';
import ToggleOnOutlined from '@mui/icons-material/ToggleOnOutlined';
import WarningAmber from '@mui/icons-material/WarningAmber';
import type { deviceStates, networkStates, orderStates, stockStates } from '../../shared/contract/states.ts';
import type { sessionPhases } from '../../shared/contract/sessions.ts';
import type { JobView } from '../../shared/contract/jobs.ts';
import type { Tone } from './tokens.ts';

export type DeskIcon = ComponentType<SvgIconProps>;
export interface Look {
  readonly tone: Tone;
  readonly icon: DeskIcon;
  readonly word: string;
  readonly meaning?: string;
}
const look = (tone: Tone, icon: DeskIcon, word: string, meaning?: string): Look => ({ tone, icon, word, ...(meaning === undefined ? {} : { meaning }) });

export const orderLook: Readonly<Record<(typeof orderStates)[number], Look>> = {
  available: look('neutral', RadioButtonUnchecked, 'Available', 'No order holds this profile.'),
  allocated: look('info', BookmarkBorder, 'Allocated', 'Reserved for an order, not yet confirmed.'),
  linked: look('info', LinkOutlined, 'Linked', 'Reserved for one EID, not yet confirmed.'),
  confirmed: look('info', TaskAltOutlined, 'Confirmed', 'Confirmed; devices cannot download it before it is released.'),
  released: look('accent', SendOutlined, 'Released', 'A device may download it now.'),
  downloaded: look('info', FileDownloadOutlined, 'Downloaded', 'The bound package was handed to a device; its result is awaited.'),
  installed: look('success', CheckCircleOutlined, 'Installed', 'The eUICC reported a successful installation.'),
  error: look('danger', ErrorOutlined, 'Error', 'The download ended with an error; the timeline says which.'),
  unavailable: look('neutral', Block, 'Unavailable', 'Taken out for good by a cancelled order.'),
};
export const networkLook: Readonly<Record<(typeof networkStates)[number], Look>> = {
  absent: look('neutral', RemoveCircleOutlined, 'Absent', 'Not known to the HSS, as far as we were told.'),
  provisioned: look('info', CellTower, 'Provisioned', 'Written to the HSS.'),
  active: look('success', CheckCircleOutlined, 'Active', 'Service is active in the HSS.'),
  suspended: look('warning', PauseCircleOutlined, 'Suspended', 'Service is suspended in the HSS.'),
  removed: look('neutral', Block, 'Removed', 'Removed from the HSS.'),
};
export const stockLook: Readonly<Record<(typeof stockStates)[number], Look>> = {
  imported: look('neutral', Inbox, 'Imported', 'In stock, not yet prepared.'),
  prepared: look('info', Inventory2Outlined, 'Prepared', 'Personalised and sealed, not yet for sale.'),
  sellable: look('success', SellOutlined, 'Sellable', 'Ready to be ordered.'),
  held: look('warning', HourglassEmpty, 'Held', 'Reserved until a moment.'),
  sold: look('neutral', ShoppingBagOutlined, 'Sold', 'Taken by an order.'),
  quarantined: look('warning', GppMaybeOutlined, 'Quarantined', 'Out of sale, with a reason.'),
  retired: look('neutral', ArchiveOutlined, 'Retired', 'Ended for good; its secrets are erased.'),
};
export const deviceLook: Readonly<Record<(typeof deviceStates)[number], Look>> = {
  unknown: look('neutral', HelpOutlined, 'Unknown', 'No device has told us anything.'),
  installed: look('info', SimCardOutlined, 'Installed', 'Present in an eUICC; not known to be enabled.'),
  enabled: look('success', ToggleOnOutlined, 'Enabled', 'The eUICC reported it as enabled.'),
  disabled: look('warning', ToggleOffOutlined, 'Disabled', 'The eUICC reported it as disabled.'),
  deleted: look('neutral', DeleteOutlined, 'Deleted', 'The eUICC reported it as deleted.'),
};
export const phaseLook: Readonly<Record<(typeof sessionPhases)[number], Look>> = {
  initiated: look('info', PlayArrow, 'Initiated'),
  authenticated: look('info', TaskAltOutlined, 'Authenticated'),
  refused: look('danger', Block, 'Refused'),
  bound: look('accent', FileDownloadOutlined, 'Package sent'),
  installed: look('success', CheckCircleOutlined, 'Installed'),
  install_failed: look('danger', ErrorOutlined, 'Install failed'),
  cancelled: look('warning', CancelOutlined, 'Cancelled'),
  expired: look('neutral', HourglassEmpty, 'Expired'),
};
export const jobLook: Readonly<Record<JobView['state'], Look>> = {
  queued: look('neutral', HourglassEmpty, 'Queued'),
  running: look('accent', PlayArrow, 'Running'),
  paused: look('warning', PauseCircleOutlined, 'Paused'),
  'partly-failed': look('warning', WarningAmber, 'Partly failed', 'Done but for some rows; they can be tried again.'),
  done: look('success', CheckCircleOutlined, 'Done'),
  failed: look('danger', ErrorOutlined, 'Failed'),
  cancelled: look('neutral', CancelOutlined, 'Cancelled'),
};

const toneIcons: Readonly<Record<Tone, DeskIcon>> = {
  success: CheckCircleOutlined, warning: WarningAmber, danger: ErrorOutlined, info: InfoOutlined, accent: InfoOutlined, neutral: InfoOutlined,
};
export const toneIcon = (tone: Tone): DeskIcon => toneIcons[tone];

/** A state inside a row or a sentence. `quiet` greys it: the resting state of an axis should not draw the eye. */
export function Status({ look: { icon: Icon, tone, word, meaning }, quiet = false }: { readonly look: Look; readonly quiet?: boolean }): ReactElement {
  const body = (
    // In the line of the text, not a box of its own: the word keeps the baseline of what stands beside it.
    <Box component="span" sx={(theme) => ({ whiteSpace: 'nowrap', color: quiet ? theme.desk.muted : theme.desk.text })}>
      <Icon aria-hidden sx={(theme) => ({ fontSize: '1rem', verticalAlign: '-3px', mr: '5px', color: quiet ? theme.desk.muted : theme.desk[tone] })} />
      {word}
    </Box>
  );
  return meaning === undefined ? body : <Tooltip title={meaning} describeChild>{body}</Tooltip>;
}

const softOf = { success: 'successSoft', warning: 'warningSoft', danger: 'dangerSoft', info: 'infoSoft', accent: 'accentSoft', neutral: 'neutralSoft' } as const;
const inkOf = { success: 'success', warning: 'warning', danger: 'danger', info: 'info', accent: 'accentText', neutral: 'text' } as const;

/** A state as a filled label, for headers. */
export function Badge({ look: { icon: Icon, tone, word, meaning } }: { readonly look: Look }): ReactElement {
  const body = (
    <Box
      component="span"
      sx={(theme) => ({ display: 'inline-flex', alignItems: 'center', gap: '5px', px: '8px', height: 24, borderRadius: '5px', fontWeight: 500, fontSize: '0.8125rem', letterSpacing: 0, whiteSpace: 'nowrap', background: theme.desk[softOf[tone]], color: theme.desk[inkOf[tone]] })}
    >
      <Icon aria-hidden sx={{ fontSize: '1rem' }} />
      {word}
    </Box>
  );
  return meaning === undefined ? body : <Tooltip title={meaning} describeChild>{body}</Tooltip>;
}
