/** template, type: profile packages and what is sold from them. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { contract } from '../../shared/contract/index.ts';
import type { InputOf } from '../../shared/contract/define.ts';
import type { TemplateNode } from '../../shared/contract/template-view.ts';
import { acceptableRules } from '../../shared/contract/types.ts';
import { refuse, table } from './output.ts';
import { addCommand, collect, group, oneOf, type Options } from './program.ts';
import { existing, type Session, withAnyEngine, withSession } from './session.ts';

type Edits = InputOf<typeof contract.types.editTemplate>['edits'];

/** `name`, or `name@version`: the id of the version. */
async function templateId({ call }: Pick<Session, 'call'>, text: string): Promise<string> {
  const { rows } = await call(contract.types.templates, {});
  const [, name, version] = /^(.*?)(?:@(\d{1,6}))?$/.exec(text) ?? [];
  const found = rows.filter((row) => row.name === name && (version === undefined || row.version === Number(version))).sort((a, b) => b.version - a.version)[0];
  return found?.id ?? refuse('TEMPLATE_UNKNOWN', `There is no template ${text}`, 'template list names them; a version is name@2');
}

function readEdits(path: string): Edits {
  let text: string;
  try {
    text = readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch {
    return refuse('FILE_NOT_READ', `${path} cannot be read`);
  }
  try {
    const edits: unknown = JSON.parse(text);
    // One change may stand alone; the engine checks the shape.
    return (Array.isArray(edits) ? edits : [edits]) as Edits;
  } catch {
    return refuse('EDIT_BAD_VALUE', `${path} is not JSON`, 'A list of changes like [{"kind":"spn","name":"My brand"}]');
  }
}

function tree(nodes: readonly TemplateNode[], depth = 0): string[] {
  return nodes.flatMap((node) => [
    `${'  '.repeat(depth)}${node.name}${node.fid === undefined ? '' : ` ${node.fid}`}${node.size === undefined ? '' : `, ${node.size} octets`}${node.secret ? ', secret' : ''}`,
    ...node.decoded.map(({ label, value }) => `${'  '.repeat(depth + 2)}${label}: ${value}`),
    ...tree(node.children, depth + 1),
  ]);
}

const findingRows = (findings: readonly { rule: string; severity: string; place: string; message: string; fix: string; filledBy?: string | undefined }[]) =>
  table(['rule', 'severity', 'place', 'finding', 'fix'], findings.map((f) => (f.filledBy === undefined ? [f.rule, f.severity, f.place, f.message, f.fix] : [f.rule, 'replaced', f.place, f.message, `Nothing: the slot ${f.filledBy} is written there in every profile.`])));

export function addTemplateCommands(program: Command): void {
  const template = group(program, 'template', 'profile package templates');
  addCommand(template, 'import <file>', 'import a profile package (DER) as a template')
    .requiredOption('--name <name>', 'name of the template')
    .option('--keep-algorithm', 'keep a test algorithm instead of switching to Milenage')
    .option('--accept <rule>', 'take errors of this rule all the same, V33 for example; may be repeated', collect(oneOf(...acceptableRules)))
    .option('--note <text>', 'why')
    .action((file: string, options: Options<{ name: string; keepAlgorithm?: boolean; accept?: (typeof acceptableRules)[number][]; note?: string }>) => withSession(options, {}, async ({ call, uploadFile, output }) => {
      const done = await call(contract.types.importTemplate, { file: await uploadFile(file), name: options.name, keepAlgorithm: options.keepAlgorithm ?? false, accept: options.accept ?? [], ...(options.note === undefined ? {} : { note: options.note }) });
      output.result({ ...done.template, findings: done.findings }, () =>
        `${done.template.name} version ${done.template.version}: ${done.template.sizeBytes} octets, ${done.template.elements} elements, ${done.template.warnings} warnings`);
    }));
  addCommand(template, 'check <file>', 'check a profile package against the rules')
    .action((file: string, options: Options) => withAnyEngine(options, async ({ call, uploadFile, output }) => {
      const report = await call(contract.types.checkTemplate, { file: await uploadFile(file) });
      const text = () => (report.findings.length === 0
        ? `${report.elements.length} elements, nothing to remark`
        : findingRows(report.findings));
      if (report.valid) output.result(report, text);
      else output.refused(report, { code: 'TEMPLATE_REFUSED', message: 'The profile package breaks rules that must hold' }, text);
    }));
  addCommand(template, 'show <template>', 'the tree of a template version with its contents, what it takes and who uses it')
    .action((name: string, options: Options) => withSession(options, existing, async (session) => {
      const detail = await session.call(contract.types.template, { id: await templateId(session, name) });
      const { template: row, size, slots, findings } = detail;
      session.output.result(detail, () => [
        `${row.name} version ${row.version}: ${size.uppBytes} octets, about ${size.nvmBytes} on the eUICC, ${row.algorithm}, SAIP ${row.saipVersion}, used by ${row.types?.join(', ') || 'no type'}`,
        `written for each profile: ${slots.map((slot) => slot.name).join(', ')}`,
        ...(findings.length === 0 ? [] : [findingRows(findings)]), ...tree(detail.elements),
      ].join('\n'));
    }));
  addCommand(template, 'diff <before> <after>', 'what differs between two template versions')
    .action((before: string, after: string, options: Options) => withSession(options, existing, async (session) => {
      const diff = await session.call(contract.types.diffTemplates, { before: await templateId(session, before), after: await templateId(session, after) });
      const fields = (list: readonly { label: string; value: string }[]) => list.map(({ label, value }) => `${label}: ${value}`).join('; ');
      session.output.result(diff, () => [
        ...diff.removed.map((one) => `- ${one.name}`), ...diff.added.map((one) => `+ ${one.name}`),
        ...diff.changed.map((one) => (one.secret ? `~ ${one.name} (secret)` : `~ ${one.name}\n    ${fields(one.before)}\n    ${fields(one.after)}`)),
      ].join('\n') || 'They are the same');
    }));
  addCommand(template, 'edit <template>', 'write the next version of a template by a list of changes')
    .requiredOption('--edits <file>', 'JSON list of changes ("-" reads standard input); docs/templates.md tells of each')
    .option('--name <name>', 'store it under another name')
    .option('--note <text>', 'why')
    .option('--try', 'show what it would do and write nothing')
    .action((name: string, options: Options<{ edits: string; name?: string; note?: string; try?: boolean }>) => withSession(options, existing, async (session) => {
      const id = await templateId(session, name);
      const edits = readEdits(options.edits);
      const words = (changes: readonly { text: string }[]) => changes.map((one) => `  ${one.text}`).join('\n');
      if (options.try) {
        const tried = await session.call(contract.types.tryEdits, { id, edits });
        session.output.result(tried, () => `Would do:\n${words(tried.changes)}\n${tried.before.sizeBytes} octets before, ${tried.sizeBytes} after`);
        return;
      }
      const made = await session.call(contract.types.editTemplate, { id, edits, ...(options.name === undefined ? {} : { name: options.name }), ...(options.note === undefined ? {} : { note: options.note }) });
      session.output.result(made, () => `${made.template.name} version ${made.template.version}, ${made.template.sizeBytes} octets\n${words(made.changes)}`);
    }));
  addCommand(template, 'export <template>', 'write the profile package of a template version to a file (DER)')
    .requiredOption('--out <file>', 'file to write')
    .action((name: string, options: Options<{ out: string }>) => withSession(options, existing, async (session) => {
      const offer = await session.call(contract.types.exportTemplate, { id: await templateId(session, name) });
      const octets = await session.saveFile(offer, options.out);
      session.output.result({ file: options.out, bytes: octets }, `${octets} octets written to ${options.out}`);
    }));
  for (const [verb, retired, what] of [['retire', true, 'take a template version out of the choice for new types'], ['restore', false, 'offer a retired template version again']] as const) {
    addCommand(template, `${verb} <template>`, what)
      .action((name: string, options: Options) => withSession(options, existing, async (session) => {
        const row = await session.call(contract.types.retireTemplate, { id: await templateId(session, name), retired });
        session.output.result(row, `${row.name} version ${row.version} is ${retired ? 'not offered any more' : 'offered again'}`);
      }));
  }
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
  addCommand(type, 'change <name>', 'change a profile type: another template counts for profiles prepared from then on, the rest for downloads from then on')
    .option('--template <name>', 'template, newest version, or name@version')
    .option('--provider-name <text>', 'service provider name shown on the device')
    .option('--profile-name <text>', 'profile name shown on the device')
    .option('--icon <file>', 'PNG or JPEG of at most 1024 octets')
    .action((name: string, options: Options<{ template?: string; providerName?: string; profileName?: string; icon?: string }>) =>
      withSession(options, existing, async ({ call, uploadFile, output }) => {
        const row = await call(contract.types.change, {
          name,
          ...(options.template !== undefined ? { template: options.template } : {}),
          ...(options.providerName !== undefined ? { serviceProviderName: options.providerName } : {}),
          ...(options.profileName !== undefined ? { profileName: options.profileName } : {}),
          ...(options.icon !== undefined ? { icon: await uploadFile(options.icon) } : {}),
        });
        output.result(row, `Profile type ${row.name} on ${row.template} version ${row.templateVersion}`);
      }));
  addCommand(type, 'list', 'list profile types with their stock')
    .action((options: Options) => withSession(options, existing, async ({ call, output }) => {
      const { rows } = await call(contract.types.list, {});
      output.result({ rows }, () => table(['type', 'template', 'imported', 'sellable', 'sold'], rows.map((r) => [r.name, `${r.template} v${r.templateVersion}`, String(r.stock.imported), String(r.stock.sellable), String(r.stock.sold)])));
    }));
}
