/** Key sets of every protocol, ADM2 and IMS identities: from a sender's columns to the file of who may have them. Values are visibly test material. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { JobArtefact } from '../../../src/shared/contract/jobs.ts';
import { outputFields } from '../../../src/shared/contract/preparation.ts';
import { checkedKey, fieldRefusal, fieldRules, isSecretField, outputPresets, planLayout } from '../../../src/shared/output/index.ts';
import { buildSampleTemplate, editPackage, type TemplateEdit } from '../../../src/main/saip/index.ts';
import { readName } from '../../../src/main/engine/imports/columns.ts';
import { readIdentity } from '../../../src/main/engine/imports/values.ts';
import type { TestEngine } from '../../support/engine.ts';
import { checked, codes, commit, csv, iccid, importEngine, imsi, open, rowsOf, transportKey, validate } from './support.ts';

describe('what columns of key sets are called', () => {
  it.each([
    ['UICC_SCP02_KIC1', 'scp02Enc'], ['UICC_SCP02_KID1', 'scp02Mac'], ['UICC_SCP02_KIK1', 'scp02Dek'], ['UICC_SCP03_KIC1', 'scp03Enc'], ['uicc_scp03_kid1', 'scp03Mac'], ['UICC SCP03 KIK1', 'scp03Dek'],
    ['scp03_enc', 'scp03Enc'], ['SCP03-MAC', 'scp03Mac'], ['SdKeyScp03Kvn30DekAes', 'scp03Dek'], ['SdKeyScp80Kvn01KicDes', 'scp80Kic'], ['SdKeyScp81Kvn40Tlspsk', 'scp81Psk'], ['scp81_psk', 'scp81Psk'], ['PSK', 'scp81Psk'], ['scp81_dek', 'scp81Dek'],
    ['KIC', 'scp80Kic'], ['kic1', 'scp80Kic'], ['KID_01', 'scp80Kid'], ['OTA_KIK', 'scp80Kik'], ['adm2', 'adm2'], ['pin_adm2', 'adm2'], ['IMPI', 'impi'], ['impu1', 'impu'],
    ['UICC_SCP03_KIC1_KCV', 'scp03EncKcv'], ['KCV_SCP02_KID', 'scp02MacKcv'], ['kic1_kcv', 'scp80KicKcv'],
  ])('%s is %s', (name, field) => expect(readName(name)).toMatchObject({ field, encrypted: false, known: true }));

  it.each([['eKIC', 'scp80Kic'], ['e_scp03_enc', 'scp03Enc'], ['enc_scp81_psk', 'scp81Psk']])('%s is %s under a transport key', (name, field) => expect(readName(name)).toMatchObject({ field, encrypted: true }));

  it.each([
    ['kic2', /those of the first/], ['UICC_SCP02_KIK3', /those of the first/], ['SdKeyScp03Kvn31EncAes', /those of the first/], ['scp81_psk_identity', /stands in the template/], ['pskid', /stands in the template/], ['SCP03_ENC_ISDR', /eUICC itself/],
    ['impu2', /one public identity/], ['scp81_psk_kcv', /no check value/],
  ])('%s is known and passed over, with a word why', (name, why) => {
    expect(readName(name)).toMatchObject({ known: true, why: expect.stringMatching(why) as string });
    expect(readName(name).field).toBeUndefined();
  });

  it.each(['key', 'enc', 'mac', 'identity', 'dek', 'kick', 'scp04enc'])('%s says nothing', (name) => expect(readName(name).known).toBe(false));
});

describe('identities of the IMS', () => {
  it.each([
    ['impi', '001010000000001@ims.mnc001.mcc001.3gppnetwork.org'], ['impi', 'ann.test@ims.example'], ['impu', 'sip:ann@ims.example'], ['impu', 'SIPS:+99900001@ims.example'], ['impu', 'tel:+999000000001'],
  ] as const)('%s %s is taken', (name, text) => expect(readIdentity(name, text, 80)).toEqual({ ok: true, value: text }));
  it.each([
    ['impi', 'ann'], ['impi', 'ann@nowhere'], ['impi', 'sip:ann@ims.example'], ['impi', 'ann@ims..example'], ['impi', '@ims.example'], ['impi', 'ann@-ims.example'], ['impi', 'a nn@ims.example'], ['impi', 'ann.@ims.example'],
    ['impu', 'ann@ims.example'], ['impu', 'sip:ann'], ['impu', 'tel:0999'], ['impu', 'http://ims.example'], ['impu', 'sip:ann@ims.example\u00e9'],
  ] as const)('%s %s is refused', (name, text) => expect(readIdentity(name, text, 80)).toMatchObject({ ok: false, finding: `${name}-invalid` }));
  it('longer than its place is refused', () => expect(readIdentity('impi', 'ann@ims.example', 14)).toMatchObject({ ok: false, finding: 'identity-length' }));
});

describe('who gets what', () => {
  const kindsOf = (field: (typeof outputFields)[number]) => fieldRules[field].kinds;
  it('an HLR never has an OTA key or its check value, an OTA platform never K, OPc or a code, a print house no key and no ADM', () => {
    const ota = outputFields.filter((field) => /^scp\d\d/.test(field));
    expect(ota).toHaveLength(21);
    for (const field of ota) {
      expect([field, isSecretField(field), fieldRules[field].group, [...kindsOf(field)].sort()]).toEqual([field, true, 'ota keys', ['custom', 'ota']]);
      expect(fieldRefusal('hlr', field)).toMatch(/^An HLR never gets OTA keys/);
      expect(fieldRefusal('print', field)).toMatch(/^A print house never gets keys/);
    }
    for (const field of ['k', 'opc', 'kKcv', 'pin1', 'pin2', 'puk1', 'puk2', 'adm1', 'adm2'] as const) expect([field, fieldRefusal('ota', field) !== undefined]).toEqual([field, true]);
    for (const field of ['adm1', 'adm2'] as const) expect([field, [...kindsOf(field)]]).toEqual([field, ['custom']]);
    expect(outputFields.filter((field) => isSecretField(field) && kindsOf(field).includes('print'))).toEqual(['pin1', 'pin2', 'puk1', 'puk2']);
    for (const preset of outputPresets) expect([preset.id, planLayout(preset.recipient).problems]).toEqual([preset.id, []]);
    // Every check value is of a key that goes to the same.
    for (const field of outputFields) if (field.endsWith('Kcv')) expect([field, kindsOf(checkedKey(field)!)]).toEqual([field, kindsOf(field)]);
  });
});

const K4 = '000102030405060708090a0b0c0d0e0f';
const OTA4 = '101112131415161718191a1b1c1d1e1f';
const iv = Buffer.alloc(16, 0x23);
const wrap = (hex: string): string => Buffer.from(createCipheriv('aes-128-cbc', Buffer.from(K4, 'hex'), iv).setAutoPadding(false).update(Buffer.from(hex, 'hex'))).toString('hex');
const unwrap = (hex: string): string => createDecipheriv('aes-128-ecb', Buffer.from(OTA4, 'hex'), null).setAutoPadding(false).update(Buffer.from(hex, 'hex')).toString('hex');
const aesKcv = (hex: string): string => createCipheriv(`aes-${hex.length * 4}-ecb`, Buffer.from(hex, 'hex'), null).setAutoPadding(false).update(Buffer.alloc(16)).subarray(0, 3).toString('hex').toUpperCase();
const desKcv = (hex: string): string => createCipheriv('des-ede-ecb', Buffer.from(hex, 'hex'), null).setAutoPadding(false).update(Buffer.alloc(8)).subarray(0, 3).toString('hex').toUpperCase();

/** Visibly made up: names its column and its row. */
const value = (mark: number, n: number, octets = 16): string => Buffer.from(Array.from({ length: octets }, (_, i) => (i < 4 ? mark : 16 * n + i) & 0xff)).toString('hex');
const columns = ['UICC_SCP02_KIC1', 'UICC_SCP02_KID1', 'UICC_SCP02_KIK1', 'UICC_SCP03_KIC1', 'UICC_SCP03_KID1', 'UICC_SCP03_KIK1', 'scp81_psk', 'scp81_dek'] as const;
const slots = ['scp02Enc', 'scp02Mac', 'scp02Dek', 'scp03Enc', 'scp03Mac', 'scp03Dek', 'scp81Psk', 'scp81Dek'] as const;
const lengthOf = (at: number): number => (at >= 3 && at < 6 ? 32 : 16);
const keyAt = (at: number, n: number): string => value(0xa1 + at, n, lengthOf(at));

