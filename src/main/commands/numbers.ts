/** numbers, level, proposal, and holding a profile: the ledgers from the command line. */
import type { Command } from 'commander';
import { contract } from '../../shared/contract/index.ts';
import { blockStates, numberKinds, numberSources, outsideWords } from '../../shared/contract/numbers.ts';
import { table } from './output.ts';
import { addCommand, collect, group, oneOf, type Options, pageSize, usage, wholeNumber } from './program.ts';
import { existing, withSession } from './session.ts';

const day = (at: number | undefined): string => (at === undefined ? '-' : new Date(at).toISOString().slice(0, 10));
const given = <T>(name: string, value: T | undefined): Record<string, T> => (value === undefined ? {} : { [name]: value });
const n = (value: number): string => value.toLocaleString('en');

/** `2026-12-24`: the end of that day, UTC; `14d`: so many days from now. */
function dayAhead(text: string): number {
  const days = /^(\d{1,3})d$/.exec(text)?.[1];
  if (days !== undefined) return Date.now() + Number(days) * 86_400_000;
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T23:59:59Z`) : Number.NaN;
  return Number.isNaN(at) ? usage(`"${text}" is no day: write 2026-12-24, or 14d for so many days from now.`) : at;
}

/** After the commands of the stock: holding a profile joins its group. */
export function addNumberCommands(program: Command): void {
  const profile = program.commands.find((one) => one.name() === 'profile') ?? group(program, 'profile', 'single profiles');
  const numbers = group(program, 'numbers', 'ledgers of ICCIDs, IMSIs and MSISDNs');
  addCommand(numbers, 'list <kind>', 'blocks of a ledger: iccid, imsi or msisdn')
    .option('--owner <brand>', 'only blocks of this brand ("" is the operator)')
    .option('--type <name>', 'only blocks of this profile type')
    .option('--state <state>', 'open, reserved, blocked or closed; may be repeated', collect(oneOf(...blockStates)))
    .option('--containing <digits>', 'only the block with this number')
    .option('--limit <rows>', 'rows at most', pageSize, 100)
    .action((kind: string, options: Options<{ owner?: string; type?: string; state?: (typeof blockStates)[number][]; containing?: string; limit: number }>) => withSession(options, existing, async ({ call, output }) => {
      const asked = oneOf(...numberKinds)(kind);
      const page = await call(contract.numbers.blocks, {
        kind: asked, limit: options.limit,
        filter: { ...given('owner', options.owner), ...given('type', options.type), ...given('state', options.state), ...given('text', options.containing) },
      });
      output.result(page, () => table(['id', 'first', 'last', 'used', 'of', 'free', 'ends', 'state', 'owner', 'type'], page.rows.map((b) => [
        b.id, b.first, b.last, n(b.used), n(b.count), n(b.free), day(b.forecast.endsAt), b.state, b.owner ?? 'operator', b.type ?? 'any',
      ])));
    }));
  addCommand(numbers, 'find <number>', 'what is known of a number')
    .option('--kind <kind>', 'iccid, imsi or msisdn', oneOf(...numberKinds))
    .action((number: string, options: Options<{ kind?: (typeof numberKinds)[number] }>) => withSession(options, existing, async ({ call, output }) => {
      const found = await call(contract.numbers.find, { number, ...given('kind', options.kind) });
      output.result(found, () => found.rows.map((row) => `${row.kind.toUpperCase()} ${row.number}: ${row.status}\n  ${row.text}${row.block ? `\n  block ${row.block.id}, ${row.block.first} to ${row.block.last}` : ''}`).join('\n'));
    }));
  addCommand(numbers, 'add <kind>', 'register a block: iccid, imsi or msisdn')
    .requiredOption('--first <digits>', 'first number')
    .option('--count <number>', 'how many', wholeNumber)
    .option('--last <digits>', 'last number, instead of --count')
    .option('--owner <brand>', 'brand it belongs to; ICCIDs become its entitlement')
    .option('--type <name>', 'profile type')
    .option('--source <source>', 'own, import, hlr or partner', oneOf('own', 'import', 'hlr', 'partner'))
    .option('--note <text>', 'note')
    .action((kind: string, options: Options<{ first: string; count?: number; last?: string; owner?: string; type?: string; source?: (typeof numberSources)[number]; note?: string }>) => withSession(options, {}, async ({ call, output }) => {
      const made = await call(contract.numbers.add, {
        kind: oneOf(...numberKinds)(kind), first: options.first, ...given('count', options.count), ...given('last', options.last), ...given('owner', options.owner),
        ...given('type', options.type), ...given('source', options.source), ...given('note', options.note),
      });
      output.result(made, `Block ${made.id}: ${made.first} to ${made.last}, ${n(made.count)} numbers, ${n(made.free)} free`);
    }));
  addCommand(numbers, 'assign <block>', 'give a block to a brand or a profile type')
    .option('--owner <brand>', 'brand ("" gives it back to the operator)')
    .option('--type <name>', 'profile type ("" is any)')
    .action((id: string, options: Options<{ owner?: string; type?: string }>) => withSession(options, existing, async ({ call, output }) => {
      if (options.owner === undefined && options.type === undefined) usage('--owner or --type is needed.');
      const row = await call(contract.numbers.assign, { id, ...(options.owner === undefined ? {} : { owner: options.owner || null }), ...(options.type === undefined ? {} : { type: options.type || null }) });
      output.result(row, `Block ${row.id}: owner ${row.owner ?? 'operator'}, type ${row.type ?? 'any'}`);
    }));
  addCommand(numbers, 'split <block>', 'cut a block in two; its range is cut with it')
    .requiredOption('--at <digits>', 'first number of the second part')
    .action((id: string, options: Options<{ at: string }>) => withSession(options, existing, async ({ call, output }) => {
      const parts = await call(contract.numbers.split, { id, at: options.at });
      output.result(parts, `${parts.first.id}: ${parts.first.first} to ${parts.first.last}\n${parts.second.id}: ${parts.second.first} to ${parts.second.last}`);
    }));
  addCommand(numbers, 'state <block> <state>', 'open, reserve, block or close a block')
    .option('--reason <text>', 'why')
    .action((id: string, state: string, options: Options<{ reason?: string }>) => withSession(options, existing, async ({ call, output }) => {
      const row = await call(contract.numbers.setState, { id, state: oneOf(...blockStates)(state), ...given('reason', options.reason) });
      output.result(row, `Block ${row.id} is ${row.state}`);
    }));
  addCommand(numbers, 'check', 'count ledgers against profiles: gaps, overlaps, reuse')
    .action((options: Options) => withSession(options, existing, async ({ call, finish, output }) => {
      const started = await call(contract.numbers.check, {});
      await finish(started);
      const job = await call(contract.jobs.show, { id: started.id });
      const outside: Partial<Record<(typeof numberKinds)[number], number>> = {};
      for (const kind of numberKinds) outside[kind] = (await call(contract.numbers.blocks, { kind, limit: 1 })).totals.outside;
      const found = job.errors.length === 0 ? 'Ledgers and profiles agree.' : table(['code', 'number', 'finding'], job.errors.map((e) => [e.code, e.found ?? '-', e.message]));
      const text = () => [found, outsideWords(outside)].filter(Boolean).join('\n');
      if (job.errors.length === 0) output.result({ findings: [], outside }, text);
      else output.refused({ findings: job.errors, outside }, { code: 'LEDGER_WRONG', message: `${job.errors.length} findings` }, text);
    }));

  const level = group(program, 'level', 'stock levels per profile type');
  addCommand(level, 'list', 'sellable, sold per day, days of cover, marks')
    .action((options: Options) => withSession(options, existing, async ({ call, output }) => {
      const { rows } = await call(contract.levels.list, {});
      output.result({ rows }, () => table(['type', 'state', 'sellable', 'per day', 'lasts until', 'low', 'target', 'lead', 'cover', 'numbers left'], rows.map((r) => [
        r.type, r.state, n(r.sellable), r.forecast.rate.toFixed(1), day(r.forecast.endsAt), r.marks.low === null ? '-' : n(r.marks.low), r.marks.target === null ? '-' : n(r.marks.target),
        `${r.marks.leadDays}d`, `${r.marks.coverDays}d`, n(r.numbersLeft),
      ])));
    }));
  addCommand(level, 'set <type>', 'set the marks of a profile type')
    .option('--low <number>', 'sellable profiles under which a preparation is proposed', wholeNumber)
    .option('--target <number>', 'fill up to', wholeNumber)
    .option('--lead <days>', 'days from deciding to being sellable', wholeNumber)
    .option('--cover <days>', 'days the stock shall last', wholeNumber)
    .option('--auto', 'start preparations without asking')
    .option('--no-auto', 'propose only')
    .action((type: string, options: Options<{ low?: number; target?: number; lead?: number; cover?: number; auto?: boolean }>) => withSession(options, existing, async ({ call, output }) => {
      const row = await call(contract.levels.set, { type, marks: { ...given('low', options.low), ...given('target', options.target), ...given('leadDays', options.lead), ...given('coverDays', options.cover), ...given('auto', options.auto) } });
      output.result(row, `${row.type}: ${row.text}`);
    }));

  const proposal = group(program, 'proposal', 'proposals to prepare');
  addCommand(proposal, 'list', 'open ones first')
    .action((options: Options) => withSession(options, existing, async ({ call, output }) => {
      const { rows } = await call(contract.levels.proposals, {});
      output.result({ rows }, () => table(['id', 'type', 'state', 'quantity', 'short', 'made', 'why'], rows.map((r) => [r.id, r.type, r.state, n(r.quantity), n(r.short), day(r.madeAt), r.why[0] ?? ''])));
    }));
  addCommand(proposal, 'accept <id>', 'start the preparation it asks for')
    .option('--count <number>', 'how many, instead of what it asks for', wholeNumber)
    .action((id: string, options: Options<{ count?: number }>) => withSession(options, existing, async ({ call, finish, output }) => {
      const done = await call(contract.levels.accept, { id, ...given('quantity', options.count) });
      const job = await finish(done.job);
      output.result({ proposal: done.proposal, jobId: job.id, prepared: job.done }, `${n(job.done)} profiles prepared`);
    }));
  addCommand(proposal, 'dismiss <id>', 'turn a proposal down, or put it off')
    .requiredOption('--reason <text>', 'why')
    .option('--until <day>', 'come back to it then: 2026-12-24, or 14d')
    .action((id: string, options: Options<{ reason: string; until?: string }>) => withSession(options, existing, async ({ call, output }) => {
      const row = await call(contract.levels.dismiss, { id, reason: options.reason, ...(options.until === undefined ? {} : { until: dayAhead(options.until) }) });
      output.result(row, `Proposal ${row.id} is ${row.state}`);
    }));

  addCommand(profile, 'hold <iccid>', 'keep a sellable profile for somebody until a day')
    .requiredOption('--until <day>', '2026-12-24, or 14d')
    .requiredOption('--reason <text>', 'why')
    .option('--for <name>', 'for whom')
    .action((iccid: string, options: Options<{ until: string; reason: string; for?: string }>) => withSession(options, existing, async ({ call, output }) => {
      const until = dayAhead(options.until);
      const row = await call(contract.profiles.hold, { iccid, until, reason: options.reason, ...given('for', options.for) });
      output.result({ ...row, until }, `${row.iccid}: ${row.state.stock} until ${day(until)}`);
    }));
  addCommand(profile, 'release-hold <iccid>', 'end the hold of a profile')
    .requiredOption('--reason <text>', 'why')
    .action((iccid: string, options: Options<{ reason: string }>) => withSession(options, existing, async ({ call, output }) => {
      const row = await call(contract.profiles.releaseHold, { iccid, reason: options.reason });
      output.result(row, `${row.iccid}: ${row.state.stock}`);
    }));
}
