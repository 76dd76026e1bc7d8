/** What a column of a file can hold, who may get it, and how it is written. The same for output files and exports. */
import type { FieldInfo, OutputEncoding, OutputField, RecipientKind } from '../contract/preparation.ts';

/** Keys of security domains, with a field for the check value of each but the PSK, which is no key of a block cipher. */
const otaKeys = [
  'scp80Kic', 'scp80Kid', 'scp80Kik', 'scp81Psk', 'scp81Dek', 'scp02Enc', 'scp02Mac', 'scp02Dek', 'scp03Enc', 'scp03Mac', 'scp03Dek',
] as const satisfies readonly OutputField[];
const checkFields = {
  kKcv: 'k', scp80KicKcv: 'scp80Kic', scp80KidKcv: 'scp80Kid', scp80KikKcv: 'scp80Kik', scp81DekKcv: 'scp81Dek', scp02EncKcv: 'scp02Enc', scp02MacKcv: 'scp02Mac', scp02DekKcv: 'scp02Dek',
  scp03EncKcv: 'scp03Enc', scp03MacKcv: 'scp03Mac', scp03DekKcv: 'scp03Dek',
} as const satisfies Partial<Record<OutputField, OutputField>>;
/** The key a check value belongs to; undefined for what is none. */
export const checkedKey = (field: OutputField): SecretField | undefined => (checkFields as Partial<Record<OutputField, SecretField>>)[field];

export const secretFields = [
  'k', 'opc', ...otaKeys, ...(Object.keys(checkFields) as (keyof typeof checkFields)[]), 'pin1', 'pin2', 'puk1', 'puk2', 'adm1', 'adm2',
] as const satisfies readonly OutputField[];
export type SecretField = (typeof secretFields)[number];
const secretNames: ReadonlySet<string> = new Set(secretFields);
export const isSecretField = (field: OutputField): field is SecretField => secretNames.has(field);

export interface FieldRule {
  readonly title: string;
  readonly heading: string;
  readonly group: FieldInfo['group'];
  readonly secrecy: FieldInfo['secrecy'];
  readonly kinds: readonly RecipientKind[];
  /** The first is the usual one. */
  readonly encodings: readonly OutputEncoding[];
  /** Free text: a spreadsheet must not read it as a formula. */
  readonly text?: boolean;
}

const everybody: readonly RecipientKind[] = ['hlr', 'ota', 'print', 'custom'];
const rule = (title: string, heading: string, group: FieldInfo['group'], more: Partial<FieldRule> = {}): FieldRule => ({ title, heading, group, secrecy: 'open', kinds: everybody, encodings: ['plain'], ...more });
const text = { text: true } as const;
const keys = { secrecy: 'key', encodings: ['hex-lower', 'hex-upper'] } as const;
const ota = { ...keys, kinds: ['ota', 'custom'] } as const;
const otaCheck = { ...ota, encodings: ['hex-upper', 'hex-lower'] } as const;
const codes = { secrecy: 'code', encodings: ['plain', 'code-hex'], kinds: ['print', 'custom'] } as const;

