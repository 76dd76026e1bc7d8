/** Step 5: what the import would do to the stock. Nothing has been written yet. */
import type { ReactElement, ReactNode } from 'react';
import Box from '@mui/material/Box';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import ArrowForward from '@mui/icons-material/ArrowForward';
import type { ImportEffect } from '../../shared/contract/imports.ts';
import { daysOf } from '../numbers/number-words.ts';
import { useEffectOf } from './use-import.ts';
import { count, plural } from '../design/formats.ts';
import { Figure, Pairs, Panel } from '../design/panel.tsx';
import { LoadingRows, Note, Problem } from '../design/states.tsx';
import { Identifier, Muted } from '../design/text.tsx';
import type { StepProps } from './wizard-screen.tsx';

export function PreviewStep({ view }: StepProps): ReactElement {
  const effect = useEffectOf(view, true);
  if (effect.isError) return <Panel><Problem error={effect.error} what="The preview" retry={() => void effect.refetch()} /></Panel>;
  if (effect.data === undefined) return <Panel><LoadingRows rows={6} /></Panel>;
  const { data } = effect;
  const bad = view.counts?.bad ?? 0;
  return (
    <>
      {bad > 0 && <Note tone="warning">{plural(bad, 'row')} {bad === 1 ? 'is' : 'are'} not repaired and {bad === 1 ? 'stays' : 'stay'} out if you import now. Go back to Validate to repair {bad === 1 ? 'it' : 'them'}; or correct {bad === 1 ? 'it' : 'them'} later in the fix file, which the report offers.</Note>}
      {data.blockers.filter(() => bad === 0).map((sentence) => <Note key={sentence} tone="danger">{sentence}</Note>)}
      <Panel title="What would happen">
        <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(3, minmax(0, 1fr))', gap: 2 }}>
          <Figure name="New profiles" value={count(data.create)} note={`of type ${data.type}`} />
          <Figure name="Passed over" value={count(data.skip)} note={data.skip === 0 ? 'none is in stock already' : 'in stock already'} />
          <Figure name="Left out" value={count(data.leftOut + data.reject)} note={leftOutNote(data)} />
        </Box>
      </Panel>
      <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(2, minmax(0, 1fr))', gap: 2, alignItems: 'start', '@media (max-width: 1100px)': { gridTemplateColumns: 'minmax(0, 1fr)' } }}>
        <Panel title={`Stock of ${data.type}`}>
          <Pairs
            nameWidth={190}
            rows={[
              ['Imported, to be prepared', <Change key="i" before={count(data.stock.before.imported)} after={count(data.stock.after.imported)} />],
              ['Sellable', <Change key="s" before={count(data.stock.before.sellable)} after={count(data.stock.after.sellable)} />],
              ...(data.daysOfCover === undefined ? [] : [['It lasts', <Change key="d" before={daysOf(data.daysOfCover.before)} after={daysOf(data.daysOfCover.after)} />] as const]),
              ['With K of the file', `${count(data.secrets.withKey)} ${data.secrets.withoutKey > 0 ? `(${count(data.secrets.withoutKey)} without: made at preparation)` : ''}`],
            ]}
          />
          {data.daysOfCover !== undefined && <Box sx={{ mt: 1 }}><Muted>Once the new profiles are prepared, at the sales of the last weeks.</Muted></Box>}
        </Panel>
        <Panel title="Whose numbers">
          <Pairs
            nameWidth={190}
            rows={[
              ['Brands', data.brands.length === 0 ? <Muted key="b">none has these numbers</Muted> : <List key="b">{data.brands.map((one) => `${one.brand}: ${count(one.rows)}`)}</List>],
              ['Number ranges', data.ranges.length === 0 ? <Muted key="r">none is touched</Muted> : <List key="r">{data.ranges.map((one) => `${one.range}: ${count(one.rows)}`)}</List>],
            ]}
          />
        </Panel>
      </Box>
      <Numbers effect={data} />
    </>
  );
}

/** Of the rows that stay out: which for a fault, which by choice. */
function leftOutNote({ leftOut, reject }: ImportEffect): string {
  if (leftOut + reject === 0) return 'none';
  if (reject === 0) return 'by your choice';
  return leftOut === 0 ? 'not repaired' : `${count(reject)} not repaired, ${count(leftOut)} by your choice`;
}

function Change({ before, after }: { readonly before: string; readonly after: string }): ReactElement {
  if (before === after) return <>{before} <Muted>as before</Muted></>;
  return (
    <>
      {before} <ArrowForward titleAccess="to" sx={(theme) => ({ fontSize: '0.9rem', verticalAlign: '-2px', color: theme.desk.muted })} /> <strong>{after}</strong>
    </>
  );
}

function List({ children }: { readonly children: readonly ReactNode[] }): ReactElement {
  return <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>{children.map((one, at) => <li key={at}>{one}</li>)}</Box>;
}

function Numbers({ effect }: { readonly effect: ImportEffect }): ReactElement | null {
  if (effect.iccids === undefined) return null;
  return (
    <Panel title="First and last numbers">
      <Box sx={{ overflowX: 'auto' }}>
        <Table size="small" sx={{ width: 'auto' }}>
          <TableHead>
            <TableRow>
              <TableCell />
              <TableCell>First</TableCell>
              <TableCell>Last</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {([['ICCID', effect.iccids], ['IMSI', effect.imsis]] as const).map(([name, ends]) => ends === undefined ? null : (
              <TableRow key={name}>
                <TableCell component="th" scope="row">{name}</TableCell>
                <TableCell><Identifier value={ends.first} what={`first ${name}`} copy /></TableCell>
                <TableCell><Identifier value={ends.last} what={`last ${name}`} copy /></TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </Box>
      {effect.runs.length > 0 && (
        <Box sx={{ mt: 1.5 }}>
          <Box sx={{ fontWeight: 500, mb: '4px' }}>
            {effect.runs.length === 1 && effect.moreRuns === 0 ? 'The ICCIDs are one run without a gap.' : `The ICCIDs are ${plural(effect.runs.length + effect.moreRuns, 'run')} without a gap, the longest first`}
          </Box>
          {(effect.runs.length > 1 || effect.moreRuns > 0) && (
            <>
              <Table size="small" aria-label="Runs of ICCIDs" sx={{ width: 'auto' }}>
                <TableHead>
                  <TableRow>
                    <TableCell>First</TableCell>
                    <TableCell>Last</TableCell>
                    <TableCell align="right">Profiles</TableCell>
                  </TableRow>
                </TableHead>
                <TableBody>
                  {effect.runs.map((run) => (
                    <TableRow key={run.first}>
                      <TableCell className="mono">{run.first}</TableCell>
                      <TableCell className="mono">{run.last}</TableCell>
                      <TableCell align="right">{count(run.count)}</TableCell>
                    </TableRow>
                  ))}
                </TableBody>
              </Table>
              {effect.moreRuns > 0 && <Box sx={{ mt: '4px' }}><Muted>and {plural(effect.moreRuns, 'shorter run')}</Muted></Box>}
            </>
          )}
        </Box>
      )}
    </Panel>
  );
}
