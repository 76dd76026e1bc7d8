/** The tree of a package: arrows, Home, End and typing a name move; a search narrows it. */
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import ChevronRight from '@mui/icons-material/ChevronRight';
import ExpandMore from '@mui/icons-material/ExpandMore';
import LockOutlined from '@mui/icons-material/LockOutlined';
import type { TemplateNode } from '../../shared/contract/template-view.ts';
import { TextFilter } from '../design/filters.tsx';
import { bytes, count } from '../design/formats.ts';
import { listFilterId } from '../design/ids.ts';
import { Muted } from '../design/text.tsx';
import { nodeTitle } from './template-words.ts';
import { above, fitting, treeLines, treeStep, typeahead, type TreeLine } from './tree-rules.ts';

const typedForMs = 900;

export function PackageTree({ elements, selected, onSelect, marks }: { readonly elements: readonly TemplateNode[]; readonly selected: string | undefined; readonly onSelect: (id: string) => void; readonly marks: ReadonlyMap<string, 'error' | 'warning'> }): ReactElement {
  const [search, setSearch] = useState('');
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set());
  const typed = useRef({ text: '', at: 0 });
  const box = useRef<HTMLDivElement>(null);
  const follow = useRef(false);
  const shown = useMemo(() => fitting(elements, search), [elements, search]);
  const lines = useMemo(() => treeLines(elements, open, shown), [elements, open, shown]);
  // The way to what is selected is open, also when a link led there.
  useEffect(() => {
    if (selected === undefined) return;
    const way = above(elements, selected);
    setOpen((now) => (way.every((id) => now.has(id)) ? now : new Set([...now, ...way])));
  }, [elements, selected]);
  useEffect(() => {
    const line = box.current?.querySelector<HTMLElement>('[aria-selected="true"]');
    line?.scrollIntoView({ block: 'nearest' });
    // The focus follows a key when the address, and with it the selection, has changed.
    if (follow.current) line?.focus();
    follow.current = false;
  }, [selected, lines]);
  const current = lines.some((line) => line.node.id === selected) ? selected : lines[0]?.node.id;

  const toggle = (id: string, on: boolean): void => setOpen((now) => {
    const next = new Set(now);
    if (on) next.add(id);
    else next.delete(id);
    return next;
  });
  const go = (id: string): void => {
    if (id === selected) return;
    follow.current = true;
    onSelect(id);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === '/') {
      event.preventDefault();
      document.getElementById(listFilterId)?.focus();
      return;
    }
    if (event.key === '*') {
      event.preventDefault();
      setOpen(new Set(elements.filter((element) => element.children.length > 0).map((element) => element.id)));
      return;
    }
    const step = treeStep(lines, current, event.key);
    if (step !== undefined) {
      event.preventDefault();
      if ('go' in step) go(step.go);
      else if ('open' in step) toggle(step.open, true);
      else toggle(step.close, false);
      return;
    }
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      const line = lines.find((one) => one.node.id === current);
      if (line !== undefined && line.node.children.length > 0 && shown === undefined) toggle(line.node.id, !line.open);
      return;
    }
    if (event.key.length !== 1) return;
    typed.current = { text: event.timeStamp - typed.current.at < typedForMs ? typed.current.text + event.key : event.key, at: event.timeStamp };
    const found = typeahead(lines, current, typed.current.text);
    if (found !== undefined) go(found);
  };
  const files = shown === undefined ? undefined : lines.length;
  const allOpen = elements.every((element) => element.children.length === 0 || open.has(element.id));
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', minHeight: 0, height: '100%' }}>
      <Box sx={{ p: '10px 12px 8px', display: 'flex', gap: 1, alignItems: 'center' }}>
        <Box sx={{ flex: 1, minWidth: 0, '& .MuiTextField-root': { width: '100% !important' } }}>
          <TextFilter value={search} onChange={setSearch} label="Search the tree by name, identifier or value" placeholder="Name, identifier or value" />
        </Box>
        {shown === undefined && (
          <Button onClick={() => setOpen(allOpen ? new Set() : new Set(elements.map((element) => element.id)))} sx={{ flexShrink: 0 }}>
            {allOpen ? 'Close all' : 'Open all'}
          </Button>
        )}
      </Box>
      <Box role="status" className={files === undefined ? 'visually-hidden' : ''} sx={(theme) => ({ px: '14px', pb: '4px', fontSize: '0.75rem', color: theme.desk.muted })}>
        {files === undefined ? '' : files === 0 ? 'Nothing in this package fits.' : `${count(files)} shown`}
      </Box>
      {lines.length > 0 && (
        <Box ref={box} role="tree" aria-label="Contents of the package" onKeyDown={onKey} sx={{ flex: 1, minHeight: 0, overflow: 'auto', pb: 1 }}>
          {lines.map((line) => (
            <Line key={line.node.id} line={line} selected={line.node.id === selected} tab={line.node.id === current} mark={marks.get(line.node.id)} onSelect={() => onSelect(line.node.id)} onToggle={() => toggle(line.node.id, !line.open)} />
          ))}
        </Box>
      )}
    </Box>
  );
}

