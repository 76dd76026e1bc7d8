/** Look of a grid: one style for the whole of it, so that a row costs no styling of its own. */
import type { Theme } from '@mui/material/styles';
import type { SxProps } from '@mui/material/styles';
import type { ColumnTraits, GridLayout } from './grid-layout.ts';
import { labelColours, tones } from './tokens.ts';

export const headerHeight = 33;
const boxWidth = 34;
const edge = 12;

export interface Template {
  /** `grid-template-columns` of header and rows. */
  readonly template: string;
  /** Pixels below which the rows scroll sideways. */
  readonly least: number;
  /** Distance from the left edge at which each pinned column stays. */
  readonly lefts: ReadonlyMap<string, number>;
}

export function templateOf(shown: readonly (ColumnTraits & { readonly grow?: number })[], layout: GridLayout, boxes: boolean): Template {
  const widthOf = (c: ColumnTraits): number => layout.widths[c.id] ?? c.width + (!boxes && c === shown[0] ? edge : 0);
  const lefts = new Map<string, number>();
  let left = boxes ? boxWidth + edge : 0;
  for (const column of shown) {
    if (!layout.pinned.includes(column.id)) continue;
    lefts.set(column.id, left);
    left += widthOf(column);
  }
  const fixed = (c: ColumnTraits): boolean => lefts.has(c.id) || layout.widths[c.id] !== undefined;
  // When every column has a width of its own the rest of the row stays empty instead of stretching one of them.
  const tracks = shown.map((c) => (fixed(c) ? `${widthOf(c)}px` : `minmax(${widthOf(c)}px, ${c.grow ?? c.width}fr)`));
  return { template: [...(boxes ? [`${boxWidth + edge}px`] : []), ...tracks].join(' '), least: shown.reduce((sum, c) => sum + widthOf(c), 0) + (boxes ? boxWidth + edge : 0), lefts };
}

type Rules = Record<string, Record<string, string>>;
const toneRules = (theme: Theme): Rules => Object.fromEntries(tones.map((tone) => [`& .state.${tone} svg`, { color: theme.desk[tone] }]));
const spotRules = (theme: Theme): Rules => Object.fromEntries(Object.entries(labelColours).map(([name, [light, dark]]) => [`& .spot.${name}`, { background: theme.palette.mode === 'light' ? light : dark }]));

