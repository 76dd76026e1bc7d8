import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { contract } from '../../shared/contract/index.ts';
import { problemOf } from '../app/client.ts';
import { useDesk } from '../app/queries.ts';
import { bytes, plural } from '../design/formats.ts';
import { Pairs, Panel } from '../design/panel.tsx';
import { Absent, Identifier, Moment, Muted } from '../design/text.tsx';

/** What the eUICC said of itself, last time it proved itself. */
export function EuiccPanel({ eid }: { readonly eid: string }): ReactElement {
  const found = useDesk(contract.devices.show, { eid });
  const [all, setAll] = useState(false);
  const euicc = found.data;
  if (euicc === undefined) {
    return (
      <Panel title="eUICC">
        <Muted>{!found.isError ? 'Reading…' : problemOf(found.error).code === 'NOT_FOUND' ? 'Nothing is kept of this chip yet: it tells of itself when it proves itself.' : problemOf(found.error).message}</Muted>
      </Panel>
    );
  }
  const memory = (octets: number | undefined, key: string): ReactElement | string => (octets === undefined ? <Absent key={key}>not told</Absent> : bytes(octets));
  const ids = [...new Set([...euicc.ciKeyIds.signing, ...euicc.ciKeyIds.verification])];
  return (
    <Panel title="eUICC">
      <Pairs
        nameWidth={104}
        rows={[
          ['Free memory', <span key="m">{memory(euicc.freeNonVolatileMemory, 'n')} <Muted>and</Muted> {memory(euicc.freeVolatileMemory, 'r')} <Muted>RAM</Muted></span>],
          ['SGP.22', euicc.svn], ['Profiles', `SAIP ${euicc.profileVersion}`], ['Firmware', euicc.firmwareVersion],
          ['Refuses', euicc.forbiddenPolicyRules.length === 0 ? 'no policy rule' : euicc.forbiddenPolicyRules.join(', ')],
          ['Roots', <Box key="c" sx={{ display: 'flex', flexDirection: 'column' }}>{ids.map((id) => <Identifier key={id} value={`${id.slice(0, 8)}…${id.slice(-4)}`.toUpperCase()} what="CI key" />)}</Box>],
          ['Can', <span key="k">{(all ? euicc.capabilities : euicc.capabilities.slice(0, 6)).join(', ')}{euicc.capabilities.length > 6 && <Button size="small" onClick={() => setAll(!all)} sx={{ minHeight: 22, py: 0, ml: '4px', fontSize: '0.75rem' }}>{all ? 'fewer' : `${euicc.capabilities.length - 6} more`}</Button>}</span>],
          ...(euicc.sasAccreditation === undefined ? [] : [['SAS', euicc.sasAccreditation] as const]),
          ['Seen', <span key="s"><Moment at={euicc.lastSeen} show="minutes" /> <Muted>· {plural(euicc.sessions, 'session')}</Muted></span>],
        ]}
      />
    </Panel>
  );
}
