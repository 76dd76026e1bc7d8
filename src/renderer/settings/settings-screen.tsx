import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import Tab from '@mui/material/Tab';
import Tabs from '@mui/material/Tabs';
import { useNavigate, useParams } from 'react-router';
import { CommandButton } from '../app/command-context.tsx';
import { Page, PageHeader } from '../design/panel.tsx';
import { GeneralSettings } from './general-settings.tsx';
import { Listeners } from './listeners.tsx';
import { TypesAndTemplates } from './types.tsx';
import { WindowSettings } from './window-settings.tsx';

const tabs = [
  { id: 'general', name: 'General' },
  { id: 'types', name: 'Profile types' },
] as const;

export function SettingsScreen(): ReactElement {
  const { tab } = useParams();
  const navigate = useNavigate();
  const current = tabs.find((t) => t.id === tab)?.id ?? 'general';
  return (
    <Page width={1180}>
      <PageHeader title="Settings">
        {current === 'types' && (
          <>
            <CommandButton id="template.import" />
            <CommandButton id="type.create" primary />
          </>
        )}
      </PageHeader>
      <Tabs value={current} onChange={(_, next: string) => void navigate(`/settings/${next}`)} aria-label="Settings" sx={(theme) => ({ borderBottom: `1px solid ${theme.desk.line}`, mt: '-8px' })}>
        {tabs.map((each) => (
          <Tab key={each.id} value={each.id} label={each.name} id={`tab-${each.id}`} aria-controls={`panel-${each.id}`} />
        ))}
      </Tabs>
      <Box role="tabpanel" id={`panel-${current}`} aria-labelledby={`tab-${current}`} sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
        {current === 'general' && (
          <>
            <WindowSettings />
            <Listeners />
            <GeneralSettings />
          </>
        )}
        {current === 'types' && <TypesAndTemplates />}
      </Box>
    </Page>
  );
}