function Line({ line: { node, level, position, siblings, open }, selected, tab, mark, onSelect, onToggle }: { readonly line: TreeLine; readonly selected: boolean; readonly tab: boolean; readonly mark: 'error' | 'warning' | undefined; readonly onSelect: () => void; readonly onToggle: () => void }): ReactElement {
  const branches = node.children.length > 0;
  const Arrow = open ? ExpandMore : ChevronRight;
  return (
    <Box
      role="treeitem"
      aria-level={level}
      aria-posinset={position}
      aria-setsize={siblings}
      aria-selected={selected}
      {...(branches ? { 'aria-expanded': open } : {})}
      tabIndex={tab ? 0 : -1}
      onClick={onSelect}
      onDoubleClick={branches ? onToggle : undefined}
      sx={(theme) => ({
        display: 'flex', alignItems: 'center', gap: '4px', minHeight: 26, pl: `${6 + 18 * (level - 1)}px`, pr: '12px', cursor: 'default', whiteSpace: 'nowrap',
        background: selected ? theme.desk.selected : 'transparent', '&:hover': { background: selected ? theme.desk.selected : theme.desk.hover }, '&:focus-visible': { outlineOffset: -2 },
      })}
    >
      <Box
        component="span" aria-hidden
        onClick={(event) => {
          if (!branches) return;
          event.stopPropagation();
          onToggle();
        }}
        sx={(theme) => ({ width: 24, height: 24, display: 'inline-flex', alignItems: 'center', justifyContent: 'center', color: theme.desk.muted, flexShrink: 0 })}
      >
        {branches && <Arrow />}
      </Box>
      <Box component="span" sx={{ overflow: 'hidden', textOverflow: 'ellipsis', ...(level === 1 ? { fontWeight: 600 } : {}) }}>
        {nodeTitle(node)}
        {node.identification !== undefined && <Muted> #{node.identification}</Muted>}
      </Box>
      {node.secret && <LockOutlined titleAccess="secret" sx={(theme) => ({ fontSize: '0.875rem', color: theme.desk.muted, flexShrink: 0 })} />}
      {mark !== undefined && <Box component="span" sx={(theme) => ({ fontSize: '0.6875rem', px: '5px', borderRadius: '4px', flexShrink: 0, background: mark === 'error' ? theme.desk.dangerSoft : theme.desk.warningSoft, color: mark === 'error' ? theme.desk.danger : theme.desk.warning })}>{mark}</Box>}
      <Box sx={{ flex: 1 }} />
      <Box component="span" sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem', display: 'flex', gap: 1, flexShrink: 0 })}>
        {node.fid !== undefined && <span className="mono">{node.fid}</span>}
        {node.size !== undefined && <Box component="span" sx={{ minWidth: 52, textAlign: 'right' }}>{bytes(node.size)}</Box>}
      </Box>
    </Box>
  );
}
