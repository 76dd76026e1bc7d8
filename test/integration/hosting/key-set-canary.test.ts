/**
 * A Test workspace and one profile with a secret of every kind: through an encrypted import, preparation, the files of all recipients,
 * vouchers, labels and an export. Then everything the product wrote or answered is searched for the clear octets. Values say by themselves that
 * they are made up, and exist once in the world.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ImportView } from '../../../src/shared/contract/imports.ts';
import type { Reply } from '../../../src/shared/contract/define.ts';
import type { RecipientInput } from '../../../src/shared/contract/preparation.ts';
import { fieldRules, secretFields } from '../../../src/shared/output/index.ts';
import { luhnCheckDigit } from '../../../src/shared/identifiers/index.ts';
import { connectEngine, type EngineClient } from '../../../src/main/hosting/client.ts';
import { openWorkspaceFolder } from '../../../src/main/hosting/workspace-folder.ts';
import { buildSampleTemplate, editPackage } from '../../../src/main/saip/index.ts';
import { cleanUp, ensureBuilt, newFolder, serve, type Serving } from './product.ts';
import { type Canary, findBelow, findIn, needlesOf } from './secrets.ts';

/** `CA` octets in front: visibly a canary. */
const key = (octets = 16): string => `cacaca${randomBytes(octets - 3).toString('hex')}`;
const code = (): string => `7${String(randomBytes(4).readUInt32BE()).padStart(10, '3').slice(-7)}`;
const names = ['k', 'opc', 'kic1', 'kid1', 'kik1', 'UICC_SCP02_KIC1', 'UICC_SCP02_KID1', 'UICC_SCP02_KIK1', 'UICC_SCP03_KIC1', 'UICC_SCP03_KID1', 'UICC_SCP03_KIK1', 'scp81_psk', 'scp81_dek'] as const;
const codeNames = ['pin1', 'pin2', 'puk1', 'puk2', 'adm1', 'adm2'] as const;
const canaries: Canary[] = [
  ...names.map((name): Canary => ({ name, text: key(name.startsWith('UICC_SCP03') ? 32 : 16), kind: 'key' })), ...codeNames.map((name): Canary => ({ name, text: code(), kind: 'code' })),
  { name: 'the transport key of the sender', text: key(), kind: 'key' }, { name: 'the transport key of the HLR', text: key(), kind: 'key' }, { name: 'the transport key of the platform', text: key(), kind: 'key' },
];
const secret = (name: string): string => canaries.find((one) => one.name === name)!.text;
const needles = needlesOf(canaries);
const fieldOf: Readonly<Record<string, string>> = {
  kic1: 'scp80Kic', kid1: 'scp80Kid', kik1: 'scp80Kik', UICC_SCP02_KIC1: 'scp02Enc', UICC_SCP02_KID1: 'scp02Mac', UICC_SCP02_KIK1: 'scp02Dek', UICC_SCP03_KIC1: 'scp03Enc', UICC_SCP03_KID1: 'scp03Mac', UICC_SCP03_KIK1: 'scp03Dek',
  scp81_psk: 'scp81Psk', scp81_dek: 'scp81Dek',
};
const cipher = (name: string) => createCipheriv('aes-128-ecb', Buffer.from(secret(name), 'hex'), null).setAutoPadding(false);
const wrap = (hex: string): string => cipher('the transport key of the sender').update(Buffer.from(hex, 'hex')).toString('hex');
const unwrap = (name: string, hex: string): string => createDecipheriv('aes-128-ecb', Buffer.from(secret(name), 'hex'), null).setAutoPadding(false).update(Buffer.from(hex, 'hex')).toString('hex');
/** Codes fill a block: eight stored octets and padding. */
const wrapCode = (digits: string): string => wrap(`${Buffer.from(digits).toString('hex')}${'ff'.repeat(16 - digits.length)}`);
const iccidBody = '898821100000770001';
const iccid = iccidBody + luhnCheckDigit(iccidBody);

let workspace: string;
let temporary: string;
let serving: Serving;
let client: EngineClient;
const heard: Buffer[] = [];
let unsubscribe = (): void => undefined;

beforeAll(async () => {
  ensureBuilt();
  workspace = newFolder();
  temporary = newFolder();
  serving = await serve(workspace, ['--environment', 'test', '--passphrase-fd', '3', '--smdp-address', 'smdp.test.example'], { fd3: 'canary passphrase of a test\n', env: { TMPDIR: temporary } });
  client = connectEngine(openWorkspaceFolder(workspace).engineSocket, 'cli');
  unsubscribe = client.subscribe('workspace.changes', {}, (data) => void heard.push(Buffer.from(JSON.stringify(data))));
}, 120_000);
afterAll(() => {
  unsubscribe();
  cleanUp();
});

