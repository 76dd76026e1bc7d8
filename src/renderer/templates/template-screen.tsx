/** One template version. */
import { useMemo, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Tab from '@mui/material/Tab';
import Tabs from '@mui/material/Tabs';
import ArchiveOutlined from '@mui/icons-material/ArchiveOutlined';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import type { TemplateDetail } from '../../shared/contract/types.ts';
import { call, problemOf } from '../app/client.ts';
import { CommandButton, useScreenCommands } from '../app/command-context.tsx';
import type { CommandSpec } from '../app/commands.ts';
import { useDialogs } from '../app/dialogs.tsx';
import { useDesk, useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { BackLink, useEscapeTo } from '../design/back.tsx';
import { saveFile } from '../design/download.ts';
import { bytes, count } from '../design/formats.ts';
import { PageHeader } from '../design/panel.tsx';
import { Empty, LoadingRows, Problem } from '../design/states.tsx';
import { Badge, toneIcon } from '../design/status.tsx';
import { Moment, Muted } from '../design/text.tsx';
import { staying } from './finding-rules.ts';
import { NodePane } from './node-pane.tsx';
import { FindingsTab, SizeTab, SlotsTab, UsedTab, VersionsTab } from './template-panels.tsx';
import { checkLook, indexNodes, nodeAt, versionName } from './template-words.ts';
import { PackageTree } from './tree.tsx';

const tabs = ['contents', 'findings', 'size', 'slots', 'versions', 'used'] as const;
type TabId = (typeof tabs)[number];

export function TemplateScreen(): ReactElement {
  const { id = '' } = useParams();
  const known = /^\d{1,15}$/.test(id);
  const detail = useDesk(contract.types.template, { id }, { enabled: known });
  useEscapeTo('/templates');
  if (!known || (detail.isError && problemOf(detail.error).code === 'TEMPLATE_UNKNOWN')) return <Empty title="No such template" actions={<BackLink to="/templates">Templates</BackLink>}>There is no such template version in this workspace.</Empty>;
  if (detail.isError && detail.data === undefined) return <Problem error={detail.error} what="The template" retry={() => void detail.refetch()} />;
  if (detail.data === undefined) return <LoadingRows rows={14} />;
  return <TemplateView key={id} detail={detail.data} />;
}

function TemplateView({ detail }: { readonly detail: TemplateDetail }): ReactElement {
  const { template } = detail;
  const { id } = template;
  const { tab } = useParams();
  const navigate = useNavigate();
  const { open } = useDialogs();
  const toasts = useToasts();
  const retire = useDeskCommand(contract.types.retireTemplate);
  const current: TabId = tabs.find((one) => one === tab) ?? 'contents';
  const retired = template.retiredAt !== undefined;
  const other = detail.versions.find((row) => row.id === template.derivedFrom) ?? detail.versions.find((row) => row.version === template.version - 1) ?? detail.versions.find((row) => row.id !== id);
  const { mutateAsync } = retire;
  const commands = useMemo((): readonly CommandSpec[] => {
    const setRetired = (to: boolean): void => void mutateAsync({ id, retired: to }).then(
      () => toasts.done(`${versionName(template)} is ${to ? 'retired: not offered for types any more' : 'offered again'}`, { label: 'Undo', run: () => setRetired(!to) }),
      (error: unknown) => toasts.failed(error, to ? 'Retiring' : 'Offering again'),
    );
    return [
      { id: 'template.edit', title: 'Edit', group: 'Here', permission: 'type.manage', keywords: ['change', 'new version'], shortcut: 'e', run: () => void navigate(`/templates/${id}/edit`) },
      { id: 'template.compare', title: 'Compare', group: 'Here', permission: 'profile.view', keywords: ['difference', 'versions'], run: () => void navigate(`/templates/compare?a=${other?.id ?? ''}&b=${id}`) },
      { id: 'template.export', title: 'Export', group: 'Here', permission: 'type.manage', keywords: ['der', 'download', 'file'], run: () => void call(contract.types.exportTemplate, { id }).then(saveFile, (error: unknown) => toasts.failed(error, 'Export')) },
      retired
        ? { id: 'template.retire', title: 'Offer again', group: 'Here', permission: 'type.manage', run: () => setRetired(false) }
        : { id: 'template.retire', title: 'Retire', group: 'Here', permission: 'type.manage', keywords: ['archive', 'hide'], run: () => setRetired(true) },
      { id: 'template.newType', title: 'New type from it', group: 'Here', permission: 'type.manage', blocked: () => (retired ? 'It is retired: offer it again first' : undefined), run: () => open({ kind: 'type.create', template: `${template.name}@${template.version}` }) },
    ];
  }, [id, mutateAsync, navigate, open, other?.id, retired, template, toasts]);
  useScreenCommands(commands);
  const stay = staying(detail.findings).length;
  const names: Readonly<Record<TabId, string>> = {
    contents: 'Contents', findings: stay === 0 ? 'Findings' : `Findings (${count(stay)})`, size: 'Size', slots: 'Slots',
    versions: detail.versions.length > 1 ? `Versions (${count(detail.versions.length)})` : 'Versions', used: `Used by (${count(template.types?.length ?? 0)})`,
  };
  return (
    <Box sx={{ height: '100%', display: 'flex', flexDirection: 'column', minHeight: 0, p: '16px 20px 0' }}>
      <Box sx={{ display: 'flex', flexDirection: 'column', gap: '2px' }}>
        <BackLink to="/templates">Templates</BackLink>
        <PageHeader
          title={
            <Box component="span" sx={{ display: 'inline-flex', alignItems: 'center', gap: 1.5, flexWrap: 'wrap' }}>
              {versionName(template)}
              {retired && <Badge look={{ tone: 'neutral', icon: ArchiveOutlined, word: 'Retired', meaning: 'Not offered for types any more; those that use it go on.' }} />}
              <Badge look={checkLook(template.errors, template.warnings)} />
              {(template.types?.length ?? 0) > 0 && <Badge look={{ tone: 'info', icon: toneIcon('info'), word: 'In use', meaning: `Types: ${(template.types ?? []).join(', ')}` }} />}
            </Box>
          }
        >
          <CommandButton id="template.newType" />
          <CommandButton id="template.retire" />
          <CommandButton id="template.export" />
          <CommandButton id="template.compare" />
          <CommandButton id="template.edit" primary />
        </PageHeader>
        <Muted>
          {template.algorithm} · SAIP {template.saipVersion} · {count(template.elements)} elements · {bytes(template.sizeBytes)}, about {bytes(detail.size.nvmBytes)} on the chip · {template.derivedFrom === undefined ? 'imported' : 'edited'} <Moment at={template.createdAt} show="minutes" />
          {template.actor !== undefined && ` by ${template.actor}`}
          {template.note !== undefined && ` · ${template.note}`}
        </Muted>
      </Box>
      <Tabs value={current} onChange={(_, next: TabId) => void navigate(next === 'contents' ? `/templates/${id}` : `/templates/${id}/${next}`)} aria-label="Template" variant="scrollable" scrollButtons={false} sx={(theme) => ({ borderBottom: `1px solid ${theme.desk.line}`, mt: '6px', flexShrink: 0 })}>
        {tabs.map((one) => (
          <Tab key={one} value={one} label={names[one]} id={`tab-${one}`} aria-controls={`panel-${one}`} />
        ))}
      </Tabs>
      <Box role="tabpanel" id={`panel-${current}`} aria-labelledby={`tab-${current}`} sx={{ flex: 1, minHeight: 0, ...(current === 'contents' ? {} : { overflow: 'auto' }) }} {...(current === 'contents' ? {} : { tabIndex: 0 })}>
        {current === 'contents' ? (
          <Contents detail={detail} />
        ) : (
          <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2, py: 2, maxWidth: 1280 }}>
            {current === 'findings' && <FindingsTab detail={detail} />}
            {current === 'size' && <SizeTab detail={detail} />}
            {current === 'slots' && <SlotsTab detail={detail} />}
            {current === 'versions' && <VersionsTab detail={detail} />}
            {current === 'used' && <UsedTab detail={detail} />}
          </Box>
        )}
      </Box>
    </Box>
  );
}

