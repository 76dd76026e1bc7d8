import { createDecipheriv } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterEach, describe, expect, it } from 'vitest';
import type { JobArtefact } from '../../../src/shared/contract/jobs.ts';
import type { Environment } from '../../../src/main/engine/context.ts';
import { write } from '../../../src/main/engine/store/index.ts';
import { recipientInput } from '../../../src/shared/contract/preparation.ts';
import { outputPresets, planLayout, renderRows } from '../../../src/shared/output/index.ts';
import type { TestEngine } from '../../support/engine.ts';
import { addStock, batchEngine, iccid, imsi, invariants, key, run, shown } from './support.ts';

let engine: TestEngine;
afterEach(async () => {
  invariants(engine.ctx.sqlite);
  await engine.close();
});

const open = async (environment: Environment = 'lab', count = 5): Promise<string> => {
  engine = await batchEngine({ vault: 'in-process', environment });
  await addStock(engine, count);
  return (await run(engine, { count, reference: '=HYPERLINK("x")', order: 'PO-7' })).id;
};
/** 000102…0f, registered as an operator would have done it. */
async function transportKey(name: string, index: string | null, first = 0): Promise<Buffer> {
  const octets = Buffer.from(Array.from({ length: 16 }, (_, i) => i + first));
  const made = await engine.ctx.vault.call('createTransportKey', { algorithm: 'aes-128', components: [{ value: Buffer.from(octets.toString('hex')) }], weak: false });
  await engine.ctx.db.insertInto('transport_keys').values({ name, algorithm: 'aes-128', sealed: made.sealed, kcv: Buffer.from(made.kcv).toString('hex'), convention: made.convention, checked: 0, key_index: index, components: 1, custodians: '[]', actor: 'test', created_at: 0 } as never).execute();
  return octets;
}
const form = (one: object) => ({ name: 'Somebody', kind: 'custom', format: 'csv', columns: [{ field: 'iccid' }], ...one });
const add = (one: object): Promise<{ id: string; protection: string }> => engine.ok<never>('outputs.addRecipient', form(one));
const file = (artefact: JobArtefact): Buffer => readFileSync(join(engine.folder, 'outputs', `${artefact.id}-${artefact.name}`));
async function make(batch: string, recipient: string): Promise<JobArtefact> {
  const job = await engine.ok<{ id: string }>('outputs.make', { batch, recipient } as never);
  await engine.jobs.idle();
  const done = await engine.ok<{ state: string; message?: string; artefacts: JobArtefact[] }>('jobs.show', { id: job.id } as never);
  if (done.state !== 'done') throw new Error(`${done.state}: ${done.message}`);
  return done.artefacts[0]!;
}

