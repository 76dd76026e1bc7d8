import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import MemoryOutlined from '@mui/icons-material/MemoryOutlined';
import type { z } from 'zod';
import type { mismatchGroup } from '../../shared/contract/pki.ts';
import { useDesk } from '../app/queries.ts';
import { explainCode } from '../design/explain.ts';
import { count, plural, share } from '../design/formats.ts';
import { Figure, Panel } from '../design/panel.tsx';
import { Empty, LoadingRows, Note, Problem } from '../design/states.tsx';
import { Code, CopyButton, Identifier, Muted } from '../design/text.tsx';
import { keys } from './contract.ts';

type Group = z.infer<typeof mismatchGroup>;

/** Which of the eUICCs seen so far would be refused for their CI keys, with all identities or without some. */
export function DeviceCheck(): ReactElement {
  const identities = useDesk(keys.identities, {});
  const names = identities.data?.rows.map((row) => row.name) ?? [];
  const [without, setWithout] = useState<readonly string[]>([]);
  const kept = names.filter((name) => !without.includes(name));
  const mismatch = useDesk(keys.mismatch, without.length === 0 ? {} : { identities: kept }, { keepPrevious: true });
  if (mismatch.isError && mismatch.data === undefined) return <Problem error={mismatch.error} what="The device check" retry={() => void mismatch.refetch()} />;
  if (mismatch.data === undefined) return <LoadingRows rows={6} />;
  const { known, served, revoked, groups } = mismatch.data;
  if (known === 0) {
    return (
      <Panel>
        <Empty icon={MemoryOutlined} title="No eUICC has been seen yet">
          Every eUICC that opens a session tells which CI keys it trusts. Once some have, this says which of them would be refused, and what changes when an identity goes.
        </Empty>
      </Panel>
    );
  }
  return (
    <>
      <Panel title="eUICCs seen so far" aside={names.length > 1 ? <Toggle names={names} kept={kept} onChange={(next) => setWithout(names.filter((name) => !next.includes(name)))} /> : undefined}>
        <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(4, minmax(0, 1fr))', gap: 2 }}>
          <Figure name="Seen" value={count(known)} />
          <Figure name="Can be served" value={count(served)} note={share(served, known)} />
          <Figure name="Refused for their CI keys" value={count(known - served - revoked)} note={known - served - revoked === 0 ? 'none' : 'see below, by reason'} />
          <Figure name="Revoked" value={count(revoked)} note={revoked === 0 ? 'none' : 'their own certificate, or that of their maker'} />
        </Box>
        {without.length > 0 && <Box sx={{ mt: 1.5 }}><Note tone="info">As if {without.join(', ')} {without.length === 1 ? 'were' : 'were all'} gone. Nothing was changed.</Note></Box>}
      </Panel>
      {groups.length === 0 ? (
        <Note tone="success">{revoked === 0 ? 'Every eUICC seen so far' : 'Every eUICC seen so far whose certificate is not revoked'} shares a CI key with {names.length === 1 ? 'the identity' : 'an identity'} here.</Note>
      ) : (
        groups.map((group) => <Refused key={`${group.code}${group.verification.join()}${group.signing.join()}`} group={group} />)
      )}
    </>
  );
}

function Toggle({ names, kept, onChange }: { readonly names: readonly string[]; readonly kept: readonly string[]; readonly onChange: (kept: string[]) => void }): ReactElement {
  return (
    <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, flexWrap: 'wrap' }}>
      <Muted>Try it with</Muted>
      <ToggleButtonGroup size="small" value={[...kept]} aria-label="Identities to check with" onChange={(_, next: string[]) => next.length > 0 && onChange(next)}>
        {names.map((name) => (
          <ToggleButton key={name} value={name} sx={{ px: '10px', py: '2px' }}>
            {name}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
    </Box>
  );
}

function Refused({ group }: { readonly group: Group }): ReactElement {
  return (
    <Panel title={`${plural(group.count, 'eUICC')} would be refused`} aside={<Code>{group.code}</Code>}>
      <Box sx={{ mb: 1 }}>
        {group.why} <Muted>{explainCode(group.code).action}</Muted>
      </Box>
      <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(3, minmax(0, 1fr))', gap: 2, '@media (max-width: 1000px)': { gridTemplateColumns: '1fr' } }}>
        <KeyIds name="Trusts for the SM-DP+ (verification)" ids={group.verification} />
        <KeyIds name="Signs with (signing)" ids={group.signing} />
        <Box>
          <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem' })}>For example{group.count > group.examples.length ? `, ${count(group.examples.length)} of ${count(group.count)}` : ''}</Box>
          <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
            {group.examples.map((eid) => (
              <li key={eid}>
                <Identifier value={eid} what="EID" copy />
              </li>
            ))}
          </Box>
        </Box>
      </Box>
    </Panel>
  );
}

function KeyIds({ name, ids }: { readonly name: string; readonly ids: readonly string[] }): ReactElement {
  return (
    <Box>
      <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem' })}>{name}</Box>
      <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {ids.map((id) => (
          <li key={id}>
            <span className="mono">{id.slice(0, 16)}…</span>
            <CopyButton value={id} what="CI key identifier" />
          </li>
        ))}
      </Box>
    </Box>
  );
}