/** The tree on the left, what is selected in it on the right. What is selected stands in the address. */
function Contents({ detail }: { readonly detail: TemplateDetail }): ReactElement {
  const [params, setParams] = useSearchParams();
  const nodes = useMemo(() => indexNodes(detail.elements), [detail.elements]);
  const marks = useMemo(() => {
    const all = new Map<string, 'error' | 'warning'>();
    for (const finding of staying(detail.findings)) {
      const node = nodeAt(nodes, finding.place);
      if (node !== undefined && all.get(node.id) !== 'error') all.set(node.id, finding.severity);
    }
    return all;
  }, [detail.findings, nodes]);
  const place = params.get('at');
  const node = (place === null ? undefined : nodeAt(nodes, place)) ?? detail.elements[0];
  return (
    <Box sx={{ display: 'grid', gridTemplateColumns: 'minmax(300px, 420px) minmax(0, 1fr)', height: '100%', minHeight: 0, mx: '-20px' }}>
      <Box sx={(theme) => ({ minHeight: 0, borderRight: `1px solid ${theme.desk.line}`, background: theme.desk.surface })}>
        <PackageTree elements={detail.elements} selected={node?.id} onSelect={(id) => setParams({ at: id }, { replace: true })} marks={marks} />
      </Box>
      <Box tabIndex={0} role="region" aria-label="What is selected" sx={{ minHeight: 0, overflow: 'auto', '&:focus-visible': { outlineOffset: -2 } }}>
        {node === undefined ? <Empty title="The package is empty" /> : <NodePane key={node.id} node={node} elements={detail.elements} />}
      </Box>
    </Box>
  );
}
