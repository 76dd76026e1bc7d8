/**
 * `<workspace>/settings.json`: what an administrator fixes for a workspace. It stands before what is set in the window; a
 * setting that is in neither has its default. Read at every start.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { settings as settingsSchema, type Settings } from '../../../shared/contract/workspace.ts';
import { DeskProblem } from '../context.ts';

export type ManagedSettings = Partial<Omit<Settings, 'limits'>> & { readonly limits?: Partial<Settings['limits']> };

const fileSchema = settingsSchema.partial().extend({ limits: settingsSchema.shape.limits.partial().strict().optional() }).strict();

/** Throws {@link DeskProblem} SETTINGS_INVALID, naming the first thing that is wrong: a limit that is not in force must not pass silently. */
export function readSettingsFile(workspace: string): ManagedSettings {
  const file = join(workspace, 'settings.json');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new DeskProblem('SETTINGS_INVALID', 'settings.json cannot be read', { hint: (error as NodeJS.ErrnoException).code ?? '' });
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new DeskProblem('SETTINGS_INVALID', 'settings.json is not valid JSON');
  }
  const parsed = fileSchema.safeParse(content);
  if (parsed.success) return parsed.data as ManagedSettings;
  const issue = parsed.error.issues[0];
  throw new DeskProblem('SETTINGS_INVALID', `settings.json: ${issue?.path.join('.') || 'content'}: ${issue?.message ?? 'not valid'}`, { field: issue?.path.join('.') ?? '' });
}

export function withManaged(settings: Settings, managed: ManagedSettings): Settings {
  return { ...settings, ...managed, limits: { ...settings.limits, ...managed.limits } };
}

/** `limits.bodyBytes` and the like beside `orderLifetimeDays`: one name for each value. */
function byName(settings: Partial<Settings> | ManagedSettings): Map<string, unknown> {
  const { limits, ...plain } = settings;
  return new Map<string, unknown>([...Object.entries(plain), ...Object.entries(limits ?? {}).map(([name, value]) => [`limits.${name}`, value] as const)]);
}

/** Refuses a change of something the file fixes. */
export function refuseManaged(changes: Partial<Settings>, managed: ManagedSettings): void {
  const fixed = byName(managed);
  for (const [name, value] of byName(changes)) {
    if (value === undefined || !fixed.has(name) || fixed.get(name) === value) continue;
    throw new DeskProblem('SETTING_MANAGED', 'This setting is fixed by settings.json in the workspace folder', { field: `settings.${name}`, hint: 'Change it there and start again.' });
  }
}
