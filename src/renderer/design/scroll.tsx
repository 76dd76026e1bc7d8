import type { ReactElement, ReactNode } from 'react';
import Box from '@mui/material/Box';
import Table from '@mui/material/Table';

/** A table that scrolls sideways inside its panel and can be reached by keyboard for that. */
export function Scroll({ label, children }: { readonly label: string; readonly children: ReactNode }): ReactElement {
  return (
    <Box tabIndex={0} role="group" aria-label={label} sx={{ overflowX: 'auto', '&:focus-visible': { outlineOffset: -2 }, '& tbody tr:last-of-type > *': { borderBottom: 0 }, '& td, & th': { whiteSpace: 'nowrap' } }}>
      <Table size="small">{children}</Table>
    </Box>
  );
}
