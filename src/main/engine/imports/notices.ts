/** Columns of a file that are no part of a profile here, said by name: nothing of them is imported, and nobody should think it were. */
import { normalised } from './columns.ts';
import type { Cell } from './scan.ts';
import { trimmed } from './transforms.ts';

const listed = (names: readonly string[]): string => new Intl.ListFormat('en').format(names);

/** IMSI2 to IMSI9 and what goes with them (MSISDN2, INFO1): cards of several subscriptions have them, a profile here has one. */
export function auxiliaryNotice(names: readonly string[], used: (index: number) => boolean): string | undefined {
  const left = (form: RegExp): string[] => names.filter((name, index) => !used(index) && form.test(normalised(name)));
  const imsis = left(/^imsi[2-9]$/);
  const others = left(/^(msisdn[2-9]|info[1-9])$/);
  if (imsis.length === 0 && others.length === 0) return undefined;
  const of = (kind: string, columns: string[]): string => `${listed(columns)} ${columns.length === 1 ? `is an auxiliary ${kind}` : `are auxiliary ${kind}s`}`;
  const first = imsis.length > 0 ? of('IMSI', imsis) : `${listed(others)} ${others.length === 1 ? 'belongs' : 'belong'} to auxiliary subscriptions`;
  return `${first}, which the template does not use: not imported${imsis.length > 0 && others.length > 0 ? `, nor ${listed(others)}` : ''}.`;
}

/** The access class of a file where it is another than that of the IMSI, which the profile gets (TS 22.011, 4.2; one bit of 0 to 9). */
export function accessClassNotice(cell: Cell, imsi: string): string | undefined {
  const text = trimmed(cell);
  if (text.length === 0 || text.length > 4) return undefined;
  const said = Number.parseInt(Buffer.from(text).toString('latin1'), 16);
  const own = 1 << Number(imsi.at(-1));
  const hex = (value: number): string => value.toString(16).toUpperCase().padStart(4, '0');
  return Number.isNaN(said) || said === own ? undefined : `The file has the access class ${hex(said)}; the profile gets ${hex(own)}, that of its IMSI`;
}
