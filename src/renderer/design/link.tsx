import type { ReactElement, ReactNode } from 'react';
import Box from '@mui/material/Box';
import { Link } from 'react-router';

export function TextLink({ to, children }: { readonly to: string; readonly children: ReactNode }): ReactElement {
  return (
    <Box component={Link} to={to} sx={(theme) => ({ color: theme.desk.accentText, textDecoration: 'underline', textDecorationColor: `color-mix(in srgb, ${theme.desk.accent} 45%, transparent)`, textUnderlineOffset: '3px', '&:hover': { textDecorationColor: theme.desk.accent } })}>
      {children}
    </Box>
  );
}
