import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { DeskProblem } from '../context.ts';

export interface CsvRow {
  /** Line of the file, the header is 1. */
  readonly line: number;
  readonly cells: readonly Uint8Array[];
}

const CHUNK = 64 * 1024;
/** A line of a stock file is a few hundred octets; an unclosed quote must not swallow the file into one field. */
const LONGEST_ROW = 64 * 1024;

/** Past a byte order mark. UTF-16 files are refused: their identifiers would look like spaced-out digits. */
export function withoutMark(file: Uint8Array): Uint8Array {
  if ((file[0] === 0xff && file[1] === 0xfe) || (file[0] === 0xfe && file[1] === 0xff)) {
    throw new DeskProblem('FILE_MALFORMED', 'The file is UTF-16 text.', { hint: 'Save it as "CSV UTF-8".' });
  }
  return file[0] === 0xef && file[1] === 0xbb && file[2] === 0xbf ? file.subarray(3) : file;
}

/** The separator of the first line that is not empty: the one of `,` `;` TAB it has most of. */
export function separatorOf(file: Uint8Array): ',' | ';' | '\t' {
  let start = 0;
  while (start < file.length && (file[start] === 0x0a || file[start] === 0x0d)) start++;
  const count = new Map<number, number>([[0x2c, 0], [0x3b, 0], [0x09, 0]]);
  for (let i = start; i < file.length && file[i] !== 0x0a && file[i] !== 0x0d; i++) {
    const seen = count.get(file[i]!);
    if (seen !== undefined) count.set(file[i]!, seen + 1);
  }
  const [best] = [...count].sort((a, b) => b[1] - a[1])[0]!;
  return best === 0x3b ? ';' : best === 0x09 ? '\t' : ',';
}

/**
 * Rows of a CSV file, cells as octets: secrets never become text on the way. Empty lines are passed over. The caller zeroes
 * the cells. Throws {@link DeskProblem} `FILE_EMPTY`, `FILE_MALFORMED` (with the line).
 */
export async function* csvRows(file: Uint8Array): AsyncGenerator<CsvRow> {
  const body = withoutMark(file);
  if (body.every((octet) => octet <= 0x20)) throw new DeskProblem('FILE_EMPTY', 'The file is empty.');
  if (body.includes(0)) throw new DeskProblem('FILE_MALFORMED', 'The file is not text.', { hint: 'A stock file is CSV: lines of text, values separated by comma, semicolon or TAB.' });
  const parser = parse({
    encoding: null, delimiter: separatorOf(body), info: true, skip_empty_lines: true, relax_column_count: true, max_record_size: LONGEST_ROW,
  });
  Readable.from(chunksOf(body)).pipe(parser);
  try {
    for await (const entry of parser) {
      const { record, info } = entry as { record: Uint8Array[]; info: { lines: number } };
      yield { line: info.lines, cells: record };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // Its message and context quote the row, so neither goes on.
    const line = (error as unknown as { lines?: number }).lines;
    throw new DeskProblem('FILE_MALFORMED', `The file cannot be read as CSV${line === undefined ? '' : ` at line ${line}`}: ${reasonOf(error.code)}.`);
  } finally {
    parser.destroy();
  }
}

function* chunksOf(body: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < body.length; at += CHUNK) {
    const part = body.subarray(at, at + CHUNK);
    yield Buffer.from(part.buffer, part.byteOffset, part.length);
  }
}

function reasonOf(code: string): string {
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'a quotation mark is opened and never closed';
  if (code === 'CSV_MAX_RECORD_SIZE') return 'a line is far too long, or a quotation mark is never closed';
  if (code.includes('QUOTE')) return 'quotation marks stand where none belong';
  return 'its lines have no common form';
}
