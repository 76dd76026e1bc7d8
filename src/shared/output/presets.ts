/** Files that known systems take, as recipients to begin with. */
import type { OutputPreset, RecipientInput } from '../contract/preparation.ts';

const form = (one: Partial<RecipientInput> & Pick<RecipientInput, 'name' | 'kind' | 'format'>): RecipientInput => ({ header: true, columns: [], lines: [], age: [], lineEnd: 'lf', ...one });
const columns = (...fields: (RecipientInput['columns'][number]['field'] | RecipientInput['columns'][number])[]): RecipientInput['columns'] => fields.map((one) => (typeof one === 'string' ? { field: one } : one));

export const outputPresets: readonly OutputPreset[] = [
  { id: 'hlr-rows', title: 'HLR/HSS rows', summary: 'IMSI;eKi;K4 index;algorithm;eOPc;AMF', recipient: form({ name: 'HLR', kind: 'hlr', format: 'template', template: '{{imsi}};{{k:hex-upper}};{{keyIndex}};{{algorithm}};{{opc:hex-upper}};{{amf}};{{msisdn}}' }) },
  {
    id: 'osmo-hlr-vty', title: 'osmo-hlr (VTY)', summary: 'Commands that create subscribers with Milenage keys', recipient: form({
      name: 'osmo-hlr', kind: 'hlr', format: 'template', head: 'enable', foot: 'end',
      template: 'subscriber imsi {{imsi}} create\n{{#msisdn}}subscriber imsi {{imsi}} update msisdn {{msisdn}}\n{{/msisdn}}subscriber imsi {{imsi}} update aud3g milenage k {{k}} opc {{opc}} ind-bitlen 5',
    }),
  },
  { id: 'osmo-hlr-csv', title: 'osmo-hlr (CSV)', summary: 'IMSI, MSISDN, algorithm, K, OPc, IND length', recipient: form({ name: 'osmo-hlr CSV', kind: 'hlr', format: 'csv', columns: columns('imsi', 'msisdn', { field: 'constant', name: 'algo_id_3g', value: 'MILENAGE' }, { field: 'k', name: 'k' }, 'opc', { field: 'constant', name: 'ind_bitlen', value: '5' }) }) },
  { id: 'open5gs', title: 'Open5GS (open5gs-dbctl)', summary: 'One command a subscriber', recipient: form({ name: 'Open5GS', kind: 'hlr', format: 'template', template: 'open5gs-dbctl add {{imsi}} {{k}} {{opc}}' }) },
  {
    id: 'free5gc', title: 'free5GC (JSON lines)', summary: 'authenticationSubscription of each subscriber', recipient: form({
      name: 'free5GC', kind: 'hlr', format: 'template',
      template: '{"ueId":"imsi-{{imsi}}","authenticationSubscription":{"authenticationMethod":"5G_AKA","permanentKey":{"permanentKeyValue":"{{k}}"},"milenage":{"op":{"opValue":""}},"opc":{"opcValue":"{{opc}}"},"authenticationManagementField":"{{amf}}","sequenceNumber":"000000000000"}}',
    }),
  },
  { id: 'srsepc', title: 'srsEPC (user_db.csv)', summary: 'name, auth, IMSI, key, op type, OPc, AMF, SQN, QCI, IP', recipient: form({ name: 'srsEPC', kind: 'hlr', format: 'template', template: '{{iccid}},mil,{{imsi}},{{k}},opc,{{opc}},{{amf}},000000000000,9,dynamic' }) },
  { id: 'ota', title: 'OTA platform', summary: 'ICCID, IMSI, MSISDN and OTA keys', recipient: form({ name: 'OTA platform', kind: 'ota', format: 'csv', columns: columns('iccid', 'imsi', 'msisdn', 'scp80Kic', 'scp80Kid', 'scp80Kik', 'otaKeyIndex') }) },
  {
    id: 'ota-key-sets', title: 'OTA platform, all key sets', summary: 'OTA keys of SCP80, SCP81, SCP02 and SCP03 with check values; leave out what the template has not', recipient: form({
      name: 'OTA key sets', kind: 'ota', format: 'csv', columns: columns('iccid', 'imsi', 'msisdn', 'scp80Kic', 'scp80Kid', 'scp80Kik', 'scp81Psk', 'scp81Dek', 'scp02Enc', 'scp02Mac', 'scp02Dek', 'scp03Enc', 'scp03Mac', 'scp03Dek',
        'scp80KicKcv', 'scp80KidKcv', 'scp80KikKcv', 'scp81DekKcv', 'scp02EncKcv', 'scp02MacKcv', 'scp02DekKcv', 'scp03EncKcv', 'scp03MacKcv', 'scp03DekKcv', 'otaKeyIndex'),
    }),
  },
  { id: 'hss-ims', title: 'HSS with IMS identities', summary: 'IMSI, MSISDN, K, OPc, IMPI, IMPU', recipient: form({ name: 'HSS with IMS', kind: 'hlr', format: 'csv', columns: columns('imsi', 'msisdn', 'k', 'opc', 'kKcv', 'impi', 'impu', 'keyIndex') }) },
  { id: 'print', title: 'Print house', summary: 'ICCID, PIN and PUK, activation code', recipient: form({ name: 'Print house', kind: 'print', format: 'csv', columns: columns('row', 'iccid', 'msisdn', 'pin1', 'puk1', 'activationCode') }) },
  {
    id: 'osmocom-csv', title: 'Osmocom CSV', summary: 'Card-key-provider CSV of pySim, OTA keys under their transport key; the whole file to an age recipient because of its codes', recipient: form({
      name: 'Osmocom CSV', kind: 'custom', format: 'csv', columns: columns('iccid', 'imsi', 'msisdn', 'k', 'opc', 'pin1', 'puk1', 'pin2', 'puk2', 'adm1', 'adm2', { field: 'scp80Kic', name: 'kic1' }, { field: 'scp80Kid', name: 'kid1' }, { field: 'scp80Kik', name: 'kik1' },
        { field: 'scp02Enc', name: 'UICC_SCP02_KIC1' }, { field: 'scp02Mac', name: 'UICC_SCP02_KID1' }, { field: 'scp02Dek', name: 'UICC_SCP02_KIK1' }, { field: 'scp03Enc', name: 'UICC_SCP03_KIC1' }, { field: 'scp03Mac', name: 'UICC_SCP03_KID1' }, { field: 'scp03Dek', name: 'UICC_SCP03_KIK1' }),
    }),
  },
  {
    id: 'vendor-out', title: 'Vendor .out file', summary: 'Header, var_out, one row a profile', recipient: form({
      name: 'Vendor .out', kind: 'custom', format: 'out', columns: columns({ field: 'imsi', name: 'IMSI' }, { field: 'iccid', name: 'ICCID' }, { field: 'pin1', name: 'PIN1' }, { field: 'puk1', name: 'PUK1' }, { field: 'pin2', name: 'PIN2' }, { field: 'puk2', name: 'PUK2' },
        { field: 'adm1', name: 'ADM1' }, { field: 'k', name: 'KI', encoding: 'hex-upper' }, { field: 'opc', name: 'OPC', encoding: 'hex-upper' }, { field: 'acc', name: 'ACC' }),
    }),
  },
];
