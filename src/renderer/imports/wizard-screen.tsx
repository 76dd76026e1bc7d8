/** One file on its way into the stock: seven steps on one screen. What is chosen lives in the engine, so nothing is lost on the way. */
import { useEffect, useRef, type ReactElement, type ReactNode } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Tooltip from '@mui/material/Tooltip';
import ArrowBack from '@mui/icons-material/ArrowBack';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { imports, type ImportView } from '../../shared/contract/imports.ts';
import { problemOf } from '../app/client.ts';
import { useDesk, useDeskCommand } from '../app/queries.ts';
import { useToasts } from '../app/toasts.tsx';
import { BackLink, useEscapeTo } from '../design/back.tsx';
import { PrimaryButton } from '../design/dialog.tsx';
import { bytes, count, plural } from '../design/formats.ts';
import { Page, PageHeader } from '../design/panel.tsx';
import { LoadingRows, Problem } from '../design/states.tsx';
import { Stepper } from '../design/stepper.tsx';
import { Badge } from '../design/status.tsx';
import { countsText, keyBlocker, outcomeText, prepareOf, readStep, type StepId, stepIds, stepNames, stepOf, stepReason, stepsOf } from './import-words.ts';
import { importLook } from './imports-screen.tsx';
import { PastImport } from './past-import.tsx';
import { MapStep } from './step-map.tsx';
import { PreviewStep } from './step-preview.tsx';
import { ReportStep } from './step-report.tsx';
import { RulesStep } from './step-rules.tsx';
import { RunStep } from './step-run.tsx';
import { SourceStep } from './step-source.tsx';
import { ValidateStep } from './step-validate.tsx';
import { useEffectOf, useImport, type OpenImport } from './use-import.ts';

export interface StepProps {
  readonly view: ImportView;
  readonly open: OpenImport;
  readonly go: (step: StepId) => void;
}

export function ImportScreen(): ReactElement {
  const { id = '' } = useParams();
  const open = useImport(id);
  const { query } = open;
  if (query.data !== undefined) return <Wizard key={id} view={query.data} open={open} />;
  if (query.isError) {
    const { code } = problemOf(query.error);
    // The file itself is held in memory only; what came of it stands in the history.
    if (code === 'IMPORT_UNKNOWN' || code === 'NOT_FOUND' || code === 'INPUT_INVALID') return <PastImport id={id} />;
    return <Page><BackLink to="/imports">Imports</BackLink><Problem error={query.error} what="The import" retry={() => void query.refetch()} /></Page>;
  }
  return <Page><LoadingRows rows={10} /></Page>;
}

/** Where each import was left, while this window is open. */
const lastSteps = new Map<string, StepId>();

function Wizard({ view, open }: { readonly view: ImportView; readonly open: OpenImport }): ReactElement {
  const [params, setParams] = useSearchParams();
  const asked = readStep(params.get('step') ?? lastSteps.get(view.id) ?? null);
  const step = asked !== undefined && stepReason(view, asked) === undefined ? asked : stepOf(view);
  const content = useRef<HTMLDivElement>(null);
  useEscapeTo('/imports');
  const go = (next: StepId): void => {
    lastSteps.set(view.id, next);
    setParams({ step: next });
    content.current?.scrollTo({ top: 0 });
    content.current?.focus({ preventScroll: true });
  };
  // The run goes on by itself: its screens follow it.
  const { state } = view;
  const before = useRef(state);
  useEffect(() => {
    const was = before.current;
    before.current = state;
    if (was === state) return;
    if (state === 'validating') setParams({ step: 'validate' }, { replace: true });
    if (state === 'committing') setParams({ step: 'run' }, { replace: true });
    if (state === 'done' || state === 'rolled-back') setParams({ step: 'report' }, { replace: true });
  }, [state, setParams]);
  const props = { view, open, go };
  return (
    <Box sx={{ height: '100%', display: 'flex', flexDirection: 'column', minHeight: 0 }}>
      <Box sx={{ p: '16px 20px 12px', display: 'flex', flexDirection: 'column', gap: 2 }}>
        <BackLink to="/imports">Imports</BackLink>
        <PageHeader title={view.fileName} note={<Box component="span" sx={{ display: 'inline-flex', gap: 1.5, alignItems: 'center' }}><Badge look={importLook(view.state)} />{bytes(view.bytes)} · {plural(view.detection.rows, 'row')}</Box>}>
          {view.state !== 'committing' && view.state !== 'done' && view.state !== 'rolled-back' && <Discard view={view} />}
        </PageHeader>
        <Stepper label="Steps of the import" steps={stepsOf(view, step)} current={step} onGo={go} />
      </Box>
      <Box ref={content} tabIndex={-1} role="region" aria-label={`Step ${stepIds.indexOf(step) + 1}: ${stepNames[step]}`} sx={{ flex: 1, minHeight: 0, overflow: 'auto', outline: 'none', scrollbarGutter: 'stable' }}>
        <Box sx={{ p: '2px 10px 20px 20px', display: 'flex', flexDirection: 'column', gap: 2 }}>
          {step === 'source' && <SourceStep {...props} />}
          {step === 'map' && <MapStep {...props} />}
          {step === 'rules' && <RulesStep {...props} />}
          {step === 'validate' && <ValidateStep {...props} />}
          {step === 'preview' && <PreviewStep {...props} />}
          {step === 'run' && <RunStep {...props} />}
          {step === 'report' && <ReportStep {...props} />}
        </Box>
      </Box>
      <WizardFoot view={view} step={step} go={go} open={open} />
    </Box>
  );
}

