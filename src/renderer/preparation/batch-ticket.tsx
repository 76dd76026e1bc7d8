/** The paper that goes with a batch. Not on the screen: only when it is printed, and then alone. */
import type { ReactElement, ReactNode } from 'react';
import Box from '@mui/material/Box';
import GlobalStyles from '@mui/material/GlobalStyles';
import type { BatchDetail } from '../../shared/contract/preparation.ts';
import { usePreferences } from '../app/preferences.tsx';
import { bytes, count, moment, words, zoneName } from '../design/formats.ts';

/** Everything but the ticket goes; the ticket stands black on white in either theme. */
const printStyles = {
  '.batch-ticket': { display: 'none' },
  '@media print': {
    '@page': { margin: '16mm' },
    'body *': { visibility: 'hidden' },
    '.batch-ticket, .batch-ticket *': { visibility: 'visible' },
    '.batch-ticket': { display: 'block', position: 'fixed', inset: 0, background: '#ffffff', color: '#000000', fontSize: '10pt' },
    '.batch-ticket table': { borderCollapse: 'collapse', width: '100%', marginTop: '4mm' },
    '.batch-ticket th, .batch-ticket td': { border: '0.3mm solid #000000', padding: '1.2mm 2mm', textAlign: 'left', verticalAlign: 'top' },
    '.batch-ticket h1': { fontSize: '16pt', margin: '0 0 2mm' },
    '.batch-ticket h2': { fontSize: '11pt', margin: '6mm 0 0' },
    '.batch-ticket footer': { position: 'fixed', bottom: 0, left: 0, right: 0, borderTop: '0.3mm solid #000000', paddingTop: '1.5mm', fontSize: '8pt' },
  },
} as const;

export function BatchTicket({ batch }: { readonly batch: BatchDetail }): ReactElement {
  const { zone } = usePreferences();
  const at = (when: number | undefined): string => (when === undefined ? '–' : `${moment(when, zone)} ${zoneName(zone, when)}`);
  const digest = batch.artefacts.find((one) => one.kind === 'digests')?.sha256 ?? batch.artefacts[0]?.sha256;
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['Profile type', `${batch.type} (${batch.template}, version ${batch.templateVersion})`], ['State', words(batch.state)],
    ['Wanted / prepared / failed', `${count(batch.count)} / ${count(batch.prepared)} / ${count(batch.failed)}`],
    ['Prepared from stock / from ranges', `${count(batch.fromStock)} / ${count(batch.fromRanges)}`], ['Brand', batch.brand ?? '–'], ['Order', batch.order ?? '–'], ['Due', at(batch.due)],
    ['Asked for by', `${batch.requester}, ${at(batch.createdAt)}`], ['Started', at(batch.startedAt)], ['Ended', at(batch.finishedAt)], ['Note', batch.note ?? '–'],
  ];
  return (
    <>
      <GlobalStyles styles={printStyles as never} />
      <Box className="batch-ticket" aria-hidden>
        <h1>Batch {batch.reference}</h1>
        <table>
          <tbody>{facts.map(([name, value]) => <tr key={name}><th scope="row">{name}</th><td>{value}</td></tr>)}</tbody>
        </table>
        {batch.first !== undefined && batch.last !== undefined && (
          <>
            <h2>Numbers</h2>
            <table>
              <thead><tr><th /><th>ICCID</th><th>IMSI</th><th>MSISDN</th></tr></thead>
              <tbody>
                {([['First', batch.first], ['Last', batch.last]] as const).map(([name, set]) => <tr key={name}><th scope="row">{name}</th><td>{set.iccid}</td><td>{set.imsi}</td><td>{set.msisdn ?? '–'}</td></tr>)}
              </tbody>
            </table>
          </>
        )}
        {batch.artefacts.length > 0 && (
          <>
            <h2>Files</h2>
            <table>
              <thead><tr><th>File</th><th>For</th><th>Profiles</th><th>Size</th><th>SHA-256</th></tr></thead>
              <tbody>{batch.artefacts.map((one) => <tr key={one.id}><td>{one.name}</td><td>{one.recipient ?? '–'}</td><td>{count(one.rows)}</td><td>{bytes(one.bytes)}</td><td><Box component="span" className="mono" sx={{ fontSize: '7pt', overflowWrap: 'anywhere' }}>{one.sha256}</Box></td></tr>)}</tbody>
            </table>
          </>
        )}
        <h2>Seen by</h2>
        <table><tbody><tr><td>Operator<br /><br /></td><td>Quality<br /><br /></td><td>Date<br /><br /></td></tr></tbody></table>
        <footer>Batch {batch.reference} · {digest === undefined ? 'no digest yet' : `SHA-256 ${digest}`}</footer>
      </Box>
    </>
  );
}
