import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import { useParams } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import type { OutputOf } from '../../shared/contract/define.ts';
import { problemOf } from '../app/client.ts';
import { useDesk } from '../app/queries.ts';
import { BackLink, useEscapeTo } from '../design/back.tsx';
import { explainCode } from '../design/explain.ts';
import { bytes, span } from '../design/formats.ts';
import { nextIndex } from '../design/grid-keys.ts';
import { TextLink } from '../design/link.tsx';
import { Page, PageHeader, Pairs, Panel } from '../design/panel.tsx';
import { Empty, LoadingRows, Problem } from '../design/states.tsx';
import { Badge, phaseLook, Status, toneIcon } from '../design/status.tsx';
import { Absent, Code, Identifier, Moment, Muted } from '../design/text.tsx';
import { PhaseCell } from './phase-bar.tsx';

type Session = OutputOf<typeof contract.sessions.show>;
type Step = Session['stepList'][number];

const unfinished: readonly string[] = ['initiated', 'authenticated', 'bound'];

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
  const moving = unfinished.includes(session.data.phase);
  if (moving !== live) setLive(moving);
  return <SessionView session={session.data} />;
}

function SessionView({ session }: { readonly session: Session }): ReactElement {
  const failing = session.stepList.findIndex((s) => s.code !== undefined);
  const [chosen, setChosen] = useState<number | undefined>();
  const at = chosen ?? (failing >= 0 ? failing : session.stepList.length - 1);
  const step = session.stepList[at];
  const start = session.startedAt;
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
        />
      </Box>
      <Box sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) 340px', gap: 2, alignItems: 'start', '@media (max-width: 960px)': { gridTemplateColumns: '1fr' } }}>
        <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2, minWidth: 0 }}>
          <Panel title="Steps" aside={<Muted>up and down step through</Muted>} flush>
            <Box
              role="listbox"
              aria-label="Steps of the session"
              tabIndex={0}
              {...(step === undefined ? {} : { 'aria-activedescendant': `step-${at}` })}
              onKeyDown={(event) => {
                const next = nextIndex(event.key, at, session.stepList.length, 5);
                if (next === undefined) return;
                event.preventDefault();
                setChosen(next);
              }}
              sx={{ '&:focus-visible': { outlineOffset: -2 } }}
            >
              {session.stepList.length === 0 && <Box role="option" aria-selected={false} sx={{ p: '8px 16px' }}>No step is on record.</Box>}
              {session.stepList.map((each, index) => (
                <StepLine key={`${each.at}${each.function}${index}`} id={`step-${index}`} step={each} since={each.at - start} chosen={index === at} onChoose={() => setChosen(index)} />
              ))}
            </Box>
          </Panel>
          {step !== undefined && <StepDetail step={step} number={at + 1} of={session.stepList.length} />}
          <Sizes steps={session.stepList} />
        </Box>
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
              ['ICCID', session.iccid === undefined ? <Absent key="i">not chosen yet</Absent> : <TextLink key="i" to={`/inventory/${session.iccid}`}><span className="mono">{session.iccid}</span></TextLink>],
              ['Order', session.orderId === undefined ? <Absent key="o" /> : <TextLink key="o" to={`/activations/${encodeURIComponent(session.orderId)}`}><span className="mono">{session.orderId}</span></TextLink>],
              ['EID', session.eid === undefined ? <Absent key="e">not told yet</Absent> : <Identifier key="e" value={session.eid} what="EID" group={8} copy />],
              ['TAC', session.tac === undefined ? <Absent key="t" /> : <Identifier key="t" value={session.tac} what="TAC" />],
              ['SVN', session.svn ?? <Absent key="v" />],
              ['Identity', session.identity],
              ['From', session.remote === undefined ? <Absent key="r" /> : <Identifier key="r" value={session.remote} what="address" />],
            ]}
          />
        </Panel>
      </Box>
    </Page>
  );
}