function kept<T>(reply: Reply<T>): T {
  heard.push(Buffer.from(JSON.stringify(reply)));
  if (!reply.ok) throw new Error(`${reply.error.code}: ${reply.error.message}`);
  return reply.data;
}
const ask = async <T>(name: string, input: unknown = {}): Promise<T> => kept(await client.callByName(name, input) as Reply<T>);
const refused = async (name: string, input: unknown): Promise<string> => {
  const reply = await client.callByName(name, input);
  heard.push(Buffer.from(JSON.stringify(reply)));
  return reply.ok ? 'done' : reply.error.code;
};
const upload = async (bytes: Uint8Array): Promise<string> => kept(await client.upload(bytes)).handle;
async function done(job: { id: string }): Promise<{ state: string; message?: string; artefacts: { id: string; name: string }[] }> {
  for (;;) {
    const one = await ask<{ job?: { state: string }; state: string; message?: string; artefacts: { id: string; name: string }[] }>('jobs.show', { id: job.id });
    if (!['running', 'queued'].includes(one.state)) return one;
    await new Promise((next) => setTimeout(next, 50));
  }
}
async function fileAt(handle: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of await client.openFile(handle)) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
/** What a job made, as whoever gets it has it. */
async function made(started: { id: string }): Promise<Buffer> {
  const { state, message, artefacts } = await done(started);
  if (state !== 'done') throw new Error(`${state}: ${message}`);
  const offer = await ask<{ file: string }>('outputs.save', { id: artefacts[0]!.id });
  return fileAt(offer.file);
}
async function transportKey(name: string, canary: string): Promise<void> {
  const other = randomBytes(16);
  const rest = Buffer.from(secret(canary), 'hex').map((octet, i) => octet ^ other[i]!);
  await ask('transportKeys.add', { name, algorithm: 'aes-128', index: '5', components: [{ value: await upload(Buffer.from(other.toString('hex'))), custodian: 'Ada' }, { value: await upload(Buffer.from(Buffer.from(rest).toString('hex'))), custodian: 'Bob' }] });
}

