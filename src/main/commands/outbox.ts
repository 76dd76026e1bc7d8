/** outbox list, show, replay, discard. */
import type { Command } from 'commander';
import { contract } from '../../shared/contract/index.ts';
import { outboxStates } from '../../shared/contract/outbox.ts';
import type { OutboxRow } from '../../shared/contract/outbox.ts';
import { demandBrand } from './brands.ts';
import { refuse, table } from './output.ts';
import { addCommand, collect, group, oneOf, type Options, pageSize, usage } from './program.ts';
import { existing, type Session, withSession } from './session.ts';

interface ListOptions { state?: OutboxRow['state'][]; brand?: string; order?: string; kind?: string; limit?: number }

const moment = (at: number | undefined): string => (at === undefined ? '' : new Date(at).toISOString());

function numbers(given: readonly string[]): number[] {
  return given.map((text) => (/^[1-9]\d{0,14}$/.test(text) ? Number(text) : usage(`"${text}" is not the number of a message`)));
}

/** Kinds of messages there are. */
const kinds = ['es2plus.handleDownloadProgressInfo', 'es12.deleteEvent'];

/** That nothing was found says something only when what was asked for exists. */
async function demandFilters(session: Session, { brand, order, kind }: ListOptions): Promise<void> {
  if (kind !== undefined && !kinds.includes(kind)) refuse('KIND_UNKNOWN', `There are no messages of the kind "${kind}"`, `There are ${kinds.join(' and ')}`);
  if (brand !== undefined) await demandBrand(session, brand);
  if (order !== undefined) await session.call(contract.orders.show, { orderId: order });
}

export function addOutboxCommands(program: Command): void {
  const outbox = group(program, 'outbox', 'messages to other systems: brands, SM-DS');
  addCommand(outbox, 'list', 'list messages, newest first')
    .option('--state <state>', `${outboxStates.join(', ')}; may be repeated`, collect(oneOf(...outboxStates)))
    .option('--brand <name>', 'only messages of this brand')
    .option('--order <orderId>', 'only messages of this order')
    .option('--kind <kind>', 'only messages of this kind')
    .option('--limit <number>', 'how many, at most 500 (100)', pageSize)
    .action((options: Options<ListOptions>) => withSession(options, existing, async (session) => {
      const { call, output } = session;
      const { state, brand, order, kind } = options;
      const page = await call(contract.outbox.list, {
        limit: options.limit ?? 100,
        filter: {
          ...(state === undefined ? {} : { state }), ...(brand === undefined ? {} : { brand }), ...(order === undefined ? {} : { orderId: order }), ...(kind === undefined ? {} : { kind }),
        },
      });
      if (page.rows.length === 0) await demandFilters(session, options);
      output.result(page, () => [
        `${page.counts.waiting} waiting${page.counts.oldestWaitingAt === undefined ? '' : ` (oldest since ${moment(page.counts.oldestWaitingAt)})`}, ${page.counts.dead} dead`,
        page.rows.length === 0 ? 'no messages' : table(['id', 'state', 'attempts', 'next attempt', 'brand', 'message', 'last failure'],
          page.rows.map((r) => [String(r.id), r.state, String(r.attempts), moment(r.nextAt), r.brand ?? '', r.summary, r.lastError ?? ''])),
        ...(page.next === undefined ? [] : [`there are more (--limit)`]),
      ].join('\n'));
    }));
  addCommand(outbox, 'show <id>', 'show a message as it is sent, identifiers of people masked')
    .action((id: string, options: Options) => withSession(options, existing, async ({ call, output }) => {
      const found = await call(contract.outbox.show, { id: numbers([id])[0]! });
      output.result(found, () => [
        `${found.id}  ${found.state}  ${found.summary}`,
        `Kind          ${found.kind}`,
        `Target        ${found.target}`,
        `Brand         ${found.brand ?? 'none'}`,
        `Order         ${found.orderId ?? 'none'}`,
        `Written       ${moment(found.createdAt)}`,
        `Attempts      ${found.attempts}`,
        ...(found.nextAt === undefined ? [] : [`Next attempt  ${moment(found.nextAt)}`]),
        ...(found.doneAt === undefined ? [] : [`Ended         ${moment(found.doneAt)}`]),
        ...(found.lastError === undefined ? [] : [`${found.state === 'discarded' ? 'Why         ' : 'Last failure'}  ${found.lastError}`]),
        found.body,
      ].join('\n'));
    }));
  addCommand(outbox, 'replay [ids...]', 'send dead messages again; a waiting one that is named is tried now')
    .option('--all-dead', 'all of them')
    .option('--brand <name>', 'with --all-dead: only those of this brand')
    .action((ids: string[], options: Options<{ allDead?: boolean; brand?: string }>) => {
      if (ids.length === 0 && options.allDead !== true) return usage('give the numbers of messages, or --all-dead');
      if (ids.length > 0 && options.allDead === true) return usage('give either numbers or --all-dead');
      const wanted = numbers(ids);
      return withSession(options, existing, async ({ call, output }) => {
        const done = await call(contract.outbox.replay, {
          ...(wanted.length > 0 ? { ids: wanted } : { allDead: true }), ...(options.brand === undefined ? {} : { brand: options.brand }),
        });
        if (wanted.length > 0 && done.replayed === 0) refuse('NOT_FOUND', `There is no dead or waiting message ${wanted.join(', ')}${options.brand === undefined ? '' : ` of ${options.brand}`}`, 'outbox list shows them');
        output.result(done, `${done.replayed}${wanted.length > done.replayed ? ` of ${wanted.length}` : ''} to be sent again`);
      });
    });
  addCommand(outbox, 'discard <ids...>', 'give dead or waiting messages up')
    .requiredOption('--reason <text>', 'why, for the audit log')
    .action((ids: string[], options: Options<{ reason: string }>) => {
      const wanted = numbers(ids);
      return withSession(options, existing, async ({ call, output }) => {
        const done = await call(contract.outbox.discard, { ids: wanted, reason: options.reason });
        if (done.discarded === 0) refuse('NOT_FOUND', `There is no dead or waiting message ${wanted.join(', ')}`, 'outbox list shows them');
        output.result(done, `${done.discarded}${wanted.length > done.discarded ? ` of ${wanted.length}` : ''} discarded`);
      });
    });
}
