/** Every template, its versions under its name. */
import { Fragment, useMemo, useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import DescriptionOutlined from '@mui/icons-material/DescriptionOutlined';
import ExpandLess from '@mui/icons-material/ExpandLess';
import ExpandMore from '@mui/icons-material/ExpandMore';
import FilterListOff from '@mui/icons-material/FilterListOff';
import { contract } from '../../shared/contract/index.ts';
import type { TemplateRow } from '../../shared/contract/types.ts';
import { CommandButton } from '../app/command-context.tsx';
import { useDesk } from '../app/queries.ts';
import { FilterChip, TextFilter } from '../design/filters.tsx';
import { bytes, count, plural } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { Panel } from '../design/panel.tsx';
import { Scroll } from '../design/scroll.tsx';
import { Empty, LoadingRows, Problem } from '../design/states.tsx';
import { Status } from '../design/status.tsx';
import { Absent, Moment, Muted } from '../design/text.tsx';
import { useFilters } from '../design/use-filters.ts';
import { foldedVersions, templateFilterKeys, templateGroups, type TemplateGroup } from './list-rules.ts';
import { checkLook } from './template-words.ts';

export function TemplateList(): ReactElement {
  const list = useDesk(contract.types.templates, {});
  const filters = useFilters(templateFilterKeys);
  const rows = list.data?.rows;
  const groups = useMemo(() => templateGroups(rows ?? [], filters.params), [rows, filters.params]);
  if (list.isError && rows === undefined) return <Panel flush><Problem error={list.error} what="The templates" retry={() => void list.refetch()} /></Panel>;
  if (rows === undefined) return <Panel flush><LoadingRows rows={6} /></Panel>;
  if (rows.length === 0) {
    return (
      <Panel flush>
        <Empty icon={DescriptionOutlined} title="No template yet" actions={<><CommandButton id="template.sample" label="Start from the built-in sample" /><CommandButton id="template.import" primary /></>}>
          A template is a profile package with places for the numbers and keys of each profile. Import the one your card vendor gave you (.der), or start from the built-in sample and change it here.
        </Empty>
      </Panel>
    );
  }
  const retired = rows.filter((row) => row.retiredAt !== undefined).length;
  const algorithms = [...new Set(rows.map((row) => row.algorithm))].sort();
  const shown = groups.reduce((sum, group) => sum + group.versions.length, 0);
  return (
    <>
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }} role="search" aria-label="Filter the templates">
        <TextFilter value={filters.text} onChange={filters.setText} label="Name, type, note or digest" placeholder="Name, type, note or digest" width={260} />
        <FilterChip name="Algorithm" chosen={(filters.params.get('algorithm') ?? '').split(',').filter(Boolean)} options={algorithms.map((value) => ({ value, label: value }))} onChange={(v) => filters.set('algorithm', v)} />
        <FilterChip name="Use" single chosen={[filters.params.get('use') ?? ''].filter(Boolean)} options={[{ value: 'used', label: 'used by a type' }, { value: 'unused', label: 'used by no type' }]} onChange={(v) => filters.set('use', v)} />
        {retired > 0 && <FilterChip name={`Retired (${count(retired)})`} single chosen={filters.params.get('show') === 'retired' ? ['retired'] : []} options={[{ value: 'retired', label: 'shown too' }]} onChange={(v) => filters.set('show', v)} />}
      </Box>
      <Panel flush>
        {shown === 0 ? (
          <Empty icon={FilterListOff} title="No template fits these filters" actions={<Button variant="outlined" onClick={filters.clear}>Remove all filters</Button>}>
            {plural(rows.length, 'version')} in all{retired > 0 && `, ${count(retired)} of them retired`}.
          </Empty>
        ) : (
          <Scroll label="Templates">
            <TableHead>
              <TableRow>
                <TableCell>Name</TableCell>
                <TableCell>Version</TableCell>
                <TableCell>Check</TableCell>
                <TableCell>Algorithm</TableCell>
                <TableCell>SAIP</TableCell>
                <TableCell align="right">Elements</TableCell>
                <TableCell align="right">Package</TableCell>
                <TableCell align="right">On the chip, about</TableCell>
                <TableCell>Used by</TableCell>
                <TableCell>Made</TableCell>
              </TableRow>
            </TableHead>
            <TableBody>
              {groups.map((group) => (
                <Group key={group.name} group={group} searching={filters.active > 0} />
              ))}
            </TableBody>
          </Scroll>
        )}
      </Panel>
    </>
  );
}

function Group({ group, searching }: { readonly group: TemplateGroup; readonly searching: boolean }): ReactElement {
  const [open, setOpen] = useState(false);
  const folded = searching ? [] : foldedVersions(group);
  const [newest] = group.versions;
  const shown = open ? group.versions : group.versions.filter((row) => !folded.includes(row));
  return (
    <Fragment>
      {shown.map((row) => (
        <TableRow key={row.id} hover>
          <TableCell component="th" scope="row" sx={{ fontWeight: row === newest ? 600 : 400 }}>
            {row === newest ? <TextLink to={`/templates/${row.id}`}>{row.name}</TextLink> : <Box component="span" className="visually-hidden">{row.name}</Box>}
          </TableCell>
          <TableCell>
            <Box component="span" sx={{ '& a': { display: 'inline-block', minWidth: 24, lineHeight: '24px' } }}>
              <TextLink to={`/templates/${row.id}`}>v{row.version}</TextLink>
            </Box>
            {row.retiredAt !== undefined && <Muted> retired</Muted>}
            {row === newest && folded.length > 0 && (
              <Button onClick={() => setOpen(!open)} aria-expanded={open} endIcon={open ? <ExpandLess /> : <ExpandMore />} sx={(theme) => ({ minHeight: 24, py: 0, ml: '4px', color: theme.desk.muted, fontWeight: 400, '& .MuiButton-endIcon': { ml: 0 } })}>
                {open ? 'fewer' : `and ${count(folded.length)} older`}
                <span className="visually-hidden"> versions of {row.name}</span>
              </Button>
            )}
          </TableCell>
          <TableCell>
            <Status look={checkLook(row.errors, row.warnings)} quiet={row.errors + row.warnings === 0} />
          </TableCell>
          <TableCell>{row.algorithm}</TableCell>
          <TableCell>{row.saipVersion}</TableCell>
          <TableCell align="right">{count(row.elements)}</TableCell>
          <TableCell align="right">{bytes(row.sizeBytes)}</TableCell>
          <TableCell align="right">{row.nvmBytes === undefined ? <Absent /> : bytes(row.nvmBytes)}</TableCell>
          <TableCell>
            <UsedBy row={row} />
          </TableCell>
          <TableCell>
            <Moment at={row.createdAt} show="minutes" /> <Muted>{row.derivedFrom === undefined ? 'imported' : 'edited'}{row.actor !== undefined && ` by ${row.actor}`}</Muted>
          </TableCell>
        </TableRow>
      ))}
    </Fragment>
  );
}

export function UsedBy({ row }: { readonly row: TemplateRow }): ReactElement {
  const types = row.types ?? [];
  if (types.length === 0) return <Absent>{row.used === true ? 'no type now' : 'no type'}</Absent>;
  return (
    <>
      {types.slice(0, 2).map((type, at) => (
        <Fragment key={type}>
          {at > 0 && ', '}
          <TextLink to={`/templates/types?text=${encodeURIComponent(type)}`}>{type}</TextLink>
        </Fragment>
      ))}
      {types.length > 2 && <Muted> and {count(types.length - 2)} more</Muted>}
    </>
  );
}