test('no clear secret of a key set or code stands in files, answers, streams or logs of a Test workspace', { timeout: 240_000 }, async () => {
  const package_ = editPackage(buildSampleTemplate({ isim: 'own' }), [
    { kind: 'add-key-set', set: { protocol: 'scp81', version: 0x40, algorithm: 'aes', bytes: 16 } }, { kind: 'add-key-set', set: { protocol: 'scp03', version: 0x30, algorithm: 'aes', bytes: 32 } },
    { kind: 'add-key-set', set: { protocol: 'scp02', version: 0x20, algorithm: 'des', bytes: 16 } },
  ]).der;
  await ask('types.importTemplate', { file: await upload(package_), name: 'sets' });
  await ask('types.create', { name: 'Sets', template: 'sets' });
  await transportKey('Sender', 'the transport key of the sender');
  await transportKey('HLR', 'the transport key of the HLR');
  await transportKey('Platform', 'the transport key of the platform');

  // In clear it is refused, and what was looked at meanwhile is nowhere.
  const header = `iccid,imsi,${names.map((name) => (name === 'k' ? 'ki' : name)).join(',')},${codeNames.join(',')},UICC_SCP03_KIC1_KCV`;
  const clear = `${header}\n${iccid},001010000770001,${names.map(secret).join(',')},${codeNames.map(secret).join(',')},ABCDEF\n`;
  const opened = await ask<ImportView>('imports.open', { file: await upload(Buffer.from(clear)), fileName: 'clear.csv', type: 'Sets' });
  expect(await refused('imports.map', { id: opened.id, type: 'Sets' })).toBe('CLEAR_KEYS_REFUSED');
  expect(await refused('imports.validate', { id: opened.id })).toBe('IMPORT_UNMAPPED');
  await ask('imports.show', { id: opened.id });
  await ask('imports.discard', { id: opened.id });
  expect(await refused('profiles.add', { type: 'Sets', iccid, imsi: '001010000770001', secrets: await upload(Buffer.from(names.map((name) => `${name === 'k' ? 'ki' : name}=${secret(name)}`).join('\n'))) })).toBe('CLEAR_KEYS_REFUSED');

  const wrapped = (kcv: string): Buffer => Buffer.from(`${header}\n${iccid},001010000770001,${names.map((name) => wrap(secret(name))).join(',')},${codeNames.map((name) => wrapCode(secret(name))).join(',')},${kcv}\n`);
  const map = async (file: Buffer): Promise<ImportView> => {
    const { id, columns } = await ask<ImportView>('imports.open', { file: await upload(file), fileName: 'wrapped.csv', type: 'Sets' });
    await ask('imports.map', { id, type: 'Sets', columns: columns.map((one) => (one.field !== undefined && one.index > 1 && !one.field.endsWith('Kcv') ? { ...one, wrapping: { key: 'Sender', mode: 'ecb', reversed: 'no' } } : one)) });
    await done(await ask('imports.validate', { id }));
    return ask('imports.show', { id });
  };
  // A wrong row is shown, and written into a fix file, without a value.
  const wrong = await map(wrapped('ABCDEF'));
  expect(wrong.counts).toMatchObject({ good: 0, bad: 1 });
  await ask('imports.rows', { id: wrong.id, limit: 10 });
  await fileAt((await ask<{ file: string }>('imports.fixFile', { id: wrong.id })).file);
  await ask('imports.discard', { id: wrong.id });

  const kcv = createCipheriv('aes-256-ecb', Buffer.from(secret('UICC_SCP03_KIC1'), 'hex'), null).setAutoPadding(false).update(Buffer.alloc(16)).subarray(0, 3).toString('hex');
  const view = await map(wrapped(kcv));
  expect(view).toMatchObject({ counts: { good: 1, bad: 0 }, groups: [] });
  await ask('imports.rows', { id: view.id, limit: 10 });
  await ask('imports.preview', { id: view.id });
  expect(await done(await ask('imports.commit', { id: view.id }))).toMatchObject({ state: 'done' });
  const { job, batch } = await ask<{ job: { id: string }; batch: { id: string } }>('preparation.start', { plan: { type: 'Sets', count: 1 } });
  expect(await done(job)).toMatchObject({ state: 'done' });

  // Every recipient with all its kind may have; the rest is refused.
  const identity = await generateX25519Identity();
  const age = await identityToRecipient(identity);
  const columns = (kind: RecipientInput['kind']) => secretFields.filter((field) => (fieldRules[field].kinds as readonly string[]).includes(kind)).map((field) => ({ field, encoding: fieldRules[field].encodings[0] }));
  const recipient = async (kind: RecipientInput['kind'], more: object): Promise<string> => (await ask<{ id: string }>('outputs.addRecipient', { name: `${kind} of ${Object.keys(more).join(' ')}`, kind, format: 'csv', columns: [{ field: 'iccid' }, { field: 'impi' }, ...columns(kind)].filter((one) => kind !== 'print' || one.field !== 'impi'), ...more })).id;
  for (const kind of ['hlr', 'ota', 'print', 'custom'] as const) expect([kind, await refused('outputs.addRecipient', { name: `bare ${kind}`, kind, format: 'csv', columns: columns(kind) })]).toEqual([kind, 'WRAPPING_MISSING']);
  const files = new Map<string, Buffer>();
  for (const [name, id] of [
    ['hlr', await recipient('hlr', { transportKey: 'HLR' })], ['ota', await recipient('ota', { otaTransportKey: 'Platform' })], ['print', await recipient('print', { age: [age] })],
    ['custom', await recipient('custom', { transportKey: 'HLR', otaTransportKey: 'Platform', age: [age] })],
  ] as const) files.set(name, await made(await ask('outputs.make', { batch: batch.id, recipient: id })));
  files.set('labels', await made(await ask('outputs.labels', { batch: batch.id, kind: 'labels', sheet: 'a4-3x8', symbol: 'code128' })));
  await ask('orders.create', { type: 'Sets' });
  files.set('vouchers', await made(await ask('outputs.labels', { batch: batch.id, kind: 'vouchers', sheet: 'a4-3x8', symbol: 'qr' })));
  expect(await refused('outputs.labels', { batch: batch.id, kind: 'vouchers', sheet: 'a4-3x8', symbol: 'qr', puk: true })).toBe('LAB_ONLY');
  const saved = newFolder();
  for (const [name, bytes] of files) writeFileSync(join(saved, name), bytes);

  // Read again whatever there is to read.
  for (const name of ['workspace.status', 'workspace.home', 'types.list', 'types.templates', 'jobs.list', 'imports.list', 'imports.mappings', 'transportKeys.list', 'outputs.recipients', 'outputs.list', 'outputs.columns', 'preparation.list']) await ask(name).catch(() => undefined);
  await ask('audit.list', { limit: 500 }).catch(() => undefined);
  await ask('profiles.show', { id: iccid });
  const check = await ask<{ rows: { name: string; kcv?: string }[] }>('profiles.checkValues', { iccid });
  expect(check.rows.find((one) => one.name === 'scp03Enc')).toEqual({ name: 'scp03Enc', kcv: kcv.toUpperCase() });
  expect(check.rows.find((one) => one.name === 'adm2')).toEqual({ name: 'adm2' });
  await ask('preparation.show', { id: batch.id });
  const exported = await ask<{ file: string }>('profiles.export', { selection: { iccids: [iccid] }, columns: ['iccid', 'imsi', 'type', 'stock', 'secrets'], format: 'csv' });
  const list = await fileAt(exported.file);
  expect(list.toString()).toContain(iccid);
  writeFileSync(join(saved, 'export'), list);
  await ask('workspace.backup');

  // The canaries were really there: each comes out of the file of who may have it, and of no other.
  const row = (text: string): string[] => text.trim().split('\n')[1]!.split(',');
  const [ota, hlr] = [row(files.get('ota')!.toString()), row(files.get('hlr')!.toString())];
  const at = (kind: RecipientInput['kind'], field: string): number => 2 + columns(kind).findIndex((one) => one.field === field);
  for (const name of names.slice(2)) expect([name, unwrap('the transport key of the platform', ota[at('ota', fieldOf[name]!)]!)]).toEqual([name, secret(name)]);
  for (const name of ['k', 'opc']) expect([name, unwrap('the transport key of the HLR', hlr[at('hlr', name)]!)]).toEqual([name, secret(name)]);
  expect(hlr).toHaveLength(5);
  const opener = new Decrypter();
  opener.addIdentity(identity);
  const print = Buffer.from(await opener.decrypt(files.get('print')!)).toString();
  const custom = Buffer.from(await opener.decrypt(files.get('custom')!)).toString();
  for (const name of ['pin1', 'pin2', 'puk1', 'puk2']) expect([name, print.includes(secret(name))]).toEqual([name, true]);
  for (const name of ['adm1', 'adm2']) expect([name, print.includes(secret(name)), custom.includes(secret(name))]).toEqual([name, false, true]);
  // The whole file is encrypted, and keys in it once more.
  expect(findIn(Buffer.from(custom), needlesOf(canaries.filter((one) => one.kind === 'key')), 'the file for somebody else')).toEqual([]);

  const searched = new Set<string>();
  const search = (place: string): string[] => {
    const found = findBelow(place, needles);
    found.files.forEach((file) => searched.add(file));
    return found.hits;
  };
  const everywhere = (): string[] => [...search(workspace), ...search(temporary), ...search(saved), ...findIn(Buffer.concat(heard), needles, 'an answer'), ...findIn(Buffer.from(serving.stdout() + serving.stderr()), needles, 'what was printed')];
  expect(everywhere()).toEqual([]);
  unsubscribe();
  await serving.stop();
  expect(everywhere()).toEqual([]);
  for (const part of ['desk.db', 'logs/', 'vault/', 'outputs/', 'backups/']) expect([part, [...searched].some((file) => file.startsWith(join(workspace, part)))]).toEqual([part, true]);

  // A leak in any form would have been seen, in each place.
  for (const [place, leak] of [
    [join(workspace, 'logs', 'planted.log'), secret('UICC_SCP03_KIK1').toUpperCase()], [join(temporary, 'planted'), Buffer.from(secret('scp81_psk'), 'hex')],
    [join(saved, 'planted'), Buffer.from(secret('UICC_SCP02_KID1'), 'hex').toString('base64')], [join(workspace, 'outputs', 'planted'), secret('kik1').replaceAll(/(.)(.)/g, '$2$1')], [join(workspace, 'planted'), secret('adm2')],
  ] as const) {
    appendFileSync(place, leak);
    expect([place, everywhere().length > 0]).toEqual([place, true]);
    rmSync(place);
  }
  heard.push(Buffer.from(`{"kid":"${secret('kid1')}"}`));
  expect(everywhere()).toEqual([expect.stringMatching(/^kid1 as raw in an answer$/) as string]);
});
