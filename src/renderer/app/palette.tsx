import { useId, useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Dialog from '@mui/material/Dialog';
import { Command } from 'cmdk';
import { useNavigate } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import { Keys } from '../design/text.tsx';
import { enablement, groupOrder, matchScore } from './commands.ts';
import { useCommands } from './command-context.tsx';
import { useDialogs } from './dialogs.tsx';
import { useRefused } from './permissions.ts';
import { useDesk, useSettled } from './queries.ts';

/** Every command, and any identifier, from one field. */
export function CommandPalette({ onClose }: { readonly onClose: () => void }): ReactElement {
  const { commands, run } = useCommands();
  const dialogs = useDialogs();
  const refused = useRefused();
  const navigate = useNavigate();
  const titleId = useId();
  const [typed, setTyped] = useState('');
  const text = useSettled(typed.trim(), 150);
  const searching = text.length >= 4 && /\d/.test(text);
  const found = useDesk(contract.workspace.search, { text }, { enabled: searching });
  const hits = searching ? (found.data?.hits ?? []).slice(0, 6) : [];
  const matching = commands.filter((c) => c.id !== 'palette.open').map((command) => ({ command, score: matchScore(command, typed) })).filter((m) => m.score > 0).sort((a, b) => (typed === '' ? Number(enablement(b.command, refused).enabled) - Number(enablement(a.command, refused).enabled) : b.score - a.score));
  return (
    <Dialog
      open
      onClose={onClose}
      aria-labelledby={titleId}
      slotProps={{ paper: { sx: { width: 600, maxWidth: 'calc(100vw - 48px)' } }, container: { sx: { alignItems: 'flex-start', pt: '9vh' } } }}
      maxWidth={false}
    >
      <Box
        sx={(theme) => ({
          '& [cmdk-input]': { width: '100%', border: 0, outline: 'none', background: 'transparent', color: theme.desk.text, font: 'inherit', fontSize: '0.9375rem', p: '14px 18px', borderBottom: `1px solid ${theme.desk.line}`, '&::placeholder': { color: theme.desk.muted, opacity: 1 } },
          '& [cmdk-list]': { maxHeight: '56vh', overflow: 'auto', p: '6px' },
          '& [cmdk-group-heading]': { color: theme.desk.muted, fontSize: '0.75rem', p: '8px 12px 4px' },
          '& [cmdk-item]': { display: 'flex', alignItems: 'center', gap: '12px', p: '6px 12px', borderRadius: '5px', cursor: 'pointer', minHeight: 32 },
          '& [cmdk-item][data-selected="true"]': { background: theme.desk.selected },
          '& [cmdk-item][data-disabled="true"]': { cursor: 'default', color: theme.desk.muted },
          '& [cmdk-empty]': { p: '22px 18px', color: theme.desk.muted, textAlign: 'center' },
        })}
      >
        <h2 id={titleId} className="visually-hidden">
          Command palette
        </h2>
        <Command label="Commands" shouldFilter={false} loop>
          <Command.Input autoFocus value={typed} onValueChange={setTyped} placeholder="Type a command, or paste an identifier" />
          <Command.List label="Commands">
            <Command.Empty>No command or identifier fits “{typed}”.</Command.Empty>
            {hits.length > 0 && (
              <Command.Group heading={found.data?.recognised === undefined ? 'Found' : `Found as ${found.data.recognised}`}>
                {hits.map((hit) => (
                  <Command.Item
                    key={`${hit.kind}${hit.id}`}
                    value={`hit ${hit.kind} ${hit.id}`}
                    onSelect={() => {
                      onClose();
                      void navigate(hit.href);
                    }}
                  >
                    <span className="mono">{hit.title}</span>
                    <Box component="span" sx={(theme) => ({ color: theme.desk.muted, ml: 'auto' })}>
                      {hit.kind} · {hit.subtitle}
                    </Box>
                  </Command.Item>
                ))}
              </Command.Group>
            )}
            {groupOrder.map((group) => {
              const inGroup = matching.filter((m) => m.command.group === group);
              if (inGroup.length === 0) return null;
              return (
                <Command.Group key={group} heading={group}>
                  {inGroup.map(({ command }) => {
                    const { enabled, reason } = enablement(command, refused);
                    return (
                      <Command.Item
                        key={command.id}
                        value={command.id}
                        disabled={!enabled}
                        onSelect={() => {
                          dialogs.close();
                          run(command.id);
                        }}
                      >
                        <span>{command.title}</span>
                        <Box component="span" sx={(theme) => ({ ml: 'auto', color: theme.desk.muted, fontSize: '0.75rem' })}>
                          {reason ?? (command.shortcut === undefined ? null : <Keys shortcut={command.shortcut} />)}
                        </Box>
                      </Command.Item>
                    );
                  })}
                </Command.Group>
              );
            })}
          </Command.List>
        </Command>
      </Box>
    </Dialog>
  );
}
