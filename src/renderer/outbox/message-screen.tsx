import { useMemo, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import { useParams } from 'react-router';
import type { OutputOf } from '../../shared/contract/define.ts';
import { outbox } from '../../shared/contract/outbox.ts';
import { CommandButton, useScreenCommands } from '../app/command-context.tsx';
import type { CommandSpec } from '../app/commands.ts';
import { problemOf } from '../app/client.ts';
import { useDialogs } from '../app/dialogs.tsx';
import { useDesk } from '../app/queries.ts';
import { BackLink, useEscapeTo } from '../design/back.tsx';
import { count } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { Page, PageHeader, Pairs, Panel } from '../design/panel.tsx';
import { Empty, LoadingRows, Note, Problem } from '../design/states.tsx';
import { Badge } from '../design/status.tsx';
import { Absent, CopyButton, Moment } from '../design/text.tsx';
import { canDiscard, canReplay, kindWord, messageLook, readable, sendWord, sentence } from './message-words.ts';
import { NextAttempt } from './outbox-screen.tsx';

type Message = OutputOf<typeof outbox.show>;

export function MessageScreen(): ReactElement {
  const { id = '' } = useParams();
  const number = /^\d{1,15}$/.test(id) ? Number(id) : -1;
  const message = useDesk(outbox.show, { id: number }, { refetchInterval: 15_000 });
  useEscapeTo('/outbox');
  if (message.isError && message.data === undefined) {
    const { code, message: text } = problemOf(message.error);
    if (code === 'NOT_FOUND') return <Empty title="No such message" actions={<BackLink to="/outbox">Outgoing messages</BackLink>}>{text}</Empty>;
    return <Problem error={message.error} what="The message" retry={() => void message.refetch()} />;
  }
  if (message.data === undefined) return <LoadingRows rows={10} />;
  return <MessageView message={message.data} />;
}

function MessageView({ message }: { readonly message: Message }): ReactElement {
  const { open } = useDialogs();
  const commands = useMemo(
    (): readonly CommandSpec[] => [
      { id: 'message.replay', title: message.state === 'waiting' ? 'Try this message now' : 'Send this message again', group: 'Here', permission: 'outbox.manage', keywords: ['replay', 'retry'], blocked: () => (canReplay(message) ? undefined : `Only a dead or waiting message is sent; this one is ${messageLook[message.state].word.toLowerCase()}`), run: () => open({ kind: 'outbox.replay', messages: [message] }) },
      { id: 'message.discard', title: 'Discard this message', group: 'Here', permission: 'outbox.manage', blocked: () => (canDiscard(message) ? undefined : `It is ${messageLook[message.state].word.toLowerCase()} already`), run: () => open({ kind: 'outbox.discard', messages: [message] }) },
    ],
    [message, open],
  );
  useScreenCommands(commands);
  const body = readable(message.body);
  return (
    <Page>
      <Box sx={{ display: 'flex', flexDirection: 'column', gap: '2px' }}>
        <BackLink to="/outbox">Outgoing messages</BackLink>
        <PageHeader
          title={
            <Box component="span" sx={{ display: 'inline-flex', alignItems: 'center', gap: 1.5 }}>
              {message.summary}
              <Badge look={messageLook[message.state]} />
            </Box>
          }
        >
          <CommandButton id="message.discard" label="Discard" />
          <CommandButton id="message.replay" label={sendWord([message])} primary={message.state === 'dead'} />
        </PageHeader>
      </Box>
      {message.state === 'dead' && <Note tone="danger">Given up after {count(message.attempts)} attempts. {message.lastError !== undefined && sentence(message.lastError)} Put right what stands against it, then send it again.</Note>}
      <Box sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) 360px', gap: 2, alignItems: 'start', '@media (max-width: 960px)': { gridTemplateColumns: '1fr' } }}>
        <Panel title="As it is sent" aside={<CopyButton value={body} what="message" />}>
          <Box component="div" className="mono" sx={{ mb: 1, overflowWrap: 'anywhere' }}>
            {message.target}
          </Box>
          <Box component="pre" tabIndex={0} aria-label="Body of the message" className="mono" sx={(theme) => ({ m: 0, p: '10px 12px', background: theme.desk.canvas, border: `1px solid ${theme.desk.line}`, borderRadius: '6px', overflow: 'auto', maxHeight: '60vh', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', lineHeight: 1.5 })}>
            {body}
          </Box>
          <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem', mt: 1 })}>The device (EID) is masked here; the receiver gets it whole.</Box>
        </Panel>
        <Panel title="Message">
          <Pairs
            nameWidth={104}
            rows={[
              ['Number', <span key="n" className="mono">{message.id}</span>],
              ['Kind', kindWord(message.kind)],
              ['For', message.brand === undefined ? <Absent key="b">SM-DS</Absent> : <TextLink key="b" to={`/brands/${encodeURIComponent(message.brand)}`}>{message.brand}</TextLink>],
              ['Order', message.orderId === undefined ? <Absent key="o" /> : <TextLink key="o" to={`/activations/${encodeURIComponent(message.orderId)}`}><span className="mono">{message.orderId}</span></TextLink>],
              ['Made', <Moment key="m" at={message.createdAt} show="both" />],
              ['Attempts', count(message.attempts)],
              ['Next attempt', message.state === 'waiting' && message.nextAt !== undefined ? <NextAttempt key="x" at={message.nextAt} /> : <Absent key="x" />],
              ['Ended', <Moment key="d" at={message.doneAt} show="both" />],
              ['Last failure', message.lastError === undefined ? <Absent key="e">none</Absent> : message.lastError],
            ]}
          />
        </Panel>
      </Box>
    </Page>
  );
}
