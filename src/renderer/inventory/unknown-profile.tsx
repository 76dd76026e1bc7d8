/** No profile has this number: what may be wrong with it, and which come near. */
import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import SearchOff from '@mui/icons-material/SearchOff';
import { contract } from '../../shared/contract/index.ts';
import { parseIccid, stripIccid } from '../../shared/identifiers/index.ts';
import { useDesk } from '../app/queries.ts';
import { BackLink } from '../design/back.tsx';
import { TextLink } from '../design/link.tsx';
import { Empty } from '../design/states.tsx';
import { stockLook } from '../design/status.tsx';
import { Muted } from '../design/text.tsx';
import { nearPieces, numberHint } from './near-number.ts';

export function UnknownProfile({ asked, message }: { readonly asked: string; readonly message: string }): ReactElement {
  const digits = stripIccid(asked);
  const [start, shorter, end] = nearPieces(digits);
  const looks = /^\d{10,}$/.test(digits);
  const near = [
    useDesk(contract.profiles.list, { filter: { text: start }, limit: 4 }, { enabled: looks }),
    useDesk(contract.profiles.list, { filter: { text: end }, limit: 4 }, { enabled: looks }),
    useDesk(contract.profiles.list, { filter: { text: shorter }, limit: 4 }, { enabled: looks }),
  ];
  const rows = [...new Map(near.flatMap((one) => one.data?.rows ?? []).map((row) => [row.iccid, row] as const)).values()].slice(0, 6);
  const parsed = parseIccid(asked);
  return (
    <Empty icon={SearchOff} title="No such profile" actions={<BackLink to="/inventory">Inventory</BackLink>}>
      <Box>{message}</Box>
      <Box sx={{ mt: 1 }}>{numberHint(asked, parsed)}</Box>
      {rows.length > 0 && (
        <Box sx={{ mt: 2, textAlign: 'left', display: 'inline-block' }}>
          <Box sx={{ mb: '4px' }}>Near it:</Box>
          <Box component="ul" aria-label="Profiles with a number near it" sx={{ listStyle: 'none', m: 0, p: 0, display: 'flex', flexDirection: 'column', gap: '4px' }}>
            {rows.map((row) => (
              <li key={row.iccid}>
                <span className="mono"><TextLink to={`/inventory/${row.iccid}`}>{row.iccid}</TextLink></span> <Muted>{row.type} · {stockLook[row.state.stock].word.toLowerCase()}</Muted>
              </li>
            ))}
          </Box>
        </Box>
      )}
    </Empty>
  );
}
