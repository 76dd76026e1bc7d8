/** order create, reserve, confirm, release, cancel, show, list. */
import type { Command } from 'commander';
import type { OutputOf } from '../../shared/contract/define.ts';
import { contract } from '../../shared/contract/index.ts';
import { parseEid } from '../../shared/identifiers/index.ts';
import { demandBrand } from './brands.ts';
import { CommandRefused, table } from './output.ts';
import { addCommand, group, type Options, usage, wholeNumber } from './program.ts';
import { existing, type Session, withSession } from './session.ts';

interface CreateOptions {
  type?: string; iccid?: string; eid?: string; matchingId?: string; confirmationCodeFile?: string; expires?: string;
  downloadLimit?: number; release: boolean;
}

type Order = OutputOf<typeof contract.orders.show>;
type Page = OutputOf<typeof contract.orders.list>;

/** By its id; else by MatchingID, or ICCID of its profile: the open order, or the newest of those that ended. */
async function findOrder({ call }: Session, given: string): Promise<Order> {
  try {
    return await call(contract.orders.show, { orderId: given });
  } catch (error) {
    if (!(error instanceof CommandRefused) || error.error.code !== 'ORDER_UNKNOWN' || given.length > 64) throw error;
    const text = given.replace(/\s+/g, '').toUpperCase();
    const { rows } = await call(contract.orders.list, { filter: { text } });
    const matching = rows.filter((row) => row.matchingId === text || row.iccid === text.replace(/F$/, ''));
    const found = matching.find((row) => row.closedAt === undefined) ?? matching[0];
    if (!found) throw error;
    return call(contract.orders.show, { orderId: found.orderId });
  }
}

const moment = (at: number) => new Date(at).toISOString();

function orderText(order: Order): string {
  const code = order.delivery?.lpaCode;
  return [
    `${order.orderId}  ${order.iccid}  ${order.state}${order.outcome === undefined || order.outcome === order.state ? '' : ` (${order.outcome})`}`,
    `Type               ${order.type}`,
    `Activation code    ${code ?? 'none: it cannot be downloaded in this state'}`,
    ...(order.brand === undefined ? [] : [`Brand              ${order.brand}`]),
    `MatchingID         ${order.matchingId === undefined ? 'none before it is confirmed' : order.matchingId === '' ? 'empty: found by the EID' : order.matchingId}`,
    `EID                ${order.eid ?? 'any'}`,
    `Expires            ${order.expiresAt === undefined ? 'never' : moment(order.expiresAt)}`,
    `Download attempts  ${order.downloadAttempts} of ${order.downloadLimit}`,
    `Confirmation code  ${order.confirmationRequired ? `required; ${order.confirmationAttempts} of ${order.confirmationLimit} wrong attempts` : 'not required'}`,
    ...order.timeline.map((e) => `${moment(e.at)}  ${e.stage.padEnd(14)} ${e.text}${e.code ? ` [${e.code}]` : ''}`),
  ].join('\n');
}

/** What a Lab takes on purpose and no device can use, or is not what it seems: said, so that nobody looks for it in the device. */
async function sayOddities({ call, output }: Session, orderId: string, given: { eid?: string | undefined; expires?: string | undefined; downloadLimit?: number | undefined }): Promise<void> {
  if (given.eid !== undefined && !parseEid(given.eid).ok) output.note('The check digits of this EID are wrong, which a Lab allows: no real eUICC has it.');
  if (given.downloadLimit === 0) output.note('A download limit of 0, which a Lab allows: no device gets this profile.');
  if (given.expires === undefined) return;
  const { expiresAt } = await call(contract.orders.show, { orderId });
  if (expiresAt !== undefined && expiresAt <= Date.now()) output.note(`The order expired on ${moment(expiresAt)}, before it was made, which a Lab allows: no device gets this profile.`);
}

