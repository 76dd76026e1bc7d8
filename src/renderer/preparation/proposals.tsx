/** What the stock levels say should be prepared. Absent while nothing is proposed. */
import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TipsAndUpdatesOutlined from '@mui/icons-material/TipsAndUpdatesOutlined';
import { useNavigate } from 'react-router';
import { levels, type ProposalRow } from '../../shared/contract/numbers.ts';
import { useDialogs } from '../app/dialogs.tsx';
import { useDesk } from '../app/queries.ts';
import { count, plural } from '../design/formats.ts';

export function Proposals(): ReactElement | null {
  const proposals = useDesk(levels.proposals, { state: ['open'] }, { refetchInterval: 60_000 });
  const rows = proposals.data?.rows ?? [];
  if (rows.length === 0) return null;
  return (
    <Box component="section" aria-label="Proposals to prepare" sx={{ display: 'flex', flexDirection: 'column', gap: 1 }}>
      {rows.slice(0, 3).map((row) => <Proposal key={row.id} row={row} />)}
    </Box>
  );
}

function Proposal({ row }: { readonly row: ProposalRow }): ReactElement {
  const navigate = useNavigate();
  const { open } = useDialogs();
  return (
    <Box sx={(theme) => ({ display: 'flex', gap: 1.25, alignItems: 'center', p: '8px 12px', borderRadius: '8px', background: theme.desk.infoSoft, flexWrap: 'wrap' })}>
      <TipsAndUpdatesOutlined aria-hidden sx={(theme) => ({ color: theme.desk.info })} />
      <Box sx={{ flex: 1, minWidth: 240 }}>
        <strong>Prepare {plural(row.quantity, 'profile')} of {row.type}.</strong> {row.why.join(' ')}
      </Box>
      <Button variant="contained" color="primary" onClick={() => void navigate(`/preparation/new?type=${encodeURIComponent(row.type)}&count=${count(row.quantity)}`)}>
        Look and prepare
      </Button>
      <Button variant="outlined" onClick={() => open({ kind: 'proposal.dismiss', proposal: row })}>
        Not now…
      </Button>
    </Box>
  );
}
