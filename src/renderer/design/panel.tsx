/** Page scaffolding: header, panels, figures, pairs of name and value. */
import type { ReactElement, ReactNode } from 'react';
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import type { SxProps, Theme } from '@mui/material/styles';

/** Title row of a screen. `children` are its actions, the main one last. */
export function PageHeader({ title, note, children }: { readonly title: ReactNode; readonly note?: ReactNode; readonly children?: ReactNode }): ReactElement {
  return (
    <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.5, minHeight: 34, flexWrap: 'wrap' }}>
      <Typography variant="h1" component="h1" tabIndex={-1} id="page-title" sx={{ outline: 'none' }}>
        {title}
      </Typography>
      {note !== undefined && <Box sx={(theme) => ({ color: theme.desk.muted })}>{note}</Box>}
      <Box sx={{ flex: 1 }} />
      <Box sx={{ display: 'flex', gap: 1, alignItems: 'center', flexWrap: 'wrap' }}>{children}</Box>
    </Box>
  );
}

/** A screen that scrolls as a whole. */
export function Page({ children, width }: { readonly children: ReactNode; readonly width?: number }): ReactElement {
  return (
    <Box sx={{ height: '100%', overflow: 'auto' }} tabIndex={-1}>
      <Box sx={{ p: '16px 20px 28px', display: 'flex', flexDirection: 'column', gap: 2, ...(width === undefined ? {} : { maxWidth: width }) }}>{children}</Box>
    </Box>
  );
}

/** A screen whose list fills what is left and scrolls alone. */
export function ListPage({ children }: { readonly children: ReactNode }): ReactElement {
  return <Box sx={{ height: '100%', display: 'flex', flexDirection: 'column', gap: 1.5, p: '16px 20px 12px', minHeight: 0 }}>{children}</Box>;
}

export function Panel({ title, aside, children, sx, flush = false }: { readonly title?: string; readonly aside?: ReactNode; readonly children: ReactNode; readonly sx?: SxProps<Theme>; readonly flush?: boolean }): ReactElement {
  return (
    <Box
      component="section"
      {...(title === undefined ? {} : { 'aria-label': title })}
      sx={[(theme) => ({ background: theme.desk.surface, border: `1px solid ${theme.desk.line}`, borderRadius: '8px', minWidth: 0, display: 'flex', flexDirection: 'column' }), ...(Array.isArray(sx) ? sx : [sx])]}
    >
      {title !== undefined && (
        <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, p: '10px 16px 0', minHeight: 38 }}>
          <Typography variant="h2" component="h2" sx={{ flex: 1 }}>
            {title}
          </Typography>
          {aside}
        </Box>
      )}
      <Box sx={{ p: flush ? '6px 0 4px' : title === undefined ? '14px 16px' : '8px 16px 14px', minWidth: 0, flex: 1 }}>{children}</Box>
    </Box>
  );
}

/** One number with its name; the note says of what, or since when. */
export function Figure({ name, value, note, children }: { readonly name: string; readonly value: ReactNode; readonly note?: ReactNode; readonly children?: ReactNode }): ReactElement {
  return (
    <Box sx={{ minWidth: 0 }}>
      <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem' })}>{name}</Box>
      <Box sx={{ fontSize: '1.5rem', fontWeight: 600, lineHeight: 1.3, letterSpacing: '-0.01em' }}>{value}</Box>
      {note !== undefined && <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem' })}>{note}</Box>}
      {children}
    </Box>
  );
}

/** Names on the left, values on the right, as a description list. */
export function Pairs({ rows, nameWidth = 140 }: { readonly rows: readonly (readonly [string, ReactNode])[]; readonly nameWidth?: number }): ReactElement {
  return (
    <Box component="dl" sx={{ display: 'grid', gridTemplateColumns: `${nameWidth}px minmax(0, 1fr)`, columnGap: 2, rowGap: '5px', m: 0 }}>
      {rows.map(([name, value]) => (
        <Box key={name} sx={{ display: 'contents' }}>
          <Box component="dt" sx={(theme) => ({ color: theme.desk.muted, py: '2px' })}>
            {name}
          </Box>
          <Box component="dd" sx={{ m: 0, py: '2px', minWidth: 0, overflowWrap: 'anywhere' }}>
            {value}
          </Box>
        </Box>
      ))}
    </Box>
  );
}
