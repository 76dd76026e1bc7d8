/** What a screen says when it has nothing to show: empty, filtered empty, loading, refused, not permitted. */
import type { ReactElement, ReactNode } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Skeleton from '@mui/material/Skeleton';
import Typography from '@mui/material/Typography';
import LockOutlined from '@mui/icons-material/LockOutlined';
import Refresh from '@mui/icons-material/Refresh';
import { problemOf } from '../app/client.ts';
import { CopyButton } from './text.tsx';
import { toneIcon, type DeskIcon } from './status.tsx';

export function Empty({ icon: Icon, title, children, actions }: { readonly icon?: DeskIcon; readonly title: string; readonly children?: ReactNode; readonly actions?: ReactNode }): ReactElement {
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', alignItems: 'center', justifyContent: 'center', textAlign: 'center', gap: 1, p: '48px 24px', height: '100%', minHeight: 200 }}>
      {Icon !== undefined && <Icon aria-hidden sx={(theme) => ({ fontSize: '2rem', color: theme.desk.muted })} />}
      <Typography variant="h2" component="p">
        {title}
      </Typography>
      {children !== undefined && <Box sx={(theme) => ({ color: theme.desk.muted, maxWidth: 460 })}>{children}</Box>}
      {actions !== undefined && <Box sx={{ display: 'flex', gap: 1, mt: 1, flexWrap: 'wrap', justifyContent: 'center' }}>{actions}</Box>}
    </Box>
  );
}

/** What happened, what to do, the code, and the id to quote. */
export function Problem({ error, what, retry }: { readonly error: unknown; readonly what: string; readonly retry?: () => void }): ReactElement {
  const problem = problemOf(error);
  if (problem.code === 'NOT_PERMITTED') {
    return (
      <Empty icon={LockOutlined} title="You may not see this">
        {problem.message} {problem.hint}
      </Empty>
    );
  }
  return (
    <Box role="alert">
      <Empty
        icon={toneIcon('danger')}
        title={`${what} could not be read`}
        actions={
          retry === undefined ? undefined : (
            <Button variant="outlined" startIcon={<Refresh />} onClick={retry}>
              Try again
            </Button>
          )
        }
      >
        {problem.message} {problem.hint}
        <Box sx={{ display: 'flex', justifyContent: 'center' }}>
          <ProblemCode code={problem.code} correlationId={problem.correlationId} />
        </Box>
      </Empty>
    </Box>
  );
}

export function ProblemCode({ code, correlationId }: { readonly code: string; readonly correlationId: string }): ReactElement {
  const text = correlationId === '' ? code : `${code} · ${correlationId}`;
  return (
    <Box component="span" sx={{ display: 'flex', alignItems: 'center', justifyContent: 'inherit', gap: '2px', fontSize: '0.75rem', mt: '2px' }}>
      <span className="mono">{text}</span>
      <CopyButton value={text} what="details" />
    </Box>
  );
}

/** A refusal inside a form or dialog. */
export function ProblemNote({ error }: { readonly error: unknown }): ReactElement | null {
  if (error === null || error === undefined) return null;
  const problem = problemOf(error);
  const Icon = toneIcon('danger');
  return (
    <Box role="alert" sx={(theme) => ({ display: 'flex', gap: 1, p: '8px 12px', borderRadius: '6px', background: theme.desk.dangerSoft, color: theme.desk.text })}>
      <Icon aria-hidden sx={(theme) => ({ color: theme.desk.danger, mt: '2px' })} />
      <Box sx={{ minWidth: 0, overflowWrap: 'anywhere' }}>
        {problem.message} {problem.hint}
        <ProblemCode code={problem.code} correlationId={problem.correlationId} />
      </Box>
    </Box>
  );
}

export function Note({ tone, children }: { readonly tone: 'info' | 'warning' | 'danger' | 'success'; readonly children: ReactNode }): ReactElement {
  const Icon = toneIcon(tone);
  const soft = { info: 'infoSoft', warning: 'warningSoft', danger: 'dangerSoft', success: 'successSoft' } as const;
  return (
    <Box sx={(theme) => ({ display: 'flex', gap: 1, p: '8px 12px', borderRadius: '6px', background: theme.desk[soft[tone]] })}>
      <Icon aria-hidden sx={(theme) => ({ color: theme.desk[tone], mt: '2px' })} />
      <Box sx={{ minWidth: 0 }}>{children}</Box>
    </Box>
  );
}

export function LoadingRows({ rows = 8, height = 22 }: { readonly rows?: number; readonly height?: number }): ReactElement {
  return (
    <Box role="status" aria-label="Loading" sx={{ display: 'flex', flexDirection: 'column', gap: '10px', p: 2 }}>
      {Array.from({ length: rows }, (_, at) => (
        <Skeleton key={at} variant="rounded" height={height} sx={{ opacity: 1 - at / (rows + 2) }} />
      ))}
    </Box>
  );
}
