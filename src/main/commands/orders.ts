/** order create, release, cancel, show, list. */
import type { Command } from 'commander';
import { contract } from '../../shared/contract/index.ts';
import { table } from './output.ts';
import { addCommand, group, type Options, usage, wholeNumber } from './program.ts';
import { existing, withSession } from './session.ts';

interface CreateOptions {
  type?: string; iccid?: string; eid?: string; matchingId?: string; confirmationCodeFile?: string; expires?: string;
  downloadLimit?: number; release: boolean;
}

export function addOrderCommands(program: Command): void {
  const order = group(program, 'order', 'orders and activation codes');
  addCommand(order, 'create', 'order a profile and get its activation code')
    .option('--type <name>', 'any sellable profile of this type')
    .option('--iccid <digits>', 'this profile')
    .option('--eid <digits>', 'only this eUICC may download it')
    .option('--matching-id <id>', 'own MatchingID; empty: the device is found by its EID')
    .option('--confirmation-code-file <file>', 'file with the confirmation code ("-" reads standard input)')
    .option('--expires <when>', 'ISO 8601, or a span like 30d or 12h')
    .option('--download-limit <number>', 'how many times the download may be tried', wholeNumber)
    .option('--no-release', 'confirm only; release later')
    .action((options: Options<CreateOptions>) => options.type === undefined && options.iccid === undefined ? usage('give --type or --iccid') : withSession(options, {}, async ({ call, uploadFile, output }) => {
      const made = await call(contract.orders.create, {
        release: options.release,
        ...(options.type !== undefined ? { type: options.type } : {}),
        ...(options.iccid !== undefined ? { iccid: options.iccid } : {}),
        ...(options.eid !== undefined ? { eid: options.eid } : {}),
        ...(options.matchingId !== undefined ? { matchingId: options.matchingId } : {}),
        ...(options.expires !== undefined ? { expires: options.expires } : {}),
        ...(options.downloadLimit !== undefined ? { downloadLimit: options.downloadLimit } : {}),
        ...(options.confirmationCodeFile !== undefined ? { confirmationCode: await uploadFile(options.confirmationCodeFile) } : {}),
      });
      output.result(made, `${made.orderId}  ${made.iccid}  ${made.state}\nLPA:${made.activationCode}`);
    }));
  addCommand(order, 'release <orderId>', 'make a confirmed order downloadable')
    .action((orderId: string, options: Options) => withSession(options, existing, async ({ call, output }) => {
      const done = await call(contract.orders.release, { orderId });
      output.result(done, `${done.orderId}: ${done.state}`);
    }));
  addCommand(order, 'cancel <orderId>', 'cancel an order')
    .option('--unavailable', 'the profile does not return to stock')
    .action((orderId: string, options: Options<{ unavailable?: boolean }>) => withSession(options, existing, async ({ call, output }) => {
      const done = await call(contract.orders.cancel, { orderId, finalState: options.unavailable ? 'unavailable' : 'available' });
      output.result(done, `${done.orderId}: profile ${done.iccid} is ${done.state}`);
    }));
  addCommand(order, 'show <orderId>', 'show an order')
    .action((orderId: string, options: Options) => withSession(options, existing, async ({ call, output }) => {
      const found = await call(contract.orders.show, { orderId });
      output.result(found, () => [
        `${found.orderId}  ${found.iccid}  ${found.state}${found.delivery ? `\n${found.delivery.lpaCode}` : ''}`,
        ...found.timeline.map((e) => `${new Date(e.at).toISOString()}  ${e.stage.padEnd(14)} ${e.text}${e.code ? ` [${e.code}]` : ''}`),
      ].join('\n'));
    }));
  addCommand(order, 'list', 'list orders, newest first')
    .option('--limit <number>', 'how many', wholeNumber)
    .action((options: Options<{ limit?: number }>) => withSession(options, existing, async ({ call, output }) => {
      const page = await call(contract.orders.list, { limit: Math.max(1, Math.min(options.limit ?? 100, 500)) });
      output.result(page, () => table(['order', 'ICCID', 'state', 'MatchingID', 'EID'], page.rows.map((r) => [r.orderId, r.iccid, r.state, r.matchingId, r.eid ?? ''])));
    }));
}
