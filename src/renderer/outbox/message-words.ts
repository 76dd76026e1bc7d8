/** Messages to other systems in words: state, kind, and why an attempt failed. */
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
  discarded: { tone: 'neutral', icon: DoNotDisturbOnOutlined, word: 'Discarded', meaning: 'A person gave it up; the audit log has the reason.' },
};

const kinds: Readonly<Record<string, string>> = {
  'es2plus.handleDownloadProgressInfo': 'Progress to the brand',
  'es12.registerEvent': 'SM-DS event',
  'es12.deleteEvent': 'Remove SM-DS event',
};
export const knownKinds = Object.keys(kinds);
export const kindWord = (kind: string): string => kinds[kind] ?? words(kind.replaceAll('.', ' '));

const causes: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, 'The receiver refuses the connection: nothing listens at its address'],
  [/ENOTFOUND|EAI_AGAIN/, 'The name of the receiver cannot be resolved'],
  [/ETIMEDOUT|ESOCKETTIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT|timed? ?out/i, 'The receiver did not answer in time'],
  [/ECONNRESET|EPIPE|socket hang up/i, 'The receiver broke the connection'],
  [/EHOSTUNREACH|ENETUNREACH/, 'There is no way to the receiver in the network'],
  [/CERT_HAS_EXPIRED/, "The receiver's TLS certificate has expired"],
  [/ALTNAME|ERR_TLS_CERT_ALTNAME_INVALID/, "The receiver's TLS certificate is for another name"],
  [/SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|DEPTH_ZERO/, "The receiver's TLS certificate comes from a CA we do not trust"],
  [/alert (handshake|bad certificate|unknown ca|certificate)/i, 'The receiver does not accept our TLS certificate'],
];

/** The last failure as a sentence: the engine's own, or that of a bare system code inside it. */
export function plainError(text: string): string {
  const cause = causes.find(([pattern]) => pattern.test(text))?.[1];
  return cause ?? text;
}

/** What a person can do with a message. */
export const canReplay = (m: Pick<OutboxRow, 'state'>): boolean => m.state === 'dead';
export const canDiscard = (m: Pick<OutboxRow, 'state'>): boolean => m.state === 'dead' || m.state === 'waiting';

/** JSON indented; anything else as it is. */
export function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
