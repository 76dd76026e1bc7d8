/** Dialects of senders as data. Operators add their own; these are known from the field. */
import type { ImportFieldName, ImportPreset, ImportTransform } from '../../../shared/contract/imports.ts';
import { defaultComments, defaultHeaderKeys } from './vendor.ts';

const column = (name: string, field?: ImportFieldName, options: { encrypted?: boolean; transforms?: ImportTransform[] } = {}): ImportPreset['columns'][number] => ({
  name, ...(field ? { field } : {}), transforms: options.transforms ?? [], encrypted: options.encrypted ?? false,
});
const headerKeys = Object.fromEntries(Object.entries(defaultHeaderKeys).map(([meaning, keys]) => [meaning, [...keys]]));
const preset = (name: string, summary: string, format: Partial<ImportPreset['format']> & Pick<ImportPreset['format'], 'layout'>, columns: ImportPreset['columns'], wrapping?: ImportPreset['wrapping']): ImportPreset => ({
  name, summary, builtIn: true, columns, format: { encoding: 'utf-8', header: false, comments: [], ...format }, ...(wrapping ? { wrapping } : {}),
});

const cardColumns = [
  column('ICCID', 'iccid'), column('IMSI', 'imsi'), column('MSISDN', 'msisdn'), column('PIN1', 'pin1'), column('PUK1', 'puk1'), column('PIN2', 'pin2'), column('PUK2', 'puk2'), column('ADM1', 'adm1'), column('ACC'),
];

/** `csv-encrypt-columns` names the three of a protocol together: UICC_SCP02, UICC_SCP03. */
const uiccKeys = (encrypted: boolean): ImportPreset['columns'] => (['02', '03'] as const).flatMap((n) => [
  column(`UICC_SCP${n}_KIC1`, `scp${n}Enc`, { encrypted }), column(`UICC_SCP${n}_KID1`, `scp${n}Mac`, { encrypted }), column(`UICC_SCP${n}_KIK1`, `scp${n}Dek`, { encrypted }),
]);

export const builtInPresets: readonly ImportPreset[] = [
  preset('Input file (.inp)', 'Header of keys and values, then start values and a quantity, or a table; as operators send to a personaliser', { layout: 'vendor', comments: defaultComments, headerKeys }, [column('Ser_nb', 'iccid'), ...cardColumns.slice(1)]),
  preset('Output file (.out), clear keys', 'Header of keys and values, var_out with the columns, one row a card', { layout: 'vendor', comments: defaultComments, headerKeys }, [column('Ser_nb', 'iccid'), ...cardColumns.slice(1), column('Ki', 'k'), column('OPC', 'opc')]),
  preset('Output file (.out), keys under a transport key', 'The same with Ki and OPC encrypted, AES in single blocks', { layout: 'vendor', comments: defaultComments, headerKeys },
    [column('Ser_nb', 'iccid'), ...cardColumns.slice(1), column('Ki', 'k', { encrypted: true }), column('OPC', 'opc', { encrypted: true }), column('eKi', 'k', { encrypted: true }), column('eOPc', 'opc', { encrypted: true })], { mode: 'ecb', reversed: 'no' }),
  preset('One header line by position', 'Batch, time, quantity, profile, IMSIs a card, transport key index, OTA key index, type, step; then rows of ICCID, IMSI, MSISDN', { layout: 'positional' }, [column('ICCID', 'iccid'), column('IMSI', 'imsi'), column('MSISDN', 'msisdn')]),
  preset('Osmocom CSV', 'Card-key-provider CSV with a header row', { layout: 'table', separator: 'comma', header: true }, [
    column('iccid', 'iccid'), column('imsi', 'imsi'), column('msisdn', 'msisdn'), column('ki', 'k'), column('opc', 'opc'), column('pin1', 'pin1'), column('puk1', 'puk1'), column('pin2', 'pin2'), column('puk2', 'puk2'),
    column('adm1', 'adm1'), column('pin_adm', 'adm1'), column('adm2', 'adm2'), column('kic1', 'scp80Kic'), column('kid1', 'scp80Kid'), column('kik1', 'scp80Kik'), ...uiccKeys(false), column('acc'), column('mcc'), column('mnc'), column('smsp'), column('name'),
  ]),
  preset('Osmocom CSV, encrypted columns', 'The same after csv-encrypt-columns: AES-CBC with its fixed start value', { layout: 'table', separator: 'comma', header: true }, [
    column('iccid', 'iccid'), column('imsi', 'imsi'), column('msisdn', 'msisdn'), column('ki', 'k', { encrypted: true }), column('opc', 'opc', { encrypted: true }), column('pin1', 'pin1'), column('puk1', 'puk1'), column('pin2', 'pin2'), column('puk2', 'puk2'), column('adm1', 'adm1'),
    column('kic1', 'scp80Kic', { encrypted: true }), column('kid1', 'scp80Kid', { encrypted: true }), column('kik1', 'scp80Kik', { encrypted: true }), ...uiccKeys(true), column('adm2', 'adm2'), column('acc'), column('mcc'), column('mnc'),
  ], { mode: 'cbc-23', reversed: 'no' }),
  preset('Osmocom CSV without header', 'As pySim-prog appends it: name, iccid, mcc, mnc, imsi, smsp, ki, opc', { layout: 'table', separator: 'comma', header: false, columns: ['name', 'iccid', 'mcc', 'mnc', 'imsi', 'smsp', 'ki', 'opc'] }, [
    column('name'), column('iccid', 'iccid'), column('mcc'), column('mnc'), column('imsi', 'imsi'), column('smsp'), column('ki', 'k'), column('opc', 'opc'),
  ]),
];

/** The built-in preset a file most looks like; undefined where nothing speaks for one. */
export function presetFor(layout: ImportPreset['format']['layout'], names: readonly string[]): ImportPreset | undefined {
  if (layout === 'positional') return builtInPresets[3];
  if (layout === 'vendor') return undefined;
  const lower = names.map((name) => name.trim().toLowerCase());
  return ['iccid', 'imsi', 'ki'].every((name) => lower.includes(name)) && lower.some((name) => ['card_type_id', 'formfactor_id', 'kic1', 'smsp', 'pin_adm'].includes(name)) ? builtInPresets[4] : undefined;
}
