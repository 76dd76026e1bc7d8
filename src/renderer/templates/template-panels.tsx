/** The tabs of a template beside its contents: findings, size, slots, versions, who uses it. */
import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import CategoryOutlined from '@mui/icons-material/CategoryOutlined';
import CheckCircleOutlined from '@mui/icons-material/CheckCircleOutlined';
import LockOutlined from '@mui/icons-material/LockOutlined';
import { useNavigate, useSearchParams } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import type { TemplateDetail, TemplateRow } from '../../shared/contract/types.ts';
import { CommandButton } from '../app/command-context.tsx';
import { useDialogs } from '../app/dialogs.tsx';
import { useDesk } from '../app/queries.ts';
import { FilterChip } from '../design/filters.tsx';
import { bytes, count, plural, share } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { Figure, Panel } from '../design/panel.tsx';
import { Scroll } from '../design/scroll.tsx';
import { Empty, LoadingRows, Problem } from '../design/states.tsx';
import { Status, toneIcon } from '../design/status.tsx';
import { Absent, Code, Moment, Muted } from '../design/text.tsx';
import { withFilter } from '../design/url-filters.ts';
import { FindingList } from './finding-list.tsx';
import { findingKind, type FindingKind } from './finding-rules.ts';
import { checkLook, indexNodes, nodeAt, placeWords, slotName, treeAddress } from './template-words.ts';

const kindWords: Readonly<Record<FindingKind, string>> = { error: 'errors', warning: 'warnings', filled: 'replaced placeholders' };

export function FindingsTab({ detail }: { readonly detail: TemplateDetail }): ReactElement {
  const [params, setParams] = useSearchParams();
  const present = (['error', 'warning', 'filled'] as const).filter((one) => one !== 'filled' || detail.findings.some((finding) => findingKind(finding) === one));
  const kind = present.find((one) => one === params.get('severity'));
  const findings = kind === undefined ? detail.findings : detail.findings.filter((finding) => findingKind(finding) === kind);
  const nodes = indexNodes(detail.elements);
  if (detail.findings.length === 0) {
    return (
      <Panel>
        <Empty icon={CheckCircleOutlined} title="No findings">
          Every rule was checked; nothing in this package stands against one.
        </Empty>
      </Panel>
    );
  }
  return (
    <>
      <Box>
        <FilterChip name="Severity" single chosen={kind === undefined ? [] : [kind]} options={present.map((value) => ({ value, label: kindWords[value] }))} onChange={(v) => setParams((now) => withFilter(now, 'severity', v), { replace: true })} />
      </Box>
      {findings.length === 0 ? (
        <Panel>
          <Empty title={`No ${kindWords[kind ?? 'error']}`} actions={<Button variant="outlined" onClick={() => setParams((now) => withFilter(now, 'severity', ''), { replace: true })}>Show all findings</Button>}>
            {plural(detail.findings.length, 'finding')} of another kind.
          </Empty>
        </Panel>
      ) : (
        <FindingList
          findings={findings}
          place={(finding) => {
            const node = nodeAt(nodes, finding.place);
            return node === undefined ? undefined : <TextLink to={treeAddress(detail.template.id, node.id)}>{placeWords(finding.place)}</TextLink>;
          }}
        />
      )}
    </>
  );
}

