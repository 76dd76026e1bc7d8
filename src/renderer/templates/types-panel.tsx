/** Profile types: what the subscriber sees, on which template, and how much of each is in stock. */
import { useMemo, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import CategoryOutlined from '@mui/icons-material/CategoryOutlined';
import FilterListOff from '@mui/icons-material/FilterListOff';
import { contract } from '../../shared/contract/index.ts';
import type { TemplateRow, TypeRow } from '../../shared/contract/types.ts';
import { CommandButton } from '../app/command-context.tsx';
import { useDialogs } from '../app/dialogs.tsx';
import { useDesk } from '../app/queries.ts';
import { TextFilter } from '../design/filters.tsx';
import { count, plural, words } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { Panel } from '../design/panel.tsx';
import { Scroll } from '../design/scroll.tsx';
import { Empty, LoadingRows, Problem } from '../design/states.tsx';
import { Absent, Muted } from '../design/text.tsx';
import { useFilters } from '../design/use-filters.ts';

const filterKeys = ['text'] as const;

export function TypesPanel(): ReactElement {
  const types = useDesk(contract.types.list, {});
  const templates = useDesk(contract.types.templates, {});
  const filters = useFilters(filterKeys);
  const rows = types.data?.rows;
  const text = filters.params.get('text') ?? '';
  const shown = useMemo(() => {
    const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
    const about = (type: TypeRow): string => [type.name, type.template, `v${type.templateVersion}`, type.serviceProviderName, type.profileName, type.profileClass].join(' ').toLowerCase();
    return (rows ?? []).filter((type) => wanted.every((word) => about(type).includes(word)));
  }, [rows, text]);
  if (types.isError && rows === undefined) return <Panel flush><Problem error={types.error} what="The profile types" retry={() => void types.refetch()} /></Panel>;
  if (rows === undefined) return <Panel flush><LoadingRows rows={4} /></Panel>;
  if (rows.length === 0) {
    return (
      <Panel flush>
        <Empty icon={CategoryOutlined} title="No profile type yet" actions={<CommandButton id="type.create" primary />}>
          A profile type says what the subscriber sees and which template the profiles are made from.
        </Empty>
      </Panel>
    );
  }
  return (
    <>
      <Box role="search" aria-label="Filter the types">
        <TextFilter value={filters.text} onChange={filters.setText} label="Type, template or name shown" placeholder="Type, template or name shown" />
      </Box>
      <Panel flush>
        {shown.length === 0 ? (
          <Empty icon={FilterListOff} title="No type fits these filters" actions={<Button variant="outlined" onClick={filters.clear}>Remove all filters</Button>}>
            {plural(rows.length, 'type')} in all.
          </Empty>
        ) : (
          <Scroll label="Profile types" actions>
            <TableHead>
              <TableRow>
                <TableCell>Name</TableCell>
                <TableCell>Shown to the user as</TableCell>
                <TableCell>Template</TableCell>
                <TableCell>Class</TableCell>
                <TableCell>Protection</TableCell>
                <TableCell>Policy rules</TableCell>
                <TableCell align="right">Imported</TableCell>
                <TableCell align="right">Sellable</TableCell>
                <TableCell align="right">Sold</TableCell>
                <TableCell>
                  <span className="visually-hidden">Actions</span>
                </TableCell>
              </TableRow>
            </TableHead>
            <TableBody>
              {shown.map((type) => (
                <TypeLine key={type.name} type={type} templates={templates.data?.rows ?? []} />
              ))}
            </TableBody>
          </Scroll>
        )}
      </Panel>
    </>
  );
}

const stockAddress = (type: string, state: string): string => `/inventory?type=${encodeURIComponent(type)}&stock=${state}`;

function TypeLine({ type, templates }: { readonly type: TypeRow; readonly templates: readonly TemplateRow[] }): ReactElement {
  const { open } = useDialogs();
  const own = templates.find((row) => row.name === type.template && row.version === type.templateVersion);
  const newest = templates.filter((row) => row.name === type.template && row.retiredAt === undefined).reduce((most, row) => Math.max(most, row.version), 0);
  return (
    <TableRow hover>
      <TableCell component="th" scope="row" sx={{ fontWeight: 600 }}>
        <TextLink to={`/inventory?type=${encodeURIComponent(type.name)}`}>{type.name}</TextLink>
      </TableCell>
      <TableCell>
        {type.profileName} <Muted>by {type.serviceProviderName}{type.hasIcon ? ', with icon' : ''}</Muted>
      </TableCell>
      <TableCell>
        {own === undefined ? <>{type.template} v{type.templateVersion}</> : <TextLink to={`/templates/${own.id}`}>{`${type.template} v${type.templateVersion}`}</TextLink>}
        {newest > type.templateVersion && <Muted> v{newest} is newer</Muted>}
      </TableCell>
      <TableCell>{words(type.profileClass)}</TableCell>
      <TableCell>{words(type.protection)}</TableCell>
      <TableCell>{[type.ppr1 ? 'PPR1' : '', type.ppr2 ? 'PPR2' : ''].filter(Boolean).join(', ') || <Absent>none</Absent>}</TableCell>
      {(['imported', 'sellable', 'sold'] as const).map((state) => (
        <TableCell key={state} align="right">
          {type.stock[state] === 0 ? <Absent>0</Absent> : <TextLink to={stockAddress(type.name, state)}>{count(type.stock[state])}</TextLink>}
        </TableCell>
      ))}
      <TableCell align="right">
        <Button onClick={() => open({ kind: 'type.change', type })} aria-label={`Change ${type.name}`}>
          Change
        </Button>
      </TableCell>
    </TableRow>
  );
}