export const fieldRules: Readonly<Record<OutputField, FieldRule>> = {
  iccid: rule('ICCID', 'iccid', 'numbers', { encodings: ['plain', 'digits-f', 'no-check-digit', 'swapped'] }),
  imsi: rule('IMSI', 'imsi', 'numbers', { encodings: ['plain', 'ef'] }),
  msisdn: rule('MSISDN', 'msisdn', 'numbers', { encodings: ['plain', 'plus'] }),
  impi: rule('IMS private identity', 'impi', 'numbers', { kinds: ['hlr', 'ota', 'custom'], text: true }), impu: rule('IMS public identity', 'impu', 'numbers', { kinds: ['hlr', 'ota', 'custom'], text: true }),
  acc: rule('Access control class', 'acc', 'numbers', { encodings: ['hex-upper', 'hex-lower'] }),
  type: rule('Profile type', 'type', 'profile', text), template: rule('Template', 'template', 'profile', text), templateVersion: rule('Template version', 'template_version', 'profile'),
  batch: rule('Batch', 'batch', 'profile', text), order: rule('Purchase order', 'order', 'profile', text), brand: rule('Brand', 'brand', 'profile', text),
  eid: rule('EID', 'eid', 'profile', { kinds: ['ota', 'print', 'custom'] }), stock: rule('Stock state', 'stock', 'profile'), orderState: rule('Order state', 'order_state', 'profile'),
  matchingId: rule('MatchingID', 'matching_id', 'activation', { kinds: ['print', 'custom'] }), activationCode: rule('Activation code', 'activation_code', 'activation', { kinds: ['print', 'custom'] }),
  smdpAddress: rule('SM-DP+ address', 'smdp_address', 'activation', { kinds: ['print', 'custom'] }),
  packageDigest: rule('SHA-256 of the package', 'package_sha256', 'profile', { encodings: ['hex-lower', 'hex-upper'] }), preparedAt: rule('Prepared at', 'prepared_at', 'profile', { encodings: ['iso', 'date', 'epoch'] }),
  algorithm: rule('Authentication algorithm', 'algorithm', 'network keys', { kinds: ['hlr', 'custom'] }), amf: rule('AMF', 'amf', 'network keys', { kinds: ['hlr', 'custom'] }),
  keyIndex: rule('Index of the transport key', 'k4_index', 'network keys', { kinds: ['hlr', 'custom'] }), otaKeyIndex: rule('Index of the OTA transport key', 'ota_index', 'ota keys', { kinds: ['ota', 'custom'] }),
  row: rule('Row number', 'row', 'other'), constant: rule('Constant text', 'constant', 'other', text),
  k: rule('K (Ki)', 'ki', 'network keys', { ...keys, kinds: ['hlr', 'custom'] }), opc: rule('OPc', 'opc', 'network keys', { ...keys, kinds: ['hlr', 'custom'] }),
  kKcv: rule('Check value of K', 'ki_kcv', 'network keys', { ...keys, encodings: ['hex-upper', 'hex-lower'], kinds: ['hlr', 'custom'] }),
  scp80Kic: rule('OTA key KIC', 'kic', 'ota keys', ota), scp80Kid: rule('OTA key KID', 'kid', 'ota keys', ota), scp80Kik: rule('OTA key KIK', 'kik', 'ota keys', ota),
  scp80KicKcv: rule('Check value of KIC', 'kic_kcv', 'ota keys', otaCheck), scp80KidKcv: rule('Check value of KID', 'kid_kcv', 'ota keys', otaCheck), scp80KikKcv: rule('Check value of KIK', 'kik_kcv', 'ota keys', otaCheck),
  scp81Psk: rule('SCP81 PSK', 'scp81_psk', 'ota keys', ota), scp81Dek: rule('SCP81 DEK', 'scp81_dek', 'ota keys', ota), scp81DekKcv: rule('Check value of SCP81 DEK', 'scp81_dek_kcv', 'ota keys', otaCheck),
  scp02Enc: rule('SCP02 ENC (KIC)', 'uicc_scp02_kic1', 'ota keys', ota), scp02Mac: rule('SCP02 MAC (KID)', 'uicc_scp02_kid1', 'ota keys', ota), scp02Dek: rule('SCP02 DEK (KIK)', 'uicc_scp02_kik1', 'ota keys', ota),
  scp02EncKcv: rule('Check value of SCP02 ENC', 'scp02_kic_kcv', 'ota keys', otaCheck), scp02MacKcv: rule('Check value of SCP02 MAC', 'scp02_kid_kcv', 'ota keys', otaCheck), scp02DekKcv: rule('Check value of SCP02 DEK', 'scp02_kik_kcv', 'ota keys', otaCheck),
  scp03Enc: rule('SCP03 ENC (KIC)', 'uicc_scp03_kic1', 'ota keys', ota), scp03Mac: rule('SCP03 MAC (KID)', 'uicc_scp03_kid1', 'ota keys', ota), scp03Dek: rule('SCP03 DEK (KIK)', 'uicc_scp03_kik1', 'ota keys', ota),
  scp03EncKcv: rule('Check value of SCP03 ENC', 'scp03_kic_kcv', 'ota keys', otaCheck), scp03MacKcv: rule('Check value of SCP03 MAC', 'scp03_kid_kcv', 'ota keys', otaCheck), scp03DekKcv: rule('Check value of SCP03 DEK', 'scp03_kik_kcv', 'ota keys', otaCheck),
  pin1: rule('PIN1', 'pin1', 'codes', codes), pin2: rule('PIN2', 'pin2', 'codes', codes), puk1: rule('PUK1', 'puk1', 'codes', codes), puk2: rule('PUK2', 'puk2', 'codes', codes),
  adm1: rule('ADM1', 'adm1', 'codes', { ...codes, kinds: ['custom'] }), adm2: rule('ADM2', 'adm2', 'codes', { ...codes, kinds: ['custom'] }),
};

