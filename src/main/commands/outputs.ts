/** output, labels: files of batches for those who need them. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { contract } from '../../shared/contract/index.ts';
import { recipientInput } from '../../shared/contract/preparation.ts';
import { refuse, table } from './output.ts';
import { addCommand, collect, group, oneOf, type Options } from './program.ts';
import { existing, type Session, withSession } from './session.ts';

interface RecipientOptions {
  readonly preset?: string; readonly form?: string; readonly transportKey?: string; readonly otaTransportKey?: string; readonly age?: string[];
}

async function formOf(call: Session['call'], name: string, options: RecipientOptions): Promise<ReturnType<typeof recipientInput.parse>> {
  const { presets } = await call(contract.outputs.fields, {});
  const preset = presets.find((one) => one.id === options.preset);
  if (options.preset !== undefined && !preset) refuse('PRESET_UNKNOWN', `There is no preset ${options.preset}`, `Presets: ${presets.map((one) => one.id).join(', ')}`);
  let given: object = preset?.recipient ?? {};
  if (options.form !== undefined) {
    try {
      given = JSON.parse(readFileSync(options.form, 'utf8')) as object;
    } catch (error) {
      refuse('FILE_UNREADABLE', `${options.form} is no JSON file that can be read (${error instanceof SyntaxError ? 'malformed' : (error as NodeJS.ErrnoException).code ?? 'unknown reason'})`);
    }
  }
  const read = recipientInput.safeParse({
    ...given, name, ...(options.transportKey === undefined ? {} : { transportKey: options.transportKey }),
    ...(options.otaTransportKey === undefined ? {} : { otaTransportKey: options.otaTransportKey }), ...(options.age === undefined ? {} : { age: options.age }),
  });
  if (!read.success) refuse('INPUT_INVALID', `The recipient is incomplete: ${read.error.issues[0]?.path.join('.') ?? ''} ${read.error.issues[0]?.message ?? ''}`, 'Give --preset, or --form with a JSON file.');
  return read.data;
}

export function addOutputCommands(program: Command): void {
  const output = group(program, 'output', 'output files and who gets them');
  const recipient = group(output, 'recipient', 'who gets output files');
  addCommand(recipient, 'add <name>', 'register a recipient')
    .option('--preset <id>', 'what its system takes: hlr-rows, osmo-hlr-vty, open5gs, ota, print, vendor-out …')
    .option('--form <file>', 'its form as JSON, instead of a preset')
    .option('--transport-key <name>', 'transport key that wraps K and OPc')
    .option('--ota-transport-key <name>', 'transport key that wraps OTA keys')
    .option('--age <recipient>', 'encrypt the file to this age recipient; may be repeated', collect((text) => text))
    .action((name: string, options: Options<RecipientOptions>) => withSession(options, existing, async ({ call, output: out }) => {
      const made = await call(contract.outputs.addRecipient, await formOf(call, name, options));
      out.result(made, `${made.name} (${made.id}): ${made.protection}`);
    }));
  addCommand(recipient, 'list', 'list recipients')
    .action((options: Options) => withSession(options, existing, async ({ call, output: out }) => {
      const found = await call(contract.outputs.recipients, {});
      out.result(found, () => table(['name', 'id', 'kind', 'format', 'protection', ''], found.rows.map((one) => [one.name, one.id, one.kind, one.format, one.protection, one.problem ?? ''])));
    }));
  addCommand(output, 'make <batch> <recipient>', 'make the output file of a batch for a recipient')
    .option('--to <file>', 'and save it there')
    .action((batch: string, name: string, options: Options<{ to?: string }>) => withSession(options, existing, async ({ call, finish, saveFile, output: out }) => {
      const job = await finish(await call(contract.outputs.make, { batch, recipient: name }));
      const [made] = (await call(contract.jobs.show, { id: job.id })).artefacts;
      if (!made) refuse('OUTPUT_UNKNOWN', job.message ?? 'The file was not made');
      if (options.to !== undefined) await saveFile(await call(contract.outputs.save, { id: made.id }), options.to);
      out.result(made, `${made.name} (${made.id}): ${made.rows} rows, SHA-256 ${made.sha256}${options.to === undefined ? '' : `, saved to ${options.to}`}`);
    }));
  addCommand(output, 'list', 'list output files, newest first')
    .option('--batch <batch>', 'of this batch')
    .action((options: Options<{ batch?: string }>) => withSession(options, existing, async ({ call, output: out }) => {
      const found = await call(contract.outputs.list, options.batch === undefined ? {} : { batch: options.batch });
      out.result(found, () => table(['file', 'id', 'batch', 'for', 'rows', 'SHA-256', ''], found.rows.map((one) => [one.name, one.id, one.batchReference ?? '', one.recipient ?? '', String(one.rows), one.sha256, one.sweptAt === undefined ? '' : 'swept'])));
    }));
  addCommand(output, 'save <id> <file>', 'save an output file')
    .action((id: string, file: string, options: Options) => withSession(options, existing, async ({ call, saveFile, output: out }) => {
      const offer = await call(contract.outputs.save, { id });
      const bytes = await saveFile(offer, file);
      out.result({ id, file, bytes, sha256: offer.sha256 }, `${file}: ${bytes} octets, SHA-256 ${offer.sha256}`);
    }));
  addCommand(output, 'sweep <id...>', 'delete output files; row counts and digests stay')
    .action((ids: string[], options: Options) => withSession(options, existing, async ({ call, output: out }) => {
      const swept = await call(contract.outputs.sweep, { ids });
      out.result(swept, `${swept.files} files deleted, ${swept.bytes} octets`);
    }));
  addCommand(program, 'labels <batch>', 'label or voucher sheets of a batch as a PDF')
    .option('--vouchers', 'vouchers with activation codes instead of labels')
    .option('--sheet <format>', 'a4-3x8 (default) or a4-2x7', oneOf('a4-3x8', 'a4-2x7'))
    .option('--symbol <symbol>', 'code128 (default) or qr', oneOf('code128', 'qr'))
    .requiredOption('--to <file>', 'where the PDF goes')
    .action((batch: string, options: Options<{ vouchers?: boolean; sheet?: 'a4-3x8' | 'a4-2x7'; symbol?: 'code128' | 'qr'; to: string }>) => withSession(options, existing, async ({ call, finish, saveFile, output: out }) => {
      const job = await finish(await call(contract.outputs.labels, { batch, kind: options.vouchers ? 'vouchers' : 'labels', sheet: options.sheet ?? 'a4-3x8', symbol: options.symbol ?? 'code128' }));
      const [made] = (await call(contract.jobs.show, { id: job.id })).artefacts;
      if (!made) refuse('OUTPUT_UNKNOWN', job.message ?? 'The file was not made');
      await saveFile(await call(contract.outputs.save, { id: made.id }), options.to);
      out.result({ ...made, file: options.to }, `${options.to}: SHA-256 ${made.sha256}`);
    }));
}
