/** stock import, transport-key: files of vendors from the command line. */
import type { Command } from 'commander';
import { basename } from 'node:path';
import { contract } from '../../shared/contract/index.ts';
import type { ImportColumn, ImportRules, ImportView } from '../../shared/contract/imports.ts';
import { importFields, transportAlgorithms, wrappingModes } from '../../shared/contract/imports.ts';
import type { Output } from './output.ts';
import { table } from './output.ts';
import { addCommand, collect, group, oneOf, type Options, usage } from './program.ts';
import { existing, withSession } from './session.ts';
import type { Session } from './session.ts';

interface ImportOptions {
  readonly type: string;
  readonly dryRun?: boolean;
  readonly preset?: string;
  readonly mapping?: string;
  readonly transportKey?: string;
  readonly columnKey?: readonly ColumnKey[];
  readonly mode?: (typeof wrappingModes)[number];
  readonly reversed?: 'no' | 'clear' | 'encrypted';
  readonly op?: string;
  readonly skipExisting?: boolean;
  readonly country?: string;
  readonly brand?: string;
  readonly makeOpc?: boolean;
  readonly accept?: readonly string[];
  readonly repair?: boolean;
  readonly leaveOutBad?: boolean;
  readonly fixFile?: string;
  readonly saveMapping?: string;
}

export function addImportCommand(stock: Command): void {
  addCommand(stock, 'import <file>', 'import subscribers from a vendor\'s file: CSV, TSV, JSON lines, .inp, .out')
    .requiredOption('--type <name>', 'profile type')
    .option('--dry-run', 'check and report, write nothing')
    .option('--preset <name>', 'dialect of the sender (see "stock presets")')
    .option('--mapping <name>', 'saved mapping of the columns')
    .option('--save-mapping <name>', 'keep how the file was read under this name')
    .option('--transport-key <name>', 'key the K, OPc and OTA columns are encrypted under (columns of --column-key have their own)')
    .option('--column-key <column=key>', 'key of one column or group (UICC_SCP02, UICC_SCP03, scp80, scp81) where they differ; may be repeated', collect(columnKeyOf))
    .option('--mode <mode>', 'how they are encrypted: ecb, cbc (start value 0), cbc-23 (pySim)', oneOf(...wrappingModes))
    .option('--reversed <what>', 'octets the sender reverses: clear or encrypted ones', oneOf('no', 'clear', 'encrypted'))
    .option('--op <file>', 'OP of all rows, where the sender gave it apart (a file of hexadecimal digits)')
    .option('--country <code>', 'country code of MSISDNs written for one country')
    .option('--brand <name>', 'every ICCID must be one of this brand')
    .option('--skip-existing', 'pass over rows that are in the stock already')
    .option('--make-opc', 'rows with K but without OPc get one at random, which the network must be told')
    .option('--accept <code>', 'go on all the same with a finding about the file as a whole (QUANTITY_DIFFERS, KEY_INDEX_DIFFERS); may be repeated', collect((text) => text))
    .option('--repair', 'apply what mends rows without guessing')
    .option('--leave-out-bad', 'import the good rows, leave the others out')
    .option('--fix-file <file>', 'write the rows that were not imported there, with what is wrong beside each')
    .action((file: string, options: Options<ImportOptions>) => withSession(options, {}, (session) => importFile(session, file, options)));
  addCommand(stock, 'presets', 'list dialects and saved mappings')
    .action((options: Options) => withSession(options, existing, async ({ call, output }) => {
      const presets = (await call(contract.imports.presets, {})).rows;
      const mappings = (await call(contract.imports.mappings, {})).rows;
      output.result({ presets, mappings }, () => table(['name', 'kind', 'what it is'], [
        ...presets.map((one) => [one.name, one.builtIn ? 'preset' : 'own preset', one.summary]),
        ...mappings.map((one) => [one.name, 'mapping', `${one.columns.filter((column) => column.field).length} columns${one.type === undefined ? '' : `, ${one.type}`}`]),
      ]));
    }));
  addCommand(stock, 'imports', 'list files imported')
    .action((options: Options) => withSession(options, existing, async ({ call, output }) => {
      const { rows } = await call(contract.imports.list, {});
      output.result({ rows }, () => table(['file', 'type', 'state', 'imported', 'left out', 'at'], rows.map((one) => [one.fileName, one.type ?? '', one.state, String(one.accepted), String(one.leftOut), new Date(one.at).toISOString()])));
    }));
}