/** The newest `limit` orders, page by page; at least one. */
async function newestOrders({ call }: Session, limit: number, brand: string | undefined): Promise<Page> {
  const rows: Page['rows'] = [];
  let total: number | undefined;
  let next: string | undefined;
  do {
    const page = await call(contract.orders.list, { limit: Math.max(1, Math.min(limit - rows.length, 500)), ...(brand === undefined ? {} : { filter: { brand } }), ...(next === undefined ? {} : { cursor: next }) });
    rows.push(...page.rows);
    total ??= page.total;
    next = page.next;
  } while (next !== undefined && rows.length < limit);
  return { rows, ...(next === undefined ? {} : { next }), ...(total === undefined ? {} : { total }) };
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
    .action((options: Options<CreateOptions>) => options.type === undefined && options.iccid === undefined ? usage('give --type or --iccid') : withSession(options, {}, async (session) => {
      const { call, uploadFile, output } = session;
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
      await sayOddities(session, made.orderId, options);
    }));
  addCommand(order, 'reserve', 'take a profile; confirm the order later')
    .option('--type <name>', 'any sellable profile of this type')
    .option('--iccid <digits>', 'this profile')
    .option('--eid <digits>', 'only this eUICC may download it')
    .action((options: Options<{ type?: string; iccid?: string; eid?: string }>) => options.type === undefined && options.iccid === undefined ? usage('give --type or --iccid') : withSession(options, existing, async (session) => {
      const { call, output } = session;
      const made = await call(contract.orders.reserve, {
        ...(options.type !== undefined ? { type: options.type } : {}), ...(options.iccid !== undefined ? { iccid: options.iccid } : {}),
        ...(options.eid !== undefined ? { eid: options.eid } : {}),
      });
      output.result(made, `${made.orderId}  ${made.iccid}  ${made.state}`);
      await sayOddities(session, made.orderId, options);
    }));
  addCommand(order, 'confirm <orderId>', 'confirm a reserved order and get its activation code')
    .option('--eid <digits>', 'only this eUICC may download it')
    .option('--matching-id <id>', 'own MatchingID; empty: the device is found by its EID')
    .option('--confirmation-code-file <file>', 'file with the confirmation code ("-" reads standard input)')
    .option('--smds <host>', 'SM-DS that tells the device of its profile')
    .option('--expires <when>', 'ISO 8601, or a span like 30d or 12h')
    .option('--download-limit <number>', 'how many times the download may be tried', wholeNumber)
    .option('--no-release', 'confirm only; release later')
    .action((orderId: string, options: Options<Omit<CreateOptions, 'type' | 'iccid'> & { smds?: string }>) => withSession(options, existing, async (session) => {
      const { call, uploadFile, output } = session;
      const done = await call(contract.orders.confirm, {
        orderId, release: options.release,
        ...(options.eid !== undefined ? { eid: options.eid } : {}), ...(options.matchingId !== undefined ? { matchingId: options.matchingId } : {}),
        ...(options.smds !== undefined ? { smdsAddress: options.smds } : {}), ...(options.expires !== undefined ? { expires: options.expires } : {}),
        ...(options.downloadLimit !== undefined ? { downloadLimit: options.downloadLimit } : {}),
        ...(options.confirmationCodeFile !== undefined ? { confirmationCode: await uploadFile(options.confirmationCodeFile) } : {}),
      });
      output.result(done, `${done.orderId}  ${done.iccid}  ${done.state}\nLPA:${done.activationCode}`);
      await sayOddities(session, done.orderId, options);
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
  addCommand(order, 'show <order>', 'show an order: its id, MatchingID or ICCID (the open one, else the newest)')
    .action((given: string, options: Options) => withSession(options, existing, async (session) => {
      const found = await findOrder(session, given);
      session.output.result(found, () => orderText(found));
    }));
  addCommand(order, 'list', 'list orders, newest first')
    .option('--limit <number>', 'how many', wholeNumber)
    .option('--brand <name>', 'of this brand only')
    .action((options: Options<{ limit?: number; brand?: string }>) => withSession(options, existing, async (session) => {
      const page = await newestOrders(session, options.limit ?? 100, options.brand);
      if (page.rows.length === 0 && options.brand) await demandBrand(session, options.brand);
      session.output.result(page, () => `${table(['order', 'ICCID', 'state', 'MatchingID', 'EID'], page.rows.map((r) => [r.orderId, r.iccid, r.state, r.matchingId ?? '', r.eid ?? '']))}${page.next === undefined ? '' : `\n${page.rows.length.toLocaleString('en')} of ${page.total?.toLocaleString('en') ?? 'more than 100,000'} (--limit)`}`);
    }));
}
