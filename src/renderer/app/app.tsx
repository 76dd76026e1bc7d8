import { useMemo, useState, type ReactElement } from 'react';
import { CacheProvider } from '@emotion/react';
import CssBaseline from '@mui/material/CssBaseline';
import { ThemeProvider } from '@mui/material/styles';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from 'react-router/dom';
import { styleCache } from './nonce.ts';
import { PreferencesProvider, usePreferences } from './preferences.tsx';
import { EndedPage } from './ended.tsx';
import { makeQueryClient } from './queries.ts';
import { makeRouter } from './routes.tsx';
import { useSessionEnded } from './session-end.ts';
import { deskTheme } from './theme.ts';
import { ToastProvider } from './toasts.tsx';

export function App(): ReactElement {
  const [cache] = useState(styleCache);
  const [client] = useState(makeQueryClient);
  return (
    <CacheProvider value={cache}>
      <QueryClientProvider client={client}>
        <PreferencesProvider>
          <Themed />
        </PreferencesProvider>
      </QueryClientProvider>
    </CacheProvider>
  );
}

function Themed(): ReactElement {
  const { mode, calm } = usePreferences();
  const theme = useMemo(() => deskTheme(mode, calm), [mode, calm]);
  const [router] = useState(makeRouter);
  const ended = useSessionEnded();
  return (
    <ThemeProvider theme={theme}>
      <CssBaseline />
      {ended ? (
        <EndedPage />
      ) : (
        <ToastProvider>
          <RouterProvider router={router} />
        </ToastProvider>
      )}
    </ThemeProvider>
  );
}
