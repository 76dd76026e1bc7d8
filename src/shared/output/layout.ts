/** A file's layout: checked once, then written row by row. Secrets go in as octets, wrapped or clear as the caller decided. */
import type { OutputColumn, OutputEncoding, OutputField, RecipientInput } from '../contract/preparation.ts';
import { encodeOpen, encodeSecret } from './encode.ts';
import { fieldRefusal, fieldRules, isSecretField } from './fields.ts';
import type { SecretField } from './fields.ts';
import { byteWriter } from './writer.ts';
import type { ByteWriter } from './writer.ts';

export interface LayoutProblem {
  readonly code: 'COLUMN_REFUSED' | 'COLUMN_INVALID' | 'TEMPLATE_MALFORMED';
  readonly field?: string;
  readonly message: string;
}

interface Cell {
  readonly field: OutputField;
  readonly encoding: OutputEncoding;
  readonly heading: string;
  readonly value: string;
}
/** `when`: of a section, which a row has only where this field has a value. */
type Part = ({ readonly text: string } | { readonly cell: Cell }) & { readonly when?: OutputField };

export interface Layout {
  readonly form: Pick<RecipientInput, 'format' | 'header' | 'lines' | 'lineEnd' | 'head' | 'foot'>;
  readonly cells: readonly Cell[];
  /** Of a `template`. */
  readonly parts: readonly Part[];
  /** Secret fields its rows need. */
  readonly secrets: readonly SecretField[];
}

export interface LayoutRow {
  readonly open: Readonly<Partial<Record<OutputField, string>>>;
  readonly secrets?: Readonly<Partial<Record<SecretField, Uint8Array>>>;
}

export interface FileHead {
  readonly quantity: number;
  readonly type: string;
  readonly batch: string;
  readonly customer: string;
  readonly keyIndex: string;
  readonly otaKeyIndex: string;
}

