import { useMemo, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import ChevronLeft from '@mui/icons-material/ChevronLeft';
import ChevronRight from '@mui/icons-material/ChevronRight';
import type { OutputOf } from '../../shared/contract/define.ts';
import type { contract } from '../../shared/contract/index.ts';
import { explainRefusal } from '../design/explain.ts';
import { bytes, span } from '../design/formats.ts';
import { Pairs, Panel } from '../design/panel.tsx';
import { Note } from '../design/states.tsx';
import { Status, toneIcon } from '../design/status.tsx';
import { Code, Moment, Muted } from '../design/text.tsx';
import { messageRows } from './message-rows.ts';
import { stepFailed } from './sequence.tsx';
import { stepMeaning } from './step-meaning.ts';
import { Tree } from './tree.tsx';

type Step = OutputOf<typeof contract.sessions.show>['stepList'][number];

interface StepDetailProps {
  readonly steps: readonly Step[];
  readonly at: number;
  readonly onChoose: (at: number) => void;
  readonly revealed: boolean;
}

/** One step: what it took, what it means, what was sent and answered. */
export function StepDetail({ steps, at, onChoose, revealed }: StepDetailProps): ReactElement | null {
  const step = steps[at];
  if (step === undefined) return null;
  const failed = stepFailed(step);
  const tone = failed ? 'danger' : 'success';
  const explained = step.code === undefined ? undefined : explainRefusal(step.code, step.detail, step);
  const reported = step.code === undefined ? stepMeaning(step) : undefined;
  const before = steps[at - 1];
  return (
    <Panel
      title={`Step ${at + 1} of ${steps.length}`}
      aside={
        <Box sx={{ display: 'flex', gap: '6px' }}>
          <Button variant="outlined" startIcon={<ChevronLeft />} disabled={at === 0} onClick={() => onChoose(at - 1)} aria-keyshortcuts="k">Previous</Button>
          <Button variant="outlined" endIcon={<ChevronRight />} disabled={at >= steps.length - 1} onClick={() => onChoose(at + 1)} aria-keyshortcuts="j">Next</Button>
        </Box>
      }
    >
      <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1.5 }}>
        <Box sx={{ display: 'flex', gap: 1, alignItems: 'center', flexWrap: 'wrap' }}>
          <Box component="span" className="mono" sx={{ fontWeight: 600 }}>{step.function}</Box>
          <Status look={{ tone, icon: toneIcon(tone), word: step.status === 'Executed-Success' ? 'Executed-Success' : step.status }} />
        </Box>
        {step.code !== undefined && explained !== undefined && (
          <Note tone="danger">
            <Code>{step.code}</Code> {explained.cause}
            {explained.here !== undefined && <Box><Muted>Here: </Muted>{explained.here}</Box>}
            {explained.general !== undefined && <Box><Muted>In general: </Muted>{explained.general}</Box>}
            <Box sx={{ mt: '4px' }}>
              <Muted>What to do: </Muted>
              {explained.action}
              {explained.owners.length > 0 && <Muted> For: {explained.owners.join(' or ')}.</Muted>}
            </Box>
          </Note>
        )}
        {reported !== undefined && (
          <Note tone={reported.tone}>
            <Muted>The device says: </Muted>{reported.said}. {reported.cause}.
            <Box sx={{ mt: '4px' }}><Muted>What to do: </Muted>{reported.action}.</Box>
          </Note>
        )}
        <Pairs
          nameWidth={104}
          rows={[
            ['At', <Box key="a" component="span"><Moment at={step.at} />{before !== undefined && <Muted> · {span(step.at - before.at)} after the step before</Muted>}</Box>],
            ['On the server', span(step.milliseconds)],
            ['Sent, answered', `${bytes(step.requestBytes)}, ${bytes(step.responseBytes)}`],
          ]}
        />
        <Message title="Sent by the device" value={step.request} revealed={revealed} />
        <Message title="Answered by the SM-DP+" value={step.response} revealed={revealed} empty={step.responseBytes === 0 ? 'Nothing: 204 is the whole answer.' : undefined} />
      </Box>
    </Panel>
  );
}

function Message({ title, value, revealed, empty }: { readonly title: string; readonly value: unknown; readonly revealed: boolean; readonly empty?: string | undefined }): ReactElement {
  const rows = useMemo(() => (value === undefined ? [] : messageRows(value, revealed)), [value, revealed]);
  return (
    <Box>
      <Box sx={{ fontWeight: 600, mb: '4px' }}>{title}</Box>
      {rows.length === 0 ? <Muted>{empty ?? (value === undefined ? 'The message was not kept, or is kept no longer.' : 'Nothing.')}</Muted> : <Tree rows={rows} label={title} height={300} />}
    </Box>
  );
}
