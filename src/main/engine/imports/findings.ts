/** What can be wrong with a row, as data: stable code, sentences, and the repairs that mend all such rows at once. */
import type { ImportRepair, ImportRepairKind } from '../../../shared/contract/imports.ts';

export interface FindingKind {
  readonly code: string;
  readonly severity: 'blocker' | 'warning';
  /** For `n` rows, with the column's own name. */
  title(n: string, one: boolean, column: string): string;
  readonly expected: string;
  readonly hint: string;
  readonly repairs: readonly ImportRepairKind[];
  /** Of one row. `detail` never holds a secret. */
  message(detail: string): string;
}

const are = (one: boolean, singular: string, plural: string): string => (one ? singular : plural);
const kind = (
  code: string, repairs: readonly ImportRepairKind[], singular: string, plural: string, message: string | ((detail: string) => string), expected: string, hint: string, severity: 'blocker' | 'warning' = 'blocker',
): FindingKind => ({
  code, severity, repairs, expected, hint,
  title: (n, one, column) => `${n} ${are(one, singular, plural)}`.replaceAll('{column}', column),
  message: typeof message === 'string' ? () => message : message,
});

const spreadsheetHint = 'The digits are gone and cannot be brought back. Format the column as text in the spreadsheet, or ask for the sender\'s own file, and import that.';
const out = ['leave-out'] as const;
const networkHint = 'Choose a profile type of that network, or leave the rows out. If the type is the right one, its owner or its template is wrong: a device refuses a profile whose IMSI is not of its owner.';
const labHint = ' In a Lab they are taken all the same.';
const mncHint = 'A phone finds the home network in the IMSI by the length of MNC in EF.AD. Choose a type whose template has the right one, or correct the template in a new version.';
const inStockHint = 'If it is the same delivery again, choose "skip rows that are in the stock"; otherwise the sender gave a number twice.';