export const gridStyle: SxProps<Theme> = (theme) => ({
  flex: 1, minHeight: 0, minWidth: 0, overflow: 'auto', background: theme.desk.surface, border: `1px solid ${theme.desk.line}`, borderRadius: '8px', position: 'relative', overflowAnchor: 'none',
  '&:focus-visible': { outlineOffset: -2 },
  '& .head': { position: 'sticky', top: 0, zIndex: 4, background: theme.desk.surface, borderBottom: `1px solid ${theme.desk.line}`, height: headerHeight },
  '& .head > .line': { display: 'grid', gridTemplateColumns: 'var(--template)', height: headerHeight - 1, alignItems: 'stretch' },
  '& .head [role="columnheader"]': { position: 'relative', display: 'flex', alignItems: 'center', gap: '3px', minWidth: 0, padding: '0 10px 0 0', fontSize: '0.75rem', fontWeight: 500, color: theme.desk.muted, whiteSpace: 'nowrap', userSelect: 'none', background: theme.desk.surface },
  '& .head [role="columnheader"].sorted': { color: theme.desk.text, fontWeight: 600 },
  '& .head [role="columnheader"].sortable': { cursor: 'pointer', '&:hover': { color: theme.desk.text } },
  '& .head [role="columnheader"].right': { justifyContent: 'flex-end', paddingRight: '14px' },
  '& .head [role="columnheader"]:focus-visible': { outlineOffset: -2, borderRadius: '4px' },
  '& .head [role="columnheader"].dragged': { opacity: 0.45 },
  '& .head [role="columnheader"].target::before': { content: '""', position: 'absolute', left: -6, top: 4, bottom: 4, width: 2, background: theme.desk.accent },
  '& .head .name': { minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis' },
  '& .head .rank': { fontSize: '0.625rem', lineHeight: 1, color: theme.desk.accentText },
  '& .head .arrow': { fontSize: '0.875rem', color: theme.desk.accent, flex: 'none' },
  '& .head .more': { fontSize: '1rem', flex: 'none', opacity: 0, marginLeft: 'auto', cursor: 'pointer', borderRadius: '3px' },
  '& .head [role="columnheader"]:hover .more, & .head [role="columnheader"]:focus-visible .more': { opacity: 1 },
  '& .head [role="columnheader"].right .more': { marginLeft: 0, position: 'absolute', left: 0 },
  '& .head .size': { position: 'absolute', right: 2, top: 0, bottom: 0, width: 9, cursor: 'col-resize', touchAction: 'none', zIndex: 1, '&::after': { content: '""', position: 'absolute', right: 4, top: 9, bottom: 9, width: '1px', background: theme.desk.line }, '&:hover::after, &.on::after': { background: theme.desk.accent, width: 2, top: 4, bottom: 4 } },
  '& .rows': { position: 'relative' },
  '& .row': { '--row-background': theme.desk.surface, position: 'absolute', insetInline: 0, top: 0, height: 'var(--row-height)', display: 'grid', gridTemplateColumns: 'var(--template)', alignItems: 'center', cursor: 'pointer', borderBottom: `1px solid ${theme.desk.line}`, background: 'var(--row-background)', contain: 'layout style' },
  '& .row:hover': { '--row-background': theme.desk.hover },
  '& .row.picked': { '--row-background': theme.desk.accentSoft },
  '& .row.active': { '--row-background': theme.desk.selected },
  '&:focus .row.active, &:focus-within .row.active': { boxShadow: `inset 2px 0 0 ${theme.desk.accent}` },
  '& .cell': { minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', paddingRight: '14px', lineHeight: 'calc(var(--row-height) - 1px)' },
  '& .cell.right': { textAlign: 'right' },
  '& .row > .cell:first-of-type, & .line > [role="columnheader"]:first-of-type:not(.box)': { paddingLeft: `${edge}px` },
  // Parts of cells (cells.tsx).
  '& .dim': { color: theme.desk.muted, whiteSpace: 'nowrap' },
  '& .state svg': { width: 16, height: 16, fontSize: 16, marginRight: '5px', verticalAlign: '-3px', fill: 'currentColor', color: theme.desk.muted },
  '& .state.quiet': { color: theme.desk.muted },
  ...toneRules(theme),
  '& .said': { display: 'flex', gap: '6px', '& > span': { minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis' }, '& > time': { flex: 'none' } },
  '& .tags': { display: 'inline-flex', gap: '4px', alignItems: 'center', verticalAlign: 'middle', maxWidth: '100%', overflow: 'hidden' },
  '& .tag': { display: 'inline-flex', alignItems: 'center', gap: '5px', height: 20, padding: '0 6px', borderRadius: '4px', border: `1px solid ${theme.desk.line}`, fontSize: '0.75rem', lineHeight: '18px', maxWidth: '100%', '& > span': { overflow: 'hidden', textOverflow: 'ellipsis' } },
  '& .spot': { display: 'inline-block', width: 9, height: 9, flex: 'none', borderRadius: '3px' },
  ...spotRules(theme),
  '& .pinned': { position: 'sticky', zIndex: 2, background: 'var(--row-background)' },
  '& .head [role="columnheader"].pinned': { position: 'sticky', zIndex: 3 },
  '& .lastpin': { boxShadow: `1px 0 0 ${theme.desk.lineStrong}` },
  '& .box': { display: 'grid', placeItems: 'center', height: '100%', padding: 0 },
  '& .head [role="columnheader"].box': { display: 'grid', gap: 0, padding: 0 },
  '& .box label': { display: 'grid', placeItems: 'center', width: 28, height: 28, cursor: 'pointer' },
  '& .box input': { width: 15, height: 15, margin: 0, accentColor: theme.desk.accent, cursor: 'pointer' },
  '& .row.waiting': { cursor: 'default', '& .cell > span': { display: 'block', height: 10, borderRadius: '3px', background: theme.desk.neutralSoft, width: '60%' } },
  '& .row.waiting-text': { display: 'flex', paddingLeft: `${edge}px`, color: theme.desk.muted, cursor: 'default', position: 'absolute' },
});
