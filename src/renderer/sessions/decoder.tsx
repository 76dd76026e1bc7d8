/** Says what a phone, an LPA or a log shows. Nothing of what is pasted is kept. */
import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import ManageSearch from '@mui/icons-material/ManageSearch';
import { contract } from '../../shared/contract/index.ts';
import type { OutputOf } from '../../shared/contract/define.ts';
import type { Finding } from '../../shared/contract/sessions.ts';
import { useDesk, useSettled } from '../app/queries.ts';
import { count } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { Pairs, Panel } from '../design/panel.tsx';
import { Empty, Note, Problem } from '../design/states.tsx';
import { Code, CopyButton, Muted } from '../design/text.tsx';
import { Tree } from './tree.tsx';

const limit = 65_536;
const owners: Readonly<Record<string, string>> = { operator: 'operator', user: 'user', device: 'device or chip maker', platform: 'this SM-DP+', 'sm-ds': 'SM-DS' };
const retries: Readonly<Record<string, string>> = { yes: 'yes', no: 'no', once: 'once', limited: 'until the limit', 'after-fix': 'after it was fixed', 'new-try': 'with a new try of the user' };

const examples: readonly (readonly [name: string, text: string])[] = [
  ['Status code', '8.2.6/3.8'],
  ['Android', '0x0A8B1051'],
  ['lpac log', '{"type":"lpa","payload":{"code":-1,"message":"es9p_authenticate_client","data":"subject-code: 8.1.1, reason-code: 3.8"}}'],
  ['EUICCInfo1', 'BF20358203020200A9160414F54172BDF98A95D65CBEB88A38A1C11D800A85C3AA160414F54172BDF98A95D65CBEB88A38A1C11D800A85C3'],
];

export function Decoder(): ReactElement {
  const [text, setText] = useState('');
  const settled = useSettled(text, 250).trim();
  const tooLong = text.length > limit;
  const decoded = useDesk(contract.sessions.decode, { text: settled }, { enabled: settled !== '' && settled.length <= limit, keepPrevious: true });
  return (
    <Box sx={{ flex: 1, minHeight: 0, display: 'grid', gridTemplateColumns: 'minmax(300px, 2fr) minmax(0, 3fr)', gap: 2, '@media (max-width: 900px)': { gridTemplateColumns: 'minmax(0, 1fr)', overflow: 'auto' } }}>
      <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1, minHeight: 0 }}>
        <TextField
          label="What the phone shows"
          value={text}
          onChange={(event) => setText(event.target.value)}
          multiline
          autoFocus
          minRows={8}
          maxRows={22}
          placeholder="Paste a code, a log, JSON, DER in hexadecimal or base64, an activation code…"
          error={tooLong}
          helperText={tooLong ? 'At most 65,536 characters are read; cut it to the part around the failure.' : 'Nothing of it is kept.'}
          slotProps={{ htmlInput: { spellCheck: false, autoComplete: 'off', className: 'mono' } }}
        />
        <Box sx={{ display: 'flex', alignItems: 'center', minHeight: 26 }}>
          <Box sx={{ flex: 1 }}><Muted>{text === '' ? '' : `${count(text.length)} ${text.length === 1 ? 'character' : 'characters'}`}</Muted></Box>
          <Button disabled={text === ''} onClick={() => setText('')} sx={{ minHeight: 26, py: 0, fontSize: '0.75rem' }}>Clear</Button>
        </Box>
        <Box sx={{ display: 'flex', gap: '6px', flexWrap: 'wrap', alignItems: 'center' }}>
          <Muted>Try</Muted>
          {examples.map(([name, example]) => <Button key={name} variant="outlined" onClick={() => setText(example)} sx={{ minHeight: 26, py: 0, fontSize: '0.75rem' }}>{name}</Button>)}
        </Box>
      </Box>
      <Box role="region" aria-label="What it says" aria-live="polite" tabIndex={0} sx={{ overflow: 'auto', minHeight: 0, display: 'flex', flexDirection: 'column', gap: 1.5, pb: 1 }}>
        {tooLong ? (
          <Note tone="warning">The text is longer than 65,536 characters, so nothing of it was read.</Note>
        ) : settled === '' ? (
          <Panel><Empty icon={ManageSearch} title="Paste what somebody sent you">Status codes in any spelling, replies and logs, Android's detailed codes, install results, messages of chip and SM-DP+, activation codes, EIDs. What it speaks of in this workspace is linked.</Empty></Panel>
        ) : decoded.isError ? (
          <Problem error={decoded.error} what="The text" />
        ) : decoded.data === undefined ? (
          <Muted>Reading…</Muted>
        ) : (
          <Found decoded={decoded.data} />
        )}
      </Box>
    </Box>
  );
}

function Found({ decoded: { findings, tried, links } }: { readonly decoded: OutputOf<typeof contract.sessions.decode> }): ReactElement {
  return (
    <>
      {links.length > 0 && (
        <Panel title="In this workspace">
          <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none', display: 'flex', flexDirection: 'column', gap: '4px' }}>
            {links.map((link) => (
              <li key={`${link.kind}${link.id}`}>
                <TextLink to={link.kind === 'session' ? `/sessions/${link.id}` : link.kind === 'order' ? `/activations/${encodeURIComponent(link.id)}` : `/inventory/${link.id}`}>
                  {link.text}
                </TextLink>{' '}
                <span className="mono">{link.id}</span>
              </li>
            ))}
          </Box>
        </Panel>
      )}
      {findings.map((one, at) => <FindingPanel key={`${one.title}${at}`} found={one} />)}
      {findings.length === 0 && (
        <Note tone="info">
          Nothing in this text is known. Looked for:
          <Box component="ul" sx={{ m: '4px 0 0', pl: '18px' }}>{tried.map((one) => <li key={one}>{one}</li>)}</Box>
        </Note>
      )}
    </>
  );
}

function FindingPanel({ found }: { readonly found: Finding }): ReactElement {
  const inTitle = found.code !== undefined && found.title.includes(found.code);
  return (
    <Panel title={found.title} aside={found.code === undefined || inTitle ? undefined : <span><Code>{found.code}</Code><CopyButton value={found.code} what="code" /></span>}>
      <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1 }}>
        {found.cause !== undefined && <Box sx={{ fontWeight: 500 }}>{found.cause}.</Box>}
        <Pairs
          nameWidth={130}
          rows={[
            ...(found.action === undefined ? [] : [['What to do', `${found.action}.`] as const]),
            ...(found.owners === undefined || found.owners.length === 0 ? [] : [['Who', found.owners.map((owner) => owners[owner] ?? owner).join(' or ')] as const]),
            ...(found.retry === undefined ? [] : [['Try again', retries[found.retry] ?? found.retry] as const]),
            ...(found.facts ?? []).map((fact) => [fact.name, fact.value] as const),
          ]}
        />
        {found.tree !== undefined && <Tree rows={found.tree} label={found.title} height={380} />}
        {found.cut === true && <Muted>More lines were left out.</Muted>}
      </Box>
    </Panel>
  );
}
