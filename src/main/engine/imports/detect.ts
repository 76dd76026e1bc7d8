/** What the columns of a file are: by their names, by the shape of their values, with how sure that is and why. */
import type { DetectedColumn, ImportFieldName, ImportPreset } from '../../../shared/contract/imports.ts';
import { parseImsi } from '../../../shared/identifiers/index.ts';
import { isCheck, isIdentifier, keySetFields, labelOf, normalised, readName } from './columns.ts';
import type { Source } from './source.ts';
import { textOf } from './text.ts';
import { trimmed } from './transforms.ts';
import { readIccid } from './values.ts';

/** Rows looked at: the first, some of the middle, the last. */
const SAMPLE = 200;
const sure = 0.8;

type Shape = 'empty' | 'iccid' | 'imsi' | 'digits4-8' | 'digits8' | 'digits' | 'hex4' | 'hex6' | 'hex16' | 'hex32' | 'hex48' | 'hex64' | 'spreadsheet' | 'other';

/** Told by octets: no secret becomes a string. */
function shapeOf(cell: Uint8Array): Shape {
  const { length } = cell;
  if (length === 0) return 'empty';
  let digits = 0;
  let hex = 0;
  for (const octet of cell) {
    const letter = octet | 0x20;
    if (octet >= 0x30 && octet <= 0x39) digits++;
    else if (letter >= 0x61 && letter <= 0x66) hex++;
  }
  if (digits === length) {
    if (length >= 18 && length <= 20 && cell[0] === 0x38 && cell[1] === 0x39) return 'iccid';
    if (length === 20 && cell[0] === 0x39 && cell[1] === 0x38) return 'iccid';
    if (length === 15 || length === 14) return 'imsi';
    if (length === 8) return 'digits8';
    if (length >= 4 && length < 8) return 'digits4-8';
    if (length !== 16 && length !== 32 && length < 48) return 'digits';
  }
  if (digits + hex === length) {
    if (length === 20 && (cell[0] === 0x39 || cell[0] === 0x38)) return 'iccid';
    if (length === 18 && cell[0] === 0x30 && cell[1] === 0x38 && cell[3] === 0x39) return 'imsi';
    if (length === 32) return 'hex32';
    if (length === 16) return 'hex16';
    if (length === 48) return 'hex48';
    if (length === 64) return 'hex64';
    if (length === 6) return 'hex6';
    if (length === 4) return 'hex4';
  }
  const sign = cell.findIndex((octet) => octet === 0x2b || octet === 0x2d);
  if (sign > 1 && (cell[sign - 1]! | 0x20) === 0x65) return 'spreadsheet';
  return 'other';
}

const shapeWords: Readonly<Record<Shape, (length: number) => string>> = {
  empty: () => 'empty', iccid: (n) => `${n} digits`, imsi: (n) => `${n} digits`, 'digits4-8': (n) => `${n} digits`, digits8: () => '8 digits', digits: (n) => `${n} digits`,
  hex4: () => '4 hexadecimal digits', hex6: () => '6 hexadecimal digits', hex16: () => '16 hexadecimal digits', hex32: () => '32 hexadecimal digits', hex48: () => '48 hexadecimal digits', hex64: () => '64 hexadecimal digits',
  spreadsheet: () => 'a number as spreadsheets write it', other: (n) => `${n} characters`,
};

/** What is shown of a value that may be a secret. */
export const shapeText = (cell: Uint8Array): string => shapeWords[shapeOf(cell)](cell.length);

const expected: Partial<Record<ImportFieldName, readonly Shape[]>> = {
  iccid: ['iccid', 'spreadsheet'], imsi: ['imsi', 'spreadsheet', 'digits'], msisdn: ['digits', 'imsi', 'digits8', 'digits4-8', 'other', 'spreadsheet'],
  k: ['hex32', 'hex64'], opc: ['hex32', 'hex64'], op: ['hex32', 'hex64'], pin1: ['digits4-8', 'digits8', 'hex16'], pin2: ['digits4-8', 'digits8', 'hex16'],
  puk1: ['digits8', 'hex16'], puk2: ['digits8', 'hex16'], adm1: ['digits8', 'hex16', 'digits4-8'],
  adm2: ['digits8', 'hex16', 'digits4-8'], ...Object.fromEntries(keySetFields.map((field) => [field, ['hex32', 'hex48', 'hex64'] satisfies Shape[]])),
};

