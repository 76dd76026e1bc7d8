/** What the import wizard says and decides. Pure: knows nothing of React. */
import { importFields, type DetectedColumn, type ImportColumn, type ImportDetection, type ImportFieldName, type ImportFormat, type ImportGroup, type ImportHistoryRow, type ImportPreset, type ImportState, type ImportView, type SavedMapping } from '../../shared/contract/imports.ts';
import { conditionText } from '../../shared/contract/profile-filter.ts';
import { count, plural } from '../design/formats.ts';
import type { Step } from '../design/stepper.tsx';

type ImportCounts = NonNullable<ImportView['counts']>;

export const stepIds = ['source', 'map', 'rules', 'validate', 'preview', 'run', 'report'] as const;
export type StepId = (typeof stepIds)[number];
export const stepNames: Readonly<Record<StepId, string>> = { source: 'Source', map: 'Map', rules: 'Rules', validate: 'Validate', preview: 'Preview', run: 'Run', report: 'Report' };

const validated: readonly ImportState[] = ['validated', 'committing', 'done', 'rolled-back'];
const committed: readonly ImportState[] = ['committing', 'done', 'rolled-back'];

/** Fields without which nothing can be imported, with the other ways to give them. */
export interface Needed {
  readonly label: string;
  readonly have: boolean;
  /** What is missing may be given another way; then nothing is in the way. */
  readonly optional: boolean;
  readonly how: string;
}

/** The checklist beside the mapping. */
export function neededFields(columns: readonly ImportColumn[], rules: ImportView['rules']): Needed[] {
  const has = (field: ImportFieldName): boolean => columns.some((column) => column.field === field);
  const imsiParts = has('msin') && ((has('mcc') && has('mnc')) || rules.plmn !== undefined);
  return [
    { label: 'ICCID', have: has('iccid'), optional: false, how: 'Choose the column with the ICCIDs, 18 to 20 digits that begin with 89.' },
    { label: 'IMSI', have: has('imsi') || imsiParts, optional: false, how: 'Choose the column with the IMSIs, or MCC, MNC and MSIN as columns of their own.' },
    { label: 'K (Ki)', have: has('k'), optional: rules.missingKey !== 'refuse', how: rules.missingKey === 'refuse' ? 'The rules refuse rows without K.' : 'Not in the file: K is made at preparation.' },
    { label: 'OPc or OP', have: has('opc') || has('op') || rules.op !== undefined, optional: true, how: !has('k') ? 'Not in the file: made at preparation.' : rules.missingOpc === 'make' ? 'Not in the file: made at random at preparation, as the rules allow.' : 'Not in the file: ask the sender for it, or give OP of the whole file under Rules. An OPc made at random is not known to a network that has K.' },
    { label: 'MSISDN', have: has('msisdn'), optional: true, how: 'Not in the file: profiles come without a phone number.' },
  ];
}

/** A person must choose: no field, several that fit, or a guess below 80%. */
export const isUndecided = (column: DetectedColumn, chosen: ImportColumn | undefined, detection: Pick<ImportDetection, 'undecided'>): boolean => chosen?.field === undefined && detection.undecided.includes(column.index);

export type MapRank = 'choose' | 'twice' | 'key' | 'sure' | 'ignored';

/** Why a row of the mapping stands where it does; what needs a person comes first. */
export function rankOf(column: DetectedColumn, mine: ImportColumn | undefined, all: readonly ImportColumn[], detection: Pick<ImportDetection, 'undecided'>): MapRank {
  if (isUndecided(column, mine, detection)) return 'choose';
  if (mine?.field === undefined) return 'ignored';
  if (all.filter((other) => other.field === mine.field).length > 1) return 'twice';
  if (kindOf(mine.field) === 'secret' && column.encrypted && mine.wrapping === undefined) return 'key';
  return 'sure';
}

const rankOrder: Readonly<Record<MapRank, number>> = { choose: 0, twice: 1, key: 2, sure: 3, ignored: 4 };
export function mapOrder(columns: readonly DetectedColumn[], mine: readonly ImportColumn[], detection: Pick<ImportDetection, 'undecided'>): { readonly column: DetectedColumn; readonly rank: MapRank }[] {
  return columns
    .map((column) => ({ column, rank: rankOf(column, mine.find((one) => one.index === column.index), mine, detection) }))
    .sort((a, b) => rankOrder[a.rank] - rankOrder[b.rank] || a.column.index - b.column.index);
}

export const kindOf = (field: ImportFieldName): 'identifier' | 'secret' | 'check' => importFields.find((one) => one.field === field)?.kind ?? 'identifier';
export const labelOf = (field: ImportFieldName): string => importFields.find((one) => one.field === field)?.label ?? field;