/** Back, how the rows stand, and the one thing to do next. */
function WizardFoot({ view, step, go, open }: StepProps & { readonly step: StepId }): ReactElement {
  const at = stepIds.indexOf(step);
  const before = stepIds[at - 1];
  const over = view.state === 'committing' || view.state === 'done' || view.state === 'rolled-back';
  const back = before === undefined || (over && at > 4) || stepReason(view, before) !== undefined ? undefined : before;
  return (
    <Box component="section" aria-label="Where the import stands" sx={(theme) => ({ display: 'flex', alignItems: 'center', gap: 1.5, p: '8px 20px', borderTop: `1px solid ${theme.desk.line}`, background: theme.desk.surface, minHeight: 48 })}>
      {back !== undefined && (
        <Button variant="outlined" startIcon={<ArrowBack />} onClick={() => go(back)}>
          {stepNames[back]}
        </Button>
      )}
      <Box role="status" aria-live="polite" sx={{ flex: 1, minWidth: 0 }}>
        {view.counts === undefined ? <Box component="span" sx={(theme) => ({ color: theme.desk.muted })}>{over ? '' : 'Nothing has been written to the stock.'}</Box> : view.state === 'done' || view.state === 'rolled-back' ? null : <strong>{step === 'preview' ? outcomeText(view.counts) : countsText(view.counts)}{view.state === 'validating' ? ' so far' : ''}</strong>}
      </Box>
      <Next view={view} step={step} go={go} open={open} />
    </Box>
  );
}