const kindNames: Readonly<Record<RecipientKind, string>> = { hlr: 'An HLR', ota: 'An OTA platform', print: 'A print house', custom: 'This recipient' };

/** Why a kind of recipient never gets a field; undefined when it may. */
export function fieldRefusal(kind: RecipientKind, field: OutputField): string | undefined {
  const { kinds, title, group } = fieldRules[field];
  if (kinds.includes(kind)) return undefined;
  if (kind === 'hlr' && group === 'ota keys') return `${kindNames.hlr} never gets OTA keys (${title}).`;
  if (kind === 'ota' && group === 'network keys') return `${kindNames.ota} never gets keys of the network (${title}).`;
  if (kind === 'print' && (group === 'network keys' || group === 'ota keys')) return `${kindNames.print} never gets keys (${title}).`;
  return `${kindNames[kind]} never gets ${title}.`;
}

const encodingTitles: Readonly<Record<OutputEncoding, string>> = {
  plain: 'As it is', 'digits-f': '20 digits, padded with F', 'no-check-digit': 'Without check digit', swapped: 'Digits of each pair swapped', ef: 'As in EF_IMSI', plus: 'With +',
  'hex-lower': 'Hexadecimal, small letters', 'hex-upper': 'Hexadecimal, capitals', 'code-hex': 'Hexadecimal of 8 octets', iso: 'Time (ISO 8601)', date: 'Day', epoch: 'Milliseconds since 1970',
};

/** Made-up values: visibly no real ones. */
export const specimen: Readonly<Record<OutputField, string>> = {
  iccid: '8988211000000000003', imsi: '001010000000001', msisdn: '999000000001', acc: '0002', type: 'Sample', template: 'Sample', templateVersion: '1', batch: 'Sample 2026-01-15', order: 'PO-1', brand: 'Sample',
  eid: '89049032000000000000000000000012', stock: 'sellable', orderState: 'available', matchingId: 'SAMPL-ESAMP-LESAM-PLE00', activationCode: 'LPA:1$smdp.example.com$SAMPL-ESAMP-LESAM-PLE00', smdpAddress: 'smdp.example.com',
  packageDigest: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', preparedAt: '1768478400000', algorithm: 'milenage', amf: '8000', keyIndex: '1', otaKeyIndex: '2', row: '1', constant: '',
  k: '00112233445566778899aabbccddeeff', opc: 'ffeeddccbbaa99887766554433221100', kKcv: '123456', scp80Kic: '0123456789abcdef0123456789abcdef', scp80Kid: 'fedcba9876543210fedcba9876543210', scp80Kik: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
  impi: '001010000000001@ims.mnc001.mcc001.3gppnetwork.org', impu: 'sip:001010000000001@ims.mnc001.mcc001.3gppnetwork.org', scp80KicKcv: '123457', scp80KidKcv: '123458', scp80KikKcv: '123459',
  scp81Psk: '81818181818181810101010101010101', scp81Dek: '81818181818181810202020202020202', scp81DekKcv: '12345a',
  scp02Enc: '02020202020202020101010101010101', scp02Mac: '02020202020202020303030303030303', scp02Dek: '02020202020202020404040404040404', scp02EncKcv: '12345b', scp02MacKcv: '12345c', scp02DekKcv: '12345d',
  scp03Enc: '03030303030303030101010101010101', scp03Mac: '03030303030303030202020202020202', scp03Dek: '03030303030303030404040404040404', scp03EncKcv: '12345e', scp03MacKcv: '12345f', scp03DekKcv: '123460',
  pin1: '0000', pin2: '1111', puk1: '00000000', puk2: '11111111', adm1: '00000000', adm2: '11111111',
};

export function fieldInfos(example: (field: OutputField, encoding: OutputEncoding) => string): FieldInfo[] {
  return (Object.entries(fieldRules) as [OutputField, FieldRule][]).map(([field, one]) => ({
    field, title: one.title, heading: one.heading, group: one.group, secrecy: one.secrecy, kinds: [...one.kinds],
    encodings: one.encodings.map((id) => ({ id, title: encodingTitles[id], example: example(field, id) })),
  }));
}
