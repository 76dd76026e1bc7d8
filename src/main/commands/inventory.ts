/** Lists, exports, comparisons, notes and labels of profiles, and bulk work. */
import { InvalidArgumentError, type Command } from 'commander';
import { bulkActionNames, type BulkAction, type Selection } from '../../shared/contract/inventory.ts';
import { contract } from '../../shared/contract/index.ts';
import type { Condition, ProfileColumn, SortKey } from '../../shared/contract/profile-filter.ts';
import { fieldNames, profileColumns, readCondition, readSort, sortNames } from '../../shared/contract/profile-filter.ts';
import type { ProfileRow } from '../../shared/contract/profiles.ts';
import { table } from './output.ts';
import { addCommand, collect, group, oneOf, type Options, usage, wholeNumber } from './program.ts';
import { existing, withSession } from './session.ts';

function conditionOption(text: string): Condition {
  const condition = readCondition(text);
  if (!condition) throw new InvalidArgumentError(`write field:value or field:operator:value,value; fields are ${fieldNames.join(', ')}.`);
  return condition;
}

function sortOption(text: string): SortKey[] {
  const sort = readSort(text);
  if (!sort) throw new InvalidArgumentError(`columns to order by are ${sortNames.join(', ')}; a minus in front turns the order round.`);
  return sort;
}

function columnsOption(text: string): ProfileColumn[] {
  const columns = text.split(',').map((one) => one.trim());
  const unknown = columns.find((one) => !(profileColumns as readonly string[]).includes(one));
  if (unknown !== undefined) throw new InvalidArgumentError(`there is no column "${unknown}"; there are ${profileColumns.join(', ')}.`);
  return columns as ProfileColumn[];
}

function momentOption(text: string): number {
  const span = /^\+?(\d{1,4})(d|h)$/.exec(text);
  const at = span ? Date.now() + Number(span[1]) * (span[2] === 'd' ? 86_400_000 : 3_600_000) : Date.parse(text);
  if (Number.isNaN(at)) throw new InvalidArgumentError('write a date (2026-12-24), a time, or a distance (14d, 6h).');
  return at;
}

interface Picking { filter?: Condition[]; text?: string; iccid?: string[]; except?: string[]; all?: boolean }

const picking = (command: Command): Command => command
  .option('--filter <condition>', 'field:value or field:operator:value; may be repeated', collect(conditionOption))
  .option('--text <text>', 'beginning or end of a number, beginning of a MatchingID, reference of a batch');

const selecting = (command: Command): Command => picking(command)
  .option('--iccid <digits>', 'this profile; may be repeated', collect((text: string) => text))
  .option('--except <digits>', 'but not this one; may be repeated', collect((text: string) => text))
  .option('--all', 'every profile');

const filterOf = (options: Picking) => ({ ...(options.text === undefined ? {} : { text: options.text }), ...(options.filter ? { where: options.filter } : {}) });

/** Nothing chosen is not everything. */
function selectionOf(options: Picking): Selection {
  if (options.iccid) {
    if (options.filter || options.text !== undefined || options.all) usage('give --iccid or a filter, not both.');
    return { iccids: options.iccid };
  }
  if (!options.filter && options.text === undefined && !options.all) usage('say which profiles: --filter, --text, --iccid, or --all.');
  return { filter: filterOf(options), ...(options.except ? { except: options.except } : {}) };
}

const time = (at: number | undefined): string => (at === undefined ? '' : new Date(at).toISOString().slice(0, 16).replace('T', ' '));

const cells: Record<ProfileColumn, (row: ProfileRow) => string> = {
  badge: (row) => row.badge?.code.replaceAll('_', ' ') ?? '', iccid: (row) => row.iccid, imsi: (row) => row.imsi, msisdn: (row) => row.msisdn ?? '', type: (row) => row.type,
  template: (row) => row.templateLabel ?? '', batch: (row) => row.batch ?? '', import: (row) => row.import ?? '', order: (row) => row.state.order, stock: (row) => row.state.stock,
  network: (row) => row.state.network, device: (row) => row.state.device, eid: (row) => row.eid ?? '', brand: (row) => row.brand ?? '', heldUntil: (row) => time(row.heldUntil),
  heldFor: (row) => row.heldFor ?? '', lastEvent: (row) => row.lastEvent ?? '', lastEventAt: (row) => time(row.lastEventAt), createdAt: (row) => time(row.createdAt),
  preparedAt: (row) => time(row.preparedAt), deliveredAt: (row) => time(row.deliveredAt), attempts: (row) => String(row.attempts ?? ''),
  labels: (row) => (row.labels ?? []).map((one) => one.name).join('; '), notes: (row) => String(row.notes ?? 0), secrets: (row) => row.secretState ?? '',
};
const usualColumns: ProfileColumn[] = ['iccid', 'imsi', 'type', 'order', 'stock', 'network', 'device', 'lastEvent'];

