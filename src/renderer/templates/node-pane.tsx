/** One element or file: what it is, what it says, its octets. */
import { useState, type ReactElement } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import LockOutlined from '@mui/icons-material/LockOutlined';
import type { TemplateNode } from '../../shared/contract/template-view.ts';
import { bytes, count, plural, words } from '../design/formats.ts';
import { Pairs } from '../design/panel.tsx';
import { CopyButton, Muted } from '../design/text.tsx';
import { nodeMeaning, nodeTitle, placeWords } from './template-words.ts';
import { hexRows, recordsOf, ruleWords, type HexRow } from './tree-rules.ts';

const secretWords: Readonly<Record<string, string>> = {
  pin: 'A PIN', puk: 'A PUK', key: 'A key', algorithm: 'Keys of the subscription', application: 'Data of an application that may hold its keys',
};

export function NodePane({ node, elements }: { readonly node: TemplateNode; readonly elements: readonly TemplateNode[] }): ReactElement {
  const rule = ruleWords(elements, node);
  const isElement = node.kind === 'element';
  const facts: (readonly [string, ReactElement | string])[] = [
    ['Kind', isElement ? `Profile element${node.mandated === true ? ', must be understood' : ''}` : `${words(node.kind)}${['transparent', 'linear fixed', 'cyclic', 'BER-TLV'].includes(node.kind) ? ' file' : ''}`],
    ...(node.fid === undefined ? [] : [['File identifier', <span key="f" className="mono">{node.fid.toUpperCase()}</span>] as const]),
    ...(node.sfi === undefined ? [] : [['Short identifier', `${node.sfi} (${node.sfi.toString(16).toUpperCase().padStart(2, '0')})`] as const]),
    ...(node.identification === undefined ? [] : [['Identification', String(node.identification)] as const]),
    ...(node.size === undefined ? [] : [['Size', node.records === undefined ? `${bytes(node.size)}${isElement ? ' in the package' : ''}` : `${bytes(node.size)}: ${plural(node.records, 'record')} of ${count(node.recordLength ?? 0)}`] as const]),
    ...(node.arr === undefined ? [] : [['Access', <AccessRule key="a" text={node.arr} rule={rule} />] as const]),
  ];
  return (
    <Box sx={{ p: '14px 18px 22px', display: 'flex', flexDirection: 'column', gap: 2 }}>
      <Box>
        <Box component="h2" sx={{ m: 0, fontSize: '0.9375rem', fontWeight: 600 }}>
          {nodeTitle(node)}
          {nodeMeaning(node.name) !== undefined && <Muted> {nodeMeaning(node.name)}</Muted>}
        </Box>
        <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem', display: 'flex', alignItems: 'center', gap: '2px' })}>
          {placeWords(node.id)} · <span className="mono">{node.id}</span>
          <CopyButton value={node.id} what="place" />
        </Box>
      </Box>
      <Pairs rows={facts} nameWidth={120} />
      {node.secret && (
        <Box sx={(theme) => ({ display: 'flex', gap: 1, p: '8px 12px', borderRadius: '6px', background: theme.desk.neutralSoft })}>
          <LockOutlined aria-hidden sx={(theme) => ({ color: theme.desk.muted, mt: '1px' })} />
          <span>
            {secretWords[node.kind] ?? 'Keys of a session'}: <Box component="strong" sx={{ fontWeight: 600 }}>not shown</Box>. What a template holds is overwritten for each profile where it has a place for it.
          </span>
        </Box>
      )}
      {node.decoded.length > 0 && <Decoded node={node} />}
      {node.hex !== undefined && node.hex !== '' && <Hex node={node} hex={node.hex} />}
      {node.hex === undefined && node.decoded.length === 0 && !node.secret && <Muted>{node.children.length > 0 ? `${plural(node.children.length, 'part')} below.` : 'It has no content.'}</Muted>}
    </Box>
  );
}

function AccessRule({ text, rule }: { readonly text: string; readonly rule: string | undefined }): ReactElement {
  const [, file, record] = /^([0-9a-f]{4})\/(\d+)$/i.exec(text) ?? [];
  if (file === undefined) return <span className="mono">{text}</span>;
  return (
    <>
      {rule ?? 'by a rule that is not in this package'} <Muted>(rule {record} of EF.ARR {file.toUpperCase()})</Muted>
    </>
  );
}