interface Seen {
  readonly cells: readonly Uint8Array[];
  readonly shapes: ReadonlyMap<Shape, number>;
  readonly filled: number;
}

function look(source: Source): Seen[] {
  const rows = new Set<number>();
  for (let i = 0; i < Math.min(SAMPLE / 2, source.rows); i++) rows.add(i);
  for (let i = 0; i < SAMPLE / 2; i++) rows.add(Math.floor((i * (source.rows - 1)) / (SAMPLE / 2)));
  const sampled = [...rows].map((row) => source.cells(row)).filter((cells) => cells !== undefined);
  return source.names.map((_, index) => {
    const cells = sampled.map((row) => (row[index] ? trimmed(row[index]) : new Uint8Array(0)));
    const shapes = new Map<Shape, number>();
    for (const cell of cells) {
      const shape = shapeOf(cell);
      if (shape !== 'empty') shapes.set(shape, (shapes.get(shape) ?? 0) + 1);
    }
    return { cells, shapes, filled: cells.filter((cell) => cell.length > 0).length };
  });
}

const most = ({ shapes, filled }: Seen): { shape: Shape; share: number } => {
  const [shape, count] = [...shapes].sort((a, b) => b[1] - a[1])[0] ?? ['empty', 0];
  return { shape, share: filled === 0 ? 0 : count / filled };
};

interface Guess {
  readonly field?: ImportFieldName;
  readonly confidence: number;
  readonly why: string;
  readonly alternatives: readonly ImportFieldName[];
  readonly encrypted: boolean;
}

function byName(name: string, seen: Seen, preset: ImportPreset | undefined): Guess | undefined {
  const listed = preset?.columns.find((one) => normalised(one.name) === normalised(name));
  if (listed) return { ...(listed.field ? { field: listed.field } : {}), confidence: 1, why: `The preset ${preset!.name} says so.`, alternatives: [], encrypted: listed.encrypted };
  const read = readName(name);
  if (!read.known) return undefined;
  if (!read.field) return { confidence: 1, why: read.why, alternatives: [], encrypted: false };
  const fits = expected[read.field];
  const good = fits === undefined || seen.filled === 0 ? 1 : fits.reduce((sum, shape) => sum + (seen.shapes.get(shape) ?? 0), 0) / seen.filled;
  if (good >= 0.5 || read.encrypted) return { field: read.field, confidence: good >= 0.9 ? 0.99 : 0.9, why: good >= 0.9 ? read.why : `${read.why} Some values do not look like it.`, alternatives: [], encrypted: read.encrypted };
  return { field: read.field, confidence: 0.85, why: `${read.why} Most values do not look like it.`, alternatives: [], encrypted: read.encrypted };
}

function byShape(seen: Seen): Guess {
  const { shape, share } = most(seen);
  const guess = (field: ImportFieldName | undefined, confidence: number, why: string, alternatives: readonly ImportFieldName[] = []): Guess => ({ ...(field ? { field } : {}), confidence, why, alternatives, encrypted: false });
  if (seen.filled === 0) return guess(undefined, 1, 'It is empty in all rows looked at.');
  if (share < 0.7) return guess(undefined, 0.9, 'Its values have no form in common.');
  if (shape === 'iccid') return guess('iccid', 0.95, 'Its values are numbers of 18 to 20 digits that begin with 89.');
  if (shape === 'imsi' && seen.cells.filter((cell) => cell.length === 15).every((cell) => parseImsi(Buffer.from(cell).toString('latin1')).ok)) return guess('imsi', 0.9, 'Its values have 15 digits, the first three a country code.');
  if (shape === 'hex32') return guess(undefined, 0.3, 'Its values are keys of 16 octets; which, only the sender knows.', ['k', 'opc', 'op', 'scp80Kic', 'scp80Kid', 'scp80Kik']);
  if (shape === 'hex16') return guess(undefined, 0.3, 'Its values have 8 octets: a PIN, PUK or ADM code in its stored form.', ['adm1', 'pin1', 'puk1', 'pin2', 'puk2']);
  if (shape === 'digits8') return guess(undefined, 0.3, 'Its values have 8 digits: a PUK or ADM code, or something else.', ['puk1', 'adm1', 'puk2', 'pin1']);
  if (shape === 'digits4-8') return guess(undefined, 0.4, 'Its values have 4 to 7 digits: a PIN, or something else.', ['pin1', 'pin2']);
  if (shape === 'digits' && share > 0.9) return guess('msisdn', 0.5, 'Its values are numbers of various length, perhaps MSISDNs.', ['msisdn']);
  return guess(undefined, 0.9, 'Its values are of no kind known here.');
}