export const findingKinds = {
  'cell-count': kind('CELL_COUNT', out, 'row has another number of values than the file has columns', 'rows have another number of values than the file has columns',
    (detail) => `The row has ${detail}.`, 'As many values as columns', 'A separator inside a value, or a row that was cut off. Correct the row in the file, or leave it out.'),
  'row-malformed': kind('ROW_MALFORMED', out, 'row is not of the form of the others', 'rows are not of the form of the others',
    'The line is not of the form of the others: no JSON object, or its values do not stand in the columns.', 'A row of the form of the others', 'Correct the line in the file, or leave it out.'),

  spreadsheet: kind('SPREADSHEET_NUMBER', out, 'value of {column} was turned into a number by a spreadsheet', 'values of {column} were turned into numbers by a spreadsheet',
    (detail) => `A spreadsheet turned ${detail} into a number and its last digits are lost. Format the column as text and export the file again.`, 'All digits, as text', spreadsheetHint),

  'iccid-missing': kind('ICCID_INVALID', out, 'row has no ICCID', 'rows have no ICCID', 'The row has no ICCID.', '18 to 20 digits', 'Give the ICCID here or in the file, or leave the row out.'),
  'iccid-check-digit': kind('ICCID_INVALID', ['luhn-correct', ...out], 'ICCID has a wrong check digit', 'ICCIDs have a wrong check digit',
    (detail) => `The check digit of the ICCID is wrong: ${detail}.`, '19 digits, the last one the Luhn digit of those before it', 'Either the check digit is wrong, which can be corrected, or another digit is, which only the sender knows. Compare a few with the cards or the order.'),
  'iccid-no-check-digit': kind('ICCID_INVALID', ['luhn-append', ...out], 'ICCID has 18 digits where the others have 19', 'ICCIDs have 18 digits where the others have 19',
    'The ICCID has 18 digits where the others have 19: its check digit or another digit is missing.', '19 digits', 'If only the check digit was left off it can be appended; if another digit is lost, it cannot.'),
  'iccid-longer': kind('ICCID_LONGER', out, 'ICCID has 20 digits where the others have 19', 'ICCIDs have 20 digits where the others have 19',
    'The ICCID has 20 digits where the others have 19: a digit may have been added.', '19 digits, as the others', 'Twenty digits are allowed, but among others of 19 a digit was probably added, such as a second check digit. Compare it with the order; leave the row out if it is wrong.', 'warning'),
  'iccid-separators': kind('ICCID_INVALID', ['remove-separators', ...out], 'ICCID has signs between its digits', 'ICCIDs have signs between their digits',
    'The ICCID has signs between its digits.', 'Digits only', 'Removing the signs leaves a valid ICCID.'),
  'iccid-characters': kind('ICCID_INVALID', out, 'ICCID holds something else than digits', 'ICCIDs hold something else than digits', 'An ICCID has digits only.', 'Digits only', 'Correct the cell, or leave the row out.'),
  'iccid-prefix': kind('ICCID_INVALID', out, 'ICCID does not start with 89', 'ICCIDs do not start with 89', 'An ICCID starts with 89.', '89, then country and issuer', 'Look whether the column is the right one; if it is, the sender must correct the value.'),
  'iccid-length': kind('ICCID_INVALID', out, 'ICCID has a wrong length', 'ICCIDs have a wrong length', (detail) => `An ICCID has 18 to 20 digits; this one has ${detail}.`, '18 to 20 digits', 'Correct the cell, or leave the row out.'),
  'numbers-swapped': kind('NUMBERS_SWAPPED', ['swap-numbers', ...out], 'row has ICCID and IMSI in each other\'s column', 'rows have ICCID and IMSI in each other\'s column',
    'ICCID and IMSI stand in each other\'s column.', 'The ICCID starts with 89, the IMSI with its country code', 'If all rows are so, map the columns the other way round.'),

  'imsi-missing': kind('IMSI_INVALID', out, 'row has no IMSI', 'rows have no IMSI', 'The row has no IMSI.', '14 or 15 digits', 'Give the IMSI here or in the file, or leave the row out.'),
  'imsi-zeros': kind('IMSI_INVALID', ['pad-left', ...out], 'IMSI has lost zeros in front', 'IMSIs have lost zeros in front', 'The IMSI is too short; with zeros in front it would be one.', '14 or 15 digits', 'Programs that take an IMSI for a number drop leading zeros. Filling up to 15 digits brings them back.'),
  'imsi-msin': kind('IMSI_INVALID', ['plmn', ...out], 'IMSI has no MCC and MNC', 'IMSIs have no MCC and MNC', 'The value is too short for an IMSI: MCC and MNC are missing.', 'MCC, MNC and subscriber number, 14 or 15 digits', 'Give MCC and MNC (5 or 6 digits), which are put in front.'),
  'imsi-invalid': kind('IMSI_INVALID', out, 'IMSI is not valid', 'IMSIs are not valid', (detail) => `${detail}.`, '14 or 15 digits, starting with the mobile country code', 'Correct the cell, or leave the row out.'),
  'imsi-separators': kind('IMSI_INVALID', ['remove-separators', ...out], 'IMSI has signs between its digits', 'IMSIs have signs between their digits', 'The IMSI has signs between its digits.', 'Digits only', 'Removing the signs leaves a valid IMSI.'),

  'imsi-network': kind('IMSI_NETWORK', out, 'IMSI is of another network than the profile type', 'IMSIs are of another network than the profile type', (detail) => `The IMSI is ${detail}.`, 'IMSIs of the network of the profile type', networkHint),
  'imsi-network-lab': kind('IMSI_NETWORK', out, 'IMSI is of another network than the profile type', 'IMSIs are of another network than the profile type', (detail) => `The IMSI is ${detail}.`, 'IMSIs of the network of the profile type', networkHint + labHint, 'warning'),
  'mnc-column': kind('MNC_LENGTH', out, 'MNC has another length than the template says', 'MNCs have another length than the template says', (detail) => `The MNC has ${detail}.`, 'As many digits as EF.AD of the template says', mncHint),
  'mnc-column-lab': kind('MNC_LENGTH', out, 'MNC has another length than the template says', 'MNCs have another length than the template says', (detail) => `The MNC has ${detail}.`, 'As many digits as EF.AD of the template says', mncHint + labHint, 'warning'),
  'mnc-type': kind('MNC_LENGTH', [], 'MNC length differs', 'MNC lengths differ', (detail) => detail, 'The MNC of the owner with as many digits as EF.AD of the template says', mncHint),
  'mnc-type-lab': kind('MNC_LENGTH', [], 'MNC length differs', 'MNC lengths differ', (detail) => detail, 'The MNC of the owner with as many digits as EF.AD of the template says', mncHint + labHint, 'warning'),

  'msisdn-national': kind('MSISDN_INVALID', ['country', ...out], 'MSISDN is not international', 'MSISDNs are not international', 'The MSISDN starts with 0: it is written for one country.', 'Country code first, 5 to 15 digits', 'Give the country code; the leading 0 is replaced by it.'),
  'msisdn-invalid': kind('MSISDN_INVALID', out, 'MSISDN is not valid', 'MSISDNs are not valid', (detail) => `${detail}.`, '5 to 15 digits in international form', 'Correct the cell, or leave the row out.'),

  'key-separators': kind('HEX_LENGTH', ['remove-separators', ...out], 'value of {column} has signs between its digits', 'values of {column} have signs between their digits',
    (detail) => `${detail} has signs between its hexadecimal digits.`, 'Hexadecimal digits only', 'Removing the signs leaves the right number of digits.'),
  'key-0x': kind('HEX_LENGTH', ['strip-0x', ...out], 'value of {column} begins with 0x', 'values of {column} begin with 0x', (detail) => `${detail} begins with 0x.`, 'Hexadecimal digits only', 'Removing 0x leaves the right number of digits.'),
  'key-length': kind('HEX_LENGTH', out, 'value of {column} has a wrong length', 'values of {column} have a wrong length', (detail) => detail, 'The number of hexadecimal digits the template has room for', 'Secrets are corrected in the file. If all rows are so, look at the mapping and at the template of the profile type.'),
  'key-digits': kind('HEX_INVALID', out, 'value of {column} holds something else than hexadecimal digits', 'values of {column} hold something else than hexadecimal digits', (detail) => `${detail} holds something else than hexadecimal digits.`, 'Digits 0 to 9 and A to F', 'Secrets are corrected in the file. If all rows are so, look at the mapping.'),
  'code-zeros': kind('PIN_INVALID', ['pad-left', ...out], 'value of {column} is too short, perhaps without its zeros in front', 'values of {column} are too short, perhaps without their zeros in front', (detail) => `${detail} is too short. It may have lost zeros in front, or other digits.`, '4 to 8 digits', 'A guess: programs that take a code for a number drop leading zeros, and filling up brings those back. Where other digits are missing it makes a wrong code: compare some rows with their source.'),
  'puk-zeros': kind('PUK_INVALID', ['pad-left', ...out], 'value of {column} is too short, perhaps without its zeros in front', 'values of {column} are too short, perhaps without their zeros in front', (detail) => `${detail} is too short. It may have lost zeros in front, or other digits.`, '8 digits', 'A guess: programs that take a code for a number drop leading zeros, and filling up brings those back. Where other digits are missing it makes a wrong code: compare some rows with their source.'),
  'code-separators': kind('PIN_INVALID', ['remove-separators', ...out], 'value of {column} has signs between its digits', 'values of {column} have signs between their digits', (detail) => `${detail} has signs between its digits.`, 'Digits only', 'Removing the signs leaves a valid code.'),
  'pin-invalid': kind('PIN_INVALID', out, 'value of {column} is no PIN', 'values of {column} are no PINs', (detail) => `${detail} must have 4 to 8 digits, or 16 hexadecimal digits of its stored form (padded with F).`, '4 to 8 digits, or 16 hexadecimal digits of its stored form', 'Secrets are corrected in the file. If all rows are so, look at the mapping.'),
  'puk-invalid': kind('PUK_INVALID', out, 'value of {column} is no PUK', 'values of {column} are no PUKs', (detail) => `${detail} must have 8 digits, or 16 hexadecimal digits of its stored form.`, '8 digits, or 16 hexadecimal digits of its stored form', 'Secrets are corrected in the file. If all rows are so, look at the mapping.'),
  'adm-invalid': kind('ADM_INVALID', out, 'value of {column} is no ADM code', 'values of {column} are no ADM codes', (detail) => `${detail} must have 4 to 8 digits, or 16 hexadecimal digits of its stored form.`, '4 to 8 digits, or 16 hexadecimal digits', 'Secrets are corrected in the file. If all rows are so, look at the mapping.'),
  'impi-invalid': kind('IMPI_INVALID', out, 'value of {column} is no private identity of the IMS', 'values of {column} are no private identities of the IMS', 'An IMPI has the form user@domain.', 'user@domain, such as 001010000000001@ims.mnc001.mcc001.3gppnetwork.org', 'Correct the value, or pass the column over: then the identity is made from the IMSI.'),
  'impu-invalid': kind('IMPU_INVALID', out, 'value of {column} is no public identity of the IMS', 'values of {column} are no public identities of the IMS', 'An IMPU has the form sip:user@domain or tel:+digits.', 'sip:user@domain or tel:+number', 'Correct the value, or pass the column over: then the identity is made from the IMSI.'),
  'identity-length': kind('IDENTITY_TOO_LONG', out, 'value of {column} is longer than its place in the template', 'values of {column} are longer than their place in the template', (detail) => detail, 'As many characters as the template has room for', 'Give the template longer IMS identities with an edit, move the profile type to that version, and check again.'),
  'no-slot': kind('NO_PLACE_IN_TEMPLATE', [], 'column has no place in the template', 'columns have no place in the template', (detail) => detail, 'A place in the template for every value', 'The values are not kept. If they belong into the profiles, give the template the key set or code, move the profile type to that version, and check again.', 'warning'),
  'kcv-form': kind('KCV_INVALID', out, 'check value in {column} cannot be read', 'check values in {column} cannot be read', 'A key check value has 6 to 16 hexadecimal digits.', '6 to 16 hexadecimal digits', 'If the column is no check value, map it to nothing.'),
  'wrapped-length': kind('WRAPPED_LENGTH', out, 'value of {column} does not fill whole blocks', 'values of {column} do not fill whole blocks', (detail) => `${detail} is not as long as an encrypted value of this transport key.`, 'Whole blocks of the transport key', 'Look whether the column is encrypted at all, and under which algorithm.'),
  'kcv-mismatch': kind('KCV_MISMATCH', out, 'check value of {column} does not fit', 'check values of {column} do not fit', (detail) => `The check value of ${detail} does not fit its value.`, 'The check value the sender computed', 'If all rows are so, the transport key, its mode or the order of octets is wrong; if a few are, those values are damaged.'),
  'keys-swapped': kind('KEYS_SWAPPED', ['swap-keys', ...out], 'row has K and OPc in each other\'s column', 'rows have K and OPc in each other\'s column', 'The check values say that K and OPc stand in each other\'s column.', 'K in its column, OPc in its', 'If all rows are so, map the columns the other way round.'),
  'key-missing': kind('KEY_MISSING', out, 'row has an OP or OPc but no K', 'rows have an OP or OPc but no K', 'The row has an OP or OPc but no K to go with it.', 'K beside OP or OPc', 'Correct the row in the file, or leave it out.'),
  'key-required': kind('KEY_REQUIRED', out, 'row has no K', 'rows have no K', 'The row has no K.', 'K in every row', 'The rules of this import ask for K. Allow that K is made at preparation, or leave the row out.'),
  'key-made': kind('KEY_MADE', [], 'row has no K: it will be made at preparation', 'rows have no K: it will be made at preparation', 'The row has no K; it will be made at preparation.', 'K, where the network has it already', 'That is right for profiles whose keys go out to the network later.', 'warning'),
  'opc-missing': kind('OPC_MISSING', out, 'row has K but neither OP nor OPc', 'rows have K but neither OP nor OPc', 'The row has K but neither OP nor OPc: an OPc would be made at random, which a network that has K already does not know.', 'OPc of the sender, or OP of the operator', 'Ask the sender for the OPc and correct the row in the fix file, or give the OP of the whole file under Rules. Where the network takes K and OPc from the output files of this program, let it be made: under Rules, "Rows with K but without OPc".'),
  'opc-made': kind('OPC_MADE', [], 'row has K but neither OP nor OPc: an OPc will be made at random at preparation', 'rows have K but neither OP nor OPc: an OPc will be made at random at preparation', 'The row has K but neither OP nor OPc; an OPc will be made at random at preparation.', 'OPc, or OP of the operator', 'If the network has K already it has an OP or OPc too, and does not know the one made here: ask for it, or give the OP in the rules.', 'warning'),

  'secret-default': kind('SECRET_DEFAULT', out, 'value of {column} is a published default', 'values of {column} are published defaults', (detail) => `${detail} is a published default or a placeholder.`, 'Secret values made at random', 'Everybody knows these values, so no profile is prepared with them outside the Lab. Ask the sender for a file with secret ones.'),
  'duplicate-file': kind('DUPLICATE_IN_FILE', out, 'value of {column} stands in an earlier row too', 'values of {column} stand in an earlier row too', (detail) => detail, 'Every number once', 'The first row with the number stands. Leave the others out, or correct them.'),
  'duplicate-stock': kind('DUPLICATE_IN_STOCK', ['skip', ...out], 'value of {column} is in the stock already', 'values of {column} are in the stock already', (detail) => detail, 'Numbers that are new', inStockHint),
  'key-file': kind('KEY_REUSED', out, 'row has the K of an earlier row', 'rows have the K of an earlier row', (detail) => detail, 'A K of its own for each profile', 'Two profiles with one K are clones of each other to the network. Ask the sender for new ones.'),
  'key-stock': kind('KEY_REUSED', out, 'row has a K that belongs to another profile already', 'rows have a K that belongs to another profile already', 'This K belongs to another profile already.', 'A K of its own for each profile', 'Two profiles with one K are clones of each other to the network. Ask the sender for new ones.'),
  'msisdn-file': kind('DUPLICATE_MSISDN', out, 'MSISDN stands in an earlier row too', 'MSISDNs stand in an earlier row too', (detail) => detail, 'Every MSISDN once', 'Two subscribers cannot be called under one number. Leave the rows out or go on knowingly.', 'warning'),
  'in-range': kind('NUMBER_IN_RANGE', out, 'number belongs to a number range', 'numbers belong to a number range', (detail) => detail, 'Numbers outside the ranges of this program', 'Numbers of a range are used by preparation. Leave the rows out.'),
  refused: kind('NUMBER_REFUSED', out, 'number may not be used', 'numbers may not be used', (detail) => `This number may not come into the stock: ${detail}.`, 'Numbers that are free', 'A number that was used once is never used again. Ask the sender for others.'),
  'outside-range': kind('OUTSIDE_RANGE', out, 'value of {column} lies outside the numbers expected', 'values of {column} lie outside the numbers expected', 'The number lies outside the numbers expected.', 'Numbers between the first and last of the rules', 'The file may be of another delivery. Change the rules if it is right.'),
  'outside-brand': kind('OUTSIDE_BRAND', out, 'ICCID is not one of the brand', 'ICCIDs are not of the brand', 'The ICCID lies in none of the brand\'s ranges.', 'ICCIDs of the brand', 'Give the brand these ICCIDs, or leave the rows out.'),
  quantity: kind('QUANTITY_DIFFERS', ['accept'], 'count differs from the number of rows', 'counts differ from the number of rows', (detail) => detail, 'As many rows as the header says', 'The file may be cut off. Ask the sender before you go on.'),
  'key-header': kind('KEY_INDEX_DIFFERS', ['accept'], 'transport key is another than the header says', 'transport keys are others than the header says', (detail) => detail, 'The transport key the header names', 'Opened with a wrong key every value becomes another one, and nothing in the file would tell. Choose the key the header names, or none where it says 0; give the key the index the sender knows it by; or ask the sender for check values.'),
  'key-header-told': kind('KEY_INDEX_DIFFERS', [], 'transport key is another than the header says', 'transport keys are others than the header says', (detail) => detail, 'The transport key the header names', 'The check values of the file tell whether the key is the right one. If they fit, ask the sender to correct the header.', 'warning'),
  'key-unchecked': kind('KEY_UNCHECKED', [], 'transport key cannot be checked', 'transport keys cannot be checked', (detail) => detail, 'A column of check values of K or OPc', 'A wrong transport key would open every value into another one. Compare the key\'s own check value with the sender\'s, or ask for a file with check values.', 'warning'),
  auxiliary: kind('AUXILIARY_IMSI', [], 'column is of an auxiliary IMSI', 'columns are of auxiliary IMSIs', (detail) => detail, 'One IMSI for each profile', 'The card of the sender has several subscriptions; a profile made here has the first. If another one is meant, map its column as the IMSI.', 'warning'),
  'acc-other': kind('ACCESS_CLASS_DIFFERS', [], 'access class is not that of the IMSI', 'access classes are not those of the IMSIs', (detail) => `${detail}.`, 'The access class of the last digit of the IMSI', 'Profiles get the access class of their IMSI. If the sender means other ones, ask why: a network bars classes when it is overloaded.', 'warning'),
} as const satisfies Record<string, FindingKind>;

