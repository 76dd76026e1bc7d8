/** Live sessions: the list as it grows, what eUICCs notified, and the decoder for what a phone shows. */
import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import Tab from '@mui/material/Tab';
import Tabs from '@mui/material/Tabs';
import { useSearchParams } from 'react-router';
import { ListPage, PageHeader } from '../design/panel.tsx';
import { Decoder } from './decoder.tsx';
import { NotificationList } from './notifications.tsx';
import { SessionList } from './session-list.tsx';

const views = [
  { id: 'sessions', name: 'Sessions' },
  { id: 'notifications', name: 'Notifications' },
  { id: 'decoder', name: 'Decoder' },
] as const;

export function SessionsScreen(): ReactElement {
  const [params, setParams] = useSearchParams();
  const view = views.find((one) => one.id === params.get('view'))?.id ?? 'sessions';
  return (
    <ListPage>
      <PageHeader title="Live sessions" />
      <Tabs value={view} onChange={(_, next: string) => setParams(next === 'sessions' ? {} : { view: next })} aria-label="Live sessions" sx={(theme) => ({ borderBottom: `1px solid ${theme.desk.line}`, mt: '-10px', flex: 'none' })}>
        {views.map((each) => <Tab key={each.id} value={each.id} label={each.name} id={`tab-${each.id}`} aria-controls={`panel-${each.id}`} />)}
      </Tabs>
      <Box role="tabpanel" id={`panel-${view}`} aria-labelledby={`tab-${view}`} sx={{ flex: 1, minHeight: 0, display: 'flex', flexDirection: 'column', gap: 1.5 }}>
        {view === 'sessions' && <SessionList />}
        {view === 'notifications' && <NotificationList />}
        {view === 'decoder' && <Decoder />}
      </Box>
    </ListPage>
  );
}