export const confidenceWord = (column: Pick<DetectedColumn, 'confidence' | 'alternatives' | 'field'>): string =>
  column.field === undefined ? 'Not recognised' : column.alternatives.length > 0 ? 'Several fit' : column.confidence >= 0.95 ? 'Certain' : column.confidence >= 0.8 ? 'Likely' : 'A guess';

/** Columns of a file mapped by the names a saved mapping or a preset gives them; columns it does not name stay as they are. */
export function applyByName(detected: readonly DetectedColumn[], mine: readonly ImportColumn[], names: readonly (Pick<SavedMapping['columns'][number], 'name' | 'field' | 'transforms'> & { readonly wrapping?: ImportColumn['wrapping'] })[]): { readonly columns: ImportColumn[]; readonly matched: number } {
  const same = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();
  let matched = 0;
  const columns = detected.map((column): ImportColumn => {
    const named = names.find((one) => same(one.name, column.name));
    if (named === undefined) return mine.find((one) => one.index === column.index) ?? { index: column.index, transforms: [] };
    matched += 1;
    return { index: column.index, transforms: named.transforms, ...(named.field === undefined ? {} : { field: named.field }), ...(named.wrapping === undefined ? {} : { wrapping: named.wrapping }) };
  });
  return { columns, matched };
}

/** The mapping of an import by the names of its columns, for another file of the same form. */
export const namedColumns = (view: Pick<ImportView, 'columns' | 'detection'>): Parameters<typeof applyByName>[2] =>
  view.columns.flatMap((column) => {
    const name = view.detection.columns.find((one) => one.index === column.index)?.name;
    return name === undefined ? [] : [{ name, transforms: column.transforms, ...(column.field === undefined ? {} : { field: column.field }), ...(column.wrapping === undefined ? {} : { wrapping: column.wrapping }) }];
  });

/** Where a person comes back to: the furthest step the engine holds something for. */
export function stepOf(view: Pick<ImportView, 'state' | 'blockers' | 'type'>): StepId {
  switch (view.state) {
    case 'opened':
      return 'source';
    case 'mapped':
      return view.blockers.length > 0 || view.type === undefined ? (view.type === undefined ? 'rules' : 'map') : 'validate';
    case 'validating':
    case 'validated':
      return 'validate';
    case 'committing':
      return 'run';
    case 'done':
    case 'rolled-back':
      return 'report';
  }
}

export const readStep = (text: string | null): StepId | undefined => stepIds.find((id) => id === text);

/** What stands in the way of a step, as a sentence; undefined when it can be opened. */
export function stepReason(view: ImportView, step: StepId): string | undefined {
  const over = committed.includes(view.state);
  if (step === 'run') return over ? undefined : 'Starts from the preview.';
  if (step === 'report') return view.state === 'done' || view.state === 'rolled-back' ? undefined : 'There is a report when the import has run.';
  if (over) return step === 'preview' ? 'The import has run: see the report.' : undefined;
  if (view.imported !== undefined && step !== 'source') return 'This very file was imported before.';
  if (step === 'validate') return view.type === undefined ? 'Choose the profile type under Rules first.' : view.blockers[0];
  if (step === 'preview') return validated.includes(view.state) ? undefined : 'Check the rows first.';
  return undefined;
}

/** The stepper: what is done, what waits, and a word on each. */
export function stepsOf(view: ImportView, current: StepId): Step<StepId>[] {
  const { counts } = view;
  const mapped = view.columns.filter((column) => column.field !== undefined).length;
  const notes: Readonly<Record<StepId, string | undefined>> = {
    source: plural(view.detection.rows, 'row'),
    map: `${mapped} of ${plural(view.detection.columns.length, 'column')}`,
    rules: view.type ?? (stepIds.indexOf(current) < 2 ? 'type to choose' : 'type not chosen'),
    validate: view.state === 'validating' ? 'being checked' : counts === undefined ? undefined : counts.bad > 0 ? `${count(counts.bad)} to repair` : 'nothing to repair',
    preview: counts === undefined || view.state === 'validating' ? undefined : `${count(counts.good)} ready`,
    run: view.state === 'committing' ? 'running' : undefined,
    report: view.state === 'done' ? 'imported' : view.state === 'rolled-back' ? 'rolled back' : undefined,
  };
  return stepIds.map((id) => {
    const reason = stepReason(view, id);
    return { id, name: stepNames[id], state: stateOf(view, id, reason, current), note: notes[id], reason: id === current ? undefined : reason };
  });
}

