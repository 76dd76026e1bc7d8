/** The keys of the command registry. */
import { useEffect, useRef } from 'react';
import { tinykeys } from 'tinykeys';
import { secondOfWalk, type CommandSpec } from './commands.ts';
import { isTyping } from './typing.ts';

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
  // What a key runs is looked up when it is pressed: registering anew with every change of the list would forget the first
  // letter of a walk, and a screen that opens meanwhile changes the list.
  const latest = useRef({ commands, run, letters });
  useEffect(() => {
    latest.current = { commands, run, letters };
  }, [commands, run, letters]);
  const before = useRef(nothing);
  const last = useRef(nothing);
  const all = [...new Set(commands.flatMap((command) => (command.shortcut === undefined ? [] : [command.shortcut])))].sort();
  const walks = all.filter(isWalk).join('\n');
  const keys = all.filter((shortcut) => !isWalk(shortcut)).join('\n');

  useEffect(() => {
    const remember = (event: KeyboardEvent): void => {
      before.current = last.current;
      last.current = { key: event.key, at: event.timeStamp };
    };
    window.addEventListener('keydown', remember, { capture: true });
    return () => window.removeEventListener('keydown', remember, { capture: true });
  }, []);
  useEffect(() => listen(walks, latest, () => true), [walks]);
  // `g i` is a walk to the inventory; its second letter alone would open the import.
  useEffect(() => listen(keys, latest, (shortcut, event) => hasModifier(shortcut) || !secondOfWalk(before.current, event.timeStamp)), [keys]);
}

interface Registered {
  readonly current: { readonly commands: readonly CommandSpec[]; readonly run: (id: string) => void; readonly letters: boolean };
}

function listen(shortcuts: string, latest: Registered, isMeant: (shortcut: string, event: KeyboardEvent) => boolean): () => void {
  const press = (shortcut: string) => (event: KeyboardEvent): void => {
    const { commands, run, letters } = latest.current;
    const command = commands.find((one) => one.shortcut === shortcut);
    if (command === undefined || !isMeant(shortcut, event)) return;
    if (!hasModifier(shortcut) && (!letters || isTyping(event.target) || document.querySelector('[role="dialog"], [role="menu"]') !== null)) return;
    event.preventDefault();
    run(command.id);
  };
  const bindings = Object.fromEntries(shortcuts.split('\n').filter((shortcut) => shortcut !== '').map((shortcut) => [shortcut, press(shortcut)]));
  return tinykeys(window, bindings, { ignore: () => false });
}
