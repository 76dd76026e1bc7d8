import type { ReactElement, ReactNode } from 'react';
import Box from '@mui/material/Box';
import CheckCircleOutlined from '@mui/icons-material/CheckCircleOutlined';

/** The good end of long work, said once and large. */
export function DeskDone({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactElement {
  return (
    <Box role="status" sx={(theme) => ({ display: 'flex', gap: 1.5, alignItems: 'center', p: '14px 18px', borderRadius: '8px', background: theme.desk.successSoft })}>
      <CheckCircleOutlined aria-hidden sx={(theme) => ({ fontSize: '2rem', color: theme.desk.success })} />
      <Box>
        <Box component="h2" sx={{ m: 0, fontSize: '1.0625rem', fontWeight: 600 }}>{title}</Box>
        {children}
      </Box>
    </Box>
  );
}