function Heading({ children, aside }: { readonly children: string; readonly aside?: ReactElement }): ReactElement {
  return (
    <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, mb: '4px' }}>
      <Box component="h3" sx={{ m: 0, fontSize: '0.8125rem', fontWeight: 600 }}>
        {children}
      </Box>
      {aside}
    </Box>
  );
}

const decodedShown = 60;

function Decoded({ node }: { readonly node: TemplateNode }): ReactElement {
  const [all, setAll] = useState(false);
  const list = all ? node.decoded : node.decoded.slice(0, decodedShown);
  return (
    <section aria-label="What it says">
      <Heading>What it says</Heading>
      <Box component="table" sx={(theme) => ({ borderCollapse: 'collapse', width: '100%', '& th, & td': { textAlign: 'left', verticalAlign: 'top', fontWeight: 400, p: '3px 12px 3px 0', borderTop: `1px solid ${theme.desk.line}`, overflowWrap: 'anywhere' }, '& th': { color: theme.desk.muted, whiteSpace: 'nowrap', width: '1px' } })}>
        <tbody>
          {list.map(({ label, value }, at) => (
            <tr key={`${label}${at}`}>
              <th scope="row">{label}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </Box>
      {list.length < node.decoded.length && (
        <Button onClick={() => setAll(true)} sx={{ ml: '-11px' }}>
          {plural(node.decoded.length - list.length, 'more line')}
        </Button>
      )}
    </section>
  );
}

const rowsShown = 32;

function Hex({ node, hex }: { readonly node: TemplateNode; readonly hex: string }): ReactElement {
  const [all, setAll] = useState(false);
  const inRecords = (node.records ?? 0) > 0 && (node.recordLength ?? 0) > 0;
  const records = inRecords ? recordsOf(hex, node.recordLength ?? 0) : [];
  const rows = inRecords ? [] : hexRows(hex);
  const blank = /^f+$/i.test(hex);
  const shown = all ? rows : rows.slice(0, rowsShown);
  return (
    <section aria-label="Octets">
      <Heading aside={<CopyButton value={hex} what="octets in hexadecimal" />}>Octets</Heading>
      {blank ? (
        <Muted>All {plural(hex.length / 2, 'octet')} are FF: empty.</Muted>
      ) : inRecords ? (
        <Box sx={{ display: 'flex', flexDirection: 'column', gap: '10px' }}>
          {(all ? records : records.slice(0, rowsShown)).map((record) => (
            <Box key={record.first}>
              <Box sx={(theme) => ({ color: theme.desk.muted, fontSize: '0.75rem' })}>
                {record.first === record.last ? `Record ${record.first}` : `Records ${record.first} to ${record.last}`}
                {record.hex === undefined && ': empty (FF)'}
              </Box>
              {record.hex !== undefined && <HexTable rows={hexRows(record.hex)} label={`Record ${record.first}`} />}
            </Box>
          ))}
        </Box>
      ) : (
        <HexTable rows={shown} label="Octets" />
      )}
      {(inRecords ? records : rows).length > rowsShown && !all && (
        <Button onClick={() => setAll(true)} sx={{ ml: '-11px' }}>
          Show all {inRecords ? plural(records.length, 'record') : plural(hex.length / 2, 'octet')}
        </Button>
      )}
      {node.hexCut === true && <Box sx={{ mt: 1 }}><Muted>The first {count(hex.length / 2)} of {count(node.size ?? 0)} octets.</Muted></Box>}
    </section>
  );
}

/** Offset, octets in two groups of eight, and what of them is text. */
function HexTable({ rows, label }: { readonly rows: readonly HexRow[]; readonly label: string }): ReactElement {
  return (
    <Box component="pre" tabIndex={0} aria-label={label} className="mono" sx={(theme) => ({ m: 0, p: '8px 12px', overflowX: 'auto', background: theme.desk.canvas, border: `1px solid ${theme.desk.line}`, borderRadius: '6px', lineHeight: 1.6 })}>
      {rows.map((row, at) => (
        <Box component="span" key={row.offset}>
          {at > 0 && '\n'}
          <Muted>{row.offset}</Muted>
          {`  ${`${row.octets.slice(0, 8).join(' ')}  ${row.octets.slice(8).join(' ')}`.padEnd(49)}  `}
          <Muted>{row.text}</Muted>
        </Box>
      ))}
    </Box>
  );
}
