import type { MouseEvent, ReactElement } from 'react';
import Box from '@mui/material/Box';
import ChevronRight from '@mui/icons-material/ChevronRight';
import { Link } from 'react-router';
import { brands } from '../../shared/contract/brands.ts';
import { outbox } from '../../shared/contract/outbox.ts';
import { useCommands } from '../app/command-context.tsx';
import { useDesk } from '../app/queries.ts';
import { count } from '../design/formats.ts';
import { Panel } from '../design/panel.tsx';
import { toneIcon } from '../design/status.tsx';
import { withMore, type Item } from './more-attention.ts';

const toneOf = { info: 'info', warning: 'warning', error: 'danger' } as const;
const rank = { error: 0, warning: 1, info: 2 } as const;
const spoken = { error: 'Error', warning: 'Warning', info: 'Note' } as const;

/** What needs a person, worst first; each line opens the list behind its number. */
export function Attention({ items }: { readonly items: readonly Item[] }): ReactElement {
  const { run } = useCommands();
  const waiting = useDesk(outbox.list, { limit: 1, filter: { state: ['waiting', 'dead'] } });
  const brandList = useDesk(brands.list, {});
  const all = withMore(items, { outbox: waiting.data?.counts, brands: brandList.data?.rows });
  const sorted = all.sort((a, b) => rank[a.severity] - rank[b.severity] || b.count - a.count);
  return (
    <Panel title="Needs attention" flush>
      {sorted.length === 0 ? (
        <Box sx={(theme) => ({ p: '10px 16px 14px', color: theme.desk.muted })}>Nothing needs you now: no failed, half-done or expiring activations, and no stock running low.</Box>
      ) : (
        <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
          {sorted.map((item) => {
            const tone = toneOf[item.severity];
            const Icon = toneIcon(tone);
            return (
              <li key={`${item.kind}${item.text}`}>
                <Box
                  component={Link}
                  to={item.href}
                  onClick={(event: MouseEvent) => {
                    if (item.kind !== 'job-failed') return;
                    // Jobs have no list of their own: they are in the header, on every screen.
                    event.preventDefault();
                    run('jobs.open');
                  }}
                  sx={(theme) => ({ display: 'flex', alignItems: 'center', gap: '10px', p: '7px 16px', color: 'inherit', textDecoration: 'none', '&:hover': { background: theme.desk.hover }, '&:focus-visible': { outlineOffset: -2 } })}>
                  <Icon titleAccess={spoken[item.severity]} sx={(theme) => ({ color: theme.desk[tone] })} />
                  <Box component="span" sx={{ flex: 1, minWidth: 0 }}>
                    {item.text.startsWith(`${item.count} `) ? <><Box component="span" sx={{ fontWeight: 600 }}>{count(item.count)}</Box>{item.text.slice(String(item.count).length)}</> : item.text}
                  </Box>
                  <ChevronRight aria-hidden sx={(theme) => ({ color: theme.desk.muted })} />
                </Box>
              </li>
            );
          })}
        </Box>
      )}
    </Panel>
  );
}
