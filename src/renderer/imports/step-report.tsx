/** Step 7: what happened, and what to do next. */
import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import UploadFileOutlined from '@mui/icons-material/UploadFileOutlined';
import { imports } from '../../shared/contract/imports.ts';
import { useDesk } from '../app/queries.ts';
import { DeskDone } from './report-head.tsx';
import { ChooseFile } from '../design/drop-area.tsx';
import { count, plural } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { Figure, Pairs, Panel } from '../design/panel.tsx';
import { Note } from '../design/states.tsx';
import { Moment, Muted } from '../design/text.tsx';
import { Digest } from './digest.tsx';
import { inventoryOf, prepareOf } from './import-words.ts';
import { importFiles, Opening } from './imports-screen.tsx';
import { FixFile, FixFileKeys } from './fix-file.tsx';
import { useOpenFile } from './use-open-file.tsx';
import type { StepProps } from './wizard-screen.tsx';

export function ReportStep({ view }: StepProps): ReactElement {
  const { counts, job } = view;
  const opening = useOpenFile();
  // The file is not held any more: what came of its rows stands in the history.
  const row = useDesk(imports.list, { limit: 200 }).data?.rows.find((one) => one.id === view.id);
  const kept = row?.leftOut ?? (counts === undefined ? 0 : counts.leftOut + counts.bad);
  const skipped = row?.skipped ?? counts?.skipped ?? 0;
  const reference = row?.reference ?? view.reference;
  if (view.state === 'rolled-back') {
    return <Note tone="warning">The import was cancelled and taken back: no profile of this file is in the stock. {job?.message} The file can be imported again.</Note>;
  }
  const written = row?.accepted ?? job?.done ?? counts?.good ?? 0;
  return (
    <>
      <Opening opening={opening} />
      <DeskDone title={`${plural(written, 'profile')} imported`}>
        From {view.fileName}, as {view.type}. They are in the stock now, and can be sold once they are prepared.
      </DeskDone>
      <Panel title="What came of the rows">
        <Box sx={{ display: 'grid', gridTemplateColumns: `repeat(${counts === undefined ? 3 : 4}, minmax(0, 1fr))`, gap: 2 }}>
          <Figure name="Imported" value={count(written)} note={`of ${plural(view.detection.rows, 'row')}`} />
          {counts !== undefined && <Figure name="Corrected on the way" value={count(counts.repaired)} note="cells" />}
          <Figure name="Passed over" value={count(skipped)} note="in stock already" />
          <Figure name="Left out" value={count(kept)} note={kept === 0 ? 'none' : row?.fixFile === true ? 'in the fix file' : 'by your choice'} />
        </Box>
      </Panel>
      <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(2, minmax(0, 1fr))', gap: 2, alignItems: 'start', '@media (max-width: 1100px)': { gridTemplateColumns: 'minmax(0, 1fr)' } }}>
        <Panel title="Next">
          <Box component="ul" sx={{ m: 0, pl: '18px', display: 'flex', flexDirection: 'column', gap: '6px' }}>
            <li><TextLink to={prepareOf(reference, view.type, written)}>Prepare these profiles</TextLink> <Muted>makes their packages, so that they can be sold</Muted></li>
            <li><TextLink to={inventoryOf({ reference })}>See them in the inventory</TextLink></li>
            {kept > 0 && row?.fixFile !== false && (
              <li>
                Correct the {plural(kept, 'row')} that stayed out in the fix file, then import it: columns, rules and profile type are taken over.
                <Box sx={{ mt: '6px', display: 'flex', gap: 1, flexWrap: 'wrap' }}>
                  <FixFile view={view} />
                  <ChooseFile accept={importFiles} inputLabel="Corrected fix file" variant="outlined" startIcon={<UploadFileOutlined />} disabled={opening.busy !== undefined} onFile={(file) => void opening.openLike(file, view)}>
                    Import the corrected file
                  </ChooseFile>
                </Box>
                <Box sx={{ mt: '4px' }}><FixFileKeys view={view} /></Box>
              </li>
            )}
            <li><TextLink to="/imports">Import another file</TextLink></li>
          </Box>
        </Panel>
        <Panel title="For the record">
          <Pairs
            rows={[
              ['File', view.fileName],
              ['SHA-256', <Digest key="h" value={view.sha256} />],
              ...(reference === undefined ? [] : [['Reference', <span key="r" className="mono">{reference}</span>] as const]),
              ['Imported', <Moment key="i" at={job?.finishedAt} show="both" />],
              ['By', job?.actor ?? view.actor],
            ]}
            nameWidth={96}
          />
        </Panel>
      </Box>
    </>
  );
}