function stateOf(view: ImportView, id: StepId, reason: string | undefined, current: StepId): Step['state'] {
  const over = committed.includes(view.state);
  // It was seen, and cannot be seen again: the stock has changed since.
  if (over && id === 'preview') return 'done';
  if (reason !== undefined) return 'locked';
  if (over) return id === 'report' && view.state === 'rolled-back' ? 'attention' : id === 'run' && view.state === 'committing' ? 'open' : 'done';
  if (id === 'source') return view.imported === undefined ? 'done' : 'attention';
  if (id === 'map') return keyBlocker(view) !== undefined || view.detection.undecided.some((index) => view.columns.find((one) => one.index === index)?.field === undefined) || neededFields(view.columns, view.rules).some((one) => !one.have && !one.optional) ? 'attention' : 'done';
  // Nothing is amiss in a step nobody has come to yet.
  if (id === 'rules') return view.type !== undefined ? 'done' : stepIds.indexOf(current) > stepIds.indexOf('rules') ? 'attention' : 'open';
  if (id === 'validate') return view.counts === undefined ? 'open' : view.counts.bad > 0 ? 'attention' : 'done';
  return 'open';
}

/** Whether the rows of a file hold keys or codes, by what its columns are or look like. */
export const keysInFile = (view: Pick<ImportView, 'columns' | 'detection'>): boolean => {
  const secret = (field: ImportFieldName | undefined): boolean => field !== undefined && kindOf(field) === 'secret';
  return view.columns.some((one) => secret(one.field)) || view.detection.columns.some((one) => one.encrypted || secret(one.field));
};

/** Blockers before warnings, then those `seen` in the order they were seen first, then what concerns most rows: a group does not move while its rows are mended. */
export function groupOrder(groups: readonly ImportGroup[], seen: readonly string[] = []): ImportGroup[] {
  const rank = { blocker: 0, warning: 1 } as const;
  const place = (group: ImportGroup): number => (seen.includes(group.id) ? seen.indexOf(group.id) : seen.length);
  return [...groups].sort((a, b) => rank[a.severity] - rank[b.severity] || place(a) - place(b) || b.rows - a.rows);
}

/** `12 ICCIDs have a wrong check digit`; how many rows stands in front where the sentence does not begin with it. */
export function groupTitle(group: Pick<ImportGroup, 'title' | 'rows'>): string {
  if (/^\d/.test(group.title)) return group.title.replace(/^(\S+) value(s?) of (ICCID|IMSI|MSISDN)\b/, '$1 $3$2');
  const rest = /^[A-Z][a-z ]/.test(group.title) ? group.title.charAt(0).toLowerCase() + group.title.slice(1) : group.title;
  return `${plural(group.rows, 'row')}: ${rest}`;
}

/** The row itself is wrong, and its values cannot be told apart: it is mended in the file. */
export const isWholeRow = (group: Pick<ImportGroup, 'code'>): boolean => group.code === 'CELL_COUNT' || group.code === 'ROW_MALFORMED';

/** Whether something can be typed that mends a row of the group: a number in its cell. Keys are corrected in the file. */
export const canEdit = (group: Pick<ImportGroup, 'field'>): boolean => group.field !== undefined && kindOf(group.field) === 'identifier';

/** What a saved mapping brings: said where it is chosen. */
export const mappingBrings = (mapping: Pick<SavedMapping, 'type'>): string => (mapping.type === undefined ? 'Saved here earlier: columns and rules are set; the profile type is to choose under Rules.' : 'Saved here earlier: columns, rules and profile type are set.');

/** Values that are refused in the clear outside a Lab. */
export const isKey = (field: ImportFieldName | undefined): boolean => field !== undefined && (['k', 'opc', 'op'].includes(field) || (/^scp\d\d/.test(field) && kindOf(field) === 'secret'));
/** Keys that mostly come under one transport key: those of the network, those of security domains. */
const keyGroup = (field: ImportFieldName): string => (field.startsWith('scp') ? 'ota' : 'network');

/** Other key columns of the group of this one that are in the clear. */
export const clearKin = (columns: readonly ImportColumn[], mine: ImportColumn): (ImportColumn & { readonly field: ImportFieldName })[] =>
  columns.filter((one): one is ImportColumn & { field: ImportFieldName } => one.index !== mine.index && one.wrapping === undefined && isKey(one.field) && mine.field !== undefined && keyGroup(one.field!) === keyGroup(mine.field));

/** All columns of keys that are in the clear. */
export const clearKeys = (columns: readonly ImportColumn[]): (ImportColumn & { readonly field: ImportFieldName })[] => columns.filter((one): one is ImportColumn & { field: ImportFieldName } => one.wrapping === undefined && isKey(one.field));

