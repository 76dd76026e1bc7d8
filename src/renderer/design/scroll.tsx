import type { ReactElement, ReactNode } from 'react';
import Box from '@mui/material/Box';
import Table from '@mui/material/Table';

/**
 * A table that scrolls sideways inside its panel and can be reached by keyboard for that. `actions`: its last column holds the
 * actions of each row and stays in sight.
 */
export function Scroll({ label, actions = false, children }: { readonly label: string; readonly actions?: boolean; readonly children: ReactNode }): ReactElement {
  return (
    <Box tabIndex={0} role="group" aria-label={label} sx={(theme) => ({ overflowX: 'auto', '&:focus-visible': { outlineOffset: -2 }, '& tbody tr:last-of-type > *': { borderBottom: 0 }, '& td, & th': { whiteSpace: 'nowrap' }, ...(actions ? { '& tr > :last-child': { position: 'sticky', right: 0, background: `linear-gradient(to right, transparent, ${theme.desk.surface} 14px)`, paddingLeft: '18px' } } : {}) })}>
      <Table size="small">{children}</Table>
    </Box>
  );
}
