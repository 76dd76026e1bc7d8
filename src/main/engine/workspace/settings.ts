import { settings as settingsSchema, type Settings } from '../../../shared/contract/workspace.ts';
import type { Environment, Reader, Tx } from '../context.ts';

export const defaultSettings: Settings = {
  smdpAddress: 'localhost:8443',
  orderLifetimeDays: 90,
  downloadLimit: 10,
  confirmationAttempts: 5,
  sessionMinutes: 10,
  sessionKeepDays: 90,
  rebinding: 'fresh',
  eligibility: { services: 'refuse', version: 'refuse' },
  revocation: 'when-present',
  limits: {
    bodyBytes: 1_048_576, headerSeconds: 10, bodySeconds: 30, connections: 2000, connectionsPerAddress: 100, requestsPerMinutePerAddress: 1200,
    scanPerEidPerHour: 20, scanPerAddressPerHour: 60, openSessionsPerAddress: 500,
  },
};

/** What holds until somebody sets it. Only a Live workspace fails closed without a revocation list. */
export const defaultsFor = (environment: Environment): Settings => ({ ...defaultSettings, revocation: environment === 'live' ? 'required' : 'when-present' });

/** Defaults with what is stored over them; a stored value that no longer fits its schema falls back to its default. */
export async function readSettings(db: Reader | Tx, defaults: Settings = defaultSettings): Promise<{ settings: Settings; stored: ReadonlySet<string> }> {
  const rows = await db.selectFrom('settings').selectAll().execute();
  const result: Record<string, unknown> = { ...defaults };
  const stored = new Set<string>();
  for (const { key, value } of rows) {
    const shape = settingsSchema.shape[key as keyof Settings];
    if (!shape) continue;
    const content: unknown = JSON.parse(value);
    const preset = defaults[key as keyof Settings];
    // A group that was stored before one of its members existed keeps what was stored.
    const whole = typeof preset === 'object' && typeof content === 'object' ? { ...preset, ...content } : content;
    const parsed = shape.safeParse(whole);
    if (!parsed.success) continue;
    result[key] = parsed.data;
    stored.add(key);
  }
  return { settings: settingsSchema.parse(result), stored };
}

export async function saveSettings(tx: Tx, changes: Partial<Settings>): Promise<void> {
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) continue;
    await tx.insertInto('settings').values({ key, value: JSON.stringify(value) }).onConflict((c) => c.column('key').doUpdateSet({ value: JSON.stringify(value) })).execute();
  }
}
