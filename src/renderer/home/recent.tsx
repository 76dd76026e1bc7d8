import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import { contract } from '../../shared/contract/index.ts';
import type { OutputOf } from '../../shared/contract/define.ts';
import { stageWord } from '../design/stage-words.ts';
import { TextLink } from '../design/link.tsx';
import { count } from '../design/formats.ts';
import { Panel } from '../design/panel.tsx';
import { Code, Moment } from '../design/text.tsx';

type Event = OutputOf<typeof contract.workspace.home>['recent'][number];
const shown = 8;
/** Events of one kind so close to each other are one happening: a bulk change, a batch. */
const togetherMs = 60_000;

interface Happening {
  readonly event: Event;
  readonly more: number;
}

/** Newest first. Of each profile only its newest event counts as another of the same. */
export function happenings(events: readonly Event[]): Happening[] {
  const groups: { event: Event; iccids: Set<string>; last: number }[] = [];
  for (const event of events) {
    const group = groups.at(-1);
    if (group !== undefined && group.event.stage === event.stage && group.event.code === event.code && group.last - event.at <= togetherMs && !group.iccids.has(event.iccid)) {
      group.iccids.add(event.iccid);
      group.last = event.at;
    } else groups.push({ event, iccids: new Set([event.iccid]), last: event.at });
  }
  return groups.map(({ event, iccids }) => ({ event, more: iccids.size - 1 }));
}

export function Recent({ events }: { readonly events: readonly Event[] }): ReactElement {
  return (
    <Panel title="Recent events" flush>
      {events.length === 0 ? (
        <Box sx={(theme) => ({ p: '10px 16px 14px', color: theme.desk.muted })}>No activation has moved yet.</Box>
      ) : (
        <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
          {happenings(events).slice(0, shown).map(({ event, more }, at, all) => (
            <Box component="li" key={event.id} sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) auto', columnGap: 2, p: '4px 16px' }}>
              <Box sx={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>
                <Box component="span" sx={{ fontWeight: 500 }}>
                  {stageWord(event.stage)}
                </Box>{' '}
                {event.code !== undefined && <Code>{event.code}</Code>}{' '}
                <TextLink to={`/inventory/${encodeURIComponent(event.iccid)}`}>
                  <span className="mono">{event.iccid}</span>
                </TextLink>
                {more > 0 && ` and ${at === all.length - 1 && at < shown - 1 ? 'at least ' : ''}${count(more)} more`}
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