const edits: readonly TemplateEdit[] = [
  { kind: 'add-key-set', set: { protocol: 'scp81', version: 0x40, algorithm: 'aes', bytes: 16 } }, { kind: 'add-key-set', set: { protocol: 'scp03', version: 0x30, algorithm: 'aes', bytes: 32 } },
  { kind: 'add-key-set', set: { protocol: 'scp02', version: 0x20, algorithm: 'des', bytes: 16 } },
];

let engine: TestEngine | undefined;
afterEach(async () => {
  await engine?.close();
  engine = undefined;
});

async function withSets(bytes: Uint8Array = editPackage(buildSampleTemplate({ isim: 'own' }), edits).der): Promise<TestEngine> {
  engine = await importEngine({ environment: 'test' });
  await engine.ok('types.importTemplate', { file: engine.uploads.put(Uint8Array.from(bytes)), name: 'sets' });
  await engine.ok('types.create', { name: 'Sets', template: 'sets' });
  await transportKey(engine, 'Vendor', 'aes-128', K4);
  await transportKey(engine, 'Platform', 'aes-128', OTA4, { index: '3' });
  return engine;
}

/** As `csv-encrypt-columns` of pySim leaves it. */
const file = (rows: readonly number[], more: (n: number) => string = () => ''): Buffer => csv([
  `iccid,imsi,ki,opc,${columns.join(',')},UICC_SCP02_KIC1_KCV,UICC_SCP03_KID1_KCV${more(0)}`,
  ...rows.map((n) => [iccid(n), imsi(n), wrap(value(0x4b, n)), wrap(value(0x4f, n)), ...columns.map((_, at) => wrap(keyAt(at, n))), desKcv(keyAt(0, n)), aesKcv(keyAt(4, n))].join(',') + more(n)),
]);

