/** What a batch would take: first and last numbers, where from, how long, and every check. */
import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import CheckCircleOutlined from '@mui/icons-material/CheckCircleOutlined';
import ErrorOutlined from '@mui/icons-material/ErrorOutlineOutlined';
import PreviewOutlined from '@mui/icons-material/PreviewOutlined';
import WarningAmber from '@mui/icons-material/WarningAmber';
import type { NumberSetView, PlanPart, PreparationCheck, PreparationPreview } from '../../shared/contract/preparation.ts';
import { count, plural } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { Figure, Pairs, Panel } from '../design/panel.tsx';
import { Empty, LoadingRows, ProblemNote } from '../design/states.tsx';
import { Absent, Identifier, Muted } from '../design/text.tsx';
import { checkOrder, estimateText, sourcesText } from './batch-words.ts';

export function PreviewPanels({ preview, stale, incomplete, error, onCount }: { readonly preview: PreparationPreview | undefined; readonly stale: boolean; /** What the form lacks. */ readonly incomplete: string | undefined; readonly error: unknown; readonly onCount: (count: number) => void }): ReactElement {
  if (incomplete !== undefined) return <Panel><Empty icon={PreviewOutlined} title="A preview appears here">{incomplete}</Empty></Panel>;
  if (error !== undefined) return <Panel title="Preview"><ProblemNote error={error} /></Panel>;
  if (preview === undefined) return <Panel><LoadingRows rows={8} /></Panel>;
  const taken = preview.fromStock + preview.fromRanges;
  return (
    <Box aria-busy={false} sx={{ display: 'flex', flexDirection: 'column', gap: 2, opacity: stale ? 0.72 : 1 }}>
      <Panel title="Preview" aside={stale ? <Muted>Calculating…</Muted> : <Muted>Nothing is reserved yet</Muted>}>
        <Box sx={{ display: 'grid', gridTemplateColumns: '170px minmax(0, 1fr)', gap: 3, mb: 1.5, alignItems: 'start', '@media (max-width: 1100px)': { gridTemplateColumns: 'minmax(0, 1fr)', gap: 1.5 } }}>
          <Figure name="Would be prepared" value={count(taken)} note={taken < preview.count ? `of ${count(preview.count)} wanted` : sourcesText(preview)} />
          <Pairs
            nameWidth={92}
            rows={[
              ['Reference', <span key="r">{preview.reference}</span>],
              ['Template', `${preview.template}, version ${preview.templateVersion}`],
              ['Keys', keysText(preview)],
              ['Takes', estimateText(preview.estimate)],
            ]}
          />
        </Box>
        {taken > 0 && taken < preview.count && (
          <Box sx={{ mb: 1.5 }}>
            <Button variant="outlined" onClick={() => onCount(taken)}>Prepare {count(taken)} instead</Button>
          </Box>
        )}
        <FirstLast first={preview.first} last={preview.last} />
        {preview.parts.length > 1 && <Parts parts={preview.parts} />}
      </Panel>
      <Checks checks={preview.checks} />
    </Box>
  );
}

function keysText({ keysGiven, keysMade }: PreparationPreview): string {
  if (keysMade === 0) return keysGiven === 0 ? 'none' : `K of all ${count(keysGiven)} came with the stock`;
  return keysGiven === 0 ? `K of all ${count(keysMade)} is made here, at random` : `K of ${count(keysGiven)} came with the stock, of ${count(keysMade)} is made here`;
}

