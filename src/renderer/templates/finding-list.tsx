/** Findings of the rules: the gravest first, each with its place, clause, sentence and fix; last, and quiet, placeholders with the slot that fills them. */
import type { ReactElement, ReactNode } from 'react';
import Box from '@mui/material/Box';
import { Status, toneIcon } from '../design/status.tsx';
import { Code, Muted } from '../design/text.tsx';
import { findingGroups, type Finding } from './finding-rules.ts';
import { placeWords, slotName } from './template-words.ts';

const looks = { error: { label: 'Errors', tone: 'danger' }, warning: { label: 'Warnings', tone: 'warning' }, filled: { label: 'Placeholders', tone: 'neutral' } } as const;

/** `place`: how a place is shown where it leads somewhere. */
export function FindingList({ findings, place, height }: { readonly findings: readonly Finding[]; readonly place?: (finding: Finding) => ReactNode; readonly height?: number }): ReactElement {
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1.5, ...(height === undefined ? {} : { maxHeight: height, overflow: 'auto' }) }} {...(height === undefined ? {} : { tabIndex: 0, role: 'group', 'aria-label': 'Findings' })}>
      {findingGroups(findings).map(({ kind, title, findings: own }) => {
        const { label, tone } = looks[kind];
        return (
          <section key={kind} aria-label={label}>
            <Box component="h3" sx={{ m: '0 0 4px', fontSize: '0.8125rem', fontWeight: kind === 'filled' ? 400 : 600 }}>
              <Status look={{ tone, icon: toneIcon(tone), word: title }} quiet={kind === 'filled'} />
            </Box>
            <Box component="ul" sx={(theme) => ({ listStyle: 'none', m: 0, p: 0, border: `1px solid ${theme.desk.line}`, borderRadius: '6px', background: kind === 'filled' ? 'none' : theme.desk.surface })}>
              {own.map((finding, at) => (
                <Box component="li" key={`${finding.rule}${finding.place}${at}`} sx={(theme) => ({ p: kind === 'filled' ? '5px 12px' : '8px 12px', borderTop: at === 0 ? 'none' : `1px solid ${theme.desk.line}`, overflowWrap: 'anywhere' })}>
                  {kind === 'filled' ? <Filled finding={finding} place={place?.(finding)} /> : <Standing finding={finding} place={place?.(finding)} />}
                </Box>
              ))}
            </Box>
          </section>
        );
      })}
    </Box>
  );
}

interface LineProps {
  readonly finding: Finding;
  readonly place: ReactNode;
}

function Standing({ finding, place }: LineProps): ReactElement {
  return (
    <>
      <Box sx={{ display: 'flex', gap: 1, alignItems: 'baseline', flexWrap: 'wrap', mb: '2px' }}>
        <Code>{finding.rule}</Code>
        {place ?? <span>{placeWords(finding.place)}</span>}
        <Muted>{finding.clause}</Muted>
      </Box>
      {finding.message} <Muted>{finding.fix}</Muted>
    </>
  );
}

function Filled({ finding, place }: LineProps): ReactElement {
  return (
    <Box sx={{ display: 'flex', gap: 1, alignItems: 'baseline', flexWrap: 'wrap' }}>
      <Code>{finding.rule}</Code>
      {place ?? <span>{placeWords(finding.place)}</span>}
      <Muted>{finding.message} Each profile gets its own from the slot {slotName(finding.filledBy ?? '')}.</Muted>
    </Box>
  );
}
