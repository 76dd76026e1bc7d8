/** stock, range, profile: the inventory from the command line. */
import type { Command } from 'commander';
import { contract } from '../../shared/contract/index.ts';
import { addImportCommand } from './imports.ts';
import { table } from './output.ts';
import { addCommand, group, type Options, wholeNumber } from './program.ts';
import { existing, withSession } from './session.ts';

export function addStockCommands(program: Command): void {
  const stock = group(program, 'stock', 'stock files');
  addImportCommand(stock);

  const range = group(program, 'range', 'number ranges');
  addCommand(range, 'create', 'register a range of numbers for a profile type')
    .requiredOption('--type <name>', 'profile type')
    .requiredOption('--iccid-first <digits>', 'first ICCID, 18 digits or 19 with check digit')
    .requiredOption('--imsi-first <digits>', 'first IMSI')
    .option('--msisdn-first <digits>', 'first MSISDN')
    .requiredOption('--count <number>', 'how many', wholeNumber)
    .action((options: Options<{ type: string; iccidFirst: string; imsiFirst: string; msisdnFirst?: string; count: number }>) => withSession(options, {}, async ({ call, output }) => {
      const made = await call(contract.stock.createRange, {
        type: options.type, iccidFirst: options.iccidFirst, imsiFirst: options.imsiFirst, count: options.count,
        ...(options.msisdnFirst !== undefined ? { msisdnFirst: options.msisdnFirst } : {}),
      });
      output.result(made, `Range ${made.id}: ICCID ${made.iccidFirst} to ${made.iccidLast}, IMSI ${made.imsiFirst} to ${made.imsiLast}`);
    }));
  addCommand(range, 'list', 'list ranges')
    .action((options: Options) => withSession(options, existing, async ({ call, output }) => {
      const { rows } = await call(contract.stock.ranges, {});
      output.result({ rows }, () => table(['type', 'first ICCID', 'first IMSI', 'count', 'used'], rows.map((r) => [r.type, r.iccidFirst, r.imsiFirst, String(r.count), String(r.used)])));
    }));

  const profile = group(program, 'profile', 'single profiles');
  addCommand(profile, 'add', 'add one profile to the stock')
    .requiredOption('--type <name>', 'profile type')
    .requiredOption('--iccid <digits>', 'ICCID')
    .requiredOption('--imsi <digits>', 'IMSI')
    .option('--msisdn <digits>', 'MSISDN')
    .option('--secrets <file>', 'file with lines like ki=…, opc=…, pin1=… ("-" reads standard input)')
    .action((options: Options<{ type: string; iccid: string; imsi: string; msisdn?: string; secrets?: string }>) => withSession(options, {}, async ({ call, uploadFile, output }) => {
      const added = await call(contract.profiles.add, {
        type: options.type, iccid: options.iccid, imsi: options.imsi,
        ...(options.msisdn !== undefined ? { msisdn: options.msisdn } : {}),
        ...(options.secrets !== undefined ? { secrets: await uploadFile(options.secrets) } : {}),
      });
      output.result(added, `${added.iccid}: ${added.state.stock}`);
    }));
  addCommand(profile, 'show <id>', 'show one profile')
    .action((id: string, options: Options) => withSession(options, existing, async ({ call, output }) => {
      const found = await call(contract.profiles.show, { id });
      output.result(found, () => [
        `${found.iccid}  ${found.type}  IMSI ${found.imsi}`,
        `order ${found.state.order}, network ${found.state.network}, stock ${found.state.stock}, device ${found.state.device}`,
        ...found.timeline.map((e) => `${new Date(e.at).toISOString()}  ${e.stage.padEnd(14)} ${e.text}${e.code ? ` [${e.code}]` : ''}`),
      ].join('\n'));
    }));
}
