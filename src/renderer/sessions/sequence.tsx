/** A session as a sequence of messages between the device and the SM-DP+; one step is one request and its answer. */
import { useEffect, useRef, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import { bytes, span } from '../design/formats.ts';
import { nextIndex } from '../design/grid-keys.ts';
import { isTyping, layerOpen } from '../app/typing.ts';
import { Code, Muted } from '../design/text.tsx';
import { stepMeaning } from './step-meaning.ts';

export interface SequenceStep {
  readonly at: number;
  readonly function: string;
  readonly milliseconds: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly status: string;
  readonly code?: string | undefined;
  readonly request?: unknown;
}

export const stepFailed = (step: Pick<SequenceStep, 'code' | 'status'>): boolean => step.code !== undefined || step.status === 'Failed';

/** A wait worth a line of its own: the device, or its user, took that long between two steps. */
export const gapShownMs = 3_000;

/** Keys of stepping wherever nothing else wants them: j, k and the arrows. */
function useStepKeys(at: number, count: number, onChoose: (at: number) => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
      if (layerOpen(event.target)) return;
      const letter = event.key === 'j' || event.key === 'k';
      const free = event.target === document.body || (event.target instanceof HTMLElement && (event.target.id === 'main' || event.target.closest('[data-steps]') !== null));
      if (!letter && !free) return;
      const next = nextIndex(event.key, at, count, 5);
      if (next === undefined) return;
      event.preventDefault();
      onChoose(next);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [at, count, onChoose]);
}

export function Sequence({ steps, start, at, onChoose }: { readonly steps: readonly SequenceStep[]; readonly start: number; readonly at: number; readonly onChoose: (at: number) => void }): ReactElement {
  useStepKeys(at, steps.length, onChoose);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  return (
    <Box>
      <Box aria-hidden sx={{ display: 'grid', gridTemplateColumns: '76px minmax(0, 1fr)', px: 2 }}>
        <span />
        <Box sx={{ display: 'flex', justifyContent: 'space-between' }}>
          <End>eUICC and LPA</End>
          <End>SM-DP+</End>
        </Box>
      </Box>
      <Box ref={list} data-steps role="listbox" aria-label="Steps of the session" tabIndex={0} {...(steps.length === 0 ? {} : { 'aria-activedescendant': `step-${at}` })} sx={{ '&:focus-visible': { outlineOffset: -2 } }}>
        {steps.length === 0 && <Box role="option" aria-selected={false} sx={{ p: '8px 16px' }}>No step is on record.</Box>}
        {steps.map((step, index) => (
          <StepBlock key={`${step.at}${step.function}${index}`} id={`step-${index}`} step={step} since={step.at - start} gap={index === 0 ? 0 : step.at - steps[index - 1]!.at} chosen={index === at} onChoose={() => onChoose(index)} />
        ))}
      </Box>
    </Box>
  );
}

function End({ children }: { readonly children: string }): ReactElement {
  return <Box component="span" sx={(theme) => ({ border: `1px solid ${theme.desk.line}`, borderRadius: '5px', px: '8px', py: '2px', fontSize: '0.75rem', fontWeight: 600, background: theme.desk.canvas })}>{children}</Box>;
}

function StepBlock({ id, step, since, gap, chosen, onChoose }: { readonly id: string; readonly step: SequenceStep; readonly since: number; readonly gap: number; readonly chosen: boolean; readonly onChoose: () => void }): ReactElement {
  const reported = step.code === undefined ? stepMeaning(step) : undefined;
  const failed = stepFailed(step) || reported?.tone === 'danger';
  return (
    <Box
      id={id}
      role="option"
      aria-selected={chosen}
      onClick={onChoose}
      sx={(theme) => ({ display: 'grid', gridTemplateColumns: '76px minmax(0, 1fr)', px: 2, cursor: 'pointer', background: chosen ? theme.desk.selected : 'transparent', boxShadow: chosen ? `inset 3px 0 0 ${theme.desk.accent}` : 'none', '&:hover': { background: chosen ? theme.desk.selected : theme.desk.hover } })}
    >
      <Box sx={{ pt: gap > gapShownMs ? '31px' : '9px', fontSize: '0.75rem' }}>
        <Muted>+{span(since)}</Muted>
      </Box>
      <Box sx={(theme) => ({ mx: '40px', borderLeft: `2px solid ${theme.desk.lineStrong}`, borderRight: `2px solid ${theme.desk.lineStrong}`, pt: '6px', pb: '8px', minWidth: 0 })}>
        {gap > gapShownMs && <Box sx={{ textAlign: 'center', fontSize: '0.75rem', pb: '4px' }}><Muted>{span(gap)} later</Muted></Box>}
        <Arrow to="right" failed={failed && !stepFailed(step)}>
          <Box component="span" sx={{ fontWeight: 600 }}>{step.function}</Box> {reported !== undefined && <Box component="span" sx={(theme) => ({ color: theme.desk[reported.tone] })}>{reported.said} </Box>}<Muted>{bytes(step.requestBytes)}</Muted>
        </Arrow>
        <Arrow to="left" failed={stepFailed(step)}>
          {stepFailed(step) ? <>{step.code === undefined ? step.status : <Code>{step.code}</Code>} </> : <Muted>done, </Muted>}
          <Muted>{step.responseBytes === 0 ? 'no content' : bytes(step.responseBytes)} after {span(step.milliseconds)}</Muted>
        </Arrow>
      </Box>
    </Box>
  );
}

function Arrow({ to, failed, children }: { readonly to: 'left' | 'right'; readonly failed: boolean; readonly children: React.ReactNode }): ReactElement {
  const edge = to === 'right' ? 'right' : 'left';
  return (
    <Box
      sx={(theme) => {
        const colour = failed ? theme.desk.danger : to === 'right' ? theme.desk.accent : theme.desk.lineStrong;
        return {
          position: 'relative', textAlign: 'center', px: '14px', pb: '3px', pt: '1px', fontSize: '0.8125rem', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', borderBottom: `1.5px ${to === 'right' ? 'solid' : 'dashed'} ${colour}`, mb: '3px',
          '&::after': { content: '""', position: 'absolute', bottom: '0px', [edge]: 0, borderTop: '4px solid transparent', borderBottom: '0 solid transparent', [to === 'right' ? 'borderLeft' : 'borderRight']: `8px solid ${colour}` },
        };
      }}
    >
      {children}
    </Box>
  );
}