describe('who gets what', () => {
  it('is a rule of the kind: an HLR never OTA keys or codes, an OTA platform never K, a print house no key at all', async () => {
    await open();
    for (const [kind, field] of [['hlr', 'scp80Kic'], ['hlr', 'puk1'], ['hlr', 'adm1'], ['ota', 'k'], ['ota', 'opc'], ['ota', 'kKcv'], ['ota', 'pin1'], ['print', 'k'], ['print', 'opc'], ['print', 'scp80Kid'], ['print', 'adm1']] as const) {
      const refused = await engine.refused('outputs.addRecipient', form({ kind, columns: [{ field: 'iccid' }, { field }] }));
      expect(refused, `${kind} ${field}`).toMatchObject({ code: 'COLUMN_REFUSED', field: 'columns.1', message: expect.stringMatching(/never gets/) as string });
    }
    expect(await engine.refused('outputs.addRecipient', form({ kind: 'ota', format: 'template', template: '{{imsi}} {{k}}' }))).toMatchObject({ code: 'COLUMN_REFUSED' });
    expect(await engine.refused('outputs.addRecipient', form({ format: 'template', template: '{{imsi}} {{nope}}' }))).toMatchObject({ code: 'TEMPLATE_MALFORMED', message: 'There is no field nope.' });
    expect(await engine.refused('outputs.addRecipient', form({ columns: [{ field: 'imsi', encoding: 'swapped' }] }))).toMatchObject({ code: 'COLUMN_INVALID' });
  });
  it('has a wrapped key and its index, or no index: 0 would say that the key is in the clear', async () => {
    await open();
    await transportKey('Nameless', null);
    await transportKey('Zero', '0', 1);
    await transportKey('Seven', '7', 2);
    const wrapped = (one: object, transportKey: string) => form({ kind: 'hlr', transportKey, ...one });
    const rows = { format: 'template', template: '{{imsi}};{{k}};{{keyIndex}}' };
    for (const one of [rows, { columns: [{ field: 'opc' }, { field: 'keyIndex' }] }, { format: 'out', columns: [{ field: 'k' }] }]) {
      for (const name of ['Nameless', 'Zero']) expect(await engine.refused('outputs.addRecipient', wrapped(one, name)), name).toMatchObject({ code: 'KEY_INDEX_MISSING', field: 'transportKey', message: expect.stringMatching(new RegExp(`in the clear.*Import stock > Transport keys.*transport-key change "${name}" --index 7`)) as string });
    }
    expect(await engine.refused('outputs.addRecipient', form({ otaTransportKey: 'Nameless', columns: [{ field: 'scp80Kic' }, { field: 'otaKeyIndex' }] }))).toMatchObject({ code: 'KEY_INDEX_MISSING', field: 'otaTransportKey' });
    await add(wrapped({ name: 'no index', columns: [{ field: 'k' }] }, 'Nameless'));
    await add(wrapped({ name: 'no key', columns: [{ field: 'imsi' }, { field: 'keyIndex' }] }, 'Nameless'));
    await add(wrapped({ name: 'seven', ...rows }, 'Seven'));
  });
  it('is no secret in a line that stands once, and no field at all', async () => {
    await open();
    const template = { format: 'template', template: '{{iccid}}' };
    expect(await engine.refused('outputs.addRecipient', form({ ...template, kind: 'print', head: 'K {{k}}' }))).toMatchObject({ code: 'COLUMN_REFUSED', field: 'head' });
    expect(await engine.refused('outputs.addRecipient', form({ ...template, foot: 'end {{ puk1 }}' }))).toMatchObject({ code: 'TEMPLATE_MALFORMED', field: 'foot' });
  });
  it('outside the Lab no key leaves without a transport key and no code without age, in the engine and in the vault itself', async () => {
    await open('live');
    const identity = await generateX25519Identity();
    const age = [await identityToRecipient(identity)];
    await transportKey('K4', '3');
    expect(await engine.refused('outputs.addRecipient', form({ kind: 'hlr', columns: [{ field: 'k' }] }))).toMatchObject({ code: 'WRAPPING_MISSING', message: expect.stringContaining('K (Ki) leaves the workspace only under a transport key') as string });
    expect(await engine.refused('outputs.addRecipient', form({ kind: 'print', columns: [{ field: 'puk1' }], transportKey: 'K4' }))).toMatchObject({ code: 'WRAPPING_MISSING' });
    expect(await engine.refused('outputs.addRecipient', form({ columns: [{ field: 'scp80Kic' }], transportKey: 'K4' }))).toMatchObject({ code: 'WRAPPING_MISSING' });
    await add({ name: 'HLR', kind: 'hlr', columns: [{ field: 'k' }], transportKey: 'K4' });
    await add({ name: 'Printer', kind: 'print', columns: [{ field: 'puk1' }], age });
    // The engine forgetting its rule is not enough.
    const head = { quantity: 1, type: '', batch: '', customer: '', keyIndex: '', otaKeyIndex: '' };
    const asked = recipientInput.parse(form({ kind: 'hlr', columns: [{ field: 'k' }] }));
    await expect(engine.ctx.vault.call('openOutput', { form: Buffer.from(JSON.stringify(asked)), head, clear: false })).rejects.toMatchObject({ code: 'WRAPPING_MISSING' });
    await expect(engine.ctx.vault.call('openOutput', { form: Buffer.from(JSON.stringify({ ...asked, kind: 'ota' })), head, clear: true })).rejects.toMatchObject({ code: 'VAULT_INPUT_INVALID' });
    expect(await engine.refused('outputs.addRecipient', form({ columns: [{ field: 'k' }], transportKey: 'Gone' }))).toMatchObject({ code: 'TRANSPORT_KEY_UNKNOWN' });
    expect(await engine.refused('outputs.addRecipient', form({ columns: [{ field: 'k' }, { field: 'scp80Kic' }], transportKey: 'K4', otaTransportKey: 'K4' }))).toMatchObject({ code: 'TRANSPORT_KEY_REFUSED' });
    expect(await engine.refused('outputs.addRecipient', form({ age: ['age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq'], columns: [{ field: 'k' }] })).catch(() => ({ code: 'taken' }))).toMatchObject({ code: expect.any(String) as string });
  });
});

