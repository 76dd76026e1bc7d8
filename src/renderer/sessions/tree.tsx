import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import type { TreeRow } from '../../shared/contract/sessions.ts';

/** Lines of a decoded message: indented names, values beside them. Scrolls by itself when it is long. */
export function Tree({ rows, label, height }: { readonly rows: readonly TreeRow[]; readonly label: string; readonly height?: number }): ReactElement {
  return (
    <Box
      role="group"
      aria-label={label}
      tabIndex={0}
      sx={(theme) => ({ overflow: 'auto', ...(height === undefined ? {} : { maxHeight: height }), border: `1px solid ${theme.desk.line}`, borderRadius: '6px', background: theme.desk.canvas, py: '6px', '&:focus-visible': { outlineOffset: -2 } })}
    >
      <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {rows.map((row, at) => (
          // A tree is drawn anew as a whole; its lines have no identity of their own.
          <Box component="li" key={at} sx={{ display: 'flex', gap: '10px', alignItems: 'baseline', px: '10px', py: '1px', fontSize: '0.75rem', lineHeight: 1.55 }} style={{ paddingLeft: 10 + row.depth * 14 }}>
            <Box component="span" sx={(theme) => ({ color: row.value === undefined ? theme.desk.text : theme.desk.muted, fontWeight: row.value === undefined ? 600 : 400, flex: 'none', maxWidth: '60%', overflowWrap: 'anywhere' })}>
              {row.name}
              {row.tag !== undefined && <Box component="span" className="mono" sx={(theme) => ({ color: theme.desk.muted, fontWeight: 400 })}>{` ${row.tag}`}</Box>}
            </Box>
            {row.value !== undefined && <Box component="span" className="mono" sx={{ overflowWrap: 'anywhere', minWidth: 0 }}>{row.value}</Box>}
            {row.note !== undefined && <Box component="span" sx={(theme) => ({ color: theme.desk.muted, overflowWrap: 'anywhere' })}>{row.note}</Box>}
          </Box>
        ))}
      </Box>
    </Box>
  );
}
