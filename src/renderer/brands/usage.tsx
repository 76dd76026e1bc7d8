import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import { count, share } from '../design/formats.ts';
import { Muted } from '../design/text.tsx';
import { usageOf } from './brand-words.ts';

/** `12 / 500` over a thin bar; without a limit the number alone. */
export function UsageBar({ used, limit, name, wide = false }: { readonly used: number; readonly limit: number | undefined; readonly name: string; readonly wide?: boolean }): ReactElement {
  const usage = usageOf(used, limit);
  if (limit === undefined) {
    return (
      <span>
        {count(used)} <Muted>· no limit</Muted>
      </span>
    );
  }
  return (
    <Box sx={{ display: wide ? 'block' : 'flex', alignItems: 'center', gap: 1 }}>
      <Box
        role="meter"
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={Math.max(1, limit)}
        aria-valuenow={Math.min(used, limit)}
        aria-valuetext={`${count(used)} of ${count(limit)}`}
        sx={(theme) => ({ width: wide ? '100%' : 40, flex: 'none', height: 6, borderRadius: '3px', background: theme.desk.neutralSoft, overflow: 'hidden', mb: wide ? '4px' : 0 })}
      >
        <Box sx={(theme) => ({ height: '100%', background: theme.desk[usage.tone === 'success' ? 'accent' : usage.tone] })} style={{ width: `${used === 0 && limit > 0 ? 0 : Math.max(4, 100 * usage.share)}%` }} />
      </Box>
      <span>
        {count(used)} <Muted>of {count(limit)}{wide && limit > 0 ? ` · ${share(used, limit)}` : ''}</Muted>
      </span>
    </Box>
  );
}