async function importFile(session: Session, file: string, options: ImportOptions): Promise<void> {
  const { call, uploadFile, output, finish } = session;
  const opened = await call(contract.imports.open, {
    file: await uploadFile(file), fileName: basename(file), type: options.type, ...(options.preset === undefined ? {} : { preset: options.preset }), ...(options.mapping === undefined ? {} : { mapping: options.mapping }),
  });
  try {
    await map(session, opened, options);
    await finish(await call(contract.imports.validate, { id: opened.id }));
    let view = await call(contract.imports.show, { id: opened.id });
    if (options.repair) view = await repairAll(session, view);
    if (options.accept) view = await acceptAll(session, view, options.accept);
    const bad = view.counts?.bad ?? 0;
    const fileBlocked = view.groups.some((one) => one.severity === 'blocker' && one.rows === 1 && one.column === undefined && (one.repairs.length === 0 || one.repairs.some((repair) => repair.kind === 'accept')));
    // Without a good row there is nothing to leave the others out of: why is said, as when they may not be left out.
    const noneGood = bad > 0 && (view.counts?.good ?? 0) === 0;
    const stays = options.dryRun === true || fileBlocked || noneGood || (bad > 0 && !options.leaveOutBad);
    if (stays) {
      if (options.fixFile !== undefined) await writeFixFile(session, view.id, options.fixFile);
      report(output, view, await errorsOf(session, view), options, bad > 0 || fileBlocked, undefined, noneGood && options.leaveOutBad === true && options.dryRun !== true);
      return;
    }
    const errors = await errorsOf(session, view);
    const job = await finish(await call(contract.imports.commit, { id: view.id, leaveOutBad: options.leaveOutBad ?? false }));
    if (options.fixFile !== undefined && bad + (view.counts?.leftOut ?? 0) > 0) await writeFixFile(session, view.id, options.fixFile);
    report(output, view, errors, options, false, job.done);
  } finally {
    // Nothing of the file is kept behind the command; where it went into the stock, that stays.
    await call(contract.imports.discard, { id: opened.id }).catch(() => undefined);
  }
}

/** Keys, all of which a sender may have encrypted; codes only where a column is named. */
const keyFields: ReadonlySet<string> = new Set(['k', 'opc', 'op', ...importFields.map((one) => one.field).filter((field) => /^scp\d\d/.test(field) && !field.endsWith('Kcv'))]);

const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');

/** A column by its name or by what it is, or one of a group as `csv-encrypt-columns` of pySim names it: UICC_SCP02, UICC_SCP03. */
function isOf(wanted: string, name: string, field: string): boolean {
  const text = plain(wanted);
  const group = /^(?:uicc)?(scp80|scp81|scp02|scp03)$/.exec(text)?.[1];
  return group === undefined ? text === plain(name) || text === field.toLowerCase() : field.startsWith(group) && keyFields.has(field);
}

/** Columns as proposed, with what the options say of keys and rules. */
async function map({ call, uploadFile }: Session, view: ImportView, options: ImportOptions): Promise<void> {
  const wrapping = options.transportKey === undefined ? undefined : { key: options.transportKey, mode: options.mode ?? 'ecb', reversed: options.reversed ?? 'no' } as const;
  const own = options.columnKey ?? [];
  if (!wrapping && own.length === 0 && (options.mode !== undefined || options.reversed !== undefined)) usage('--mode and --reversed belong to a --transport-key or a --column-key.');
  const names = new Map(view.detection.columns.map((one) => [one.index, one.name]));
  const used = new Set<ColumnKey>();
  const columns: ImportColumn[] = view.columns.map((column) => {
    if (column.field === undefined) return column;
    const named = own.find((one) => isOf(one.column, names.get(column.index) ?? '', column.field!));
    if (named) {
      used.add(named);
      return { ...column, wrapping: { key: named.key, mode: options.mode ?? 'ecb', reversed: options.reversed ?? 'no' } };
    }
    return wrapping && keyFields.has(column.field) ? { ...column, wrapping } : column;
  });
  const unused = own.find((one) => !used.has(one));
  if (unused) usage(`The file has no column ${unused.column} to go with --column-key.`);
  const rules: ImportRules = {
    ...view.rules, ...(options.skipExisting ? { duplicates: 'skip' as const } : {}), ...(options.makeOpc ? { missingOpc: 'make' as const } : {}), ...(options.country === undefined ? {} : { country: options.country }), ...(options.brand === undefined ? {} : { brand: options.brand }),
    ...(options.op === undefined ? {} : { op: await uploadFile(options.op), ...(wrapping ? { opWrapping: wrapping } : {}) }),
  };
  await call(contract.imports.map, { id: view.id, columns, rules, type: options.type, ...(options.saveMapping === undefined ? {} : { saveAs: options.saveMapping }) });
}

