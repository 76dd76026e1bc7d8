/** Short messages at the lower left: what was done, or what was refused with its code. Failures stay until closed. */
import { createContext, useCallback, useContext, useMemo, useRef, useState, type ReactElement, type ReactNode } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import CloseIcon from '@mui/icons-material/Close';
import { toneIcon } from '../design/status.tsx';
import type { Tone } from '../design/tokens.ts';
import { problemOf } from './client.ts';

interface Toast {
  readonly id: number;
  readonly tone: Tone;
  readonly text: string;
  readonly detail?: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

interface Toasts {
  /** `ms`: how long it stays, where its action needs longer. */
  done(text: string, action?: Toast['action'], ms?: number): void;
  /** A sentence is shown as it stands; anything else with its code. */
  failed(error: unknown, what: string): void;
}

const Context = createContext<Toasts | undefined>(undefined);
const shownMs = 6_000;
const mostShown = 4;

export function ToastProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const [toasts, set] = useState<readonly Toast[]>([]);
  const counter = useRef(0);
  const close = useCallback((id: number) => set((all) => all.filter((t) => t.id !== id)), []);
  const value = useMemo<Toasts>(() => {
    const add = (toast: Omit<Toast, 'id'>, lasting: boolean, ms = shownMs): void => {
      counter.current += 1;
      const id = counter.current;
      set((all) => [...all.slice(1 - mostShown), { ...toast, id }]);
      if (!lasting) setTimeout(() => close(id), ms);
    };
    return {
      done: (text, action, ms) => add({ tone: 'success', text, ...(action === undefined ? {} : { action }) }, false, ms),
      failed: (error, what) => {
        if (typeof error === 'string') return add({ tone: 'danger', text: `${what}: ${error}` }, true);
        const problem = problemOf(error);
        add({ tone: 'danger', text: `${what}: ${problem.message}`, detail: [problem.code, problem.hint].filter(Boolean).join(' · ') }, true);
      },
    };
  }, [close]);
  return (
    <Context value={value}>
      {children}
      <Box sx={{ // Actions stand at the right, in bars at the bottom, too: messages keep to the left of the content, above the bars.
        position: 'fixed', left: 212, bottom: 96, zIndex: 1500, display: 'flex', flexDirection: 'column', gap: 1, maxWidth: 440, '@media (max-width: 1100px)': { left: 72 } }}>
        <Region live="polite" toasts={toasts.filter((t) => t.tone !== 'danger')} close={close} />
        <Region live="assertive" toasts={toasts.filter((t) => t.tone === 'danger')} close={close} />
      </Box>
    </Context>
  );
}

function Region({ live, toasts, close }: { readonly live: 'polite' | 'assertive'; readonly toasts: readonly Toast[]; readonly close: (id: number) => void }): ReactElement {
  return (
    <Box role={live === 'polite' ? 'status' : 'alert'} aria-live={live} sx={{ display: 'flex', flexDirection: 'column', gap: 1 }}>
      {toasts.map((toast) => {
        const Icon = toneIcon(toast.tone);
        return (
          <Box
            key={toast.id}
            sx={(theme) => ({
              display: 'flex', alignItems: 'flex-start', gap: 1, p: '8px 8px 8px 12px', background: theme.desk.raised, borderRadius: '6px',
              border: `1px solid ${theme.desk.line}`, borderLeft: `3px solid ${theme.desk[toast.tone]}`, boxShadow: '0 8px 24px rgba(0,0,0,0.18)',
            })}
          >
            <Icon aria-hidden sx={(theme) => ({ color: theme.desk[toast.tone], mt: '2px' })} />
            <Box sx={{ flex: 1, minWidth: 0, py: '2px', overflowWrap: 'anywhere' }}>
              {toast.text}
              {toast.detail !== undefined && toast.detail !== '' && <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem' })}>{toast.detail}</Box>}
            </Box>
            {toast.action !== undefined && (
              <Button
                onClick={() => {
                  toast.action?.run();
                  close(toast.id);
                }}
              >
                {toast.action.label}
              </Button>
            )}
            <IconButton aria-label="Close message" onClick={() => close(toast.id)}>
              <CloseIcon />
            </IconButton>
          </Box>
        );
      })}
    </Box>
  );
}

export function useToasts(): Toasts {
  const value = useContext(Context);
  if (value === undefined) throw new Error('ToastProvider is missing');
  return value;
}
