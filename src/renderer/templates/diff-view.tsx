/** A difference of two versions: in full for comparing, in lines for a glance. */
import { useState, type ReactElement, type ReactNode } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import AddCircleOutlined from '@mui/icons-material/AddCircleOutlineOutlined';
import ChangeCircleOutlined from '@mui/icons-material/ChangeCircleOutlined';
import RemoveCircleOutlined from '@mui/icons-material/RemoveCircleOutlineOutlined';
import type { TemplateDiff } from '../../shared/contract/template-view.ts';
import { plural } from '../design/formats.ts';
import { TextLink } from '../design/link.tsx';
import { Status, type Look } from '../design/status.tsx';
import { Absent, Muted } from '../design/text.tsx';
import { changedLines, diffCount, diffGroups, shortChange, type DiffItem } from './diff-rules.ts';
import { treeAddress } from './template-words.ts';

const looks: Readonly<Record<DiffItem['kind'], Look>> = {
  added: { tone: 'success', icon: AddCircleOutlined, word: 'Added' },
  removed: { tone: 'danger', icon: RemoveCircleOutlined, word: 'Removed' },
  changed: { tone: 'info', icon: ChangeCircleOutlined, word: 'Changed' },
};

/** `most` lines, then how many more there are. */
export function DiffLines({ diff, most = 100 }: { readonly diff: TemplateDiff; readonly most?: number }): ReactElement {
  const [all, setAll] = useState(false);
  const lines = diffGroups(diff).flatMap((group) => group.items.map((item) => ({ group, item })));
  if (lines.length === 0) return <Muted>Nothing differs.</Muted>;
  const shown = all ? lines : lines.slice(0, most);
  return (
    <>
      <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {shown.map(({ group, item }, at) => (
          <Box component="li" key={`${item.id}${item.kind}${at}`} sx={{ py: '3px', overflowWrap: 'anywhere' }}>
            <Status look={{ ...looks[item.kind], word: [group.element, item.name].filter(Boolean).join(' / ') }} /> <Muted>{shortChange(item)}</Muted>
          </Box>
        ))}
      </Box>
      {shown.length < lines.length && (
        <Button onClick={() => setAll(true)} sx={{ ml: '-11px' }}>
          {plural(lines.length - shown.length, 'more difference')}
        </Button>
      )}
    </>
  );
}

/** Everything, by element, with links into the trees of both versions. */
export function DiffGroups({ diff, before, after }: { readonly diff: TemplateDiff; readonly before: string; readonly after: string }): ReactElement {
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2 }} role="status" aria-label={plural(diffCount(diff), 'difference')}>
      {diffGroups(diff).map((group) => (
        <Box component="section" key={`${group.element}${group.items[0]?.id}`} aria-label={group.element} sx={(theme) => ({ background: theme.desk.surface, border: `1px solid ${theme.desk.line}`, borderRadius: '8px', minWidth: 0 })}>
          <Box component="h2" sx={{ m: 0, p: '10px 16px 4px', fontSize: '0.9375rem', fontWeight: 600 }}>
            {group.element} <Muted>{plural(group.items.length, 'difference')}</Muted>
          </Box>
          {group.items.map((item) => (
            <Item key={`${item.id}${item.kind}`} item={item} before={before} after={after} />
          ))}
        </Box>
      ))}
    </Box>
  );
}

function Item({ item, before, after }: { readonly item: DiffItem; readonly before: string; readonly after: string }): ReactElement {
  const lines = changedLines(item);
  return (
    <Box sx={(theme) => ({ p: '8px 16px 10px', borderTop: `1px solid ${theme.desk.line}` })}>
      <Box sx={{ display: 'flex', gap: 1.5, alignItems: 'baseline', flexWrap: 'wrap' }}>
        <Status look={looks[item.kind]} />
        <Box component="span" sx={{ fontWeight: 600 }}>
          {item.name === '' ? 'The element' : item.name}
        </Box>
        {item.meaning !== undefined && <Muted>{item.meaning}</Muted>}
        <Box sx={{ flex: 1 }} />
        {item.kind !== 'added' && <TextLink to={treeAddress(before, item.id)}>before</TextLink>}
        {item.kind !== 'removed' && <TextLink to={treeAddress(after, item.id)}>after</TextLink>}
      </Box>
      {lines.length > 0 && (
        <Box component="table" sx={(theme) => ({ width: '100%', borderCollapse: 'collapse', tableLayout: 'fixed', mt: '6px', '& td, & th': { p: '3px 10px 3px 0', textAlign: 'left', verticalAlign: 'top', overflowWrap: 'anywhere', fontWeight: 400 }, '& thead th': { color: theme.desk.muted, fontSize: '0.75rem' } })}>
          <thead>
            <tr>
              <Box component="th" scope="col" sx={{ width: '24%' }}>What</Box>
              <th scope="col">Before</th>
              <th scope="col">After</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line, at) => (
              <tr key={`${line.label}${at}`}>
                <Box component="th" scope="row" sx={(theme) => ({ color: theme.desk.muted })}>{line.label}</Box>
                <td>{line.before === undefined ? <Absent>none</Absent> : <Value strong={false}>{line.before}</Value>}</td>
                <td>{line.after === undefined ? <Absent>none</Absent> : <Value strong>{line.after}</Value>}</td>
              </tr>
            ))}
          </tbody>
        </Box>
      )}
    </Box>
  );
}

function Value({ strong, children }: { readonly strong: boolean; readonly children: ReactNode }): ReactElement {
  return (
    <Box component="span" sx={(theme) => ({ background: strong ? theme.desk.successSoft : theme.desk.neutralSoft, borderRadius: '4px', px: '5px', py: '1px' })}>
      {children}
    </Box>
  );
}
