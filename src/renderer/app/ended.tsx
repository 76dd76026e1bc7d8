import { useEffect, useRef, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import LinkOff from '@mui/icons-material/LinkOff';
import { Code } from '../design/text.tsx';

/** The whole page once the console's session has ended: the last figures would be taken for the present ones. */
export function EndedPage(): ReactElement {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = 'Console ended · MVNE Desk';
    title.current?.focus();
  }, []);
  return (
    <Box component="main" id="main" role="main" sx={(theme) => ({ height: '100%', display: 'grid', placeItems: 'center', p: 3, background: theme.desk.canvas })}>
      <Box role="alert" sx={{ maxWidth: 520, display: 'flex', flexDirection: 'column', alignItems: 'center', textAlign: 'center', gap: 1.25 }}>
        <LinkOff aria-hidden sx={(theme) => ({ fontSize: '2.5rem', color: theme.desk.muted })} />
        <Typography variant="h1" tabIndex={-1} ref={title}>This console ended when the program restarted</Typography>
        <Box sx={(theme) => ({ color: theme.desk.muted })}>
          Open the new address: <Code>mvne-desk serve --console</Code> prints one at each start, and it works once. What was saved is kept; a form that was open in this page has to be filled again.
        </Box>
      </Box>
    </Box>
  );
}