export function FirstLast({ first, last }: { readonly first: NumberSetView | undefined; readonly last: NumberSetView | undefined }): ReactElement | null {
  if (first === undefined || last === undefined) return <Muted>There is nothing to take.</Muted>;
  const msisdn = first.msisdn !== undefined || last.msisdn !== undefined;
  return (
    <Box sx={{ overflowX: 'auto' }} tabIndex={0} role="group" aria-label="First and last numbers">
      <Table size="small" sx={{ '& td, & th': { px: '8px' }, '& th:first-of-type': { pl: 0 } }}>
        <TableHead>
          <TableRow>
            <TableCell />
            <TableCell>ICCID</TableCell>
            <TableCell>IMSI</TableCell>
            {msisdn && <TableCell>MSISDN</TableCell>}
          </TableRow>
        </TableHead>
        <TableBody>
          {([['First', first], ['Last', last]] as const).map(([name, set]) => (
            <TableRow key={name}>
              <TableCell component="th" scope="row">{name}</TableCell>
              <TableCell sx={{ whiteSpace: 'nowrap' }}><Identifier value={set.iccid} what="ICCID" copy /></TableCell>
              <TableCell sx={{ whiteSpace: 'nowrap' }}><Identifier value={set.imsi} what="IMSI" /></TableCell>
              {msisdn && <TableCell sx={{ whiteSpace: 'nowrap' }}>{set.msisdn === undefined ? <Absent /> : <Identifier value={set.msisdn} what="MSISDN" />}</TableCell>}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Box>
  );
}

export function Parts({ parts }: { readonly parts: readonly PlanPart[] }): ReactElement {
  return (
    <Box sx={{ mt: 1.5 }}>
      <Box sx={{ fontWeight: 500 }}>Taken in this order</Box>
      <Box component="ol" sx={{ m: '4px 0 0', pl: '20px', display: 'flex', flexDirection: 'column', gap: '4px' }}>
        {parts.slice(0, 8).map((part) => (
          <li key={`${part.title}${part.first.iccid}`}>
            {plural(part.count, 'profile')}: {part.title} <Box className="mono" sx={(theme) => ({ color: theme.desk.muted })}>{part.first.iccid} – {part.last.iccid}</Box>
          </li>
        ))}
        {parts.length > 8 && <li><Muted>and {count(parts.length - 8)} more</Muted></li>}
      </Box>
    </Box>
  );
}

const looks = { ok: { icon: CheckCircleOutlined, tone: 'success', word: 'In order' }, warning: { icon: WarningAmber, tone: 'warning', word: 'Warning' }, blocker: { icon: ErrorOutlined, tone: 'danger', word: 'In the way' } } as const;

export function Checks({ checks }: { readonly checks: readonly PreparationCheck[] }): ReactElement {
  const blockers = checks.filter((check) => check.state === 'blocker').length;
  const warnings = checks.filter((check) => check.state === 'warning').length;
  return (
    <Panel title={blockers > 0 ? `Checks: ${plural(blockers, 'thing')} in the way` : warnings > 0 ? `Checks: ${plural(warnings, 'warning')}` : 'Checks: all in order'}>
      <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0, display: 'flex', flexDirection: 'column', gap: '7px' }}>
        {checkOrder(checks).map((check) => {
          const { icon: Icon, tone, word } = looks[check.state];
          return (
            <Box component="li" key={check.id} sx={(theme) => ({ display: 'flex', gap: 1.25, ...(check.state === 'ok' ? {} : { p: '7px 10px', borderRadius: '6px', background: check.state === 'blocker' ? theme.desk.dangerSoft : theme.desk.warningSoft }) })}>
              <Icon role="img" aria-label={word} sx={(theme) => ({ color: theme.desk[tone], mt: '1px' })} />
              <Box sx={{ minWidth: 0 }}>
                <Box component="span" sx={{ fontWeight: 500 }}>{check.title}.</Box> {check.sentence} {check.hint}
                {check.link !== undefined && check.state !== 'ok' && <> <TextLink to={check.link}>{linkWord(check.link)}</TextLink></>}
              </Box>
            </Box>
          );
        })}
      </Box>
    </Panel>
  );
}

const linkWord = (link: string): string => ({ '/numbers': 'Go to Numbers', '/imports': 'Go to Imports', '/settings': 'Go to Settings', '/keys': 'Go to Keys & certificates', '/templates': 'Go to Templates' })[link] ?? (link.startsWith('/templates/') ? 'Read them' : 'Go there');