export function addInventoryCommands(program: Command): void {
  addProfileCommands(program.commands.find((one) => one.name() === 'profile') ?? group(program, 'profile', 'profiles'));
  addBulkCommands(group(program, 'bulk', 'one action on many profiles, with preview and undo'));
}

function addProfileCommands(profile: Command): void {
  picking(addCommand(profile, 'list', 'list profiles'))
    .option('--sort <columns>', 'columns to order by, e.g. stock,-created', sortOption)
    .option('--columns <names>', `columns to show, of ${profileColumns.join(', ')}`, columnsOption)
    .option('--limit <rows>', 'rows at most', wholeNumber, 50)
    .action((options: Options<Picking & { sort?: SortKey[]; columns?: ProfileColumn[]; limit: number }>) => withSession(options, existing, async ({ call, output }) => {
      const rows: ProfileRow[] = [];
      let cursor: string | undefined;
      let total: number | undefined;
      let more: number | undefined;
      do {
        const page = await call(contract.profiles.list, { filter: filterOf(options), sort: options.sort ?? [], limit: Math.min(500, options.limit - rows.length), ...(cursor === undefined ? {} : { cursor }) });
        if (cursor === undefined) ({ total, more } = page);
        rows.push(...page.rows);
        cursor = page.next;
      } while (cursor !== undefined && rows.length < options.limit);
      const columns = options.columns ?? usualColumns;
      const count = total === undefined ? (more === undefined ? 'more than shown' : `more than ${more.toLocaleString('en')}`) : total.toLocaleString('en');
      output.result({ rows, ...(total === undefined ? {} : { total }) }, () => `${table(columns, rows.map((row) => columns.map((column) => cells[column](row))))}\n${rows.length} of ${count}`);
    }));

  selecting(addCommand(profile, 'export <file>', 'write profiles to a file; secrets are never in it'))
    .option('--sort <columns>', 'columns to order by', sortOption)
    .option('--columns <names>', 'columns to write', columnsOption)
    .option('--format <format>', 'csv, csv-excel or jsonl', oneOf('csv', 'csv-excel', 'jsonl'), 'csv' as const)
    .action((file: string, options: Options<Picking & { sort?: SortKey[]; columns?: ProfileColumn[]; format: 'csv' | 'csv-excel' | 'jsonl' }>) => withSession(options, existing, async ({ call, saveFile, output }) => {
      const columns = options.columns ?? profileColumns.filter((column) => column !== 'badge' && column !== 'notes');
      const offer = await call(contract.inventory.export, { selection: selectionOf(options), columns: [...columns], sort: options.sort ?? [], format: options.format });
      const bytes = await saveFile(offer, file);
      output.result({ file, bytes, columns, scope: offer.scope }, `${file}: ${bytes.toLocaleString('en')} octets, ${offer.scope}`);
    }));

  addCommand(profile, 'compare <a> <b>', 'show two profiles side by side')
    .option('--differences', 'only what differs')
    .action((a: string, b: string, options: Options<{ differences?: boolean }>) => withSession(options, existing, async ({ call, output }) => {
      const found = await call(contract.inventory.compare, { a, b });
      const fields = found.fields.filter((field) => !options.differences || !field.same);
      output.result({ ...found, fields }, () => table(['', 'field', found.a.iccid, found.b.iccid], fields.map((field) => [field.same ? ' ' : '*', field.name, field.a ?? '', field.b ?? ''])));
    }));

  addCommand(profile, 'note <iccid> <text>', 'add a note to a profile')
    .action((iccid: string, text: string, options: Options) => withSession(options, existing, async ({ call, output }) => {
      const note = await call(contract.inventory.addNote, { iccid, text });
      output.result(note, `Noted by ${note.author}`);
    }));

  addCommand(profile, 'label <iccid>', 'put labels on a profile, or take them off')
    .option('--add <name>', 'label to put on; may be repeated', collect((text: string) => text))
    .option('--remove <name>', 'label to take off; may be repeated', collect((text: string) => text))
    .action((iccid: string, options: Options<{ add?: string[]; remove?: string[] }>) => withSession(options, existing, async ({ call, output }) => {
      const done = await call(contract.inventory.label, { iccid, add: options.add ?? [], remove: options.remove ?? [] });
      output.result(done, done.labels.length === 0 ? `${done.iccid} carries no label` : `${done.iccid}: ${done.labels.map((one) => one.name).join(', ')}`);
    }));
}