/** `{{field:encoding}}`; `{{#field}}…{{/field}}` is a section. */
const placeholder = /\{\{\s*([#/]?)\s*([A-Za-z0-9]+)(?:\s*:\s*([a-z-]+))?\s*\}\}/g;

function cellOf(kind: RecipientInput['kind'], column: OutputColumn, problems: LayoutProblem[], place: string): Cell | undefined {
  const rule = fieldRules[column.field];
  const refusal = fieldRefusal(kind, column.field);
  if (refusal) problems.push({ code: 'COLUMN_REFUSED', field: place, message: refusal });
  const encoding = column.encoding ?? rule.encodings[0]!;
  if (!rule.encodings.includes(encoding)) {
    problems.push({ code: 'COLUMN_INVALID', field: place, message: `${rule.title} cannot be written as ${encoding}; it takes ${rule.encodings.join(', ')}.` });
    return undefined;
  }
  return refusal ? undefined : { field: column.field, encoding, heading: column.name ?? rule.heading, value: column.value ?? '' };
}

function templateParts(form: RecipientInput, problems: LayoutProblem[]): Part[] {
  const template = form.template ?? '';
  if (template.trim() === '') {
    problems.push({ code: 'TEMPLATE_MALFORMED', field: 'template', message: 'A row template is needed, such as {{imsi}};{{k}}.' });
    return [];
  }
  const parts: Part[] = [];
  let at = 0;
  let when: OutputField | undefined;
  const add = (part: Part): number => parts.push(when === undefined ? part : { ...part, when });
  const malformed = (message: string): number => problems.push({ code: 'TEMPLATE_MALFORMED', field: 'template', message });
  for (const match of template.matchAll(placeholder)) {
    if (match.index > at) add({ text: template.slice(at, match.index) });
    at = match.index + match[0].length;
    const [, sign, name = '', encoding] = match;
    if (!Object.hasOwn(fieldRules, name)) {
      problems.push({ code: 'TEMPLATE_MALFORMED', field: 'template', message: `There is no field ${name}.` });
      continue;
    }
    const field = name as OutputField;
    if (sign === '#') {
      if (when !== undefined) malformed(`The section {{#${name}}} stands inside {{#${when}}}; sections stand beside each other.`);
      if (isSecretField(field)) malformed(`Whether a row has a section cannot depend on ${fieldRules[field].title}.`);
      when = field;
      continue;
    }
    if (sign === '/') {
      if (when !== field) malformed(`The section {{/${name}}} ends where none of this name began.`);
      when = undefined;
      continue;
    }
    const cell = cellOf(form.kind, { field, ...(encoding === undefined ? {} : { encoding: encoding as OutputEncoding }) }, problems, 'template');
    if (cell) add({ cell });
  }
  if (at < template.length) add({ text: template.slice(at) });
  if (when !== undefined) malformed(`The section {{#${when}}} has no {{/${when}}}.`);
  // JSON may end in }} by itself.
  if (parts.some((part) => 'text' in part && part.text.includes('{{'))) problems.push({ code: 'TEMPLATE_MALFORMED', field: 'template', message: 'A {{ has no }} or stands around something that is no field name.' });
  return parts;
}

/** Lines that stand once in the file are written as they are: a field in them would have no row to come from. */
function fixedLines(form: RecipientInput, problems: LayoutProblem[]): void {
  for (const [place, text] of [['head', form.head], ['foot', form.foot], ...form.lines.map((line, index) => [`lines.${index}`, `${line.key} ${line.value}`])] as [string, string | undefined][]) {
    for (const [whole, , name = ''] of (text ?? '').matchAll(placeholder)) {
      const refusal = Object.hasOwn(fieldRules, name) ? fieldRefusal(form.kind, name as OutputField) : undefined;
      if (refusal) problems.push({ code: 'COLUMN_REFUSED', field: place, message: refusal });
      else problems.push({ code: 'TEMPLATE_MALFORMED', field: place, message: `${whole} stands in a line that is written once, outside the rows; fields belong into the rows.` });
    }
  }
}

/** Checks what a recipient gets by its kind and how; the layout is whole when there are no problems. */
export function planLayout(form: RecipientInput): { layout: Layout; problems: LayoutProblem[] } {
  const problems: LayoutProblem[] = [];
  const parts = form.format === 'template' ? templateParts(form, problems) : [];
  const cells = form.format === 'template' ? [] : form.columns.flatMap((column, index) => cellOf(form.kind, column, problems, `columns.${index}`) ?? []);
  if (form.format !== 'template' && form.columns.length === 0) problems.push({ code: 'COLUMN_INVALID', field: 'columns', message: 'At least one column is needed.' });
  fixedLines(form, problems);
  const all = [...cells, ...parts.flatMap((part) => ('cell' in part ? [part.cell] : []))];
  const headings = cells.map((cell) => cell.heading);
  const twice = headings.find((heading, index) => headings.indexOf(heading) !== index);
  if (twice !== undefined) problems.push({ code: 'COLUMN_INVALID', field: 'columns', message: `Two columns are named ${twice}.` });
  if (form.format === 'out' && headings.some((heading) => heading.includes('/') || /\s/.test(heading))) problems.push({ code: 'COLUMN_INVALID', field: 'columns', message: 'A heading of a .out file has neither slash nor blank.' });
  return { layout: { form, cells, parts, secrets: [...new Set(all.flatMap((cell) => (isSecretField(cell.field) ? [cell.field] : [])))] }, problems };
}

/** Every field the rows of a file name, sections among them. */
export function fieldsOf({ cells, parts }: Layout): Set<OutputField> {
  const named = [...cells, ...parts.flatMap((part) => ('cell' in part ? [part.cell] : []))].map((cell) => cell.field);
  return new Set([...named, ...parts.flatMap((part) => (part.when === undefined ? [] : [part.when]))]);
}

/** Names of transport keys whose index stands in the files of a recipient. */
export function keysNamed(form: RecipientInput): string[] {
  const { layout } = planLayout(form);
  const { secrets } = layout;
  const fields = fieldsOf(layout);
  const wraps = (group: 'network keys' | 'ota keys'): boolean => secrets.some((field) => fieldRules[field].group === group && fieldRules[field].secrecy === 'key');
  const named = (key: string | undefined, group: 'network keys' | 'ota keys', index: OutputField): string[] => (key !== undefined && wraps(group) && (form.format === 'out' || fields.has(index)) ? [key] : []);
  return [...named(form.transportKey, 'network keys', 'keyIndex'), ...named(form.otaTransportKey, 'ota keys', 'otaKeyIndex')];
}

const separators: Partial<Record<RecipientInput['format'], string>> = { csv: ',', semicolon: ';', tab: '\t', out: ' ' };
const endOf = (layout: Layout): string => (layout.form.lineEnd === 'crlf' ? '\r\n' : '\n');

/** Text a spreadsheet would read as a formula gets an apostrophe in front; identifiers are written exactly as they are. */
export const withoutFormula = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

const quoted = (text: string, separator: string): string => (text.includes(separator) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function openText(layout: Layout, cell: Cell, row: LayoutRow): string {
  const { field } = cell;
  const raw = field === 'constant' ? cell.value : row.open[field] ?? '';
  const text = encodeOpen(field, cell.encoding, raw);
  const { format } = layout.form;
  if (!fieldRules[field].text) return text;
  // Control characters end a line or a row where nobody meant it.
  const line = text.replace(/\p{Cc}+/gu, ' ');
  if (format === 'out') return line.trim() === '' ? '-' : line.trim().replace(/\s+/g, '_');
  return format === 'csv' || format === 'semicolon' || format === 'tab' ? withoutFormula(line) : line;
}

function writeCell(layout: Layout, cell: Cell, row: LayoutRow, out: ByteWriter, separator: string | undefined): void {
  if (isSecretField(cell.field)) {
    const value = row.secrets?.[cell.field];
    if (value) encodeSecret(cell.encoding, value, out);
    else if (layout.form.format === 'out') out.text('-');
    return;
  }
  const text = openText(layout, cell, row);
  out.text(separator === undefined ? text : layout.form.format === 'out' ? (text === '' ? '-' : text) : quoted(text, separator));
}

export function writeHead(layout: Layout, facts: FileHead, out: ByteWriter): void {
  const { form, cells } = layout;
  const end = endOf(layout);
  if (form.format === 'out') {
    const line = (key: string, value: string): void => out.text(`${key}: ${value.replace(/[\r\n]+/g, ' ')}${end}`);
    out.text(`*  HEADER DESCRIPTION${end}`);
    line('Quantity', String(facts.quantity));
    if (facts.customer !== '') line('Customer', facts.customer);
    line('Profile', facts.type);
    line('Batch', facts.batch);
    line('Transport_key', facts.keyIndex === '' ? '0' : facts.keyIndex);
    if (facts.otaKeyIndex !== '') line('OTA_transport_key', facts.otaKeyIndex);
    for (const { key, value } of form.lines) line(key, value);
    out.text(`*  OUTPUT VARIABLES${end}var_out: ${cells.map((cell) => cell.heading).join('/')}${end}`);
    return;
  }
  const separator = separators[form.format];
  if (form.format === 'template' && form.head) out.text(`${form.head}${end}`);
  if (separator !== undefined && form.header) out.text(`${cells.map((cell) => quoted(withoutFormula(cell.heading), separator)).join(separator)}${end}`);
}

export function writeRow(layout: Layout, row: LayoutRow, out: ByteWriter): void {
  const { form, cells, parts } = layout;
  if (form.format === 'template') {
    for (const part of parts) {
      if (part.when !== undefined && (row.open[part.when] ?? '') === '') continue;
      if ('text' in part) out.text(part.text);
      else writeCell(layout, part.cell, row, out, undefined);
    }
  } else if (form.format === 'json-lines') {
    out.text('{');
    cells.forEach((cell, index) => {
      out.text(`${index === 0 ? '' : ','}${JSON.stringify(cell.heading)}:`);
      if (!isSecretField(cell.field)) return out.text(JSON.stringify(openText(layout, cell, row)));
      out.text('"');
      writeCell(layout, cell, row, out, undefined);
      out.text('"');
    });
    out.text('}');
  } else {
    const separator = separators[form.format]!;
    cells.forEach((cell, index) => {
      if (index > 0) out.text(separator);
      writeCell(layout, cell, row, out, separator);
    });
  }
  out.text(endOf(layout));
}

export function writeFoot(layout: Layout, out: ByteWriter): void {
  if (layout.form.format === 'template' && layout.form.foot) out.text(`${layout.form.foot}${endOf(layout)}`);
}

/** Rows as one piece of octets, for callers without secrets. */
export function renderRows(layout: Layout, rows: readonly LayoutRow[]): Uint8Array {
  const out = byteWriter();
  for (const row of rows) writeRow(layout, row, out);
  return out.take();
}
