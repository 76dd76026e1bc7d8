/** The settings of the contract as fields: name, unit, meaning. Limits come from the contract's own schema. */
import type { Settings } from '../../shared/contract/workspace.ts';
import { settings as schema } from '../../shared/contract/workspace.ts';
import { count } from '../design/formats.ts';

type Nested = 'limits' | 'eligibility';
export type SettingKey = Exclude<keyof Settings, Nested> | { [G in Nested]: `${G}.${keyof Settings[G] & string}` }[Nested];

export interface SettingField {
  readonly key: SettingKey;
  readonly group: 'Orders' | 'Sessions' | 'Limits of the public listener';
  readonly name: string;
  readonly unit?: string;
  readonly meaning: string;
  /** The values there are, with the words for them. */
  readonly choices?: readonly (readonly [value: string, words: string])[];
}

const refuseOrNote = [['refuse', 'Refuse the download'], ['note', 'Note it and go on']] as const;

export const settingFields: readonly SettingField[] = [
  { key: 'smdpAddress', group: 'Orders', name: 'SM-DP+ address', meaning: 'Host name that devices are sent to; it stands in every activation code made from now on.' },
  { key: 'orderLifetimeDays', group: 'Orders', name: 'Order lifetime', unit: 'days', meaning: 'How long an order stays downloadable unless told otherwise.' },
  { key: 'downloadLimit', group: 'Orders', name: 'Download attempts', meaning: 'After so many attempts an order ends.' },
  { key: 'confirmationAttempts', group: 'Orders', name: 'Confirmation code tries', meaning: 'After so many wrong codes an order ends.' },
  { key: 'eligibility.services', group: 'Orders', name: 'eSIM chip lacks a mandatory service', choices: refuseOrNote, meaning: 'What happens when the chip does not have a service the profile package asks for.' },
  { key: 'eligibility.version', group: 'Orders', name: 'eSIM chip reads another package version', choices: refuseOrNote, meaning: 'What happens when the chip does not read the major version of the profile package.' },
  { key: 'sessionMinutes', group: 'Sessions', name: 'Session lifetime', unit: 'minutes', meaning: 'A download session that stands still for longer is closed.' },
  { key: 'sessionKeepDays', group: 'Sessions', name: 'Sessions kept', unit: 'days', meaning: 'Older sessions and their messages are removed, except those of orders that are open or whose result is outstanding.' },
  { key: 'rebinding', group: 'Sessions', name: 'Package asked for again with a new key', choices: [['fresh', 'Bind a fresh package'], ['refuse', 'Refuse it']], meaning: 'What a device gets that comes back for a delivered package with another one-time key.' },
  { key: 'revocation', group: 'Sessions', name: 'Revocation lists', choices: [['when-present', 'Go by the lists there are'], ['required', 'Refuse eSIM chips without a list in force']], meaning: 'Whether a chip is served when there is no current revocation list of the CI above it.' },
  { key: 'limits.bodyBytes', group: 'Limits of the public listener', name: 'Largest request body', unit: 'bytes', meaning: 'Larger requests are refused before they are read.' },
  { key: 'limits.headerSeconds', group: 'Limits of the public listener', name: 'Time for headers', unit: 'seconds', meaning: 'A client that has not sent its headers by then is dropped.' },
  { key: 'limits.bodySeconds', group: 'Limits of the public listener', name: 'Time for a body', unit: 'seconds', meaning: 'A client that has not sent its body by then is dropped.' },
  { key: 'limits.connections', group: 'Limits of the public listener', name: 'Connections', meaning: 'At most so many devices at once.' },
  { key: 'limits.connectionsPerAddress', group: 'Limits of the public listener', name: 'Connections per address', meaning: 'At most so many from one network address.' },
  { key: 'limits.requestsPerMinutePerAddress', group: 'Limits of the public listener', name: 'Requests per minute and address', meaning: 'Beyond that, an address is told to wait.' },
  { key: 'limits.scanPerEidPerHour', group: 'Limits of the public listener', name: 'Wrong codes per eSIM chip', unit: 'per hour', meaning: 'A chip that offered so many unknown MatchingIDs is refused for the rest of the hour.' },
  { key: 'limits.scanPerAddressPerHour', group: 'Limits of the public listener', name: 'Wrong codes per address', unit: 'per hour', meaning: 'Beyond that, one wrong code is enough for a chip at that address to be refused.' },
  { key: 'limits.openSessionsPerAddress', group: 'Limits of the public listener', name: 'Unproven sessions per address', meaning: 'Beyond that, the oldest session in which no chip has proven itself ends.' },
];