function Next({ view, step, go, open }: StepProps & { readonly step: StepId }): ReactElement | null {
  const check = useDeskCommand(imports.validate);
  const commit = useDeskCommand(imports.commit);
  const toasts = useToasts();
  const navigate = useNavigate();
  const done = useDesk(imports.list, { limit: 200 }, { enabled: step === 'report' }).data?.rows.find((one) => one.id === view.id);
  const effect = useEffectOf(view, step === 'preview').data;
  const start = (): void =>
    check.mutate({ id: view.id }, {
      onSuccess: () => {
        open.expect();
        go('validate');
      },
      onError: (error) => toasts.failed(error, 'Check'),
    });
  switch (step) {
    case 'source':
      return <Go reason={view.imported === undefined ? undefined : 'This very file was imported before; nothing of it can be imported again.'} onClick={() => go('map')}>Next: say what the columns are</Go>;
    case 'map':
      return <Go reason={keyBlocker(view)} onClick={() => go('rules')}>Next: rules</Go>;
    case 'rules': {
      if (view.state === 'validated' || view.state === 'validating') return <Go onClick={() => go('validate')}>Next: what was found</Go>;
      const reason = view.type === undefined ? 'Choose the profile type first.' : stepReason(view, 'validate');
      return <Go reason={reason} busy={check.isPending} onClick={start}>{`Check ${plural(view.detection.rows, 'row')}`}</Go>;
    }
    case 'validate':
      if (view.state === 'mapped' || view.state === 'opened') return <Go reason={stepReason(view, 'validate')} busy={check.isPending} onClick={start}>{`Check ${plural(view.detection.rows, 'row')}`}</Go>;
      return <Go reason={view.state === 'validated' ? undefined : 'The rows are still being checked.'} onClick={() => go('preview')}>{view.state === 'validated' && (view.counts?.bad ?? 0) > 0 ? `Preview without the ${count(view.counts?.bad ?? 0)}` : 'Next: preview'}</Go>;
    case 'preview': {
      const bad = view.counts?.bad ?? 0;
      const many = effect?.create ?? view.counts?.good ?? 0;
      return (
        <Go
          reason={effect?.blockers.find((sentence) => bad === 0 || !/mend|repair|left out|leave/i.test(sentence)) ?? (many === 0 ? 'No row is good enough to be imported.' : undefined)}
          busy={commit.isPending}
          onClick={() =>
            commit.mutate({ id: view.id, leaveOutBad: bad > 0 }, {
              onSuccess: open.expect,
              onError: (error) => toasts.failed(error, 'Import'),
            })
          }
        >
          {bad > 0 ? `Import ${plural(many, 'profile')}, leave out ${count(bad + (view.counts?.leftOut ?? 0))}` : `Import ${plural(many, 'profile')}`}
        </Go>
      );
    }
    case 'run':
      return view.state === 'done' || view.state === 'rolled-back' ? <Go onClick={() => go('report')}>Report</Go> : null;
    case 'report':
      return view.state === 'done' ? <Go onClick={() => void navigate(prepareOf(done?.reference ?? view.reference, view.type, done?.accepted ?? view.counts?.good ?? 0))}>Prepare these profiles</Go> : <Go onClick={() => void navigate('/imports')}>Back to imports</Go>;
  }
}

function Go({ children, onClick, reason, busy = false }: { readonly children: ReactNode; readonly onClick: () => void; readonly reason?: string | undefined; readonly busy?: boolean }): ReactElement {
  const button = <PrimaryButton busy={busy} disabled={reason !== undefined} onClick={onClick}>{children}</PrimaryButton>;
  return reason === undefined ? button : (
    <Tooltip title={reason} describeChild>
      <Box component="span" tabIndex={0} role="note" aria-label={`${String(children)}: ${reason}`} sx={{ display: 'inline-flex', alignItems: 'center', gap: 1.5 }}>
        <Box component="span" sx={(theme) => ({ color: theme.desk.muted, maxWidth: 420, textAlign: 'right', '@media (max-width: 1100px)': { maxWidth: 260 } })}>{reason}</Box>
        {button}
      </Box>
    </Tooltip>
  );
}

/** The file is forgotten; said first when a check or repairs would go with it. */
function Discard({ view }: { readonly view: ImportView }): ReactElement {
  const run = useDeskCommand(imports.discard);
  const toasts = useToasts();
  const navigate = useNavigate();
  const [params, setParams] = useSearchParams();
  const asking = params.get('discard') === 'ask';
  const done = (): void =>
    run.mutate({ id: view.id }, {
      onSuccess: () => {
        toasts.done(`${view.fileName} forgotten; nothing of it was written`);
        void navigate('/imports');
      },
      onError: (error) => toasts.failed(error, 'Discard'),
    });
  const set = (value: string | undefined): void =>
    setParams((current) => {
      const next = new URLSearchParams(current);
      if (value === undefined) next.delete('discard');
      else next.set('discard', value);
      return next;
    }, { replace: true });
  if (!asking) return <Button variant="outlined" onClick={() => set('ask')}>Discard</Button>;
  const repaired = view.counts?.repaired ?? 0;
  return (
    <Box role="group" aria-label="Discard this file?" sx={{ display: 'inline-flex', gap: 1, alignItems: 'center', flexWrap: 'wrap' }}>
      <Box component="span" sx={(theme) => ({ color: theme.desk.muted })}>Forgets the file{repaired > 0 ? ` and ${plural(repaired, 'correction')}` : ''}; the stock stays as it is.</Box>
      <Button variant="outlined" color="error" disabled={run.isPending} onClick={done}>
        Discard it
      </Button>
      <Button variant="outlined" autoFocus onClick={() => set(undefined)}>
        Keep it
      </Button>
    </Box>
  );
}