async function mapped(target: TestEngine, bytes: Buffer, type = 'Sets'): Promise<string> {
  const opened = await open(target, bytes, { type });
  const secret = new Set(['k', 'opc', ...slots]);
  await target.ok('imports.map', { id: opened.id, columns: opened.columns.map((one) => (one.field !== undefined && secret.has(one.field) ? { ...one, wrapping: { key: 'Vendor', mode: 'cbc-23', reversed: 'no' } } : one)), type });
  return opened.id;
}

async function outputOf(target: TestEngine, batch: string, recipient: object): Promise<string> {
  const { id } = await target.ok<{ id: string }>('outputs.addRecipient', { format: 'csv', ...recipient });
  const job = await target.ok<{ id: string }>('outputs.make', { batch, recipient: id });
  await target.jobs.idle();
  const done = await target.ok<{ state: string; message?: string; artefacts: JobArtefact[] }>('jobs.show', { id: job.id });
  if (done.state !== 'done') throw new Error(`${done.state}: ${done.message}`);
  return readFileSync(join(target.folder, 'outputs', `${done.artefacts[0]!.id}-${done.artefacts[0]!.name}`), 'utf8');
}

describe('from the file of a sender to the OTA platform', () => {
  it('every key comes out as it came in, under the platform\'s transport key; the profile shows presence and check values', async () => {
    const target = await withSets();
    const clear = await open(target, csv([`iccid,imsi,UICC_SCP03_KIC1`, `${iccid(9)},${imsi(9)},${keyAt(3, 9)}`]), { type: 'Sets' });
    expect(clear.blockers).toEqual([expect.stringContaining('SCP03 ENC is in the clear, which only a lab takes') as string]);

    const identities = (n: number): string => (n === 0 ? ',adm2,impi,impu' : n === 1 ? ',87654321,own.user@ims.example,sip:own.user@ims.example' : ',4142434445464748,,');
    const view = await validate(target, await mapped(target, file([1, 2], identities)));
    expect([view.counts, codes(view)]).toMatchObject([{ good: 2, bad: 0 }, []]);
    await commit(target, view.id);
    const { batch } = await target.ok<{ batch: { id: string } }>('preparation.start', { plan: { type: 'Sets', count: 2 } });
    await target.jobs.idle();
    expect((await rowsOf(target)).map((one) => one.stock_state)).toEqual(['sellable', 'sellable']);

    const checks = await target.ok<{ rows: { name: string; kcv?: string }[] }>('profiles.checkValues', { iccid: iccid(1) });
    const ota = { name: 'Platform', kind: 'ota', otaTransportKey: 'Platform', columns: ['iccid', ...slots, 'scp02EncKcv', 'scp03MacKcv', 'scp81DekKcv', 'otaKeyIndex'].map((field) => ({ field })) };
    const rows = (await outputOf(target, batch.id, ota)).trim().split('\n').slice(1).map((line) => line.split(','));
    for (const [row, n] of [[rows[0]!, 1], [rows[1]!, 2]] as const) {
      expect(row.slice(1, 9).map(unwrap)).toEqual(columns.map((_, at) => keyAt(at, n)));
      expect([row[0], ...row.slice(9)]).toEqual([iccid(n), desKcv(keyAt(0, n)), aesKcv(keyAt(4, n)), aesKcv(keyAt(7, n)), '3']);
    }
    // Nobody but the platform.
    for (const kind of ['hlr', 'print']) expect(await target.refused('outputs.addRecipient', { ...ota, name: kind, kind, format: 'csv' })).toMatchObject({ code: 'COLUMN_REFUSED' });
    const { otaTransportKey: _key, ...bare } = ota;
    expect(await target.refused('outputs.addRecipient', { ...bare, name: 'bare', format: 'csv' })).toMatchObject({ code: 'WRAPPING_MISSING' });

    const hss = (await outputOf(target, batch.id, { name: 'HSS', kind: 'hlr', columns: ['imsi', 'impi', 'impu'].map((field) => ({ field })) })).trim().split('\n').slice(1);
    expect(hss).toEqual([`${imsi(1)},own.user@ims.example,sip:own.user@ims.example`, `${imsi(2)},${imsi(2)}@ims.mnc001.mcc001.3gppnetwork.org,sip:${imsi(2)}@ims.mnc001.mcc001.3gppnetwork.org`]);
    const known = new Map(checks.rows.map((one) => [one.name, one.kcv]));
    expect(slots.map((name) => known.get(name))).toEqual([...[0, 1, 2].map((at) => desKcv(keyAt(at, 1))), ...[3, 4, 5].map((at) => aesKcv(keyAt(at, 1))), undefined, aesKcv(keyAt(7, 1))]);
    expect([known.has('scp81Psk'), known.has('adm2'), known.get('adm2')]).toEqual([true, true, undefined]);
    expect(known.has('impi')).toBe(false);
  });

  it('a wrong check value, a wrong length, a published default and a wrong identity are told by row, each with its column', async () => {
    const target = await withSets();
    const lines = file([1, 2, 3, 4], (n) => (n === 0 ? ',impi' : n === 4 ? ',nobody' : ',')).toString().trim().split('\n').map((line) => line.split(','));
    const at = (name: string): number => lines[0]!.indexOf(name);
    lines[1]![at('UICC_SCP02_KIC1')] = wrap(keyAt(1, 1));
    lines[2]![at('UICC_SCP03_KIC1')] = wrap(value(0xa4, 2, 16));
    lines[3]![at('scp81_psk')] = wrap('00'.repeat(16));
    const view = await validate(target, await mapped(target, csv(lines.map((line) => line.join(',')))));
    expect([view.counts, codes(view).sort()]).toMatchObject([{ good: 0, bad: 4 }, ['HEX_LENGTH 1', 'IMPI_INVALID 1', 'KCV_MISMATCH 1', 'SECRET_DEFAULT 1']]);
    expect(view.groups.map((one) => one.field).sort()).toEqual(['impi', 'scp02Enc', 'scp03Enc', 'scp81Psk']);
  });

  it('a column for which the template has no place is passed over and says so; nothing of it is kept', async () => {
    const target = await withSets(buildSampleTemplate());
    const view = await validate(target, await mapped(target, file([1], (n) => (n === 0 ? ',impi' : ',own.user@ims.example'))));
    expect([view.counts, codes(view)]).toMatchObject([{ good: 1, bad: 0 }, ['NO_PLACE_IN_TEMPLATE 1', 'KEY_UNCHECKED 1']]);
    expect(view.groups[0]).toMatchObject({ severity: 'warning', title: expect.stringMatching(/^The template of Sets has no place for SCP02 ENC, SCP02 MAC, .*and IMPI: these columns are passed over\.$/) as string });
    await commit(target, view.id);
    expect((await rowsOf(target))[0]!.subscriber!.length).toBe(127);
    expect(await target.refused('profiles.add', { type: 'Sets', iccid: iccid(5), imsi: imsi(5), secrets: target.uploads.put(Buffer.from('impi=own.user@ims.example')) })).toMatchObject({ code: 'SECRETS_INVALID', message: expect.stringContaining('has no place') as string });
  });

  it('a key of 24 octets comes in two blocks of AES, with whatever padding', async () => {
    const target = await withSets(editPackage(buildSampleTemplate(), [{ kind: 'add-key-set', set: { protocol: 'scp03', version: 0x30, algorithm: 'aes', bytes: 24 } }]).der);
    const key = value(0xc3, 7, 24);
    const line = (n: number, rest: string): string => `${iccid(n)},${imsi(n)},${wrap(value(0x4b, n))},${wrap(value(0x4f, n))},${wrap(key + rest)},${aesKcv(key)}`;
    const bytes = csv(['iccid,imsi,ki,opc,scp03_enc,scp03_enc_kcv', line(1, '00'.repeat(8)), line(2, 'ff'.repeat(8)), line(3, `80${'00'.repeat(7)}`), line(4, '0102030405060708')]);
    const view = await validate(target, await mapped(target, bytes));
    expect([view.counts, codes(view)]).toMatchObject([{ good: 3, bad: 1 }, ['HEX_LENGTH 1']]);
  });

  it('a Lab takes them in clear', async () => {
    engine = await importEngine();
    await engine.ok('types.importTemplate', { file: engine.uploads.put(Uint8Array.from(editPackage(buildSampleTemplate(), edits).der)), name: 'sets' });
    await engine.ok('types.create', { name: 'Sets', template: 'sets' });
    const view = await checked(engine, csv([`iccid,imsi,${columns.join(',')},adm2`, `${iccid(1)},${imsi(1)},${columns.map((_, at) => keyAt(at, 1)).join(',')},87654321`, `${iccid(2)},${imsi(2)},${columns.map((_, at) => keyAt(at, 2).slice(2)).join(',')},8765432`]), { type: 'Sets' });
    expect([view.counts, codes(view).sort()]).toMatchObject([{ good: 1, bad: 1 }, ['HEX_LENGTH 1', 'HEX_LENGTH 1', 'HEX_LENGTH 1', 'HEX_LENGTH 1', 'HEX_LENGTH 1', 'HEX_LENGTH 1', 'HEX_LENGTH 1', 'HEX_LENGTH 1']]);
  });
});

