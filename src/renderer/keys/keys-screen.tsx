import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import Tab from '@mui/material/Tab';
import Tabs from '@mui/material/Tabs';
import { useNavigate, useParams } from 'react-router';
import { CommandButton } from '../app/command-context.tsx';
import { useDesk } from '../app/queries.ts';
import { Page, PageHeader } from '../design/panel.tsx';
import { keys } from './contract.ts';
import { urgentWord } from './key-words.ts';
import { DeviceCheck } from './device-check.tsx';
import { Horizon } from './horizon.tsx';
import { Identities } from './identities.tsx';
import { RevocationLists } from './revocation-lists.tsx';

const tabs = [
  { id: 'identities', name: 'Identities' },
  { id: 'horizon', name: 'Validity' },
  { id: 'crls', name: 'Revocation lists' },
  { id: 'devices', name: 'Device check' },
] as const;

export function KeysScreen(): ReactElement {
  const { tab } = useParams();
  const navigate = useNavigate();
  const current = tabs.find((t) => t.id === tab)?.id ?? 'identities';
  const horizon = useDesk(keys.horizon, {}, { refetchInterval: 300_000 });
  const label = urgentWord(horizon.data?.rows ?? []);
  return (
    <Page width={1480}>
      <PageHeader title="Keys & certificates">
        <CommandButton id="crl.import" primary={current === 'crls'} />
        <CommandButton id="certificate.import" primary={current === 'identities'} />
      </PageHeader>
      <Tabs value={current} onChange={(_, next: string) => void navigate(next === 'identities' ? '/keys' : `/keys/${next}`)} aria-label="Keys and certificates" sx={(theme) => ({ borderBottom: `1px solid ${theme.desk.line}`, mt: '-8px' })}>
        {tabs.map((each) => (
          <Tab key={each.id} value={each.id} label={each.id === 'horizon' && label !== undefined ? `${each.name} (${label})` : each.name} id={`tab-${each.id}`} aria-controls={`panel-${each.id}`} />
        ))}
      </Tabs>
      <Box role="tabpanel" id={`panel-${current}`} aria-labelledby={`tab-${current}`} sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
        {current === 'identities' && <Identities />}
        {current === 'horizon' && <Horizon />}
        {current === 'crls' && <RevocationLists />}
        {current === 'devices' && <DeviceCheck />}
      </Box>
    </Page>
  );
}