export function SizeTab({ detail: { size, template } }: { readonly detail: TemplateDetail }): ReactElement {
  const most = Math.max(1, ...size.byElement.map((one) => Math.max(one.uppBytes, one.nvmBytes)));
  return (
    <>
      <Panel>
        <Box sx={{ display: 'flex', gap: 5, flexWrap: 'wrap' }}>
          <Figure name="Package" value={bytes(template.sizeBytes)} note={`${count(template.sizeBytes)} octets of each profile before binding${size.uppBytes === template.sizeBytes ? '' : `; ${count(size.uppBytes)} in the file`}`} />
          <Figure name="On the chip, about" value={bytes(size.nvmBytes)} note="an estimate; each eUICC keeps books of its own" />
          <Figure name="Elements" value={count(size.byElement.length)} />
        </Box>
      </Panel>
      <Panel title="By element" flush aside={<Legend />}>
        <Scroll label="Size by element">
          <TableHead>
            <TableRow>
              <TableCell>Element</TableCell>
              <TableCell sx={{ width: '45%' }}>
                <span className="visually-hidden">Bars</span>
              </TableCell>
              <TableCell align="right">Package</TableCell>
              <TableCell align="right">On the chip</TableCell>
              <TableCell align="right">Share of the chip</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {size.byElement.map((one) => (
              <TableRow key={one.place}>
                <TableCell component="th" scope="row">
                  <TextLink to={treeAddress(template.id, one.place)}>{placeWords(one.place)}</TextLink>
                </TableCell>
                <TableCell sx={{ minWidth: 180 }}>
                  <Bar part={one.uppBytes / most} tone="neutral" />
                  <Bar part={one.nvmBytes / most} tone="accent" />
                </TableCell>
                <TableCell align="right">{bytes(one.uppBytes)}</TableCell>
                <TableCell align="right">{bytes(one.nvmBytes)}</TableCell>
                <TableCell align="right">{share(one.nvmBytes, size.nvmBytes)}</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Scroll>
      </Panel>
    </>
  );
}

function Legend(): ReactElement {
  return (
    <Box aria-hidden sx={(theme) => ({ display: 'flex', gap: 2, fontSize: '0.75rem', color: theme.desk.muted, '& span::before': { content: '""', display: 'inline-block', width: 10, height: 8, mr: '6px', borderRadius: '2px' } })}>
      <Box component="span" sx={(theme) => ({ '&::before': { background: theme.desk.neutral } })}>package</Box>
      <Box component="span" sx={(theme) => ({ '&::before': { background: theme.desk.accent } })}>on the chip</Box>
    </Box>
  );
}

function Bar({ part, tone }: { readonly part: number; readonly tone: 'neutral' | 'accent' }): ReactElement {
  return <Box aria-hidden sx={(theme) => ({ height: 6, my: '2px', borderRadius: '2px', background: theme.desk[tone], width: `${Math.max(0.4, 100 * part)}%` })} />;
}

export function SlotsTab({ detail: { slots } }: { readonly detail: TemplateDetail }): ReactElement {
  const early = slots.filter((slot) => !slot.late);
  const late = slots.filter((slot) => slot.late);
  return (
    <>
      <Panel title="Written for each profile" flush aside={<Muted>{plural(early.reduce((sum, slot) => sum + slot.length, 0), 'octet')} stored for each</Muted>}>
        <SlotTable slots={early} label="Written for each profile" />
      </Panel>
      <Panel title="Written at the first download" flush>
        {late.length === 0 ? (
          <Box sx={{ p: '4px 16px 10px' }}>
            <Muted>No list of this template is written late: every profile carries what the template has.</Muted>
          </Box>
        ) : (
          <>
            <Box sx={{ p: '0 16px 6px' }}>
              <Muted>Roaming lists come from an approved list at the first download, and stay the same for every retry.</Muted>
            </Box>
            <SlotTable slots={late} label="Written at the first download" />
          </>
        )}
      </Panel>
    </>
  );
}

function SlotTable({ slots, label }: { readonly slots: TemplateDetail['slots']; readonly label: string }): ReactElement {
  return (
    <Scroll label={label}>
      <TableHead>
        <TableRow>
          <TableCell>Value</TableCell>
          <TableCell>Secrecy</TableCell>
          <TableCell align="right">Octets</TableCell>
          <TableCell align="right">Places in the package</TableCell>
        </TableRow>
      </TableHead>
      <TableBody>
        {slots.map((slot) => (
          <TableRow key={slot.name}>
            <TableCell component="th" scope="row">
              {slotName(slot.name)}
            </TableCell>
            <TableCell>{slot.secret ? <Status look={{ tone: 'info', icon: LockOutlined, word: 'Secret, sealed in the vault' }} /> : <Muted>not secret</Muted>}</TableCell>
            <TableCell align="right">{count(slot.length)}</TableCell>
            <TableCell align="right">{count(slot.places)}</TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Scroll>
  );
}

/** Every version of the name, what its editing did, and two of them to compare. */
export function VersionsTab({ detail }: { readonly detail: TemplateDetail }): ReactElement {
  const navigate = useNavigate();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const versions = [...detail.versions].sort((a, b) => b.version - a.version);
  const pick = (id: string, on: boolean): void => setChosen((now) => (on ? [...now, id].slice(-2) : now.filter((one) => one !== id)));
  const pair = versions.filter((row) => chosen.includes(row.id)).sort((a, b) => a.version - b.version);
  return (
    <Panel
      title={plural(versions.length, 'version')} flush
      aside={versions.length > 1 && (
        <Button variant="outlined" disabled={pair.length !== 2} onClick={() => void navigate(`/templates/compare?a=${pair[0]!.id}&b=${pair[1]!.id}`)}>
          {pair.length === 2 ? `Compare v${pair[0]!.version} with v${pair[1]!.version}` : 'Compare two'}
        </Button>
      )}
    >
      <Scroll label="Versions">
        <TableHead>
          <TableRow>
            {versions.length > 1 && <TableCell><span className="visually-hidden">Compare</span></TableCell>}
            <TableCell>Version</TableCell>
            <TableCell>What was done</TableCell>
            <TableCell>Check</TableCell>
            <TableCell align="right">Package</TableCell>
            <TableCell>Made</TableCell>
            <TableCell>Digest</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {versions.map((row) => (
            <TableRow key={row.id} selected={row.id === detail.template.id}>
              {versions.length > 1 && (
                <TableCell padding="checkbox">
                  <Checkbox size="small" checked={chosen.includes(row.id)} onChange={(_, on) => pick(row.id, on)} slotProps={{ input: { 'aria-label': `Compare version ${row.version}` } }} sx={{ p: '4px' }} />
                </TableCell>
              )}
              <TableCell component="th" scope="row">
                {row.id === detail.template.id ? <Box component="span" sx={{ fontWeight: 600 }}>v{row.version}, this one</Box> : <TextLink to={`/templates/${row.id}/versions`}>{`v${row.version}`}</TextLink>}
                {row.retiredAt !== undefined && <Muted> retired</Muted>}
              </TableCell>
              <TableCell sx={{ whiteSpace: 'normal !important', minWidth: 260 }}>
                <Done row={row} />
              </TableCell>
              <TableCell>
                <Status look={checkLook(row.errors, row.warnings)} quiet={row.errors + row.warnings === 0} />
              </TableCell>
              <TableCell align="right">{bytes(row.sizeBytes)}</TableCell>
              <TableCell>
                <Moment at={row.createdAt} show="minutes" /> {row.actor !== undefined && <Muted>by {row.actor}</Muted>}
              </TableCell>
              <TableCell>
                <Code>{row.digest.slice(0, 12)}</Code>
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Scroll>
    </Panel>
  );
}

function Done({ row }: { readonly row: TemplateRow }): ReactElement {
  const detail = useDesk(contract.types.template, { id: row.id }, { enabled: row.derivedFrom !== undefined });
  if (row.derivedFrom === undefined) return <>Imported{row.note === undefined ? '' : `: ${row.note}`}</>;
  return (
    <>
      {row.note !== undefined && <Box>{row.note}</Box>}
      {detail.data === undefined ? (
        <Muted>Edited</Muted>
      ) : (
        <Box component="ul" sx={(theme) => ({ m: 0, pl: '16px', color: theme.desk.muted })}>
          {detail.data.changes.map((change, at) => (
            <li key={`${change.kind}${at}`}>{change.text}</li>
          ))}
        </Box>
      )}
    </>
  );
}

export function UsedTab({ detail: { template } }: { readonly detail: TemplateDetail }): ReactElement {
  const types = useDesk(contract.types.list, {});
  const { open } = useDialogs();
  if (types.isError && types.data === undefined) return <Panel flush><Problem error={types.error} what="The profile types" retry={() => void types.refetch()} /></Panel>;
  if (types.data === undefined) return <Panel flush><LoadingRows rows={3} /></Panel>;
  const own = types.data.rows.filter((type) => type.template === template.name && type.templateVersion === template.version);
  const others = types.data.rows.filter((type) => type.template === template.name && type.templateVersion !== template.version);
  if (own.length === 0 && others.length === 0) {
    return (
      <Panel>
        <Empty icon={CategoryOutlined} title={template.used === true ? 'No type stands on this version now' : 'No type stands on it yet'} actions={<CommandButton id="template.newType" primary />}>
          {template.used === true ? 'Profiles prepared from it before keep it.' : 'A profile type names the template its profiles are made from.'}
        </Empty>
      </Panel>
    );
  }
  return (
    <Panel title="Profile types" flush aside={<Status look={{ tone: 'info', icon: toneIcon('info'), word: 'Profiles keep the version they were prepared with' }} quiet />}>
      <Scroll label="Profile types of this template" actions>
        <TableHead>
          <TableRow>
            <TableCell>Type</TableCell>
            <TableCell>Stands on</TableCell>
            <TableCell align="right">Imported</TableCell>
            <TableCell align="right">Sellable</TableCell>
            <TableCell align="right">Sold</TableCell>
            <TableCell><span className="visually-hidden">Actions</span></TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {[...own, ...others].map((type) => (
            <TableRow key={type.name}>
              <TableCell component="th" scope="row">
                <TextLink to={`/inventory?type=${encodeURIComponent(type.name)}`}>{type.name}</TextLink>
              </TableCell>
              <TableCell>{type.templateVersion === template.version ? 'this version' : <Muted>v{type.templateVersion}</Muted>}</TableCell>
              {(['imported', 'sellable', 'sold'] as const).map((state) => (
                <TableCell key={state} align="right">{type.stock[state] === 0 ? <Absent>0</Absent> : count(type.stock[state])}</TableCell>
              ))}
              <TableCell align="right">
                <Button onClick={() => open({ kind: 'type.change', type, ...(type.templateVersion === template.version ? {} : { template: `${template.name}@${template.version}` }) })}>
                  {type.templateVersion === template.version ? 'Change' : `Move to v${template.version}`}
                </Button>
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Scroll>
    </Panel>
  );
}
