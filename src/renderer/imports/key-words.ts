/** Words and checks of transport keys. Pure. */
import type { kcvConventions, transportAlgorithms, wrappingModes } from '../../shared/contract/imports.ts';

type Algorithm = (typeof transportAlgorithms)[number];

export const algorithmNames: Readonly<Record<Algorithm, string>> = { 'aes-128': 'AES-128', 'aes-192': 'AES-192', 'aes-256': 'AES-256', '3des-2key': '3DES, two keys', des: 'Single DES (old)' };
export const algorithmDigits: Readonly<Record<Algorithm, number>> = { 'aes-128': 32, 'aes-192': 48, 'aes-256': 64, '3des-2key': 32, des: 16 };
export const conventionNames: Readonly<Record<(typeof kcvConventions)[number], string>> = { 'aes-zero': 'over zeros', 'aes-one': 'over ones', 'des-zero': 'over zeros' };
export const modeNames: Readonly<Record<(typeof wrappingModes)[number], string>> = { ecb: 'ECB', cbc: 'CBC, IV of zeros', 'cbc-23': 'CBC, IV of 0x23 (csv-encrypt-columns)' };

/** Why a KCV cannot be one; undefined when it can, or was left out. */
export function kcvProblem(text: string): string | undefined {
  const value = text.replaceAll(/\s/g, '');
  return value === '' || /^[0-9A-Fa-f]{6,16}$/.test(value) ? undefined : '6 to 16 hexadecimal digits';
}

/** Why typed component text cannot be one, without ever repeating it. */
export function componentProblem(text: string, algorithm: Algorithm): string | undefined {
  const value = text.replaceAll(/[\s:-]/g, '');
  if (value === '') return 'Type the component or choose its file';
  if (!/^[0-9A-Fa-f]+$/.test(value)) return 'Hexadecimal digits only: 0 to 9 and A to F';
  const digits = algorithmDigits[algorithm];
  return value.length === digits ? undefined : `${algorithmNames[algorithm]} needs ${digits} hexadecimal digits; these are ${value.length}`;
}

/** Who entered components, and whether they are different people. */
export function custodianProblem(names: readonly string[], at: number): string | undefined {
  const mine = names[at]?.trim() ?? '';
  if (mine === '') return 'Who holds this component';
  return names.findIndex((other) => other.trim().toLowerCase() === mine.toLowerCase()) < at ? 'Another component is by the same person' : undefined;
}