/** Only repairs that do not guess and need not be told anything. */
async function repairAll({ call, finish }: Session, first: ImportView): Promise<ImportView> {
  let view = first;
  for (const { id, repairs } of first.groups) {
    const repair = repairs.find((one) => !one.suggestion && one.parameter === undefined && !['leave-out', 'accept', 'skip'].includes(one.kind));
    if (!repair || !view.groups.some((one) => one.id === id)) continue;
    const { job } = await call(contract.imports.repair, { id: view.id, group: id, repair: repair.kind });
    if (job) await finish(job);
    view = await call(contract.imports.show, { id: view.id });
  }
  return view;
}

/** What the caller answers for, by its code. */
async function acceptAll({ call, finish }: Session, first: ImportView, codes: readonly string[]): Promise<ImportView> {
  for (const { id, code, repairs } of first.groups) {
    if (!codes.includes(code) || !repairs.some((repair) => repair.kind === 'accept')) continue;
    const { job } = await call(contract.imports.repair, { id: first.id, group: id, repair: 'accept' });
    if (job) await finish(job);
  }
  return call(contract.imports.show, { id: first.id });
}

async function writeFixFile(session: Session, id: string, path: string): Promise<void> {
  const { rows, ...offer } = await session.call(contract.imports.fixFile, { id });
  await session.saveFile(offer, path);
  session.output.note(`${rows} rows are in ${path}, with what is wrong beside each`);
}

interface RowError {
  readonly row: number;
  readonly column: string;
  readonly code: string;
  readonly message: string;
}

/** Of the first bad rows; the list is cut where it gets long, and a row may have several. */
async function errorsOf({ call }: Session, view: ImportView): Promise<RowError[]> {
  if ((view.counts?.bad ?? 0) === 0) return view.groups.filter((one) => one.severity === 'blocker' && one.samples.length === 0).map((one) => ({ row: 1, column: '', code: one.code, message: one.title }));
  const { rows } = await call(contract.imports.rows, { id: view.id, state: 'bad', limit: 200 });
  return rows.flatMap((row) => row.problems.filter((one) => one.severity === 'blocker').map((one) => ({
    row: row.line, column: view.columns.find((column) => column.index === one.column)?.field ?? '', code: one.code, message: one.message,
  })));
}

const rowsNamed = (errors: readonly RowError[]): number => new Set(errors.map((one) => one.row)).size;

function report(output: Output, view: ImportView, errors: readonly RowError[], options: ImportOptions, refused: boolean, imported?: number, noneGood = false): void {
  const counts = view.counts!;
  const plain = {
    accepted: imported ?? counts.good, rejected: counts.bad, skipped: counts.skipped, leftOut: counts.leftOut, warned: counts.warned, fileSha256: view.sha256,
    errors,
    groups: view.groups.map((one) => ({ code: one.code, severity: one.severity, column: one.field ?? '', rows: one.rows, title: one.title, hint: one.hint, repairs: one.repairs.map((repair) => repair.kind) })),
  };
  const text = () => [
    `${options.dryRun ? 'Dry run: ' : ''}${plain.accepted} rows accepted, ${counts.bad} rejected${counts.skipped > 0 ? `, ${counts.skipped} in the stock already` : ''}`,
    ...(view.groups.length > 0 ? [table(['code', 'rows', 'what is wrong', 'what to do'], view.groups.map((one) => [one.code, String(one.rows), one.title, one.hint]))] : []),
    ...(errors.length > 0 ? [table(['row', 'column', 'code', 'what is wrong'], errors.map((e) => [String(e.row), e.column, e.code, e.message]))] : []),
    ...(counts.bad > rowsNamed(errors) ? [`… and ${(counts.bad - rowsNamed(errors)).toLocaleString('en')} more`] : []),
  ].join('\n');
  if (!refused) output.result(plain, text);
  else if (noneGood) output.refused(plain, { code: 'NOTHING_TO_IMPORT', message: `No row is left to import: ${counts.bad === 1 ? '1 row has' : `${counts.bad.toLocaleString('en')} rows have`} something wrong` }, text);
  else output.refused(plain, { code: 'ROWS_INVALID', message: counts.bad > 0 ? `${counts.bad} rows cannot be imported` : 'The file as a whole cannot be imported' }, text);
}

