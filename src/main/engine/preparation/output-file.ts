/** The output file of a recipient: open values come from the database, secrets from the vault, which writes the rows. */
import { byteWriter, fieldsOf, planLayout, writeFoot, writeHead, writeRow } from '../../../shared/output/index.ts';
import type { FileHead } from '../../../shared/output/index.ts';
import type { OutputField, RecipientInput } from '../../../shared/contract/preparation.ts';
import { utf8Bytes } from '../../../shared/tlv/index.ts';
import type { OperationInput } from '../../vault-link/operations.ts';
import { VaultError } from '../../vault-link/operations.ts';
import type { EngineContext } from '../context.ts';
import { DeskProblem } from '../context.ts';
import { withTemplate } from '../types/index.ts';
import { activationCodeOf } from './activation.ts';
import type { FileFacts, FileMaker, FileRow } from './files.ts';
import { protectionOf, recipientById, recipientProblem, transportKeyNamed } from './recipients.ts';

const extensions: Readonly<Record<RecipientInput['format'], string>> = { csv: 'csv', semicolon: 'csv', tab: 'tsv', 'json-lines': 'jsonl', out: 'out', template: 'txt' };
const mediaTypes: Readonly<Record<RecipientInput['format'], string>> = { csv: 'text/csv', semicolon: 'text/csv', tab: 'text/tab-separated-values', 'json-lines': 'application/jsonl', out: 'text/plain', template: 'text/plain' };

type Open = Partial<Record<OutputField, string>>;

function openValues(facts: FileFacts, indices: { readonly keyIndex: string; readonly otaKeyIndex: string }): (row: FileRow, number: number) => Open {
  const { batch, type, template } = facts;
  const same: Open = {
    type, template: template.name, templateVersion: String(template.version), batch: batch.reference, order: batch.order_reference ?? '', brand: batch.brand ?? '',
    algorithm: template.algorithm, amf: '8000', ...indices,
  };
  return (row, number) => ({
    ...same, iccid: row.iccid, imsi: row.imsi, msisdn: row.msisdn ?? '', eid: row.eid ?? '', stock: row.stock_state, orderState: row.order_state, row: String(number),
    packageDigest: row.package_digest ? Buffer.from(row.package_digest).toString('hex') : '', preparedAt: row.prepared_at === null ? '' : String(row.prepared_at),
    matchingId: row.matching_id ?? '', smdpAddress: row.smdp_address ?? '', activationCode: activationCodeOf(row) ?? '',
  });
}

/** Open values that stand in the sealed profile only. */
const inProfile = ['acc', 'impi', 'impu'] as const satisfies readonly OutputField[];

/** A file the vault forgot in a restart begins again, as when it is away. */
async function asking<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof VaultError && error.code === 'OUTPUT_UNKNOWN') throw new VaultError('VAULT_UNAVAILABLE', 'the vault started again while it wrote an output file');
    throw error;
  }
}

/** Throws {@link DeskProblem} with what keeps the file from being made. */
export async function outputFile(ctx: EngineContext, facts: FileFacts, recipientId: string): Promise<FileMaker> {
  const { id, form } = await recipientById(ctx.reader, recipientId);
  const { problem } = await recipientProblem(ctx, id);
  if (problem !== undefined) throw new DeskProblem('RECIPIENT_UNUSABLE', problem);
  const { layout } = planLayout(form);
  const fields = fieldsOf(layout);
  const { batch, type } = facts;
  const keyOf = async (name: string | undefined, wrapping: RecipientInput['wrapping']): Promise<{ index: string; key?: OperationInput<'openOutput'>['network'] }> => {
    const key = name === undefined ? undefined : await transportKeyNamed(ctx.reader, name);
    if (!key) return { index: '' };
    return { index: key.index, key: { algorithm: key.algorithm as NonNullable<OperationInput<'openOutput'>['network']>['algorithm'], sealed: key.sealed, mode: wrapping?.mode ?? 'ecb', reversed: wrapping?.reversed ?? 'no' } };
  };
  const network = await keyOf(form.transportKey, form.wrapping);
  const ota = await keyOf(form.otaTransportKey, form.otaWrapping);
  const head: FileHead = { quantity: batch.prepared, type, batch: batch.reference, customer: batch.brand ?? '', keyIndex: network.index, otaKeyIndex: ota.index };
  const valuesOf = openValues(facts, { keyIndex: network.index === '' ? '0' : network.index, otaKeyIndex: ota.index === '' ? '0' : ota.index });
  const base = {
    kind: 'output' as const, title: `Output for ${form.name}`, recipientId: id, protection: protectionOf(form), mediaType: form.age.length > 0 ? 'application/octet-stream' : mediaTypes[form.format],
    name: `${form.fileName ?? `${batch.reference} ${form.name}`}.${extensions[form.format]}${form.age.length > 0 ? '.age' : ''}`,
  };
  let number = 0;
  if (layout.secrets.length === 0 && form.age.length === 0 && !inProfile.some((field) => fields.has(field))) {
    const out = byteWriter();
    return {
      ...base,
      head: () => {
        writeHead(layout, head, out);
        return out.take();
      },
      rows: (rows) => {
        for (const row of rows) writeRow(layout, { open: valuesOf(row, ++number) }, out);
        return out.take();
      },
      foot: () => {
        writeFoot(layout, out);
        return out.take();
      },
    };
  }
  const { batch_key: batchKey } = await ctx.reader.selectFrom('batches').select('batch_key').where('id', '=', batch.batch_id).executeTakeFirstOrThrow();
  let session = '';
  return {
    ...base,
    head: async () => {
      const opened = await ctx.vault.call('openOutput', {
        form: utf8Bytes(JSON.stringify(form)), head, clear: ctx.environment === 'lab', ...(network.key ? { network: network.key } : {}), ...(ota.key ? { ota: ota.key } : {}),
      });
      session = opened.session;
      return opened.octets;
    },
    rows: async (rows) => {
      const gone = rows.find((row) => row.slots === null);
      if (gone) throw new DeskProblem('SECRETS_ERASED', `The secrets of profile ${gone.iccid} were erased when it was retired, so the file would not be whole.`);
      const items = rows.map((row) => ({ iccid: row.iccid, sealed: row.slots!, open: valuesOf(row, ++number) as Record<string, string> }));
      return asking(async () => (await withTemplate(ctx, batch.template_id, (template) => ctx.vault.call('outputRows', { session, template, batchKey, items }))).octets);
    },
    foot: () => asking(async () => (await ctx.vault.call('closeOutput', { session, drop: false })).octets),
    drop: async () => {
      if (session !== '') await ctx.vault.call('closeOutput', { session, drop: true }).catch((error: unknown) => ctx.log.warn('the vault could not be told that a file is given up', { error }));
    },
  };
}