export interface Detected {
  readonly columns: DetectedColumn[];
  readonly undecided: number[];
  readonly missing: ImportFieldName[];
  /** ICCIDs mostly come with their check digit, so that one without is a finding; `mixed`: mostly 19 or 20 digits, else 19. */
  readonly checkedIccids: boolean | 'mixed';
}

export function detectColumns(source: Source, preset?: ImportPreset): Detected {
  const seen = look(source);
  const first = source.names.map((name, index) => byName(name, seen[index]!, preset) ?? byShape(seen[index]!));
  const whole = first.some((one) => one.field === 'imsi');
  const guesses = first.map((one): Guess => (whole && (one.field === 'mcc' || one.field === 'mnc' || one.field === 'msin') ? { confidence: 1, why: 'The IMSI holds it.', alternatives: [], encrypted: false } : one));
  const taken = new Map<ImportFieldName, number[]>();
  guesses.forEach(({ field }, index) => {
    if (field) taken.set(field, [...(taken.get(field) ?? []), index]);
  });
  const columns = guesses.map((guess, index): DetectedColumn => {
    const rivals = guess.field ? taken.get(guess.field)!.filter((other) => other !== index) : [];
    // A name beats a shape; of two of a kind a person must choose.
    const better = rivals.some((other) => guesses[other]!.confidence > guess.confidence + 0.03);
    const equal = rivals.some((other) => Math.abs(guesses[other]!.confidence - guess.confidence) <= 0.03);
    const base = { index, name: source.names[index]!, samples: samplesOf(source, seen[index]!, guess), encrypted: guess.encrypted };
    // A value of 15 digits that nothing names may be the IMSI of another subscription, or a number to call.
    if (better && guess.field === 'imsi' && /^column \d+$/.test(base.name) && !taken.has('msisdn')) return { ...base, confidence: 0.4, why: 'Its values have 15 digits: MSISDNs, or the IMSIs of other subscriptions.', alternatives: ['msisdn'] };
    if (better) return { ...base, confidence: 0.9, why: `${guess.why} Another column is ${labelOf(guess.field!)} already.`, alternatives: [] };
    if (equal) return { ...base, field: guess.field, confidence: 0.5, why: `${guess.why} Another column is as likely.`, alternatives: [guess.field!] };
    return { ...base, ...(guess.field ? { field: guess.field } : {}), confidence: guess.confidence, why: guess.why, alternatives: [...guess.alternatives] };
  });
  const has = (field: ImportFieldName): boolean => columns.some((one) => one.field === field);
  const missing: ImportFieldName[] = [...(has('iccid') ? [] : ['iccid' as const]), ...(has('imsi') || (has('mcc') && has('mnc') && has('msin')) ? [] : ['imsi' as const])];
  return { columns, undecided: columns.filter((one) => one.alternatives.length > 0 || (one.field !== undefined && one.confidence < sure)).map((one) => one.index), missing, checkedIccids: checked(seen, columns, source) };
}

function checked(seen: readonly Seen[], columns: readonly DetectedColumn[], source: Source): Detected['checkedIccids'] {
  const index = columns.find((one) => one.field === 'iccid')?.index;
  if (index === undefined) return false;
  const cells = seen[index]!.cells.filter((cell) => cell.length > 0).map((cell) => textOf(cell, source.format.encoding)).filter((text) => readIccid(text).ok);
  const lengths = cells.map((text) => text.replace(/\D/g, '').length);
  const mostly = (fits: (length: number) => boolean): boolean => lengths.filter(fits).length > lengths.length * 0.8;
  return mostly((length) => length === 19) || (mostly((length) => length >= 19) && 'mixed');
}

/** Identifiers as they are; of the rest only the shape, unless the values are plain words. */
function samplesOf(source: Source, seen: Seen, guess: Guess): string[] {
  const open = isIdentifier(guess.field);
  const shown = new Set<string>();
  for (const cell of seen.cells) {
    if (cell.length === 0) continue;
    shown.add(open && cell.length <= 40 ? textOf(cell, source.format.encoding) : isCheck(guess.field) ? 'a check value' : shapeText(cell));
    if (shown.size === 4) break;
  }
  return [...shown];
}
