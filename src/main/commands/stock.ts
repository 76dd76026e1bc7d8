/** template, type, stock, range, prepare, profile: the inventory from the command line. */
import type { Command } from 'commander';
import { basename } from 'node:path';
import { contract } from '../../shared/contract/index.ts';
import { table } from './output.ts';
import { addCommand, collect, group, oneOf, type Options, wholeNumber } from './program.ts';
import { existing, withAnyEngine, withSession } from './session.ts';

/** The list of errors is cut where it gets long; a row may have several. */
const rowsNamed = (errors: readonly { readonly row: number }[]) => new Set(errors.map((one) => one.row)).size;

export function addStockCommands(program: Command): void {
  const template = group(program, 'template', 'profile package templates');
  addCommand(template, 'import <file>', 'import a profile package (DER) as a template')
    .requiredOption('--name <name>', 'name of the template')
    .option('--keep-algorithm', 'keep a test algorithm instead of switching to Milenage')
    .action((file: string, options: Options<{ name: string; keepAlgorithm?: boolean }>) => withSession(options, {}, async ({ call, uploadFile, output }) => {
      const done = await call(contract.types.importTemplate, { file: await uploadFile(file), name: options.name, keepAlgorithm: options.keepAlgorithm ?? false });
      output.result({ ...done.template, findings: done.findings }, () =>
        `${done.template.name} version ${done.template.version}: ${done.template.sizeBytes} octets, ${done.template.elements} elements, ${done.template.warnings} warnings`);
    }));
  addCommand(template, 'check <file>', 'check a profile package against the rules')
    .action((file: string, options: Options) => withAnyEngine(options, async ({ call, uploadFile, output }) => {
      const report = await call(contract.types.checkTemplate, { file: await uploadFile(file) });
      const text = () => (report.findings.length === 0
        ? `${report.elements.length} elements, nothing to remark`
        : table(['rule', 'severity', 'place', 'finding', 'fix'], report.findings.map((f) => [f.rule, f.severity, f.place, f.message, f.fix])));
      if (report.valid) output.result(report, text);
      else output.refused(report, { code: 'TEMPLATE_REFUSED', message: 'The profile package breaks rules that must hold' }, text);
    }));
  addCommand(template, 'list', 'list templates')
    .action((options: Options) => withSession(options, existing, async ({ call, output }) => {
      const { rows } = await call(contract.types.templates, {});
      output.result({ rows }, () => table(['name', 'version', 'octets', 'algorithm', 'warnings'], rows.map((r) => [r.name, String(r.version), String(r.sizeBytes), r.algorithm, String(r.warnings)])));
    }));

  const type = group(program, 'type', 'profile types');
  addCommand(type, 'create <name>', 'create a profile type')
    .requiredOption('--template <name>', 'template it is made from')
    .option('--provider-name <text>', 'service provider name shown on the device')
    .option('--profile-name <text>', 'profile name shown on the device')
    .option('--icon <file>', 'PNG or JPEG of at most 1024 octets')
    .option('--ppr <rule>', 'policy rule: 1 may not be disabled, 2 may not be deleted; may be repeated', collect(oneOf('1', '2')))
    .option('--profile-keys', 'protect packages with keys of their own (PPK) instead of session keys')
    .option('--class <class>', 'test, provisioning or operational', oneOf('test', 'provisioning', 'operational'))
    .action((name: string, options: Options<{ template: string; providerName?: string; profileName?: string; icon?: string; ppr?: ('1' | '2')[]; profileKeys?: boolean; class?: 'test' | 'provisioning' | 'operational' }>) =>
      withSession(options, {}, async ({ call, uploadFile, output }) => {
        const rules = options.ppr ?? [];
        const row = await call(contract.types.create, {
          name, template: options.template, ppr1: rules.includes('1'), ppr2: rules.includes('2'),
          protection: options.profileKeys ? 'profile-keys' : 'session-keys',
          ...(options.providerName !== undefined ? { serviceProviderName: options.providerName } : {}),
          ...(options.profileName !== undefined ? { profileName: options.profileName } : {}),
          ...(options.class !== undefined ? { profileClass: options.class } : {}),
          ...(options.icon !== undefined ? { icon: await uploadFile(options.icon) } : {}),
        });
        output.result(row, `Profile type ${row.name} on ${row.template} version ${row.templateVersion}`);
      }));
  addCommand(type, 'list', 'list profile types with their stock')
    .action((options: Options) => withSession(options, existing, async ({ call, output }) => {
      const { rows } = await call(contract.types.list, {});
      output.result({ rows }, () => table(['type', 'template', 'imported', 'sellable', 'sold'], rows.map((r) => [r.name, `${r.template} v${r.templateVersion}`, String(r.stock.imported), String(r.stock.sellable), String(r.stock.sold)])));
    }));

  const stock = group(program, 'stock', 'stock files');
  addCommand(stock, 'import <file>', 'import subscribers from a CSV file')
    .requiredOption('--type <name>', 'profile type')
    .option('--dry-run', 'check and report, write nothing')
    .action((file: string, options: Options<{ type: string; dryRun?: boolean }>) => withSession(options, {}, async ({ call, uploadFile, output, finish }) => {
      const report = await call(contract.stock.importFile, { file: await uploadFile(file), fileName: basename(file), type: options.type, dryRun: options.dryRun ?? false });
      if (report.job) await finish(report.job);
      const { job: _job, ...plain } = report;
      const text = () => [
        `${options.dryRun ? 'Dry run: ' : ''}${report.accepted} rows accepted, ${report.rejected} rejected`,
        ...(report.errors.length > 0 ? [table(['row', 'column', 'code', 'what is wrong'], report.errors.map((e) => [String(e.row), e.column, e.code, e.message]))] : []),
        ...(report.rejected > rowsNamed(report.errors) ? [`… and ${(report.rejected - rowsNamed(report.errors)).toLocaleString('en')} more`] : []),
      ].join('\n');
      if (report.rejected === 0) output.result(plain, text);
      else output.refused(plain, { code: 'ROWS_INVALID', message: `${report.rejected} rows cannot be imported` }, text);
    }));

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

  addCommand(program, 'prepare', 'prepare profiles: from imported stock first, then from ranges')
    .requiredOption('--type <name>', 'profile type')
    .requiredOption('--count <number>', 'how many', wholeNumber)
    .action((options: Options<{ type: string; count: number }>) => withSession(options, {}, async ({ call, finish, output }) => {
      const done = await finish(await call(contract.stock.prepare, { type: options.type, count: options.count }));
      output.result({ jobId: done.id, prepared: done.done, state: done.state }, `${done.done} profiles prepared`);
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
