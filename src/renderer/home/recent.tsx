import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import { contract } from '../../shared/contract/index.ts';
import type { OutputOf } from '../../shared/contract/define.ts';
import { stageWord } from '../design/stage-words.ts';
import { TextLink } from '../design/link.tsx';
import { Panel } from '../design/panel.tsx';
import { Code, Moment } from '../design/text.tsx';

type Event = OutputOf<typeof contract.workspace.home>['recent'][number];
const shown = 9;

export function Recent({ events }: { readonly events: readonly Event[] }): ReactElement {
  return (
    <Panel title="Recent events" flush>
      {events.length === 0 ? (
        <Box sx={(theme) => ({ p: '10px 16px 14px', color: theme.desk.muted })}>No activation has moved yet.</Box>
      ) : (
        <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
          {events.slice(0, shown).map((event) => (
            <Box component="li" key={event.id} sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) auto', columnGap: 2, p: '4px 16px' }}>
              <Box sx={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>
                <Box component="span" sx={{ fontWeight: 500 }}>
                  {stageWord(event.stage)}
                </Box>{' '}
                {event.code !== undefined && <Code>{event.code}</Code>}{' '}
                <TextLink to={`/inventory/${encodeURIComponent(event.iccid)}`}>
                  <span className="mono">{event.iccid}</span>
                </TextLink>
              </Box>
              <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem' })}>
                <Moment at={event.at} show="relative" />
              </Box>
            </Box>
          ))}
        </Box>
      )}
    </Panel>
  );
}
