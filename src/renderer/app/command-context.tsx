/** Holds the registry of the running window: the standing commands plus those of the open screen. */
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactElement, type ReactNode } from 'react';
import { useLocation, useNavigate } from 'react-router';
import Button, { type ButtonProps } from '@mui/material/Button';
import Tooltip from '@mui/material/Tooltip';
import { contract } from '../../shared/contract/index.ts';
import { enablement, joinCommands, runCommand, type CommandSpec } from './commands.ts';
import { standingCommands } from './command-list.ts';
import { useDialogs } from './dialogs.tsx';
import { useRefused } from './permissions.ts';
import { usePreferences } from './preferences.tsx';
import { useShortcuts } from './shortcuts.ts';
import { useDesk } from './queries.ts';
import { useToasts } from './toasts.tsx';
import { useQueryClient } from '@tanstack/react-query';

interface Registry {
  readonly commands: readonly CommandSpec[];
  run(id: string): void;
  /** Adds a screen's commands; the returned function takes them away. */
  contribute(commands: readonly CommandSpec[]): () => void;
}

const Context = createContext<Registry | undefined>(undefined);

export function CommandProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const preferences = usePreferences();
  const { letters } = preferences;
  const dialogs = useDialogs();
  const toasts = useToasts();
  const refused = useRefused();
  const client = useQueryClient();
  const environment = useDesk(contract.workspace.status, {}).data?.environment;
  const [contributed, setContributed] = useState<readonly (readonly CommandSpec[])[]>([]);

  const standing = useMemo(() => standingCommands({ navigate, pathname, preferences, open: dialogs.open, toasts, client, environment }), [navigate, pathname, preferences, dialogs.open, toasts, client, environment]);
  const commands = useMemo(() => joinCommands(standing, ...contributed), [standing, contributed]);
  const run = useCallback(
    (id: string) => {
      const command = commands.find((c) => c.id === id);
      if (command === undefined) return;
      const reason = runCommand(command, refused);
      if (reason !== undefined) toasts.failed(reason, command.title);
    },
    [commands, refused, toasts],
  );
  const contribute = useCallback((list: readonly CommandSpec[]) => {
    setContributed((all) => [...all, list]);
    return () => setContributed((all) => all.filter((other) => other !== list));
  }, []);

  useShortcuts(commands, run, letters);

  const value = useMemo(() => ({ commands, run, contribute }), [commands, run, contribute]);
  return <Context value={value}>{children}</Context>;
}

export function useCommands(): Registry {
  const value = useContext(Context);
  if (value === undefined) throw new Error('CommandProvider is missing');
  return value;
}

/** Registers a screen's own commands while it is open. Memoise the list. */
export function useScreenCommands(commands: readonly CommandSpec[]): void {
  const { contribute } = useCommands();
  useEffect(() => contribute(commands), [contribute, commands]);
}

/** A button that runs a command of the registry, disabled with the command's own reason. */
export function CommandButton({ id, label, primary = false, ...rest }: { readonly id: string; readonly label?: string; readonly primary?: boolean } & Omit<ButtonProps, 'id' | 'onClick'>): ReactElement | null {
  const { commands, run } = useCommands();
  const refused = useRefused();
  const command = commands.find((c) => c.id === id);
  if (command === undefined) return null;
  const { enabled, reason } = enablement(command, refused);
  const button = (
    <Button variant={primary ? 'contained' : 'outlined'} color={primary ? 'primary' : 'inherit'} disabled={!enabled} onClick={() => run(id)} {...rest}>
      {label ?? command.title}
    </Button>
  );
  return reason === undefined ? (
    button
  ) : (
    <Tooltip title={reason}>
      <span tabIndex={0} role="note" aria-label={`${label ?? command.title}: ${reason}`}>
        {button}
      </span>
    </Tooltip>
  );
}
