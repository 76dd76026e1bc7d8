import type { ReactElement } from 'react';
import Box from '@mui/material/Box';
import type { BlockRow } from '../../shared/contract/numbers.ts';
import { count, share } from '../design/formats.ts';
import { Muted } from '../design/text.tsx';
import { numbersText } from './number-words.ts';

/** Used, burnt, kept and free numbers of a block over one bar; the numbers beside it say the same. */
export function UseBar({ block, wide = false }: { readonly block: Pick<BlockRow, 'first' | 'count' | 'used' | 'burnt' | 'reserved'>; readonly wide?: boolean }): ReactElement {
  const { used, burnt, reserved } = block;
  const percent = (n: number) => `${block.count === 0 || n === 0 ? 0 : Math.max(2, (100 * n) / block.count)}%`;
  return (
    <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, minWidth: 0 }}>
      <Box
        role="meter" aria-label={`Use of the block from ${block.first}`} aria-valuemin={0} aria-valuemax={block.count} aria-valuenow={used}
        aria-valuetext={`${count(used)} of ${count(block.count)} used, ${count(burnt)} burnt, ${count(reserved)} kept for preparations`}
        sx={(theme) => ({ width: wide ? 220 : 72, flex: 'none', height: 7, borderRadius: '3px', background: theme.desk.neutralSoft, overflow: 'hidden', display: 'flex', gap: '1px' })}
      >
        <Box sx={(theme) => ({ background: theme.desk.accent })} style={{ width: percent(used - burnt) }} />
        <Box sx={(theme) => ({ background: theme.desk.danger })} style={{ width: percent(burnt) }} />
        <Box sx={(theme) => ({ background: theme.desk.info })} style={{ width: percent(reserved) }} />
      </Box>
      <Box component="span" sx={{ whiteSpace: 'nowrap' }}>
        {share(used, block.count)} <Muted>of {numbersText(block.count)}</Muted>
      </Box>
    </Box>
  );
}
