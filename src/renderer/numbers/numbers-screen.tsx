import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import Tab from '@mui/material/Tab';
import Tabs from '@mui/material/Tabs';
import { useNavigate, useParams } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import { CommandButton } from '../app/command-context.tsx';
import { useDesk } from '../app/queries.ts';
import { count } from '../design/formats.ts';
import { PageHeader } from '../design/panel.tsx';
import { Ledgers } from './ledgers.tsx';
import { Levels } from './levels.tsx';
import { numberTabs } from './number-words.ts';
import { Policies } from './policies.tsx';

export function NumbersScreen(): ReactElement {
  const { tab } = useParams();
  const navigate = useNavigate();
  const current = numberTabs.find((one) => one.id === tab)?.id ?? 'ledgers';
  const open = useDesk(contract.levels.proposals, { state: ['open'] }, { refetchInterval: 60_000 }).data?.rows.length ?? 0;
  return (
    <Box sx={{ height: '100%', display: 'flex', flexDirection: 'column', gap: 1.5, p: '16px 20px 12px', minHeight: 0 }}>
      <PageHeader title="Numbers">
        {current === 'ledgers' && <><CommandButton id="numbers.check" /><CommandButton id="range.create" /><CommandButton id="numbers.add" primary /></>}
        {current === 'levels' && <><CommandButton id="range.create" /><CommandButton id="stock.prepare" label="New batch" primary /></>}
      </PageHeader>
      <Tabs value={current} onChange={(_, next: string) => void navigate(next === 'ledgers' ? '/numbers' : `/numbers/${next}`)} aria-label="Numbers" sx={(theme) => ({ borderBottom: `1px solid ${theme.desk.line}`, mt: '-8px', flex: 'none' })}>
        {numberTabs.map((each) => (
          <Tab key={each.id} value={each.id} label={each.id === 'levels' && open > 0 ? `${each.name} (${count(open)})` : each.name} id={`tab-${each.id}`} aria-controls={`panel-${each.id}`} />
        ))}
      </Tabs>
      <Box role="tabpanel" id={`panel-${current}`} aria-labelledby={`tab-${current}`} sx={{ flex: 1, minHeight: 0, display: 'flex', flexDirection: 'column', gap: 1.5 }}>
        {current === 'ledgers' && <Ledgers />}
        {current === 'levels' && <Levels />}
        {current === 'policies' && <Policies />}
      </Box>
    </Box>
  );
}