export type SettingTexts = Record<SettingKey, string>;

export function readSetting(settings: Settings, key: SettingKey): string | number {
  const [name, inner] = key.split('.') as [keyof Settings, string | undefined];
  const value = settings[name];
  return typeof value === 'object' ? (value as Readonly<Record<string, string | number>>)[inner!]! : value;
}

export const textsOf = (settings: Settings): SettingTexts => Object.fromEntries(settingFields.map((f) => [f.key, String(readSetting(settings, f.key))])) as SettingTexts;

/** The settings typed texts stand for; numbers stay NaN where the text is none, for the schema to refuse. */
export function settingsFrom(texts: SettingTexts): Settings {
  const number = (key: SettingKey): number => (/^\d+$/.test(texts[key].trim()) ? Number(texts[key].trim()) : Number.NaN);
  return {
    smdpAddress: texts.smdpAddress.trim(),
    orderLifetimeDays: number('orderLifetimeDays'), downloadLimit: number('downloadLimit'), confirmationAttempts: number('confirmationAttempts'), sessionMinutes: number('sessionMinutes'),
    sessionKeepDays: number('sessionKeepDays'), rebinding: texts.rebinding as Settings['rebinding'],
    revocation: texts.revocation as Settings['revocation'],
    eligibility: {
      services: texts['eligibility.services'] as Settings['eligibility']['services'], version: texts['eligibility.version'] as Settings['eligibility']['version'],
    },
    limits: {
      bodyBytes: number('limits.bodyBytes'), headerSeconds: number('limits.headerSeconds'), bodySeconds: number('limits.bodySeconds'), connections: number('limits.connections'),
      connectionsPerAddress: number('limits.connectionsPerAddress'), requestsPerMinutePerAddress: number('limits.requestsPerMinutePerAddress'),
      scanPerEidPerHour: number('limits.scanPerEidPerHour'), scanPerAddressPerHour: number('limits.scanPerAddressPerHour'), openSessionsPerAddress: number('limits.openSessionsPerAddress'),
    },
  };
}

/** One sentence per setting that the contract's schema would refuse. */
export function settingProblems(texts: SettingTexts): Partial<Record<SettingKey, string>> {
  const result = schema.safeParse(settingsFrom(texts));
  const problems: Partial<Record<SettingKey, string>> = {};
  if (texts.smdpAddress.trim() !== '' && !/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/.test(texts.smdpAddress.trim())) problems.smdpAddress = 'A host name, in the lab with a port, such as smdp.example.com';
  for (const issue of result.error?.issues ?? []) {
    const key = issue.path.join('.') as SettingKey;
    problems[key] ??= sentence(issue);
  }
  return problems;
}

function sentence(issue: { readonly code?: string | undefined; readonly minimum?: unknown; readonly maximum?: unknown; readonly origin?: unknown; readonly message: string }): string {
  if (issue.code === 'too_small') return issue.origin === 'string' ? 'This is needed' : `At least ${count(Number(issue.minimum))}`;
  if (issue.code === 'too_big') return issue.origin === 'string' ? `At most ${count(Number(issue.maximum))} characters` : `At most ${count(Number(issue.maximum))}`;
  if (issue.code === 'invalid_type') return 'A whole number is needed';
  return issue.message;
}

export interface SettingChange {
  readonly field: SettingField;
  readonly from: string;
  readonly to: string;
}

export function settingChanges(saved: Settings, texts: SettingTexts): SettingChange[] {
  return settingFields.map((field) => ({ field, from: String(readSetting(saved, field.key)), to: texts[field.key].trim() })).filter((c) => c.from !== c.to);
}

/** Only what changed is sent; `limits` and `eligibility` travel whole. */
export function changedPart(saved: Settings, texts: SettingTexts): Partial<Settings> {
  const next = settingsFrom(texts);
  const part: Partial<Settings> = {};
  for (const { field } of settingChanges(saved, texts)) {
    const name = field.key.split('.')[0] as keyof Settings;
    Object.assign(part, { [name]: next[name] });
  }
  return part;
}
