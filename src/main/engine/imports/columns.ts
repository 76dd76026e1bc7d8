/** Columns of a stock file. Suppliers name them as they like; what they mean is known (pySim CSV, vendor output files). */
import type { SubscriberSecrets } from '../../vault-link/operations.ts';
import { DeskProblem } from '../context.ts';

export type SecretName = keyof SubscriberSecrets;
export type ColumnName = 'iccid' | 'imsi' | 'msisdn' | SecretName;

const aliases: Readonly<Record<ColumnName, readonly string[]>> = {
  iccid: ['iccid', 'sernb', 'icc', 'serialnumber'],
  imsi: ['imsi', 'imsi1'],
  msisdn: ['msisdn', 'msisdn1'],
  k: ['k', 'ki'],
  opc: ['opc'],
  op: ['op'],
  pin1: ['pin1', 'pin', 'chv1'],
  pin2: ['pin2', 'chv2'],
  puk1: ['puk1', 'puk'],
  puk2: ['puk2'],
  adm1: ['adm1', 'adm', 'pinadm'],
  scp80Kic: ['kic', 'kic1', 'scp80kic', 'otakic'],
  scp80Kid: ['kid', 'kid1', 'scp80kid', 'otakid'],
  scp80Kik: ['kik', 'kik1', 'scp80kik', 'otakik'],
};

/** Encrypted under a transport key: taken for plain they would make a dead profile. */
const encrypted: ReadonlySet<string> = new Set(['eki', 'ek', 'eopc', 'eop']);

const byAlias = new Map(Object.entries(aliases).flatMap(([name, list]) => list.map((alias) => [alias, name as ColumnName] as const)));

export function columnNamed(text: string): ColumnName | undefined {
  return byAlias.get(normalised(text));
}

function normalised(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/**
 * Reads a header line: which column stands where; unknown ones are passed over. Throws {@link DeskProblem} `COLUMN_MISSING`
 * (ICCID or IMSI) or `FILE_MALFORMED` (a column twice, or one that is encrypted).
 */
export function readHeader(cells: readonly string[]): (ColumnName | undefined)[] {
  const found = cells.map((cell) => {
    if (encrypted.has(normalised(cell))) {
      throw new DeskProblem('FILE_MALFORMED', `The column ${cell.trim()} is encrypted under a transport key; this import takes plain values only.`, { hint: 'Ask for the file with plain K and OPc, or decrypt the columns before.' });
    }
    return columnNamed(cell);
  });
  for (const name of byAlias.values()) {
    if (found.filter((one) => one === name).length > 1) throw new DeskProblem('FILE_MALFORMED', `The file has two columns for ${name.toUpperCase()}.`);
  }
  for (const name of ['iccid', 'imsi'] as const) {
    if (!found.includes(name)) {
      throw new DeskProblem('COLUMN_MISSING', `The file has no column for ${name.toUpperCase()}.`, { hint: `The first line names the columns; ${name.toUpperCase()} is known as ${aliases[name].join(', ')}.` });
    }
  }
  return found;
}
