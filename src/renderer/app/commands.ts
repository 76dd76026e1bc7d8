/** The one registry behind palette, shortcuts, buttons and the shortcut sheet. Pure: knows nothing of React. */
import type { Permission } from '../../shared/contract/define.ts';

export interface CommandSpec {
  /** Stable name, `area.verb`. */
  readonly id: string;
  readonly title: string;
  readonly group: 'Go to' | 'Do' | 'Here' | 'View' | 'Help';
  readonly keywords?: readonly string[];
  /** tinykeys notation: `g h`, `$mod+k`. */
  readonly shortcut?: string;
  readonly permission?: Permission;
  /** Why it cannot run now, as a sentence; undefined when it can. */
  readonly blocked?: () => string | undefined;
  readonly run: () => void;
}

export interface Enablement {
  readonly enabled: boolean;
  readonly reason?: string;
}

/** A command can run unless the engine refused its permission in this window, or the command itself says why not. */
export function enablement(command: CommandSpec, refused: ReadonlySet<Permission>): Enablement {
  if (command.permission !== undefined && refused.has(command.permission)) return { enabled: false, reason: `Needs the permission ${command.permission}, which you do not have` };
  const reason = command.blocked?.();
  return reason === undefined ? { enabled: true } : { enabled: false, reason };
}

/** Runs an enabled command; answers the reason otherwise. */
export function runCommand(command: CommandSpec, refused: ReadonlySet<Permission>): string | undefined {
  const { enabled, reason } = enablement(command, refused);
  if (!enabled) return reason;
  command.run();
  return undefined;
}

/** How long `g` waits for its second letter. */
const walkMs = 1_500;

/** The key pressed now follows a `g`: it belongs to a walk such as `g i`, not to a shortcut of its own. */
export const secondOfWalk = (before: { readonly key: string; readonly at: number }, now: number): boolean => before.key === 'g' && now - before.at <= walkMs;

export class CommandClash extends Error {}

/** Joins lists of commands; the same id or shortcut twice is a fault of the program, not of the reader. */
export function joinCommands(...lists: readonly (readonly CommandSpec[])[]): CommandSpec[] {
  const all = lists.flat();
  const ids = new Set<string>();
  const shortcuts = new Map<string, string>();
  for (const command of all) {
    if (ids.has(command.id)) throw new CommandClash(`command ${command.id} is registered twice`);
    ids.add(command.id);
    if (command.shortcut === undefined) continue;
    const other = shortcuts.get(command.shortcut);
    if (other !== undefined) throw new CommandClash(`${command.shortcut} stands for both ${other} and ${command.id}`);
    shortcuts.set(command.shortcut, command.id);
  }
  return all;
}

/** Score of a command for typed words: every word must begin a word of title or keywords, or stand inside one. 0 = no match. */
export function matchScore(command: Pick<CommandSpec, 'title' | 'keywords' | 'group'>, typed: string): number {
  const wanted = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return 1;
  const title = command.title.toLowerCase();
  const inTitle = title.split(/[^a-z0-9+]+/);
  const around = [...(command.keywords ?? []), command.group].join(' ').toLowerCase();
  let score = 0;
  for (const word of wanted) {
    if (inTitle.some((w) => w.startsWith(word))) score += 3;
    else if (title.includes(word)) score += 2;
    else if (around.includes(word)) score += 1;
    else return 0;
  }
  return score / (3 * wanted.length);
}

export const groupOrder: readonly CommandSpec['group'][] = ['Here', 'Do', 'Go to', 'View', 'Help'];
