import { useEffect, type ReactElement, type ReactNode } from 'react';
import Box from '@mui/material/Box';
import ArrowBack from '@mui/icons-material/ArrowBack';
import { Link, useNavigate } from 'react-router';
import { isTyping, layerOpen } from '../app/typing.ts';
import { listAddress } from './last-address.ts';

export function BackLink({ to, children }: { readonly to: string; readonly children: ReactNode }): ReactElement {
  return (
    <Box component={Link} to={listAddress(to)} sx={(theme) => ({ alignSelf: 'flex-start', display: 'inline-flex', alignItems: 'center', gap: '4px', minHeight: 24, color: theme.desk.muted, textDecoration: 'none', '&:hover': { color: theme.desk.accentText } })}>
      <ArrowBack aria-hidden sx={{ fontSize: '0.95rem' }} />
      {children}
    </Box>
  );
}

/** Esc closes one layer: with no dialog, menu or field in the way, a detail goes back to its list. */
export function useEscapeTo(to: string): void {
  const navigate = useNavigate();
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.defaultPrevented || isTyping(event.target)) return;
      if (layerOpen(event.target)) return;
      void navigate(listAddress(to));
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [navigate, to]);
}
