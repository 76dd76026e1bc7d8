/** Templates and the profile types that stand on them. */
import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import Tab from '@mui/material/Tab';
import Tabs from '@mui/material/Tabs';
import { useLocation, useNavigate } from 'react-router';
import { CommandButton } from '../app/command-context.tsx';
import { Page, PageHeader } from '../design/panel.tsx';
import { TemplateList } from './template-list.tsx';
import { TypesPanel } from './types-panel.tsx';

const tabs = [
  { id: 'templates', name: 'Templates', path: '/templates' },
  { id: 'types', name: 'Profile types', path: '/templates/types' },
] as const;

export function TemplatesScreen(): ReactElement {
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const current = pathname === '/templates/types' ? 'types' : 'templates';
  return (
    <Page width={1480}>
      <PageHeader title="Templates">
        <CommandButton id="template.import" primary={current === 'templates'} />
        <CommandButton id="type.create" primary={current === 'types'} />
      </PageHeader>
      <Tabs value={current} onChange={(_, next: string) => void navigate(tabs.find((tab) => tab.id === next)!.path)} aria-label="Templates and types" sx={(theme) => ({ borderBottom: `1px solid ${theme.desk.line}`, mt: '-8px' })}>
        {tabs.map((tab) => (
          <Tab key={tab.id} value={tab.id} label={tab.name} id={`tab-${tab.id}`} aria-controls={`panel-${tab.id}`} />
        ))}
      </Tabs>
      <Box role="tabpanel" id={`panel-${current}`} aria-labelledby={`tab-${current}`} sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
        {current === 'templates' ? <TemplateList /> : <TypesPanel />}
      </Box>
    </Page>
  );
}