export function addTransportKeyCommands(program: Command): void {
  const keys = group(program, 'transport-key', 'keys under which subscriber keys travel in files');
  addCommand(keys, 'add <name>', 'register a key from its components')
    .requiredOption('--algorithm <name>', transportAlgorithms.join(', '), oneOf(...transportAlgorithms))
    .requiredOption('--component <custodian:file[:kcv]>', 'a component in hexadecimal digits, who keeps it, and its check value; up to three', collect(componentOf))
    .option('--kcv <digits>', 'check value of the whole key')
    .option('--index <text>', 'index under which the sender\'s AuC knows it')
    .option('--note <text>', 'what it is for')
    .option('--insist', 'take a weak key, or one in one piece')
    .action((name: string, options: Options<{ algorithm: (typeof transportAlgorithms)[number]; component: Component[]; kcv?: string; index?: string; note?: string; insist?: boolean }>) =>
      withSession(options, {}, async ({ call, uploadFile, output }) => {
        const components = [];
        for (const { custodian, file, kcv } of options.component) components.push({ custodian, value: await uploadFile(file), ...(kcv === undefined ? {} : { kcv }) });
        const row = await call(contract.transportKeys.add, {
          name, algorithm: options.algorithm, components, insist: options.insist ?? false,
          ...(options.kcv === undefined ? {} : { kcv: options.kcv }), ...(options.index === undefined ? {} : { index: options.index }), ...(options.note === undefined ? {} : { note: options.note }),
        });
        output.result(row, `Transport key ${row.name}, ${row.algorithm}, check value ${row.kcv} (${row.kcvConvention})${row.checked ? '' : ', not compared with one of the sender'}`);
      }));
  addCommand(keys, 'list', 'list transport keys')
    .action((options: Options) => withSession(options, existing, async ({ call, output }) => {
      const { rows } = await call(contract.transportKeys.list, {});
      output.result({ rows }, () => table(['name', 'algorithm', 'check value', 'index', 'custodians', 'state', 'imports'], rows.map((one) => [one.name, one.algorithm, one.kcv, one.index ?? '', one.custodians.join(', '), one.state, String(one.imports)])));
    }));
  addCommand(keys, 'change <name>', 'give it another index or note; whoever uses it goes on')
    .option('--index <text>', 'index under which the sender\'s AuC or the receiver knows it; "" for none')
    .option('--note <text>', 'what it is for; "" for none')
    .action((name: string, options: Options<{ index?: string; note?: string }>) => withSession(options, existing, async ({ call, output }) => {
      if (options.index === undefined && options.note === undefined) usage('Say what changes: --index or --note.');
      const row = await call(contract.transportKeys.change, { name, ...(options.index === undefined ? {} : { index: options.index }), ...(options.note === undefined ? {} : { note: options.note }) });
      output.result(row, `Transport key ${row.name} has ${row.index === undefined ? 'no index' : `the index ${row.index}`}${row.note === undefined ? '' : `, ${row.note}`}`);
    }));
  addCommand(keys, 'retire <name>', 'end its use and erase it')
    .requiredOption('--reason <text>', 'why')
    .action((name: string, options: Options<{ reason: string }>) => withSession(options, existing, async ({ call, output }) => {
      const row = await call(contract.transportKeys.retire, { name, reason: options.reason });
      output.result(row, `Transport key ${row.name} is retired and erased`);
    }));
}

interface ColumnKey {
  readonly column: string;
  readonly key: string;
}

function columnKeyOf(text: string): ColumnKey {
  const [, column, key] = /^([^=]+)=(.+)$/.exec(text) ?? usage('--column-key takes COLUMN=KEY.');
  return { column: column!.trim(), key: key!.trim() };
}

interface Component {
  readonly custodian: string;
  readonly file: string;
  readonly kcv?: string;
}

function componentOf(text: string): Component {
  const [, custodian, file, kcv] = /^([^:]+):(.+?)(?::([0-9A-Fa-f]{6,16}))?$/.exec(text) ?? usage('--component takes CUSTODIAN:FILE or CUSTODIAN:FILE:KCV.');
  return { custodian: custodian!, file: file!, ...(kcv === undefined ? {} : { kcv }) };
}