describe('an index of a transport key', () => {
  it('is given and changed later, is audited, and what uses the key by name goes on', async () => {
    const target = await withSets();
    const opened = await open(target, file([1]), { type: 'Sets' });
    const wrapped = opened.columns.map((one) => (one.field !== undefined && ['k', 'opc', ...slots].includes(one.field) ? { ...one, wrapping: { key: 'Vendor', mode: 'cbc-23', reversed: 'no' } } : one));
    await target.ok('imports.map', { id: opened.id, columns: wrapped, type: 'Sets', saveAs: 'Of Vendor' });
    const rows = { name: 'AuC', kind: 'hlr', format: 'template', template: '{{imsi}};{{k}};{{keyIndex}}', transportKey: 'Vendor' };
    expect(await target.refused('outputs.addRecipient', rows)).toMatchObject({ code: 'KEY_INDEX_MISSING' });
    expect(await target.ok('transportKeys.change', { name: 'Vendor', index: '7', note: 'of the AuC' })).toMatchObject({ name: 'Vendor', index: '7', note: 'of the AuC', state: 'active' });
    await target.ok('outputs.addRecipient', rows);
    expect(await target.refused('transportKeys.change', { name: 'Vendor', index: '' })).toMatchObject({ code: 'TRANSPORT_KEY_IN_USE', message: expect.stringContaining('AuC') as string });
    expect(await target.ok('transportKeys.change', { name: 'Vendor', index: '8' })).toMatchObject({ index: '8', note: 'of the AuC' });
    expect((await target.ctx.reader.selectFrom('audit').select('record').where('event', '=', 'transport_key.changed').orderBy('seq').execute()).map((one) => /"index":"([78])"/.exec(one.record)?.[1]).filter(Boolean)).toEqual(['7', '8']);
    // The kept mapping names the key, so its next file is read as before.
    const again = await checked(target, file([2]), { type: 'Sets', mapping: 'Of Vendor' });
    expect(again.counts).toMatchObject({ good: 1, bad: 0 });
    expect(await target.ok('transportKeys.change', { name: 'Platform', index: '', note: '' })).not.toHaveProperty('index');
    await target.ok('transportKeys.retire', { name: 'Platform', reason: 'end of the test' });
    expect(await target.refused('transportKeys.change', { name: 'Platform', index: '1' })).toMatchObject({ code: 'TRANSPORT_KEY_UNKNOWN' });
  });
});