function StepLine({ id, step, since, chosen, onChoose }: { readonly id: string; readonly step: Step; readonly since: number; readonly chosen: boolean; readonly onChoose: () => void }): ReactElement {
  const failed = step.code !== undefined || step.status === 'Failed';
  const Icon = toneIcon(failed ? 'danger' : 'success');
  return (
    <Box
      id={id}
      role="option"
      aria-selected={chosen}
      onClick={onChoose}
      sx={(theme) => ({ display: 'grid', gridTemplateColumns: '20px minmax(0, 1fr) 90px 76px 96px', gap: '12px', alignItems: 'center', minHeight: 36, px: 2, cursor: 'pointer', background: chosen ? theme.desk.selected : 'transparent', '&:hover': { background: chosen ? theme.desk.selected : theme.desk.hover } })}
    >
      <Icon titleAccess={failed ? 'Failed' : 'Done'} sx={(theme) => ({ color: theme.desk[failed ? 'danger' : 'success'] })} />
      <Box component="span" sx={{ fontWeight: 500, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>
        {step.function} {step.code !== undefined && <Code>{step.code}</Code>}
      </Box>
      <Box component="span" sx={{ textAlign: 'right' }}>
        <Muted>+{span(since)}</Muted>
      </Box>
      <Box component="span" sx={{ textAlign: 'right' }}>
        {span(step.milliseconds)}
      </Box>
      <Box component="span" sx={{ textAlign: 'right' }}>
        <Muted>{bytes(step.responseBytes)}</Muted>
      </Box>
    </Box>
  );
}

function StepDetail({ step, number, of }: { readonly step: Step; readonly number: number; readonly of: number }): ReactElement {
  const explained = step.code === undefined ? undefined : explainCode(step.code);
  const failed = step.code !== undefined || step.status === 'Failed';
  return (
    <Panel title={`Step ${number} of ${of}: ${step.function}`}>
      <Pairs
        nameWidth={110}
        rows={[
          ['Result', <Status key="s" look={{ tone: failed ? 'danger' : 'success', icon: toneIcon(failed ? 'danger' : 'success'), word: step.status }} />],
          ['At', <Moment key="a" at={step.at} />],
          ['Time on server', span(step.milliseconds)],
          ['Request', bytes(step.requestBytes)],
          ['Response', bytes(step.responseBytes)],
          ...(step.code === undefined
            ? []
            : ([
                ['Code', <Code key="c">{step.code}</Code>],
                ['Cause', step.cause ?? explained?.cause ?? ''],
                ['What to do', step.action ?? explained?.action ?? ''],
                ...(explained === undefined || explained.owners.length === 0 ? [] : ([['Who', explained.owners.join(' or ')]] as const)),
              ] as const)),
        ]}
      />
    </Panel>
  );
}

function Sizes({ steps }: { readonly steps: readonly Step[] }): ReactElement | null {
  if (steps.length === 0) return null;
  const sum = (of: (step: Step) => number): number => steps.reduce((total, step) => total + of(step), 0);
  return (
    <Panel title="All steps together" flush>
      <Table size="small">
        <TableHead>
          <TableRow>
            <TableCell>Function</TableCell>
            <TableCell align="right">Time on server</TableCell>
            <TableCell align="right">Request</TableCell>
            <TableCell align="right">Response</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {steps.map((step, at) => (
            <TableRow key={`${step.function}${at}`}>
              <TableCell>{step.function}</TableCell>
              <TableCell align="right">{span(step.milliseconds)}</TableCell>
              <TableCell align="right">{bytes(step.requestBytes)}</TableCell>
              <TableCell align="right">{bytes(step.responseBytes)}</TableCell>
            </TableRow>
          ))}
          <TableRow sx={{ '& td, & th': { fontWeight: 600, borderBottom: 0 } }}>
            <TableCell component="th" scope="row">
              Together
            </TableCell>
            <TableCell align="right">{span(sum((s) => s.milliseconds))}</TableCell>
            <TableCell align="right">{bytes(sum((s) => s.requestBytes))}</TableCell>
            <TableCell align="right">{bytes(sum((s) => s.responseBytes))}</TableCell>
          </TableRow>
        </TableBody>
      </Table>
    </Panel>
  );
}