export type FindingName = keyof typeof findingKinds;

/** Findings of a row as a whole, whose values cannot be told apart. */
export const wholeRow: ReadonlySet<string> = new Set<FindingName>(['cell-count', 'row-malformed']);

/** Repairs that guess: a person must look before they are applied. */
const suggestions: ReadonlySet<ImportRepairKind> = new Set(['luhn-append', 'luhn-correct', 'pad-left', 'swap-keys', 'swap-numbers']);
const labels: Readonly<Record<ImportRepairKind, string>> = {
  trim: 'Cut blanks', 'remove-separators': 'Remove the signs', 'strip-f': 'Remove padding F', 'strip-0x': 'Remove 0x', uppercase: 'Upper case', 'luhn-append': 'Append the check digit', 'luhn-correct': 'Correct the check digit',
  'pad-left': 'Fill up with zeros', country: 'Add the country code', plmn: 'Add MCC and MNC', 'swap-keys': 'Swap K and OPc', 'swap-numbers': 'Swap ICCID and IMSI',
  skip: 'Skip rows that are in the stock', 'leave-out': 'Leave these rows out', accept: 'Go on all the same',
};

export function repairOf(repair: ImportRepairKind): ImportRepair {
  return {
    kind: repair, label: labels[repair], suggestion: suggestions.has(repair),
    ...(repair === 'country' ? { parameter: { label: 'Country code', pattern: '^[1-9]\\d{0,2}$', example: '49' } } : {}),
    ...(repair === 'plmn' ? { parameter: { label: 'MCC and MNC', pattern: '^\\d{5,6}$', example: '26201' } } : {}),
  };
}
