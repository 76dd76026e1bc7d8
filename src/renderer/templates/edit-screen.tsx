/** Changes an operator makes to a template. They are collected, tried out while they are made, and saved as a new version. */
import { useEffect, useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import type { TemplateDetail, TemplateRow } from '../../shared/contract/types.ts';
import { problemOf } from '../app/client.ts';
import { useDesk } from '../app/queries.ts';
import { BackLink } from '../design/back.tsx';
import { LoseGuard } from '../design/lose-guard.tsx';
import { PageHeader } from '../design/panel.tsx';
import { Empty, LoadingRows, Note, Problem } from '../design/states.tsx';
import { Muted } from '../design/text.tsx';
import { ApnsSection, CdmaSection, EmergencySection, ImsSection, MandatorySection, NumbersSection, PrivacySection } from './edit-identity.tsx';
import { NamesSection } from './edit-names.tsx';
import { NetworksSection } from './edit-networks.tsx';
import type { EditDesk } from './edit-parts.tsx';
import { MoveTypes, PendingPane, useTypesOf } from './edit-pending.tsx';
import { sections, type SectionId } from './edit-rules.ts';
import { AlgorithmSection, KeysSection, PinsSection } from './edit-security.tsx';
import { ServicesSection } from './edit-services.tsx';
import { nodeName, versionName } from './template-words.ts';
import { useEdits } from './use-edits.ts';

export function EditScreen(): ReactElement {
  const { id = '' } = useParams();
  const known = /^\d{1,15}$/.test(id);
  const detail = useDesk(contract.types.template, { id }, { enabled: known });
  if (!known || (detail.isError && problemOf(detail.error).code === 'TEMPLATE_UNKNOWN')) return <Empty title="No such template" actions={<BackLink to="/templates">Templates</BackLink>}>There is no such template version in this workspace.</Empty>;
  if (detail.isError && detail.data === undefined) return <Problem error={detail.error} what="The template" retry={() => void detail.refetch()} />;
  if (detail.data === undefined) return <LoadingRows rows={14} />;
  return <Editor key={id} detail={detail.data} />;
}

const components: Readonly<Record<SectionId, (props: { readonly desk: EditDesk }) => ReactElement>> = {
  names: NamesSection, networks: NetworksSection, services: ServicesSection, pins: PinsSection, keys: KeysSection, apns: ApnsSection, privacy: PrivacySection, emergency: EmergencySection, ims: ImsSection,
  numbers: NumbersSection, algorithm: AlgorithmSection, mandatory: MandatorySection, cdma: CdmaSection,
};

function Editor({ detail }: { readonly detail: TemplateDetail }): ReactElement {
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const [chosen, choose] = useState<SectionId | undefined>();
  const [saved, setSaved] = useState<TemplateRow | undefined>();
  const edits = useEdits(detail);
  const types = useTypesOf(detail.template.name);
  const section: SectionId = chosen ?? sections.find((one) => one.id === params.get('section'))?.id ?? 'names';
  const facts = sections.find((one) => one.id === section)!;
  const Section = components[section];
  const done = (row: TemplateRow): void => void navigate(`/templates/${row.id}/versions`);
  // Nothing to ask when no type could move; the guard is gone by the time the address changes.
  useEffect(() => {
    if (saved !== undefined && types.length === 0) void navigate(`/templates/${saved.id}/versions`);
  }, [saved, types.length, navigate]);
  return (
    <Box sx={{ height: '100%', display: 'flex', flexDirection: 'column', minHeight: 0 }}>
      <LoseGuard when={saved === undefined && edits.pending.length > 0} what="The pending changes are not saved as a version yet; leaving loses them." />
      <Box sx={{ p: '16px 20px 10px', display: 'flex', flexDirection: 'column', gap: '2px' }}>
        <BackLink to={`/templates/${detail.template.id}`}>{versionName(detail.template)}</BackLink>
        <PageHeader title={`Edit ${versionName(detail.template)}`} note="Saving writes a new version." />
      </Box>
      <Box sx={(theme) => ({ flex: 1, minHeight: 0, display: 'grid', gridTemplateColumns: '186px minmax(0, 1fr) minmax(280px, 360px)', borderTop: `1px solid ${theme.desk.line}`, '@media (max-width: 1180px)': { gridTemplateColumns: '150px minmax(0, 1fr) 270px' } })}>
        <Box component="nav" aria-label="Sections" sx={(theme) => ({ overflow: 'auto', borderRight: `1px solid ${theme.desk.line}`, py: 1, background: theme.desk.surface })}>
          {sections.map((one) => {
            const own = edits.pending.filter((edit) => edit.section === one.id);
            const bad = own.some((edit) => edit.problem !== undefined);
            return (
              <Box
                component="button" type="button" key={one.id} aria-current={one.id === section ? 'page' : undefined} onClick={() => choose(one.id)}
                sx={(theme) => ({
                  font: 'inherit', display: 'flex', alignItems: 'center', gap: 1, width: '100%', textAlign: 'left', border: 0, minHeight: 32, px: '14px', cursor: 'pointer', color: theme.desk.text,
                  background: one.id === section ? theme.desk.selected : 'transparent', fontWeight: one.id === section ? 600 : 400, '&:hover': { background: one.id === section ? theme.desk.selected : theme.desk.hover }, '&:focus-visible': { outlineOffset: -2 },
                })}
              >
                <Box component="span" sx={{ flex: 1 }}>{one.name}</Box>
                {own.length > 0 && (
                  <Box component="span" sx={(theme) => ({ fontSize: '0.6875rem', fontWeight: 600, minWidth: 18, textAlign: 'center', borderRadius: '9px', px: '5px', background: bad ? theme.desk.dangerSoft : theme.desk.accentSoft, color: bad ? theme.desk.danger : theme.desk.accentText })}>
                    {bad ? '!' : own.length}
                    <span className="visually-hidden"> {bad ? 'cannot be done' : 'pending'}</span>
                  </Box>
                )}
              </Box>
            );
          })}
        </Box>
        <Box sx={{ overflow: 'auto', minWidth: 0, '&:focus-visible': { outlineOffset: -2 } }} tabIndex={0} role="region" aria-label={facts.name}>
          <Box sx={{ p: '14px 18px 28px', display: 'flex', flexDirection: 'column', gap: 1.5, alignItems: 'stretch', maxWidth: 980 }}>
            <Box>
              <Box component="h2" sx={{ m: 0, fontSize: '1rem', fontWeight: 600 }}>{facts.name}</Box>
              <Muted>{facts.text}</Muted>
            </Box>
            {detail.present.differing.length > 0 && (
              <Note tone="warning">The applications of this template differ in {detail.present.differing.map(nodeName).join(', ')}. Shown is the first one&apos;s; a change makes them all the same.</Note>
            )}
            <Section desk={edits.desk} />
          </Box>
        </Box>
        <Box component="aside" aria-label="Changes" sx={(theme) => ({ minHeight: 0, overflow: 'hidden', borderLeft: `1px solid ${theme.desk.line}`, background: theme.desk.surface })}>
          <PendingPane detail={detail} edits={edits} onSection={choose} onSaved={setSaved} />
        </Box>
      </Box>
      {saved !== undefined && types.length > 0 && <MoveTypes from={detail.template} to={saved} types={types} onDone={() => done(saved)} />}
    </Box>
  );
}
