/** Small pieces of text: identifiers that copy, moments, keys, codes. */
import { useState, type ReactElement, type ReactNode } from 'react';
import Box from '@mui/material/Box';
import IconButton from '@mui/material/IconButton';
import Tooltip from '@mui/material/Tooltip';
import Check from '@mui/icons-material/Check';
import ContentCopy from '@mui/icons-material/ContentCopy';
import { useNow } from '../app/now.tsx';
import { usePreferences } from '../app/preferences.tsx';
import { ago, dateOnly, grouped, moment, momentInFull } from './formats.ts';

/** Puts text on the clipboard; answers whether it worked. Where the page may not write, a hidden field is copied from. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    field.className = 'visually-hidden';
    document.body.append(field);
    field.select();
    const copied = document.execCommand('copy');
    field.remove();
    return copied;
  }
}

export function CopyButton({ value, what, onCopied }: { readonly value: string; readonly what: string; readonly onCopied?: () => void }): ReactElement {
  const [copied, setCopied] = useState<boolean | undefined>();
  const label = copied === undefined ? `Copy ${what}` : copied ? 'Copied' : 'Copying is not allowed here';
  return (
    <Tooltip title={label}>
      <IconButton
        aria-label={label}
        sx={{ p: '3px' }}
        onClick={(event) => {
          event.stopPropagation();
          void copyText(value).then((ok) => {
            setCopied(ok);
            if (ok) onCopied?.();
            setTimeout(() => setCopied(undefined), 1_500);
          });
        }}
      >
        {copied === true ? <Check sx={(theme) => ({ fontSize: '0.95rem', color: theme.desk.success })} /> : <ContentCopy sx={{ fontSize: '0.95rem' }} />}
      </IconButton>
    </Tooltip>
  );
}

/** An identifier in monospace, grouped for reading, copied raw. */
export function Identifier({ value, what, group, copy = false }: { readonly value: string; readonly what: string; readonly group?: number; readonly copy?: boolean }): ReactElement {
  return (
    <Box component="span" sx={{ display: 'inline-flex', alignItems: 'center', gap: '2px', minWidth: 0 }}>
      <Box component="span" className="mono" sx={{ overflowWrap: 'anywhere' }}>
        {group === undefined ? value : grouped(value, group)}
      </Box>
      {copy && <CopyButton value={value} what={what} />}
    </Box>
  );
}

/** A moment in the chosen zone; the tooltip says age, zone and ISO 8601. */
export function Moment({ at, show = 'absolute' }: { readonly at: number | undefined; readonly show?: 'absolute' | 'relative' | 'both' | 'minutes' | 'date' }): ReactElement {
  const now = useNow();
  const { zone } = usePreferences();
  if (at === undefined) return <Absent />;
  const text =
    show === 'relative' ? ago(at, now) : show === 'date' ? dateOnly(at, zone) : show === 'both' ? `${moment(at, zone)} · ${ago(at, now)}` : moment(at, zone, show === 'absolute');
  return (
    <Tooltip title={momentInFull(at, zone, now)} describeChild>
      <Box component="time" dateTime={new Date(at).toISOString()} sx={{ whiteSpace: 'nowrap' }}>
        {text}
      </Box>
    </Tooltip>
  );
}

export function Absent({ children = '–' }: { readonly children?: ReactNode }): ReactElement {
  return (
    <Box component="span" sx={(theme) => ({ color: theme.desk.muted })}>
      {children}
    </Box>
  );
}

export function Muted({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <Box component="span" sx={(theme) => ({ color: theme.desk.muted })}>
      {children}
    </Box>
  );
}

export function Code({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <Box component="code" className="mono" sx={(theme) => ({ background: theme.desk.neutralSoft, borderRadius: '4px', px: '5px', py: '1px', whiteSpace: 'nowrap' })}>
      {children}
    </Box>
  );
}

export function Key({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <Box
      component="kbd"
      sx={(theme) => ({ fontFamily: 'inherit', fontSize: '0.6875rem', lineHeight: '18px', minWidth: 20, px: '5px', display: 'inline-block', textAlign: 'center', border: `1px solid ${theme.desk.line}`, borderBottomWidth: 2, borderRadius: '4px', color: theme.desk.muted, background: theme.desk.surface })}
    >
      {children}
    </Box>
  );
}

/** `g then h`, `Ctrl+K`: keys as a reader of this machine knows them. */
export function Keys({ shortcut }: { readonly shortcut: string }): ReactElement {
  const mac = navigator.platform.startsWith('Mac');
  return (
    <Box component="span" sx={{ display: 'inline-flex', gap: '3px', alignItems: 'center' }}>
      {shortcut.replace('Shift+?', '?').split(' ').map((press, at) => (
        <Box component="span" key={`${press}${at}`} sx={{ display: 'inline-flex', gap: '3px' }}>
          {press.split('+').map((key) => (
            <Key key={key}>{key === '$mod' ? (mac ? '⌘' : 'Ctrl') : key.length === 1 ? key.toUpperCase() : key}</Key>
          ))}
        </Box>
      ))}
    </Box>
  );
}
