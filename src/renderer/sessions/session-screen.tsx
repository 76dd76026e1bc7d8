import { useCallback, useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import FileDownloadOutlined from '@mui/icons-material/FileDownloadOutlined';
import { useParams } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import type { OutputOf } from '../../shared/contract/define.ts';
import { problemOf } from '../app/client.ts';
import { useDesk, useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { BackLink, useEscapeTo } from '../design/back.tsx';
import { saveText } from '../design/download.ts';
import { span } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { Page, PageHeader, Pairs, Panel } from '../design/panel.tsx';
import { Empty, LoadingRows, Problem } from '../design/states.tsx';
import { Badge, phaseLook, Status } from '../design/status.tsx';
import { Absent, Identifier, Key, Moment, Muted } from '../design/text.tsx';
import { MaskedEid } from './eid.tsx';
import { EuiccPanel } from './euicc-panel.tsx';
import { SessionNotifications } from './notifications.tsx';
import { isUnfinished } from './phase.ts';
import { PhaseCell } from './phase-bar.tsx';
import { Sequence } from './sequence.tsx';
import { StepDetail } from './step-detail.tsx';

type Session = OutputOf<typeof contract.sessions.show>;

export function SessionScreen(): ReactElement {
  const { transactionId = '' } = useParams();
  const [live, setLive] = useState(true);
  const session = useDesk(contract.sessions.show, { transactionId }, { refetchInterval: live ? 2_000 : false });
  useEscapeTo('/sessions');
  if (session.isError && session.data === undefined) {
    const { code, message } = problemOf(session.error);
    if (code === 'NOT_FOUND' || code === 'SESSION_UNKNOWN') return <Empty title="No such session" actions={<BackLink to="/sessions">Live sessions</BackLink>}>{message}</Empty>;
    return <Problem error={session.error} what="The session" retry={() => void session.refetch()} />;
  }
  if (session.data === undefined) return <LoadingRows rows={10} />;
  const moving = isUnfinished(session.data.phase);
  if (moving !== live) setLive(moving);
  return <SessionView key={session.data.transactionId} session={session.data} />;
}

const narrow = '(max-width: 1180px)';
/** Where there is room for one column only, both become one and the step stands right below the sequence. */
const column = { display: 'flex', flexDirection: 'column', gap: 2, minWidth: 0, [`@media ${narrow}`]: { display: 'contents' } } as const;

function SessionView({ session }: { readonly session: Session }): ReactElement {
  const steps = session.stepList;
  const failing = steps.findIndex((s) => s.code !== undefined);
  const [chosen, setChosen] = useState<number | undefined>();
  const [revealed, setRevealed] = useState(false);
  const at = Math.max(0, Math.min(chosen ?? (failing >= 0 ? failing : steps.length - 1), steps.length - 1));
  const choose = useCallback((next: number) => setChosen(next), []);
  return (
    <Page>
      <Box sx={{ display: 'flex', flexDirection: 'column', gap: '2px' }}>
        <BackLink to="/sessions">Live sessions</BackLink>
        <PageHeader
          title={
            <Box component="span" sx={{ display: 'inline-flex', alignItems: 'center', gap: 1.5, flexWrap: 'wrap' }}>
              <span>
                Session <span className="mono" style={{ fontSize: '1rem', fontWeight: 500 }}>{session.transactionId}</span>
              </span>
              <Badge look={phaseLook[session.phase]} />
            </Box>
          }
        >
          <ExportButton transactionId={session.transactionId} />
        </PageHeader>
      </Box>
      <Box sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1.05fr) minmax(0, 1fr)', gap: 2, alignItems: 'start', [`@media ${narrow}`]: { gridTemplateColumns: 'minmax(0, 1fr)' } }}>
        <Box sx={column}>
          <Panel title="Steps" aside={<Muted><Key>J</Key> <Key>K</Key> step through</Muted>} flush>
            <Sequence steps={steps} start={session.startedAt} at={at} onChoose={choose} />
          </Panel>
          <Box sx={{ [`@media ${narrow}`]: { order: 1 } }}><Facts session={session} revealed={revealed} onReveal={setRevealed} /></Box>
        </Box>
        <Box sx={column}>
          <StepDetail steps={steps} at={at} onChoose={choose} revealed={revealed} />
          <Panel title="Notifications of this session">
            <SessionNotifications transactionId={session.transactionId} />
          </Panel>
          {session.eid !== undefined && <EuiccPanel eid={session.eid} />}
          {session.others.length > 0 && <Others sessions={session.others} />}
        </Box>
      </Box>
    </Page>
  );
}

function ExportButton({ transactionId }: { readonly transactionId: string }): ReactElement {
  const toasts = useToasts();
  const exporting = useDeskCommand(contract.sessions.export);
  const run = (): void =>
    exporting.mutate({ transactionId }, {
      onSuccess: ({ fileName, fixture }) => {
        saveText(fileName, `${JSON.stringify(fixture, undefined, 2)}\n`, 'application/json');
        toasts.done(`${fileName}: ${fixture.replaced.length === 0 ? 'nothing had to be replaced' : `replaced ${fixture.replaced.map((one) => one.kind).join(', ')}`}`);
      },
      onError: (error) => toasts.failed(error, 'Export'),
    });
  return (
    <Button variant="outlined" startIcon={<FileDownloadOutlined />} disabled={exporting.isPending} onClick={run}>
      Export as test fixture
    </Button>
  );
}

function Facts({ session, revealed, onReveal }: { readonly session: Session; readonly revealed: boolean; readonly onReveal: (revealed: boolean) => void }): ReactElement {
  return (
    <Panel title="Session">
      <Box sx={{ mb: 1 }}>
        <PhaseCell phase={session.phase} steps={session.steps} cancelledAfter={session.cancelledAfter} />
      </Box>
      <Pairs
        nameWidth={92}
        rows={[
          ['Started', <Moment key="s" at={session.startedAt} />],
          ['Took', span(session.updatedAt - session.startedAt)],
          ['Ends', <Moment key="x" at={session.expiresAt} show="minutes" />],
          ['ICCID', session.iccid === undefined ? <Absent key="i">{isUnfinished(session.phase) ? 'not chosen yet' : 'none was chosen'}</Absent> : <TextLink key="i" to={`/inventory/${session.iccid}`}><span className="mono">{session.iccid}</span></TextLink>],
          ['Order', session.orderId === undefined ? <Absent key="o" /> : <TextLink key="o" to={`/activations/${encodeURIComponent(session.orderId)}`}><span className="mono">{session.orderId}</span></TextLink>],
          ['EID', session.eid === undefined ? session.claimedEid !== undefined ? <span key="e"><MaskedEid eid={session.claimedEid} revealed={revealed} onReveal={onReveal} /> <Muted>claimed, not proven</Muted></span> : <Absent key="e">{isUnfinished(session.phase) ? 'not told yet' : 'not proven'}</Absent> : <MaskedEid key="e" eid={session.eid} revealed={revealed} onReveal={onReveal} />],
          ['TAC', session.tac === undefined ? <Absent key="t" /> : <Identifier key="t" value={session.tac} what="TAC" />],
          ['SVN', session.svn ?? <Absent key="v" />],
          ['Identity', <span key="id">{session.identity} <Muted>· {session.curve} · root {session.ciKeyId.slice(0, 8)}…</Muted></span>],
          ['Binding', session.binding === 'asn1' ? 'ASN.1' : 'JSON'],
          ['Asked for', <Identifier key="a" value={session.smdpAddress} what="address" />],
          ['From', session.remote === undefined ? <Absent key="r" /> : <Identifier key="r" value={session.remote} what="address" />],
        ]}
      />
    </Panel>
  );
}

function Others({ sessions }: { readonly sessions: Session['others'] }): ReactElement {
  return (
    <Panel title="Other sessions of this eUICC">
      <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0, display: 'flex', flexDirection: 'column', gap: '4px' }}>
        {sessions.map((other) => (
          <Box component="li" key={other.transactionId} sx={{ display: 'grid', gridTemplateColumns: 'minmax(150px, auto) 1fr auto', gap: 1.5, alignItems: 'baseline', minHeight: 24 }}>
            <TextLink to={`/sessions/${other.transactionId}`}><Moment at={other.startedAt} /></TextLink>
            <Status look={phaseLook[other.phase]} />
            <span className="mono">{other.code ?? ''}</span>
          </Box>
        ))}
      </Box>
    </Panel>
  );
}