describe('an output file', () => {
  it('has K and OPc under the transport key, values the HLR can open, its row count and digest', async () => {
    const batch = await open('live', 2_100);
    const k4 = await transportKey('K4', '3');
    const { id, protection } = await add({ name: 'HLR', kind: 'hlr', format: 'template', template: '{{imsi}};{{k:hex-upper}};{{keyIndex}};{{opc}};{{amf}}', head: 'BEGIN', foot: 'END', transportKey: 'K4' });
    expect(protection).toBe('K and OPc under transport key K4');
    const made = await make(batch, id);
    expect(made).toMatchObject({ rows: 2_100, protection, recipient: 'HLR' });
    const lines = file(made).toString().trimEnd().split('\n');
    expect(lines).toHaveLength(2_102);
    expect([lines[0], lines[2_101]]).toEqual(['BEGIN', 'END']);
    const [number, ek, index, eopc, amf] = lines[2_100]!.split(';') as [string, string, string, string, string];
    const opened = (text: string): string => {
      const decipher = createDecipheriv('aes-128-ecb', k4, null).setAutoPadding(false);
      return decipher.update(Buffer.from(text, 'hex')).toString('hex').toUpperCase();
    };
    expect([number, opened(ek), index, opened(eopc), amf]).toEqual([imsi(2_100), key(2_100), '3', key(2_100, 'BB'), '8000']);
    expect(lines.some((line) => line.toUpperCase().includes(key(1)))).toBe(false);
  });
  it('encrypted to an age recipient is opened by that recipient alone, in pieces larger than one chunk', async () => {
    const batch = await open('live', 2_100);
    const identity = await generateX25519Identity();
    const { id } = await add({ name: 'Print', kind: 'print', columns: [{ field: 'row' }, { field: 'iccid' }, { field: 'pin1' }, { field: 'puk1' }], age: [await identityToRecipient(identity)] });
    const made = await make(batch, id);
    expect(made.name.endsWith('.csv.age')).toBe(true);
    const sealed = file(made);
    expect(sealed.includes(iccid(1))).toBe(false);
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const lines = (await decrypter.decrypt(Uint8Array.from(sealed), 'text')).trimEnd().split('\n');
    expect(lines).toHaveLength(2_101);
    expect(lines[0]).toBe('row,iccid,pin1,puk1');
    lines.slice(1).forEach((line, index) => expect(line).toMatch(new RegExp(`^${index + 1},${iccid(index + 1)},\\d{4},\\d{8}$`)));
    const other = new Decrypter();
    other.addIdentity(await generateX25519Identity());
    await expect(other.decrypt(Uint8Array.from(sealed))).rejects.toThrow();
  });
  it('keeps identifiers exact and takes the formula out of text, in every format', async () => {
    const batch = await open();
    const columns = [{ field: 'iccid', encoding: 'swapped' }, { field: 'imsi', encoding: 'ef' }, { field: 'batch' }, { field: 'constant', name: 'note', value: '+1;2' }, { field: 'acc' }];
    const texts: Record<string, string> = {};
    for (const format of ['csv', 'semicolon', 'tab', 'json-lines', 'out'] as const) texts[format] = file(await make(batch, (await add({ name: format, format, columns })).id)).toString();
    const n = iccid(1);
    const swapped = `${n}F`.replace(/(.)(.)/g, '$2$1');
    expect(texts['csv']!.split('\n').slice(0, 2)).toEqual(['iccid,imsi,batch,note,acc', `${swapped},080910100000000010,"'=HYPERLINK(""x"")",'+1;2,0002`]);
    expect(texts['semicolon']!.split('\n')[1]).toBe(`${swapped};080910100000000010;"'=HYPERLINK(""x"")";"'+1;2";0002`);
    expect(JSON.parse(texts['json-lines']!.split('\n')[0]!)).toMatchObject({ iccid: swapped, batch: '=HYPERLINK("x")', note: '+1;2' });
    expect(texts['out']).toContain('Quantity: 5\n');
    expect(texts['out']).toContain('var_out: iccid/imsi/batch/note/acc\n');
    expect(texts['tab']!.split('\n')[1]!.split('\t')).toHaveLength(5);
  });
  it('takes the formula out of headings too', async () => {
    const batch = await open();
    for (const [format, first] of [['csv', `'=1+1,imsi`], ['tab', `'=1+1\timsi`], ['json-lines', `{"=1+1":"${iccid(1)}"`]] as const) {
      const columns = [{ field: 'iccid', name: '=1+1' }, { field: 'imsi' }];
      expect(file(await make(batch, (await add({ name: format, format, columns })).id)).toString().startsWith(first), format).toBe(true);
    }
  });
  it('leaves out the section of a row without the value it is for', async () => {
    const template = '{{imsi}}\n{{#msisdn}}msisdn {{msisdn}}\n{{/msisdn}}end';
    const { layout, problems } = planLayout(recipientInput.parse(form({ format: 'template', template })));
    expect(problems).toEqual([]);
    expect(Buffer.from(renderRows(layout, [{ open: { imsi: '1', msisdn: '49' } }, { open: { imsi: '2', msisdn: '' } }])).toString()).toBe('1\nmsisdn 49\nend\n2\nend\n');
    for (const bad of ['{{#msisdn}}a', 'a{{/msisdn}}', '{{#msisdn}}{{#imsi}}{{/imsi}}{{/msisdn}}', '{{#k}}{{imsi}}{{/k}}', '{{#msisdn}}a{{/imsi}}']) {
      expect(planLayout(recipientInput.parse(form({ format: 'template', template: bad }))).problems[0], bad).toMatchObject({ code: 'TEMPLATE_MALFORMED' });
    }
    const vty = outputPresets.find((one) => one.id === 'osmo-hlr-vty')!.recipient;
    const written = (msisdn: string) => Buffer.from(renderRows(planLayout({ ...vty, kind: 'hlr' }).layout, [{ open: { imsi: '1', msisdn } }])).toString().split('\n').map((line) => line.split(' ').slice(3, 5).join(' '));
    expect(written('49')).toEqual(['create', 'update msisdn', 'update aud3g', '']);
    expect(written('')).toEqual(['create', 'update aud3g', '']);
    await open();
  });
  it('of the Lab may hold secrets in the clear, and says so', async () => {
    const batch = await open();
    const { id, protection } = await add({ name: 'Lab .out', format: 'out', columns: [{ field: 'imsi', name: 'IMSI' }, { field: 'k', name: 'KI', encoding: 'hex-upper' }, { field: 'adm1', name: 'ADM1' }, { field: 'kKcv', name: 'KCV' }] });
    expect(protection).toBe('Secrets in the clear (Lab only)');
    expect(file(await make(batch, id)).toString().split('\n').at(-2)).toMatch(new RegExp(`^${imsi(5)} ${key(5)} \\d{8} [0-9A-F]{6}$`));
  });
  it('is handed out as it was made, or not at all; swept, only its digest is left', async () => {
    const batch = await open();
    const made = await make(batch, (await add({})).id);
    const offer = await engine.ok<{ file: string; sha256: string; bytes: number }>('outputs.save', { id: made.id } as never);
    const parts: Buffer[] = [];
    for await (const part of engine.files.take(offer.file)!.open()) parts.push(Buffer.from(part));
    expect([Buffer.concat(parts), offer.sha256]).toEqual([file(made), made.sha256]);
    appendFileSync(join(engine.folder, 'outputs', `${made.id}-${made.name}`), 'x');
    expect(await engine.refused('outputs.save', { id: made.id })).toMatchObject({ code: 'OUTPUT_DAMAGED' });
    expect(await engine.ok('outputs.sweep', { ids: [made.id] })).toEqual({ files: 1, bytes: made.bytes });
    expect(await engine.refused('outputs.save', { id: made.id })).toMatchObject({ code: 'OUTPUT_SWEPT' });
    expect((await engine.ok<{ rows: object[] }>('outputs.list', { batch } as never)).rows).toContainEqual(expect.objectContaining({ id: made.id, opened: 1, sweptAt: expect.any(Number) as number }));
    const events = await engine.ctx.reader.selectFrom('audit').select('event').where('event', 'like', 'output.%').where('outcome', '=', 'done').execute();
    expect(events.map((one) => one.event).filter((one) => one !== 'output.made')).toEqual(['output.recipient_added', 'output.started', 'output.opened', 'output.swept']);
    expect(readdirSync(join(engine.folder, 'outputs'))).not.toContain(`${made.id}-${made.name}`);
  });
  it('that cannot be made leaves its sentence and the others', async () => {
    await open();
    await addStock(engine, 3, 101);
    const { id } = await add({ name: 'HLR', kind: 'hlr', columns: [{ field: 'k' }] });
    const other = await add({ name: 'List' });
    const { batch } = await engine.ok<{ batch: { id: string } }>('preparation.start', { plan: { type: 'Sample', count: 3, outputs: [id, other.id] } } as never);
    await write(engine.ctx, (tx) => tx.updateTable('recipients').set({ form: JSON.stringify(form({ name: 'HLR', kind: 'hlr', columns: [{ field: 'scp80Kic' }], lines: [], age: [], header: true, lineEnd: 'lf' })) }).where('id', '=', id).execute());
    await engine.jobs.idle();
    const done = await shown(engine, batch.id);
    // The recipient may have been changed after its file was made.
    if (done.artefacts.length === 4) return;
    expect(done.artefacts.map((one) => one.title)).toEqual(['Output for List', 'Digest list of the packages', 'Ticket of the batch']);
    expect(done.jobs.at(-1)).toMatchObject({ kind: 'output', state: 'partly-failed', message: expect.stringContaining('never gets OTA keys') as string });
  });
  it('has a specimen and presets that pass their own rules', async () => {
    await open();
    const { presets, fields } = await engine.ok<{ presets: { id: string; recipient: object }[]; fields: { field: string; encodings: { example: string }[] }[] }>('outputs.fields', {} as never);
    expect(fields.find((one) => one.field === 'iccid')!.encodings.map((one) => one.example)).toEqual(['8988211000000000003', '8988211000000000003F', '898821100000000000', '988812010000000000F3']);
    for (const preset of presets) {
      const checked = await engine.ok<{ problems: object[]; specimen: string }>('outputs.check', preset.recipient as never);
      expect(checked.problems, preset.id).toEqual([]);
      expect(checked.specimen.length, preset.id).toBeGreaterThan(20);
      expect(checked.specimen, preset.id).not.toContain('{{');
    }
  });
});