interface ActionOptions { until?: number; for?: string; reason?: string; label?: string; text?: string }

function actionOf(name: (typeof bulkActionNames)[number], options: ActionOptions & { note?: string }): BulkAction {
  const need = <T>(value: T | undefined, option: string): T => value ?? usage(`${name} needs ${option}.`);
  switch (name) {
    case 'hold': return { do: 'hold', until: need(options.until, '--until'), ...(options.for === undefined ? {} : { for: options.for }) };
    case 'releaseHold': return { do: 'releaseHold' };
    case 'quarantine': case 'unquarantine': case 'retire': return { do: name, reason: need(options.reason, '--reason') };
    case 'addLabel': case 'removeLabel': return { do: name, label: need(options.label, '--label') };
    case 'note': return { do: 'note', text: need(options.note, '--note') };
  }
}

type BulkOptions = Options<Picking & ActionOptions & { note?: string; confirm?: number }>;

function addBulkCommands(bulk: Command): void {
  const action = (name: string, description: string): Command => selecting(addCommand(bulk, `${name} <action>`, description))
    .option('--until <moment>', 'for hold: 2026-12-24, 14d, 6h', momentOption)
    .option('--for <whom>', 'for hold: whom the profiles are held for')
    .option('--reason <text>', 'for quarantine, unquarantine and retire')
    .option('--label <name>', 'for addLabel and removeLabel')
    .option('--note <text>', 'for note');
  const named = (text: string): (typeof bulkActionNames)[number] => bulkActionNames.find((one) => one === text) ?? usage(`there is no action "${text}"; there are ${bulkActionNames.join(', ')}.`);

  action('preview', `say what an action would do: ${bulkActionNames.join(', ')}`)
    .action((name: string, options: BulkOptions) => withSession(options, existing, async ({ call, output }) => {
      const { token: _token, ...seen } = await call(contract.bulk.preview, { selection: selectionOf(options), action: actionOf(named(name), options) });
      output.result(seen, () => [
        `${seen.matching} profiles: ${seen.willChange} would change, ${seen.unchanged} are so already, ${seen.refused} cannot${seen.irreversible ? '; this cannot be taken back' : ''}`,
        ...seen.refusedByReason.map((one) => `  ${one.count}: ${one.reason} (${one.sample.join(', ')})`),
      ].join('\n'));
    }));
  action('start', 'carry an action out and wait for its end')
    .option('--confirm <number>', 'for retire: how many profiles end', wholeNumber)
    .action((name: string, options: BulkOptions) => withSession(options, existing, async ({ call, finish, output }) => {
      const { token } = await call(contract.bulk.preview, { selection: selectionOf(options), action: actionOf(named(name), options) });
      const job = await finish(await call(contract.bulk.start, { token, ...(options.confirm === undefined ? {} : { confirm: options.confirm }) }));
      const done = await call(contract.bulk.show, { job: job.id });
      output.result({ job: job.id, state: job.state, ...done.counts }, `${job.id}: ${done.counts.changed} changed, ${done.counts.unchanged} were so already, ${done.counts.refused} refused`);
    }));
  addCommand(bulk, 'undo <job>', 'take back what a bulk job changed, where nothing has happened since')
    .action((id: string, options: Options) => withSession(options, existing, async ({ call, finish, output }) => {
      const job = await finish(await call(contract.bulk.undo, { job: id }));
      const done = await call(contract.bulk.show, { job: job.id });
      output.result({ job: job.id, state: job.state, ...done.counts }, `${job.id}: ${done.counts.changed} taken back, ${done.counts.refused} left as they are`);
    }));
}
