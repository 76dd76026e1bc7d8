/** What a reader chose for this window: theme and zone. Kept in the browser's own storage; nothing else is. */
import { createContext, useContext, useEffect, useMemo, useState, type ReactElement, type ReactNode } from 'react';
import useMediaQuery from '@mui/material/useMediaQuery';
import type { Zone } from '../design/formats.ts';

export type ThemeChoice = 'system' | 'light' | 'dark';

interface Preferences {
  readonly theme: ThemeChoice;
  readonly mode: 'light' | 'dark';
  readonly calm: boolean;
  readonly zone: Zone;
  /** Shortcuts made of plain letters; people who dictate text turn them off (WCAG 2.1.4). */
  readonly letters: boolean;
  setLetters(on: boolean): void;
  setTheme(choice: ThemeChoice): void;
  setZone(zone: Zone): void;
}

const Context = createContext<Preferences | undefined>(undefined);

export function PreferencesProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const [theme, setTheme] = useStored<ThemeChoice>('desk.theme', 'system', ['system', 'light', 'dark']);
  const [zone, setZone] = useStored<Zone>('desk.zone', 'utc', ['utc', 'local']);
  const [letters, setLetters] = useStored<'on' | 'off'>('desk.letters', 'on', ['on', 'off']);
  const systemDark = useMediaQuery('(prefers-color-scheme: dark)', { noSsr: true });
  const calm = useMediaQuery('(prefers-reduced-motion: reduce)', { noSsr: true });
  const mode = theme === 'system' ? (systemDark ? 'dark' : 'light') : theme;
  useEffect(() => {
    document.documentElement.style.colorScheme = mode;
  }, [mode]);
  const value = useMemo(
    () => ({ theme, mode, calm, zone, setTheme, setZone, letters: letters === 'on', setLetters: (on: boolean) => setLetters(on ? 'on' : 'off') }) as const,
    [theme, mode, calm, zone, setTheme, setZone, letters, setLetters],
  );
  return <Context value={value}>{children}</Context>;
}

export function usePreferences(): Preferences {
  const value = useContext(Context);
  if (value === undefined) throw new Error('PreferencesProvider is missing');
  return value;
}

/** A choice that survives a reload; a value nobody offers any more falls back. */
function useStored<T extends string>(key: string, fallback: T, offered: readonly T[]): readonly [T, (value: T) => void] {
  const [value, set] = useState<T>(() => {
    const kept = storage()?.getItem(key);
    return offered.find((o) => o === kept) ?? fallback;
  });
  const keep = useMemo(
    () => (next: T) => {
      storage()?.setItem(key, next);
      set(next);
    },
    [key],
  );
  return [value, keep];
}

/** Absent where the browser forbids storage; the choice then lasts as long as the window. */
function storage(): Storage | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}
