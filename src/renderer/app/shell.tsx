import { Suspense, useEffect, useRef, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import { Outlet, useLocation } from 'react-router';
import { contract } from '../../shared/contract/index.ts';
import { LoadingRows, Note } from '../design/states.tsx';
import { areaAt } from './areas.ts';
import { CommandProvider } from './command-context.tsx';
import { DialogHost } from './dialog-host.tsx';
import { DialogProvider } from './dialogs.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { Footer, Sidebar } from './frame.tsx';
import { Header } from './header.tsx';
import { useNow } from './now.tsx';
import { useChangeFeed, useDesk, useEngineAway } from './queries.ts';
import { problemOf } from './client.ts';

export function Shell(): ReactElement {
  return (
    <DialogProvider>
      <CommandProvider>
        <Frame />
        <DialogHost />
      </CommandProvider>
    </DialogProvider>
  );
}

const statusEveryMs = 5_000;
const unsureAfterMs = 5 * statusEveryMs;

function Frame(): ReactElement {
  useChangeFeed();
  const status = useDesk(contract.workspace.status, {}, { refetchInterval: statusEveryMs });
  const { pathname } = useLocation();
  const area = areaAt(pathname);
  const away = useEngineAway(status.error);
  // A page that slept, or a question that hangs: what was last heard is not the present.
  const now = useNow();
  const unsure = status.isError || status.failureCount > 0 || (status.data !== undefined && now - status.dataUpdatedAt > unsureAfterMs);
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    document.title = `${area?.name ?? 'Not found'} · MVNE Desk`;
  }, [area]);
  useEffect(() => {
    // After a change of screen the keyboard starts at the new screen, not at the link that led there.
    if (first.current) first.current = false;
    else main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return (
    <Box sx={{ height: '100%', display: 'grid', gridTemplateColumns: '196px minmax(0, 1fr)', gridTemplateRows: '52px minmax(0, 1fr) 28px', gridTemplateAreas: '"nav header" "nav main" "footer footer"', '@media (max-width: 1100px)': { gridTemplateColumns: '56px minmax(0, 1fr)' } }}>
      <Box
        component="a"
        href="#main"
        onClick={(event: React.MouseEvent) => {
          event.preventDefault();
          main.current?.focus();
        }}
        sx={(theme) => ({ position: 'absolute', left: 8, top: -60, zIndex: 2000, background: theme.desk.accent, color: theme.desk.onAccent, p: '8px 14px', borderRadius: '6px', '&:focus': { top: 8 } })}
      >
        Skip to content
      </Box>
      <Sidebar environment={status.data?.environment} />
      <Header />
      <Box component="main" id="main" ref={main} tabIndex={-1} sx={{ gridArea: 'main', minHeight: 0, minWidth: 0, outline: 'none', display: 'flex', flexDirection: 'column' }}>
        {away && (
          <Box role="alert" sx={{ p: '10px 20px 0' }}>
            <Note tone="danger">
              {problemOf(status.error).message} {problemOf(status.error).hint} What you see may be out of date.
            </Note>
          </Box>
        )}
        <Box sx={{ flex: 1, minHeight: 0 }}>
          <ErrorBoundary resetKey={pathname}>
            <Suspense fallback={<LoadingRows />}>
              <Outlet />
            </Suspense>
          </ErrorBoundary>
        </Box>
      </Box>
      <Footer status={status.data} away={away} unsure={unsure} />
    </Box>
  );
}
