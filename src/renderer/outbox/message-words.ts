/** Messages to other systems in words: state and kind. */
import CheckCircleOutlined from '@mui/icons-material/CheckCircleOutlined';
import DoNotDisturbOnOutlined from '@mui/icons-material/DoNotDisturbOnOutlined';
import ErrorOutlined from '@mui/icons-material/ErrorOutlineOutlined';
import ScheduleOutlined from '@mui/icons-material/ScheduleOutlined';
import type { OutboxRow, outboxStates } from '../../shared/contract/outbox.ts';
import { words } from '../design/formats.ts';
import type { Look } from '../design/status.tsx';

export const messageLook: Readonly<Record<(typeof outboxStates)[number], Look>> = {
  waiting: { tone: 'info', icon: ScheduleOutlined, word: 'Waiting', meaning: 'It is sent at its next attempt.' },
  done: { tone: 'success', icon: CheckCircleOutlined, word: 'Delivered', meaning: 'The receiver took it.' },
  dead: { tone: 'danger', icon: ErrorOutlined, word: 'Dead', meaning: 'Given up after the last attempt. It stays until you send it again or discard it.' },
  discarded: { tone: 'neutral', icon: DoNotDisturbOnOutlined, word: 'Discarded', meaning: 'Given up by a person, with a reason in the audit log, or not needed any more.' },
};

const kinds: Readonly<Record<string, string>> = {
  'es2plus.handleDownloadProgressInfo': 'Progress to the brand',
  'es12.registerEvent': 'SM-DS event',
  'es12.deleteEvent': 'Remove SM-DS event',
};
export const knownKinds = Object.keys(kinds);
export const kindWord = (kind: string): string => kinds[kind] ?? words(kind.replaceAll('.', ' '));

/** What the engine wrote of the last failure, ending as a sentence does. */
export const sentence = (text: string): string => (/[.!?…]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);

/** What a person can do with a message. A dead one starts over; a waiting one is tried at once. */
export const canReplay = (m: Pick<OutboxRow, 'state'>): boolean => m.state === 'dead' || m.state === 'waiting';
/** What sending is called: `Try now` while all of them still wait. */
export const sendWord = (messages: readonly Pick<OutboxRow, 'state'>[]): string => (messages.length > 0 && messages.every((m) => m.state === 'waiting') ? 'Try now' : 'Send again');
export const canDiscard = (m: Pick<OutboxRow, 'state'>): boolean => m.state === 'dead' || m.state === 'waiting';

/** JSON indented; anything else as it is. */
export function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