/** `K and OPc` */
export function fieldNames(columns: readonly { readonly field: ImportFieldName }[]): string {
  const names = columns.map((one) => labelOf(one.field).replace(/ \(.*/, ''));
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`;
}

/** Columns under this transport key, the others as they are. */
export const under = (columns: readonly ImportColumn[], which: readonly ImportColumn[], wrapping: NonNullable<ImportColumn['wrapping']>): ImportColumn[] => columns.map((one) => (which.some((other) => other.index === one.index) ? { ...one, wrapping } : one));

/** The sentence about a transport key that is still to choose; the engine says it. */
export const keyBlocker = (view: Pick<ImportView, 'blockers'>): string | undefined => view.blockers.find((text) => /choose (?:its|the) transport key/i.test(text));

export const sentence = (text: string): string => (text === '' || /[.!?…]$/.test(text) ? text : `${text}.`);

/** Share of the good rows; never 100% while one is not good. */
export function readyShare(counts: Pick<ImportCounts, 'good' | 'rows'>): string {
  if (counts.good >= counts.rows) return counts.rows === 0 ? '–' : 'all of them';
  return counts.good / counts.rows > 0.999 ? 'over 99.9%' : `${Math.floor((1_000 * counts.good) / counts.rows) / 10}%`;
}

/** What the import will make of the rows: one that is not repaired by then stays out. */
export function outcomeText(counts: ImportCounts): string {
  return [`${count(counts.good)} to import`, `${count(counts.bad + counts.leftOut)} left out`, ...(counts.skipped > 0 ? [`${count(counts.skipped)} passed over`] : [])].join(' · ');
}

export const leaveOutBad = (bad: number): string => (bad === 1 ? 'Leave out the one that is not good' : `Leave out all ${count(bad)} that are not good`);

/** `999,963 ready · 37 to repair · 0 left out` */
export function countsText(counts: ImportCounts): string {
  return [`${count(counts.good)} ready`, `${count(counts.bad)} to repair`, `${count(counts.leftOut)} left out`, ...(counts.skipped > 0 ? [`${count(counts.skipped)} passed over`] : [])].join(' · ');
}

export const encodingNames: Readonly<Record<ImportFormat['encoding'], string>> = { 'utf-8': 'UTF-8', 'utf-16le': 'UTF-16 LE', 'utf-16be': 'UTF-16 BE', 'windows-1252': 'Windows-1252 (Western)' };
export const separatorNames: Readonly<Record<NonNullable<ImportFormat['separator']>, string>> = { comma: 'Comma ,', semicolon: 'Semicolon ;', tab: 'Tab', pipe: 'Bar |', fixed: 'Columns at constant places', blanks: 'Blanks', slash: 'Slash /' };
export const layoutNames: Readonly<Record<ImportFormat['layout'], string>> = {
  table: 'Table: one row a profile', 'json-lines': 'JSON lines: one object a profile', vendor: 'Vendor file: header lines, then rows (.inp, .out)', positional: 'Vendor file: one header line, then rows',
};

/** `32 hexadecimal digits` stands for a value that never left the engine. */
export const isShape = (text: string): boolean => /\b(digits?|characters?|octets?|hexadecimal|empty|letters?)\b/i.test(text) && !/^\d+$/.test(text);

/** What the state of an import means to a person. */
export function stateWord(state: ImportState): string {
  return { opened: 'Read, not checked', mapped: 'Mapped, not checked', validating: 'Being checked', validated: 'Checked', committing: 'Being imported', done: 'Imported', 'rolled-back': 'Rolled back' }[state];
}

/** The inventory, narrowed to what one import brought. */
export const inventoryOf = (row: { readonly reference?: ImportHistoryRow['reference'] }): string => (row.reference === undefined ? '/inventory' : `/inventory?where=${encodeURIComponent(conditionText({ field: 'import', op: 'is', values: [row.reference] }))}`);

/** A new batch of what an import brought: all of it, or as much as one batch takes. */
export function prepareOf(reference: string | undefined, type: string | undefined, profiles: number): string {
  const to = new URLSearchParams({ import: reference ?? '', ...(type === undefined ? {} : { type }), ...(profiles > 0 ? { count: count(Math.min(profiles, 1_000_000)) } : {}) });
  return `/preparation/new?${to.toString()}`;
}

/** Presets whose columns name some of the file's, best first. */
export function fittingPresets(presets: readonly ImportPreset[], columns: readonly DetectedColumn[]): readonly ImportPreset[] {
  const fit = (preset: ImportPreset): number => applyByName(columns, [], preset.columns).matched;
  return [...presets].sort((a, b) => fit(b) - fit(a));
}

/** A file of the right form to look at, with made-up numbers. */
export const sampleFile: { readonly name: string; readonly text: string } = {
  name: 'stock-sample.csv',
  text: ['iccid,imsi,msisdn,pin1,puk1', '8988211000008010012,001010000801001,+882110000801001,0000,12345601', '8988211000008010020,001010000801002,+882110000801002,0000,12345602', '8988211000008010038,001010000801003,+882110000801003,0000,12345603', ''].join('\r\n'),
};
