/** The keys of the command registry. */
import { useEffect, useRef } from 'react';
import { tinykeys } from 'tinykeys';
import { secondOfWalk, type CommandSpec } from './commands.ts';
import { isTyping, layerOpen } from './typing.ts';

interface Pressed {
  readonly key: string;
  readonly at: number;
}

const nothing: Pressed = { key: '', at: 0 };
const hasModifier = (keys: string): boolean => keys.includes('$mod');
/** `g i`: two letters one after the other. */
const isWalk = (keys: string): boolean => keys.includes(' ');

/** Runs commands by their shortcuts; `letters` off leaves only those with a modifier (WCAG 2.2, 2.1.4). */
export function useShortcuts(commands: readonly CommandSpec[], run: (id: string) => void, letters: boolean): void {
  // What a key runs is looked up when it is pressed: a screen that opens meanwhile changes the list.
  const latest = useRef({ commands, run, letters });
  useEffect(() => {
    latest.current = { commands, run, letters };
  }, [commands, run, letters]);
  const before = useRef(nothing);
  const last = useRef(nothing);
  const keys = [...new Set(commands.flatMap((command) => (command.shortcut === undefined || isWalk(command.shortcut) ? [] : [command.shortcut])))].sort().join('\n');

  useEffect(() => {
    // Walks are told by the times of the events themselves: a timer would forget the first letter while a screen is drawn.
    const onKey = (event: KeyboardEvent): void => {
      before.current = last.current;
      last.current = { key: event.key, at: event.timeStamp };
      if (event.ctrlKey || event.metaKey || event.altKey || !secondOfWalk(before.current, event.timeStamp)) return;
      runShortcut(`g ${event.key}`, event, latest);
    };
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, []);
  useEffect(() => {
    const press = (shortcut: string) => (event: KeyboardEvent): void => {
      // `g i` is a walk to the inventory; its second letter alone would open the import.
      if (hasModifier(shortcut) || !secondOfWalk(before.current, event.timeStamp)) runShortcut(shortcut, event, latest);
    };
    return tinykeys(window, Object.fromEntries(keys.split('\n').filter((shortcut) => shortcut !== '').map((shortcut) => [shortcut, press(shortcut)])), { ignore: () => false });
  }, [keys]);
}

interface Registered {
  readonly current: { readonly commands: readonly CommandSpec[]; readonly run: (id: string) => void; readonly letters: boolean };
}

function runShortcut(shortcut: string, event: KeyboardEvent, latest: Registered): void {
  const { commands, run, letters } = latest.current;
  const command = commands.find((one) => one.shortcut === shortcut);
  if (command === undefined) return;
  if (!hasModifier(shortcut) && (!letters || isTyping(event.target) || layerOpen(event.target))) return;
  event.preventDefault();
  run(command.id);
}
