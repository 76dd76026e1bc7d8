/** The steps of a longer work, in order: where one is, what is done, what can be gone back to. */
import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import ButtonBase from '@mui/material/ButtonBase';
import Tooltip from '@mui/material/Tooltip';
import Check from '@mui/icons-material/Check';
import PriorityHigh from '@mui/icons-material/PriorityHigh';

export interface Step<Id extends string = string> {
  readonly id: Id;
  readonly name: string;
  /** `attention`: reached, and something in it keeps the rest from going on. */
  readonly state: 'done' | 'open' | 'attention' | 'locked';
  /** One or two words below the name: what stands in it. */
  readonly note?: string | undefined;
  /** Why it cannot be opened, yet or any more. */
  readonly reason?: string | undefined;
}

const stateWords = { done: 'done', open: 'open', attention: 'needs attention', locked: 'not yet' } as const;

export function Stepper<Id extends string>({ label, steps, current, onGo }: { readonly label: string; readonly steps: readonly Step<Id>[]; readonly current: Id; readonly onGo: (id: Id) => void }): ReactElement {
  return (
    <Box component="nav" aria-label={label} sx={(theme) => ({ background: theme.desk.surface, border: `1px solid ${theme.desk.line}`, borderRadius: '8px', overflowX: 'auto' })}>
      <Box component="ol" sx={{ listStyle: 'none', m: 0, p: '4px 6px', display: 'flex' }}>
        {steps.map((step, index) => {
          const here = step.id === current;
          const locked = (step.state === 'locked' || step.reason !== undefined) && !here;
          const Icon = step.state === 'done' ? Check : step.state === 'attention' ? PriorityHigh : undefined;
          const body = (
            <ButtonBase
              disabled={locked}
              onClick={() => onGo(step.id)}
              {...(here ? { 'aria-current': 'step' as const } : {})}
              sx={(theme) => ({
                width: '100%', justifyContent: 'flex-start', textAlign: 'left', font: 'inherit', minHeight: 44, gap: '9px', p: '6px 10px', borderRadius: '6px', color: locked ? theme.desk.muted : theme.desk.text,
                background: here ? theme.desk.accentSoft : 'transparent', '&:hover': { background: here ? theme.desk.accentSoft : theme.desk.hover }, '@media (max-width: 1100px)': { gap: '7px', p: '6px' },
              })}
            >
              <Box
                component="span"
                aria-hidden
                sx={(theme) => ({
                  flexShrink: 0, width: 24, height: 24, borderRadius: '50%', display: 'grid', placeItems: 'center', fontSize: '0.75rem', fontWeight: 600, border: '1px solid',
                  ...(here ? { background: theme.desk.accent, color: theme.desk.onAccent, borderColor: theme.desk.accent }
                    : step.state === 'done' ? { background: theme.desk.successSoft, color: theme.desk.success, borderColor: theme.desk.success }
                    : step.state === 'attention' ? { background: theme.desk.warningSoft, color: theme.desk.warning, borderColor: theme.desk.warning }
                    : { background: 'transparent', color: theme.desk.muted, borderColor: theme.desk.lineStrong }),
                })}
              >
                {Icon === undefined || here ? index + 1 : <Icon sx={{ fontSize: '0.95rem' }} />}
              </Box>
              <Box component="span" sx={{ minWidth: 0 }}>
                <Box component="span" sx={{ display: 'block', fontWeight: here ? 600 : 500, lineHeight: 1.3, whiteSpace: 'nowrap' }}>
                  {step.name}
                  <span className="visually-hidden"> ({here ? 'this step' : stateWords[step.state]})</span>
                </Box>
                {step.note !== undefined && (
                  <Box component="span" sx={(theme) => ({ display: 'block', color: theme.desk.muted, fontSize: '0.75rem', lineHeight: 1.3, whiteSpace: 'nowrap', overflow: 'hidden', textOverflow: 'ellipsis' })}>
                    {step.note}
                  </Box>
                )}
              </Box>
            </ButtonBase>
          );
          return (
            <Box component="li" key={step.id} sx={{ flex: '1 1 0', minWidth: 104 }}>
              {locked && step.reason !== undefined ? (
                <Tooltip title={step.reason} describeChild>
                  <span>{body}</span>
                </Tooltip>
              ) : (
                body
              )}
            </Box>
          );
        })}
      </Box>
    </Box>
  );
}
