/** A vendor's file of any length with 37 rows that are wrong in eight ways. Visibly test material: network 001-01, keys that count. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { luhnCheckDigit } from '../../../src/shared/identifiers/index.ts';

export const iccidOf = (n: number): string => {
  const body = `8988299${String(n).padStart(11, '0')}`;
  return body + luhnCheckDigit(body);
};
export const imsiOf = (n: number): string => `00101${String(5_000_000_000 + n)}`;
const key = (n: number, tail: string): string => `${n.toString(16).padStart(16, '0')}${(Math.imul(n, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')}${tail}`;
const right = (n: number): string[] => [iccidOf(n), imsiOf(n), `99977${String(n).padStart(8, '0')}`, '1234', '12345678', '87654321', key(n, 'AAAAAAAA'), key(n, 'BBBBBBBB')];

type Wrong = (row: string[]) => void;
const kinds: readonly (readonly [rows: number, how: Wrong])[] = [
  [12, (row) => { row[0] = row[0]!.slice(0, 18) + ((Number(row[0]!.at(-1)) + 1) % 10); }],
  [5, (row) => { row[0] = '8.98830E+18'; }],
  [5, (row) => { row[1] = row[1]!.slice(0, 11); }],
  [4, (row) => { row[0] = iccidOf(1); }],
  [4, (row) => { row[6] = key(2, 'AAAAAAAA'); }],
  [3, (row) => { row[3] = 'none'; }],
  [2, (row) => { row[6] = row[6]!.slice(2); }],
  [2, (row) => { row.splice(4, 1); }],
];
export const badRows = kinds.reduce((sum, [rows]) => sum + rows, 0);
export const wrongCheckDigits = kinds[0]![0];

/** Writes the file; answers which rows are wrong. They are spread over it, the first two rows are right. */
export function writeStockFile(path: string, rows: number): number[] {
  const how = kinds.flatMap(([times, wrong]) => Array.from({ length: times }, () => wrong));
  const places = new Map(how.map((wrong, at) => [3 + Math.floor(((at + 0.5) * (rows - 4)) / how.length), wrong]));
  const fd = openSync(path, 'w', 0o600);
  try {
    writeSync(fd, 'ICCID;IMSI;MSISDN;PIN1;PUK1;ADM1;Ki;OPC\n');
    for (let from = 0; from < rows; from += 10_000) {
      let part = '';
      for (let n = from; n < Math.min(rows, from + 10_000); n++) {
        const row = right(n);
        places.get(n)?.(row);
        part += `${row.join(';')}\n`;
      }
      writeSync(fd, part);
    }
  } finally {
    closeSync(fd);
  }
  return [...places.keys()];
}

/** A fix file with its rows put right, as somebody does with the vendor's list beside. */
export function mended(fixFile: string, wrong: readonly number[]): string {
  const [head, ...rows] = fixFile.trim().split('\n');
  const byNumber = (row: string): number => wrong.find((n) => row.includes(iccidOf(n)) || row.includes(imsiOf(n)) || row.includes(`99977${String(n).padStart(8, '0')}`))!;
  return `${[head!, ...rows.map((row) => [...right(byNumber(row)), ...row.split(';').slice(-2).map(() => '')].join(';'))].join('\n')}\n`;
}
