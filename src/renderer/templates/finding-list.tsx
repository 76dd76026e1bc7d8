/** Findings of the rules: the gravest first, each with its place, clause, sentence and fix. */
import type { ReactElement, ReactNode } from 'react';
import Box from '@mui/material/Box';
import type { TemplateDetail } from '../../shared/contract/types.ts';
import { plural } from '../design/formats.ts';
import { Status, toneIcon } from '../design/status.tsx';
import { Code, Muted } from '../design/text.tsx';
import { placeWords } from './template-words.ts';

export type Finding = TemplateDetail['findings'][number];

const groups = [['error', 'Errors', 'danger'], ['warning', 'Warnings', 'warning']] as const;

/** `place`: how a place is shown where it leads somewhere. */
export function FindingList({ findings, place, height }: { readonly findings: readonly Finding[]; readonly place?: (finding: Finding) => ReactNode; readonly height?: number }): ReactElement {
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1.5, ...(height === undefined ? {} : { maxHeight: height, overflow: 'auto' }) }} {...(height === undefined ? {} : { tabIndex: 0, role: 'group', 'aria-label': 'Findings' })}>
      {groups.map(([severity, title, tone]) => {
        const own = findings.filter((finding) => finding.severity === severity);
        if (own.length === 0) return null;
        return (
          <section key={severity} aria-label={title}>
            <Box component="h3" sx={{ m: '0 0 4px', fontSize: '0.8125rem', fontWeight: 600 }}>
              <Status look={{ tone, icon: toneIcon(tone), word: plural(own.length, severity) }} />
            </Box>
            <Box component="ul" sx={(theme) => ({ listStyle: 'none', m: 0, p: 0, border: `1px solid ${theme.desk.line}`, borderRadius: '6px', background: theme.desk.surface })}>
              {own.map((finding, at) => (
                <Box component="li" key={`${finding.rule}${finding.place}${at}`} sx={(theme) => ({ p: '8px 12px', borderTop: at === 0 ? 'none' : `1px solid ${theme.desk.line}`, overflowWrap: 'anywhere' })}>
                  <Box sx={{ display: 'flex', gap: 1, alignItems: 'baseline', flexWrap: 'wrap', mb: '2px' }}>
                    <Code>{finding.rule}</Code>
                    {place?.(finding) ?? <span>{placeWords(finding.place)}</span>}
                    <Muted>{finding.clause}</Muted>
                  </Box>
                  {finding.message} <Muted>{finding.fix}</Muted>
                </Box>
              ))}
            </Box>
          </section>
        );
      })}
    </Box>
  );
}
